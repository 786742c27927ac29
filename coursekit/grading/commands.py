"""The work of the instructor's commands after grading: report, mark, export, feedback, similar."""

import sys

from coursekit.grading.assignment import AssignmentError, find_assignment, load_assignment
from coursekit.grading.deadlines import FILE, read_deadlines
from coursekit.grading.export import export_csv, sendable
from coursekit.grading.feedback import feedback_page
from coursekit.grading.grade import find_submissions
from coursekit.grading.gradebook import Gradebook
from coursekit.grading.marking import marking_page
from coursekit.grading.marks import read_marks, template
from coursekit.grading.pages import file_name, write
from coursekit.grading.pairs import pairs_page
from coursekit.grading.platforms import canvas, gradescope, moodle
from coursekit.grading.report import table
from coursekit.grading.roster import read_roster
from coursekit.grading.similarity import fingerprint, similar_pairs
from coursekit.grading.summary import summary_page

__all__ = ["export", "feedback", "mark", "report", "say", "similar", "write_report"]

REPORT = "report.html"


def open_book(folder):
    """The gradebook of a folder that must have one."""
    if not (folder / "gradebook.sqlite").is_file():
        raise AssignmentError(f"there is no gradebook in {folder}; `coursekit grade ... --out {folder}` makes it")
    return Gradebook(folder)


def choose(book, name, what):
    """The one assignment that is meant: by its name, by how it begins, or because there is only one."""
    known = list(book.assignments())
    near = [each for each in known if each == name] or [each for each in known if name and each.startswith(name)]
    near = near or (known if name is None else [])
    if len(near) != 1:
        there = ", ".join(known) or "none"
        if name is None:
            raise AssignmentError(f"{what} is of one assignment; say which with --assignment. There are: {there}")
        raise AssignmentError(f"{name!r} is not one assignment of this gradebook. There are: {there}")
    return near[0]


def say(line):
    """A line for whoever runs the command, not for a file."""
    print(f"coursekit: {line}", file=sys.stderr)


def write_report(book, folder, assignment):
    """Write the page of one assignment, print everybody's line, and return the page's path."""
    deadlines, rows = read_deadlines(folder / FILE), book.results(assignment)
    facts, strangers = book.assignments()[assignment], deadlines.strangers(rows)
    print(table(rows, facts, deadlines))
    write(folder / REPORT, summary_page(facts, rows, deadlines, book.similar(assignment), strangers))
    for stranger in strangers:
        say(f"{FILE} has an extension for {stranger}, who is not in the gradebook. Is the name right?")
    return folder / REPORT


def report(arguments):
    """Write the class's page again, with the marks and deadlines of now."""
    with open_book(arguments.grades) as book:
        print(f"Report: {write_report(book, arguments.grades, choose(book, arguments.assignment, 'a report'))}")
    return 0


def mark(arguments):
    """Store marks, or write the file to fill in."""
    with open_book(arguments.grades) as book:
        if arguments.template is not None:
            return _template(book, arguments)
        if arguments.file is None:
            raise AssignmentError("which marks? Name a CSV file, or write one to fill in with --template FILE.csv")
        assignment = choose(book, arguments.assignment, "this file") if arguments.assignment else None
        marks, blank = read_marks(arguments.file.read_bytes(), book, assignment)
        book.mark(marks)
        taken = sum(each["points"] is None for each in marks)
        print(f"{len(marks) - taken} marks stored, {taken} taken away, {blank} lines without points left as they were.")
    return 0


def _template(book, arguments):
    assignment = choose(book, arguments.assignment, "a file to fill in")
    text = template(book, assignment, arguments.unmarked)
    page = arguments.template.with_suffix(".html")
    for path in (arguments.template, page):
        if path.exists():  # it may be half filled in
            raise AssignmentError(f"{path} is there already, and is left alone; choose another name or remove it")
    write(arguments.template, "\ufeff" + text)  # by this mark a spreadsheet knows that it is UTF-8
    write(page, marking_page(book.assignments()[assignment], book.results(assignment)))
    print(f"{text.count(chr(13)) - 1} answers in {arguments.template}; to read them question by question: {page}")
    return 0


def export(arguments):
    """Write grades for another program."""
    roster = read_roster(arguments.roster, arguments.match) if arguments.roster else None
    deadlines = read_deadlines(arguments.grades / FILE)
    with open_book(arguments.grades) as book:
        known = book.assignments()
        if arguments.format == "csv":
            assignment = choose(book, arguments.assignment, "this") if arguments.assignment else None
            rows = book.results(assignment)
            chosen = {name: facts for name, facts in known.items() if assignment in (None, name)}
            left = []
            if roster is not None:
                there = list(dict.fromkeys(row["student"] for row in rows))
                left += [f"{student}: not in the class list" for student in there if roster.get(student) is None]
                left += [f"{folder}: in the class list, without a folder" for folder in roster.absent(there)]
            return _deliver(arguments.out, export_csv(rows, chosen, deadlines, roster), left, "not matched")
        assignment = choose(book, arguments.assignment, "this export")
        facts, rows = known[assignment], book.results(assignment)
    options = {"provisional": arguments.provisional, "zeros": arguments.zeros}
    sent, left = sendable(rows, facts, deadlines, roster, **options)
    if arguments.format == "gradescope":
        return _gradescope(arguments.out, sent, facts, left)
    title = arguments.column or facts["title"]
    if arguments.format == "canvas":
        text, more = canvas(sent, title, facts["points"], roster)
    else:
        text, more = moodle(sent, title, roster, arguments.id)
    return _deliver(arguments.out, text, left + more, "left out")


def _deliver(path, text, left, how):
    if path is None:
        print(text.replace("\r\n", "\n"), end="")
    else:
        write(path, text)
    return _listed(left, how)


def _listed(left, how):
    for line in left:
        say(f"{how}: {line}")
    return 1 if left else 0


def _gradescope(folder, sent, facts, left):
    if folder is None:
        raise AssignmentError("say with --out which folder the files go to, one for each student")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for each in sent:
        place = folder / file_name(each.student)
        place.mkdir(mode=0o700, exist_ok=True)
        write(place / "results.json", gradescope(each, facts))
    print(f"{len(sent)} files: {folder}/<student>/results.json")
    return _listed(left, "left out")


def feedback(arguments):
    """Write a page for each student."""
    deadlines = read_deadlines(arguments.grades / FILE)
    folder = arguments.out or arguments.grades / "feedback"
    with open_book(arguments.grades) as book:
        assignment = choose(book, arguments.assignment, "this") if arguments.assignment else None
        known, students = book.assignments(), {}
        for row in book.results(assignment):
            students.setdefault(row["student"], []).append(row)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for student, rows in students.items():
        write(folder / f"{file_name(student)}.html", feedback_page(student, rows, known, deadlines))
    print(f"{len(students)} pages in {folder}, one for each student.")
    return 0


def similar(arguments):
    """Look for pairs of submissions that have much in common."""
    assignment = load_assignment(find_assignment(arguments.assignment, arguments.solutions))
    starter = _starter(assignment)
    prints, unread = [], 0
    for found in find_submissions(arguments.submitted, assignment):
        print_ = fingerprint(found.student, found.data, starter) if found.data is not None else None
        unread += print_ is None
        prints += [print_] if print_ is not None else []
    pairs = similar_pairs(prints, arguments.least / 100)
    page = arguments.out / f"similar-{file_name(assignment.name)}.html"
    with Gradebook(arguments.out) as book:
        book.set_similar(assignment.name, pairs, len(prints))
    write(page, pairs_page(assignment.title, pairs, prints))
    for pair in pairs[:20]:
        how = "the same, token for token" if pair["same"] else f"{pair['share']:.0%} of the shorter one"
        print(f"{pair['first']}  {pair['second']}  {how}, {pair['lines']} rare lines word for word")
    more = f", {unread} had nothing to compare" if unread else ""
    print(f"{len(pairs)} pairs of {len(prints)} submissions to look at{more}: {page}")
    print("They are no more than that: a short task has few right answers.")
    return 0


def _starter(assignment):
    """The code cells that students were given."""
    from coursekit.grading.notebook import parse_notebook
    from coursekit.grading.release import student_files

    return parse_notebook(student_files(assignment)[assignment.notebook]).cells
