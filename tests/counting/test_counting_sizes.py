"""Sizes and receptive fields: the lectures' numbers, PyTorch's shapes, and gradients."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from coursekit import nets
from coursekit.counting import (
    ReceptiveField,
    measured_receptive_field,
    output_size,
    receptive_field,
    trace_sizes,
)
from coursekit.scratch import nn as scratch_nn

BACKENDS = {"scratch": scratch_nn, "torch": torch.nn}
window = st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(0, 2), st.integers(1, 2))


@pytest.fixture(params=BACKENDS)
def nn(request):
    return BACKENDS[request.param]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((7, 3), 5),
        ((7, 3, 2), 3),
        ((7, 3, 3), 2),  # two pixels remain
        ((5, 3, 2, 1), 3),
        ((96, 8), 89),
        ((50, 3), 48),
        ((32, 5), 28),
        ((227, 11, 4), 55),
        ((28, 3, 2), 13),
    ],
)
def test_output_sizes_of_the_lectures(arguments, expected):
    assert output_size(*arguments) == expected


def test_a_window_that_does_not_fit():
    with pytest.raises(ValueError, match="window of 5 does not fit into 2 pixels with padding 1"):
        output_size(2, 3, padding=1, dilation=2)


@given(st.lists(window, min_size=1, max_size=4), st.integers(1, 40))
def test_sizes_are_pytorchs(layers, size):
    model = torch.nn.Sequential(*(torch.nn.Conv2d(1, 1, (k, 1), (s, 1), (p, 0), (d, 1)) for k, s, p, d in layers))
    try:
        expected = model(torch.zeros(1, 1, size, 1)).shape[2]
    except RuntimeError:
        with pytest.raises(ValueError, match="does not fit"):
            trace_sizes(size, layers)
        return
    assert trace_sizes(size, layers)[-1] == expected
    assert trace_sizes(size, model)[-1] == expected


@given(st.lists(window, min_size=1, max_size=4), st.data())
def test_every_unit_sees_what_the_formula_says(layers, data):
    size = 30
    try:
        units = trace_sizes(size, layers)[-1]
    except ValueError:
        assume(False)
    convolutions = [torch.nn.Conv1d(1, 1, *layer, bias=False) for layer in layers]
    model = torch.nn.Sequential(*convolutions).double()
    for parameter in model.parameters():
        torch.nn.init.ones_(parameter)
    unit = data.draw(st.integers(0, units - 1))
    image = torch.zeros(1, 1, size, dtype=torch.float64, requires_grad=True)
    model(image)[0, 0, unit].backward()
    seen = np.flatnonzero(image.grad.numpy())
    expected = receptive_field(layers).pixels(unit, size)
    assert receptive_field(model) == receptive_field(layers)
    assume(len(seen))
    # With dilation and stride there are gaps, and where the padding begins in a gap the first pixels are not seen.
    assert set(seen) <= set(expected)
    if all(d == 1 and k >= s for k, s, _, d in layers):
        assert set(seen) == set(expected)


def test_known_receptive_fields():
    assert receptive_field([(3,)] * 3).size == 7
    assert receptive_field([(5,), (2, 2), (5,), (2, 2), (5,)]).size == 32  # LeNet-5 sees all of its input
    assert receptive_field([]) == ReceptiveField(1, 1, 0)
    vgg16 = [step for n in (2, 2, 3, 3, 3) for step in [(3, 1, 1)] * n + [(2, 2)]]
    assert receptive_field(vgg16).size == 212
    assert receptive_field(vgg16).jump == 32


@pytest.mark.parametrize(("stride_in_the_middle", "expected"), [(True, 427), (False, 483)])
def test_resnet50_sees_more_where_the_stride_comes_early(stride_in_the_middle, expected):
    layers = [(7, 2, 3), (3, 2, 1)]
    for stage, blocks in enumerate([3, 4, 6, 3]):
        for block in range(blocks):
            stride = 2 if stage and not block else 1
            layers += [(1,), (3, stride, 1), (1,)] if stride_in_the_middle else [(1, stride), (3, 1, 1), (1,)]
    assert receptive_field(layers).size == expected


def test_rows_and_columns(nn):
    model = nn.Sequential(nn.Conv2d(1, 1, (3, 5), stride=(1, 2)), nn.Sequential(nn.ReLU(), nn.AvgPool2d(2)))
    assert receptive_field(model) == ReceptiveField(size=4, jump=2, first=0)
    assert receptive_field(model, axis=1) == ReceptiveField(size=7, jump=4, first=0)
    assert receptive_field(model, axis=1).centre(1) == 7
    same = nn.Sequential(nn.Conv2d(1, 1, 5, padding="same", dilation=2))
    assert receptive_field(same) == ReceptiveField(size=9, jump=1, first=-4)


@pytest.mark.parametrize("kind", ["Linear", "Upsample", "ConvTranspose2d", "AdaptiveAvgPool2d", "MaxUnpool2d", "Block"])
def test_what_is_no_window_is_refused(nn, kind):
    layer = {
        "Linear": lambda: nn.Linear(2, 2),
        "Upsample": lambda: nn.Upsample(scale_factor=2),
        "ConvTranspose2d": lambda: nn.ConvTranspose2d(1, 1, 2),
        "AdaptiveAvgPool2d": lambda: nn.AdaptiveAvgPool2d(1),
        "MaxUnpool2d": lambda: nn.MaxUnpool2d(2),
        "Block": lambda: nets.resnet_small(nn, 8).layer1[0],
    }[kind]()
    with pytest.raises(ValueError, match=f"{kind} is not a window"):
        receptive_field(nn.Sequential(nn.Conv2d(1, 1, 3), layer))


# -- measured


def test_measured_is_what_the_formula_says(nn):
    model = nets.lenet5(nn)[:6]  # up to S4
    found = measured_receptive_field(model, (1, 28, 28), images=64)
    field = receptive_field(model)
    assert (found.rows, found.columns) == (field.pixels(2, 28), field.pixels(2, 28))
    corner = measured_receptive_field(model, (1, 28, 28), unit=(0, 4), images=64)
    assert (corner.rows, corner.columns) == (field.pixels(0, 28), field.pixels(4, 28))
    assert found.map.shape == (28, 28)
    assert found.map[13, 13] > 0


def test_measured_through_branches_and_skips(nn):
    found = measured_receptive_field(nets.resnet_small(nn, 8)[:5], (3, 32, 32), images=32)
    # conv1, two of layer1, two of layer2 with the first stride 2: 1 + 2 · (1 + 2 + 1) + 2 · 2
    field = receptive_field([(3, 1, 1)] * 3 + [(3, 2, 1), (3, 1, 1)])
    assert field.size == 13
    assert (found.rows, found.columns) == (field.pixels(8, 32), field.pixels(8, 32))


def test_both_backends_measure_the_same():
    ours = nets.lenet5(scratch_nn).double()
    theirs = nets.lenet5(torch.nn).double()
    theirs.load_state_dict({name: torch.from_numpy(value) for name, value in ours.state_dict().items()})
    maps = [measured_receptive_field(model, (1, 28, 28)).map for model in (ours, theirs)]
    np.testing.assert_allclose(*maps, rtol=1e-10, atol=1e-14)


def test_measuring_leaves_the_model_alone(nn):
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU()).train()
    before = {name: np.asarray(value).copy() for name, value in model.state_dict().items()}
    measured_receptive_field(model, (1, 8, 8))
    assert all(np.array_equal(np.asarray(value), before[name]) for name, value in model.state_dict().items())
    assert all(p.grad is None and p.requires_grad for p in model.parameters())
    assert model[1].training


def test_a_unit_that_sees_nothing(nn):
    model = nn.Conv2d(1, 1, 1, padding=1)
    with pytest.raises(ValueError, match="no pixel influences this unit"):
        measured_receptive_field(model, (1, 4, 4), unit=(0, 0))
