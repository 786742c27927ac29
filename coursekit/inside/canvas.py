"""What is moved when a picture is optimised: pixels, or numbers that stand for them in a better way.

A picture has as many numbers as its canvas, whichever way they are written. What changes is which pictures are a small
step away. Taught in the chapter on images that excite.
"""

import torch

# Columns: lightness, then orange against blue, then purple against green: the directions in which the colours of the
# 5 000 bundled CIFAR-10 photographs vary independently of each other (principal axes of the covariance of red, green
# and blue), each as long as its standard deviation, all divided by the length of the first. The chapter computes them.
COLOUR_AXES = (
    (0.557, 0.201, 0.055),
    (0.578, 0.010, -0.106),
    (0.597, -0.198, 0.051),
)


def hartley(images):
    """Write images as sums of waves, with real numbers: the real part of the Fourier transform minus the imaginary one.

    As many numbers go out as come in, the sum of their squares stays, and the same function leads back (Hartley 1942,
    in two dimensions as Bracewell 1983).

    Parameters
    ----------
    images : torch.Tensor, shape (..., H, W)

    Returns
    -------
    torch.Tensor, of the same shape
        At [0, 0] the mean, times the root of the number of pixels; frequencies are ordered as by `torch.fft.fftfreq`.

    Examples
    --------
    >>> x = torch.tensor([[1.0, 2.0], [3.0, 6.0]])
    >>> hartley(x)
    tensor([[ 6., -2.],
            [-3.,  1.]])
    >>> hartley(hartley(x))
    tensor([[1., 2.],
            [3., 6.]])
    """
    spectrum = torch.fft.fft2(images, norm="ortho")
    return spectrum.real - spectrum.imag


def frequencies(height, width):
    """How many waves per pixel each entry of `hartley` of an image of this size stands for.

    Examples
    --------
    >>> frequencies(2, 4)
    tensor([[0.0000, 0.2500, 0.5000, 0.2500],
            [0.5000, 0.5590, 0.7071, 0.5590]])
    """
    return torch.hypot(torch.fft.fftfreq(height)[:, None], torch.fft.fftfreq(width)[None, :])


class Canvas:
    """Numbers to optimise, and the picture that they stand for.

    Parameters
    ----------
    size : int or (int, int)
        Height and width in pixels.
    channels : int
        3 for colour, 1 for grey.
    fourier : bool
        Move the strengths of waves instead of pixels, the long waves further, as they are stronger in photographs.
    decorrelated : bool, optional
        Move lightness and two differences of colours instead of red, green and blue. Unless given: if there are three
        channels.
    decay : float
        With `fourier`, a wave of frequency f counts 1/f to this power.

    Raises
    ------
    ValueError
        If a size is not positive, or colours other than three are to be decorrelated.

    Notes
    -----
    After Olah, Mordvintsev and Schubert, "Feature Visualization", Distill 2017.

    Examples
    --------
    >>> canvas = Canvas(8)
    >>> numbers = canvas.start(n=2, seed=0)
    >>> numbers.shape, canvas.image(numbers).shape
    (torch.Size([2, 3, 8, 8]), torch.Size([2, 3, 8, 8]))
    """

    def __init__(self, size, *, channels=3, fourier=True, decorrelated=None, decay=1.0):
        self.size = (size, size) if isinstance(size, int) else tuple(size)
        if len(self.size) != 2 or min(self.size) < 1:
            raise ValueError(f"size: {size!r} is not a height and a width; give one positive number, or two")
        self.channels, self.fourier, self.decay = channels, fourier, decay
        self.decorrelated = channels == 3 if decorrelated is None else decorrelated
        if self.decorrelated and channels != 3:
            raise ValueError(f"decorrelated: needs the three channels of RGB, not channels={channels}")
        weights = frequencies(*self.size).clamp(min=1 / max(self.size)) ** -decay
        self.weights = weights / weights.square().mean().sqrt()  # so that the contrast at the start is that of pixels
        self.axes = torch.tensor(COLOUR_AXES)

    def __repr__(self):
        what = [name for name in ("fourier", "decorrelated") if getattr(self, name)]
        return f"Canvas({self.size[0]} x {self.size[1]}, {self.channels} channels, {', '.join(what) or 'pixels'})"

    def start(self, n=1, seed=0, spread=0.01):
        """Return the numbers of `n` nearly grey pictures: normal ones with this standard deviation, (n, C, H, W)."""
        generator = torch.Generator().manual_seed(seed)
        return torch.randn(n, self.channels, *self.size, generator=generator) * spread

    def image(self, numbers):
        """Return the pictures that these numbers stand for, (N, C, H, W) in (0, 1)."""
        if self.fourier:
            numbers = hartley(numbers * self.weights.to(numbers))
        if self.decorrelated:
            numbers = torch.einsum("ij,njhw->nihw", self.axes.to(numbers), numbers)
        return torch.sigmoid(numbers)

    def numbers(self, images, margin=1e-3):
        """Return the numbers that stand for these pictures; black and white become nearly so, by `margin`."""
        if images.ndim != 4 or images.shape[1:] != (self.channels, *self.size):
            expected = (self.channels, *self.size)
            raise ValueError(f"images: shape {tuple(images.shape)} is not (N, {', '.join(map(str, expected))})")
        numbers = torch.logit(images, eps=margin)
        if self.decorrelated:
            numbers = torch.einsum("ij,njhw->nihw", torch.linalg.inv(self.axes).to(numbers), numbers)
        return hartley(numbers) / self.weights.to(numbers) if self.fourier else numbers


def random_views(images, generator, *, shift=0, turn=0, zoom=0):
    """Look at every image slightly differently: moved, turned and enlarged or shrunk, at random.

    What comes in at the borders is the image's own reflection.

    Parameters
    ----------
    images : torch.Tensor, shape (N, C, H, W)
    generator : torch.Generator
        On the CPU, wherever the images are.
    shift : float
        At most so many pixels in each direction.
    turn : float
        At most so many degrees either way.
    zoom : float
        By a factor between 1 - zoom and 1 + zoom.

    Returns
    -------
    torch.Tensor, of the same shape
        The images themselves if `shift`, `turn` and `zoom` are 0.

    Examples
    --------
    >>> x = torch.rand(2, 3, 8, 8)
    >>> random_views(x, torch.Generator(), shift=2, turn=10).shape
    torch.Size([2, 3, 8, 8])
    >>> random_views(x, torch.Generator()) is x
    True
    """
    if not (shift or turn or zoom):
        return images
    n, _, height, width = images.shape
    right, down, angle, scale = 2 * torch.rand(4, n, generator=generator) - 1
    angle, scale = torch.deg2rad(turn * angle), 1 + zoom * scale
    cosine, sine = scale * angle.cos(), scale * angle.sin()
    ratio = height / width  # affine_grid measures both sides as 2; a turn must not shear an oblong picture
    rows = [cosine, -sine * ratio, 2 * shift / width * right, sine / ratio, cosine, 2 * shift / height * down]
    grid = torch.nn.functional.affine_grid(
        torch.stack(rows, dim=1).reshape(n, 2, 3).to(images), list(images.shape), align_corners=False
    )
    return torch.nn.functional.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
