"""ResNet and ResNeXt: layers learn what to add to their input.

He, Zhang, Ren and Sun, "Deep residual learning for image recognition" (CVPR 2016); Xie et al., "Aggregated residual
transformations for deep neural networks" (CVPR 2017). Parameter names are torchvision's, so its ImageNet weights load.
Taught in the chapter on architectures; smaller ones, for both backends, stand in `small`.
"""

from collections import OrderedDict

from torch import nn


class Bottleneck(nn.Module):
    """``relu(x + F(x))``, where F narrows by a 1 × 1 convolution, works at 3 × 3 and widens again, four times.

    As in torchvision the 3 × 3 convolution takes the stride; in the paper it is the 1 × 1 before it, which looks at a
    quarter of the pixels only. That is 4.09 instead of 3.86 billion multiply-adds for ResNet-50.

    Parameters
    ----------
    in_channels, out_channels : int
        Where they differ, or the size does, the input is brought to the new shape by a 1 × 1 convolution.
    width : int
        Channels of the 3 × 3 convolution.
    groups : int
        1 for ResNet; ResNeXt splits the 3 × 3 convolution into parallel narrow ones.
    stride : int
    """

    def __init__(self, in_channels, width, out_channels, groups, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, kernel_size=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, kernel_size=3, stride=stride, padding=1, groups=groups, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, out_channels, kernel_size=1, bias=False)
        self.bn3 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()
        self.downsample = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            projection = nn.Conv2d(in_channels, out_channels, kernel_size=1, stride=stride, bias=False)
            self.downsample = nn.Sequential(projection, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        return self.relu(out + self.downsample(x))


def resnet(blocks, n_classes=1000, groups=1, group_width=64):
    """Build a network of bottlenecks.

    Parameters
    ----------
    blocks : sequence of int
        Bottlenecks at 56 × 56, 28 × 28, 14 × 14 and 7 × 7 units.
    n_classes : int
    groups, group_width : int
        Of the 3 × 3 convolutions in the first stage; the width doubles from stage to stage.

    Returns
    -------
    torch.nn.Sequential
        (N, 3, 224, 224) to (N, n_classes), logits.
    """
    layers = OrderedDict()
    layers["conv1"] = nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)
    layers["bn1"] = nn.BatchNorm2d(64)
    layers["relu"] = nn.ReLU()
    layers["maxpool"] = nn.MaxPool2d(3, stride=2, padding=1)
    channels = 64
    for stage, length in enumerate(blocks):
        width, out_channels = groups * group_width * 2**stage, 256 * 2**stage
        strides = [1 if stage == 0 else 2] + [1] * (length - 1)
        inputs = [channels] + [out_channels] * (length - 1)
        layers[f"layer{stage + 1}"] = nn.Sequential(
            *(Bottleneck(n, width, out_channels, groups, stride) for n, stride in zip(inputs, strides, strict=True))
        )
        channels = out_channels
    layers["avgpool"] = nn.AdaptiveAvgPool2d(1)
    layers["flatten"] = nn.Flatten()
    layers["fc"] = nn.Linear(channels, n_classes)
    model = nn.Sequential(layers)
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return model


def resnet50(n_classes=1000):
    """Build ResNet-50, 25 557 032 parameters; Keras adds biases that batch normalisation cancels (26 560)."""
    return resnet([3, 4, 6, 3], n_classes)


def resnet152(n_classes=1000):
    """Build ResNet-152, 60 192 808 parameters."""
    return resnet([3, 8, 36, 3], n_classes)


def resnext50(n_classes=1000):
    """Build ResNeXt-50 (32x4d), 25 028 904 parameters: 32 groups of 4 channels, for the cost of ResNet-50."""
    return resnet([3, 4, 6, 3], n_classes, groups=32, group_width=4)
