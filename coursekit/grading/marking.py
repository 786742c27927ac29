"""The page to mark from: all answers to one question below each other, equal ones together, beside the author's."""

from coursekit.grading.answers import version_of
from coursekit.grading.pages import name, page, text

__all__ = ["marking_page"]


def marking_page(facts, rows):
    """All answers to what people mark in one assignment.

    Parameters
    ----------
    facts : dict
        From `Gradebook.assignments`.
    rows : list of dict
        From `Gradebook.results`, of that assignment.

    Returns
    -------
    str
        A complete HTML document, for those who mark.
    """
    body = [f"<h1>{text(facts['title'])}: answers in words</h1>"]
    body.append(
        "<p>The points go into the CSV file beside this page, one line for each student and question. "
        "Answers that are the same are shown once.</p>"
    )
    for part in facts["parts"]:
        most = f"{part['points']:g} points" if part["points"] else "no points of its own: what you give comes on top"
        body.append(f"<h2>{text(part['title'])} <span class='soft'>({text(part['cell'])}, {most})</span></h2>")
        if part["question"]:
            body.append(f"<pre>{text(part['question'])}</pre>")
        body.append(f"<details><summary>The author's answer</summary><pre>{text(part['reference'])}</pre></details>")
        body += _answers(part, rows)
    return page(f"{facts['title']}: answers in words", body)


def _answers(part, rows):
    together, without = {}, {"empty": [], "missing": []}
    for row in rows:
        if row["status"] in ("no submission", "not graded"):
            continue
        found = {answer["cell"]: answer for answer in row["details"].get("answers", ())}.get(part["cell"])
        if found is None or found["state"] != "given":
            without["missing" if found is None else found["state"]].append(row)
        else:
            together.setdefault(found["version"], (found, []))[1].append(row)
    for version, (found, students) in together.items():
        who = ", ".join(_who(row, part, version) for row in students)
        yield f"<h3>{who}</h3><pre>{text(found['source'])}</pre>"
    nothing = version_of("")
    for state, words in (("empty", "Left as it was"), ("missing", "The cell is not in the notebook")):
        if without[state]:
            yield f"<p>{words}: {', '.join(_who(row, part, nothing) for row in without[state])}.</p>"


def _who(row, part, version):
    mark = row["marks"].get(part["cell"])
    if mark is None:
        return name(row["student"])
    state = "" if mark["version"] == version else ", changed since"
    return f'{name(row["student"])} <span class="soft">({mark["points"]:g}{state})</span>'
