"""A recurrent network unrolled through time: one column for each step, with numbers on the way forward and back."""

import matplotlib.pyplot as plt

FORWARD, BACKWARD, FAINT = "#0072B2", "#D55E00", "#999999"


def unrolled(inputs, states, *, gradients=None, shares=None, active=(), weight="w", title=None):
    """Draw a recurrent unit at every step of a short sequence.

    Parameters
    ----------
    inputs : sequence of float, length T
        What comes in at steps 1 to T.
    states : sequence of float or None, length T + 1
        The state before the first step and after each; None where it is not known yet.
    gradients : sequence of float or None, length T + 1, optional
        For each state the gradient of the loss, written above it.
    shares : sequence of float or None, length T, optional
        What each use of the shared weight adds to its gradient, written at the arrow of that step.
    active : collection of int
        Numbers of the states to emphasise.
    weight : str
        Name of the shared weight.
    title : str, optional

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the lengths do not fit.

    Examples
    --------
    >>> figure = unrolled([1, 0], [0, 1, 0.5], gradients=[None, 0.5, 1], shares=[None, 1])
    >>> "+1" in [text.get_text() for text in figure.axes[0].texts]
    True
    """
    steps = len(inputs)
    gradients = [None] * (steps + 1) if gradients is None else gradients
    shares = [None] * steps if shares is None else shares
    for name, given, right in [
        ("states", states, steps + 1),
        ("gradients", gradients, steps + 1),
        ("shares", shares, steps),
    ]:
        if len(given) != right:
            raise ValueError(f"{name}: got {len(given)} for {steps} inputs; give {right}")
    figure, ax = plt.subplots(figsize=(1.5 * steps + 1.6, 2.9))
    for t, (x, share) in enumerate(zip(inputs, shares, strict=True), 1):
        known = states[t] is not None
        _arrow(ax, (t - 1, 1), (t, 1), FORWARD if known else FAINT)
        _arrow(ax, (t, 0), (t, 1), FORWARD if known else FAINT)
        ax.text(t - 0.5, 1.06, weight, ha="center", va="bottom", fontsize=9, color="#444444")
        if share is not None:
            ax.text(t - 0.5, 0.93, f"{share:+.3g}", ha="center", va="top", fontsize=9, color=BACKWARD)
        ax.text(t, 0, f"{x:.3g}", ha="center", va="center", fontsize=10, bbox=_box("#F2F2F2", FAINT))
        ax.text(t + 0.22, 0, f"$x_{t}$", va="center", fontsize=9, color="#444444")
    for t, (state, gradient) in enumerate(zip(states, gradients, strict=True)):
        colour = BACKWARD if gradient is not None else FORWARD
        face, ink = (colour, "white") if t in active else ("white", "black")
        text = "  " if state is None else f"{state:.3g}"
        box = _box(face, FAINT if state is None else colour)
        ax.text(t, 1, text, ha="center", va="center", fontsize=10, color=ink, bbox=box, zorder=3)
        ax.text(t, 0.7, f"$h_{t}$", ha="right", va="center", fontsize=9, color="#444444")
        if gradient is not None:
            ax.text(t, 1.42, f"{gradient:.3g}", ha="center", va="center", fontsize=10, color=BACKWARD)
    ax.set(xlim=(-0.6, steps + 0.6), ylim=(-0.3, 1.65))
    ax.set_axis_off()
    ax.set_title(title or "", fontsize=10)
    return figure


def describe_unrolled(inputs, states, *, gradients=None, shares=None):
    """Say in words what `unrolled` draws.

    Examples
    --------
    >>> describe_unrolled([1, 0], [0, 1, 0.5], gradients=[None, None, 1])
    'A recurrent unit over 2 steps with inputs 1, 0. States: h0 0, h1 1, h2 0.5. Gradients: h2 1.'
    """

    def listed(numbers, name, sign=""):
        return ", ".join(f"{name}{t} {number:{sign}.3g}" for t, number in numbers if number is not None)

    text = f"A recurrent unit over {len(inputs)} steps with inputs {', '.join(f'{x:.3g}' for x in inputs)}."
    text += f" States: {listed(enumerate(states), 'h')}."
    if gradients is not None:
        text += f" Gradients: {listed(enumerate(gradients), 'h')}."
    if shares is not None and any(share is not None for share in shares):
        text += f" Shares of the weight: {listed(enumerate(shares, 1), 'step ', '+')}."
    return text


def _arrow(ax, start, end, colour):
    ax.annotate(
        "", end, start, arrowprops={"arrowstyle": "-|>", "color": colour, "shrinkA": 15, "shrinkB": 15}, zorder=1
    )


def _box(face, edge):
    return {"boxstyle": "round,pad=0.45", "facecolor": face, "edgecolor": edge, "linewidth": 1.4}
