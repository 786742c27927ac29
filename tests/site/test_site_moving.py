"""The figures that move, in a real browser: by mouse and by keyboard, and without script.

Apart from the other tests in a browser, so that both can run at the same time. What is drawn in advance is moved here;
of the figures that compute, tested in test_live_figures.py, only what the page adds.
"""

import base64
import json

import numpy as np
from browsing import needs_a_browser

from coursekit import data, nets
from coursekit.scratch import nn

pytestmark = needs_a_browser

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


def test_live_figures_come_to_life(site, live, open_page):
    for name in live:
        visit = open_page((site / name).as_uri())
        for figure in visit.page.query_selector_all(".live"):
            assert figure.query_selector(".live-body").is_visible()
            assert not figure.query_selector(".live-instead").is_visible()
        assert visit.errors == []


def weights_in(layers):
    """The weights that a page carries, as a state_dict."""
    found = {}
    for layer in layers:
        for part in {"weight", "bias"} & set(layer):
            numbers = np.frombuffer(base64.b64decode(layer[part]["f2"]), "<f2")
            found[f"{layer['name']}.{part}"] = numbers.reshape(layer[part]["shape"]).astype(np.float32)
    return found


def test_the_network_on_the_page_reads_digits_and_is_the_package_s_lenet(site, live, pages, open_page):
    (name,) = [name for name in live if pages[site / name].soup.select(".draw_a_digit")]
    visit = open_page((site / name).as_uri())
    figure = visit.page.query_selector(".draw_a_digit")
    carried = json.loads(figure.query_selector("script").text_content())
    model = nets.lenet5(nn)
    model.load_state_dict(weights_in(carried["layers"]))

    digits = data.load("mnist", "test")
    images, labels = digits.images[:300], digits.labels[:300]
    script = "(f, images) => JSON.stringify(images.map(image => [...f.forward(image).at(-1).values]))"
    logits = np.array(json.loads(figure.evaluate(script, images.reshape(300, 784).tolist())))
    theirs = model((images - np.float32(carried["mean"])) / np.float32(carried["std"])).detach().numpy()
    np.testing.assert_allclose(logits, theirs, atol=1e-4)  # one side in double, the other in single precision
    assert np.mean(logits.argmax(axis=1) == labels) > 0.97

    menu = figure.query_selector("select")  # the network's own mistakes are among the examples
    for text in [option.text_content() for option in menu.query_selector_all("option")]:
        if "it takes for a" in text:
            menu.select_option(label=text)
            visit.page.wait_for_timeout(1100)
            assert f"Taken for {text[-1]}," in figure.query_selector("[role=status]").text_content()
