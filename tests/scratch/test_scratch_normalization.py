"""Batch normalisation and dropout, as functions and as layers, against PyTorch."""

import numpy as np
import pytest
import torch
from hypothesis import assume, example, given
from hypothesis import strategies as st
from oracle import LAYOUTS, TOLERANCE, arrays, assert_agrees, assert_close, dtypes, layouts, seeds

from coursekit.scratch import Tensor, kernels, manual_seed, nn
from coursekit.scratch import functional as F
from coursekit.scratch.autograd import gradcheck

T = torch.nn.functional
sizes = st.integers(1, 5)
places = st.lists(sizes, max_size=2)  # (), (L,) or (H, W)
batches = st.integers(0, 5)


# ------------------------------------------------------------------------------------------------- batch_norm, function


def statistics(seed, dtype, channels):
    """Running mean and variance, and a copy of each for PyTorch."""
    (mean, variance) = arrays(seed, dtype, (channels,), (channels,))
    mine = mean, 0.5 + variance**2
    return mine, [torch.from_numpy(array.copy()) for array in mine]


parameters = st.sampled_from([(), ("weight",), ("bias",), ("weight", "bias")])


@given(seeds, dtypes, layouts, batches, st.integers(1, 6), places, parameters, st.sampled_from([0.1, 0.9]))
@example(0, "float32", "rows first", 0, 3, [2, 2], ("weight", "bias"), 0.1)
@example(0, "float64", "rows first", 0, 3, [], (), 0.1)
def test_batch_norm_in_training(seed, dtype, layout, n, channels, size, given_, momentum):
    count = n * int(np.prod(size))
    assume(count != 1)
    # Two nearly equal values leave a variance so small that its rounding error is all there is to compare.
    assume(count == 0 or count > 4 or dtype == "float64")
    inputs = arrays(seed, dtype, (n, channels, *size), *[(channels,)] * len(given_))
    mine, theirs = statistics(seed, dtype, channels)
    options = {"training": True, "momentum": momentum, "eps": 1e-3}
    assert_agrees(
        lambda x, *p: F.batch_norm(x, *map(Tensor, mine), **dict(zip(given_, p, strict=True)), **options),
        lambda x, *p: T.batch_norm(x, *theirs, **dict(zip(given_, p, strict=True)), **options),
        inputs,
        layout,
    )
    for name, ours, expected in zip(("running mean", "running variance"), mine, theirs, strict=True):
        assert_close(ours, expected.numpy(), TOLERANCE[dtype], name)


@given(seeds, dtypes, layouts, batches, st.integers(1, 6), places, parameters)
def test_batch_norm_in_evaluation(seed, dtype, layout, n, channels, size, given_):
    inputs = arrays(seed, dtype, (n, channels, *size), *[(channels,)] * len(given_))
    mine, theirs = statistics(seed, dtype, channels)
    before = [array.copy() for array in mine]
    assert_agrees(
        lambda x, *p: F.batch_norm(x, *map(Tensor, mine), **dict(zip(given_, p, strict=True))),
        lambda x, *p: T.batch_norm(x, *theirs, **dict(zip(given_, p, strict=True))),
        inputs,
        layout,
    )
    np.testing.assert_array_equal(mine, before)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_batch_norm_of_channels_far_from_zero(dtype):
    """Where the mean is a thousand times the deviation, a variance taken as E[x²] - E[x]² would be lost in float32."""
    (x,) = arrays(0, dtype, (16, 3, 8, 8))
    x += np.array([1000, -1000, 0], dtype)[:, None, None]
    mine = F.batch_norm(x, None, None, training=True).data
    exact = T.batch_norm(torch.from_numpy(x).double(), None, None, training=True).numpy()
    assert np.abs(mine - exact).max() < (1e-3 if dtype == "float32" else 1e-9)


def test_constant_channels_become_zero():
    x = np.full((4, 2, 3, 3), 5.0)
    assert not F.batch_norm(x, None, None, training=True).data.any()


@pytest.mark.parametrize("shape", [(4, 3), (3, 2, 4), (2, 3, 2, 2)])
def test_batch_norm_gradients_by_differences(shape):
    x, weight, bias = (
        Tensor(array, requires_grad=True) for array in arrays(0, "float64", shape, shape[1:2], shape[1:2])
    )
    assert gradcheck(lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True), [x, weight, bias])


def test_batch_norm_without_running_statistics_keeps_none():
    (x,) = arrays(0, "float64", (5, 3))
    mean = np.zeros(3)
    F.batch_norm(x, mean, None, training=True, momentum=1.0)
    np.testing.assert_allclose(mean, x.mean(axis=0))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"input": np.zeros((1, 3)), "training": True}, ValueError, r"more than one value per channel.*\(1, 3\)"),
        ({"input": np.zeros((1, 3, 1, 1)), "training": True}, ValueError, r"more than one value.*\(1, 3, 1, 1\)"),
        ({"input": np.zeros((4, 3)), "running_mean": np.zeros(4)}, RuntimeError, r"running_mean.*\(4,\).*3 channels"),
        ({"input": np.zeros((4, 3)), "running_var": np.zeros(2)}, RuntimeError, r"running_var.*\(2,\).*3 channels"),
        ({"input": np.zeros((4, 3)), "weight": np.zeros(1)}, RuntimeError, r"weight.*\(1,\).*3 channels"),
        ({"input": np.zeros((4, 3)), "bias": np.zeros(5)}, RuntimeError, r"bias.*\(5,\).*3 channels"),
        ({"input": np.zeros((4, 3)), "running_mean": None}, RuntimeError, "must be given where training=False"),
    ],
)
def test_batch_norm_errors(arguments, error, message):
    arguments = {"running_mean": np.zeros(3), "running_var": np.ones(3), **arguments}
    with pytest.raises(error, match=message):
        F.batch_norm(**arguments)
    theirs = {k: torch.from_numpy(v) if isinstance(v, np.ndarray) else v for k, v in arguments.items()}
    with pytest.raises(error):
        T.batch_norm(**theirs)


def test_images_stay_as_they_lie_in_memory():
    x = Tensor(np.ones((8, 3, 6, 5)), requires_grad=True)
    x.data = kernels.batch_first(kernels.rows_first(x.data))
    out = F.batch_norm(x, None, None, training=True)
    assert out.data.transpose(2, 1, 3, 0).flags.c_contiguous
    gradient = kernels.batch_norm_input_gradient(x.data, out.data, np.ones(3))
    assert gradient.transpose(2, 1, 3, 0).flags.c_contiguous
    assert F.dropout(x).data.transpose(2, 1, 3, 0).flags.c_contiguous


# --------------------------------------------------------------------------------------------------- batch_norm, layers

LAYERS = {
    "BatchNorm1d(4)": (7, 4),
    "BatchNorm1d(4, momentum=0.3)": (5, 4, 6),
    "BatchNorm1d(4, affine=False)": (7, 4),
    "BatchNorm2d(3, eps=0.001, momentum=0.9)": (4, 3, 5, 6),
    "BatchNorm2d(3, affine=False)": (4, 3, 5, 6),
    "BatchNorm2d(3, track_running_stats=False)": (4, 3, 5, 6),
    "BatchNorm2d(3, affine=False, track_running_stats=False)": (4, 3, 5, 6),
}


def both(layer, dtype):
    mine, theirs = eval(layer, vars(nn).copy()), eval(layer, vars(torch.nn).copy())
    return (mine.double(), theirs.double()) if dtype == "float64" else (mine, theirs)


def assert_same_state(mine, theirs, tolerance, what):
    expected = theirs.state_dict()
    assert list(mine.state_dict()) == list(expected)
    for key, value in mine.state_dict().items():
        assert_close(value, expected[key].numpy(), tolerance, f"{what}: {key}")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("layer", LAYERS)
def test_several_batches_then_evaluation_then_training_again(layer, dtype):
    (mine, theirs), shape = both(layer, dtype), LAYERS[layer]
    assert_same_state(mine, theirs, 0, "at the start")
    rng, tolerance = np.random.default_rng(0), TOLERANCE[dtype]
    for step, mode in enumerate([True, True, True, False, False, True]):
        x, above = (rng.normal(1, 2, size=shape).astype(dtype) for _ in range(2))
        mine.train(mode).zero_grad()
        theirs.train(mode).zero_grad()
        ours, expected = Tensor(x, requires_grad=True), torch.from_numpy(x).requires_grad_()
        out, theirs_ = mine(ours), theirs(expected)
        out.backward(above)
        theirs_.backward(torch.from_numpy(above))
        assert_close(out.data, theirs_.detach().numpy(), tolerance, f"output {step}")
        assert_close(ours.grad.data, expected.grad.numpy(), tolerance, f"gradient {step}")
        for (name, p), q in zip(mine.named_parameters(), theirs.parameters(), strict=True):
            assert_close(p.grad.data, q.grad.numpy(), tolerance, f"{name} {step}")
            p.data -= 0.1 * p.grad.data  # so that scale and shift are not 1 and 0 next time
            q.data -= 0.1 * q.grad
        assert_same_state(mine, theirs, tolerance, f"step {step}")
    if "track" not in layer:
        assert mine.num_batches_tracked.item() == 4
        assert mine.num_batches_tracked.dtype == np.int64


@pytest.mark.parametrize("way", ["from torch", "to torch"])
@pytest.mark.parametrize("layer", LAYERS)
def test_state_passes_both_ways(layer, way):
    mine, theirs = both(layer, "float64")
    (x,) = arrays(1, "float64", LAYERS[layer])
    for _ in range(2):
        theirs(torch.from_numpy(x)) if way == "from torch" else mine(x)
    if way == "from torch":
        mine.load_state_dict(theirs.state_dict())
    else:
        theirs.load_state_dict({k: torch.from_numpy(v) for k, v in mine.state_dict().items()})
    assert_same_state(mine, theirs, 0, way)
    assert_close(mine.eval()(x).data, theirs.eval()(torch.from_numpy(x)).detach().numpy(), 1e-10, "evaluation")


@pytest.mark.parametrize("layer", LAYERS)
def test_layers_print_as_in_pytorch(layer):
    mine, theirs = both(layer, "float32")
    # Older versions of PyTorch do not print `bias`.
    assert repr(mine).replace(f"bias={mine.bias is not None}, ", "") == repr(theirs).replace(
        f"bias={theirs.bias is not None}, ", ""
    )


def test_state_dict_follows_the_running_statistics():
    layer = nn.BatchNorm1d(2)
    state = layer.state_dict()
    layer(np.array([[1.0, 2.0], [3.0, 8.0]], np.float32))
    np.testing.assert_allclose(state["running_mean"], [0.2, 0.5], rtol=1e-6)
    np.testing.assert_allclose(state["running_var"], [0.9 + 0.2, 0.9 + 1.8], rtol=1e-6)
    assert state["num_batches_tracked"] == 1


@pytest.mark.parametrize(
    ("name", "shape"), [("BatchNorm1d", (2, 3, 4, 4)), ("BatchNorm2d", (2, 3)), ("BatchNorm1d", (3,))]
)
def test_layers_refuse_other_numbers_of_dimensions(name, shape):
    layer = getattr(nn, name)(3)
    with pytest.raises(ValueError, match=rf"{name}: input must have (4|2 or 3) dimensions, not shape \({shape[0]}"):
        layer(np.zeros(shape, np.float32))
    with pytest.raises(ValueError, match="expected"):
        getattr(torch.nn, name)(3)(torch.zeros(shape))
    assert layer.num_batches_tracked.item() == 0


def test_layers_refuse_other_channels():
    with pytest.raises(RuntimeError, match=r"\(4,\), but the input has 3 channels"):
        nn.BatchNorm2d(4)(np.zeros((2, 3, 5, 5), np.float32))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_network_with_batch_norm_trains_like_that_of_pytorch(dtype):
    def build(nn):
        return nn.Sequential(
            nn.Conv2d(1, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(36, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3),
        )  # fmt: skip

    mine, theirs = build(nn), build(torch.nn)
    mine, theirs = (mine.double(), theirs.double()) if dtype == "float64" else (mine, theirs)
    mine.load_state_dict(theirs.state_dict())
    rng = np.random.default_rng(0)
    for _ in range(5):
        x, y = rng.normal(size=(16, 1, 8, 8)).astype(dtype), rng.integers(0, 3, 16)
        for model, loss in (
            (mine, F.cross_entropy(mine(x), y)),
            (theirs, T.cross_entropy(theirs(torch.from_numpy(x)), torch.from_numpy(y))),
        ):
            model.zero_grad()
            loss.backward()
            for p in model.parameters():
                p.data -= 0.1 * p.grad.data
    assert_same_state(mine, theirs, 100 * TOLERANCE[dtype], "after five steps")
    assert_close(
        mine.eval()(x).data, theirs.eval()(torch.from_numpy(x)).detach().numpy(), 100 * TOLERANCE[dtype], "evaluation"
    )


# ------------------------------------------------------------------------------------------------------------- dropout


@given(seeds, dtypes, layouts, st.lists(st.integers(0, 5), max_size=4), st.sampled_from([0.1, 0.5, 0.8]))
def test_dropout_is_a_mask_times_one_over_what_is_kept(seed, dtype, layout, shape, p):
    """The mask is read off an input of ones; the same seed must give it again, whatever the numbers are."""
    x, above = (np.asarray(array) for array in arrays(seed, dtype, tuple(shape), tuple(shape)))
    manual_seed(seed)
    mask = F.dropout(np.ones(shape), p).data
    assert set(np.unique(mask)) <= {0.0, 1 / (1 - p)}
    manual_seed(seed)
    data = Tensor(x, requires_grad=True)
    data.data = LAYOUTS[layout](x) if x.ndim else x
    out = F.dropout(data, p)
    out.backward(above)
    assert out.dtype == data.grad.dtype == dtype
    assert_close(out.data, x * mask.astype(dtype), TOLERANCE[dtype], "output")
    assert_close(data.grad.data, above * mask.astype(dtype), TOLERANCE[dtype], "gradient")


@pytest.mark.parametrize("p", [0.05, 0.5, 0.75, 0.99])
def test_dropout_drops_as_often_and_keeps_the_mean_as_in_pytorch(p):
    manual_seed(0)
    torch.manual_seed(0)
    n = 400_000
    mine, theirs = F.dropout(np.ones(n), p).data, T.dropout(torch.ones(n, dtype=torch.float64), p).numpy()
    deviation = np.sqrt(p * (1 - p) / n)  # of the share that is dropped
    for out in (mine, theirs):
        assert abs((out == 0).mean() - p) < 5 * deviation
        assert abs(out.mean() - 1) < 5 * deviation / (1 - p)
    assert mine.max() == pytest.approx(theirs.max(), rel=1e-12)


def test_every_entry_is_dropped_on_its_own():
    manual_seed(0)
    dropped = F.dropout(np.ones((2000, 8)), 0.5).data == 0
    correlation = np.corrcoef(dropped.T) - np.eye(8)
    assert np.abs(correlation).max() < 0.12  # five deviations of 1/√2000
    assert np.abs(np.corrcoef(dropped[:-1].ravel(), dropped[1:].ravel())[0, 1]) < 0.04
    assert not np.array_equal(dropped, F.dropout(np.ones((2000, 8)), 0.5).data == 0), "the next mask is another one"


@pytest.mark.parametrize(("p", "training"), [(0.0, True), (0.7, False), (1.0, False), (1.0, True)])
def test_dropout_of_nothing_and_of_everything(p, training):
    inputs = arrays(0, "float32", (3, 4))
    assert_agrees(lambda x: F.dropout(x, p, training), lambda x: T.dropout(x, p, training), inputs)


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability(p):
    for call in (lambda: F.dropout(np.ones(3), p), lambda: F.dropout(np.ones(3), p, False)):
        with pytest.raises(ValueError, match=f"between 0 and 1, not {p}"):
            call()


def test_the_layer_drops_in_training_only():
    layer, x = nn.Dropout(0.4), Tensor(np.ones((50, 50), np.float32))
    assert repr(layer) == repr(torch.nn.Dropout(0.4))
    assert repr(nn.Dropout()) == repr(torch.nn.Dropout())
    assert 0.3 < (layer(x).data == 0).mean() < 0.5
    assert layer.eval()(x) is x
    assert not layer.state_dict()


def test_dropping_does_not_touch_numpys_own_random_numbers():
    np.random.seed(0)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    F.dropout(np.ones(10))
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
