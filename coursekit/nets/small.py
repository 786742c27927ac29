"""VGG and ResNet at the size of CIFAR-10, for both backends. Taught in the chapter on architectures."""

from collections import OrderedDict

from coursekit.nets.portable import Portable, cat


def vgg_small(nn, n_classes=10, in_channels=3, widths=(32, 64, 128), image_size=32):
    """Build a small VGG: for each width two 3 × 3 convolutions and a pooling that halves the size; two dense layers.

    After Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition" (ICLR 2015),
    with batch normalisation.

    Parameters
    ----------
    nn : coursekit.scratch.nn or torch.nn
    n_classes, in_channels : int
    widths : sequence of int
        Channels of each stage.
    image_size : int
        Height and width.

    Returns
    -------
    nn.Sequential
        Images to logits.

    Examples
    --------
    >>> from coursekit.counting import parameters
    >>> parameters(vgg_small(nn))
    814570
    """
    features, channels, size = [], in_channels, image_size
    for width in widths:
        for _ in range(2):
            features.append(nn.Conv2d(channels, width, kernel_size=3, padding=1, bias=False))
            features += [nn.BatchNorm2d(width), nn.ReLU()]
            channels = width
        features.append(nn.MaxPool2d(2))
        size //= 2
    head = [nn.Flatten(), nn.Linear(channels * size**2, 256), nn.ReLU(), nn.Dropout(0.5), nn.Linear(256, n_classes)]
    return nn.Sequential(*features, *head)


def resnet_small(nn, depth=20, n_classes=10, in_channels=3, width=16, residual=True):
    """Build a residual network of depth 6n + 2: one convolution, three stages of n blocks with two each, a dense layer.

    Shortcuts have no weights (the paper's option A), so the residual network and its plain twin have the same ones,
    under the same names: a `state_dict` fits both. Convolutions start as He et al. (2015) recommend for ReLU.

    Parameters
    ----------
    nn : coursekit.scratch.nn or torch.nn
    depth : int
        Layers with weights: 8, 14, 20, 32, 44, 56, 110 …
    n_classes, in_channels : int
    width : int
        Channels of the first stage; each later one has twice as many at half the height and width.
    residual : bool
        False leaves the shortcuts out.

    Returns
    -------
    nn.Sequential
        (N, in_channels, H, W) to (N, n_classes), logits; H and W a multiple of 4.

    Raises
    ------
    ValueError
        If depth is not 6n + 2.

    Examples
    --------
    >>> from coursekit.counting import parameters
    >>> [parameters(resnet_small(nn, depth)) for depth in (20, 56)]      # the paper's table 6: 0.27 M, 0.85 M
    [269722, 853018]
    """
    n, rest = divmod(depth - 2, 6)
    if n < 1 or rest:
        raise ValueError(f"depth: got {depth}; it must be 6n + 2: 8, 14, 20, 26, 32 ...")
    layers = OrderedDict()
    layers["conv1"] = nn.Conv2d(in_channels, width, kernel_size=3, padding=1, bias=False)
    layers["bn1"] = nn.BatchNorm2d(width)
    layers["relu"] = nn.ReLU()
    for stage in range(3):
        blocks = []
        for i in range(n):
            halve = stage > 0 and i == 0
            blocks.append(Block(nn, width, 2 * width if halve else width, residual))
            width = 2 * width if halve else width
        layers[f"layer{stage + 1}"] = nn.Sequential(*blocks)
    layers["avgpool"] = nn.AdaptiveAvgPool2d(1)
    layers["flatten"] = nn.Flatten()
    layers["fc"] = nn.Linear(width, n_classes)
    model = nn.Sequential(layers)
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    return model


class Block(Portable):
    """``relu(x + F(x))``, F being two 3 × 3 convolutions with batch normalisation; without shortcut ``relu(F(x))``.

    Where the number of channels doubles, the size is halved: the shortcut takes every other pixel, and zeros for the
    new channels.
    """

    def __init__(self, nn, in_channels, out_channels, residual=True):
        super().__init__()
        self.residual, self.stride = residual, out_channels // in_channels
        self.conv1 = nn.Conv2d(in_channels, out_channels, kernel_size=3, stride=self.stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(out_channels, out_channels, kernel_size=3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        if self.residual:
            out = out + self.shortcut(x)
        return self.relu(out)

    def shortcut(self, x):
        if self.stride == 1:
            return x
        x = x[:, :, :: self.stride, :: self.stride]
        return cat([x, 0 * x])
