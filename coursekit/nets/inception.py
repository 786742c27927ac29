"""GoogLeNet (Inception-v1): modules of four branches, and losses in the middle of the network.

Szegedy et al., "Going deeper with convolutions" (CVPR 2015). Taught in the chapter on architectures.
"""

from collections import OrderedDict

import torch
from torch import nn


class GoogLeNet(nn.Module):
    """Inception-v1, as published or as torchvision has it.

    Counted, the paper's network has 6 998 552 parameters in use and 6 379 728 in the two heads that are for training
    only: neither the 2 million that are sometimes quoted nor a twelfth of AlexNet's, as the paper says. One million of
    them is the fully connected layer at its end.

    Parameters
    ----------
    n_classes : int
    batch_norm : bool
        False: the paper's network. Convolutions have biases, the third branch is 5 × 5, and local response
        normalisation (with AlexNet's constants, the paper names none) stands twice near the input.
        True: torchvision's, with its parameter names, so that its ImageNet weights load. Batch normalisation instead of
        biases and response normalisation, and a third branch of 3 × 3: a slip in the code from which the weights come,
        kept because they do. 6 624 904 parameters in use, 13 004 888 with both heads. Those weights want pixels in
        [−1, 1], (x − 0.5) / 0.5, not the mean and deviation of ImageNet; torchvision's model changes them inside.

    Notes
    -----
    In `train` mode the result is (logits, logits of the later head, logits of the earlier head); the paper adds 0.3
    times each head's loss. In `eval` mode it is the logits alone.
    """

    def __init__(self, n_classes=1000, batch_norm=False):
        super().__init__()
        normalisation = nn.Identity if batch_norm else lambda: nn.LocalResponseNorm(size=5, alpha=5 * 1e-4, k=2)

        def module(*channels):
            return Inception(*channels, batch_norm=batch_norm)

        self.conv1 = convolution(3, 64, 7, batch_norm, stride=2)
        self.maxpool1 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.norm1 = normalisation()
        self.conv2 = convolution(64, 64, 1, batch_norm)
        self.conv3 = convolution(64, 192, 3, batch_norm)
        self.norm2 = normalisation()
        self.maxpool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception3a = module(192, 64, 96, 128, 16, 32, 32)
        self.inception3b = module(256, 128, 128, 192, 32, 96, 64)
        self.maxpool3 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception4a = module(480, 192, 96, 208, 16, 48, 64)
        self.inception4b = module(512, 160, 112, 224, 24, 64, 64)
        self.inception4c = module(512, 128, 128, 256, 24, 64, 64)
        self.inception4d = module(512, 112, 144, 288, 32, 64, 64)
        self.inception4e = module(528, 256, 160, 320, 32, 128, 128)
        self.maxpool4 = nn.MaxPool2d(2 if batch_norm else 3, stride=2, ceil_mode=True)
        self.inception5a = module(832, 256, 160, 320, 32, 128, 128)
        self.inception5b = module(832, 384, 192, 384, 48, 128, 128)
        self.aux1 = AuxiliaryHead(512, n_classes, batch_norm)
        self.aux2 = AuxiliaryHead(528, n_classes, batch_norm)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(0.2 if batch_norm else 0.4)
        self.fc = nn.Linear(1024, n_classes)

    def forward(self, x):
        x = self.norm1(self.maxpool1(self.conv1(x)))
        x = self.maxpool2(self.norm2(self.conv3(self.conv2(x))))
        x = self.maxpool3(self.inception3b(self.inception3a(x)))
        early = x = self.inception4a(x)
        late = x = self.inception4d(self.inception4c(self.inception4b(x)))
        x = self.maxpool4(self.inception4e(x))
        x = self.inception5b(self.inception5a(x))
        x = self.fc(self.dropout(self.flatten(self.avgpool(x))))
        return (x, self.aux2(late), self.aux1(early)) if self.training else x


class Inception(nn.Module):
    """Look at the same input in four ways and put the results side by side, channel after channel.

    The 1 × 1 convolutions in front of the larger ones (`reduce3`, `reduce5`) make them affordable: 5 × 5 from 192 to 32
    channels takes 153 600 weights, by way of 16 channels 15 872.

    Parameters
    ----------
    in_channels, one, reduce3, three, reduce5, five, pool : int
        Channels, in the order of the columns of the paper's table 1.
    """

    def __init__(self, in_channels, one, reduce3, three, reduce5, five, pool, *, batch_norm):
        super().__init__()
        self.branch1 = convolution(in_channels, one, 1, batch_norm)
        self.branch2 = nn.Sequential(
            convolution(in_channels, reduce3, 1, batch_norm), convolution(reduce3, three, 3, batch_norm)
        )
        self.branch3 = nn.Sequential(
            convolution(in_channels, reduce5, 1, batch_norm),
            convolution(reduce5, five, 3 if batch_norm else 5, batch_norm),
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(3, stride=1, padding=1), convolution(in_channels, pool, 1, batch_norm)
        )

    def forward(self, x):
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], dim=1)


class AuxiliaryHead(nn.Module):
    """A small classifier half-way up, which gives the lower layers a gradient over a shorter way."""

    def __init__(self, in_channels, n_classes, batch_norm):
        super().__init__()
        # On the 14 × 14 maps both make 4 × 4; torchvision's fits other sizes too, and the numbers differ a little.
        self.pool = nn.AdaptiveAvgPool2d(4) if batch_norm else nn.AvgPool2d(5, stride=3)
        self.conv = convolution(in_channels, 128, 1, batch_norm)
        self.flatten = nn.Flatten()
        self.fc1 = nn.Linear(128 * 4 * 4, 1024)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(0.7)
        self.fc2 = nn.Linear(1024, n_classes)

    def forward(self, x):
        x = self.flatten(self.conv(self.pool(x)))
        return self.fc2(self.dropout(self.relu(self.fc1(x))))


def convolution(in_channels, out_channels, kernel_size, batch_norm, stride=1):
    """Convolution that keeps the size (but for the stride), batch normalisation if wanted, ReLU."""
    padding = kernel_size // 2
    layers = OrderedDict()
    layers["conv"] = nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding, bias=not batch_norm)
    if batch_norm:
        layers["bn"] = nn.BatchNorm2d(out_channels, eps=0.001)
    layers["relu"] = nn.ReLU()
    return nn.Sequential(layers)


def googlenet(n_classes=1000, batch_norm=False):
    """Build GoogLeNet; see `GoogLeNet`.

    Returns
    -------
    GoogLeNet
        (N, 3, 224, 224) to (N, n_classes), logits.
    """
    return GoogLeNet(n_classes, batch_norm)
