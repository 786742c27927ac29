"""Wrong solutions of task 1; see exercise.py. Whoever gets a shape wrong gets networks wrong."""

import math


def _shape(
    layer,
    shape,
    steps=None,
    rest=None,
    channels=None,
    ceil=True,
    last=True,
    groups=True,
    vector=True,
    fits=True,
    square=False,
    mean=None,
    flatten=None,
):
    """The right answer, but for what is handed in."""
    kind = layer["kind"]
    if kind == "mean":
        return mean(shape) if mean else shape[:1]
    if kind == "flatten":
        return flatten(shape) if flatten else (math.prod(shape),)
    if kind == "linear":
        if vector and len(shape) > 1:
            raise ValueError("flatten is missing")
        return (layer["outputs"],)
    if kind not in ("conv", "pool"):
        return shape
    C, H, W = shape
    if kind == "conv" and groups and (C % layer["groups"] or layer["filters"] % layer["groups"]):
        raise ValueError("groups")
    sides = []
    for n in (H, H if square else W):
        k, s, p, d = layer["kernel"], layer["stride"], layer["padding"], layer.get("dilation", 1)
        left = rest(n, k, p, d) if rest else n + 2 * p - d * (k - 1) - 1
        if fits and left < 0:
            raise ValueError("does not fit")
        count = steps(left, s) if steps else left // s + 1
        if ceil and layer.get("ceil"):
            count = -(-left // s) + 1
            if last and (count - 1) * s - p >= n:
                count -= 1
        sides.append(count)
    made = layer.get("filters", C)
    return (channels(C, made) if channels else made, *sides)


def output_shape__rounded_up(layer, shape):
    """Says: rounded up
    Also: network"""
    return _shape(layer, shape, steps=lambda left, s: -(-left // s) + 1)


def output_shape__rounded_to_nearest(layer, shape):
    """Says: output_shape(conv(8, 5
    Also: network"""
    return _shape(layer, shape, steps=lambda left, s: math.floor(left / s + 0.5) + 1)


def output_shape__one_inside_the_division(layer, shape):
    """Says: the + 1 is inside the division
    Also: network"""
    return _shape(layer, shape, steps=lambda left, s: (left + 1) // s)


def output_shape__no_plus_one(layer, shape):
    """Says: Is the + 1 missing
    Also: network"""
    return _shape(layer, shape, steps=lambda left, s: left // s)


def output_shape__padding_once(layer, shape):
    """Says: on one side only
    Also: network"""
    return _shape(layer, shape, rest=lambda n, k, p, d: n + p - d * (k - 1) - 1)


def output_shape__no_padding(layer, shape):
    """Says: the padding is not used
    Also: network"""
    return _shape(layer, shape, rest=lambda n, k, p, d: n - d * (k - 1) - 1)


def output_shape__no_dilation(layer, shape):
    """Says: the dilation is not used"""
    return _shape(layer, shape, rest=lambda n, k, p, d: n + 2 * p - k)


def output_shape__dilation_times_kernel(layer, shape):
    """Says: 7 pixels, not 9"""
    return _shape(layer, shape, rest=lambda n, k, p, d: n + 2 * p - d * k)


def output_shape__no_stride(layer, shape):
    """Says: the stride is not used
    Also: network"""
    return _shape(layer, shape, steps=lambda left, s: left + 1)


def output_shape__channels_stay(layer, shape):
    """Says: still those before the layer
    Also: network"""
    return _shape(layer, shape, channels=lambda C, made: C)


def output_shape__a_map_for_each_channel(layer, shape):
    """Says: filters times channels
    Also: network"""
    return _shape(layer, shape, channels=lambda C, made: made * C if layer["kind"] == "conv" else C)


def output_shape__square(layer, shape):
    """Says: Images need not be square
    Also: network"""
    return _shape(layer, shape, square=True)


def output_shape__exchanged(layer, shape):
    """Says: rows and columns are exchanged
    Also: network"""
    result = _shape(layer, shape)
    return (result[0], result[2], result[1]) if layer["kind"] in ("conv", "pool") else result


def output_shape__ceil_not_used(layer, shape):
    """Says: `ceil` is not used"""
    return _shape(layer, shape, ceil=False)


def output_shape__pooling_always_up(layer, shape):
    """Says: without `ceil` pooling rounds down
    Also: network"""
    return _shape({**layer, "ceil": True} if layer["kind"] == "pool" else layer, shape)


def output_shape__one_more_for_ceil(layer, shape):
    """Says: Only where pixels are left over"""
    result = _shape(layer, shape, ceil=False)
    return (result[0], result[1] + 1, result[2] + 1) if layer.get("ceil") else result


def output_shape__last_window_behind_the_image(layer, shape):
    """Says: It is left out again"""
    return _shape(layer, shape, last=False)


def output_shape__last_window_on_the_edge(layer, shape):
    """Leaves out a window that begins on the last pixel.
    Says: it stays"""
    result = _shape(layer, shape)
    if not layer.get("ceil"):
        return result
    s, p = layer["stride"], layer["padding"]
    return (result[0], *(c - ((c - 1) * s - p >= n - 1) for c, n in zip(result[1:], shape[1:], strict=True)))


def output_shape__never_refuses_a_window(layer, shape):
    """Says: a window of 5 does not fit"""
    return _shape(layer, shape, fits=False)


def output_shape__refuses_an_empty_map_only(layer, shape):
    """A window too large by less than a stride is a map of one pixel if the rest is rounded towards 0.
    Hidden only."""
    result = _shape(layer, shape, fits=False, steps=lambda left, s: int(left / s) + 1)
    if len(result) == 3 and min(result[1:]) < 1:
        raise ValueError("does not fit")
    return result


def output_shape__looks_at_rows_only(layer, shape):
    """Says: a window of 5 does not fit on 2 + 2 columns"""
    if layer["kind"] in ("conv", "pool"):
        _shape(layer, (shape[0], shape[1], shape[1]))
    return _shape(layer, shape, fits=False)


def output_shape__refuses_what_just_fits(layer, shape):
    """Hidden only.
    Also: network"""
    if layer["kind"] in ("conv", "pool"):
        reach = layer.get("dilation", 1) * (layer["kernel"] - 1) + 1
        if min(shape[1:]) + 2 * layer["padding"] <= reach:
            raise ValueError("does not fit")
    return _shape(layer, shape)


def output_shape__groups_and_channels_not_looked_at(layer, shape):
    """Says: do not divide 6 channels"""
    return _shape(layer, shape, groups=False)


def output_shape__groups_and_filters_not_looked_at(layer, shape):
    """Says: do not divide 6 filters"""
    if layer["kind"] == "conv" and shape[0] % layer["groups"]:
        raise ValueError("groups")
    return _shape(layer, shape, groups=False)


def output_shape__linear_takes_maps(layer, shape):
    """Says: flatten is missing"""
    return _shape(layer, shape, vector=False)


def output_shape__linear_takes_single_pixels(layer, shape):
    """Hidden only."""
    if layer["kind"] == "linear" and len(shape) == 3 and shape[1:] == (1, 1):
        return (layer["outputs"],)
    return _shape(layer, shape)


def output_shape__mean_leaves_ones(layer, shape):
    """Says: also as ones
    Also: network"""
    return _shape(layer, shape, mean=lambda shape: (shape[0], 1, 1))


def output_shape__mean_over_channels(layer, shape):
    """Says: one number for each map
    Also: network"""
    return _shape(layer, shape, mean=lambda shape: shape[1:])


def output_shape__flatten_one_map(layer, shape):
    """Says: those of all channels
    Also: network"""
    return _shape(layer, shape, flatten=lambda shape: (shape[1] * shape[2],))


def output_shape__linear_keeps_its_inputs(layer, shape):
    """Says: output_shape(linear(10)
    Also: network"""
    return shape if layer["kind"] == "linear" and len(shape) == 1 else _shape(layer, shape)
