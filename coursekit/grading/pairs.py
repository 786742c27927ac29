"""The page of pairs of submissions to look at, side by side, with what they have in common marked."""

from coursekit.grading.pages import name, page, text

__all__ = ["CAUTION", "pair_table", "pairs_page"]

SHOWN = 20  # pairs side by side; the others are in the table only
CAUTION = (
    "Pairs to look at, no more than that. A short task has few right answers, and two people who know them write the "
    "same lines. Look for what nobody would write twice by chance: the same mistake, the same odd name, the same "
    "comment. Talk to people before you conclude anything."
)


def pair_table(pairs, links=False):
    """The pairs as an HTML table.

    Parameters
    ----------
    pairs : list of dict
        From `similarity.similar_pairs`.
    links : bool
        Whether they stand side by side further down the page.

    Returns
    -------
    str
    """
    rows = []
    for number, pair in enumerate(pairs):
        words = "the same, token for token" if pair["same"] else f"{pair['share']:.0%}"
        words = f'<a href="#pair-{number + 1}">{words}</a>' if links and number < SHOWN else words
        rows.append(
            f"<tr><td>{name(pair['first'])}</td><td>{name(pair['second'])}</td><td>{words}</td>"
            f'<td class="number">{pair["shared"]}</td><td class="number">{pair["lines"]}</td></tr>'
        )
    heads = ("one", "the other", "of the shorter is in the longer", "passages", "rare lines word for word")
    heads = "".join(f'<th scope="col"{" class=number" if k > 2 else ""}>{head}</th>' for k, head in enumerate(heads))
    return f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def pairs_page(title, pairs, prints):
    """Pairs side by side.

    Parameters
    ----------
    title : str
        Of the assignment.
    pairs : list of dict
        From `similarity.similar_pairs`.
    prints : list of Fingerprint

    Returns
    -------
    str
        A complete HTML document, for the instructor only.
    """
    of = {each.student: each for each in prints}
    body = [f"<h1>{text(title)}: similar submissions</h1>", f"<p>{CAUTION}</p>"]
    body.append(
        f'<p class="soft">{len(prints)} submissions were compared. Code of the starter notebook does not count, nor do '
        "passages that many have. Marked is what the two have in common, whatever its names are.</p>"
    )
    if not pairs:
        return page(f"{title}: similar submissions", [*body, "<p>No pair has enough in common to be shown.</p>"])
    body.append(pair_table(pairs, links=True))
    for number, pair in enumerate(pairs[:SHOWN], 1):
        first, second = of[pair["first"]], of[pair["second"]]
        common = first.prints & second.prints
        body.append(f'<h2 id="pair-{number}">{number}. {name(first.student)} and {name(second.student)}</h2>')
        body.append(f'<div class="sides">{_side(first, common)}{_side(second, common)}</div>')
    return page(f"{title}: similar submissions", body)


def _side(print_, common):
    """The cells that have something in common, their common lines marked."""
    marked = {}
    for value in common:
        for cell, first, last in print_.places[value]:
            marked.setdefault(cell, set()).update(range(first, last + 1))
    shown = []
    for cell, lines in sorted(marked.items()):
        label, source = print_.cells[cell]
        code = []
        for number, line in enumerate(source.splitlines()[:400], 1):
            code.append(f"<mark>{text(line)}</mark>" if number in lines and line.strip() else text(line))
        shown.append(f'<p class="soft">{text(label)}</p><pre>{chr(10).join(code)}</pre>')
    return f"<div><h3>{name(print_.student)}</h3>{''.join(shown)}</div>"
