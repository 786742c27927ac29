"""The instructor's page, and the line for each student in the terminal."""

from invented import HOSTILE, NAME, book_of, give, hand_in, no_submission
from test_grading_feedback import check_page

from coursekit import cli
from coursekit.grading.deadlines import Deadlines
from coursekit.grading.report import table
from coursekit.grading.summary import summary_page


def summary(book, **options):
    return summary_page(book.assignments()[NAME], book.results(NAME), Deadlines(), **options)


def test_what_is_on_the_page(tmp_path):
    with book_of(tmp_path) as book:
        for number in range(8):
            hand_in(book, f"s{number}", passed=(number > 1, number > 5), seconds=float(number), answer="x")
        tests = book.results()[0]["details"]["tests"]
        tests[1] |= {"outcome": "broken", "message": "softmax gave None; the test could not go on: TypeError"}
        hand_in(book, "broken", passed=(False, False), points=0.0, tests=tests)
        no_submission(book, "nobody")
        give(book, "s3", 1.5, answer="before")
        book.mark([{"assignment": NAME, "student": "s3", "cell": "gone", "points": 9, "comment": "", "version": "v"}])
        page = summary(book, strangers=["01-small: ana"])
        words = check_page(page)
        for expected in (
            "10: 9 graded, 1 no submission", "8 students; their points below are those so far", "1: s3",
            "for gone: no longer in the assignment", "01-small: ana: is the name right?", "6 of 9", "2 of 9",
            "softmax gave None; the test could not go on: TypeError", "coursekit similar", "7.00 s", "hidden",
        ):  # fmt: skip
            assert expected in " ".join(words.split()), expected
        assert page.index("Tests that could not work") < page.index("What they could do") < page.index("The slowest")
        assert page.index("7.00 s") < page.index("6.00 s")
        assert 'style="width:66.7%"' in page
        book.set_similar(NAME, [], 9)
        assert "9 submissions were compared; no pairs" in summary(book, similar=book.similar(NAME))
        pair = {"first": "<b>s1", "second": "s2", "share": 0.9, "shared": 12, "same": False, "lines": 4}
        book.set_similar(NAME, [pair], 9)
        words = check_page(summary(book, similar=book.similar(NAME)))
        assert "<b>s1" in words
        assert "90%" in words


def test_hostile_names_and_messages(tmp_path):
    with book_of(tmp_path) as book:
        for student in HOSTILE:
            tests = [
                {"name": student, "task": student, "title": student, "visible": True, "points": 1.0, "earned": 0.0,
                 "outcome": outcome, "message": student, "kind": student} for outcome in ("failed", "broken")
            ]  # fmt: skip
            cells = [{"label": student, "message": student, "fatal": False, "early": True}]
            hand_in(book, student, tests=tests, cells=cells, line=student, notes=[student])
        words = check_page(summary(book))
        assert all(student in words for student in HOSTILE)


def test_an_empty_class(tmp_path):
    with book_of(tmp_path) as book:
        assert "0: " in check_page(summary(book))
        no_submission(book, "anna")
        assert "<figure>" not in summary(book)
        assert "anna" in table(book.results(), book.assignments()[NAME], Deadlines())


def test_the_table_in_the_terminal(tmp_path, capsys):
    with book_of(tmp_path) as book:
        hand_in(book, "anna")
        give(book, "anna", 2)
        hand_in(book, "ben", line="x" * 500)
        no_submission(book, "c" * 300)
        lines = table(book.results(), book.assignments()[NAME], Deadlines()).splitlines()
    assert lines[1].split() == ["anna", "6/6"]
    assert "4+/6" in lines[2]
    assert "-/6" in lines[3]
    assert lines[4] == "2 of 3 with points, mean 5.00; 1 with answers to be marked (+)"
    assert max(map(len, lines)) < 220
    assert cli.main(["report", str(tmp_path)]) == 0
    assert "Report: " in capsys.readouterr().out
    assert (tmp_path / "report.html").stat().st_mode & 0o777 == 0o600
