"""The chapters, as they are in the repository and as executed."""

import functools
import os
import sys
from pathlib import Path

import nbformat
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "book" / "_ext"))  # as Sphinx does


@functools.cache
def executed_notebook(path):
    """The chapter with its outputs, or the error that stopped it. Each chapter is executed at most once."""
    try:
        return find_or_execute(path)
    except Exception as error:
        return error


def find_or_execute(path):
    """The chapter with its outputs: from the book's cache if it has this very notebook, else executed now."""
    import executed
    from jupyter_cache import get_cache
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    folder = executed.cache_folder(REPOSITORY / "_build", REPOSITORY / "coursekit")
    if folder.is_dir():
        try:
            return get_cache(folder).merge_match_into_notebook(notebook)[1]
        except KeyError:
            pass  # the chapter has changed since the book was built
    os.environ["COURSEKIT_STATIC"] = "1"
    place = {"metadata": {"path": str(path.parent)}}
    return NotebookClient(notebook, timeout=300, kernel_name="python3", resources=place).execute()


@pytest.fixture
def executed(path):
    """The chapter `path` (a parameter of the test), executed."""
    found = executed_notebook(path)
    if isinstance(found, Exception):
        raise found
    return found
