"""What `check("…")` runs in exercise 04. You may read this file: it shows
what is asked, with small inputs.

Every test compares your answer with the right one. When they differ, it
looks through what the usual mistakes lead to; if your answer is one of
those, it says which.
"""

import numpy as np
import pytest

from coursekit.grading.explain import explain, hints, parts, unchanged

# ---------------------------------------------------------------------- start


@pytest.mark.task("start")
@pytest.mark.points(0.25)
def test_deviation(submission):
    """initial_weights: shape, mean and standard deviation"""
    n, m = 200, 70
    for kind, variance in (("he", 2 / n), ("xavier", 2 / (n + m))):
        W = np.asarray(submission.initial_weights(n, m, kind, 3), dtype=float)
        name = f'initial_weights({n}, {m}, "{kind}", 3)'
        assert W.shape == (m, n), (
            f"{name} has the shape {W.shape}; it should be (outputs, "
            f"inputs) = ({m}, {n})."
        )
        found = W.std()
        for message, wrong in {
            "the root is missing: 2/n is the variance, and the generator "
            "takes the standard deviation.": variance,
            "this is He's rule with the number of outputs. What comes in is "
            "summed over the inputs.": np.sqrt(2 / m),
            "this is 1/n. ReLU halves the mean square, and the 2 makes up "
            "for it.": np.sqrt(1 / n),
            "this is He's rule, for Xavier.": np.sqrt(2 / n),
            "the 2 is missing: Xavier is 2 / (inputs + outputs).": np.sqrt(
                1 / (n + m)
            ),
            "this is Xavier's rule, for He.": np.sqrt(2 / (n + m)),
            "the width of a uniform distribution is not its standard "
            "deviation: from -a to a it is a / √3.": np.sqrt(variance / 3),
        }.items():
            if not np.isclose(wrong, np.sqrt(variance)):
                assert not np.isclose(found, wrong, rtol=0.03), (
                    f"The standard deviation of {name} is {found:.4f} and "
                    f"should be {np.sqrt(variance):.4f}: {message}"
                )
        assert np.isclose(found, np.sqrt(variance), rtol=0.03), (
            f"The standard deviation of {name} should be "
            f"{np.sqrt(variance):.4f}, but it is {found:.4f}."
        )
        assert abs(W.mean()) < 0.1 * found, (
            f"The mean of {name} should be 0; it is {W.mean():.3f}."
        )


@pytest.mark.task("start")
@pytest.mark.points(0.25)
def test_seed(submission):
    """initial_weights: the seed decides"""
    one, again, other = (
        np.asarray(submission.initial_weights(4, 3, "he", seed))
        for seed in (1, 1, 2)
    )
    assert np.ptp(one) > 0, (
        "All weights are equal. Units that start alike stay alike."
    )
    assert np.array_equal(one, again), (
        "The same seed gave other weights. Make a generator from the seed "
        "inside the function: np.random.default_rng(seed)."
    )
    assert not np.array_equal(one, other), (
        "Another seed gave the same weights: the seed is not used, and all "
        "layers of a network would begin alike."
    )


# ----------------------------------------------------------------- optimisers


@pytest.mark.task("optimisers")
@pytest.mark.points(0.25)
def test_momentum(submission):
    """momentum_step: three steps, with a rate that drops and with decay"""
    w, v = np.array([1.0, -2.0]), np.array([0.5, 1.0])
    grad = np.array([2.0, -4.0])
    result, after, _ = submission.call(
        "momentum_step", w, v, grad, 0.1, 0.9, echo=True
    )
    new_w, new_v = parts(result, ["w", "v"])
    right = 0.9 * v + grad
    explain(
        new_v,
        right,
        "v",
        {
            "the gradient is missing.": 0.9 * v,
            "the old velocity is missing.": grad,
            "in this form of momentum the new gradient counts in full: no "
            "factor 1 - α.": 0.9 * v + 0.1 * grad,
            "the rate stands outside the velocity: v is α v + g.": 0.9 * v
            - 0.1 * grad,
            "the rate stands outside the velocity.": 0.9 * v + 0.1 * grad,
            "the velocity was not slowed down: α v.": v + grad,
        },
    )
    explain(
        new_w,
        w - 0.1 * right,
        "w",
        {
            "the step goes along the *new* velocity.": w - 0.1 * v,
            "uphill: subtract.": w + 0.1 * right,
            "the step uses the gradient, not the velocity.": w - 0.1 * grad,
            "the rate is missing.": w - right,
        },
    )
    for before, now, name in (
        (w, after[0], "w"),
        (v, after[1], "v"),
        (grad, after[2], "grad"),
    ):
        unchanged(before, now, name)
    new_w, new_v = submission.momentum_step(w, v, grad, 0.1, 0.9, 0.5)
    explain(
        new_v,
        right + 0.5 * w,
        "v with decay 0.5",
        {
            "the decay is missing: g = grad + λ w.": right,
            "the sign: decay pulls towards 0, so λ w is added to the "
            "gradient.": right - 0.5 * w,
            "this is λ/2 · w. The derivative of λ/2 · w² is λ w.": right
            + 0.25 * w,
            "λ itself was added; add λ w.": right + 0.5,
        },
    )
    explain(new_w, w - 0.1 * (right + 0.5 * w), "w with decay 0.5")


@pytest.mark.task("optimisers")
@pytest.mark.points(0.25)
def test_adam(submission):
    """adam_step: the first step and the fourth"""
    w, grad = np.array([1.0, -2.0, 3.0]), np.array([4.0, -0.4, 0.5])
    zero = np.zeros(3)
    result, after, _ = submission.call(
        "adam_step", w, zero, zero, grad, 1, 0.1, echo=True
    )
    new_w, m, v = parts(result, ["w", "m", "v"])
    explain(
        m,
        0.1 * grad,
        "m",
        {
            "this is the corrected mean. Keep m itself; the correction is "
            "for the step only.": grad,
            "the newest gradient counts with 1 - β₁.": 0.9 * grad,
        },
    )
    explain(
        np.multiply(v, 1e5),
        100 * grad**2,
        "v · 10⁵",
        {
            "this is the corrected mean. Keep v itself.": 1e5 * grad**2,
            "the square of the gradient is missing.": 100 * grad,
            "the newest square counts with 1 - β₂.": 0.999e5 * grad**2,
        },
    )
    first = np.sign(grad)
    explain(
        new_w,
        w - 0.1 * first,
        "w after the first step",
        {
            "without the corrections the first step is 3.16 times as long.": w
            - 0.1 * first * 0.1 / np.sqrt(0.001),
            "v is not corrected.": w - 0.1 * first / np.sqrt(0.001),
            "m is not corrected.": w - 0.01 * first,
            "the root of v̂ is missing.": w - 0.1 * grad / (grad**2 + 1e-8),
            "uphill: subtract.": w + 0.1 * first,
        },
    )
    for before, now, name in (
        (w, after[0], "w"),
        (zero, after[1], "m"),
        (zero, after[2], "v"),
    ):
        unchanged(before, now, name)
    m, v = np.array([0.2, 0.1, -0.3]), np.array([0.5, 0.01, 0.02])
    new_w, _, _ = submission.adam_step(w, m, v, grad, 4, 0.1)
    m, v = 0.9 * m + 0.1 * grad, 0.999 * v + 0.001 * grad**2
    explain(
        new_w,
        w - 0.1 * (m / (1 - 0.9**4)) / np.sqrt(v / (1 - 0.999**4)),
        "w after the fourth step",
        {
            "the correction is always that of the first step. It is "
            "1 - β ** t.": w - 0.1 * (m / 0.1) / np.sqrt(v / 0.001),
            "the correction is β · t, or 1 - β t; it is 1 - β ** t.": w
            - 0.1 * (m / (1 - 0.9 * 4)) / np.sqrt(v / 0.001),
        },
        "In step t the corrections are 1 - β₁ ** t and 1 - β₂ ** t.",
    )


# ------------------------------------------------------------------- schedule


@pytest.mark.task("schedule")
@pytest.mark.points(0.25)
def test_schedule(submission):
    """rate_at: the example of the description, step by step"""
    total, warmup, peak = 12, 4, 0.8
    s = np.arange(total)
    cosine = 0.4 * (1 + np.cos(np.pi * (s - 4) / 8))
    right = np.where(s < 4, 0.2 * (s + 1), cosine)
    got = [submission.rate_at(int(k), total, warmup, peak) for k in s]
    whole = 0.4 * (1 + np.cos(np.pi * s / 12))
    explain(
        got,
        right,
        "the rates of steps 0 to 11",
        {
            "the first step has the rate 0: (s + 1) / W.": np.where(
                s < 4, 0.2 * s, cosine
            ),
            "the warm-up is missing.": whole,
            "the cosine begins when the warm-up is over: "
            "(s - W) / (T - W).": np.where(s < 4, right, whole),
            "the cosine should be spread over the T - W steps that "
            "are left.": np.where(
                s < 4, right, 0.4 * (1 + np.cos(np.pi * (s - 4) / 12))
            ),
            "half of it is missing: η/2 · (1 + cos).": np.where(
                s < 4, right, 2 * cosine
            ),
            "a whole turn of the cosine; half a turn is asked for, from 0 "
            "to π.": np.where(
                s < 4, right, 0.4 * (1 + np.cos(2 * np.pi * (s - 4) / 8))
            ),
            "the cosine rises: 1 + cos, not 1 - cos.": np.where(
                s < 4, right, 0.8 - cosine
            ),
            "it stays at the peak after the warm-up.": np.where(
                s < 4, right, 0.8
            ),
        },
    )


# ------------------------------------------------------------------ batchnorm

X = np.array([[1.0, 10.0], [3.0, 30.0], [5.0, 20.0], [7.0, 20.0]])
GAMMA, BETA = np.array([2.0, -1.0]), np.array([1.0, 0.5])
G = np.array([[1.0, 0.0], [0.0, 2.0], [-1.0, 1.0], [0.5, 0.5]])


@pytest.mark.task("batchnorm")
@pytest.mark.points(0.25)
def test_batchnorm_forward(submission):
    """BatchNorm.forward: in training, and then in use"""
    layer = submission.BatchNorm(GAMMA, BETA)
    with hints(
        {
            "broadcast": "x is (N, M); mean and variance are one number for "
            "each column, shape (M,): axis=0.",
        }
    ):
        result, after, _ = layer.call("forward", X, True, echo=True)
    mean, var = X.mean(axis=0), X.var(axis=0)
    hat = (X - mean) / np.sqrt(var + 1e-5)
    explain(
        result,
        GAMMA * hat + BETA,
        "forward(x, training=True)",
        {
            "divide by the standard deviation, not by the variance.": GAMMA
            * (X - mean)
            / (var + 1e-5)
            + BETA,
            "γ and β are missing.": hat,
            "β is missing.": GAMMA * hat,
            "the variance divides by N here, not by N - 1 (NumPy's "
            "default).": GAMMA
            * (X - mean)
            / np.sqrt(X.var(axis=0, ddof=1) + 1e-5)
            + BETA,
            "the running statistics were used; in training it is those of "
            "the batch.": GAMMA * X / np.sqrt(1 + 1e-5) + BETA,
            "the statistics of each row were used. They belong to the "
            "columns: axis=0.": GAMMA
            * (X - X.mean(axis=1, keepdims=True))
            / np.sqrt(X.var(axis=1, keepdims=True) + 1e-5)
            + BETA,
        },
    )
    unchanged(X, after[0], "x")
    explain(
        layer.running_mean,
        0.1 * mean,
        "running_mean after one batch",
        {
            "nothing was kept.": 0 * mean,
            "the newest batch has the share 0.1, the old value 0.9; this is "
            "the other way round.": 0.9 * mean,
            "the running mean is 0.9 of the old one plus 0.1 of the "
            "batch's.": mean,
        },
    )
    explain(
        layer.running_var,
        0.9 + 0.1 * var * 4 / 3,
        "running_var after one batch",
        {
            "the estimate that enters divides by N - 1: v · N/(N - 1).": 0.9
            + 0.1 * var,
            "nothing was kept.": [1, 1],
            "the newest batch has the share 0.1.": 0.1 + 0.9 * var * 4 / 3,
        },
    )
    running = 0.1 * mean, 0.9 + 0.1 * var * 4 / 3
    explain(
        layer.forward(X[:1], False),
        GAMMA * (X[:1] - running[0]) / np.sqrt(running[1] + 1e-5) + BETA,
        "forward(x, training=False)",
        {
            "the statistics of the batch were used, and a batch of one "
            "becomes β. In use the running ones count.": BETA[None],
        },
    )
    explain(
        layer.running_mean,
        running[0],
        "running_mean after a pass in use",
        hint="A pass with training=False changes nothing.",
    )


@pytest.mark.task("batchnorm")
@pytest.mark.points(0.25)
def test_batchnorm_backward(submission):
    """BatchNorm.backward: gradients of a small batch"""
    layer = submission.BatchNorm(GAMMA, BETA)
    layer.forward(X, True)
    below, (seen,), _ = layer.call("backward", G, echo=True)
    std = np.sqrt(X.var(axis=0) + 1e-5)
    hat = (X - X.mean(axis=0)) / std
    explain(
        layer.grad_beta,
        G.sum(axis=0),
        "grad_beta",
        {
            "this is a mean. β is used once for each row: add up.": G.mean(
                axis=0
            ),
            "still 0. Store it in self.grad_beta.": [0, 0],
        },
    )
    explain(
        layer.grad_gamma,
        (G * hat).sum(axis=0),
        "grad_gamma",
        {
            "multiply by x̂, not by x.": (G * X).sum(axis=0),
            "this is a mean. γ is used once for each row: add up.": (
                G * hat
            ).mean(axis=0),
            "still 0. Store it in self.grad_gamma.": [0, 0],
        },
    )
    both = G - G.mean(axis=0) - hat * (G * hat).mean(axis=0)
    explain(
        below,
        GAMMA / std * both,
        "what backward returns",
        {
            "mean and variance were treated as constants. They depend on x, "
            "too: two terms are missing.": GAMMA / std * G,
            "the part through the variance is missing.": GAMMA
            / std
            * (G - G.mean(axis=0)),
            "the part through the mean is missing.": GAMMA
            / std
            * (G - hat * (G * hat).mean(axis=0)),
            "γ is missing.": both / std,
            "the division by √(v + ε) is missing.": GAMMA * both,
            "sums where means belong: 1/N twice.": GAMMA
            / std
            * (G - G.sum(axis=0) - hat * (G * hat).sum(axis=0)),
        },
    )
    unchanged(G, seen, "grad")


# -------------------------------------------------------------------- dropout


@pytest.mark.task("dropout")
@pytest.mark.points(0.25)
def test_dropout(submission):
    """dropout and dropout_backward: p = 0.2"""
    h = np.array([[1.0, 2.0, 4.0], [-1.0, 3.0, 5.0]])
    u = np.array([[0.1, 0.2, 0.9], [0.85, 0.05, 0.5]])
    keep = u >= 0.2
    mistakes = {
        "the division by 1 - p is missing: the mean becomes smaller.": 0.8,
        "divide by the probability of *staying*, 1 - p, not by p.": 4.0,
        "multiplied by 1 - p; divide by it.": 0.64,
    }
    for name, given in (("dropout", h), ("dropout_backward", 2 * h)):
        result, after, _ = submission.call(name, given, 0.2, u, echo=True)
        right = given * keep / 0.8
        explain(
            result,
            right,
            f"{name}(…, 0.2, u)",
            {key: right * f for key, f in mistakes.items()}
            | {
                "an entry stays where u >= p; u = 0.2 and p = 0.2 is such a "
                "case.": given * (u > 0.2) / 0.8,
                "the wrong ones were dropped: p is the probability of being "
                "dropped.": given * ~keep / 0.8,
                "the entries with u below 1 - p stayed. They stay where "
                "u >= p.": given * (u < 0.8) / 0.8,
                "nothing was dropped.": given / 0.8,
                "this came back as it was.": given,
            },
        )
        unchanged(given, after[0], "h" if name == "dropout" else "grad")


# ------------------------------------------------------------------- stopping


@pytest.mark.task("stopping")
@pytest.mark.points(0.25)
def test_stopping(submission):
    """early_stopping: the examples of the description, and a plateau"""
    for losses, patience, right, mistakes in (
        (
            [3.0, 2, 1, 2, 2, 2, 0],
            2,
            (3, 5),
            {
                "epochs are counted from 1.": (2, 4),
                "it went on too long: after two epochs without a new lowest "
                "value it stops.": (3, 6),
                "it stopped too soon: patience is 2, not 1.": (3, 4),
                "it went to the end. The 0 is never seen.": (7, 7),
                "keep the best epoch, not the last.": (5, 5),
            },
        ),
        (
            [3.0, 2, 1, 2],
            2,
            (3, 4),
            {
                "the list ends before patience does, and the best epoch is "
                "still the third.": (4, 4)
            },
        ),
        (
            [2.0, 1, 1, 1, 0.5],
            2,
            (2, 4),
            {
                "an equal loss is no new lowest one.": (5, 5),
                "of equal losses the first counts.": (4, 4),
            },
        ),
        (
            [5.0, 1, 4, 3, 2, 0.5],
            3,
            (2, 5),
            {
                "what counts is the lowest loss so far, not the loss of the "
                "epoch before.": (6, 6),
            },
        ),
    ):
        result = submission.early_stopping(losses, patience)
        best, last = parts(result, ["best", "last"])
        explain(
            [best, last],
            right,
            f"(best, last) for {losses} with patience {patience}",
            mistakes,
            f"It should be {right}.",
        )


# --------------------------------------------------------------------- digits


@pytest.mark.task("digits")
def test_parameters_are_there(submission):
    """fit: the parameters are there and have the right shapes"""
    if submission["digit_parameters"] is None:
        # Not run yet, or not written: let it say so itself.
        rng = np.random.default_rng(0)
        some = rng.random((20, 784)), np.arange(20) % 10
        submission.fit(*some, *some)
        pytest.fail(
            "digit_parameters is still None, though `fit` works on a few "
            "images: run the cell that calls it, again if need be."
        )
    shapes = [(64, 784), (64,), (64, 64), (64,), (10, 64), (10,)]
    got = [np.shape(p) for p in submission["digit_parameters"]]
    assert got == shapes, (
        f"digit_parameters should be six arrays of the shapes {shapes}; "
        f"they are {got}."
    )
    for p in submission["digit_parameters"]:
        assert np.isfinite(p).all(), (
            "There are nan or inf in the parameters: lower the rate."
        )
