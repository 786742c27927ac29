"""Results for people: a table for the terminal, a page for the instructor, CSV for the spreadsheet.

Names and messages come from strangers. On the page everything is escaped; in CSV a cell that a spreadsheet would take
for a formula begins with an apostrophe.
"""

import csv
import html
import io
import unicodedata
from collections import defaultdict

from coursekit.grading.assignment import tidy

__all__ = ["export_csv", "page", "table"]


def _points(row):
    return "" if row["points"] is None else f"{row['points']:g}"


def table(rows):
    """A line per student, for the terminal.

    Parameters
    ----------
    rows : list of dict
        From `Gradebook.results`.

    Returns
    -------
    str
    """
    width = min(40, max([7, *(len(row["student"]) for row in rows)]))
    lines = [f"{'student':<{width}}  points"]
    for row in rows:
        name = (
            row["student"] if len(row["student"]) <= width else row["student"][: width - 1] + "\N{HORIZONTAL ELLIPSIS}"
        )
        line = row["line"] if len(row["line"]) <= 160 else row["line"][:159] + "\N{HORIZONTAL ELLIPSIS}"
        points = f"{_points(row) or '-':>5}/{row['out_of']:g}"
        lines.append(f"{name:<{width}}  {points}  {line}".rstrip())
    graded = [row["points"] for row in rows if row["points"] is not None]
    if graded:
        lines.append(f"{len(graded)} of {len(rows)} with points, mean {sum(graded) / len(graded):.2f}")
    return "\n".join(lines)


def export_csv(rows):
    """All results as CSV text: assignment, student, points, out_of, status, reason, then a column per task.

    Examples
    --------
    >>> row = {"assignment": "01", "student": "=1+1", "points": 2.0, "out_of": 2.0, "status": "graded", "line": ""}
    >>> print(export_csv([row | {"details": {"tests": []}}]).splitlines()[1])
    01,'=1+1,2,2,graded,
    """
    tasks = list(dict.fromkeys(f"{row['assignment']}: {task}" for row in rows for task in _by_task(row)))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["assignment", "student", "points", "out_of", "status", "reason", *map(_harmless, tasks)])
    for row in rows:
        earned = {f"{row['assignment']}: {task}": tidy(value) for task, (value, _) in _by_task(row).items()}
        cells = [row["assignment"], row["student"], _points(row), f"{row['out_of']:g}", row["status"], row["line"]]
        writer.writerow(
            [_harmless(cell) for cell in cells] + [f"{earned[task]:g}" if task in earned else "" for task in tasks]
        )
    return out.getvalue()


def _harmless(text):
    first = unicodedata.normalize("NFKC", text[:1])  # spreadsheets take the wide forms of = + - @ as well
    return "'" + text if first in ("=", "+", "-", "@", "\t", "\r", "\n") else text


def _by_task(row):
    """task -> (earned, of), in the order of the tests."""
    tasks = defaultdict(lambda: (0.0, 0.0))
    for test in row["details"].get("tests", ()):
        earned, of = tasks[test["task"]]
        tasks[test["task"]] = earned + test["earned"], of + test["points"]
    return {task: (tidy(earned), tidy(of)) for task, (earned, of) in tasks.items()}


def page(assignment, rows):
    """The instructor's page on one assignment: every student, and every test that met something it did not expect.

    Parameters
    ----------
    assignment : Assignment
    rows : list of dict

    Returns
    -------
    str
        A complete HTML document that asks no other host for anything.
    """
    e = html.escape
    tasks = list(dict.fromkeys(test.task for test in assignment.tests))
    body = [f"<h1>{e(assignment.title)}</h1>"]
    body.append(
        f"<p>{e(assignment.name)}: {assignment.automatic_points:g} of {assignment.points:g} points are given by tests."
    )
    body.append("For the instructor only: the messages tell of hidden tests.</p>")
    heads = "".join(f'<th scope="col">{e(name)}</th>' for name in ("student", "points", *tasks, "what happened"))
    body.append(f"<table><thead><tr>{heads}</tr></thead><tbody>")
    for row in rows:
        earned = _by_task(row)
        cells = "".join(
            f"<td>{earned[task][0]:g}/{earned[task][1]:g}</td>" if task in earned else "<td></td>" for task in tasks
        )
        points = f"{_points(row) or '&ndash;'}/{row['out_of']:g}"
        body.append(
            f'<tr><th scope="row">{e(row["student"])}</th><td>{points}</td>{cells}'
            f"<td>{e(row['line'])}{_details(row)}</td></tr>"
        )
    body.append("</tbody></table>")
    broken = [(row, test) for row in rows for test in row["details"].get("tests", ()) if test["outcome"] == "broken"]
    if broken:
        body.append("<h2>Tests that could not work with an answer</h2>")
        body.append("<p>Each passes on the reference solution. No points were given; look which is at fault.</p><ul>")
        body += [f"<li>{e(test['name'])}, {e(row['student'])}: {e(test['message'])}</li>" for row, test in broken]
        body.append("</ul>")
    return _PAGE.format(title=e(assignment.title), body="\n".join(body))


def _details(row):
    e = html.escape
    failed = [test for test in row["details"].get("tests", ()) if test["outcome"] != "passed"]
    cells = row["details"].get("cells", ())
    if not failed and not cells:
        return ""
    items = [f"<li>{e(cell['label'])}: {e(cell['message'])}</li>" for cell in cells]
    items += [f"<li>{e(test['task'])}, {e(test['title'])}: <pre>{e(test['message'])}</pre></li>" for test in failed]
    return f"<details><summary>{len(items)} messages</summary><ul>{''.join(items)}</ul></details>"


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ border-bottom: 1px solid #ccc; padding: .3rem .6rem; text-align: left; vertical-align: top; }}
pre {{ white-space: pre-wrap; margin: 0; }}
</style>
</head>
<body>
{body}
</body>
</html>
"""
