"""Recurrent cells: layers with a state, which take one step through a sequence at a time.

A cell is made of the operations of Tensors and nothing else. Applied again and again, it leaves a graph as long as the
sequence, and `backward` walks it to the first step: back-propagation through time is the engine's own work.
"""

import numpy as np

from coursekit.scratch import functional, init
from coursekit.scratch.autograd import as_tensor
from coursekit.scratch.nn.module import Module
from coursekit.scratch.nn.parameter import Parameter


class _Cell(Module):
    """What the cells share: a layer from the input and one from the state, with `gates` outputs for every unit."""

    def __init__(self, input_size, hidden_size, bias, gates):
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        width = gates * hidden_size
        self.weight_ih = Parameter(np.empty((input_size, width), np.float32).T)  # transposed in memory, like Linear's
        self.weight_hh = Parameter(np.empty((hidden_size, width), np.float32).T)
        self.bias_ih = Parameter(np.empty(width, np.float32)) if bias else None
        self.bias_hh = Parameter(np.empty(width, np.float32)) if bias else None
        self.reset_parameters()

    def reset_parameters(self):
        bound = self.hidden_size**-0.5
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def _check(self, input, *states):
        """Return input and states as Tensors; states that are not given are zeros."""
        input = as_tensor(input)
        shape = (*input.shape[:-1], self.hidden_size)
        states = [as_tensor(np.zeros(shape, input.dtype) if state is None else state) for state in states]
        shapes = [state.shape for state in states]
        if input.ndim not in (1, 2) or any(found != shape for found in shapes):
            raise RuntimeError(
                f"{type(self).__name__} takes one step of a sequence, of shape (N, {self.input_size}), and states of "
                f"shape (N, {self.hidden_size}), all with N or all without, not {input.shape} and {shapes}"
            )
        return input, *states

    def _sum(self, input, hidden):
        linear = functional.linear
        return linear(input, self.weight_ih, self.bias_ih) + linear(hidden, self.weight_hh, self.bias_hh)

    def extra_repr(self):
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")


class RNNCell(_Cell):
    """One step of a simple recurrent network: ``h' = tanh(W_ih x + b_ih + W_hh h + b_hh)``.

    Elman, "Finding structure in time", Cognitive Science 1990. Taught in the chapter on sequences.

    Parameters
    ----------
    input_size, hidden_size : int
    bias : bool
    nonlinearity : {"tanh", "relu"}

    Attributes
    ----------
    weight_ih : Parameter, shape (hidden_size, input_size)
    weight_hh : Parameter, shape (hidden_size, hidden_size)
    bias_ih, bias_hh : Parameter, shape (hidden_size,), or None
        All of them start uniform on ±1/√hidden_size, as in PyTorch.

    Examples
    --------
    >>> cell, h = RNNCell(10, 20), None
    >>> for x in np.zeros((6, 3, 10), np.float32):        # six steps of three sequences
    ...     h = cell(x, h)
    >>> h.shape
    (3, 20)
    """

    def __init__(self, input_size, hidden_size, bias=True, nonlinearity="tanh"):
        super().__init__(input_size, hidden_size, bias, gates=1)
        self.nonlinearity = nonlinearity

    def forward(self, input, hx=None):
        input, hidden = self._check(input, hx)
        squash = {"tanh": functional.tanh, "relu": functional.relu}[self.nonlinearity]
        return squash(self._sum(input, hidden))

    def extra_repr(self):
        return super().extra_repr() + ("" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}")


class LSTMCell(_Cell):
    """One step of a long short-term memory: gates decide what is written to a memory, kept in it, and shown.

    ``i, f, g, o`` (input gate, forget gate, new content, output gate) are linear in x and h; then
    ``c' = σ(f) · c + σ(i) · tanh(g)`` and ``h' = σ(o) · tanh(c')``. Hochreiter & Schmidhuber, "Long short-term memory",
    Neural Computation 1997; the forget gate is by Gers et al. (2000). Taught in the chapter on sequences.

    Parameters
    ----------
    input_size, hidden_size : int
    bias : bool

    Attributes
    ----------
    weight_ih : Parameter, shape (4 · hidden_size, input_size)
        The rows of i, f, g and o, in this order, as in PyTorch.
    weight_hh : Parameter, shape (4 · hidden_size, hidden_size)
    bias_ih, bias_hh : Parameter, shape (4 · hidden_size,), or None

    Examples
    --------
    >>> cell = LSTMCell(10, 20)
    >>> x = np.zeros((3, 10), np.float32)
    >>> h, c = cell(x)
    >>> h, c = cell(x, (h, c))
    >>> h.shape, c.shape
    ((3, 20), (3, 20))
    """

    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__(input_size, hidden_size, bias, gates=4)

    def forward(self, input, hx=None):
        input, hidden, memory = self._check(input, *(hx or (None, None)))
        i, f, g, o = self._sum(input, hidden).chunk(4, dim=-1)
        memory = f.sigmoid() * memory + i.sigmoid() * g.tanh()
        return o.sigmoid() * memory.tanh(), memory
