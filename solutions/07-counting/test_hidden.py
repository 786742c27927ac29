"""Hidden tests of exercise 07. Students see the first line of each docstring
and whether the test passed, nothing else.

The right answers come from elsewhere than formulas wherever that is possible:
windows are laid on a line one after the other, weights are counted in arrays
that are made, fields are found by asking, layer by layer, who reads whom.
What hides mistakes is avoided: square maps, as many filters as channels,
strides of 1, "same" padding, one group, paths whose fields lie inside each
other.
"""

import numpy as np
import pytest

from coursekit.grading import StudentError
from coursekit.grading.explain import close


def conv(filters, kernel, stride=1, padding=0, dilation=1, groups=1, bias=0):
    return {
        "kind": "conv",
        "filters": filters,
        "kernel": kernel,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
        "bias": bool(bias),
    }


def pool(kernel, stride, padding=0, ceil=False):
    return {
        "kind": "pool",
        "kernel": kernel,
        "stride": stride,
        "padding": padding,
        "ceil": ceil,
    }


def linear(outputs, bias=True):
    return {"kind": "linear", "outputs": outputs, "bias": bias}


def meet(kind, *paths):
    return {"kind": kind, "paths": list(paths)}


NORM, RELU = {"kind": "norm"}, {"kind": "relu"}
MEAN, FLATTEN = {"kind": "mean"}, {"kind": "flatten"}


def refuses(submission, name, *given):
    with pytest.raises(StudentError) as caught:
        submission.call(name, *given)
    assert "ValueError" in caught.value.bases


# ---------------------------------------------------- what is right: shapes


def places(layer, n):
    """How many windows there are along n pixels: lay them down."""
    k, s, p = layer["kernel"], layer["stride"], layer["padding"]
    reach = layer.get("dilation", 1) * (k - 1) + 1
    count = 0
    while count * s - p + reach <= n + p:
        count += 1
    # One that hangs over the edge: only if pixels are left behind the last
    # window, and if it begins on the image.
    over = (count - 1) * s - p + reach < n + p
    if layer.get("ceil") and over and count * s - p < n:
        count += 1
    return count


def right_shape(layer, shape):
    kind = layer["kind"]
    if kind in ("conv", "pool"):
        rows, columns = (places(layer, n) for n in shape[1:])
        return (layer.get("filters", shape[0]), rows, columns)
    if kind == "mean":
        return (shape[0],)
    if kind == "flatten":
        return (np.zeros(shape).size,)
    return (layer["outputs"],) if kind == "linear" else shape


def right_counts(layer, before, after):
    kind, made = layer["kind"], np.zeros(after).size
    if kind == "norm":
        return [0, 2 * before[0], 2 * before[0], 0]
    if kind in ("relu", "flatten"):
        return [0, 0, 0, 0]
    if kind in ("pool", "mean"):
        return [made, 0, 0, 0]
    window = [layer["kernel"]] * 2 if kind == "conv" else []
    inputs = before[0] // layer.get("groups", 1)
    weights = np.zeros((after[0], inputs, *window))
    biases = np.zeros(after[0] if layer["bias"] else 0)
    work = weights[0].size * made
    return [made, weights.size + biases.size, 0, work]


def right_network(layers, shape):
    total = np.zeros(4)
    for layer in layers:
        if "paths" in layer:
            ends = [right_network(path, shape) for path in layer["paths"]]
            total = total + sum(counts for _, counts in ends)
            channels = [end[0] for end, _ in ends]
            together = sum(channels) if layer["kind"] == "concat" else None
            shape = (together or channels[0], *ends[0][0][1:])
        else:
            after = right_shape(layer, shape)
            total = total + right_counts(layer, shape, after)
            shape = after
    return shape, total


# ---------------------------------------------------------------------- shape


@pytest.mark.task("shape")
@pytest.mark.points(0.5)
def test_convolutions(submission):
    """output_shape of convolutions, also with strides beyond the window"""
    rng = np.random.default_rng(711)
    for _ in range(20):
        kernel, stride, dilation = (int(i) for i in rng.integers(1, 6, 3))
        padding = int(rng.integers(0, 4))
        groups = int(rng.integers(1, 4))
        channels, filters = (
            groups * int(i) for i in rng.permutation([2, 3, 5, 7])[:2]
        )
        least = max(1, dilation * (kernel - 1) + 1 - 2 * padding)
        height = least + int(rng.integers(0, 12))
        width = least + int(rng.integers(12, 30))
        layer = conv(filters, kernel, stride, padding, dilation, groups)
        shape = channels, height, width
        close(
            submission.output_shape(layer, shape), right_shape(layer, shape)
        )


@pytest.mark.task("shape")
@pytest.mark.points(0.25)
def test_pooling(submission):
    """output_shape of pooling, rounded down and up"""
    rng = np.random.default_rng(712)
    for kernel, stride, padding in ((3, 2, 1), (5, 3, 2), (2, 4, 1)):
        layer = pool(kernel, stride, padding, ceil=True)
        for shape in ((5, 6, 8), (4, 9, 7)):
            got = submission.output_shape(layer, shape)
            close(got, right_shape(layer, shape))
    for _ in range(9):
        kernel, stride = int(rng.integers(2, 6)), int(rng.integers(1, 7))
        padding = int(rng.integers(0, kernel // 2 + 1))
        shape = 5, int(rng.integers(6, 14)), int(rng.integers(14, 26))
        for ceil in (False, True):
            layer = pool(kernel, stride, padding, ceil)
            got = submission.output_shape(layer, shape)
            close(got, right_shape(layer, shape))


@pytest.mark.task("shape")
@pytest.mark.points(0.25)
def test_refused(submission):
    """output_shape of what cannot be built, and of what just can"""
    for n in range(4, 7):
        layer = conv(2, 4, stride=3, padding=1, dilation=2)  # reaches over 7
        for shape in ((3, n, 20), (3, 20, n)):
            if n < 5:
                refuses(submission, "output_shape", layer, shape)
            else:
                got = submission.output_shape(layer, shape)
                close(got, right_shape(layer, shape))
    refuses(submission, "output_shape", pool(3, 2), (4, 2, 9))
    for channels, filters, groups in ((12, 9, 6), (9, 12, 6), (8, 8, 3)):
        layer = conv(filters, 1, groups=groups)
        refuses(submission, "output_shape", layer, (channels, 5, 7))
    close(
        submission.output_shape(conv(12, 1, groups=6), (6, 5, 7)), (12, 5, 7)
    )
    refuses(submission, "output_shape", linear(4), (3, 2, 2))
    refuses(submission, "output_shape", linear(4), (3, 1, 1))
    for layer, shape in (
        (linear(4), (30,)),
        (NORM, (6, 3, 8)),
        (RELU, (11,)),
        (MEAN, (6, 3, 8)),
        (FLATTEN, (6, 3, 8)),
    ):
        close(
            submission.output_shape(layer, shape), right_shape(layer, shape)
        )


# ---------------------------------------------------------------------- layer


def random_convolution(rng):
    """A layer with the shapes before and behind it."""
    groups, k = int(rng.integers(1, 5)), int(rng.integers(2, 6))
    channels, filters = (
        groups * int(i) for i in rng.permutation([1, 2, 3, 5, 7])[:2]
    )
    stride, padding = int(rng.integers(2, 4)), int(rng.integers(0, 3))
    dilation = int(rng.integers(1, 3))
    bias = rng.integers(0, 2)
    layer = conv(filters, k, stride, padding, dilation, groups, bias)
    shape = channels, int(rng.integers(10, 16)), int(rng.integers(16, 28))
    return layer, shape, right_shape(layer, shape)


@pytest.mark.task("layer")
@pytest.mark.points(0.5)
def test_parameters(submission):
    """count_layer: parameters of convolutions, depthwise ones too"""
    rng = np.random.default_rng(721)
    given = [random_convolution(rng) for _ in range(10)]
    for bias in (False, True):
        layer = conv(14, 3, padding=1, groups=7, bias=bias)
        given.append((layer, (7, 5, 8), (14, 5, 8)))
    for layer, before, after in given:
        got = submission.count_layer(layer, before, after)
        close(got[1], right_counts(layer, before, after)[1])


@pytest.mark.task("layer")
@pytest.mark.points(0.5)
def test_work(submission):
    """count_layer: units and multiply-adds"""
    rng = np.random.default_rng(722)
    given = [random_convolution(rng) for _ in range(10)]
    given += [(linear(6, bias), (35,), (6,)) for bias in (False, True)]
    for layer, before, after in given:
        right = right_counts(layer, before, after)
        units, _, _, work = submission.count_layer(layer, before, after)
        close([units, work], [right[0], right[3]])


@pytest.mark.task("layer")
@pytest.mark.points(0.5)
def test_kinds(submission):
    """count_layer: all four numbers of the other kinds"""
    for layer, before, after in (
        (NORM, (7, 3, 5), (7, 3, 5)),
        (NORM, (13,), (13,)),
        (RELU, (7, 3, 5), (7, 3, 5)),
        (RELU, (13,), (13,)),
        (FLATTEN, (7, 3, 5), (105,)),
        (MEAN, (7, 3, 5), (7,)),
        (pool(2, 2), (7, 8, 5), (7, 4, 2)),
        (pool(3, 2, 1), (4, 9, 6), (4, 5, 3)),
        (linear(9), (22,), (9,)),
        (linear(22, bias=False), (9,), (22,)),
    ):
        got = submission.count_layer(layer, before, after)
        close(got, right_counts(layer, before, after))


# -------------------------------------------------------------------- network


def counted(submission, layers, shape):
    """Fails unless shape and counts are right, and the list is as it was."""
    (end, counts), after, _ = submission.call(
        "count_network", layers, shape, echo=True
    )
    right_end, right = right_network(layers, shape)
    close(end, right_end)
    close(counts, right)
    assert after[0] == layers


@pytest.mark.task("network")
@pytest.mark.points(0.25)
def test_rows(submission):
    """count_network: one layer behind the other"""
    stem = [conv(6, 3, padding=1), NORM, RELU, pool(2, 2)]
    counted(submission, stem, (3, 9, 14))
    head = [conv(4, 1, bias=True), MEAN, linear(7), RELU, linear(5)]
    counted(submission, [*stem, *head], (2, 12, 7))
    counted(submission, [*stem, FLATTEN, linear(3)], (1, 6, 11))
    counted(submission, [linear(8), NORM, RELU], (13,))
    counted(submission, [], (5, 4, 3))


@pytest.mark.task("network")
@pytest.mark.points(0.5)
def test_branches(submission):
    """count_network: paths side by side, added, and inside each other"""
    same = [conv(5, 3, padding=1), NORM, RELU]
    other = [conv(5, 1), NORM]
    shape = 5, 6, 9
    counted(submission, [meet("add", [], same)], shape)
    counted(submission, [meet("add", same, other, [])], shape)
    counted(submission, [meet("concat", [], same, [conv(2, 1)])], shape)
    grow = [meet("concat", [], [NORM, RELU, conv(3, 3, padding=1)])]
    counted(submission, [*grow * 3, NORM, MEAN, linear(4)], shape)
    halve = [conv(7, 3, stride=2, padding=1), NORM, conv(7, 1)]
    short = [conv(7, 1, stride=2), NORM]
    counted(submission, [meet("add", short, halve), RELU], shape)
    inside = meet("concat", [conv(2, 1)], [*same, meet("add", other, [])])
    deep = meet("add", [inside, conv(5, 1)], [meet("add", same, other)])
    counted(submission, [conv(5, 1), deep, NORM], shape)
    halves = meet("concat", [pool(2, 2)], [conv(4, 2, stride=2)])
    counted(submission, [halves, halves], (5, 12, 8))


@pytest.mark.task("network")
@pytest.mark.points(0.25)
def test_network_refused(submission):
    """count_network: paths that do not fit, and paths that do"""
    same = [conv(4, 3, padding=1)]
    counted(submission, [meet("add", same, same)], (4, 5, 8))
    counted(submission, [meet("concat", same, [conv(1, 1)])], (4, 5, 8))
    wide, low = [conv(4, 2, padding=1)], [conv(4, 3)]
    halve = [conv(4, 3, stride=2, padding=1)]
    slow, slower = ([conv(4, 3, stride, padding=1)] for stride in (4, 5))
    for kind, paths, shape in (
        ("add", ([], low), (4, 5, 8)),
        ("add", (same, same, wide), (4, 5, 8)),
        ("add", ([], halve), (4, 1, 2)),
        ("add", ([], [conv(1, 1)]), (4, 5, 8)),
        ("concat", ([], wide), (4, 5, 8)),
        ("concat", (same, halve), (4, 5, 8)),
        ("concat", (same, [], low), (4, 5, 8)),
        # One side agrees, the other does not.
        ("add", (slow, slower), (4, 5, 8)),
        ("add", (slow, slower), (4, 8, 5)),
        ("concat", (slow, slower), (4, 5, 8)),
        ("concat", (slow, slower), (4, 8, 5)),
    ):
        wrong = meet(kind, *paths)
        refuses(submission, "count_network", [wrong], shape)
        nested = meet("concat", [conv(4, 1), wrong], [])
        refuses(submission, "count_network", [nested], shape)


@pytest.mark.task("network")
@pytest.mark.points(0.5)
def test_batches(submission):
    """largest_batch for other networks, also where it fits exactly or not"""
    rng = np.random.default_rng(734)
    for _ in range(5):
        parameters, numbers = (int(i) for i in rng.integers(50, 5000, 2))
        images = int(rng.integers(0, 40))
        for optimiser, copies in (("sgd", 2), ("momentum", 3), ("adam", 4)):
            exact = 4 * (copies * parameters + images * numbers)
            for memory, right in (
                (exact, images),
                (exact - 1, max(images - 1, 0)),
                (exact + 4 * numbers - 1, images),
                (copies * parameters, 0),
            ):
                got = submission.largest_batch(
                    memory, parameters, numbers, optimiser
                )
                close(got, right)


# ---------------------------------------------------------------------- field


def readers(layers, units):
    """The pixels, on a line without ends, that some units depend on."""
    for layer in reversed(layers):
        if "paths" in layer:
            units = set().union(
                *(readers(path, units) for path in layer["paths"])
            )
        elif "kernel" in layer:
            s, p = layer["stride"], layer["padding"]
            d = layer.get("dilation", 1)
            units = {
                unit * s - p + d * t
                for unit in units
                for t in range(layer["kernel"])
            }
    return units


def right_field(layers):
    first, second = (readers(layers, {unit}) for unit in (0, 1))
    size = max(first) - min(first) + 1
    return size, min(second) - min(first), min(first)


def random_stack(rng, count):
    layers = []
    for _ in range(count):
        kernel, stride = int(rng.integers(1, 6)), int(rng.integers(1, 4))
        padding = int(rng.integers(0, 4))
        if rng.random() < 0.3:
            layers += [pool(kernel, stride, padding), NORM]
        else:
            dilation = int(rng.integers(1, 4))
            layers += [conv(4, kernel, stride, padding, dilation), RELU]
    return layers


@pytest.mark.task("field")
@pytest.mark.points(0.5)
def test_stacks(submission):
    """receptive_field of stacks with strides, padding and dilation"""
    rng = np.random.default_rng(741)
    for count in (1, 1, 2, 2, 3, 3, 4, 4, 5, 5):
        layers = random_stack(rng, count)
        close(submission.receptive_field(layers), right_field(layers))
    close(submission.receptive_field([]), [1, 1, 0])


@pytest.mark.task("field")
@pytest.mark.points(0.25)
def test_fields_meet(submission):
    """receptive_field where paths meet, inside each other too"""
    rng = np.random.default_rng(742)

    def level(count):  # a path that keeps the jump
        return [
            conv(4, int(rng.integers(1, 6)), padding=int(rng.integers(0, 5)))
            for _ in range(count)
        ]

    for kind, below in (("add", pool(2, 2)), ("concat", conv(4, 3, 3, 1))):
        for paths in (
            ([], level(2)),
            (level(1), level(1)),
            (level(2), [], level(1)),
            ([*level(1), meet("add", level(1), [])], level(2)),
            ([meet("concat", level(1), level(1), level(1))], []),
            ([conv(4, 3, 2, 1)], [pool(2, 2), *level(1)]),
        ):
            layers = [below, meet(kind, *paths), RELU, *level(1)]
            got = submission.receptive_field(layers)
            close(got, right_field(layers))


@pytest.mark.task("field")
@pytest.mark.points(0.25)
def test_jumps(submission):
    """receptive_field where the jumps of paths agree, and where not"""
    halve, twice = conv(4, 3, 2, 1), [conv(4, 3, 2, 1), conv(4, 1, 2)]
    for paths in (
        ([halve], [pool(2, 2)]),
        (twice, [conv(4, 5, 4, 2)]),
        ([halve], [RELU, conv(4, 1, 2)], [NORM, pool(3, 2)]),
    ):
        layers = [halve, meet("add", *paths), meet("concat", *paths)]
        close(submission.receptive_field(layers), right_field(layers))
    for paths in (
        ([halve], []),
        ([], [halve]),
        ([halve], twice),
        ([halve], [halve], [conv(4, 3, 1, 1)]),
        ([conv(4, 3, 3, 1)], [halve]),
    ):
        refuses(submission, "receptive_field", [meet("add", *paths)])
        inner = [meet("concat", *paths), RELU]
        layers = [halve, meet("add", inner, [RELU])]
        refuses(submission, "receptive_field", layers)


@pytest.mark.task("field")
@pytest.mark.points(0.5)
def test_pixels_seen(submission):
    """pixels_seen of other fields and units, at both edges"""
    rng = np.random.default_rng(744)
    for _ in range(9):
        size, jump, n = (int(i) for i in rng.integers(1, 12, 3))
        first = -int(rng.integers(0, size))
        units = (0, 1, (n - 1 - first) // jump)
        for unit in units:
            start = first + unit * jump
            right = [pixel for pixel in range(n) if 0 <= pixel - start < size]
            got = submission.pixels_seen((size, jump, first), unit, n)
            close(got, right)


# --------------------------------------------------------------------- unseen

KEYS = (
    "filters",
    "kernel",
    "stride",
    "padding",
    "dilation",
    "groups",
    "bias",
)


def written(layers):
    """A description as text, in which the order of paths does not count."""
    assert isinstance(layers, (list, tuple))
    words = []
    for layer in layers:
        assert isinstance(layer, dict)
        kind = layer["kind"]
        assert isinstance(kind, str)
        if kind == "conv":
            words.append((kind, *(int(layer[key]) for key in KEYS)))
        elif kind == "linear":
            words.append((kind, int(layer["outputs"]), bool(layer["bias"])))
        elif "paths" in layer:
            words.append((kind, *sorted(written(p) for p in layer["paths"])))
        else:
            words.append((kind,))
    return repr(words)


def right_block(channels, filters, stride, expansion):
    inner = channels * expansion
    deep = conv(inner, 3, stride, 1, groups=inner)
    path = [conv(inner, 1), NORM, RELU] * (expansion > 1)
    path = [*path, deep, NORM, RELU, conv(filters, 1), NORM]
    return (
        [meet("add", path, [])]
        if (stride, filters) == (1, channels)
        else path
    )


TABLE = ((1, 1, 16, 1), (6, 2, 24, 2), (6, 3, 32, 2), (6, 4, 64, 2))
TABLE += ((6, 3, 96, 1), (6, 3, 160, 2), (6, 1, 320, 1))


@pytest.mark.task("unseen")
@pytest.mark.points(0.5)
def test_blocks(submission):
    """inverted_residual for other channels, strides and expansions"""
    rng = np.random.default_rng(751)
    channels, filters = (int(i) for i in rng.permutation(range(2, 40))[:2])
    for expansion in (1, 2, 6):
        for stride in (1, 2):
            for ours in (channels, filters):
                given = channels, ours, stride, expansion
                got = submission.inverted_residual(*given)
                assert written(got) == written(right_block(*given))


@pytest.mark.task("unseen")
@pytest.mark.points(0.5)
def test_mobilenet(submission):
    """mobilenet_v2, layer by layer"""
    right, channels = [conv(32, 3, 2, 1), NORM, RELU], 32
    for expansion, blocks, filters, stride in TABLE:
        for number in range(blocks):
            now = stride if number < 1 else 1
            right += right_block(channels, filters, now, expansion)
            channels = filters
    right += [conv(1280, 1), NORM, RELU, MEAN, linear(365)]
    assert written(submission.mobilenet_v2(365)) == written(right)


# -------------------------------------------------------------------- measure


def ran(layers, weights, x):
    """Maps for one image (C, H, W), computed window by window."""
    for layer in layers:
        kind = layer["kind"]
        if kind == "relu":
            x = np.where(x > 0, x, 0)
        elif "paths" in layer:
            ends = [ran(path, weights, x) for path in layer["paths"]]
            x = np.sum(ends, axis=0) if kind == "add" else np.vstack(ends)
        else:
            p, s, d = (
                layer["padding"],
                layer["stride"],
                layer.get("dilation", 1),
            )
            k, empty = layer["kernel"], 0 if kind == "conv" else -np.inf
            high, wide = (places(layer, n) for n in x.shape[1:])
            around = np.full(np.add(x.shape, (0, 2 * p, 2 * p)), empty, float)
            around[:, p : p + x.shape[1], p : p + x.shape[2]] = x
            w = weights.pop(0) if kind == "conv" else None
            maps = np.zeros((len(x) if w is None else len(w), high, wide))
            for i, j in np.ndindex(high, wide):
                down = slice(i * s, i * s + d * (k - 1) + 1, d)
                across = slice(j * s, j * s + d * (k - 1) + 1, d)
                window = around[:, down, across]
                if w is None:
                    maps[:, i, j] = window.max(axis=(1, 2))
                else:
                    maps[:, i, j] = np.tensordot(w, window, axes=3)
            x = maps
    return x


def right_influence(layers, weights, image, unit, step):
    image = np.asarray(image, float)

    def value(x):
        return ran(layers, list(weights), x)[:, unit[0], unit[1]]

    moved, before = np.zeros(image.shape[1:]), value(image)
    for p, q in np.ndindex(*moved.shape):
        x = image.copy()
        x[:, p, q] += step
        moved[p, q] = np.abs(value(x) - before).sum()
    return moved


def measured(submission, layers, image, unit, step, rng, sparse=False):
    weights, channels = [], len(image)
    paths = [path for each in layers for path in each.get("paths", [[each]])]
    for layer in (each for path in paths for each in path):
        if layer["kind"] == "conv":
            k = layer["kernel"]
            w = rng.normal(size=(layer["filters"], channels, k, k))
            weights.append(w * (rng.random(w.shape) < 0.3) if sparse else w)
            channels = layer["filters"]
    got, after, _ = submission.call(
        "influence", layers, weights, image, unit, step, echo=True
    )
    assert np.array_equal(after[2], image)
    right = right_influence(layers, weights, image, unit, step)
    close(got, right, atol=1e-5)


@pytest.mark.task("measure")
@pytest.mark.points(0.5)
def test_influences(submission):
    """influence on other units, of images that are not square"""
    rng = np.random.default_rng(761)
    for layers, shape, unit in (
        ([conv(3, 3, padding=1)], (2, 3, 5), (1, 3)),
        ([conv(2, 2, stride=2), conv(3, 2)], (1, 4, 7), (0, 1)),
        ([conv(2, 3, dilation=2)], (3, 6, 5), (1, 0)),
        ([conv(4, 1)], (2, 3, 2), (2, 1)),
    ):
        image = rng.normal(size=shape)
        measured(submission, layers, image, unit, 1.5, rng)


@pytest.mark.task("measure")
@pytest.mark.points(0.25)
def test_silent_pixels(submission):
    """influence where pixels lose: rectifiers, pooling, weights of zero"""
    rng = np.random.default_rng(762)
    block = meet("add", [], [conv(2, 3, padding=1)])
    pooled = [conv(2, 3, padding=1), RELU, pool(2, 2)]
    for layers, shape, unit, step in (
        (pooled, (1, 5, 4), (1, 1), 0.7),
        (pooled, (1, 5, 4), (0, 1), -0.7),
        ([pool(3, 2, 1), conv(2, 2), RELU], (2, 3, 5), (0, 1), 0.9),
        ([block, RELU], (2, 4, 3), (3, 0), -0.9),
    ):
        image = rng.normal(size=shape)
        measured(submission, layers, image, unit, step, rng, sparse=True)


@pytest.mark.task("measure")
@pytest.mark.points(0.25)
def test_steps(submission):
    """influence of small and of negative steps, in single precision"""
    rng = np.random.default_rng(763)
    for step in (0.25, -3.0):
        image = rng.normal(size=(3, 3, 4)).astype(np.float32)
        layers = [conv(3, 2), RELU, conv(2, 2)]
        measured(submission, layers, image, (0, 1), step, rng)
