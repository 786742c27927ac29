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

This file, `wire_codec` and `wire_format` are also bound into the sandbox beside `worker.py`: standard library and,
where it is there, NumPy.
"""

if __package__:
    from . import wire_format as form
    from .wire_codec import Decoder, Encoder
    from .wire_format import DTYPES, Tensor, WireError
else:  # in the sandbox
    import wire_format as form
    from wire_codec import Decoder, Encoder
    from wire_format import DTYPES, Tensor, WireError

__all__ = ["DTYPES", "Tensor", "WireError", "decode", "encode", "read_frame", "write_frame"]


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
    Encoder(out, handle_of).put(value, 0)
    message = b"".join(out)
    if len(message) > form.MAX_BYTES:
        raise WireError(f"the value takes {len(message):,} bytes; at most {form.MAX_BYTES:,} can be sent")
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
    coursekit.grading.wire_format.WireError: a count of 4294967295 with 0 bytes left
    """
    if len(message) > form.MAX_BYTES:
        raise WireError(f"a message of {len(message):,} bytes; at most {form.MAX_BYTES:,} are accepted")
    decoder = Decoder(message, handle, tensor)
    value = decoder.get(0)
    if decoder.position != len(message):
        raise WireError(f"{len(message) - decoder.position} bytes after the end of the value")
    return value


def write_frame(stream, message):
    """Write one message, its length in front, to a binary stream."""
    stream.write(form.COUNT.pack(len(message)) + message)
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
    head = stream.read(form.COUNT.size)
    if not head:
        return None
    if len(head) < form.COUNT.size:
        raise WireError("the stream ended inside the length of a message")
    (length,) = form.COUNT.unpack(head)
    if length > form.MAX_BYTES:
        raise WireError(f"a message of {length:,} bytes was announced; at most {form.MAX_BYTES:,} are accepted")
    parts, missing = [], length
    while missing:  # in pieces: an announced length is not memory until the bytes are there
        part = stream.read(min(missing, 2**20))
        if not part:
            raise WireError(f"the stream ended {missing} bytes before the end of a message")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
