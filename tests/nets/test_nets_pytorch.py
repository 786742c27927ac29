"""The historical networks: torchvision's parameter names, shapes and outputs, and the published counts."""

import subprocess
import sys

import pytest
import torch
from torchvision import models

from coursekit import nets
from coursekit.counting import parameters, summary

PAIRS = {
    "alexnet": (nets.alexnet, models.alexnet),
    "vgg16": (nets.vgg16, models.vgg16),
    "vgg19": (nets.vgg19, models.vgg19),
    "googlenet": (lambda: nets.googlenet(batch_norm=True), lambda: models.googlenet(init_weights=False)),
    "resnet50": (nets.resnet50, models.resnet50),
    "resnet152": (nets.resnet152, models.resnet152),
    "resnext50": (nets.resnext50, models.resnext50_32x4d),
}


def on_meta(build):
    with torch.device("meta"):
        return build()


@pytest.mark.parametrize("name", PAIRS)
def test_names_and_shapes_are_torchvisions(name):
    ours, theirs = map(on_meta, PAIRS[name])
    shapes = [{key: value.shape for key, value in model.state_dict().items()} for model in (ours, theirs)]
    assert shapes[0] == shapes[1]
    assert list(shapes[0]) == list(shapes[1])


@pytest.mark.parametrize("name", ["alexnet", "vgg16", "googlenet", "resnet50", "resnext50"])
def test_outputs_are_torchvisions(name):
    ours, theirs = (build() for build in PAIRS[name])
    for key, buffer in theirs.named_buffers():
        if "running" in key:
            buffer.uniform_(0.5, 1.5)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    images = torch.randn(2, 3, 96, 96)
    with torch.no_grad():
        expected = theirs.eval()(images)
        difference = (ours.eval()(images) - expected).abs().max()
    assert expected.abs().max() > 0
    assert difference <= 1e-5 * expected.abs().max()


def test_the_heads_of_googlenet_are_torchvisions():
    ours, theirs = (build() for build in PAIRS["googlenet"])
    ours.load_state_dict(theirs.state_dict(), strict=True)
    for model in (ours, theirs):
        for module in model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
    images = torch.randn(2, 3, 96, 96)
    with torch.no_grad():
        for mine, reference in zip(ours.train()(images), theirs.train()(images), strict=True):
            torch.testing.assert_close(mine, reference, rtol=0, atol=1e-4 * float(reference.abs().max()))


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (nets.alexnet, 61_100_840),
        (nets.alexnet_2012, 60_965_224),
        (nets.vgg16, 138_357_544),
        (nets.vgg19, 143_667_240),
        (nets.googlenet, 6_998_552 + 6_379_728),
        (lambda: nets.googlenet(batch_norm=True), 13_004_888),
        (nets.resnet50, 25_557_032),
        (nets.resnet152, 60_192_808),
        (nets.resnext50, 25_028_904),
    ],
)
def test_published_counts(build, expected):
    assert parameters(on_meta(build)) == expected


def table(build, side=224):
    return summary(on_meta(build), (3, side, side))


def test_what_keras_counts():
    resnet = table(nets.resnet50)
    convolution_biases = sum(row.output_shape[0] for row in resnet if row.kind == "Conv2d" and not row.biases)
    assert (resnet.buffers, convolution_biases) == (53_120, 26_560)
    assert resnet.parameters + resnet.buffers + convolution_biases == 25_636_712
    resnext = table(nets.resnext50)
    assert resnext.parameters + resnext.buffers == 25_097_128
    assert table(nets.vgg16).parameters == 138_357_544
    inception = table(lambda: models.inception_v3(init_weights=False), 299)
    scales = sum(row.weights for row in inception if row.kind == "BatchNorm2d")
    assert inception.parameters - scales + inception.buffers == 23_851_784


def test_multiply_adds_with_the_stride_in_the_middle():
    assert table(nets.resnet50).multiply_adds == 4_089_184_256


def test_alexnet_of_2012_layer_by_layer():
    rows = [row for row in table(nets.alexnet_2012, 227) if row.weights]
    assert [row.units for row in rows] == [290_400, 186_624, 64_896, 64_896, 43_264, 4096, 4096, 1000]
    assert [row.weights for row in rows][:5] == [
        *(11 * 11 * 3 * 96, 5 * 5 * 48 * 256, 3 * 3 * 256 * 384, 3 * 3 * 192 * 384, 3 * 3 * 192 * 256)
    ]


def test_response_normalisation_is_the_papers():
    normalisation = nets.alexnet_2012().features[2]
    x = torch.rand(1, 7, 2, 2, dtype=torch.float64) * 50
    expected = torch.stack(
        [x[:, i] / (2 + 1e-4 * (x[:, max(i - 2, 0) : i + 3] ** 2).sum(1)) ** 0.75 for i in range(7)], dim=1
    )
    torch.testing.assert_close(normalisation(x), expected)


def test_googlenet_as_published():
    model = nets.googlenet(n_classes=7)
    images = torch.randn(2, 3, 224, 224)
    with torch.no_grad():
        assert [tuple(out.shape) for out in model.train()(images)] == [(2, 7)] * 3
        assert model.eval()(images).shape == (2, 7)
    sizes = {row.name: row.output_shape for row in summary(model, (3, 224, 224), depth=1)}
    # the column "output size" of the paper's table 1
    assert [sizes[name] for name in ("conv1", "maxpool1", "conv3", "maxpool2", "inception3b", "maxpool3")] == [
        *((64, 112, 112), (64, 56, 56), (192, 56, 56), (192, 28, 28), (480, 28, 28), (480, 14, 14))
    ]
    assert [sizes[name] for name in ("inception4e", "maxpool4", "inception5b", "avgpool")] == [
        *((832, 14, 14), (832, 7, 7), (1024, 7, 7), (1024, 1, 1))
    ]
    constants = [(n.size, n.alpha, n.beta, n.k) for n in (model.norm1, model.norm2, nets.alexnet_2012().features[2])]
    assert len(set(constants)) == 1
    five = model.inception3a.branch3
    assert (five[0].conv.weight.numel() + five[1].conv.weight.numel()) == 15_872
    assert tuple(five[1].conv.kernel_size) == (5, 5)


@pytest.mark.parametrize("build", [nets.alexnet, nets.vgg16, nets.resnet50])
def test_other_images_and_other_classes(build):
    model = build(n_classes=5).eval()
    with torch.no_grad():
        assert model(torch.zeros(1, 3, 64, 80)).shape == (1, 5)


def test_pytorch_comes_with_the_first_network_that_needs_it():
    code = (
        "import sys; from coursekit import nets; nets.mlp; assert 'torch' not in sys.modules; "
        "nets.vgg16; assert 'torch' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="no attribute 'vgg17'"):
        nets.vgg17  # noqa: B018
    assert all(callable(getattr(nets, name)) for name in nets.__all__)
