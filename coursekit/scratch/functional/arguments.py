"""What the operations let their arguments be: arrays or Tensors, one number for two, nothing at all."""

from coursekit.scratch.autograd import as_tensor


def single(value):
    """Give one number, for the one dimension of a sequence, as a tuple.

    Examples
    --------
    >>> single(3), single((3,))
    ((3,), (3,))
    """
    return tuple(value) if isinstance(value, tuple | list) else (value,)


def pair(value):
    """Give one number for rows and columns to both.

    Examples
    --------
    >>> pair(3), pair((1, 2))
    ((3, 3), (1, 2))
    """
    return tuple(value) if isinstance(value, tuple | list) else (value, value)


def images(name, input):
    """Turn the input of the operation `name` into a Tensor, of images."""
    x = as_tensor(input)
    if x.ndim != 4:
        raise RuntimeError(f"{name}: input must have shape (N, C, H, W), not {x.shape}")
    return x


def optional(value):
    """Turn an argument that may be None into a Tensor, or None, and an array, or None."""
    tensor = None if value is None else as_tensor(value)
    return tensor, None if tensor is None else tensor.data


def given(*edges):
    """Leave out of what `record` takes the inputs that were None.

    Examples
    --------
    >>> len(given((Tensor([1.0]), abs), (None, abs)))
    1
    """
    return [(tensor, gradient) for tensor, gradient in edges if tensor is not None]


def same_type(name, x, weight):
    """Refuse what NumPy would compute in another type than was asked for."""
    if x.dtype != weight.dtype:
        raise RuntimeError(f"{name}: input and weight must have one type, but they are {x.dtype} and {weight.dtype}")
