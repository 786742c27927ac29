"""The graph: what was computed from what, and the walk backwards through it.

Every operation does two things: it computes, and (`record`) it notes for each of its inputs how a gradient with respect
to the result becomes a gradient with respect to that input. `backward` walks these notes from the loss to the
parameters, each operation once, after everything that uses its result has had its say (`topological_order`).

The gradient functions work on plain arrays, so gradients of gradients are not available.
Taught in the chapters on backpropagation and on automatic differentiation. The method is reverse-mode automatic
differentiation (Baydin et al., "Automatic differentiation in machine learning: a survey", JMLR 2018).
"""

import contextlib
import itertools
import operator
import threading
import weakref

import numpy as np


class _Mode(threading.local):
    recording = True


mode = _Mode()
_clock = itertools.count(1)  # numbers operations and changes in place in the order in which they happen
_changes = {}  # id of an array that owns memory -> (when it was last changed in place, the array, weakly)


@contextlib.contextmanager
def no_grad():
    """Switch recording off: inside, results carry no history. Use it for evaluation and for changing parameters.

    Either ``with no_grad():`` or, on a function, ``@no_grad()``. Each thread records or not on its own.

    Examples
    --------
    >>> from coursekit.scratch import Tensor
    >>> w = Tensor([1.0], requires_grad=True)
    >>> with no_grad():
    ...     y = w * 2
    >>> y.requires_grad
    False
    """
    before, mode.recording = mode.recording, False
    try:
        yield
    finally:
        mode.recording = before


class Node:
    """One operation that took place: its name, the shape of its result, and one edge for each input with a gradient.

    An edge is a pair ``(source, gradient)``. The source is the Node that computed the input or, where the input was not
    computed but given (a leaf: a parameter), the Tensor itself. ``gradient(grad)`` turns the gradient with respect
    to this Node's result into the part of the gradient that this operation sends to the source.
    """

    __slots__ = ("dtype", "edges", "keep", "name", "number", "shape")

    def __init__(self, name, shape, dtype, edges):
        self.name, self.shape, self.dtype, self.edges = name, shape, dtype, edges
        self.number = next(_clock)
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
    >>> from coursekit.scratch import Tensor
    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> cube = record("Cube", x.data ** 3, (x, lambda grad: grad * 3 * x.data ** 2))
    >>> cube.sum().backward()
    >>> x.grad
    tensor([ 3., 12.])
    """
    out = inputs[0][0].wrap(data)
    if mode.recording:
        edges = [(tensor.grad_fn or tensor, gradient) for tensor, gradient in inputs if tensor.requires_grad]
        if edges:
            out.requires_grad = True
            out.grad_fn = Node(name, data.shape, data.dtype, edges)
    return out


def topological_order(root):
    """List the nodes behind `root`, each one after every node that uses its result: then its gradient is complete.

    Nothing is computed before its inputs are, so it is enough to collect the nodes and go through them from the newest
    to the oldest. Written with a stack instead of recursion, so the depth of the graph has no limit.

    Examples
    --------
    >>> from coursekit.scratch import Tensor
    >>> x = Tensor(2.0, requires_grad=True)
    >>> topological_order((x * x + x).grad_fn)
    [<AddBackward0>, <MulBackward0>]
    """
    found, stack = {root}, [root]
    while stack:
        node = stack.pop()
        if node.edges is None:
            raise RuntimeError(
                "the graph was already used by an earlier backward() and has been freed; "
                "run the forward pass again, or pass retain_graph=True to the first backward()"
            )
        for source, _ in node.edges:
            if type(source) is Node and source not in found:
                found.add(source)
                stack.append(source)
    return sorted(found, key=operator.attrgetter("number"), reverse=True)


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
        gradient = np.ones(tensor.shape, tensor.dtype)
    if gradient.shape != tensor.shape:
        raise RuntimeError(f"gradient has shape {gradient.shape}, but the tensor has shape {tensor.shape}")
    if tensor.grad_fn is None:
        return _accumulate(tensor, gradient, gradient)

    arrived = {tensor.grad_fn: gradient}  # for each node the sum of what has come back to it so far
    last_change = next(reversed(_changes.values()))[0] if _changes else 0
    for node in topological_order(tensor.grad_fn):
        grad = arrived.pop(node)
        if node.keep is not None:
            _accumulate(node.keep, grad, grad)
        for source, local in node.edges:
            if node.number < last_change:
                _check_unchanged(node, local)
            part = local(grad)
            if part.shape != source.shape:
                part = unbroadcast(part, source.shape)
            if part.dtype != source.dtype:
                part = part.astype(source.dtype)
            if type(source) is not Node:
                _accumulate(source, part, grad)
            elif source in arrived:  # not in place: what has arrived may be a view of another node's gradient
                arrived[source] = arrived[source] + part
            else:
                arrived[source] = part
        if not retain_graph:
            node.edges = None


def _accumulate(leaf, part, grad):
    """Add to the gradient a Tensor holds already: several backward() calls add up until someone clears it.

    What the Tensor then holds is its own, so `part` is copied if it may be a view of `grad`, which others use too.
    """
    if leaf.grad is not None:
        total = leaf.grad.data
        total += part
    else:
        own = part.flags.writeable and not np.may_share_memory(part, grad)
        leaf.grad = leaf.wrap(part if own else part.copy(order="K"))


# -- A number that is changed in place after an operation needed it would make the gradient silently wrong.


def note_change(array):
    """Remember that the numbers of an array, and so of all its views, have just been changed in place."""
    owner = _owner(array)
    key = id(owner)
    _changes.pop(key, None)  # so that the latest change is the last in the dictionary
    _changes[key] = next(_clock), weakref.ref(owner, lambda _: _changes.pop(key, None))


def _check_unchanged(node, gradient):
    """Look at every array that a gradient function has kept."""
    for cell in gradient.__closure__ or ():
        array = getattr(cell.cell_contents, "_data", cell.cell_contents)
        if isinstance(array, np.ndarray) and _changes.get(id(_owner(array)), (0,))[0] > node.number:
            raise RuntimeError(
                f"the gradient of {node.name} needs a tensor of shape {array.shape} that has been changed in place "
                "since: write x = x + y instead of x += y, or change it after backward()"
            )


def _owner(array):
    while hasattr(array.base, "base"):
        array = array.base
    return array
