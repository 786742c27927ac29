"""Buttons that open a notebook elsewhere, and what such a notebook does first."""

import ast
import runpy
from pathlib import Path
from types import SimpleNamespace

import launch
import nbformat
import pytest
from sphinx.errors import ConfigError

REPOSITORY = Path(__file__).resolve().parents[2]
HERE, COMMIT = "https://github.com/owner/name", "0123456789abcdef" * 2 + "01234567"
colab = runpy.run_path(str(REPOSITORY / "tools" / "colab"))


@pytest.fixture
def config():
    return SimpleNamespace(html_theme_options={"use_download_button": True})


def test_without_a_repository_nothing_is_added(config, monkeypatch):
    monkeypatch.delenv("COURSEKIT_REPOSITORY", raising=False)
    launch.add_repository(None, config)
    assert config.html_theme_options == {"use_download_button": True}


def test_a_repository_brings_the_buttons(config, monkeypatch):
    monkeypatch.setenv("COURSEKIT_REPOSITORY", HERE + "/")
    launch.add_repository(None, config)
    assert config.html_theme_options["repository_url"] == HERE
    assert config.html_theme_options["use_edit_page_button"]
    assert "colab_url" in config.html_theme_options["launch_buttons"]


@pytest.mark.parametrize("given", ["owner/name", "https://github.com/owner", "javascript:alert(1)"])
def test_what_is_no_repository_stops_the_build(config, monkeypatch, given):
    monkeypatch.setenv("COURSEKIT_REPOSITORY", given)
    with pytest.raises(ConfigError, match="expected https"):
        launch.add_repository(None, config)


def test_only_the_button_of_colab_leads_to_the_branch_that_installs():
    page = "owner/name/blob/main/book/a.ipynb"
    addresses = [f"https://colab.research.google.com/github/{page}", f"https://github.com/{page}"]
    buttons = [{"buttons": [{"url": addresses[0]}]}, {"url": addresses[1]}, {"type": "javascript"}]
    launch.use_colab_branch(None, "book/a", "page.html", {"header_buttons": buttons}, None)
    assert buttons[0]["buttons"][0]["url"] == addresses[0].replace("main", "colab")
    assert buttons[1]["url"] == addresses[1]


def test_every_notebook_is_copied_with_a_first_cell(tmp_path):
    colab["main"](tmp_path, HERE, COMMIT)
    copies = {path.relative_to(tmp_path): path for path in tmp_path.rglob("*.ipynb")}
    originals = [path for kind in ("book", "exercises") for path in (REPOSITORY / kind).glob("*/*.ipynb")]
    assert set(copies) == {path.relative_to(REPOSITORY) for path in originals}
    for name, path in copies.items():
        first, *others = nbformat.read(path, as_version=4).cells
        assert others == nbformat.read(REPOSITORY / name, as_version=4).cells
        assert f'"coursekit[chapters] @ git+{HERE}@{COMMIT}"' in first.source
        ast.parse(first.source.replace("%pip", "pass #").replace("!", "pass #"))
        assert ("nets.download" in first.source) == any("nets.pretrained(" in cell.source for cell in others)
        if name.parts[0] == "exercises":
            assert f"owner/name/{COMMIT}/{name.parent.as_posix()}/test_visible.py" in first.source


@pytest.mark.parametrize("given", [("owner/name", COMMIT), (HERE, "main"), (HERE + '" --index-url x', COMMIT)])
def test_nothing_else_gets_into_the_cell(tmp_path, given):
    with pytest.raises(SystemExit, match="expected"):
        colab["main"](tmp_path, *given)
