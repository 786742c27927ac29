"""Paper to draw a digit on, and the layers of a trained network that look at it."""

import numpy as np

from coursekit.viz.live import Live, packed

__all__ = ["draw_a_digit"]


def draw_a_digit(model, examples, *, mean=0.0, std=1.0, classes=range(10)):
    """Let the reader draw a digit and watch every layer of a trained network answer.

    The weights go into the page in half precision and the forward pass is computed there. What is drawn is brought to
    the size and place that digits have in MNIST (LeCun, Cortes, Burges, "The MNIST database of handwritten digits":
    20 × 20 pixels, the centre of mass in the middle of 28 × 28), unless the reader turns that off, and can be moved.
    Taught in the chapter on backpropagation through convolution and pooling.

    Parameters
    ----------
    model : nn.Sequential of either backend
        From one channel of 28 × 28 to logits: of `Conv2d`, `MaxPool2d`, `ReLU`, `Flatten` and `Linear`.
    examples : dict of array_like, shape (28, 28) or (1, 28, 28)
        Name to image, values from 0 to 1: what the reader can start from. The first is shown first.
    mean, std : float
        What was subtracted from the images, and what they were then divided by, in training.
    classes : iterable
        What the outputs stand for.

    Returns
    -------
    Live
        Shows itself when it is the last expression of a cell.

    Raises
    ------
    TypeError
        If the model has a layer of another kind.
    ValueError
        If a layer has an option that the script does not know, or an image another shape or other values.

    Examples
    --------
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    >>> draw_a_digit(model, {"an empty page": np.zeros((28, 28))})
    draw_a_digit: Paper to draw a digit on, and the 2 layers of a network that look at it
    """
    layers = [_described(name, layer) for name, layer in model.named_children()]
    pictures = []
    for name, image in examples.items():
        image = np.asarray(image, dtype=float)
        if image.shape not in ((28, 28), (1, 28, 28)) or image.min() < 0 or image.max() > 1:
            raise ValueError(
                f"examples: {name!r} has shape {image.shape} and values from {image.min():g} to {image.max():g}; "
                "expected (28, 28), from 0 to 1"
            )
        pictures.append({"name": str(name), "image": packed(np.round(255 * image.reshape(28, 28)), "u1")})
    return Live(
        "draw_a_digit",
        f"Paper to draw a digit on, and the {len(layers)} layers of a network that look at it",
        "Paper to draw a digit on, and a network that looks at it, belong here. They need JavaScript: open this page "
        "in a browser that runs it, or run this cell in JupyterLab.",
        {
            "input": [1, 28, 28],
            "mean": float(mean),
            "std": float(std),
            "classes": [str(label) for label in classes],
            "layers": layers,
            "examples": pictures,
        },
    )


def _described(name, layer):
    """A layer as the script computes it."""
    kind = type(layer).__name__
    described = {"name": name, "kind": kind}
    if kind == "Conv2d":
        described |= {"stride": _one(name, layer, "stride"), "padding": _one(name, layer, "padding")}
        _must_be(name, layer, dilation=1, groups=1)
    elif kind == "MaxPool2d":
        described |= {"size": _one(name, layer, "kernel_size"), "stride": _one(name, layer, "stride")}
        _must_be(name, layer, padding=0, dilation=1)
    elif kind not in ("Linear", "ReLU", "Flatten"):
        raise TypeError(
            f"model: {name} is a {kind}; the page can compute Conv2d, MaxPool2d, ReLU, Flatten and Linear only"
        )
    if kind in ("Conv2d", "Linear"):
        weight = _array(layer.weight)
        bias = np.zeros(len(weight)) if layer.bias is None else _array(layer.bias)
        described |= {"weight": packed(weight, "f2"), "bias": packed(bias, "f2")}
    return described


def _one(name, layer, option):
    """An option that is the same along rows and columns, as one number."""
    value = getattr(layer, option)
    values = {value} if isinstance(value, (int, str)) else set(value)
    if len(values) > 1 or isinstance(value, str):
        raise ValueError(f"model: {name} has {option}={value!r}; the page can compute one number for rows and columns")
    return int(values.pop())


def _must_be(name, layer, **options):
    for option, expected in options.items():
        if _one(name, layer, option) != expected:
            raise ValueError(
                f"model: {name} has {option}={getattr(layer, option)}; the page can compute {expected} only"
            )


def _array(parameter):
    return parameter.detach().cpu().numpy() if hasattr(parameter, "detach") else np.asarray(parameter)
