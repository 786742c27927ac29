"""Arithmetic on Tensors: the operators, each with its gradients beside it.

Operands are broadcast as in NumPy; the engine sums the gradients back to the operands' shapes.
"""

import operator

import numpy as np

from coursekit.scratch.autograd.graph import mode, note_change, record
from coursekit.scratch.autograd.shaping import plain_index


def _reflected(operation):
    """Make ``2 - x`` out of ``x - 2``'s method: the left operand becomes a Tensor first."""
    return lambda self, other: operation(operands(self, other)[0], self)


def _in_place(ufunc):
    """Make ``x += y``. Changing a number that the graph may need would make gradients silently wrong."""

    def change(self, other):
        self._may_change(other)
        _, a, b = operands(self, other)
        ufunc(a, b, out=self._data, casting="same_kind")
        note_change(self._data)
        return self

    return change


def _comparison(ufunc):
    """Make ``x < y``. Comparisons have no gradient."""

    def compare(self, other):
        _, a, b = operands(self, other)
        return self.wrap(ufunc(a, b))

    return compare


class Arithmetic:
    """What a Tensor can do with numbers and other Tensors."""

    __slots__ = ()

    def __add__(self, other):
        other, a, b = operands(self, other)
        return record("Add", a + b, (self, lambda grad: grad), (other, lambda grad: grad))

    def __sub__(self, other):
        other, a, b = operands(self, other)
        return record("Sub", a - b, (self, lambda grad: grad), (other, lambda grad: -grad))

    def __mul__(self, other):
        other, a, b = operands(self, other)
        return record("Mul", a * b, (self, lambda grad: grad * b), (other, lambda grad: grad * a))

    def __truediv__(self, other):
        other, a, b = operands(self, other)
        out = a / b if a.dtype.kind == "f" else (a / b).astype(np.float32)  # whole numbers too, as in PyTorch
        return record("Div", out, (self, lambda grad: grad / b), (other, lambda grad: -grad * out / b))

    def __pow__(self, other):
        other, a, b = operands(self, other)
        out = a**b

        def base_gradient(grad):  # b · a^(b - 1), and 0 for b = 0 even where a is 0
            return grad * b * a ** (b - (b != 0))

        def exponent_gradient(grad):  # where the base is 0 the power does not move with the exponent
            return grad * out * np.log(np.where(a == 0, 1, a))

        return record("Pow", out, (self, base_gradient), (other, exponent_gradient))

    def __matmul__(self, other):
        other, a, b = operands(self, other)
        if not a.ndim or not b.ndim or a.shape[-1] != b.shape[-2 if b.ndim > 1 else 0]:
            raise RuntimeError(f"matrix product: shapes {a.shape} and {b.shape} do not fit together")
        if a.ndim == 1:  # a vector on the left is a matrix of one row
            return (self.unsqueeze(0) @ other).squeeze(0 if b.ndim == 1 else -2)
        if b.ndim == 1:  # and on the right one of one column
            return (self @ other.unsqueeze(1)).squeeze(-1)
        return record(
            "Mm", a @ b, (self, lambda grad: grad @ b.swapaxes(-1, -2)), (other, lambda grad: a.swapaxes(-1, -2) @ grad)
        )

    __radd__, __rsub__, __rmul__ = _reflected(operator.add), _reflected(operator.sub), _reflected(operator.mul)
    __rtruediv__, __rpow__ = _reflected(operator.truediv), _reflected(operator.pow)
    __rmatmul__ = _reflected(operator.matmul)

    __iadd__, __isub__ = _in_place(np.add), _in_place(np.subtract)
    __imul__, __itruediv__ = _in_place(np.multiply), _in_place(np.divide)

    __eq__, __ne__ = _comparison(np.equal), _comparison(np.not_equal)
    __lt__, __le__ = _comparison(np.less), _comparison(np.less_equal)
    __gt__, __ge__ = _comparison(np.greater), _comparison(np.greater_equal)
    __hash__ = object.__hash__

    matmul = mm = __matmul__

    def __setitem__(self, index, value):
        self._may_change(value)
        self._data[plain_index(index)] = value._data if isinstance(value, Arithmetic) else value
        note_change(self._data)

    def _may_change(self, other):
        if mode.recording and (self.requires_grad or getattr(other, "requires_grad", False)):
            raise RuntimeError(
                "a tensor in a recorded graph cannot be changed in place: write x = x + y instead of x += y, "
                "or, to change a parameter, do it inside `with no_grad():`"
            )

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        """Make ``array * tensor`` a Tensor. Elsewhere NumPy gets an array, unless that would lose a gradient."""
        if out is None and ufunc in _OPERATORS and not isinstance(inputs[0], Arithmetic):
            return _OPERATORS[ufunc](operands(self, inputs[0])[0], self)
        return getattr(ufunc, method)(*map(np.asarray, inputs), out=out, **options)


# What NumPy calls when an array stands to the left of an operator, and what was meant.
_OPERATORS = {
    np.add: operator.add, np.subtract: operator.sub, np.multiply: operator.mul, np.divide: operator.truediv,
    np.power: operator.pow, np.matmul: operator.matmul, np.equal: operator.eq, np.not_equal: operator.ne,
    np.less: operator.lt, np.less_equal: operator.le, np.greater: operator.gt, np.greater_equal: operator.ge,
}  # fmt: skip


_STRENGTH = {"b": 0, "u": 1, "i": 1, "f": 2}


def operands(x, other):
    """Return `other` as a Tensor and the arrays of both, types settled as in PyTorch: floats win over integers,
    arrays over single numbers. (NumPy alone would turn float32 times int64 into float64.)"""
    a = x._data
    if not isinstance(other, Arithmetic):
        value = np.asarray(other)
        if value.ndim == 0:
            weaker = _STRENGTH[value.dtype.kind] <= _STRENGTH[a.dtype.kind]
            other = value.astype(a.dtype if weaker else np.float32 if value.dtype.kind == "f" else np.int64)
        other = x.wrap(other)
    b = other._data
    if a.dtype != b.dtype:
        strength_a, strength_b = ((_STRENGTH[d.dtype.kind], d.ndim > 0) for d in (a, b))
        if strength_a > strength_b:
            b = b.astype(a.dtype)
        elif strength_b > strength_a:
            a = a.astype(b.dtype)
    return other, a, b
