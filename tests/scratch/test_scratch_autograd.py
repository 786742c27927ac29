"""The engine: every operation of Tensor against PyTorch, graphs of every shape, and what must be refused."""

import gc
import operator

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from oracle import arrays, assert_agrees, assert_close, dtypes, layouts, seeds

from coursekit.scratch import Tensor, gradcheck, no_grad, tensor
from coursekit.scratch import functional as F
from coursekit.scratch.autograd import record, topological_order, unbroadcast

shapes = st.lists(st.integers(1, 4), max_size=4).map(tuple)


@st.composite
def broadcastable(draw):
    """Two shapes that can be broadcast together."""
    shape = draw(shapes)
    pair = []
    for _ in range(2):
        kept = tuple(1 if draw(st.booleans()) and draw(st.booleans()) else size for size in shape)
        pair.append(kept[draw(st.integers(0, len(kept))) if draw(st.booleans()) else 0 :])
    return pair


# --------------------------------------------------------------------------------------------------------- operations


@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv"])
@given(seeds, dtypes, layouts, broadcastable())
def test_arithmetic_with_broadcasting(name, seed, dtype, layout, pair):
    x, y = arrays(seed, dtype, *pair)
    y = np.asarray(np.where(np.abs(y) < 0.1, 1, y), dtype) if name == "truediv" else y
    assert_agrees(getattr(operator, name), getattr(operator, name), [np.asarray(x), np.asarray(y)], layout)


@given(seeds, dtypes, layouts, broadcastable())
def test_power_of_tensors(seed, dtype, layout, pair):
    x, y = arrays(seed, dtype, *pair)
    assert_agrees(operator.pow, operator.pow, [np.asarray(np.abs(x) + x.dtype.type(0.2)), np.asarray(y)], layout)


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, 0.5])
def test_power_of_a_number(exponent):
    assert_agrees(lambda x: x**exponent, lambda x: x**exponent, [np.array([0.5, 1.0, 2.0])])


def test_square_and_cube_of_zero_and_of_negative_numbers():
    assert_agrees(lambda x: x**2 + x**3, lambda x: x**2 + x**3, [np.array([0.0, -2.0, 3.0])])


NUMBERS = {
    "x + 2": lambda x: x + 2,
    "2 + x": lambda x: 2 + x,
    "x - 0.1": lambda x: x - 0.1,
    "0.1 - x": lambda x: 0.1 - x,
    "x * 0.1": lambda x: x * 0.1,
    "0.1 * x": lambda x: 0.1 * x,
    "x / 3": lambda x: x / 3,
    "3 / x": lambda x: 3 / x,
    "2 ** x": lambda x: 2**x,
    "-x": lambda x: -x,
    "abs": abs,
}


@pytest.mark.parametrize("name", sorted(NUMBERS))
@given(seeds, dtypes, layouts, shapes)
def test_arithmetic_with_numbers_keeps_the_type(name, seed, dtype, layout, shape):
    (x,) = arrays(seed, dtype, shape)
    assert_agrees(NUMBERS[name], NUMBERS[name], [np.asarray(np.where(np.abs(x) < 0.1, 1, x), dtype)], layout)


@pytest.mark.parametrize("other", [np.float64(0.1), np.array(0.1), np.int64(3), np.arange(3), 3, True])
def test_float32_stays_float32(other):
    x = Tensor(np.ones(3, np.float32))
    for result in (x * other, x + other, other * x, other - x, x / (other + 1)):
        assert isinstance(result, Tensor)
        assert result.dtype == np.float32


def test_integers_divide_to_float32():
    assert (Tensor([1, 2]) / 2).dtype == np.float32
    assert (Tensor([1, 2]) + 1).dtype == np.int64
    assert (Tensor([1, 2]) * 0.5).dtype == np.float32


@pytest.mark.parametrize("name", ["exp", "log", "sqrt", "abs"])
@given(seeds, dtypes, layouts, shapes)
def test_elementwise(name, seed, dtype, layout, shape):
    (x,) = arrays(seed, dtype, shape)
    x = x if name in ("exp", "abs") else np.abs(x) + x.dtype.type(0.1)
    assert_agrees(operator.methodcaller(name), operator.methodcaller(name), [np.asarray(x)], layout)


MATRIX_SHAPES = [
    ((3, 4), (4, 5)),
    ((4,), (4,)),
    ((4,), (4, 5)),
    ((3, 4), (4,)),
    ((2, 3, 4), (4,)),
    ((4,), (2, 4, 5)),
    ((2, 3, 4), (2, 4, 5)),
    ((2, 3, 4), (4, 5)),
    ((3, 4), (2, 4, 5)),
    ((2, 1, 3, 4), (6, 4, 5)),
    ((0, 4), (4, 5)),
]


@pytest.mark.parametrize(("left", "right"), MATRIX_SHAPES)
@given(seeds, dtypes, layouts)
def test_matrix_product(left, right, seed, dtype, layout):
    assert_agrees(operator.matmul, operator.matmul, arrays(seed, dtype, left, right), layout)


@st.composite
def shape_and_dims(draw):
    shape = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple))
    return shape, draw(st.integers(-len(shape), len(shape) - 1))


@pytest.mark.parametrize("name", ["sum", "mean", "amax"])
@given(seeds, dtypes, layouts, shape_and_dims(), st.booleans(), st.booleans())
def test_reduction(name, seed, dtype, layout, shape_and_dim, keepdim, ties):
    shape, dim = shape_and_dim
    (x,) = arrays(seed, dtype, shape)
    x = np.round(x) if ties else x
    along = operator.methodcaller(name, dim=dim, keepdim=keepdim)
    assert_agrees(along, along, [x], layout)
    whole = operator.methodcaller(name)
    assert_agrees(whole, whole, [x], layout)


@given(seeds, layouts)
def test_sum_and_mean_over_several_dimensions(seed, layout):
    for name in ("sum", "mean"):
        over = operator.methodcaller(name, dim=(0, -1))
        assert_agrees(over, over, arrays(seed, "float64", (2, 3, 4)), layout)


@pytest.mark.parametrize("name", ["max", "min"])
@given(seeds, dtypes, layouts, shape_and_dims(), st.booleans(), st.booleans())
def test_max_and_min(name, seed, dtype, layout, shape_and_dim, keepdim, ties):
    shape, dim = shape_and_dim
    (x,) = arrays(seed, dtype, shape)
    x = np.round(x) if ties else x
    whole = operator.methodcaller(name)
    assert_agrees(whole, whole, [x], layout)
    along = operator.methodcaller(name, dim=dim, keepdim=keepdim)
    np.testing.assert_array_equal(along(Tensor(x)).indices.data, along(torch.from_numpy(x)).indices.numpy())
    assert_agrees(lambda x: along(x).values, lambda x: along(x).values, [x], layout)
    np.testing.assert_array_equal(Tensor(x).argmax(dim).data, torch.from_numpy(x).argmax(dim).numpy())


SHAPE_CHANGES = {
    "reshape": lambda x: x.reshape(4, 6),
    "reshape tuple": lambda x: x.reshape((2, -1)),
    "view": lambda x: x.view(-1),
    "flatten": lambda x: x.flatten(1),
    "flatten part": lambda x: x.flatten(0, 1),
    "transpose": lambda x: x.transpose(0, 2),
    "transpose from the end": lambda x: x.transpose(-1, 1),
    "permute": lambda x: x.permute(2, 0, 1),
    "T": lambda x: x.sum(0).T,
    "unsqueeze": lambda x: x.unsqueeze(1),
    "squeeze": lambda x: x.unsqueeze(0).unsqueeze(-1).squeeze(),
    "squeeze one": lambda x: x.unsqueeze(1).squeeze(1),
    "squeeze none": lambda x: x.squeeze(1),
    "clone": lambda x: x.clone(),
    "double": lambda x: x.double() * 2,
    "index": lambda x: x[1],
    "slice": lambda x: x[:, 1:, ::2],
    "new axis": lambda x: x[..., None, 0],
    "list": lambda x: x[[1, 0, 1]],
    "repeated pairs": lambda x: x[[0, 1, 0], [2, 2, 2]],
    "iteration": lambda x: sum(row * i for i, row in enumerate(x)),
}


@pytest.mark.parametrize("name", sorted(SHAPE_CHANGES))
@given(seeds, dtypes, layouts)
def test_shape_change(name, seed, dtype, layout):
    assert_agrees(SHAPE_CHANGES[name], SHAPE_CHANGES[name], arrays(seed, dtype, (2, 3, 4)), layout)


def test_index_with_a_mask_and_with_a_tensor():
    x = np.array([3.0, -1.0, 2.0])
    assert_agrees(lambda x: x[x > 0] ** 2, lambda x: x[x > 0] ** 2, [x])
    assert_agrees(lambda x: x[Tensor([2, 2])], lambda x: x[torch.tensor([2, 2])], [x])


def test_comparisons():
    x, y = np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0])
    for compare in (operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge):
        for other in (y, 2.0):
            ours = compare(Tensor(x), Tensor(other) if other is y else other)
            np.testing.assert_array_equal(ours.data, compare(x, other))
            np.testing.assert_array_equal(compare(x, Tensor(y)).data, compare(x, y))
            assert ours.dtype == np.bool_


@given(seeds, st.lists(st.integers(0, 9), min_size=1, max_size=12))
def test_random_graphs(seed, program):
    """A random program over a growing list of values, so that values are used never, once or often."""
    x, y = arrays(seed, "float64", (3, 2), (2,))

    def run(values):
        rng = np.random.default_rng(seed)
        for op in program:
            a, b = (values[i] for i in rng.integers(0, len(values), 2))
            steps = [
                lambda a, b: a + b,
                lambda a, b: a * b,
                lambda a, b: a - b,
                lambda a, b: a,
                lambda a, b: (a * 0.1).exp(),
                lambda a, b: a.sum(),
                lambda a, b: a.reshape(-1)[0] * b,
                lambda a, b: (a * a + 1).log(),
                lambda a, b: a + a,
                lambda a, b: a / (b * b + 1),
            ]
            values.append(steps[op](a, b))
        return sum(value.mean() for value in values)

    assert_agrees(lambda *inputs: run(list(inputs)), lambda *inputs: run(list(inputs)), [x, y])


# ---------------------------------------------------------------------------------------------------------- the graph


def test_diamond():
    a = Tensor(1.0, requires_grad=True)
    b = 2 * a
    c = 3 * b
    (b + c).backward()
    assert a.grad.item() == 8  # recursion without counting gives 10 or 16, depending on the order


def test_counterexample_of_micrograd():
    a = Tensor(1.0, requires_grad=True)
    b = a + a
    (b + b).backward()
    assert a.grad.item() == 4


def test_a_chain_of_100_000_operations():
    x = Tensor(np.array(1.0), requires_grad=True)
    y = x
    for _ in range(100_000):
        y = y + 1
    y.backward()
    assert x.grad.item() == 1
    del y
    gc.collect()


def test_an_unused_chain_of_100_000_operations_can_be_thrown_away():
    y = Tensor(np.array(1.0), requires_grad=True)
    for _ in range(100_000):
        y = y * 1.0
    del y
    gc.collect()


def test_a_wide_ladder_takes_linear_time():
    x = y = Tensor(np.array(1.0), requires_grad=True)
    for _ in range(60):  # 2**60 paths
        y = y + y
    y.backward()
    assert x.grad.item() == 2.0**60
    assert x.grad.dtype == np.float64


def test_gradients_add_up_over_several_backwards_until_cleared():
    x = Tensor([1.0, 2.0], requires_grad=True)
    (x * 3).sum().backward()
    (x * 3).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [6, 6])
    x.grad = None
    (x * 3).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [3, 3])


def test_backward_twice():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = x * x
    z = y.sum()
    z.backward(retain_graph=True)
    z.backward()
    np.testing.assert_array_equal(x.grad.data, [4, 8])  # intermediate gradients must not have added up
    with pytest.raises(RuntimeError, match="retain_graph=True"):
        z.backward()
    with pytest.raises(RuntimeError, match="retain_graph=True"):
        (y * 2).sum().backward()  # shares a freed part
    np.testing.assert_array_equal(x.grad.data, [4, 8])


def test_gradients_are_owned():
    """No gradient shares memory with another, with the data, or with what the caller passed."""
    x, y = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0], requires_grad=True)
    above = np.ones(2, np.float32)
    z = x + y
    z.backward(above)
    assert not np.shares_memory(x.grad.data, y.grad.data)
    assert not np.shares_memory(x.grad.data, above)
    x.grad.data *= 100
    assert y.grad.tolist() == [1, 1]
    assert above.tolist() == [1, 1]

    w = Tensor(np.ones((2, 3)), requires_grad=True)
    total = w.sum()
    total.backward()
    w.grad.data += 1  # a broadcast view would refuse this, or change every entry at once
    assert w.grad.data.flags.writeable
    assert w.grad.tolist() == [[2, 2, 2], [2, 2, 2]]

    v = Tensor(np.ones(4), requires_grad=True)
    (v.reshape(2, 2).T.sum() + v.sum() + (v.reshape(2, 2) * 2).sum()).backward()
    assert v.grad.tolist() == [4, 4, 4, 4]


def test_retain_grad_keeps_an_intermediate_gradient():
    x = Tensor([1.0, 2.0], requires_grad=True)
    h = x * 3
    h.retain_grad()
    (h * h).sum().backward()
    assert h.grad.tolist() == [6, 12]
    assert (x * 3).grad is None


def test_no_grad_and_detach():
    x = Tensor([1.0], requires_grad=True)
    with no_grad():
        assert not (x * 2).requires_grad
        with no_grad():
            pass
        assert not (x * 2).requires_grad, "leaving the inner block must not switch recording on"
    assert (x * 2).requires_grad

    @no_grad()
    def f():
        return x * 2

    assert not f().requires_grad
    with pytest.raises(ZeroDivisionError), no_grad():
        _ = 1 / 0
    assert (x * 2).requires_grad, "an exception must not leave recording off"
    (x.detach() * x).sum().backward()
    assert x.grad.item() == 1


def test_frozen_tensors_get_no_gradient():
    x, w = Tensor([1.0, 2.0]), Tensor([3.0, 4.0], requires_grad=True)
    w2 = Tensor([5.0, 6.0], requires_grad=True).requires_grad_(False)
    (x * w * w2).sum().backward()
    assert x.grad is None
    assert w2.grad is None
    assert w.grad.tolist() == [5, 12]


def test_backward_with_a_gradient():
    x = Tensor([1.0, 2.0], requires_grad=True)
    (x * x).backward(Tensor([1.0, 10.0]))
    assert x.grad.tolist() == [2, 40]
    y = Tensor(3.0, requires_grad=True)
    y.backward()
    assert y.grad.item() == 1


def test_topological_order_puts_users_first():
    x = Tensor(np.ones(3), requires_grad=True)
    a = x * 2
    b = a.exp()
    c = (a + b).sum()
    order = topological_order(c.grad_fn)
    assert [node.name for node in order] == ["Sum", "Add", "Exp", "Mul"]


def test_requires_grad_copies_what_will_be_trained():
    array = np.ones(3)
    assert np.shares_memory(Tensor(array).data, array)
    assert not np.shares_memory(Tensor(array, requires_grad=True).data, array)
    assert not np.shares_memory(tensor(array).data, array)


# ------------------------------------------------------------------------------------------------------------- errors


def test_clear_errors():
    x = Tensor(np.ones((2, 3)), requires_grad=True)
    with pytest.raises(RuntimeError, match=r"single number.*shape \(2, 3\)"):
        (x * 2).backward()
    with pytest.raises(RuntimeError, match="requires_grad=True"):
        Tensor([1.0]).sum().backward()
    with pytest.raises(RuntimeError, match=r"gradient has shape \(3,\), but the tensor has shape \(2, 3\)"):
        (x * 2).backward(np.ones(3))
    with pytest.raises(RuntimeError, match=r"shapes \(2, 3\) and \(4,\)"):
        _ = x + np.ones(4)
    with pytest.raises(RuntimeError, match=r"shapes \(2, 3\) and \(2, 3\) do not fit"):
        _ = x @ x
    with pytest.raises(RuntimeError, match=r"\(2, 3\) cannot be reshaped to \(4, 2\)"):
        x.reshape(4, 2)
    with pytest.raises(RuntimeError, match="detach"):
        x.numpy()
    with pytest.raises(RuntimeError, match="detach"):
        np.asarray(x)
    with pytest.raises(RuntimeError, match=r"single number.*\(2, 3\)"):
        x.item()
    with pytest.raises(RuntimeError, match="int64"):
        Tensor([1, 2], requires_grad=True)
    with pytest.raises(RuntimeError, match=r"int64.*float\(\)"):
        Tensor([1, 2]).mean()
    with pytest.raises(RuntimeError, match="detach"):
        (x * 2).requires_grad_(False)
    with pytest.raises(TypeError, match="0-d"):
        len(Tensor(1.0))
    with pytest.raises(TypeError, match=r"numpy\.exp .*detach"):
        np.exp(x)
    with pytest.raises(TypeError, match=r"numpy\.subtract .*detach"):
        np.ones((2, 3))[:] -= x


def test_in_place_changes_are_refused_where_the_graph_would_not_notice():
    x = Tensor([1.0, 2.0], requires_grad=True)
    for change in (operator.iadd, operator.isub, operator.imul, operator.itruediv):
        with pytest.raises(RuntimeError, match="no_grad"):
            change(x, 1.0)
    with pytest.raises(RuntimeError, match="no_grad"):
        x[0] = 1.0
    plain = Tensor([1.0, 2.0])
    with pytest.raises(RuntimeError, match="no_grad"):
        plain += x
    before = x.data
    with no_grad():
        x -= 0.5 * Tensor([1.0, 1.0])
        x[0] = 9.0
    assert x.data is before
    assert x.tolist() == [9, 1.5]
    assert x.requires_grad
    x.data -= 0.5 * Tensor([1.0, 1.0])  # PyTorch's old habit
    assert isinstance(x.data, np.ndarray)
    assert x.tolist() == [8.5, 1]


# ----------------------------------------------------------------------------------------------------------- printing

PRINTED = [
    [1.0, 2.0],
    [[1.5, 2.25], [-3.0, 0.125]],
    3.0,
    0.5,
    [1, 2],
    [True, False],
    [],
    [1e-6, 1.0],
    [1e6, 1.0],
    [123456.789, 0.1],
    [float("nan"), 1.0],
    [float("inf"), -1.0],
    [0.0, 0.0],
    [1e9],
]


@pytest.mark.parametrize("values", PRINTED, ids=str)
def test_repr_is_that_of_pytorch(values):
    assert repr(Tensor(values)) == repr(torch.tensor(values))


def test_repr_of_other_types_and_of_results():
    assert repr(Tensor(np.array([1.5]))) == "tensor([1.5000], dtype=float64)"
    x, theirs = Tensor([1.0, 2.0], requires_grad=True), torch.tensor([1.0, 2.0], requires_grad=True)
    assert repr(x) == repr(theirs)
    for result in (lambda x: x + 1, lambda x: x * x, lambda x: x.sum(), lambda x: x.mean(), lambda x: x.exp()):
        assert repr(result(x)) == repr(result(theirs))
    assert f"{x.sum():.2f}" == f"{theirs.sum():.2f}" == "3.00"


def test_conversions():
    assert float(Tensor(2.5)) == 2.5
    assert int(Tensor(2)) == 2
    assert [10, 20, 30][Tensor(1)] == 20
    assert bool(Tensor([3]) == Tensor([3]))
    assert Tensor([1.0, 2.0]).dtype == Tensor(1.0).dtype == np.float32
    assert Tensor([1, 2]).dtype == np.int64
    assert Tensor(np.float64(1)).dtype == np.float64
    assert np.asarray(Tensor([1.0])).dtype == np.float32
    assert Tensor(np.ones((2, 3))).size() == (2, 3)
    assert Tensor(np.ones((2, 3))).size(1) == 3
    assert Tensor(np.ones((2, 3))).numel() == 6
    assert isinstance(np.ones(2) * Tensor([1.0, 2.0]), Tensor)
    assert isinstance(np.ones((1, 2)) @ Tensor(np.ones((2, 1))), Tensor)


def test_unbroadcast_refuses_what_cannot_have_been_broadcast():
    with pytest.raises((RuntimeError, ValueError)):
        unbroadcast(np.ones((4, 3)), (2,))


# ---------------------------------------------------------------------------------------------------------- gradcheck


def random_input(*shape, seed=0):
    return Tensor(np.random.default_rng(seed).normal(size=shape), requires_grad=True)


def test_gradcheck_accepts_right_gradients():
    x, w, b = random_input(3, 4), random_input(2, 4, seed=1), random_input(2, seed=2)
    assert gradcheck(F.linear, (x, w, b))
    assert gradcheck(lambda x: F.cross_entropy(x, np.array([0, 3, 1])), x)
    assert gradcheck(lambda x: F.log_softmax(x, 1), x)
    assert gradcheck(F.conv2d, (random_input(2, 2, 5, 4), random_input(3, 2, 3, 2), random_input(3)))
    assert gradcheck(lambda x: F.max_pool2d(x, 3, 1), random_input(1, 2, 5, 5))
    assert gradcheck(lambda x, w: x @ w.T, (x, w))
    np.testing.assert_array_equal(x.grad, None)


def wrong(name, forward, gradient):
    return lambda x: record(name, forward(x.data), (x, lambda grad: gradient(grad, x.data)))


WRONG = {
    "factor 2 forgotten": wrong("Square", np.square, lambda grad, x: grad * x),
    "sign": wrong("Square", np.square, lambda grad, x: -2 * grad * x),
    "incoming gradient ignored": wrong("Square", np.square, lambda grad, x: 2 * x),
    "1 - z² for 1 - tanh²": wrong("Tanh", np.tanh, lambda grad, x: grad * (1 - x * x)),
    "off by a hundredth": wrong("Square", np.square, lambda grad, x: 2.01 * grad * x),
    "one entry": wrong("Square", np.square, lambda grad, x: 2 * grad * np.where(x == x.flat[-1], 0.9 * x, x)),
    "transposed": wrong("Square", np.square, lambda grad, x: (2 * grad * x).T),
    "nan": wrong("Square", np.square, lambda grad, x: grad * np.nan),
    "mean for sum": wrong("Sum", lambda x: np.asarray(x.sum()), lambda grad, x: np.full_like(x, grad / x.size)),
    "zero": lambda x: x.detach() * x.detach() + x * 0,
}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_gradcheck_rejects_wrong_gradients(name):
    x = random_input(3, 3)
    with pytest.raises(AssertionError, match=r"gradient of input 0, entry \[\d, \d\].*central differences"):
        gradcheck(WRONG[name], x)
    assert gradcheck(WRONG[name], x, raise_exception=False) is False


def test_gradcheck_says_which_input_and_entry():
    def broken(x, y):
        def gradient(grad):
            out = grad * x.data
            out[1] *= 2
            return out

        return record("Mul", x.data * y.data, (x, lambda grad: grad * y.data), (y, gradient))

    with pytest.raises(AssertionError, match=r"input 1, entry \[1\]"):
        gradcheck(broken, (random_input(3), random_input(3, seed=1)))


def test_gradcheck_recognises_a_kink():
    x = Tensor(np.array([1.0, -1e-7]), requires_grad=True)
    with pytest.raises(AssertionError, match=r"entry \[1\].*slope is 0 to the left and 0\.\d+ to the right.*kink"):
        gradcheck(F.relu, x, eps=1e-6)


def test_gradcheck_needs_float64_and_something_to_check():
    with pytest.raises(ValueError, match="input 0 is float32"):
        gradcheck(F.relu, Tensor([1.0], requires_grad=True))
    with pytest.raises(ValueError, match="requires_grad"):
        gradcheck(F.relu, Tensor(np.ones(2)))


def test_gradcheck_leaves_its_inputs_alone():
    x = random_input(2, 2)
    before = x.data.copy()
    gradcheck(lambda x: x * x, x)
    np.testing.assert_array_equal(x.data, before)
    assert x.grad is None


def test_oracle_itself_can_fail():
    """The comparison all these tests rest on must notice a wrong result, gradient, shape and type."""
    x = [np.array([1.0, 2.0])]
    for broken in (
        lambda x: x * 2.0000001,
        lambda x: record("Mul", x.data * 2, (x, lambda grad: grad * 2.0000001)),
        lambda x: (x * 2).reshape(1, 2),
        lambda x: (x * 2).float(),
    ):
        with pytest.raises(AssertionError):
            assert_agrees(broken, lambda x: x * 2, x)
    assert_close(np.ones(2), np.ones(2), 1e-10, "same")
