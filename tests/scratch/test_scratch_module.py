"""What every layer is: registration, names and their order, buffers, hooks, conversion, as in PyTorch."""

import copy
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.scratch import Tensor, nn


def model(kind):
    """Parameters, buffers and Modules in an order that is not that of a state_dict, one layer under two names."""
    array = Tensor if kind is nn else torch.from_numpy

    class Mixed(kind.Module):
        def __init__(self):
            super().__init__()
            self.body = kind.Sequential(kind.Linear(3, 4), kind.BatchNorm1d(4), kind.ReLU(), kind.Linear(4, 2))
            self.register_buffer("counter", array(np.zeros(1, np.int64)))
            self.scale = kind.Parameter(array(np.ones(2, np.float32)))
            self.register_buffer("mask", array(np.ones(2, np.float32)))
            self.register_buffer("nothing", None)
            self.add_module("head", kind.Linear(2, 2, bias=False))
            self.again = self.head
            self.late = kind.Parameter(array(np.ones(1, np.float32)))
            self.plain = array(np.ones(1, np.float32))

        def forward(self, x):
            return self.again(self.head(self.body(x) * self.scale * self.mask))

        def extra_repr(self):
            return "mixed=True"

    return Mixed()


BOTH = pytest.mark.parametrize("kind", [nn, torch.nn], ids=["scratch", "torch"])


# ---------------------------------------------------------------------------------------------------- names and order


def names(pairs):
    return [name for name, _ in pairs]


def test_names_and_their_order_are_those_of_pytorch():
    mine, theirs = model(nn), model(torch.nn)
    assert list(mine.state_dict()) == list(theirs.state_dict())
    for method in ("named_parameters", "named_buffers", "named_modules", "named_children"):
        assert names(getattr(mine, method)()) == names(getattr(theirs, method)()), method
    for method in ("named_parameters", "named_buffers"):
        for options in ({"prefix": "net"}, {"recurse": False}, {"prefix": "a.b", "recurse": False}):
            assert names(getattr(mine, method)(**options)) == names(getattr(theirs, method)(**options)), (
                method,
                options,
            )
    assert names(mine.named_modules(prefix="net")) == names(theirs.named_modules(prefix="net"))
    for method in ("parameters", "buffers", "modules", "children"):
        assert len(list(getattr(mine, method)())) == len(list(getattr(theirs, method)())), method
    assert len(list(mine.parameters(recurse=False))) == 2
    assert len(list(mine.buffers(recurse=False))) == 2


def test_models_with_buffers_print_as_in_pytorch():
    assert repr(model(nn)).replace("bias=True, ", "") == repr(model(torch.nn)).replace("bias=True, ", "")


@BOTH
def test_a_layer_used_twice_keeps_both_names_but_is_visited_once(kind):
    relu = kind.ReLU()
    chain = kind.Sequential(relu, kind.Linear(2, 2), relu)
    assert len(chain) == 3
    assert chain[2] is relu
    assert list(chain) == [relu, chain[1], relu]
    assert names(chain.named_modules()) == ["", "0", "1"]
    visited = []
    chain.apply(visited.append)
    assert visited == [relu, chain[1], chain]


@pytest.mark.parametrize("way", ["from torch", "to torch"])
def test_state_with_buffers_passes_both_ways(way):
    mine, theirs = model(nn), model(torch.nn)
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    source = theirs if way == "from torch" else mine
    for _ in range(3):
        source(torch.from_numpy(x) if source is theirs else x)  # moves the running statistics
    if way == "from torch":
        mine.load_state_dict(theirs.state_dict())
    else:
        theirs.load_state_dict({k: torch.from_numpy(v) for k, v in mine.state_dict().items()})
    assert mine.body[1].num_batches_tracked.item() == theirs.body[1].num_batches_tracked.item() == 3
    for key, value in theirs.state_dict().items():
        array = mine.state_dict()[key]
        assert array.dtype == value.numpy().dtype
        np.testing.assert_array_equal(array, value.numpy())
    expected = theirs.eval()(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(mine.eval()(x).data, expected, rtol=1e-5, atol=1e-6)


def test_loading_what_cannot_be_converted_changes_nothing():
    layer = nn.BatchNorm1d(2)
    state = {**layer.state_dict(), "weight": np.full(2, 7.0), "num_batches_tracked": np.array("many")}
    with pytest.raises(ValueError, match="many"):
        layer.load_state_dict(state)
    assert layer.weight.tolist() == [1, 1]


# ------------------------------------------------------------------------------------------------------------ buffers


@BOTH
def test_float_and_double_move_floating_point_buffers_only(kind):
    double = model(kind).double()
    types = {name: str(value.dtype).removeprefix("torch.") for name, value in double.state_dict().items()}
    assert {name for name, dtype in types.items() if dtype == "int64"} == {"counter", "body.1.num_batches_tracked"}
    assert set(types.values()) == {"int64", "float64"}
    assert {str(v.dtype).removeprefix("torch.") for v in double.float().state_dict().values()} == {"int64", "float32"}


def test_buffers_are_not_trained():
    mine = model(nn)
    mine.requires_grad_()
    assert not any(buffer.requires_grad for buffer in mine.buffers())
    assert not any(isinstance(buffer, nn.Parameter) for buffer in mine.buffers())
    layer = nn.Module()
    layer.register_buffer("frozen", Tensor([1.0], requires_grad=True) * 2)
    assert not layer.frozen.requires_grad


@BOTH
def test_a_buffer_can_be_replaced_emptied_and_removed(kind):
    mine, array = model(kind), Tensor if kind is nn else torch.from_numpy
    mine.mask = array(np.zeros(2, np.float32))
    assert "mask" in mine.state_dict()
    mine.nothing = array(np.zeros(2, np.float32))
    assert "nothing" in mine.state_dict()
    mine.register_buffer("mask", array(np.ones(3, np.float32)))
    assert names(mine.named_buffers()).count("mask") == 1
    mine.mask = None
    assert "mask" not in mine.state_dict()
    del mine.counter
    assert "counter" not in mine.state_dict()


# ------------------------------------------------------------------------------------------------------- registration


@BOTH
@pytest.mark.parametrize("name", ["", "a.b", "forward", "scale"])
def test_names_that_cannot_be_registered(kind, name):
    layer = kind.Module()
    layer.scale = 3
    array = Tensor([1.0]) if kind is nn else torch.ones(1)
    calls = {
        "buffer": lambda: layer.register_buffer(name, array),
        "module": lambda: layer.add_module(name, kind.ReLU()),
    }
    for what, call in calls.items():
        with pytest.raises(KeyError):
            call()
        assert not layer.state_dict(), what
        assert not list(layer.children()), what


@BOTH
def test_values_that_cannot_be_registered(kind):
    layer = kind.Module()
    with pytest.raises(TypeError):
        layer.add_module("layer", 3)
    assert not vars(layer).get("layer")


@BOTH
@pytest.mark.parametrize("name", ["scale", "mask"])
def test_what_is_registered_cannot_become_something_else(kind, name):
    mine = model(kind)
    with pytest.raises(TypeError, match=name):
        setattr(mine, name, 3.0 if name == "mask" else mine.mask)
    assert name in mine.state_dict()


def test_replacing_a_parameter_by_a_tensor_says_what_to_write_instead():
    layer = nn.Linear(2, 2)
    with pytest.raises(TypeError, match=r"weight is a Parameter .* not a Tensor; .*weight\.data\[\.\.\.\] = numbers"):
        layer.weight = layer.weight - 0.1 * layer.weight


@BOTH
@pytest.mark.parametrize("what", ["Module", "Parameter"])
def test_forgotten_super_init(kind, what):
    class Forgetful(kind.Module):
        def __init__(self):
            self.number = 3
            self.part = (
                kind.ReLU() if what == "Module" else kind.Parameter(Tensor([1.0]) if kind is nn else torch.ones(1))
            )

    with pytest.raises(AttributeError, match="__init__"):
        Forgetful()


# -------------------------------------------------------------------------------------------------------------- hooks


@BOTH
def test_a_hook_sees_module_arguments_and_output(kind):
    layer, seen = kind.Linear(2, 3), []
    handle = layer.register_forward_hook(lambda *call: seen.append(call))
    x = Tensor(np.ones((4, 2), np.float32)) if kind is nn else torch.ones(4, 2)
    out = layer(x)
    ((module, args, output),) = seen
    assert module is layer
    assert isinstance(args, tuple)
    assert len(args) == 1
    assert args[0] is x
    assert output is out
    handle.remove()
    handle.remove()
    layer(x)
    assert len(seen) == 1


@BOTH
def test_hooks_replace_the_output_one_after_the_other(kind):
    layer = kind.Identity()
    first = layer.register_forward_hook(lambda module, args, output: output + 1)
    layer.register_forward_hook(lambda module, args, output: None)
    layer.register_forward_hook(lambda module, args, output: output * 10)
    x = Tensor([1.0]) if kind is nn else torch.ones(1)
    assert layer(x).item() == 20
    first.remove()
    assert layer(x).item() == 10


@BOTH
def test_a_hook_may_remove_itself(kind):
    layer, calls = kind.Identity(), []

    def once(module, args, output):
        calls.append(output)
        handle.remove()

    handle = layer.register_forward_hook(once)
    for _ in range(2):
        layer(Tensor([1.0]) if kind is nn else torch.ones(1))
    assert len(calls) == 1


def test_gradients_flow_through_what_a_hook_returns():
    layer = nn.Linear(1, 1, bias=False)
    layer.register_forward_hook(lambda module, args, output: output * 3)
    layer(np.ones((1, 1), np.float32)).sum().backward()
    assert layer.weight.grad.item() == 3


@given(st.lists(st.booleans(), max_size=6))
def test_removing_any_of_several_hooks_leaves_the_others(keep):
    layer, calls = nn.Identity(), []
    hooks = [lambda module, args, output, i=i: calls.append(i) for i in range(len(keep))]
    handles = [layer.register_forward_hook(hook) for hook in hooks]
    for handle, kept in zip(handles, keep, strict=True):
        if not kept:
            handle.remove()
    layer([1.0])
    assert calls == [i for i, kept in enumerate(keep) if kept]


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))])
def test_copies_have_buffers_and_hooks_of_their_own(duplicate):
    layer = nn.Sequential(nn.BatchNorm1d(2), nn.ReLU())
    layer.register_forward_hook(print_nothing)
    twin = duplicate(layer)
    twin(np.array([[1.0, 2.0], [3.0, 5.0]], np.float32))
    assert twin[0].num_batches_tracked.item() == 1
    assert layer[0].num_batches_tracked.item() == 0
    assert not layer[0].running_mean.data.any()
    assert list(twin.state_dict()) == list(layer.state_dict())
    assert list(twin._forward_hooks.values()) == [print_nothing]
    twin._forward_hooks.clear()
    assert layer._forward_hooks


def print_nothing(module, args, output):
    """Stand at module level, where pickle finds it."""
