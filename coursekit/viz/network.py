"""A small layered network, drawn with a number in every unit."""

import matplotlib.pyplot as plt
import numpy as np

FORWARD, BACKWARD = "#0072B2", "#D55E00"


def network_state(layers, names=None, *, notes=None, active=(), backward=False, title=None):
    """Draw a fully connected network, one column of units a layer.

    Parameters
    ----------
    layers : sequence of array_like or int
        For each layer its values, or just the number of its units where they are not known yet.
    names : sequence of str, optional
        What stands under each column.
    notes : sequence of array_like, optional
        For each layer a second row of numbers, written small above the units.
    active : collection of int
        Columns to emphasise: the ones computed in this step.
    backward : bool
        Colour for gradients instead of values.
    title : str, optional

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no layer, or the number of names differs from the number of layers.

    Examples
    --------
    >>> figure = network_state([[1.0, -0.002], 3], ["x", "h"], active=[0])
    >>> sorted(text.get_text() for text in figure.axes[0].texts)
    ['', '', '', '-0.002', '1', 'h', 'x']
    """
    if not len(layers):
        raise ValueError("layers: got none; give at least one")
    if names is not None and len(names) != len(layers):
        raise ValueError(f"names: got {len(names)} for {len(layers)} layers; give one for each")
    values = [[None] * layer if isinstance(layer, int) else list(np.ravel(layer)) for layer in layers]
    tallest = max(len(column) for column in values)
    heights = [[(len(column) - 1) / 2 - i for i in range(len(column))] for column in values]
    colour = BACKWARD if backward else FORWARD

    figure, ax = plt.subplots(figsize=(1.35 * len(values) + 0.4, 0.85 * tallest + 0.9))
    for x in range(len(values) - 1):
        for y0 in heights[x]:
            for y1 in heights[x + 1]:
                ax.plot([x, x + 1], [y0, y1], color="#BBBBBB", linewidth=0.8, zorder=1)
    for x, column in enumerate(values):
        edge, text_colour = (colour, "white") if x in active else ("#888888", "black")
        for i, (y, value) in enumerate(zip(heights[x], column, strict=True)):
            face = "white" if value is None else colour if x in active else "#F2F2F2"
            ax.scatter(x, y, s=1250, facecolor=face, edgecolor=edge, linewidth=1.4, zorder=2)
            text = "" if value is None else f"{value:.2g}"
            ax.text(x, y, text, ha="center", va="center", fontsize=9, color=text_colour, zorder=3)
            if notes is not None:
                ax.text(x, y + 0.42, f"{np.ravel(notes[x])[i]:.2g}", ha="center", va="center", fontsize=8, zorder=3)
        if names is not None:
            ax.text(x, -tallest / 2 - 0.3, names[x], ha="center", va="center", fontsize=10)
    ax.set_xlim(-0.45, len(values) - 0.55)
    ax.set_ylim(-tallest / 2 - 0.55, tallest / 2 + 0.1)
    ax.set_axis_off()
    if title:
        ax.set_title(title)
    return figure
