"""Hidden tests of exercise 01. Students see the first line of each docstring
and whether the test passed, nothing else.

The right answers are worked out here, with NumPy only. Every property is
tested together with a value, so that an answer which has the property for
nothing (zeros, a constant, the input) earns nothing.
"""

from contextlib import suppress
from itertools import product

import numpy as np
import pytest

from coursekit import data
from coursekit.grading.explain import close


def log_softmax(z):
    z = np.asarray(z, dtype=float)
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def right_loss(log_p, labels, W, decay):
    return (
        -sum(log_p[n, k] for n, k in enumerate(labels)) / len(labels)
        + decay / 2 * (W**2).sum()
    )


def right_gradients(X, p, labels, W, decay):
    delta = (p - np.eye(p.shape[1])[labels]) / len(labels)
    return delta.T @ X + decay * W, delta.sum(axis=0)


# ----------------------------------------------------------------- vectors


@pytest.mark.task("vectors")
@pytest.mark.points(0.25)
def test_flatten(submission):
    """flatten puts every number in its place, whatever the sizes"""
    rng = np.random.default_rng(11)
    for shape in ((5, 3, 4, 7), (1, 2, 3, 5), (4, 1, 6, 2)):
        images = rng.integers(0, 256, shape).astype(np.uint8)
        close(submission.flatten(images), [image.ravel() for image in images])
    strided = rng.normal(size=(3, 5, 6, 2)).transpose(0, 3, 1, 2)[
        :, :, ::2
    ]  # in this process, not contiguous
    close(submission.flatten(strided), [image.ravel() for image in strided])


@pytest.mark.task("vectors")
@pytest.mark.points(0.25)
def test_statistics(submission):
    """pixel_statistics is right for other data and number types"""
    X = np.random.default_rng(12).normal(3, [0.01, 1, 20, 5, 0.3], (30, 5))
    X[:, 3] = 0.5
    right = X.std(axis=0)
    right[3] = 1
    for kind, rtol in (
        (np.float64, 1e-6),
        (np.float32, 1e-3),
    ):  # float32: 3 ± 0.01 loses two digits in the subtraction
        mean, std = submission.pixel_statistics(X.astype(kind))
        close(mean, X.mean(axis=0), rtol=rtol)
        close(std, right, rtol=rtol)
    mean, std = submission.pixel_statistics(
        np.array([[3, 0, 250, 7]], dtype=np.uint8)
    )
    close(mean, [3, 0, 250, 7])
    close(std, [1, 1, 1, 1])
    # Sums of these are not exact, so the computed deviation of a constant
    # column is not 0: 1.5e-8 in the first, 1e-3 in the second. The deviation
    # of the third is small and real, as that of some pixels of MNIST.
    X = np.tile(np.array([0.1, 200.3, 0, 2], np.float32), (1000, 1))
    X[::2, 2] = 6e-5
    X[::4, 3] = 5
    for kind in (np.float32, np.float64):
        mean, std = submission.pixel_statistics(X.astype(kind))
        close(mean, [0.1, 200.3, 3e-5, 2.75], rtol=1e-3)
        close(std, [1, 1, 3e-5, np.sqrt(27 / 16)], rtol=1e-3, atol=1e-7)


@pytest.mark.task("vectors")
@pytest.mark.points(0.25)
def test_standardise(submission):
    """standardise is right for other data and changes none of it"""
    rng = np.random.default_rng(13)
    for X in (
        rng.normal(2, 3, (6, 4)),
        rng.normal(size=(1, 4)).astype(np.float32),
        rng.integers(0, 256, (3, 4)).astype(np.uint8),
    ):
        mean, std = rng.normal(size=4), rng.uniform(0.1, 5, 4)
        result, (X_after, mean_after, std_after), _ = submission.call(
            "standardise", X, mean, std, echo=True
        )
        close(result, (X.astype(float) - mean) / std)
        for before, after in (
            (X, X_after),
            (mean, mean_after),
            (std, std_after),
        ):
            assert np.array_equal(before, after)


# ----------------------------------------------------------------- perceptron


def learn(X, y, w, b):
    """One epoch of the learning rule; returns the new w and b and the number
    of mistakes.
    """
    mistakes = 0
    for x, t in zip(X, y, strict=True):
        if t * (w @ x + b) <= 0:
            w, b, mistakes = w + t * x, b + t, mistakes + 1
    return w, b, mistakes


def follow(submission, X, y, epochs):
    """Let the student's unit and ours learn side by side. Whole numbers
    throughout, so that ties are exact.
    """
    unit, w, b = submission.Perceptron(X.shape[1]), np.zeros(X.shape[1]), 0
    for _ in range(epochs):
        count = unit.epoch(X, y)
        w, b, mistakes = learn(X, y, w, b)
        close(unit.w, w)
        close(np.squeeze(unit.b), b)
        close(count, mistakes)
    return unit, w, b


@pytest.mark.task("perceptron")
@pytest.mark.points(0.25)
def test_predict(submission):
    """Perceptron.predict is right whatever the weights"""
    rng = np.random.default_rng(21)
    X = rng.integers(-4, 5, (9, 3)).astype(float)
    y = np.where(X @ [2, -1, 1] > 1, 1, -1)
    unit = submission.Perceptron(3)
    close(unit.predict(X), -np.ones(9))  # nothing learned: all scores are 0
    for w, b in (([2.0, -1.0, 1.0], -1.0), ([-3.0, 0.5, 2.0], 4.0)):
        # predict is judged alone, with our weights; where they cannot be set
        # (a property, say), with those it learns.
        try:
            unit.w, unit.b = np.array(w), b
        except AssertionError:
            unit.epoch(X, y)
            unit.epoch(X, y)
        w, b = np.asarray(unit.w, dtype=float), float(np.squeeze(unit.b))
        for more in (
            rng.integers(-4, 5, (40, 3)).astype(float),
            np.array([[1.0, 0, 2]]),
            np.zeros((2, 3)),
        ):
            right = [1 if x @ w + b > 0 else -1 for x in more]
            close(unit.predict(more), right)
            # With everything on one side a constant would win.
            assert len(more) < 40 or len(set(right)) == 2


@pytest.mark.task("perceptron")
@pytest.mark.points(0.5)
def test_epochs(submission):
    """Perceptron.epoch follows the rule on data with more inputs"""
    rng = np.random.default_rng(22)
    X = rng.integers(-3, 4, (13, 5)).astype(float)
    follow(submission, X, np.where(rng.random(13) < 0.4, 1, -1), 4)


@pytest.mark.task("perceptron")
@pytest.mark.points(0.25)
def test_ties(submission):
    """Perceptron.epoch counts a score of exactly 0 as a mistake"""
    X = np.array(
        [
            [0, 0],
            [1, 2],
            [1, 2],
            [2, -1],
            [2, -1],
            [1, 1],
            [0, 0],
            [-1, -1],
            [3, 1],
        ],
        dtype=float,
    )
    follow(submission, X, np.array([1, -1, 1, 1, -1, -1, 1, -1, 1]), 2)
    follow(submission, X[1:2], np.array([-1]), 2)


@pytest.mark.task("perceptron")
@pytest.mark.points(0.25)
def test_learns_until_it_is_right(submission):
    """Perceptron learns what one unit with two inputs can learn"""
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    other = submission.Perceptron(2)
    other.epoch(corners, np.array([1, 1, 1, 1]))
    for y in ([1, 1, 1, -1], [-1, 1, 1, 1], [1, -1, -1, -1], [1, 1, -1, 1]):
        unit, w, b = follow(submission, corners, np.array(y), 20)
        assert np.all(np.array(y) * (corners @ w + b) > 0)
        close(unit.predict(corners), y)
    close(other.w, [0, 0])
    close(np.squeeze(other.b), 1)


# ----------------------------------------------------------------- softmax


@pytest.mark.task("softmax")
@pytest.mark.points(0.5)
def test_softmax(submission):
    """softmax gives probabilities, with all the properties they have"""
    rng = np.random.default_rng(31)
    for shape in ((6, 3), (1, 5), (2, 7)):
        z = rng.normal(0, 3, shape)
        right = np.exp(log_softmax(z))
        close(submission.softmax(z), right)
        close(submission.softmax(z.astype(np.float32)), right)
        close(
            submission.softmax(z + rng.normal(0, 10, (shape[0], 1))), right
        )  # a constant per row changes nothing
        shuffled = rng.permutation(shape[1])
        close(submission.softmax(z[:, shuffled]), right[:, shuffled])
        close(np.sum(submission.softmax(z), axis=1), np.ones(shape[0]))
    whole = rng.integers(-5, 6, (4, 3))
    close(submission.softmax(whole), np.exp(log_softmax(whole)))


LARGE = np.array(
    [[1000.0, -1000, 998], [-1000, -1001, -999], [0, 1, 2], [-500, 500, 500]]
)


@pytest.mark.task("softmax")
@pytest.mark.points(0.25)
def test_softmax_large(submission):
    """softmax is exact for very large and very small scores in one batch"""
    close(submission.softmax(LARGE), np.exp(log_softmax(LARGE)))
    # In float32 a number near 1000 is known to 6e-5 only, and a right formula
    # may add the maximum back before subtracting.
    close(
        submission.softmax(LARGE.astype(np.float32)),
        np.exp(log_softmax(LARGE)),
        rtol=1e-3,
        atol=1e-3,
    )


@pytest.mark.task("softmax")
@pytest.mark.points(0.25)
def test_log_softmax(submission):
    """log_softmax is exact for ordinary, very large and very small scores"""
    rng = np.random.default_rng(33)
    for z in (
        rng.normal(0, 3, (5, 4)),
        rng.normal(0, 3, (1, 2)),
        LARGE,
        rng.integers(-9, 9, (3, 4)),
    ):
        close(submission.log_softmax(z), log_softmax(z))
    close(
        submission.log_softmax(LARGE.astype(np.float32)),
        log_softmax(LARGE),
        rtol=1e-3,
        atol=1e-3,
    )
    z = rng.normal(0, 2, (3, 6)).T[::2]
    close(submission.log_softmax(z), log_softmax(z))


# ----------------------------------------------------------------- gradient


def batch(seed, n=7, d=3, k=4):
    """X, p, labels, W of unequal sizes; one class occurs often, one never."""
    rng = np.random.default_rng(seed)
    X, W = rng.normal(size=(n, d)), rng.normal(size=(k, d))
    return (
        X,
        np.exp(log_softmax(X @ W.T + rng.normal(size=k))),
        rng.integers(0, k - 1, n),
        W,
    )


@pytest.mark.task("gradient")
@pytest.mark.points(0.25)
def test_loss(submission):
    """loss is right for other batches, down to a single example"""
    for sizes in ((7, 3, 4), (1, 2, 5), (12, 6, 3)):
        _, p, labels, W = batch(41, *sizes)
        close(
            submission.loss(np.log(p), labels, W),
            right_loss(np.log(p), labels, W, 0.0),
        )
    log_p = log_softmax(LARGE)
    close(
        submission.loss(log_p, np.array([1, 0, 2, 0]), np.zeros((3, 2)), 0.0),
        -log_p[range(4), [1, 0, 2, 0]].mean(),
    )


@pytest.mark.task("gradient")
@pytest.mark.points(0.25)
def test_loss_with_decay(submission):
    """loss with weight decay; the same batch twice over has the same loss"""
    _, p, labels, W = batch(42)
    right = right_loss(np.log(p), labels, W, 0.3)
    close(submission.loss(np.log(p), labels, W, 0.3), right)
    close(
        submission.loss(
            np.log(np.vstack([p, p])),
            np.concatenate([labels, labels]),
            W,
            0.3,
        ),
        right,
    )


@pytest.mark.task("gradient")
@pytest.mark.points(0.25)
def test_weight_gradient(submission):
    """gradients: dW is right for other batches and weight decays"""
    for sizes, decay in (
        ((7, 3, 4), 0.0),
        ((1, 2, 5), 0.3),
        ((12, 6, 3), 0.03),
    ):
        X, p, labels, W = batch(43, *sizes)
        right, _ = right_gradients(X, p, labels, W, decay)
        close(submission.gradients(X, p, labels, W, decay)[0], right)
        twice = submission.gradients(
            np.vstack([X, X]),
            np.vstack([p, p]),
            np.concatenate([labels, labels]),
            W,
            decay,
        )
        close(twice[0], right)
    without = right_gradients(X, p, labels, W, 0.0)[0]
    close(submission.gradients(X, p, labels, W)[0], without)


@pytest.mark.task("gradient")
@pytest.mark.points(0.25)
def test_bias_gradient(submission):
    """gradients: db is right for other batches and weight decays"""
    for sizes, decay in (
        ((7, 3, 4), 0.0),
        ((1, 2, 5), 0.3),
        ((12, 6, 3), 0.03),
    ):
        X, p, labels, W = batch(44, *sizes)
        db = submission.gradients(X, p, labels, W, decay)[1]
        close(db, right_gradients(X, p, labels, W, decay)[1])
        close(np.sum(db), 0)


@pytest.mark.task("gradient")
@pytest.mark.points(0.25)
def test_gradient_of_own_loss(submission):
    """gradients agree with the measured slope of your own loss"""
    X, _, labels, W = batch(45, 5, 2, 3)
    b, decay = np.array([0.3, -0.2, 0.1]), 0.3
    # A step of 1e-3: the centred difference is off by about 1e-6 in exact
    # arithmetic, by 1e-4 for a float32 loss.
    step = 1e-3

    def own_loss(W, b):
        return float(
            submission.loss(log_softmax(X @ W.T + b), labels, W, decay)
        )

    def slope(array, of):
        result = np.zeros_like(array)
        for place in np.ndindex(array.shape):
            up, down = array.copy(), array.copy()
            up[place] += step
            down[place] -= step
            result[place] = (of(up) - of(down)) / (2 * step)
        return result

    p = np.exp(log_softmax(X @ W.T + b))
    dW, db = submission.gradients(X, p, labels, W, decay)
    close(dW, slope(W, lambda W: own_loss(W, b)), rtol=1e-3, atol=1e-3)
    close(db, slope(b, lambda b: own_loss(W, b)), rtol=1e-3, atol=1e-3)
    close(dW, right_gradients(X, p, labels, W, decay)[0])


@pytest.mark.task("gradient")
@pytest.mark.points(0.25)
def test_inputs_stay(submission):
    """loss and gradients leave what they are given as it was"""
    X, p, labels, W = batch(46)
    for given in (
        (X, p, labels, W),
        (
            X.astype(np.float32),
            p.astype(np.float32),
            labels.astype(np.int32),
            W.astype(np.float32),
        ),
    ):
        (dW, db), after, _ = submission.call(
            "gradients", *given, 0.3, echo=True
        )
        right_W, right_b = right_gradients(X, p, labels, W, 0.3)
        close(dW, right_W)
        close(db, right_b)
        assert all(
            np.array_equal(old, new)
            for old, new in zip(given, after[:4], strict=True)
        )
    log_p = np.log(p)
    value, after, _ = submission.call(
        "loss", log_p, labels, W, 0.3, echo=True
    )
    close(value, right_loss(log_p, labels, W, 0.3))
    assert all(
        np.array_equal(old, new)
        for old, new in zip((log_p, labels, W), after[:3], strict=True)
    )


# ----------------------------------------------------------------- training


def descents(X, labels, n_classes, order, batch_size, rate, decay):
    """The W, b and losses of mini-batch gradient descent: first the right
    ones, then those of a right loop around a loss or gradients that sum over
    the batch, have the wrong sign, or a decay twice as strong.

    These mistakes of an earlier task do not cost points here a second time.
    The list is closed: the student's own functions are not asked what is
    right, for they could agree with anything.
    """
    for summed, sign, double in product((0, 1), (1, -1), (1, 2)):
        W, b = np.zeros((n_classes, X.shape[1])), np.zeros(n_classes)
        seen = []
        for row in order:
            for start in range(0, len(row), batch_size):
                some = row[start : start + batch_size]
                x, y = X[some], labels[some]
                log_p = log_softmax(x @ W.T + b)
                seen.append(
                    (right_loss(log_p, y, W, 0), len(y), (W**2).sum())
                )
                dW, db = right_gradients(x, np.exp(log_p), y, W, 0)
                times = sign * (len(y) if summed else 1)
                W = W - rate * (times * dW + double * decay * W)
                b = b - rate * times * db
        for total, twice in product((0, 1), (1, 2)):
            yield (
                W,
                b,
                [
                    entropy * (n if total else 1) + twice * decay / 2 * square
                    for entropy, n, square in seen
                ],
            )


def trained(submission, *arguments, compared=2):
    """What the student's `train` should have returned. Fails if it did not;
    `compared` says how much of W, b, losses that is about.
    """
    got = submission.train(*arguments)
    assert len(got) == 3
    for right in descents(*arguments):
        with suppress(AssertionError):
            same(got[:compared], right[:compared])
            return got, right
    raise AssertionError("W, b or the losses are not the right ones")


def same(got, right):
    for ours, theirs in zip(right, got, strict=True):
        close(
            theirs, ours, rtol=1e-4, atol=1e-5
        )  # a few dozen steps in float32 add up


def problem(seed, n, d, k, epochs):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    return (
        X,
        rng.integers(0, k, n),
        k,
        np.array([rng.permutation(n) for _ in range(epochs)]),
    )


@pytest.mark.task("training")
@pytest.mark.points(0.5)
def test_train(submission):
    """train reaches the right W and b when the last batch is smaller"""
    for rate, decay, size in ((0.3, 0.1, 5), (0.07, 0.0, 8)):
        _, right = trained(
            submission, *problem(51, 23, 4, 3, 3), size, rate, decay
        )
    without = submission.train(*problem(51, 23, 4, 3, 3), size, rate)
    same(without[:2], right[:2])


@pytest.mark.task("training")
@pytest.mark.points(0.5)
def test_losses(submission):
    """train records the loss of each batch before its step"""
    got, _ = trained(
        submission, *problem(52, 11, 3, 5, 2), 4, 0.4, 0.2, compared=3
    )
    assert len(got[2]) == 6


@pytest.mark.task("training")
@pytest.mark.points(0.5)
def test_unusual_batches(submission):
    """train copes with very small and very large batches"""
    for size in (1, 50):
        X, labels, k, order = problem(53, 6, 2, 4, 2)
        X = X.astype(np.float32)
        trained(submission, X, labels, k, order, size, 0.2, 0.05)
        _, after, _ = submission.call(
            "train", X, labels, k, order, size, 0.2, 0.05, echo=True
        )
        assert np.array_equal(after[0], X)
        assert np.array_equal(after[1], labels)
        assert np.array_equal(after[3], order)


# ----------------------------------------------------------------- digits


@pytest.mark.task("digits")
@pytest.mark.points(0.25)
def test_templates(submission):
    """templates are right for pictures that are not square"""
    rng = np.random.default_rng(61)
    for height, width, k in ((3, 5, 4), (6, 2, 3), (4, 4, 1)):
        W = rng.normal(size=(k, height * width))
        close(
            submission.templates(W, height, width),
            [row.reshape(height, width) for row in W],
        )


@pytest.mark.task("digits")
@pytest.mark.points(0.25)
def test_confusion_matrix(submission):
    """confusion_matrix counts many examples and many classes"""
    rng = np.random.default_rng(62)
    for n, k in ((6000, 4), (1, 3), (30, 7)):
        labels, predictions = (
            rng.integers(0, k, n),
            rng.integers(0, max(k - 1, 1), n),
        )
        right = np.zeros((k, k))
        for truth, answer in zip(labels, predictions, strict=True):
            right[truth, answer] += 1
        close(submission.confusion_matrix(labels, predictions, k), right)


def digit_accuracy(submission):
    """Accuracy on the test images of the linear classifier that these four
    arrays describe.

    Only arrays cross over, and the scores are computed here: whatever the
    notebook did, a linear classifier is graded.
    """
    shapes = {
        "digit_W": (10, 784),
        "digit_b": (10,),
        "digit_mean": (784,),
        "digit_std": (784,),
    }
    parts = []
    for name, shape in shapes.items():
        part = np.asarray(submission[name], dtype=float)
        assert part.shape == shape
        assert np.isfinite(part).all()
        parts.append(part)
    W, b, mean, std = parts
    test = data.load("mnist", split="test")
    scores = (test.images.reshape(-1, 784) - mean) / std @ W.T + b
    return np.mean(scores.argmax(axis=1) == test.labels)


@pytest.mark.task("digits")
@pytest.mark.points(0.25)
def test_reads_most_digits(submission):
    """Your classifier reads at least 80 % of the test images"""
    assert digit_accuracy(submission) >= 0.80


@pytest.mark.task("digits")
@pytest.mark.points(0.25)
def test_reads_nine_in_ten(submission):
    """Your classifier reads at least 90 % of the test images"""
    assert digit_accuracy(submission) >= 0.90
