"""Gradients checked by central differences."""

import numpy as np

from coursekit.scratch.autograd.graph import no_grad
from coursekit.scratch.autograd.tensor import Tensor, as_tensor


def gradcheck(function, inputs, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True):
    """Compare gradients with central differences, entry by entry.

    Where the function returns an array, the gradient of a fixed random weighting of its entries is compared.

    Parameters
    ----------
    function : callable
        Takes the inputs, returns a Tensor. It must return the same for the same input: fix seeds and masks.
    inputs : Tensor or sequence of Tensors, float64
        Those with requires_grad=True are checked.
    eps : float
        How far each entry is moved to either side. Smaller is not better: rounding error grows as 1/eps.
    atol, rtol : float
        Allowed: ``atol + rtol * |numerical|``.
    raise_exception : bool
        Raise on disagreement; with False, return False.

    Returns
    -------
    bool

    Raises
    ------
    AssertionError
        Naming the input, the entry and both values, and saying whether the function has a kink there.
    ValueError
        If an input is not float64 (float32 is too coarse for differences) or none requires a gradient.

    Examples
    --------
    >>> from coursekit.scratch.autograd import record
    >>> x = Tensor(np.array([[0.5, -1.0]]), requires_grad=True)
    >>> gradcheck(lambda x: (x * x).exp(), x)
    True
    >>> wrong = lambda x: record("Square", x.data ** 2, (x, lambda grad: grad * x.data))      # forgot the factor 2
    >>> gradcheck(wrong, x)
    Traceback (most recent call last):
        ...
    AssertionError: gradient of input 0, entry [0, 0]: backward() says 0.568481, central differences say 1.13696
    """
    inputs = [inputs] if isinstance(inputs, Tensor) else [as_tensor(value) for value in inputs]
    checked = [(i, value) for i, value in enumerate(inputs) if value.requires_grad]
    if not checked:
        raise ValueError("gradcheck: no input has requires_grad=True")
    for i, value in checked:
        if value.dtype != np.float64:
            raise ValueError(f"gradcheck: input {i} is {value.dtype}; differences need float64")

    # Work on copies: the caller's tensors keep their numbers and their gradients.
    inputs = [Tensor(value.data.copy(), value.requires_grad) for value in inputs]
    out = function(*inputs)
    weighting = np.random.default_rng(0).uniform(0.5, 1.5, out.shape)
    out.backward(weighting)

    def weighted():
        with no_grad():
            return float((function(*inputs).data * weighting).sum())

    centre = weighted()
    for i, _ in checked:
        x = inputs[i].data
        for entry in np.ndindex(x.shape):
            before = x[entry]
            x[entry] = before + eps
            above = weighted()
            x[entry] = before - eps
            below = weighted()
            x[entry] = before
            numerical = (above - below) / (2 * eps)
            analytic = float(inputs[i].grad.data[entry]) if inputs[i].grad is not None else 0.0
            if abs(analytic - numerical) <= atol + rtol * abs(numerical):  # false for nan too
                continue
            if not raise_exception:
                return False
            message = (
                f"gradient of input {i}, entry {list(entry)}: "
                f"backward() says {analytic:.6g}, central differences say {numerical:.6g}"
            )
            left, right = (centre - below) / eps, (above - centre) / eps
            if abs(right - left) > 0.01 * max(abs(left), abs(right)):
                message += (
                    f". The slope is {left:.6g} to the left and {right:.6g} to the right: "
                    "the function has a kink here, so move the input away from it"
                )
            raise AssertionError(message)
    return True
