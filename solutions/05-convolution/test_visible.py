"""What `check("…")` runs in exercise 05. You may read this file: it shows
what is asked, with small inputs.

Every test compares your answer with the right one. When they differ, it
looks through what the usual mistakes lead to; if your answer is one of
those, it says which.
"""

import numpy as np
import pytest

from coursekit.grading import StudentError
from coursekit.grading.explain import explain, hints, parts, unchanged

# ----------------------------------------------------------------------- line

PLACES = {
    "broadcast": "The window at place t is x[t : t + len(w)]. If it is "
    "shorter than w, the loop runs too far: there are n - k + 1 places.",
    "out of bounds": "The loop runs too far: there are n - k + 1 places.",
}


@pytest.mark.task("line")
@pytest.mark.points(0.25)
def test_correlate(submission):
    """correlate: the filter at every place where it fits"""
    x, w = np.array([2.0, 1, 4, 0, 3]), np.array([1.0, 3, -2])
    with hints(PLACES):
        result, after, _ = submission.call("correlate", x, w, echo=True)
    explain(
        result,
        [-3, 13, -2],
        "correlate([2, 1, 4, 0, 3], [1, 3, -2])",
        {
            "the filter runs backwards. Here it is not flipped: entry 0 of "
            "the filter meets the first entry of the "
            "window.": [3, 10, -5],
            "the last place is missing. Count: a filter of 3 fits on 5 "
            "entries in 5 - 3 + 1 places, and range(n - k) stops one too "
            "early.": [-3, 13],
            "this is the full result, with the places where the filter "
            "hangs over the end. Keep those where it fits "
            "wholly.": [-4, 4, -3, 13, -2, 9, 3],
            "this is as long as the signal: zeros were put around it. Keep "
            "only the places where the filter fits "
            "wholly.": [4, -3, 13, -2, 9],
        },
        "The filter has 3 entries and the signal 5, so there are 3 places.",
    )
    unchanged(x, after[0], "x")
    unchanged(w, after[1], "w")


@pytest.mark.task("line")
@pytest.mark.points(0.25)
def test_convolve(submission):
    """convolve: copies that are shifted and add up"""
    a, b = np.array([2.0, 1, 4]), np.array([1.0, 3, -2])
    with hints(
        {
            "broadcast": "The copy of b that a[i] leaves behind lies on "
            "result[i : i + len(b)], and the result has n + k - 1 entries.",
            "out of bounds": "The result has n + k - 1 entries: the last "
            "copy begins at n - 1 and is k long.",
        }
    ):
        result, after, _ = submission.call("convolve", a, b, echo=True)
    explain(
        result,
        [2, 7, 3, 10, -8],
        "convolve([2, 1, 4], [1, 3, -2])",
        {
            "this is the cross-correlation: one of the two has to run "
            "backwards. (If you flip b and then slide it: do you flip it "
            "at all?)": [-4, 4, -3, 13, 4],
            "this is the cross-correlation, and backwards: flip one of the "
            "two sequences, not the "
            "result.": [4, 13, -3, 4, -4],
            "this is the middle of the result, where a is. Asked for are "
            "all n + k - 1 places where anything "
            "arrives.": [7, 3, 10],
            "only the place where both lie on each other is there. Asked "
            "for are all n + k - 1 places where anything "
            "arrives.": [3],
            "each copy overwrites what the one before it left. Where they "
            "overlap, add: += instead of =.": [2, 1, 4, 12, -8],
            "the last entry is missing: there are n + k - 1 of them.": [
                2,
                7,
                3,
                10,
            ],
        },
        "Three entries and three entries give 3 + 3 - 1 = 5.",
    )
    unchanged(a, after[0], "a")
    unchanged(b, after[1], "b")
    explain(
        submission.convolve(np.array([1.0, 3]), np.array([2.0, 0, 1, 5])),
        [2, 6, 1, 8, 15],
        "convolve([1, 3], [2, 0, 1, 5])",
        hint="Here the second is longer than the first. Does your code "
        "take that into account?",
    )


# ---------------------------------------------------------------------- plane


WINDOW = {
    "broadcast": "The window has as many rows and columns as the kernel: "
    "image[i : i + k_h, j : j + k_w]. Here the kernel is 2 x 3, so k_h and "
    "k_w differ. If a window is smaller, the loop runs too far.",
    "out of bounds": "The loop runs too far. Rows: H - k_h + 1 places; "
    "columns: W - k_w + 1.",
}


@pytest.mark.task("plane")
@pytest.mark.points(0.25)
def test_correlate_2d(submission):
    """correlate_2d: an image of 3 x 5 and a kernel of 2 x 3"""
    image = np.array([[3.0, 0, 1, 2, 1], [1, 4, 0, -1, 2], [2, 1, 5, 0, 3]])
    kernel = np.array([[1.0, 2, 0], [-1, 0, 3]])
    with hints(WINDOW):
        result, after, _ = submission.call(
            "correlate_2d", image, kernel, echo=True
        )
    explain(
        result,
        [[2, -5, 11], [22, 3, 2]],
        "correlate_2d(image, kernel)",
        {
            "the kernel is turned by 180°: that is convolution. Here it is "
            "used as it is.": [[16, -3, 2], [10, 23, 1]],
            "the rows of the kernel are in reverse order. It is used as it "
            "is.": [[9, 10, 0], [3, 4, 11]],
            "the columns of the kernel are in reverse order. It is used as "
            "it is.": [[4, 17, 3], [9, 2, 12]],
            "rows and columns of the result are exchanged. Row i of the "
            "result belongs to windows that begin in row i of the "
            "image.": [[2, 22], [-5, 3], [11, 2]],
            "the last row and the last column are missing: there are "
            "H - k_h + 1 rows of places and W - k_w + 1 "
            "columns.": [[2, -5]],
            "the last row is missing: there are H - k_h + 1 rows of "
            "places.": [[2, -5, 11]],
            "the last column is missing: there are W - k_w + 1 columns of "
            "places.": [[2, -5], [22, 3]],
            "zeros were put around the image. Keep only the places where "
            "the kernel fits wholly.": [
                [9, 0, 0, 6, 2, -2, -1],
                [3, 18, 2, -5, 11, 5, -1],
                [6, 5, 22, 3, 2, 3, -1],
                [0, 4, 4, 11, 5, 6, 3],
            ],
        },
        "The kernel fits in 2 rows and 3 columns of places.",
    )
    unchanged(image, after[0], "image")
    unchanged(kernel, after[1], "kernel")
    step = np.array([[200, 200, 10, 10]] * 3, dtype=np.uint8)
    explain(
        submission.correlate_2d(
            step, np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
        ),
        [[-760, -760]],
        "correlate_2d(bytes, Sobel kernel)",
        {
            "negative numbers became 0. The map must be able to hold "
            "them: convert to decimal numbers first.": [[0, 0]],
            "-760 does not fit into a byte and wrapped around to 8. Make "
            "the result an array of decimal numbers, "
            "np.zeros(shape).": [[8, 8]],
            "the sign is lost.": [[760, 760]],
        },
        "This image is made of bytes (uint8), and the result of decimal "
        "numbers, some of them negative.",
    )


@pytest.mark.task("plane")
@pytest.mark.points(0.25)
def test_stride(submission):
    """correlate_2d: every second window, and a column left over"""
    image = np.array(
        [
            [1.0, 2, 0, 3, 1, 1],
            [0, 1, 1, 0, 2, 2],
            [2, 0, 1, 1, 0, 1],
            [1, 1, 0, 2, 0, 3],
            [0, 2, 1, 0, 1, 1],
        ]
    )
    kernel = np.array([[1.0, 2, 0], [-1, 0, 3]])
    with hints(
        {
            "index 2 is out of bounds": "Window (i, j) begins at pixel "
            "(i * stride, j * stride), and its result goes to place (i, j)."
        }
        | WINDOW
    ):
        result = submission.correlate_2d(image, kernel, 2)
    explain(
        result,
        [[8, 11], [1, 3]],
        "correlate_2d(image, kernel, stride=2)",
        {
            "the stride is not used.": [
                [8, 1, 11, 11],
                [3, 6, 0, 6],
                [1, 7, 3, 8],
                [6, -1, 6, 5],
            ],
            "only the rows use the stride.": [[8, 1, 11, 11], [1, 7, 3, 8]],
            "only the columns use the stride.": [
                [8, 11],
                [3, 0],
                [1, 3],
                [6, 6],
            ],
            "there are as many windows as there should be, but they move "
            "on by one pixel. Window (i, j) begins at pixel (i * stride, "
            "j * stride).": [[8, 1], [3, 6]],
            "the last row and column of windows are missing. Along n "
            "pixels there are (n - k) // stride + 1 "
            "windows.": [[8]],
        },
        "Along the rows (5 - 2) // 2 + 1 = 2 windows fit, along the "
        "columns (6 - 3) // 2 + 1 = 2.",
    )


@pytest.mark.task("plane")
@pytest.mark.points(0.25)
def test_convolve_2d(submission):
    """convolve_2d: a copy of the kernel from every pixel"""
    a = np.array([[1.0, 2], [0, 3], [4, -1]])
    b = np.array([[1.0, 0, 2], [3, 1, -1]])
    with hints(
        {
            "broadcast": "The copy that a[i, j] leaves behind lies on "
            "result[i : i + k_h, j : j + k_w], and the result has the shape "
            "(H + k_h - 1, W + k_w - 1). If you slide the turned kernel "
            "instead: k_h - 1 zeros above and below, k_w - 1 at the sides.",
            "out of bounds": "The result has the shape "
            "(H + k_h - 1, W + k_w - 1).",
        }
    ):
        result, after, _ = submission.call("convolve_2d", a, b, echo=True)
    explain(
        result,
        [[1, 2, 2, 4], [3, 10, 1, 4], [4, 8, 11, -5], [12, 1, -5, 1]],
        "convolve_2d(a, b)",
        {
            "this is the cross-correlation in full size: the kernel was "
            "not turned.": [
                [-1, -1, 5, 6],
                [2, 1, 4, 11],
                [-4, 11, 11, 0],
                [8, -2, 4, -1],
            ],
            "only the rows of the kernel were flipped. A half turn flips "
            "both axes: b[::-1, ::-1].": [
                [2, 4, 1, 2],
                [-1, 5, 5, 9],
                [8, -5, 7, 8],
                [-4, 5, 11, -3],
            ],
            "only the columns of the kernel were flipped. A half turn "
            "flips both axes: b[::-1, ::-1].": [
                [3, 7, 1, -2],
                [1, 11, 5, 1],
                [12, 4, -5, 7],
                [4, -1, 8, -2],
            ],
            "each copy overwrites what others left. Where they overlap, "
            "add: += instead of =.": [
                [1, 2, 0, 4],
                [0, 3, 0, 6],
                [4, -1, 0, -2],
                [12, -3, -1, 1],
            ],
            "the shape is that of `a`. Asked for is everything that "
            "arrives anywhere: (H + k_h - 1, W + k_w - 1).": [
                [1, 2],
                [3, 10],
                [4, 8],
            ],
        },
        "The shape is (3 + 2 - 1, 2 + 3 - 1) = (4, 4).",
    )
    unchanged(a, after[0], "a")
    unchanged(b, after[1], "b")


# ----------------------------------------------------------------------- size


@pytest.mark.task("size")
@pytest.mark.points(0.25)
def test_output_size(submission):
    """output_size: sizes that lectures and libraries agree on"""
    for n, kernel, stride, padding, dilation, right in (
        (7, 3, 1, 0, 1, 5),
        (7, 3, 2, 0, 1, 3),
        (7, 3, 3, 0, 1, 2),
        (28, 3, 2, 0, 1, 13),
        (5, 3, 1, 2, 1, 7),
        (5, 3, 2, 1, 1, 3),
        (32, 5, 1, 1, 1, 30),
        (12, 3, 1, 0, 3, 6),
        (3, 3, 2, 0, 1, 1),
    ):
        result = submission.output_size(n, kernel, stride, padding, dilation)
        left = n + 2 * padding - dilation * (kernel - 1) - 1
        mistakes = {
            "the first place is free: add 1 at the end, after the "
            "division, not inside it.": right - 1,
            "a step that does not fit is no step: round down.": -(
                -left // stride
            )
            + 1,
            "the size must be a whole number. Divide with //, which rounds "
            "down.": left / stride + 1,
            "padding is on both sides: n + 2p.": (left - padding) // stride
            + 1,
            "the padding is not used.": (left - 2 * padding) // stride + 1,
            "the dilation is not used.": (n + 2 * padding - kernel) // stride
            + 1,
            "a window of k pixels that lie d apart reaches over "
            "d(k - 1) + 1 pixels, not over d k.": (left + 1 - dilation)
            // stride
            + 1,
            "the stride is not used.": left + 1,
        }
        explain(
            result,
            right,
            f"output_size({n}, {kernel}, stride={stride}, "
            f"padding={padding}, dilation={dilation})",
            {
                said: wrong
                for said, wrong in mistakes.items()
                if wrong != right
            },
        )
        assert not isinstance(result, float), (
            f"The size should be a whole number, {right}, and you return "
            f"{result!r}: range() would not take it. Divide with //, which "
            "rounds down."
        )
    try:
        result = submission.output_size(2, 3)
    except StudentError as error:
        if "ValueError" not in error.bases:
            raise
    else:
        pytest.fail(
            "A window of 3 does not fit on 2 pixels: raise a ValueError "
            f"with a message that says so. You returned {result!r}."
        )


# ---------------------------------------------------------------------- layer

CHANNELS = {
    "cannot reshape": "Print the shapes. A window of all images and "
    "channels is (N, C, k_h, k_w), the filters are (M, C, k_h, k_w).",
    "could not be broadcast": "Print the shapes. A window of all images and "
    "channels is (N, C, k_h, k_w), the filters are (M, C, k_h, k_w), and "
    "the bias is (M,): bias[:, None, None] meets the maps.",
    "out of bounds": "The number of places along a side is (n + 2p - k) // "
    "stride + 1, with k_h for the rows and k_w for the columns.",
}


@pytest.mark.task("layer")
@pytest.mark.points(0.25)
def test_channels(submission):
    """conv2d: two images of two channels, three filters, a bias"""
    x = np.array(
        [
            [[[1.0, 2, 0], [0, 1, 3]], [[2, 0, 1], [1, 1, 0]]],
            [[[0, 1, 1], [2, 0, 1]], [[1, 0, 0], [0, 2, 1]]],
        ]
    )
    weight = np.array(
        [[[[1.0, 2]], [[0, -1]]], [[[3, 0]], [[1, 1]]], [[[0, 1]], [[2, 0]]]]
    )
    bias = np.array([10.0, 20, 30])
    right = np.array(
        [
            [
                [[15, 11], [11, 17]],
                [[25, 27], [22, 24]],
                [[36, 30], [33, 35]],
            ],
            [
                [[12, 13], [10, 11]],
                [[21, 23], [28, 23]],
                [[33, 31], [30, 35]],
            ],
        ]
    )
    with hints(CHANNELS):
        result, after, _ = submission.call(
            "conv2d", x, weight, bias, echo=True
        )
    flat = bias[:, None, None]
    explain(
        result,
        right,
        "conv2d(x, weight, bias)",
        {
            "the bias is missing.": right - flat,
            "the bias is added once for each channel. It is added once to "
            "each map.": right + flat,
            "only the first channel is used. A filter has a slice for "
            "every channel, and what they find is added "
            "up.": [
                [
                    [[15, 12], [12, 17]],
                    [[23, 26], [20, 23]],
                    [[32, 30], [31, 33]],
                ],
                [
                    [[12, 13], [12, 12]],
                    [[20, 23], [26, 20]],
                    [[31, 31], [30, 31]],
                ],
            ],
            "only the last channel is left: the sum over the channels is "
            "overwritten instead of added up "
            "(+=).": [
                [
                    [[10, 9], [9, 10]],
                    [[22, 21], [22, 21]],
                    [[34, 30], [32, 32]],
                ],
                [
                    [[10, 10], [8, 9]],
                    [[21, 20], [22, 23]],
                    [[32, 30], [30, 34]],
                ],
            ],
            "every channel met the filter's slice 0. Each channel has its "
            "own slice: weight[m, c].": [
                [
                    [[17, 14], [15, 18]],
                    [[29, 26], [23, 26]],
                    [[32, 31], [32, 33]],
                ],
                [
                    [[13, 13], [16, 16]],
                    [[23, 23], [26, 26]],
                    [[31, 31], [32, 32]],
                ],
            ],
            "the filters are flipped. A convolution layer does not flip: "
            "it is a cross-correlation.": [
                [
                    [[12, 14], [10, 14]],
                    [[28, 21], [25, 30]],
                    [[31, 34], [32, 31]],
                ],
                [
                    [[10, 13], [14, 9]],
                    [[24, 23], [22, 26]],
                    [[30, 31], [36, 32]],
                ],
            ],
            "this is the mean over the channels; they are added up.": [
                [
                    [[12.5, 10.5], [10.5, 13.5]],
                    [[22.5, 23.5], [21.0, 22.0]],
                    [[33.0, 30.0], [31.5, 32.5]],
                ],
                [
                    [[11.0, 11.5], [10.0, 10.5]],
                    [[20.5, 21.5], [24.0, 21.5]],
                    [[31.5, 30.5], [30.0, 32.5]],
                ],
            ],
            "images and maps are exchanged: the shape is "
            "(N, M, rows, columns).": right.swapaxes(0, 1),
            "all images got the maps of the first one.": right[[0, 0]],
        },
        "Two images and three filters: (2, 3, 2, 2).",
    )
    unchanged(x, after[0], "x")
    unchanged(weight, after[1], "weight")
    unchanged(bias, after[2], "bias")


@pytest.mark.task("layer")
@pytest.mark.points(0.25)
def test_padding_and_stride(submission):
    """conv2d: one image, padding 1, stride 2, no bias"""
    x = np.array(
        [
            [
                [
                    [1.0, 2, 0, 1, 4],
                    [0, 1, 3, 0, 2],
                    [2, 1, 0, 5, 1],
                    [1, 0, 2, 1, 3],
                ]
            ]
        ]
    )
    weight = np.array([[[[1.0, 2, 0], [0, -1, 1], [3, 0, 1]]]])
    with hints(CHANNELS):
        result = submission.conv2d(x, weight, None, 2, 1)
    explain(
        result,
        [[[[2, 4, -4], [-1, 13, 6]]]],
        "conv2d(x, weight, stride=2, padding=1)",
        {
            "the padding is not used.": [[[[13, 5]]]],
            "the stride is not used.": [
                [
                    [
                        [2, 1, 4, 14, -4],
                        [4, 13, 7, 5, 22],
                        [-1, 6, 13, 8, 6],
                        [3, 6, 0, 12, 4],
                    ]
                ]
            ],
            "neither stride nor padding is used.": [
                [[[13, 7, 5], [6, 13, 8]]]
            ],
            "the padding is twice as wide: `padding` rows on each side.": [
                [[[1, 3, 4, 12], [2, 13, 5, 7], [1, 6, 12, 1]]]
            ],
            "only rows were added above and below, no columns at the "
            "sides.": [[[[1, 14], [6, 8]]]],
            "only columns were added at the sides, no rows above and "
            "below.": [[[[4, 7, 22]]]],
            "zeros were added at the bottom and on the right only. Padding "
            "is on all four "
            "sides.": [[[[13, 5, 7], [6, 12, 1]]]],
            "only the rows use the stride.": [
                [[[2, 1, 4, 14, -4], [-1, 6, 13, 8, 6]]]
            ],
            "only the columns use the stride.": [
                [[[2, 4, -4], [4, 7, 22], [-1, 13, 6], [3, 0, 4]]]
            ],
            "there are as many windows as there should be, but they move "
            "on by one pixel. Window (i, j) begins at pixel (i * stride, "
            "j * stride).": [[[[2, 1, 4], [4, 13, 7]]]],
        },
        "(4 + 2 - 3) // 2 + 1 = 2 rows, (5 + 2 - 3) // 2 + 1 = 3 columns.",
    )


# ----------------------------------------------------------------------- pool


@pytest.mark.task("pool")
@pytest.mark.points(0.25)
def test_max_pool2d(submission):
    """max_pool2d: windows that touch, overlap, and reach over the border"""
    x = np.array(
        [
            [
                [
                    [1.0, 2, 2, 5, 0],
                    [-1, -2, 2, 0, 1],
                    [0, 5, 1, 1, 2],
                    [3, 0, 1, 0, 4],
                ],
                [
                    [-4, -3, -9, -2, -6],
                    [-5, -7, -1, -8, -3],
                    [-2, -6, -4, -5, -7],
                    [-8, -1, -3, -9, -5],
                ],
            ]
        ]
    )
    with hints(
        {
            "cannot reshape": "Not every size is a multiple of the window: "
            "what is left over at the right or bottom is not used. Slices "
            "are easier here than reshape.",
            "NoneType": "`stride` is None when it is not given. Then it is "
            "the same as `size`.",
            "zero-size array": "A window was empty: the loop runs too far.",
        }
    ):
        result, after, _ = submission.call("max_pool2d", x, 2, echo=True)
    explain(
        result,
        [[[[2, 5], [5, 1]], [[-3, -1], [-1, -3]]]],
        "max_pool2d(x, 2)",
        {
            "this is stride 1. Where no stride is given it is the same as "
            "the size of the window.": [
                [
                    [[2, 2, 5, 5], [5, 5, 2, 2], [5, 5, 1, 4]],
                    [[-3, -1, -1, -2], [-2, -1, -1, -3], [-1, -1, -3, -5]],
                ]
            ],
            "these are means; the largest number of each window is "
            "asked for.": [
                [[[0.0, 2.25], [2.0, 0.75]], [[-4.75, -5.0], [-4.25, -5.25]]]
            ],
            "these are the smallest numbers.": [
                [[[-2, 0], [0, 0]], [[-7, -9], [-8, -9]]]
            ],
            "the channels were pooled together. Each keeps its own map: "
            "take the maximum over rows and columns "
            "only.": [[[[2, 5], [5, 1]]]],
            "every channel has the same map. Take the maximum over rows "
            "and columns of each channel: "
            "axis=(2, 3).": [[[[2, 5], [5, 1]], [[2, 5], [5, 1]]]],
            "negative numbers became 0. Begin a search for a maximum with "
            "-inf or with the first number, not with "
            "0.": [[[[2, 5], [5, 1]], [[0, 0], [0, 0]]]],
            "a fifth column was there, and a window reached over the edge "
            "for it. A rest too small for a window is not "
            "used.": [[[[2, 5, 1], [5, 1, 4]], [[-3, -1, -3], [-1, -3, -5]]]],
        },
        "Four rows and five columns: 2 x 2 windows.",
    )
    unchanged(x, after[0], "x")
    explain(
        submission.max_pool2d(x, 3, 1),
        [[[[5, 5, 5], [5, 5, 4]], [[-1, -1, -1], [-1, -1, -1]]]],
        "max_pool2d(x, 3, stride=1)",
        {
            "the stride is not used: it is 1, so the windows overlap.": [
                [[[5]], [[-1]]]
            ],
        },
        "With stride 1 there are 2 x 3 windows, and they overlap.",
    )
    explain(
        submission.max_pool2d(x, 3, 2, 1),
        [[[[2, 5, 5], [5, 5, 4]], [[-3, -1, -2], [-1, -1, -3]]]],
        "max_pool2d(x, 3, stride=2, padding=1)",
        {
            "in the second channel, where all numbers are negative, the "
            "padding won. It must never win: pad with -np.inf instead of "
            "0.": [[[[2, 5, 5], [5, 5, 4]], [[0, 0, 0], [0, -1, 0]]]],
            "the padding is not used.": [[[[5, 5]], [[-1, -1]]]],
        },
        "(4 + 2 - 3) // 2 + 1 = 2 rows, (5 + 2 - 3) // 2 + 1 = 3 columns.",
    )


# --------------------------------------------------------------------- matrix


@pytest.mark.task("matrix")
@pytest.mark.points(0.25)
def test_im2col(submission):
    """im2col: windows as columns, images one after the other"""
    x = np.arange(1, 25).reshape(2, 2, 2, 3)
    right = np.array(
        [
            [1, 2, 4, 5, 13, 14, 16, 17],
            [2, 3, 5, 6, 14, 15, 17, 18],
            [7, 8, 10, 11, 19, 20, 22, 23],
            [8, 9, 11, 12, 20, 21, 23, 24],
        ]
    )
    with hints(
        {
            "cannot reshape": "Print the shape before you reshape. Its axes "
            "should be (C, k_h, k_w, N, R, S), in this order, with R rows "
            "and S columns of windows.",
            "broadcast": "For one place (u, v) in the window, the pixels of "
            "all windows are a slice of shape (N, C, R, S): it begins at "
            "u * dilation and has R entries, stride apart.",
        }
    ):
        result, after, _ = submission.call("im2col", x, (1, 2), echo=True)
    explain(
        result,
        right,
        "im2col(x, (1, 2))",
        {
            "windows should be the columns, and places in the window the "
            "rows: this is the transpose.": right.T,
            "the rows are in the wrong order: channel first, then the "
            "place in the window. Here the channel runs fastest, which "
            "does not fit weight.reshape(M, -1).": right[[0, 2, 1, 3]],
            "the columns are in the wrong order: all windows of the first "
            "image come first. Here the images "
            "alternate.": right.reshape(4, 2, 4).swapaxes(1, 2).reshape(4, 8),
            "the axes were not brought into the right order before the "
            "reshape: the slices are (N, C, R, S), and the rows of the "
            "result belong to C, not to "
            "N.": [
                [1, 2, 4, 5, 7, 8, 10, 11],
                [2, 3, 5, 6, 8, 9, 11, 12],
                [13, 14, 16, 17, 19, 20, 22, 23],
                [14, 15, 17, 18, 20, 21, 23, 24],
            ],
        },
        "Two channels with 1 x 2 places are 4 rows; two images with 2 x 2 "
        "windows are 8 columns.",
    )
    unchanged(x, after[0], "x")
    explain(
        submission.im2col(
            np.arange(1, 21).reshape(1, 1, 4, 5), (2, 2), 2, 1, 3
        ),
        [[0, 0, 0, 7], [0, 0, 8, 10], [0, 12, 0, 0], [13, 15, 0, 0]],
        "im2col(1 to 20, (2, 2), stride=2, padding=1, dilation=3)",
        {
            "the dilation is not used.": [
                [0, 0, 0, 0, 7, 9, 0, 17, 19],
                [0, 0, 0, 6, 8, 10, 16, 18, 20],
                [0, 2, 4, 0, 12, 14, 0, 0, 0],
                [1, 3, 5, 11, 13, 15, 0, 0, 0],
            ],
            "the padding is not used.": [[1], [4], [16], [19]],
            "the stride is not used.": [
                [0, 0, 0, 0, 0, 1, 2, 3, 0, 6, 7, 8],
                [0, 0, 0, 0, 3, 4, 5, 0, 8, 9, 10, 0],
                [0, 11, 12, 13, 0, 16, 17, 18, 0, 0, 0, 0],
                [13, 14, 15, 0, 18, 19, 20, 0, 0, 0, 0, 0],
            ],
            "stride and dilation are exchanged. Windows lie `stride` "
            "apart, the pixels of one window "
            "`dilation`.": [
                [0, 0, 0, 13],
                [0, 0, 12, 15],
                [0, 8, 0, 0],
                [7, 10, 0, 0],
            ],
        },
        "The window reaches over 4 x 4 pixels of an image that has 6 x 7 "
        "with its border: 2 x 2 windows.",
    )


PRODUCT = {
    "mismatch in its core dimension": "weight.reshape(M, -1) is "
    "(M, C * k_h * k_w), the columns are (C * k_h * k_w, windows). "
    "With groups, each group has its own part of both: C / groups "
    "channels and M / groups filters.",
    "cannot reshape": "The product is (M, N * R * S): first "
    "reshape to (M, N, R, S), then exchange the first two axes.",
    "broadcast": "The bias has one number for each filter: a row of "
    "the product, or a map of the result.",
}


@pytest.mark.task("matrix")
@pytest.mark.points(0.25)
def test_conv2d_matrix(submission):
    """conv2d_matrix: the layer of task 4 again, then two groups"""
    x = np.array(
        [
            [[[1.0, 2, 0], [0, 1, 3]], [[2, 0, 1], [1, 1, 0]]],
            [[[0, 1, 1], [2, 0, 1]], [[1, 0, 0], [0, 2, 1]]],
        ]
    )
    weight = np.array(
        [[[[1.0, 2]], [[0, -1]]], [[[3, 0]], [[1, 1]]], [[[0, 1]], [[2, 0]]]]
    )
    bias = np.array([10.0, 20, 30])
    right = np.array(
        [
            [
                [[15, 11], [11, 17]],
                [[25, 27], [22, 24]],
                [[36, 30], [33, 35]],
            ],
            [
                [[12, 13], [10, 11]],
                [[21, 23], [28, 23]],
                [[33, 31], [30, 35]],
            ],
        ]
    )
    product = right.transpose(1, 0, 2, 3)
    with hints(PRODUCT):
        result, after, _ = submission.call(
            "conv2d_matrix", x, weight, bias, echo=True
        )
    flat = bias[:, None, None]
    explain(
        result,
        right,
        "conv2d_matrix(x, weight, bias)",
        {
            "the bias is missing.": right - flat,
            "images and maps are mixed. The product has the images on its "
            "second axis: reshape to (M, N, R, S) first, then exchange the "
            "first two axes.": product.reshape(2, 3, 2, 2),
            "the shape should be (N, M, R, S): exchange the first two "
            "axes.": product,
            "the filters are flipped. A convolution layer does not flip.": [
                [
                    [[12, 14], [10, 14]],
                    [[28, 21], [25, 30]],
                    [[31, 34], [32, 31]],
                ],
                [
                    [[10, 13], [14, 9]],
                    [[24, 23], [22, 26]],
                    [[30, 31], [36, 32]],
                ],
            ],
        },
        "(If `im2col` is not right yet, mend that first.)",
    )
    unchanged(x, after[0], "x")
    unchanged(weight, after[1], "weight")
    x = np.arange(1.0, 9).reshape(1, 4, 1, 2)
    weight = np.array([[2.0, 1], [1, -1], [3, 0], [0, 5]]).reshape(4, 2, 1, 1)
    with hints(PRODUCT):
        result = submission.conv2d_matrix(x, weight, None, 1, 0, 1, 2)
    explain(
        result,
        [[[[5, 8]], [[-2, -2]], [[15, 18]], [[35, 40]]]],
        "conv2d_matrix(x, weight, groups=2), four channels, four filters",
        {
            "all filters saw the first two channels. The second half of "
            "the filters sees the second half of the "
            "channels.": [[[[5, 8]], [[-2, -2]], [[3, 6]], [[15, 20]]]],
            "the groups are interleaved: every second channel. The first "
            "group has the first C / groups "
            "channels.": [[[[7, 10]], [[-4, -4]], [[9, 12]], [[35, 40]]]],
            "the maps are in the wrong order: first all of the first "
            "group, then those of the "
            "second.": [[[[5, 8]], [[15, 18]], [[-2, -2]], [[35, 40]]]],
            "the parts were added up. The groups' maps stand side by side.": [
                [[[20, 26]], [[33, 38]]]
            ],
        },
        "Filters 0 and 1 see channels 0 and 1, filters 2 and 3 see "
        "channels 2 and 3.",
    )


# ---------------------------------------------------------------------- edges


@pytest.mark.task("edges")
@pytest.mark.points(0.25)
def test_sobel(submission):
    """sobel: strength and angle, up to the border, also for bytes"""
    image = np.array([[0.0, 0, 1, 1], [0, 2, 5, 3], [4, 2, 0, 4]])
    across = np.array([[2, 8, 4, -2], [2, 7, 5, 0], [-4, -7, 7, 10]])
    down = np.array([[2, 8, 12, 10], [14, 7, 3, 8], [12, -1, -9, -2]])
    with hints(
        {
            "broadcast": "With one repeated pixel around it the image has "
            "H + 2 rows and W + 2 columns; the slice for the weight (u, v) "
            "is [u : u + H, v : v + W].",
            "has no attribute 'shape'": "Return two arrays: `return "
            "strength, angle`.",
        }
    ):
        result, after, _ = submission.call("sobel", image, echo=True)
    strength, angle = parts(result, ["strength", "angle"])
    flat = np.hypot(
        [[2, 7, 3, -7], [6, 7, 5, -11], [6, -3, 5, -5]],
        [[2, 9, 15, 11], [10, 7, 3, 5], [-2, -9, -15, -11]],
    )
    explain(
        strength,
        np.hypot(across, down),
        "strength",
        {
            "zeros were put around the image, which makes edges that are "
            "not there. Repeat the outermost pixels: "
            'np.pad(image, 1, mode="edge").': flat,
            "the border is missing. Repeat the outermost pixels, so that "
            "the result has the shape of the "
            "image.": np.hypot(across, down)[1:-1, 1:-1],
            "this is |G_x| + |G_y|, not the length of the arrow.": np.abs(
                across
            )
            + np.abs(down),
            "the square root is missing.": across**2 + down**2,
            "this is the angle. The order is strength, angle.": np.arctan2(
                down, across
            ),
            "this is G_x + G_y. The strength is the square root of the sum "
            "of their squares.": across + down,
            "numbers outside of 0 to 1 were cut off. Leave them as they "
            "are.": np.clip(np.hypot(across, down), 0, 1),
        },
        "The corner at the top left, for example, sees [[0, 0, 0], "
        "[0, 0, 0], [0, 0, 2]].",
    )
    # An angle has no value where there is no edge, and 2π more is the same.
    there = np.hypot(across, down) > 0
    angle = np.asarray(angle, dtype=float)
    assert angle.shape == image.shape, (
        f"angle should have the shape {image.shape}, but it has the shape "
        f"{angle.shape}."
    )

    def points(x, y):
        length = np.hypot(x, y)[there]
        turn = np.cos(angle) + 1j * np.sin(angle)
        return np.allclose(
            turn[there], (x + 1j * y)[there] / length, atol=1e-5
        )

    for x, y, said in (
        (down, across, "arctan2 takes G_y first: np.arctan2(G_y, G_x)."),
        (
            -across,
            -down,
            "it points from bright to dark. The kernels are "
            "used as they are, not flipped: 1 on the right, 1 below.",
        ),
        (
            across,
            -down,
            "up and down are exchanged: S_y has its 1, 2, 1 in the last row.",
        ),
        (
            -across,
            down,
            "left and right are exchanged: S_x has its 1, 2, 1 "
            "in the last column.",
        ),
    ):
        assert not points(x, y) or points(across, down), f"angle: {said}"
    if np.allclose(np.deg2rad(angle[there]), np.arctan2(down, across)[there]):
        pytest.fail("angle: these are degrees; return radians.")
    assert points(across, down), (
        f"angle: entry [1, 1] is {angle[1, 1]:.4g}, but it should be "
        f"{np.arctan2(down, across)[1, 1]:.4g}, the angle of the arrow "
        f"({across[1, 1]:g}, {down[1, 1]:g}). np.arctan2(G_y, G_x) knows the "
        "quadrant; arctan(G_y / G_x) does not."
    )
    unchanged(image, after[0], "image")
    strength, _ = submission.sobel(
        np.array([[200, 200, 10, 10]] * 3, dtype=np.uint8)
    )
    explain(
        strength,
        [[0, 760, 760, 0]] * 3,
        "strength of an image of bytes",
        hint="Bytes cannot be negative. Convert the image to decimal "
        "numbers first.",
    )
