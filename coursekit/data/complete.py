"""The complete data sets, as they lie in torchvision's folder layout.

    $COURSEKIT_DATA/MNIST/raw/train-images-idx3-ubyte            (or .gz, and so on for the other three files)
    $COURSEKIT_DATA/FashionMNIST/raw/train-images-idx3-ubyte
    $COURSEKIT_DATA/cifar-10-batches-py/data_batch_1

Reading needs NumPy only. torchvision is imported when something has to be downloaded, and for nothing else.
"""

import gzip
import math
import os
import pickle
import socket
import struct
import zlib
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from coursekit.data.catalogue import DataError, Entry

IDX_FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
CIFAR_FILES = {"train": tuple(f"data_batch_{k}" for k in range(1, 6)), "test": ("test_batch",)}


def folder() -> Path:
    """Where the complete sets are: ``$COURSEKIT_DATA``, or ``~/.cache/coursekit`` where that is not set."""
    chosen = os.environ.get("COURSEKIT_DATA")
    return Path(chosen).expanduser() if chosen else Path.home() / ".cache" / "coursekit"


def read(entry: Entry, split: str, root: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read one split of a complete set that is already on disk.

    Parameters
    ----------
    entry : Entry
        A row of `coursekit.data.DATASETS`.
    split : str
        ``"train"`` or ``"test"``.
    root : Path
        The folder that holds ``MNIST``, ``FashionMNIST``, ``cifar-10-batches-py``.

    Returns
    -------
    images : ndarray of uint8, shape (N, C, H, W), possibly read-only
    labels : ndarray of uint8, shape (N,), possibly read-only

    Raises
    ------
    FileNotFoundError
        When a file of this split is not there.
    DataError
        When a file is there but is not what it should be.
    """
    if entry.name == "cifar10":
        batches = [read_cifar_batch(_find(root, entry, name)) for name in CIFAR_FILES[split]]
        images = np.concatenate([images for images, _ in batches])
        labels = np.concatenate([labels for _, labels in batches])
    else:
        images, labels = (read_idx(_find(root, entry, name)) for name in IDX_FILES[split])
        images = images[:, None]
    expected = (entry.splits[split].full_count, *entry.shape)
    if images.shape != expected or labels.shape != expected[:1] or labels.max() >= len(entry.classes):
        raise DataError(
            f"{root / entry.folder} does not hold {entry.title}: images of shape {images.shape} with labels of shape "
            f"{labels.shape}, largest label {labels.max(initial=0)}; expected shape {expected} and labels below "
            f"{len(entry.classes)}. {_REPLACE}"
        )
    return images, labels


def obtain(entry: Entry, split: str) -> tuple[np.ndarray, np.ndarray]:
    """`read` from `folder`, after a download by torchvision if the files are not there yet.

    Raises
    ------
    DataError
        When a file is damaged, or absent and cannot be downloaded. The message says what to do.
    """
    root = folder()
    try:
        return read(entry, split, root)
    except FileNotFoundError:
        download(entry, root)
    try:
        return read(entry, split, root)
    except FileNotFoundError as error:
        raise DataError(f"torchvision reported success, but there is no {error.filename}. {_REPLACE}") from error


def download(entry: Entry, root: Path) -> None:
    """Let torchvision download a complete set into ``root``; it shows its own progress bar.

    Raises
    ------
    DataError
        When torchvision is missing, ``root`` cannot be written, or the network does not answer.
    """
    print(f"{entry.title} is not in {root} yet: downloading {entry.download_megabytes} MB into it ...", flush=True)
    patience = socket.getdefaulttimeout()
    try:
        from torchvision import datasets

        root.mkdir(parents=True, exist_ok=True)
        socket.setdefaulttimeout(30)  # torchvision sets none, so behind a silent firewall it would wait for ever
        getattr(datasets, entry.torchvision_name)(root, download=True)
    except (ImportError, OSError, RuntimeError) as error:  # torchvision gives RuntimeError when every mirror failed
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(
            f"The complete {entry.title} is not in {root} and could not be downloaded: {reason}\n"
            f"What to do: use the bundled part, data.load({entry.name!r}) without full=True; "
            f"or set the environment variable COURSEKIT_DATA to a folder that contains {entry.folder}; "
            f"or get that folder on a computer with a network,\n"
            f"    python -c \"from torchvision.datasets import {entry.torchvision_name} as D; D('.', download=True)\"\n"
            f"and copy it to {root / entry.folder}."
        ) from error
    finally:
        socket.setdefaulttimeout(patience)


def read_idx(path: Path) -> np.ndarray:
    """Read the bytes of an IDX file, the format of MNIST: a magic number, the sizes, the values.

    Parameters
    ----------
    path : Path
        Plain, or compressed with gzip when its name ends in ``.gz``.

    Returns
    -------
    ndarray of uint8, read-only

    Raises
    ------
    DataError
        When the file is damaged, cut short, or not an IDX file of unsigned bytes.

    References
    ----------
    The end of http://yann.lecun.com/exdb/mnist/ describes the format.
    """
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {error}. {_REPLACE}") from error
    # 8 says that the values are unsigned bytes; then comes the number of dimensions, 3 for images and 1 for labels.
    if content[:4] not in (b"\0\0\x08\3", b"\0\0\x08\1"):
        raise DataError(f"{path} is not an IDX file of unsigned bytes: it begins with {content[:4]!r}. {_REPLACE}")
    header = 4 + 4 * content[3]
    sizes = struct.unpack(f">{content[3]}I", content[4:header]) if len(content) >= header else ()
    if not sizes or len(content) != header + math.prod(sizes):
        raise DataError(f"{path} is {len(content)} bytes long, which does not fit its sizes {sizes}. {_REPLACE}")
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(sizes)


def read_cifar_batch(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read one CIFAR-10 batch without running any code that its pickle might contain.

    Parameters
    ----------
    path : Path
        A file of the "Python version" of CIFAR-10, as published (Python 2) or pickled again by Python 3.

    Returns
    -------
    images : ndarray of uint8, shape (N, 3, 32, 32), read-only
    labels : ndarray of uint8, shape (N,)

    Raises
    ------
    DataError
        When the file asks for anything but dictionaries, lists, text and one array, or does not hold a batch.
    """
    try:
        with path.open("rb") as file:
            batch = _ArraysOnly(file, encoding="latin1").load()  # latin1 keeps the bytes of Python 2's strings
        images = batch["data"].bytes().reshape(-1, 3, 32, 32)
        labels = np.array(batch["labels"], dtype=np.uint8)
    except FileNotFoundError:
        raise
    except Exception as error:  # a damaged pickle can fail in almost any way
        raise DataError(f"{path} is not a batch of CIFAR-10: {error!r}. {_REPLACE}") from error
    return images, labels


class _PickledArray:
    """Stands in for numpy.ndarray while a pickle is read: keeps what the file says and calls nothing."""

    def __init__(self, *_: Any) -> None:
        self.state: tuple = ()

    def __setstate__(self, state: tuple) -> None:
        self.state = state

    def bytes(self) -> np.ndarray:
        _, shape, dtype, fortran, raw = self.state
        if dtype.code not in ("u1", "|u1") or fortran:
            raise ValueError(f"expected rows of unsigned bytes, got dtype {dtype.code!r}, Fortran order {fortran}")
        raw = raw.encode("latin1") if isinstance(raw, str) else raw
        return np.frombuffer(raw, dtype=np.uint8).reshape(shape)


class _PickledType:
    """Stands in for numpy.dtype."""

    def __init__(self, code: str, *_: Any) -> None:
        self.code = code

    def __setstate__(self, state: tuple) -> None:
        pass


class _ArraysOnly(pickle.Unpickler):
    """An unpickler that can build an array of bytes and nothing else.

    Loading a pickle normally imports and calls whatever the file names. Here each name the CIFAR-10 files need leads
    to an inert stand-in, and any other name is refused, so a forged file can run nothing.
    """

    ALLOWED: ClassVar[dict[str, type]] = {
        "numpy.core.multiarray._reconstruct": _PickledArray,
        "numpy._core.multiarray._reconstruct": _PickledArray,  # since NumPy 2
        "numpy.ndarray": _PickledArray,
        "numpy.dtype": _PickledType,
    }

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self.ALLOWED[f"{module}.{name}"]
        except KeyError:
            raise pickle.UnpicklingError(f"the file asks for {module}.{name}, which no batch needs") from None


def _find(root: Path, entry: Entry, name: str) -> Path:
    for path in (root / entry.folder / name, root / entry.folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise FileNotFoundError(2, "no such file, plain or .gz", str(root / entry.folder / name))


_REPLACE = "Delete it and load again to download it afresh, or replace it by an intact copy."
