"""Tensor: an array that remembers how it was computed, so that gradients can be worked out backwards.

Every operation does two things: it computes, and (`record`) it notes for each of its inputs how a gradient with respect
to the result becomes a gradient with respect to that input. `Tensor.backward` walks these notes from the loss to the
parameters, each operation once, after everything that uses its result has had its say (`topological_order`).

The gradient functions work on plain arrays, so gradients of gradients are not available.
Taught in the chapters on backpropagation and on automatic differentiation. The method is reverse-mode automatic
differentiation (Baydin et al., "Automatic differentiation in machine learning: a survey", JMLR 2018).
"""

import contextlib
import threading
from collections import Counter, namedtuple

import numpy as np

from coursekit.scratch import kernels

# ----------------------------------------------------------------------------------------------------------- the graph


class _Mode(threading.local):
    recording = True


_mode = _Mode()


class no_grad(contextlib.ContextDecorator):
    """Switch recording off: inside, results carry no history. Use it for evaluation and for changing parameters.

    Examples
    --------
    >>> w = Tensor([1.0], requires_grad=True)
    >>> with no_grad():
    ...     y = w * 2
    >>> y.requires_grad
    False
    """

    def __enter__(self):
        self._before = _mode.recording
        _mode.recording = False

    def __exit__(self, *exception):
        _mode.recording = self._before


class Node:
    """One operation that took place: its name, the shape of its result, and one edge for each input with a gradient.

    An edge is a pair ``(source, gradient)``. The source is the Node that computed the input or, where the input was not
    computed but given (a leaf: a parameter), the Tensor itself. ``gradient(grad)`` turns the gradient with respect
    to this Node's result into the part of the gradient that this operation sends to the source.
    """

    __slots__ = ("dtype", "edges", "keep", "name", "shape")

    def __init__(self, name, shape, dtype, edges):
        self.name, self.shape, self.dtype, self.edges = name, shape, dtype, edges
        self.keep = None  # a Tensor that asked for its gradient with retain_grad()

    def __repr__(self):
        return f"<{self.name}Backward0>"


def record(name, data, *inputs):
    """Wrap the result of an operation in a Tensor and note where it came from.

    Parameters
    ----------
    name : str
        The operation's name, as `grad_fn` shows it.
    data : ndarray
        The result.
    *inputs : (Tensor, callable) pairs
        Each input with its gradient function, array to array. It may return its argument, a view of it, or a new
        array; where the input was broadcast, the engine sums the gradient back to the input's shape.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> cube = record("Cube", x.data ** 3, (x, lambda grad: grad * 3 * x.data ** 2))
    >>> cube.sum().backward()
    >>> x.grad
    tensor([ 3., 12.])
    """
    out = Tensor(data)
    if _mode.recording:
        edges = [(tensor.grad_fn or tensor, gradient) for tensor, gradient in inputs if tensor.requires_grad]
        if edges:
            out.requires_grad = True
            out.grad_fn = Node(name, out.data.shape, out.data.dtype, edges)
    return out


def topological_order(root):
    """List the nodes behind `root`, each one after every node that uses its result.

    A node may pass its gradient on only when that gradient is complete. Written with a stack instead of recursion,
    so the depth of the graph has no limit.

    Examples
    --------
    >>> x = Tensor(2.0, requires_grad=True)
    >>> topological_order((x * x + x).grad_fn)
    [<AddBackward0>, <MulBackward0>]
    """
    uses, stack = Counter(), [root]
    while stack:
        for source, _ in stack.pop().edges:
            uses[source] += 1
            if uses[source] == 1 and isinstance(source, Node):
                stack.append(source)
    order, ready = [], [root]
    while ready:
        order.append(ready.pop())
        for source, _ in order[-1].edges:
            uses[source] -= 1
            if uses[source] == 0 and isinstance(source, Node):
                ready.append(source)
    return order


def unbroadcast(grad, shape):
    """Sum a gradient back to the shape of an input that was broadcast: a value used many times collects many gradients.

    Examples
    --------
    >>> unbroadcast(np.ones((4, 3)), (3,)), unbroadcast(np.ones((4, 3)), (4, 1)).tolist()
    (array([4., 4., 4.]), [[3.0], [3.0], [3.0], [3.0]])
    """
    grad = grad.sum(axis=tuple(range(grad.ndim - len(shape))))
    repeated = tuple(axis for axis, size in enumerate(shape) if size == 1 and grad.shape[axis] != 1)
    grad = grad.sum(axis=repeated, keepdims=True) if repeated else grad
    if grad.shape != shape:
        raise RuntimeError(f"a gradient of shape {grad.shape} arrived at a tensor of shape {shape}")
    return grad


def backward(tensor, gradient=None, retain_graph=False):
    """Send a gradient from `tensor` back to every leaf it was computed from; see `Tensor.backward`."""
    if not tensor.requires_grad:
        raise RuntimeError("backward() needs a tensor computed from one with requires_grad=True; this one was not")
    if gradient is None:
        if tensor.data.size != 1:
            raise RuntimeError(
                f"backward() starts from a single number such as a loss, but this tensor has shape {tensor.shape}; "
                "reduce it with .sum() or .mean(), or pass gradient= of that shape"
            )
        gradient = np.ones_like(tensor.data)
    gradient = np.asarray(as_tensor(gradient).data, tensor.dtype)
    if gradient.shape != tensor.shape:
        raise RuntimeError(f"gradient has shape {gradient.shape}, but the tensor has shape {tensor.shape}")

    root = tensor.grad_fn or tensor
    pending = {root: gradient}  # what has arrived so far, for each source
    own = set()  # the sources whose pending array belongs to nobody else, so that adding in place is safe
    for node in topological_order(root) if isinstance(root, Node) else ():
        if node.edges is _FREED:
            raise RuntimeError(
                "the graph was already used by an earlier backward() and has been freed; "
                "run the forward pass again, or pass retain_graph=True to the first backward()"
            )
        grad = pending.pop(node)
        if node.keep is not None:
            _accumulate(node.keep, grad, False)
        for source, local in node.edges:
            part = local(grad)
            if part.shape != source.shape:
                part = unbroadcast(part, source.shape)
            if part.dtype != source.dtype:
                part = part.astype(source.dtype)
            if source not in pending:
                pending[source] = part
                if part.flags.writeable and not np.may_share_memory(part, grad):
                    own.add(source)
            elif source in own:
                pending[source] += part
            else:
                pending[source] = pending[source] + part
                own.add(source)
        if not retain_graph:
            node.edges = _FREED
    for leaf, grad in pending.items():
        _accumulate(leaf, grad, leaf in own)


class _Freed(tuple):
    __slots__ = ()


_FREED = _Freed()


def _accumulate(leaf, grad, owned):
    """Add to the gradient a Tensor holds already: several backward() calls add up until someone clears it."""
    if leaf.grad is None:
        leaf.grad = Tensor(grad if owned else grad.copy(order="K"))
    else:
        leaf.grad.data += grad


# -------------------------------------------------------------------------------------------------------------- Tensor

Extremes = namedtuple("Extremes", ["values", "indices"])


class Tensor:
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
            data = _to_array(data)
        self._data = data
        self.grad = None
        self.grad_fn = None
        self.requires_grad = False
        if requires_grad:
            self._data = data.copy(order="K")
            self.requires_grad_()

    # -- looking at it

    @property
    def data(self):
        return self._data

    @data.setter
    def data(self, value):
        self._data = _to_array(value)

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
        if self.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return len(self._data)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def item(self):
        """Return the only number in it as a Python number."""
        if self._data.size != 1:
            raise RuntimeError(f"item() needs a tensor with a single number, but this one has shape {self.shape}")
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
        text = "tensor(" + np.array2string(self._data, separator=", ", prefix="tensor(", **_print_style(self._data))
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
        """Return the same numbers without the history."""
        return Tensor(self._data)

    def clone(self):
        return record("Clone", self._data.copy(), (self, lambda grad: grad))

    def float(self):
        return self._to(np.float32)

    def double(self):
        return self._to(np.float64)

    def long(self):
        return Tensor(self._data.astype(np.int64))

    def _to(self, dtype):
        return record("ToCopy", self._data.astype(dtype), (self, lambda grad: grad)) if self.dtype != dtype else self

    # -- arithmetic. Operands are broadcast as in NumPy; the engine sums the gradients back to the operands' shapes.

    def __add__(self, other):
        other, a, b = _operands(self, other)
        return record("Add", _broadcast(np.add, a, b), (self, lambda grad: grad), (other, lambda grad: grad))

    def __sub__(self, other):
        other, a, b = _operands(self, other)
        return record("Sub", _broadcast(np.subtract, a, b), (self, lambda grad: grad), (other, lambda grad: -grad))

    def __mul__(self, other):
        other, a, b = _operands(self, other)
        out = _broadcast(np.multiply, a, b)
        return record("Mul", out, (self, lambda grad: grad * b), (other, lambda grad: grad * a))

    def __truediv__(self, other):
        other, a, b = _operands(self, other)
        out = _broadcast(np.divide, a, b)
        if out.dtype != a.dtype and a.dtype.kind != "f":  # whole numbers divide to float32, as in PyTorch
            out = out.astype(np.float32)
        return record("Div", out, (self, lambda grad: grad / b), (other, lambda grad: -grad * out / b))

    def __pow__(self, other):
        other, a, b = _operands(self, other)
        out = _broadcast(np.power, a, b)

        def exponent_gradient(grad):  # where the base is 0 the power does not move with the exponent
            return grad * out * np.log(np.where(a > 0, a, 1))

        return record("Pow", out, (self, lambda grad: grad * b * a ** (b - 1)), (other, exponent_gradient))

    def __matmul__(self, other):
        other, a, b = _operands(self, other)
        if not a.ndim or not b.ndim or a.shape[-1] != b.shape[-2 if b.ndim > 1 else 0]:
            raise RuntimeError(f"matrix product: shapes {a.shape} and {b.shape} do not fit together")
        return record(
            "Mm",
            a @ b,
            (self, lambda grad: kernels.matmul_left_gradient(grad, a, b)),
            (other, lambda grad: kernels.matmul_right_gradient(grad, a, b)),
        )

    def __neg__(self):
        return record("Neg", -self._data, (self, lambda grad: -grad))

    def abs(self):
        x = self._data
        return record("Abs", np.abs(x), (self, lambda grad: grad * np.sign(x)))

    def exp(self):
        out = np.exp(self._data)
        return record("Exp", out, (self, lambda grad: grad * out))

    def log(self):
        x = self._data
        return record("Log", np.log(x), (self, lambda grad: grad / x))

    def sqrt(self):
        out = np.sqrt(self._data)
        return record("Sqrt", out, (self, lambda grad: grad / (2 * out)))

    def __radd__(self, other):
        return _left_operand(other, self) + self

    def __rsub__(self, other):
        return _left_operand(other, self) - self

    def __rmul__(self, other):
        return _left_operand(other, self) * self

    def __rtruediv__(self, other):
        return _left_operand(other, self) / self

    def __rpow__(self, other):
        return _left_operand(other, self) ** self

    def __rmatmul__(self, other):
        return _left_operand(other, self) @ self

    __abs__ = abs

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        """Let ``array * tensor`` be a Tensor, let ``array -= tensor`` change the array, and refuse everything else."""
        if out is not None and not self.requires_grad:
            return getattr(ufunc, method)(*map(_to_array, inputs), out=out, **options)
        if out is None and inputs[0] is not self and ufunc in _REFLECTED:
            return getattr(self, _REFLECTED[ufunc])(inputs[0])
        raise TypeError(
            f"numpy.{ufunc.__name__} cannot record a gradient; use the method or function of coursekit.scratch, "
            "or leave the graph first with tensor.detach().numpy()"
        )

    # -- in place. Changing a number that the graph may need would make gradients silently wrong.

    def __iadd__(self, other):
        return self._in_place(np.add, other)

    def __isub__(self, other):
        return self._in_place(np.subtract, other)

    def __imul__(self, other):
        return self._in_place(np.multiply, other)

    def __itruediv__(self, other):
        return self._in_place(np.divide, other)

    def __setitem__(self, index, value):
        self._may_change(value)
        self._data[_plain_index(index)] = value.data if isinstance(value, Tensor) else value

    def _in_place(self, ufunc, other):
        self._may_change(other)
        _, a, b = _operands(self, other)
        ufunc(a, b, out=self._data, casting="same_kind")
        return self

    def _may_change(self, other):
        if _mode.recording and (self.requires_grad or getattr(other, "requires_grad", False)):
            raise RuntimeError(
                "a tensor in a recorded graph cannot be changed in place: write x = x + y instead of x += y, "
                "or, to change a parameter, do it inside `with no_grad():`"
            )

    # -- comparisons have no gradient

    def __eq__(self, other):
        return _compare(np.equal, self, other)

    def __ne__(self, other):
        return _compare(np.not_equal, self, other)

    def __lt__(self, other):
        return _compare(np.less, self, other)

    def __le__(self, other):
        return _compare(np.less_equal, self, other)

    def __gt__(self, other):
        return _compare(np.greater, self, other)

    def __ge__(self, other):
        return _compare(np.greater_equal, self, other)

    __hash__ = object.__hash__

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
        return Extremes(record(name, values, (self, gradient)), Tensor(index_out))

    def argmax(self, dim=None, keepdim=False):
        return Tensor(np.asarray(self._data.argmax(axis=dim, keepdims=keepdim)))

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
        x, index = self._data, _plain_index(index)

        def gradient(grad):
            out = np.zeros_like(x)
            np.add.at(out, index, grad)  # an entry picked twice collects twice
            return out

        return record("Index", x[index], (self, gradient))


# What NumPy calls when an array stands to the left of an operator, and who answers.
_REFLECTED = {
    np.add: "__radd__",
    np.subtract: "__rsub__",
    np.multiply: "__rmul__",
    np.divide: "__rtruediv__",
    np.power: "__rpow__",
    np.matmul: "__rmatmul__",
    np.equal: "__eq__",
    np.not_equal: "__ne__",
    np.less: "__gt__",
    np.less_equal: "__ge__",
    np.greater: "__lt__",
    np.greater_equal: "__le__",
}


def as_tensor(value):
    """Return `value` if it is a Tensor, else wrap it without copying: the functions of this package take arrays too.

    Examples
    --------
    >>> as_tensor(np.arange(3))
    tensor([0, 1, 2])
    """
    return value if isinstance(value, Tensor) else Tensor(value)


def tensor(data, requires_grad=False):
    """Make a new Tensor from a copy of `data`.

    Examples
    --------
    >>> tensor([[1.0, 2.5]])
    tensor([[1.0000, 2.5000]])
    """
    return Tensor(_to_array(data).copy(), requires_grad)


def _to_array(value):
    if isinstance(value, Tensor):
        return value._data
    if isinstance(value, np.ndarray | np.generic):
        return np.asarray(value)
    array = np.asarray(value)
    return array.astype(np.float32) if array.dtype == np.float64 else array


def _operands(x, other):
    """Return `other` as a Tensor and the arrays of both, types settled as in PyTorch: floats win over integers,
    arrays over single numbers. (NumPy alone would turn float32 times int64 into float64.)"""
    a = x._data
    if not isinstance(other, Tensor):
        if isinstance(other, int | float | np.generic):
            keep = a.dtype.kind == "f" or isinstance(other, int | np.integer)
            other = np.asarray(other, a.dtype if keep else np.float32)
        other = Tensor(other)
    b = other._data
    if a.dtype != b.dtype:
        strength_a, strength_b = ((d.dtype.kind == "f", d.dtype.kind != "b", d.ndim > 0) for d in (a, b))
        if strength_a > strength_b:
            b = b.astype(a.dtype)
        elif strength_b > strength_a:
            a = a.astype(b.dtype)
    return other, a, b


def _left_operand(value, x):
    return _operands(x, value)[0]


def _broadcast(ufunc, a, b):
    try:
        return ufunc(a, b)
    except ValueError as error:
        message = f"{ufunc.__name__}: shapes {a.shape} and {b.shape} cannot be broadcast together"
        raise RuntimeError(message) from error


def _compare(ufunc, x, other):
    _, a, b = _operands(x, other)
    return Tensor(_broadcast(ufunc, a, b))


def _spread(grad, shape, dim, keepdim):
    """Undo a reduction: every entry that went into a sum gets the sum's gradient."""
    if dim is not None and not keepdim:
        grad = np.expand_dims(grad, dim)
    return np.broadcast_to(grad, shape)


def _plain_index(index):
    if isinstance(index, tuple):
        return tuple(_plain_index(part) for part in index)
    return index._data if isinstance(index, Tensor) else index


def _print_style(x):
    """Print floats as PyTorch does: whole numbers as `1.`, others with four decimals or, far apart, with exponents."""
    if x.dtype.kind != "f":
        return {}
    finite = x[np.isfinite(x)]
    sizes = np.abs(finite[finite != 0])
    low, high = sizes.min(initial=np.inf), sizes.max(initial=0)
    whole = (finite == np.floor(finite)).all()
    if high > 1000 * low or high > 1e8 or (low < 1e-4 and not whole):
        style = "{:.4e}".format
    else:
        style = "{:.0f}.".format if whole else "{:.4f}".format
    width = max((len(style(value)) for value in (finite.min(), finite.max())), default=0) if finite.size else 0
    return {"formatter": {"float_kind": lambda value: style(value).rjust(width) if np.isfinite(value) else str(value)}}


# ---------------------------------------------------------------------------------------------------------- gradcheck


def gradcheck(function, inputs, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True):
    """Compare gradients with central differences, entry by entry.

    Where the function returns an array, the gradient of a fixed random weighting of its entries is compared.

    Parameters
    ----------
    function : callable
        Takes the inputs, returns a Tensor. It must return the same for the same input: fix seeds and masks.
    inputs : Tensor or sequence of Tensors, float64
        Those with requires_grad=True are checked.
    eps : float
        How far each entry is moved to either side. Smaller is not better: rounding error grows as 1/eps.
    atol, rtol : float
        Allowed: ``atol + rtol * |numerical|``.
    raise_exception : bool
        Raise on disagreement; with False, return False.

    Returns
    -------
    bool

    Raises
    ------
    AssertionError
        Naming the input, the entry and both values, and saying whether the function has a kink there.
    ValueError
        If an input is not float64 (float32 is too coarse for differences) or none requires a gradient.

    Examples
    --------
    >>> x = Tensor(np.array([[0.5, -1.0]]), requires_grad=True)
    >>> gradcheck(lambda x: (x * x).exp(), x)
    True
    >>> wrong = lambda x: record("Square", x.data ** 2, (x, lambda grad: grad * x.data))      # forgot the factor 2
    >>> gradcheck(wrong, x)
    Traceback (most recent call last):
        ...
    AssertionError: gradient of input 0, entry [0, 0]: backward() says 0.568481, central differences say 1.13696
    """
    inputs = [inputs] if isinstance(inputs, Tensor) else [as_tensor(value) for value in inputs]
    checked = [(i, value) for i, value in enumerate(inputs) if value.requires_grad]
    if not checked:
        raise ValueError("gradcheck: no input has requires_grad=True")
    for i, value in checked:
        if value.dtype != np.float64:
            raise ValueError(f"gradcheck: input {i} is {value.dtype}; differences need float64")

    # Work on copies: the caller's tensors keep their numbers and their gradients.
    inputs = [Tensor(value.data.copy(), value.requires_grad) for value in inputs]
    out = function(*inputs)
    weighting = np.random.default_rng(0).uniform(0.5, 1.5, out.shape)
    out.backward(weighting)

    def weighted():
        with no_grad():
            return float((function(*inputs).data * weighting).sum())

    centre = weighted()
    for i, _ in checked:
        x = inputs[i].data
        for entry in np.ndindex(x.shape):
            before = x[entry]
            x[entry] = before + eps
            above = weighted()
            x[entry] = before - eps
            below = weighted()
            x[entry] = before
            numerical = (above - below) / (2 * eps)
            analytic = float(inputs[i].grad.data[entry]) if inputs[i].grad is not None else 0.0
            if abs(analytic - numerical) <= atol + rtol * abs(numerical):  # false for nan too
                continue
            if not raise_exception:
                return False
            message = (
                f"gradient of input {i}, entry {list(entry)}: "
                f"backward() says {analytic:.6g}, central differences say {numerical:.6g}"
            )
            left, right = (centre - below) / eps, (above - centre) / eps
            if abs(right - left) > 0.01 * max(abs(left), abs(right)):
                message += (
                    f". The slope is {left:.6g} to the left and {right:.6g} to the right: "
                    "the function has a kink here, so move the input away from it"
                )
            raise AssertionError(message)
    return True
