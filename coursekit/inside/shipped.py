"""Pictures that take minutes to optimise, made once by ``python -m recipes.exciting_pictures``.

Each is a file that any image viewer opens, its pictures side by side, without loss: what a network says about a picture
can hang on its last bits.
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


def shipped(name):
    """Return pictures that come with the package.

    Parameters
    ----------
    name : str
        "classes": one for each of `CLASSES`. "switches": one for each of `SETTINGS`, of the class `SWITCHED`.

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

    path = FOLDER / f"{name}.png"
    if not path.is_file():
        there = ", ".join(sorted(file.stem for file in FOLDER.glob("*.png")))
        raise ValueError(f"name: no pictures called {name!r} come with the package; there are {there}")
    strip = np.asarray(imread(path), np.float32)[..., :3]
    side = strip.shape[0]
    return np.ascontiguousarray(strip.reshape(side, -1, side, 3).transpose(1, 3, 0, 2))
