"""U-Net: down to what is in the image, up again to where it is.

Ronneberger, Fischer and Brox, "U-Net: convolutional networks for biomedical image segmentation" (MICCAI 2015). Taught
in the chapter on upsampling.
"""

import itertools

from coursekit.nets.portable import Portable, cat


def unet(nn, in_channels=1, n_classes=2, width=16, depth=3, padding=1, batch_norm=True, skips=True):
    """Build a U-Net: logits for every pixel.

    Parameters
    ----------
    nn : coursekit.scratch.nn or torch.nn
    in_channels, n_classes : int
    width : int
        Channels at full size; each step down doubles them and halves height and width.
    depth : int
        Steps down.
    padding : int
        1 keeps the size (of images whose sides are a multiple of 2 ** depth; others come out smaller). 0 is the
        original, whose convolutions lose two pixels each.
    batch_norm : bool
        After each 3 × 3 convolution, instead of its bias. The original has none.
    skips : bool
        False leaves the shortcuts out: what goes up then knows only what came through the bottom.

    Returns
    -------
    UNet
        (N, in_channels, H, W) to (N, n_classes, H, W).

    Examples
    --------
    >>> unet(nn, in_channels=3)(np.zeros((2, 3, 32, 32), np.float32)).shape
    (2, 2, 32, 32)
    >>> from coursekit.counting import parameters
    >>> original = unet(nn, width=64, depth=4, padding=0, batch_norm=False)      # 572 × 572 pixels to 388 × 388
    >>> parameters(original)
    31030658
    """
    return UNet(nn, in_channels, n_classes, width, depth, padding, batch_norm, skips)


class UNet(Portable):
    """See `unet`. Each step up sees, beside what comes from below, what was there at its size on the way down."""

    def __init__(self, nn, in_channels, n_classes, width, depth, padding, batch_norm, skips=True):
        super().__init__()
        self.skips = skips
        widths = [width * 2**step for step in range(depth + 1)]

        def convolutions(channels, width):
            layers = []
            for before in (channels, width):
                layers.append(nn.Conv2d(before, width, kernel_size=3, padding=padding, bias=not batch_norm))
                layers += [nn.BatchNorm2d(width), nn.ReLU()] if batch_norm else [nn.ReLU()]
            return nn.Sequential(*layers)

        steps = list(itertools.pairwise(widths))
        self.down = nn.Sequential(convolutions(in_channels, width), *(convolutions(*step) for step in steps))
        self.pool = nn.MaxPool2d(2)
        self.up = nn.Sequential(*(nn.ConvTranspose2d(b, a, kernel_size=2, stride=2) for a, b in reversed(steps)))
        self.merge = nn.Sequential(*(convolutions(b if skips else a, a) for a, b in reversed(steps)))
        self.head = nn.Conv2d(width, n_classes, kernel_size=1)

    def forward(self, x):
        *steps, bottom = self.down
        skips = []
        for step in steps:
            skips.append(step(x))
            x = self.pool(skips[-1])
        x = bottom(x)
        for up, merge in zip(self.up, self.merge, strict=True):
            x = up(x)
            seen = skips.pop()
            x = merge(cat([middle(seen, x.shape), x]) if self.skips else x)
        return self.head(x)


def middle(x, shape):
    """Cut the middle out of images, so that they are as high and wide as `shape` says.

    Examples
    --------
    >>> middle(np.arange(16).reshape(1, 1, 4, 4), (1, 1, 2, 2))
    array([[[[ 5,  6],
             [ 9, 10]]]])
    """
    (height, width), (top, left) = shape[2:], ((x.shape[i] - shape[i]) // 2 for i in (2, 3))
    return x if x.shape[2:] == shape[2:] else x[:, :, top : top + height, left : left + width]
