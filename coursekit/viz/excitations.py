"""What excites a unit: the patches of images, and beside each what comes back from the unit to its pixels.

The arrangement is that of Zeiler and Fergus, "Visualizing and understanding convolutional networks" (ECCV 2014).
"""

from collections import Counter

import matplotlib.pyplot as plt
import numpy as np

from coursekit.viz.fixed import no_layout


def centred(values, share=0.995):
    """Make pictures of arrays with both signs: grey is 0, and every picture has a scale of its own.

    Unlike a scale from the smallest to the largest value this keeps zero where it is, and an array of nothing but zeros
    is plain grey. How strong one picture is beside another cannot be seen.

    Parameters
    ----------
    values : array_like, shape (..., C, H, W)
    share : float
        Of the numbers of a picture, how many are drawn without being cut off.

    Returns
    -------
    ndarray, same shape
        Between 0 and 1.

    Examples
    --------
    >>> centred([[[-2.0, 0.0, 4.0]]], share=1).tolist()
    [[[0.25, 0.5, 1.0]]]
    """
    values = np.asarray(values, dtype=float)
    top = np.quantile(np.abs(values), share, axis=(-3, -2, -1), keepdims=True)
    return np.clip(0.5 + 0.5 * values / np.where(top > 0, top, 1), 0, 1)


def mosaic(pictures, columns=3, gap=1):
    """Put pictures of one size side by side, with white between them.

    Parameters
    ----------
    pictures : array_like, shape (N, C, H, W)
        C is 1 or 3.
    columns, gap : int

    Returns
    -------
    ndarray, shape (rows * (H + gap) - gap, columns * (W + gap) - gap, 3)

    Examples
    --------
    >>> mosaic(np.zeros((4, 3, 5, 5)), columns=2).shape
    (11, 11, 3)
    """
    pictures = np.asarray(pictures, dtype=float)
    if pictures.ndim != 4 or pictures.shape[1] not in (1, 3):
        raise ValueError(f"pictures: expected shape (N, 1 or 3, H, W), got {pictures.shape}")
    n, _, height, width = pictures.shape
    rows = -(-n // columns)
    result = np.ones((rows * (height + gap) - gap, columns * (width + gap) - gap, 3))
    for number, picture in enumerate(pictures):
        top, left = (height + gap) * (number // columns), (width + gap) * (number % columns)
        result[top : top + height, left : left + width] = picture.transpose(1, 2, 0)
    return result


def excitations(patches, projections=None, titles=None, *, columns=3, across=3, size=1.15):
    """Draw for each unit the patches that excite it most, and beside them what comes back from the unit.

    Parameters
    ----------
    patches : array_like, shape (U, k, C, h, w)
        Between 0 and 1, such as `coursekit.inside.Strongest.patches` gives.
    projections : array_like, shape (U, k, C, h, w), optional
        Of either sign, such as `coursekit.inside.Strongest.project` gives.
    titles : sequence of str, optional
        One for each unit.
    columns : int
        Units in a row.
    across : int
        Patches in a row, for each unit.
    size : float
        Width of the patches of one unit, in inches.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is not one title, or not one projection, for each unit.

    Examples
    --------
    >>> figure = excitations(np.zeros((2, 9, 3, 8, 8)), np.zeros((2, 9, 3, 8, 8)), ["unit 0", "unit 1"])
    >>> [ax.get_title(loc="left") for ax in figure.axes]
    ['unit 0', '', 'unit 1', '']
    """
    patches = np.asarray(patches)
    for name, given in {"projections": projections, "titles": titles}.items():
        if given is not None and len(given) != len(patches):
            raise ValueError(f"{name}: got {len(given)} for {len(patches)} units; give one for each")
    parts = 1 if projections is None else 2
    columns = min(columns, len(patches))
    rows, down = -(-len(patches) // columns), -(-patches.shape[1] // across)
    # Places by hand, in inches from the upper left: a layout engine takes longer than everything else together.
    gap, above = 0.04, 0.2 if titles is not None else 0.04
    tall = size * down * patches.shape[3] / (across * patches.shape[4])
    width, height = columns * (parts * (size + gap) + 2 * gap) - 2 * gap, rows * (above + tall)
    figure = plt.figure(figsize=(width, height), layout=no_layout())
    for u in range(len(patches)):
        row, column = divmod(u, columns)
        drawn = [mosaic(patches[u], across)]
        if projections is not None:
            drawn.append(mosaic(centred(projections[u]), across))
        for part, picture in enumerate(drawn):
            left, top = column * (parts * (size + gap) + 2 * gap) + part * (size + gap), row * (above + tall) + above
            ax = figure.add_axes([left / width, 1 - (top + tall) / height, size / width, tall / height])
            ax.imshow(picture, interpolation="none", aspect="auto")
            ax.set_axis_off()
            if part == 0 and titles is not None:
                ax.set_title(titles[u], loc="left", fontsize=8, pad=2)
    return figure


def describe_excitations(layer, units, labels):
    """Say in words what excites units: of what classes the images are that hold their strongest patches.

    Parameters
    ----------
    layer : str
    units : sequence of int
    labels : sequence of sequences of str, one for each unit
        The class of each patch's image.

    Examples
    --------
    >>> describe_excitations("relu6", [3, 5], [["deer"] * 8 + ["cat"], ["ship", "truck", "ship"]])
    'Patches that excite 2 units of relu6 most. Unit 3: from images of deer (8), cat (1). Unit 5: ship (2), truck (1).'
    """
    sentences = []
    for unit, names in zip(units, labels, strict=True):
        counts = ", ".join(f"{name} ({n})" for name, n in Counter(names).most_common())
        sentences.append(f"Unit {unit}: {'' if sentences else 'from images of '}{counts}.")
    return f"Patches that excite {len(sentences)} units of {layer} most. {' '.join(sentences)}"
