"""How the bundled images are packed: lossless, small, and read back with the standard library and NumPy.

A packed file is one ``.xz`` stream. Inside it lie the labels, one byte each, and then the pixels, one byte each.

Objects on a plain background (MNIST, Fashion-MNIST) are stored as they are: LZMA finds the runs and repeated strokes
by itself, and every predictor tried made the file larger. Photographs (CIFAR-10) have no repeats for it to find; what
they have is smoothness. So we store how far each pixel is from the plane through its neighbours,
``left + above - above_left``, after replacing red and blue by their difference from green. These residuals are mostly
near zero and pack into three quarters of the space. Undoing the prediction is two cumulative sums; all arithmetic is
modulo 256, so nothing is lost. (The predictor of JPEG-LS would save another 1.5 % and cost a loop over the pixels.)
"""

import lzma

import numpy as np

# Fixed, so that packing the same arrays again gives the same bytes. The dictionary is kept at 16 MiB because reading
# needs as much memory; `lc=4, pb=0` suits single bytes without any alignment.
FILTERS = [
    {
        "id": lzma.FILTER_LZMA2,
        "preset": 9 | lzma.PRESET_EXTREME,
        "dict_size": 1 << 24,
        "nice_len": 273,
        "lc": 4,
        "lp": 0,
        "pb": 0,
    }
]


def to_residuals(images: np.ndarray) -> np.ndarray:
    """Replace each pixel by its distance from a prediction, modulo 256.

    Parameters
    ----------
    images : ndarray of uint8, shape (N, C, H, W)
        With C = 3 the channels are taken as red, green, blue.

    Returns
    -------
    ndarray of uint8, shape (C, N, H, W)
        One channel of all the images after another: residuals of one channel resemble each other.

    Examples
    --------
    >>> ramp = np.add.outer(np.arange(3, dtype=np.uint8), 2 * np.arange(4, dtype=np.uint8))
    >>> to_residuals(ramp[None, None])[0, 0]
    array([[0, 2, 2, 2],
           [1, 0, 0, 0],
           [1, 0, 0, 0]], dtype=uint8)
    """
    planes = images.swapaxes(0, 1)
    if len(planes) == 3:
        red, green, blue = planes
        planes = np.stack([red - green, green, blue - green])
    for axis in (-1, -2):
        planes = np.diff(planes, axis=axis, prepend=np.uint8(0))
    return planes


def from_residuals(planes: np.ndarray) -> np.ndarray:
    """Undo `to_residuals`.

    Parameters
    ----------
    planes : ndarray of uint8, shape (C, N, H, W)

    Returns
    -------
    ndarray of uint8, shape (N, C, H, W)
    """
    for axis in (-2, -1):
        planes = np.cumsum(planes, axis=axis, dtype=np.uint8)
    if len(planes) == 3:
        red, green, blue = planes
        planes = np.stack([red + green, green, blue + green])
    return np.ascontiguousarray(planes.swapaxes(0, 1))


def pack(images: np.ndarray, labels: np.ndarray, photographs: bool) -> bytes:
    """Pack images and labels into one ``.xz`` stream.

    Parameters
    ----------
    images : ndarray of uint8, shape (N, C, H, W)
    labels : ndarray of uint8, shape (N,)
    photographs : bool
        Whether to store residuals (`to_residuals`) instead of the pixels themselves.

    Returns
    -------
    bytes
        The same for the same input, as long as liblzma's encoder stays the same.
    """
    stored = to_residuals(images) if photographs else images
    return lzma.compress(labels.tobytes() + stored.tobytes(), filters=FILTERS)


def unpack(packed: bytes, count: int, shape: tuple[int, int, int], photographs: bool) -> tuple[np.ndarray, np.ndarray]:
    """Undo `pack`.

    Parameters
    ----------
    packed : bytes
    count : int
        The number N of images.
    shape : (C, H, W)
    photographs : bool
        As it was given to `pack`.

    Returns
    -------
    images : ndarray of uint8, shape (N, C, H, W), possibly read-only
    labels : ndarray of uint8, shape (N,), read-only

    Raises
    ------
    ValueError
        When the stream is damaged or holds another number of bytes than ``count`` images of this shape need.

    Examples
    --------
    >>> images, labels = np.arange(12, dtype=np.uint8).reshape(2, 1, 2, 3), np.array([1, 0], dtype=np.uint8)
    >>> again, _ = unpack(pack(images, labels, photographs=True), count=2, shape=(1, 2, 3), photographs=True)
    >>> np.array_equal(again, images)
    True
    """
    try:
        stored = np.frombuffer(lzma.decompress(packed, format=lzma.FORMAT_XZ), dtype=np.uint8)
    except lzma.LZMAError as error:
        raise ValueError(f"not a complete .xz stream ({error})") from error
    channels, height, width = shape
    expected = count * (1 + channels * height * width)
    if len(stored) != expected:
        raise ValueError(f"{len(stored)} bytes after unpacking, but {count} images of shape {shape} need {expected}")
    labels, pixels = stored[:count], stored[count:]
    if photographs:
        return from_residuals(pixels.reshape(channels, count, height, width)), labels
    return pixels.reshape(count, channels, height, width), labels
