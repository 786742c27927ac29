"""How Tensors look when printed."""

import numpy as np


def print_style(x):
    """Print floats as PyTorch does: whole numbers as `1.`, others with four decimals or, far apart, with exponents."""
    if x.dtype.kind != "f":
        return {}
    finite = x[np.isfinite(x)]
    sizes = np.abs(finite[finite != 0])
    low, high = sizes.min(initial=np.inf), sizes.max(initial=0)
    whole = (finite == np.floor(finite)).all()
    if high > 1000 * low or high > 1e8 or (low < 1e-4 and not whole):
        style = "{:.4e}".format
    else:
        style = "{:.0f}.".format if whole else "{:.4f}".format
    width = max((len(style(value)) for value in (finite.min(), finite.max())), default=0) if finite.size else 0
    return {"formatter": {"float_kind": lambda value: style(value).rjust(width) if np.isfinite(value) else str(value)}}
