"""What `check("…")` runs in exercise 01. You may read this file: it shows
what is asked, with small inputs.

Every test works out the right answer itself. When yours differs, it also
works out what the usual mistakes give; if your answer is one of those, it
says which.
"""

from contextlib import contextmanager

import numpy as np
import pytest


def explain(got, right, name, mistakes=None):
    """Do nothing if `got` is right; otherwise fail with the most helpful
    thing there is to say.

    `mistakes` maps what may have gone wrong to the wrong answer it leads to.
    The tolerance leaves room for answers computed in float32 (relative error
    about 1e-7 per operation) and is far below what any of the mistakes
    changes.
    """

    def equal(a, b):
        return a.shape == b.shape and np.allclose(
            a, b, rtol=1e-5, atol=1e-6, equal_nan=True
        )

    if got is None:
        pytest.fail(
            f"{name} is None. Is there a `return`, and is it reached?"
        )
    try:
        got = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        pytest.fail(
            f"{name} should be made of numbers, but it is {got!r:.80}."
        )
    right = np.asarray(right, dtype=float)
    if equal(got, right):
        return
    for message, wrong in (mistakes or {}).items():
        if equal(got, np.asarray(wrong, dtype=float)):
            pytest.fail(f"{name}: {message}")
    if got.shape != right.shape:
        pytest.fail(
            f"{name} should have the shape {right.shape}, "
            f"but it has the shape {got.shape}."
        )
    if not np.isfinite(got).all():
        pytest.fail(
            f"{name} contains nan or inf. Look for a division by 0, "
            "a logarithm of 0 or too large an exponential."
        )
    where = tuple(
        int(i)
        for i in np.argwhere(~np.isclose(got, right, rtol=1e-5, atol=1e-6))[0]
    )
    entry = f"[{', '.join(map(str, where))}]" if where else ""
    pytest.fail(
        f"{name}{entry} is {got[where]:.6g}, "
        f"but it should be {right[where]:.6g}."
    )


def unchanged(before, after, name):
    """Fail if the student's function changed the array it was given."""
    assert np.array_equal(before, after), (
        f"Your function changed the array `{name}` that it was given; "
        "whoever called it now has wrong numbers. Look for `-=`, `+=`, "
        f"`/=` or an assignment like `{name}[...] = ...`, and work on a "
        "new array instead."
    )


def parts(result, names):
    """The parts of a result such as `mean, std`, by name."""
    asked = ", ".join(names)
    if not isinstance(result, (tuple, list)) or len(result) != len(names):
        pytest.fail(
            f"The function should return {len(names)} things: "
            f"`return {asked}`. It returned {result!r:.80}."
        )
    return result


# -------------------------------------------------------------------- vectors


@pytest.mark.task("vectors")
@pytest.mark.points(0.25)
def test_flatten(submission):
    """flatten: each image becomes one row, channel by channel, row by row"""
    images = np.arange(2 * 3 * 2 * 4).reshape(2, 3, 2, 4)
    right = np.array([image.ravel() for image in images])
    explain(
        submission.flatten(images),
        right,
        "flatten(images)",
        {
            "all images were joined into one vector. Keep the first axis: "
            "one row per image.": images.ravel(),
            "the result is the wrong way round: images should be the rows, "
            "pixels the columns.": right.T,
            "each column mixes pixels of different images. Keep the first "
            "axis and join the others; do not reshape to (C*H*W, N) and "
            "transpose.": images.reshape(24, 2).T,
            "the rows mix pixels of both images. The first axis must stay "
            "the first one.": images.transpose(1, 2, 3, 0).reshape(2, 24),
            "the channels are interleaved. The order asked for is channel, "
            "row, column, which is the order the axes already have: no "
            "transpose is needed.": images.transpose(0, 2, 3, 1).reshape(
                2, 24
            ),
            "each image was read column by column, "
            "not row by row.": images.transpose(0, 1, 3, 2).reshape(2, 24),
        },
    )


@pytest.mark.task("vectors")
@pytest.mark.points(0.25)
def test_pixel_statistics(submission):
    """pixel_statistics: mean and deviation of every pixel, none of them 0"""
    X = np.array(
        [[7.0, 2.0, 0.0], [7.0, 6.0, 0.0], [7.0, 7.0, 1.0], [7.0, 1.0, 1.0]]
    )
    mean, std = parts(submission.pixel_statistics(X), ["mean", "std"])
    explain(
        mean,
        [7, 4, 0.5],
        "mean",
        {
            "you averaged over the pixels of each example (axis 1). Average "
            "over the examples, axis 0.": X.mean(axis=1),
            "this is one mean for all pixels together. Each pixel has its "
            "own: average over axis 0 only.": X.mean(),
            "the shape should be (3,), not (1, 3).": [[7, 4, 0.5]],
        },
    )
    right = np.array([1, np.sqrt(26 / 4), 0.5])
    zero = right * [0, 1, 1]
    explain(
        std,
        right,
        "std",
        {
            "the first pixel is 7 in every example, so its deviation is 0, "
            "and dividing by it gives nan. Return 1 for it. (Adding a tiny "
            "number is no cure: a new image may differ there, and becomes a "
            "number in the millions.)": zero,
            "these are variances; take the square root.": right**2,
            "you divided by N - 1. The description asks for N (NumPy's "
            "default, ddof=0).": right * [1, *[np.sqrt(4 / 3)] * 2],
            "you added 1 to every deviation. Only a deviation of 0 becomes "
            "1.": zero + 1,
            "a deviation between 0 and 1 was replaced as well. Only exactly "
            "0 becomes 1.": np.maximum(zero, 1),
            "this is one deviation for all pixels together. Each pixel has "
            "its own: axis 0 only.": X.std(),
        },
    )


@pytest.mark.task("vectors")
@pytest.mark.points(0.25)
def test_standardise(submission):
    """standardise: with the statistics it is given"""
    X, mean, std = (
        np.array([[7.0, 5.0], [3.0, 4.0], [8.0, 0.0]]),
        np.array([7.0, 4.0]),
        np.array([1.0, 2.0]),
    )
    result, after, _ = submission.call("standardise", X, mean, std, echo=True)
    explain(
        result,
        [[0, 0.5], [-4, 0], [1, -2]],
        "standardise(X, mean, std)",
        {
            "you used the mean and deviation of X itself. New images must be "
            "measured in the units of the training images: use the "
            "arguments.": (X - X.mean(axis=0)) / X.std(axis=0),
            "the mean is missing: subtract first, then divide.": X / std,
            "only `mean` was divided by `std`. Parentheses: (X - mean) / "
            "std.": X - mean / std,
            "you multiplied by the deviation. Divide by it.": (X - mean)
            * std,
            "the deviation is not used.": X - mean,
        },
    )
    unchanged(X, after[0], "X")


# ----------------------------------------------------------------- perceptron

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
AND, NAND = np.array([-1, -1, -1, 1]), np.array([1, 1, 1, -1])


def one_epoch(X, y, w, b, mistake=None):
    """The learning rule on (w, b), with one of the usual mistakes built in if
    asked. Returns w, b, how many updates.
    """
    w, b, count = np.array(w, dtype=float), float(b), 0
    frozen = X @ w + b
    for n, (x, t) in enumerate(zip(X, y, strict=True)):
        s = frozen[n] if mistake == "frozen" else x @ w + b
        if mistake == "ties pass":
            wrong = t * s < 0
        elif mistake == "compare classes":
            wrong = (1 if s > 0 else -1) != t
        elif mistake == "right ones":
            wrong = t * s > 0
        else:
            wrong = t * s <= 0
        if not wrong:
            continue
        count += 1
        sign = -1 if mistake == "minus" else 1
        w = w + sign * x * (1 if mistake == "no label" else t)
        b = b + (0 if mistake == "no bias" else sign * t)
        if mistake == "stop":
            break
    return w, b, count


PERCEPTRON_MISTAKES = {
    "ties pass": (
        "a score of exactly 0 was let through. It counts as a mistake, so "
        "the test is <= 0, not < 0. From w = 0, b = 0 every score is 0, and "
        "with < nothing is ever learned."
    ),
    "compare classes": (
        "you compared the predicted class with the label. A score of exactly "
        "0 is a mistake even when the predicted class agrees with the label: "
        "test label * score <= 0."
    ),
    "frozen": (
        "all scores were computed before the first update. Compute each "
        "score inside the loop, with the weights as "
        "they are at that moment."
    ),
    "no bias": (
        "the bias never changes. It is learned like a weight: b = b + y for "
        "every mistake."
    ),
    "minus": "the update goes the wrong way: add y * x, do not subtract it.",
    "no label": "the label is missing: add y * x to w, not x.",
    "right ones": (
        "you updated on the examples that were right. Update where label * "
        "score <= 0."
    ),
    "stop": "the epoch ended at the first mistake. Go on to the end.",
}


@pytest.mark.task("perceptron")
@pytest.mark.points(0.5)
def test_first_epochs_on_and(submission):
    """Perceptron.epoch: two epochs on AND, the table of the description"""
    unit = submission.Perceptron(2)
    w, b = np.zeros(2), 0.0
    for number in ("first", "second"):
        returned = unit.epoch(CORNERS, AND)
        assert returned is not None, (
            "epoch returned nothing: it should return the number of mistakes."
        )
        wrong = [
            (text, one_epoch(CORNERS, AND, w, b, mistake))
            for mistake, text in PERCEPTRON_MISTAKES.items()
        ]
        w, b, count = one_epoch(CORNERS, AND, w, b)
        explain(
            np.hstack([unit.w, unit.b, returned]),
            [*w, b, count],
            f"(w[0], w[1], b, mistakes) after the {number} epoch on AND",
            {
                **{
                    text: [*wrong_w, wrong_b, wrong_count]
                    for text, (wrong_w, wrong_b, wrong_count) in wrong
                },
                "w and b are right, but you returned how many examples "
                "were right.": [*w, b, 4 - count],
                "w and b are right, but the number returned is 0. Count the "
                "mistakes.": [*w, b, 0],
            },
        )


@pytest.mark.task("perceptron")
@pytest.mark.points(0.25)
def test_predict(submission):
    """Perceptron.predict: +1 above the line, -1 elsewhere"""
    unit = submission.Perceptron(2)
    explain(
        unit.predict(CORNERS),
        [-1, -1, -1, -1],
        "predict before any learning, when all scores are 0,",
        {
            "a score of exactly 0 gives -1, not 0. np.sign has three "
            "answers; there are only two classes.": np.zeros(4),
            "a score of exactly 0 gives -1: the class "
            "is +1 only above 0.": np.ones(4),
        },
    )
    for _ in range(9):
        unit.epoch(CORNERS, NAND)
    w, b = np.asarray(unit.w, dtype=float), float(np.squeeze(unit.b))
    scores = CORNERS @ w + b
    explain(
        unit.predict(CORNERS),
        np.where(scores > 0, 1, -1),
        f"predict with w = {w}, b = {b:g}",
        {
            "these are the scores; return the classes +1 and -1.": scores,
            "the classes are -1 and +1, not 0 and 1.": scores > 0,
            "the bias is left out of the score.": np.where(
                CORNERS @ w > 0, 1, -1
            ),
            "+1 and -1 are the wrong way round.": np.where(scores > 0, -1, 1),
        },
    )
    assert np.any(w != 0), (
        "After nine epochs on NAND w is still 0: `epoch` learns nothing."
    )


# -------------------------------------------------------------------- softmax

LOGITS = np.array([[0.0, 1.0, 2.0, 0.5], [3.0, 1.0, -1.0, 1.0]])


@pytest.mark.task("softmax")
@pytest.mark.points(0.25)
def test_softmax(submission):
    """softmax: probabilities row by row, also for very large scores"""
    powers = np.exp(LOGITS)
    right = powers / powers.sum(axis=1, keepdims=True)
    result, after, _ = submission.call("softmax", LOGITS, echo=True)
    explain(
        result,
        right,
        "softmax(logits)",
        {
            "each column sums to 1 instead of each row. The classes are on "
            "axis 1, so sum over axis 1.": powers / powers.sum(axis=0),
            "the whole batch sums to 1 instead of each row. Sum over axis 1 "
            "only, with keepdims=True.": powers / powers.sum(),
            "these are the exponentials; divide each row by its sum.": powers,
            "these are exponentials; divide each row by its sum.": np.exp(
                LOGITS - LOGITS.max(axis=1, keepdims=True)
            ),
            "these are logarithms of probabilities.": np.log(right),
            "these are not exponentials: take np.exp first.": LOGITS
            / LOGITS.sum(axis=1, keepdims=True),
            "a different number was subtracted in each column, which changes "
            "the result. Subtract each row's own maximum: axis=1, "
            "keepdims=True.": np.exp(LOGITS - LOGITS.max(axis=0))
            / np.exp(LOGITS - LOGITS.max(axis=0)).sum(axis=1, keepdims=True),
        },
    )
    unchanged(LOGITS, after[0], "logits")
    explain(
        submission.softmax(np.array([[1000.0, 999.0]])),
        [[0.73105858, 0.26894142]],
        "softmax([[1000, 999]])",
        {
            "e to the 1000 is infinite, and inf / inf is nan. Subtract each "
            "row's maximum before the exponential.": [[np.nan, np.nan]],
        },
    )
    explain(
        submission.softmax(np.array([[1000.0, 999.0], [0.0, 1.0]])),
        [[0.73105858, 0.26894142], [0.26894142, 0.73105858]],
        "softmax([[1000, 999], [0, 1]])",
        {
            "the second row is nan: you subtracted the largest entry of the "
            "whole batch, so all of that row's exponentials became 0. Each "
            "row needs its own "
            "maximum: axis=1, keepdims=True.": [
                [0.73105858, 0.26894142],
                [np.nan, np.nan],
            ],
        },
    )


@pytest.mark.task("softmax")
@pytest.mark.points(0.25)
def test_log_softmax(submission):
    """log_softmax: exact where the probability itself is too small"""
    right = LOGITS - np.log(np.exp(LOGITS).sum(axis=1, keepdims=True))
    result, after, _ = submission.call("log_softmax", LOGITS, echo=True)
    explain(
        result,
        right,
        "log_softmax(logits)",
        {
            "these are the probabilities, not their logarithms.": np.exp(
                right
            ),
            "the sum runs over the batch (axis 0). The classes are on axis "
            "1.": LOGITS - np.log(np.exp(LOGITS).sum(axis=0)),
            "the sum runs over the whole batch. Sum over axis 1 only, with "
            "keepdims=True.": LOGITS - np.log(np.exp(LOGITS).sum()),
            "this is log base 2; use the natural logarithm, np.log.": right
            / np.log(2),
            "the maximum has been subtracted only inside the sum. It must "
            "leave the logit in front as well, or be added back to the "
            "logarithm.": LOGITS
            - np.log(
                np.exp(LOGITS - LOGITS.max(axis=1, keepdims=True)).sum(
                    axis=1, keepdims=True
                )
            ),
        },
    )
    unchanged(LOGITS, after[0], "logits")
    explain(
        submission.log_softmax(np.array([[0.0, -800.0]])),
        [[0, -800]],
        "log_softmax([[0, -800]])",
        {
            "you took the logarithm of softmax. That probability, e to the "
            "-800, had already been rounded to 0, and log(0) is -inf. Use "
            "the formula: shifted logits minus the "
            "logarithm of the sum.": [[0, -np.inf]],
            "a small number was added before the logarithm. That hides the "
            "problem and gives a wrong answer. Use the formula instead of "
            "log(softmax).": [[0, np.log(1e-12)]],
        },
    )
    explain(
        submission.log_softmax(
            np.array([[1000.0, 1000.0], [-1000.0, 1000.0]])
        ),
        [[-np.log(2), -np.log(2)], [-2000, 0]],
        "log_softmax([[1000, 1000], [-1000, 1000]])",
    )


# ------------------------------------------------------------------- gradient

BATCH = np.array([[1.0, 2.0], [3.0, 0.0]])
P = np.array([[0.3, 0.2, 0.5], [0.6, 0.3, 0.1]])
LABELS = np.array([2, 0])
WEIGHTS = np.array([[1.0, 0.0, -1.0], [0.0, 2.0, 0.0]])


@pytest.mark.task("gradient")
@pytest.mark.points(0.25)
def test_loss(submission):
    """loss: the mean over the batch, then with weight decay"""
    log_p, zero = np.log(P), np.zeros((2, 3))
    right = -(np.log(0.5) + np.log(0.6)) / 2
    explain(
        submission.loss(log_p, LABELS, zero, 0.0),
        right,
        "loss without weight decay",
        {
            "this is the sum over the batch; divide by the number of "
            "examples.": 2 * right,
            "the sign is missing: the logarithms are negative, the loss is "
            "positive.": -right,
            "this is the mean over all N * K entries. Divide by N, the "
            "number of examples.": 2 * right / 6,
            "log_p[:, labels] takes every label's column in every row. Take "
            "one entry per row: "
            "log_p[np.arange(N), labels].": -log_p[:, LABELS].mean(),
            "this is the mean over all classes; only the right class of each "
            "example counts.": -log_p.mean(),
            "log_p already holds logarithms; do not take another one, and do "
            "not use the exponential either.": -P[[0, 1], LABELS].mean(),
        },
    )
    explain(
        submission.loss(log_p, LABELS, WEIGHTS, 0.1),
        right + 0.3,
        "loss with weight decay 0.1",
        {
            "the weight decay is missing.": right,
            "the half of λ/2 is missing.": right + 0.6,
            "use the sum of the squares, not its square root.": right
            + 0.05 * np.sqrt(6),
            "the weights must be squared before they are added up.": right
            + 0.05 * WEIGHTS.sum(),
            "the weight decay is the sum over all "
            "weights, not their mean.": right + 0.05,
            "the weight decay is divided by the batch size; only the "
            "cross-entropy is averaged.": right + 0.15,
            "weight decay makes the loss larger; add it.": right - 0.3,
        },
    )


@pytest.mark.task("gradient")
@pytest.mark.points(0.25)
def test_gradients(submission):
    """gradients: the example of the description, then with weight decay"""
    difference = P - np.eye(3)[LABELS]
    delta = difference / 2
    dW, db = BATCH.T @ delta, delta.sum(axis=0)

    result, after, _ = submission.call(
        "gradients", BATCH, P, LABELS, np.zeros((2, 3)), 0.0, echo=True
    )
    got_W, got_b = parts(result, ["dW", "db"])
    wrong_rows = P.copy()
    wrong_rows[LABELS[LABELS < 2]] -= 1
    wrong_columns = P.copy()
    wrong_columns[:, LABELS] -= 1
    explain(
        got_W,
        dW,
        "dW",
        {
            "the gradient is not averaged: divide by the number of examples, "
            "as the loss does.": 2 * dW,
            "the sign is wrong: the gradient is p - y, not y - p.": -dW,
            "divided by N twice. The average is taken once.": dW / 2,
            "divided by N * K. Divide by N, the number of examples.": dW / 3,
            "the 1s are missing: subtract 1 from the probability of the "
            "right class.": BATCH.T @ P / 2,
            "dW is the wrong way round: it has the shape of W, one column "
            "per class. That is X.T @ delta.": dW.T,
            "p[labels] -= 1 changes whole rows. Subtract 1 from one entry "
            "per row: [np.arange(N), labels].": BATCH.T @ wrong_rows / 2,
            "p[:, labels] -= 1 changes whole columns. Subtract 1 from one "
            "entry per row: "
            "[np.arange(N), labels].": BATCH.T @ wrong_columns / 2,
        },
    )
    explain(
        got_b,
        db,
        "db",
        {
            "the gradient is not averaged: divide by N.": 2 * db,
            "divided by N twice. delta already is the average; add up its "
            "rows.": db / 2,
            "the sum runs over the classes. b has one number per class: add "
            "up the rows, axis 0.": delta.sum(axis=1),
            "the sum over the examples is missing: db has the shape of b, "
            "(K,).": delta,
            "the shape should be (3,), not (1, 3).": db[None],
            "the sign is wrong: the gradient is p - y, not y - p.": -db,
        },
    )
    unchanged(P, after[1], "p")

    got_W, got_b = parts(
        submission.gradients(BATCH, P, LABELS, WEIGHTS, 0.1), ["dW", "db"]
    )
    explain(
        got_W,
        dW + 0.1 * WEIGHTS,
        "dW with weight decay 0.1",
        {
            "the weight decay is missing: add λ W.": dW,
            "the derivative of (λ/2) W² is λ W; the 2 cancels the half.": dW
            + 0.2 * WEIGHTS,
            "add λ W itself: no half is left of (λ/2) W², and it is not "
            "divided by the batch size.": dW + 0.05 * WEIGHTS,
            "weight decay is added, not subtracted: the step against the "
            "gradient then makes the weights smaller.": dW - 0.1 * WEIGHTS,
            "λ itself was added to every entry; add λ W.": dW + 0.1,
            "this is the derivative of something else: λ W is asked for, not "
            "λ W².": dW + 0.1 * WEIGHTS**2,
        },
    )
    explain(got_b, db, "db with weight decay 0.1 (the bias is not decayed)")


# ------------------------------------------------------------------- training


def descend(
    X, labels, n_classes, order, batch_size, rate, decay, mistake=None
):
    """Mini-batch gradient descent; `mistake` builds in one of the usual ones.
    Returns W, b, losses.
    """
    W, b, losses = np.zeros((X.shape[1], n_classes)), np.zeros(n_classes), []

    def step(batch, targets):
        z = X[batch] @ W + b
        z = z - z.max(axis=1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        y = np.eye(n_classes)[labels[targets]]
        value = -(log_p * y).sum() / len(batch) + (
            0 if mistake == "loss without decay" else decay / 2 * (W**2).sum()
        )
        delta = (np.exp(log_p) - y) / (
            batch_size if mistake == "fixed divisor" else len(batch)
        )
        return (
            value,
            X[batch].T @ delta + (0 if mistake == "no decay" else decay) * W,
            delta.sum(axis=0),
        )

    for row in order[:1] if mistake == "first epoch only" else order:
        if mistake == "restart":
            W, b = np.zeros_like(W), np.zeros_like(b)
        if mistake == "own order":
            row = np.arange(len(row))
        if mistake == "first row":
            row = order[0]
        last = (
            len(row) - len(row) % batch_size
            if mistake == "last batch"
            else len(row)
        )
        starts = [0] if mistake == "one batch" else range(0, last, batch_size)
        for start in starts:
            batch = (
                np.arange(len(X))
                if mistake == "everything"
                else row[start : start + batch_size]
            )
            targets = (
                np.arange(start, start + len(batch))
                if mistake == "labels not permuted"
                else batch
            )
            value, dW, db = step(batch, targets)
            sign = -1 if mistake == "ascent" else 1
            W = W - sign * rate * dW
            b = b - (0 if mistake == "no bias" else sign * rate) * db
            losses.append(
                step(batch, targets)[0]
                if mistake == "loss after step"
                else value
            )
    return W, b, losses


TRAINING_MISTAKES = {
    "last batch": (
        "the last, smaller batch of each epoch is left out. Use all examples."
    ),
    "fixed divisor": (
        "the last batch is smaller, and its gradient must be divided by its "
        "own number of examples."
    ),
    "own order": (
        "the examples were used in the order 0, 1, 2, …. Use the order that "
        "is given: the numbers in row e of `order`."
    ),
    "first row": "every epoch used row 0 of `order`. Epoch e uses row e.",
    "labels not permuted": (
        "X follows the order but the labels do not. Pick the same rows of "
        "both: X[batch], labels[batch]."
    ),
    "first epoch only": (
        "training ended after the first row of `order`. Is `return` inside "
        "the loop?"
    ),
    "one batch": "only the first batch of every epoch was used.",
    "everything": "every step used all the examples, not those of the batch.",
    "restart": (
        "W and b start from 0 again in every epoch. Set them to 0 once, "
        "before the first."
    ),
    "no bias": "b never changes. Its step: b = b - learning_rate * db.",
    "ascent": "the step goes uphill: subtract the gradient.",
    "no decay": "weight_decay is not used. Pass it on to `gradients`.",
}


@contextmanager
def unless_an_earlier_task_is_to_blame(submission, arguments, result):
    """Forgive a wrong result that is right given your own softmax,
    log_softmax, loss and gradients.

    A mistake in one of these is reported by its own task and should cost
    nothing here, provided that W learns at all.
    """
    try:
        yield
    except pytest.fail.Exception:
        X, labels, n_classes, order, batch_size, rate, decay = arguments
        W, b, losses = (
            np.zeros((X.shape[1], n_classes)),
            np.zeros(n_classes),
            [],
        )
        for row in order:
            for start in range(0, len(row), batch_size):
                batch = row[start : start + batch_size]
                z = X[batch] @ W + b
                losses.append(
                    float(
                        submission.loss(
                            submission.log_softmax(z), labels[batch], W, decay
                        )
                    )
                )
                dW, db = submission.gradients(
                    X[batch], submission.softmax(z), labels[batch], W, decay
                )
                W, b = W - rate * np.asarray(dW), b - rate * np.asarray(db)
        own = zip(result, (W, b, losses), strict=True)
        if np.ptp(W) == 0 or not all(
            np.shape(x) == np.shape(y)
            and np.allclose(x, y, rtol=1e-4, atol=1e-5)
            for x, y in own
        ):
            raise


@pytest.mark.task("training")
@pytest.mark.points(0.25)
def test_two_steps(submission):
    """train: the two steps of the description"""
    arguments = (
        np.array([[1.0], [-1.0]]),
        np.array([0, 1]),
        2,
        np.array([[0, 1]]),
        1,
        1.0,
        0.0,
    )
    W, b, losses = result = parts(
        submission.train(*arguments), ["W", "b", "losses"]
    )
    with unless_an_earlier_task_is_to_blame(submission, arguments, result):
        explain(
            W,
            [[1, -1]],
            "W",
            {
                "W did not move. Does the loop run, and does it change W?": [
                    [0, 0]
                ],
                "only one of the two batches was used.": [[0.5, -0.5]],
                "the step goes uphill: subtract the gradient.": [[-1, 1]],
            },
        )
        explain(
            b,
            [0, 0],
            "b",
            {
                "b did not make its second step.": [0.5, -0.5],
            },
        )
        explain(
            losses,
            np.log([2, 2]),
            "losses",
            {
                "there should be two losses, one for every batch.": np.log(
                    [2]
                ),
            },
        )


@pytest.mark.task("training")
@pytest.mark.points(0.25)
def test_order_and_batches(submission):
    """train: two epochs in a given order, with a smaller last batch"""
    X = np.array(
        [
            [1.0, 0.5],
            [0.0, 2.0],
            [-1.0, 1.0],
            [2.0, -1.0],
            [0.5, 0.5],
            [-2.0, 0.0],
            [1.5, 1.0],
        ]
    )
    arguments = (
        X,
        np.array([0, 1, 2, 0, 1, 2, 1]),
        3,
        np.array([[3, 0, 6, 1, 5, 2, 4], [2, 5, 1, 0, 4, 6, 3]]),
        3,
        0.3,
        0.1,
    )
    right = descend(*arguments)
    wrong = {m: descend(*arguments, mistake=m) for m in TRAINING_MISTAKES}
    late, bare = (
        descend(*arguments, mistake=m)[2]
        for m in ("loss after step", "loss without decay")
    )
    W, b, losses = result = parts(
        submission.train(*arguments), ["W", "b", "losses"]
    )
    with unless_an_earlier_task_is_to_blame(submission, arguments, result):
        explain(
            W,
            right[0],
            "W",
            {text: wrong[m][0] for m, text in TRAINING_MISTAKES.items()},
        )
        explain(
            b,
            right[1],
            "b",
            {
                "b never changes. Its step: b = b "
                "- learning_rate * db.": np.zeros(3),
            },
        )
        explain(
            losses,
            right[2],
            "losses",
            {
                "each loss was computed after the step. Compute it before "
                "W and b move.": late,
                "the loss leaves the weight decay out. Pass weight_decay on "
                "to `loss`.": bare,
                "there should be one loss for every batch, six in all; here "
                "is one for every epoch.": right[2][2::3],
            },
        )


# --------------------------------------------------------------------- digits


@pytest.mark.task("digits")
@pytest.mark.points(0.25)
def test_templates(submission):
    """templates: column k of W, laid out as a picture"""
    W = np.arange(18).reshape(6, 3)
    explain(
        submission.templates(W, 2, 3),
        [W[:, k].reshape(2, 3) for k in range(3)],
        "templates(W, 2, 3)",
        {
            "the rows of W were cut up, so each picture mixes the classes. "
            "Template k is column k: transpose first.": W.reshape(3, 2, 3),
            "the classes should be on the first axis: shape (K, height, "
            "width).": W.reshape(2, 3, 3),
            "the pixels are laid out column by column. They were written row "
            "by row: shape (K, "
            "height, width).": [W[:, k].reshape(3, 2).T for k in range(3)],
            "height and width are the wrong way round.": [
                W[:, k].reshape(3, 2) for k in range(3)
            ],
        },
    )


@pytest.mark.task("digits")
@pytest.mark.points(0.25)
def test_confusion_matrix(submission):
    """confusion_matrix: row is the truth, column the prediction"""
    labels, predictions = (
        np.array([0, 1, 1, 2, 2, 2]),
        np.array([0, 2, 1, 2, 1, 1]),
    )
    right = np.array([[1, 0, 0, 0], [0, 1, 1, 0], [0, 2, 1, 0], [0, 0, 0, 0]])
    explain(
        submission.confusion_matrix(labels, predictions, 4),
        right,
        "confusion_matrix(labels, predictions, 4)",
        {
            "rows and columns are the wrong way round. Row: what it is; "
            "column: what it was taken for.": right.T,
            "the pair (2, 1) occurs twice and was counted once. "
            "counts[labels, predictions] += 1 adds 1 only once to a place "
            "that is named many times; use a "
            "loop, np.add.at or np.bincount.": np.minimum(right, 1),
            "there are 4 classes, also when one of them does not occur: use "
            "n_classes for the shape.": right[:3, :3],
            "only the right answers were counted.": np.diag(np.diag(right)),
            "these are fractions of each row; counts are asked for.": right
            / np.maximum(right.sum(axis=1, keepdims=True), 1),
        },
    )


@pytest.mark.task("digits")
def test_digit_classifier_is_complete(submission):
    """fit_digits: W, b, mean and std are there and have the right shapes"""
    for name, shape in (
        ("digit_W", (784, 10)),
        ("digit_b", (10,)),
        ("digit_mean", (784,)),
        ("digit_std", (784,)),
    ):
        value = submission[name]
        assert value is not None, (
            f"{name} is still None: write `fit_digits`, then run the cell "
            "that calls it."
        )
        value = np.asarray(value, dtype=float)
        assert value.shape == shape, (
            f"{name} should have the shape {shape}, "
            f"but it has the shape {value.shape}."
        )
        assert np.isfinite(value).all(), (
            f"{name} contains nan or inf. In W or b: look at pixels whose "
            "std is 0, or lower the learning rate."
        )
        assert name == "digit_b" or np.any(value != value.flat[0]), (
            f"All entries of {name} are the same: nothing was learned."
        )
    assert np.all(np.asarray(submission["digit_std"]) > 0), (
        "A std of 0 is left; return 1 for a pixel that never changes."
    )
