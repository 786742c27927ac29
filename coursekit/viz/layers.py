"""One number for each layer of a deep network: the size of its signals, or of its gradients."""

import matplotlib.pyplot as plt
import numpy as np

MARKERS = "osD^vP*X"


def by_layer(curves, *, ylabel="", title=None, first=1, ylim=None, ax=None):
    """Draw a positive quantity layer by layer on a logarithmic axis, a line for each network.

    On that axis a constant factor for each layer is a straight line: level if signals keep their size, falling if they
    vanish, rising if they explode. A value that is 0 or not finite has no place there and is left out.

    Parameters
    ----------
    curves : dict of str to sequence of float
        The name of each network and its values, the layer next to the input first.
    ylabel, title : str
    first : int
        The number of the first layer.
    ylim : tuple of float, optional
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is not given.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> ax = by_layer({"halves": [1, 0.5, 0.25], "dies": [1, 0, 0]}, ylabel="size")
    >>> [len(line.get_xdata()) for line in ax.lines]
    [3, 1]
    """
    if ax is None:
        _, ax = plt.subplots()
    for i, (name, values) in enumerate(curves.items()):
        values = np.asarray(values, float)
        layer = np.arange(first, first + len(values))
        drawn = np.isfinite(values) & (values > 0)
        ax.plot(layer[drawn], values[drawn], f"{MARKERS[i % len(MARKERS)]}-", markersize=3.5, linewidth=1.3, label=name)
    ax.set_yscale("log")
    ax.set(xlabel="layer", ylabel=ylabel)
    ax.xaxis.get_major_locator().set_params(integer=True)
    if title:
        ax.set_title(title)
    if ylim:
        ax.set_ylim(ylim)
    ax.legend()
    return ax


def describe_by_layer(curves, *, first=1):
    """Say in words what `by_layer` shows: for each network the ends of its line, and the factor per layer.

    Parameters
    ----------
    curves, first
        As for `by_layer`.

    Returns
    -------
    str

    Examples
    --------
    >>> describe_by_layer({"halves": [1, 0.5, 0.25], "dies": [1, 0, 0]})
    'halves: 1 at layer 1, 0.25 at layer 3, a factor of 0.5 a layer. dies: 1 at layer 1, 0 at layer 3.'
    """
    sentences = []
    for name, values in curves.items():
        start, end = float(values[0]), float(values[-1])
        last = first + len(values) - 1
        text = f"{name}: {start:.2g} at layer {first}, {end:.2g} at layer {last}"
        if len(values) > 1 and start > 0 and end > 0 and np.isfinite([start, end]).all():
            text += f", a factor of {(end / start) ** (1 / (len(values) - 1)):.2g} a layer"
        sentences.append(text + ".")
    return " ".join(sentences)
