"""A line for each network, its values layer by layer; what a logarithmic axis cannot show is left out."""

import numpy as np

from coursekit.viz.layers import by_layer, describe_by_layer


def test_the_lines_hold_the_values_and_the_layers_are_numbered():
    ax = by_layer({"a": [1, 2, 4], "b": [3.0, 0.3, 0.03]}, ylabel="RMS", first=2, ylim=(0.01, 10))
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), [[2, 1], [3, 2], [4, 4]])
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), [3.0, 0.3, 0.03])
    assert ax.get_yscale() == "log"
    assert ax.get_ylabel() == "RMS"
    assert ax.get_ylim() == (0.01, 10)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]
    assert ax.lines[0].get_marker() != ax.lines[1].get_marker()


def test_zeros_and_infinities_are_left_out():
    ax = by_layer({"a": [1, 0, 2, np.inf, np.nan]})
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), [[1, 1], [3, 2]])


def test_words_name_the_ends_and_the_factor():
    assert describe_by_layer({"a": [8, 4, 2]}) == "a: 8 at layer 1, 2 at layer 3, a factor of 0.5 a layer."
    assert "factor" not in describe_by_layer({"a": [8, 0]})
    assert "factor" not in describe_by_layer({"a": [8]})
    assert "layer 0" in describe_by_layer({"a": [8, 1]}, first=0)
