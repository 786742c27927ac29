"""What `check("…")` runs in exercise 02. You may read this file: it shows
what is asked, with small inputs.

Every test compares your answer with the right one. When they differ, it
looks through what the usual mistakes lead to; if your answer is one of
those, it says which.
"""

import numpy as np
import pytest

from coursekit.grading.explain import explain, hints, parts, unchanged

# ----------------------------------------------------------------------- unit


@pytest.mark.task("unit")
@pytest.mark.points(0.25)
def test_unit(submission):
    """unit_gradients: z = ln 3, so that h = 3/4"""
    w, b, x, t = np.array([1.0, 2.0]), np.log(3) - 5, np.array([1.0, 2.0]), 1
    h, up = 0.75, -0.25
    dz = up * h * (1 - h)
    result, after, _ = submission.call(
        "unit_gradients", w, b, x * [1, 1], t, echo=True
    )
    loss, dw, db, dx = parts(result, ["loss", "dw", "db", "dx"])
    explain(
        loss,
        up**2 / 2,
        "loss",
        {
            "the half of ½ (h - t)² is missing.": up**2,
            "square the difference.": up / 2,
            "this is the loss of z. The sigmoid is missing: h = σ(z).": (
                np.log(3) - t
            )
            ** 2
            / 2,
        },
    )
    explain(
        db,
        dz,
        "db",
        {
            "the slope of the sigmoid is missing: h (1 - h).": up,
            "the sign is wrong: the derivative of the loss is h - t.": -dz,
            "the slope of the sigmoid is h (1 - h); this is z (1 - z).": up
            * np.log(3)
            * (1 - np.log(3)),
            "this is the slope of tanh, 1 - h². For the sigmoid it is "
            "h (1 - h).": up * (1 - h**2),
            "the ½ cancels the 2 of the square; do not divide by 2 again.": dz
            / 2,
            "there is no factor 2: the ½ of the loss cancels it.": 2 * dz,
        },
    )
    explain(
        dw,
        dz * x,
        "dw",
        {
            "z = w·x + b moves with w as fast as x says: multiply by x.": dz,
            "h is the output; w is multiplied with x.": dz * h,
            "the slope of the sigmoid is missing.": up * x,
        },
    )
    unchanged(w, after[0], "w")
    w = np.array([3.0, -1.0])
    _, dw, _, dx = submission.unit_gradients(w, np.log(3) - 1, x, t)
    explain(
        dx,
        dz * w,
        "dx",
        {
            "this is dw. z moves with x as fast as w says.": dz * x,
            "x acts through both inputs separately: dx has the shape of "
            "x.": dz * w.sum(),
            "the slope of the sigmoid is missing.": up * w,
        },
    )
    explain(dw, dz * x, "dw", {"this is dx.": dz * w})


# --------------------------------------------------------------------- linear

W = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]])
B = np.array([0.0, 0.0, 1.0])
X = np.array([[1.0, 2.0], [3.0, 0.0]])
GRAD = np.array([[1.0, 0.0, 2.0], [1.0, 1.0, -1.0]])
SHAPES = {
    "mismatch": "Here N = 2, D = 2 and M = 3: x is (N, D), W is (M, D), b is "
    "(M,) and grad is (N, M). In a product the inner sizes must agree.",
    "broadcast": "Here N = 2, D = 2 and M = 3: x is (N, D), W is (M, D), b "
    "is (M,) and grad is (N, M). Print the shapes.",
    "aligned": "Here N = 2, D = 2 and M = 3: x is (N, D), W is (M, D), b is "
    "(M,) and grad is (N, M). In a product the inner sizes must agree.",
}


@pytest.mark.task("linear")
@pytest.mark.points(0.25)
def test_linear_forward(submission):
    """Linear.forward: the example of the description"""
    layer = submission.Linear(W, B)
    with hints(SHAPES):
        result, (seen,), _ = layer.call("forward", X, echo=True)
    explain(
        result,
        [[1, 2, 0], [3, 0, 4]],
        "forward(x)",
        {"the bias is missing.": [[1, 2, -1], [3, 0, 3]]},
    )
    unchanged(X, seen, "x")


@pytest.mark.task("linear")
@pytest.mark.points(0.5)
def test_linear_backward(submission):
    """Linear.backward: the example of the description"""
    layer = submission.Linear(W, B)
    layer.forward(X)
    with hints(SHAPES):
        below, (seen,), _ = layer.call("backward", GRAD, echo=True)
    explain(
        below,
        [[3, -2], [0, 2]],
        "what backward returns",
        {
            "divided by N. The 1/N of the loss already is in grad.": [
                [1.5, -1],
                [0, 1],
            ],
            "each row is that of the other example.": [[0, 2], [3, -2]],
        },
    )
    right = np.array([[4.0, 2.0], [3.0, 0.0], [-1.0, 4.0]])
    explain(
        layer.grad_W,
        right,
        "grad_W",
        {
            "the wrong way round: it has the shape of W, (M, D), so it is "
            "grad.T @ x.": right.T,
            "divided by N. The 1/N of the loss already is in grad; here the "
            "effects add up.": right / 2,
            "still 0. Store the gradient in self.grad_W.": 0 * right,
            "sums were multiplied where the sum of products belongs. Each "
            "example's gradient meets that example's input: "
            "grad.T @ x.": np.outer(GRAD.sum(0), X.sum(0)),
            "only the last example counts. Add up over all rows.": np.outer(
                GRAD[1], X[1]
            ),
        },
    )
    explain(
        layer.grad_b,
        [2, 1, 1],
        "grad_b",
        {
            "this is a mean over the batch. b is used once for every row, "
            "and effects add up: a sum.": [1, 0.5, 0.5],
            "still 0. Store the gradient in self.grad_b.": [0, 0, 0],
            "the sum runs over the outputs. b has one number for each "
            "output: add up the rows, axis 0.": GRAD.sum(axis=1),
            "the sum over the batch is missing: grad_b has the shape of b, "
            "(M,).": GRAD,
            "the shape should be (3,), not (1, 3).": [[2, 1, 1]],
        },
    )
    unchanged(GRAD, seen, "grad")
    assert np.array_equal(layer.W, W), (
        "backward changed W. It only computes gradients; the step comes "
        "later, when all layers have theirs."
    )
    # A second batch, of one.
    layer.forward(X[:1])
    layer.backward(GRAD[:1])
    explain(
        layer.grad_b,
        GRAD[0],
        "grad_b after a second batch",
        {
            "the gradient of the first batch is still in it. Here each "
            "backward stores its own: use =, not +=.": GRAD.sum(0) + GRAD[0],
        },
    )


# ---------------------------------------------------------------- activations


def activation(submission, name, x, right, slope, mistakes):
    """Check one activation on x, with 0.5, 1, 1.5, ... coming from above."""
    layer = getattr(submission, name)()
    result, (seen,), _ = layer.call("forward", x, echo=True)
    explain(result, right, f"{name}.forward(x)", mistakes.get("forward"))
    unchanged(x, seen, "x")
    grad = 0.5 * np.arange(1, x.size + 1).reshape(x.shape)
    grad.flat[1] *= -1
    below, (seen,), _ = layer.call("backward", grad, echo=True)
    explain(
        below,
        grad * slope,
        f"{name}.backward(grad)",
        {
            "grad is not used: multiply the slope by it.": slope,
            "grad came back as it was: the slope is missing.": grad,
        }
        | {key: grad * s for key, s in mistakes.get("slope", {}).items()}
        | {key: call(grad) for key, call in mistakes.get("back", {}).items()},
    )
    unchanged(grad, seen, "grad")


@pytest.mark.task("activations")
@pytest.mark.points(0.25)
def test_sigmoid(submission):
    """Sigmoid: values and slopes at x = ln 1, ln 3, -ln 4, ln 9"""
    x = np.log([[1.0, 3.0], [0.25, 9.0]])
    h = np.array([[0.5, 0.75], [0.2, 0.9]])
    activation(
        submission,
        "Sigmoid",
        x,
        h,
        h * (1 - h),
        {
            "forward": {
                "the sign of the exponent is wrong: 1 / (1 + exp(-x)).": 1
                - h,
                "this is tanh.": np.tanh(x),
            },
            "slope": {
                "the slope is h (1 - h), with the output h, not with the "
                "input x.": x * (1 - x),
                "this is the slope of tanh, 1 - h².": 1 - h**2,
                "the slope is h (1 - h): the 1 - h is missing.": h,
                "the sigmoid was taken twice: h already is σ(x).": (
                    lambda s: s * (1 - s)
                )(1 / (1 + np.exp(-h))),
            },
        },
    )


@pytest.mark.task("activations")
@pytest.mark.points(0.25)
def test_relu(submission):
    """ReLU: values and slopes left of the kink, on it, and right of it"""
    x = np.array([[-2.0, 3.0, 0.0], [0.5, -0.1, 4.0]])
    activation(
        submission,
        "ReLU",
        x,
        np.maximum(x, 0),
        x > 0,
        {
            "forward": {
                "this is |x|. Negative numbers become 0.": np.abs(x),
                "this is 1 where x is positive. That is the slope; the "
                "value is x itself.": x > 0,
            },
            "slope": {
                "the slope at exactly 0 is to be 0.": x >= 0,
                "the slope is 1 where x > 0, not x.": np.maximum(x, 0),
                "a negative x lets nothing pass, and a positive one "
                "everything; this is the wrong way round.": x <= 0,
            },
            "back": {
                "you cut off negative gradients. What counts is the sign of "
                "x, not that of grad.": lambda g: np.maximum(g, 0),
                "you cut off negative gradients as well as those at negative "
                "x. What counts is the sign of x.": lambda g: (
                    np.maximum(g, 0) * (x > 0)
                ),
            },
        },
    )


@pytest.mark.task("activations")
@pytest.mark.points(0.25)
def test_softplus(submission):
    """Softplus: values and slopes, at x = 1000 and -1000 too"""
    x = np.array([[0.0, np.log(3), np.log(0.25)], [1000.0, -1000.0, 1.0]])
    slope = [[0.5, 0.75, 0.2], [1, 0, 1 / (1 + np.exp(-1))]]
    right = np.array(
        [[np.log(2), np.log(4), np.log(1.25)], [1000, 0, np.log1p(np.e)]]
    )
    naive = right.copy()
    naive[1, 0] = np.inf
    activation(
        submission,
        "Softplus",
        x,
        right,
        np.array(slope),
        {
            "forward": {
                "exp(1000) overflows. Use the second form, in which no "
                "exponent is positive.": naive,
                "the max(x, 0) is missing.": np.log1p(np.exp(-np.abs(x))),
                "the sign of the exponent: -|x|, never above 0.": np.maximum(
                    x, 0
                )
                + np.logaddexp(0, np.abs(x)),
            },
            "slope": {
                "this is the slope of the sigmoid. The slope of softplus is "
                "the sigmoid itself.": np.array(slope)
                * (1 - np.array(slope)),
                "this is the slope of ReLU. Softplus has no kink: its slope "
                "is σ(x).": x > 0,
                "exp(1000) / exp(1000) is nan. Use 1 / (1 + exp(-x)).": [
                    [0.5, 0.75, 0.2],
                    [np.nan, 0, slope[1][2]],
                ],
                "this is σ(-x).": 1 - np.array(slope),
            },
        },
    )


# ----------------------------------------------------------------------- loss

Z = np.log([[1.0, 2.0, 5.0], [3.0, 3.0, 4.0]])
P = np.array([[0.125, 0.25, 0.625], [0.3, 0.3, 0.4]])
LABELS = np.array([2, 0])


@pytest.mark.task("loss")
@pytest.mark.points(0.25)
def test_loss_forward(submission):
    """CrossEntropy.forward: the example of the description, and large z"""
    loss = submission.CrossEntropy()
    with hints(
        {
            "broadcast": ".max(axis=1) and .sum(axis=1) give one number per "
            "row, shape (N,). With keepdims=True the shape is (N, 1), and "
            "each row meets its own number.",
        }
    ):
        value, (seen, _), _ = loss.call("forward", Z, LABELS, echo=True)
    right = -(np.log(0.625) + np.log(0.3)) / 2
    explain(
        value,
        right,
        "the loss",
        {
            "this is the sum over the batch; divide by N.": 2 * right,
            "the sign is missing: the logarithms are negative, the loss is "
            "positive.": -right,
            "divided by N * K. Divide by N, the number of examples.": right
            / 3,
            "there should be one number for the whole batch: average over "
            "the examples.": [-np.log(0.625), -np.log(0.3)],
            "z[:, labels] takes every label's column in every row. Take one "
            "entry per row: "
            "z[np.arange(N), labels].": -np.log(P)[:, LABELS].mean(),
            "this is the mean over all classes; only the right class of each "
            "example counts.": -np.log(P).mean(),
            "the softmax is missing, or its sum: ln p = z - ln Σ exp(z).": -Z[
                [0, 1], LABELS
            ].mean(),
            "the logarithm is missing: -ln p, not -p.": -P[
                [0, 1], LABELS
            ].mean(),
        },
    )
    unchanged(Z, seen, "z")
    large = np.array([[1000.0, 0.0], [0.0, 1.0]])
    explain(
        loss.forward(large, np.array([1, 1])),
        (1000 + np.log1p(np.exp(-1))) / 2,
        "the loss for the logits (1000, 0) and (0, 1)",
        hint="Subtract each row's own maximum first, and do not take the "
        "logarithm of a probability: it may have been rounded to 0.",
    )


@pytest.mark.task("loss")
@pytest.mark.points(0.25)
def test_loss_backward(submission):
    """CrossEntropy.backward: the example of the description"""
    loss = submission.CrossEntropy()
    loss.forward(Z, LABELS)
    Y = np.eye(3)[LABELS]
    right = (P - Y) / 2
    got = loss.backward()
    explain(
        got,
        right,
        "what backward returns",
        {
            "not averaged: the loss is a mean, so its gradient is divided by "
            "N.": P - Y,
            "the sign is wrong: p - y, not y - p.": -right,
            "divided by N * K. Divide by N.": right / 3,
            "the 1s are missing: subtract 1 at the right class.": P / 2,
            "this is the gradient with respect to the logarithms of p. The "
            "softmax is part of this layer: p - y.": -Y / 2,
            "p[:, labels] -= 1 changes whole columns. Subtract 1 from one "
            "entry per row: [np.arange(N), labels].": (P - [1, 0, 1]) / 2,
        },
    )
    explain(
        loss.backward(),
        right,
        "what backward returns when it is called again",
        {
            "the 1s were subtracted a second time. Work on a copy of p.": (
                P - 2 * Y
            )
            / 2,
        },
        "The second call should say the same: work on copies of what you "
        "kept.",
    )


# -------------------------------------------------------------------- network


def square(x, grad):
    """What Square makes of x, and of grad on the way back."""
    return x**2, 2 * x * grad


def cumulate(x, grad):
    """The same for Cumulate."""
    return np.cumsum(x, axis=1), np.cumsum(grad[:, ::-1], axis=1)[:, ::-1]


@pytest.mark.task("network")
@pytest.mark.points(0.25)
def test_network(submission):
    """Network: two layers, in both orders"""
    x, grad = np.array([[2.0, -1.0, 4.0]]), np.array([[1.0, 10.0, 3.0]])
    for names, first, last in (
        ("Cumulate, Square", cumulate, square),
        ("Square, Cumulate", square, cumulate),
    ):
        network = submission.Network(
            [submission.call(name, handle=True) for name in names.split(", ")]
        )
        middle, _ = first(x, grad)
        right, above = last(middle, grad)
        other = first(last(x, grad)[0], grad)[0]
        result, (seen,), _ = network.call("forward", x, echo=True)
        explain(
            result,
            right,
            f"forward through {names}",
            {
                "the layers ran in the wrong order. The first of the list is "
                "the one at the input.": other,
                "this is x as it came. Give each layer what the one before "
                "returned, and return the last.": x,
                "only the last layer ran: each layer gets what the one "
                "before it returned.": last(x, grad)[0],
                "only the first layer ran. Is `return` inside the "
                "loop?": middle,
            },
        )
        unchanged(x, seen, "x")
        below, (seen,), _ = network.call("backward", grad, echo=True)
        explain(
            below,
            first(x, above)[1],
            f"backward through {names}",
            {
                "grad came back as it was. Give each layer's backward what "
                "the one above it returned, and return the last.": grad,
                "the layers were asked from the first to the last. On the "
                "way back the last comes first: "
                "reversed(layers).": last(middle, first(x, grad)[1])[1],
                "every layer got the same grad. Each gets what the one above "
                "it returned.": first(x, grad)[1],
                "only the last layer was asked. Is `return` inside the "
                "loop?": above,
            },
            "Go through the layers from the last to the first.",
        )
        unchanged(grad, seen, "grad")
        explain(
            network.forward(x),
            right,
            f"forward after backward, through {names}",
            {
                "backward has turned round the list of layers for good. "
                "`reversed(layers)` leaves it as it is.": other,
            },
        )


# --------------------------------------------------------------------- slopes


@pytest.mark.task("slopes")
@pytest.mark.points(0.25)
def test_numerical_gradient(submission):
    """numerical_gradient: a function whose slopes are known"""
    theta = np.array([[1.0, -2.0], [0.5, 3.0], [0.0, 2.0]])
    f, eps = submission.tangle, 0.5
    right, n = 2 * theta.sum() + 2 * theta, theta.size
    result, after, _ = submission.call(
        "numerical_gradient", f, theta, eps, echo=True
    )
    explain(
        result,
        right,
        "numerical_gradient(tangle, theta, 0.5)",
        {
            "this is a one-sided difference. Move the entry up and down, and "
            "divide by 2 eps.": right + 2 * eps,
            "this is a one-sided difference, downwards. Move the entry up "
            "and down, and divide by 2 eps.": right - 2 * eps,
            "the distance between the two points is 2 eps, not eps.": 2
            * right,
            "the parentheses are missing: / (2 * eps), for / 2 * eps "
            "multiplies by eps.": right * eps**2,
            "all entries were moved together. One at a time.": np.full(
                (3, 2), 2 * theta.sum() * (n + 1)
            ),
            "the sign: f(θ + eps) minus f(θ - eps).": -right,
        },
        "Each entry is moved alone, from where it was at the beginning.",
    )
    unchanged(theta, after[1], "theta")


@pytest.mark.task("slopes")
@pytest.mark.points(0.25)
def test_relative_error(submission):
    """relative_error: the largest difference over the largest entry"""
    a, b = (
        np.array([[4.0, -2.0], [1.0, 0.0]]),
        np.array([[3.0, -8.0], [1, 0]]),
    )
    explain(
        submission.relative_error(a, b),
        6 / 8,
        "relative_error(a, b)",
        {
            "this is the largest difference itself; divide by the largest "
            "absolute value.": 6,
            "divide by the largest entry of *both* arrays, by absolute "
            "value: 8, not 4.": 6 / 4,
            "divide by the largest *absolute* value: -8 counts as 8.": 6 / 3,
            "differences count by absolute value: -8 and -2 are 6 apart.": 1
            / 8,
            "divide by the larger of the two maxima, not by their sum.": 6
            / 12,
            "one number is asked for, the largest.": np.abs(a - b) / 8,
        },
    )
    zero = submission.relative_error(np.zeros(3), np.zeros(3))
    explain(
        zero,
        0,
        "relative_error of two arrays of zeros",
        {"0 / 0 is nan. Two arrays of zeros are the same: 0.": np.nan},
    )


@pytest.mark.task("slopes")
@pytest.mark.points(0.25)
def test_layer_errors(submission):
    """layer_errors: Bert is right, Anna is not"""
    rng = np.random.default_rng(0)
    x, grad = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
    W, b = rng.normal(size=(2, 3)), rng.normal(size=2)
    for name in ("Bert", "Anna"):
        layer = submission.call(name, W, b)
        errors = submission.layer_errors(layer, x, grad)
        assert isinstance(errors, dict), (
            "layer_errors should return a dict: from each name to its error."
        )
        assert set(errors) == {"x", "W", "b"}, (
            f"{name} has W and b, so there should be errors for x, W and b; "
            f"there are some for {sorted(map(str, errors))}."
        )
        for key, error in errors.items():
            wanted = 0.75 if (name, key) == ("Anna", "b") else 0
            explain(
                error,
                wanted,
                f"the error of {key} for {name}",
                {
                    "Anna's grad_b is a mean over four examples, so a "
                    "quarter of the right one: an error of 3/4 "
                    "was expected, not 0. Compare what backward stored with "
                    "what you measure.": 0 if wanted else np.nan,
                },
                "The number to nudge is np.sum(layer.forward(x) * grad).",
            )
        for key, before in (("W", W), ("b", b)):
            assert np.array_equal(getattr(layer, key), before), (
                f"After the check the layer has another {key} than before. "
                "Put back what you moved."
            )
    only = submission.layer_errors(submission.Scale(2.0), x, x)
    assert set(only) == {"x"}, (
        "Scale has no W and no b, so there should be an error for x only. "
        "hasattr(layer, name) tells what a layer has."
    )


# --------------------------------------------------------------------- digits


@pytest.mark.task("digits")
@pytest.mark.points(0.25)
def test_step(submission):
    """step: the example of the description"""
    one, zero = np.array([1.0]), np.array([0.0])
    network = submission.TwoGains(one, zero, 2.0, one, zero)
    value = submission.step(
        network,
        submission.SquaredError(),
        np.array([[1.0]]),
        np.array([[3.0]]),
        0.1,
    )
    first, _, last = network.layers
    got = [[float(layer.W[0]), float(layer.b[0])] for layer in (first, last)]
    explain(
        got,
        [[1.2, 0.2], [1.2, 0.1]],
        "[[W, b of the first layer], [W, b of the last]] after the step",
        {
            "nothing moved. Does every layer with a W get a new one?": [
                [1, 0],
                [1, 0],
            ],
            "the step goes uphill: subtract.": [[0.8, -0.2], [0.8, -0.1]],
            "b did not move. It makes its own step.": [[1.2, 0], [1.2, 0]],
            "W did not move.": [[1, 0.2], [1, 0.1]],
            "only the first layer moved. Is `return` inside the loop?": [
                [1.2, 0.2],
                [1, 0],
            ],
            "only the last layer moved.": [[1, 0], [1.2, 0.1]],
            "the rate is missing.": [[3, 2], [3, 1]],
        },
    )
    explain(
        value,
        0.5,
        "what step returns",
        {
            "this is the loss after the step. Compute it before "
            "anything moves.": (2.4 * 1.4 + 0.1 - 3) ** 2 / 2,
        },
        "It should be the loss before the step.",
    )


@pytest.mark.task("digits")
def test_digit_network_is_complete(submission):
    """fit_digits: the weights are there and have the right shapes"""
    if submission["digit_W1"] is None:
        # Not run yet, or not written: let it say so itself.
        rng = np.random.default_rng(0)
        submission.call(
            "fit_digits",
            rng.random((40, 1, 28, 28), dtype=np.float32),
            np.arange(40) % 10,
            handle=True,
        )
        pytest.fail(
            "digit_W1 is still None, though `fit_digits` works on a few "
            "images: run the cell that calls it, again if need be."
        )
    W1, b1, W2, b2 = (
        np.asarray(submission[f"digit_{name}"], dtype=float)
        for name in ("W1", "b1", "W2", "b2")
    )
    hidden = len(b1)
    for name, value, shape in (
        ("W1", W1, (hidden, 784)),
        ("W2", W2, (10, hidden)),
        ("b2", b2, (10,)),
    ):
        assert value.shape == shape, (
            f"digit_{name} should have the shape {shape}, but it has the "
            f"shape {value.shape}."
        )
    for name, value in (("W1", W1), ("b1", b1), ("W2", W2), ("b2", b2)):
        assert np.isfinite(value).all(), (
            f"digit_{name} contains nan or inf: lower the learning rate."
        )
    assert np.ptp(W1, axis=0).max() > 1e-6, (
        "All hidden units are the same. Begin with random weights."
    )
