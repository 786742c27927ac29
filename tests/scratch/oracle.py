"""PyTorch as the oracle: the same numbers go through both, and every result and every gradient must agree."""

import numpy as np
import torch
from hypothesis import strategies as st

from coursekit.scratch import Tensor

# Where PyTorch has changed its mind, coursekit does as the newer one: an older one is no oracle there.
SINCE_2_12, SINCE_2_14 = (torch.__version__ >= version for version in ("2.12", "2.14"))
TOLERANCE = {"float32": 1e-5, "float64": 1e-10}

dtypes = st.sampled_from(["float32", "float64"])
seeds = st.integers(0, 2**32 - 1)

# The same numbers, lying differently in memory.
LAYOUTS = {
    "rows first": np.ascontiguousarray,
    "columns first": np.asfortranarray,
    "first axis last": lambda a: np.moveaxis(np.ascontiguousarray(np.moveaxis(a, 0, -1)), -1, 0),
    "every other": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "backwards": lambda a: np.ascontiguousarray(a[..., ::-1])[..., ::-1],
}
layouts = st.sampled_from(sorted(LAYOUTS))


def arrays(seed, dtype, *shapes):
    """Normal numbers of the given shapes."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(dtype) for shape in shapes]


def assert_close(actual, expected, tolerance, what, scale=1.0):
    """Compare shape, type and numbers; errors count relative to the largest expected number, or to `scale`."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape, f"{what}: shape {actual.shape}, PyTorch has {expected.shape}"
    assert actual.dtype == expected.dtype, f"{what}: type {actual.dtype}, PyTorch has {expected.dtype}"
    scale = max(scale, float(np.abs(expected[np.isfinite(expected)]).max(initial=0)))
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance * scale, err_msg=what)


def assert_agrees(ours, theirs, inputs, layout="rows first", seed=0):
    """Run `ours` on Tensors and `theirs` on PyTorch's; compare the results, then the gradients of every input."""
    tolerance = TOLERANCE[str(inputs[0].dtype)]
    mine = [Tensor(array, requires_grad=True) for array in inputs]
    for tensor, array in zip(mine, inputs, strict=True):
        tensor.data = LAYOUTS[layout](array.copy()) if array.ndim else array.copy()
    original = [array.copy() for array in inputs]
    reference = [torch.from_numpy(array.copy()).requires_grad_() for array in inputs]

    out, expected = ours(*mine), theirs(*reference)
    # A sum of large numbers of both signs may come out small; its rounding errors are those of the large numbers.
    largest = max([1.0, *(float(np.abs(array).max(initial=0)) for array in inputs)])
    assert_close(out.detach().numpy(), expected.detach().numpy(), tolerance, "result", largest)

    above = np.random.default_rng(seed).normal(size=expected.shape).astype(str(expected.dtype).removeprefix("torch."))
    expected.backward(torch.from_numpy(above))
    out.backward(LAYOUTS[layout](above) if above.ndim else above)
    for number, (tensor, theirs_, before) in enumerate(zip(mine, reference, original, strict=True)):
        assert np.array_equal(tensor.data, before), f"input {number} was changed"
        if theirs_.grad is None:
            assert tensor.grad is None or not np.any(tensor.grad.data), f"gradient of input {number} should not exist"
        else:
            assert_close(tensor.grad.data, theirs_.grad.numpy(), tolerance, f"gradient of input {number}")
