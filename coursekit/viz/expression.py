"""A small expression as a graph: a value in every node, a slope along every arrow, gradients as they come."""

import itertools

import matplotlib.pyplot as plt
import numpy as np

FORWARD, BACKWARD = "#0072B2", "#C04A00"
RADIUS = 0.3


def expression_graph(places, edges, values=None, gradients=None, *, active=(), colour=BACKWARD, label=None, title=None):
    """Draw who is computed from whom, with the numbers known so far.

    Parameters
    ----------
    places : dict of str to (float, float)
        The nodes and where they stand; neighbours at least one unit apart.
    edges : sequence of (str, str, float or None)
        Arrows from an input to the result that uses it, with the local slope written on it where it is not None.
        Several arrows between the same two nodes are drawn as arcs.
    values : dict of str to float, optional
        What stands in the node, under its name.
    gradients : dict of str to float, optional
        What stands under the node, in the second colour.
    active : collection of (str, str) or of str
        Nodes, and arrows by their two ends, to emphasise.
    colour : str
        The colour of gradients and of what is emphasised.
    label : str, optional
        What the numbers under the nodes are called: a format string over the node's ``name``.
    title : str, optional

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If an edge or a number belongs to a node without a place.

    Examples
    --------
    >>> places = {"x": (0, 0), "y": (1, 0)}
    >>> figure = expression_graph(places, [("x", "y", 6.0)], {"x": 3.0, "y": 9.0}, {"y": 1.0}, label="d{name}")
    >>> [text.get_text() for text in figure.axes[0].texts if text.get_text()]
    ['6', 'x', '3', 'y', '9', 'dy = 1']
    """
    values, gradients = values or {}, gradients or {}
    for name in itertools.chain(values, gradients, *(edge[:2] for edge in edges)):
        if name not in places:
            raise ValueError(f"places: none for the node {name!r}; there are {', '.join(map(repr, places))}")
    x, y = np.array(list(places.values()), float).T
    width, height = np.ptp(x) + 1.1, np.ptp(y) + 1.25
    figure, ax = plt.subplots(figsize=(1.25 * width, 1.25 * height + (0.3 if title else 0)))
    met = {}
    for start, end, slope in edges:
        total = sum(edge[:2] == (start, end) for edge in edges)
        met[start, end] = met.get((start, end), 0) + 1
        bend = 0.0 if total == 1 else 0.5 * (2 * (met[start, end] - 1) / (total - 1) - 1)
        _arrow(ax, places[start], places[end], bend, slope, colour if (start, end) in active else None)
    for name, (x0, y0) in places.items():
        chosen = name in active
        face, edge, ink = (colour, colour, "white") if chosen else ("#F2F2F2", "#777777", "black")
        ax.add_patch(plt.Circle((x0, y0), RADIUS, facecolor=face, edgecolor=edge, linewidth=1.3, zorder=2))
        raised = 0.1 if name in values else 0.0
        style = {"ha": "center", "va": "center", "zorder": 3}
        ax.text(x0, y0 + raised, name, fontsize=10, style="italic", color=ink, **style)
        if name in values:
            value_ink = ink if chosen else FORWARD
            ax.text(x0, y0 - 0.1, f"{values[name]:.3g}", fontsize=10, color=value_ink, **style)
        if name in gradients:
            text = f"{gradients[name]:.3g}"
            text = f"{label.format(name=name)} = {text}" if label else text
            ax.text(x0, y0 - RADIUS - 0.15, text, fontsize=10, color=colour, fontweight="bold", **style)
    ax.set(xlim=(x.min() - 0.55, x.max() + 0.55), ylim=(y.min() - 0.7, y.max() + 0.55), aspect="equal")
    ax.set_axis_off()
    if title:
        ax.set_title(title)
    return figure


def describe_expression(edges, values=None, gradients=None, *, label="the gradient of {name}"):
    """Say in words what `expression_graph` shows.

    Parameters
    ----------
    edges, values, gradients, label
        As for `expression_graph`.

    Returns
    -------
    str

    Examples
    --------
    >>> describe_expression([("x", "y", 6.0)], {"x": 3.0, "y": 9.0}, {"y": 1.0})
    'Arrows with slopes: x to y, 6. Values: x is 3, y is 9. Known so far: the gradient of y is 1.'
    """
    arrows = [f"{a} to {b}" + ("" if slope is None else f", {slope:.3g}") for a, b, slope in edges]
    parts = [f"Arrows with slopes: {'; '.join(arrows)}." if any(e[2] is not None for e in edges) else None]
    parts[0] = parts[0] or f"Arrows: {'; '.join(arrows)}."
    if values:
        parts.append("Values: " + ", ".join(f"{name} is {value:.3g}" for name, value in values.items()) + ".")
    if gradients:
        known = ", ".join(f"{label.format(name=name)} is {value:.3g}" for name, value in gradients.items())
        parts.append(f"Known so far: {known}.")
    return " ".join(parts)


def _arrow(ax, start, end, bend, slope, colour):
    """One arrow from edge to edge of two discs, and the slope beside its middle."""
    start, end = np.array(start, float), np.array(end, float)
    along = (end - start) / np.linalg.norm(end - start)
    across = np.array([-along[1], along[0]])
    line = {"arrowstyle": "-|>", "color": colour or "#555555", "linewidth": 2.2 if colour else 1.2}
    line |= {"shrinkA": 0, "shrinkB": 0, "connectionstyle": f"arc3,rad={-bend}"}
    tilt = across * np.sign(bend) * RADIUS * 0.5
    ax.annotate(
        "", end - along * (RADIUS + 0.02) + tilt, start + along * (RADIUS + 0.02) + tilt, arrowprops=line, zorder=1
    )
    if slope is not None:
        length = np.linalg.norm(end - start) - 2 * RADIUS
        middle = (start + end) / 2 + tilt + across * (bend / 2 * length)
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1.2}
        text = f"{slope:.3g}"
        ax.text(*middle, text, fontsize=9, ha="center", va="center", color=colour or "#333333", bbox=box, zorder=2.5)
