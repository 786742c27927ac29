"""Counts against numbers worked out by hand, published ones, PyTorch's own counter, and Jacobians."""

import math

import numpy as np
import pytest
import torch
import torchvision
from torch.utils.flop_counter import FlopCounterMode

from coursekit import nets
from coursekit.counting import Summary, parameters, summary
from coursekit.scratch import nn as scratch_nn

BACKENDS = {"scratch": scratch_nn, "torch": torch.nn}


@pytest.fixture(params=BACKENDS)
def nn(request):
    return BACKENDS[request.param]


# -- by hand and from the literature


def test_lenet5_of_1998_has_the_numbers_of_its_paper(nn):
    table = summary(nets.lenet5_1998(nn), (1, 32, 32))
    counted = {row.name: (row.units, row.weights + row.biases, row.connections) for row in table if row.connections}
    assert counted == {
        "C1": (4704, 156, 122_304),
        "S2": (1176, 12, 5_880),
        "C3": (1600, 1_516, 151_600),
        "S4": (400, 32, 2_000),
        "C5": (120, 48_120, 48_120),
        "F6": (84, 10_164, 10_164),
        "output": (10, 0, 840),
    }
    assert (table.parameters, table.connections, table.buffers) == (60_000, 340_908, 840)


def test_the_first_network_of_the_course_on_convolution(nn):
    model = nn.Sequential(
        *(nn.Conv2d(3, 10, 3), nn.ReLU(), nn.Conv2d(10, 20, 5, stride=2), nn.ReLU()),
        *(nn.Conv2d(20, 40, 5, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(1960, 1), nn.Sigmoid()),
    )
    table = summary(model, (3, 39, 39))
    assert [row.weights + row.biases for row in table if row.weights] == [10 * 28, 20 * 251, 40 * 501, 1961]
    assert table.parameters == parameters(model) == 27_301
    assert [row.output_shape for row in table if row.weights] == [(10, 37, 37), (20, 17, 17), (40, 7, 7), (1,)]


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [  # expected: units, weights, biases, multiply-adds, connections
        (lambda nn: nn.Linear(200 * 200 * 3, 10, bias=False), (120_000,), (10, 1_200_000, 0, 1_200_000, 1_200_000)),
        (lambda nn: nn.Conv2d(3, 100, 4), (3, 9, 9), (3600, 4800, 100, 36 * 4800, 36 * 4900)),
        (lambda nn: nn.Conv2d(1, 4, 8), (1, 96, 96), (89 * 89 * 4, 256, 4, 89 * 89 * 256, 89 * 89 * 260)),
        (lambda nn: nn.Conv2d(6, 9, (1, 3), groups=3), (6, 5, 5), (135, 54, 9, 15 * 54, 15 * 63)),
        (lambda nn: nn.Conv2d(2, 3, 3, stride=2, padding=1, dilation=2, bias=False), (2, 8, 8), (27, 54, 0, 486, 486)),
        (lambda nn: nn.MaxPool2d(3, stride=2), (5, 7, 7), (45, 0, 0, 0, 405)),
        (lambda nn: nn.AvgPool2d(2), (5, 7, 7), (45, 0, 0, 0, 180)),
        (lambda nn: nn.AdaptiveAvgPool2d(1), (5, 7, 7), (5, 0, 0, 0, 245)),
        (lambda nn: nn.AdaptiveAvgPool2d(7), (5, 7, 7), (0, 0, 0, 0, 0)),
        (lambda nn: nn.Upsample(scale_factor=2), (5, 3, 3), (180, 0, 0, 0, 180)),
        (lambda nn: nn.Upsample(scale_factor=2, mode="bilinear"), (5, 3, 3), (180, 0, 0, 0, 720)),
        (lambda nn: nn.ConvTranspose2d(2, 3, 3, stride=2), (2, 4, 4), (243, 54, 3, 32 * 27, 32 * 27 + 243)),
        (lambda nn: nn.BatchNorm2d(5), (5, 3, 3), (0, 5, 5, 0, 0)),
        (lambda nn: nn.ReLU(), (5, 3, 3), (0, 0, 0, 0, 0)),
        (lambda nn: nn.Flatten(), (5, 3, 3), (0, 0, 0, 0, 0)),
    ],
)
def test_one_layer_by_hand(nn, layer, shape, expected):
    (row,) = summary(layer(nn), shape)
    assert (row.units, row.weights, row.biases, row.multiply_adds, row.connections) == expected


def test_running_statistics_are_counted_but_not_the_number_of_batches(nn):
    (row,) = summary(nn.BatchNorm2d(5), (5, 3, 3))
    assert row.buffers == 10


def test_totals_and_memory(nn):
    table = summary(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)), (4,))
    assert (table.units, table.weights, table.biases, table.multiply_adds, table.connections) == (5, 18, 5, 18, 23)
    assert (table.parameter_bytes, table.activation_bytes) == (4 * 23, 4 * (4 + 5))


def test_vgg16_needs_the_activations_that_are_often_misquoted_as_24_million():
    with torch.device("meta"):
        table = summary(nets.vgg16(), (3, 224, 224))
    assert table.activation_bytes == 4 * 15_237_608
    dense = [row.weights + row.biases for row in table if row.kind == "Linear"]
    assert round(sum(dense) / table.parameters, 2) == 0.89
    assert round(dense[0] / table.parameters, 2) == 0.74


def test_alexnet_has_its_connections_in_convolutions_and_its_weights_in_dense_layers():
    with torch.device("meta"):
        table = summary(nets.alexnet_2012(), (3, 227, 227))
    assert sum(row.units for row in table if row.weights) == 659_272
    for number, in_convolutions in [("units", True), ("connections", True), ("weights", False)]:
        share = sum(getattr(row, number) for row in table if row.kind == "Conv2d") / getattr(table, number)
        assert (share > 0.8) if in_convolutions else (share < 0.1)


# -- independent counts


@pytest.mark.parametrize(
    "name",
    ["alexnet", "vgg11", "resnet18", "googlenet", "mobilenet_v2", "densenet121", "shufflenet_v2_x1_0", "inception_v3"],
)
@pytest.mark.filterwarnings("ignore:The default weight initialization")
def test_multiply_adds_are_half_of_pytorchs_flops(name):
    with torch.device("meta"):
        model = getattr(torchvision.models, name)().eval()
    side = 299 if name == "inception_v3" else 96
    table = summary(model, (3, side, side))
    with FlopCounterMode(display=False) as counter:
        model(torch.empty(1, 3, side, side, device="meta"))
    assert 2 * table.multiply_adds == counter.get_total_flops()
    assert table.parameters + table.idle == parameters(model)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (torch.nn.Conv2d(4, 6, (3, 2), stride=2, dilation=(1, 2), groups=2), (4, 7, 9)),
        (torch.nn.ConvTranspose2d(4, 6, (3, 2), stride=2, groups=2), (4, 3, 4)),
        (torch.nn.ConvTranspose2d(2, 3, 3, stride=1), (2, 3, 4)),
        (torch.nn.Conv1d(3, 2, 3, stride=2), (3, 9)),
        (torch.nn.Linear(5, 4), (5,)),
        (torch.nn.AvgPool2d((2, 3), stride=1), (2, 5, 6)),
        (torch.nn.AdaptiveAvgPool2d((3, 2)), (2, 7, 5)),
        (torch.nn.Upsample(scale_factor=3), (2, 3, 2)),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, torch.nn.Module) else str(value),
)
def test_connections_are_the_entries_of_the_jacobian(layer, shape):
    (row,) = summary(layer, shape)
    jacobian = torch.autograd.functional.jacobian(layer, torch.rand(1, *shape))
    biases = row.units if getattr(layer, "bias", None) is not None else 0
    assert row.connections == torch.count_nonzero(jacobian) + biases


@pytest.mark.parametrize(
    ("build", "shape"),
    [
        (nets.lenet5, (1, 28, 28)),
        (nets.lenet5_1998, (1, 32, 32)),
        (nets.vgg_small, (3, 32, 32)),
        (lambda nn: nets.resnet_small(nn, 8), (3, 32, 32)),
        (nets.conv_autoencoder, (1, 28, 28)),
        (nets.unet, (1, 32, 32)),
    ],
)
def test_both_backends_give_the_same_table(build, shape):
    ours, theirs = (summary(build(nn), shape) for nn in BACKENDS.values())
    assert ours.rows == theirs.rows
    assert repr(ours) == repr(theirs)


# -- sharing, merging, what did not run


def test_a_shared_layer_has_its_weights_once_and_its_connections_every_time(nn):
    layer = nn.Linear(3, 3)

    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = layer, layer

        def forward(self, x):
            return self.second(self.first(x))

    rows = summary(Twice(), (3,)).rows
    assert [(row.name, row.weights, row.biases, row.connections) for row in rows] == [
        ("first", 9, 3, 12),
        ("first", 0, 0, 12),
    ]


def test_a_shared_parameter_counts_once(nn):
    a, b = nn.Linear(3, 3), nn.Linear(3, 3)
    b.weight = a.weight
    model = nn.Sequential(a, b)
    assert [row.weights for row in summary(model, (3,))] == [9, 0]
    assert summary(model, (3,)).parameters == parameters(model) == 15


def test_depth_merges_what_lies_deeper(nn):
    model = nets.resnet_small(nn, 8)
    full, merged = summary(model, (3, 32, 32)), summary(model, (3, 32, 32), depth=1)
    assert [row.name for row in merged] == [
        *("conv1", "bn1", "relu", "layer1", "layer2", "layer3", "avgpool", "flatten", "fc")
    ]
    assert merged["layer2"].kind == "Sequential"
    assert merged["layer2"].output_shape == (32, 16, 16)
    assert merged["layer2"].weights == sum(row.weights for row in full if row.name.startswith("layer2."))
    for number in ("units", "weights", "biases", "multiply_adds", "connections", "buffers"):
        assert getattr(merged, number) == getattr(full, number)
    assert [row.kind for row in summary(model, (3, 32, 32), depth=2) if row.name.startswith("layer")] == ["Block"] * 3


def test_blocks_are_what_sequentials_hold(nn):
    model = nets.resnet_small(nn, 14)
    full, merged = summary(model, (3, 32, 32)), summary(model, (3, 32, 32), depth="blocks")
    blocks = [f"layer{stage}.{i}" for stage in (1, 2, 3) for i in (0, 1)]
    assert [row.name for row in merged] == ["conv1", "bn1", "relu", *blocks, "avgpool", "flatten", "fc"]
    assert {row.kind for row in merged if row.name in blocks} == {"Block"}
    assert merged["layer2.0"].output_shape == (32, 16, 16)
    for number in ("units", "weights", "biases", "multiply_adds", "connections", "buffers"):
        assert getattr(merged, number) == getattr(full, number)


def test_the_output_of_a_merged_module_is_its_own_and_not_its_last_layers():
    with torch.device("meta"):
        table = summary(nets.googlenet(), (3, 224, 224), depth=1)
    assert table["inception3a"].output_shape == (256, 28, 28)


def test_what_does_not_run_is_counted_apart():
    with torch.device("meta"):
        table = summary(nets.googlenet(), (3, 224, 224))
    assert (table.parameters, table.idle) == (6_998_552, 6_379_728)
    assert "6,379,728 more parameters" in repr(table)


def test_a_layer_of_unknown_kind_is_named(nn):
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Linear(2, 3).weight

        def forward(self, x):
            return x @ self.weight.T

    with pytest.raises(TypeError, match=r"^1: a Odd has weights but is of no kind known here.*fan_in"):
        summary(nn.Sequential(nn.ReLU(), Odd()), (2,))
    Odd.fan_in = 2
    assert summary(nn.Sequential(nn.ReLU(), Odd()), (2,)).connections == 6


# -- nothing is changed


def test_the_model_is_left_as_it_was(nn):
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout(0.5), nn.Flatten(), nn.Linear(72, 2))
    model.train()
    model[2].eval()
    model[0].weight.requires_grad_(False)
    model(
        nets.portable.tensor(nn, np.random.default_rng(0).normal(size=(3, 1, 8, 8)).astype("float32"))
    ).sum().backward()
    before = {name: np.asarray(value).copy() for name, value in model.state_dict().items()}
    grads = [None if p.grad is None else np.asarray(p.grad).copy() for p in model.parameters()]
    modes = [(m.training, len(m._forward_hooks)) for m in model.modules()]

    summary(model, (1, 8, 8))
    with pytest.raises((RuntimeError, ValueError)):
        summary(model, (1, 9, 9))

    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(np.asarray(value), before[name])
    for parameter, grad in zip(model.parameters(), grads, strict=True):
        assert (parameter.grad is None) if grad is None else np.array_equal(np.asarray(parameter.grad), grad)
    assert [(m.training, len(m._forward_hooks)) for m in model.modules()] == modes
    assert [p.requires_grad for p in model.parameters()] == [False, True, True, True, True, True]


def test_random_numbers_are_not_drawn(nn):
    model = nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.5))
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    summary(model, (3,))
    assert torch.rand(1) == expected


# -- how it looks


def test_the_table_as_html():
    table = summary(scratch_nn.Sequential(scratch_nn.Linear(1200, 2), scratch_nn.ReLU()), (1200,))
    html = table._repr_html_()
    assert html.count("<tr>") == 4
    assert html.count("<th") - html.count("<thead") == 12  # in the last line two are empty
    assert 'text-align: right">2,400</td>' in html
    assert "2,402 parameters: 9.6 kB in float32" in html


def test_rows_by_place_and_by_name(nn):
    table = summary(nets.lenet5(nn), (1, 28, 28))
    assert isinstance(table, Summary)
    assert table["C3"] is table[3]
    assert len(table) == len(list(table)) == 12
    with pytest.raises(KeyError, match="no layer called 'C4' ran; there are C1, relu1"):
        table["C4"]


def test_every_unit_has_a_value_of_the_layers_output(nn):
    for row in summary(nets.vgg_small(nn), (3, 32, 32)):
        assert row.units in (0, math.prod(row.output_shape))


def test_double_precision_and_models_without_parameters(nn):
    assert summary(nets.lenet5(nn).double(), (1, 28, 28)).parameters == 61_706
    assert summary(nn.Sequential(nn.MaxPool2d(2)), (1, 4, 4)).connections == 16


def test_the_image_has_the_numbers_of_the_models_type(nn):
    for model in (nn.Linear(3, 2), nn.Linear(3, 2).double()):
        seen = []
        handle = model.register_forward_hook(lambda module, inputs, output, seen=seen: seen.append(inputs[0].dtype))
        summary(model, (3,))
        handle.remove()
        assert seen == [model.weight.dtype]


# -- families of layers


def test_every_layer_of_lenet_belongs_to_a_family(nn):
    table = summary(nets.lenet5_1998(nn), (1, 32, 32))
    families = {row.name: row.family for row in table if row.units}
    assert families == {
        **dict.fromkeys(["C1", "C3"], "convolution"),
        **dict.fromkeys(["S2", "S4"], "pooling"),
        **dict.fromkeys(["C5", "F6", "output"], "fully connected"),
    }
    assert table["tanh1"].family == ""
    assert [row.parameters for row in table if row.units] == [156, 12, 1516, 32, 48_120, 10_164, 0]
