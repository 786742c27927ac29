"""The built site, $COURSEKIT_SITE, else _build/html, which is built if it is not there; and a browser to open it in."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from browsing import WIDE, Visit, note_host
from filelock import FileLock
from site_checks import read_site

from tools.browser import CHROMIUM, FLAGS

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


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser):
    """open_page(url, **options of the browser context) -> Visit; it is over when the next page is opened."""
    held = []  # one window, which costs as much as a page, and what it was opened with

    def opened(url, own_host="", idle=False, **options):
        wanted = (own_host, options)
        if held and held[0] != wanted:
            held[1].page.context.close()
            held.clear()
        if not held:
            held.extend([wanted, window(own_host, options)])
        visit = held[1]
        visit.page.goto("about:blank")  # what the last page still asked for fails here, and not in the name of the next
        visit.errors, visit.elsewhere = [], []
        visit.page.goto(url)
        visit.settle(idle)
        return visit

    def window(own_host, options):
        context = browser.new_context(**{"viewport": WIDE, "color_scheme": "light", **options})
        visit = Visit(context.new_page())
        visit.page.on("console", lambda said: said.type == "error" and visit.errors.append(said.text))
        visit.page.on("pageerror", lambda error: visit.errors.append(str(error)))
        visit.page.on("requestfailed", lambda request: visit.errors.append(f"failed: {request.url[:100]}"))
        visit.page.on("request", lambda request: note_host(visit, request.url, own_host))
        return visit

    yield opened
    if held:
        held[1].page.context.close()


@pytest.fixture(scope="module")
def names(pages, site):
    """The addresses of all pages, relative to the site; without those that only send the reader on."""
    return [path.relative_to(site).as_posix() for path, page in pages.items() if not page.sends_on]


@pytest.fixture(scope="module")
def moving(pages, site):
    """The addresses of the pages with figures that move."""
    found = [path.relative_to(site).as_posix() for path, page in pages.items() if page.soup.select(".explore")]
    assert found, "no figure of the book moves"
    return found


@pytest.fixture(scope="module")
def live(pages, site):
    """The addresses of the pages with figures that compute in the browser."""
    found = [path.relative_to(site).as_posix() for path, page in pages.items() if page.soup.select(".live")]
    assert len(found) >= 2, f"figures that compute in the browser are on {found} only"
    return found
