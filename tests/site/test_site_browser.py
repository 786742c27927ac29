"""The pages of the built site in a real browser: from a file and from a server, wide and narrow.

Leaves a screenshot of every page in _build/screenshots (wide and phone, light), to be looked at.
"""

import functools
import http.server
import shutil
import threading
from pathlib import Path

import pytest
from browsing import needs_a_browser

REPOSITORY = Path(__file__).resolve().parents[2]
PHONE = {"width": 375, "height": 800}
WIDER_THAN_THE_PHONE = """() => {
    const width = document.documentElement.clientWidth, found = [];
    const scrolls = e => e && (["auto", "scroll"].includes(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
    if (document.documentElement.scrollWidth > width) found.push(`page: ${document.documentElement.scrollWidth} px`);
    for (const e of document.querySelectorAll(".bd-article :is(p, li, h1, h2, h3, figcaption, img, .explore-control)"))
        if (e.getBoundingClientRect().right > width + 1 && !scrolls(e)) found.push(e.outerHTML.slice(0, 80));
    return found }"""

pytestmark = needs_a_browser


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
def take_screenshot():
    """take_screenshot(visit, name, kind) -> a file in _build/screenshots, which starts empty."""
    folder = REPOSITORY / "_build" / "screenshots"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)

    def taken(visit, name, kind):
        path = folder / f"{name.removesuffix('.html').replace('/', '-')}-{kind}.png"
        visit.page.screenshot(path=path, full_page=True)

    return taken


def misset_formulas(visit, formulas):
    """What is wrong with the formulas of a page that should have so many."""
    found, wrong, spoken = visit.page.evaluate("""() => [
        document.querySelectorAll(".bd-article mjx-container").length,
        document.querySelectorAll("mjx-merror, [data-mjx-error]").length,
        document.querySelectorAll("mjx-assistive-mml").length]""")
    if found < formulas:
        yield f"{formulas} formulas, {found} set"
    if wrong:
        yield f"{wrong} formulas with an error"
    if spoken != found:
        yield f"{found} formulas, {spoken} of them as MathML for screen readers"


# Loading a page of hundreds of formulas takes seconds, so each is loaded twice, and not once for every question.


def test_every_page_from_a_file_on_a_phone(site, names, pages, open_page, take_screenshot):
    """No error, no other host, every formula set, and nothing wider than the screen but what scrolls by itself."""
    wrong, formulas = {}, 0
    for name in names:
        visit = open_page((site / name).as_uri(), idle=True, viewport=PHONE, is_mobile=True, has_touch=True)
        count = len(pages[site / name].soup.select(".bd-article .math"))
        formulas += count
        complaints = visit.errors + visit.elsewhere + visit.page.evaluate(WIDER_THAN_THE_PHONE)
        complaints += misset_formulas(visit, count)
        if complaints:
            wrong[name] = complaints
        take_screenshot(visit, name, "phone")
    assert wrong == {}
    assert formulas > 0, "no formula in the whole book?"


def test_every_page_from_a_server_on_a_desk(server, names, open_page, take_screenshot):
    """No error, and no other host."""
    host, address = server
    wrong = {}
    for name in names:
        visit = open_page(f"{address}/{name}", own_host=host, idle=True)
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


def test_the_search_finds_from_a_file(site, open_page):
    visit = open_page((site / "book/index.html").as_uri())
    button = visit.page.locator(".search-button-field:visible, .search-button:visible").first
    button.click()
    visit.page.locator("input[name=q]:visible").first.fill("equivariance")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url("**/search.html?q=equivariance*")
    visit.page.wait_for_selector("#search-results li a")
    found = [link.get_attribute("href") for link in visit.page.query_selector_all("#search-results li a")]
    assert any("convolution" in address for address in found), found
    assert visit.errors == []


def test_the_button_switches_between_light_and_dark(site, open_page):
    visit = open_page((site / "book/index.html").as_uri())
    look = "() => [document.documentElement.dataset.theme, getComputedStyle(document.body).backgroundColor]"
    seen = [visit.page.evaluate(look)]
    for _ in range(2):  # from what the system says to light, then dark
        visit.page.locator(".theme-switch-button:visible").first.click()
        visit.page.wait_for_timeout(400)
        seen.append(visit.page.evaluate(look))
    assert [theme for theme, _ in seen] == ["light", "light", "dark"] or [t for t, _ in seen][-2:] == ["dark", "light"]
    assert len({colour for _, colour in seen}) == 2
    visit.page.reload()
    assert visit.page.evaluate(look)[0] == seen[-1][0], "the choice is kept"


def test_who_reads_in_the_dark_prints_on_white(site, live, open_page):
    visit = open_page((site / live[0]).as_uri(), color_scheme="dark")
    colour = "() => getComputedStyle(document.querySelector('.bd-article p')).color.match(/\\d+/g).map(Number)"
    assert min(visit.page.evaluate(colour)) > 128
    visit.page.emulate_media(media="print")
    visit.page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert max(visit.page.evaluate(colour)) < 128
    assert not visit.page.locator(".live-controls").first.is_visible()
    visit.page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    assert min(visit.page.evaluate(colour)) > 128
