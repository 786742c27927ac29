"""What `check("…")` runs in exercise 09. You may read this file: it shows
what is asked, with small inputs.

Every test compares your answer with the right one. When they differ, it
looks through what the usual mistakes lead to; if your answer is one of
those, it says which.
"""

import numpy as np
import pytest

from coursekit.grading import StudentError, Tensor
from coursekit.grading.explain import explain, hints, parts, unchanged

# The networks of these tests. They are built where your functions are.
NETWORKS = """
import torch
from torch import nn

def conv(weight, bias, **how):
    size = tuple(weight.shape[2:])
    layer = nn.Conv2d(weight.shape[1], weight.shape[0], size, **how)
    layer.weight.data, layer.bias.data = weight, bias
    return layer

def linear(weight, bias):
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.weight.data, layer.bias.data = weight, bias
    return layer

def norm():
    layer = nn.BatchNorm2d(1, eps=0)
    layer.running_mean[:], layer.running_var[:] = 1.0, 4.0
    return layer

def pool():
    return nn.MaxPool2d(2)

MADE = {"conv": conv, "linear": linear, "norm": norm, "pool": pool,
        "flatten": nn.Flatten, "relu": nn.ReLU,
        "inplace": lambda: nn.ReLU(inplace=True)}

def chain(*layers):
    return nn.Sequential(*[MADE[kind](*given) for kind, *given in layers])

def hooks(model):
    return sum(len(each._forward_hooks) + len(each._forward_pre_hooks)
               + len(each._backward_hooks) + len(each._backward_pre_hooks)
               for each in model.modules())

def modes(model):
    return [each.training for each in model.modules()]

def gradients(model):
    return [None if each.grad is None else each.grad.clone()
            for each in model.parameters()]

def statistics(model):
    return [each.clone() for each in model.buffers()]

def frozen_part(model):
    model.train()
    model[1].eval()
    return model
"""


def T(numbers):
    """A tensor, once it is there."""
    return Tensor(np.asarray(numbers, dtype=np.float32))


def ask(submission, name, *given, **options):
    return submission.define(name, NETWORKS)(*given, **options)


def chain(submission, *layers):
    return ask(submission, "chain", *layers, handle=True)


def no_trace(submission, model):
    """Fail if weights have got a gradient, or a hook is left."""
    if any(each is not None for each in ask(submission, "gradients", model)):
        pytest.fail(
            "Afterwards the weights of the network have gradients in .grad, "
            "and the next training step would use them. `backward()` fills "
            "them all; ask torch.autograd.grad(value, images) for the one "
            "you want."
        )
    if ask(submission, "hooks", model):
        pytest.fail(
            "A hook is still on the network after your function: every "
            "handle needs its remove(), best in a `finally:`."
        )


def is_a_gradient(got, name):
    """Fail if it is None, or a gradient that is still in its tuple."""
    if got is None:
        pytest.fail(
            f"{name} is None. A tensor has a .grad only if it asked for it "
            "before the network was called, with requires_grad_(), and was "
            "not computed from another one. Or is a `return` missing?"
        )
    if isinstance(got, (tuple, list)) and len(got) == 1:
        pytest.fail(
            f"{name} is a tuple. torch.autograd.grad returns one gradient "
            "for each tensor it is asked for: (gradient,) = "
            "torch.autograd.grad(...)."
        )


SCALAR = {
    "can be implicitly created only for scalar": "There is one number for "
    "each image. Their sum is one number, and its gradient holds those of "
    "all images, since none depends on another image.",
}


def returns_a_dictionary(got):
    if not isinstance(got, dict):
        pytest.fail(
            "feature_maps should return a dictionary, name -> output, but it "
            f"returned {type(got).__name__ if got is not None else None}."
        )


# -------------------------------------------------------------------- display


@pytest.mark.task("display")
@pytest.mark.points(0.25)
def test_pictures(submission):
    """as_pictures: two filters with two channels, and one of zeros"""
    filters = np.array(
        [
            [[[1.0, 2, -4]], [[0, -8, 3]]],
            [[[0.5, 0.25, 0]], [[1, 0.25, 0.5]]],
            [[[0, 0, 0]], [[0, 0, 0]]],
        ]
    )
    hint = "Between 0 and 1 means: not below, not above, and 0 becomes 0.5."
    low = filters.min(axis=(1, 2, 3), keepdims=True)
    high = filters.max(axis=(1, 2, 3), keepdims=True)
    spread = np.where(high > low, high - low, 1)
    channel = np.abs(filters).max(axis=(2, 3), keepdims=True)
    right = 0.5 + filters / np.array([16, 2, 1])[:, None, None, None]
    nothing = right.copy()
    nothing[2] = np.nan
    sent = T(filters)
    with np.errstate(all="ignore"):
        along_a_row = 0.5 + filters / (2 * np.array([8.0, 1, 0]))
    with hints(
        {
            "tuple": "max(dim=...) gives two things, values and indices; "
            "amax gives the values.",
            "must match the size": "Keep the axes over which you take the "
            "largest, with keepdim=True: (K, 1, 1, 1) fits (K, C, h, w).",
        }
    ):
        got, (seen,), _ = submission.call("as_pictures", sent, echo=True)
    explain(
        got,
        right,
        "as_pictures(filters)",
        {
            "the third filter is all zeros, and 0 / 0 is no number. It has "
            "to become 0.5 everywhere: divide it by something else.": nothing,
            "the scales of the three filters were put along the three "
            "columns. Keep the axes over which you take the largest: "
            "keepdim=True.": along_a_row,
            "each filter was stretched from its smallest to its largest "
            "number, and zero is no longer 0.5. Divide by the largest "
            "absolute value.": (filters - low) / spread,
            "one scale for all filters. Each has its own: the largest over "
            "the axes 1, 2 and 3, with keepdim=True.": 0.5 + filters / 16,
            "each channel has a scale of its own, so the colours of a filter "
            "no longer fit together. Take the largest over the channels, "
            "too.": 0.5 + filters / np.where(channel > 0, 2 * channel, 1),
            "the largest number is not the largest absolute value: the "
            "filter may be stronger on the negative "
            "side.": 0.5 + filters / np.where(high > 0, 2 * high, 1),
            "a half was not added: 0 must become 0.5.": right - 0.5,
            "the 2 is missing: from -1 ... 1 to a range of length 1.": 2
            * right
            - 0.5,
            "the signs are lost. What counts against must lie below "
            "0.5.": np.abs(right - 0.5) + 0.5,
        },
        hint,
    )
    unchanged(sent.array, seen, "filters")


# ----------------------------------------------------------------------- maps


@pytest.mark.task("maps")
@pytest.mark.points(0.25)
def test_maps(submission):
    """feature_maps: a network in training, with a ReLU that overwrites"""
    layers = [
        ("conv", T([[[[2.0]]]]), T([1.0])),
        ("norm",),
        ("inplace",),
        ("conv", T([[[[1.0]]], [[[-1.0]]]]), T([0.0, 3.0])),
    ]
    model = chain(submission, *layers)
    ask(submission, "frozen_part", model, handle=True)
    modes = ask(submission, "modes", model)
    statistics = ask(submission, "statistics", model)
    images = np.array([[[[-3.0, 1.5]]], [[[2.0, 0.0]]]])
    right = {
        "0": 2 * images + 1,
        "1": images,
        "2": np.maximum(images, 0),
        "3": np.concatenate(
            [np.maximum(images, 0), 3 - np.maximum(images, 0)], axis=1
        ),
    }
    said = {
        "requires grad": "Take a copy without its graph: "
        "output.detach().clone().",
        "missing 3 required": "register_forward_hook wants the function "
        "itself; in `keep(name)` it is called. Make a function that returns "
        "one, or use functools.partial.",
        "'str' object cannot": "`model.get_submodule(name)` gives a layer by "
        "its name, also one within another.",
        "not subscriptable": "`model.get_submodule(name)` gives a layer by "
        "its name, also one within another.",
    }
    with hints(said):
        got = submission.feature_maps(model, T(images), ["0", "1", "3"])
    returns_a_dictionary(got)
    if missing := {"0", "1", "3"} - set(got):
        pytest.fail(
            f"There is no output of layer {sorted(missing)[0]!r}. Is the "
            "hook registered before the network is called, and does each "
            "name have a function of its own?"
        )
    if more := set(got) - {"0", "1", "3"}:
        pytest.fail(
            f"There is an output {sorted(map(str, more))[0]!r} that was not "
            "asked for."
        )
    train = got["1"].shape == images.shape and not np.isclose(
        got["1"].mean(), right["1"].mean()
    )
    for name in ("0", "1", "3"):
        explain(
            got[name],
            right[name],
            f"the output of layer {name}",
            {
                "its negative numbers are gone: the ReLU behind it has "
                "written into it. Keep a copy made at once, with "
                "clone().": np.maximum(right[name], 0),
                "this is what went into the layer, not what it gave.": {
                    "0": images,
                    "1": right["0"],
                    "3": right["2"],
                }[name],
                "this is what the last layer gave. A function made in a loop "
                "sees the loop's variable as it is at the end; give each "
                "name a function of its own.": right["3"],
            },
            "The network has to be in evaluation mode while it runs."
            if train
            else "",
        )
    if ask(submission, "hooks", model):
        pytest.fail(
            "A hook is still on the network after your function. Keep the "
            "handles that register_forward_hook returns, and call remove() "
            "of each."
        )
    now = ask(submission, "modes", model)
    if now != modes:
        if not any(now):
            pytest.fail(
                "The network was in training mode, and after your function "
                "it is in evaluation mode."
            )
        pytest.fail(
            "Layer 1 was in evaluation mode within a network in training, "
            "and now it is in training, too. Note the mode of every module "
            "in model.modules(), and give each its own back."
        )
    for before, after in zip(
        statistics, ask(submission, "statistics", model), strict=True
    ):
        assert np.array_equal(before, after), (
            "The running mean of the batch normalisation has moved: the "
            "network ran in training mode."
        )


@pytest.mark.task("maps")
@pytest.mark.points(0)
def test_exception(submission):
    """feature_maps: a network that raises an exception"""
    model = chain(
        submission, ("conv", T([[[[2.0]]]]), T([1.0])), ("inplace",)
    )
    ask(submission, "frozen_part", model, handle=True)
    modes = ask(submission, "modes", model)
    two_channels = T(np.ones((1, 2, 1, 1)))
    try:
        submission.feature_maps(model, two_channels, ["0"])
    except StudentError as error:
        if error.kind == "NotImplementedError":
            raise
    else:
        pytest.fail(
            "The network raised an exception (two channels instead of one), "
            "but your function returned as if nothing had happened. Let it "
            "go on: try and finally, without except."
        )
    if ask(submission, "hooks", model):
        pytest.fail(
            "The network raised an exception, and a hook is still on it. "
            "What must happen in any case stands in a `finally:`."
        )
    assert ask(submission, "modes", model) == modes, (
        "The network raised an exception, and its modes are not as they "
        "were. What must happen in any case stands in a `finally:`."
    )


# -------------------------------------------------------------------- patches


@pytest.mark.task("patches")
@pytest.mark.points(0.25)
def test_strongest(submission):
    """strongest: five maps of 2 x 3, with equal values"""
    maps = np.array(
        [
            [[1.0, 4, 0], [0, 4, 2]],
            [[-7, -1, -2], [-3, -5, -4]],
            [[0, 6, 0], [0, 0, 5]],
            [[0, 0, 4], [0, 0, 0]],
            [[0, 0, 0], [9, 0, 8]],
        ]
    )
    sent = T(maps)
    said = {"out of range": "Places are counted within one map: row p // W."}
    with hints(said):
        got, (seen, _), _ = submission.call("strongest", sent, 4, echo=True)
    images, rows, columns = parts(got, ["images", "rows", "columns"])
    explain(
        images,
        [4, 2, 0, 3],
        "images",
        {
            "image 4 is there twice: its 9 and its 8. Only one place counts "
            "in each image.": [4, 4, 2, 2],
            "images 0 and 3 have the same value, 4; the smaller number "
            "comes first. topk promises no order for equal values, a stable "
            "sort does.": [4, 2, 3, 0],
            "the weakest come first.": [1, 0, 3, 2],
            "these are the right ones, but in the order of their numbers.": [
                0,
                2,
                3,
                4,
            ],
        },
    )
    explain(
        rows,
        [1, 0, 0, 0],
        "rows",
        {
            "in image 0 the value 4 is there twice; the first one counts, "
            "row by row.": [1, 0, 1, 0],
            "rows and columns are exchanged.": [0, 1, 1, 2],
            "a place is p * W + q, with W = 3 columns: the row is the place "
            "// W.": [1, 0, 0, 1],
            "these belong to the first images, not to the strongest.": [
                0,
                0,
                0,
                0,
            ],
        },
        "One for each of the k images in `images`.",
    )
    explain(
        columns,
        [0, 1, 1, 2],
        "columns",
        {
            "rows and columns are exchanged.": [1, 0, 0, 0],
            "a place is p * W + q, with W = 3 columns: the column is the "
            "rest, place % W.": [1, 1, 1, 0],
        },
    )
    unchanged(sent.array, seen, "maps")


@pytest.mark.task("patches")
@pytest.mark.points(0.25)
def test_cut(submission):
    """cut: at the corners of an image of 4 x 5, and in the middle"""
    image = np.arange(1.0, 41).reshape(2, 4, 5)
    sent = T(image)
    how = (3, 2, -1, 0.0)  # size, jump, first, fill
    said = {
        "expanded size": "The pixels that were cut out and the place for "
        "them in the patch have different shapes. Print both, for row 0 and "
        "for the last row.",
    }
    with hints(said):
        got, (seen, *_), _ = submission.call(
            "cut", sent, 1, 1, *how, echo=True
        )
    explain(
        got,
        image[:, 1:4, 1:4],
        "cut(image, 1, 1, 3, 2, -1)",
        {
            "the pixels begin at jump * i. Before the first unit's field "
            "there is `first`, and it is negative.": [
                [[13, 14, 15], [18, 19, 20], [0, 0, 0]],
                [[33, 34, 35], [38, 39, 40], [0, 0, 0]],
            ],
            "the jump is not used: neighbouring units see fields that lie "
            "`jump` pixels apart.": image[:, 0:3, 0:3],
        },
    )
    with hints(said):
        got = submission.cut(sent, 0, 2, *how)
    explain(
        got,
        [
            [[0, 0, 0], [4, 5, 0], [9, 10, 0]],
            [[0, 0, 0], [24, 25, 0], [29, 30, 0]],
        ],
        "cut(image, 0, 2, 3, 2, -1)",
        {
            "rows and columns are exchanged: the unit is in row 0, column "
            "2.": [
                [[0, 16, 17], [0, 0, 0], [0, 0, 0]],
                [[0, 36, 37], [0, 0, 0], [0, 0, 0]],
            ],
            "where the patch begins beyond the image, its pixels have moved "
            "to the edge. They stay at their place, and the fill is on the "
            "side that lies outside.": [
                [[4, 5, 0], [9, 10, 0], [0, 0, 0]],
                [[24, 25, 0], [29, 30, 0], [0, 0, 0]],
            ],
            "the border was repeated. Where there is no image there is "
            "`fill`.": [
                [[4, 5, 5], [4, 5, 5], [9, 10, 10]],
                [[24, 25, 25], [24, 25, 25], [29, 30, 30]],
            ],
            "beyond the last pixel the first ones came again, or before the "
            "first the last: a negative index counts from the end.": [
                [[19, 20, 0], [4, 5, 0], [9, 10, 0]],
                [[39, 40, 0], [24, 25, 0], [29, 30, 0]],
            ],
        },
        "Row 0 sees the rows -1 to 1, column 2 the columns 3 to 5 of "
        "columns 0 to 4.",
    )
    got = submission.cut(sent, 1, 1, 3, 2, 0)
    right = np.ones((2, 3, 3))
    right[:, :2] = image[:, 2:4, 2:5]
    explain(
        got,
        right,
        "cut(image, 1, 1, 3, 2, 0)",
        {"`fill` is not used: it is 1 here.": np.where(right == 1, 0, right)},
    )
    unchanged(sent.array, seen, "image")


# ---------------------------------------------------------------------- rules


@pytest.mark.task("rules")
@pytest.mark.points(0.25)
def test_rule(submission):
    """relu_back: eight numbers, each rule"""
    x = np.array([2.0, -1, 3, -2, 0, 0, 1, -1])
    g = np.array([-3.0, 4, 5, -6, 7, -8, 0, 0])
    right = {
        "gradient": np.array([-3.0, 0, 5, 0, 0, 0, 0, 0]),
        "deconvnet": np.array([0.0, 4, 5, 0, 7, 0, 0, 0]),
        "guided": np.array([0.0, 0, 5, 0, 0, 0, 0, 0]),
    }
    on, up = x > 0, g > 0
    masks = {"gradient": on, "deconvnet": up, "guided": on & up}
    for rule, answer in right.items():
        sent = T(x), T(g)
        got, seen, _ = submission.call("relu_back", *sent, rule, echo=True)
        others = {
            f"this is what the rule {other!r} hands on.": wrong
            for other, wrong in right.items()
            if other != rule
        }
        explain(
            got,
            answer,
            f"relu_back(x, g, {rule!r})",
            {
                **others,
                "where x is 0 nothing passes: x > 0, not x >= 0.": answer
                + np.where(x == 0, g, 0)
                * ((g > 0) if rule == "guided" else 1),
                "this is the way up, max(x, 0).": np.maximum(x, 0),
                "these are ones and zeros: g itself is handed on where it "
                "passes.": masks[rule],
                "g was multiplied by x.": answer * x,
            },
        )
        unchanged(sent[0].array, seen[0], "x")
        unchanged(sent[1].array, seen[1], "g")


LAYERS = (
    ("conv", T([[[[2.0, 1]]], [[[1, 2]]]]), T([0.0, 1])),
    ("relu",),
    ("pool",),
    (
        "conv",
        T([[[[3.0]], [[-1]]], [[[-2]], [[-1]]], [[[-1]], [[3]]]]),
        T([1.0, -1, 0]),
    ),
    ("relu",),
    (
        "conv",
        T(
            [
                [[[2.0, -2]], [[2, -2]], [[0, 2]]],
                [[[-1, 0]], [[-1, 2]], [[-1, 3]]],
            ]
        ),
        T([0.0, 0]),
    ),
)
IMAGES = [
    [[[4.0, 4, 4, 4, 7], [6, 6, 5, 4, 2]]],
    [[[7.0, 3, 1, 6, 1], [6, 4, 0, 0, 3]]],
]
BACK = {  # from unit 1
    "gradient": [
        [[[0, 0, 0, 3, 15], [-6, -6, 0, 0, 0]]],
        [[[-4, -2, 9, 12, -3], [-2, -4, 0, 0, 0]]],
    ],
    "deconvnet": [
        [[[0, 0, 0, 7, 14], [0, 0, 0, 0, 0]]],
        [[[0, 0, 7, 14, 0], [0, 0, 0, 0, 0]]],
    ],
    "guided": [
        [[[0, 0, 0, 9, 18], [0, 0, 0, 0, 0]]],
        [[[0, 0, 9, 18, 0], [0, 0, 0, 0, 0]]],
    ],
}
UNIT_0 = [
    [[[0, 0, 0, -8, 8], [10, 2, 0, 0, 0]]],
    [[[12, 6, 8, 0, -8], [-2, -4, 0, 0, 0]]],
]


@pytest.mark.task("rules")
@pytest.mark.points(0.25)
def test_project(submission):
    """project: two images, three convolutions, two ReLUs and a pooling"""
    model = chain(submission, *LAYERS)
    values = np.array([51.0, 22.0])[:, None, None, None]  # of unit 1
    said = {
        "does not require grad": "The gradient begins at what you ask for: "
        "the tensor needs requires_grad_() before the layer is called, and "
        "no torch.no_grad() around it.",
        "must match the size": "At a ReLU, x is what went into *that* ReLU "
        "on the way up: keep it there.",
        **SCALAR,
        "is a view and is being modified inplace": "A backward hook must not "
        "change its arguments; return a new tensor.",
    }
    for rule, right in BACK.items():
        sent = T(IMAGES)
        given = (model, sent, 1, 0, 0, rule)
        with hints(said):
            got, seen, _ = submission.call("project", *given, echo=True)
        is_a_gradient(got, f"project(model, images, 1, 0, 0, {rule!r})")
        right = np.array(right, float)
        mistakes = {
            f"this is what comes back by the rule {other!r}. Is the rule "
            "used at every ReLU, and by its name?": wrong
            for other, wrong in BACK.items()
            if other != rule
        }
        mistakes["it began with the value of the unit. Begin with 1."] = (
            right * values
        )
        mistakes["it is divided by the number of images."] = right / 2
        for axis, sizes in (((0,), "the images"), ((1, 2, 3), "an image")):
            mistakes[f"it is added up over {sizes}."] = right.sum(axis=axis)
        if rule == "gradient":
            mistakes["it began at unit 0, and unit 1 was asked for."] = UNIT_0
            mistakes["the signs are lost on the way."] = np.maximum(right, 0)
        explain(
            got,
            right,
            f"project(model, images, 1, 0, 0, {rule!r})",
            mistakes,
            "Go through the layers from the last to the first, and give each "
            "what went into it on the way up.",
        )
        unchanged(sent.array, seen[1], "images")
        no_trace(submission, model)


# --------------------------------------------------------------------- scores

FIRST = np.array([[1.0, -1, 2, 0], [0, 1, 1, -2], [2, 0, -1, 1]])
SECOND = np.array([[1.0, 2, -1], [0, -1, 3], [-2, 1, 1]])


@pytest.mark.task("scores")
@pytest.mark.points(0.25)
def test_saliency(submission):
    """saliency: two images and their classes, a network of two layers"""
    model = chain(
        submission,
        ("flatten",),
        ("linear", T(FIRST), T([0.0, 1.0, -1.0])),
        ("relu",),
        ("linear", T(SECOND), T([0.0, 0.5, 0.0])),
    )
    images = np.array([[[[1.0, 0], [1, 1]]], [[[1, 2], [0, 0.5]]]])
    classes = np.array([2, 0])
    inner = images.reshape(2, 4) @ FIRST.T + [0, 1, -1]
    scores = np.maximum(inner, 0) @ SECOND.T + [0, 0.5, 0]
    # Of every score, for every image: (2, 3, 1, 2, 2)
    every = np.einsum("km,nm,mi->nki", SECOND, inner > 0, FIRST)
    every = every.reshape(2, 3, 1, 2, 2)
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    mean = np.einsum("nk,nkcij->ncij", p, every)
    right = every[[0, 1], classes]
    own = p[[0, 1], classes][:, None, None, None]
    sent = T(images)
    said = {
        "does not require grad": "The images must ask for gradients: "
        "images.clone().requires_grad_(), before the network is called.",
        **SCALAR,
    }
    given = (model, sent, Tensor(classes))
    with hints(said):
        got, seen, _ = submission.call("saliency", *given, echo=True)
    is_a_gradient(got, "saliency(model, images, classes)")
    explain(
        got,
        right,
        "saliency(model, images, classes)",
        {
            "this is the gradient of the probability. Take the score, before "
            "the softmax.": own * (right - mean),
            "this is the gradient of the logarithm of the probability. Take "
            "the score.": right - mean,
            "this is the gradient of the loss. Take the score.": mean - right,
            "this is the gradient of the mean loss. Take the score.": (
                mean - right
            )
            / 2,
            "the scores of all classes were added up. Each image has one "
            "class that is asked for.": every.sum(axis=1),
            "the class of the first image was used for all.": every[:, 2],
            "for each image the scores of the classes of all images were "
            "added up: scores[:, classes] has a row and a column for each. "
            "Take scores[torch.arange(len(images)), "
            "classes].": every[:, 2] + every[:, 0],
            "this belongs to the class with the highest score, not to the "
            "one asked for.": every[[0, 1], scores.argmax(axis=1)],
            "it is divided by the number of images: add the scores up, "
            "without a mean.": right / 2,
            "the sign is lost. Absolute values are taken when it is "
            "drawn.": np.abs(right),
            "the sign is turned round: it is the score that counts, not a "
            "loss.": -right,
            "it is multiplied by the images.": right * images,
        },
        "The gradient of score k is made of the weights behind the units "
        "that are on.",
    )
    unchanged(sent.array, seen[1], "images")
    no_trace(submission, model)


@pytest.mark.task("scores")
@pytest.mark.points(0.25)
def test_occlusion(submission):
    """occlusion: a square of 2 x 2 over an image of 4 x 5, stride 2"""
    weight = np.stack([np.arange(40.0) % 7, np.arange(40.0) % 5 - 2])
    weight[0, :20] += 1
    sent_weight = T(weight)
    model = chain(
        submission,
        ("flatten",),
        ("linear", sent_weight, T([1.0, 2.0])),
    )
    image = (np.arange(40.0) % 9 - 2).reshape(2, 4, 5)
    pixels = weight.reshape(2, 2, 4, 5)

    def drops(class_=0, stride=2, fill=0.5, channels=slice(None), size=2):
        change = (pixels[class_] * (image - fill))[channels].sum(axis=0)
        return np.array(
            [
                [
                    change[i : i + size, j : j + size].sum()
                    for j in range(0, 5 - size + 1, stride)
                ]
                for i in range(0, 4 - size + 1, stride)
            ]
        )

    right, sent = drops(), T(image)
    score = (weight[0] * image.ravel()).sum() + 1
    given = (model, sent, 0, 2, 2, 0.5)
    with hints(
        {
            "shape mismatch": "The network takes a batch: image[None] is one "
            "of a single image.",
            "cannot be multiplied": "The network takes a batch: image[None] "
            "is one of a single image.",
        }
    ):
        got, seen, _ = submission.call("occlusion", *given, echo=True)
    explain(
        got,
        right,
        "occlusion(model, image, 0, size=2, stride=2, fill=0.5)",
        {
            "the sign is turned round: what the score *loses* is the score "
            "of the image minus that of the covered one.": -right,
            "these are the scores of the covered images. Subtract them from "
            "that of the image.": score - right,
            "the squares stay where they were: each place needs a new copy "
            "of the image.": np.cumsum(right).reshape(2, 2),
            "only the first channel was covered.": drops(channels=[0]),
            "the stride is not used.": drops(stride=1),
            "rows and columns are exchanged.": right.T,
            "this is the other class.": drops(class_=1),
            "the square was filled with 0, not with `fill`.": drops(fill=0),
            "the last column of places was left out: a square may touch the "
            "border. range(0, W - size + 1, stride)": right[:, :-1],
            "the numbers are right, but they should have the shape "
            "(rows, columns).": right.ravel(),
        },
        "Of 4 rows, squares begin in rows 0 and 2; of 5 columns, in columns "
        "0 and 2.",
    )
    unchanged(sent.array, seen[1], "image")
    no_trace(submission, model)


# --------------------------------------------------------------------- excite


@pytest.mark.task("excite")
@pytest.mark.points(0.25)
def test_roughness(submission):
    """roughness: two images with two channels of 2 x 3"""
    images = np.array(
        [
            [[[0.0, 1, 3], [2, 2, 5]], [[1, 1, 1], [4, 4, 4]]],
            [[[6, 0, 0], [0, 0, 0]], [[0, 2, 0], [0, 0, 0]]],
        ]
    )
    down, right = np.diff(images, axis=2), np.diff(images, axis=3)

    def total(*steps, power=2):
        each = [np.abs(step) ** power for step in steps]
        return sum(step.sum(axis=(1, 2, 3)) for step in each)

    answer = total(down, right)
    round_again = [np.roll(images, -1, axis) - images for axis in (2, 3)]
    sent = T(images)
    with hints(
        {
            "must match the size": "There is one row less of differences "
            "downwards, and one column less of those to the right. Add each "
            "kind up before you add the two.",
        }
    ):
        got, (seen,), _ = submission.call("roughness", sent, echo=True)
    explain(
        got,
        answer,
        "roughness(images)",
        {
            "only the differences downwards.": total(down),
            "only the differences to the right.": total(right),
            "the differences were not squared.": total(down, right, power=1),
            "the differences were added up with their signs.": down.sum(
                axis=(1, 2, 3)
            )
            + right.sum(axis=(1, 2, 3)),
            "the last pixel was compared with the first one: torch.roll goes "
            "round. Only pairs within the image count.": total(*round_again),
            "the images were added up. There is one number for each "
            "image.": answer.sum(),
            "this is the mean. Add up.": answer / 12,
            "only the first channel.": total(down[:, :1], right[:, :1]),
            "the square root was taken.": np.sqrt(answer),
        },
        "In the first image: downwards 4 + 1 + 4 and 9 + 9 + 9; to the right "
        "1 + 4 + 0 + 9 and 0.",
    )
    unchanged(sent.array, seen, "images")


@pytest.mark.task("excite")
@pytest.mark.points(0.25)
def test_excite(submission):
    """excite: two images, one step and three, without and with a price"""
    weight = np.array([[1.0, -1, 3, 1], [2, 2, 0, -4]])
    model = chain(
        submission, ("flatten",), ("linear", T(weight), T([0, 0.0]))
    )
    images = np.array(
        [[[[0.5, 0.5], [0.75, 0.25]]], [[[0, 0.125], [0.5, 1]]]]
    )
    up = weight[0].reshape(2, 2)
    sent = T(images)
    said = {
        "does not require grad": "The images must ask for gradients in every "
        "step: after `images.detach() + ...` call requires_grad_() again.",
        "NoneType": "The .grad of a tensor is None if it was computed from "
        "another one. Ask torch.autograd.grad(goal.sum(), images).",
        **SCALAR,
        "a leaf Variable that requires grad": "Do not change the images in "
        "place; a step makes new ones: images = (images.detach() + "
        "...).clamp(0, 1).",
    }
    with hints(said):
        got, (_, seen, *_), _ = submission.call(
            "excite", model, sent, 0, 1, 0.25, echo=True
        )
    p = np.exp(images.reshape(2, 4) @ weight.T)
    p = p[:, 0] / p.sum(axis=1)
    other = weight[1].reshape(2, 2)
    explain(
        got,
        np.clip(images + 0.25 * up / 1.5, 0, 1),
        "excite(model, images, 0, steps=1, step=0.25)",
        {
            "the score falls: go up, plus the gradient.": np.clip(
                images - 0.25 * up / 1.5, 0, 1
            ),
            "the result is not cut off at 0 and 1.": images + 0.25 * up / 1.5,
            "it is cut off below only.": np.maximum(
                images + 0.25 * up / 1.5, 0
            ),
            "the gradient is not divided by the mean of its absolute "
            "values.": np.clip(images + 0.25 * up, 0, 1),
            "the gradient is divided by its mean; take the mean of the "
            "absolute values.": np.clip(images + 0.25 * up, 0, 1),
            "the gradient is divided by its largest number. Take the mean of "
            "the absolute values.": np.clip(images + 0.25 * up / 3, 0, 1),
            "the gradient is divided by its length. Take the mean of the "
            "absolute values.": np.clip(images + 0.25 * up / 12**0.5, 0, 1),
            "only the signs of the gradient were used.": np.clip(
                images + 0.25 * np.sign(up), 0, 1
            ),
            "the probability rises, not the score: no softmax.": np.clip(
                images + 0.25 * (up - other) / np.abs(up - other).mean(),
                0,
                1,
            ),
            "this raises the scores of all classes.": np.clip(
                images + 0.25 * (up + other) / np.abs(up + other).mean(),
                0,
                1,
            ),
            "no step was taken. Does the tensor that moves ask for "
            "gradients?": images,
        },
        "The gradient is (1, -1, 3, 1) for both images, its mean absolute "
        "value 1.5.",
    )
    unchanged(sent.array, seen, "images")
    no_trace(submission, model)
    with hints(said):
        got = submission.excite(model, sent, 0, 3, 0.125, 2.0)
    explain(
        got,
        [
            [[[0.8125, 0.5625], [1, 0.8125]]],
            [[[0.55920151, 0.35724733], [0.84730348, 0.63875232]]],
        ],
        "excite(model, images, 0, 3, 0.125, penalty=2)",
        {
            "the price was not used.": [
                [[[0.75, 0.25], [1, 0.5]]],
                [[[0.25, 0], [1, 1]]],
            ],
            "roughness was rewarded: its price is subtracted.": [
                [[[0.42403148, 0.55599274], [1, 0]]],
                [[[0, 0], [0.84596237, 1]]],
            ],
            "the mean was taken over all images together. Each has its "
            "own.": [
                [[[0.74655766, 0.51735513], [1, 0.74655766]]],
                [[[0.67100545, 0.40540734], [0.90540734, 0.67100545]]],
            ],
            "the gradients of the steps before were added. Each step has its "
            "own: torch.autograd.grad gives it.": [
                [[[0.82575758, 0.34848485], [0.98106061, 0.95833333]]],
                [[[0.46724105, 0.34945941], [0.84124621, 0.53294667]]],
            ],
        },
        "Each step: the gradient of score minus penalty times roughness, at "
        "the images as they are now.",
    )
    no_trace(submission, model)
