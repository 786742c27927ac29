"""One microscope image in which people have outlined every cell nucleus: data for segmentation."""

import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from coursekit.data.catalogue import DataError

FILE = Path(__file__).parent / "bundle" / "nuclei.npz"


class Nuclei(NamedTuple):
    """The image and what is where in it.

    Attributes
    ----------
    image : ndarray of float32, shape (512, 512)
        How brightly the stained DNA shines, 0 to 1.
    mask : ndarray of int64, shape (512, 512)
        0 where there is no nucleus, and a number of its own for every nucleus.
    """

    image: np.ndarray
    mask: np.ndarray


def nuclei():
    """Load the image of nuclei and their outlines.

    A field of cells under a fluorescence microscope, one of the images of the 2018 Data Science Bowl with the outlines
    that experts drew (Caicedo et al., "Nucleus segmentation across imaging experiments: the 2018 Data Science Bowl",
    Nature Methods 2019; image set BBBC038v1 of the Broad Bioimage Benchmark Collection, CC0), as it comes with the
    package `stardist`. Used in the chapter on upsampling.

    Returns
    -------
    Nuclei
        ``image, mask``: new arrays on every call.

    Raises
    ------
    DataError
        If the file cannot be read.

    Examples
    --------
    >>> from coursekit import data
    >>> image, mask = data.nuclei()
    >>> image.shape, len(np.unique(mask)) - 1        # 125 nuclei
    ((512, 512), 125)
    """
    try:
        with np.load(FILE) as file:
            image, mask = file["image"], file["mask"]
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        advice = "Install coursekit again, or in a clone run: git checkout -- coursekit/data/bundle/nuclei.npz"
        raise DataError(f"{FILE} cannot be read: {error}. {advice}") from error
    return Nuclei(image.astype(np.float32) / 255, mask.astype(np.int64))
