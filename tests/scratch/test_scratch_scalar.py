"""The scalar engine against PyTorch."""

import gc
import math
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.scratch import scalar
from coursekit.scratch.scalar import Value

STEPS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / (b * b + 1),
    "the same twice": lambda a, b: a * a + a,
    "number first": lambda a, b: 2 - a + 3 * b,
    "number second": lambda a, b: (a + 2) / 4 - 1,
    "1 / x": lambda a, b: 1 / (a * a + 0.5),
    "-x": lambda a, b: -a,
    "**3": lambda a, b: a**3,
    "**0.5": lambda a, b: (a * a + 0.5) ** 0.5,
    "**0": lambda a, b: a**0 * b,
    "exp": lambda a, b: (a * 0.3).exp(),
    "log": lambda a, b: (b * b + 0.2).log(),
    "tanh": lambda a, b: a.tanh(),
    "relu": lambda a, b: a.relu() + b,
}


@given(
    st.lists(st.floats(-3, 3), min_size=2, max_size=3),
    st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 99), st.integers(0, 99)), max_size=30),
)
def test_random_expressions(numbers, program):
    def run(values):
        for name, i, j in program:
            value = STEPS[name](values[i % len(values)], values[j % len(values)])
            size = abs(value.data if isinstance(value, Value) else value.item())
            values.append(value / (1 + float(size)))  # or numbers would grow beyond measure
        return sum(values[1:], values[0] * 0.5)

    mine, theirs = (
        [Value(x) for x in numbers],
        [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in numbers],
    )
    out, expected = run(list(mine)), run(list(theirs))
    out.backward()
    expected.backward()
    assert out.data == pytest.approx(expected.item(), rel=1e-10, abs=1e-10)
    for x, y in zip(mine, theirs, strict=True):
        assert x.grad == pytest.approx(y.grad.item(), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("number", [0.0, 2.0, -2.0])
@pytest.mark.parametrize("exponent", [0, 1, 2, 3])
def test_powers_at_zero(number, exponent):
    x, y = Value(number), torch.tensor(number, requires_grad=True)
    (x**exponent).backward()
    (y**exponent).backward()
    assert x.grad == y.grad.item()


def test_relu_at_its_kink():
    for number in (0.0, -0.0, math.nextafter(0, 1), -1.0):
        x, y = Value(number), torch.tensor(number, dtype=torch.float64, requires_grad=True)
        x.relu().backward()
        y.relu().backward()
        assert x.grad == y.grad.item()


def test_shared_values_collect_all_their_gradients():
    a = Value(1.0)
    b = a + a
    (b + b).backward()
    assert (a.grad, b.grad) == (4.0, 2.0)
    x = y = Value(1.0)
    for _ in range(60):  # 2**60 paths
        y = y + y
    y.backward()
    assert x.grad == 2.0**60


def test_a_second_backward_adds_at_the_leaves_only():
    x = Value(3.0)
    y = x * x
    z = y * 2
    z.backward()
    z.backward()
    assert (z.grad, y.grad, x.grad) == (1.0, 2.0, 24.0)
    (y * 1).backward()
    assert (y.grad, x.grad) == (1.0, 30.0)
    x.backward()
    assert x.grad == 31.0


def test_a_chain_of_100_000_operations():
    x = y = Value(1.0)
    for _ in range(100_000):
        y = y * 1.0
    y.backward()
    assert x.grad == 1
    del y
    gc.collect()
    for _ in range(100_000):
        x = x + 1
    del x
    gc.collect()


def test_what_a_picture_needs():
    x, y = Value(2.0, "x"), Value(3.0, "y")
    z = x * y
    assert (z.name, z.left, z.right, z.left_slope, z.right_slope) == ("*", x, y, 3.0, 2.0)
    assert x.left is None
    assert repr(z.tanh()) == f"Value({math.tanh(6.0)}, 'tanh', grad=0.0)"


def test_the_whole_engine_fits_on_one_screen():
    assert len(Path(scalar.__file__).read_text().splitlines()) <= 80
