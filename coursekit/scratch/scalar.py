"""Automatic differentiation of single numbers: the whole idea on one screen. `autograd` does the same with arrays.

Taught in the chapter on automatic differentiation. Small enough to be read at once, like Karpathy's micrograd (2020).
"""

import itertools
import math
import operator

_clock = itertools.count()


class Value:
    """A number that knows the one or two it was computed from, and its slope (partial derivative) with respect to each.

    >>> x, y = Value(2.0, "x"), Value(3.0, "y")
    >>> z = x * y + x
    >>> z.backward()
    >>> z, x.grad, y.grad
    (Value(8.0, '+', grad=1.0), 4.0, 2.0)
    """

    # Slots instead of a dict, a tuple and a closure for each number: Python's garbage collector looks at every object.
    __slots__ = ("data", "grad", "left", "left_slope", "name", "number", "right", "right_slope")

    def __init__(self, data, name="", left=None, left_slope=0.0, right=None, right_slope=0.0):
        self.data, self.name, self.grad, self.number = data, name, 0.0, next(_clock)
        self.left, self.left_slope, self.right, self.right_slope = left, left_slope, right, right_slope

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, "+", self, 1.0, other, 1.0)

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, "*", self, other.data, other, self.data)

    def __pow__(self, n):
        return Value(self.data**n, f"**{n}", self, n * self.data ** (n - 1) if n else 0.0)

    def exp(self):
        return Value(math.exp(self.data), "exp", self, math.exp(self.data))

    def log(self):
        return Value(math.log(self.data), "log", self, 1 / self.data)

    def tanh(self):
        return Value(math.tanh(self.data), "tanh", self, 1 - math.tanh(self.data) ** 2)

    def relu(self):
        return Value(max(self.data, 0.0), "relu", self, 1.0 if self.data > 0 else 0.0)

    __radd__, __rmul__ = __add__, __mul__

    def backward(self):
        """Add to the `grad` of every number given the derivative of this one; in between, `grad` starts anew."""
        found, stack = {self}, [self]
        while stack:
            value = stack.pop()
            value.grad = value.grad if value.left is None else 0.0
            new = [parent for parent in (value.left, value.right) if parent is not None and parent not in found]
            found.update(new)
            stack.extend(new)
        self.grad += 1.0
        # No number is computed before those it needs: from the newest to the oldest, every `grad` is complete in time.
        for value in sorted(found, key=operator.attrgetter("number"), reverse=True):
            if value.left is not None:
                value.left.grad += value.left_slope * value.grad
            if value.right is not None:
                value.right.grad += value.right_slope * value.grad

    def __repr__(self):
        return f"Value({self.data}, {self.name!r}, grad={self.grad})"

    # fmt: off
    def __neg__(self): return self * -1.0
    def __sub__(self, other): return self + -other
    def __rsub__(self, other): return -self + other
    def __truediv__(self, other): return self * other**-1
    def __rtruediv__(self, other): return self**-1 * other
