"""Hidden tests of exercise 04. Students see the first line of each docstring
and whether the test passed, nothing else.

The right answers are worked out here, with NumPy only. Every property is
tested together with a value, so that an answer which has the property for
nothing (zeros, a constant, the input) earns nothing.
"""

import numpy as np
import pytest

from coursekit import data
from coursekit.grading.explain import close

# ---------------------------------------------------------------------- start


def right_size(W, shape, variance):
    """Shape, mean and deviation; 20 000 numbers know theirs to a per cent."""
    W = np.asarray(W, dtype=float)
    assert W.shape == shape
    assert abs(W.std() / np.sqrt(variance) - 1) < 0.04
    assert abs(W.mean()) < 0.05 * np.sqrt(variance)
    assert len(np.unique(W, axis=0)) == len(W)  # no two units alike


@pytest.mark.task("start")
@pytest.mark.points(0.5)
def test_he(submission):
    """initial_weights: "he" is right for layers of any shape"""
    for n, m in ((400, 50), (50, 400), (150, 150), (20, 1000)):
        W = submission.initial_weights(n, m, "he", 5)
        right_size(W, (m, n), 2 / n)


@pytest.mark.task("start")
@pytest.mark.points(0.5)
def test_xavier(submission):
    """initial_weights: "xavier" is right for layers of any shape"""
    for n, m in ((400, 50), (50, 400), (150, 150), (20, 1000)):
        W = submission.initial_weights(n, m, "xavier", 6)
        right_size(W, (m, n), 2 / (n + m))
        other = submission.initial_weights(n, m, "xavier", 7)
        assert abs(np.corrcoef(np.ravel(W), np.ravel(other))[0, 1]) < 0.1
        # The columns and the rows are as random as the whole.
        assert np.std(np.asarray(W)[0]) > 0
        assert np.std(np.asarray(W)[:, 0]) > 0


# ----------------------------------------------------------------- optimisers


@pytest.mark.task("optimisers")
@pytest.mark.points(0.5)
def test_momentum_path(submission):
    """momentum_step is right over many steps, with a rate that drops"""
    rng = np.random.default_rng(21)
    for shape, momentum in (((3,), 0.9), ((2, 4), 0.7), ((1,), 0.0)):
        w, v = rng.normal(size=shape), np.zeros(shape)
        got_w, got_v = w, v
        for k in range(8):
            grad, rate = rng.normal(size=shape), (0.3 if k < 4 else 0.03)
            v = momentum * v + grad
            w = w - rate * v
            got_w, got_v = submission.momentum_step(
                got_w, got_v, grad, rate, momentum
            )
            close(got_v, v)
            close(got_w, w)
    close(submission.momentum_step(w, v, grad, 0.3)[0], w - 0.3 * grad)


@pytest.mark.task("optimisers")
@pytest.mark.points(0.25)
def test_decay(submission):
    """momentum_step: decay is right, and the arrays given stay"""
    rng = np.random.default_rng(22)
    for momentum, decay in ((0.9, 0.3), (0.0, 0.05)):
        w, v, grad = rng.normal(size=(3, 2, 3))
        result, after, _ = submission.call(
            "momentum_step", w, v, grad, 0.2, momentum, decay, echo=True
        )
        right = momentum * v + grad + decay * w
        close(result[1], right)
        close(result[0], w - 0.2 * right)
        for old, new in zip((w, v, grad), after[:3], strict=True):
            assert np.array_equal(old, new)


@pytest.mark.task("optimisers")
@pytest.mark.points(0.5)
def test_adam_path(submission):
    """adam_step is right over many steps, for other settings as well"""
    rng = np.random.default_rng(23)
    for b1, b2, eps in ((0.9, 0.999, 1e-8), (0.8, 0.95, 0.1)):
        w, m, v = rng.normal(size=(2, 3)), np.zeros((2, 3)), np.zeros((2, 3))
        got = w, m, v
        for t in range(1, 8):
            grad, rate = rng.normal(size=(2, 3)), 0.3 / t
            m, v = b1 * m + (1 - b1) * grad, b2 * v + (1 - b2) * grad**2
            step = (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
            w = w - rate * step
            got = submission.adam_step(*got, grad, t, rate, b1, b2, eps)
            for ours, theirs in zip((w, m, v), got, strict=True):
                close(theirs, ours)


@pytest.mark.task("optimisers")
@pytest.mark.points(0.25)
def test_adam_leaves_arrays(submission):
    """adam_step: the usual settings are there, and the arrays given stay"""
    rng = np.random.default_rng(24)
    w, m, grad = rng.normal(size=(3, 4))
    v = rng.random(4)
    result, after, _ = submission.call(
        "adam_step", w, m, v, grad, 3, 0.05, echo=True
    )
    new_m, new_v = 0.9 * m + 0.1 * grad, 0.999 * v + 0.001 * grad**2
    step = (new_m / (1 - 0.9**3)) / np.sqrt(new_v / (1 - 0.999**3))
    close(result[0], w - 0.05 * step)
    close(result[1], new_m)
    close(result[2], new_v)
    for old, new in zip((w, m, v, grad), after[:4], strict=True):
        assert np.array_equal(old, new)
    # A weight whose gradient was always 0 stays where it is.
    zero = np.zeros(2)
    close(submission.adam_step(w[:2], zero, zero, zero, 1, 0.1)[0], w[:2])


# ------------------------------------------------------------------- schedule


def rates(total, warmup, peak):
    return [
        peak * (s + 1) / warmup
        if s < warmup
        else peak / 2 * (1 + np.cos(np.pi * (s - warmup) / (total - warmup)))
        for s in range(total)
    ]


@pytest.mark.task("schedule")
@pytest.mark.points(0.5)
def test_schedule(submission):
    """rate_at is right for trainings of any length"""
    for setting in ((10, 3, 0.5), (7, 1, 2.0), (25, 10, 0.03)):
        got = [submission.rate_at(s, *setting) for s in range(setting[0])]
        close(got, rates(*setting))


@pytest.mark.task("schedule")
@pytest.mark.points(0.25)
def test_schedule_at_the_ends(submission):
    """rate_at: without a warm-up, and with nearly nothing but warm-up"""
    for setting in ((6, 0, 0.4), (6, 5, 0.4), (1, 0, 0.7)):
        got = [submission.rate_at(s, *setting) for s in range(setting[0])]
        close(got, rates(*setting))


# ------------------------------------------------------------------ batchnorm


def normalised(x, mean, var, gamma, beta, eps):
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


def parameters(seed, m):
    rng = np.random.default_rng(seed)
    return rng, rng.normal(size=m), rng.normal(size=m)


@pytest.mark.task("batchnorm")
@pytest.mark.points(0.5)
def test_batchnorm_training(submission):
    """BatchNorm.forward in training is right, constant columns included"""
    for n, m, eps in ((5, 3, 1e-5), (2, 4, 0.1), (9, 1, 1e-3)):
        rng, gamma, beta = parameters(41, m)
        layer = submission.BatchNorm(gamma, beta, 0.1, eps)
        for _ in range(2):
            x = rng.normal(3, 2, (n, m))
            x[:, 0] = 0.25
            result, after, _ = layer.call("forward", x, True, echo=True)
            right = normalised(x, x.mean(0), x.var(0), gamma, beta, eps)
            close(result, right)
            assert np.array_equal(after[0], x)
    one = submission.BatchNorm(gamma, beta)
    close(one.forward(np.array([[7.0]]), True), beta[None])
    # A batch of one has no N/(N - 1): the running statistics stay.
    close([one.running_mean[0], one.running_var[0]], [0, 1])


@pytest.mark.task("batchnorm")
@pytest.mark.points(0.5)
def test_batchnorm_in_use(submission):
    """BatchNorm in use goes by running statistics, for one example as well"""
    rng, gamma, beta = parameters(42, 3)
    for share in (0.1, 0.4):
        layer = submission.BatchNorm(gamma, beta, share)
        mean, var = np.zeros(3), np.ones(3)
        for n in (6, 2, 10):
            x = rng.normal(-1, 3, (n, 3))
            layer.forward(x, True)
            mean = (1 - share) * mean + share * x.mean(axis=0)
            var = (1 - share) * var + share * x.var(axis=0, ddof=1)
            for new in (rng.normal(size=(1, 3)), rng.normal(size=(4, 3))):
                right = normalised(new, mean, var, gamma, beta, 1e-5)
                close(layer.forward(new, False), right)
            close(layer.running_mean, mean)
            close(layer.running_var, var)


@pytest.mark.task("batchnorm")
@pytest.mark.points(0.5)
def test_batchnorm_backward(submission):
    """BatchNorm.backward agrees with measured slopes"""
    for n, m, eps in ((5, 3, 1e-5), (2, 4, 0.1), (7, 1, 1e-3)):
        rng, gamma, beta = parameters(43, m)
        x, grad = rng.normal(2, 2, (n, m)), rng.normal(size=(n, m))

        def loss(x, grad=grad, gamma=gamma, beta=beta, eps=eps):
            y = normalised(x, x.mean(0), x.var(0), gamma, beta, eps)
            return np.sum(grad * y)

        right = np.zeros_like(x)
        for place in np.ndindex(x.shape):
            up, down = x.copy(), x.copy()
            up[place] += 1e-5
            down[place] -= 1e-5
            right[place] = (loss(up) - loss(down)) / 2e-5
        layer = submission.BatchNorm(gamma, beta, 0.1, eps)
        layer.forward(rng.normal(size=(4, m)), True)
        layer.forward(x, True)
        below, (given,), _ = layer.call("backward", grad, echo=True)
        close(below, right, rtol=1e-4, atol=1e-5)
        hat = (x - x.mean(0)) / np.sqrt(x.var(0) + eps)
        close(layer.grad_gamma, (grad * hat).sum(axis=0))
        close(layer.grad_beta, grad.sum(axis=0))
        assert np.array_equal(given, grad)
        layer.backward(2 * grad)
        close(layer.grad_beta, 2 * grad.sum(axis=0))


# -------------------------------------------------------------------- dropout


@pytest.mark.task("dropout")
@pytest.mark.points(0.5)
def test_dropout(submission):
    """dropout is right for any probability, and keeps the mean"""
    rng = np.random.default_rng(51)
    for shape, p in (((4, 3), 0.3), ((5,), 0.0), ((2, 3, 2), 0.75)):
        h, u = rng.normal(size=shape), rng.random(shape)
        result, after, _ = submission.call("dropout", h, p, u, echo=True)
        close(result, np.where(u >= p, h / (1 - p), 0))
        assert np.array_equal(after[0], h)
        assert np.array_equal(after[2], u)
    ones, u = np.ones(20_000), rng.random(20_000)
    assert abs(np.mean(submission.dropout(ones, 0.4, u)) - 1) < 0.03
    close(submission.dropout(np.ones(3), 0.25, np.full(3, 0.25)), [4 / 3] * 3)


@pytest.mark.task("dropout")
@pytest.mark.points(0.25)
def test_dropout_backward(submission):
    """dropout_backward is right for any probability"""
    rng = np.random.default_rng(52)
    for shape, p in (((4, 3), 0.3), ((5,), 0.0), ((2, 3, 2), 0.75)):
        grad, u = rng.normal(size=shape), rng.random(shape)
        result, after, _ = submission.call(
            "dropout_backward", grad, p, u, echo=True
        )
        close(result, np.where(u >= p, grad / (1 - p), 0))
        assert np.array_equal(after[0], grad)


# ------------------------------------------------------------------- stopping


def stopped(losses, patience):
    best = 0
    for last in range(1, len(losses) + 1):
        best = int(np.argmin(losses[:last])) + 1
        if last - best >= patience:
            return best, last
    return best, len(losses)


@pytest.mark.task("stopping")
@pytest.mark.points(0.5)
def test_stopping(submission):
    """early_stopping is right for long and bumpy lists of losses"""
    rng = np.random.default_rng(61)
    for patience in (1, 2, 3, 5):
        for _ in range(4):
            losses = rng.normal(size=15).cumsum().round(1).tolist()
            best, last = submission.early_stopping(losses, patience)
            close([best, last], stopped(losses, patience))


@pytest.mark.task("stopping")
@pytest.mark.points(0.25)
def test_stopping_at_the_ends(submission):
    """early_stopping: best at the very beginning, near the end, at the end"""
    for losses, patience in (
        ([1.0, 2, 3, 4], 3),
        ([1.0, 2, 3, 4], 5),
        ([4.0, 3, 2, 1], 1),
        ([4.0, 3, 1, 2], 2),
        ([7.0], 1),
        ([2.0, 2, 2], 2),
        ([5.0, 1, 2, 1, 0, 3], 3),
    ):
        best, last = submission.early_stopping(losses, patience)
        close([best, last], stopped(losses, patience))


# --------------------------------------------------------------------- digits


def digit_accuracy(submission):
    """Accuracy on the test images of the network with these parameters.

    Only arrays cross over, and the scores are computed here: whatever the
    notebook did, such a network is graded.
    """
    given = [np.asarray(p, float) for p in submission["digit_parameters"]]
    shapes = [(64, 784), (64,), (64, 64), (64,), (10, 64), (10,)]
    assert [p.shape for p in given] == shapes
    W1, b1, W2, b2, W3, b3 = given
    test = data.load("mnist", split="test")
    h = np.maximum(test.images.reshape(-1, 784) @ W1.T + b1, 0)
    scores = np.maximum(h @ W2.T + b2, 0) @ W3.T + b3
    assert np.isfinite(scores).all()
    return np.mean(scores.argmax(axis=1) == test.labels)


@pytest.mark.task("digits")
@pytest.mark.points(0.5)
def test_reads_most_digits(submission):
    """Your network reads at least 80 % of the test images"""
    assert digit_accuracy(submission) >= 0.80


@pytest.mark.task("digits")
@pytest.mark.points(0.5)
def test_reads_nine_in_ten(submission):
    """Your network reads at least 90 % of the test images"""
    assert digit_accuracy(submission) >= 0.90


@pytest.mark.task("digits")
@pytest.mark.points(0.5)
def test_fit_keeps_the_best(submission):
    """fit returns the parameters of the epoch with the lowest loss"""
    rng = np.random.default_rng(71)
    X, labels = rng.random((60, 784)), np.arange(60) % 10
    # Labels of the validation images that have nothing to do with them: the
    # loss goes up sooner or later, and the best epoch is an early one.
    other, wrong = rng.random((40, 784)), rng.integers(0, 10, 40)
    given, losses = submission.fit(X, labels, other, wrong)
    assert len(given) == 6
    W1, b1, W2, b2, W3, b3 = (np.asarray(p, float) for p in given)
    h = np.maximum(other @ W1.T + b1, 0)
    z = np.maximum(h @ W2.T + b2, 0) @ W3.T + b3
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    loss = -log_p[np.arange(40), wrong].mean()
    assert len(losses) > 1
    close(loss, min(losses), rtol=1e-4, atol=1e-4)
