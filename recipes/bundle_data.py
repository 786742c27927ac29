"""Build the files of coursekit/data/bundle from the complete data sets.

    python recipes/bundle_data.py --source DIR            write the bundle, print sizes and checksums
    python recipes/bundle_data.py --source DIR --check    write nothing; compare the bundle with what would be written

DIR holds the complete sets in torchvision's folder layout (what ``$COURSEKIT_DATA`` points to).

The sizes and checksums belong into coursekit/data/catalogue.py. The result is the same byte for byte on every run.
Another version of liblzma may compress to other bytes, though never to other pixels. So `--check` tells them apart:
"identical" files, or "same content" (every label and every pixel equal, compressed differently), or "different", which
is the only failure.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import numpy as np

from coursekit.data import BUNDLE, DATASETS, complete, packing
from coursekit.data.catalogue import DataError, Entry


def first_of_each_class(labels: np.ndarray, per_class: int) -> np.ndarray:
    """Indices of the first ``per_class`` images of every class, in their original order.

    Parameters
    ----------
    labels : ndarray of uint8, shape (N,)
    per_class : int

    Returns
    -------
    ndarray of int64, shape (number of classes * per_class,)

    Raises
    ------
    ValueError
        When a class has fewer images than that.
    """
    if np.bincount(labels).min() < per_class:
        raise ValueError(f"per_class = {per_class}, but a class has only {np.bincount(labels).min()} images")
    return np.sort(np.concatenate([np.flatnonzero(labels == c)[:per_class] for c in np.unique(labels)]))


def select(entry: Entry, split: str, source: Path) -> tuple[np.ndarray, np.ndarray]:
    """What is bundled of a split: images uint8 (N, C, H, W), labels uint8 (N,)."""
    images, labels = complete.read(entry, split, source)
    part = entry.splits[split]
    if part.count < part.full_count:
        chosen = first_of_each_class(labels, part.count // len(entry.classes))
        images, labels = images[chosen], labels[chosen]
    return np.ascontiguousarray(images), np.ascontiguousarray(labels)


def checksum(images: np.ndarray, labels: np.ndarray) -> str:
    """SHA-256 of the labels followed by the pixels, as `coursekit.data.catalogue.Split` records it."""
    return hashlib.sha256(labels.tobytes() + images.tobytes()).hexdigest()


def compare(entry: Entry, split: str, source: Path) -> str:
    """Compare a bundled file with its rebuild: ``"identical"``, ``"same content"`` or ``"different"``."""
    part = entry.splits[split]
    images, labels = select(entry, split, source)
    path = BUNDLE / part.file
    shipped = path.read_bytes() if path.exists() else b""
    if shipped == packing.pack(images, labels, entry.photographs):
        return "identical"
    try:
        unpacked = packing.unpack(shipped, part.count, entry.shape, entry.photographs)
    except ValueError:
        return "different"
    return "same content" if checksum(*unpacked) == checksum(images, labels) else "different"


def run(source: Path, check: bool) -> int:
    """Write the bundle, or check it; return the number of files whose content differs."""
    failures = 0
    for entry in DATASETS.values():
        for split, part in entry.splits.items():
            if check:
                verdict = compare(entry, split, source)
                failures += verdict == "different"
                print(f"{part.file:24} {verdict}", flush=True)
                continue
            images, labels = select(entry, split, source)
            packed = packing.pack(images, labels, entry.photographs)
            BUNDLE.mkdir(exist_ok=True)
            (BUNDLE / part.file).write_bytes(packed)
            sums = (hashlib.sha256(packed).hexdigest(), checksum(images, labels))
            print(f"{part.file:24} size {len(packed)}  packed_sha256 {sums[0]}  decoded_sha256 {sums[1]}", flush=True)
    return failures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path, required=True, metavar="DIR", help="folder of the complete sets")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args()
    try:
        return run(options.source, options.check)
    except (FileNotFoundError, DataError) as error:
        parser.error(f"--source {options.source} is not complete: {error}")


if __name__ == "__main__":
    sys.exit(main())
