"""Graphs: everything that was computed is drawn once, nothing overlaps, and words say what the picture shows."""

import itertools
import re
import time
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import torch

import coursekit.scratch
from coursekit.scratch import Tensor, nn
from coursekit.scratch import functional as F
from coursekit.scratch.scalar import Value
from coursekit.viz import graph, layout
from coursekit.viz.graph import draw_graph

SVG = "{http://www.w3.org/2000/svg}"


def leaf(*shape):
    return Tensor(np.ones(shape), requires_grad=True)


def mlp():
    model = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3))
    loss = F.cross_entropy(model(np.zeros((4, 6), np.float32)), np.zeros(4, int))
    return loss, dict(model.named_parameters())


def residual():
    w, x = leaf(3, 3), leaf(2, 3)
    h = (x @ w).relu()
    return ((h @ w).relu() + h).sum(), {"w": w, "x": x, "h": h}


def recurrent(library):
    torch.manual_seed(0)
    W, U, b = (library.randn(*shape, requires_grad=True) for shape in ((4, 4), (3, 4), (4,)))
    h = library.zeros(2, 4)
    for _ in range(4):
        h = (library.randn(2, 3) @ U + h @ W + b).tanh()
    return (h * h).mean(), {"W": W, "U": U, "b": b}


def values():
    x, y = Value(2.0, "x"), Value(-3.0, "y")
    z = (x * y + y).tanh() * x
    z.backward()
    return z, {}


def diamond(make=lambda number: Tensor(number, requires_grad=True)):
    x, y = make(2.0), make(3.0)
    return x * y + y, {"x": x, "y": y}


GRAPHS = {
    "diamond": diamond,
    "MLP": mlp,
    "residual": residual,
    "recurrent": lambda: recurrent(coursekit.scratch),
    "recurrent, PyTorch": lambda: recurrent(torch),
    "values": values,
    "square": lambda: (lambda x: (x * x, {"x": x}))(leaf(2)),
    "a leaf alone": lambda: (Value(1.0, "x"), {}),
}


@pytest.mark.parametrize("name", sorted(GRAPHS))
def test_the_picture_is_well_formed_and_describes_itself(name):
    picture = draw_graph(*GRAPHS[name]())
    root = ElementTree.fromstring(picture.svg)
    assert root.get("role") == "img"
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("aria-labelledby").split() == [title.get("id"), desc.get("id")]
    assert title.text == picture.title
    assert desc.text == picture.description
    assert picture.svg in picture._repr_html_()
    assert picture._repr_svg_() == picture.svg


@pytest.mark.parametrize("name", sorted(GRAPHS))
def test_nothing_overlaps_and_arrows_point_down(name):
    nodes, edges = graph._collect(*GRAPHS[name](), most=200)
    layers, paths = layout.arrange(nodes, edges)
    assert sorted(map(id, nodes)) == sorted(id(n) for layer in layers for n in layer if not isinstance(n, layout.Bend))
    for layer in layers:
        for a, b in itertools.pairwise(layer):
            assert b.x - a.x >= (a.width + b.width) / 2 + layout.GAP - 1e-6
    for above, below in itertools.pairwise(layers):
        assert max(n.y + n.height / 2 for n in above) < min(n.y - n.height / 2 for n in below)
    for path in paths:
        assert all(a.y < b.y for a, b in itertools.pairwise(path))
    assert [(path[0], path[-1]) for path in paths] == edges


def test_what_is_drawn():
    picture = draw_graph(*diamond())
    texts = re.findall(r"<text[^>]*>([^<]*)<", picture.svg)
    assert sorted(texts) == sorted(["x", "y", "Mul", "Add", "result", *["()"] * 5])
    assert picture.svg.count("<ellipse") == 2
    assert picture.svg.count("<rect") == 3 + 1  # and the background
    assert picture.svg.count("<path") == 2 * 5
    assert repr(picture) == "<Graph of 2 operations on 2 inputs>"


def test_the_same_graph_from_pytorch():
    theirs = draw_graph(*diamond(lambda number: torch.tensor(number, requires_grad=True)))
    assert theirs.description == draw_graph(*diamond()).description
    assert draw_graph(*recurrent(torch)).title == draw_graph(*recurrent(coursekit.scratch)).title


def test_both_arrows_of_a_square_are_seen():
    picture = draw_graph(*GRAPHS["square"]())
    assert picture.description == "Mul takes x and x. Mul gives the result."
    curves = re.findall(r'd="(M[^"]* C[^"]*)"', picture.svg)
    assert len(set(curves)) == 3


def test_description_of_shared_and_named_tensors():
    assert draw_graph(*residual()).title == "Graph of 6 operations on 2 inputs"
    assert draw_graph(*residual()).description == (
        "Mm 1 takes x and w. Relu 1 takes Mm 1. Relu 1 gives h. Mm 2 takes h and w. Relu 2 takes Mm 2. "
        "Add takes Relu 2 and h. Sum takes Add. Sum gives the result."
    )


def test_values_show_numbers_and_gradients():
    x = Value(2.0, "<x>")
    y = x * 3
    y.backward()
    picture = draw_graph(y)
    assert "&lt;x&gt;" in picture.svg
    assert {"grad 3", "6", "grad 1"} <= set(re.findall(r">([^<>]+)</text>", picture.svg))
    assert picture.description == "* takes <x> and 3."


def test_frozen_and_unnamed_inputs():
    w = torch.ones(2, 3, requires_grad=True)
    assert draw_graph((w * 2).sum()).description.startswith("Mul takes an input of shape (2, 3).")


def test_few_crossings():
    """Two chains side by side must not cross, whatever the order in which they are found."""
    x, y = leaf(2), leaf(3)
    nodes, edges = graph._collect(x.exp().log().sin().sum() * y.cos().exp().log().sum(), {"x": x}, 200)
    layers, _ = layout.arrange(nodes, edges)
    above = {node: {layout.ABOVE: [a for a, b in edges if b is node]} for node in nodes}
    assert sum(layout._crossings(layer, above) for layer in layers) == 0


def test_large_graphs():
    x = leaf(2)
    y = x
    for i in range(48):
        y = y * x if i % 3 else (y * 0.01).exp() + y
    started = time.process_time()
    draw_graph(y)
    assert time.process_time() - started < 5
    for _ in range(200):
        y = y + x
    with pytest.raises(ValueError, match=r"more than 200 nodes.*most="):
        draw_graph(y)
    with pytest.raises(ValueError, match="more than 5 nodes"):
        draw_graph(*mlp(), most=5)


def test_what_cannot_be_drawn():
    with pytest.raises(TypeError, match="got ndarray"):
        draw_graph(np.ones(2))
    with pytest.raises(ValueError, match="nothing was recorded"):
        draw_graph(Tensor([1.0]))
    loss, _ = mlp()
    loss.backward()
    with pytest.raises(ValueError, match="retain_graph=True"):
        draw_graph(loss)


def test_save(tmp_path):
    picture = draw_graph(*diamond())
    picture.save(tmp_path / "graph.svg")
    assert (tmp_path / "graph.svg").read_text(encoding="utf-8") == picture.svg
