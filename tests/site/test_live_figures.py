"""Figures that compute in the browser: the same numbers as in Python, by mouse, by finger and by keyboard.

On a page of their own, which needs no built book; the book's pages are opened in test_site_live.py.
"""

import json

import numpy as np
import pytest
from browsing import needs_a_browser
from bs4 import BeautifulSoup

from coursekit import data, nets, scratch, viz
from coursekit.scratch import nn
from coursekit.viz.explore import MAX_BYTES

pytestmark = needs_a_browser

KERNELS = {"identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]], "slanted": [[0.5, 1, 2], [-1, 0, 1], [-2, -1, -0.25]]}
MEAN, STD = 0.13, 0.31
RNG = np.random.default_rng(0)
PHOTOGRAPH = RNG.integers(0, 256, (20, 30)) / 255
DIGITS = data.load("mnist", "test").images[:20, 0].astype(float)
SEVEN = DIGITS[0]
TOLERANCE = 1e-9  # of the logits: both sides compute in double precision


def halves(model):
    """The model with the weights that the page has: half precision, here computed with in double precision."""
    for parameter in model.parameters():
        parameter.data = np.asarray(parameter.data).astype(np.float16).astype(float)
    return model


@pytest.fixture(scope="module")
def model():
    scratch.manual_seed(0)
    return halves(nets.lenet5(nn))


@pytest.fixture(scope="module")
def fragments(model):
    return {
        "digit": viz.draw_a_digit(model, {"a 7": SEVEN}, mean=MEAN, std=STD).to_html(),
        "kernels": viz.try_kernels(PHOTOGRAPH, KERNELS).to_html(),
    }


@pytest.fixture
def show(open_page, tmp_path, fragments):
    """show("digit" or "kernels", **options of the browser) -> (visit, the figure)."""

    def shown(name, **options):
        page = tmp_path / f"{name}.html"
        head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>figure</title>'
        page.write_text(f"<!doctype html><html lang=en>{head}<body>{fragments[name]}", encoding="utf-8")
        visit = open_page(page.as_uri(), **options)
        return visit, visit.page.query_selector(".live")

    return shown


def forward(figure, image):
    """What the script's layers say to an image."""
    said = figure.evaluate(
        "(f, image) => JSON.stringify(f.forward(image).map(h => [...h.values]))", image.ravel().tolist()
    )
    return json.loads(said)


def expected(model, image):
    """What the layers of the package say to it."""
    h, said = scratch.tensor((image.reshape(1, 1, 28, 28) - MEAN) / STD), []
    for _, layer in model.named_children():
        h = layer(h)
        said.append(h.detach().numpy().ravel())
    return said


@pytest.mark.parametrize("name", ["digit", "kernels"])
def test_a_figure_is_small_and_needs_nothing(fragments, show, name):
    assert len(fragments[name].encode()) < MAX_BYTES
    visit, _ = show(name, idle=True)
    assert visit.errors == []
    assert visit.elsewhere == []


@pytest.mark.parametrize("name", ["digit", "kernels"])
def test_without_javascript_one_sentence_says_what_is_missing(show, name):
    visit, _ = show(name, java_script_enabled=False)
    assert "JavaScript" in visit.page.locator(".live-instead").inner_text()
    assert not visit.page.locator(".live-body").is_visible(), "no controls that do nothing"


@pytest.mark.parametrize("name", ["digit", "kernels"])
def test_a_figure_fits_on_a_phone(show, name):
    visit, _ = show(name, viewport={"width": 375, "height": 800}, is_mobile=True, has_touch=True)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 375


@pytest.mark.parametrize("name", ["digit", "kernels"])
def test_every_control_has_a_name(fragments, name):
    soup = BeautifulSoup(fragments[name], "html.parser")
    for control in soup.select("input, select, button, canvas[tabindex]"):
        label = control.find_parent("label") or control
        assert label.get_text(strip=True) or control.get("aria-label"), control


def test_the_layers_say_what_those_of_the_package_say(show, model):
    _, figure = show("digit")
    for image in [*DIGITS, np.zeros((28, 28)), *RNG.random((20, 28, 28))]:
        said, wanted = forward(figure, image), expected(model, image)
        assert len(said) == len(wanted) == 12
        for ours, theirs in zip(said, wanted, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=TOLERANCE)


def test_other_networks_than_lenet(open_page, tmp_path):
    scratch.manual_seed(1)
    model = nn.Sequential(
        nn.Conv2d(1, 3, (3, 5), stride=2, padding=1, bias=False),
        nn.ReLU(),
        nn.MaxPool2d(3, stride=2),
        nn.Conv2d(3, 5, 2),
        nn.Flatten(),
        nn.Linear(5 * 5 * 5, 10),
    )
    page = tmp_path / "page.html"
    page.write_text(viz.draw_a_digit(halves(model), {"a 7": SEVEN}, mean=MEAN, std=STD).to_html())
    figure = open_page(page.as_uri()).page.query_selector(".live")
    image = RNG.random((28, 28))
    for ours, theirs in zip(forward(figure, image), expected(model, image), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=TOLERANCE)


def picture(figure):
    """The 28 × 28 pixels that the network gets."""
    return np.reshape(figure.evaluate("f => [...f.image]"), (28, 28))


def settled(visit):
    """Wait until the next picture is on the screen."""
    visit.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


PICTURES = "f => [...f.querySelectorAll('.live-layers canvas')].map(c => c.toDataURL())"


def test_drawing_changes_every_layer_and_the_answer(show, model):
    visit, figure = show("digit")
    np.testing.assert_allclose(picture(figure), SEVEN, atol=1e-7)  # in its place already
    before = figure.evaluate(PICTURES), figure.query_selector(".live-scores").inner_text()
    figure.query_selector("button").click()
    settled(visit)
    assert picture(figure).max() == 0
    box = figure.query_selector(".live-pad canvas").bounding_box()
    mouse = visit.page.mouse
    mouse.move(box["x"] + 60, box["y"] + 60)
    mouse.down()
    for step in range(12):
        mouse.move(box["x"] + 60 + 8 * step, box["y"] + 60 + 9 * step)
    mouse.up()
    settled(visit)
    drawn = picture(figure)
    rows, columns = np.nonzero(drawn)
    assert max(np.ptp(rows), np.ptp(columns)) == 19, "20 pixels, as in MNIST"
    centre = np.array([drawn.sum(1) @ np.arange(28), drawn.sum(0) @ np.arange(28)]) / drawn.sum()
    assert np.abs(centre - 14).max() <= 0.5
    after = figure.evaluate(PICTURES), figure.query_selector(".live-scores").inner_text()
    assert all(a != b for a, b in zip(before[0], after[0], strict=True)), "every layer is drawn anew"
    logits = expected(model, drawn)[-1]
    shares = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    texts = [line for line in after[1].split("\n") if "%" in line]
    assert texts == [f"{100 * share:.0f} %" for share in shares]
    visit.page.wait_for_timeout(1000)
    assert f"Taken for {logits.argmax()}," in figure.query_selector("[role=status]").text_content()
    assert visit.errors == []


def test_a_finger_draws_and_the_page_stays(show):
    visit, figure = show("digit", viewport={"width": 375, "height": 800}, is_mobile=True, has_touch=True)
    figure.query_selector("button").click()
    pad = figure.query_selector(".live-pad canvas")
    assert pad.evaluate("e => getComputedStyle(e).touchAction") == "none"
    pad.tap(position={"x": 50, "y": 80})
    settled(visit)
    assert picture(figure).max() > 0.5


def test_the_keyboard_draws(show):
    visit, figure = show("digit")
    figure.query_selector("button").press("Enter")
    figure.query_selector("input[type=checkbox]").press("Space")
    pad, keys = figure.query_selector(".live-pad canvas"), visit.page.keyboard
    pad.focus()
    for key in ["ArrowUp"] * 5 + ["Space"] + ["ArrowDown"] * 10 + ["Space"] + ["ArrowRight"] * 9:
        keys.press(key)
    settled(visit)
    rows, columns = np.nonzero(picture(figure) > 0.5)
    assert set(columns) <= {13, 14}, "an upright stroke in the middle, and nothing while the pen is up"
    assert 9 <= np.ptp(rows) <= 11
    keys.press("Tab")
    assert pad.evaluate("e => document.activeElement !== e"), "the keyboard is not caught"
    assert visit.errors == []


def test_a_digit_moves_by_whole_pixels(show):
    visit, figure = show("digit")
    across, down = figure.query_selector_all("input[type=range]")
    for key in ["ArrowRight"] * 3:
        across.press(key)
    for key in ["ArrowLeft"] * 2:
        down.press(key)
    settled(visit)
    np.testing.assert_allclose(picture(figure), np.roll(SEVEN, (-2, 3), axis=(0, 1)), atol=1e-7)
    assert [o.inner_text() for o in figure.query_selector_all("label output")] == ["3", "-2"]


def correlated(photograph, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(photograph, (3, 3))
    return np.einsum("ijst,st->ij", windows, np.asarray(kernel, float))


def test_the_kernel_is_applied_as_in_the_package(show):
    _, figure = show("kernels")
    for kernel in [*KERNELS.values(), *RNG.normal(size=(5, 3, 3))]:
        found = figure.evaluate("(f, k) => [...f.map(k)]", np.ravel(kernel).tolist())
        wanted = correlated(PHOTOGRAPH, kernel)
        np.testing.assert_allclose(np.reshape(found, wanted.shape), wanted, atol=1e-12)
        theirs = scratch.kernels.conv2d(PHOTOGRAPH[None, None], np.asarray(kernel, float)[None, None])
        np.testing.assert_allclose(theirs[0, 0], wanted, atol=1e-12)


def numbers(figure, part):
    read = [e.inner_text() for e in figure.query_selector_all(f"[data-part={part}] > *")]
    return np.array([float(text.replace("−", "-")) for text in read]).reshape(3, 3)


def total(figure):
    return float(figure.query_selector(".live-total output").inner_text().replace("−", "-"))


def test_the_window_shows_its_products_and_their_sum(show):
    visit, figure = show("kernels")
    figure.query_selector("select").select_option("slanted")
    photograph = figure.query_selector("canvas")
    box = photograph.bounding_box()
    visit.page.mouse.move(box["x"] + 10.5 / 30 * box["width"], box["y"] + 6.5 / 20 * box["height"])
    window, kernel = PHOTOGRAPH[5:8, 9:12], np.array(KERNELS["slanted"])
    np.testing.assert_allclose(numbers(figure, "pixels"), window, atol=0.0051)
    np.testing.assert_allclose(numbers(figure, "products"), window * kernel, atol=0.0051)
    assert total(figure) == pytest.approx((window * kernel).sum(), abs=0.0051)
    photograph.focus()
    for key in ["ArrowRight", "ArrowRight", "ArrowDown"]:
        visit.page.keyboard.press(key)
    assert total(figure) == pytest.approx((PHOTOGRAPH[6:9, 11:14] * kernel).sum(), abs=0.0051)
    for _ in range(40):
        visit.page.keyboard.press("ArrowUp")
    assert total(figure) == pytest.approx((PHOTOGRAPH[0:3, 11:14] * kernel).sum(), abs=0.0051)
    visit.page.wait_for_timeout(800)
    assert figure.query_selector("[role=status]").text_content().startswith("Row 1, column 12: the sum is ")


def test_numbers_change_by_typing_by_keys_and_by_dragging(show):
    visit, figure = show("kernels")
    middle = figure.query_selector_all("[data-part=kernel] input")[4]
    label = "f => f.querySelectorAll('canvas')[1].getAttribute('aria-label')"
    assert "add up to 1." in figure.evaluate(label)
    middle.fill("2.5")
    assert "“your own”" in figure.evaluate(label)
    assert "add up to 2.5." in figure.evaluate(label)
    middle.press("ArrowUp")
    middle.press("Shift+ArrowDown")
    assert middle.input_value() == "1.75"
    middle.fill("")
    assert "add up to 0." in figure.evaluate(label), "no number counts as nothing"
    middle.fill("1")
    box = middle.bounding_box()
    x, y = box["x"] + 20, box["y"] + 20
    visit.page.mouse.move(x, y)
    visit.page.mouse.down()
    visit.page.mouse.move(x, y - 33, steps=5)
    assert middle.input_value() == "2"
    visit.page.mouse.move(x, y + 33, steps=5)
    visit.page.mouse.up()
    assert middle.input_value() == "0"
    visit.page.mouse.move(x, y - 60)
    assert middle.input_value() == "0", "only while the button is down"
    assert visit.errors == []


def test_turning_makes_a_convolution_of_it(show):
    _, figure = show("kernels")
    figure.query_selector("select").select_option("slanted")
    figure.query_selector("button").press("Enter")
    inputs = [float(e.input_value()) for e in figure.query_selector_all("[data-part=kernel] input")]
    assert np.reshape(inputs, (3, 3)).tolist() == np.array(KERNELS["slanted"])[::-1, ::-1].tolist()


def test_the_result_is_drawn_in_grey_or_with_signs(show):
    _, figure = show("kernels")
    pixel = """f => { const c = f.querySelectorAll("canvas")[1];
        return [...c.getContext("2d").getImageData(3 * 4 + 1, 3 * 4 + 1, 1, 1).data] }"""
    assert figure.evaluate(pixel) == [round(255 * PHOTOGRAPH[4, 4])] * 3 + [255]
    middle = figure.query_selector_all("[data-part=kernel] input")[4]
    middle.fill("0")
    figure.query_selector_all("[data-part=kernel] input")[0].fill("3")
    figure.query_selector_all("[data-part=kernel] input")[8].fill("-3")
    red, _, blue, _ = figure.evaluate(pixel)
    assert np.sign(red - blue) == np.sign(PHOTOGRAPH[3, 3] - PHOTOGRAPH[5, 5])
