"""What one student reads about one submission: points, what failed, and nothing of a hidden test.

A hidden test runs inside the same process of the student's as any other, and its message is made from what came back.
So the message may tell of its inputs and of the expected values, through the author's words, through NumPy's ("shapes
(3,) and (4,)"), or because the student's code put them there: ``raise ValueError(repr(x))`` would carry a hidden input
home. Even the name of an exception can be chosen. Of a hidden test this page therefore shows what the author wrote in
advance, its title and its points, and one of the sentences of `HIDDEN`, of which there are eight: at most three bits.
The same holds for a cell that failed only after tests had begun (`early` in `judge`), and for what `line` of the
gradebook says, which is for the instructor and is not used here.
"""

from coursekit.grading.assignment import tidy
from coursekit.grading.pages import name, page, text
from coursekit.grading.totals import SOURCES, total

__all__ = ["HIDDEN", "feedback_page", "notebook_notes", "said"]

HIDDEN = {
    "": "The answer is not the right one. This test uses other inputs than the checks you can see.",
    "NotImplementedError": "It is not written yet.",
    "missing": "The notebook has nothing of the name that the task asks for.",
    "answer": "What came back is not of the kind that the task describes.",
    "timeout": "It did not finish in time.",
    "crash": "The process ended before there was an answer.",
    "broken": "The test could not work with the answer; is it of the type and shape that the task describes?",
    "raised": "It raised an exception.",
}


def said(test):
    """What a student may read about a test that did not pass.

    Parameters
    ----------
    test : dict
        From `judge.run_tests`.

    Returns
    -------
    str

    Examples
    --------
    >>> test = {"visible": False, "outcome": "failed", "kind": "ValueError", "message": "ValueError: [3.7, 1.2]"}
    >>> said(test), said(test | {"visible": True})
    ('It raised an exception.', 'ValueError: [3.7, 1.2]')
    """
    if test["visible"]:
        return test["message"]
    if test["outcome"] == "broken":
        return HIDDEN["broken"]
    return HIDDEN.get(test["kind"], HIDDEN["raised"])


def notebook_notes(row):
    """What a student may read about the notebook as a whole.

    Parameters
    ----------
    row : dict
        From `Gradebook.results`.

    Returns
    -------
    list of str
    """
    details = row["details"]
    if row["status"] != "graded":  # its line comes from finding and reading the file, and no test was called
        return [row["line"]] if row["line"] and row["status"] != "not graded" else []
    notes = [*filter(None, [details.get("found")]), *details.get("notes", ())]
    for cell in details.get("cells", ()):
        if cell.get("early"):
            notes.append(cell["message"])
        else:
            notes.append(f"{cell['label']} did not run to its end.")
    return list(dict.fromkeys(notes))


def feedback_page(student, rows, known, deadlines):
    """The page of one student.

    Parameters
    ----------
    student : str
    rows : list of dict
        From `Gradebook.results`: of this student, one for each assignment.
    known : dict
        From `Gradebook.assignments`.
    deadlines : Deadlines

    Returns
    -------
    str
        A complete HTML document.

    Raises
    ------
    ValueError
        If a row is somebody else's.
    """
    if any(row["student"] != student for row in rows):
        raise ValueError(f"rows of somebody else than {student!r}")
    body = []
    for row in rows:
        facts = known[row["assignment"]]
        body += _assignment(row, facts, total(row, facts, deadlines))
    titles = ", ".join(known[row["assignment"]]["title"] for row in rows)
    return page(f"{titles}: {student}", body)


def _assignment(row, facts, sum_):
    yield f"<h1>{text(facts['title'])}</h1>"
    yield f'<p class="soft">{name(row["student"])}</p>'
    if sum_.points is None:
        yield f'<p class="points">&ndash; <span class="soft">of {sum_.out_of:g}</span></p>'
        why = "Nothing was handed in." if row["status"] == "no submission" else "It has not been graded yet."
        yield f"<p>{why}</p>"
        return
    yield f'<p class="points">{sum_.points:g} <span class="soft">of {sum_.out_of:g} points</span></p>'
    if sum_.missing:
        yield "<p>So far: not everything has been marked yet.</p>"
    notes = notebook_notes(row)
    if notes:
        yield "<h2>About your notebook</h2>"
        yield f"<ul>{''.join(f'<li>{text(note)}</li>' for note in notes)}</ul>"
    yield from _summary(row, facts, sum_)
    tests = row["details"].get("tests", ())
    for task in dict.fromkeys(test["task"] for test in tests):
        yield f"<h2>{text(task)}</h2>"
        yield f'<ul class="tests">{"".join(_test(test) for test in tests if test["task"] == task)}</ul>'
    yield from _marks(row, facts, sum_)


def _summary(row, facts, sum_):
    rows = []
    earned, of = {}, {}
    for test in row["details"].get("tests", ()):
        earned[test["task"]] = earned.get(test["task"], 0) + test["earned"]
        of[test["task"]] = of.get(test["task"], 0) + test["points"]
    for task in earned:
        rows.append((task, f"{tidy(earned[task]):g}", f"{tidy(of[task]):g}"))
    for part in facts["parts"]:
        mark = row["marks"].get(part["cell"])
        if part["points"] or mark:
            given = f"{mark['points']:g}" if mark else "not marked yet"
            rows.append((part["title"], given, f"{part['points']:g}" if part["points"] else "extra"))
    if sum_.deduction:
        rows.append(("late", f"\N{MINUS SIGN}{sum_.deduction:g}", ""))
    cells = "".join(
        f'<tr><th scope="row">{text(title)}</th>'
        f'<td class="number">{text(given)}</td><td class="number">{text(most)}</td></tr>'
        for title, given, most in rows
    )
    yield (
        '<table><thead><tr><th scope="col">task</th><th scope="col" class="number">points</th>'
        f'<th scope="col" class="number">of</th></tr></thead><tbody>{cells}</tbody></table>'
    )
    late = sum_.late
    if late is not None:
        extended = " (extended for you)" if late.extended else ""
        moment = f"{late.submitted:%Y-%m-%d %H:%M %Z}, by {SOURCES[late.source]}: " if late.submitted else ""
        yield (
            f"<dl><dt>due</dt><dd>{late.due:%Y-%m-%d %H:%M %Z}{extended}</dd>"
            f"<dt>handed in</dt><dd>{text(moment)}{text(late)}</dd></dl>"
        )


def _test(test):
    passed = test["outcome"] == "passed"
    state = '<span class="good">passed</span>' if passed else '<span class="bad">not passed</span>'
    given = f'<span class="given">{test["earned"]:g} of {test["points"]:g}</span>' if test["points"] else ""
    kind = "" if test["visible"] else ' <span class="soft">(hidden test)</span>'
    words = ""
    if not passed:
        message = text(said(test))
        words = f"<pre>{message}</pre>" if test["visible"] else f'<br><span class="soft">{message}</span>'
    return f"<li>{given}{state}: {text(test['title'])}{kind}{words}</li>"


def _marks(row, facts, sum_):
    for part in facts["parts"]:
        mark = row["marks"].get(part["cell"])
        if mark is None:
            continue
        of = f" of {part['points']:g}" if part["points"] else ""
        yield f"<h2>{text(part['title'])}</h2>"
        yield f"<p>{mark['points']:g}{of} points, given by a person.</p>"
        if mark["comment"]:
            yield f"<pre>{text(mark['comment'])}</pre>"
        if part["cell"] in sum_.changed:
            yield "<p>Your answer has changed since it was marked.</p>"
