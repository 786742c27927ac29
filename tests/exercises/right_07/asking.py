"""By trying out: arrays that are made and measured, and units that are asked what they read."""

import itertools


def output_shape(layer, shape):
    """How many windows begin where they may."""
    kind = layer["kind"]
    if kind == "conv":
        np.zeros(shape[0]).reshape(layer["groups"], -1)  # a ValueError if they do not divide
        np.zeros(layer["filters"]).reshape(layer["groups"], -1)
    if kind in ("conv", "pool"):
        sides = []
        for n in shape[1:]:
            pixels = np.zeros(n + 2 * layer["padding"])
            reach = np.zeros((layer["kernel"] - 1) * layer.get("dilation", 1) + 1)
            if len(reach) > len(pixels):
                raise ValueError("does not fit")
            fit = np.lib.stride_tricks.sliding_window_view(pixels, len(reach))[:: layer["stride"]]
            last = (len(fit) - 1) * layer["stride"] + len(reach)
            more = last < len(pixels) and len(fit) * layer["stride"] < n + layer["padding"]
            sides.append(len(fit) + (1 if layer.get("ceil") and more else 0))
        return (layer.get("filters") or shape[0], *sides)
    x = np.zeros(shape, np.int8)
    if kind == "flatten":
        return x.reshape(-1).shape
    if kind == "mean":
        return x.mean(axis=(1, 2)).shape
    if kind == "linear":
        if x.ndim > 1:
            raise ValueError("linear")
        return (np.zeros((1, len(x))) @ np.zeros((len(x), layer["outputs"])))[0].shape
    return shape


def count_layer(layer, before, after):
    arrays = {"weight": 0, "bias": 0, "mean": 0, "variance": 0}
    kind, work = layer["kind"], 0
    if kind == "norm":
        arrays = dict.fromkeys(arrays, len(np.ones(before[0])))
    elif kind == "conv":
        weight = np.empty((after[0], before[0] // layer["groups"], layer["kernel"], layer["kernel"]))
        arrays["weight"], work = weight.size, weight[0].size * np.empty(after).size
    elif kind == "linear":
        arrays["weight"] = work = np.empty((after[0], before[0])).size
    if kind in ("conv", "linear") and layer["bias"]:
        arrays["bias"] = after[0]
    units = 0 if kind in ("norm", "relu", "flatten") else np.empty(after).size
    return units, arrays["weight"] + arrays["bias"], arrays["mean"] + arrays["variance"], work


def count_network(layers, shape):
    if not layers:
        return shape, (0, 0, 0, 0)
    head, *rest = layers
    if "paths" in head:
        ends, counts = zip(*[count_network(path, shape) for path in head["paths"]], strict=False)
        maps = [np.broadcast_to(np.int8(0), end) for end in ends]
        # np.stack wants equal shapes, and raises a ValueError; np.concatenate wants equal rows and columns.
        after = np.stack(maps)[0].shape if head["kind"] == "add" else np.concatenate(maps).shape
        here = np.sum(counts, axis=0)
    else:
        after = output_shape(head, shape)
        here = np.array(count_layer(head, shape, after))
    end, others = count_network(rest, after)
    return end, tuple(here + np.array(others))


def largest_batch(memory, parameters, numbers, optimiser):
    def bytes_for(images):
        kept = {"sgd": (), "momentum": ("velocity",), "adam": ("mean", "square")}[optimiser]
        return 4 * (parameters * len(("value", "gradient", *kept)) + images * numbers)

    low, high = 0, memory
    while low < high:  # halve the interval
        middle = (low + high + 1) // 2
        low, high = (middle, high) if bytes_for(middle) <= memory else (low, middle - 1)
    return low


def receptive_field(layers):
    """What do units 0, 1 and 2 read?"""

    def reads(layers, units):
        for layer in layers[::-1]:
            if "paths" in layer:
                parts = [reads(path, units) for path in layer["paths"]]
                gaps = {_gap(path) for path in layer["paths"]}
                if len(gaps) > 1:
                    raise ValueError("jumps")
                units = set(itertools.chain(*parts))
            elif layer["kind"] in ("conv", "pool"):
                steps = [t * layer.get("dilation", 1) - layer["padding"] for t in range(layer["kernel"])]
                units = {u * layer["stride"] + t for u in units for t in steps}
        return units

    zero, one = reads(layers, {0}), reads(layers, {1})
    return max(zero) - min(zero) + 1, min(one) - min(zero), min(zero)


def _gap(layers):
    gap = 1
    for layer in layers:
        inside = [_gap(path) for path in layer.get("paths", ())]
        if inside and min(inside) != max(inside):
            raise ValueError("jumps")
        gap *= inside[0] if inside else layer.get("stride", 1)
    return gap


def pixels_seen(field, unit, n):
    size, jump, first = field
    return sorted(set(range(first + unit * jump, first + unit * jump + size)) & set(range(n)))


def inverted_residual(channels, filters, stride, expansion):
    wide = expansion * channels
    expand = [conv(wide, kernel=1), norm(), relu()] if expansion - 1 else []
    depthwise = [conv(wide, kernel=3, groups=wide, padding=1, stride=stride), norm(), relu()]
    project = [conv(filters, kernel=1), norm()]
    path = expand + depthwise + project
    return [add(path, [])] if channels == filters and stride < 2 else path


def mobilenet_v2(classes):
    table = np.array([[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2]])
    table = np.vstack([table, [6, 320, 1, 1]])
    blocks = np.repeat(table, table[:, 2], axis=0)
    first = np.concatenate([[True], np.diff(blocks[:, 1]) != 0])
    strides = np.where(first, blocks[:, 3], 1)
    before = np.concatenate([[32], blocks[:-1, 1]])
    middle = [inverted_residual(*row) for row in zip(before, blocks[:, 1], strides, blocks[:, 0], strict=False)]
    stem, top = [conv(32, 3, stride=2, padding=1), norm(), relu()], [conv(1280, 1), norm(), relu()]
    return [*stem, *itertools.chain(*middle), *top, mean(), linear(classes)]


def influence(layers, weights, image, unit, step):
    _, H, W = image.shape
    bumps = step * np.eye(H * W).reshape(H * W, 1, H, W)
    both = run(layers, weights, np.concatenate([image[None] + bumps, image[None]]))[..., unit[0], unit[1]]
    return np.abs(both[:-1] - both[-1:]).sum(1).reshape(H, W)
