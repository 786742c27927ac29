"""The bundle is what recipes/bundle_data.py makes of the complete sets."""

import dataclasses
import importlib.util
import lzma
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from coursekit import data
from coursekit.data import complete, packing
from coursekit.data.catalogue import DataError

RECIPE = Path(__file__).parents[2] / "recipes" / "bundle_data.py"
SPLITS = [(name, split) for name, entry in data.DATASETS.items() for split in entry.splits]

# Published for the complete training sets (every torchvision recipe normalises with them), so not from our own code.
MEAN_AND_STD = {
    "mnist": ([0.1307], [0.3081]),
    "fashion-mnist": ([0.2860], [0.3530]),
    "cifar10": ([0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616]),
}


@pytest.fixture(scope="module")
def recipe():
    spec = importlib.util.spec_from_file_location("bundle_data", RECIPE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def source():
    """The folder of the complete sets, where all of them are there."""
    if not os.environ.get("COURSEKIT_DATA"):
        pytest.skip("COURSEKIT_DATA is not set: the complete sets are needed to rebuild the bundle")
    folder = complete.folder()
    try:
        for name, split in SPLITS:
            complete.read(data.DATASETS[name], split, folder)
    except (FileNotFoundError, DataError) as error:
        pytest.skip(f"COURSEKIT_DATA does not hold all complete sets: {error}")
    return folder


def test_first_of_each_class_in_original_order(recipe):
    labels = np.array([2, 0, 0, 1, 2, 1, 0, 2, 1], dtype=np.uint8)
    np.testing.assert_array_equal(recipe.first_of_each_class(labels, 2), [0, 1, 2, 3, 4, 5])
    np.testing.assert_array_equal(recipe.first_of_each_class(labels, 1), [0, 1, 3])
    with pytest.raises(ValueError, match="per_class = 4, but a class has only 3 images"):
        recipe.first_of_each_class(labels, 4)


@pytest.mark.parametrize(("name", "split"), SPLITS)
def test_bundle_holds_exactly_the_chosen_images(recipe, source, name, split):
    entry, part = data.DATASETS[name], data.DATASETS[name].splits[split]
    images, labels = recipe.select(entry, split, source)
    assert recipe.checksum(images, labels) == part.decoded_sha256
    bundled = data.load(name, split)
    np.testing.assert_array_equal(bundled.images, images / np.float32(255))
    np.testing.assert_array_equal(bundled.labels, labels)


@pytest.mark.parametrize(("name", "split"), SPLITS)
def test_stream_holds_exactly_the_rebuilt_bytes(recipe, source, name, split):
    # Byte for byte, but before the compressor: that much no version of liblzma can change.
    entry, part = data.DATASETS[name], data.DATASETS[name].splits[split]
    images, labels = recipe.select(entry, split, source)
    stored = packing.to_residuals(images) if entry.photographs else images
    assert lzma.decompress((data.BUNDLE / part.file).read_bytes()) == labels.tobytes() + stored.tobytes()


def test_packing_again_gives_the_same_file():
    # No complete set is needed to see that the bytes are reproducible: unpack, pack, compare.
    entry, part = data.DATASETS["cifar10"], data.DATASETS["cifar10"].splits["test"]
    packed = (data.BUNDLE / part.file).read_bytes()
    again = packing.pack(*packing.unpack(packed, part.count, entry.shape, entry.photographs), entry.photographs)
    assert lzma.decompress(again) == lzma.decompress(packed)
    if again != packed:
        pytest.skip("this liblzma compresses to other bytes than the one the bundle was built with")


@pytest.mark.parametrize("name", data.DATASETS)
def test_published_statistics(source, name):
    images, _ = complete.read(data.DATASETS[name], "train", source)
    counts = np.stack([np.bincount(channel.ravel(), minlength=256) for channel in images.swapaxes(0, 1)])
    grey = np.arange(256) / 255
    mean = counts @ grey / counts.sum(axis=1)
    std = np.sqrt(counts @ grey**2 / counts.sum(axis=1) - mean**2)
    np.testing.assert_allclose(mean, MEAN_AND_STD[name][0], atol=5.1e-5)
    np.testing.assert_allclose(std, MEAN_AND_STD[name][1], atol=5.1e-5)


@pytest.mark.parametrize(("name", "split"), [s for s in SPLITS if s[0] != "cifar10"])
def test_agrees_with_torchvision(source, name, split):
    # CIFAR-10 is left out: torchvision insists on the published pickles, a copy pickled again has another MD5.
    datasets = pytest.importorskip("torchvision.datasets")
    theirs = getattr(datasets, data.DATASETS[name].torchvision_name)(source, train=split == "train")
    ours = data.load(name, split, full=True)
    np.testing.assert_array_equal(ours.images[:, 0], (theirs.data.float() / 255).numpy())
    np.testing.assert_array_equal(ours.labels, theirs.targets.numpy())


@pytest.mark.parametrize("photographs", [True, False])
def test_check_tells_same_from_different(recipe, tmp_path, monkeypatch, photographs):
    images = np.random.default_rng(0).integers(0, 256, (6, 3, 4, 4), dtype=np.uint8)
    labels = np.arange(6, dtype=np.uint8)
    part = dataclasses.replace(data.DATASETS["cifar10"].splits["test"], count=6)
    entry = dataclasses.replace(
        data.DATASETS["cifar10"], shape=(3, 4, 4), photographs=photographs, splits={"test": part}
    )
    monkeypatch.setattr(recipe, "select", lambda *_: (images, labels))
    monkeypatch.setattr(recipe, "BUNDLE", tmp_path)
    file = tmp_path / part.file
    file.write_bytes(packing.pack(images, labels, photographs))
    assert recipe.compare(entry, "test", tmp_path) == "identical"
    file.write_bytes(lzma.compress(lzma.decompress(file.read_bytes()), preset=0))
    assert recipe.compare(entry, "test", tmp_path) == "same content"
    changed = images.copy()
    changed[5, 2, 3, 3] ^= 1
    file.write_bytes(packing.pack(changed, labels, photographs))
    assert recipe.compare(entry, "test", tmp_path) == "different"
    file.write_bytes(file.read_bytes()[:-1])
    assert recipe.compare(entry, "test", tmp_path) == "different"
    file.unlink()
    assert recipe.compare(entry, "test", tmp_path) == "different"


def test_the_command_names_a_missing_source(tmp_path):
    done = subprocess.run(
        [sys.executable, RECIPE, "--source", tmp_path, "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert f"--source {tmp_path} is not complete: " in done.stderr
    assert "train-images-idx3-ubyte" in done.stderr
    assert "Traceback" not in done.stderr
