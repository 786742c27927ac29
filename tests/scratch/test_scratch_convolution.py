"""Convolution and transposed convolution: PyTorch, the plain loops, worked numbers, and layers."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from oracle import TOLERANCE, arrays, assert_agrees, assert_close, dtypes, layouts, seeds

from coursekit.scratch import Tensor, kernels, manual_seed, nn
from coursekit.scratch import functional as F
from coursekit.scratch.autograd import gradcheck

T = torch.nn.functional
sizes = st.integers(1, 6)
batches = st.integers(0, 4)
groups = st.integers(1, 3)


def agree(name, inputs, layout, **options):
    ours, theirs = getattr(F, name), getattr(T, name)
    assert_agrees(lambda *i: ours(*i, **options), lambda *i: theirs(*i, **options), inputs, layout)


@st.composite
def windows(draw, dimensions=2):
    """Image size and options of a convolution, unequal for rows and columns, such that the window fits."""
    each = lambda low, high: draw(st.tuples(*[st.integers(low, high)] * dimensions))  # noqa: E731
    kernel, stride, padding, dilation = each(1, 4), each(1, 4), each(0, 2), each(1, 3)
    extent = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    size = tuple(max(1, e - 2 * p) + draw(st.integers(0, 6)) for e, p in zip(extent, padding, strict=True))
    return size, kernel, {"stride": stride, "padding": padding, "dilation": dilation, "groups": draw(groups)}


@st.composite
def stamps(draw):
    """Image size and options of a transposed convolution whose output has at least one pixel."""
    each = lambda low, high: draw(st.tuples(*[st.integers(low, high)] * 2))  # noqa: E731
    kernel, stride, dilation, size = each(1, 4), each(1, 4), each(1, 3), each(1, 5)
    extra = tuple(draw(st.integers(0, s - 1)) for s in stride)
    reach = [(n - 1) * s + d * (k - 1) + e for n, s, d, k, e in zip(size, stride, dilation, kernel, extra, strict=True)]
    padding = tuple(draw(st.integers(0, min(3, r // 2))) for r in reach)
    options = {"stride": stride, "padding": padding, "output_padding": extra, "dilation": dilation}
    return size, kernel, {**options, "groups": draw(groups)}


# -------------------------------------------------------------------------------------------------- against PyTorch


@given(seeds, dtypes, layouts, batches, windows(), sizes, sizes, st.booleans())
def test_conv2d(seed, dtype, layout, n, window, channels, filters, bias):
    size, kernel, options = window
    g = options["groups"]
    shapes = [(n, channels * g, *size), (filters * g, channels, *kernel), (filters * g,)]
    agree("conv2d", arrays(seed, dtype, *shapes[: 3 if bias else 2]), layout, **options)


@given(seeds, dtypes, layouts, batches, windows(dimensions=1), sizes, sizes, st.booleans())
def test_conv1d(seed, dtype, layout, n, window, channels, filters, bias):
    size, kernel, options = window
    g = options["groups"]
    shapes = [(n, channels * g, *size), (filters * g, channels, *kernel), (filters * g,)]
    agree("conv1d", arrays(seed, dtype, *shapes[: 3 if bias else 2]), layout, **options)


@given(seeds, dtypes, layouts, batches, stamps(), sizes, sizes, st.booleans())
def test_conv_transpose2d(seed, dtype, layout, n, stamp, channels, filters, bias):
    size, kernel, options = stamp
    g = options["groups"]
    shapes = [(n, channels * g, *size), (channels * g, filters, *kernel), (filters * g,)]
    agree("conv_transpose2d", arrays(seed, dtype, *shapes[: 3 if bias else 2]), layout, **options)


def test_numbers_instead_of_tuples_and_the_order_of_arguments():
    x, weight, transposed, bias = arrays(0, "float64", (2, 4, 9, 8), (6, 2, 3, 3), (4, 3, 3, 3), (6,))
    for ours, theirs, inputs, positional in (
        (F.conv1d, T.conv1d, [x[..., 0], weight[..., 0], bias], (2, 1, 3, 2)),
        (F.conv2d, T.conv2d, [x, weight, bias], (2, 1, 3, 2)),
        (F.conv_transpose2d, T.conv_transpose2d, [x, transposed, bias], (3, 2, 1, 2, 2)),
    ):
        assert_agrees(lambda *i, f=ours, p=positional: f(*i, *p), lambda *i, f=theirs, p=positional: f(*i, *p), inputs)


@given(seeds, dtypes, st.sampled_from([1, 3, 5]), st.integers(1, 2))
def test_padding_in_words(seed, dtype, kernel, dilation):
    x, weight = arrays(seed, dtype, (2, 3, 11, 9), (4, 3, kernel, kernel))
    for padding in ("same", "valid"):
        options = {"padding": padding, "dilation": dilation}
        agree("conv2d", [x, weight], "rows first", **options)
        agree("conv1d", [x[..., 0], weight[..., 0]], "rows first", **options)


def test_an_image_wider_than_any_window_has_pixels_that_no_window_covers():
    """Stride 4 with a kernel of 2: half of the rows and columns, and the last ones, must get the gradient 0."""
    inputs = arrays(0, "float64", (2, 3, 13, 15), (4, 3, 2, 2))
    agree("conv2d", inputs, "rows first", stride=4)
    x = Tensor(inputs[0], requires_grad=True)
    F.conv2d(x, inputs[1], stride=4).sum().backward()
    covered = [i for i in range(15) if i % 4 < 2 and i < 14]
    assert (np.any(x.grad.data, axis=(0, 1, 2)) == [i in covered for i in range(15)]).all()


# ------------------------------------------------------------------------------------ specification and worked numbers

# From the course's own sources (see the chapter on convolution), cross-correlation without padding.
WORKED = [
    (
        [[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]],
        [[0, 1, 2], [2, 2, 0], [0, 1, 2]],
        1,
        [[12, 12, 17], [10, 17, 19], [9, 6, 14]],
    ),
    (
        [[4, 2, 3, 3], [2, 1, 2, 5], [3, 2, 0, 3], [1, 2, 3, 1]],
        [[2, -3, 2], [1, 0, 1], [2, -3, 3]],
        1,
        [[12, 20], [13, 9]],
    ),
    (
        [[1] * 6, [0, 0, 0, 0, 1, 0], [0, 1, 1, 1, 0, 0], [0, 0, 1, 0, 0, 0], [0, 1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0]],
        [[1, 1, 1], [-1, 1, -1], [1, -1, -1]],
        3,
        [[1, 5], [3, 0]],
    ),
]


@pytest.mark.parametrize(("image", "kernel", "stride", "expected"), WORKED)
def test_worked_numbers(image, kernel, stride, expected):
    x, weight = np.array([[image]], float), np.array([[kernel]], float)
    np.testing.assert_array_equal(kernels.conv2d_loops(x, weight, stride=stride)[0, 0], expected)
    np.testing.assert_array_equal(kernels.conv2d(x, weight, stride=(stride, stride))[0, 0], expected)


def test_ones_stamped_into_ones_count_the_stamps():
    table = np.outer([1, 2, 3, 3, 2, 1], [1, 2, 3, 3, 2, 1])
    ones = np.ones((1, 1, 4, 4)), np.ones((1, 1, 3, 3))
    np.testing.assert_array_equal(kernels.conv_transpose2d(*ones)[0, 0], table)
    np.testing.assert_array_equal(kernels.conv_transpose2d_loops(*ones)[0, 0], table)


steps = st.fixed_dictionaries(
    {"stride": st.integers(1, 3), "padding": st.integers(0, 2), "dilation": st.integers(1, 2), "groups": groups}
)


@given(seeds, st.integers(0, 2), groups, groups, steps, st.booleans())
def test_loops_specify_conv2d(seed, n, channels, filters, options, bias):
    g = options["groups"]
    x, weight, b = arrays(seed, "float64", (n, channels * g, 7, 6), (filters * g, channels, 3, 2), (filters * g,))
    b = b if bias else None
    loops = kernels.conv2d_loops(x, weight, b, **options)
    theirs = T.conv2d(*(a if a is None else torch.from_numpy(a) for a in (x, weight, b)), **options)
    assert_close(loops, theirs.numpy(), 1e-12, "loops")
    assert_close(kernels.conv2d(x, weight, b, **in_pairs(options)), loops, 1e-12, "conv2d")


@given(seeds, st.integers(0, 2), groups, groups, steps, st.integers(0, 1), st.booleans())
def test_loops_specify_conv_transpose2d(seed, n, channels, filters, options, extra, bias):
    g, options = options["groups"], {**options, "output_padding": min(extra, options["stride"] - 1)}
    x, weight, b = arrays(seed, "float64", (n, channels * g, 5, 6), (channels * g, filters, 3, 2), (filters * g,))
    b = b if bias else None
    loops = kernels.conv_transpose2d_loops(x, weight, b, **options)
    theirs = T.conv_transpose2d(*(a if a is None else torch.from_numpy(a) for a in (x, weight, b)), **options)
    assert_close(loops, theirs.numpy(), 1e-12, "loops")
    assert_close(kernels.conv_transpose2d(x, weight, b, **in_pairs(options)), loops, 1e-12, "conv_transpose2d")


def in_pairs(options):
    return {name: value if name == "groups" else (value, value) for name, value in options.items()}


@given(seeds, batches, windows(), sizes, sizes)
def test_transposed_convolution_is_the_adjoint_of_convolution(seed, n, window, channels, filters):
    """⟨conv2d(x), y⟩ = ⟨x, conv_transpose2d(y)⟩, with the output padding that leads back to the size of x."""
    size, kernel, options = window
    g = options["groups"]
    x, weight = arrays(seed, "float64", (n, channels * g, *size), (filters * g, channels, *kernel))
    out = F.conv2d(x, weight, **options).numpy()
    (y,) = arrays(seed + 1, "float64", out.shape)
    extents = zip(size, kernel, options["stride"], options["padding"], options["dilation"], strict=True)
    extra = tuple((m + 2 * p - d * (k - 1) - 1) % s for m, k, s, p, d in extents)
    back = F.conv_transpose2d(y, weight, output_padding=extra, **options).numpy()
    assert back.shape == x.shape
    assert abs((out * y).sum() - (x * back).sum()) <= 1e-11 * max(1, np.abs(out * y).sum())


def test_gradients_against_central_differences():
    options = {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 2), "groups": 2}
    x, weight, transposed, bias = (
        Tensor(array, requires_grad=True)
        for array in arrays(0, "float64", (2, 4, 4, 5), (4, 2, 3, 2), (4, 2, 3, 2), (4,))
    )
    assert gradcheck(lambda *inputs: F.conv2d(*inputs, **options), [x, weight, bias])
    assert gradcheck(
        lambda *inputs: F.conv_transpose2d(*inputs, output_padding=(1, 0), **options), [x, transposed, bias]
    )


# ------------------------------------------------------------------------------------------------------------- memory


def test_images_stay_rows_first_in_memory_from_layer_to_layer():
    x, weight = arrays(0, "float32", (8, 3, 12, 12), (4, 3, 3, 3))
    for out in (
        kernels.max_pool2d(kernels.relu(kernels.conv2d(x, weight)), (2, 2), (2, 2)),
        kernels.conv2d_input_gradient(np.ones((8, 4, 10, 10), "float32"), weight, x.shape),
        kernels.conv_transpose2d(x, weight.swapaxes(0, 1)),
    ):
        assert np.shares_memory(kernels.rows_first(out), out), "the next layer must find its memory ready"


def test_lent_memory_grows_with_the_images(monkeypatch):
    monkeypatch.setattr(kernels.windows, "_memory", kernels.windows._Memory())
    weight = arrays(1, "float64", (2, 3, 3, 3))[0]
    for size in (4, 5, 6, 5, 7):
        (x,) = arrays(size, "float64", (2, 3, size, size))
        assert_close(kernels.conv2d(x, weight), kernels.conv2d_loops(x, weight), 1e-12, f"{size=}")


# ------------------------------------------------------------------------------------------------------------- errors


def test_conv2d_errors():
    x, weight = np.zeros((1, 3, 8, 8)), np.zeros((4, 3, 3, 3))
    with pytest.raises(ValueError, match="stride 1, but the stride is \\(2, 2\\)"):
        F.conv2d(x, weight, stride=2, padding="same")
    with pytest.raises(ValueError, match="odd kernel"):
        F.conv2d(x, np.zeros((4, 3, 2, 2)), padding="same")
    with pytest.raises(ValueError, match="window of 3 does not fit into 2 pixels"):
        F.conv2d(x[..., :2], weight)
    with pytest.raises(RuntimeError, match="do not fit with groups=2"):
        nn.Conv2d(3, 4, 3, groups=2)(x)


@pytest.mark.parametrize(
    ("name", "x", "weight", "message"),
    [
        (
            "conv2d",
            (1, 2, 8, 8),
            (4, 3, 3, 3),
            r"\(1, 2, 8, 8\).*\(4, 3, 3, 3\).*groups=1.*\(F, C / groups",
        ),
        ("conv2d", (3, 8, 8), (4, 3, 3, 3), r"conv2d: .*\(3, 8, 8\).*must be \(N, C, H, W\)"),
        ("conv1d", (1, 2, 8), (4, 3, 3), r"conv1d: .*\(1, 2, 8\).*\(4, 3, 3\).*\(N, C, L\).*kernel size"),
        ("conv1d", (1, 2, 8, 8), (4, 2, 3, 3), r"conv1d: .*\(N, C, L\)"),
        ("conv_transpose2d", (1, 2, 8, 8), (4, 2, 3, 3), r"\(1, 2, 8, 8\).*\(4, 2, 3, 3\).*\(C, F / groups, kernel"),
    ],
)
def test_shapes_that_do_not_fit_are_named(name, x, weight, message):
    with pytest.raises(RuntimeError, match=message):
        getattr(F, name)(np.zeros(x), np.zeros(weight))


def test_groups_must_divide_the_filters():
    for function in (F.conv2d, F.conv_transpose2d):
        with pytest.raises(RuntimeError, match="groups=2"):
            function(np.zeros((1, 3, 5, 5)), np.zeros((3, 3, 2, 2)), groups=2)


def test_a_bias_of_another_shape_is_named():
    x, weight = np.zeros((1, 3, 8, 8)), np.zeros((4, 3, 3, 3))
    for bias in (np.zeros(1), np.zeros((4, 1))):
        with pytest.raises(RuntimeError, match=r"conv2d: bias must have shape \(4,\)"):
            F.conv2d(x, weight, bias)
    with pytest.raises(RuntimeError, match=r"conv_transpose2d: bias must have shape \(6,\).*not \(4,\)"):
        F.conv_transpose2d(np.zeros((1, 4, 8, 8)), weight, np.zeros(4), groups=2)


def test_conv_transpose2d_errors():
    x, weight = np.zeros((1, 3, 2, 2)), np.zeros((3, 4, 2, 2))
    with pytest.raises(ValueError, match=r"output_padding must be smaller than the stride, \(2, 2\), not \(0, 2\)"):
        F.conv_transpose2d(x, weight, stride=2, output_padding=(0, 2))
    with pytest.raises(ValueError, match=r"padding \(2, 1\) leaves nothing.*\(-1, 1\)"):
        F.conv_transpose2d(x, weight, padding=(2, 1))
    with pytest.raises(ValueError, match=r"leaves nothing.*\(0, 0\)"):
        F.conv_transpose2d(x, weight[..., :1, :1], padding=1)
    with pytest.raises(RuntimeError):
        T.conv_transpose2d(torch.from_numpy(x), torch.from_numpy(weight[..., :1, :1]), padding=1)


# ------------------------------------------------------------------------------------------------------------- layers

LAYERS = [
    ("Conv1d(3, 4, 5)", (2, 3, 9)),
    ("Conv1d(4, 6, 3, 2, 1, 2, 2, bias=False)", (2, 4, 9)),
    ("Conv1d(4, 4, (3,), padding='same', groups=4)", (1, 4, 9)),
    ("Conv2d(3, 4, 5)", (2, 3, 9, 8)),
    ("Conv2d(4, 6, (5, 3), 2, (1, 0), (1, 2), 2, False)", (2, 4, 9, 8)),
    ("Conv2d(4, 4, 3, padding='same', groups=4)", (1, 4, 9, 8)),
    ("ConvTranspose2d(3, 4, 5)", (2, 3, 4, 5)),
    ("ConvTranspose2d(4, 6, (4, 3), 3, (1, 0), (2, 1), 2, False, 2)", (2, 4, 4, 5)),
    ("ConvTranspose2d(4, 2, 2, stride=2)", (1, 4, 4, 5)),
    ("ConvTranspose2d(4, 2, 3, stride=2, padding=1, output_padding=1, dilation=(1, 2))", (0, 4, 4, 5)),
]


def build(layer, library):
    return eval(layer, vars(library).copy())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("way", ["from torch", "to torch"])
@pytest.mark.parametrize(("layer", "shape"), LAYERS)
def test_weights_pass_both_ways_and_layers_agree(layer, shape, way, dtype):
    mine, theirs = build(layer, nn), build(layer, torch.nn)
    if dtype == "float64":
        mine, theirs = mine.double(), theirs.double()
    if way == "from torch":
        mine.load_state_dict(theirs.state_dict())
    else:
        theirs.load_state_dict({k: torch.from_numpy(v) for k, v in mine.state_dict().items()})
    (x,) = arrays(0, dtype, shape)
    out, expected = mine(x), theirs(torch.from_numpy(x))
    assert_close(out.detach().numpy(), expected.detach().numpy(), TOLERANCE[dtype], "output")
    (out * out).sum().backward()
    (expected * expected).sum().backward()
    for (name, p), (their_name, q) in zip(mine.named_parameters(), theirs.named_parameters(), strict=True):
        assert name == their_name
        assert_close(p.grad.data, q.grad.numpy(), TOLERANCE[dtype], name)


@pytest.mark.parametrize(("layer", "shape"), LAYERS)
def test_layers_print_and_are_named_as_in_pytorch(layer, shape):
    mine, theirs = build(layer, nn), build(layer, torch.nn)
    assert repr(mine) == repr(theirs)
    assert list(mine.state_dict()) == list(theirs.state_dict())
    for name in ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups"):
        assert getattr(mine, name) == getattr(theirs, name)
    assert (mine.output_padding, mine.transposed) == (theirs.output_padding, theirs.transposed)


@pytest.mark.parametrize(
    "layer", ["Conv1d(40, 60, 5)", "ConvTranspose2d(20, 30, 5)", "ConvTranspose2d(30, 20, 3, groups=5)"]
)
def test_layers_start_like_those_of_pytorch(layer):
    """The same distribution: forty layers of each, because a single layer's few biases say little about theirs."""
    manual_seed(0)
    torch.manual_seed(0)
    mine, theirs = [build(layer, nn) for _ in range(40)], [build(layer, torch.nn) for _ in range(40)]
    for name in ("weight", "bias"):
        p = np.stack([model.state_dict()[name] for model in mine])
        q = np.stack([model.state_dict()[name].numpy() for model in theirs])
        bound = np.abs(q).max()
        assert p.dtype == np.float32
        assert np.abs(p).max() <= 1 / np.sqrt(mine[0].weight.data[0].size)
        for statistic in (lambda a: np.abs(a).max(), np.std, np.mean):
            assert abs(statistic(p) - statistic(q)) < 0.05 * bound


@pytest.mark.parametrize("name", ["conv1d", "conv2d", "conv_transpose2d", "linear"])
def test_types_must_not_be_mixed(name):
    """Float64 weights would be rounded quietly, or make everything after them slow."""
    shape = {"conv1d": (1, 1, 3), "linear": (1, 3)}.get(name, (1, 1, 3, 3))
    with pytest.raises(RuntimeError, match=f"{name}: .*float32 and float64"):
        getattr(F, name)(np.ones(shape, np.float32), np.ones(shape))
