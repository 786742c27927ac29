"""What people mark: the cells of an assignment whose points no test gives, and what a student wrote in them.

In nbgrader's metadata such a cell has both `grade` and `solution`, and points. Its name is its `grade_id`. A student's
cell is found by that name, or by the cell's own id where the metadata were lost on the way. Each answer has a version,
the hash of its text, by which a mark knows later whether it was given to this very text.
"""

import hashlib
import json

from coursekit.grading.submission import clip

__all__ = ["answers", "hand_marked", "readable", "version_of"]

LONGEST_ANSWER = 20_000  # characters that are kept; a spreadsheet holds 32 767 in a cell
LONGEST_QUESTION = 5_000


def hand_marked(path):
    """The cells of a solution notebook that people mark.

    Parameters
    ----------
    path : Path
        The notebook. One that cannot be read has no such cells: `release` and `grade` will say what is wrong with it.

    Returns
    -------
    tuple of dict
        In order. cell (its grade_id), id (the cell's own), title (the heading above), points, question (the text cell
        above), reference (the author's answer), starter (what students find in the cell).
    """
    from coursekit.grading.stubs import ANSWER, student_source  # late: it imports `assignment`, which imports this

    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        parts, heading, question = [], "", ""
        for cell in cells:
            source, marking = "".join(cell["source"]), cell["metadata"].get("nbgrader", {})
            if marking.get("grade") and marking.get("solution"):
                text = cell["cell_type"] == "markdown"
                parts.append(
                    {
                        "cell": marking["grade_id"],
                        "id": cell.get("id"),
                        "title": clip(heading or marking["grade_id"], 120),
                        "points": float(marking["points"]),
                        "question": readable(question, LONGEST_QUESTION),
                        "reference": readable(source, LONGEST_ANSWER),
                        "starter": ANSWER if text else student_source(source),
                    }
                )
            elif cell["cell_type"] == "markdown":
                question = source
                titles = [line for line in source.splitlines() if line.startswith("#")]
                heading = titles[-1].strip("# ") if titles else heading
    except Exception:  # whatever a damaged notebook can do
        return ()
    return tuple(parts)


def answers(parts, notebook):
    """What a student wrote in the cells that people mark.

    Parameters
    ----------
    parts : iterable of dict
        From `hand_marked`.
    notebook : notebook.Notebook or None
        None if it could not be read.

    Returns
    -------
    list of dict
        One for each part: cell; state, "given", "empty" (nothing, or what was there from the start) or "missing" (no
        such cell); source, which can be shown; version.

    Examples
    --------
    >>> from coursekit.grading.notebook import Notebook
    >>> part = {"cell": "why", "id": "c7", "starter": "YOUR ANSWER HERE"}
    >>> answers([part], Notebook(named=[("why", "c7", "Because.")]))[0]["source"]
    'Because.'
    >>> [answers([part], Notebook(named=named))[0]["state"] for named in ([], [(None, "c7", "YOUR ANSWER HERE ")])]
    ['missing', 'empty']
    """
    found = []
    for part in parts:
        named = notebook.named if notebook is not None else []
        texts = [source for name, _, source in named if name == part["cell"]]
        texts = texts or [source for name, own, source in named if name is None and own and own == part["id"]]
        written = list(dict.fromkeys(text.strip() for text in texts))
        written = [text for text in written if text and text != part["starter"].strip()]
        source = "\n\n".join(written)  # of a cell that is there twice, all that was written
        found.append(
            {
                "cell": part["cell"],
                "state": "given" if source else "empty" if texts else "missing",
                "source": readable(source, LONGEST_ANSWER),
                "version": version_of(source),
            }
        )
    return found


def version_of(source):
    """The hash by which a mark knows the answer it was given to; white space around it does not count."""
    return hashlib.sha256(source.strip().encode("utf-8", "surrogatepass")).hexdigest()[:16]


def readable(text, length):
    r"""At most `length` characters of a stranger's text: its lines kept, and nothing that a terminal or page obeys.

    Examples
    --------
    >>> readable("a\tb\r\nc\x1b[31m\u202e", 100)
    'a    b\nc�[31m�'
    """
    clean = "\n".join("".join(map(_shown, line)) for line in text[: 2 * length].expandtabs(4).splitlines())
    return clean if len(clean) <= length else clean[: length - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _shown(character):
    if character.isprintable() or character in "\u200c\u200d":  # these join letters in Persian, and emoji
        return character
    return " " if character.isspace() else "\N{REPLACEMENT CHARACTER}"
