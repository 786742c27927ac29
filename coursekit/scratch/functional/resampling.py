"""Images of another size."""

from functools import partial

from coursekit.scratch import kernels
from coursekit.scratch.autograd import record
from coursekit.scratch.functional.arguments import images, pair


def interpolate(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    """Resize images, up or down, to a `size` or by a `scale_factor` (rounded down); see `kernels.resample`.

    Parameters
    ----------
    input : Tensor, shape (N, C, H, W)
    size : int or (rows, columns)
    scale_factor : float or (rows, columns)
    mode : {"nearest", "bilinear"}
    align_corners : bool, optional
        For mode "bilinear" only, see `kernels.bilinear_weights`.

    Examples
    --------
    >>> interpolate([[[[1.0, 2.0]]]], scale_factor=2)
    tensor([[[[1., 1., 2., 2.],
              [1., 1., 2., 2.]]]])
    """
    x = images("interpolate", input)
    if (size is None) == (scale_factor is None):
        raise ValueError(f"give either size or scale_factor, not size={size} and scale_factor={scale_factor}")
    if mode == "nearest" and align_corners is not None:
        raise ValueError(f'align_corners={align_corners} says nothing with mode="nearest": only "bilinear" has it')
    weights = {
        "nearest": kernels.nearest_weights,
        "bilinear": partial(kernels.bilinear_weights, align_corners=bool(align_corners)),
    }
    if mode not in weights:
        raise NotImplementedError(f'mode must be "nearest" or "bilinear", not {mode!r}')
    old, factors = x.shape[2:], pair(scale_factor)
    new = pair(size) if scale_factor is None else tuple(int(n * f) for n, f in zip(old, factors, strict=True))
    if min(*old, *new) < 1:
        raise RuntimeError(f"images of size {old} cannot become images of size {new}: both must be at least 1")
    rows, columns = map(weights[mode], old, new, factors)
    resize = kernels.pick if mode == "nearest" else kernels.resample
    return record(
        f"Upsample{mode.title()}2D",
        resize(x.data, rows, columns),
        (x, lambda grad: kernels.resample_gradient(grad, rows, columns)),
    )
