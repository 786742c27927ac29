"""The graph: what was computed from what, and the walk backwards through it.

Every operation does two things: it computes, and (`record`) it notes for each of its inputs how a gradient with respect
to the result becomes a gradient with respect to that input. `backward` walks these notes from the loss to the
parameters, each operation once, after everything that uses its result has had its say (`topological_order`).

The gradient functions work on plain arrays, so gradients of gradients are not available.
Taught in the chapters on backpropagation and on automatic differentiation. The method is reverse-mode automatic
differentiation (Baydin et al., "Automatic differentiation in machine learning: a survey", JMLR 2018).
"""

import contextlib
import threading
from collections import Counter

import numpy as np


class _Mode(threading.local):
    recording = True


mode = _Mode()


class no_grad(contextlib.ContextDecorator):
    """Switch recording off: inside, results carry no history. Use it for evaluation and for changing parameters.

    Examples
    --------
    >>> from coursekit.scratch import Tensor
    >>> w = Tensor([1.0], requires_grad=True)
    >>> with no_grad():
    ...     y = w * 2
    >>> y.requires_grad
    False
    """

    def __enter__(self):
        self._before = mode.recording
        mode.recording = False

    def __exit__(self, *exception):
        mode.recording = self._before


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
            out.grad_fn = Node(name, out.data.shape, out.data.dtype, edges)
    return out


def topological_order(root):
    """List the nodes behind `root`, each one after every node that uses its result.

    A node may pass its gradient on only when that gradient is complete. Written with a stack instead of recursion,
    so the depth of the graph has no limit.

    Examples
    --------
    >>> from coursekit.scratch import Tensor
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
        leaf.grad = leaf.wrap(grad if owned else grad.copy(order="K"))
    else:
        leaf.grad.data += grad
