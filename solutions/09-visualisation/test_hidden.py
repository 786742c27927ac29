"""Hidden tests of exercise 09: other networks, other images, what the
descriptions say about the border and about what must stay as it was.

What is expected is computed here, in NumPy, from the numbers of the network:
`up` and `down` below know nothing of PyTorch. Weights and images are small
multiples of powers of two, so that float32 holds every sum exactly and no
rounding decides on which side of zero a number lies.
"""

from functools import cache

import numpy as np
import pytest

from coursekit.grading import Tensor
from coursekit.grading.explain import close

# ----------------------------------------------- networks, built in there

BUILD = '''
import torch
from torch import nn

def conv(weight, bias, stride, padding):
    layer = nn.Conv2d(
        weight.shape[1], weight.shape[0], tuple(weight.shape[2:]),
        stride, padding,
    )
    layer.weight.data, layer.bias.data = weight, bias
    return layer

def linear(weight, bias):
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.weight.data, layer.bias.data = weight, bias
    return layer

def norm(mean, variance):
    layer = nn.BatchNorm2d(len(mean), eps=0)
    layer.running_mean[:], layer.running_var[:] = mean, variance
    return layer

class Sum(nn.Module):  # a network that is no chain
    def __init__(self, left, right, after):
        super().__init__()
        self.arms = nn.ModuleDict({"left": left, "right": right})
        self.after = after
    def forward(self, x):
        return self.after(self.arms["left"](x) + self.arms["right"](x))

MADE = {
    "conv": conv, "linear": linear, "norm": norm, "relu": nn.ReLU,
    "inplace": lambda: nn.ReLU(inplace=True), "pool": nn.MaxPool2d,
    "flatten": nn.Flatten,
}

def build(layers, one_relu=False, frozen=False):
    made = [MADE[kind](*given) for kind, *given in layers]
    if one_relu:
        relu = nn.ReLU()
        made = [relu if type(each) is nn.ReLU else each for each in made]
    return nn.Sequential(*made).requires_grad_(not frozen).eval()

def add(left, right, after):
    return Sum(left, right, after).eval()

def training(model, *but):
    model.train()
    for name in but:
        model.get_submodule(name).eval()
    return model

def state(model):
    hooks = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks",
             "_backward_pre_hooks")
    return {
        "modes": [each.training for each in model.modules()],
        "hooks": sum(len(getattr(each, name))
                     for each in model.modules() for name in hooks),
        "numbers": [each.detach().clone()
                    for each in model.state_dict().values()],
        "wanted": [each.requires_grad for each in model.parameters()],
        "gradients": [None if each.grad is None else each.grad.clone()
                      for each in model.parameters()],
    }

def with_gradients(model):
    for number, each in enumerate(model.parameters()):
        each.grad = torch.full_like(each, number + 1.0)
    return model

def same(before, after):
    if isinstance(before, dict):
        return all(same(before[name], after[name]) for name in before)
    if isinstance(before, list):
        return len(before) == len(after) and all(map(same, before, after))
    if torch.is_tensor(before) and torch.is_tensor(after):
        return torch.equal(before, after)
    return before is after or type(before) is type(after) and before == after

def use(function, model, images, calls):
    """What comes of each call, and whether all is as it was."""
    before, kept = state(model), images.clone()
    results = [function(model, images, *rest) for rest in calls]
    whole = same(before, state(model)) and torch.equal(images, kept)
    bare = not images.requires_grad and images.grad is None
    graphs = any(each.requires_grad for result in results
                 if isinstance(result, dict) for each in result.values()
                 if torch.is_tensor(each))
    return results, whole and bare and not graphs

def each(function, first, calls):
    """What comes of each call; the first argument is the same."""
    kept = first.clone()
    results = [function(first, *rest) for rest in calls]
    return results, torch.equal(first, kept)

def trace_of_an_exception(function, model, *given):
    before = state(model)
    try:
        function(model, *given)
    except Exception:
        return "raised", same(before, state(model))
    return "nothing", same(before, state(model))
'''

KINDS = {
    "conv": lambda w, b, stride=1, padding=0: (
        tensor(w),
        tensor(b),
        stride,
        padding,
    ),
    "linear": lambda w, b: (tensor(w), tensor(b)),
    "norm": lambda mean, variance: (tensor(mean), tensor(variance)),
}


def tensor(numbers):
    numbers = np.asarray(numbers)
    whole = numbers.dtype.kind in "iub"
    return Tensor(numbers if whole else numbers.astype(np.float32))


def build(submission, layers, **options):
    sent = [
        (kind, *KINDS.get(kind, lambda *given: given)(*given))
        for kind, *given in layers
    ]
    return submission.define("build", BUILD)(sent, handle=True, **options)


def helper(submission, name):
    return submission.define(name, BUILD)


def use(submission, function, model, images, calls):
    """Call a function; it must leave network and images as they were."""
    results, unchanged = helper(submission, "use")(
        getattr(submission, function), model, tensor(images), calls
    )
    assert unchanged is True
    assert len(results) == len(calls)
    return results


def each(submission, function, first, calls):
    results, unchanged = helper(submission, "each")(
        getattr(submission, function), tensor(first), calls
    )
    assert unchanged is True
    assert len(results) == len(calls)
    return results


# -------------------------------------------- what comes out, in NumPy alone


def windows(x, size, stride):
    view = np.lib.stride_tricks.sliding_window_view(x, size, axis=(2, 3))
    return view[:, :, ::stride, ::stride]


def filled(weight, bias, stride=1, padding=0):
    return weight, bias, stride, padding


def up(layers, x):
    """What goes into each layer, and what comes out of the last."""
    given = []
    for kind, *how in layers:
        given.append(x)
        if kind == "conv":
            weight, bias, stride, p = filled(*how)
            x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
            view = windows(x, weight.shape[2:], stride)
            x = np.einsum("ncijuv,mcuv->nmij", view, weight)
            x = x + bias[:, None, None]
        elif kind in ("relu", "inplace"):
            x = np.maximum(x, 0)
        elif kind == "pool":
            x = windows(x, (how[0], how[0]), how[0]).max(axis=(4, 5))
        elif kind == "norm":
            mean, variance = (each[:, None, None] for each in how)
            x = (x - mean) / np.sqrt(variance)
        elif kind == "flatten":
            x = x.reshape(len(x), -1)
        elif kind == "linear":
            x = x @ how[0].T + how[1]
    return given, x


def down(layers, given, g, rule="gradient"):
    """What comes back, place by place."""
    for (kind, *how), x in zip(layers[::-1], given[::-1], strict=True):
        if kind == "conv":
            weight, _, stride, p = filled(*how)
            back = np.zeros_like(np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))))
            k_h, k_w = weight.shape[2:]
            for i, j in np.ndindex(*g.shape[2:]):
                rows = slice(i * stride, i * stride + k_h)
                columns = slice(j * stride, j * stride + k_w)
                back[:, :, rows, columns] += np.einsum(
                    "nm,mcuv->ncuv", g[:, :, i, j], weight
                )
            g = back[:, :, p : p + x.shape[2], p : p + x.shape[3]]
        elif kind in ("relu", "inplace"):
            here, there = x > 0, g > 0
            passes = {"gradient": here, "deconvnet": there}
            g = np.where(passes.get(rule, here & there), g, 0)
        elif kind == "pool":
            back, k = np.zeros_like(x), how[0]
            for n, c, i, j in np.ndindex(*g.shape):
                window = x[n, c, i * k : i * k + k, j * k : j * k + k]
                u, v = divmod(int(window.argmax()), k)
                back[n, c, i * k + u, j * k + v] = g[n, c, i, j]
            g = back
        elif kind == "flatten":
            g = g.reshape(x.shape)
        elif kind == "linear":
            g = g @ how[0]
    return g


def grid(rng, *shape, unit=8):
    """Numbers between -1 and 1 that are multiples of 1 / unit."""
    return rng.integers(-unit, unit + 1, shape) / unit


def conv(rng, out, into, size, *how):
    return ("conv", grid(rng, out, into, *size), grid(rng, out), *how)


# -------------------------------------------------------------------- display


@pytest.mark.task("display")
@pytest.mark.points(0.25)
def test_pictures(submission):
    """as_pictures for other filters, large and small"""
    rng = np.random.default_rng(901)
    for shape in ((4, 3, 5, 5), (2, 1, 3, 7), (1, 4, 2, 2)):
        for scale in (1e-3, 1, 300):
            filters = rng.normal(size=shape) * scale
            largest = np.abs(filters).max(axis=(1, 2, 3), keepdims=True)
            right = 0.5 + filters / largest / 2
            close(submission.as_pictures(tensor(filters)), right)


@pytest.mark.task("display")
@pytest.mark.points(0.25)
def test_grey(submission):
    """as_pictures of filters with one sign only, and of filters of zeros"""
    rng = np.random.default_rng(902)
    filters = rng.normal(size=(4, 2, 3, 4))
    filters[0] = np.abs(filters[0])
    filters[1] = -np.abs(filters[1])
    filters[2] = 0
    largest = np.abs(filters).max(axis=(1, 2, 3), keepdims=True)
    right = 0.5 + filters / np.where(largest > 0, largest, 1) / 2
    sent = tensor(filters)
    got, (seen,), _ = submission.call("as_pictures", sent, echo=True)
    close(got, right)
    assert np.array_equal(seen, sent.array)


# ----------------------------------------------------------------------- maps


def chain(rng):
    return [
        conv(rng, 3, 2, (3, 2), 1, 1),
        ("norm", grid(rng, 3), np.array([0.25, 1.0, 4.0])),
        ("inplace",),
        ("pool", 2),
        conv(rng, 2, 3, (1, 2)),
        ("inplace",),
    ]


def given_by(layers, images):
    """What each layer of a chain gives, by its name."""
    given, last = up(layers, images)
    outputs = [*given[1:], last]
    return {str(number): each for number, each in enumerate(outputs)}


@pytest.mark.task("maps")
@pytest.mark.points(0.5)
def test_maps(submission):
    """feature_maps of layers in chains, also before a ReLU that overwrites"""
    rng = np.random.default_rng(911)
    for shape in ((2, 2, 6, 9), (1, 2, 5, 4)):
        layers = chain(rng)
        model = build(submission, layers)
        images = grid(rng, *shape)
        right = given_by(layers, images)
        asked = (["0", "1", "3"], ["4"], ["5", "2"], sorted(right))
        calls = [(names,) for names in asked]
        results = use(submission, "feature_maps", model, images, calls)
        for names, got in zip(asked, results, strict=True):
            assert set(got) == set(names)
            for name in names:
                close(got[name], right[name])


@pytest.mark.task("maps")
@pytest.mark.points(0.25)
def test_maps_inside(submission):
    """feature_maps of layers within layers, where the network branches"""
    rng = np.random.default_rng(912)
    left = [conv(rng, 2, 1, (1, 1)), ("inplace",)]
    right = [("relu",), conv(rng, 2, 1, (1, 1))]
    arms = [build(submission, each) for each in (left, right)]
    after = [("inplace",), conv(rng, 1, 2, (2, 2))]
    model = helper(submission, "add")(
        *arms, build(submission, after), handle=True
    )
    images = grid(rng, 3, 1, 4, 5)
    maps = {
        f"arms.{arm}.{name}": each
        for arm, layers in (("left", left), ("right", right))
        for name, each in given_by(layers, images).items()
    }
    total = maps["arms.left.1"] + maps["arms.right.1"]
    maps |= {
        f"after.{name}": each for name, each in given_by(after, total).items()
    }
    calls = [(sorted(maps),)]
    (got,) = use(submission, "feature_maps", model, images, calls)
    assert set(got) == set(maps)
    for name, right in maps.items():
        close(got[name], right)


@pytest.mark.task("maps")
@pytest.mark.points(0.5)
def test_maps_modes(submission):
    """feature_maps of a network in training, of which a part is not"""
    rng = np.random.default_rng(913)
    layers = [*chain(rng), ("norm", grid(rng, 2), np.array([1.0, 0.25]))]
    images = grid(rng, 4, 2, 4, 5)
    right = given_by(layers, images)
    training = helper(submission, "training")
    for frozen in ([], ["1"], ["6", "2"]):
        model = build(submission, layers)
        model = training(model, *frozen, handle=True)
        calls = [(["1", "6"],)]
        (got,) = use(submission, "feature_maps", model, images, calls)
        for name in ("1", "6"):
            close(got[name], right[name])


@pytest.mark.task("maps")
@pytest.mark.points(0.25)
def test_maps_after_an_exception(submission):
    """feature_maps leaves no trace when the network raises an exception"""
    rng = np.random.default_rng(914)
    layers = chain(rng)
    model = build(submission, layers)
    model = helper(submission, "training")(model, "1", handle=True)
    helper(submission, "with_gradients")(model, handle=True)
    wrong = tensor(grid(rng, 1, 2, 2, 1))  # too small for the pooling
    happened, unchanged = helper(submission, "trace_of_an_exception")(
        submission.feature_maps, model, wrong, ["0", "3"]
    )
    assert happened == "raised"
    assert unchanged is True
    images = grid(rng, 2, 2, 4, 4)
    (got,) = use(submission, "feature_maps", model, images, [(["0"],)])
    close(got["0"], given_by(layers, images)["0"])


# -------------------------------------------------------------------- patches


def right_places(maps, k):
    found = []
    for n, each in enumerate(maps):
        i, j = divmod(int(each.argmax()), maps.shape[2])
        found.append((-each[i, j], n, i, j))
    return np.array([each[1:] for each in sorted(found)[:k]]).T


def same_places(got, maps, k):
    assert len(got) == 3
    for ours, theirs in zip(right_places(maps, k), got, strict=True):
        close(theirs, ours)


@pytest.mark.task("patches")
@pytest.mark.points(0.5)
def test_strongest(submission):
    """strongest for other maps, also of negative numbers"""
    rng = np.random.default_rng(921)
    for shape, k in (((9, 4, 7), 4), ((3, 5, 2), 3), ((1, 3, 3), 1)):
        for shift in (0, -9):
            maps = rng.normal(shift, 1, shape).astype(np.float32)
            sent = tensor(maps)
            got, (seen, _), _ = submission.call(
                "strongest", sent, k, echo=True
            )
            same_places(got, maps, k)
            assert np.array_equal(seen, maps)


@pytest.mark.task("patches")
@pytest.mark.points(0.25)
def test_strongest_ties(submission):
    """strongest where values are equal, also where all are"""
    rng = np.random.default_rng(922)
    maps = np.maximum(rng.integers(-9, 3, (60, 3, 4)), 0) / 1.0
    for k in (1, 17, 60):
        same_places(submission.strongest(tensor(maps), k), maps, k)
    zeros = np.zeros((40, 2, 3))
    same_places(submission.strongest(tensor(zeros), 12), zeros, 12)


def right_patch(image, row, column, size, jump, first, fill=1.0):
    patch = np.full((len(image), size, size), float(fill))
    for u, v in np.ndindex(size, size):
        p, q = first + jump * row + u, first + jump * column + v
        if 0 <= p < image.shape[1] and 0 <= q < image.shape[2]:
            patch[:, u, v] = image[:, p, q]
    return patch


@pytest.mark.task("patches")
@pytest.mark.points(0.5)
def test_cut(submission):
    """cut from images that are not square, inside and at every border"""
    rng = np.random.default_rng(923)
    image = rng.normal(size=(3, 9, 12)).astype(np.float32)
    calls = [(1, 2, 3, 2, 1)]
    for size, jump, first in ((3, 2, -1), (5, 3, -2), (2, 1, 0), (4, 4, 1)):
        last = [(side - 1 - first) // jump for side in image.shape[1:]]
        for row, column in ((0, 1), (1, 0), (last[0], 1), (1, last[1]), last):
            calls.append((row, column, size, jump, first, 0.25))
    results = each(submission, "cut", image, calls)
    for how, got in zip(calls, results, strict=True):
        close(got, right_patch(image, *how))


@pytest.mark.task("patches")
@pytest.mark.points(0.25)
def test_cut_more_than_the_image(submission):
    """cut of patches that are larger than the image"""
    rng = np.random.default_rng(924)
    for shape, size, first in (
        ((1, 4, 3), 9, -3),
        ((2, 3, 6), 8, -4),
        ((3, 5, 5), 34, -15),
    ):
        image = rng.normal(size=shape)
        calls = [
            (row, column, size, 2, first, -1.0)
            for row, column in ((0, 0), (1, 0), (0, 1))
        ]
        results = each(submission, "cut", image, calls)
        for how, got in zip(calls, results, strict=True):
            close(got, right_patch(image, *how))


# ---------------------------------------------------------------------- rules

RULES = ("gradient", "deconvnet", "guided")


@pytest.mark.task("rules")
@pytest.mark.points(0.5)
def test_rule(submission):
    """relu_back for other numbers and shapes, zeros among them"""
    rng = np.random.default_rng(931)
    for shape in ((40,), (2, 3, 4, 5)):
        x, g = rng.integers(-2, 3, (2, *shape)) / 2
        for rule in RULES:
            right = down([("relu",)], [x], g, rule)
            got, seen, _ = submission.call(
                "relu_back", tensor(x), tensor(g), rule, echo=True
            )
            close(got, right)
            assert np.array_equal(seen[0], x)
            assert np.array_equal(seen[1], g)


def ways_back(layers, images, places):
    """Arguments of project for all rules, and what should come of them."""
    given, top = up(layers, images)
    calls, rights = [], []
    for rule in RULES:
        for place in places:
            start = np.zeros_like(top)
            start[:, place[0], place[1], place[2]] = 1
            calls.append((*place, rule))
            rights.append(down(layers, given, start, rule))
    return layers, images, calls, rights


def compare(submission, function, cases, **options):
    for layers, images, calls, rights in cases:
        model = build(submission, layers, **options)
        results = use(submission, function, model, images, calls)
        for got, right in zip(results, rights, strict=True):
            close(got, right)


@cache
def strides():
    rng = np.random.default_rng(932)
    layers = [
        conv(rng, 4, 2, (3, 3), 2, 1),
        ("relu",),
        conv(rng, 3, 4, (2, 3), 1, 1),
        ("relu",),
        conv(rng, 3, 3, (2, 2), 2),
    ]
    images = grid(rng, 3, 2, 8, 11)
    return [
        ways_back(layers, images, [(0, 0, 0), (2, 1, 2)]),
        ways_back(layers[:2], images[:1], [(3, 3, 5), (0, 2, 0)]),
    ]


@pytest.mark.task("rules")
@pytest.mark.points(0.5)
def test_project(submission):
    """project through convolutions with stride and padding, all rules"""
    compare(submission, "project", strides())


@cache
def poolings():
    rng = np.random.default_rng(933)
    layers = [
        conv(rng, 3, 1, (2, 2)),
        ("relu",),
        ("pool", 2),
        conv(rng, 2, 3, (2, 2), 1, 1),
        ("relu",),
        ("pool", 3),
    ]
    images = grid(rng, 2, 1, 10, 14, unit=2)
    flat = np.zeros((1, 1, 10, 14))  # all windows are ties
    return [
        ways_back(layers, images, [(0, 0, 0), (1, 0, 1)]),
        ways_back(layers, flat, [(1, 0, 0)]),
        ways_back([("pool", 2)], images, [(0, 4, 6)]),
    ]


@pytest.mark.task("rules")
@pytest.mark.points(0.5)
def test_project_pooling(submission):
    """project through poolings with equal maxima and a rest, all rules"""
    compare(submission, "project", poolings())


@cache
def one_relu():
    rng = np.random.default_rng(934)
    layers = [
        ("relu",),
        conv(rng, 3, 2, (1, 1)),
        ("relu",),
        conv(rng, 3, 3, (2, 1)),
        ("relu",),
    ]
    images = grid(rng, 2, 2, 4, 3)
    _, top = up(layers, images)
    assert (top == 0).any()
    places = [(unit, row, 1) for unit in range(3) for row in (0, 2)]
    return [ways_back(layers, images, places)]


@pytest.mark.task("rules")
@pytest.mark.points(0.25)
def test_project_one_relu(submission):
    """project where one ReLU stands at several places; units that are off"""
    compare(submission, "project", one_relu(), one_relu=True)


# --------------------------------------------------------------------- scores


def classifier(rng, shape, classes=4):
    layers = [conv(rng, 3, shape[1], (3, 2), 1, 1), ("relu",), ("pool", 2)]
    layers += [conv(rng, 4, 3, (2, 2)), ("inplace",), ("flatten",)]
    _, top = up(layers, np.zeros(shape))
    weight, bias = grid(rng, classes, top.shape[1]), grid(rng, classes)
    return [*layers, ("linear", weight, bias)]


def right_saliency(layers, images, classes):
    given, scores = up(layers, images)
    return down(layers, given, np.eye(scores.shape[1])[classes])


@cache
def scores():
    rng = np.random.default_rng(941)
    cases = []
    for shape in ((4, 2, 6, 8), (1, 3, 7, 5), (2, 1, 5, 6)):
        layers = classifier(rng, shape)
        images, classes = grid(rng, *shape), rng.integers(0, 4, shape[0])
        right = right_saliency(layers, images, classes)
        cases.append((layers, images, classes, right))
    return cases


@pytest.mark.task("scores")
@pytest.mark.points(0.5)
def test_saliency(submission):
    """saliency: for each image the score of its own class"""
    for layers, images, classes, right in scores():
        model = build(submission, layers)
        got = submission.saliency(model, tensor(images), tensor(classes))
        close(got, right)


@pytest.mark.task("scores")
@pytest.mark.points(0.25)
def test_saliency_leaves_no_trace(submission):
    """saliency changes no gradient of a weight, and works for frozen ones"""
    layers, images, classes, right = scores()[0]
    calls = [(tensor(classes),)] * 2
    for frozen in (False, True):
        model = build(submission, layers, frozen=frozen)
        for prepare in (None, "with_gradients"):
            if prepare:
                helper(submission, prepare)(model, handle=True)
            for got in use(submission, "saliency", model, images, calls):
                close(got, right)


@cache
def squares():
    rng = np.random.default_rng(943)
    cases = []
    for shape, size, stride, fill in (
        ((2, 7, 9), 3, 2, 0.5),
        ((1, 6, 5), 2, 1, 0.0),
        ((3, 5, 8), 5, 3, -1.0),
        ((2, 6, 6), 2, 3, 0.25),
    ):
        layers = classifier(rng, (1, *shape))
        image, class_ = grid(rng, *shape), int(rng.integers(4))
        _, height, width = shape
        tops = range(0, height - size + 1, stride)
        lefts = range(0, width - size + 1, stride)
        covered = [image]
        for top in tops:
            for left in lefts:
                covered.append(image.copy())
                part = covered[-1][:, top : top + size, left : left + size]
                part[:] = fill
        score = up(layers, np.array(covered))[1][:, class_]
        right = (score[0] - score[1:]).reshape(len(tops), len(lefts))
        calls = [(class_, size, stride, fill)]
        cases.append((layers, image, calls, [right]))
    return cases


@pytest.mark.task("scores")
@pytest.mark.points(0.5)
def test_occlusion(submission):
    """occlusion for other squares, strides and images"""
    compare(submission, "occlusion", squares())
    layers, image, *_ = squares()[-1]
    model = build(submission, layers)
    assert submission.occlusion(model, tensor(image), 1, 5).shape == (2, 2)


# --------------------------------------------------------------------- excite


def right_roughness(images):
    total = np.zeros(len(images))
    for n, c, i, j in np.ndindex(*images.shape):
        for p, q in ((i + 1, j), (i, j + 1)):
            if p < images.shape[2] and q < images.shape[3]:
                step = images[n, c, p, q] - images[n, c, i, j]
                total[n] += step**2
    return total


@pytest.mark.task("excite")
@pytest.mark.points(0.25)
def test_roughness(submission):
    """roughness of other images, also of a single row"""
    rng = np.random.default_rng(951)
    for shape in ((3, 2, 5, 4), (1, 3, 2, 7), (2, 1, 1, 6), (2, 2, 3, 1)):
        images = rng.normal(size=shape)
        close(submission.roughness(tensor(images)), right_roughness(images))


def slope_of_roughness(x):
    slope = np.zeros_like(x)
    for axis in (2, 3):
        step = 2 * np.diff(x, axis=axis)
        ends = [(0, 0)] * 4
        ends[axis] = (1, 0)
        later = np.pad(step, ends)
        ends[axis] = (0, 1)
        slope += later - np.pad(step, ends)
    return slope


def right_course(layers, x, class_, steps, step, penalty):
    for _ in range(steps):
        given, scores = up(layers, x)
        start = np.zeros_like(scores)
        start[:, class_] = 1
        g = down(layers, given, start) - penalty * slope_of_roughness(x)
        size = np.abs(g).mean(axis=(1, 2, 3), keepdims=True)
        x = np.clip(x + step * g / np.where(size > 0, size, 1), 0, 1)
    return x


@cache
def courses():
    rng = np.random.default_rng(952)
    cases = []
    for shape, steps, step, penalty in (
        ((3, 2, 6, 8), 1, 0.25, 0.0),
        ((1, 3, 5, 6), 4, 0.125, 0.0),
        ((2, 1, 6, 7), 4, 0.0625, 0.5),
        ((2, 2, 7, 5), 2, 0.5, 2.0),
    ):
        layers = classifier(rng, shape)
        images = rng.integers(2, 15, shape) / 16
        calls = [(class_, steps, step, penalty) for class_ in (0, 3)]
        rights = [right_course(layers, images, *how) for how in calls]
        cases.append((layers, images, calls, rights))
    return cases


@pytest.mark.task("excite")
@pytest.mark.points(0.5)
def test_excite(submission):
    """excite with and without a price, for one image and for several"""
    for layers, images, calls, rights in courses():
        model = build(submission, layers)
        helper(submission, "with_gradients")(model, handle=True)
        results = use(submission, "excite", model, images, calls)
        for got, right in zip(results, rights, strict=True):
            close(got, right, rtol=1e-4, atol=1e-5)


@pytest.mark.task("excite")
@pytest.mark.points(0.25)
def test_excite_nothing_to_do(submission):
    """excite where the gradient is zero, beside images where it is not"""
    rng = np.random.default_rng(953)
    weight = np.abs(grid(rng, 1, 1, 2, 2)) + 0.125
    layers = [("conv", weight, np.array([-1.0])), ("relu",), ("flatten",)]
    layers.append(("linear", np.ones((2, 12)), np.zeros(2)))
    images = np.zeros((3, 1, 4, 5))
    images[1] = rng.integers(8, 16, (4, 5)) / 16
    assert up(layers, images)[1][1, 0] > 0
    model = build(submission, layers)
    right = right_course(layers, images, 1, 3, 0.125, 0.0)
    assert np.array_equal(right[0], images[0])
    calls = [(1, 3, 0.125), (0, 0)]
    got, same = use(submission, "excite", model, images, calls)
    close(got, right, rtol=1e-4, atol=1e-5)
    close(same, images)
