"""Wrong solutions of task 1; see exercise.py."""


class Value__own_factor(Value):
    """Says: this is u itself
    Also: learning"""

    def __mul__(self, other):
        if isinstance(other, Value):
            return Value(self.data * other.data, ((self, self.data), (other, other.data)))
        return Value(self.data * other, ((self, other),))


class Value__power_without_factor(Value):
    """Says: the factor k is missing"""

    def __pow__(self, k):
        return Value(self.data**k, ((self, self.data ** (k - 1)),))


class Value__power_not_lowered(Value):
    """Says: goes down by one"""

    def __pow__(self, k):
        return Value(self.data**k, ((self, k * self.data**k),))


class Value__only_values(Value):
    """Says: isinstance(other, Value)"""

    def __add__(self, other):
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))


class Value__inputs_in_a_dict(Value):
    """Says: Each use has a pair of its own

    Two uses of one number become one."""

    def __mul__(self, other):
        if isinstance(other, Value):
            return Value(self.data * other.data, tuple({self: other.data, other: self.data}.items()))
        return Value(self.data * other, ((self, other),))


class Value__constants_are_inputs(Value):
    """Says: a plain number is no input

    They become leaves of their own."""

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))


class Value__in_place(Value):
    """Says: gave back u itself
    Also: learning"""

    def __add__(self, other):
        slopes = ((self, 1.0), (other, 1.0)) if isinstance(other, Value) else ((self, 1.0),)
        self.data += getattr(other, "data", other)
        self.inputs = slopes
        return self


class Value__slope_worked_out_later(Value):
    """Hidden only.

    The slope is that of the number as it is when somebody asks."""

    late = None

    @property
    def inputs(self):
        return self.late() if self.late else self.kept

    @inputs.setter
    def inputs(self, pairs):
        self.kept = pairs

    def __pow__(self, k):
        result = Value(self.data**k)
        result.late = lambda: ((self, k * self.data ** (k - 1)),)
        return result


class Value__negative_base(Value):
    """Hidden only.

    The logarithm of a negative base."""

    def __pow__(self, k):
        import math

        y = math.exp(k * math.log(self.data))
        return Value(y, ((self, k * y / self.data),))
