"""The networks that take `nn`: the same parameters, outputs and gradients on both backends."""

import copy
import pickle

import numpy as np
import pytest
import torch

from coursekit import nets
from coursekit.counting import parameters
from coursekit.nets.lenet import C3_TABLE, PartialConvolution, ScaledTanh
from coursekit.nets.small import Block
from coursekit.scratch import Tensor
from coursekit.scratch import nn as scratch_nn

TOLERANCE = {"float32": 1e-5, "float64": 1e-10}
NETS = {
    "mlp": (lambda nn: nets.mlp(nn, [12, 8, 7, 3], activation=nn.Tanh), (3, 2, 2)),
    "lenet5": (nets.lenet5, (1, 28, 28)),
    "lenet5 for CIFAR": (lambda nn: nets.lenet5(nn, in_channels=3, padding=0), (3, 32, 32)),
    "lenet5_1998": (nets.lenet5_1998, (1, 32, 32)),
    "autoencoder": (lambda nn: nets.autoencoder(nn, [20, 10, 3]), (1, 4, 5)),
    "8-3-8": (lambda nn: nets.autoencoder(nn, [8, 3], activation=nn.Sigmoid), (8,)),
    "conv_autoencoder": (nets.conv_autoencoder, (1, 28, 28)),
    "vgg_small": (lambda nn: nets.vgg_small(nn, widths=(4, 8), image_size=12), (3, 12, 12)),
    "resnet_small": (lambda nn: nets.resnet_small(nn, 14, width=4), (3, 16, 16)),
    "plain": (lambda nn: nets.resnet_small(nn, 8, width=4, residual=False), (3, 16, 16)),
    "two_convolutions": (lambda nn: nets.two_convolutions(nn, 3, 1), (1, 32, 32)),
    "unet": (lambda nn: nets.unet(nn, width=4, depth=2), (1, 16, 16)),
    "unet without skips": (lambda nn: nets.unet(nn, width=4, depth=2, skips=False), (1, 16, 16)),
    "unet as published": (lambda nn: nets.unet(nn, width=4, depth=2, padding=0, batch_norm=False), (1, 44, 44)),
}


@pytest.fixture(params=[scratch_nn, torch.nn], ids=["scratch", "torch"])
def nn(request):
    return request.param


def both(build, dtype):
    """The same network twice: PyTorch's weights, running statistics other than 0 and 1, dropout switched off."""
    ours, theirs = build(scratch_nn), build(torch.nn)
    for module in (*ours.modules(), *theirs.modules()):
        if type(module).__name__ == "Dropout":
            module.p = 0.0
    theirs = theirs.double()
    for name, buffer in theirs.named_buffers():
        if "running" in name:
            buffer.uniform_(0.5, 1.5)
    theirs.to(getattr(torch, dtype))
    ours = ours.double() if dtype == "float64" else ours
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


def assert_close(actual, expected, tolerance, what):
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape, what
    assert actual.dtype == expected.dtype, what
    scale = max(np.abs(expected).max(), 1e-30)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance * scale, err_msg=what)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
@pytest.mark.parametrize("name", NETS)
def test_outputs_and_gradients_agree(name, training, dtype):
    build, shape = NETS[name]
    ours, theirs = both(build, dtype)
    ours.train(training), theirs.train(training)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, *shape)).astype(dtype)
    mine, reference = Tensor(x, requires_grad=True), torch.from_numpy(x.copy()).requires_grad_()

    out, expected = ours(mine), theirs(reference)
    assert_close(out.detach(), expected.detach(), TOLERANCE[dtype], "output")
    above = rng.normal(size=expected.shape).astype(dtype)
    out.backward(above)
    expected.backward(torch.from_numpy(above))
    # A gradient behind batch normalisation is a small difference of large numbers: it is compared with the largest one.
    largest = max(float(p.grad.abs().max()) for p in theirs.parameters())
    gradients = {key: parameter.grad for key, parameter in ours.named_parameters()}
    assert list(gradients) == [key for key, _ in theirs.named_parameters()]
    for key, parameter in theirs.named_parameters():
        difference = np.abs(np.asarray(gradients[key]) - np.asarray(parameter.grad)).max()
        assert difference <= TOLERANCE[dtype] * largest, f"gradient of {key}: off by {difference / largest}"
    assert_close(mine.grad, reference.grad, TOLERANCE[dtype], "gradient of the input")
    for key, value in theirs.state_dict().items():
        assert_close(ours.state_dict()[key], value, TOLERANCE[dtype], f"{key} afterwards")


@pytest.mark.parametrize("name", NETS)
def test_weights_pass_both_ways(name):
    build, _ = NETS[name]
    ours, theirs = build(scratch_nn), build(torch.nn)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    theirs.load_state_dict({key: torch.from_numpy(value) for key, value in ours.state_dict().items()})
    for key, value in theirs.state_dict().items():
        np.testing.assert_array_equal(ours.state_dict()[key], np.asarray(value))
    again = build(scratch_nn)
    again.load_state_dict(theirs.state_dict())
    for key, value in again.state_dict().items():
        np.testing.assert_array_equal(ours.state_dict()[key], value)


@pytest.mark.parametrize("name", NETS)
def test_models_can_be_copied_and_pickled(name, nn):
    build, shape = NETS[name]
    model = build(nn).eval()
    x = nets.portable.tensor(nn, np.random.default_rng(0).normal(size=(2, *shape)).astype("float32"))
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert [type(module) for module in twin.modules()] == [type(module) for module in model.modules()]
        assert [key for key, _ in twin.named_parameters()] == [key for key, _ in model.named_parameters()]
        np.testing.assert_array_equal(np.asarray(twin(x).detach()), np.asarray(model(x).detach()))


def test_a_copy_does_not_share_weights(nn):
    model = nets.resnet_small(nn, 8)
    twin = copy.deepcopy(model)
    before = np.asarray(model.layer1[0].conv1.weight.detach()).copy()
    nn.init.zeros_(twin.layer1[0].conv1.weight)
    np.testing.assert_array_equal(np.asarray(model.layer1[0].conv1.weight.detach()), before)


def test_a_portable_module_is_of_its_class_and_of_its_backend():
    ours, theirs = nets.resnet_small(scratch_nn, 8).layer1[0], nets.resnet_small(torch.nn, 8).layer1[0]
    assert isinstance(ours, Block)
    assert isinstance(theirs, Block)
    assert isinstance(ours, scratch_nn.Module)
    assert isinstance(theirs, torch.nn.Module)
    assert not isinstance(ours, torch.nn.Module)
    assert type(ours) is type(nets.resnet_small(scratch_nn, 8).layer1[0])


# -- one by one


def test_numbers_of_parameters(nn):
    assert parameters(nets.mlp(nn, [784, 256, 10])) == 784 * 256 + 256 + 2560 + 10
    assert parameters(nets.lenet5(nn)) == 61_706
    assert parameters(nets.lenet5_1998(nn)) == 60_000
    # He et al., table 6: 0.27, 0.46, 0.66, 0.85 and 1.7 million
    counted = [parameters(nets.resnet_small(nn, depth)) for depth in (20, 32, 44, 56, 110)]
    assert [round(count / 1e6, 2) for count in counted] == [0.27, 0.46, 0.66, 0.85, 1.73]
    assert parameters(nets.resnet_small(nn, 20, residual=False)) == counted[0]


def test_the_table_of_c3():
    assert [len(maps) for maps in C3_TABLE] == [3] * 6 + [4] * 9 + [6]
    assert all(len(set(maps)) == len(maps) and set(maps) <= set(range(6)) for maps in C3_TABLE)
    seen_by = [sum(channel in maps for maps in C3_TABLE) for channel in range(6)]
    assert seen_by == [10] * 6  # as the rows of the paper's table I


def test_the_activation_of_1998_maps_one_to_one(nn):
    out = ScaledTanh(nn)(nets.portable.tensor(nn, np.array([-1.0, 0.0, 1.0])))
    np.testing.assert_allclose(np.asarray(out), [-1, 0, 1], atol=1e-4)


def test_a_partial_convolution_is_a_convolution_with_zeros(nn):
    partial = PartialConvolution(nn, C3_TABLE, 5)
    x = np.random.default_rng(0).normal(size=(2, 6, 9, 9)).astype("float32")
    weight, bias = torch.zeros(16, 6, 5, 5), torch.zeros(16)
    for i, (part, channels) in enumerate(zip(partial.maps, C3_TABLE, strict=True)):
        weight[i, channels] = torch.from_numpy(np.asarray(part.weight.detach()))[0]
        bias[i] = float(np.asarray(part.bias.detach())[0])
    expected = torch.nn.functional.conv2d(torch.from_numpy(x), weight, bias)
    actual = partial(nets.portable.tensor(nn, x)).detach()
    np.testing.assert_allclose(np.asarray(actual), expected.numpy(), atol=1e-5)


def test_the_output_of_lenet5_of_1998_is_largest_where_f6_is_the_code(nn):
    output = nets.lenet5_1998(nn).output
    scores = np.asarray(output(output.codes))
    np.testing.assert_array_equal(np.diag(scores), np.zeros(10))
    assert (scores[~np.eye(10, dtype=bool)] <= -4).all()
    assert set(np.unique(np.asarray(output.codes))) == {-1, 1}
    assert not list(output.parameters())


def test_a_residual_block_whose_layers_give_nothing_passes_its_input_on(nn):
    block = Block(nn, 3, 6).eval()
    nn.init.zeros_(block.bn2.weight)
    x = np.abs(np.random.default_rng(0).normal(size=(2, 3, 6, 6))).astype("float32")
    out = np.asarray(block(nets.portable.tensor(nn, x)).detach())
    np.testing.assert_array_equal(out[:, :3], x[:, :, ::2, ::2])
    np.testing.assert_array_equal(out[:, 3:], np.zeros_like(out[:, 3:]))
    nn.init.constant_(block.bn2.bias, -0.5)  # the sum is rectified, not one of its terms
    out = np.asarray(block(nets.portable.tensor(nn, x)).detach())
    np.testing.assert_allclose(out[:, :3], np.maximum(x[:, :, ::2, ::2] - 0.5, 0), rtol=1e-6)
    plain = Block(nn, 3, 3, residual=False).eval()
    nn.init.zeros_(plain.bn2.weight)
    assert not np.asarray(plain(nets.portable.tensor(nn, x)).detach()).any()


@pytest.mark.parametrize("depth", [2, 7, 18, 51])
def test_depths_that_do_not_exist(nn, depth):
    with pytest.raises(ValueError, match=f"depth: got {depth}; it must be 6n"):
        nets.resnet_small(nn, depth)


def test_unet_sizes(nn):
    def out(side, **options):
        model = nets.unet(nn, width=2, batch_norm=False, **options)
        return tuple(model(nets.portable.tensor(nn, np.zeros((1, 1, side, side + 4), "float32"))).shape)

    assert out(16, depth=2) == (1, 2, 16, 20)
    assert out(18, depth=2) == (1, 2, 16, 20)  # 18 is no multiple of 4
    assert out(572 - 4 * 96, depth=4, padding=0) == (1, 2, 4, 4)  # 572 gives 388, and 572 - 384 gives 388 - 384


def test_without_skips_the_first_maps_reach_the_answer_only_through_the_bottom(nn):
    for skips in (True, False):
        model = nets.unet(nn, width=2, depth=1, skips=skips).eval()
        up = model.up[0]
        for parameter in up.parameters():
            parameter.data[...] = 0  # nothing comes up from below
        one, other = (np.random.default_rng(seed).normal(size=(1, 1, 8, 8)).astype("float32") for seed in (0, 1))
        answers = [np.asarray(model(nets.portable.tensor(nn, x)).detach()) for x in (one, other)]
        assert np.allclose(*answers) is not skips


def test_he_initialisation_keeps_the_variance(nn):
    weight = np.asarray(nets.resnet_small(nn, 8, width=32).layer3[0].conv2.weight.detach())
    assert abs(weight.var() * 9 * 128 / 2 - 1) < 0.05


def test_images_come_out_of_an_autoencoder_between_0_and_1(nn):
    for model in (nets.autoencoder(nn, [16, 4]), nets.conv_autoencoder(nn, widths=(3,))):
        assert type(model.decoder[-1]).__name__ == "Sigmoid"
        linear = (
            nets.autoencoder(nn, [16, 4], nn.Identity, nn.Identity),
            nets.conv_autoencoder(nn, output=nn.Identity),
        )
        assert all(type(other.decoder[-1]).__name__ == "Identity" for other in linear)


def test_batch_normalisation_takes_the_place_of_biases(nn):
    for model in (nets.unet(nn), nets.vgg_small(nn), nets.resnet_small(nn)):
        convolutions = [m for m in model.modules() if type(m).__name__ == "Conv2d" and m.kernel_size == (3, 3)]
        assert convolutions
        assert all(convolution.bias is None for convolution in convolutions)
