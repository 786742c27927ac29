"""One row a layer: what a network is made of and what it costs."""

import html
import math
from dataclasses import dataclass

FLOAT32 = 4  # bytes


@dataclass
class Row:
    """One layer, the first or a later time that it runs.

    Attributes
    ----------
    name, kind : str
        Its name in the model and its class.
    output_shape : tuple of int
        For one example.
    units : int
        Units that the layer adds.
    weights, biases : int
        Trained numbers. A layer that runs twice, or shares a parameter, counts it once.
    multiply_adds, connections : int
        For one example; every time the layer runs.
    buffers : int
        Numbers that are kept but not trained, such as the running statistics of batch normalisation.
    """

    name: str
    kind: str
    output_shape: tuple
    units: int = 0
    weights: int = 0
    biases: int = 0
    multiply_adds: int = 0
    connections: int = 0
    buffers: int = 0

    @property
    def parameters(self):
        """Weights and biases together."""
        return self.weights + self.biases

    @property
    def family(self):
        """What the layer does with its units: "convolution", "pooling", "fully connected", or "" if it adds none.

        Fully connected means here that every weight is used once for an example, whatever the layer is called: the
        convolution of a window as large as its input is fully connected.
        """
        if not self.units:
            return ""
        if not self.multiply_adds or "ool" in self.kind or "ubsampl" in self.kind or "psampl" in self.kind:
            return "pooling"
        flat = math.prod(self.output_shape) == self.output_shape[0]
        return "fully connected" if flat else "convolution"


NUMBERS = ("units", "weights", "biases", "multiply_adds", "connections", "buffers")
SHOWN = ("units", "weights", "biases", "connections")


class Summary:
    """The rows of a network, their sums, and how they are shown.

    Attributes
    ----------
    rows : list of Row
    input_shape : tuple of int
    idle : int
        Parameters of layers that did not run, such as heads that are for training only.
    units, weights, biases, multiply_adds, connections, buffers : int
        Sums over the rows.
    parameters : int
        weights + biases.
    parameter_bytes : int
        What they need in float32.
    activation_bytes : int
        The input and every unit once, for one example, in float32: what training has to remember at the least. What
        a library keeps depends on the layers and may be several times as much: `kept_for_backward` measures it.
    """

    def __init__(self, rows, input_shape, idle=0):
        self.rows, self.input_shape, self.idle = rows, tuple(input_shape), idle
        for number in NUMBERS:
            setattr(self, number, sum(getattr(row, number) for row in rows))
        self.parameters = self.weights + self.biases
        self.parameter_bytes = FLOAT32 * self.parameters
        self.activation_bytes = FLOAT32 * (math.prod(self.input_shape) + self.units)

    def __iter__(self):
        return iter(self.rows)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, key):
        """Return a row by its place or by the layer's name (where it runs first)."""
        if not isinstance(key, str):
            return self.rows[key]
        for row in self.rows:
            if row.name == key:
                return row
        raise KeyError(f"no layer called {key!r} ran; there are {', '.join(row.name for row in self.rows)}")

    def _lines(self):
        yield ["layer", "kind", "output", *SHOWN]
        for row in self.rows:
            numbers = [f"{getattr(row, name):,}" if getattr(row, name) else "" for name in SHOWN]
            yield [row.name, row.kind, " × ".join(map(str, row.output_shape)), *numbers]
        yield ["total", "", "", *(f"{getattr(self, name):,}" for name in SHOWN)]

    def _notes(self):
        yield f"{self.parameters:,} parameters: {_megabytes(self.parameter_bytes)} in float32"
        yield f"input and units of one example: {_megabytes(self.activation_bytes)}"
        if self.idle:
            yield f"{self.idle:,} more parameters in layers that did not run"

    def __repr__(self):
        lines = list(self._lines())
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]

        def padded(line):
            cells = enumerate(zip(line, widths, strict=True))
            return "  ".join(cell.ljust(width) if i < 3 else cell.rjust(width) for i, (cell, width) in cells).rstrip()

        return "\n".join([*map(padded, lines), *self._notes()])

    def _repr_html_(self):
        head, *body, total = self._lines()
        parts = [("thead", "th", [head]), ("tbody", "td", body), ("tfoot", "th", [total])]
        table = "".join(f"<{part}>{_html_rows(lines, tag)}</{part}>" for part, tag, lines in parts)
        return f"<table>{table}</table><p>{'<br>'.join(self._notes())}</p>"


def _html_rows(lines, tag):
    def cell(i, text):
        style = f"padding: 0.15em 0.5em; text-align: {'left' if i < 3 else 'right'}"
        kind = tag if text else "td"  # a heading that says nothing is none, least of all when it is read out
        return f'<{kind} style="{style}">{html.escape(text)}</{kind}>'

    return "".join(f"<tr>{''.join(cell(i, text) for i, text in enumerate(line))}</tr>" for line in lines)


def _megabytes(size):
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB"
