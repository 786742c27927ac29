"""What `check("…")` runs in exercise 07. You may read this file: it shows
what is asked, with small inputs.

Every test compares your answer with the right one. When they differ, it
looks through what the usual mistakes lead to; if your answer is one of
those, it says which.
"""

import numpy as np
import pytest

from coursekit.grading import StudentError
from coursekit.grading.explain import brief, explain, hints, parts, unchanged


def conv(filters, kernel, **more):
    plain = {
        "stride": 1,
        "padding": 0,
        "dilation": 1,
        "groups": 1,
        "bias": False,
    }
    layer = {"kind": "conv", "filters": filters, "kernel": kernel}
    return layer | plain | more


def pool(kernel, stride, padding=0, ceil=False):
    return {
        "kind": "pool",
        "kernel": kernel,
        "stride": stride,
        "padding": padding,
        "ceil": ceil,
    }


def plain(kind):
    return {"kind": kind}


def linear(outputs, bias=True):
    return {"kind": "linear", "outputs": outputs, "bias": bias}


def meet(kind, *paths):
    return {"kind": kind, "paths": list(paths)}


def ask(submission, name, *given, **more):
    """Call a function that looks numbers up in descriptions."""
    with hints(
        {
            "KeyError": "Not every kind of layer has this number: look at "
            'layer["kind"] first, and at the table of kinds. (A pooling has '
            "no dilation; of an `add` or a `concat` only the paths can be "
            "looked at, each as a list of layers.)",
        }
    ):
        return submission.call(name, *given, **more)


def explain_tuple(got, right, name, mistakes=None, hint=""):
    """As `explain`, for a tuple that may be too short or too long."""
    if isinstance(got, (int, float)):
        pytest.fail(f"{name} should be {right}, but it is the number {got}.")
    if isinstance(got, (tuple, list)) and len(got) != len(right):
        for said, wrong in (mistakes or {}).items():
            if list(got) == list(wrong):
                pytest.fail(f"{name}: {said}")
        right = type(got)(right)
        pytest.fail(f"{name} should be {right}, but it is {brief(got)}.")
    explain(got, right, name, mistakes, hint)


def refused(submission, name, given, called, why):
    """Fail unless the call raises a ValueError."""
    try:
        result = submission.call(name, *given)
    except StudentError as error:
        if "ValueError" not in error.bases:
            raise
    else:
        pytest.fail(
            f"{called}: {why} Raise a ValueError with a message that says "
            f"so. You returned {brief(result)}."
        )


# ---------------------------------------------------------------------- shape


@pytest.mark.task("shape")
@pytest.mark.points(0.25)
def test_shape(submission):
    """output_shape: convolutions, and layers without a window"""
    explain_tuple(
        ask(
            submission,
            "output_shape",
            conv(8, 5, stride=2, padding=2),
            (3, 14, 25),
        ),
        (8, 7, 13),
        "output_shape(conv(8, 5, stride=2, padding=2), (3, 14, 25))",
        {
            "rounded up. A convolution drops a rest that is too small for "
            "another step.": (8, 8, 13),
            "the + 1 is inside the division. The first place is free; only "
            "further ones cost a stride.": (8, 7, 12),
            "one place too few. Is the + 1 missing, or the padding on one "
            "side only (it is 2p)?": (8, 6, 12),
            "the padding is not used.": (8, 5, 11),
            "the stride is not used.": (8, 14, 25),
            "the channels are still those before the layer. A convolution "
            "makes as many as it has filters.": (3, 7, 13),
            "these are as many maps as filters times channels. A filter is "
            "as deep as its input and makes one map.": (24, 7, 13),
            "rows and columns are exchanged.": (8, 13, 7),
            "the columns were worked out from the rows. Images need not be "
            "square.": (8, 7, 7),
        },
        "Rows: 14 + 4 - 4 - 1 = 13 pixels to move over, 13 // 2 + 1 = 7.",
    )
    explain_tuple(
        ask(
            submission,
            "output_shape",
            conv(8, 3, stride=2, padding=3, dilation=3),
            (3, 14, 25),
        ),
        (8, 7, 13),
        "output_shape(conv(8, 3, stride=2, padding=3, dilation=3), "
        "(3, 14, 25))",
        {
            "the dilation is not used.": (8, 9, 15),
            "a window of 3 pixels that lie 3 apart reaches over "
            "3 · (3 - 1) + 1 = 7 pixels, not 9.": (8, 6, 12),
        },
        "The window reaches over 3 · 2 + 1 = 7 pixels.",
    )
    for layer, before, after, called in (
        (plain("relu"), (3, 4, 5), (3, 4, 5), "relu()"),
        (plain("norm"), (6,), (6,), "norm()"),
        (plain("mean"), (3, 4, 5), (3,), "mean()"),
        (plain("flatten"), (3, 4, 5), (60,), "flatten()"),
        (linear(10), (7,), (10,), "linear(10)"),
    ):
        explain_tuple(
            ask(submission, "output_shape", layer, before),
            after,
            f"output_shape({called}, {before})",
            {
                "one number for each map is left, the channels.": (4, 5),
                "the rows and columns are gone, also as ones: (C,).": (
                    3,
                    1,
                    1,
                ),
                "all numbers come into one vector, those of all channels.": (
                    20,
                ),
            },
        )


@pytest.mark.task("shape")
@pytest.mark.points(0.25)
def test_pooling_and_errors(submission):
    """output_shape: pooling, rounded down and up; what cannot be built"""
    explain_tuple(
        ask(submission, "output_shape", pool(3, 2), (5, 8, 11)),
        (5, 3, 5),
        "output_shape(pool(3, stride=2), (5, 8, 11))",
        {"without `ceil` pooling rounds down, too.": (5, 4, 5)},
        "Rows: 8 - 3 = 5 pixels to move over, 5 // 2 + 1 = 3.",
    )
    explain_tuple(
        ask(submission, "output_shape", pool(3, 2, ceil=True), (5, 8, 11)),
        (5, 4, 5),
        "output_shape(pool(3, stride=2, ceil=True), (5, 8, 11))",
        {
            "`ceil` is not used.": (5, 3, 5),
            "one place more on every side. Only where pixels are left over "
            "is there another window.": (5, 4, 6),
        },
        "Rows: 5 pixels to move over, 5 / 2 rounded up is 3, and 1.",
    )
    explain_tuple(
        ask(submission, "output_shape", pool(2, 2, 1, ceil=True), (5, 7, 10)),
        (5, 4, 6),
        "output_shape(pool(2, stride=2, padding=1, ceil=True), (5, 7, 10))",
        {
            "the last window in each column begins at pixel 4 · 2 - 1 = 7, "
            "behind the last one (6). It is left out again.": (5, 5, 6),
            "in a row the last window begins at pixel 9, which is the last "
            "one of the image: it stays.": (5, 4, 5),
        },
    )
    for layer, before, called, why in (
        (
            conv(4, 5, padding=1),
            (3, 9, 2),
            "output_shape(conv(4, 5, padding=1), (3, 9, 2))",
            "a window of 5 does not fit on 2 + 2 columns.",
        ),
        (
            conv(8, 3, groups=4),
            (6, 9, 9),
            "output_shape(conv(8, 3, groups=4), (6, 9, 9))",
            "4 groups do not divide 6 channels.",
        ),
        (
            conv(6, 3, groups=4),
            (8, 9, 9),
            "output_shape(conv(6, 3, groups=4), (8, 9, 9))",
            "4 groups do not divide 6 filters.",
        ),
        (
            linear(10),
            (3, 4, 5),
            "output_shape(linear(10), (3, 4, 5))",
            "these are maps, and a linear layer wants a vector: flatten is "
            "missing.",
        ),
    ):
        refused(submission, "output_shape", (layer, before), called, why)


# ---------------------------------------------------------------------- layer

COUNTS = ["units", "parameters", "statistics", "multiply_adds"]


def explain_counts(got, right, called, mistakes, hint=""):
    """Each of the four numbers by its name."""
    if got is None:
        pytest.fail(f"There is no answer for {called}: no `return` for it?")
    if isinstance(got, np.ndarray):
        got = got.tolist()
    for name, ours, theirs in zip(
        COUNTS, right, parts(got, COUNTS), strict=True
    ):
        explain(
            theirs,
            ours,
            f"{name} of {called}",
            mistakes.get(name),
            hint if name != "statistics" else "",
        )


@pytest.mark.task("layer")
@pytest.mark.points(0.25)
def test_convolution(submission):
    """count_layer: a convolution with groups and biases"""
    explain_counts(
        ask(
            submission,
            "count_layer",
            conv(12, 3, stride=2, padding=1, groups=4, bias=True),
            (8, 7, 10),
            (12, 4, 5),
        ),
        (240, 228, 0, 4320),
        "conv(12, 3, stride=2, padding=1, groups=4, bias=True) from "
        "(8, 7, 10) to (12, 4, 5)",
        {
            "units": {
                "these are the numbers before the layer. Its units are the "
                "numbers of its output.": 560,
                "these are the units of one map.": 20,
            },
            "parameters": {
                "the groups are ignored: with 4 groups a filter sees 8 / 4 "
                "= 2 channels.": 876,
                "divided by the groups twice. Each filter sees fewer "
                "channels, but there are still 12 filters.": 66,
                "divided by the groups twice, biases included. Each filter "
                "sees fewer channels, but there are still 12 filters.": 57,
                "the biases are missing.": 216,
                "one bias for each unit. All units of a map share one, as "
                "they share the weights.": 456,
                "one bias for all. Every filter has its own.": 217,
                "a window of 3 has 3 · 3 weights in each channel.": 84,
                "these are connections: the weights of a filter are shared "
                "by all its places.": 4560,
            },
            "multiply_adds": {
                "a filter does its work at every place of the output. These "
                "are the input's rows and columns.": 15120,
                "the groups are ignored.": 17280,
                "the biases are counted, too. Adding one is no "
                "multiply-add.": 4560,
                "these are operations. A multiplication and its addition "
                "count as one.": 8640,
                "each weight is counted once. It is used at every place of "
                "the output.": 216,
            },
        },
        "A filter has 9 · 2 = 18 weights, and 4 · 5 places.",
    )
    explain_counts(
        ask(submission, "count_layer", conv(4, 3), (5, 6, 7), (4, 4, 5)),
        (80, 180, 0, 3600),
        "conv(4, 3) from (5, 6, 7) to (4, 4, 5)",
        {"parameters": {"this one has no biases: `bias` is False.": 184}},
        "A filter has 9 · 5 = 45 weights, and 4 · 5 places.",
    )


@pytest.mark.task("layer")
@pytest.mark.points(0.25)
def test_other_layers(submission):
    """count_layer: every other kind"""
    for layer, before, after, right, called, mistakes in (
        (
            linear(10),
            (30,),
            (10,),
            (10, 310, 0, 300),
            "linear(10) from (30,)",
            {
                "parameters": {"the biases are missing.": 300},
                "multiply_adds": {
                    "the biases are counted, too.": 310,
                    "these are operations; count a multiply-add once.": 600,
                },
            },
        ),
        (
            linear(10, bias=False),
            (30,),
            (10,),
            (10, 300, 0, 300),
            "linear(10, bias=False) from (30,)",
            {"parameters": {"this one has no biases.": 310}},
        ),
        (
            plain("norm"),
            (6, 4, 5),
            (6, 4, 5),
            (0, 12, 12, 0),
            "norm() on (6, 4, 5)",
            {
                "units": {"it makes no new units.": 120},
                "parameters": {
                    "the moving statistics are not trained: they have a "
                    "number of their own.": 24,
                    "a scale and a shift for each channel.": 6,
                    "a scale and a shift for each channel, not for each "
                    "unit.": 240,
                },
                "statistics": {
                    "a moving mean and a moving variance for each "
                    "channel.": 6,
                    "these are 0 only for the other kinds.": 0,
                },
                "multiply_adds": {
                    "by convention the work of batch normalisation is not "
                    "counted.": 120,
                },
            },
        ),
        (plain("norm"), (7,), (7,), (0, 14, 14, 0), "norm() on (7,)", {}),
        (
            plain("relu"),
            (6, 4, 5),
            (6, 4, 5),
            (0, 0, 0, 0),
            "relu() on (6, 4, 5)",
            {"units": {"a rectifier makes no new units.": 120}},
        ),
        (
            plain("flatten"),
            (6, 4, 5),
            (120,),
            (0, 0, 0, 0),
            "flatten() on (6, 4, 5)",
            {"units": {"the same numbers in a row: no new units.": 120}},
        ),
        (
            pool(2, 2),
            (6, 4, 5),
            (6, 2, 2),
            (24, 0, 0, 0),
            "pool(2, stride=2) from (6, 4, 5) to (6, 2, 2)",
            {
                "multiply_adds": {
                    "pooling has no weights to multiply with.": 96
                }
            },
        ),
        (
            plain("mean"),
            (6, 4, 5),
            (6,),
            (6, 0, 0, 0),
            "mean() from (6, 4, 5) to (6,)",
            {},
        ),
    ):
        explain_counts(
            ask(submission, "count_layer", layer, before, after),
            right,
            called,
            mistakes,
        )


# -------------------------------------------------------------------- network


def explain_network(got, shape, counts, called, shapes, hint=""):
    end, numbers = parts(got, ["shape", "counts"])
    explain_tuple(end, shape, f"shape behind {called}", shapes, hint)
    explain_counts(numbers, counts, called, {}, hint)


@pytest.mark.task("network")
@pytest.mark.points(0.25)
def test_network(submission):
    """count_network: a row of layers, a concat, a residual block"""
    explain_network(
        ask(
            submission,
            "count_network",
            [
                conv(4, 3, stride=2, padding=1, bias=True),
                plain("norm"),
                plain("relu"),
                plain("flatten"),
                linear(3),
            ],
            (2, 7, 9),
        ),
        (3,),
        (83, 327, 8, 1680),
        "[conv(4, 3, stride=2, padding=1, bias=True), norm(), relu(), "
        "flatten(), linear(3)] on (2, 7, 9)",
        {},
        "After the convolution it is (4, 4, 5): 80 units, 76 parameters, "
        "1440 multiply-adds. If these are right in task 2, see that each "
        "layer gets the shape behind the one before it.",
    )
    block = meet(
        "concat",
        [conv(3, 1)],
        [conv(2, 1), conv(4, 3, padding=1)],
        [pool(3, 1, 1), conv(1, 1)],
    )
    called = (
        "concat([conv(3, 1)], [conv(2, 1), conv(4, 3, padding=1)], "
        "[pool(3, stride=1, padding=1), conv(1, 1)]) on (5, 4, 6)"
    )
    result, after, _ = ask(
        submission, "count_network", [block], (5, 4, 6), echo=True
    )
    explain_network(
        result,
        (8, 4, 6),
        (360, 102, 0, 2448),
        called,
        {
            "that is the first path alone. Side by side are the channels of "
            "all of them.": (3, 4, 6),
            "that is the last path alone. Side by side are the channels of "
            "all of them.": (1, 4, 6),
            "that is the widest path. Side by side are the channels of all "
            "of them: 3 + 4 + 1.": (4, 4, 6),
            "the input's channels are there, too. They are only where one "
            "path is empty.": (13, 4, 6),
            "rows are stacked, too. Only the channels stand side by side.": (
                8,
                12,
                6,
            ),
        },
        "All paths get (5, 4, 6), not what the path before them left. Units "
        "of the paths 72, 48 + 96 and 120 + 24; multiply-adds 360, "
        "240 + 1728 and 120.",
    )
    assert after[0] == [block], (
        "Your function changed the list of layers that it was given, or the "
        "lists of paths in it. Look for pop, append or +=."
    )
    explain_network(
        ask(
            submission,
            "count_network",
            [meet("add", [], [conv(6, 1), conv(3, 3, padding=1)])],
            (3, 5, 4),
        ),
        (3, 5, 4),
        (180, 180, 0, 3600),
        "add([], [conv(6, 1), conv(3, 3, padding=1)]) on (3, 5, 4)",
        {
            "channels are added up. A sum has the shape that every path "
            "has.": (6, 5, 4),
        },
        "An empty path ends in the shape that it was given, and counts for "
        "nothing.",
    )
    inner = meet("concat", [], [conv(2, 1)])
    explain_network(
        ask(
            submission,
            "count_network",
            [meet("add", [inner, conv(3, 1)], [])],
            (3, 5, 4),
        ),
        (3, 5, 4),
        (100, 21, 0, 420),
        "add([concat([], [conv(2, 1)]), conv(3, 1)], []) on (3, 5, 4)",
        {},
        "An empty path ends in the shape that it was given, so the inner "
        "concat has 3 + 2 channels. A path may hold branches of its own.",
    )
    for kind, paths, shape, why in (
        (
            "add",
            ([], [conv(4, 3, stride=2, padding=1)]),
            (4, 2, 2),
            "the paths end in (4, 2, 2) and (4, 1, 1), which is no sum that "
            "anybody means, although NumPy would broadcast it.",
        ),
        (
            "add",
            ([], [conv(8, 1)]),
            (4, 6, 6),
            "the paths end in 4 channels and in 8.",
        ),
        (
            "concat",
            ([conv(4, 1)], [conv(4, 3)]),
            (4, 6, 7),
            "the paths end in maps of 6 x 7 and of 4 x 5.",
        ),
    ):
        given = [meet(kind, *paths)], shape
        refused(submission, "count_network", given, kind, why)


@pytest.mark.task("network")
@pytest.mark.points(0.25)
def test_batch(submission):
    """largest_batch: with each optimiser"""
    kept = {"sgd": 2, "momentum": 3, "adam": 4}
    for memory, optimiser, right, mistakes in (
        (
            100_000,
            "momentum",
            31,
            {
                "rounded up. Thirty-one and two thirds of an image fit: "
                "31.": 32,
                "one number too few for each parameter. There is itself, its "
                "gradient, and what the optimiser keeps.": 35,
                "two numbers too few for each parameter: its gradient, and "
                "what the optimiser keeps.": 38,
                "a number takes 4 bytes.": 156,
                "parameters are there once, not for every image.": 3,
                "the parameters need memory, too.": 41,
            },
        ),
        (
            100_000,
            "sgd",
            35,
            {
                "plain descent keeps nothing besides.": 31,
                "every parameter has a gradient.": 38,
            },
        ),
        (
            100_000,
            "adam",
            28,
            {
                "Adam keeps two means for each parameter.": 31,
                "Adam keeps two means for each parameter, and the gradient "
                "is there besides.": 35,
            },
        ),
        (33_000, "adam", 0, {}),
        (
            20_000,
            "adam",
            0,
            {"a batch has no fewer than 0 images.": -5},
        ),
    ):
        explain(
            submission.largest_batch(memory, 2000, 600, optimiser),
            right,
            f"largest_batch({memory}, 2000, 600, {optimiser!r})",
            mistakes,
            f"{kept[optimiser]} · 2000 numbers whatever the batch, 600 for "
            "each image.",
        )


# ---------------------------------------------------------------------- field


FIELD = ["size", "jump", "first"]


def explain_field(got, right, called, mistakes, hint=""):
    parts(got, FIELD)
    explain(got, right, f"(size, jump, first) of {called}", mistakes, hint)


@pytest.mark.task("field")
@pytest.mark.points(0.25)
def test_field(submission):
    """receptive_field: a stack, then paths that meet"""
    explain_field(
        ask(
            submission,
            "receptive_field",
            [
                conv(8, 5, padding=2),
                plain("norm"),
                plain("relu"),
                pool(2, 2),
                conv(8, 3, stride=2, padding=1),
                conv(8, 3, padding=1, dilation=2),
            ],
        ),
        (26, 4, -8),
        "[conv(8, 5, padding=2), norm(), relu(), pool(2, stride=2), "
        "conv(8, 3, stride=2, padding=1), conv(8, 3, padding=1, dilation=2)]",
        {
            "the jump is updated too early. A window joins units that are "
            "apart by the jump before it.": (31, 4, -10),
            "the jump is updated before `first`. The padding is as wide as "
            "the jump before the layer.": (26, 4, -10),
            "the jump is updated before `size`. A window joins units that "
            "are apart by the jump before it.": (31, 4, -8),
            "the dilation is not used.": (18, 4, -8),
            "the jump is not used: a step of a window is as wide as the "
            "jump.": (12, 4, -4),
            "padding is counted in units; in pixels it is as wide as the "
            "jump.": (26, 4, -4),
            "padding moves the first piece to the left, out of the image: "
            "minus.": (26, 4, 8),
            "the padding is not used.": (26, 4, 0),
            "a window of k has k - 1 steps.": (38, 4, -8),
            "pooling has a window, too.": (15, 2, -5),
        },
        "After each layer: (5, 1, -2), (6, 2, -2), (10, 4, -4), (26, 4, -8).",
    )
    called = "[conv(4, 3, stride=2), add([], [conv(4, 3, padding=1), "
    explain_field(
        ask(
            submission,
            "receptive_field",
            [
                conv(4, 3, stride=2),
                meet(
                    "add",
                    [],
                    [conv(4, 3, padding=1), conv(4, 3, padding=1)],
                ),
            ],
        ),
        (11, 2, -4),
        f"{called}conv(4, 3, padding=1)])]",
        {
            "only the empty path counts here. A unit sees what any of its "
            "paths sees: look into `paths`, too.": (3, 2, 0),
            "the path begins at (1, 1, 0). It goes on from what lies below "
            "it.": (5, 1, -2),
        },
        "The empty path sees pixels 0 to 2, the other one -4 to 6.",
    )
    explain_field(
        ask(
            submission,
            "receptive_field",
            [
                meet(
                    "concat", [conv(4, 5, padding=1)], [conv(4, 3, padding=2)]
                )
            ],
        ),
        (6, 1, -2),
        "[concat([conv(4, 5, padding=1)], [conv(4, 3, padding=2)])]",
        {
            "that is the path with the larger field. The other one sticks "
            "out on the left.": (5, 1, -1),
            "the largest size and the lowest first pixel do not make the "
            "piece: also its last pixel must be looked at.": (5, 1, -2),
            "one path was put on top of the other. They stand side by "
            "side.": (7, 1, -3),
            "that is the last path only.": (3, 1, -2),
            "the last pixel of a piece is first + size - 1.": (7, 1, -2),
        },
        "The paths see pixels -1 to 3 and -2 to 0; together -2 to 3.",
    )
    refused(
        submission,
        "receptive_field",
        [[meet("add", [], [conv(4, 3, stride=2, padding=1)])]],
        "receptive_field([add([], [conv(4, 3, stride=2, padding=1)])])",
        "one path has jump 1, the other jump 2.",
    )


@pytest.mark.task("field")
@pytest.mark.points(0.25)
def test_pixels(submission):
    """pixels_seen: at the edges and inside"""
    for field, unit, n, right, mistakes in (
        (
            (5, 3, -3),
            2,
            20,
            (3, 4, 5, 6, 7),
            {
                "one pixel too many at the end: there are 5.": (
                    3,
                    4,
                    5,
                    6,
                    7,
                    8,
                ),
                "one pixel is missing at the end: there are 5.": (3, 4, 5, 6),
                "from one unit to the next it is the jump, 3 pixels, not the "
                "size.": (7, 8, 9, 10, 11),
                "from one unit to the next it is the jump, 3 pixels.": (
                    0,
                    1,
                    2,
                    3,
                ),
                "`first` is not used.": (6, 7, 8, 9, 10),
                "units are numbered from 0.": (0, 1, 2, 3, 4),
            },
        ),
        (
            (5, 3, -3),
            0,
            20,
            (0, 1),
            {
                "pixels -3 to -1 are padding. The image begins at 0.": (
                    -3,
                    -2,
                    -1,
                    0,
                    1,
                ),
                "what is cut off on the left is not made up for on the "
                "right.": (0, 1, 2, 3, 4),
            },
        ),
        (
            (5, 3, -3),
            4,
            11,
            (9, 10),
            {
                "the image of 11 pixels ends with pixel 10.": (9, 10, 11),
                "pixels behind the image are padding.": (9, 10, 11, 12, 13),
                "what is cut off on the right is not made up for on the "
                "left.": (6, 7, 8, 9, 10),
            },
        ),
    ):
        with hints({"type range": "Make a list of it: list(range(...))."}):
            explain_tuple(
                submission.pixels_seen(field, unit, n),
                right,
                f"pixels_seen({field}, {unit}, {n})",
                mistakes,
            )


# --------------------------------------------------------------------- unseen


def flat(layers, told=""):
    """The convolutions of a description and how often the others are there;
    fails if it is none.
    """
    if not isinstance(layers, (list, tuple)):
        pytest.fail(
            f"{told} should be a list of layers, not {brief(layers)}."
        )
    convs, others = [], {}
    for layer in layers:
        kind = layer.get("kind") if isinstance(layer, dict) else None
        if not isinstance(kind, str):
            pytest.fail(
                f"{told} should hold layers made with conv, norm, relu, add, "
                f"mean and linear, but in it is {brief(layer)}. (A list in a "
                "list? `+=` joins two lists, `append` puts one into the "
                "other.)"
            )
        others[kind] = others.get(kind, 0) + 1
        if kind == "conv":
            convs.append(layer)
        for path in layer.get("paths", ()):
            inner, more = flat(path, told)
            convs += inner
            for each, count in more.items():
                others[each] = others.get(each, 0) + count
    return convs, others


KEYS = [
    "filters",
    "kernel",
    "stride",
    "padding",
    "dilation",
    "groups",
    "bias",
]


def explain_block(block, convs, adds, called):
    ours, others = flat(block, called)
    if len(ours) != len(convs):
        pytest.fail(
            f"{called} should have {len(convs)} convolutions, but it has "
            f"{len(ours)}. With an expansion of 1 the first one is left out; "
            "a shortcut has none."
        )
    for number, (mine, right) in enumerate(zip(ours, convs, strict=True), 1):
        for key, value in zip(KEYS, (*right, False), strict=True):
            if mine.get(key) != value:
                pytest.fail(
                    f"{called}: convolution {number} should have {key} = "
                    f"{value}, but it has {mine.get(key)}. (Depthwise: as "
                    "many groups as channels; only this one has the stride.)"
                )
    for kind, count, hint in (
        (
            "add",
            adds,
            "The input is added if the stride is 1 and the block has as many "
            "filters as channels, and only then.",
        ),
        ("norm", len(convs), "One behind each convolution."),
        ("relu", len(convs) - 1, "None behind the last convolution."),
    ):
        if others.get(kind, 0) != count:
            pytest.fail(
                f"{called} should have {count} of the kind {kind!r}, but it "
                f"has {others.get(kind, 0)}. {hint}"
            )


@pytest.mark.task("unseen")
@pytest.mark.points(0.25)
def test_unseen(submission):
    """inverted_residual and mobilenet_v2: their convolutions"""
    narrow, project = (4, 1, 1, 0, 1, 1), (6, 1, 1, 0, 1, 1)
    expand, each = (12, 1, 1, 0, 1, 1), (12, 3, 1, 1, 1, 12)
    for given, convs, adds in (
        ((4, 4, 1, 3), [expand, each, narrow], 1),
        ((4, 6, 1, 3), [expand, each, project], 0),
        ((4, 4, 2, 3), [expand, (12, 3, 2, 1, 1, 12), narrow], 0),
        ((4, 4, 1, 1), [(4, 3, 1, 1, 1, 4), narrow], 1),
        ((4, 6, 2, 1), [(4, 3, 2, 1, 1, 4), project], 0),
    ):
        explain_block(
            submission.inverted_residual(*given),
            convs,
            adds,
            f"inverted_residual{given}",
        )
    convs, others = flat(submission.mobilenet_v2(10), "mobilenet_v2(10)")
    strides = [layer.get("stride") for layer in convs]
    assert len(convs) == 52, (
        f"mobilenet_v2(10) should have 52 convolutions (one, 2 of the first "
        f"block, 3 of each of the other 16, and one), but it has {len(convs)}"
    )
    assert strides.count(2) == 5, (
        f"mobilenet_v2(10) should halve the maps 5 times, but "
        f"{strides.count(2)} convolutions have stride 2. Only the first "
        "block of a stage has the stride of the table."
    )
    assert others.get("add") == 10, (
        f"mobilenet_v2(10) should have 10 additions, but it has "
        f"{others.get('add', 0)}. Which number of channels does the second "
        "block of a stage get?"
    )


# -------------------------------------------------------------------- measure


@pytest.mark.task("measure")
@pytest.mark.points(0.25)
def test_influence(submission):
    """influence: two layers of two filters, an image of 3 x 4"""
    layers = [conv(2, 2), plain("relu"), conv(2, 2)]
    weights = [
        np.array(
            [
                [[[1, 0], [2, 1]], [[0, 1], [1, 0]]],
                [[[0, 1], [-1, 0]], [[1, 0], [0, 1]]],
            ],
            float,
        ),
        np.array(
            [
                [[[1, -1], [0, 2]], [[1, 0], [1, 1]]],
                [[[-1, 0], [1, 0]], [[2, -1], [0, 1]]],
            ],
            float,
        ),
    ]
    image = np.array(
        [
            [[1, 0, 2, 0], [0, 1, 0, 1], [2, 0, 1, 0]],
            [[0, 1, 0, 1], [1, 0, 2, 0], [0, 1, 0, 0]],
        ],
        float,
    )
    with hints(
        {
            "out of bounds": "`run` returns maps of shape (N, M, 1, 2) here, "
            "and `unit` is (row, column). (For a pixel's number in a row of "
            "H * W: row number // W, column number % W.)",
            "remapped shapes": "`run` wants a batch, (N, C, H, W). Of one "
            "image image[None] makes one.",
            "read-only": "np.broadcast_to makes no copies. np.repeat does.",
        }
    ):
        result, after, _ = submission.call(
            "influence", layers, weights, image, (0, 1), 4.0, echo=True
        )
    explain(
        result,
        [[0, 12, 4, 8], [0, 28, 24, 8], [0, 12, 28, 16]],
        "influence(layers, weights, image, (0, 1), 4.0)",
        {
            "changes of opposite sign make up for each other. Take the "
            "size of each channel's change first, then the sum.": [
                [0, 12, 4, -8],
                [0, -4, 24, 8],
                [0, 12, 28, 16],
            ],
            "the sum over the channels comes first, so that changes of "
            "opposite sign make up for each other. First the sizes, then"
            " the sum.": [
                [0, 12, 4, 8],
                [0, 4, 24, 8],
                [0, 12, 28, 16],
            ],
            "that is the largest change of a channel. Add them up.": [
                [0, 8, 4, 4],
                [0, 16, 12, 8],
                [0, 12, 26, 12],
            ],
            "that is the mean over the channels. Add them up.": [
                [0, 6, 2, 4],
                [0, 14, 12, 4],
                [0, 6, 14, 8],
            ],
            "only the first output channel is looked at.": [
                [0, 8, 4, 4],
                [0, 12, 12, 8],
                [0, 0, 26, 12],
            ],
            "the changes are squared.": [
                [0, 80, 16, 32],
                [0, 400, 288, 64],
                [0, 144, 680, 160],
            ],
            "that is the root of the sum of squares. Add up the sizes.": [
                [0, 8.9442719, 4, 5.6568542],
                [0, 20, 16.9705627, 8],
                [0, 12, 26.0768096, 12.6491106],
            ],
            "the changes are divided by the step.": [
                [0, 3, 1, 2],
                [0, 7, 6, 2],
                [0, 3, 7, 4],
            ],
            "the pixel is set to `step`. Add `step` to it.": [
                [0, 9, 8, 7],
                [0, 24, 14, 9],
                [0, 11, 23, 16],
            ],
            "only the first channel of the pixel is changed: all of them.": [
                [0, 8, 8, 4],
                [0, 16, 12, 4],
                [0, 8, 16, 8],
            ],
            "a pixel that was changed stays changed, and spoils what "
            "comes after it. Begin each time from the image as it was.": [
                [0, 12, 16, 8],
                [8, 36, 32, 40],
                [40, 48, 72, 88],
            ],
            "the whole last map is added up. Only the unit at (row, "
            "column) counts.": [
                [12, 16, 12, 8],
                [24, 56, 32, 8],
                [13, 44, 44, 16],
            ],
            "that is the unit's value itself. Subtract the one without a"
            " change.": [
                [19, 31, 23, 11],
                [19, 21, 43, 27],
                [19, 31, 47, 35],
            ],
        },
        "Pixels in the first column are not seen: 0.",
    )
    unchanged(image, after[2], "image")
