"""Frames of moving figures: shorter than what matplotlib writes, and still the same picture."""

import io
import re

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from coursekit.viz import frames


def busy_figure():
    """Markers, hatching, mathematics, an image, a colour bar, an arrow, quotes: whatever an SVG refers to by name."""
    figure, axes = plt.subplots(1, 2)
    x = np.linspace(0, 1, 20)
    axes[0].plot(x, x**2, "o--", label=r"$x^2$ & <b>'q'</b> \"")
    axes[0].fill_between(x, x, alpha=0.3, hatch="//")
    axes[0].legend()
    picture = axes[1].imshow(np.eye(5), cmap="viridis", interpolation="none")
    figure.colorbar(picture)
    axes[1].annotate("here", (3, 3), (1, 1), arrowprops={"arrowstyle": "->"})
    return figure


@pytest.fixture
def written():
    with mpl.rc_context(frames._RC):
        figure, buffer = busy_figure(), io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
        plt.close(figure)
    return buffer.getvalue()


def test_everything_that_draws_is_still_there(written):
    shorter = frames._shorter(written)
    assert len(shorter) < 0.8 * len(written)
    for drawn in ("<path", "<use", "<image", "clip-path=", "<clipPath", "<pattern", " transform="):
        assert shorter.count(drawn) == written.count(drawn) > 0, drawn


def test_every_reference_has_its_target(written):
    shorter = frames._shorter(written)
    referenced = set(re.findall(r"""(?:url\(#|href="#)([\w.-]+)""", shorter))
    assert referenced
    assert referenced == set(re.findall(r' id="([^"]*)"', shorter)), "no target is missing, no unused id is kept"


def test_coordinates_keep_a_hundredth_of_a_point(written):
    def numbers(svg):
        return np.array([float(n) for d in re.findall(r' d="([^"]*)"', svg) for n in re.findall(r"-?[\d.]+", d)])

    np.testing.assert_allclose(numbers(frames._shorter(written)), numbers(written), atol=0.01)


def test_a_frame_is_well_formed_and_carries_its_size():
    uri, width, height = frames.draw_frame(lambda: busy_figure(), {})
    assert uri.startswith("data:image/svg+xml,%3Csvg")
    assert '"' not in uri, "it stands in an attribute"
    assert (width, height) == (614, 461)


def test_the_current_style_is_used_and_left_alone():
    with plt.rc_context({"image.interpolation": "nearest", "lines.linewidth": 7.5}):
        uri, *_ = frames.draw_frame(lambda: plt.plot([1, 2])[0].axes, {})
        assert mpl.rcParams["image.interpolation"] == "nearest"
    assert "stroke-width: 7.5" in uri
