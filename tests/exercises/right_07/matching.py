"""match and case; fractions; matrices that carry a field up."""

import functools
import math
import operator
from fractions import Fraction


def output_shape(layer, shape):
    match layer, shape:
        case {"kind": "conv", "filters": filters, "groups": groups}, (channels, height, width):
            if math.gcd(channels, groups) != groups or math.gcd(filters, groups) != groups:
                raise ValueError(f"groups {groups}")
            return filters, _windows(layer, height), _windows(layer, width)
        case {"kind": "pool"}, (channels, height, width):
            return channels, _windows(layer, height), _windows(layer, width)
        case {"kind": "mean"}, (channels, *_):
            return (channels,)
        case {"kind": "flatten"}, _:
            return (functools.reduce(operator.mul, shape),)
        case {"kind": "linear", "outputs": outputs}, (_,):
            return (outputs,)
        case {"kind": "linear"}, _:
            raise ValueError("not a vector")
    return tuple(shape)


def _windows(layer, n):
    p, s = layer["padding"], layer["stride"]
    steps = Fraction(n + 2 * p - layer.get("dilation", 1) * (layer["kernel"] - 1) - 1, s)
    if steps < 0:
        raise ValueError("no window fits")
    if not layer.get("ceil", False):
        return math.floor(steps) + 1
    return 1 + max(i for i in range(math.ceil(steps) + 1) if i * s - p < n)


def count_layer(layer, before, after):
    match layer:
        case {"kind": "norm"}:
            return 0, 2 * before[0], 2 * before[0], 0
        case {"kind": "pool" | "mean"}:
            return math.prod(after), 0, 0, 0
        case {"kind": "conv", "kernel": k, "groups": g, "bias": bias}:
            # Group by group.
            per_group = (after[0] // g) * (before[0] // g) * k**2
            return math.prod(after), g * per_group + bias * after[0], 0, g * per_group * math.prod(after[1:])
        case {"kind": "linear", "bias": bias}:
            return after[0], (before[0] + bias) * after[0], 0, before[0] * after[0]
    return 0, 0, 0, 0


def count_network(layers, shape):
    result = (0, 0, 0, 0)
    for layer in layers:
        match layer:
            case {"kind": "add", "paths": paths}:
                shapes, counts = zip(*(count_network(path, shape) for path in paths), strict=False)
                (shape,) = set(shapes)  # raises a ValueError if there are several
            case {"kind": "concat", "paths": paths}:
                shapes, counts = zip(*(count_network(path, shape) for path in paths), strict=False)
                ((height, width),) = {end[1:] for end in shapes}
                shape = sum(end[0] for end in shapes), height, width
            case _:
                after = output_shape(layer, shape)
                counts = (count_layer(layer, shape, after),)
                shape = after
        result = tuple(sum(column) for column in zip(result, *counts, strict=False))
    return shape, result


def largest_batch(memory, parameters, numbers, optimiser):
    copies = {"sgd": 2, "momentum": 3, "adam": 4}
    images = math.floor(Fraction(memory - 4 * parameters * copies[optimiser], 4 * numbers))
    return max(images, 0)


def receptive_field(layers):
    """Unit i sees jump * i + low to jump * i + high; a layer is a map of such pairs."""
    low = high = 0
    jump = 1
    for layer in layers:
        match layer:
            case {"paths": paths}:
                inside = [receptive_field(path) for path in paths]
                ((inner, *others),) = [list({j for _, j, _ in inside})]
                if others:
                    raise ValueError("jumps")
                low += jump * min(f for _, _, f in inside)
                high += jump * max(f + r - 1 for r, _, f in inside)
                jump *= inner
            case {"kernel": k, "stride": s, "padding": p}:
                low -= jump * p
                high += jump * (layer.get("dilation", 1) * (k - 1) - p)
                jump *= s
    return high - low + 1, jump, low


def pixels_seen(field, unit, n):
    size, jump, first = field
    return [first + unit * jump + i for i in range(size) if n > first + unit * jump + i >= 0]


def inverted_residual(channels, filters, stride, expansion):
    t = expansion
    match t, stride, channels == filters:
        case 1, 1, True:
            return [add([], [conv(channels, 3, 1, 1, groups=channels), norm(), relu(), conv(filters, 1), norm()])]
        case 1, _, _:
            return [conv(channels, 3, stride, 1, groups=channels), norm(), relu(), conv(filters, 1), norm()]
    first = [conv(t * channels, 1), norm(), relu()]
    then = inverted_residual(t * channels, filters, stride, 1)
    if then[0]["kind"] == "add":  # as wide as the middle: the inner sum is not meant
        then = then[0]["paths"][1]
    return [add([], first + then)] if stride == 1 and channels == filters else first + then


def mobilenet_v2(classes):
    def stage(channels, t, m, n, s):
        if n == 0:
            return []
        return inverted_residual(channels, m, s, t) + stage(m, t, m, n - 1, 1)

    return [
        conv(32, 3, 2, 1),
        norm(),
        relu(),
        *stage(32, 1, 16, 1, 1),
        *stage(16, 6, 24, 2, 2),
        *stage(24, 6, 32, 3, 2),
        *stage(32, 6, 64, 4, 2),
        *stage(64, 6, 96, 3, 1),
        *stage(96, 6, 160, 3, 2),
        *stage(160, 6, 320, 1, 1),
        conv(1280, 1),
        norm(),
        relu(),
        mean(),
        linear(classes),
    ]


def influence(layers, weights, image, unit, step):
    """A row of the image at a time, to save memory."""
    _C, H, W = image.shape
    before = run(layers, weights, image[None])[:, :, unit[0], unit[1]]
    rows = []
    for p in range(H):
        copies = np.tile(image, (W, 1, 1, 1))
        for q in range(W):
            copies[q, :, p, q] = image[:, p, q] + step
        after = run(layers, weights, copies)[:, :, unit[0], unit[1]]
        rows.append(np.sum(np.abs(after - before), axis=1))
    return np.array(rows)
