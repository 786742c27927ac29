"""Results for the terminal: a line for each student. Names and messages come from strangers, and are printable."""

from coursekit.grading.totals import total

__all__ = ["table"]


def table(rows, facts, deadlines):
    """A line for each student.

    Parameters
    ----------
    rows : list of dict
        From `Gradebook.results`, of one assignment.
    facts : dict
        What `Gradebook.assignments` knows of it.
    deadlines : Deadlines

    Returns
    -------
    str
        The points that are known: with a + where something is yet to be marked.
    """
    width = min(40, max([7, *(len(row["student"]) for row in rows)]))
    lines, known = [f"{'student':<{width}}  points"], []
    for row in rows:
        sum_ = total(row, facts, deadlines)
        line = _cut("; ".join(filter(None, [row["line"], *sum_.notes()])), 160)
        points = "-" if sum_.points is None else f"{sum_.points:g}{'+' if sum_.missing else ''}"
        lines.append(f"{_cut(row['student'], width):<{width}}  {points:>5}/{sum_.out_of:g}  {line}".rstrip())
        if sum_.points is not None:
            known.append(sum_)
    if known:
        mean = sum(sum_.points for sum_ in known) / len(known)
        waiting = sum(bool(sum_.missing) for sum_ in known)
        more = f"; {waiting} with answers to be marked (+)" if waiting else ""
        lines.append(f"{len(known)} of {len(rows)} with points, mean {mean:.2f}{more}")
    return "\n".join(lines)


def _cut(text, length):
    return text if len(text) <= length else text[: length - 1] + "\N{HORIZONTAL ELLIPSIS}"
