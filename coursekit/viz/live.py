"""Figures that compute in the reader's browser, for what no list of frames can hold: every drawing, every kernel.

Such a figure is one HTML fragment with its numbers, style and script inside. It asks no server for anything, so that it
works from a file, in the zip of the book, in JupyterLab and in Colab. Where scripts do not run (a mail, a preview of
the notebook, a browser without them) one sentence says what is missing.

The files `<kind>.html` and `<kind>.js` beside this module are the markup and the script of a kind; `live.css` is the
style of all. A script finds its figures by class, keeps no globals, and nothing moves by itself.
"""

import base64
import html
import json

import numpy as np

from coursekit.viz.assets import asset
from coursekit.viz.explore import MAX_BYTES

__all__ = ["Live", "packed"]


class Live:
    """A figure that computes in the browser. Shows itself when it is the last expression of a cell.

    Parameters
    ----------
    kind : str
        Which markup and script.
    label : str
        What the figure is, for a reader who cannot see it.
    instead : str
        What stands in its place where scripts do not run.
    data : dict
        What the script computes with, as JSON can hold it.

    Raises
    ------
    ValueError
        When it is shown, if it needs more than `coursekit.viz.explore.MAX_BYTES`.
    """

    def __init__(self, kind, label, instead, data):
        self.kind, self.label, self.instead, self.data = kind, label, instead, data

    def __repr__(self):
        return f"{self.kind}: {self.label}"

    def to_html(self):
        """The figure as a page shows it.

        Returns
        -------
        str
            An HTML fragment.
        """
        data = json.dumps(self.data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
        fragment = "\n".join(
            [
                f'<div class="live {self.kind}" role="group" aria-label="{html.escape(self.label)}">',
                f"<style>{asset('live.css')}</style>",
                f'<p class="live-instead">{html.escape(self.instead)}</p>',
                f'<div class="live-body" hidden>{asset(f"{self.kind}.html")}</div>',
                '<p role="status"></p>',
                f'<script type="application/json">{data}</script>',
                "</div>",
                f"<script>{asset(f'{self.kind}.js')}</script>",
            ]
        )
        if (size := len(fragment.encode())) > MAX_BYTES:
            raise ValueError(
                f"{self.kind}: this figure needs {size / 1000:.0f} kB; a page has room for {MAX_BYTES / 1000:.0f} kB. "
                "Give it a smaller network, a smaller picture or fewer examples."
            )
        return fragment

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": repr(self), "text/html": self.to_html()}


def packed(array, dtype):
    """An array as text that a script can unpack: its shape, and its numbers in base64, little-endian.

    Parameters
    ----------
    array : array_like
    dtype : str
        ``"u1"`` for bytes, ``"f2"`` for half precision.

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        If a number does not fit.

    Examples
    --------
    >>> packed([[1.0, -2.0]], "f2")
    {'shape': [1, 2], 'f2': 'ADwAwA=='}
    """
    array = np.asarray(array)
    with np.errstate(over="ignore"):
        narrow = array.astype(f"<{dtype}")
    if not np.isfinite(narrow).all() or (dtype == "u1" and not np.array_equal(narrow, array)):
        raise ValueError(f"array: its numbers, {array.min():g} to {array.max():g}, do not fit into {dtype}")
    return {"shape": list(array.shape), dtype: base64.b64encode(narrow.tobytes()).decode()}
