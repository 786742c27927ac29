"""Pictures that take minutes to optimise, made once by ``recipes/exciting_pictures.py`` and ``recipes/styles.py``.

Each is a file that any image viewer opens, its pictures side by side. Those of which a network is asked what it sees
are kept without loss, because the answer can hang on the last bits; those in the style of others are for eyes only.
"""

import itertools
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "pictures"
SIDE = 128

# Class of ImageNet: its name there.
CLASSES = {
    130: "flamingo",
    980: "volcano",
    340: "zebra",
    963: "pizza",
    985: "daisy",
    1: "goldfish",
    949: "strawberry",
    109: "brain coral",
    84: "peacock",
    107: "jellyfish",
    470: "candle",
    950: "orange",
}
SWITCHED = 301  # the class of the picture with all its switches: ladybug
SWITCHES = ("waves", "colours", "views", "smooth")
SETTINGS = list(itertools.product([False, True], repeat=len(SWITCHES)))  # the order of the pictures in switches.png

# The pictures in styles.jpg: each style, a picture of scikit-image, with Gram matrices of few or many layers. The
# numbers are those of ReLUs in VGG-16: relu1_1, relu2_1, relu3_1, relu4_1.
DEPTHS = ((1,), (1, 6, 11, 18))
STYLED = list(itertools.product(("immunohistochemistry", "brick", "hubble_deep_field"), DEPTHS))
STYLED_SIDE = 192


def shipped(name):
    """Return pictures that come with the package.

    Parameters
    ----------
    name : str
        "classes": one for each of `CLASSES`. "switches": one for each of `SETTINGS`, of the class `SWITCHED`.
        "styles": one for each of `STYLED`.

    Returns
    -------
    ndarray of float32, shape (N, 3, H, W)
        Between 0 and 1.

    Raises
    ------
    ValueError
        If there are none of this name.

    Examples
    --------
    >>> shipped("classes").shape
    (12, 3, 128, 128)
    """
    from matplotlib.image import imread

    files = {file.stem: file for file in FOLDER.iterdir() if file.suffix in (".png", ".jpg")}
    if name not in files:
        there = ", ".join(sorted(files))
        raise ValueError(f"name: no pictures called {name!r} come with the package; there are {there}")
    strip = np.asarray(imread(files[name]), np.float32)[..., :3]
    if files[name].suffix == ".jpg":  # read as whole numbers, unlike a PNG
        strip /= 255
    side = strip.shape[0]
    return np.ascontiguousarray(strip.reshape(side, -1, side, 3).transpose(1, 3, 0, 2))
