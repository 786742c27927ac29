"""Shapes of Tensors: reshape, permute, index; and reductions over dimensions. Each beside its gradient."""

from collections import namedtuple

import numpy as np

from coursekit.scratch.autograd.graph import record

Extremes = namedtuple("Extremes", ["values", "indices"])


class Shaping:
    """How a Tensor changes its shape, and what remains when dimensions are summed up."""

    __slots__ = ()

    # -- reductions

    def sum(self, dim=None, keepdim=False):
        x = self._data
        return record(
            "Sum", x.sum(axis=dim, keepdims=keepdim), (self, lambda grad: _spread(grad, x.shape, dim, keepdim))
        )

    def mean(self, dim=None, keepdim=False):
        if self.dtype.kind != "f":
            raise RuntimeError(f"mean() needs floating-point numbers, not {self.dtype}; write x.float().mean()")
        x = self._data
        out = x.mean(axis=dim, keepdims=keepdim) if x.size else x.sum(axis=dim, keepdims=keepdim) * np.nan
        count = x.size // max(out.size, 1)
        return record("Mean", out, (self, lambda grad: _spread(grad / count, x.shape, dim, keepdim)))

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

        values = np.take_along_axis(x, index, axis=dim)
        if not keepdim:
            values, index_out = values.squeeze(dim), index.squeeze(dim)
        else:
            index_out = index
        return Extremes(record(name, values, (self, gradient)), self.wrap(index_out))

    def argmax(self, dim=None, keepdim=False):
        return self.wrap(np.asarray(self._data.argmax(axis=dim, keepdims=keepdim)))

    # -- shape

    def reshape(self, *shape):
        x = self._data
        shape = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
        try:
            out = x.reshape(shape)
        except ValueError as error:
            raise RuntimeError(
                f"a tensor of shape {x.shape} cannot be reshaped to {shape}: {x.size} numbers"
            ) from error
        return record("View", out, (self, lambda grad: grad.reshape(x.shape)))

    view = reshape

    def flatten(self, start_dim=0, end_dim=-1):
        """Merge the dimensions from `start_dim` to `end_dim` (inclusive) into one."""
        if self.ndim == 0:
            return self.reshape(1)
        start, stop = start_dim % self.ndim, end_dim % self.ndim + 1
        merged = int(np.prod(self.shape[start:stop]))
        return self.reshape((*self.shape[:start], merged, *self.shape[stop:]))

    def permute(self, *dims):
        dims = dims[0] if len(dims) == 1 and not isinstance(dims[0], int) else dims
        back = np.argsort([d % self.ndim for d in dims])
        return record("Permute", self._data.transpose(dims), (self, lambda grad: grad.transpose(back)))

    def transpose(self, dim0, dim1):
        return record("Transpose", self._data.swapaxes(dim0, dim1), (self, lambda grad: grad.swapaxes(dim0, dim1)))

    @property
    def T(self):
        return self.permute(*reversed(range(self.ndim)))

    def unsqueeze(self, dim):
        return record("Unsqueeze", np.expand_dims(self._data, dim), (self, lambda grad: grad.squeeze(dim)))

    def squeeze(self, dim=None):
        if dim is not None and self.shape[dim] != 1:
            return self
        shape = self.shape
        return record("Squeeze", self._data.squeeze(dim), (self, lambda grad: grad.reshape(shape)))

    def __getitem__(self, index):
        x, index = self._data, plain_index(index)

        def gradient(grad):
            out = np.zeros_like(x)
            np.add.at(out, index, grad)  # an entry picked twice collects twice
            return out

        return record("Index", x[index], (self, gradient))


def _spread(grad, shape, dim, keepdim):
    """Undo a reduction: every entry that went into a sum gets the sum's gradient."""
    if dim is not None and not keepdim:
        grad = np.expand_dims(grad, dim)
    return np.broadcast_to(grad, shape)


def plain_index(index):
    if isinstance(index, tuple):
        return tuple(plain_index(part) for part in index)
    return index._data if isinstance(index, Shaping) else index
