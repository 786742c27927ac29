"""Plain values as bytes and back: the only thing that passes between a student's process and the tests.

The format is closed: None, bool, int, float, complex, str, bytes, list, tuple, set, dict, NumPy scalars and arrays of
the dtypes in `DTYPES`, tensors of PyTorch, and opaque handles (a number that stands for an object which stays where it
is). Nothing in a message names code, so decoding one never runs any; there is no pickle here and no eval.

A tensor travels as its array, with a mark in front. `decode` gives an array for it, so a test that compares answers
sees the same whether a student returned one or the other, and needs no PyTorch itself. The student's side asks for
tensors: what a test sends as ``Tensor(array)`` is one when it arrives there.

`decode` is the trusted side's only door. Whatever bytes it is given it returns a plain value or raises `WireError`,
and it allocates in proportion to the message: `MAX_BYTES`, `MAX_ITEMS`, `MAX_DEPTH` and `MAX_LOOSE_KEYS` bound size,
count, nesting and the number of keys whose hashes a sender could make collide.

`encode` looks at exact types first, and reduces a subclass to its base (a named tuple becomes a tuple, a NumPy matrix
an array, an array that claims to equal everything an ordinary array), so no overridden method travels.

This file is also bound into the sandbox beside `worker.py`: standard library and, where it is there, NumPy.
"""

import struct
import sys

try:
    import numpy as np
except ImportError:  # an assignment whose packages do not include NumPy
    np = None

__all__ = ["DTYPES", "MAX_BYTES", "Tensor", "WireError", "decode", "encode", "read_frame", "write_frame"]

MAX_BYTES = 64 * 2**20
MAX_ITEMS = 250_000
MAX_DEPTH = 64
MAX_INT_BYTES = 1024  # 2 466 digits: below the 4 300 at which Python refuses to print an int
MAX_LOOSE_KEYS = 5_000  # keys other than strings: their hashes are not secret, so a sender could make them all collide
DTYPES = ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16")

_COUNT = struct.Struct(">I")
_FLOAT = struct.Struct(">d")
_COMPLEX = struct.Struct(">dd")
_KEY_TYPES = {type(None), bool, int, float, complex, str, bytes}

if np is not None:
    _DTYPES = [np.dtype(name).newbyteorder("<") for name in DTYPES]
    _CODES = {np.dtype(name): code for code, name in enumerate(DTYPES)}
    _KEY_TYPES |= {np.dtype(name).type for name in DTYPES}


class WireError(ValueError):
    """A message that is not in the format, or a value the format has no place for."""


class Tensor:
    """An array that shall arrive in the student's process as a tensor of PyTorch.

    Parameters
    ----------
    numbers : array_like

    Examples
    --------
    >>> from coursekit.grading import Tensor
    >>> decode(encode(Tensor([1.0, 2.0])))
    array([1., 2.])
    """

    __slots__ = ("array",)

    def __init__(self, numbers):
        self.array = np.asarray(numbers)


def encode(value, handle_of=None):
    """Turn a plain value into bytes.

    Parameters
    ----------
    value : object
        What to send.
    handle_of : callable, optional
        Called with every object that is not plain; returns ``(number, type name)`` to send in its place, or raises
        `WireError`. Without it such objects are refused.

    Returns
    -------
    bytes

    Raises
    ------
    WireError
        If the value is too large, too deep, or holds something the format has no place for.

    Examples
    --------
    >>> decode(encode({"loss": 0.5, "shape": (2, 3)}))
    {'loss': 0.5, 'shape': (2, 3)}
    """
    out = []
    _Encoder(out, handle_of).put(value, 0)
    message = b"".join(out)
    if len(message) > MAX_BYTES:
        raise WireError(f"the value takes {len(message):,} bytes; at most {MAX_BYTES:,} can be sent")
    return message


def decode(message, handle=None, tensor=None):
    """Turn bytes into the plain value they describe; safe on bytes from anyone.

    Parameters
    ----------
    message : bytes
        What came in, without the frame's length.
    handle : callable, optional
        Called with ``(number, type name)`` for every handle in the message; returns what stands in its place.
        Without it handles are malformed.
    tensor : callable, optional
        Called with the array of every tensor in the message; returns what stands in its place. Without it the array
        itself does.

    Returns
    -------
    object
        Built from the types named at the top of this module, and no others. Arrays are writable, C-ordered, native.

    Raises
    ------
    WireError
        If the bytes are not a message; never anything else.

    Examples
    --------
    >>> decode(b"l\\xff\\xff\\xff\\xff")
    Traceback (most recent call last):
    coursekit.grading.wire.WireError: a count of 4294967295 with 0 bytes left
    """
    if len(message) > MAX_BYTES:
        raise WireError(f"a message of {len(message):,} bytes; at most {MAX_BYTES:,} are accepted")
    decoder = _Decoder(message, handle, tensor)
    value = decoder.get(0)
    if decoder.position != len(message):
        raise WireError(f"{len(message) - decoder.position} bytes after the end of the value")
    return value


def write_frame(stream, message):
    """Write one message, its length in front, to a binary stream."""
    stream.write(_COUNT.pack(len(message)) + message)
    stream.flush()


def read_frame(stream):
    """Read one message from a buffered binary stream.

    Returns
    -------
    bytes or None
        None at the end of the stream.

    Raises
    ------
    WireError
        If the announced length is over `MAX_BYTES`, or the stream ends inside the message.
    """
    head = stream.read(_COUNT.size)
    if not head:
        return None
    if len(head) < _COUNT.size:
        raise WireError("the stream ended inside the length of a message")
    (length,) = _COUNT.unpack(head)
    if length > MAX_BYTES:
        raise WireError(f"a message of {length:,} bytes was announced; at most {MAX_BYTES:,} are accepted")
    parts, missing = [], length
    while missing:  # in pieces: an announced length is not memory until the bytes are there
        part = stream.read(min(missing, 2**20))
        if not part:
            raise WireError(f"the stream ended {missing} bytes before the end of a message")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


class _Encoder:
    def __init__(self, out, handle_of):
        self.out = out
        self.handle_of = handle_of
        self.items = 0

    def put(self, value, depth):
        self.items += 1
        if self.items > MAX_ITEMS:
            raise WireError(f"more than {MAX_ITEMS:,} values in one message; send numbers as an array")
        if depth > MAX_DEPTH:
            raise WireError(f"lists nested more than {MAX_DEPTH} deep, or a list that contains itself")
        kind = type(value)
        out = self.out
        if value is None:
            out.append(b"N")
        elif kind is bool:
            out.append(b"T" if value else b"F")
        elif np is not None and issubclass(kind, np.generic):  # before float and complex: np.float64 is one
            self._scalar(value)
        elif np is not None and issubclass(kind, np.ndarray):
            self._array(np.asarray(value), value)
        elif issubclass(kind, int):
            value = int.__add__(value, 0)
            size = (value.bit_length() + 8) // 8
            if size > MAX_INT_BYTES:
                raise WireError(f"an int of {size:,} bytes; at most {MAX_INT_BYTES:,} can be sent")
            out.append(b"i" + _COUNT.pack(size) + value.to_bytes(size, "big", signed=True))
        elif issubclass(kind, float):
            out.append(b"f" + _FLOAT.pack(float.__float__(value)))
        elif issubclass(kind, complex):
            value = complex.__add__(value, 0)
            out.append(b"c" + _COMPLEX.pack(value.real, value.imag))
        elif issubclass(kind, str):
            data = str.encode(value, "utf-8", "replace")
            out.append(b"s" + _COUNT.pack(len(data)) + data)
        elif issubclass(kind, (bytes, bytearray)):
            data = bytes(memoryview(value))
            out.append(b"b" + _COUNT.pack(len(data)) + data)
        elif issubclass(kind, list):
            self._sequence(b"l", list.__getitem__(value, slice(None)), depth)
        elif issubclass(kind, tuple):
            self._sequence(b"t", tuple.__getitem__(value, slice(None)), depth)
        elif issubclass(kind, (set, frozenset)):
            base = set if issubclass(kind, set) else frozenset
            self._keys(b"e", [(key,) for key in base.__iter__(value)], depth)
        elif issubclass(kind, dict):
            self._keys(b"d", list(dict.items(value)), depth)
        elif kind is Tensor:
            self._tensor(value.array, value)
        elif _is_tensor(value):
            try:
                array = sys.modules["torch"].Tensor.numpy(value, force=True)  # a copy on the CPU, without its graph
            except Exception as error:  # sparse, bfloat16, on no device, ...
                raise WireError(f"a tensor that has no form as an array: {error}") from None
            self._tensor(array, value)
        else:
            self._handle(value)

    def _tensor(self, array, original):
        if array.dtype.newbyteorder("=") not in _CODES:
            raise WireError(f"a tensor of dtype {array.dtype}; the wire has {', '.join(DTYPES)}")
        self.out.append(b"x")
        self._array(array, original)

    def _sequence(self, tag, values, depth):
        self.out.append(tag + _COUNT.pack(len(values)))
        for value in values:
            self.put(value, depth + 1)

    def _keys(self, tag, entries, depth):
        loose = sum(_looseness(entry[0]) for entry in entries)
        if loose > MAX_LOOSE_KEYS:
            raise WireError(f"{loose:,} keys that are not strings; at most {MAX_LOOSE_KEYS:,} can be sent")
        self.out.append(tag + _COUNT.pack(len(entries)))
        for entry in entries:
            if not _is_key(entry[0]):
                raise WireError(
                    f"a {type(entry[0]).__name__} as a key; numbers, strings, bytes and tuples of them can be"
                )
            for part in entry:
                self.put(part, depth + 1)

    def _scalar(self, value):
        code = _CODES.get(value.dtype)
        if code is None:
            if isinstance(value, (str, bytes)):  # np.str_, np.bytes_
                self.put(str(value) if isinstance(value, str) else bytes(value), 0)
            else:
                self._handle(value)
            return
        self.out.append(b"n" + bytes([code]) + np.asarray(value, _DTYPES[code]).tobytes())

    def _array(self, array, original):
        code = _CODES.get(array.dtype.newbyteorder("="))
        if code is None or max(array.shape, default=0) >= 2**32:
            self._handle(original)
            return
        if array.nbytes > MAX_BYTES:
            raise WireError(f"an array of {array.nbytes:,} bytes; at most {MAX_BYTES:,} can be sent")
        head = struct.pack(f">BB{array.ndim}I", code, array.ndim, *array.shape)
        self.out.append(b"a" + head + np.ascontiguousarray(array, _DTYPES[code]).tobytes())

    def _handle(self, value):
        if self.handle_of is None:
            raise WireError(f"a {type(value).__name__} cannot be sent; numbers, strings, lists, dicts and arrays can")
        number, name = self.handle_of(value)
        data = str(name).encode("utf-8", "replace")[:200]
        self.out.append(b"h" + _COUNT.pack(number) + _COUNT.pack(len(data)) + data)


def _is_tensor(value):
    torch = sys.modules.get("torch")  # whoever has a tensor has imported it
    return torch is not None and isinstance(value, getattr(torch, "Tensor", ()))


def _is_key(value):
    if type(value) is tuple:
        return len(value) <= MAX_DEPTH and all(type(part) in _KEY_TYPES for part in value)
    return type(value) in _KEY_TYPES


def _looseness(key):
    """What a key counts towards `MAX_LOOSE_KEYS`: comparing two tuples that collide takes a step for each part."""
    if type(key) is tuple:
        return max(1, len(key))
    return int(type(key) is not str)


class _Decoder:
    def __init__(self, message, handle, tensor):
        self.message = memoryview(message).toreadonly()
        self.handle = handle
        self.tensor = tensor
        self.position = 0
        self.items = 0
        self.loose_keys = 0

    def take(self, size):
        end = self.position + size
        if end > len(self.message):
            raise WireError(f"{size} bytes wanted with {len(self.message) - self.position} left")
        piece = self.message[self.position : end]
        self.position = end
        return piece

    def count(self):
        (count,) = _COUNT.unpack(self.take(_COUNT.size))
        left = len(self.message) - self.position
        if count > left:  # every item takes at least one byte
            raise WireError(f"a count of {count} with {left} bytes left")
        return count

    def get(self, depth):
        self.items += 1
        if self.items > MAX_ITEMS:
            raise WireError(f"more than {MAX_ITEMS:,} values in one message")
        if depth > MAX_DEPTH:
            raise WireError(f"nested more than {MAX_DEPTH} deep")
        tag = bytes(self.take(1))
        read = self.READERS.get(tag)
        if read is None:
            raise WireError(f"no value begins with {tag!r}")
        return read(self, depth)

    def _int(self, depth):
        size = self.count()
        if not 1 <= size <= MAX_INT_BYTES:
            raise WireError(f"an int of {size} bytes; 1 to {MAX_INT_BYTES} are accepted")
        return int.from_bytes(self.take(size), "big", signed=True)

    def _str(self, depth):
        try:
            return str(self.take(self.count()), "utf-8")
        except UnicodeDecodeError:
            raise WireError("a string that is not UTF-8") from None

    def _list(self, depth):
        return [self.get(depth + 1) for _ in range(self.count())]

    def _key(self, depth):
        key = self.get(depth + 1)
        if not _is_key(key):
            raise WireError(f"a {type(key).__name__} as a key")
        self.loose_keys += _looseness(key)
        if self.loose_keys > MAX_LOOSE_KEYS:
            raise WireError(f"more than {MAX_LOOSE_KEYS:,} keys that are not strings")
        return key

    def _set(self, depth):
        count = self.count()
        value = {self._key(depth) for _ in range(count)}
        if len(value) != count:
            raise WireError("a set with an element twice")
        return value

    def _dict(self, depth):
        count, value = self.count(), {}
        for _ in range(count):
            key = self._key(depth)
            value[key] = self.get(depth + 1)
        if len(value) != count:
            raise WireError("a dict with a key twice")
        return value

    def _numbers(self, code, shape):
        if np is None:
            raise WireError("an array, and NumPy is not here")
        if code >= len(DTYPES):
            raise WireError(f"dtype {code}; there are {len(DTYPES)}")
        dtype, count = _DTYPES[code], 1
        for size in shape:
            count *= size
        data = self.take(count * dtype.itemsize)
        if DTYPES[code] == "?":  # a byte that is neither 0 nor 1 would make a bool that is not itself
            return np.frombuffer(data, "u1").reshape(shape) != 0
        return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="))

    def _scalar(self, depth):
        (code,) = self.take(1)
        return self._numbers(code, (1,))[0]

    def _array(self, depth):
        code, dimensions = self.take(2)
        if dimensions > 32:
            raise WireError(f"an array of {dimensions} dimensions; at most 32 are accepted")
        shape = struct.unpack(f">{dimensions}I", self.take(4 * dimensions))
        try:
            numbers = self._numbers(code, shape)
            return np.asarray(numbers)  # comparing a 0-d array gave a scalar: make it an array again
        except (
            ValueError,
            MemoryError,
        ) as error:  # empty arrays whose other dimensions multiply past the address space
            raise WireError(f"an array of shape {shape}: {error}") from None

    def _tensor(self, depth):
        if bytes(self.take(1)) != b"a":
            raise WireError("a tensor that is not an array")
        array = self._array(depth)
        return array if self.tensor is None else self.tensor(array)

    def _handle(self, depth):
        (number,) = _COUNT.unpack(self.take(_COUNT.size))
        name = self._str(depth)
        if self.handle is None:
            raise WireError("a handle where only plain values may be")
        return self.handle(number, name)

    READERS = {  # noqa: RUF012 (a constant table)
        b"N": lambda self, depth: None,
        b"T": lambda self, depth: True,
        b"F": lambda self, depth: False,
        b"i": _int,
        b"f": lambda self, depth: _FLOAT.unpack(self.take(8))[0],
        b"c": lambda self, depth: complex(*_COMPLEX.unpack(self.take(16))),
        b"s": _str,
        b"b": lambda self, depth: bytes(self.take(self.count())),
        b"l": _list,
        b"t": lambda self, depth: tuple(self._list(depth)),
        b"e": _set,
        b"d": _dict,
        b"n": _scalar,
        b"a": _array,
        b"x": _tensor,
        b"h": _handle,
    }
