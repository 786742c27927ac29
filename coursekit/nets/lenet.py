"""LeNet-5, as it is built today and as it was in 1998.

LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition" (Proc. IEEE 1998). C, S and
F stand for convolution, subsampling and fully connected; layers are numbered through. Taught in the chapters on
convolution layers, on backpropagation through convolution and pooling, and on counting.
"""

from collections import OrderedDict

import numpy as np

from coursekit.nets.portable import Portable, cat, tensor


def lenet5(nn, n_classes=10, in_channels=1, padding=2):
    """Build LeNet-5 as it is built today: ReLU, max-pooling, every map of C3 connected to all of S2, plain logits.

    61 706 parameters, where the original had 60 000: 900 more in C3, 850 in an output layer that is now trained, 44
    fewer because pooling has none.

    Parameters
    ----------
    nn : coursekit.scratch.nn or torch.nn
    n_classes, in_channels : int
    padding : int
        2 for images of 28 × 28, 0 for images of 32 × 32.

    Returns
    -------
    nn.Sequential
        (N, in_channels, 28, 28) to (N, n_classes), logits.

    Examples
    --------
    >>> from coursekit.counting import summary
    >>> summary(lenet5(nn), (1, 28, 28))
    layer    kind       output        units  weights  biases  connections
    C1       Conv2d     6 × 28 × 28   4,704      150       6      122,304
    relu1    ReLU       6 × 28 × 28
    S2       MaxPool2d  6 × 14 × 14   1,176                         4,704
    C3       Conv2d     16 × 10 × 10  1,600    2,400      16      241,600
    relu3    ReLU       16 × 10 × 10
    S4       MaxPool2d  16 × 5 × 5      400                         1,600
    flatten  Flatten    400
    C5       Linear     120             120   48,000     120       48,120
    relu5    ReLU       120
    F6       Linear     84               84   10,080      84       10,164
    relu6    ReLU       84
    output   Linear     10               10      840      10          850
    total                             8,094   61,470     236      429,342
    61,706 parameters: 246.8 kB in float32
    input and units of one example: 35.5 kB
    """
    layers = OrderedDict()
    layers["C1"] = nn.Conv2d(in_channels, 6, kernel_size=5, padding=padding)
    layers["relu1"] = nn.ReLU()
    layers["S2"] = nn.MaxPool2d(2)
    layers["C3"] = nn.Conv2d(6, 16, kernel_size=5)
    layers["relu3"] = nn.ReLU()
    layers["S4"] = nn.MaxPool2d(2)
    layers["flatten"] = nn.Flatten()
    layers["C5"] = nn.Linear(16 * 5 * 5, 120)
    layers["relu5"] = nn.ReLU()
    layers["F6"] = nn.Linear(120, 84)
    layers["relu6"] = nn.ReLU()
    layers["output"] = nn.Linear(84, n_classes)
    return nn.Sequential(layers)


def lenet5_1998(nn):
    """Build LeNet-5 as the paper describes it: 60 000 trained parameters, 340 908 connections.

    What is different from today: a unit of S2 and S4 adds four inputs and applies a trained coefficient and bias, a map
    of C3 sees only some maps of S2, activations are 1.7159 tanh(2x/3), and the output is the squared distance to a
    fixed code for each class. The paper drew the codes as 7 × 12 pictures of the digits and says that random ones could
    have been taken; here they are random. The sign is turned, so that the largest output wins and cross-entropy trains
    it. Weights start as `nn` starts them, the coefficients of subsampling within ±1.

    Parameters
    ----------
    nn : coursekit.scratch.nn or torch.nn

    Returns
    -------
    nn.Sequential
        (N, 1, 32, 32) to (N, 10). The paper puts the digit, scaled so that the background is −0.1 and the ink 1.175,
        into the middle of 32 × 32 pixels.

    Examples
    --------
    >>> from coursekit.counting import summary
    >>> table = summary(lenet5_1998(nn), (1, 32, 32))
    >>> for row in table:
    ...     if row.connections:
    ...         print(f"{row.name:<6}  {row.units:>5}  {row.weights + row.biases:>6}  {row.connections:>7}")
    C1       4704     156   122304
    S2       1176      12     5880
    C3       1600    1516   151600
    S4        400      32     2000
    C5        120   48120    48120
    F6         84   10164    10164
    output     10       0      840
    >>> table.parameters, table.connections
    (60000, 340908)
    """
    layers = OrderedDict()
    layers["C1"] = nn.Conv2d(1, 6, kernel_size=5)
    layers["tanh1"] = ScaledTanh(nn)
    layers["S2"] = Subsampling(nn, 6)
    layers["tanh2"] = ScaledTanh(nn)
    layers["C3"] = PartialConvolution(nn, C3_TABLE, kernel_size=5)
    layers["tanh3"] = ScaledTanh(nn)
    layers["S4"] = Subsampling(nn, 16)
    layers["tanh4"] = ScaledTanh(nn)
    layers["C5"] = nn.Conv2d(16, 120, kernel_size=5)  # on larger images it would slide; here its output is 1 × 1
    layers["tanh5"] = ScaledTanh(nn)
    layers["flatten"] = nn.Flatten()
    layers["F6"] = nn.Linear(120, 84)
    layers["tanh6"] = ScaledTanh(nn)
    layers["output"] = DistanceToCodes(nn, 84, 10)
    return nn.Sequential(layers)


# Table I of the paper: the maps of S2 that each map of C3 sees. It breaks the symmetry, and saves connections.
C3_TABLE = [[first, (first + 1) % 6, (first + 2) % 6] for first in range(6)]
C3_TABLE += [[first, (first + 1) % 6, (first + 2) % 6, (first + 3) % 6] for first in range(6)]
C3_TABLE += [[0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5], [0, 1, 2, 3, 4, 5]]


class ScaledTanh(Portable):
    """``1.7159 tanh(2x/3)``: maps ±1 to ±1, where it is most curved, so targets of ±1 need no large weights."""

    def __init__(self, nn):
        super().__init__()

    def forward(self, x):
        return 1.7159 * self.nn.functional.tanh(2 / 3 * x)


class Subsampling(Portable):
    """Add up each 2 × 2 window, times one trained coefficient a channel, plus one trained bias.

    Examples
    --------
    >>> layer = Subsampling(nn, 1)
    >>> layer.scale.weight.data[...], layer.scale.bias.data[...] = 0.5, 1.0
    >>> layer(Tensor(np.arange(4.0, dtype=np.float32).reshape(1, 1, 2, 2))).item()
    4.0
    """

    fan_in = 4

    def __init__(self, nn, channels):
        super().__init__()
        self.pool = nn.AvgPool2d(2)
        self.scale = nn.Conv2d(channels, channels, kernel_size=1, groups=channels)

    def forward(self, x):
        return self.scale(4 * self.pool(x))


class PartialConvolution(Portable):
    """Convolution whose filters see only some of the channels each.

    Parameters
    ----------
    nn : coursekit.scratch.nn or torch.nn
    table : sequence of lists of int
        For each filter, the channels that it sees.
    kernel_size : int
    """

    def __init__(self, nn, table, kernel_size):
        super().__init__()
        self.table = table
        self.maps = nn.Sequential(*(nn.Conv2d(len(channels), 1, kernel_size) for channels in table))
        self.fan_in = kernel_size**2 * sum(map(len, table)) / len(table)  # on average

    def forward(self, x):
        return cat([filter(x[:, channels]) for filter, channels in zip(self.maps, self.table, strict=True)])


class DistanceToCodes(Portable):
    """Minus the squared distance to a fixed code of ±1 for each class: Euclidean radial basis functions."""

    def __init__(self, nn, features, n_classes):
        super().__init__()
        self.fan_in = features
        codes = np.random.default_rng(1998).choice([-1, 1], size=(n_classes, features))
        self.register_buffer("codes", tensor(nn, codes.astype(np.float32)))

    def forward(self, x):
        return -((x.unsqueeze(1) - self.codes) ** 2).sum(2)
