"""What chapters print, recorded: read out of outputs, widened by what varies, compared; and the records themselves."""

import json
import runpy
from pathlib import Path

import executed
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

REPOSITORY = Path(__file__).resolve().parents[2]
CHAPTERS = sorted((REPOSITORY / "book").glob("*/*.ipynb"))
tool = runpy.run_path(str(REPOSITORY / "tools" / "numbers"))


@pytest.fixture
def chapter(tmp_path):
    """chapter(text) -> the folders of a book of one chapter whose one cell has printed the text."""

    def executed_chapter(text, code="train()"):
        cell = new_code_cell(code, id="loss-1")
        notebook = tmp_path / "training.ipynb"
        nbformat.write(new_notebook(cells=[cell]), notebook)
        cell.outputs = [new_output("stream", text=text)]
        executed.keep(tmp_path / "cache", new_notebook(cells=[cell]), 1.0)
        return [notebook], tmp_path / "cache", tmp_path / "golden"

    return executed_chapter


@pytest.mark.parametrize(
    ("output", "numbers"),
    [
        (new_output("stream", text="loss 0.25, step 1e-3, 97.5 %"), [0.25, 0.001, 97.5]),
        (new_output("stream", text="from −2 to +3"), [-2, 3]),
        (new_output("stream", text="conv2d of layer4, v1.2.3, 3x3"), []),
        (new_output("stream", name="stderr", text="12 %"), []),
        (new_output("execute_result", {"text/plain": "array([1.5, 2.])"}), [1.5, 2]),
        (
            new_output(
                "execute_result",
                {"text/plain": "<Table 7>", "text/html": "<style>a{width:9px}</style><table><td>4</td></table>"},
            ),
            [4],
        ),
        (new_output("display_data", {"text/plain": "<Figure 640x480>", "image/png": "iVBO"}), []),
    ],
)
def test_numbers_are_read_out_of_what_is_printed(output, numbers):
    assert tool["printed"](new_code_cell("", outputs=[output])) == numbers


@pytest.mark.parametrize(
    ("old", "new", "widened"),
    [
        ([], [1, 2], [1, 2]),
        ([1, 2], [1, 2], [1, 2]),
        ([1, 2], [1, 3], [1, [2, 3]]),
        ([[2, 3]], [2.5], [[2, 3]]),
        ([[2, 3]], [1], [[1, 3]]),
        ([1, 2], [7], [7]),
    ],
)
def test_what_varies_becomes_a_range(old, new, widened):
    assert tool["widened"](old, new) == widened


@pytest.mark.parametrize(
    ("seen", "number", "far"),
    [(2, 2, 0), ([1, 3], 2, 0), (4, 5, 0.2), ([1, 4], 5, 0.2), (0, 0, 0), (-1, 1, 2), (0, 3, 1)],
)
def test_a_distance_is_a_share_of_what_was_seen(seen, number, far):
    assert tool["distance"](seen, number) == far


def test_the_same_execution_is_the_same(chapter, capsys):
    folders = chapter("loss 0.25\n")
    tool["record"](*folders)
    assert json.loads((folders[2] / "training.json").read_text())["cells"] == {"loss-1": [0.25]}
    assert tool["compare"](*folders) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["training", "1", "1", "0", "0", "0"]


def test_a_number_that_moved_is_said(chapter, capsys):
    tool["record"](*chapter("loss 0.25 after 100"))
    assert tool["compare"](*chapter("loss 0.50 after 100.5")) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[1].split() == ["training", "2", "0", "1", "0", "1"]
    assert "cell loss-1: 0.5, recorded is 0.25" in said


def test_a_second_record_widens_unless_the_code_has_changed(chapter):
    for text in ("loss 0.25", "loss 0.5"):
        *folders, golden = chapter(text)
        tool["record"](*folders, golden)
    assert json.loads((golden / "training.json").read_text())["cells"] == {"loss-1": [[0.25, 0.5]]}
    tool["record"](*chapter("loss 0.9", code="train(longer=True)"))
    assert json.loads((golden / "training.json").read_text())["cells"] == {"loss-1": [0.9]}


def test_another_number_of_numbers_fails(chapter, capsys):
    tool["record"](*chapter("loss 0.25"))
    assert tool["compare"](*chapter("loss 0.25, done 1")) == 1
    assert "2 numbers, recorded are 1" in capsys.readouterr().out


def test_a_chapter_that_was_not_executed_fails_and_keeps_its_record(chapter, capsys):
    notebooks, cache, golden = chapter("loss 0.25")
    tool["record"](notebooks, cache, golden)
    assert tool["compare"](notebooks, cache / "of another package", golden) == 1
    tool["record"](notebooks, cache / "of another package", golden)
    assert (golden / "training.json").is_file()
    assert "not executed" in capsys.readouterr().out


@pytest.mark.parametrize("notebook", CHAPTERS, ids=lambda path: path.stem)
def test_every_chapter_is_recorded_as_it_is_now(notebook):
    """Stale? `make test-notebooks`, then `tools/numbers record`."""
    path = tool["GOLDEN"] / f"{notebook.stem}.json"
    assert path.is_file(), "not recorded"
    assert json.loads(path.read_text(encoding="utf-8"))["code"] == tool["code_of"](notebook)
