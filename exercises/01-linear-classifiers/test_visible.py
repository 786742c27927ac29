"""What `check("…")` runs in exercise 01. You may read this file: it shows
what is asked, with small inputs.

Every test compares your answer with the right one. When they differ, it
looks through what the usual mistakes lead to; if your answer is one of
those, it says which.
"""

import numpy as np
import pytest


def explain(got, right, name, mistakes=None, hint=""):
    """Do nothing if `got` is right; otherwise fail with the most helpful
    thing there is to say.

    `mistakes` maps what may have gone wrong to the wrong answer it leads to;
    `hint` is said when it is none of them.
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
            f"but it has the shape {got.shape}.{hint}"
        )
    if not np.isfinite(got).all():
        pytest.fail(
            f"{name} contains nan or inf. Look for a division by 0, "
            f"a logarithm of 0 or too large an exponential.{hint}"
        )
    where = tuple(
        int(i)
        for i in np.argwhere(~np.isclose(got, right, rtol=1e-5, atol=1e-6))[0]
    )
    entry = f"[{', '.join(map(str, where))}]" if where else ""
    pytest.fail(
        f"{name}{entry} is {got[where]:.6g}, "
        f"but it should be {right[where]:.6g}.{hint}"
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
    right = np.array([range(24), range(24, 48)])
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


# What the usual mistakes make of the first epoch: w[0], w[1], b, mistakes.
FIRST_EPOCH = {
    "nothing was learned. A score of exactly 0 counts as a mistake, so the "
    "test is <= 0, not < 0: at the start every score is 0.": [0, 0, 0, 0],
    "you compared the predicted class with the label. A score of exactly 0 "
    "is a mistake even when the class agrees with the label: test label * "
    "score <= 0.": [1, 1, 1, 1],
    "all scores were computed before the first update. Compute each score "
    "inside the loop, with the weights as they are then.": [0, 0, -2, 4],
    "the bias never changes. It is learned like a weight: every mistake adds "
    "y to it.": [0, 0, 0, 4],
    "the update goes the wrong way: add, do not subtract.": [1, 1, 3, 3],
    "the epoch ended at the first mistake. Go on to the end.": [0, 0, -1, 1],
    "w and b are right, but you returned 0. Count the mistakes.": [
        1,
        1,
        0,
        0,
    ],
}
SECOND_EPOCH = {
    "the label is missing: add y * x to w, not x.": [1, 2, -2, 2],
    "each epoch begins with the weights the last one ended with; do not set "
    "them back to 0.": [1, 1, 0, 2],
    "w and b are right, but you returned how many examples were right.": [
        2,
        1,
        -1,
        1,
    ],
}


@pytest.mark.task("perceptron")
@pytest.mark.points(0.5)
def test_first_epochs_on_and(submission):
    """Perceptron.epoch: two epochs on AND, the table of the description"""
    unit = submission.Perceptron(2)
    for number, right, mistakes in (
        ("first", [1, 1, 0, 2], FIRST_EPOCH),
        ("second", [2, 1, -1, 3], SECOND_EPOCH),
    ):
        returned = unit.epoch(CORNERS, AND)
        assert returned is not None, (
            "epoch returned nothing: it should return the number of mistakes."
        )
        explain(
            np.hstack([unit.w, unit.b, returned]),
            right,
            f"(w[0], w[1], b, mistakes) after the {number} epoch on AND",
            mistakes,
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

# The logits are logarithms, so softmax gives these numbers over their sums.
RATIOS = np.array([[1.0, 2.0, 5.0], [3.0, 3.0, 4.0]])
LOGITS = np.log(RATIOS)
PROBABILITIES = np.array([[0.125, 0.25, 0.625], [0.3, 0.3, 0.4]])


@pytest.mark.task("softmax")
@pytest.mark.points(0.25)
def test_softmax(submission):
    """softmax: probabilities row by row, also for very large scores"""
    result, after, _ = submission.call("softmax", LOGITS, echo=True)
    explain(
        result,
        PROBABILITIES,
        "softmax(logits)",
        {
            "each column sums to 1 instead of each row. The classes are on "
            "axis 1, so sum over axis 1.": RATIOS / [4, 5, 9],
            "the whole batch sums to 1 instead of each row. Sum over axis 1 "
            "only, with keepdims=True.": RATIOS / 18,
            "these are exponentials; divide each row by its sum.": RATIOS,
            "these are exponentials without their maximum; divide each row "
            "by its sum.": RATIOS / [[5], [4]],
            "these are logarithms of probabilities.": np.log(PROBABILITIES),
            "these are not exponentials: take np.exp first.": (
                LOGITS / [[np.log(10)], [np.log(36)]]
            ),
            "a different number was subtracted in each column, which changes "
            "the result. Subtract each row's own maximum: axis=1, "
            "keepdims=True.": RATIOS / [3, 3, 5] / [[2], [2.8]],
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
    result, after, _ = submission.call("log_softmax", LOGITS, echo=True)
    explain(
        result,
        np.log(PROBABILITIES),
        "log_softmax(logits)",
        {
            "these are probabilities, not their logarithms.": PROBABILITIES,
            "the sum runs over the batch (axis 0). The classes are on axis "
            "1.": np.log(RATIOS / [4, 5, 9]),
            "the sum runs over the whole batch. Sum over axis 1 only, with "
            "keepdims=True.": np.log(RATIOS / 18),
            "this is log base 2; use the natural logarithm, np.log.": np.log2(
                PROBABILITIES
            ),
            "the maximum has been subtracted only inside the sum. It must "
            "leave the logit in front as well, or be added back to the "
            "logarithm.": np.log(RATIOS / [[8 / 5], [10 / 4]]),
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
    delta = np.array([[0.15, 0.1, -0.25], [-0.2, 0.15, 0.05]])
    dW = np.array([[-0.45, 0.55, -0.1], [0.3, 0.2, -0.5]])
    db = np.array([-0.05, 0.25, -0.2])

    result, after, _ = submission.call(
        "gradients", BATCH, P, LABELS, np.zeros((2, 3)), 0.0, echo=True
    )
    got_W, got_b = parts(result, ["dW", "db"])
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
            "right class.": [[1.05, 0.55, 0.4], [0.3, 0.2, 0.5]],
            "dW is the wrong way round: it has the shape of W, one column "
            "per class. That is X.T @ delta.": dW.T,
            "p[:, labels] -= 1 changes whole columns. Subtract 1 from one "
            "entry per row: [np.arange(N), labels].": [
                [-0.95, 0.55, -1.6],
                [-0.7, 0.2, -0.5],
            ],
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
            "up the rows, axis 0.": [0, 0],
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

# The points of this task come from hidden tests only. They also accept what
# is right given your own softmax, loss and gradients, so that a mistake in
# one of those does not cost you twice. These checks do not.

FIRST_MEND = (
    " (`train` is made of `softmax`, `log_softmax`, `loss` and `gradients`: "
    "if a check still complains about one of them, mend that first.)"
)

# The first row of W that the usual mistakes lead to in the second check.
FIRST_ROW = {
    "W is still 0. Does the loop run, and does it change W?": [0, 0, 0],
    "the last, smaller batch of each epoch is left out. Use all examples.": [
        0.26924,
        0.23818,
        -0.50742,
    ],
    "the last batch is smaller, and its gradient must be divided by its own "
    "number of examples.": [0.34224, 0.17372, -0.51596],
    "the examples were used in the order 0, 1, 2, …. Use the order that is "
    "given: the numbers in row e of `order`.": [0.15169, 0.41383, -0.56552],
    "every epoch used row 0 of `order`. Epoch e uses row e.": [
        0.28526,
        0.28347,
        -0.56873,
    ],
    "X follows the order but the labels do not. Pick the same rows of both: "
    "X[batch], labels[batch].": [-0.16375, 0.26018, -0.09643],
    "training ended after the first row of `order`. Is `return` inside the "
    "loop?": [0.17006, 0.19255, -0.36261],
    "only the first batch of every epoch was used.": [
        0.22892,
        0.10189,
        -0.33081,
    ],
    "every step used all the examples, not those of the batch.": [
        0.37905,
        0.21611,
        -0.59516,
    ],
    "W and b start from 0 again in every epoch. Set them to 0 once, before "
    "the first.": [0.46395, -0.07601, -0.38794],
    "b never changes. It makes its own step, with db.": [
        0.48471,
        0.08022,
        -0.56492,
    ],
    "the step goes uphill: subtract the gradient.": [
        -1.00336,
        -0.4566,
        1.45996,
    ],
    "weight_decay is not used. Pass it on to `gradients`.": [
        0.55809,
        0.06054,
        -0.61863,
    ],
}


@pytest.mark.task("training")
def test_two_steps(submission):
    """train: the two steps of the description"""
    result = submission.train(
        np.array([[1.0], [-1.0]]),
        np.array([0, 1]),
        2,
        np.array([[0, 1]]),
        1,
        1.0,
        0.0,
    )
    W, b, losses = parts(result, ["W", "b", "losses"])
    explain(
        W,
        [[1, -1]],
        "W",
        {
            "W is still 0. Does the loop run, and does it change W?": [
                [0, 0]
            ],
            "only one of the two batches was used.": [[0.5, -0.5]],
            "the step goes uphill: subtract the gradient.": [[-1, 1]],
        },
        FIRST_MEND,
    )
    explain(
        b,
        [0, 0],
        "b",
        {"b did not make its second step.": [0.5, -0.5]},
        FIRST_MEND,
    )
    explain(losses, [0.6931472, 0.6931472], "losses", hint=FIRST_MEND)


@pytest.mark.task("training")
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
    labels = np.array([0, 1, 2, 0, 1, 2, 1])
    order = np.array([[3, 0, 6, 1, 5, 2, 4], [2, 5, 1, 0, 4, 6, 3]])
    result = submission.train(X, labels, 3, order, 3, 0.3, 0.1)
    W, b, losses = parts(result, ["W", "b", "losses"])
    right = [
        [0.5401633, 0.0316224, -0.5717856],
        [-0.3967816, 0.4353309, -0.0385493],
    ]
    if np.shape(W) == (2, 3):
        for message, row in FIRST_ROW.items():
            if np.allclose(np.asarray(W, dtype=float)[0], row, atol=2e-5):
                pytest.fail(f"W: {message}")
    explain(W, right, "W", hint=FIRST_MEND)
    explain(b, [0.0253454, 0.0636559, -0.0890013], "b", hint=FIRST_MEND)
    explain(
        losses,
        [1.0986123, 0.9763551, 0.9915153, 0.6944259, 0.8348295, 0.7560991],
        "losses",
        {
            "each loss was computed after the step. Compute it before W and "
            "b move.": [
                *(0.8833675, 0.7398147, 0.7557677),
                *(0.5718123, 0.810763, 0.2561956),
            ],
            "the loss leaves the weight decay out. Pass weight_decay on to "
            "`loss`.": [
                *(1.0986123, 0.9735218, 0.9802618),
                *(0.6790579, 0.8085389, 0.7263892),
            ],
            "there should be one loss for every batch, six in all; here is "
            "one for every epoch.": [0.9915153, 0.7560991],
            "all of them are the last loss: you appended the same array each "
            "time.": [0.7560991] * 6,
        },
        FIRST_MEND,
    )


# --------------------------------------------------------------------- digits


@pytest.mark.task("digits")
@pytest.mark.points(0.25)
def test_templates(submission):
    """templates: column k of W, laid out as a picture"""
    W = np.arange(18).reshape(6, 3)
    right = np.array(
        [
            [[0, 3, 6], [9, 12, 15]],
            [[1, 4, 7], [10, 13, 16]],
            [[2, 5, 8], [11, 14, 17]],
        ]
    )
    explain(
        submission.templates(W, 2, 3),
        right,
        "templates(W, 2, 3)",
        {
            "the rows of W were cut up, so each picture mixes the classes. "
            "Template k is column k: transpose first.": W.reshape(3, 2, 3),
            "the classes should be on the first axis: shape (K, height, "
            "width).": W.reshape(2, 3, 3),
            "the pixels are laid out column by column. They were written row "
            "by row: shape (K, height, width).": [
                [[0, 6, 12], [3, 9, 15]],
                [[1, 7, 13], [4, 10, 16]],
                [[2, 8, 14], [5, 11, 17]],
            ],
            "height and width are the wrong way round.": [
                [[0, 3], [6, 9], [12, 15]],
                [[1, 4], [7, 10], [13, 16]],
                [[2, 5], [8, 11], [14, 17]],
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
