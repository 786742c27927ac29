"""Exercises in PyTorch: tensors cross the wire as arrays; networks that a test needs are built on the other side."""

import sys

import numpy as np
import pytest
from sandboxes import sandbox_or_skip

from coursekit.grading import StudentError, Tensor, trivial, wire_codec
from coursekit.grading.assignment import Limits
from coursekit.grading.link import RemoteLink
from coursekit.grading.submission import Handle, LocalLink, Submission
from coursekit.grading.wire import WireError, decode, encode
from coursekit.grading.worker import Notebook

torch = pytest.importorskip("torch")

CELL = """
import torch

def kind(x):
    return type(x).__module__, str(x.dtype)

def gradient(net, x):
    x = x.clone().requires_grad_()
    net(x).sum().backward()
    return x.grad

def spoil(x):
    x *= 0

def odd(which):
    return {
        "with a graph": torch.ones(2, requires_grad=True) * 2,
        "conjugate": torch.tensor([1 + 2j]).conj(),
        "nested": [{"a": torch.tensor(3)}],
        "parameter": torch.nn.Linear(1, 2, bias=False).requires_grad_(False).weight * 0,
        "bfloat16": torch.ones(2, dtype=torch.bfloat16),
        "sparse": torch.eye(2).to_sparse(),
        "meta": torch.ones(2, device="meta"),
        "large": torch.ones(1).expand(10**9),
    }[which]

class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return True

def lie():
    return torch.ones(2).as_subclass(Liar)
"""

NET = """
from torch import nn
net = nn.Linear(2, 1, bias=False)
net.weight.data[:] = 3
secret = "not the notebook's"
"""


@pytest.fixture
def submission():
    namespace = {}
    exec(CELL, namespace)
    return Submission(LocalLink(Notebook(namespace)))


def test_a_tensor_arrives_as_one(submission):
    for dtype in ("f4", "f8", "i8", "?"):
        module, name = submission.kind(Tensor(np.ones((2, 3), dtype)))
        assert module == "torch"
        assert name == f"torch.{np.dtype(dtype).name}"
    assert submission.kind(np.ones(2))[0] == "numpy"


def test_an_answer_is_an_array_in_any_case(submission):
    back = submission.odd("with a graph")
    assert type(back) is np.ndarray
    assert back.tolist() == [2, 2]
    assert submission.odd("conjugate").tolist() == [1 - 2j]
    assert submission.odd("nested") == [{"a": 3}]
    assert submission.odd("parameter").shape == (2, 1)


def test_arguments_come_back_as_the_call_left_them(submission):
    x = np.ones(3, "f4")
    _, (seen,), _ = submission.call("spoil", Tensor(x), echo=True)
    assert type(seen) is np.ndarray
    assert seen.tolist() == [0, 0, 0]
    assert x.tolist() == [1, 1, 1]


@pytest.mark.parametrize("which", ["bfloat16", "sparse", "meta", "large"])
def test_a_tensor_without_an_array_says_so(submission, which):
    with pytest.raises(StudentError, match=r"a tensor|at most") as caught:
        submission.odd(which)
    assert caught.value.kind == "answer"


def test_a_tensor_that_lies_is_no_answer(submission):
    with pytest.raises(StudentError, match="cannot be compared"):
        submission.lie()


def test_a_test_builds_a_network_in_there(submission):
    net = submission.define("net", NET)
    assert type(net) is Handle
    assert submission.gradient(net, Tensor(np.ones((1, 2), "f4"))).tolist() == [[3, 3]]
    assert net.weight.tolist() == [[3, 3]]
    assert submission.define("net", NET) == net, "the same source is run once"
    with pytest.raises(StudentError):
        submission["secret"]
    with pytest.raises(StudentError, match="KeyError"):
        submission.define("nothing", NET)


def test_the_grader_needs_no_torch(monkeypatch):
    message = encode([Tensor([1.0, 2.0]), Tensor(3)])
    tensors = encode([torch.tensor([1.0, 2.0], dtype=torch.float64), torch.tensor(3)])
    assert message == tensors
    monkeypatch.delitem(sys.modules, "torch")
    first, second = decode(tensors)
    assert (first.tolist(), second.tolist()) == ([1, 2], 3)
    assert (type(first), type(second)) == (np.ndarray, np.ndarray)


@pytest.mark.parametrize("inner", [b"N", b"x", b"", b"l\0\0\0\0", b"h\0\0\0\0\0\0\0\0", b"n\x0b" + bytes(8)])
def test_a_tensor_holds_an_array_and_nothing_else(inner):
    with pytest.raises(WireError):
        decode(b"x" + inner, handle=lambda *given: given)


def test_a_test_cannot_send_what_is_no_array():
    with pytest.raises(WireError, match="dtype"):
        encode(Tensor(["a"]))


def test_trivial_answers_keep_the_shapes_of_tensors():
    cell = "import torch\ndef f(x):\n    ### BEGIN SOLUTION\n    return {'a': 2 * x, 'n': 3}\n    ### END SOLUTION"
    notebook = {"cells": [{"cell_type": "code", "source": cell, "metadata": {}}]}
    for answer, expected in (("zeros", 0), ("ones", 1), ("uniform numbers", 0.5)):
        (changed,) = [changed for name, changed in trivial.answers(notebook) if name == answer]
        namespace = {}
        for each in changed["cells"]:
            exec(each["source"], namespace)
        got = namespace["f"](torch.full((3, 2), 7.0))
        assert torch.is_tensor(got["a"])
        assert got["a"].tolist() == [[expected] * 2] * 3


def test_wire_is_only_of_plain_things():
    """The list of tags: a new one wants a new look at what a stranger may send."""
    assert set(wire_codec.Decoder.READERS) == {bytes([tag]) for tag in b"NTFifcsbltednaxh"}


IN_THE_SANDBOX = (
    CELL
    + """
import mmap

def draw():
    return torch.rand(3)

def allocate(mb):
    try:
        return torch.ones(mb * 2**18).sum() / 2**18
    except (MemoryError, RuntimeError) as error:
        return type(error).__name__

def like_a_stack(mb):
    GROWSDOWN = 0x100
    try:
        mmap.mmap(-1, mb * 2**20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | GROWSDOWN)
    except OSError as error:
        return type(error).__name__

def like_a_stack_by_hand(mb):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    return libc.mmap(None, ctypes.c_size_t(mb * 2**20), 3, 0x122, -1, 0) == ctypes.c_void_p(-1).value

def imports(name):
    try:
        __import__(name)
    except ImportError as error:
        return type(error).__name__
"""
)


@pytest.fixture(scope="module")
def sandbox():
    """One with PyTorch in it."""
    with sandbox_or_skip(["numpy", "torch"], Limits(memory_mb=1536, processes=8)) as sandbox:
        yield sandbox


@pytest.fixture
def confined(sandbox):
    """Starts workers there; each call gives a `Submission`."""
    links = []

    def start():
        links.append(RemoteLink(sandbox.start, [("cell 1", IN_THE_SANDBOX)], 20, 20, 60))
        return Submission(links[-1])

    yield start
    for link in links:
        link.close()
        assert not link.failures


def test_pytorch_works_in_the_sandbox(confined):
    one, other = confined(), confined()
    net = one.define("net", "import torch\nfrom torch import nn\nnet = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())")
    gradient = one.gradient(net, Tensor(np.ones((2, 3, 8, 8), "f4")))
    assert gradient.shape == (2, 3, 8, 8)
    assert one.draw().tolist() != other.draw().tolist(), "all forks draw the same numbers"
    assert one.imports("coursekit.inside") == one.imports("captum") == "ModuleNotFoundError"


def test_memory_is_limited_although_libraries_are_large(confined):
    submission = confined()
    assert submission.allocate(100) == 100
    assert submission.allocate(1536) in ("MemoryError", "RuntimeError")
    assert submission.like_a_stack(64) == "PermissionError"
    assert submission.like_a_stack_by_hand(64) is True
