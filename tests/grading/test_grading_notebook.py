"""Notebooks that strangers send: what can be run is run, and a line says what was wrong."""

import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_assignment import code, notebook, solution

from coursekit.grading.notebook import NotebookError, open_inside, parse_notebook


def test_code_cells_are_numbered():
    parsed = parse_notebook(json.dumps(solution()).encode())
    assert [label for label, _ in parsed.cells] == ["cell 1", "cell 2", "cell 3", "cell 4", "cell 5"]
    assert parsed.notes == []


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"{nope", "not JSON: .*line 1"),
        (b"[" * 100_000, "not JSON"),
        (b'{"cells": ' + b"9" * 10_000 + b"}", "not JSON|no list of cells"),
        (b"null", "no list of cells"),
        (b"[]", "no list of cells"),
        (b'{"cells": {}}', "no list of cells"),
        (b'{"cells": []}', "no code cells"),
        (b'{"cells": [1, null, "x", [], {}]}', "no code cells"),
        (b'{"worksheets": [{}, 1]}', "no code cells"),
        (b"\x89PNG\r\n", "not JSON"),
        (b"x" * (51 * 2**20), "51 MB"),
    ],
)
def test_there_is_nothing_to_run(data, line):
    with pytest.raises(NotebookError, match=line):
        parse_notebook(data)


def with_cells(*cells, **rest):
    return json.dumps({"cells": list(cells)} | rest).encode()


@pytest.mark.parametrize(
    ("data", "cells", "note"),
    [
        (notebook("x = 1"), ["x = 1"], None),
        (b"\xef\xbb\xbf" + notebook("x = 1"), ["x = 1"], None),
        (notebook("x = 1").decode().encode("utf-16"), ["x = 1"], "not UTF-8"),
        (notebook("x = 1").replace(b"x", b"\xff"), ["\ufffd = 1"], "not UTF-8"),
        (with_cells(code(["x = 1\n", "y = 2"])), ["x = 1\ny = 2"], None),
        (with_cells(code("x\r\ny\rz")), ["x\ny\nz"], None),
        (with_cells(code("x"), 3, {"cell_type": "code"}, code([1])), ["x"], "3 thing"),
        (with_cells({"cell_type": "code", "source": "x"}), ["x"], None),
        (with_cells({"cell_type": "code", "source": "x", "metadata": 3}), ["x"], None),
        (
            with_cells(code("x", nbgrader={"grade_id": "a"}), code("y", nbgrader={"grade_id": "a"})),
            ["x", "y"],
            "name a;",
        ),
        (with_cells(code("x"), metadata={"kernelspec": {"language": "R"}}), ["x"], "kernel is for R"),
        (with_cells(code("x"), metadata={"kernelspec": {"language": ["R"]}}), ["x"], None),
        (json.dumps({"worksheets": [{"cells": [{"cell_type": "code", "input": "x"}]}]}).encode(), ["x"], None),
        (with_cells(*[code("x")] * 6000), ["x"] * 5000, "5000 of 6000"),
    ],
)
def test_it_is_put_up_with(data, cells, note):
    parsed = parse_notebook(data)
    assert [source for _, source in parsed.cells] == cells
    assert bool(parsed.notes) == (note is not None)
    if note:
        assert note in parsed.notes[0]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["cells", "cell_type", "source", "metadata", "nbgrader", "grade_id", "worksheets", "kernelspec"]
            ),
            inner | st.just("code"),
            max_size=4,
        )
    ),
    max_leaves=30,
)


@given(json_values | st.fixed_dictionaries({"cells": st.lists(json_values)}))
@settings(max_examples=150)
def test_any_json_is_a_notebook_or_a_line(content):
    try:
        parsed = parse_notebook(json.dumps(content).encode())
    except NotebookError as error:
        assert str(error)  # noqa: PT017
    else:
        assert all(isinstance(source, str) for _, source in parsed.cells)


@given(st.data())
@settings(max_examples=150)
def test_a_damaged_file_is_a_notebook_or_a_line(data):
    content = bytearray(json.dumps(solution()).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(content)))
        content[start : start + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=10))
    try:
        parse_notebook(bytes(content))
    except NotebookError as error:
        assert str(error)  # noqa: PT017


def test_what_is_no_ordinary_file_is_not_even_opened(tmp_path, monkeypatch):
    """Opening a device can set it going."""
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr(os, "open", lambda *args: pytest.fail("it was opened"))
    with pytest.raises(NotebookError, match="not an ordinary file"):
        open_inside(tmp_path, "pipe")


def test_only_ordinary_files_are_opened(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "real").write_bytes(b"x")
    assert open_inside(tmp_path, "a", "real") == b"x"
    (tmp_path / "a" / "link").symlink_to("real")
    (tmp_path / "b").symlink_to("a")
    for parts in (("a", "link"), ("b", "real")):
        with pytest.raises(NotebookError, match="is a link"):
            open_inside(tmp_path, *parts)
    os.mkfifo(tmp_path / "a" / "pipe")
    (tmp_path / "a" / "folder.ipynb").mkdir()
    for odd in ("pipe", "folder.ipynb"):
        with pytest.raises(NotebookError, match="not an ordinary file"):
            open_inside(tmp_path, "a", odd)
    with pytest.raises(NotebookError, match="No such file"):
        open_inside(tmp_path, "a", "nothing")
