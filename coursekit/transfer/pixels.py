"""A label for every pixel, from the layers of a network that was trained to classify whole photographs.

Taught in the chapter on other tasks.
"""

import torch
import torch.nn.functional as F
from torch import nn

ENDS = (3, 8, 15)  # the last ReLU of each of the first three blocks of VGG-16


def pixel_features(trunk, images, ends=ENDS):
    """What some layers say about every pixel: their maps, enlarged to the size of the image.

    Parameters
    ----------
    trunk : torch.nn.Module
        With `normalise` and `features`, as ``nets.pretrained("vgg16")``.
    images : torch.Tensor, shape (N, 1, H, W) or (N, 3, H, W)
        In [0, 1]. Grey ones are used for all three colours.
    ends : sequence of int
        Numbers of layers.

    Returns
    -------
    torch.Tensor, shape (N, C, H, W)
        The channels of all these layers, 64 + 128 + 256 = 448 for `ENDS`. No gradient.
    """
    x, found = trunk.normalise(images.expand(-1, 3, -1, -1)), []
    with torch.no_grad():
        for k, layer in enumerate(trunk.features[: max(ends) + 1]):
            x = layer(x)
            if k in ends:
                size = images.shape[2:]
                found.append(F.interpolate(x, size, mode="bilinear"))
    return torch.cat(found, dim=1)


def pixel_head(x, classes, *, steps=150, lr=0.01, weight=None, batch=2048, seed=0):
    """Learn a 1 × 1 convolution: softmax regression on pixels.

    Parameters
    ----------
    x : torch.Tensor, shape (N, C, H, W)
        Features, as from `pixel_features`.
    classes : torch.Tensor of int64, shape (N, H, W)
    steps : int
        Of Adam, each with some pixels from anywhere.
    lr : float
    weight : torch.Tensor, shape (K,), optional
        How much a pixel of each class counts.
    batch : int
        Pixels in a step.
    seed : int

    Returns
    -------
    torch.nn.Sequential
        (N, C, H, W) to (N, K, H, W): features are brought to mean 0 and deviation 1 first, as here.
    """
    mean = x.mean(dim=(0, 2, 3))
    std = x.std(dim=(0, 2, 3)) + 1e-3
    torch.manual_seed(seed)
    scale = _Standardise(mean, std)
    layer = nn.Conv2d(x.shape[1], int(classes.max()) + 1, 1)
    rows = x.permute(0, 2, 3, 1).flatten(0, 2)  # one row for each pixel
    optimizer = torch.optim.Adam(layer.parameters(), lr=lr)
    for _ in range(steps):
        some = torch.randint(len(rows), (batch,))
        pixels = rows[some].T[None, :, :, None]  # (1, C, batch, 1)
        logits = layer(scale(pixels))[0, :, :, 0].T
        loss = F.cross_entropy(logits, classes.flatten()[some], weight=weight)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return nn.Sequential(scale, layer)


class _Standardise(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.register_buffer("mean", mean[:, None, None])
        self.register_buffer("std", std[:, None, None])

    def forward(self, x):
        return (x - self.mean) / self.std
