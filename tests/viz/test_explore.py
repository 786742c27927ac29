"""viz.explore: what it refuses, what it draws, and that it is a live control exactly where there is a kernel."""

import base64
import io
import re
import subprocess
import sys
import textwrap
from urllib.parse import unquote

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from nbclient import NotebookClient
from PIL import Image

from coursekit.viz import explore as explore_function
from coursekit.viz.explore import MAX_BYTES, MAX_FRAMES, explore


def bars(height=1, width=1):
    figure, axes = plt.subplots(figsize=(2, 1))
    axes.bar([0], [height], [width])
    axes.set(xlim=(-3, 3), ylim=(0, 5))
    return figure


def parsed(figure):
    return BeautifulSoup(figure.to_html(), "html.parser")


def test_is_what_the_package_offers():
    assert explore_function is explore


def test_one_frame_for_each_combination_with_its_own_words():
    soup = parsed(explore(bars, alt="{height} high, {width} wide", height=[1, 2, 3], width=[0.5, 1]))
    assert [image["alt"] for image in soup.find_all("img")] == [
        f"{height} high, {width} wide" for height in (1, 2, 3) for width in (0.5, 1)
    ]
    assert len({image["src"] for image in soup.find_all("img")}) == 6


def test_without_javascript_only_the_first_frame_shows_and_no_dead_controls():
    soup = parsed(explore(bars, alt="bar {height}", height=range(1, 4)))
    assert [image.has_attr("hidden") for image in soup.find_all("img")] == [False, True, True]
    assert soup.select_one(".explore-controls").has_attr("hidden")


def test_each_control_has_a_visible_label_and_steps_over_the_right_number_of_frames():
    soup = parsed(explore(bars, alt="x", height=[1, 2, 3], width={"thin": 0.5, "wide": 2}))
    slider, menu = soup.select(".explore-control")
    assert slider.label.get_text(strip=True) == "height"
    assert slider.input["type"] == "range"
    assert (slider.input["max"], slider.input["data-stride"]) == ("2", "2")
    assert slider.output.get_text() == slider.input["aria-valuetext"] == "1"
    assert menu.label.find(string=True, recursive=False).strip() == "width"
    assert [option.get_text() for option in menu.select("option")] == ["thin", "wide"]
    assert menu.select_one("select")["data-stride"] == "1"
    assert soup.select_one("[role=group]")["aria-label"]
    assert soup.select_one("[role=status]").get_text() == ""


def test_strings_get_a_menu_and_numbers_from_a_generator_a_slider():
    soup = parsed(explore(lambda name, n: plt.title(f"{name} {n}"), alt="x", name=["a", "b"], n=(n for n in (1, 2))))
    assert [control.name for control in soup.select("input, select")] == ["select", "input"]


def test_output_is_the_same_every_time():
    figure = explore(bars, alt="bar {height}", height=[1, 2])
    assert figure.to_html() == figure.to_html()
    code = textwrap.dedent("""
        import sys, matplotlib.pyplot as plt
        from coursekit.viz import explore
        def draw(n):
            plt.plot(range(n)); plt.title("σ"); plt.scatter([1], [1], clip_on=True)
        sys.stdout.write(explore(draw, alt="{n}", n=[2, 3]).to_html())
    """)
    pages = [subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(2)]
    assert pages[0] == pages[1]
    assert b"20" + b"26-" not in pages[0]


def test_script_is_the_same_for_every_figure_and_names_no_host():
    one = parsed(explore(bars, alt="x", height=[1, 2]))
    other = parsed(explore(bars, alt="y", width={"a": 1, "b": 2}, height=[1, 2]))
    assert one.script.string == other.script.string
    assert len(one.script.string) < 2000
    assert "//" not in one.script.string + one.style.string
    assert "transition" not in one.style.string  # nothing moves by itself


def test_ids_cannot_collide():
    soup = parsed(explore(bars, alt="x", height=[1, 2]))
    assert not soup.find_all(id=True)
    assert all(image["src"].startswith("data:image/") for image in soup.find_all("img"))


def test_labels_and_texts_are_escaped():
    soup = parsed(explore(bars, alt='"<b>" & {height}', height={'<i>"&': 1, "2": 2}))
    assert [image["alt"] for image in soup.find_all("img")] == ['"<b>" & <i>"&', '"<b>" & 2']
    assert soup.option.get_text() == '<i>"&'
    assert soup.find("i") is None


def test_a_dict_option_gives_its_values_to_functions_and_its_labels_to_format_strings():
    seen = []

    def words(height):
        seen.append(height)
        return f"a bar {height} high"

    explore(bars, alt=words, height={"low": 1, "high": 4}).to_html()
    assert seen == [1, 4]
    assert parsed(explore(bars, alt="a {height} bar", height={"low": 1, "high": 4})).img["alt"] == "a low bar"


@pytest.mark.parametrize("way", ["current figure", "figure", "axes", "own current figure"])
def test_all_ways_to_draw(way):
    def draw(n):
        if way == "figure":
            figure = plt.figure(figsize=(2, 1))
            figure.add_subplot().plot(range(n))
            return figure
        if way == "axes":
            axes = plt.subplots(figsize=(2, 1))[1]
            axes.plot(range(n))
            return axes
        if way == "own current figure":
            plt.figure(figsize=(2, 1))
        else:
            plt.gcf().set_size_inches(2, 1)
        plt.plot(range(n))
        return None

    open_before = plt.figure()
    images = parsed(explore(draw, alt="a line", n=[2, 3])).find_all("img")
    assert len({image["src"] for image in images}) == 2
    assert {(image["width"], image["height"]) for image in images} == {("192", "96")}
    assert plt.get_fignums() == [open_before.number], "every figure that was opened for a frame is closed again"
    plt.close(open_before)


def test_frames_do_not_pile_up_on_each_other():
    def draw(n):
        plt.plot(range(n))
        counts.append(len(plt.gca().lines))

    counts = []
    explore(draw, alt="a line", n=[2, 3, 4]).to_html()
    assert counts == [1, 1, 1]


def test_photographs_stay_small_and_small_arrays_stay_exact():
    smooth = np.add.outer(np.arange(256), np.arange(256)) + np.random.default_rng(0).integers(0, 40, (256, 256))

    def photo(shift):
        plt.imshow(np.roll(smooth, shift), cmap="gray", interpolation="none")

    def kernel(shift):
        plt.imshow(np.roll(np.eye(3), shift), cmap="gray")

    assert len(explore(photo, alt="a ramp", shift=[0, 9]).to_html()) < 150_000
    with plt.rc_context({"image.interpolation": "nearest"}):
        html = explore(kernel, alt="a kernel", shift=[0, 1]).to_html()
    assert "image/svg+xml" in html
    (embedded, *_) = re.findall(r"data:image/(?:png|webp);base64,([\w+/=]+)", unquote(html))
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(embedded))).convert("L"))
    np.testing.assert_array_equal(pixels, 255 * np.eye(3), err_msg="three by three pixels are kept without loss")


def test_dense_scatter_becomes_pixels():
    points = np.random.default_rng(0).normal(size=(2, 20_000))
    html = explore(lambda k: plt.scatter(*points * k, s=1), alt="a cloud", k=[1, 2]).to_html()
    assert re.search(r'<img src="data:image/(webp|png)', html)


def test_too_many_frames_is_refused_at_once_with_the_way_out():
    with pytest.raises(ValueError, match=r"9 \(height\) x 5 \(width\) = 45 frames.*room for 40.*fewer values"):
        explore(bars, alt="x", height=range(9), width=range(5))
    explore(bars, alt="x", height=range(MAX_FRAMES))


def test_too_many_bytes_is_refused_with_the_way_out(monkeypatch):
    monkeypatch.setattr(sys.modules["coursekit.viz.explore"], "MAX_BYTES", 20_000)
    noise = np.random.default_rng(0).random((100, 100, 3))

    def draw(k):
        plt.gcf().set_size_inches(2, 2)
        plt.imshow(noise**k, interpolation="none")

    with pytest.raises(ValueError, match=r"kB for each of 5 frames; a page has room for 20 kB.*fewer values"):
        explore(draw, alt="noise", k=[1, 2, 3, 4, 5]).to_html()


def test_size_limit_is_met():
    figure = explore(bars, alt="x", height=np.linspace(0, 4, MAX_FRAMES))
    assert len(figure.to_html().encode()) <= MAX_BYTES


@pytest.mark.parametrize("alt", ["", "  ", "figure.png", lambda height: None])
def test_frames_need_words(alt):
    with pytest.raises(ValueError, match="alt must say in words"):
        explore(bars, alt=alt, height=[1]).to_html()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, ValueError, "at least one option"),
        ({"height": []}, ValueError, "height has no values"),
        ({"height": 3}, TypeError, "height must be a sequence"),
        ({"height": "tall"}, TypeError, "height must be a sequence"),
        ({"height": [1, 1]}, ValueError, "look the same"),
    ],
)
def test_options_are_checked(options, error, message):
    with pytest.raises(error, match=message):
        explore(bars, alt="x", **options)


def test_draw_and_alt_are_checked():
    with pytest.raises(TypeError, match="draw must be a function"):
        explore(bars(), alt="x", height=[1])
    with pytest.raises(TypeError, match="alt must be a format string"):
        explore(bars, alt=None, height=[1])
    plt.close("all")


def test_a_blank_frame_is_an_error():
    with pytest.raises(ValueError, match=r"drew nothing for .'n': 2"):
        explore(lambda n: None, alt="x", n=[2]).to_html()
    assert plt.get_fignums() == []


def test_outside_a_kernel_it_consists_of_frames(monkeypatch):
    monkeypatch.delenv("COURSEKIT_STATIC", raising=False)
    bundle = explore(bars, alt="x", height=[1, 2])._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    assert bundle["text/plain"] == "explore(bars, height: 1, 2)"


def test_imports_no_widgets_and_no_torch():
    code = "import sys, coursekit.viz.explore; assert not {'ipywidgets', 'torch', 'IPython'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


CELLS = """
import matplotlib.pyplot as plt
from coursekit.viz.explore import explore
drawn = []
def draw(n, colour):
    drawn.append(n)
    plt.plot(range(n), color=colour)
figure = explore(draw, alt="{n} points, {colour}", n=[2, 3, 4], colour={"red": "C3", "blue": "C0"})
---
figure
---
print(drawn)
---
live = figure.widget()
slider, menu, picture = live.children
slider.value = "4"
menu.value = "blue"
print(type(slider).__name__, type(menu).__name__, drawn[-1], picture.value.split('"')[-2], plt.get_fignums())
"""


@pytest.fixture(scope="module", params=["live", "static"])
def executed(request, tmp_path_factory):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS.split("---\n")])
    patch = pytest.MonkeyPatch()
    if request.param == "static":
        patch.setenv("COURSEKIT_STATIC", "1")
    else:
        patch.delenv("COURSEKIT_STATIC", raising=False)
    try:
        place = {"metadata": {"path": str(tmp_path_factory.mktemp("notebook"))}}
        NotebookClient(notebook, timeout=120, kernel_name="python3", resources=place).execute()
    finally:
        patch.undo()
    return request.param, [cell.outputs for cell in notebook.cells]


def test_in_a_kernel_it_is_a_widget_that_draws_one_frame_and_in_the_book_all_frames(executed):
    kind, (_, shown, drawn, _) = executed
    assert len(shown) == 1
    if kind == "live":
        assert "application/vnd.jupyter.widget-view+json" in shown[0].data
        assert "text/html" not in shown[0].data
        assert drawn[0].text == "[2]\n"
    else:
        assert set(shown[0].data) == {"text/plain", "text/html"}
        assert drawn[0].text == "[2, 2, 3, 3, 4, 4]\n"


def test_a_notebook_whose_first_figure_moves_still_shows_its_later_ones():
    """A frame that is the first thing drawn settles matplotlib's backend; that must not leave it non-interactive."""
    cells = [
        "import matplotlib.pyplot as plt\nfrom coursekit.viz import explore",
        "explore(lambda n: plt.plot([0, n])[0].figure, alt='A line to {n}', n=[1, 2])",
        "_ = plt.plot([1, 2])",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    assert any("image/png" in output.get("data", {}) for output in notebook.cells[-1].outputs)


def test_the_widget_redraws_with_alternative_text_and_leaves_no_figure_open(executed):
    (stream,) = executed[1][3]
    assert stream.name == "stdout"
    assert stream.text == "SelectionSlider Dropdown 4 4 points, blue []\n"
