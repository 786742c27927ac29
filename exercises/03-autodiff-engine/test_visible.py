"""What `check("…")` runs in exercise 03. You may read this file: it shows
what is asked, with small inputs.

Every test compares your answer with the right one. When they differ, it
looks through what the usual mistakes lead to; if your answer is one of
those, it says which.
"""

import numpy as np
import pytest

from coursekit.grading.explain import brief, explain, hints, unchanged


def explain_value(result, name, right, known, slopes, mistakes=None):
    """Do nothing if `result` is a Value with the right data and inputs.

    `known` maps names to the Values there are, `slopes` those names that
    should be inputs to a list of slopes, one for each use.
    `mistakes` maps "data" and names to what may have gone wrong there.
    """
    mistakes = mistakes or {}
    assert result is not None, (
        f"{name} is None. Is there a `return`, and is it reached?"
    )
    if not hasattr(result, "inputs"):
        pytest.fail(
            f"{name} should be a Value: `return Value(data, inputs)`. It is "
            f"{brief(result)}."
        )
    for key, value in known.items():
        assert result != value, (
            f"{name} gave back {key} itself, changed. Each operation makes a "
            "new Value and leaves those it is given as they are."
        )
    explain(result.data, right, f"({name}).data", mistakes.get("data"))
    try:
        pairs = [(source, float(slope)) for source, slope in result.inputs]
    except (TypeError, ValueError):
        pytest.fail(
            f"({name}).inputs should be pairs (input, slope), such as "
            f"((u, 2.0), (v, 3.0)); here it is {brief(result.inputs)}. (A "
            "single pair is ((u, 2.0),), with a comma.)"
        )
    found = {}
    for source, slope in pairs:
        names = [key for key, value in known.items() if value == source]
        if not names:
            pytest.fail(
                f"({name}).inputs has something in it that {name} was not "
                f"made of: {brief(source)}. The first of a pair is the Value "
                "itself, not its data and not a new Value; and a plain "
                "number is no input."
            )
        found.setdefault(names[0], []).append(slope)
    for key, wanted in slopes.items():
        got = found.get(key, [])
        if len(got) != len(wanted):
            pytest.fail(
                f"({name}).inputs names {key} {len(got)} times, but it is "
                f"used {len(wanted)} times. Each use has a pair of its own."
            )
        explain(
            got,
            wanted,
            f"the slopes of {name} towards {key}",
            mistakes.get(key),
        )


# ----------------------------------------------------------------- arithmetic

NUMBERS = {
    "has no attribute 'data'": "The other operand may be a plain number, "
    "which has no data: isinstance(other, Value) tells.",
}


@pytest.mark.task("arithmetic")
@pytest.mark.points(0.25)
def test_sums_and_products(submission):
    """Value: u + v, u * v and u ** 3 with u = 2, v = 5"""
    u, v = submission.Value(2.0), submission.Value(5.0)
    known = {"u": u, "v": v}
    explain_value(
        u.call("__add__", v), "u + v", 7, known, {"u": [1], "v": [1]}
    )
    explain_value(
        u.call("__mul__", v),
        "u * v",
        10,
        known,
        {"u": [5], "v": [2]},
        {
            "u": {
                "this is u itself. How fast u * v moves with u is the "
                "other factor, v.": [2],
                "the slope is a number, the other factor.": [10],
                "1 is the slope of a sum.": [1],
            }
        },
    )
    explain_value(
        u.call("__pow__", 3),
        "u ** 3",
        8,
        known,
        {"u": [12]},
        {
            "u": {
                "the exponent goes down by one: 3 u².": [24],
                "the factor k is missing: k · u ** (k - 1).": [4],
                "this is u³ itself.": [8],
            }
        },
    )
    explain_value(u.call("__mul__", u), "u * u", 4, known, {"u": [2, 2]})
    for name, value, right in (("u", u, 2), ("v", v, 5)):
        explain(value.data, right, f"{name}.data after all this")
        assert not len(value.inputs), (
            f"{name} now has inputs, though nobody computed it. Each "
            "operation makes a new Value and leaves the others as they are."
        )


@pytest.mark.task("arithmetic")
@pytest.mark.points(0.25)
def test_plain_numbers(submission):
    """Value: u + 3 and u * 3 have one input"""
    u = submission.Value(2.0)
    with hints(NUMBERS):
        total, product = u.call("__add__", 3), u.call("__mul__", 3)
    explain_value(total, "u + 3", 5, {"u": u}, {"u": [1]})
    explain_value(product, "u * 3", 6, {"u": u}, {"u": [3]})


# ------------------------------------------------------------------ functions


@pytest.mark.task("functions")
@pytest.mark.points(0.25)
def test_functions(submission):
    """exp, log, tanh, relu, softplus: values and slopes"""
    s = 1 / (1 + np.exp(-2))
    for name, at, value, slope, mistakes in (
        (
            "exp",
            2.0,
            np.exp(2),
            np.exp(2),
            {"the slope of e^u is e^u, not u e^u or u.": [2]},
        ),
        (
            "log",
            2.0,
            np.log(2),
            0.5,
            {"the slope of ln u is 1 / u.": [np.log(2)]},
        ),
        (
            "tanh",
            2.0,
            np.tanh(2),
            1 - np.tanh(2) ** 2,
            {
                "1 - tanh² wants the output of tanh, not its input.": [-3],
                "the square is missing: 1 - tanh².": [1 - np.tanh(2)],
                "this is the slope of a sigmoid.": [
                    np.tanh(2) * (1 - np.tanh(2))
                ],
            },
        ),
        ("relu", 2.0, 2, 1, {"the slope is 1, not u.": [2]}),
        (
            "relu",
            -2.0,
            0,
            0,
            {"where u < 0, relu does not move with it: slope 0.": [1]},
        ),
        (
            "softplus",
            2.0,
            np.log1p(np.exp(2)),
            s,
            {
                "this is the slope of the sigmoid; that of softplus is the "
                "sigmoid itself.": [s * (1 - s)],
                "this is σ(-u).": [1 - s],
            },
        ),
        (
            "softplus",
            -2.0,
            np.log1p(np.exp(-2)),
            1 - s,
            {"this is σ(-u), or σ(|u|).": [s]},
        ),
    ):
        u = submission.Value(at)
        result = submission.call(name, u, handle=True)
        explain_value(
            result,
            f"{name}({at:g})",
            value,
            {"u": u},
            {"u": [slope]},
            {"u": mistakes},
        )
    with hints(
        {
            "math range error": "math.exp(1000) is too large for a float. "
            "Use the forms in which no exponent is positive: e^(-|u|).",
        }
    ):
        for at in (1000.0, -1000.0):
            u = submission.Value(at)
            explain_value(
                submission.call("softplus", u, handle=True),
                f"softplus({at:g})",
                max(at, 0),
                {"u": u},
                {"u": [float(at > 0)]},
            )


# ---------------------------------------------------------------------- order


def graph(submission, edges):
    """Values by name. `edges`: name -> [(input, slope)], inputs first."""
    values = {}
    for name, inputs in edges.items():
        pairs = [(values[source], slope) for source, slope in inputs]
        values[name] = submission.Value(1.0, pairs)
    return values


DIAMOND = {
    "a": [],
    "b": [("a", 2.0)],
    "c": [("b", 3.0)],
    "d": [("b", 1.0), ("c", 1.0)],
}
TURNED = DIAMOND | {"d": [("c", 1.0), ("b", 1.0)]}
WORDS = "d = b + c, c = 3 b, b = 2 a"


def explain_order(submission, edges, last, words):
    """Check the order for a small graph."""
    values = graph(submission, edges)
    with hints(
        {
            "recursion depth": "A function that calls itself for every input "
            "comes to an end here. Use a list as a stack.",
        }
    ):
        order = submission.topological_order(values[last])
    if not isinstance(order, (list, tuple)):
        pytest.fail(
            f"topological_order should return a list of Values. It returned "
            f"{brief(order)}."
        )
    names = []
    for node in order:
        found = [name for name, value in values.items() if value == node]
        if not found:
            pytest.fail(
                f"For {words}: the list holds {brief(node)}, which is not a "
                "number of this graph. It should hold the Values themselves."
            )
        names += found
    said = f"For {words} the order is {', '.join(names)}."
    for name in values:
        if names.count(name) > 1:
            pytest.fail(
                f"{said} {name} is in it {names.count(name)} times. Note "
                "where you have been: each number once."
            )
        if name not in names:
            pytest.fail(f"{said} {name} is missing.")
    if names[0] != last and names[-1] == last:
        pytest.fail(
            f"{said} This is the wrong way round: the result comes first, "
            "and each number before its inputs."
        )
    for name, inputs in edges.items():
        for source, _ in inputs:
            if names.index(source) < names.index(name):
                pytest.fail(
                    f"{said} {source} stands before {name}, but {name} was "
                    f"made of {source}: it must have passed on its gradient "
                    f"before {source} passes on its own."
                )


@pytest.mark.task("order")
@pytest.mark.points(0.25)
def test_order_of_a_diamond(submission):
    """topological_order: the diamond of the description, both ways round"""
    explain_order(submission, DIAMOND, "d", WORDS)
    explain_order(submission, TURNED, "d", WORDS.replace("b + c", "c + b"))


@pytest.mark.task("order")
@pytest.mark.points(0.25)
def test_order_of_other_graphs(submission):
    """topological_order: a leaf, a number used twice, a long way round"""
    explain_order(submission, {"x": []}, "x", "a single leaf x")
    explain_order(
        submission,
        {"x": [], "y": [("x", 3.0), ("x", 3.0)]},
        "y",
        "y = x · x",
    )
    explain_order(
        submission,
        {
            "a": [],
            "b": [("a", 1.0)],
            "c": [("b", 1.0)],
            "d": [("c", 1.0)],
            "e": [("a", 1.0), ("d", 1.0), ("b", 1.0)],
        },
        "e",
        "e = a + d + b, d = exp c, c = exp b, b = exp a",
    )


# ------------------------------------------------------------------- backward


def grads(values):
    return {name: value.grad for name, value in values.items()}


@pytest.mark.task("backward")
@pytest.mark.points(0.25)
def test_backward(submission):
    """backward: the diamond, x · x, and a chain"""
    for edges, order, right, words, mistakes in (
        (
            {"x": [], "y": [("x", 5.0)], "z": [("y", 3.0)]},
            "zyx",
            {"x": 15, "y": 3, "z": 1},
            "z = 3 y, y = 5 x",
            {
                "x": {
                    "nothing arrived, though the result has its 1. Go "
                    "through the list from its beginning.": 0,
                    "slopes along a path are multiplied, not added.": 8,
                    "multiply by the grad of the number itself, 3, too.": 5,
                },
                "z": {
                    "the result moves with itself at the rate 1, so it "
                    "begins with a grad of 1.": 0,
                },
            },
        ),
        (
            {"x": [], "y": [("x", 3.0), ("x", 3.0)]},
            "yx",
            {"x": 6, "y": 1},
            "y = x · x at 3",
            {
                "x": {
                    "x is used twice, so two gradients of 3 arrive; the "
                    "second has overwritten the first (or never arrived). "
                    "Add: +=.": 3,
                }
            },
        ),
        (
            DIAMOND,
            "dcba",
            {"a": 8, "b": 4, "c": 1, "d": 1},
            WORDS,
            {
                "a": {
                    "a later use has overwritten an earlier one: +=.": 6,
                    "b passed on its gradient more than once. Each number "
                    "passes on once, in the given order; no recursion is "
                    "needed.": 10,
                    "b passed on its gradient twice.": 16,
                    "b passed on before everything had arrived. Go through "
                    "the list from its beginning.": 2,
                    "nothing arrived at a. Go through the list from its "
                    "beginning: the result comes first.": 0,
                },
                "b": {
                    "a later use has overwritten an earlier one: +=.": 3,
                },
            },
        ),
    ):
        values = graph(submission, edges)
        submission.backward([values[name] for name in order])
        got = grads(values)
        for name in order:
            explain(
                got[name],
                right[name],
                f"for {words}: {name}.grad",
                mistakes.get(name),
            )


@pytest.mark.task("backward")
@pytest.mark.points(0.25)
def test_backward_again(submission):
    """backward: what a second call does to leaves and to the others"""
    values = graph(submission, DIAMOND)
    order = [values[name] for name in "dcba"]
    submission.backward(order)
    submission.backward(order)
    got = grads(values)
    explain(
        got["b"],
        4,
        "b.grad after a second call",
        {
            "b and c have inputs, so they begin at 0 each time; what was "
            "left from the first call is still in them.": 11,
            "d, b and c have inputs, so they begin at 0 each time; what was "
            "left from the first call is still in them.": 15,
            "b was set to 0 when its turn came. By then everything had "
            "arrived: set all to 0 first.": 0,
        },
        "Set the numbers that have inputs to 0 before you begin.",
    )
    explain(got["d"], 1, "d.grad after a second call")
    explain(
        got["a"],
        16,
        "a.grad after a second call",
        {
            "a is a leaf: it keeps the 8 it has, and 8 more arrive. Do not "
            "set leaves to 0.": 8,
        },
        "A leaf keeps what it has, and the new gradient is added.",
    )


# --------------------------------------------------------------------- arrays

G = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


@pytest.mark.task("arrays")
@pytest.mark.points(0.25)
def test_unbroadcast(submission):
    """unbroadcast: the examples of the description"""
    for shape, right, mistakes in (
        (
            (3,),
            [5, 7, 9],
            {
                "the axis that is new must disappear.": [[5, 7, 9]],
                "this is a mean. Every use counts: add up.": [2.5, 3.5, 4.5],
                "the first rows only. The entries were used in every row: "
                "add up.": [1, 2, 3],
            },
        ),
        (
            (2, 1),
            [[6], [15]],
            {
                "an axis that had the size 1 stays, with size 1: "
                "keepdims=True.": [6, 15],
            },
        ),
        (
            (1, 3),
            [[5, 7, 9]],
            {
                "an axis that had the size 1 stays, with size 1.": [5, 7, 9],
            },
        ),
        ((), 21, {"a single number had 6 uses.": G}),
        ((2, 3), G, {}),
        ((1, 1), [[21]], {}),
    ):
        result, after, _ = submission.call("unbroadcast", G, shape, echo=True)
        explain(result, right, f"unbroadcast(grad, {shape})", mistakes)
        unchanged(G, after[0], "grad")


@pytest.mark.task("arrays")
@pytest.mark.points(0.25)
def test_array_rules(submission):
    """matmul_gradients and mean_gradient: small examples"""
    A = np.array([[1.0, 2.0], [0.0, -1.0]])
    B = np.array([[3.0, 4.0, 5.0], [6.0, 7.0, 8.0]])
    grad = np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 0.0]])
    with hints(
        {
            "mismatch": "Here A is (2, 2), B is (2, 3) and grad is (2, 3). "
            "A gradient has the shape of what it belongs to: dA is (2, 2), "
            "dB is (2, 3).",
        }
    ):
        dA, dB = submission.matmul_gradients(A, B, grad)
    explain(dA, [[13, 22], [4, 7]], "dA", {"the wrong way round.": dB})
    explain(
        dB,
        [[1, 0, 2], [2, -1, 4]],
        "dB",
        {"A must be transposed: A.T @ grad.": A @ grad},
    )
    x = np.zeros((2, 3))
    for axis, g, right, mistakes in (
        (
            1,
            np.array([3.0, 6.0]),
            [[1, 1, 1], [2, 2, 2]],
            {
                "this is the gradient of a sum; a mean divides by the length "
                "of the axis.": [[3, 3, 3], [6, 6, 6]],
                "divide by the length of the axis, 3, not by the number of "
                "all entries.": [[0.5] * 3, [1] * 3],
                "divide by the length of the axis that was averaged over, "
                "3.": [[1.5] * 3, [3] * 3],
            },
        ),
        (
            0,
            np.array([2.0, 4.0, 6.0]),
            [[1, 2, 3], [1, 2, 3]],
            {
                "divide by the length of axis 0, which is 2.": np.array(
                    [[2, 4, 6], [2, 4, 6]]
                )
                / 3,
            },
        ),
        (
            None,
            np.array(12.0),
            np.full((2, 3), 2.0),
            {
                "a mean over all entries divides by their number, "
                "6.": np.full((2, 3), 12.0),
            },
        ),
    ):
        with hints(
            {
                "broadcast": "The axis of the mean has disappeared from "
                "grad. Put it back first: np.expand_dims(grad, axis).",
            }
        ):
            result = submission.mean_gradient(x, g, axis)
        explain(result, right, f"mean_gradient(x, grad, {axis})", mistakes)


# ------------------------------------------------------------------- learning


@pytest.mark.task("learning")
@pytest.mark.points(0.25)
def test_step(submission):
    """step: two steps down a bowl"""
    p = submission.Value(3.0)
    bowl = submission.Bowl([p], [1.0])
    losses = [submission.step([p], bowl, 0.25)]
    explain(
        p.data,
        2,
        "p after the first step",
        {
            "p did not move.": 3,
            "uphill: subtract.": 4,
            "the rate is missing.": -1,
            "run was called more than once.": 1,
        },
    )
    losses.append(submission.step([p], bowl, 0.25))
    explain(
        p.data,
        1.5,
        "p after the second step",
        {
            "the first gradient was still there: set p.grad to 0 before you "
            "run.": 0.5,
        },
    )
    explain(
        losses,
        [4, 1],
        "what step returns, twice",
        {"this is the loss after the step.": [1, 0.25]},
    )


@pytest.mark.task("learning")
def test_weights_are_there(submission):
    """fit: the weights are there and have the right shapes"""
    if submission["hidden_weights"] is None:
        # Not run yet, or not written: let it say so itself.
        rng = np.random.default_rng(0)
        submission.call(
            "fit",
            rng.random((20, 16)),
            np.where(np.arange(20) % 2, 1.0, -1.0),
            handle=True,
        )
        pytest.fail(
            "hidden_weights is still None, though `fit` works on a few "
            "examples: run the cell that calls it, again if need be."
        )
    for name, shape in (
        ("hidden_weights", (3, 17)),
        ("output_weights", (4,)),
    ):
        value = np.asarray(submission[name], dtype=float)
        assert value.shape == shape, (
            f"{name} should have the shape {shape}, "
            f"but it has the shape {value.shape}."
        )
        assert np.isfinite(value).all(), (
            f"{name} contains nan or inf: lower the learning rate."
        )
