"""Every number of an expression's graph stands where it belongs, and words say the same."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Circle

from coursekit.viz.expression import BACKWARD, FORWARD, describe_expression, expression_graph

PLACES = {"x": (0, 0), "a": (1.5, 0), "L": (3, 0.5)}
EDGES = [("x", "a", 3.0), ("x", "a", -2.0), ("a", "L", 8.0), ("x", "L", None)]


def texts(figure):
    return {text.get_text(): text for text in figure.axes[0].texts if text.get_text()}


def test_values_in_the_nodes_and_gradients_under_them():
    found = texts(expression_graph(PLACES, EDGES, {"x": 2.0, "a": 6.0}, {"a": 14.0}))
    for text, name in (("2", "x"), ("6", "a")):
        assert found[text].get_position() == (PLACES[name][0], pytest.approx(PLACES[name][1] - 0.1))
        assert found[text].get_color() == FORWARD
    assert found["14"].get_position()[0] == 1.5
    assert found["14"].get_position()[1] < -0.3
    assert found["14"].get_color() == BACKWARD
    assert found["L"].get_position() == (3, 0.5)  # no value yet: the name stands in the middle


def test_the_slope_is_beside_its_arrow_and_parallel_arrows_lie_apart():
    found = texts(expression_graph(PLACES, EDGES))
    assert found["3"].get_position()[0] == pytest.approx(0.75)
    assert found["-2"].get_position()[0] == pytest.approx(0.75)
    assert abs(found["3"].get_position()[1] - found["-2"].get_position()[1]) > 0.3
    np.testing.assert_allclose(found["8"].get_position(), (2.25, 0.25))
    assert len(found) == 3 + 3  # an arrow without a slope has no number


def test_what_is_active_has_the_colour():
    figure = expression_graph(PLACES, EDGES, active=["a", ("a", "L")], colour="#123456")
    discs = [to_hex(p.get_facecolor()) for p in figure.axes[0].patches if isinstance(p, Circle)]
    assert discs == ["#f2f2f2", "#123456", "#f2f2f2"]
    assert texts(figure)["8"].get_color() == "#123456"
    assert texts(figure)["3"].get_color() != "#123456"


@pytest.mark.parametrize("wrong", [{"edges": [("x", "q", 1.0)]}, {"values": {"q": 1.0}}, {"gradients": {"q": 1.0}}])
def test_a_node_without_a_place_is_named(wrong):
    with pytest.raises(ValueError, match="none for the node 'q'"):
        expression_graph(PLACES, **({"edges": EDGES} | wrong))


def test_words():
    said = describe_expression(EDGES, {"x": 2.0}, {"L": 1.0}, label="dL/d{name}")
    assert said == (
        "Arrows with slopes: x to a, 3; x to a, -2; a to L, 8; x to L. Values: x is 2. Known so far: dL/dL is 1."
    )
    assert describe_expression([("x", "y", None)]) == "Arrows: x to y."
