"""What may stand in a message, and how much of it: what both directions of `wire_codec` share.

Bound into the sandbox, like `wire` and `wire_codec`: standard library and, where it is there, NumPy.
"""

import struct

try:
    import numpy as np
except ImportError:  # an assignment whose packages do not include NumPy
    np = None

MAX_BYTES = 64 * 2**20
MAX_ITEMS = 250_000
MAX_DEPTH = 64
MAX_INT_BYTES = 1024  # 2 466 digits: below the 4 300 at which Python refuses to print an int
MAX_LOOSE_KEYS = 5_000  # keys other than strings: their hashes are not secret, so a sender could make them all collide
DTYPES = ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16")

COUNT = struct.Struct(">I")
FLOAT = struct.Struct(">d")
COMPLEX = struct.Struct(">dd")
KEY_TYPES = {type(None), bool, int, float, complex, str, bytes}

if np is not None:
    LITTLE_ENDIAN = [np.dtype(name).newbyteorder("<") for name in DTYPES]
    CODES = {np.dtype(name): code for code, name in enumerate(DTYPES)}
    KEY_TYPES |= {np.dtype(name).type for name in DTYPES}


class WireError(ValueError):
    """A message that is not in the format, or a value the format has no place for."""


class Tensor:
    """An array that shall arrive in the student's process as a tensor of PyTorch.

    Parameters
    ----------
    numbers : array_like

    Examples
    --------
    >>> from coursekit.grading.wire import Tensor, decode, encode
    >>> decode(encode(Tensor([1.0, 2.0])))
    array([1., 2.])
    """

    __slots__ = ("array",)

    def __init__(self, numbers):
        self.array = np.asarray(numbers)


def is_key(value):
    """Whether a value may be a key or the element of a set."""
    if type(value) is tuple:
        return len(value) <= MAX_DEPTH and all(type(part) in KEY_TYPES for part in value)
    return type(value) in KEY_TYPES


def looseness(key):
    """What a key counts towards `MAX_LOOSE_KEYS`: comparing two tuples that collide takes a step for each part."""
    if type(key) is tuple:
        return max(1, len(key))
    return int(type(key) is not str)
