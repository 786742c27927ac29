"""A little function for every kind of layer, in tables; fields that are put on top of each other."""

import math
from functools import reduce


def _places(n, k, s, p, d=1, ceil=False):
    left = n + 2 * p - d * (k - 1) - 1
    if left < 0:
        raise ValueError("the window does not fit")
    if not ceil:
        return left // s + 1
    count = math.ceil(left / s) + 1
    return count - 1 if (count - 1) * s >= n + p else count


def _conv_shape(layer, shape):
    C, *sides = shape
    if C % layer["groups"] != 0 or layer["filters"] % layer["groups"] != 0:
        raise ValueError("groups")
    how = (layer[key] for key in ("kernel", "stride", "padding", "dilation"))
    how = tuple(how)
    return (layer["filters"], *(_places(n, *how) for n in sides))


def _pool_shape(layer, shape):
    how = layer["kernel"], layer["stride"], layer["padding"], 1, layer["ceil"]
    return (shape[0], *(_places(n, *how) for n in shape[1:]))


def _linear_shape(layer, shape):
    (_,) = shape  # raises a ValueError if there are more
    return (layer["outputs"],)


def output_shape(layer, shape):
    table = {
        "conv": _conv_shape,
        "pool": _pool_shape,
        "linear": _linear_shape,
        "mean": lambda layer, shape: (shape[0],),
        "flatten": lambda layer, shape: (math.prod(shape),),
    }
    return table.get(layer["kind"], lambda layer, shape: shape)(layer, shape)


def count_layer(layer, before, after):
    units = math.prod(after)

    def conv():
        weights = layer["filters"] * before[0] // layer["groups"] * layer["kernel"] ** 2
        bias = layer["filters"] if layer["bias"] else 0
        return units, weights + bias, 0, weights * after[1] * after[2]

    def linear():
        weights = before[0] * after[0]
        return units, weights + int(layer["bias"]) * after[0], 0, weights

    table = {
        "conv": conv,
        "linear": linear,
        "norm": lambda: (0, 2 * after[0], 2 * after[0], 0),
        "pool": lambda: (units, 0, 0, 0),
        "mean": lambda: (units, 0, 0, 0),
    }
    return table.get(layer["kind"], lambda: (0, 0, 0, 0))()


def count_network(layers, shape):
    rows = []

    def walk(layers, shape):
        for layer in layers:
            if layer["kind"] == "add":
                ends = [walk(path, shape) for path in layer["paths"]]
                if any(end != ends[0] for end in ends):
                    raise ValueError("add")
                shape = ends[0]
            elif layer["kind"] == "concat":
                ends = [walk(path, shape) for path in layer["paths"]]
                if any(end[1:] != ends[0][1:] for end in ends):
                    raise ValueError("concat")
                shape = (sum(end[0] for end in ends), *ends[0][1:])
            else:
                before, shape = shape, output_shape(layer, shape)
                rows.append(count_layer(layer, before, shape))
        return shape

    shape = walk(layers, shape)
    return shape, tuple(map(sum, zip((0, 0, 0, 0), *rows, strict=False)))


def largest_batch(memory, parameters, numbers, optimiser):
    copies = 2 + ["sgd", "momentum", "adam"].index(optimiser)
    images = (memory // 4 - copies * parameters) // numbers
    return images if images > 0 else 0


def _on_top(below, above):
    """Fields compose: what `above` sees, counted in what `below` sees."""
    (r, j, f), (R, J, F) = below, above
    return r + (R - 1) * j, j * J, f + F * j


def receptive_field(layers):
    fields = []
    for layer in layers:
        if "paths" in layer:
            ends = [receptive_field(path) for path in layer["paths"]]
            if len({j for _, j, _ in ends}) > 1:
                raise ValueError("jumps")
            low, high = min(f for _, _, f in ends), max(f + r - 1 for r, _, f in ends)
            fields.append((high - low + 1, ends[0][1], low))
        elif layer["kind"] == "conv":
            fields.append((layer["dilation"] * (layer["kernel"] - 1) + 1, layer["stride"], -layer["padding"]))
        elif layer["kind"] == "pool":
            fields.append((layer["kernel"], layer["stride"], -layer["padding"]))
    return reduce(_on_top, fields, (1, 1, 0))


def pixels_seen(field, unit, n):
    r, j, f = field
    return [x for x in range(n) if f + j * unit <= x < f + j * unit + r]


def inverted_residual(channels, filters, stride, expansion):
    hidden = channels * expansion
    layers = []
    if expansion > 1:
        layers.extend([conv(hidden, 1), norm(), relu()])
    layers.extend([conv(hidden, 3, stride, 1, 1, hidden), norm(), relu(), conv(filters, 1), norm()])
    return [add(layers, [])] if stride == 1 and channels == filters else layers


def mobilenet_v2(classes):
    widths = [32, 16, *2 * [24], *3 * [32], *4 * [64], *3 * [96], *3 * [160], 320]
    strides = [1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1]
    layers = [conv(32, 3, 2, 1), norm(), relu()]
    for i, stride in enumerate(strides):
        layers.extend(inverted_residual(widths[i], widths[i + 1], stride, 6 if i else 1))
    return [*layers, conv(1280, 1), norm(), relu(), mean(), linear(classes)]


def influence(layers, weights, image, unit, step):
    _C, H, W = image.shape
    moved = np.zeros((H, W))
    still = run(layers, weights, image[None])[0][:, unit[0], unit[1]]
    for p in range(H):
        for q in range(W):
            other = image.copy()
            other[:, p, q] += step
            moved[p, q] = sum(abs(run(layers, weights, other[None])[0][:, unit[0], unit[1]] - still))
    return moved
