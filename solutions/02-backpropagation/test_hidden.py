"""Hidden tests of exercise 02. Students see the first line of each docstring
and whether the test passed, nothing else.

The right answers are worked out here, with NumPy only. Every property is
tested together with a value, so that an answer which has the property for
nothing (zeros, a constant, the input) earns nothing.
"""

import numpy as np
import pytest

from coursekit import data
from coursekit.grading.explain import close


def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


def log_softmax(z):
    z = np.asarray(z, dtype=float)
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


# ----------------------------------------------------------------------- unit


def unit(w, b, x, t):
    h = sigmoid(w @ x + b)
    dz = (h - t) * h * (1 - h)
    return (h - t) ** 2 / 2, dz * x, dz, dz * w


@pytest.mark.task("unit")
@pytest.mark.points(0.25)
def test_unit_loss_and_bias(submission):
    """unit_gradients: loss and db are right for other numbers and sizes"""
    rng = np.random.default_rng(11)
    for size in (1, 3, 6):
        w, x = rng.normal(size=size), rng.normal(size=size)
        b, t = float(rng.normal()), float(rng.random())
        loss, _, db, _ = submission.unit_gradients(w, b, x, t)
        right = unit(w, b, x, t)
        close(loss, right[0])
        close(db, right[2])


@pytest.mark.task("unit")
@pytest.mark.points(0.5)
def test_unit_vectors(submission):
    """unit_gradients: dw and dx are right, and the arguments stay"""
    rng = np.random.default_rng(12)
    for size in (1, 4, 5):
        w, x = rng.normal(size=size), rng.normal(size=size)
        b, t = float(rng.normal()), float(rng.normal())
        (_, dw, _, dx), after, _ = submission.call(
            "unit_gradients", w, b, x, t, echo=True
        )
        right = unit(w, b, x, t)
        close(dw, right[1])
        close(dx, right[3])
        assert np.array_equal(after[0], w)
        assert np.array_equal(after[2], x)


# --------------------------------------------------------------------- linear


def sizes(rng, n, d, m):
    """x, W, b and grad of a linear layer."""
    return (
        rng.normal(size=(n, d)),
        rng.normal(size=(m, d)),
        rng.normal(size=m),
        rng.normal(size=(n, m)),
    )


@pytest.mark.task("linear")
@pytest.mark.points(0.25)
def test_linear_forward(submission):
    """Linear.forward is right for other sizes and a batch of one"""
    rng = np.random.default_rng(21)
    for shape in ((5, 3, 4), (1, 2, 6), (4, 4, 1)):
        x, W, b, _ = sizes(rng, *shape)
        layer = submission.Linear(W, b)
        close(layer.forward(x), x @ W.T + b)
        close(layer.forward(x.astype(np.float32)), x @ W.T + b)


@pytest.mark.task("linear")
@pytest.mark.points(0.25)
def test_linear_input_gradient(submission):
    """Linear.backward returns the right gradient, for a new batch as well"""
    rng = np.random.default_rng(22)
    for shape in ((5, 3, 4), (1, 2, 6), (3, 3, 3)):
        x, W, b, grad = sizes(rng, *shape)
        layer = submission.Linear(W, b)
        for g in (grad, grad[:1], -2 * grad):
            layer.forward(x[: len(g)])
            close(layer.backward(g), g @ W)


@pytest.mark.task("linear")
@pytest.mark.points(0.25)
def test_linear_weight_gradient(submission):
    """Linear.backward stores the right grad_W, that of the latest batch"""
    rng = np.random.default_rng(23)
    for shape in ((5, 3, 4), (1, 2, 6), (3, 3, 3)):
        x, W, b, grad = sizes(rng, *shape)
        layer = submission.Linear(W, b)
        for g in (grad, grad[:1]):
            layer.forward(x[: len(g)])
            layer.backward(g)
            close(layer.grad_W, g.T @ x[: len(g)])


@pytest.mark.task("linear")
@pytest.mark.points(0.25)
def test_linear_bias_gradient(submission):
    """Linear.backward stores the right grad_b; a batch twice counts twice"""
    rng = np.random.default_rng(24)
    for shape in ((5, 3, 4), (1, 2, 6), (3, 3, 3)):
        x, W, b, grad = sizes(rng, *shape)
        layer = submission.Linear(W, b)
        for g in (grad, grad[:1], np.vstack([grad, grad])):
            layer.forward(rng.normal(size=(len(g), x.shape[1])))
            layer.backward(g)
            close(layer.grad_b, g.sum(axis=0))


@pytest.mark.task("linear")
@pytest.mark.points(0.25)
def test_linear_leaves_things_alone(submission):
    """Linear: two layers do not disturb each other, nothing else changes"""
    rng = np.random.default_rng(25)
    x, W, b, grad = sizes(rng, 4, 3, 2)
    y, V, c, other = sizes(rng, 5, 2, 3)
    one, two = submission.Linear(W, b), submission.Linear(V, c)
    _, (seen,), _ = one.call("forward", x, echo=True)
    two.forward(y)
    below, (given,), _ = one.call("backward", grad, echo=True)
    close(below, grad @ W)
    close(two.backward(other), other @ V)
    close(one.grad_W, grad.T @ x)
    close(two.grad_W, other.T @ y)
    for before, after in (
        (x, seen),
        (grad, given),
        (W, one.W),
        (b, one.b),
        (V, two.W),
    ):
        assert np.array_equal(before, after)


# ---------------------------------------------------------------- activations


def activation(submission, name, value, slope, xs):
    """Judge one activation on each array of xs, forward and backward."""
    rng = np.random.default_rng(31)
    for x in xs:
        layer = getattr(submission, name)()
        grad = rng.normal(size=x.shape)
        result, (seen,), _ = layer.call("forward", x, echo=True)
        close(result, value(x.astype(float)))
        below, (given,), _ = layer.call("backward", grad, echo=True)
        close(below, grad * slope(x.astype(float)))
        assert np.array_equal(seen, x)
        assert np.array_equal(given, grad)
    # Two layers of the kind, each with its own memory.
    one, two = getattr(submission, name)(), getattr(submission, name)()
    one.forward(xs[0])
    two.forward(-xs[0])
    close(one.backward(np.ones(xs[0].shape)), slope(xs[0].astype(float)))


def several(seed):
    rng = np.random.default_rng(seed)
    return [
        rng.normal(0, 2, (4, 3)),
        rng.normal(0, 2, (1, 5)).astype(np.float32),
        rng.normal(0, 2, (2, 3, 2)),
    ]


@pytest.mark.task("activations")
@pytest.mark.points(0.25)
def test_sigmoid(submission):
    """Sigmoid is right for arrays of any shape, and for large numbers"""
    activation(
        submission,
        "Sigmoid",
        sigmoid,
        lambda x: sigmoid(x) * (1 - sigmoid(x)),
        [*several(31), np.array([[800.0, -800.0, 0.0]])],
    )


@pytest.mark.task("activations")
@pytest.mark.points(0.25)
def test_relu(submission):
    """ReLU is right for arrays of any shape, at the kink, and when reused"""
    xs = several(32)
    xs[0][1] = 0
    activation(
        submission,
        "ReLU",
        lambda x: np.maximum(x, 0),
        lambda x: (x > 0) * 1.0,
        [*xs, np.array([[800.0, -800.0, -1e-9, 1e-9]])],
    )


@pytest.mark.task("activations")
@pytest.mark.points(0.25)
def test_softplus(submission):
    """Softplus is right for arrays of any shape, and for large numbers"""
    activation(
        submission,
        "Softplus",
        lambda x: np.logaddexp(0, x),
        sigmoid,
        [*several(33), np.array([[800.0, -800.0, 30.0, -12.0, 0.0]])],
    )


# ----------------------------------------------------------------------- loss

LARGE = np.array(
    [[1000.0, -1000, 998], [-1000, -1001, -999], [0, 1, 2], [-500, 500, 500]]
)


def batch(seed, n, k):
    """Logits and labels; one class never occurs, unless there is only one."""
    rng = np.random.default_rng(seed)
    return rng.normal(0, 3, (n, k)), rng.integers(0, max(k - 1, 1), n)


def right_loss(z, labels):
    return -log_softmax(z)[np.arange(len(labels)), labels].mean()


def right_slope(z, labels):
    p = np.exp(log_softmax(z))
    return (p - np.eye(p.shape[1])[labels]) / len(labels)


@pytest.mark.task("loss")
@pytest.mark.points(0.25)
def test_loss_value(submission):
    """CrossEntropy.forward is right for other batches, down to one example"""
    for shape in ((6, 3), (1, 5), (4, 4), (9, 2)):
        z, labels = batch(41, *shape)
        loss = submission.CrossEntropy()
        _, (seen, kept), _ = loss.call("forward", z, labels, echo=True)
        close(loss.forward(z, labels), right_loss(z, labels))
        close(loss.forward(z + 7, labels), right_loss(z, labels))
        assert np.array_equal(seen, z)
        assert np.array_equal(kept, labels)


@pytest.mark.task("loss")
@pytest.mark.points(0.25)
def test_loss_large(submission):
    """CrossEntropy is exact for very large and very small logits"""
    for labels in (np.array([0, 2, 0, 1]), np.array([1, 0, 2, 0])):
        for z in (LARGE, LARGE[[3, 0, 2, 1]]):
            loss = submission.CrossEntropy()
            close(loss.forward(z, labels), right_loss(z, labels))
            close(loss.backward(), right_slope(z, labels))


@pytest.mark.task("loss")
@pytest.mark.points(0.5)
def test_loss_gradient(submission):
    """CrossEntropy.backward is right for other batches, and when repeated"""
    for shape in ((6, 3), (1, 5), (4, 4), (9, 2)):
        z, labels = batch(42, *shape)
        loss = submission.CrossEntropy()
        loss.forward(z, labels)
        for _ in range(2):
            close(loss.backward(), right_slope(z, labels))
        loss.forward(z[::-1].copy(), labels)
        close(loss.backward(), right_slope(z[::-1], labels))
        twice = np.vstack([z, z]), np.concatenate([labels, labels])
        loss.forward(*twice)
        close(loss.backward(), right_slope(*twice))


# -------------------------------------------------------------------- network


def toys(submission, kinds):
    """Layers, and what they make of x and of grad: a number is a Scale."""
    layers = [
        submission.Scale(kind)
        if isinstance(kind, float)
        else submission.call(kind, handle=True)
        for kind in kinds
    ]

    def through(x, grad):
        values = [x]
        for kind in kinds:
            values.append(
                np.cumsum(values[-1], axis=1)
                if kind == "Cumulate"
                else values[-1] ** 2
                if kind == "Square"
                else kind * values[-1]
            )
        for kind, value in zip(kinds[::-1], values[-2::-1], strict=True):
            grad = (
                np.cumsum(grad[:, ::-1], axis=1)[:, ::-1]
                if kind == "Cumulate"
                else 2 * value * grad
                if kind == "Square"
                else kind * grad
            )
        return values[-1], grad

    return layers, through


@pytest.mark.task("network")
@pytest.mark.points(0.5)
def test_network_of_any_depth(submission):
    """Network is right with one layer, with many, in any order"""
    rng = np.random.default_rng(51)
    for kinds in (
        ["Square"],
        [-0.5],
        [2.0, "Square", "Cumulate", 0.3],
        ["Cumulate", "Square", -1.5],
        [0.7, "Square", "Cumulate", "Square", 0.4, "Cumulate", -2.0],
    ):
        layers, through = toys(submission, kinds)
        network = submission.Network(layers)
        for shape in ((3, 2), (1, 4)):
            x, grad = rng.normal(size=shape), rng.normal(size=shape)
            value, below = through(x, grad)
            close(network.forward(x), value)
            close(network.backward(grad), below)


@pytest.mark.task("network")
@pytest.mark.points(0.25)
def test_network_goes_on(submission):
    """Network: both ways can be repeated, nothing is turned round"""
    rng = np.random.default_rng(52)
    layers, through = toys(submission, [1.5, "Square", "Cumulate"])
    network = submission.Network(layers)
    other = submission.Network(layers[:2])
    for _ in range(3):
        x, grad = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
        value, right = through(x, grad)
        result, (seen,), _ = network.call("forward", x, echo=True)
        close(result, value)
        assert np.array_equal(seen, x)
        below, (given,), _ = network.call("backward", grad, echo=True)
        close(below, right)
        assert np.array_equal(given, grad)
    close(other.forward(x), (1.5 * x) ** 2)


# --------------------------------------------------------------------- slopes


@pytest.mark.task("slopes")
@pytest.mark.points(0.25)
def test_numerical_gradient(submission):
    """numerical_gradient is right for any shape, and moves nothing"""
    rng = np.random.default_rng(61)
    for shape in ((3,), (2, 4), (1,), (2, 1, 3)):
        theta = rng.normal(size=shape)
        for eps in (0.25, 1e-4):
            result, after, _ = submission.call(
                "numerical_gradient",
                submission.tangle,
                theta,
                eps,
                echo=True,
            )
            close(result, 2 * theta.sum() + 2 * theta)
            assert np.array_equal(after[1], theta)
    close(
        submission.numerical_gradient(submission.tangle, theta),
        2 * theta.sum() + 2 * theta,
    )


@pytest.mark.task("slopes")
@pytest.mark.points(0.25)
def test_relative_error(submission):
    """relative_error is right for any arrays, and for zeros"""
    rng = np.random.default_rng(62)
    for shape, scale in (((4,), 1e-6), ((3, 2), 1000), ((1, 1), 1)):
        a = scale * rng.normal(size=shape)
        for b in (a + 0.1 * scale * rng.normal(size=shape), -3 * a, 0 * a):
            size = max(np.abs(a).max(), np.abs(b).max())
            right = np.abs(a - b).max() / size
            close(submission.relative_error(a, b), right)
            close(submission.relative_error(b, a), right)
    close(submission.relative_error(a, a), 0)
    close(submission.relative_error(np.zeros((2, 2)), np.zeros((2, 2))), 0)


@pytest.mark.task("slopes")
@pytest.mark.points(0.25)
def test_layer_errors(submission):
    """layer_errors finds what is wrong with a layer, and how much"""
    rng = np.random.default_rng(63)
    x, W, b, grad = sizes(rng, 3, 4, 2)
    gx, gW, gb = grad @ W, grad.T @ x, grad.sum(axis=0)

    def error(a, b):
        size = max(np.abs(a).max(), np.abs(b).max())
        return np.abs(a - b).max() / size

    for name, right in (
        ("Bert", (0, 0, 0)),
        ("Anna", (0, 0, 2 / 3)),
        ("Cleo", (error(gx - 0.1 * grad @ gW, gx), 0, 0)),
        ("Dora", (2 / 3, 2 / 3, 2 / 3)),
        ("Emil", (0, error(np.outer(gb, x.sum(0)), gW), 0)),
    ):
        layer = submission.call(name, W, b)
        errors = submission.layer_errors(layer, x, grad)
        assert set(errors) == {"x", "W", "b"}
        close([errors[key] for key in ("x", "W", "b")], right)
        assert np.array_equal(layer.W, W)
        assert np.array_equal(layer.b, b)
    square = submission.layer_errors(submission.Square(), x, x)
    assert set(square) == {"x"}
    close(square["x"], 0)


# --------------------------------------------------------------------- digits


@pytest.mark.task("digits")
@pytest.mark.points(0.75)
def test_step(submission):
    """step moves every layer that can learn, by gradients of one moment"""
    rng = np.random.default_rng(71)
    for n, d in ((1, 3), (5, 2)):
        W1, b1, W2, b2 = (rng.normal(size=d) for _ in range(4))
        network = submission.TwoGains(W1, b1, 1.5, W2, b2)
        for rate in (0.3, 0.02):
            x, t = rng.normal(size=(n, d)), rng.normal(size=(n, d))
            value, after, _ = submission.call(
                "step",
                network,
                submission.SquaredError(),
                x,
                t,
                rate,
                echo=True,
            )
            middle = 1.5 * (W1 * x + b1)
            delta = (W2 * middle + b2 - t) / n
            close(value, n / 2 * (delta**2).sum())
            below = 1.5 * W2 * delta
            W1, b1 = W1 - rate * (below * x).sum(0), b1 - rate * below.sum(0)
            W2 = W2 - rate * (delta * middle).sum(0)
            b2 = b2 - rate * delta.sum(0)
            first, _, last = network.layers
            for got, right in (
                (first.W, W1),
                (first.b, b1),
                (last.W, W2),
                (last.b, b2),
            ):
                close(got, right)
            assert np.array_equal(after[2], x)
            assert np.array_equal(after[3], t)


def digit_accuracy(submission):
    """Accuracy on the test images of the network with one hidden layer of
    ReLU units that these four arrays describe.

    Only arrays cross over, and the scores are computed here: whatever the
    notebook did, such a network is graded.
    """
    W1, b1, W2, b2 = (
        np.asarray(submission[f"digit_{name}"], dtype=float)
        for name in ("W1", "b1", "W2", "b2")
    )
    hidden = len(b1)
    assert W1.shape == (hidden, 784)
    assert W2.shape == (10, hidden)
    assert b2.shape == (10,)
    test = data.load("mnist", split="test")
    X = test.images.reshape(-1, 784)
    scores = np.maximum(X @ W1.T + b1, 0) @ W2.T + b2
    assert np.isfinite(scores).all()
    return np.mean(scores.argmax(axis=1) == test.labels)


@pytest.mark.task("digits")
@pytest.mark.points(0.25)
def test_reads_most_digits(submission):
    """Your network reads at least 85 % of the test images"""
    assert digit_accuracy(submission) >= 0.85


@pytest.mark.task("digits")
@pytest.mark.points(0.25)
def test_reads_more_than_a_linear_classifier(submission):
    """Your network reads at least 93 % of the test images"""
    assert digit_accuracy(submission) >= 0.93
