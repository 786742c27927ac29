"""What `check("…")` runs in exercise 01. You may read this file: it shows
what is asked, with small inputs.

Every test compares your answer with the right one. When they differ, it
looks through what the usual mistakes lead to; if your answer is one of
those, it says which.
"""

import numpy as np
import pytest

from coursekit.grading.explain import explain, hints, parts, unchanged

# -------------------------------------------------------------------- vectors


@pytest.mark.task("vectors")
@pytest.mark.points(0.25)
def test_flatten(submission):
    """flatten: each image becomes one row, channel by channel, row by row"""
    images = np.arange(48, dtype=np.float32).reshape(2, 3, 2, 4)
    right = np.array([range(24), range(24, 48)])
    with hints(
        {
            "cannot reshape": "The images of this check have the shape "
            "(2, 3, 2, 4): a row has 3 * 2 * 4 = 24 numbers. 28 * 28 = 784 "
            "is the length for MNIST only: take the sizes from images.shape.",
        }
    ):
        result = submission.flatten(images)
    explain(
        result,
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
    assert np.asarray(result).dtype == images.dtype, (
        "The numbers are right, but their type is not: the images are "
        f"{images.dtype}, your result is {np.asarray(result).dtype}. Keep "
        "the type; float64 would need twice the memory."
    )


@pytest.mark.task("vectors")
@pytest.mark.points(0.25)
def test_pixel_statistics(submission):
    """pixel_statistics: mean and deviation of every pixel, none of them 0"""
    X = np.array(
        [[7.0, 2.0, 0.0], [7.0, 6.0, 0.0], [7.0, 7.0, 1.0], [7.0, 1.0, 1.0]]
    )
    with hints(
        {
            "truth value": "`if` decides once, but there is one deviation "
            "for each pixel. Decide for all of them with np.where, or pixel "
            "by pixel in a loop.",
        }
    ):
        result = submission.pixel_statistics(X)
    mean, std = parts(result, ["mean", "std"])
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
    tiny = np.ravel(std)[0] if np.shape(std) == (3,) else None
    if isinstance(tiny, np.floating) and 0 < tiny < 0.1:
        pytest.fail(
            "std: the first pixel is 7 in every example, and you return the "
            f"tiny number {tiny:.3g} for it. Return 1. (A new image may "
            "differ there, and divided by a tiny number it becomes one in "
            "the millions. Add nothing to the other deviations either.)"
        )
    explain(
        std,
        right,
        "std",
        {
            "the first pixel is 7 in every example, so its deviation is 0, "
            "and dividing by it gives nan. Return 1 for it.": zero,
            "these are variances; take the square root.": right**2,
            "you divided by N - 1. The description asks for N (NumPy's "
            "default, ddof=0).": right * [1, *[np.sqrt(4 / 3)] * 2],
            "you added 1 to every deviation. Only that of a constant pixel "
            "becomes 1.": zero + 1,
            "a deviation between 0 and 1 was replaced as well. Only that of "
            "a constant pixel becomes 1.": np.maximum(zero, 1),
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
    with hints(
        {
            "broadcast": "X has the shape (N, D) and the statistics (D,), "
            "which NumPy lines up from the right: X - mean works as it is.",
        }
    ):
        result, after, _ = submission.call(
            "standardise", X, mean, std, echo=True
        )
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


# What the usual mistakes make of an epoch: w[0], w[1], b, mistakes.
FIRST_EPOCH = {
    "all scores were computed before the first update. Compute each score "
    "inside the loop, with the weights as they are then.": [0, 0, -2, 4],
    "the epoch ended after the first example. Go on to the end: is there a "
    "`return` or `break` inside the loop?": [0, 0, -1, 1],
    "w and b are right, but you returned 0. Count the mistakes.": [
        1,
        1,
        0,
        0,
    ],
}
SECOND_EPOCH = {
    "each epoch begins with the weights the last one ended with; do not set "
    "them back to 0.": [1, 1, 0, 2],
    "w and b are right, but you returned how many examples were right.": [
        2,
        1,
        -1,
        1,
    ],
}
# Words of an exception, and what they mean in this task.
ONE_ROW = {
    "truth value": "`if` decides once, but here it is given a whole array. "
    "There is one score for each row of X: `epoch` looks at one row at a "
    "time, `predict` can decide for all of them with np.where.",
    "mismatch in its core dimension": "Look at the shapes: X is (N, D), a "
    "row of it (D,), w is (D,).",
}


def one_step(submission, label):
    """How w and b move, from 0, at the one example x = (1, 2): +1 towards x
    and 1, -1 away from them, 0 not at all, None for anything else.
    """
    unit = submission.Perceptron(2)
    unit.epoch(np.array([[1.0, 2.0]]), np.array([label]))
    w, b = np.asarray(unit.w, dtype=float), np.asarray(unit.b, dtype=float)
    return tuple(
        next((way for way in (1, 0, -1) if np.all(got == way * to)), None)
        for got, to in ((w, np.array([1.0, 2.0])), (b, 1.0))
    )


def explain_steps(submission):
    """Fail if the rule is wrong already where there is only one example. Its
    score is 0 at the start, so it is a mistake whatever its label is.
    """
    plus, minus = one_step(submission, +1), one_step(submission, -1)
    if plus == minus == (0, 0):
        pytest.fail(
            "epoch: nothing was learned. At the start every score is 0, and "
            "a score of exactly 0 counts as a mistake: the test is <= 0, "
            "not < 0. (If that is what you wrote: does the loop run, and "
            "does it change self.w and self.b?)"
        )
    for label, moved in ((1, plus), (-1, minus)):
        if moved == (0, 0):
            pytest.fail(
                f"epoch: an example with y = {label:+d} and a score of "
                "exactly 0 changes nothing. Such a score is a mistake even "
                "when the predicted class agrees with the label: test "
                "y * score <= 0."
            )
    found = []
    for name, step, ways in (
        ("w", "y * x", (plus[0], minus[0])),
        ("b", "y", (plus[1], minus[1])),
    ):
        if ways == (0, 0):
            found.append(
                f"{name} never changes. Every mistake adds {step} to it."
            )
        elif ways in ((1, 1), (-1, -1)):
            found.append(
                f"{name} moves the same way whether y is +1 or -1. The label "
                f"is missing: add {step} to {name}."
            )
        elif ways == (-1, 1):
            found.append(
                f"{name} goes the wrong way, down at a mistake with y = +1 "
                f"and up at one with y = -1. Add {step}, do not subtract it."
            )
    if found:
        pytest.fail("\n".join(f"epoch: {line}" for line in found))


@pytest.mark.task("perceptron")
@pytest.mark.points(0.5)
def test_first_epochs_on_and(submission):
    """Perceptron.epoch: two epochs on AND, the table of the description"""
    unit = submission.Perceptron(2)
    for number, right, mistakes in (
        ("first", [1, 1, 0, 2], FIRST_EPOCH),
        ("second", [2, 1, -1, 3], SECOND_EPOCH),
    ):
        with hints(ONE_ROW):
            returned = unit.epoch(CORNERS, AND)
        assert returned is not None, (
            "epoch returned nothing: it should return the number of mistakes."
        )
        got = np.hstack([unit.w, unit.b, returned])
        if not np.array_equal(got, right):
            explain_steps(submission)
        explain(
            got,
            right,
            f"(w[0], w[1], b, mistakes) after the {number} epoch on AND",
            mistakes,
            f" You have {got.tolist()}, right is {right}.",
        )


def explain_classes(result, scores, when):
    """Do nothing if `result` is +1 where the score is above 0 and -1
    elsewhere; otherwise fail.
    """
    right = np.where(scores > 0, 1, -1)
    if np.asarray(result).dtype == bool:
        pytest.fail(
            f"predict {when} gave True and False. The classes are the "
            "numbers +1 and -1: turn each comparison into one of them."
        )
    explain(
        result,
        right,
        f"predict {when}",
        {
            "you gave 0 where the score is 0. There are only two classes, +1 "
            "and -1, and +1 is for scores above 0: so it "
            "is -1 here.": np.where(scores == 0, 0, right),
            "you gave +1 where the score is 0. The class is +1 only above "
            "0: so it is -1 here.": np.where(scores == 0, 1, right),
            "these are the scores; return the classes +1 and -1.": scores,
            "the classes are -1 and +1, not 0 and 1.": scores > 0,
            "+1 and -1 are the wrong way round.": -right,
        },
    )


@pytest.mark.task("perceptron")
@pytest.mark.points(0.25)
def test_predict(submission):
    """Perceptron.predict: +1 above the line, -1 elsewhere"""
    unit = submission.Perceptron(2)
    with hints(ONE_ROW):
        result = unit.predict(CORNERS)
    explain_classes(
        result, np.zeros(4), "before any learning (all scores are 0)"
    )
    # Weights that solve NAND, set from here: predict is judged alone. Where
    # they cannot be set (a property, say), it is judged with what it learns.
    try:
        unit.w, unit.b = np.array([-2.0, -1.0]), 2.5
    except AssertionError:
        for _ in range(9):
            unit.epoch(CORNERS, NAND)
    w, b = np.asarray(unit.w, dtype=float), float(np.squeeze(unit.b))
    when = f"with w = {w}, b = {b:g}"
    with hints(ONE_ROW):
        result = unit.predict(CORNERS)
    scores = CORNERS @ w + b
    without_b = np.where(CORNERS @ w > 0, 1, -1)
    if np.any(without_b != np.where(scores > 0, 1, -1)):
        assert not np.array_equal(result, without_b), (
            f"predict {when}: the bias is left out of the score."
        )
    explain_classes(result, scores, when)
    assert len(set(scores > 0)) == 2, (
        f"{when}, all four corners of NAND are on one side of the line."
    )


# -------------------------------------------------------------------- softmax

# The logits are logarithms, so softmax gives these numbers over their sums.
RATIOS = np.array([[1.0, 2.0, 5.0], [3.0, 3.0, 4.0]])
LOGITS = np.log(RATIOS)
PROBABILITIES = np.array([[0.125, 0.25, 0.625], [0.3, 0.3, 0.4]])

KEEPDIMS = {
    "broadcast": ".max(axis=1) and .sum(axis=1) give one number per row, "
    "shape (N,), and NumPy would line them up with the columns. With "
    "keepdims=True the shape is (N, 1), and each row meets its own number.",
}


def explain_sums(p, name):
    """Fail if it is not the rows that sum to 1 but something else, whatever
    was subtracted before.
    """
    p = np.asarray(p)
    if p.shape != (2, 3) or p.dtype.kind != "f" or np.any(p < 0):
        return
    if np.isclose(p.sum(), 1):
        pytest.fail(
            f"{name} the whole batch sums to 1 instead of each row. Sum over "
            "axis 1 only, with keepdims=True."
        )
    if np.allclose(p.sum(axis=0), 1):
        pytest.fail(
            f"{name} each column sums to 1 instead of each row. The classes "
            "are on axis 1, so sum over axis 1, with keepdims=True."
        )


@pytest.mark.task("softmax")
@pytest.mark.points(0.25)
def test_softmax(submission):
    """softmax: probabilities row by row, also for very large scores"""
    with hints(KEEPDIMS):
        result, after, _ = submission.call("softmax", LOGITS, echo=True)
    explain_sums(result, "softmax(logits):")
    explain(
        result,
        PROBABILITIES,
        "softmax(logits)",
        {
            "these are the logits as they came: is the result written into "
            "what you return?": LOGITS,
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
    with hints(KEEPDIMS):
        result, after, _ = submission.call("log_softmax", LOGITS, echo=True)
    if np.asarray(result).dtype.kind == "f":
        explain_sums(np.exp(result), "log_softmax(logits): with exp taken,")
    explain(
        result,
        np.log(PROBABILITIES),
        "log_softmax(logits)",
        {
            "these are the logits as they came: is the result written into "
            "what you return?": LOGITS,
            "these are probabilities, not their logarithms.": PROBABILITIES,
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
        {
            "e to the 1000 is infinite. Subtract each row's maximum before "
            "the exponential.": [[-np.inf, -np.inf], [-np.inf, -np.inf]],
        },
    )


# ------------------------------------------------------------------- gradient

BATCH = np.array([[1.0, 2.0], [3.0, 0.0]])
P = np.array([[0.3, 0.2, 0.5], [0.6, 0.3, 0.1]])
LABELS = np.array([2, 0])
WEIGHTS = np.array([[1.0, 0.0], [0.0, 2.0], [-1.0, 0.0]])


@pytest.mark.task("gradient")
@pytest.mark.points(0.25)
def test_loss(submission):
    """loss: the mean over the batch, then with weight decay"""
    log_p, zero = np.log(P), np.zeros((3, 2))
    right = -(np.log(0.5) + np.log(0.6)) / 2
    with hints(
        {
            "out of bounds": "log_p[labels] takes whole rows, and takes the "
            "class numbers for row numbers. Take one entry per row: "
            "log_p[np.arange(N), labels].",
            "broadcast": "labels are class numbers, shape (N,), and log_p is "
            "(N, K). They are not multiplied: they say which entry of each "
            "row to take.",
        }
    ):
        result = submission.loss(log_p, LABELS, zero, 0.0)
    explain(
        result,
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
    dW = np.array([[-0.45, 0.3], [0.55, 0.2], [-0.1, -0.5]])
    db = np.array([-0.05, 0.25, -0.2])

    with hints(
        {
            "broadcast": "Here N = 2, D = 2 and K = 3. Print the shapes: P "
            "and Y are (N, K), labels are class numbers, (N,), and dW has "
            "the shape of W, (K, D), one row per class.",
            "mismatch in its core dimension": "Here N = 2, D = 2 and K = 3. "
            "In a matrix product the inner sizes must agree: (K, N) times "
            "(N, D) is (K, D), the shape of W.",
            "out of bounds": "One 1 is subtracted per example: at row n and "
            "column labels[n]. Use both: [np.arange(N), labels].",
        }
    ):
        result, after, _ = submission.call(
            "gradients", BATCH, P, LABELS, np.zeros((3, 2)), 0.0, echo=True
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
            "right class.": [[1.05, 0.3], [0.55, 0.2], [0.4, 0.5]],
            "dW is the wrong way round: it has the shape of W, one row "
            "per class. That is delta.T @ X.": dW.T,
            "p[:, labels] -= 1 changes whole columns. Subtract 1 from one "
            "entry per row: [np.arange(N), labels].": [
                [-0.95, -0.7],
                [0.55, 0.2],
                [-1.6, -0.5],
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
    "(`train` is made of `softmax`, `log_softmax`, `loss` and `gradients`: "
    "if a check still complains about one of them, mend that first.)"
)

LOGITS_OF_A_BATCH = {
    "mismatch in its core dimension": "W is (K, D), one row per class, and a "
    "batch is (B, D): the logits are X @ W.T + b.",
    "broadcast": "Print the shapes: W and dW are (K, D), b and db are (K,), "
    "the logits of a batch of B are (B, K).",
}

# The first column of W that the usual mistakes lead to in the second check.
FIRST_COLUMN = {
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
    with hints(LOGITS_OF_A_BATCH):
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
        [[1], [-1]],
        "W",
        {
            "W is still 0. Does the loop run, and does it change W?": [
                [0],
                [0],
            ],
            "only one of the two batches was used.": [[0.5], [-0.5]],
            "the step goes uphill: subtract the gradient.": [[-1], [1]],
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
    with hints(LOGITS_OF_A_BATCH):
        result = submission.train(X, labels, 3, order, 3, 0.3, 0.1)
    W, b, losses = parts(result, ["W", "b", "losses"])
    right = [
        [0.5401633, -0.3967816],
        [0.0316224, 0.4353309],
        [-0.5717856, -0.0385493],
    ]
    if np.shape(W) == (3, 2):
        column = np.asarray(W, dtype=float)[:, 0]
        for message, wrong in FIRST_COLUMN.items():
            if np.allclose(column, wrong, atol=2e-5):
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
def test_digit_classifier_is_complete(submission):
    """fit_digits: W, b, mean and std are there and have the right shapes"""
    if submission["digit_W"] is None:
        # Not run yet, or not written: let it say so itself.
        rng = np.random.default_rng(0)
        submission.fit_digits(
            rng.random((40, 1, 28, 28), dtype=np.float32), np.arange(40) % 10
        )
    for name, shape in (
        ("digit_W", (10, 784)),
        ("digit_b", (10,)),
        ("digit_mean", (784,)),
        ("digit_std", (784,)),
    ):
        value = submission[name]
        assert value is not None, (
            f"{name} is still None, though `fit_digits` works on a few "
            "images: run the cell that calls it, again if need be."
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


@pytest.mark.task("digits")
@pytest.mark.points(0.25)
def test_templates(submission):
    """templates: row k of W, laid out as a picture"""
    W = np.arange(18).reshape(3, 6)
    right = W.reshape(3, 2, 3)
    with hints(
        {
            "cannot reshape": "In this check W is (3, 6), for pictures of "
            "height 2 and width 3: use the arguments, and len(W) for the "
            "number of classes.",
        }
    ):
        result = submission.templates(W, 2, 3)
    explain(
        result,
        right,
        "templates(W, 2, 3)",
        {
            "each picture mixes the classes. Template k is row k of W, and "
            "its numbers are in the right order "
            "already: do not transpose.": W.T.reshape(3, 2, 3),
            "the classes should be on the first axis: shape (K, height, "
            "width).": right.transpose(1, 2, 0),
            "the rows of W were cut up, so each picture mixes the classes. "
            "Keep the first axis: shape (K, height, width).": W.reshape(
                2, 3, 3
            ),
            "the pixels are laid out column by column. They were written row "
            "by row: shape (K, height, width).": W.reshape(3, 3, 2).transpose(
                0, 2, 1
            ),
            "height and width are the wrong way round.": W.reshape(3, 3, 2),
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
    with hints(
        {
            "truth value": "labels and predictions are whole arrays: compare "
            "one pair, labels[n] and predictions[n], at a time.",
        }
    ):
        result = submission.confusion_matrix(labels, predictions, 4)
    explain(
        result,
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
