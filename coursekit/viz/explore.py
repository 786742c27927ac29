"""Figures the reader can move: live controls beside a kernel, pre-drawn frames in a page without one.

    explore(draw, alt="…", stride=[1, 2, 3])

calls ``draw(stride=1)``, ``draw(stride=2)``, … What comes out depends on where it is shown:

* **In Jupyter or Colab** an ipywidgets control; a frame is drawn when the reader asks for it.
* **In a page without a kernel** every frame is drawn once and put behind a native ``<input type="range">`` (or
  ``<select>`` for named values). The fragment is self-contained: frames are data URIs, style and script are inline,
  the script is the same for every figure (so a content security policy needs one hash), and nothing moves by itself,
  so there is no motion to reduce. Without JavaScript the first frame is what you see.

The book's build sets ``COURSEKIT_STATIC=1`` and thereby gets frames; so does every export that sets it. Without it,
a figure is live in a Jupyter kernel and consists of frames elsewhere (a script, a doctest).
"""

import html
import itertools
import json
import math
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping

from coursekit.viz.assets import asset
from coursekit.viz.frames import draw_frame

__all__ = ["MAX_BYTES", "MAX_FRAMES", "Explore", "explore"]

MAX_FRAMES = 40  # all combinations of all options
AROUND = 12_000  # bytes for controls, style and script; the rest is for frames
MAX_BYTES = 300_000  # of the HTML fragment: what a page pays for one figure, before compression
_NAMES_A_FILE = re.compile(r"^\S+\.(png|svg|jpe?g|gif|webp|pdf)$", re.IGNORECASE)


def explore(draw: Callable, /, *, alt: str | Callable[..., str], **options: Iterable) -> "Explore":
    """Let the reader move a figure through the values of its options.

    Parameters
    ----------
    draw : callable
        ``draw(**values)`` draws one frame with matplotlib: it returns a Figure or an Axes, or it draws on the current
        figure. Give all frames the same size, fixed axis limits and colour limits, so that only what changes moves.
    alt : str or callable
        What the frame shows, for readers who cannot see it: a format string over the options' names
        (``"A map of {size} by {size} numbers"``) or a function ``alt(**values)`` that returns the text. With a
        dict option the format string gets the label and a function gets the value.
    **options
        One control for each: a sequence of values or a range gives a slider; a sequence of strings or a dict
        label -> value gives a menu. Underscores in a name are shown as spaces. All combinations are drawn, at most
        `MAX_FRAMES`.

    Returns
    -------
    Explore
        Shows itself when it is the last expression of a cell.

    Raises
    ------
    ValueError
        If there is no option, an option has no values, or there are more than `MAX_FRAMES` combinations; when the
        frames are drawn, if one is blank or has no alternative text, or they need more than `MAX_BYTES`.
    TypeError
        If `draw` cannot be called, `alt` is neither text nor a function, or an option is not a sequence or a dict.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> def square(side):
    ...     plt.plot([0, side, side, 0, 0], [0, 0, side, side, 0])
    >>> explore(square, alt="A square with sides of {side}", side=range(1, 4))
    explore(square, side: 1, 2, 3)
    """
    return Explore(draw, alt, options)


class Explore:
    """What `explore` returns. See there."""

    def __init__(self, draw, alt, options):
        if not callable(draw):
            raise TypeError(f"draw must be a function that draws one frame, got {draw!r}")
        if not (callable(alt) or isinstance(alt, str)):
            raise TypeError(f"alt must be a format string or a function that returns text, got {alt!r}")
        if not options:
            raise ValueError("explore needs at least one option, for example explore(draw, alt=..., stride=[1, 2])")
        self.draw, self.alt = draw, alt
        self.options = {name: _labelled(name, values) for name, values in options.items()}
        # Values with names and no order suit a menu better than a slider.
        self.menus = {
            name
            for name, values in self.options.items()
            if isinstance(options[name], Mapping) or all(isinstance(value, str) for value in values.values())
        }
        counts = [len(values) for values in self.options.values()]
        if (frames := math.prod(counts)) > MAX_FRAMES:
            sizes = " x ".join(f"{n} ({name})" for name, n in zip(self.options, counts, strict=True))
            raise ValueError(
                f"{sizes} = {frames} frames; a page has room for {MAX_FRAMES}. Give the options fewer values "
                "(every second one is usually enough), or make two figures."
            )

    def __repr__(self):
        options = "; ".join(f"{name}: {', '.join(values)}" for name, values in self.options.items())
        return f"explore({getattr(self.draw, '__name__', self.draw)}, {options})"

    def combinations(self):
        """Every choice of labels, one from each option: the last option moves fastest."""
        return itertools.product(*self.options.values())

    def values(self, labels):
        """The arguments of `draw` that a choice of labels stands for."""
        return {name: values[label] for (name, values), label in zip(self.options.items(), labels, strict=True)}

    def alt_text(self, labels):
        """What the frame with these labels shows, in words."""
        values = self.values(labels)
        shown = {
            name: label if name in self.menus else values[name] for name, label in zip(values, labels, strict=True)
        }
        text = self.alt(**values) if callable(self.alt) else self.alt.format(**shown)
        if not isinstance(text, str) or not text.strip() or _NAMES_A_FILE.match(text.strip()):
            raise ValueError(f"alt must say in words what the frame with {values} shows, got {text!r}")
        return " ".join(text.split())

    def frame(self, labels, form="sent"):
        """One frame as an ``<img>`` element with its picture inside."""
        uri, width, height = draw_frame(self.draw, self.values(labels), form)
        return f'<img src="{uri}" width="{width}" height="{height}" alt="{html.escape(self.alt_text(labels))}">'

    def to_html(self):
        """The figure as a page shows it: all frames, native controls, and the script that connects them.

        Returns
        -------
        str
            An HTML fragment, at most `MAX_BYTES` long.
        """
        places, room = list(self.combinations()), MAX_BYTES - AROUND
        frames = [self.frame(places[0])]
        if len(frames[0]) * len(places) <= room:
            frames += map(self.frame, places[1:])
        if len(frames) < len(places) or sum(map(len, frames)) > room:
            # In the page they count as they are, not compressed, and that favours pixels.
            forms, some = ("vector", "raster"), (places[0], places[len(places) // 2], places[-1])
            small = min(forms, key=lambda form: sum(len(self.frame(place, form)) for place in some))
            frames = [self.frame(place, small) for place in places]
            if sum(map(len, frames)) > room:  # those were not typical
                frames = [min((self.frame(place, form) for form in forms), key=len) for place in places]
        fragment = self._fragment(frames)
        if (size := len(fragment.encode())) > MAX_BYTES:
            raise ValueError(
                f"this figure needs {size / 1000:.0f} kB, {size / len(places) / 1000:.0f} kB for each of "
                f"{len(places)} frames; "
                f"a page has room for {MAX_BYTES / 1000:.0f} kB. Give the options fewer values, make the figure "
                "smaller (figsize), draw fewer points, or show images with imshow(..., interpolation='none')."
            )
        return fragment

    def _fragment(self, frames):
        frames[1:] = [frame.replace("<img ", "<img hidden ", 1) for frame in frames[1:]]
        names = " and ".join(_spoken(name) for name in self.options)
        return "\n".join(
            [
                f'<div class="explore" role="group" aria-label="Figure with controls: {html.escape(names)}">',
                f"<style>{asset('explore.css')}</style>",
                f'<div class="explore-controls" hidden>{"".join(self._controls())}</div>',
                *frames,
                '<p role="status"></p>',
                "</div>",
                f"<script>{asset('explore.js')}</script>",
            ]
        )

    def _controls(self):
        stride = math.prod(len(values) for values in self.options.values())
        for name, values in self.options.items():
            stride //= len(values)
            yield _menu(name, values, stride) if name in self.menus else _slider(name, values, stride)

    def widget(self):
        """The live figure: ipywidgets controls that draw the frame they are set to."""
        import ipywidgets

        controls = {
            name: (ipywidgets.Dropdown if name in self.menus else ipywidgets.SelectionSlider)(
                options=list(values), description=_spoken(name), style={"description_width": "initial"}
            )
            for name, values in self.options.items()
        }
        picture = ipywidgets.HTML()

        def show(change=None):
            picture.value = self.frame(tuple(control.value for control in controls.values()))

        for control in controls.values():
            control.observe(show, "value")
        show()
        return ipywidgets.VBox([*controls.values(), picture])

    def _repr_mimebundle_(self, include=None, exclude=None):
        if _has_live_frontend():
            return self.widget()._repr_mimebundle_(include=include, exclude=exclude)
        return {"text/plain": repr(self), "text/html": self.to_html()}


def _has_live_frontend():
    if os.environ.get("COURSEKIT_STATIC", "0") not in ("", "0"):
        return False
    # A kernel has imported ipykernel (Colab's is a subclass); IPython in a terminal shows no widgets.
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return hasattr(shell, "kernel")


def _labelled(name, values):
    """An option as dict label -> value, in order."""
    if isinstance(values, Mapping):
        labelled = {str(label): value for label, value in values.items()}
    elif isinstance(values, Iterable) and not isinstance(values, (str, bytes)):
        values = list(values)
        labelled = {_shown(value): value for value in values}
        if len(labelled) < len(values):
            raise ValueError(f"two values of {name} look the same to the reader: {[_shown(v) for v in values]}")
    else:
        raise TypeError(f"{name} must be a sequence of values, a range, or a dict label -> value, got {values!r}")
    if not labelled:
        raise ValueError(f"{name} has no values; a control needs at least one")
    return labelled


def _shown(value):
    return f"{value:.4g}" if hasattr(value, "is_integer") and not isinstance(value, int) else str(value)


def _spoken(name):
    return name.replace("_", " ")


def _slider(name, values, stride):
    labels = list(values)
    return (
        f'<div class="explore-control"><label>{html.escape(_spoken(name))} <input type="range" min="0" '
        f'max="{len(labels) - 1}" value="0" step="1" autocomplete="off" data-stride="{stride}" '
        f'data-labels="{html.escape(json.dumps(labels, ensure_ascii=False))}" '
        f'aria-valuetext="{html.escape(labels[0])}"></label>'
        # The slider itself speaks its value; an output that spoke too would say everything twice.
        f'<output aria-live="off">{html.escape(labels[0])}</output></div>'
    )


def _menu(name, values, stride):
    choices = "".join(f'<option value="{i}">{html.escape(label)}</option>' for i, label in enumerate(values))
    return (
        f'<div class="explore-control"><label>{html.escape(_spoken(name))} '
        f'<select autocomplete="off" data-stride="{stride}">{choices}</select></label></div>'
    )
