"""The instructor's page on one assignment: how it went, what to look at, everybody's line.

It tells of hidden tests, so it is not for students.
"""

from collections import Counter

from coursekit.grading.export import by_task
from coursekit.grading.pages import bar, histogram, name, page, text
from coursekit.grading.pairs import CAUTION, pair_table
from coursekit.grading.totals import total

__all__ = ["summary_page"]

SLOWEST = 10
PAIRS = 20
MESSAGES = 5  # for each test, the most frequent
NAMES = 12
BROKEN = 100


def summary_page(facts, rows, deadlines, similar=None, strangers=()):
    """The page.

    Parameters
    ----------
    facts : dict
        From `Gradebook.assignments`.
    rows : list of dict
        From `Gradebook.results`, of that assignment.
    deadlines : Deadlines
    similar : (list of dict, int), optional
        From `Gradebook.similar`.
    strangers : iterable of str
        Extensions that are nobody's.

    Returns
    -------
    str
        A complete HTML document.
    """
    sums = [total(row, facts, deadlines) for row in rows]
    body = [f"<h1>{text(facts['title'])}</h1>"]
    body.append('<p class="soft">For the instructor only: the messages tell of hidden tests.</p>')
    body += _overview(facts, rows, sums, strangers)
    body += _broken(rows)
    body += _rates(facts, rows)
    body += _slowest(rows)
    body += _pairs(similar)
    body += _students(facts, rows, sums)
    return page(f"{facts['title']}: the class", body)


def _overview(facts, rows, sums, strangers):
    values = [sum_.points for sum_ in sums if sum_.points is not None]
    by_hand = sum(part["points"] for part in facts["parts"])
    yield (
        f"<p>Tests give {facts['automatic']:g} of {facts['points']:g} points"
        f"{f', people {by_hand:g}' if by_hand else ''}.</p><dl>"
    )
    states = Counter(row["status"] for row in rows)
    states = ", ".join(f"{number} {text(state)}" for state, number in states.most_common())
    yield f"<dt>students</dt><dd>{len(rows)}: {states}</dd>"
    if values:
        ordered = sorted(values)
        yield f"<dt>points</dt><dd>mean {sum(values) / len(values):.2f}, median {ordered[len(ordered) // 2]:g}</dd>"
    unmarked = [row["student"] for row, sum_ in zip(rows, sums, strict=True) if sum_.missing]
    changed = [row["student"] for row, sum_ in zip(rows, sums, strict=True) if sum_.changed]
    late = [row["student"] for row, sum_ in zip(rows, sums, strict=True) if sum_.late is not None and sum_.late.seconds]
    if unmarked:
        yield f"<dt>not marked yet</dt><dd>{len(unmarked)} students; their points below are those so far</dd>"
    if changed:
        yield f"<dt>changed since marked</dt><dd>{_names(changed)}</dd>"
    if late:
        yield f"<dt>late</dt><dd>{_names(late)}</dd>"
    known = {part["cell"] for part in facts["parts"]}
    lost = sorted({cell for row in rows for cell in row["marks"] if cell not in known})
    if lost:
        yield f"<dt>marks that do not count</dt><dd>for {text(', '.join(lost))}: no longer in the assignment</dd>"
    if strangers:
        yield f"<dt>extensions of nobody</dt><dd>{text(', '.join(strangers))}: is the name right?</dd>"
    yield "</dl>"
    if values:
        yield histogram(values, facts["points"])


def _names(students):
    """Some names, and how many more."""
    more = f" and {len(students) - NAMES} more" if len(students) > NAMES else ""
    return f"{len(students)}: {', '.join(map(name, students[:NAMES]))}{more}"


def _broken(rows):
    broken = [(row, test) for row in rows for test in row["details"].get("tests", ()) if test["outcome"] == "broken"]
    if broken:
        yield "<h2>Tests that could not work with an answer</h2>"
        yield "<p>Each passes on the reference solution. No points were given; look which is at fault.</p><ul>"
        for row, test in sorted(broken, key=lambda pair: pair[1]["name"])[:BROKEN]:
            yield f"<li>{text(test['name'])}, {name(row['student'])}: {text(test['message'])}</li>"
        yield f"</ul><p>and {len(broken) - BROKEN} more</p>" if len(broken) > BROKEN else "</ul>"


def _rates(facts, rows):
    """How many passed what, of those whose notebook was graded."""
    passed, tried, messages, seen = Counter(), Counter(), {}, {}
    for row in rows:
        for test in row["details"].get("tests", ()):
            seen.setdefault(test["name"], test)
            tried[test["name"]] += 1
            if test["outcome"] == "passed":
                passed[test["name"]] += 1
            else:
                first = test["message"].partition("\n")[0]
                messages.setdefault(test["name"], Counter())[first] += 1
    tests = [test for test in facts["tests"] or seen.values() if tried[test["name"]]]
    if not tests:
        return
    yield "<h2>What they could do</h2>"
    graded = [by_task(row) for row in rows if row["details"].get("tests")]
    lines = []
    for task in dict.fromkeys(test["task"] for test in tests):
        earned, of = (sum(found[task][k] for found in graded if task in found) for k in (0, 1))
        full = sum(task in found and found[task][0] >= found[task][1] for found in graded)
        share = earned / of if of else full / len(graded)
        share = bar(share, f"{share:.0%}")
        lines.append(f'<tr><th scope="row">{text(task)}</th><td>{share}</td><td class="number">{full}</td></tr>')
    yield (
        '<table><thead><tr><th scope="col">task</th><th scope="col">of its points, on average</th>'
        f'<th scope="col" class="number">all of them</th></tr></thead><tbody>{"".join(lines)}</tbody></table>'
    )
    yield "<h3>Test by test</h3>"
    lines = []
    for test in tests:
        most = messages.get(test["name"], Counter()).most_common(MESSAGES)
        said = "".join(f"<li>{number} &times; {text(message)}</li>" for message, number in most)
        failed = tried[test["name"]] - passed[test["name"]]
        said = f"<details><summary>{failed} did not pass</summary><ul>{said}</ul></details>"
        kind = "" if test["visible"] else ' <span class="soft">hidden</span>'
        share = bar(passed[test["name"]] / tried[test["name"]], f"{passed[test['name']]} of {tried[test['name']]}")
        lines.append(
            f'<tr><th scope="row">{text(test["task"])}: {text(test["title"])}{kind}{said if most else ""}</th>'
            f"<td>{share}</td></tr>"
        )
    yield (
        '<table><thead><tr><th scope="col">test</th><th scope="col">passed</th></tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table>"
    )


def _slowest(rows):
    timed = sorted((row for row in rows if row["seconds"]), key=lambda row: -row["seconds"])[:SLOWEST]
    if timed:
        yield "<h2>The slowest</h2>"
        lines = ""
        for row in timed:
            clock = bar(row["seconds"] / timed[0]["seconds"], f"{row['seconds']:.2f} s")
            cpu = f'<td class="number">{row["details"].get("cpu", 0):.2f} s</td>'
            lines += f'<tr><th scope="row">{name(row["student"])}</th><td>{clock}</td>{cpu}</tr>'
        yield (
            '<table><thead><tr><th scope="col">student</th><th scope="col">by the clock</th>'
            f'<th scope="col" class="number">of a processor</th></tr></thead><tbody>{lines}</tbody></table>'
        )


def _pairs(similar):
    yield "<h2>Similar submissions</h2>"
    if similar is None:
        yield '<p class="soft">Nobody has looked: <code>coursekit similar</code> does.</p>'
        return
    pairs, number = similar
    yield f"<p>{CAUTION}</p>"
    yield f'<p class="soft">{number} submissions were compared; {len(pairs) or "no"} pairs have much in common.</p>'
    if pairs:
        yield pair_table(pairs[:PAIRS])


def _students(facts, rows, sums):
    tasks = list(dict.fromkeys(task for row in rows for task in by_task(row)))
    heads = "".join(f'<th scope="col" class="number">{text(head)}</th>' for head in ("points", *tasks))
    heads += "".join(f'<th scope="col" class="number">{text(part["cell"])}</th>' for part in facts["parts"])
    yield "<h2>Everybody</h2>"
    yield f'<div class="scroll"><table><thead><tr><th scope="col">student</th>{heads}<th scope="col">what happened</th>'
    yield "</tr></thead><tbody>"
    for row, sum_ in zip(rows, sums, strict=True):
        found = by_task(row)
        points = "&ndash;" if sum_.points is None else f"{sum_.points:g}{'&thinsp;+&thinsp;?' if sum_.missing else ''}"
        cells = [points, *(f"{found[task][0]:g}" if task in found else "" for task in tasks)]
        for part in facts["parts"]:
            mark = row["marks"].get(part["cell"])
            cells.append(f"{mark['points']:g}" if mark else "?" if part["cell"] in sum_.missing else "")
        cells = "".join(f'<td class="number">{cell}</td>' for cell in cells)
        words = "; ".join(filter(None, [row["line"], *sum_.notes()]))
        yield f'<tr><th scope="row">{name(row["student"])}</th>{cells}<td>{text(words)}{_details(row)}</td></tr>'
    yield "</tbody></table></div>"


def _details(row):
    failed = [test for test in row["details"].get("tests", ()) if test["outcome"] != "passed"]
    cells = row["details"].get("cells", ())
    if not failed and not cells:
        return ""
    items = [f"<li>{text(cell['label'])}: {text(cell['message'])}</li>" for cell in cells]
    items += [
        f"<li>{text(test['task'])}, {text(test['title'])}: <pre>{text(test['message'])}</pre></li>" for test in failed
    ]
    return f"<details><summary>{len(items)} messages</summary><ul>{''.join(items)}</ul></details>"
