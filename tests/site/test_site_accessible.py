"""axe-core, and the order of headings, on every page: what a reader with a screen reader or weak eyes would run into.

The theme around the article is not ours and has findings of its own: only the article is looked at. One page of the
browser goes through all addresses, and the theme is switched on the page, so that each is loaded once.
"""

from importlib import resources

import pytest
from browsing import needs_a_browser
from site_checks import ARTICLE

pytestmark = needs_a_browser

AXE = resources.files("axe_playwright_python").joinpath("axe.min.js")
# Contrast is measured for every text, and a chapter has thousands of coloured words in its code. One of each kind is
# enough: the same element, colour, size and weight on the same ground, in both themes. The rest of the code is kept as
# plain text, and what has no word of its own kind is taken out before contrast is measured.
RUN = """async selector => {
    const root = document.documentElement, found = [];
    const theme = name => { root.dataset.theme = root.dataset.mode = name };
    const run = async (name, context, rules) => {
        theme(name);
        const {violations} = await axe.run(context, {resultTypes: ["violations"], ...rules});
        for (const v of violations)
            for (const n of v.nodes) {
                /* A heading that is a formula: axe does not read MathML, screen readers do. */
                const formula = document.querySelector(n.target[0]).querySelector("math");
                if (v.id === "empty-table-header" && formula) continue;
                found.push(`${name}: ${v.id} (${v.help}): ${n.html.slice(0, 200)}`);
            }
    };
    const texts = [...document.querySelectorAll(`${selector} *`)].filter(e => !e.closest("mjx-container, script, style")
        && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()));
    const looks = e => {
        const own = getComputedStyle(e), key = [e.tagName, own.color, own.fontSize, own.fontWeight];
        for (let a = e; a; a = a.parentElement) {
            const {backgroundColor, backgroundImage, opacity} = getComputedStyle(a);
            if (backgroundColor !== "rgba(0, 0, 0, 0)" || backgroundImage !== "none" || opacity !== "1")
                key.push(backgroundColor, backgroundImage, opacity);
        }
        return key.join();
    };
    const keys = texts.map(() => "");
    for (const name of ["light", "dark"]) { theme(name); texts.forEach((e, i) => { keys[i] += looks(e); }); }
    const kinds = [...new Map(texts.map((e, i) => [keys[i], e]).reverse()).values()];
    const kept = new Set();
    for (let e of kinds) for (; e; e = e.parentElement) kept.add(e);

    for (const code of document.querySelectorAll("pre")) if (!kept.has(code)) code.textContent = code.textContent;
    await run("light", selector, {rules: {"color-contrast": {enabled: false}}});
    document.head.append(...document.querySelectorAll("body style"));
    for (const e of document.body.querySelectorAll("*"))
        if (!kept.has(e) && !e.parentElement?.closest("pre, p, li, td, th, dt, dd")) e.remove();
    for (const name of kinds.length ? ["light", "dark"] : [])
        await run(name, {include: kinds}, {runOnly: ["color-contrast"]});
    return [texts.length, kinds.length, found];
}"""


@pytest.fixture(scope="module")
def axe(browser):
    """axe(address) -> what axe-core finds in the article, in the light and in the dark."""
    script = AXE.read_text(encoding="utf-8")
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()

    def run(address):
        page.goto(address)
        page.evaluate("async () => { if (window.MathJax?.startup) await MathJax.startup.promise }")
        page.evaluate("() => new Promise(done => setTimeout(done, 50))")  # what waits for the formulas, too
        page.add_style_tag(content="*, *::before, *::after { transition: none !important; animation: none !important }")
        page.evaluate(script)
        return page.evaluate(RUN, ARTICLE)[-1]

    yield run
    context.close()


def test_no_page_has_what_axe_finds_in_either_theme(site, names, pages, axe):
    found = {name: axe((site / name).as_uri()) for name in names if pages[site / name].articles}
    assert {name: findings for name, findings in found.items() if findings} == {}


@pytest.mark.parametrize(
    ("html", "rule"),
    [
        ("<p>fine</p>", None),
        ("<img src='data:,'>", "light: image-alt"),
        ("<input>", "light: label"),
        ("<p style='color: #999'>pale</p>", "light: color-contrast"),
        ("<style>[data-theme=dark] p { color: #333; background: #111 }</style><p>dark</p>", "dark: color-contrast"),
        ("<h1>one</h1><h3>three</h3>", "light: heading-order"),
    ],
)
def test_axe_finds_what_is_wrong(tmp_path, axe, html, rule):
    article = f'<article class="bd-article">{html}</article>'
    (tmp_path / "page.html").write_text(f'<!doctype html><html lang="en"><title>page</title><main>{article}</main>')
    findings = axe((tmp_path / "page.html").as_uri())
    assert any(finding.startswith(rule) for finding in findings) if rule else findings == []
