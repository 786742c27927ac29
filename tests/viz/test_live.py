"""Figures that compute in the browser: what they refuse, and what goes into the page.

What the scripts do is tested in a browser, in tests/site/test_live_figures.py.
"""

import base64
import json

import numpy as np
import pytest
import torch
from bs4 import BeautifulSoup

from coursekit import nets, viz
from coursekit.scratch import nn
from coursekit.viz.live import packed

IDENTITY = {"identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]]}
EMPTY = {"an empty page": np.zeros((28, 28))}


def data_of(figure):
    return json.loads(BeautifulSoup(figure.to_html(), "html.parser").select_one(".live script").string)


@pytest.mark.parametrize("library", [nn, torch.nn])
def test_the_weights_of_either_backend_are_in_the_page(library):
    model = nets.lenet5(library)
    layers = {layer["name"]: layer for layer in data_of(viz.draw_a_digit(model, EMPTY))["layers"]}
    assert list(layers) == [name for name, _ in model.named_children()]
    for name in ("C1", "C3", "C5", "F6", "output"):
        for part in ("weight", "bias"):
            kept = np.frombuffer(base64.b64decode(layers[name][part]["f2"]), "<f2").reshape(layers[name][part]["shape"])
            theirs = getattr(getattr(model, name), part)
            np.testing.assert_array_equal(kept, np.asarray(theirs.detach()).astype(np.float16))
    assert (layers["C1"]["padding"], layers["C1"]["stride"], layers["S2"]["size"]) == (2, 1, 2)


def test_photograph_and_kernels_are_in_the_page():
    photograph = np.arange(20).reshape(4, 5) / 255
    data = data_of(viz.try_kernels(photograph, IDENTITY))
    assert list(base64.b64decode(data["photograph"]["u1"])) == list(range(20))
    assert data["kernels"] == {"identity": [0, 0, 0, 0, 1, 0, 0, 0, 0]}
    assert (data["first"], data["window"]) == ("identity", [2, 2])


def test_names_cannot_break_out_of_the_page():
    html = viz.try_kernels(np.zeros((4, 4)), {"</script><b>": IDENTITY["identity"]}).to_html()
    assert "<b>" not in html
    assert "</script><b>" in data_of(viz.try_kernels(np.zeros((4, 4)), {"</script><b>": np.eye(3)}))["kernels"]


def test_a_notebook_gets_the_figure_and_a_terminal_one_line():
    bundle = viz.try_kernels(np.zeros((4, 4)), IDENTITY)._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    assert bundle["text/plain"] == "try_kernels: A photograph of 4 by 4 pixels and a kernel to change"


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((np.zeros((4, 4, 3)), IDENTITY), {}, r"photograph: shape \(4, 4, 3\)"),
        ((np.full((4, 4), 255), IDENTITY), {}, "from 255 to 255; expected"),
        ((np.zeros((2, 4)), IDENTITY), {}, "at least 3 by 3"),
        ((np.zeros((4, 4)), {"long": np.ones((3, 5))}), {}, r"kernels: 'long' has shape \(3, 5\)"),
        ((np.zeros((4, 4)), IDENTITY), {"first": "blur"}, "first: 'blur' is not among identity"),
    ],
)
def test_try_kernels_says_what_is_wrong(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        viz.try_kernels(*arguments, **options)


@pytest.mark.parametrize(
    ("layer", "error", "message"),
    [
        (nn.Sigmoid(), TypeError, "model: 0 is a Sigmoid"),
        (nn.Conv2d(1, 2, 3, dilation=2), ValueError, r"model: 0 has dilation=\(2, 2\)"),
        (nn.Conv2d(2, 2, 3, groups=2), ValueError, "model: 0 has groups=2"),
        (nn.Conv2d(1, 2, 3, stride=(1, 2)), ValueError, r"model: 0 has stride=\(1, 2\)"),
        (nn.MaxPool2d(3, padding=1), ValueError, "model: 0 has padding=1"),
        (torch.nn.Conv2d(1, 2, 3, padding="same"), ValueError, "model: 0 has padding='same'"),
    ],
)
def test_draw_a_digit_refuses_what_the_script_cannot_compute(layer, error, message):
    library = torch.nn if isinstance(layer, torch.nn.Module) else nn
    with pytest.raises(error, match=message):
        viz.draw_a_digit(library.Sequential(layer), EMPTY)


@pytest.mark.parametrize("image", [np.zeros((28, 27)), np.full((28, 28), 2.0), -np.ones((28, 28))])
def test_draw_a_digit_refuses_other_images(image):
    with pytest.raises(ValueError, match="examples: 'x' has shape"):
        viz.draw_a_digit(nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), {"x": image})


def test_a_network_that_is_too_large_for_a_page_is_refused():
    with pytest.raises(ValueError, match="a page has room for 300 kB"):
        viz.draw_a_digit(nets.mlp(nn, [784, 256, 10]), EMPTY).to_html()


@pytest.mark.parametrize(("array", "dtype"), [([1e6], "f2"), ([np.nan], "f2"), ([256.0], "u1"), ([0.5], "u1")])
def test_numbers_that_do_not_fit_are_refused(array, dtype):
    with pytest.raises(ValueError, match="do not fit into"):
        packed(array, dtype)
