"""Images changed at random in ways that do not change what they show: shifted, turned, mirrored, darker, noisy.

    >>> from coursekit.data import augmentation
    >>> augment = augmentation.compose(augmentation.rotate(10), augmentation.translate(2))
    >>> augment
    compose(rotate(degrees=10), translate(pixels=2))
    >>> images = np.random.default_rng(0).random((128, 1, 28, 28), dtype=np.float32)
    >>> augment(images, np.random.default_rng(1)).shape
    (128, 1, 28, 28)

Each function here returns another, ``(images, rng) -> images``, which is what `coursekit.training.fit` takes as
``augment=``. It gets floats of shape (N, C, H, W), draws anew for every image, and returns new images of the same type.
The same `rng` gives the same images. Noise, brightness and contrast keep to the range of values that the batch had;
elsewhere, what has no value becomes 0. What may be changed depends on the task: a mirrored cat is a cat, a mirrored 3
is not a 3.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

__all__ = ["brightness", "compose", "contrast", "crop", "cutout", "flip", "noise", "rotate", "translate"]


class Augmentation:
    """A function ``(images, rng) -> images`` that knows its name and settings."""

    def __init__(self, name, function):
        self.name, self.function = name, function

    def __call__(self, images, rng):
        """Return new images.

        Raises
        ------
        ValueError
            If images are not floats of shape (N, C, H, W).
        """
        images = np.asarray(images)
        if images.ndim != 4 or images.dtype.kind != "f":
            wrong = f"{images.dtype} of shape {images.shape}"
            raise ValueError(f"images must be floats of shape (N, C, H, W), not {wrong}")
        return self.function(images, rng)

    def __repr__(self):
        return self.name


def _at_least(least, whole=False, **settings):
    for name, value in settings.items():
        if not value >= least:
            raise ValueError(f"{name} must be at least {least}, not {value!r}")
        if whole and value != int(value):
            raise ValueError(f"{name} must be a whole number, not {value!r}")


def compose(*augmentations):
    """Apply several augmentations, one after the other.

    Parameters
    ----------
    *augmentations : callables (images, rng) -> images

    Examples
    --------
    >>> compose(flip(), brightness(0.1))
    compose(flip(probability=0.5), brightness(amount=0.1))
    """
    for augmentation in augmentations:
        if not callable(augmentation):
            raise TypeError(f"compose takes functions (images, rng) -> images, not {augmentation!r}")

    def composed(images, rng):
        for augmentation in augmentations:
            images = augmentation(images, rng)
        return images

    return Augmentation(f"compose({', '.join(map(repr, augmentations))})", composed)


def translate(pixels):
    """Shift each image by up to `pixels` up or down and left or right; what comes into view is 0.

    Parameters
    ----------
    pixels : int

    Examples
    --------
    >>> translate(1)(np.ones((1, 1, 3, 4)), np.random.default_rng(3))
    array([[[[0., 1., 1., 1.],
             [0., 1., 1., 1.],
             [0., 0., 0., 0.]]]])
    """
    _at_least(0, whole=True, pixels=pixels)
    return Augmentation(f"translate(pixels={pixels})", lambda images, rng: _cut(images, images.shape[2:], pixels, rng))


def crop(size, padding=0):
    """Cut a part of `size` out of each image, anywhere, after padding it with zeros all around.

    With the images' own size and a padding of 4, this is how CIFAR-10 is usually augmented (He, Zhang, Ren and Sun,
    "Deep Residual Learning for Image Recognition", CVPR 2016), and the same as ``translate(4)``.

    Parameters
    ----------
    size : int or (int, int)
        Height and width of the result.
    padding : int

    Examples
    --------
    >>> crop(24)(np.zeros((2, 3, 32, 32)), np.random.default_rng(0)).shape
    (2, 3, 24, 24)
    """
    height, width = (size, size) if np.ndim(size) == 0 else size
    _at_least(0, whole=True, padding=padding)
    _at_least(1, whole=True, size=min(height, width))
    name = f"crop(size={size}, padding={padding})"
    return Augmentation(name, lambda images, rng: _cut(images, (height, width), padding, rng))


def _cut(images, size, padding, rng):
    images = np.pad(images, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    if images.shape[2] < size[0] or images.shape[3] < size[1]:
        raise ValueError(f"size must fit into the images, padded {images.shape[2:]}, and {tuple(size)} does not")
    windows = sliding_window_view(images, size, axis=(2, 3))  # (N, C, places down, places across, height, width)
    n, _, down, across = windows.shape[:4]
    return windows[np.arange(n), :, rng.integers(0, down, n), rng.integers(0, across, n)]


def flip(probability=0.5):
    """Mirror some images, left to right.

    Parameters
    ----------
    probability : float
        How likely each image is mirrored.

    Examples
    --------
    >>> flip(1.0)(np.array([[[[1.0, 2.0, 3.0]]]]), np.random.default_rng(0))
    array([[[[3., 2., 1.]]]])
    """
    if not 0 <= probability <= 1:
        raise ValueError(f"probability must be between 0 and 1, not {probability!r}")

    def flipped(images, rng):
        mirrored = rng.random(len(images)) < probability
        images = images.copy()
        images[mirrored] = images[mirrored, :, :, ::-1]
        return images

    return Augmentation(f"flip(probability={probability})", flipped)


def rotate(degrees):
    """Turn each image about its centre by an angle between -`degrees` and `degrees`; what comes into view is 0.

    See `rotated` for how.

    Parameters
    ----------
    degrees : float

    Examples
    --------
    >>> rotate(10)
    rotate(degrees=10)
    """
    _at_least(0, degrees=degrees)
    return Augmentation(
        f"rotate(degrees={degrees})",
        lambda images, rng: rotated(images, rng.uniform(-degrees, degrees, len(images))),
    )


def rotated(images, degrees):
    """Turn each image about its centre by an angle of its own, anticlockwise.

    For every pixel of the result the place it comes from is computed, and the four pixels around that place are
    averaged, the nearer the heavier (bilinear interpolation). Outside of the image all is 0.

    Parameters
    ----------
    images : array of floats, shape (N, C, H, W)
    degrees : array of shape (N,)

    Returns
    -------
    array like `images`

    Examples
    --------
    >>> rotated(np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), np.array([90.0])).round(6)
    array([[[[2., 4.],
             [1., 3.]]]])
    """
    n, channels, height, width = images.shape
    if np.shape(degrees) != (n,):
        raise ValueError(f"degrees must have shape {(n,)}, not {np.shape(degrees)}: an angle for each image")
    work = np.result_type(images, np.float32)  # float16 is too coarse for coordinates
    angle = np.deg2rad(degrees)[:, None, None]
    cos, sin = np.cos(angle).astype(work), np.sin(angle).astype(work)
    y = (np.arange(height, dtype=work) - (height - 1) / 2)[:, None]
    x = np.arange(width, dtype=work) - (width - 1) / 2
    # A frame of zeros, so that places outside need no special treatment: they are moved into it.
    from_y = np.clip(cos * y + sin * x + (height - 1) / 2, -1, height) + 1
    from_x = np.clip(cos * x - sin * y + (width - 1) / 2, -1, width) + 1
    framed = np.pad(images, [(0, 0), (0, 0), (1, 2), (1, 2)])  # one more at the far ends: place + 1 must exist
    top, left = from_y.astype(np.intp), from_x.astype(np.intp)
    down, right = (from_y - top).astype(work), (from_x - left).astype(work)

    across = width + 3
    first = (np.arange(n) * channels * (height + 3) * across)[:, None, None] + top * across + left
    result = np.empty(images.shape, images.dtype)
    flat = framed.reshape(-1)
    for channel in range(channels):
        place = first + channel * (height + 3) * across
        above = flat[place] * (1 - right) + flat[place + 1] * right
        below = flat[place + across] * (1 - right) + flat[place + across + 1] * right
        result[:, channel] = above * (1 - down) + below * down
    return result


def noise(std):
    """Add normally distributed noise to every value.

    Parameters
    ----------
    std : float
        Its standard deviation.

    Examples
    --------
    >>> noise(0.1)(np.array([[[[0.0, 0.2, 0.5, 1.0]]]]), np.random.default_rng(0)).round(3)
    array([[[[0.013, 0.187, 0.564, 1.   ]]]])
    """
    _at_least(0, std=std)

    def noisy(images, rng):
        values = rng.standard_normal(images.shape, dtype=np.result_type(images, np.float32))
        return _within(images + values * images.dtype.type(std), images)

    return Augmentation(f"noise(std={std})", noisy)


def brightness(amount):
    """Add a number between -`amount` and `amount` to each image.

    Parameters
    ----------
    amount : float

    Examples
    --------
    >>> brightness(0.1)(np.array([[[[0.0, 0.5, 1.0]]]]), np.random.default_rng(0)).round(3)
    array([[[[0.027, 0.527, 1.   ]]]])
    """
    _at_least(0, amount=amount)
    return Augmentation(
        f"brightness(amount={amount})",
        lambda images, rng: _within(images + _one_each(images, rng, -amount, amount), images),
    )


def contrast(amount):
    """Multiply each image's differences from its mean by a number between 1 - `amount` and 1 + `amount`.

    Parameters
    ----------
    amount : float

    Examples
    --------
    >>> contrast(0.5)(np.array([[[[0.0, 0.4, 0.7, 1.0]]]]), np.random.default_rng(0)).round(3)
    array([[[[0.   , 0.383, 0.724, 1.   ]]]])
    """
    _at_least(0, amount=amount)

    def contrasted(images, rng):
        mean = images.mean(axis=(1, 2, 3), keepdims=True)
        return _within(mean + (images - mean) * _one_each(images, rng, 1 - amount, 1 + amount), images)

    return Augmentation(f"contrast(amount={amount})", contrasted)


def cutout(size):
    """Black out a square of each image, anywhere; at the border part of it may lie outside.

    DeVries and Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout", arXiv:1708.04552, 2017.

    Parameters
    ----------
    size : int
        Side of the square.

    Examples
    --------
    >>> cutout(2)(np.ones((1, 1, 3, 4)), np.random.default_rng(3))
    array([[[[1., 1., 1., 1.],
             [0., 1., 1., 1.],
             [0., 1., 1., 1.]]]])
    """
    _at_least(1, whole=True, size=size)

    def cut(images, rng):
        n, _, height, width = images.shape
        inside = []
        for length in (height, width):
            first = rng.integers(0, length, n)[:, None] - size // 2
            inside.append((np.arange(length) >= first) & (np.arange(length) < first + size))
        square = inside[0][:, None, :, None] & inside[1][:, None, None, :]
        return np.where(square, images.dtype.type(0), images)

    return Augmentation(f"cutout(size={size})", cut)


def _one_each(images, rng, low, high):
    """One random number for each image, of the images' own type."""
    return rng.uniform(low, high, (len(images), 1, 1, 1)).astype(images.dtype)


def _within(changed, images):
    """Keep what was changed in the range of the original batch, whatever it was scaled to."""
    return np.clip(changed, images.min(), images.max(), dtype=images.dtype)
