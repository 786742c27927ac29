"""Make coursekit/data/bundle/nuclei.npz from the image that comes with the package `stardist`.

    pip download --no-deps stardist==0.9.2 && unzip stardist-*.whl 'stardist/data/images/*2d.tif'
    python -m recipes.bundle_nuclei stardist/data/images [--check]

Nothing is changed: the image has values up to 235 and the mask up to 183, so both fit into bytes.
"""

import argparse
import sys
from pathlib import Path

import numpy as np


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where img2d.tif and mask2d.tif are")
    parser.add_argument("--check", action="store_true", help="write nothing; compare with what is bundled")
    arguments = parser.parse_args()

    import tifffile

    from coursekit.data.microscopy import FILE

    original = {"image": tifffile.imread(arguments.folder / "img2d.tif")}
    original["mask"] = tifffile.imread(arguments.folder / "mask2d.tif")
    assert all(array.max() < 256 for array in original.values())
    if not arguments.check:
        np.savez_compressed(FILE, **{name: array.astype(np.uint8) for name, array in original.items()})
    with np.load(FILE) as bundled:
        same = all(np.array_equal(bundled[name], array) for name, array in original.items())
    print(f"{FILE.name}: {'same content' if same else 'different'}, {FILE.stat().st_size} bytes")
    sys.exit(not same)


if __name__ == "__main__":
    main()
