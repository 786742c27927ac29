"""Values into bytes, and bytes from anyone into values: how each kind is written, and below it how it is read.

`wire` says what for. The reader takes what is there and nothing else, and calls nothing that a message could name.
"""

import struct
import sys

try:
    import numpy as np
except ImportError:  # an assignment whose packages do not include NumPy
    np = None

if __package__:
    from . import wire_format as form
else:  # in the sandbox
    import wire_format as form

__all__ = ["Decoder", "Encoder"]


class Encoder:
    def __init__(self, out, handle_of):
        self.out = out
        self.handle_of = handle_of
        self.items = 0

    def put(self, value, depth):
        self.items += 1
        if self.items > form.MAX_ITEMS:
            raise form.WireError(f"more than {form.MAX_ITEMS:,} values in one message; send numbers as an array")
        if depth > form.MAX_DEPTH:
            raise form.WireError(f"lists nested more than {form.MAX_DEPTH} deep, or a list that contains itself")
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
            if size > form.MAX_INT_BYTES:
                raise form.WireError(f"an int of {size:,} bytes; at most {form.MAX_INT_BYTES:,} can be sent")
            out.append(b"i" + form.COUNT.pack(size) + value.to_bytes(size, "big", signed=True))
        elif issubclass(kind, float):
            out.append(b"f" + form.FLOAT.pack(float.__float__(value)))
        elif issubclass(kind, complex):
            value = complex.__add__(value, 0)
            out.append(b"c" + form.COMPLEX.pack(value.real, value.imag))
        elif issubclass(kind, str):
            data = str.encode(value, "utf-8", "replace")
            out.append(b"s" + form.COUNT.pack(len(data)) + data)
        elif issubclass(kind, (bytes, bytearray)):
            data = bytes(memoryview(value))
            out.append(b"b" + form.COUNT.pack(len(data)) + data)
        elif issubclass(kind, list):
            self._sequence(b"l", list.__getitem__(value, slice(None)), depth)
        elif issubclass(kind, tuple):
            self._sequence(b"t", tuple.__getitem__(value, slice(None)), depth)
        elif issubclass(kind, (set, frozenset)):
            base = set if issubclass(kind, set) else frozenset
            self._keys(b"e", [(key,) for key in base.__iter__(value)], depth)
        elif issubclass(kind, dict):
            self._keys(b"d", list(dict.items(value)), depth)
        elif kind is form.Tensor:
            self._tensor(value.array, value)
        elif _is_tensor(value):
            try:
                array = sys.modules["torch"].Tensor.numpy(value, force=True)  # a copy on the CPU, without its graph
            except Exception as error:  # sparse, bfloat16, on no device, ...
                raise form.WireError(f"a tensor that has no form as an array: {error}") from None
            self._tensor(array, value)
        else:
            self._handle(value)

    def _tensor(self, array, original):
        if array.dtype.newbyteorder("=") not in form.CODES:
            raise form.WireError(f"a tensor of dtype {array.dtype}; the wire has {', '.join(form.DTYPES)}")
        self.out.append(b"x")
        self._array(array, original)

    def _sequence(self, tag, values, depth):
        self.out.append(tag + form.COUNT.pack(len(values)))
        for value in values:
            self.put(value, depth + 1)

    def _keys(self, tag, entries, depth):
        loose = sum(form.looseness(entry[0]) for entry in entries)
        if loose > form.MAX_LOOSE_KEYS:
            raise form.WireError(f"{loose:,} keys that are not strings; at most {form.MAX_LOOSE_KEYS:,} can be sent")
        self.out.append(tag + form.COUNT.pack(len(entries)))
        for entry in entries:
            if not form.is_key(entry[0]):
                raise form.WireError(
                    f"a {type(entry[0]).__name__} as a key; numbers, strings, bytes and tuples of them can be"
                )
            for part in entry:
                self.put(part, depth + 1)

    def _scalar(self, value):
        code = form.CODES.get(value.dtype)
        if code is None:
            if isinstance(value, (str, bytes)):  # np.str_, np.bytes_
                self.put(str(value) if isinstance(value, str) else bytes(value), 0)
            else:
                self._handle(value)
            return
        self.out.append(b"n" + bytes([code]) + np.asarray(value, form.LITTLE_ENDIAN[code]).tobytes())

    def _array(self, array, original):
        code = form.CODES.get(array.dtype.newbyteorder("="))
        if code is None or max(array.shape, default=0) >= 2**32:
            self._handle(original)
            return
        if array.nbytes > form.MAX_BYTES:
            raise form.WireError(f"an array of {array.nbytes:,} bytes; at most {form.MAX_BYTES:,} can be sent")
        head = struct.pack(f">BB{array.ndim}I", code, array.ndim, *array.shape)
        self.out.append(b"a" + head + np.ascontiguousarray(array, form.LITTLE_ENDIAN[code]).tobytes())

    def _handle(self, value):
        if self.handle_of is None:
            raise form.WireError(
                f"a {type(value).__name__} cannot be sent; numbers, strings, lists, dicts and arrays can"
            )
        number, name = self.handle_of(value)
        data = str(name).encode("utf-8", "replace")[:200]
        self.out.append(b"h" + form.COUNT.pack(number) + form.COUNT.pack(len(data)) + data)


def _is_tensor(value):
    torch = sys.modules.get("torch")  # whoever has a tensor has imported it
    return torch is not None and isinstance(value, getattr(torch, "Tensor", ()))


class Decoder:
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
            raise form.WireError(f"{size} bytes wanted with {len(self.message) - self.position} left")
        piece = self.message[self.position : end]
        self.position = end
        return piece

    def count(self):
        (count,) = form.COUNT.unpack(self.take(form.COUNT.size))
        left = len(self.message) - self.position
        if count > left:  # every item takes at least one byte
            raise form.WireError(f"a count of {count} with {left} bytes left")
        return count

    def get(self, depth):
        self.items += 1
        if self.items > form.MAX_ITEMS:
            raise form.WireError(f"more than {form.MAX_ITEMS:,} values in one message")
        if depth > form.MAX_DEPTH:
            raise form.WireError(f"nested more than {form.MAX_DEPTH} deep")
        tag = bytes(self.take(1))
        read = self.READERS.get(tag)
        if read is None:
            raise form.WireError(f"no value begins with {tag!r}")
        return read(self, depth)

    def _int(self, depth):
        size = self.count()
        if not 1 <= size <= form.MAX_INT_BYTES:
            raise form.WireError(f"an int of {size} bytes; 1 to {form.MAX_INT_BYTES} are accepted")
        return int.from_bytes(self.take(size), "big", signed=True)

    def _str(self, depth):
        try:
            return str(self.take(self.count()), "utf-8")
        except UnicodeDecodeError:
            raise form.WireError("a string that is not UTF-8") from None

    def _list(self, depth):
        return [self.get(depth + 1) for _ in range(self.count())]

    def _key(self, depth):
        key = self.get(depth + 1)
        if not form.is_key(key):
            raise form.WireError(f"a {type(key).__name__} as a key")
        self.loose_keys += form.looseness(key)
        if self.loose_keys > form.MAX_LOOSE_KEYS:
            raise form.WireError(f"more than {form.MAX_LOOSE_KEYS:,} keys that are not strings")
        return key

    def _set(self, depth):
        count = self.count()
        value = {self._key(depth) for _ in range(count)}
        if len(value) != count:
            raise form.WireError("a set with an element twice")
        return value

    def _dict(self, depth):
        count, value = self.count(), {}
        for _ in range(count):
            key = self._key(depth)
            value[key] = self.get(depth + 1)
        if len(value) != count:
            raise form.WireError("a dict with a key twice")
        return value

    def _numbers(self, code, shape):
        if np is None:
            raise form.WireError("an array, and NumPy is not here")
        if code >= len(form.DTYPES):
            raise form.WireError(f"dtype {code}; there are {len(form.DTYPES)}")
        dtype, count = form.LITTLE_ENDIAN[code], 1
        for size in shape:
            count *= size
        data = self.take(count * dtype.itemsize)
        if form.DTYPES[code] == "?":  # a byte that is neither 0 nor 1 would make a bool that is not itself
            return np.frombuffer(data, "u1").reshape(shape) != 0
        return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="))

    def _scalar(self, depth):
        (code,) = self.take(1)
        return self._numbers(code, (1,))[0]

    def _array(self, depth):
        code, dimensions = self.take(2)
        if dimensions > 32:
            raise form.WireError(f"an array of {dimensions} dimensions; at most 32 are accepted")
        shape = struct.unpack(f">{dimensions}I", self.take(4 * dimensions))
        try:
            numbers = self._numbers(code, shape)
            return np.asarray(numbers)  # comparing a 0-d array gave a scalar: make it an array again
        except (
            ValueError,
            MemoryError,
        ) as error:  # empty arrays whose other dimensions multiply past the address space
            raise form.WireError(f"an array of shape {shape}: {error}") from None

    def _tensor(self, depth):
        if bytes(self.take(1)) != b"a":
            raise form.WireError("a tensor that is not an array")
        array = self._array(depth)
        return array if self.tensor is None else self.tensor(array)

    def _handle(self, depth):
        (number,) = form.COUNT.unpack(self.take(form.COUNT.size))
        name = self._str(depth)
        if self.handle is None:
            raise form.WireError("a handle where only plain values may be")
        return self.handle(number, name)

    READERS = {  # noqa: RUF012 (a constant table)
        b"N": lambda self, depth: None,
        b"T": lambda self, depth: True,
        b"F": lambda self, depth: False,
        b"i": _int,
        b"f": lambda self, depth: form.FLOAT.unpack(self.take(8))[0],
        b"c": lambda self, depth: complex(*form.COMPLEX.unpack(self.take(16))),
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
