"""Wrong solutions of task 4; see exercise.py."""


def _field(layers, step, state=(1, 1, 0), meet=None, begin=None):
    """Walk through a description; `step` is one window, `meet` what becomes of paths."""
    for layer in layers:
        if "paths" in layer:
            ends = []
            for path in layer["paths"]:
                start = begin(state, ends) if begin else state
                ends.append(_field(path, step, start, meet, begin))
            state = (meet or _meet)(ends)
        elif "kernel" in layer:
            state = step(layer, *state)
    return state


def _meet(ends):
    if len({j for _, j, _ in ends}) != 1:
        raise ValueError("jumps differ")
    first = min(f for _, _, f in ends)
    return max(f + r for r, _, f in ends) - first, ends[0][1], first


def _step(layer, r, j, f):
    k, s, p, d = layer["kernel"], layer["stride"], layer["padding"], layer.get("dilation", 1)
    return r + d * (k - 1) * j, j * s, f - p * j


def receptive_field__jump_first(layers):
    """Says: the jump is updated too early"""

    def step(layer, r, j, f):
        k, s, p, d = layer["kernel"], layer["stride"], layer["padding"], layer.get("dilation", 1)
        j *= s
        return r + d * (k - 1) * j, j, f - p * j

    return _field(layers, step)


def receptive_field__jump_before_first(layers):
    """Says: the jump is updated before `first`"""

    def step(layer, r, j, f):
        r, new, _ = _step(layer, r, j, f)
        return r, new, f - layer["padding"] * new

    return _field(layers, step)


def receptive_field__jump_before_size(layers):
    """Says: the jump is updated before `size`"""

    def step(layer, r, j, f):
        _, new, f = _step(layer, r, j, f)
        return r + layer.get("dilation", 1) * (layer["kernel"] - 1) * new, new, f

    return _field(layers, step)


def receptive_field__no_dilation(layers):
    """Says: the dilation is not used"""
    return _field(layers, lambda layer, r, j, f: _step({**layer, "dilation": 1}, r, j, f))


def receptive_field__no_jump(layers):
    """Says: the jump is not used"""

    def step(layer, r, j, f):
        r, _, f = _step(layer, r, 1, f)
        return r, j * layer["stride"], f

    return _field(layers, step)


def receptive_field__padding_in_units(layers):
    """Says: padding is counted in units"""

    def step(layer, r, j, f):
        r, j, _ = _step(layer, r, j, f)
        return r, j, f - layer["padding"]

    return _field(layers, step)


def receptive_field__padding_to_the_right(layers):
    """Says: moves the first piece to the left"""

    def step(layer, r, j, f):
        new, jump, _ = _step(layer, r, j, f)
        return new, jump, f + layer["padding"] * j

    return _field(layers, step)


def receptive_field__no_padding(layers):
    """Says: the padding is not used"""
    return _field(layers, lambda layer, r, j, f: _step({**layer, "padding": 0}, r, j, f))


def receptive_field__k_steps(layers):
    """Says: k - 1 steps"""

    def step(layer, r, j, f):
        new, jump, f = _step(layer, r, j, f)
        return new + layer.get("dilation", 1) * j, jump, f

    return _field(layers, step)


def receptive_field__no_pooling(layers):
    """Says: pooling has a window, too"""
    return _field(layers, lambda layer, r, j, f: _step(layer, r, j, f) if layer["kind"] == "conv" else (r, j, f))


def receptive_field__stride_added(layers):
    """Two strides of 2 hide it.
    Hidden only."""

    def step(layer, r, j, f):
        r, _, f = _step(layer, r, j, f)
        return r, j + layer["stride"] if j > 1 and layer["stride"] > 1 else j * layer["stride"], f

    return _field(layers, step)


def receptive_field__first_path(layers):
    """Says: look into `paths`, too"""
    return _field(layers, _step, meet=lambda ends: _meet(ends) and ends[0])


def receptive_field__last_path(layers):
    """Says: the last path only"""
    return _field(layers, _step, meet=lambda ends: _meet(ends) and ends[-1])


def receptive_field__larger_path(layers):
    """Says: the path with the larger field"""
    return _field(layers, _step, meet=lambda ends: _meet(ends) and max(ends))


def receptive_field__largest_size_and_lowest_first(layers):
    """Says: also its last pixel must be looked at"""

    def meet(ends):
        _, j, first = _meet(ends)
        return max(ends)[0], j, first

    return _field(layers, _step, meet=meet)


def receptive_field__one_too_many(layers):
    """Counts the pixel behind the piece.
    Says: the last pixel of a piece"""

    def meet(ends):
        r, j, f = _meet(ends)
        return (r + 1 if len({(r, f) for r, _, f in ends}) > 1 and ends[0][2] != 0 else r), j, f

    return _field(layers, _step, meet=meet)


def receptive_field__paths_on_top(layers):
    """Says: on top of the other"""
    return _field(
        layers, _step, begin=lambda state, ends: ends[-1] if ends else state, meet=lambda ends: _meet([ends[-1]])
    )


def receptive_field__paths_begin_anew(layers):
    """Says: of [conv(4, 3, stride=2), add"""
    return _field(layers, _step, begin=lambda state, ends: (1, 1, 0))


def receptive_field__jumps_not_looked_at(layers):
    """Says: one path has jump 1"""

    def meet(ends):
        first = min(f for _, _, f in ends)
        return max(f + r for r, _, f in ends) - first, max(j for _, j, _ in ends), first

    return _field(layers, _step, meet=meet)


def receptive_field__two_jumps_compared(layers):
    """Only the first two paths.
    Hidden only."""

    def meet(ends):
        _meet(ends[:2])
        return _meet([(r, ends[0][1], f) for r, _, f in ends])

    return _field(layers, _step, meet=meet)


def receptive_field__only_one_level(layers):
    """Branches in branches are left out.
    Hidden only."""

    def inner(layers):
        return [{**each, "paths": [_flat(p) for p in each["paths"]]} if "paths" in each else each for each in layers]

    return _field(inner(layers), _step)


def _flat(path):
    return [each for each in path if "paths" not in each]


def receptive_field__in_another_order(layers):
    """Says: (size, jump, first)"""
    r, j, f = _field(layers, _step)
    return r, f, j


def pixels_seen__one_too_many(field, unit, n):
    """Says: one pixel too many"""
    size, jump, first = field
    start = first + unit * jump
    return list(range(max(start, 0), min(start + size + 1, n)))


def pixels_seen__one_too_few(field, unit, n):
    """Says: one pixel is missing"""
    size, jump, first = field
    start = first + unit * jump
    return list(range(max(start, 0), min(start + size - 1, n)))


def pixels_seen__steps_of_the_size(field, unit, n):
    """Says: not the size"""
    size, _, first = field
    start = first + unit * size
    return list(range(max(start, 0), min(start + size, n)))


def pixels_seen__no_jump(field, unit, n):
    """Steps of one pixel hide it.
    Says: it is the jump, 3 pixels"""
    size, _, first = field
    start = first + unit
    return list(range(max(start, 0), min(start + size, n)))


def pixels_seen__no_first(field, unit, n):
    """Says: `first` is not used"""
    size, jump, _ = field
    start = unit * jump
    return list(range(max(start, 0), min(start + size, n)))


def pixels_seen__from_one(field, unit, n):
    """Says: numbered from 0"""
    size, jump, first = field
    start = first + (unit - 1) * jump
    return list(range(max(start, 0), min(start + size, n)))


def pixels_seen__into_the_padding(field, unit, n):
    """Says: are padding. The image begins"""
    size, jump, first = field
    start = first + unit * jump
    return list(range(start, min(start + size, n)))


def pixels_seen__behind_the_image(field, unit, n):
    """The left edge is right.
    Says: pixels behind the image"""
    size, jump, first = field
    start = first + unit * jump
    return list(range(max(start, 0), start + size))


def pixels_seen__last_pixel_is_n(field, unit, n):
    """Says: ends with pixel 10"""
    size, jump, first = field
    start = first + unit * jump
    return list(range(max(start, 0), min(start + size, n + 1)))


def pixels_seen__moved_into_the_image(field, unit, n):
    """Says: not made up for on the right"""
    size, jump, first = field
    start = max(first + unit * jump, 0)
    return list(range(start, min(start + size, n)))


def pixels_seen__moved_back_into_the_image(field, unit, n):
    """Says: not made up for on the left"""
    size, jump, first = field
    start = first + unit * jump
    stop = min(start + size, n)
    return list(range(max(stop - size if start > 0 else start, 0), stop))
