"""`data.load(..., full=True)`: torchvision's folder layout read without torchvision, and without trusting a pickle."""

import dataclasses
import gzip
import os
import pickle
import struct
import sys
import types
import urllib.error
from pathlib import Path

import numpy as np
import pytest

from coursekit import data
from coursekit.data import complete

COUNT = 20  # images per file of the miniature sets below


def miniature(name):
    """A row of the table whose complete set is tiny."""
    entry = data.DATASETS[name]
    counts = {"train": COUNT * (5 if name == "cifar10" else 1), "test": COUNT}
    splits = {
        split: dataclasses.replace(part, count=1, full_count=counts[split]) for split, part in entry.splits.items()
    }
    return dataclasses.replace(entry, splits=splits)


def values(shape, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (COUNT, *shape), dtype=np.uint8), rng.integers(0, 10, COUNT, dtype=np.uint8)


def idx(array):
    return struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def python2_batch(images, labels):
    """The bytes cPickle of Python 2 wrote, opcode by opcode: byte strings, and NumPy's old module names."""
    raw = images.tobytes()
    return (
        b"\x80\x02}q\x01(U\x0bbatch_labelq\x02U\x15training batch 1 of 5q\x03"
        b"U\x06labelsq\x04]q\x05(" + b"".join(b"K" + bytes([label]) for label in labels) + b"e"
        b"U\x04dataq\x06cnumpy.core.multiarray\n_reconstruct\nq\x07cnumpy\nndarray\nq\x08K\x00\x85U\x01b\x87Rq\x09"
        b"(K\x01K" + bytes([len(images)]) + b"M\x00\x0c\x86"
        b"cnumpy\ndtype\nq\x0aU\x02u1K\x00K\x01\x87Rq\x0b(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89"
        b"T" + struct.pack("<I", len(raw)) + raw + b"tb"
        b"U\x09filenamesq\x0c]q\x0du."
    )


def python3_batch(images, labels, protocol=4):
    rows = images.reshape(len(images), -1)
    return pickle.dumps({"batch_label": "1", "labels": labels.tolist(), "data": rows, "filenames": []}, protocol)


def lay_out(root, name, pickled=python3_batch):
    """Write a miniature complete set; return its train images and labels."""
    folder = root / data.DATASETS[name].folder
    folder.mkdir(parents=True)
    if name != "cifar10":
        for seed, files in enumerate(complete.IDX_FILES.values()):
            for file, array in zip(files, values((28, 28), seed), strict=True):
                (folder / file).write_bytes(idx(array))
        images, labels = values((28, 28))
        return images[:, None], labels
    batches = [values((3, 32, 32), seed) for seed in range(6)]
    for file, batch in zip((*complete.CIFAR_FILES["train"], *complete.CIFAR_FILES["test"]), batches, strict=True):
        (folder / file).write_bytes(pickled(*batch))
    return tuple(np.concatenate(part) for part in list(zip(*batches[:5], strict=True)))


@pytest.fixture
def root(monkeypatch, tmp_path):
    """The folder of the complete sets, empty; the table's sets are miniatures; torchvision must not be needed."""
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    for name in data.DATASETS:
        monkeypatch.setitem(data.DATASETS, name, miniature(name))
    monkeypatch.setitem(sys.modules, "torchvision", None)
    return tmp_path


@pytest.mark.parametrize("name", ["fashion-mnist", "cifar10"])
def test_reads_what_is_on_disk(root, name, capsys):
    images, labels = lay_out(root, name)
    train = data.load(name, full=True)
    np.testing.assert_array_equal(train.images, images / np.float32(255))
    np.testing.assert_array_equal(train.labels, labels)
    assert train.images.dtype == np.float32
    assert train.labels.dtype == np.int64
    assert train.images.flags["C_CONTIGUOUS"]
    assert train.images.flags["WRITEABLE"]
    assert len(data.load(name, "test", full=True).images) == COUNT
    assert capsys.readouterr() == ("", "")


def test_reads_gzipped_idx_files(root):
    images, labels = lay_out(root, "fashion-mnist")
    for path in (root / "FashionMNIST" / "raw").iterdir():
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    train = data.load("fashion-mnist", full=True)
    np.testing.assert_array_equal(train.images, images / np.float32(255))
    np.testing.assert_array_equal(train.labels, labels)


@pytest.mark.parametrize(
    "pickled",
    [python2_batch, *(lambda *batch, p=p: python3_batch(*batch, protocol=p) for p in (3, 4))],
    ids=["Python 2", "protocol 3", "protocol 4"],
)
def test_reads_pickles_of_either_python(root, pickled):
    images, labels = lay_out(root, "cifar10", pickled)
    train = data.load("cifar10", full=True)
    np.testing.assert_array_equal(train.images, images / np.float32(255))
    np.testing.assert_array_equal(train.labels, labels)


class Forged:
    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize(
    ("function", "arguments", "named"),
    [
        (os.system, ("touch forged",), "system"),
        (eval, ("open('forged', 'w')",), "builtins.eval"),
        (Path, ("forged",), "Path"),
        (np.load, ("forged",), "numpy.load"),
        (getattr, (np, "load"), "getattr"),
    ],
)
def test_a_forged_pickle_runs_nothing(root, monkeypatch, function, arguments, named):
    monkeypatch.chdir(root)
    lay_out(root, "cifar10")
    forged = {"data": Forged(function, *arguments), "labels": []} if function is not getattr else {"data": getattr}
    path = root / "cifar-10-batches-py" / "data_batch_3"
    path.write_bytes(pickle.dumps(forged, protocol=4))
    with pytest.raises(data.DataError, match="which no batch needs") as caught:
        data.load("cifar10", full=True)
    assert str(path) in str(caught.value)
    assert named in str(caught.value)
    assert not (root / "forged").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a pickle",
        pickle.dumps([1, 2]),
        pickle.dumps({"data": b"", "labels": []}),
        pickle.dumps({"labels": [1]}),
        pickle.dumps({"data": np.zeros((2, 3072)), "labels": [1, 2]}, 4),
        pickle.dumps({"data": np.array([[None]]), "labels": [1]}, 4),
        pickle.dumps({"data": np.asfortranarray(np.zeros((2, 3072), np.uint8)), "labels": [1, 2]}, 4),
        pickle.dumps({"data": np.zeros((2, 3000), np.uint8), "labels": [1, 2]}, 4),
        pickle.dumps({"data": np.zeros((1, 3072), np.uint8), "labels": [300]}, 4),
        python3_batch(*values((3, 32, 32)))[:-100],
        python2_batch(*values((3, 32, 32)))[:5000],
    ],
)
def test_a_damaged_batch_is_named_with_a_remedy(root, content):
    lay_out(root, "cifar10")
    path = root / "cifar-10-batches-py" / "test_batch"
    path.write_bytes(content)
    with pytest.raises(data.DataError, match="is not a batch of CIFAR-10") as caught:
        data.load("cifar10", "test", full=True)
    assert str(path) in str(caught.value)
    assert "Delete it and load again" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "begins with b''"),
        (b"PK\3\4", "not an IDX file of unsigned bytes"),
        (b"\0\0\x0d\3", "not an IDX file of unsigned bytes"),
        (b"\0\0\x08\3\0\0", "does not fit its sizes"),
        (b"\0\0\x08\0", "not an IDX file of unsigned bytes"),
        (idx(values((28, 28))[0])[:-1], "does not fit its sizes"),
        (idx(values((28, 28))[0]) + b"\0", "does not fit its sizes"),
        (idx(values((27, 28))[0]), "expected shape"),
        (idx(values((28, 28))[0][:-1]), "expected shape"),
        (idx(values((28, 28))[0][:0]), "expected shape"),
    ],
)
def test_a_damaged_idx_file_is_named_with_a_remedy(root, content, message):
    lay_out(root, "fashion-mnist")
    path = root / "FashionMNIST" / "raw" / "train-images-idx3-ubyte"
    path.write_bytes(content)
    with pytest.raises(data.DataError, match=message) as caught:
        data.load("fashion-mnist", full=True)
    assert str(path.parent) in str(caught.value)
    assert "Delete it and load again" in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [b"not gzip", gzip.compress(b"\0\0\x08\1")[:-5], b""],
    ids=["not gzip", "cut off", "empty"],  # a compressed file holds the time, and names must not change
)
def test_a_damaged_gzip_file_is_named(root, content):
    lay_out(root, "fashion-mnist")
    path = root / "FashionMNIST" / "raw" / "train-images-idx3-ubyte"
    path.unlink()
    path.with_name(path.name + ".gz").write_bytes(content)
    with pytest.raises(data.DataError) as caught:
        data.load("fashion-mnist", full=True)
    assert f"{path}.gz" in str(caught.value)


def test_labels_beyond_the_classes_are_refused(root):
    lay_out(root, "fashion-mnist")
    labels = np.full(COUNT, 10, dtype=np.uint8)
    (root / "FashionMNIST" / "raw" / "train-labels-idx1-ubyte").write_bytes(idx(labels))
    with pytest.raises(data.DataError, match="largest label 10"):
        data.load("fashion-mnist", full=True)


def torchvision_that(monkeypatch, action):
    datasets = types.SimpleNamespace(CIFAR10=action, FashionMNIST=action)
    monkeypatch.setitem(sys.modules, "torchvision", types.SimpleNamespace(datasets=datasets))


def test_absent_set_is_downloaded_once(root, monkeypatch, capsys):
    calls = []

    def download_into(folder, download):
        calls.append((folder, download))
        lay_out(folder, "cifar10")

    torchvision_that(monkeypatch, download_into)
    assert len(data.load("cifar10", full=True).images) == 5 * COUNT
    assert "CIFAR-10 is not in" in capsys.readouterr().out
    data.load("cifar10", "test", full=True)
    assert calls == [(root, True)]


@pytest.mark.parametrize(
    "error", [urllib.error.URLError("Name or service not known"), RuntimeError("Error downloading"), TimeoutError()]
)
def test_offline_and_absent_says_what_to_do(root, monkeypatch, error):
    def fail(folder, download):
        raise error

    torchvision_that(monkeypatch, fail)
    with pytest.raises(data.DataError, match="could not be downloaded") as caught:
        data.load("cifar10", full=True)
    message = str(caught.value)
    for remedy in (
        "data.load('cifar10') without full=True",
        "set the environment variable COURSEKIT_DATA to a folder that contains cifar-10-batches-py",
        "from torchvision.datasets import CIFAR10",
        f"copy it to {root / 'cifar-10-batches-py'}",
    ):
        assert remedy in message


def test_without_torchvision_says_what_to_do(root):
    with pytest.raises(data.DataError, match=r"could not be downloaded: .*torchvision"):
        data.load("fashion-mnist", full=True)


def test_a_download_that_brings_nothing_is_noticed(root, monkeypatch):
    torchvision_that(monkeypatch, lambda folder, download: None)
    with pytest.raises(data.DataError, match=r"torchvision reported success, but there is no .*data_batch_1"):
        data.load("cifar10", full=True)


def test_folder_that_cannot_be_made_says_what_to_do(root, monkeypatch):
    (root / "file").write_text("in the way")
    monkeypatch.setenv("COURSEKIT_DATA", str(root / "file" / "below"))
    torchvision_that(monkeypatch, lambda folder, download: None)
    with pytest.raises(data.DataError, match="What to do"):
        data.load("cifar10", full=True)


def test_default_folder(monkeypatch):
    for unset in (None, ""):
        if unset is None:
            monkeypatch.delenv("COURSEKIT_DATA", raising=False)
        else:
            monkeypatch.setenv("COURSEKIT_DATA", unset)
        assert complete.folder() == Path.home() / ".cache" / "coursekit"
    monkeypatch.setenv("COURSEKIT_DATA", "~/sets")
    assert complete.folder() == Path.home() / "sets"
