"""The wire: what goes in comes out, and nothing a stranger sends does anything but fail."""

import collections
import contextlib
import enum
import io
import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coursekit.grading import wire, wire_format
from coursekit.grading.wire import DTYPES, WireError, decode, encode

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.binary()
)
keys = scalars | st.tuples(st.integers(), st.text(st.characters(exclude_categories=["Cs"])))
dtypes = st.sampled_from([np.dtype(name) for name in DTYPES])
arrays = hnp.arrays(dtypes, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(keys, inner, max_size=5)
        | st.sets(keys, max_size=5)
    ),
    max_leaves=20,
)


@given(values)
def test_plain_values_survive(value):
    back = decode(encode(value))
    assert back == value
    assert type(back) is type(value)


@given(arrays)
def test_arrays_survive(array):
    back = decode(encode(array))
    assert type(back) is np.ndarray
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert back.tobytes() == np.ascontiguousarray(array).tobytes() or np.isnan(array).any()
    assert back.flags.writeable


@given(dtypes, st.integers(0, 1))
def test_numpy_scalars_survive(dtype, number):
    value = dtype.type(number)
    back = decode(encode(value))
    assert type(back) is type(value)
    assert back == value


@given(st.binary(max_size=400))
@example(b"")
@example(b"a\x07\x20" + b"\xff" * 128)
@example(b"a\x07\x02\x00\x00\x00\x00\xff\xff\xff\xff")
@example(b"n\xff" + bytes(16))
@example(b"i\x00\x00\x00\x00")
@example(b"d\x00\x00\x00\x01l\x00\x00\x00\x00N")
def test_random_bytes_are_a_value_or_a_wire_error(data):
    with contextlib.suppress(WireError):
        decode(data, handle=lambda number, name: (number, name))


@given(values | arrays, st.data())
@settings(max_examples=200)
def test_damaged_messages_are_a_value_or_a_wire_error(value, data):
    message = bytearray(encode(value))
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(message)))
        action = data.draw(st.sampled_from(["flip", "cut", "insert"]))
        if action == "flip" and position < len(message):
            message[position] = data.draw(st.integers(0, 255))
        elif action == "cut":
            del message[position:]
        else:
            message[position:position] = data.draw(st.binary(max_size=8))
    with contextlib.suppress(WireError):
        decode(bytes(message))


@pytest.mark.parametrize("tag", [b"l", b"t", b"d", b"e", b"s", b"b", b"i"])
def test_a_count_is_not_believed(tag):
    tracemalloc.start()
    with pytest.raises(WireError):
        decode(tag + b"\xff\xff\xff\xff" + b"N" * 10)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000


def test_an_array_is_as_large_as_its_bytes():
    head = b"a" + bytes([DTYPES.index("f8"), 2]) + (2**31).to_bytes(4, "big") * 2
    with pytest.raises(WireError, match="bytes wanted"):
        decode(head + bytes(64))
    with pytest.raises(WireError, match="after the end"):
        decode(encode(np.ones(3)) + b"\0")


def test_limits_hold_on_both_sides(monkeypatch):
    deep = []
    for _ in range(wire_format.MAX_DEPTH + 2):
        deep = [deep]
    with pytest.raises(WireError, match="nested"):
        encode(deep)
    with pytest.raises(WireError, match="nested"):
        decode(b"l\0\0\0\1" * (wire_format.MAX_DEPTH + 2) + b"N")
    monkeypatch.setattr(wire_format, "MAX_ITEMS", 100)
    with pytest.raises(WireError, match="100 values"):
        encode([0] * 100)
    with pytest.raises(WireError, match="100 values"):
        decode(b"l" + (200).to_bytes(4, "big") + b"N" * 200)
    monkeypatch.setattr(wire_format, "MAX_BYTES", 1000)
    with pytest.raises(WireError, match="at most 1,000"):
        encode(np.zeros(1000))
    with pytest.raises(WireError, match="at most 1,000"):
        decode(bytes(1001))
    with pytest.raises(WireError, match="announced"):
        wire.read_frame(io.BytesIO((2000).to_bytes(4, "big") + bytes(2000)))
    with pytest.raises(WireError, match="int of"):
        encode(1 << 9000)


def test_a_list_that_contains_itself_is_refused():
    loop = []
    loop.append(loop)
    with pytest.raises(WireError):
        encode(loop)


def test_keys_that_could_be_made_to_collide_are_few(monkeypatch):
    monkeypatch.setattr(wire_format, "MAX_LOOSE_KEYS", 50)
    with pytest.raises(WireError, match="keys that are not strings"):
        encode(dict.fromkeys(range(51)))
    message = b"e" + (51).to_bytes(4, "big") + b"".join(encode(key) for key in range(51))
    with pytest.raises(WireError, match="keys that are not strings"):
        decode(message)
    assert len(decode(encode(dict.fromkeys(map(str, range(500)))))) == 500


class Point(collections.namedtuple("Point", "x y")):
    pass


class Colour(enum.IntEnum):
    RED = 3


class AlwaysEqual(np.ndarray):
    def __eq__(self, other):
        return np.True_

    def __array__(self, *args, **kwargs):
        raise RuntimeError("asked")

    def __array_ufunc__(self, *args, **kwargs):
        return np.True_

    def __reduce__(self):
        raise RuntimeError("pickled")


class LyingFloat(float):
    def __float__(self):
        return 42.0

    def __eq__(self, other):
        return True


class LyingList(list):
    def __iter__(self):
        return iter([42])

    def __len__(self):
        return 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Point(1, 2), (1, 2)),
        (Colour.RED, 3),
        (LyingFloat(1.5), 1.5),
        (LyingList([1, 2]), [1, 2]),
        (collections.OrderedDict(a=1), {"a": 1}),
        (frozenset([1]), {1}),
        (bytearray(b"x"), b"x"),
        (np.str_("label"), "label"),
        (math.inf, math.inf),
    ],
)
def test_a_subclass_arrives_as_its_base(value, expected):
    back = decode(encode(value))
    assert back == expected
    assert type(back) is type(expected)


def test_an_array_subclass_arrives_as_an_array():
    liar = np.array([1.0, 2.0]).view(AlwaysEqual)
    back = decode(encode(liar))
    assert type(back) is np.ndarray
    assert back.tolist() == [1.0, 2.0]
    assert type(decode(encode(np.ma.array([1, 2], mask=[0, 1])))) is np.ndarray


@pytest.mark.parametrize(
    "value", [object(), np.array([object()]), np.array(["a"]), lambda: 0, {b"x": object}, range(3)]
)
def test_what_is_not_plain_needs_a_handle(value):
    with pytest.raises(WireError):
        encode(value)
    assert decode(encode([value], handle_of=lambda each: (7, "thing")), handle=lambda *each: each) == [
        (7, "thing")
    ] or (isinstance(value, dict))


def test_a_handle_where_none_may_be_is_malformed():
    message = encode(object(), handle_of=lambda value: (1, "object"))
    with pytest.raises(WireError, match="handle"):
        decode(message)


def test_every_byte_of_a_bool_is_a_bool():
    message = bytearray(encode(np.array([True, False])))
    message[-2:] = b"\x07\x00"
    back = decode(bytes(message))
    assert back.view("u1").tolist() == [1, 0]


def test_other_byte_orders_and_strides_are_normalised():
    big = np.arange(6, dtype=">f8").reshape(2, 3).T
    back = decode(encode(big))
    assert back.dtype.isnative
    assert back.flags.c_contiguous
    np.testing.assert_array_equal(back, big)


def test_frames():
    stream = io.BytesIO()
    wire.write_frame(stream, b"one")
    wire.write_frame(stream, b"")
    stream.seek(0)
    assert [wire.read_frame(stream) for _ in range(3)] == [b"one", b"", None]
    with pytest.raises(WireError, match="ended"):
        wire.read_frame(io.BytesIO(b"\0\0"))
    with pytest.raises(WireError, match="before the end"):
        wire.read_frame(io.BytesIO(b"\0\0\0\5abc"))


def test_every_part_of_a_tuple_that_is_a_key_counts():
    """They can be made to collide, and then each comparison takes as many steps as they have parts."""
    assert len(decode(encode({(i, j) for i in range(50) for j in range(50)}))) == 2500
    parts = wire_format.MAX_LOOSE_KEYS // 50 + 1
    many = {(1,) * 49 + (1 + j * (2**61 - 1),) for j in range(parts)}
    with pytest.raises(WireError, match="keys that are not strings"):
        encode(many)
    message = [b"e", wire_format.COUNT.pack(parts)]
    message += [encode(key) for key in many]
    with pytest.raises(WireError, match="keys that are not strings"):
        decode(b"".join(message))
