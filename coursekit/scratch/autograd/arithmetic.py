"""Arithmetic on Tensors: operators and elementwise functions, each with its gradients beside it.

Operands are broadcast as in NumPy; the engine sums the gradients back to the operands' shapes.
"""

import numpy as np

from coursekit.scratch import kernels
from coursekit.scratch.autograd.graph import mode, record
from coursekit.scratch.autograd.shaping import plain_index


class Arithmetic:
    """What a Tensor can do with numbers and other Tensors."""

    __slots__ = ()

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
        self._data[plain_index(index)] = value.data if isinstance(value, Arithmetic) else value

    def _in_place(self, ufunc, other):
        self._may_change(other)
        _, a, b = _operands(self, other)
        ufunc(a, b, out=self._data, casting="same_kind")
        return self

    def _may_change(self, other):
        if mode.recording and (self.requires_grad or getattr(other, "requires_grad", False)):
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


def _operands(x, other):
    """Return `other` as a Tensor and the arrays of both, types settled as in PyTorch: floats win over integers,
    arrays over single numbers. (NumPy alone would turn float32 times int64 into float64.)"""
    a = x._data
    if not isinstance(other, Arithmetic):
        if isinstance(other, int | float | np.generic):
            keep = a.dtype.kind == "f" or isinstance(other, int | np.integer)
            other = np.asarray(other, a.dtype if keep else np.float32)
        other = x.wrap(other)
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
    return x.wrap(_broadcast(ufunc, a, b))
