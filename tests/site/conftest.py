"""The built site: $COURSEKIT_SITE, else _build/html, which is built if it is not there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from site_checks import read_site

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def site():
    """The folder of the built site."""
    if given := os.environ.get("COURSEKIT_SITE"):
        assert (Path(given) / "index.html").is_file(), f"COURSEKIT_SITE={given}: no index.html there"
        return Path(given).resolve()
    built = REPOSITORY / "_build" / "html"
    built.parent.mkdir(exist_ok=True)
    with FileLock(built.parent / ".site.lock"):  # several test processes, one build
        if not (built / "index.html").is_file():
            jupyter_book = Path(sys.executable).with_name("jupyter-book")
            command = [jupyter_book, "build", "-W", "-n", "--keep-going", "."]
            done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"the book does not build:\n{(done.stdout + done.stderr)[-4000:]}"
    return built


@pytest.fixture(scope="session")
def pages(site):
    """Every page of the site, parsed, by path."""
    return read_site(site)
