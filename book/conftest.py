"""What nbval executes here, the book does not execute once more.

See `book/_ext/executed.py`.
"""

import sys
from pathlib import Path

import pytest
from nbval.plugin import IPyNbCell

import coursekit

BOOK = Path(__file__).parent
sys.path.insert(0, str(BOOK / "_ext"))  # as Sphinx does

import executed  # noqa: E402 - found by the line above

BUILD = BOOK.parent / "_build"
PASSED = pytest.StashKey()

executed.prepare_kernels(BUILD)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Collect a notebook's outputs; keep them when all its cells passed."""
    report = yield
    if (
        isinstance(item, IPyNbCell)
        and report.when == "call"
        and report.passed
    ):
        passed = item.parent.stash.setdefault(PASSED, {})
        passed[id(item.cell)] = item.test_outputs, report.duration
        code = [c for c in item.parent.nb.cells if c.cell_type == "code"]
        if item.cell is code[-1] and len(passed) == len(code):
            keep(item.parent.nb, code, passed)
    return report


def keep(notebook, code, passed):
    for number, cell in enumerate(code, start=1):
        cell.outputs, _ = passed[id(cell)]
        cell.execution_count = number
    cache = executed.cache_folder(BUILD, Path(coursekit.__file__).parent)
    executed.keep(cache, notebook, sum(s for _, s in passed.values()))
