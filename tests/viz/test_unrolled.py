"""A recurrent network unrolled through time."""

import pytest

from coursekit import viz


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts if text.get_text().strip()]


def test_shows_every_number_once_it_is_known():
    shown = texts(viz.unrolled([2, 3], [0, 1.25, None], gradients=[None, 0.75, None], shares=[0.125, None]))
    assert {"2", "3", "1.25", "0.75", "+0.125"} <= set(shown)
    assert shown.count("w") == 2  # one weight, used at every step


@pytest.mark.parametrize(
    ("states", "more", "name"),
    [([0, 1], {}, "states"), ([0, 1, 2], {"gradients": [1]}, "gradients"), ([0, 1, 2], {"shares": [1]}, "shares")],
)
def test_lengths_must_fit(states, more, name):
    with pytest.raises(ValueError, match=f"^{name}: got .* for 2 inputs"):
        viz.unrolled([1, 0], states, **more)


def test_words_say_what_is_drawn():
    words = viz.describe_unrolled([1, 0], [0, 1, None], gradients=[None, 0.5, None])
    assert words == "A recurrent unit over 2 steps with inputs 1, 0. States: h0 0, h1 1. Gradients: h1 0.5."
