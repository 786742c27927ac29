"""A whole network as a row of blocks: how fast it shrinks the image, and where its work and its weights are."""

import matplotlib.pyplot as plt
from matplotlib.patches import Patch

from coursekit.viz.counts import COLOURS
from coursekit.viz.fixed import no_layout

# Blocks with layers inside, which `COLOURS` does not know: a lighter blue than that of a single convolution.
FILLS = {**COLOURS, "block": "#56B4E9"}
WORDS = {"convolution": "convolution", "block": "block of several layers"}
WORK, WEIGHTS = "#0072B2", "#D55E00"


def tower(summary, *, title=None, width=7.2):
    """Draw a network block by block: the height is the side of the map, and underneath, what share is behind it.

    Parameters
    ----------
    summary : coursekit.counting.Summary
        As ``counting.summary(model, input_shape, depth="blocks")`` gives it.
    title : str, optional
        Goes before the sums.
    width : float
        Of the figure, in inches. Every network is stretched to it, and the axes are the same for all.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from coursekit import nets
    >>> from coursekit.counting import summary
    >>> figure = tower(summary(nets.lenet5(nn), (1, 28, 28), depth="blocks"), title="LeNet-5")
    >>> figure.axes[0].get_title(loc="left")
    'LeNet-5: 61,706 parameters, 417 thousand multiply-adds'
    >>> [round(bar.get_height()) for bar in figure.axes[0].patches]     # the image comes first
    [28, 28, 14, 10, 5, 1, 1, 1]
    """
    rows = [row for row in summary if row.units]
    figure, (top, bottom) = plt.subplots(
        2, 1, figsize=(width, 3.7), height_ratios=(2.1, 1), sharex=True, layout=no_layout()
    )
    figure.subplots_adjust(left=0.62 / width, right=1 - 0.05 / width, top=0.93, bottom=0.03, hspace=0.06)
    sides = [summary.input_shape[-1], *(_side(row) for row in rows)]
    kinds = ["image", *(_kind(row) for row in rows)]
    step = 1 / len(sides)
    middles = [(i + 0.5) * step for i in range(len(sides))]
    colours = [FILLS.get(kind, "white") for kind in kinds]
    top.bar(middles, sides, width=0.8 * step, color=colours, edgecolor="#444444", linewidth=0.5)
    channels, written = [summary.input_shape[0], *(row.output_shape[0] for row in rows)], -1.0
    for i, (middle, side, count) in enumerate(zip(middles, sides, channels, strict=True)):
        if (i and count == channels[i - 1]) or middle - written < 0.021:
            continue
        written = middle
        top.text(middle, side * 1.15, f"{count}", ha="center", va="bottom", fontsize=7, rotation=90)
    top.set_yscale("log", base=2)
    top.set(ylim=(0.7, 1200), ylabel="side of the map", xlim=(-0.01, 1.01), xticks=[])
    top.set_yticks([1, 4, 16, 64, 256], ["1", "4", "16", "64", "256"])
    top.minorticks_off()
    top.set_title(f"{title}: {_sums(summary)}" if title else _sums(summary), loc="left")
    shown = [kind for kind in FILLS if kind in kinds]
    patches = [Patch(facecolor=FILLS[kind], edgecolor="#444444", label=WORDS.get(kind, kind)) for kind in shown]
    top.legend(handles=patches, loc="upper right", ncols=4, fontsize=8, handlelength=1, columnspacing=1)
    for column, colour, label in [("multiply_adds", WORK, "multiply-adds"), ("parameters", WEIGHTS, "parameters")]:
        total, shares = getattr(summary, column), [0.0, 0.0]
        for row in rows:
            shares.append(shares[-1] + 100 * getattr(row, column) / total)
        bottom.step([i * step for i in range(len(shares))], shares, where="pre", color=colour, label=label)
    bottom.set(ylim=(-3, 103), yticks=[0, 50, 100], ylabel="% up to here", xticks=[])
    bottom.legend(loc="upper left", fontsize=8)
    return figure


def describe_tower(summary, *, title=None):
    """Say in words what `tower` shows.

    Examples
    --------
    >>> from coursekit import nets
    >>> from coursekit.counting import summary
    >>> print(describe_tower(summary(nets.lenet5(nn), (1, 28, 28), depth="blocks"), title="LeNet-5"))
    LeNet-5: 61,706 parameters, 417 thousand multiply-adds. Sides of the maps: 28 in the image, 28, 14, 10, 5, 1 three times. Half of the multiply-adds are done after 3 of 7 blocks; half of the parameters lie in the first 5.
    """  # noqa: E501 - one line, as it is returned
    rows = [row for row in summary if row.units]
    sides, runs = [_side(row) for row in rows], []
    for side in sides:
        if runs and runs[-1][0] == side:
            runs[-1][1] += 1
        else:
            runs.append([side, 1])
    times = {1: "", 2: " twice", 3: " three times"}
    walk = ", ".join(f"{side}{times.get(count, f' {count} times')}" for side, count in runs)
    halves = [_half(rows, column) for column in ("multiply_adds", "parameters")]
    head = f"{title}: {_sums(summary)}" if title else _sums(summary)
    return (
        f"{head}. Sides of the maps: {summary.input_shape[-1]} in the image, {walk}. "
        f"Half of the multiply-adds are done after {halves[0]} of {len(rows)} blocks; "
        f"half of the parameters lie in the first {halves[1]}."
    )


def _half(rows, column):
    """After how many blocks at least half of a number is reached."""
    total, reached = sum(getattr(row, column) for row in rows), 0
    for i, row in enumerate(rows, 1):
        reached += getattr(row, column)
        if 2 * reached >= total:
            return i
    return len(rows)


def _side(row):
    return row.output_shape[-1] if len(row.output_shape) > 1 else 1


def _kind(row):
    single = row.family != "convolution" or "Conv" in row.kind  # timm's ConvNormAct is a convolution for us
    return row.family if single else "block"


def _sums(summary):
    work = summary.multiply_adds
    words = f"{work / 1e9:.2f} billion" if work >= 1e8 else f"{work / 1e3:.0f} thousand"
    return f"{summary.parameters:,} parameters, {words} multiply-adds"
