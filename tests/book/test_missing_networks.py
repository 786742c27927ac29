"""A chapter without its network is not executed and says so; every other chapter is as always."""

import json
from pathlib import Path
from types import SimpleNamespace

import missing_networks
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

REPOSITORY = Path(__file__).resolve().parents[2]


def notebook(code):
    return nbformat.writes(new_notebook(cells=[new_markdown_cell("# Title"), new_code_cell(code)]))


@pytest.fixture
def nothing_here(monkeypatch, tmp_path):
    """A machine that has none of the weights."""
    missing_networks.is_missing.cache_clear()
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path / "empty"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "empty"))
    yield
    missing_networks.is_missing.cache_clear()


def test_chapters_name_networks_that_can_be_found_in_their_text():
    text = "".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "book").glob("*/*.ipynb"))
    found = missing_networks.NEEDS.findall(text)
    assert len(found) == text.count("nets.pretrained(")
    assert {"alexnet", "vgg16", "efficientnet-lite0"} == set(found)


def test_here_everything_is_there():
    code = 'net = nets.pretrained("alexnet")'
    assert missing_networks.missing(notebook(code)) == []


@pytest.mark.usefixtures("nothing_here")
def test_a_chapter_without_its_network_says_so():
    source = [notebook('a = nets.pretrained("vgg16")\nb = nets.pretrained("vgg16")')]
    missing_networks.say_so(None, "book/part/chapter", source)
    cells = json.loads(source[0])["cells"]
    assert [cell["cell_type"] for cell in cells] == ["markdown", "markdown", "code"]
    assert "uses `vgg16`, and" in cells[1]["source"]
    assert "coursekit.nets.download" in cells[1]["source"]


@pytest.mark.usefixtures("nothing_here")
def test_only_chapters_that_need_it_are_left_out(tmp_path):
    (tmp_path / "book/part").mkdir(parents=True)
    (tmp_path / "book/part/with.ipynb").write_text(notebook('nets.pretrained("alexnet")'))
    (tmp_path / "book/part/without.ipynb").write_text(notebook("nets.lenet5(nn)"))
    config = SimpleNamespace(nb_execution_excludepatterns=["exercises/*/*"])
    missing_networks.leave_out(SimpleNamespace(srcdir=tmp_path), config)
    assert config.nb_execution_excludepatterns == ["exercises/*/*", "book/part/with.ipynb"]
    source = [before := (tmp_path / "book/part/without.ipynb").read_text()]
    missing_networks.say_so(None, "book/part/without", source)
    assert source == [before]
