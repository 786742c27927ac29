"""What a unit sees of the image: through a stack of layers, on a photograph, and how much each pixel counts."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import LineCollection

UNIT, SEEN, QUIET = "#D55E00", "#0072B2", "#C8C8C8"


def receptive_cone(layers, size, unit=None, *, width=6.4):
    """Draw a stack of layers in one dimension, and what one unit at the top sees of the input.

    The input lies at the bottom. Every unit stands above the middle of what it sees, so that the distance between
    neighbours is the jump. Windows that reach into padding end at the border.

    Parameters
    ----------
    layers : sequence of tuple
        (kernel_size, stride, padding, dilation) for each layer, whose end may be left out.
    size : int
        Inputs at the bottom.
    unit : int, optional
        Which unit of the last layer; the middle one unless given.
    width : float
        Of the figure, in inches.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If a layer does not fit on what lies below it, or there is no such unit.

    Examples
    --------
    >>> figure = receptive_cone([(3,), (3,)], size=7)
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['input', 'layer 1: jump 1, sees 3', 'layer 2: jump 1, sees 5']
    """
    rows = _cone(layers, size, unit)
    figure, ax = plt.subplots(figsize=(width, 0.55 + 0.72 * len(rows)))
    ax.set_axis_off()
    for height, row in enumerate(rows):
        lines = [
            [(rows[height - 1]["places"][below], height - 1), (row["places"][above], height)]
            for above in row["seen"]
            for below in row["reads"](above)
        ]
        ax.add_collection(LineCollection(lines, colors=SEEN, linewidths=0.9, alpha=0.6, zorder=1))
        seen = set(row["seen"])
        colours = [
            UNIT if height == len(rows) - 1 and i in seen else SEEN if i in seen else QUIET
            for i in range(len(row["places"]))
        ]
        ax.scatter(row["places"], [height] * len(row["places"]), s=46, c=colours, zorder=2)
        ax.text(size - 0.2, height, row["label"], va="center", fontsize=9)
    ax.set_xlim(-0.6, size + 5.2)
    ax.set_ylim(-0.4, len(rows) - 0.6)
    return figure


def describe_cone(layers, size, unit=None):
    """Say in words what `receptive_cone` shows.

    Examples
    --------
    >>> describe_cone([(3,), (2, 2)], size=8)
    'Layer 1 (window 3): 6 units, jump 1, each sees 3. Layer 2 (window 2, stride 2): 3 units, jump 2, each sees 4. The marked unit sees inputs 2 to 5 of 8.'
    """  # noqa: E501 - one line, as it is returned
    rows, sentences = _cone(layers, size, unit), []
    for number, (row, layer) in enumerate(zip(rows[1:], layers, strict=True), 1):
        names = zip(("window", "stride", "padding", "dilation"), layer, (None, 1, 0, 1), strict=False)
        says = ", ".join(f"{name} {value}" for name, value, plain in names if value != plain)
        sentences.append(
            f"Layer {number} ({says}): {len(row['places'])} units, jump {row['jump']}, each sees {row['field']}."
        )
    first, last = rows[0]["seen"][0], rows[0]["seen"][-1]
    return " ".join([*sentences, f"The marked unit sees inputs {first} to {last} of {size}."])


def _cone(layers, size, unit):
    """The input and each layer: where its units stand, which of them are in the cone, and what they read."""
    rows = [{"places": np.arange(size, dtype=float), "label": "input", "reads": lambda i: (), "jump": 1, "field": 1}]
    first, field, jump = 0.0, 1, 1
    for number, layer in enumerate(layers, 1):
        kernel, stride, padding, dilation = (*layer, *(1, 1, 0, 1)[len(layer) :])
        below = len(rows[-1]["places"])
        count = (below + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
        if count < 1:
            raise ValueError(f"layers: layer {number} with window {kernel} does not fit on {below} units")
        field += dilation * (kernel - 1) * jump
        first -= padding * jump
        jump *= stride
        places = first + jump * np.arange(count) + (field - 1) / 2

        def reads(i, kernel=kernel, stride=stride, padding=padding, dilation=dilation, below=below):
            inputs = (i * stride - padding + dilation * t for t in range(kernel))
            return [j for j in inputs if 0 <= j < below]

        label = f"layer {number}: jump {jump}, sees {field}"
        rows.append({"places": places, "label": label, "reads": reads, "jump": jump, "field": field})
    unit = len(rows[-1]["places"]) // 2 if unit is None else unit
    if not 0 <= unit < len(rows[-1]["places"]):
        raise ValueError(f"unit: got {unit}; the last layer has {len(rows[-1]['places'])} units")
    seen = {unit}
    for height in range(len(rows) - 1, -1, -1):
        rows[height]["seen"] = sorted(seen)
        seen = {j for i in seen for j in rows[height]["reads"](i)}
    return rows


def field_overlay(image, fields, names, *, through=None, centre=None, size=3.6):
    """Draw what a unit in the middle sees of an image, after each layer of a stack.

    Parameters
    ----------
    image : array_like, shape (H, W), (H, W, 3) or (3, H, W)
    fields : sequence of coursekit.counting.ReceptiveField
        After each layer.
    names : sequence of str
        Of the layers.
    through : int, optional
        How many layers are passed; all unless given. The box of the last of them is drawn in colour, those of the
        layers before it pale.
    centre : tuple of float, optional
        (row, column) where the unit stands; the middle of the image unless given.
    size : float
        Height of the figure in inches.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is not one name for each field, or `through` is not between 1 and their number.

    Examples
    --------
    >>> from coursekit.counting import receptive_field
    >>> fields = [receptive_field([(3,)] * depth) for depth in (1, 2)]
    >>> figure = field_overlay(np.zeros((9, 9)), fields, ["conv1", "conv2"])
    >>> figure.axes[0].get_title()
    'conv2: 5 × 5 pixels, one unit every 1'
    """
    picture, fields, through, centre = _overlay(image, fields, names, through, centre)
    height, width = picture.shape[:2]
    figure, ax = plt.subplots(figsize=(size * width / height, size + 0.3))
    ax.imshow(picture)
    for depth, field in enumerate(fields, 1):
        last = depth == through
        corner = (centre[1] - field.size / 2, centre[0] - field.size / 2)
        look = {"edgecolor": UNIT, "linewidth": 2.4} if last else {"edgecolor": "white", "linewidth": 0.8, "alpha": 0.8}
        ax.add_patch(plt.Rectangle(corner, field.size, field.size, fill=False, clip_on=True, **look))
    ax.set_xlim(-0.5, width - 0.5)
    ax.set_ylim(height - 0.5, -0.5)
    ax.set_axis_off()
    field = fields[-1]
    ax.set_title(f"{names[through - 1]}: {field.size} × {field.size} pixels, one unit every {field.jump}", fontsize=10)
    return figure


def describe_overlay(image, fields, names, *, through=None, centre=None):
    """Say in words what `field_overlay` shows.

    Examples
    --------
    >>> from coursekit.counting import receptive_field
    >>> describe_overlay(np.zeros((9, 9)), [receptive_field([(3,), (2, 2)])], ["pool1"])
    'After pool1 a unit sees 4 × 4 pixels, 20 % of the 9 × 9 image; neighbouring units look 2 pixels further.'
    """
    picture, fields, through, centre = _overlay(image, fields, names, through, centre)
    field, (height, width) = fields[-1], picture.shape[:2]
    sides = (
        min(c + field.size / 2, n - 0.5) - max(c - field.size / 2, -0.5)
        for c, n in zip(centre, (height, width), strict=True)
    )
    share = 100 * np.prod(list(sides)) / (height * width)
    return (
        f"After {names[through - 1]} a unit sees {field.size} × {field.size} pixels, {share:.0f} % of the "
        f"{height} × {width} image; neighbouring units look {field.jump} pixel{'s' if field.jump > 1 else ''} further."
    )


def _overlay(image, fields, names, through, centre):
    picture = np.asarray(image)
    if picture.ndim == 3 and picture.shape[0] == 3:
        picture = picture.transpose(1, 2, 0)
    if len(fields) != len(names):
        raise ValueError(f"names: got {len(names)} for {len(fields)} fields; give one for each")
    through = len(fields) if through is None else through
    if not 1 <= through <= len(fields):
        raise ValueError(f"through: got {through}; there are {len(fields)} layers")
    centre = tuple((side - 1) / 2 for side in picture.shape[:2]) if centre is None else centre
    return picture, list(fields)[:through], through, centre


def influence_maps(maps, titles, boxes=None, *, size=2.2):
    """Draw how much each pixel moves a unit: each map on its own scale, from no influence (white) to most (dark).

    Parameters
    ----------
    maps : sequence of array_like, shape (H, W)
        Such as `coursekit.counting.Influence.map`.
    titles : sequence of str
    boxes : sequence of (range, range), optional
        Rows and columns of the theoretical receptive field of each.
    size : float
        Of one map, in inches.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = influence_maps([np.eye(5)], ["diagonal"], [(range(1, 4), range(1, 4))])
    >>> figure.axes[0].get_title()
    'diagonal'
    """
    figure, axes = plt.subplots(1, len(maps), figsize=(size * len(maps), size + 0.3), squeeze=False)
    for i, (ax, values, title) in enumerate(zip(axes[0], maps, titles, strict=True)):
        values = np.asarray(values)
        ax.imshow(values, cmap="Blues", vmin=0, vmax=values.max())
        if boxes is not None:
            rows, columns = boxes[i]
            corner = (columns.start - 0.5, rows.start - 0.5)
            ax.add_patch(plt.Rectangle(corner, len(columns), len(rows), fill=False, edgecolor=UNIT, linewidth=1.4))
        ax.set_title(title, fontsize=9)
        ax.set(xticks=[], yticks=[])
    return figure
