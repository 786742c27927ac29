"""What students read: their points and what they can mend, nothing of a hidden test, nothing of anybody else."""

import html
import itertools
import re
from html.parser import HTMLParser

import pytest
from invented import HOSTILE, NAME, WHY, book_of, give, hand_in, no_submission
from small_assignment import COUNTER, SOFTMAX, notebook

from coursekit import cli
from coursekit.grading.deadlines import Deadlines, read_deadlines
from coursekit.grading.export import Sent
from coursekit.grading.feedback import HIDDEN, feedback_page, said
from coursekit.grading.gradebook import Gradebook
from coursekit.grading.pages import bins, file_name, histogram
from coursekit.grading.platforms import gradescope
from coursekit.grading.totals import total


class Checker(HTMLParser):
    """Collects what a page is made of, and whether its elements are closed in order."""

    VOID = ("meta", "br", "rect", "line", "img", "link", "input")

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.open, self.text = set(), set(), [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        for name, value in attrs:
            assert name not in ("src", "srcset", "action", "data", "background")
            assert name != "href" or re.fullmatch(r"#[a-z]+-\d+", value), value
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def check_page(page):
    """The page is one file, well formed, and runs and fetches nothing; its text."""
    found = Checker(page)
    assert not found.tags & {"script", "iframe", "object", "embed", "link", "img", "form", "base", "a"} - {"a"}
    assert not [name for name in found.attributes if name.startswith("on")]
    assert "default-src 'none'" in page
    assert "url(" not in page
    assert "@import" not in page
    page.encode("utf-8")
    return " ".join(found.text)


@pytest.fixture
def book(tmp_path):
    with book_of(tmp_path / "grades") as book:
        yield book


def page_of(book, student, deadlines=None):
    rows = [row for row in book.results() if row["student"] == student]
    return feedback_page(student, rows, book.assignments(), deadlines or Deadlines())


def test_what_is_on_the_page(book, tmp_path):
    hand_in(
        book, "anna", passed=(False, True), answer="Other.", when="2026-11-02T13:00:00+00:00",
        line="only for the instructor", notes=["more than one cell has the name softmax; all were run, in order"],
        found="small (1).ipynb was graded: there is no small.ipynb",
        cells=[{"label": "cell 2", "message": "cell 2 raised NameError: nump", "fatal": False, "early": True}],
    )  # fmt: skip
    give(book, "anna", 1.5, "Right, but <why>?\nSee chapter 3.")
    (tmp_path / "deadlines.toml").write_text(f"[{NAME}]\ndue = 2026-11-02T12:00:00Z\npenalty_percent = 10\n")
    page = page_of(book, "anna", read_deadlines(tmp_path / "deadlines.toml"))
    words = check_page(page)
    for expected in (
        "Small <things>", "4.05", "of 6 points", "it is wrong in rows sum to one", "large numbers", "(hidden test)",
        "more than one cell has the name softmax", "small (1).ipynb was graded", "cell 2 raised NameError: nump",
        "Right, but <why>?\nSee chapter 3.", "Your answer has changed since it was marked", "1 h late: 10 % off",
        "due", "2026-11-02 12:00 UTC", "2026-11-02 13:00 UTC, by the time of the file",
    ):  # fmt: skip
        assert expected in words, expected
    assert "only for the instructor" not in words


def test_what_is_not_known_yet_is_said(book):
    hand_in(book, "anna")
    no_submission(book, "ben")
    book.record(NAME, "cara", key="", status="not read", points=0.0, out_of=4.0, line="not read: the folder is a link")
    book.record(NAME, "dora", key="", status="not graded", points=None, out_of=4.0, line="judge died at /root/x.py")
    words = check_page(page_of(book, "anna"))
    assert "So far: not everything has been marked yet." in words
    assert "not marked yet" in words
    assert "Nothing was handed in." in check_page(page_of(book, "ben"))
    assert "not read: the folder is a link" in check_page(page_of(book, "cara"))
    words = check_page(page_of(book, "dora"))
    assert "It has not been graded yet." in words
    assert "/root" not in words


SECRET = "z=0.8414709848 expected 3.1415 at /srv/solutions/test_hidden.py:17 Traceback (most recent call last)"
KINDS = ["", "NotImplementedError", "ValueError", "missing", "timeout", "crash", "answer", f"E{SECRET}", "0.8414709848"]


@pytest.mark.parametrize("outcome", ["failed", "broken"])
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_a_hidden_test_but_one_of_eight_sentences(book, outcome, kind):
    hand_in(book, "anna")
    tests = book.results()[0]["details"]["tests"]
    tests[1] |= {"outcome": outcome, "earned": 0.0, "message": SECRET, "kind": kind}
    cells = [
        {"label": "cell 3", "message": SECRET, "fatal": True, "early": False},
        {"label": "cell 4", "message": SECRET},
    ]
    hand_in(book, "anna", points=1.0, tests=tests, cells=cells, line=SECRET, output=SECRET)
    (row,) = book.results()
    page = page_of(book, "anna")
    sent = Sent("anna", 1.0, {}, row, total(row, book.assignments()[NAME], Deadlines()))
    for words in (check_page(page), gradescope(sent, book.assignments()[NAME])):
        assert "cell 3 did not run to its end" in words
        assert sum(sentence in words for sentence in HIDDEN.values()) == 1
        for secret in ("0.84", "3.14", "/srv", "test_hidden.py", "Traceback"):
            assert secret not in words
    assert said(tests[1]) in HIDDEN.values()


def test_a_notebook_that_carries_hidden_inputs_home(own_folder, class_folder, tmp_path, sandbox):
    """Through a message, the name of an exception, a printed line, a file, and a cell that is run once more."""
    hidden = own_folder / "test_hidden.py"
    hidden.write_text(hidden.read_text().replace("0.25, -1.5, 3.125", "0.25, -1.5, 31415926.5"))
    spy = (
        "import numpy as np\nimport os\n"
        "try:\n    seen = open('/tmp/seen').read()\nexcept OSError:\n    seen = ''\n"
        "if seen:\n    print(seen)\n    raise ValueError(seen)\n"
    )
    tell = (
        "def softmax(z):\n    text = repr(np.asarray(z).tolist())\n    open('/tmp/seen', 'w').write(text)\n"
        "    if z.shape[1] == 3:\n        print(text)\n        {action}\n"
        "    e = np.exp(z - z.max(axis=1, keepdims=True))\n    return e / e.sum(axis=1, keepdims=True)"
    )
    actions = {
        "message": "raise ValueError(text)",
        "kind": "raise type('E' + text, (Exception,), {})()",
        "assertion": "assert False, text",
        "exit": "os._exit(3)",
        "answer": "return text",
        "shape": "return np.zeros((3, int(abs(z).max()) % 100000))",
        "recursion": "return softmax(np.concatenate([z, z]).reshape(2, -1)[:, :3])",
    }
    for name, action in actions.items():
        class_folder(name, notebook(spy, tell.format(action=action), COUNTER))
    arguments = ["grade", str(class_folder.folder), "--solutions", str(own_folder.parent), "--assignment", "01"]
    assert cli.main([*arguments, "--out", str(tmp_path / "grades")]) == 0
    assert cli.main(["feedback", str(tmp_path / "grades")]) == 0
    instructor = (tmp_path / "grades" / "report.html").read_text()
    assert "31415926" in instructor  # so the test would see it
    for name in actions:
        words = check_page((tmp_path / "grades" / "feedback" / f"{name}.html").read_text())
        assert "not passed" in words
        for secret in ("31415", "-1.5", "0.25,", "926.5", "test_hidden", "Traceback"):
            assert secret not in words, (name, secret)


def test_a_cell_that_fails_after_tests_have_begun_says_nothing(own_folder, class_folder, tmp_path):
    """Without a sandbox a file outlives the process, and a cell that runs again can read what a test sent before."""
    seen = tmp_path / "seen"
    spy = f"import os\nimport numpy as np\nif os.path.exists({str(seen)!r}):\n"
    spy += f"    raise ValueError(open({str(seen)!r}).read())"
    tell = "def softmax(z):\n    if z.shape[1] == 3:\n        text = 'home ' + repr(z.tolist())\n"
    tell += f"        open({str(seen)!r}, 'w').write(text)\n        os._exit(1)\n"
    tell += "    return np.full(z.shape, 1 / z.shape[1])"
    class_folder("anna", notebook(spy, tell, COUNTER))
    arguments = ["grade", str(class_folder.folder), "--solutions", str(own_folder.parent), "--assignment", "01"]
    assert cli.main([*arguments, "--out", str(tmp_path / "grades"), "--unsafe-no-sandbox"]) == 0
    assert "home [[0.25" in (tmp_path / "grades" / "report.html").read_text()
    with Gradebook(tmp_path / "grades") as book:
        words = check_page(page_of(book, "anna"))
    assert "cell 1 did not run to its end." in words
    assert "home" not in words


def test_failed_before_any_test_is_told_in_full(own_folder, class_folder, tmp_path, sandbox):
    class_folder("anna", notebook("import nump as np", SOFTMAX, COUNTER))
    class_folder("ben", b"{broken")
    arguments = ["grade", str(class_folder.folder), "--solutions", str(own_folder.parent), "--assignment", "01"]
    assert cli.main([*arguments, "--out", str(tmp_path / "grades")]) == 0
    with Gradebook(tmp_path / "grades") as book:
        words = check_page(page_of(book, "anna"))
        assert "cell 1 raised ModuleNotFoundError" in words
        assert "the notebook is not JSON" in check_page(page_of(book, "ben"))


def test_hostile_names_and_texts(book, tmp_path, capsys):
    for number, student in enumerate(HOSTILE):
        hand_in(book, student, passed=(False, False), notes=[f"a note {student}"])
        give(book, student, 1.0, f"{student} </pre><script>alert(n{number})</script>")
    assert cli.main(["feedback", str(tmp_path / "grades"), "--out", str(tmp_path / "out")]) == 0
    assert f"{len(HOSTILE)} pages" in capsys.readouterr().out
    files = sorted((tmp_path / "out").iterdir())
    assert len(files) == len(HOSTILE)
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700
    for student in HOSTILE:
        words = check_page((tmp_path / "out" / f"{file_name(student)}.html").read_text())
        assert student in words
        others = [other for other in HOSTILE if other != student and len(other) > 12]
        assert not [other for other in others if other in words]


def test_a_page_is_of_one_student(book):
    hand_in(book, "anna")
    hand_in(book, "ben")
    with pytest.raises(ValueError, match="rows of somebody else than 'anna'"):
        feedback_page("anna", book.results(), book.assignments(), Deadlines())


def test_every_student_has_a_file_name_of_his_own():
    names = {
        student: file_name(student) for student in [*HOSTILE, *(f"x{n}" for n in range(50)), *map(file_name, HOSTILE)]
    }
    assert len({name.casefold() for name in names.values()}) == len(names)
    for name in names.values():
        assert re.fullmatch(r"[a-z0-9_][a-z0-9._~-]*", name)
        assert len(name) < 80
        assert not re.fullmatch(r"(con|nul|aux|prn|com\d|lpt\d)(\..*)?", name)
        assert not name.endswith(".")


@pytest.mark.parametrize("top", [0, 0.3, 1, 4, 7, 10, 33.5, 100, 1234])
def test_the_bins_of_a_histogram(top):
    values = [top * k / 40 for k in range(41)] + [2 * top + 1]
    found = bins(values, top)
    assert 1 <= len(found) <= 20
    assert sum(count for _, _, count in found) == len(values)
    assert found[0][0] == 0
    assert all(before[1] == after[0] for before, after in itertools.pairwise(found))
    assert html.unescape(histogram(values, top)).count("<rect") == len(found)
    histogram([], top)


def test_points_of_zero_are_extra(tmp_path):
    with book_of(tmp_path, parts=(WHY | {"points": 0.0},)) as book:
        hand_in(book, "anna")
        words = check_page(page_of(book, "anna"))
        assert "So far" not in words
        assert "In words" not in words
        give(book, "anna", 3.0)
        words = check_page(page_of(book, "anna"))
        assert "extra" in words
        assert "of 4 points" in words
