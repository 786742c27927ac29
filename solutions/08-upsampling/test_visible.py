"""What `check("…")` runs in exercise 08. You may read this file: it shows
what is asked, with small inputs.

Every test compares your answer with the right one. When they differ, it
looks through what the usual mistakes lead to; if your answer is one of
those, it says which.
"""

import numpy as np
import pytest

from coursekit.grading import StudentError
from coursekit.grading.explain import explain, hints, parts, unchanged

# -------------------------------------------------------------------- enlarge


@pytest.mark.task("enlarge")
@pytest.mark.points(0.25)
def test_nearest(submission):
    """nearest: two maps of 2 x 3, three times as large"""
    x = np.arange(1, 13).reshape(2, 1, 2, 3)
    result, after, _ = submission.call("nearest", x, 3, echo=True)
    explain(
        result,
        [
            [
                [
                    [1, 1, 1, 2, 2, 2, 3, 3, 3],
                    [1, 1, 1, 2, 2, 2, 3, 3, 3],
                    [1, 1, 1, 2, 2, 2, 3, 3, 3],
                    [4, 4, 4, 5, 5, 5, 6, 6, 6],
                    [4, 4, 4, 5, 5, 5, 6, 6, 6],
                    [4, 4, 4, 5, 5, 5, 6, 6, 6],
                ]
            ],
            [
                [
                    [7, 7, 7, 8, 8, 8, 9, 9, 9],
                    [7, 7, 7, 8, 8, 8, 9, 9, 9],
                    [7, 7, 7, 8, 8, 8, 9, 9, 9],
                    [10, 10, 10, 11, 11, 11, 12, 12, 12],
                    [10, 10, 10, 11, 11, 11, 12, 12, 12],
                    [10, 10, 10, 11, 11, 11, 12, 12, 12],
                ]
            ],
        ],
        "nearest(x, 3)",
        {
            "the whole map was written several times. Each number becomes "
            "a block of its own copies: np.repeat, not "
            "np.tile.": [
                [
                    [
                        [1, 2, 3, 1, 2, 3, 1, 2, 3],
                        [4, 5, 6, 4, 5, 6, 4, 5, 6],
                        [1, 2, 3, 1, 2, 3, 1, 2, 3],
                        [4, 5, 6, 4, 5, 6, 4, 5, 6],
                        [1, 2, 3, 1, 2, 3, 1, 2, 3],
                        [4, 5, 6, 4, 5, 6, 4, 5, 6],
                    ]
                ],
                [
                    [
                        [7, 8, 9, 7, 8, 9, 7, 8, 9],
                        [10, 11, 12, 10, 11, 12, 10, 11, 12],
                        [7, 8, 9, 7, 8, 9, 7, 8, 9],
                        [10, 11, 12, 10, 11, 12, 10, 11, 12],
                        [7, 8, 9, 7, 8, 9, 7, 8, 9],
                        [10, 11, 12, 10, 11, 12, 10, 11, 12],
                    ]
                ],
            ],
            "only the rows were repeated.": [
                [
                    [
                        [1, 2, 3],
                        [1, 2, 3],
                        [1, 2, 3],
                        [4, 5, 6],
                        [4, 5, 6],
                        [4, 5, 6],
                    ]
                ],
                [
                    [
                        [7, 8, 9],
                        [7, 8, 9],
                        [7, 8, 9],
                        [10, 11, 12],
                        [10, 11, 12],
                        [10, 11, 12],
                    ]
                ],
            ],
            "only the columns were repeated.": [
                [[[1, 1, 1, 2, 2, 2, 3, 3, 3], [4, 4, 4, 5, 5, 5, 6, 6, 6]]],
                [
                    [
                        [7, 7, 7, 8, 8, 8, 9, 9, 9],
                        [10, 10, 10, 11, 11, 11, 12, 12, 12],
                    ]
                ],
            ],
            "zeros stand between the numbers: that is a bed of nails. "
            "Copy the number instead.": [
                [
                    [
                        [1, 0, 0, 2, 0, 0, 3, 0, 0],
                        [0, 0, 0, 0, 0, 0, 0, 0, 0],
                        [0, 0, 0, 0, 0, 0, 0, 0, 0],
                        [4, 0, 0, 5, 0, 0, 6, 0, 0],
                        [0, 0, 0, 0, 0, 0, 0, 0, 0],
                        [0, 0, 0, 0, 0, 0, 0, 0, 0],
                    ]
                ],
                [
                    [
                        [7, 0, 0, 8, 0, 0, 9, 0, 0],
                        [0, 0, 0, 0, 0, 0, 0, 0, 0],
                        [0, 0, 0, 0, 0, 0, 0, 0, 0],
                        [10, 0, 0, 11, 0, 0, 12, 0, 0],
                        [0, 0, 0, 0, 0, 0, 0, 0, 0],
                        [0, 0, 0, 0, 0, 0, 0, 0, 0],
                    ]
                ],
            ],
            "the factor is not used.": [
                [
                    [
                        [1, 1, 2, 2, 3, 3],
                        [1, 1, 2, 2, 3, 3],
                        [4, 4, 5, 5, 6, 6],
                        [4, 4, 5, 5, 6, 6],
                    ]
                ],
                [
                    [
                        [7, 7, 8, 8, 9, 9],
                        [7, 7, 8, 8, 9, 9],
                        [10, 10, 11, 11, 12, 12],
                        [10, 10, 11, 11, 12, 12],
                    ]
                ],
            ],
        },
        "Rows and columns are axes 2 and 3.",
    )
    unchanged(x, after[0], "x")


@pytest.mark.task("enlarge")
@pytest.mark.points(0.25)
def test_bilinear(submission):
    """bilinear: a map of 2 x 3 to 4 x 6"""
    x = np.array([[[[0.0, 8, 4], [16, 0, 8]]]])
    with hints(
        {
            "out of bounds": "At the last pixel there is no next one. Cut "
            "the places off at n - 1, and the index a + 1 too: its weight "
            "is 0 there.",
        }
    ):
        result, after, _ = submission.call("bilinear", x, 4, 6, echo=True)
    explain(
        result,
        [
            [
                [
                    [0.0, 2.0, 6.0, 7.0, 5.0, 4.0],
                    [4.0, 4.5, 5.5, 5.75, 5.25, 5.0],
                    [12.0, 9.5, 4.5, 3.25, 5.75, 7.0],
                    [16.0, 12.0, 4.0, 2.0, 6.0, 8.0],
                ]
            ]
        ],
        "bilinear(x, 4, 6)",
        {
            "the first and last centres were put onto each other: that is "
            "the other convention (align_corners). Here the pixels cover "
            "the same length: (i + 1/2) n/m - "
            "1/2.": [
                [
                    [
                        [0.0, 3.2, 6.4, 7.2, 5.6, 4.0],
                        [
                            5.3333333,
                            5.3333333,
                            5.3333333,
                            5.3333333,
                            5.3333333,
                            5.3333333,
                        ],
                        [
                            10.6666667,
                            7.4666667,
                            4.2666667,
                            3.4666667,
                            5.0666667,
                            6.6666667,
                        ],
                        [16.0, 9.6, 3.2, 1.6, 4.8, 8.0],
                    ]
                ]
            ],
            "the halves are missing: the centre of pixel i lies at i + "
            "1/2, counted from the edge.": [
                [
                    [
                        [0, 4, 8, 6, 4, 4],
                        [8, 6, 4, 5, 6, 6],
                        [16, 8, 0, 4, 8, 8],
                        [16, 8, 0, 4, 8, 8],
                    ]
                ]
            ],
            "the map gets darker at its edges. Places beyond the first or "
            "last centre are cut off to it.": [
                [
                    [
                        [0.0, 1.5, 4.5, 5.25, 3.75, 2.25],
                        [3.0, 4.5, 5.5, 5.75, 5.25, 3.75],
                        [9.0, 9.5, 4.5, 3.25, 5.75, 5.25],
                        [9.0, 9.0, 3.0, 1.5, 4.5, 4.5],
                    ]
                ]
            ],
            "the numbers are copied, not mixed: that is nearest.": [
                [
                    [
                        [0, 0, 8, 8, 4, 4],
                        [0, 0, 8, 8, 4, 4],
                        [16, 16, 0, 0, 8, 8],
                        [16, 16, 0, 0, 8, 8],
                    ]
                ]
            ],
            "only the columns are mixed, the rows are copied.": [
                [
                    [
                        [0, 2, 6, 7, 5, 4],
                        [0, 2, 6, 7, 5, 4],
                        [16, 12, 4, 2, 6, 8],
                        [16, 12, 4, 2, 6, 8],
                    ]
                ]
            ],
            "(1 - r) and r are exchanged: the nearer pixel counts more.": [
                [
                    [
                        [8, 24, 16, 24, 24, 24],
                        [12, 4, 8, 12, 12, 12],
                        [20, 28, 24, 36, 36, 36],
                        [20, 28, 24, 36, 36, 36],
                    ]
                ]
            ],
        },
        "The places in a row are 0, 1/4, 3/4, 5/4, 7/4, 2; those in a "
        "column 0, 1/4, 3/4, 1.",
    )
    unchanged(x, after[0], "x")


# --------------------------------------------------------------------- unpool


@pytest.mark.task("unpool")
@pytest.mark.points(0.25)
def test_unpool(submission):
    """max_pool_indices and max_unpool: two channels, ties, a rest"""
    x = np.array(
        [
            [
                [
                    [1.0, 2, 6, 3, 9],
                    [3, 5, 2, 1, 9],
                    [1, 2, 2, 1, 9],
                    [7, 3, 4, 8, 9],
                    [9, 9, 9, 9, 9],
                ],
                [
                    [-1, -2, -3, -3, 0],
                    [-4, -1, -3, -5, 0],
                    [0, 0, -1, 0, 0],
                    [0, -2, 0, 0, 0],
                    [0, 0, 0, 0, 0],
                ],
            ]
        ]
    )
    with hints(
        {
            "cannot reshape": "Five rows and five columns: cut off what "
            "fills no window before you reshape, x[:, :, : 2 * R, : 2 * S].",
        }
    ):
        result, after, _ = submission.call("max_pool_indices", x, echo=True)
    pooled, indices = parts(result, ["pooled", "indices"])
    explain(
        pooled,
        [[[[5, 6], [7, 8]], [[-1, -3], [0, 0]]]],
        "pooled",
        {
            "a fifth row and column made windows of their own. What fills "
            "no window is not used.": [
                [
                    [[5, 6, 9], [7, 8, 9], [9, 9, 9]],
                    [[-1, -3, 0], [0, 0, 0], [0, 0, 0]],
                ]
            ],
        },
    )
    explain(
        indices,
        [[[[6, 2], [15, 18]], [[0, 2], [10, 13]]]],
        "indices",
        {
            "these are places within the windows, 0 to 3. Asked for are "
            "numbers of pixels of the whole map.": [
                [[[3, 0], [2, 3]], [[0, 0], [0, 1]]]
            ],
            "of equally large pixels the last one was named. It is the "
            "first one, row by row.": [
                [[[6, 2], [15, 18]], [[6, 7], [15, 18]]]
            ],
            "the number of columns is 5, also the unused one counts: "
            "p * W + q.": [[[[5, 2], [12, 15]], [[0, 2], [8, 11]]]],
            "these are q * H + p: row by row means p * W + q.": [
                [[[6, 10], [3, 18]], [[0, 10], [2, 17]]]
            ],
        },
        "In the first channel the maximum 5 stands at row 1, column 1: 6.",
    )
    unchanged(x, after[0], "x")
    values = np.array([[[[1.0, 2]], [[3, 4]]]])
    places = np.array([[[[4, 2]], [[0, 5]]]])
    with hints(
        {
            "out of bounds": "An index is a number of a pixel in its map, "
            "p * width + q: row index // width, column index % width.",
        }
    ):
        result, after, _ = submission.call(
            "max_unpool", values, places, 2, 3, echo=True
        )
    explain(
        result,
        [[[[0, 0, 2], [0, 1, 0]], [[3, 0, 0], [0, 0, 4]]]],
        "max_unpool(values, indices, 2, 3)",
        {
            "all channels were written into each one. An index belongs to "
            "its own map.": [
                [[[3, 0, 2], [0, 1, 4]], [[3, 0, 2], [0, 1, 4]]]
            ],
        },
        "The first channel has 1 at pixel 4 and 2 at pixel 2 of 2 x 3.",
    )
    unchanged(values, after[0], "values")
    unchanged(places, after[1], "indices")


# --------------------------------------------------------------------- stamps

STAMPS = {
    "broadcast": "Print the shapes: the pixel (i, j) of all images is "
    "(N, C_in), the kernels are (C_in, C_out, k_h, k_w), their product, "
    "summed over C_in, is (N, C_out, k_h, k_w); the result is (N, C_out, "
    "(H - 1) * stride + k_h + output_padding, and so on).",
    "shape-mismatch for sum": "The sum runs over the input channels: axis 1 "
    "of x and axis 0 of the weights, which are (C_in, C_out, k_h, k_w).",
    "mismatch in its core dimension": "The sum runs over the input channels: "
    "axis 1 of x and axis 0 of the weights.",
}


@pytest.mark.task("stamps")
@pytest.mark.points(0.25)
def test_stamps(submission):
    """conv_transpose2d: two input channels, kernels of 2 x 3, a bias"""
    x = np.array([[[[1.0, 2], [0, -1]], [[3, 0], [1, 1]]]])
    weight = np.array([[[[1.0, 0, 2], [0, 1, 0]]], [[[2, 1, 0], [-1, 0, 1]]]])
    bias = np.array([10.0])
    with hints(STAMPS):
        result, after, _ = submission.call(
            "conv_transpose2d", x, weight, bias, echo=True
        )
    explain(
        result,
        [[[[17, 15, 12, 14], [9, 13, 16, 8], [9, 9, 10, 11]]]],
        "conv_transpose2d(x, weight, bias)",
        {
            "where stamps overlap, the later one overwrote the earlier. "
            "They add up: += instead of =.": [
                [[[16, 10, 10, 10], [12, 12, 11, 10], [9, 9, 10, 11]]]
            ],
            "the kernels are turned by 180°. A stamp is the kernel as it "
            "is.": [[[[13, 11, 9, 10], [13, 18, 15, 11], [10, 9, 13, 11]]]],
            "only the first input channel stamps.": [
                [[[11, 12, 12, 14], [10, 10, 12, 8], [10, 10, 9, 10]]]
            ],
            "only the last input channel is there. Add up over the "
            "channels.": [
                [[[16, 13, 10, 10], [9, 13, 14, 10], [9, 9, 11, 11]]]
            ],
            "the bias is missing.": [
                [[[7, 5, 2, 4], [-1, 3, 6, -2], [-1, -1, 0, 1]]]
            ],
            "the bias is added once for each input channel.": [
                [[[27, 25, 22, 24], [19, 23, 26, 18], [19, 19, 20, 21]]]
            ],
        },
        "(2 - 1) · 1 + 2 = 3 rows, (2 - 1) · 1 + 3 = 4 columns.",
    )
    unchanged(x, after[0], "x")
    unchanged(weight, after[1], "weight")


@pytest.mark.task("stamps")
@pytest.mark.points(0.25)
def test_stamps_options(submission):
    """conv_transpose2d: stride 2, then padding 1, then output padding 1"""
    x = np.array([[[[1.0, 2], [3, -1]]]])
    weight = np.array([[[[1.0, 2, 0], [0, 1, 4], [3, 0, 1]]]])
    with hints(STAMPS):
        result = submission.conv_transpose2d(x, weight, None, 2)
    explain(
        result,
        [
            [
                [
                    [1, 2, 2, 4, 0],
                    [0, 1, 4, 2, 8],
                    [6, 6, 6, -2, 2],
                    [0, 3, 12, -1, -4],
                    [9, 0, 0, 0, -1],
                ]
            ]
        ],
        "conv_transpose2d(x, weight, stride=2)",
        {
            "the stride is not used.": [
                [[[1, 4, 4, 0], [3, 6, 4, 8], [3, 9, 12, -2], [9, -3, 3, -1]]]
            ],
            "where stamps overlap, the later one overwrote the earlier.": [
                [
                    [
                        [1, 2, 2, 4, 0],
                        [0, 1, 0, 2, 8],
                        [3, 6, -1, -2, 0],
                        [0, 3, 0, -1, -4],
                        [9, 0, -3, 0, -1],
                    ]
                ]
            ],
            "stamps lie too far apart: `stride` pixels from one to the "
            "next, stride - 1 zeros between two numbers.": [
                [
                    [
                        [1, 2, 0, 2, 4, 0],
                        [0, 1, 4, 0, 2, 8],
                        [3, 0, 1, 6, 0, 2],
                        [3, 6, 0, -1, -2, 0],
                        [0, 3, 12, 0, -1, -4],
                        [9, 0, 3, -3, 0, -1],
                    ]
                ]
            ],
        },
        "(2 - 1) · 2 + 3 = 5 rows.",
    )
    explain(
        submission.conv_transpose2d(x, weight, None, 2, 1),
        [[[[1, 4, 2], [6, 6, -2], [3, 12, -1]]]],
        "conv_transpose2d(x, weight, stride=2, padding=1)",
        {
            "padding made the result larger. It is that of the "
            "convolution, so here it is cut off: on all four "
            "sides.": [
                [
                    [
                        [0, 0, 0, 0, 0, 0, 0],
                        [0, 1, 2, 2, 4, 0, 0],
                        [0, 0, 1, 4, 2, 8, 0],
                        [0, 6, 6, 6, -2, 2, 0],
                        [0, 0, 3, 12, -1, -4, 0],
                        [0, 9, 0, 0, 0, -1, 0],
                        [0, 0, 0, 0, 0, 0, 0],
                    ]
                ]
            ],
            "the padding is not used.": [
                [
                    [
                        [1, 2, 2, 4, 0],
                        [0, 1, 4, 2, 8],
                        [6, 6, 6, -2, 2],
                        [0, 3, 12, -1, -4],
                        [9, 0, 0, 0, -1],
                    ]
                ]
            ],
            "the border was cut off on two sides only. `padding` pixels "
            "go on all four.": [
                [
                    [
                        [1, 4, 2, 8],
                        [6, 6, -2, 2],
                        [3, 12, -1, -4],
                        [0, 0, 0, -1],
                    ]
                ]
            ],
            "the border was cut off at the bottom and on the right only, "
            "twice as much.": [[[[1, 2, 2], [0, 1, 4], [6, 6, 6]]]],
            "the border was cut off at the top and on the left only, "
            "twice as much.": [[[[6, -2, 2], [12, -1, -4], [0, 0, -1]]]],
        },
        "(2 - 1) · 2 - 2 + 3 = 3 rows: the inner ones.",
    )
    explain(
        submission.conv_transpose2d(x, weight, None, 2, 1, 1),
        [[[[1, 4, 2, 8], [6, 6, -2, 2], [3, 12, -1, -4], [0, 0, 0, -1]]]],
        "conv_transpose2d(x, weight, stride=2, padding=1, output_padding=1)",
        {
            "output_padding is not used.": [
                [[[1, 4, 2], [6, 6, -2], [3, 12, -1]]]
            ],
            "zeros were added to the cut result. The extra row and column "
            "are what the stamps have put there; less is cut "
            "off.": [
                [[[1, 4, 2, 0], [6, 6, -2, 0], [3, 12, -1, 0], [0, 0, 0, 0]]]
            ],
            "the extra row and column are at the top and on the left. "
            "They belong at the bottom and on the right.": [
                [[[1, 2, 2, 4], [0, 1, 4, 2], [6, 6, 6, -2], [0, 3, 12, -1]]]
            ],
        },
        "One row more at the bottom, one column more on the right.",
    )


# --------------------------------------------------------------------- matrix


@pytest.mark.task("matrix")
@pytest.mark.points(0.25)
def test_matrix(submission):
    """convolution_matrix: 2 x 2 on 2 x 4, then with stride 2 on 3 x 5"""
    kernel = np.array([[1.0, 2], [3, 4]])
    result, after, _ = submission.call(
        "convolution_matrix", kernel, 2, 4, echo=True
    )
    explain(
        result,
        [
            [1, 2, 0, 0, 3, 4, 0, 0],
            [0, 1, 2, 0, 0, 3, 4, 0],
            [0, 0, 1, 2, 0, 0, 3, 4],
        ],
        "convolution_matrix(kernel, 2, 4)",
        {
            "this is the transpose: outputs are the rows, pixels the "
            "columns.": [
                [1, 0, 0],
                [2, 1, 0],
                [0, 2, 1],
                [0, 0, 2],
                [3, 0, 0],
                [4, 3, 0],
                [0, 4, 3],
                [0, 0, 4],
            ],
            "the kernel is turned by 180°. The convolution of networks "
            "uses it as it is.": [
                [4, 3, 0, 0, 2, 1, 0, 0],
                [0, 4, 3, 0, 0, 2, 1, 0],
                [0, 0, 4, 3, 0, 0, 2, 1],
            ],
            "the kernel is transposed.": [
                [1, 3, 0, 0, 2, 4, 0, 0],
                [0, 1, 3, 0, 0, 2, 4, 0],
                [0, 0, 1, 3, 0, 0, 2, 4],
            ],
            "the last window is missing.": [
                [1, 2, 0, 0, 3, 4, 0, 0],
                [0, 1, 2, 0, 0, 3, 4, 0],
            ],
            "the image was written column by column. Pixel (p, q) is "
            "column p * W + q.": [
                [1, 3, 2, 4, 0, 0, 0, 0],
                [0, 0, 1, 3, 2, 4, 0, 0],
                [0, 0, 0, 0, 1, 3, 2, 4],
            ],
        },
        "Three windows, eight pixels.",
    )
    unchanged(kernel, after[0], "kernel")
    explain(
        submission.convolution_matrix(kernel, 3, 5, 2),
        [
            [1, 2, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0],
            [0, 0, 1, 2, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0],
        ],
        "convolution_matrix(kernel, 3, 5, stride=2)",
        {
            "the stride is not used.": [
                [1, 2, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0],
                [0, 1, 2, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0],
                [0, 0, 1, 2, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0],
                [0, 0, 0, 1, 2, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0],
                [0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 3, 4, 0, 0, 0],
                [0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 3, 4, 0, 0],
                [0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 3, 4, 0],
                [0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 3, 4],
            ],
            "the windows moved on by one pixel. Window (i, j) begins at "
            "(i * stride, j * stride).": [
                [1, 2, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0],
                [0, 1, 2, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0],
            ],
        },
        "One row of two windows; the last row and column are in none.",
    )


# ----------------------------------------------------------------------- size


@pytest.mark.task("size")
@pytest.mark.points(0.25)
def test_sizes(submission):
    """transposed_size and output_padding_for: there and back"""
    for n, kernel, stride, padding, extra, right in (
        (4, 3, 1, 0, 0, 6),
        (4, 3, 2, 0, 0, 9),
        (4, 5, 3, 1, 0, 12),
        (4, 3, 2, 1, 0, 7),
        (4, 5, 4, 1, 3, 18),
        (4, 3, 2, 1, 1, 8),
        (10, 5, 3, 2, 2, 30),
    ):
        explain(
            submission.transposed_size(n, kernel, stride, padding, extra),
            right,
            f"transposed_size({n}, {kernel}, stride={stride}, "
            f"padding={padding}, output_padding={extra})",
            {
                said: wrong
                for said, wrong in {
                    "n stamps have n - 1 distances.": right + stride,
                    "padding is cut off here: minus 2p.": right + 4 * padding,
                    "the padding is not used.": right + 2 * padding,
                    "padding is cut off on both sides: 2p.": right + padding,
                    "output_padding is not used.": right - extra,
                    "output_padding is on one side only.": right + extra,
                    "this is the size of a convolution, which makes maps "
                    "smaller.": (n + 2 * padding - kernel) // stride + 1,
                }.items()
                if wrong != right
            },
        )
    for extra in (2, 3):
        try:
            result = submission.transposed_size(4, 3, 2, 1, extra)
        except StudentError as error:
            if "ValueError" not in error.bases:
                raise
        else:
            pytest.fail(
                f"transposed_size with stride 2 and output_padding {extra}: "
                "no convolution could have come from that size. Raise a "
                f"ValueError with a message that says so, where it is not "
                f"less than the stride. You returned {result!r}."
            )
    for n, kernel, stride, padding, right in (
        (7, 3, 2, 1, 0),
        (8, 3, 2, 1, 1),
        (30, 5, 3, 2, 2),
        (9, 4, 1, 0, 0),
    ):
        explain(
            submission.output_padding_for(n, kernel, stride, padding),
            right,
            f"output_padding_for({n}, {kernel}, stride={stride}, "
            f"padding={padding})",
            hint="It is what the convolution left over: too little for one "
            "more step.",
        )


# -------------------------------------------------------------------- segment


@pytest.mark.task("segment")
@pytest.mark.points(0.25)
def test_segment(submission):
    """iou of numbered objects and of empty sets; crop_and_join"""
    found = np.array([[1, 0, 1, 1], [0, 0, 1, 0]])
    true = np.array([[2, 2, 4, 0], [0, 0, 1, 3]])
    explain(
        submission.iou(found, true),
        0.5,
        "iou(found, true)",
        {
            "only pixels with equal numbers were counted. All numbers but "
            "0 mean that a pixel is in the set.": 1 / 6,
            "& compares whole numbers bit by bit, and 1 & 2 is 0. Make "
            "truth values first: found != 0.": 1 / 6,
            "this is the share of right pixels (accuracy); those outside of "
            "both sets do not count.": 5 / 8,
            "this is the share of the true pixels that were found. Divide "
            "by those in at least one set.": 3 / 5,
            "this is the share of the found pixels that are true. Divide "
            "by those in at least one set.": 3 / 4,
            "this is Dice, twice the intersection by the sum of both. "
            "Divide by the union.": 6 / 9,
            "divided by the sum of both sizes, in which the pixels of both "
            "count twice.": 3 / 9,
        },
        "Three pixels are in both, six in at least one.",
    )
    explain(
        submission.iou(np.zeros((2, 2)), np.zeros((2, 2))),
        1,
        "iou of two empty sets",
        {"0 / 0 is nan. Where both are empty, return 1.": np.nan},
    )
    across = np.arange(60.0).reshape(1, 2, 5, 6)
    up = -np.ones((1, 1, 2, 3))
    with hints(
        {
            "all the input array": "Before they can be joined, `across` is "
            "cut to the rows and columns of `up`, and both are stacked "
            "along axis 1.",
        }
    ):
        result, after, _ = submission.call(
            "crop_and_join", across, up, echo=True
        )
    explain(
        result,
        [
            [
                [[7, 8, 9], [13, 14, 15]],
                [[37, 38, 39], [43, 44, 45]],
                [[-1, -1, -1], [-1, -1, -1]],
            ]
        ],
        "crop_and_join(across, up)",
        {
            "the corner was cut out, not the middle.": [
                [
                    [[0, 1, 2], [6, 7, 8]],
                    [[30, 31, 32], [36, 37, 38]],
                    [[-1, -1, -1], [-1, -1, -1]],
                ]
            ],
            "of an odd difference the larger half is cut off at the "
            "bottom and on the right: round the beginning "
            "down.": [
                [
                    [[14, 15, 16], [20, 21, 22]],
                    [[44, 45, 46], [50, 51, 52]],
                    [[-1, -1, -1], [-1, -1, -1]],
                ]
            ],
            "the order is the cut one first, then the one from below.": [
                [
                    [[-1, -1, -1], [-1, -1, -1]],
                    [[7, 8, 9], [13, 14, 15]],
                    [[37, 38, 39], [43, 44, 45]],
                ]
            ],
        },
        "Three rows too many: one above, two below. Three columns too many: "
        "one on the left, two on the right.",
    )
    unchanged(across, after[0], "across")
    unchanged(up, after[1], "up")
