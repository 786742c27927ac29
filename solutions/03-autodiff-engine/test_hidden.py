"""Hidden tests of exercise 03. Students see the first line of each docstring
and whether the test passed, nothing else.

Graphs are made here, of the student's Value and nothing else of his, and the
right gradients are sums over paths, worked out here. So a mistake in
one task does not cost points in another.
"""

import numpy as np
import pytest

from coursekit import data
from coursekit.grading.explain import close


def inputs(result):
    """Handle -> its slopes, sorted."""
    found = {}
    for source, slope in result.inputs:
        found.setdefault(source, []).append(float(slope))
    return {source: sorted(slopes) for source, slopes in found.items()}


def judge(result, value, slopes):
    """Data and inputs; `slopes` maps a handle to its slopes."""
    close(result.data, value)
    got = inputs(result)
    assert set(got) == set(slopes)
    for source, wanted in slopes.items():
        close(got[source], sorted(wanted))


# ----------------------------------------------------------------- arithmetic


@pytest.mark.task("arithmetic")
@pytest.mark.points(0.5)
def test_sums_and_products(submission):
    """Value: sums and products are right, of two numbers or twice of one"""
    rng = np.random.default_rng(11)
    for a, b in [*rng.normal(0, 3, (4, 2)).tolist(), [0.0, 2.0], [3.0, 0.0]]:
        u, v = submission.Value(a), submission.Value(b)
        judge(u.call("__add__", v), a + b, {u: [1], v: [1]})
        judge(u.call("__mul__", v), a * b, {u: [b], v: [a]})
        judge(u.call("__add__", u), 2 * a, {u: [1, 1]})
        judge(v.call("__mul__", v), b * b, {v: [b, b]})
        close([u.data, v.data], [a, b])
        close([u.grad, v.grad], [0, 0])
        assert not len(u.inputs)


@pytest.mark.task("arithmetic")
@pytest.mark.points(0.5)
def test_plain_numbers(submission):
    """Value: plain numbers are constants, on either side"""
    for a, k in ((1.5, 4), (-2.0, 0.5), (0.0, -3.0)):
        u = submission.Value(a)
        judge(u.call("__add__", k), a + k, {u: [1]})
        judge(u.call("__mul__", k), a * k, {u: [k]})
        close(u.call("__radd__", k).data, a + k)
        close(u.call("__rsub__", k).data, k - a)
        judge(u.call("__rmul__", k), a * k, {u: [k]})
        judge(u.call("__neg__"), -a, {u: [-1]})


@pytest.mark.task("arithmetic")
@pytest.mark.points(0.5)
def test_powers(submission):
    """Value: powers and quotients are right, negative and broken ones too"""
    for a in (1.5, 0.7, 4.0):
        for k in (2, 3, -1, 0.5, -2.5, 1):
            u = submission.Value(a)
            result = u.call("__pow__", k)
            u.data = 100.0  # later changes do not matter
            judge(result, a**k, {u: [k * a ** (k - 1)]})
    u, v = submission.Value(-3.0), submission.Value(2.0)
    judge(u.call("__pow__", 2), 9, {u: [-6]})
    close(u.call("__truediv__", v).data, -1.5)
    close(v.call("__rtruediv__", 3).data, 1.5)
    close(u.call("__sub__", v).data, -5)


# ------------------------------------------------------------------ functions


def sigmoid(x):
    return np.exp(-np.logaddexp(0, -x))


@pytest.mark.task("functions")
@pytest.mark.points(0.25)
def test_exp_and_log(submission):
    """exp and log are right"""
    for a in (0.3, 1.7, 5.0):
        u = submission.Value(a)
        judge(submission.call("log", u, handle=True), np.log(a), {u: [1 / a]})
        for b in (a, -a):
            u = submission.Value(b)
            judge(
                submission.call("exp", u, handle=True),
                np.exp(b),
                {u: [np.exp(b)]},
            )


@pytest.mark.task("functions")
@pytest.mark.points(0.25)
def test_tanh_and_relu(submission):
    """tanh and relu are right, at 0 and far out too"""
    for a in (0.3, -1.7, 0.0, 400.0, -400.0):
        u = submission.Value(a)
        judge(
            submission.call("tanh", u, handle=True),
            np.tanh(a),
            {u: [1 - np.tanh(a) ** 2]},
        )
        judge(
            submission.call("relu", u, handle=True),
            max(a, 0),
            {u: [float(a > 0)]},
        )


@pytest.mark.task("functions")
@pytest.mark.points(0.25)
def test_softplus(submission):
    """softplus is right, however large the number"""
    for a in (0.3, -1.7, 0.0, 800.0, -800.0, 25.0, -9.0):
        u = submission.Value(a)
        judge(
            submission.call("softplus", u, handle=True),
            np.logaddexp(0, a),
            {u: [sigmoid(a)]},
        )


# ---------------------------------------------------------------------- order


def random_graph(submission, rng, size, reach=4):
    """Values and edges [(number, input, slope)]; the last one is the result.

    Every number is made of one to three of those just before it, sometimes
    of one of them twice. Some are not needed for the result.
    """
    values, edges = [], []
    for k in range(size):
        count = 0 if k < 2 else int(rng.integers(1, 4))
        chosen = rng.integers(max(0, k - reach), k, count) if count else []
        slopes = rng.normal(size=count).round(3)
        pairs = [
            (int(i), float(s)) for i, s in zip(chosen, slopes, strict=True)
        ]
        edges += [(k, i, s) for i, s in pairs]
        values.append(
            submission.Value(float(k), [(values[i], s) for i, s in pairs])
        )
    return values, edges


def needed(edges, result):
    """The numbers that a result was computed from, itself included."""
    found = {result}
    for k, i, _ in reversed(edges):
        if k in found:
            found.add(i)
    return found


def judge_order(submission, values, edges):
    order = submission.topological_order(values[-1])
    place = {node: at for at, node in enumerate(order)}
    number = {value: k for k, value in enumerate(values)}
    assert len(order) == len(place)
    there = needed(edges, len(values) - 1)
    assert {number[node] for node in order} == there
    assert order[0] == values[-1]
    for k, i, _ in edges:
        if k in there:
            assert place[values[k]] < place[values[i]]


@pytest.mark.task("order")
@pytest.mark.points(0.5)
def test_order_of_random_graphs(submission):
    """topological_order is right for graphs in which results are reused"""
    rng = np.random.default_rng(31)
    for size in (3, 6, 6, 12, 12, 25):
        judge_order(submission, *random_graph(submission, rng, size))


@pytest.mark.task("order")
@pytest.mark.points(0.5)
def test_order_with_many_paths(submission):
    """topological_order does not walk along every path"""
    value = submission.Value(1.0)
    values = [value]
    for _ in range(26):
        value = submission.Value(1.0, [(value, 1.0), (value, 1.0)])
        values.append(value)
    order = submission.topological_order(value)
    assert list(order) == values[::-1]


@pytest.mark.task("order")
@pytest.mark.points(0.5)
def test_order_of_a_deep_graph(submission):
    """topological_order copes with a computation of very many steps"""
    last = submission.call("chain", 12_000, handle=True)
    order = submission.topological_order(last)
    assert len(order) == 12_001
    assert len(set(order)) == 12_001
    assert order[0] == last
    for k in (0, 1, 5_000, 11_999):
        ((source, slope),) = order[k].inputs
        assert source == order[k + 1]
        close(slope, 1)


# ------------------------------------------------------------------- backward


def path_sums(edges, result):
    """The right gradients, by a plain rule: u collects from each use."""
    total = {result: 1.0}
    for k, i, slope in reversed(edges):
        total[i] = total.get(i, 0) + slope * total.get(k, 0)
    return total


def in_order(values, edges, rng):
    """One of the right orders, drawn at random."""
    result = len(values) - 1
    there = needed(edges, result)
    uses = {k: sum(i == k and j in there for j, i, _ in edges) for k in there}
    ready, order = [result], []
    while ready:
        k = ready.pop(int(rng.integers(len(ready))))
        order.append(k)
        for j, i, _ in edges:
            if j == k:
                uses[i] -= 1
                if not uses[i]:
                    ready.append(i)
    return order


@pytest.mark.task("backward")
@pytest.mark.points(0.5)
def test_backward_on_random_graphs(submission):
    """backward is right for graphs in which results are reused"""
    rng = np.random.default_rng(41)
    for size in (3, 5, 8, 12, 20):
        values, edges = random_graph(submission, rng, size)
        order = in_order(values, edges, rng)
        submission.backward([values[k] for k in order])
        right = path_sums(edges, size - 1)
        for k in order:
            close(values[k].grad, right[k])


@pytest.mark.task("backward")
@pytest.mark.points(0.5)
def test_backward_again(submission):
    """backward called again adds up in the leaves, and nowhere else"""
    rng = np.random.default_rng(42)
    values, edges = random_graph(submission, rng, 12)
    right = path_sums(edges, 11)
    leaves = {0, 1}
    values[0].grad, values[7].grad = 0.5, 3.0
    for times in (1, 2, 3):
        order = in_order(values, edges, rng)
        submission.backward([values[k] for k in order])
        for k in order:
            if k in leaves:
                close(values[k].grad, times * right[k] + 0.5 * (k == 0))
            else:
                close(values[k].grad, right[k])


@pytest.mark.task("backward")
@pytest.mark.points(0.25)
def test_backward_of_two_results(submission):
    """backward: two results that share numbers add up in the leaves"""
    rng = np.random.default_rng(43)
    values, edges = random_graph(submission, rng, 9)
    other = submission.Value(0.0, [(values[0], -2.0), (values[-1], 0.5)])
    right = path_sums(edges, 8)
    order = in_order(values, edges, rng)
    submission.backward([values[k] for k in order])
    submission.backward([other] + [values[k] for k in order])
    close(other.grad, 1)
    for k in order:
        if k > 1:
            close(values[k].grad, 0.5 * right[k])
        else:
            close(values[k].grad, 1.5 * right[k] - 2 * (k == 0))


@pytest.mark.task("backward")
@pytest.mark.points(0.25)
def test_backward_at_the_ends(submission):
    """backward: a single leaf, and a slope of exactly zero"""
    leaf = submission.Value(4.0)
    for times in (1, 2):
        submission.backward([leaf])
        close(leaf.grad, times)
    u, v = submission.Value(1.0), submission.Value(2.0)
    w = submission.Value(3.0, [(u, 0.0), (v, -1.5)])
    submission.backward([w, u, v])
    close([w.grad, u.grad, v.grad], [1, 0, -1.5])


# --------------------------------------------------------------------- arrays


@pytest.mark.task("arrays")
@pytest.mark.points(0.5)
def test_unbroadcast(submission):
    """unbroadcast is right for arrays of any number of axes"""
    rng = np.random.default_rng(51)
    for full, shape in (
        ((4, 2, 3), (2, 3)),
        ((4, 2, 3), (4, 1, 3)),
        ((4, 2, 3), (1, 3)),
        ((4, 2, 3), (2, 1)),
        ((4, 2, 3), (3,)),
        ((4, 2, 3), ()),
        ((4, 2, 3), (4, 2, 3)),
        ((3, 3), (3,)),
        ((3, 3), (3, 1)),
        ((1, 3), (1, 3)),
        ((2, 3), (1, 1)),
        ((5,), (1,)),
    ):
        grad = rng.normal(size=full)
        # By definition: each entry collects from wherever it was used.
        numbers = np.arange(int(np.prod(shape))).reshape(shape)
        used = np.broadcast_to(numbers, full)
        right = np.zeros(numbers.size)
        np.add.at(right, used.ravel(), grad.ravel())
        close(submission.unbroadcast(grad, shape), right.reshape(shape))


@pytest.mark.task("arrays")
@pytest.mark.points(0.25)
def test_matmul(submission):
    """matmul_gradients is right for matrices of any sizes"""
    rng = np.random.default_rng(52)
    for n, d, m in ((2, 3, 4), (1, 4, 2), (3, 3, 3), (5, 1, 1)):
        A, B = rng.normal(size=(n, d)), rng.normal(size=(d, m))
        grad = rng.normal(size=(n, m))
        (dA, dB), after, _ = submission.call(
            "matmul_gradients", A, B, grad, echo=True
        )
        close(dA, np.einsum("nm,dm->nd", grad, B))
        close(dB, np.einsum("nm,nd->dm", grad, A))
        for old, new in zip((A, B, grad), after, strict=True):
            assert np.array_equal(old, new)


@pytest.mark.task("arrays")
@pytest.mark.points(0.25)
def test_mean(submission):
    """mean_gradient is right along every axis, and along none"""
    rng = np.random.default_rng(53)
    for shape in ((3, 2), (2, 2), (4, 1, 3), (5,)):
        x = rng.normal(size=shape)
        for axis in range(x.ndim):
            grad = rng.normal(size=x.mean(axis=axis).shape)
            right = np.zeros(shape)
            for place in np.ndindex(shape):
                rest = place[:axis] + place[axis + 1 :]
                right[place] = grad[rest] / shape[axis]
            close(submission.mean_gradient(x, grad, axis), right)
        close(submission.mean_gradient(x, np.array(3.0)), 0 * x + 3 / x.size)


# ------------------------------------------------------------------- learning


@pytest.mark.task("learning")
@pytest.mark.points(0.5)
def test_step(submission):
    """step moves every parameter by its own, fresh gradient"""
    rng = np.random.default_rng(61)
    for rate in (0.1, 0.3):
        start, targets = rng.normal(size=(2, 4)).tolist()
        values = [submission.Value(p) for p in start]
        bowl = submission.Bowl(values, targets)
        p, t = np.array(start), np.array(targets)
        for _ in range(3):
            loss = submission.step(values, bowl, rate)
            close(loss, ((p - t) ** 2).sum())
            p = p - rate * 2 * (p - t)
            close([value.data for value in values], p)


def digit_accuracy(submission):
    """Accuracy on the test digits of the network these arrays describe.

    Only arrays cross over, and the outputs are computed here: whatever the
    notebook did, such a network is graded.
    """
    hidden = np.asarray(submission["hidden_weights"], dtype=float)
    output = np.asarray(submission["output_weights"], dtype=float)
    assert hidden.shape == (3, 17)
    assert output.shape == (4,)
    assert np.isfinite(hidden).all()
    assert np.isfinite(output).all()
    digits = data.load("mnist", "test")
    chosen = np.isin(digits.labels, [5, 6])
    X = digits.images[chosen].reshape(-1, 4, 7, 4, 7).mean(axis=(2, 4))
    h = np.tanh(X.reshape(-1, 16) @ hidden[:, :-1].T + hidden[:, -1])
    z = h @ output[:-1] + output[-1]
    return np.mean((z > 0) == (digits.labels[chosen] == 6))


@pytest.mark.task("learning")
@pytest.mark.points(0.25)
def test_tells_most_digits_apart(submission):
    """Your network tells at least 80 % of the test digits apart"""
    assert digit_accuracy(submission) >= 0.80


@pytest.mark.task("learning")
@pytest.mark.points(0.5)
def test_tells_nine_in_ten_apart(submission):
    """Your network tells at least 90 % of the test digits apart"""
    assert digit_accuracy(submission) >= 0.90
