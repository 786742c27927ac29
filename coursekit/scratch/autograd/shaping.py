"""Shapes of Tensors: reshape, permute, index; and reductions over dimensions. Each beside its gradient."""

import math
from collections import namedtuple

import numpy as np

from coursekit.scratch.autograd.graph import record

Extremes = namedtuple("Extremes", ["values", "indices"])


class Shaping:
    """How a Tensor changes its shape, and what remains when dimensions are summed up."""

    __slots__ = ()

    # -- reductions: over all dimensions, one (from the end where negative), or several

    def sum(self, dim=None, keepdim=False):
        x, shape = self._data, self.shape
        out = x.sum(axis=dim, keepdims=keepdim)
        return record("Sum", out, (self, lambda grad: _spread(grad, shape, dim, keepdim)))

    def mean(self, dim=None, keepdim=False):
        if self.dtype.kind != "f":
            raise RuntimeError(f"mean() needs floating-point numbers, not {self.dtype}; write x.float().mean()")
        x, shape = self._data, self.shape
        total = x.sum(axis=dim, keepdims=keepdim)
        count = _count(shape, dim) or np.nan  # nothing has no mean; NumPy would warn
        out = total / count
        return record("Mean", out, (self, lambda grad: _spread(grad / count, shape, dim, keepdim)))

    def var(self, dim=None, correction=1, keepdim=False):
        """Return the variance: the squared distances from the mean, summed and divided by count - `correction`.

        1 estimates the variance of what the numbers were drawn from; 0 gives that of the numbers themselves.
        """
        centred = self - self.mean(dim, keepdim=True)
        count = max(_count(self.shape, dim) - correction, 0)
        return (centred * centred).sum(dim, keepdim) / (count or np.nan)

    def std(self, dim=None, correction=1, keepdim=False):
        """Return the square root of the variance; no gradient where it is 0, as in PyTorch."""
        var = self.var(dim, correction, keepdim)
        out = np.sqrt(var._data)
        return record("Std", out, (var, lambda grad: grad / np.where(out == 0, np.inf, 2 * out)))

    def max(self, dim=None, keepdim=False):
        """Return the largest entry; with `dim`, a pair (values, indices) along that dimension."""
        return self.amax() if dim is None else self._extremes("Max", np.argmax, dim, keepdim)

    def min(self, dim=None, keepdim=False):
        """Return the smallest entry; with `dim`, a pair (values, indices) along that dimension."""
        return -(-self).amax() if dim is None else self._extremes("Min", np.argmin, dim, keepdim)

    def amax(self, dim=None, keepdim=False):
        """Return the largest entry; equal maxima share the gradient equally."""
        x = self._data
        top = x.max(axis=dim, keepdims=True)

        def gradient(grad):
            ties = x == top
            return _spread(grad, x.shape, dim, keepdim) * (ties / ties.sum(axis=dim, keepdims=True))

        return record("Amax", x.max(axis=dim, keepdims=keepdim), (self, gradient))

    def _extremes(self, name, argument, dim, keepdim):
        x = self._data
        index = argument(x, axis=dim, keepdims=True)

        def gradient(grad):  # only the entry that won; of equals, the first
            out = np.zeros_like(x)
            np.put_along_axis(out, index, grad if keepdim else np.expand_dims(grad, dim), axis=dim)
            return out

        values, indices = np.take_along_axis(x, index, axis=dim), index
        if not keepdim:
            values, indices = values.squeeze(dim), indices.squeeze(dim)
        return Extremes(record(name, values, (self, gradient)), self.wrap(indices))

    def argmax(self, dim=None, keepdim=False):
        """Return where the largest entry is: of equals, the first; without `dim`, counted through all rows."""
        return self.wrap(np.asarray(self._data.argmax(axis=dim, keepdims=keepdim)))

    def argmin(self, dim=None, keepdim=False):
        """Return where the smallest entry is; see `argmax`."""
        return self.wrap(np.asarray(self._data.argmin(axis=dim, keepdims=keepdim)))

    # -- shape. Where it can be, the result is a view: the same numbers in the same memory.

    def reshape(self, *shape):
        """Give the same numbers, row by row, another shape; one dimension may be -1: whatever is left."""
        x, before = self._data, self.shape
        return record("View", x.reshape(as_shape(shape)), (self, lambda grad: grad.reshape(before)))

    view = reshape

    def flatten(self, start_dim=0, end_dim=-1):
        """Merge the dimensions from `start_dim` to `end_dim` (inclusive) into one."""
        if self.ndim == 0:
            return self.reshape(1)
        start, stop = start_dim % self.ndim, end_dim % self.ndim + 1
        merged = math.prod(self.shape[start:stop])
        return self.reshape((*self.shape[:start], merged, *self.shape[stop:]))

    def contiguous(self):
        """Return the Tensor itself: `view` copies by itself where it must."""
        return self

    def permute(self, *dims):
        """Put the dimensions into another order."""
        dims = as_shape(dims)
        back = np.argsort([d % self.ndim for d in dims])
        return record("Permute", self._data.transpose(dims), (self, lambda grad: grad.transpose(back)))

    def transpose(self, dim0, dim1):
        """Exchange two dimensions."""
        return record("Transpose", self._data.swapaxes(dim0, dim1), (self, lambda grad: grad.swapaxes(dim0, dim1)))

    @property
    def T(self):
        """The matrix with rows and columns exchanged; in general, all dimensions in reverse."""
        return self.permute(*reversed(range(self.ndim)))

    def unsqueeze(self, dim):
        """Insert a dimension of size 1, so that it is number `dim`."""
        return record("Unsqueeze", np.expand_dims(self._data, dim), (self, lambda grad: grad.squeeze(dim)))

    def squeeze(self, dim=None):
        """Take out dimension `dim` if its size is 1; without `dim`, all dimensions of size 1."""
        if dim is not None and self.shape[dim] != 1:
            return self
        shape = self.shape
        return record("Squeeze", self._data.squeeze(dim), (self, lambda grad: grad.reshape(shape)))

    def chunk(self, chunks, dim=0):
        """Cut into at most `chunks` pieces of one size along `dim`; the last may be smaller."""
        length, before = self.shape[dim], (slice(None),) * (dim % self.ndim)
        size = -(-length // chunks)
        return tuple(self[(*before, slice(start, start + size))] for start in range(0, length, size))

    def __getitem__(self, index):
        x, index = self._data, plain_index(index)
        parts = index if isinstance(index, tuple) else (index,)
        once = all(part is None or part is Ellipsis or isinstance(part, int | slice) for part in parts)

        def gradient(grad):
            out = np.zeros_like(x)  # lying in memory as x does: images stay fast
            if once:
                out[index] = grad
            else:
                np.add.at(out, index, grad)  # an entry picked twice collects twice
            return out

        return record("Index", x[index], (self, gradient))


def _spread(grad, shape, dim, keepdim):
    """Undo a reduction: every entry that went into a sum gets the sum's gradient."""
    if dim is not None and not keepdim:
        grad = np.expand_dims(grad, dim)
    return np.broadcast_to(grad, shape)


def _count(shape, dim):
    """How many numbers go into each entry of a reduction."""
    if dim is None:
        return math.prod(shape)
    return math.prod(shape[d] for d in (dim if isinstance(dim, tuple) else (dim,)))


def as_shape(sizes):
    """Let ``f(2, 3)`` and ``f((2, 3))`` mean the same."""
    return tuple(sizes[0]) if len(sizes) == 1 and not isinstance(sizes[0], int | np.integer) else sizes


def plain_index(index):
    if isinstance(index, tuple):
        return tuple(plain_index(part) for part in index)
    return index._data if isinstance(index, Shaping) else index
