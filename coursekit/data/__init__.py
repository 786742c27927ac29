"""Real images to learn from: MNIST, Fashion-MNIST and CIFAR-10, bundled or complete.

    >>> from coursekit import data
    >>> train = data.load("mnist")
    >>> train
    Dataset(60000 images of shape (1, 28, 28), 10 classes: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
    >>> images, labels, classes = train          # a named tuple: it unpacks, and train.images works too
    >>> images.dtype, images.shape, labels[:3]
    (dtype('float32'), (60000, 1, 28, 28), array([5, 0, 4]))

All of MNIST and class-balanced parts of the other two come with the package. `full=True` gives the complete sets:
see `coursekit.data.complete`. `DATASETS` is the table of sources, licences, sizes and checksums.
`nuclei()` is one microscope image in which every nucleus has been outlined, for segmentation, and `alice()` a book.
Importing this package needs NumPy and nothing else.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from coursekit.data import complete, packing
from coursekit.data.catalogue import DATASETS, DataError
from coursekit.data.microscopy import nuclei
from coursekit.data.text import alice

__all__ = ["DATASETS", "DataError", "Dataset", "alice", "load", "nuclei"]

BUNDLE = Path(__file__).parent / "bundle"


class Dataset(NamedTuple):
    """Images with their labels.

    Attributes
    ----------
    images : ndarray of float32, shape (N, C, H, W)
        0 is black and 1 is white. C-contiguous and yours to change.
    labels : ndarray of int64, shape (N,)
        Indices into `classes`.
    classes : tuple of str
        The names of the classes.
    """

    images: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]

    def __repr__(self) -> str:  # the default would print the arrays
        shape = tuple(self.images.shape[1:])
        names = ", ".join(self.classes)
        return f"Dataset({len(self.images)} images of shape {shape}, {len(self.classes)} classes: {names})"


def load(name: str, split: str = "train", full: bool = False) -> Dataset:
    """Load a data set.

    Parameters
    ----------
    name : str
        ``"mnist"``, ``"fashion-mnist"`` or ``"cifar10"``.
    split : str
        ``"train"`` or ``"test"``.
    full : bool
        False: what comes with the package: all of MNIST (60 000 / 10 000 images), and of the other two the first images
        of each class, the same number of each: Fashion-MNIST 20 000 / 4 000, CIFAR-10 5 000 / 1 000.
        True: the complete set. What is not bundled is read from the folder ``$COURSEKIT_DATA`` (``~/.cache/coursekit``
        where that is not set) in torchvision's layout; torchvision downloads it into that folder if it is not there.

    Returns
    -------
    Dataset
        ``images`` float32 (N, C, H, W) in [0, 1], ``labels`` int64 (N,), ``classes``. New arrays on every call:
        changing them changes nothing for the next caller. Only the first call for a bundled file unpacks it.

    Raises
    ------
    ValueError
        When `name` or `split` is none of the above.
    DataError
        When a file is damaged, or the complete set is absent and cannot be downloaded.

    Examples
    --------
    >>> test = load("cifar10", "test")
    >>> test.images.shape, test.classes[test.labels[0]]
    ((1000, 3, 32, 32), 'cat')
    """
    if not isinstance(name, str) or name not in DATASETS:
        raise ValueError(f"name must be one of {', '.join(map(repr, DATASETS))}, got {name!r}")
    entry = DATASETS[name]
    if not isinstance(split, str) or split not in entry.splits:
        raise ValueError(f"split must be one of {', '.join(map(repr, entry.splits))}, got {split!r}")
    missing_some = entry.splits[split].count < entry.splits[split].full_count
    pixels, labels = complete.obtain(entry, split) if full and missing_some else _bundled(name, split)
    images = np.divide(pixels, np.float32(255), dtype=np.float32)  # exactly as torchvision scales, to the last bit
    return Dataset(images, labels.astype(np.int64), entry.classes)


@cache
def _bundled(name: str, split: str) -> tuple[np.ndarray, np.ndarray]:
    """The bytes of a bundled split. They stay in memory (a quarter of the floats' size), so loading again is quick."""
    entry = DATASETS[name]
    part = entry.splits[split]
    path = BUNDLE / part.file
    advice = f"Install coursekit again, or in a clone run: git checkout -- coursekit/data/bundle/{part.file}"
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}. {advice}") from error
    if hashlib.sha256(packed).hexdigest() != part.packed_sha256:
        raise DataError(
            f"{path} is damaged: its SHA-256 is not the one in coursekit.data.DATASETS, "
            f"and it has {len(packed)} bytes of {part.size}. {advice}"
        )
    return packing.unpack(packed, part.count, entry.shape, entry.photographs)
