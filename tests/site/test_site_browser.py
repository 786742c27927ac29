"""The built site in a real browser: from a file and from a server, wide and narrow, by mouse and by keyboard.

Leaves a screenshot of every page in _build/screenshots (wide and phone, light), to be looked at.
"""

import functools
import http.server
import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 800}
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WIDER_THAN_THE_PHONE = """() => {
    const width = document.documentElement.clientWidth, found = [];
    const scrolls = e => e && (["auto", "scroll"].includes(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
    if (document.documentElement.scrollWidth > width) found.push(`page: ${document.documentElement.scrollWidth} px`);
    for (const e of document.querySelectorAll(".bd-article :is(p, li, h1, h2, h3, figcaption, img, .explore-control)"))
        if (e.getBoundingClientRect().right > width + 1 && !scrolls(e)) found.push(e.outerHTML.slice(0, 80));
    return found }"""

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine (Debian, Ubuntu: apt install chromium)"
)


@dataclass
class Visit:
    """What one page did when it was opened."""

    page: object
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def settle(self, idle):
        """Wait until everything is loaded and all formulas are set; with `idle` also until half a second is quiet."""
        self.page.wait_for_load_state("load")
        self.page.evaluate("async () => { if (window.MathJax?.startup) await MathJax.startup.promise }")
        self.page.evaluate("async () => { await document.fonts.ready }")
        if idle:
            self.page.wait_for_load_state("networkidle")


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser):
    """open_page(url, **options of the browser context) -> Visit; closed when the next one is opened."""
    contexts = []

    def opened(url, own_host="", idle=False, **options):
        while contexts:  # dozens of open pages make each other slow
            contexts.pop().close()
        context = browser.new_context(**{"viewport": WIDE, "color_scheme": "light", **options})
        contexts.append(context)
        visit = Visit(context.new_page())
        visit.page.on("console", lambda said: said.type == "error" and visit.errors.append(said.text))
        visit.page.on("pageerror", lambda error: visit.errors.append(str(error)))
        visit.page.on("requestfailed", lambda request: visit.errors.append(f"failed: {request.url[:100]}"))
        visit.page.on("request", lambda request: note_host(visit, request.url, own_host))
        visit.page.goto(url)
        visit.settle(idle)
        return visit

    yield opened
    for context in contexts:
        context.close()


def note_host(visit, url, own_host):
    parts = urlsplit(url)
    if parts.scheme not in ("file", "data", "blob", "about") and parts.netloc != own_host:
        visit.elsewhere.append(url)


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def server(site):
    """A host that serves the site in a folder (not at its root, as many hosts do). -> (host, address of the site)"""
    handler = functools.partial(QuietHandler, directory=site.parent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        host = f"127.0.0.1:{running.server_address[1]}"
        yield host, f"http://{host}/{site.name}"
        running.shutdown()


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
def take_screenshot():
    """take_screenshot(visit, name, kind) -> a file in _build/screenshots, which starts empty."""
    folder = REPOSITORY / "_build" / "screenshots"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)

    def taken(visit, name, kind):
        path = folder / f"{name.removesuffix('.html').replace('/', '-')}-{kind}.png"
        visit.page.screenshot(path=path, full_page=True)

    return taken


def test_every_page_opens_from_a_file_asks_no_host_and_reports_no_error(site, names, open_page, take_screenshot):
    wrong = {}
    for name in names:
        visit = open_page((site / name).as_uri(), idle=True)
        if visit.errors or visit.elsewhere:
            wrong[name] = visit.errors + visit.elsewhere
        take_screenshot(visit, name, "wide")
    assert wrong == {}


def test_the_front_door_opens(site, server, browser):
    for address in ((site / "index.html").as_uri(), server[1] + "/", server[1] + "/index.html"):
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector("article h1")
        page.close()


def test_every_page_opens_from_a_server_asks_no_other_host_and_reports_no_error(server, names, open_page):
    host, address = server
    wrong = {}
    for name in names:
        visit = open_page(f"{address}/{name}", own_host=host, color_scheme="dark", idle=True)
        if visit.errors or visit.elsewhere:
            wrong[name] = visit.errors + visit.elsewhere
    assert wrong == {}


def test_formulas_are_set(site, pages, open_page):
    counted = 0
    for path, page in pages.items():
        formulas = len(page.soup.select(".bd-article .math"))
        if formulas:
            visit = open_page(path.as_uri())
            counts = visit.page.evaluate("""() => [
                document.querySelectorAll(".bd-article mjx-container").length,
                document.querySelectorAll("mjx-merror, [data-mjx-error]").length,
                document.querySelectorAll("mjx-assistive-mml").length]""")
            assert counts[0] >= formulas, f"{path.relative_to(site)}: {formulas} formulas, {counts[0]} set"
            assert counts[1] == 0, f"{path.relative_to(site)}: {counts[1]} formulas with an error"
            assert counts[2] == counts[0], "screen readers get every formula as MathML"
            counted += formulas
    assert counted > 0, "no formula in the whole book?"


def test_no_page_scrolls_sideways_on_a_phone(site, names, open_page, take_screenshot):
    wrong = {}
    for name in names:
        visit = open_page((site / name).as_uri(), viewport=PHONE, is_mobile=True, has_touch=True)
        wide = visit.page.evaluate(WIDER_THAN_THE_PHONE)
        if wide:
            wrong[name] = wide
        take_screenshot(visit, name, "phone")
    assert wrong == {}


VISIBLE = """figure => [...figure.querySelectorAll("img")].flatMap((frame, i) =>
    frame.checkVisibility() && frame.naturalWidth > 0 && frame.getBoundingClientRect().width > 100 ? [i] : [])"""


def visible(figure):
    """The number of the one frame that is seen."""
    seen = figure.evaluate(VISIBLE)
    assert len(seen) == 1, f"frames {seen} are visible, there must be exactly one"
    return seen[0]


def test_moving_figures_move_by_keyboard(site, moving, open_page):
    for name in moving:
        visit = open_page((site / name).as_uri())
        for figure in visit.page.query_selector_all(".explore"):
            assert visible(figure) == 0
            for control in figure.query_selector_all("input, select"):
                before, stride = visible(figure), int(control.get_attribute("data-stride"))
                control.focus()
                visit.page.keyboard.press("ArrowRight" if control.evaluate("e => e.type") == "range" else "ArrowDown")
                assert visible(figure) == before + stride, "an arrow key moves one step"
                visit.page.keyboard.press("Home")
                assert visible(figure) == before
                visit.page.keyboard.press("End")
                last = visible(figure)
                assert last > before
                visit.page.wait_for_timeout(600)
                shown = figure.evaluate(f"figure => figure.querySelectorAll('img')[{last}].alt")
                assert figure.query_selector("[role=status]").text_content() == shown, "what is seen is also said"
        assert visit.errors == []


def test_moving_figures_move_by_mouse_and_say_their_value(site, moving, open_page):
    for name in moving:
        visit = open_page((site / name).as_uri())
        for figure in visit.page.query_selector_all(".explore"):
            for slider in figure.query_selector_all("input"):
                before, box = visible(figure), slider.bounding_box()
                slider.scroll_into_view_if_needed()
                slider.click(position={"x": box["width"] - 2, "y": box["height"] / 2})
                assert visible(figure) > before
                output = figure.evaluate(
                    "(figure, input) => input.closest('.explore-control').querySelector('output').value", slider
                )
                assert output == slider.get_attribute("aria-valuetext")
            for menu in figure.query_selector_all("select"):
                before = visible(figure)
                menu.select_option(index=1)
                assert visible(figure) == before + int(menu.get_attribute("data-stride"))


def test_moving_figures_show_their_first_frame_without_javascript(site, moving, open_page):
    for name in moving:
        visit = open_page((site / name).as_uri(), java_script_enabled=False)
        for figure in visit.page.locator(".explore").all():
            frames = figure.locator("img")
            assert [frames.nth(i).is_visible() for i in range(frames.count())] == [True] + [False] * (
                frames.count() - 1
            )
            assert not figure.locator(".explore-controls").is_visible(), "no controls that do nothing"


def test_a_moving_figure_keeps_its_size(site, moving, open_page):
    for name in moving:
        visit = open_page((site / name).as_uri())
        sizes = visit.page.evaluate("""() => [...document.querySelectorAll(".explore")].map(figure => new Set(
            [...figure.querySelectorAll("img")].map(i => i.getAttribute("width") + i.getAttribute("height"))).size)""")
        assert set(sizes) == {1}, f"{name}: frames of different sizes make the text below jump"


@pytest.mark.parametrize(
    ("html", "errors", "elsewhere"),
    [
        ("<p>fine</p>", 0, 0),
        ("<script>throw new Error('x')</script>", 1, 0),
        ("<script>console.error('x')</script>", 1, 0),
        ("<img src='gone.png'>", 1, 0),
        ("<img src='http://host.invalid/a.png'>", 1, 1),
        ("<script>fetch('http://host.invalid/').catch(() => 0)</script>", 1, 1),
    ],
)
def test_the_browser_notices_errors_and_other_hosts(tmp_path, open_page, html, errors, elsewhere):
    (tmp_path / "page.html").write_text(f"<!doctype html>{html}")
    visit = open_page((tmp_path / "page.html").as_uri(), idle=True)
    assert (bool(visit.errors), len(visit.elsewhere)) == (bool(errors), elsewhere)
