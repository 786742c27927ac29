"""Tensor: an array that remembers how it was computed, so that gradients can be worked out backwards.

What it can do stands in `arithmetic`, `functions` and `shaping`, how gradients find their way in `graph`.
"""

import numpy as np

from coursekit.scratch.autograd.arithmetic import Arithmetic
from coursekit.scratch.autograd.functions import Functions
from coursekit.scratch.autograd.graph import backward, record
from coursekit.scratch.autograd.printing import print_style
from coursekit.scratch.autograd.shaping import Shaping


class Tensor(Arithmetic, Functions, Shaping):
    """An array with a history.

    Parameters
    ----------
    data : array_like, Tensor or number
        Python floats become float32, as in PyTorch; arrays keep their type and are not copied, except where
        `requires_grad` is set: what will be trained belongs to the Tensor alone.
    requires_grad : bool
        Whether `backward` should leave a gradient here.

    Attributes
    ----------
    data : ndarray
        The numbers.
    grad : Tensor or None
        The gradient, after `backward`.
    grad_fn : Node or None
        The operation this Tensor is the result of; None for a Tensor that was given, not computed (a leaf).

    Examples
    --------
    >>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> y = (x * x).sum()
    >>> y
    tensor(14., grad_fn=<SumBackward0>)
    >>> y.backward()
    >>> x.grad
    tensor([2., 4., 6.])
    """

    __slots__ = ("__weakref__", "_data", "grad", "grad_fn", "requires_grad")

    def __init__(self, data, requires_grad=False):
        if type(data) is not np.ndarray:
            data = to_array(data)
        self._data = data
        self.grad = None
        self.grad_fn = None
        self.requires_grad = False
        if requires_grad:
            self._data = data.copy(order="K")
            self.requires_grad_()

    @staticmethod
    def wrap(data):
        """Make a plain Tensor around an array, also where `self` is a Parameter."""
        return Tensor(data)

    # -- looking at it

    @property
    def data(self):
        return self._data

    @data.setter
    def data(self, value):
        self._data = to_array(value)

    @property
    def shape(self):
        return self._data.shape

    @property
    def dtype(self):
        return self._data.dtype

    @property
    def ndim(self):
        return self._data.ndim

    @property
    def is_leaf(self):
        return self.grad_fn is None

    def size(self, dim=None):
        return self.shape if dim is None else self.shape[dim]

    def dim(self):
        return self.ndim

    def numel(self):
        return self._data.size

    def __len__(self):
        return len(self._data)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def item(self):
        """Return the only number in it as a Python number."""
        return self._data.item()

    def tolist(self):
        return self._data.tolist()

    def numpy(self):
        """Return the array itself, not a copy."""
        if self.requires_grad:
            raise RuntimeError("this tensor requires grad; use tensor.detach().numpy() to leave the graph first")
        return self._data

    def __array__(self, dtype=None, copy=None):
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    def __bool__(self):
        return bool(self.item())

    def __float__(self):
        return float(self.item())

    def __int__(self):
        return int(self.item())

    def __index__(self):
        return self._data.__index__()

    def __format__(self, spec):
        return format(self.item(), spec) if spec and self.ndim == 0 else repr(self)

    def __repr__(self):
        text = "tensor(" + np.array2string(self._data, separator=", ", prefix="tensor(", **print_style(self._data))
        if self.dtype not in (np.float32, np.int64, np.bool_):
            text += f", dtype={self.dtype}"
        if self.grad_fn is not None:
            text += f", grad_fn={self.grad_fn}"
        elif self.requires_grad:
            text += ", requires_grad=True"
        return text + ")"

    # -- the graph

    def backward(self, gradient=None, retain_graph=False):
        """Work out the gradient of this Tensor with respect to every leaf it was computed from.

        The gradients are *added* to the leaves' `grad`: call ``zero_grad()`` before the next step.

        Parameters
        ----------
        gradient : array_like or Tensor, same shape as this Tensor, optional
            The gradient of the final result with respect to this Tensor. Not needed for a single number: 1.
        retain_graph : bool
            Keep the graph for another backward(). By default it is freed as it is walked.

        Raises
        ------
        RuntimeError
            If nothing requires a gradient, if this is not a single number and no `gradient` is given,
            or if the graph has been freed.

        Examples
        --------
        >>> a = Tensor(1.0, requires_grad=True)
        >>> b = 2 * a
        >>> c = 3 * b
        >>> (b + c).backward()        # two ways from a to the result: 2 and 2 * 3
        >>> a.grad
        tensor(8.)
        """
        if gradient is not None:
            gradient = np.asarray(to_array(gradient), self.dtype)
        backward(self, gradient, retain_graph)

    def requires_grad_(self, requires_grad=True):
        """Ask for a gradient (or, with False, freeze). Returns the Tensor itself."""
        if requires_grad and self.dtype.kind != "f":
            raise RuntimeError(f"only floating-point tensors can require gradients, but this one is {self.dtype}")
        if not self.is_leaf and not requires_grad:
            raise RuntimeError("only a leaf can be frozen; use detach() to leave the graph")
        self.requires_grad = requires_grad
        return self

    def retain_grad(self):
        """Keep the gradient of this Tensor, although it is an intermediate result."""
        if self.grad_fn is not None:
            self.grad_fn.keep = self

    def detach(self):
        """Return the same numbers, in the same memory, without the history."""
        return Tensor(self._data)

    def clone(self):
        return record("Clone", self._data.copy(), (self, lambda grad: grad))

    def to(self, dtype):
        """Convert the numbers; the gradient comes back in their old type."""
        if self.dtype == dtype:
            return self
        data = self._data.astype(dtype)
        return record("ToCopy", data, (self, lambda grad: grad)) if data.dtype.kind == "f" else Tensor(data)

    def float(self):
        return self.to(np.float32)

    def double(self):
        return self.to(np.float64)

    def long(self):
        return self.to(np.int64)

    def bool(self):
        return self.to(np.bool_)

    def cpu(self):
        """Return the Tensor itself: arrays live nowhere else."""
        return self


def as_tensor(value):
    """Return `value` if it is a Tensor, else wrap it without copying: the functions of this package take arrays too.

    Examples
    --------
    >>> as_tensor(np.arange(3))
    tensor([0, 1, 2])
    """
    return value if isinstance(value, Tensor) else Tensor(value)


def to_array(value):
    if isinstance(value, Tensor):
        return value._data
    if isinstance(value, np.ndarray | np.generic):
        return np.asarray(value)
    array = np.asarray(value)
    return array.astype(np.float32) if array.dtype == np.float64 else array
