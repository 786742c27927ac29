"""What `check("…")` runs in exercise 06. You may read this file: it shows
what is asked, with small inputs.

Every test compares your answer with the right one. When they differ, it
looks through what the usual mistakes lead to; if your answer is one of
those, it says which.
"""

import numpy as np
import pytest

from coursekit.grading.explain import brief, explain, hints, parts, unchanged

# ----------------------------------------------------------------------- line

WINDOW = {
    "broadcast": "Window t is x[t * stride : t * stride + k]. The loop runs "
    "over the entries of `grad`, one for each window.",
    "out of bounds": "The loop runs over the entries of `grad`, one for each "
    "window; window t begins at t * stride.",
}


@pytest.mark.task("line")
@pytest.mark.points(0.25)
def test_line(submission):
    """line_gradients: windows of 3 that overlap"""
    grad, x = np.array([2.0, 1, -1]), np.array([3.0, 1, 4, 2, 5])
    w = np.array([1.0, 2, -3])
    with hints(WINDOW):
        result, after, _ = submission.call(
            "line_gradients", grad, x, w, echo=True
        )
    dx, dw = parts(result, ["dx", "dw"])
    right_x = np.array([2, 5, -5, -5, 3])
    right_w = np.array([3, 4, 5])
    explain(
        dx,
        right_x,
        "dx",
        {
            "dx and dw are exchanged: `return dx, dw`.": right_w,
            "where windows overlap, the later one overwrote the earlier. "
            "All of them count: += instead of "
            "=.": [2, 1, -1, -2, 3],
            "the filter runs backwards. x[t + τ] was multiplied with w[τ], "
            "so it gets w[τ] back: each window gets a copy of the filter "
            "as it is.": [-6, 1, 7, -1, -1],
            "the copies are not scaled by what arrived: grad[t] * w.": [
                1,
                3,
                0,
                -1,
                -3,
            ],
            "only the last window is there. Does a statement that sets dx "
            "to 0 stand inside the loop?": [0, 0, -1, -2, 3],
            "only the first window is there. Does the `return` stand "
            "inside the loop?": [2, 4, -6, 0, 0],
        },
        "By hand: 2 · (1, 2, -3, 0, 0) + 1 · (0, 1, 2, -3, 0) "
        "- 1 · (0, 0, 1, 2, -3).",
    )
    explain(
        dw,
        right_w,
        "dw",
        {
            "the windows were added up without what arrived at each: "
            "grad[t] * x[window].": [8, 7, 11],
            "dw runs backwards.": right_w[::-1],
            "this is the mean over the windows. Each of them adds its "
            "share to the loss: sum.": right_w / 3,
            "only the last window counts. Add up: +=.": [-4, -2, -5],
            "only the first window counts. Does the `return` stand inside "
            "the loop?": [6, 2, 8],
        },
        "By hand: 2 · (3, 1, 4) + 1 · (1, 4, 2) - 1 · (4, 2, 5).",
    )
    for number, name in enumerate(["grad", "x", "w"]):
        unchanged((grad, x, w)[number], after[number], name)


@pytest.mark.task("line")
@pytest.mark.points(0.25)
def test_line_stride(submission):
    """line_gradients: stride 4, and two numbers that no window reaches"""
    grad, x = np.array([2.0, -1]), np.array([3.0, 1, 4, 2, 5, 7, 1, 8])
    w = np.array([1.0, 2, -3])
    with hints(WINDOW):
        result = submission.line_gradients(grad, x, w, 4)
    dx, dw = parts(result, ["dx", "dw"])
    short = "window t begins at t * stride, not at t."
    explain(
        dx,
        [2, 4, -6, 0, -1, -2, 3, 0],
        "dx",
        {
            short: [2, 3, -8, 3, 0, 0, 0, 0],
            "dx must be as long as x. Numbers that no window reaches have "
            "the gradient 0.": [2, 4, -6, 0, -1, -2, 3],
        },
        "The windows lie on x[0:3] and x[4:7]; x[3] and x[7] are in none.",
    )
    explain(dw, [1, -5, 7], "dw", {short: [5, -2, 6]})


# --------------------------------------------------------------------- filter

SHAPES = {
    "broadcast": "Print the shapes. For one place (u, v) the pixels of all "
    "windows are (N, C, R, S); grad is (N, M, R, S); a slice of the filters "
    "is (M, C).",
    "einstein": "einsum: one letter for each axis. grad is nmij, the pixels "
    "ncij, a slice of the filters mc; what is missing on the right is summed "
    "over.",
}


@pytest.mark.task("filter")
@pytest.mark.points(0.25)
def test_filter(submission):
    """filter_gradients: two images, two channels, three filters of 1 x 2"""
    x = np.array(
        [
            [[[1.0, 2, 0], [0, 1, 3]], [[2, 0, 1], [1, 1, 0]]],
            [[[0, 1, 1], [2, 0, 1]], [[1, 0, 0], [0, 2, 1]]],
        ]
    )
    grad = np.array(
        [
            [[[1.0, 2], [0, -1]], [[2, 0], [1, 1]], [[0, 1], [3, 0]]],
            [[[2, 0], [1, 1]], [[-1, 1], [0, 2]], [[1, 0], [0, 2]]],
        ]
    )
    right = np.array(
        [[[[6, 2]], [[5, 5]]], [[[4, 10]], [[9, 3]]], [[[2, 6]], [[8, 6]]]]
    )
    bias = np.array([6, 6, 7])
    with hints(SHAPES):
        result, after, _ = submission.call(
            "filter_gradients", grad, x, (1, 2), echo=True
        )
    dF, db = parts(result, ["dF", "db"])
    explain(
        dF,
        right,
        "dF",
        {
            "only the first image counts. The filters are used for every "
            "image: sum over n.": [
                [[[4, -1]], [[1, 2]]],
                [[[3, 8]], [[6, 1]]],
                [[[2, 3]], [[3, 4]]],
            ],
            "only the last image counts. Add up over the images: +=.": [
                [[[2, 3]], [[4, 3]]],
                [[[1, 2]], [[3, 2]]],
                [[[0, 3]], [[5, 2]]],
            ],
            "divided by the number of images. The loss is an average "
            "already: you only add up.": right / 2,
            "divided by the number of places. Every place adds its share "
            "to the loss.": right / 4,
            "the filters are turned by 180°. F[u, v] was multiplied with "
            "the pixel at (i + u, j + v), in this order.": right[
                ..., ::-1, ::-1
            ],
            "the filters' first two axes are exchanged: "
            "(M, C, k_h, k_w).": right.swapaxes(0, 1),
            "all channels have the same gradient, that of their sum. Each "
            "slice of a filter met its own "
            "channel.": np.repeat(right.sum(axis=1, keepdims=True), 2, 1),
        },
        "dF has the shape of the filters, (3, 2, 1, 2).",
    )
    explain(
        db,
        bias,
        "db",
        {
            "this is the mean over images and places. The bias was added "
            "at every place, so it gets the sum.": bias / 8,
            "divided by the number of images. The loss is an average "
            "already.": bias / 2,
            "divided by the number of places. Every place adds its "
            "share.": bias / 4,
            "add up over the images, too: db has the shape (M,).": grad.sum(
                axis=(2, 3)
            ),
            "add up over the places, too: db has the shape (M,).": grad.sum(
                axis=0
            ),
            "the shape should be (3,): one number for each filter.": bias[
                :, None, None
            ],
        },
    )
    unchanged(grad, after[0], "grad")
    unchanged(x, after[1], "x")


@pytest.mark.task("filter")
@pytest.mark.points(0.25)
def test_filter_stride(submission):
    """filter_gradients: stride 2, padding 1, a filter of 3 x 2"""
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
    grad = np.array([[[[1.0, -1, 2], [3, 0, 1]]]])
    with hints(SHAPES):
        result = submission.filter_gradients(grad, x, (3, 2), 2, 1)
    dF, _ = parts(result, ["dF", "db"])
    explain(
        dF,
        [[[[0, 2], [5, 16], [0, 7]]]],
        "dF with stride 2 and padding 1",
        {
            "the padding is not used. The filters saw the border as well: "
            "pad x as on the way "
            "forward.": [[[[16, 4], [7, 1], [4, -4]]]],
            "the windows moved on by one pixel. Window (i, j) begins at "
            "(i * stride, j * stride).": [[[[2, 3], [4, 2], [3, 11]]]],
            "the padding is twice as wide.": [[[[0, 1], [3, 0], [-1, 5]]]],
        },
        "With its border the image has 6 x 7 pixels, and the windows begin "
        "in rows 0 and 2 and in columns 0, 2 and 4.",
    )


# ---------------------------------------------------------------------- input


@pytest.mark.task("input")
@pytest.mark.points(0.25)
def test_input(submission):
    """input_gradient: two images, three filters of two channels"""
    weight = np.array(
        [[[[1.0, 2]], [[0, -1]]], [[[3, 0]], [[1, 1]]], [[[0, 1]], [[2, 0]]]]
    )
    grad = np.array(
        [
            [[[1.0, 2], [0, -1]], [[2, 0], [1, 1]], [[0, 1], [3, 0]]],
            [[[2, 0], [1, 1]], [[-1, 1], [0, 2]], [[1, 0], [0, 2]]],
        ]
    )
    with hints(SHAPES):
        result, after, _ = submission.call(
            "input_gradient", grad, weight, (2, 2, 2, 3), echo=True
        )
    explain(
        result,
        [
            [[[7, 4, 5], [3, 5, -2]], [[2, 3, -2], [7, 2, 2]]],
            [[[-1, 8, 0], [1, 9, 4]], [[1, -2, 1], [0, 5, 1]]],
        ],
        "dX",
        {
            "where windows overlap, the later one overwrote the earlier. "
            "All of them count: += instead of "
            "=.": [
                [[[7, 2, 5], [3, 2, -2]], [[2, 2, -2], [7, 1, 2]]],
                [[[-1, 3, 0], [1, 7, 4]], [[1, 1, 1], [0, 6, 1]]],
            ],
            "the filters are turned. A pixel that was multiplied with "
            "F[u, v] gets F[u, v] back. (Turn the filter only if you slide "
            "it over the padded grad.)": [
                [[[2, 12, 2], [3, 1, 2]], [[1, 0, 2], [1, 9, 1]]],
                [[[5, -1, 3], [2, 5, 7]], [[-3, 2, 1], [-1, 1, 6]]],
            ],
            "only the first filter sends something back. Every filter "
            "used the pixel: sum over m.": [
                [[[1, 4, 4], [0, -1, -2]], [[0, -1, -2], [0, 0, 1]]],
                [[[2, 4, 0], [1, 3, 2]], [[0, -2, 0], [0, -1, -1]]],
            ],
            "only the last filter sends something back. Add up over the "
            "filters: +=.": [
                [[[0, 0, 1], [0, 3, 0]], [[0, 2, 0], [6, 0, 0]]],
                [[[0, 1, 0], [0, 0, 2]], [[2, 0, 0], [0, 4, 0]]],
            ],
            "all channels got the same. Channel c was multiplied with the "
            "filters' slice c.": [
                [[[9, 7, 3], [10, 7, 0]], [[9, 7, 3], [10, 7, 0]]],
                [[[0, 6, 1], [1, 14, 5]], [[0, 6, 1], [1, 14, 5]]],
            ],
            "this is the mean over the filters. Add up.": np.array(
                [
                    [[[7, 4, 5], [3, 5, -2]], [[2, 3, -2], [7, 2, 2]]],
                    [[[-1, 8, 0], [1, 9, 4]], [[1, -2, 1], [0, 5, 1]]],
                ]
            )
            / 3,
        },
        "dX has the shape of the images, (2, 2, 2, 3).",
    )
    unchanged(grad, after[0], "grad")
    unchanged(weight, after[1], "weight")


@pytest.mark.task("input")
@pytest.mark.points(0.25)
def test_input_stride(submission):
    """input_gradient: stride 2, padding 1, and a column that is left over"""
    grad = np.array([[[[1.0, -1, 2, 1], [3, 0, 1, -2]]]])
    weight = np.array([[[[1.0, 2], [0, -1], [3, 4]]]])
    with hints(
        SHAPES
        | {
            "must match": "dX has the shape that you were given as "
            "input_shape.",
        }
    ):
        result = submission.input_gradient(grad, weight, (1, 1, 4, 7), 2, 1)
    explain(
        result,
        [
            [
                [
                    [-1, 0, 1, 0, -2, 0, -1],
                    [10, -3, -4, 7, 10, 1, 0],
                    [-3, 0, 0, 0, -1, 0, 2],
                    [12, 0, 0, 3, 4, -6, -8],
                ]
            ]
        ],
        "dX with stride 2 and padding 1",
        {
            "the border is still there. What the zeros around the image "
            "got is cut "
            "off.": [
                [
                    [
                        [1, 2, -1, -2, 2, 4, 1, 2, 0],
                        [0, -1, 0, 1, 0, -2, 0, -1, 0],
                        [6, 10, -3, -4, 7, 10, 1, 0, 0],
                        [0, -3, 0, 0, 0, -1, 0, 2, 0],
                        [9, 12, 0, 0, 3, 4, -6, -8, 0],
                        [0, 0, 0, 0, 0, 0, 0, 0, 0],
                    ]
                ]
            ],
            "the padding is not used: the windows began one row above and "
            "one column left of the "
            "image.": [
                [
                    [
                        [1, 2, -1, -2, 2, 4, 1],
                        [0, -1, 0, 1, 0, -2, 0],
                        [6, 10, -3, -4, 7, 10, 1],
                        [0, -3, 0, 0, 0, -1, 0],
                    ]
                ]
            ],
            "too much was cut off on one side, too little on the other: "
            "`padding` rows above and below, `padding` columns left and "
            "right.": [
                [
                    [
                        [-3, -4, 7, 10, 1, 0, 0],
                        [0, 0, 0, -1, 0, 2, 0],
                        [0, 0, 3, 4, -6, -8, 0],
                        [0, 0, 0, 0, 0, 0, 0],
                    ]
                ]
            ],
            "the windows moved on by one pixel. Window (i, j) began at "
            "(i * stride, j * stride).": [
                [
                    [
                        [5, 2, -2, -5, 0, 0, 0],
                        [-2, 2, 10, 6, 0, 0, 0],
                        [12, 3, -2, -8, 0, 0, 0],
                        [0, 0, 0, 0, 0, 0, 0],
                    ]
                ]
            ],
            "the filter is turned.": [
                [
                    [
                        [0, 1, 0, -2, 0, -1, 0],
                        [10, -2, -1, 8, 5, -6, -5],
                        [0, 0, 0, -1, 0, 2, 0],
                        [3, 0, 0, 2, 1, -4, -2],
                    ]
                ]
            ],
            "its size was worked out from that of grad. With a stride, "
            "images of several sizes give the same output: dX has the "
            "shape input_shape.": [
                [
                    [
                        [-1, 0, 1, 0, -2, 0],
                        [10, -3, -4, 7, 10, 1],
                        [-3, 0, 0, 0, -1, 0],
                    ]
                ]
            ],
        },
        "The windows began in rows -1 and 1, and in columns -1, 1, 3 and 5.",
    )


# -------------------------------------------------------------------- pooling

POOL = {
    "NoneType": "`stride` is None when it is not given. Then it is the same "
    "as `size`.",
    "cannot reshape": "Not every size is a multiple of the window, and "
    "windows may overlap. Slices are easier here than reshape.",
    "broadcast": "Print the shapes: grad is (N, C, R, S), a window of all "
    "images and channels (N, C, size, size).",
}


@pytest.mark.task("pooling")
@pytest.mark.points(0.25)
def test_max_pool(submission):
    """max_pool_gradient: windows that touch, then windows that overlap"""
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
                    [4, 4, 1, 7, 3],
                    [0, 1, 7, 2, 3],
                    [5, 0, 1, 6, 6],
                    [5, 2, 0, 6, 1],
                ],
            ]
        ]
    )
    grad = np.array([[[[1.0, 2], [3, 4]], [[5, 6], [7, 8]]]])
    with hints(POOL):
        result, after, _ = submission.call(
            "max_pool_gradient", grad, x, 2, echo=True
        )
    explain(
        result,
        [
            [
                [
                    [0, 1, 0, 2, 0],
                    [0, 0, 0, 0, 0],
                    [0, 3, 4, 0, 0],
                    [0, 0, 0, 0, 0],
                ],
                [
                    [5, 0, 0, 6, 0],
                    [0, 0, 0, 0, 0],
                    [7, 0, 0, 8, 0],
                    [0, 0, 0, 0, 0],
                ],
            ]
        ],
        "max_pool_gradient(grad, x, 2)",
        {
            "of equally large pixels all got the whole gradient, so that "
            "more comes out than came in. The first one gets all of "
            "it.": [
                [
                    [
                        [0, 1, 0, 2, 0],
                        [0, 0, 0, 0, 0],
                        [0, 3, 4, 4, 0],
                        [0, 0, 4, 0, 0],
                    ],
                    [
                        [5, 5, 0, 6, 0],
                        [0, 0, 6, 0, 0],
                        [7, 0, 0, 8, 0],
                        [7, 0, 0, 8, 0],
                    ],
                ]
            ],
            "of equally large pixels each got a share. That could be "
            "defended, but here the first one gets all of "
            "it.": [
                [
                    [
                        [0.0, 1.0, 0.0, 2.0, 0.0],
                        [0.0, 0.0, 0.0, 0.0, 0.0],
                        [0.0, 3.0, 1.3333333, 1.3333333, 0.0],
                        [0.0, 0.0, 1.3333333, 0.0, 0.0],
                    ],
                    [
                        [2.5, 2.5, 0.0, 3.0, 0.0],
                        [0.0, 0.0, 3.0, 0.0, 0.0],
                        [3.5, 0.0, 0.0, 4.0, 0.0],
                        [3.5, 0.0, 0.0, 4.0, 0.0],
                    ],
                ]
            ],
            "of equally large pixels the last one got the gradient. It is "
            "the first one, row by row: use > instead of >= in a "
            "search.": [
                [
                    [
                        [0, 1, 0, 2, 0],
                        [0, 0, 0, 0, 0],
                        [0, 3, 0, 0, 0],
                        [0, 0, 4, 0, 0],
                    ],
                    [
                        [0, 5, 0, 0, 0],
                        [0, 0, 6, 0, 0],
                        [0, 0, 0, 0, 0],
                        [7, 0, 0, 8, 0],
                    ],
                ]
            ],
            "of equally large pixels the first one, column by column, got "
            "the gradient. It is the first one row by "
            "row.": [
                [
                    [
                        [0, 1, 0, 2, 0],
                        [0, 0, 0, 0, 0],
                        [0, 3, 4, 0, 0],
                        [0, 0, 0, 0, 0],
                    ],
                    [
                        [5, 0, 0, 0, 0],
                        [0, 0, 6, 0, 0],
                        [7, 0, 0, 8, 0],
                        [0, 0, 0, 0, 0],
                    ],
                ]
            ],
            "every pixel of a window got the gradient. Only the largest "
            "one does.": [
                [
                    [
                        [1, 1, 2, 2, 0],
                        [1, 1, 2, 2, 0],
                        [3, 3, 4, 4, 0],
                        [3, 3, 4, 4, 0],
                    ],
                    [
                        [5, 5, 6, 6, 0],
                        [5, 5, 6, 6, 0],
                        [7, 7, 8, 8, 0],
                        [7, 7, 8, 8, 0],
                    ],
                ]
            ],
            "the gradient went to the right places, but as 1. Put what "
            "arrived there.": [
                [
                    [
                        [0, 1, 0, 1, 0],
                        [0, 0, 0, 0, 0],
                        [0, 1, 1, 0, 0],
                        [0, 0, 0, 0, 0],
                    ],
                    [
                        [1, 0, 0, 1, 0],
                        [0, 0, 0, 0, 0],
                        [1, 0, 0, 1, 0],
                        [0, 0, 0, 0, 0],
                    ],
                ]
            ],
            "the channels were taken together. Each has its own winners.": [
                [
                    [
                        [6, 0, 0, 8, 0],
                        [0, 0, 0, 0, 0],
                        [10, 0, 0, 12, 0],
                        [0, 0, 0, 0, 0],
                    ],
                    [
                        [6, 0, 0, 8, 0],
                        [0, 0, 0, 0, 0],
                        [10, 0, 0, 12, 0],
                        [0, 0, 0, 0, 0],
                    ],
                ]
            ],
        },
        "In the window [[4, 4], [0, 1]] of the second channel the first 4 "
        "gets all of it. The fifth column is in no window.",
    )
    unchanged(x, after[1], "x")
    unchanged(grad, after[0], "grad")
    explain(
        submission.max_pool_gradient(
            np.arange(1.0, 13).reshape(1, 2, 2, 3), x, 3, 1
        ),
        [
            [
                [
                    [0, 0, 0, 5, 0],
                    [0, 0, 0, 0, 0],
                    [0, 10, 0, 0, 0],
                    [0, 0, 0, 0, 6],
                ],
                [
                    [0, 0, 0, 17, 0],
                    [0, 0, 40, 0, 0],
                    [0, 0, 0, 0, 0],
                    [0, 0, 0, 0, 0],
                ],
            ]
        ],
        "max_pool_gradient(grad, x, 3, stride=1)",
        {
            "a pixel that wins several windows got only what the last one "
            "sent. It gets the sum: += instead of "
            "=.": [
                [
                    [
                        [0, 0, 0, 3, 0],
                        [0, 0, 0, 0, 0],
                        [0, 5, 0, 0, 0],
                        [0, 0, 0, 0, 6],
                    ],
                    [
                        [0, 0, 0, 9, 0],
                        [0, 0, 12, 0, 0],
                        [0, 0, 0, 0, 0],
                        [0, 0, 0, 0, 0],
                    ],
                ]
            ],
            "a window overwrote what its neighbours had left: also the "
            "pixels that do not win were set. Add to the winner "
            "only.": [
                [
                    [
                        [0, 0, 0, 3, 0],
                        [0, 0, 0, 0, 0],
                        [0, 5, 0, 0, 0],
                        [0, 0, 0, 0, 6],
                    ],
                    [
                        [0, 0, 0, 9, 0],
                        [0, 0, 12, 0, 0],
                        [0, 0, 0, 0, 0],
                        [0, 0, 0, 0, 0],
                    ],
                ]
            ],
            "of equally large pixels the first one gets the gradient. "
            "Here another one did.": [
                [
                    [
                        [0, 0, 0, 3, 0],
                        [0, 0, 0, 0, 0],
                        [0, 12, 0, 0, 0],
                        [0, 0, 0, 0, 6],
                    ],
                    [
                        [0, 0, 0, 0, 0],
                        [0, 0, 57, 0, 0],
                        [0, 0, 0, 0, 0],
                        [0, 0, 0, 0, 0],
                    ],
                ]
            ],
        },
        "The 5 in row 2 of the first channel wins several windows.",
    )


@pytest.mark.task("pooling")
@pytest.mark.points(0.25)
def test_avg_pool(submission):
    """avg_pool_gradient: windows of 3 that overlap, and gaps between them"""
    grad = np.array([[[[9.0, 18], [27, 36]]], [[[0, 9], [18, 9]]]])
    with hints(POOL):
        result, after, _ = submission.call(
            "avg_pool_gradient", grad, (2, 1, 5, 6), 3, 2, echo=True
        )
    explain(
        result,
        [
            [
                [
                    [1, 1, 3, 2, 2, 0],
                    [1, 1, 3, 2, 2, 0],
                    [4, 4, 10, 6, 6, 0],
                    [3, 3, 7, 4, 4, 0],
                    [3, 3, 7, 4, 4, 0],
                ]
            ],
            [
                [
                    [0, 0, 1, 1, 1, 0],
                    [0, 0, 1, 1, 1, 0],
                    [2, 2, 4, 2, 2, 0],
                    [2, 2, 3, 1, 1, 0],
                    [2, 2, 3, 1, 1, 0],
                ]
            ],
        ],
        "avg_pool_gradient(grad, (2, 1, 5, 6), 3, stride=2)",
        {
            "each pixel got the whole gradient. A mean of 9 pixels gives "
            "each of them a ninth.": [
                [
                    [
                        [9, 9, 27, 18, 18, 0],
                        [9, 9, 27, 18, 18, 0],
                        [36, 36, 90, 54, 54, 0],
                        [27, 27, 63, 36, 36, 0],
                        [27, 27, 63, 36, 36, 0],
                    ]
                ],
                [
                    [
                        [0, 0, 9, 9, 9, 0],
                        [0, 0, 9, 9, 9, 0],
                        [18, 18, 36, 18, 18, 0],
                        [18, 18, 27, 9, 9, 0],
                        [18, 18, 27, 9, 9, 0],
                    ]
                ],
            ],
            "divided by 3. The window has 3 · 3 pixels.": [
                [
                    [
                        [3, 3, 9, 6, 6, 0],
                        [3, 3, 9, 6, 6, 0],
                        [12, 12, 30, 18, 18, 0],
                        [9, 9, 21, 12, 12, 0],
                        [9, 9, 21, 12, 12, 0],
                    ]
                ],
                [
                    [
                        [0, 0, 3, 3, 3, 0],
                        [0, 0, 3, 3, 3, 0],
                        [6, 6, 12, 6, 6, 0],
                        [6, 6, 9, 3, 3, 0],
                        [6, 6, 9, 3, 3, 0],
                    ]
                ],
            ],
            "where windows overlap, the later one overwrote the earlier: "
            "+= instead of =.": [
                [
                    [
                        [1, 1, 2, 2, 2, 0],
                        [1, 1, 2, 2, 2, 0],
                        [3, 3, 4, 4, 4, 0],
                        [3, 3, 4, 4, 4, 0],
                        [3, 3, 4, 4, 4, 0],
                    ]
                ],
                [
                    [
                        [0, 0, 1, 1, 1, 0],
                        [0, 0, 1, 1, 1, 0],
                        [2, 2, 1, 1, 1, 0],
                        [2, 2, 1, 1, 1, 0],
                        [2, 2, 1, 1, 1, 0],
                    ]
                ],
            ],
            "divided by stride².": [
                [
                    [
                        [2.25, 2.25, 6.75, 4.5, 4.5, 0.0],
                        [2.25, 2.25, 6.75, 4.5, 4.5, 0.0],
                        [9.0, 9.0, 22.5, 13.5, 13.5, 0.0],
                        [6.75, 6.75, 15.75, 9.0, 9.0, 0.0],
                        [6.75, 6.75, 15.75, 9.0, 9.0, 0.0],
                    ]
                ],
                [
                    [
                        [0.0, 0.0, 2.25, 2.25, 2.25, 0.0],
                        [0.0, 0.0, 2.25, 2.25, 2.25, 0.0],
                        [4.5, 4.5, 9.0, 4.5, 4.5, 0.0],
                        [4.5, 4.5, 6.75, 2.25, 2.25, 0.0],
                        [4.5, 4.5, 6.75, 2.25, 2.25, 0.0],
                    ]
                ],
            ],
            "the last column lies in no window, so its gradient is 0; but "
            "it has one.": [
                [
                    [
                        [1, 1, 3, 2, 2],
                        [1, 1, 3, 2, 2],
                        [4, 4, 10, 6, 6],
                        [3, 3, 7, 4, 4],
                        [3, 3, 7, 4, 4],
                    ]
                ],
                [
                    [
                        [0, 0, 1, 1, 1],
                        [0, 0, 1, 1, 1],
                        [2, 2, 4, 2, 2],
                        [2, 2, 3, 1, 1],
                        [2, 2, 3, 1, 1],
                    ]
                ],
            ],
        },
    )
    unchanged(grad, after[0], "grad")
    explain(
        submission.avg_pool_gradient(
            np.array([[[[4.0, 8], [16, -4]]]]), (1, 1, 4, 5), 2
        ),
        [
            [
                [
                    [1, 1, 2, 2, 0],
                    [1, 1, 2, 2, 0],
                    [4, 4, -1, -1, 0],
                    [4, 4, -1, -1, 0],
                ]
            ]
        ],
        "avg_pool_gradient(grad, (1, 1, 4, 5), 2)",
        {
            "where no stride is given it is the same as the size of the "
            "window.": [
                [
                    [
                        [1, 3, 2, 0, 0],
                        [5, 6, 1, 0, 0],
                        [4, 3, -1, 0, 0],
                        [0, 0, 0, 0, 0],
                    ]
                ]
            ],
        },
        "The fifth column is in no window.",
    )


# -------------------------------------------------------------------- network


def tiny_network():
    """Parameters, images and labels: small numbers of everything, all of
    them different.
    """
    rng = np.random.default_rng(6)
    parameters = {
        "F1": rng.normal(0, 0.5, (2, 1, 3, 3)),
        "b1": rng.normal(0, 0.3, 2),
        "F2": rng.normal(0, 0.4, (3, 2, 3, 3)),
        "b2": rng.normal(0, 0.3, 3),
        "W": rng.normal(0, 0.5, (4, 6)),
        "c": rng.normal(0, 0.3, 4),
    }
    # 10 x 14 -> 8 x 12 -> 4 x 6 -> 2 x 4 -> 1 x 2
    return (
        parameters,
        rng.normal(size=(5, 1, 10, 14)),
        np.array([3, 0, 1, 3, 2]),
    )


def tiny_loss(parameters, x, labels):
    """The loss of the network; its maps here have even sizes."""

    def layer(maps, name):
        weight, bias = parameters[f"F{name}"], parameters[f"b{name}"]
        windows = np.lib.stride_tricks.sliding_window_view(
            maps, weight.shape[2:], axis=(2, 3)
        )
        maps = np.einsum("ncijuv,mcuv->nmij", windows, weight)
        maps = np.maximum(maps + bias[:, None, None], 0)
        N, C, H, W = maps.shape
        return maps.reshape(N, C, H // 2, 2, W // 2, 2)

    maps = layer(layer(x, 1).max(axis=(3, 5)), 2).mean(axis=(3, 5))
    scores = maps.reshape(len(x), -1) @ parameters["W"].T + parameters["c"]
    scores -= scores.max(axis=1, keepdims=True)
    log_p = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(labels)), labels].mean()


def measured(parameters, x, labels, name, picks):
    """The slope of the loss along some numbers of one parameter."""

    def loss(value):
        value = value.reshape(parameters[name].shape)
        return tiny_loss({**parameters, name: value}, x, labels)

    flat = parameters[name].ravel()
    steps = 1e-5 * np.eye(len(flat))[picks]
    slopes = [loss(flat + step) - loss(flat - step) for step in steps]
    return np.array(slopes) / 2e-5


WHERE = {
    "W": "dW is Δ.T @ flat, with flat = p2 reshaped to (N, entries).",
    "c": "dc is the sum of Δ over the batch.",
    "b2": "On the way from the logits to z2: Δ @ W, reshaped to p2.shape; "
    "back through the average pooling to h2.shape; times (z2 > 0). Then add "
    "up for each map.",
    "F2": "The bias b2 is right, so the gradient of z2 is. The filters F2 "
    "were given p1, and their size is F2.shape[2:].",
    "b1": "All of the second layer is right. From the gradient of z2 on: "
    "input_gradient with F2 to p1.shape; max_pool_gradient with h1, which "
    "was pooled; times (z1 > 0).",
    "F1": "The bias b1 is right, so the gradient of z1 is. The filters F1 "
    "were given the images.",
}


def compare(submission, names):
    parameters, x, labels = tiny_network()
    with hints(
        {
            "broadcast": "Print the shapes. The gradient of a map has the "
            "shape of that map: reshape what comes back to flat into "
            'maps["p2"].shape.',
            "mismatch in its core dimension": "Δ is (N, K), W is (K, D), "
            "flat is (N, D): Δ @ W is (N, D) and Δ.T @ flat is (K, D).",
        }
    ):
        result, after, _ = submission.call(
            "network_gradients", parameters, x, labels, echo=True
        )
    loss, gradients = parts(result, ["loss", "gradients"])
    assert isinstance(gradients, dict), (
        "gradients should be a dictionary with the names of the parameters, "
        f"and it is {brief(gradients)}."
    )
    missing = [name for name in names if name not in gradients]
    assert not missing, (
        f"gradients has no entry {missing[0]!r}. Asked for are "
        f"{', '.join(parameters)}; there are "
        f"{', '.join(map(str, gradients)) or 'none'}."
    )
    for name in names:
        shape, got = parameters[name].shape, gradients[name]
        title = f"the gradient of {name}"
        if np.shape(got) != shape:
            explain(got, np.zeros(shape), title, hint=WHERE[name])
        picks = np.unique(np.linspace(0, np.prod(shape) - 1, 6).astype(int))
        right = measured(parameters, x, labels, name, picks)
        some = np.asarray(got, dtype=float).ravel()[picks]
        if np.allclose(some, right, rtol=1e-4, atol=1e-6):
            continue  # slopes are not exact
        explain(
            some,
            right,
            f"{title}, six of its numbers" if len(picks) == 6 else title,
            {
                "divided by the number of images once more. The loss is an "
                "average already, and Δ has that division in it.": right
                / len(labels),
                "multiplied by the number of images. Δ is that of the "
                "average already: add up, no more.": right * len(labels),
                "the sign is wrong.": -right,
            },
            f"That is the slope, measured. {WHERE[name]}",
        )
    unchanged(x, after[1], "x")
    for name, value in parameters.items():
        unchanged(value, after[0][name], name)
    explain(
        loss,
        tiny_loss(parameters, x, labels),
        "loss",
        hint="Return the loss that cross_entropy gave.",
    )


@pytest.mark.task("network")
@pytest.mark.points(0.25)
def test_last_layers(submission):
    """network_gradients: W, c, b2 and F2, compared with slopes"""
    compare(submission, ["W", "c", "b2", "F2"])


@pytest.mark.task("network")
@pytest.mark.points(0.25)
def test_first_layer(submission):
    """network_gradients: b1 and F1, compared with slopes"""
    compare(submission, ["b1", "F1"])
