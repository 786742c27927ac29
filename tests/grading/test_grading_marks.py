"""What people mark: found in notebooks, written to a file to fill in, read from it, kept."""

import csv
import io
import json

import pytest
from invented import HOSTILE, NAME, WHY, book_of, give, hand_in, no_submission
from small_assignment import SOFTMAX, solution

from coursekit import cli
from coursekit.grading.answers import answers, hand_marked, readable, version_of
from coursekit.grading.deadlines import Deadlines
from coursekit.grading.gradebook import Gradebook
from coursekit.grading.marking import marking_page
from coursekit.grading.marks import MarkError, read_marks, template
from coursekit.grading.notebook import parse_notebook
from coursekit.grading.stubs import ANSWER
from coursekit.grading.totals import total


@pytest.fixture
def book(tmp_path):
    with book_of(tmp_path / "grades") as book:
        for student in ("anna", "ben", "=cara"):
            hand_in(book, student, answer=f"{student} thinks so.")
        no_submission(book, "dora")
        yield book


def stored(book):
    return {row["student"]: row["marks"]["why"]["points"] for row in book.results() if row["marks"]}


def test_the_cells_that_people_mark(assignment):
    (part,) = assignment.parts
    assert (part["cell"], part["points"], part["starter"], part["title"]) == ("why", 1.0, ANSWER, "Small")
    assert part["reference"].startswith("Because the exponential")
    assert hand_marked(assignment.folder / "nowhere.ipynb") == ()


def answered(*sources, **changes):
    """The answers in a notebook with these cells in the place of the one that is marked."""
    document = solution()
    cell = document["cells"].pop()
    document["cells"] += [cell | {"source": source} | changes for source in sources]
    (part,) = [WHY | {"id": "cell-6"}]
    (found,) = answers([part], parse_notebook(json.dumps(document).encode()))
    return found["state"], found["source"]


def test_answers_are_found_in_whatever_is_left_of_a_notebook():
    assert answered("It grows.") == ("given", "It grows.")
    assert answered(["It ", "grows."]) == ("given", "It grows.")
    assert answered("It grows.", metadata={}) == ("given", "It grows.")  # by the cell's own id
    assert answered("It grows.", cell_type="raw") == ("given", "It grows.")
    assert answered(f" {ANSWER}\n") == ("empty", "")
    assert answered("") == ("empty", "")
    assert answered() == ("missing", "")
    assert answered("One.", "Two.", "One.", ANSWER) == ("given", "One.\n\nTwo.")  # a cell that is there twice
    assert answered("It grows.", metadata={}, id="other") == ("missing", "")
    hostile = "a\x1b[31m\u202e\ud800<b>"
    assert answered(hostile) == ("given", "a\ufffd[31m\ufffd\ufffd<b>")
    assert answered("x" * 50_000)[1] == "x" * 19_999 + "\N{HORIZONTAL ELLIPSIS}"
    assert version_of("x" * 50_000) != version_of("x" * 50_001)
    assert readable("می\u200cخواهم", 99) == "می\u200cخواهم"


def test_a_file_of_marks(book):
    data = "\ufeffStudent, task ,Points,comment,extra\nanna,why,1.5,Right\nben,why,,\n'=cara,why,0,\n\n".encode()
    marks, blank = read_marks(data, book)
    assert blank == 1
    book.mark(marks)
    assert stored(book) == {"anna": 1.5, "=cara": 0.0}
    book.mark(read_marks(b"student;cell;points\nanna;why;1,25\n=cara;why;-\n", book)[0])  # from a European spreadsheet
    assert stored(book) == {"anna": 1.25}


WRONG = [
    ("zed,why,1", "line 2: student 'zed' is not in the gradebook for 01-small"),
    ("Ana,why,1", "did you mean 'anna'?"),
    ("anna,how,1", "line 2: cell 'how' is none that people mark; there are why"),
    ("anna,why,2.5", "line 2: points '2.5'; for 'why' they must be from 0 to 2"),
    ("anna,why,-1", "points '-1'"),
    ("anna,why,nan", "points 'nan'"),
    ("anna,why,inf", "points 'inf'"),
    ("anna,why,two", "points 'two' is not a number"),
    ("anna,why,1e999", "must be from 0 to 2"),
    ("anna,why,,A comment", "line 2: a comment without points; write 0 if that is meant"),
    ("dora,why,1", "'dora' has nothing that could be marked: no submission"),
    ("anna,why,1,,old", "version 'old' is none"),
    ("anna,why,1\nanna,why,2", "line 3: 'anna' has a mark for 'why' in line 2, too"),
    ("anna,why,1,\"two\nlines\"\nzed,why,1", "line 4: student 'zed'"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "words"), WRONG)
def test_one_wrong_line_and_nothing_is_stored(book, lines, words):
    data = f"student,cell,points,comment,version\n{lines}\nben,why,1\n".encode()
    with pytest.raises(MarkError) as caught:
        book.mark(read_marks(data, book)[0])
    assert words in str(caught.value)
    assert stored(book) == {}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b"student,points\n", "line 1: there is no column 'cell'; the columns are student, points"),
        (b"student,cell,cell,points\n", "more than one column 'cell'"),
        (b"student,cell,points\nanna,why,1\nb\xe4,why,1\n", "line 3 is not UTF-8; save the file as CSV in UTF-8"),
        (b'student,cell,points\nanna,"why" x,1\n', "line 2: "),
        (b"student,assignment,cell,points\nanna,99,why,1\n", "assignment '99' is not in the gradebook; there are 01"),
        (b"PK\x03\x04\x00\xff", "not UTF-8"),
    ],
)
def test_files_that_are_none(book, data, words):
    with pytest.raises(MarkError, match="(?s)" + words.replace("(", r"\(")):
        read_marks(data, book)


def test_many_errors_are_not_a_flood(book):
    data = "student,cell,points\n" + "zed,why,1\n" * 500
    with pytest.raises(MarkError) as caught:
        read_marks(data.encode(), book)
    assert str(caught.value).endswith("and 480 more lines")


def test_a_cell_without_points_of_its_own_gives_extra_points(tmp_path):
    with book_of(tmp_path, parts=(WHY | {"points": 0.0},)) as book:
        hand_in(book, "anna")
        book.mark(read_marks(b"student,cell,points\nanna,why,4\n", book)[0])
        assert stored(book) == {"anna": 4.0}
        with pytest.raises(MarkError, match="must be 0 or more"):
            read_marks(b"student,cell,points\nanna,why,-4", book)


def test_two_assignments_must_be_told_apart(book):
    book.connection.execute("INSERT INTO assignment SELECT '02-large', facts FROM assignment")
    with pytest.raises(MarkError, match="does not say which assignment; there are 01-small, 02-large"):
        read_marks(b"student,cell,points\nanna,why,1\n", book)
    assert len(read_marks(b"student,cell,points\nanna,why,1\n", book, NAME)[0]) == 1


def rows_of(text):
    return {row["student"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}


def test_the_file_to_fill_in(book):
    hand_in(book, "eva", answer="")
    give(book, "ben", 1.0, "Nearly.", answer="ben thinks so.")
    give(book, "anna", 2.0, answer="before")
    lines = rows_of(template(book, NAME))
    assert set(lines) == {"anna", "ben", "'=cara", "eva"}
    assert (lines["anna"]["points"], lines["anna"]["state"]) == ("", "given, changed since it got 2")
    assert (lines["ben"]["points"], lines["ben"]["comment"]) == ("1", "Nearly.")
    assert (lines["eva"]["points"], lines["eva"]["comment"], lines["eva"]["state"]) == ("0", "no answer", "empty")
    assert lines["'=cara"]["answer"] == "'=cara thinks so."
    assert set(rows_of(template(book, NAME, unmarked=True))) == {"anna", "'=cara", "eva"}
    before = stored(book)
    book.mark(read_marks(template(book, NAME).encode(), book)[0])  # as it is, it changes nothing but the empty answer
    assert stored(book) == before | {"eva": 0.0}


def test_a_mark_belongs_to_the_answer_in_the_file_and_not_to_a_later_one(book):
    text = template(book, NAME)
    hand_in(book, "anna", answer="Changed while somebody was marking.")
    lines = rows_of(text)
    data = f"student,cell,points,version\nanna,why,2,{lines['anna']['version']}\n"
    book.mark(read_marks(data.encode(), book)[0])
    assert lines["anna"]["version"] == version_of("anna thinks so.")
    (anna,) = [row for row in book.results() if row["student"] == "anna"]
    assert total(anna, book.assignments()[NAME], Deadlines()).changed == ("why",)


def test_hostile_names_and_answers_go_there_and_back(tmp_path):
    with book_of(tmp_path) as book:
        for student in HOSTILE:
            hand_in(book, student, answer=f"={student}\n+1")
        text = template(book, NAME)
        cells = [cell for line in csv.reader(io.StringIO(text, newline="")) for cell in line]
        assert not any(cell[:1] in ("=", "+", "-", "@", "\t", "\uff1d") for cell in cells)
        lines = list(csv.reader(io.StringIO(text, newline="")))
        for line in lines[1:]:
            line[3] = "1"
        out = io.StringIO()
        csv.writer(out).writerows(lines)
        book.mark(read_marks(out.getvalue().encode(), book)[0])
        assert stored(book) == dict.fromkeys(HOSTILE, 1.0)
        page = marking_page(book.assignments()[NAME], book.results())
        assert "<script" not in page
        assert "<img" not in page


def test_the_page_shows_equal_answers_once(book):
    for student in ("eva", "fred"):
        hand_in(book, student, answer="<b>Both</b> say this.")
    page = marking_page(book.assignments()[NAME], book.results())
    assert page.count("&lt;b&gt;Both&lt;/b&gt; say this.") == 1
    assert "<bdi>eva</bdi>, <bdi>fred</bdi>" in page
    assert "Why &lt;b&gt;?" in page
    assert "dora" not in page


def test_the_command(book, tmp_path, capsys):
    grades, sheet = str(tmp_path / "grades"), tmp_path / "marks.csv"
    assert cli.main(["mark", grades, "--template", str(sheet)]) == 0
    assert "3 answers in" in capsys.readouterr().out
    assert sheet.with_suffix(".html").is_file()
    assert cli.main(["mark", grades, "--template", str(sheet)]) == 2
    assert "is there already, and is left alone" in capsys.readouterr().err
    sheet.write_text("student,cell,points\nanna,why,2\nben,why,\n")
    assert cli.main(["mark", grades, str(sheet)]) == 0
    assert "1 marks stored, 0 taken away, 1 lines without points" in capsys.readouterr().out
    sheet.write_text("student,cell,points\nanna,why,9\nben,why,1\n")
    assert cli.main(["mark", grades, str(sheet)]) == 2
    assert "nothing was stored:\n  line 2: points '9'" in capsys.readouterr().err
    assert stored(book) == {"anna": 2.0}
    assert cli.main(["mark", grades]) == 2
    assert cli.main(["mark", grades, str(tmp_path / "nowhere.csv")]) == 2
    assert cli.main(["mark", str(tmp_path / "elsewhere"), str(sheet)]) == 2


def test_marks_survive_grading_again(own_folder, class_folder, tmp_path, sandbox, capsys):
    """From a notebook to the total and back, with the real grader in between."""

    def hand_in_text(answer):
        document = solution()
        document["cells"][-1]["source"] = answer
        document["cells"][2]["source"] = SOFTMAX
        class_folder("anna", json.dumps(document).encode())

    arguments = ["grade", str(class_folder.folder), "--solutions", str(own_folder.parent), "--assignment", "01"]
    arguments += ["--out", str(tmp_path / "grades")]
    hand_in_text("My answer.")
    assert cli.main(arguments) == 0
    assert "4+/5  not marked yet: why" in capsys.readouterr().out
    (tmp_path / "m.csv").write_text("student,cell,points,comment\nanna,why,0.5,Why?\n")
    assert cli.main(["mark", str(tmp_path / "grades"), str(tmp_path / "m.csv")]) == 0
    hand_in_text("My answer.\n")  # white space is no change
    assert cli.main(arguments) == 0
    assert "4.5/5\n" in capsys.readouterr().out
    hand_in_text("Another answer.")
    assert cli.main(arguments) == 0
    assert "4.5/5  changed since it was marked: why" in capsys.readouterr().out
    with Gradebook(tmp_path / "grades") as book:
        (row,) = book.results()
    assert row["marks"]["why"]["comment"] == "Why?"
    assert row["details"]["answers"][0]["source"] == "Another answer."
