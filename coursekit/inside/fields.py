"""What a unit of any network can see: measured on the network made transparent.

Taught in the chapters on counting (by formula) and on what filters see.
"""

import torch
from torch.overrides import TorchFunctionMode

from coursekit.counting import ReceptiveField
from coursekit.inside.borrowing import borrowed, output_at

# Functions that treat every unit by itself, and through which influence passes unhindered when transparent.
LET_THROUGH = {
    *("relu", "relu_", "relu6", "hardtanh", "hardtanh_", "leaky_relu", "leaky_relu_", "elu", "elu_", "selu", "celu"),
    *("gelu", "silu", "mish", "tanh", "sigmoid", "softplus", "hardswish", "hardsigmoid", "threshold", "clamp"),
    *("clamp_min", "batch_norm", "dropout", "prelu"),
}


class Transparent(TorchFunctionMode):
    """While this is open, every weight of a convolution is positive, and nothing is rectified or loses a maximum.

    A gradient is then different from 0 exactly where a pixel *can* have influence.
    """

    def __torch_function__(self, function, types, arguments=(), named=None):
        named = named or {}
        name = getattr(function, "__name__", "")
        if name in LET_THROUGH:
            return arguments[0] if arguments else named["input"]
        if name in ("conv1d", "conv2d", "linear"):
            x, weight, *rest = arguments
            named.pop("bias", None)
            # Scaled so that neither the sum of all ways nor a single way leaves the range of float64 in a deep network.
            share = weight.shape[1] * weight[0, 0].numel() ** 0.5
            even = torch.full(weight.shape, 1 / share, dtype=x.dtype, device=x.device)
            return function(x, even, None, *rest[1:], **named)
        if name == "max_pool2d":
            window = dict(
                zip(("kernel_size", "stride", "padding", "dilation", "ceil_mode"), arguments[1:], strict=False)
            )
            window |= {
                key: value for key, value in named.items() if key in ("kernel_size", "stride", "padding", "ceil_mode")
            }
            window.pop("dilation", None)
            return torch.nn.functional.avg_pool2d(arguments[0], **window)
        return function(*arguments, **named)


def field_of(model, layer, image_shape):
    """Find which pixels the units of a layer can see: size, distance of neighbours, and where the first one stands.

    `coursekit.counting.receptive_field` calculates the same for a plain stack of layers. This works for any network
    that has maps there, with branches, shortcuts and padding that is done by hand.

    Parameters
    ----------
    model : torch.nn.Module
        Is left as it was.
    layer : str
        As in ``model.named_modules()``.
    image_shape : tuple of int
        (C, H, W).

    Returns
    -------
    rows, columns : coursekit.counting.ReceptiveField
        The middle of what unit i sees is ``first + jump * i + (size - 1) / 2``: with padding, `first` is negative.

    Raises
    ------
    ValueError
        If the layer gives no maps, or every unit sees all of the image however large that is.

    Examples
    --------
    >>> model = torch.nn.Sequential(torch.nn.Conv2d(1, 6, 5, padding=2), torch.nn.ReLU(), torch.nn.MaxPool2d(2))
    >>> field_of(model, "2", (1, 28, 28))[0]
    ReceptiveField(size=6, jump=2, first=-2)
    """
    with borrowed(model) as device, torch.inference_mode(False), torch.enable_grad():
        return tuple(_along(model, layer, image_shape, axis, device) for axis in (0, 1))


def _along(model, layer, image_shape, axis, device):
    channels, *sides = image_shape
    length, thin = sides[axis], min(sides[1 - axis], 64)
    found = None
    for factor in (1, 2, 4, 8, 16):  # until the padding, of this layer and those below, plays no part in the middle
        side = (factor * length, thin) if axis == 0 else (thin, factor * length)
        image = torch.ones(1, channels, *side, dtype=torch.float64, device=device, requires_grad=True)
        with Transparent():
            output = output_at(model, layer, image)
        if output.ndim != 4:
            raise ValueError(f"layer: {layer!r} has no feature maps, so that its units see all of the image")
        lines = output.sum(dim=(0, 1, 3 - axis))
        middle = len(lines) // 2
        if middle + 1 >= len(lines):
            continue
        (start, stop), (following, _) = (_extent(lines[unit], image, axis) for unit in (middle, middle + 1))
        jump = following - start
        before, found = found, ReceptiveField(stop - start, jump, start - jump * middle)
        if found == before:
            return found
    raise ValueError(f"layer: the units of {layer!r} see all of the image, even {factor} times as large as this one")


def _extent(line, image, axis):
    gradient = torch.autograd.grad(line, image, retain_graph=True)[0]
    touched = (gradient != 0).sum(dim=(0, 1, 3 - axis)).nonzero()
    return int(touched[0]), int(touched[-1]) + 1
