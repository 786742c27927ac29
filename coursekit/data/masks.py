"""Outlined objects as targets for a network, and how well objects that were found agree with them.

Taught in the chapters on upsampling and on other tasks.
"""

import numpy as np

from coursekit.data.microscopy import Nuclei

# Rows of the image of nuclei. Between two regions 16 rows are left out, so that hardly a nucleus lies in both.
ROWS = {"training": slice(0, 256), "validation": slice(272, 352), "test": slice(368, 512)}
BACKGROUND, INSIDE, EDGE = range(3)


def regions(nuclei):
    """Cut the image of nuclei into three that do not overlap.

    Neighbouring pixels show the same nucleus, under the same light. Tiles drawn at random would put one half of a
    nucleus into the training data and the other half into the test data. Here no nucleus is in both. (Of those
    at a border, one is in training and validation, and two are in validation and test.)

    Parameters
    ----------
    nuclei : coursekit.data.microscopy.Nuclei

    Returns
    -------
    dict of str to Nuclei
        ``"training"`` (256 rows), ``"validation"`` (80) and ``"test"`` (144), each 512 pixels wide.

    Examples
    --------
    >>> from coursekit import data
    >>> {name: len(np.unique(part.mask)) - 1 for name, part in regions(data.nuclei()).items()}
    {'training': 64, 'validation': 25, 'test': 39}
    """
    return {name: Nuclei(nuclei.image[rows], nuclei.mask[rows]) for name, rows in ROWS.items()}


def inside_and_edge(mask, width=2):
    """Three classes of pixels: background 0, the inside of an object 1, its edge 2.

    A mask of two classes cannot say where one object ends that touches another. With an edge around each, their insides
    stay apart. (Ronneberger et al. (2015) give the background between touching cells more weight instead.)

    Parameters
    ----------
    mask : ndarray of int, shape (H, W)
        0 for the background and a number of its own for every object.
    width : int
        Pixels of an object that belong to the edge: those nearer than this to anything else. The border of the image
        is not an edge.

    Returns
    -------
    ndarray of int64, shape (H, W)

    Examples
    --------
    >>> inside_and_edge(np.array([[0, 0, 3, 3, 3, 4, 4]]), width=1)
    array([[0, 0, 2, 1, 2, 2, 1]])
    """
    side = 2 * width + 1
    around = np.lib.stride_tricks.sliding_window_view(np.pad(mask, width, mode="edge"), (side, side))
    inside = (around == mask[:, :, None, None]).all(axis=(2, 3))
    return np.where(mask == 0, BACKGROUND, np.where(inside, INSIDE, EDGE))


def tiles(nuclei, side=64):
    """Cut an image of nuclei into squares that do not overlap, row by row; what does not fill a square is left out.

    Parameters
    ----------
    nuclei : coursekit.data.microscopy.Nuclei
    side : int

    Returns
    -------
    list of Nuclei

    Examples
    --------
    >>> from coursekit import data
    >>> len(tiles(regions(data.nuclei())["training"]))
    32
    """
    rows, columns = (range(0, n - side + 1, side) for n in nuclei.image.shape)
    squares = [np.s_[top : top + side, left : left + side] for top in rows for left in columns]
    return [Nuclei(nuclei.image[square], nuclei.mask[square]) for square in squares]


def varied(image, classes, rng):
    """Turn and mirror an image, its classes alike, and make it up to 30 % darker or 40 % brighter.

    Under a microscope there is no up and down, and the brightness is that of a lamp: no label depends on either.

    Parameters
    ----------
    image, classes : ndarray, shape (H, H)
    rng : numpy.random.Generator

    Returns
    -------
    (ndarray, ndarray), shape (H, H)

    Examples
    --------
    >>> image, classes = varied(np.array([[0.2, 0], [0, 0]]), np.array([[7, 0], [0, 0]]), np.random.default_rng(0))
    >>> (image > 0).tolist() == (classes == 7).tolist()
    True
    """
    turns, mirrored, gain = rng.integers(4), rng.integers(2), rng.uniform(0.7, 1.4)
    image, classes = np.rot90(image, turns) * gain, np.rot90(classes, turns)
    return (image[:, ::-1], classes[:, ::-1]) if mirrored else (image, classes)


def uneven_light(image, rng):
    """Light an image from one side, and less well: brightness and background change slowly, and there is noise.

    Parameters
    ----------
    image : ndarray of float32, shape (H, W)
    rng : numpy.random.Generator
        Draws direction and noise.

    Returns
    -------
    ndarray of float32, shape (H, W)
        ``gain · image + veil + noise``: the gain rises from 0.4 to 1.6 and the veil from 0 to 0.4 over the diagonal,
        independently; the noise has standard deviation 0.1.
    """
    rows, columns = (np.linspace(-1, 1, n) for n in image.shape)
    slopes = [
        (np.cos(angle) * rows[:, None] + np.sin(angle) * columns) / np.sqrt(2)
        for angle in rng.uniform(0, 2 * np.pi, size=2)
    ]
    gain, veil = 1 + 0.6 * slopes[0], 0.2 * (1 + slopes[1])
    noise = 0.1 * rng.standard_normal(image.shape)
    return (gain * image + veil + noise).astype(np.float32)


def iou(found, true):
    """Intersection over union of two sets of pixels: how many are in both, of those that are in one at least.

    Parameters
    ----------
    found, true : ndarray of bool, of one shape

    Returns
    -------
    float
        1 where both are empty.

    Examples
    --------
    >>> iou(np.array([True, True, False]), np.array([False, True, True]))
    0.3333333333333333
    """
    union = np.count_nonzero(found | true)
    return float(np.count_nonzero(found & true) / union) if union else 1.0


def dice(found, true):
    """Dice coefficient of two sets of pixels: twice what is in both, of what is in the one plus what is in the other.

    Parameters
    ----------
    found, true : ndarray of bool, of one shape

    Returns
    -------
    float
        2 IoU / (1 + IoU). 1 where both are empty.

    Examples
    --------
    >>> dice(np.array([True, True, False]), np.array([False, True, True]))
    0.5
    """
    total = np.count_nonzero(found) + np.count_nonzero(true)
    return float(2 * np.count_nonzero(found & true) / total) if total else 1.0


def objects(classes, smallest=20):
    """Number the objects in an image of three classes: each connected inside, with the nearest of the edge around it.

    Parameters
    ----------
    classes : ndarray of int, shape (H, W)
        As from `inside_and_edge`, or the classes that a network finds.
    smallest : int
        Insides of fewer pixels are dropped.

    Returns
    -------
    ndarray of int, shape (H, W)
        0 where there is no object.

    Examples
    --------
    >>> objects(np.array([[0, 2, 1, 2, 2, 1, 0]]), smallest=1)
    array([[0, 1, 1, 1, 2, 2, 0]])
    """
    from scipy import ndimage

    inside, _ = ndimage.label(classes == INSIDE)
    large = np.bincount(inside.ravel()) >= smallest
    inside = np.where(large[inside], inside, 0)
    if not inside.any():
        return inside.astype(np.int64)
    distance, (rows, columns) = ndimage.distance_transform_edt(inside == 0, return_indices=True)
    return np.where((classes != BACKGROUND) & (distance < 4), inside[rows, columns], 0).astype(np.int64)


def matched(found, true, least=0.5):
    """Count objects that were found: pairs whose intersection over union is above `least`.

    From one half on, an object cannot have two partners, so no assignment has to be solved.

    Parameters
    ----------
    found, true : ndarray of int, shape (H, W)
        0 for the background and a number of its own for every object.
    least : float, at least 0.5

    Returns
    -------
    (int, int, int)
        Pairs, objects found, true objects. (F1 is ``2 · pairs / (found + true)``.)

    Raises
    ------
    ValueError
        If `least` is below one half.

    Examples
    --------
    >>> true = np.array([[1, 1, 1, 1, 0, 2, 2, 2, 2]])
    >>> matched(np.array([[5, 5, 5, 0, 0, 0, 7, 7, 7]]), true)
    (2, 2, 2)
    >>> matched(np.array([[5, 5, 5, 5, 5, 5, 5, 5, 5]]), true)      # both in one
    (0, 1, 2)
    """
    if least < 0.5:
        raise ValueError(f"least: got {least}; below 0.5 one object could be paired with two")
    together, counts = np.unique(np.stack([found.ravel(), true.ravel()]), axis=1, return_counts=True)
    sizes = [dict(zip(*np.unique(labels, return_counts=True), strict=True)) for labels in (found, true)]
    pairs = 0
    for (a, b), both in zip(together.T, counts, strict=True):
        pairs += bool(a and b and both / (sizes[0][a] + sizes[1][b] - both) > least)
    return pairs, *(len(size.keys() - {0}) for size in sizes)
