"""A stack of things to do instead of functions that call themselves."""


def output_shape(layer, shape):
    kind = layer["kind"]
    if kind == "conv" or kind == "pool":
        if kind == "conv":
            if shape[0] / layer["groups"] != shape[0] // layer["groups"]:
                raise ValueError
            if layer["filters"] / layer["groups"] != layer["filters"] // layer["groups"]:
                raise ValueError
            made, dilation, ceil = layer["filters"], layer["dilation"], False
        else:
            made, dilation, ceil = shape[0], 1, layer["ceil"]
        new = [made]
        for axis in (1, 2):
            room = shape[axis] + 2 * layer["padding"] - (1 + (layer["kernel"] - 1) * dilation)
            if room < 0:
                raise ValueError("too small")
            count = 1
            while room >= layer["stride"]:
                room -= layer["stride"]
                count += 1
            if ceil and room > 0 and count * layer["stride"] < shape[axis] + layer["padding"]:
                count += 1
            new.append(count)
        return tuple(new)
    if kind == "mean":
        return (shape[0],)
    if kind == "flatten":
        return (shape[0] * shape[1] * shape[2],)
    if kind == "linear":
        try:
            _, _, _ = shape
        except ValueError:
            return (layer["outputs"],)
        raise ValueError("maps")
    return shape


def count_layer(layer, before, after):
    units = parameters = statistics = work = 0
    if layer["kind"] == "conv":
        one_filter = (before[0] // layer["groups"]) * layer["kernel"] * layer["kernel"]
        places = after[1] * after[2]
        units = after[0] * places
        parameters = after[0] * one_filter
        work = parameters * places
        if layer["bias"]:
            parameters += after[0]
    elif layer["kind"] == "linear":
        units, work = after[0], after[0] * before[0]
        parameters = work + after[0] if layer["bias"] else work
    elif layer["kind"] == "pool":
        units = after[0] * after[1] * after[2]
    elif layer["kind"] == "mean":
        units = after[0]
    elif layer["kind"] == "norm":
        parameters = statistics = before[0] + before[0]
    return units, parameters, statistics, work


def count_network(layers, shape):
    totals = [0, 0, 0, 0]
    stack = [{"layers": list(layers), "at": 0, "shape": tuple(shape)}]
    while True:
        top = stack[-1]
        if top["at"] == len(top["layers"]):
            if len(stack) == 1:
                return top["shape"], tuple(totals)
            stack.pop()
            stack[-1]["ends"].append(top["shape"])
            continue
        layer = top["layers"][top["at"]]
        if layer["kind"] in ("add", "concat"):
            ends = top.setdefault("ends", [])
            if len(ends) < len(layer["paths"]):
                stack.append({"layers": layer["paths"][len(ends)], "at": 0, "shape": top["shape"]})
                continue
            del top["ends"]
            if layer["kind"] == "add":
                if ends.count(ends[0]) != len(ends):
                    raise ValueError("add")
                top["shape"] = ends[0]
            else:
                if [end[1:] for end in ends].count(ends[0][1:]) != len(ends):
                    raise ValueError("concat")
                top["shape"] = (sum([end[0] for end in ends]), ends[0][1], ends[0][2])
        else:
            after = output_shape(layer, top["shape"])
            for i, number in enumerate(count_layer(layer, top["shape"], after)):
                totals[i] += number
            top["shape"] = after
        top["at"] += 1


def largest_batch(memory, parameters, numbers, optimiser):
    left = memory - 4 * parameters - 4 * parameters
    if optimiser == "momentum":
        left -= 4 * parameters
    elif optimiser == "adam":
        left -= 4 * parameters * 2
    if left < 0:
        return 0
    return int(left / (4 * numbers))


def receptive_field(layers):
    """Every way through the network by itself: of branches, all combinations."""
    ways = [[]]
    todo = list(layers)
    ways = _ways(todo)
    found = [_along(way) for way in ways]
    if len({j for _, j, _ in found}) > 1:
        raise ValueError("jumps")
    first = min(f for _, _, f in found)
    return max(f + r for r, _, f in found) - first, found[0][1], first


def _ways(layers):
    ways = [[]]
    for layer in layers:
        if "paths" in layer:
            inside = [way for path in layer["paths"] for way in _ways(path)]
            ways = [way + more for way in ways for more in inside]
        else:
            ways = [[*way, layer] for way in ways]
    return ways


def _along(layers):
    r, j, f = 1, 1, 0
    for layer in layers:
        if layer["kind"] in ("conv", "pool"):
            d = layer["dilation"] if layer["kind"] == "conv" else 1
            r, f = r + d * (layer["kernel"] - 1) * j, f - layer["padding"] * j
            j = j * layer["stride"]
    return r, j, f


def pixels_seen(field, unit, n):
    seen = []
    pixel = field[2] + unit * field[1]
    for _ in range(field[0]):
        if pixel >= 0 and pixel <= n - 1:
            seen.append(pixel)
        pixel += 1
    return seen


def inverted_residual(channels, filters, stride, expansion):
    """Dictionaries written out."""
    layers = []

    def convolution(filters, kernel, stride, padding, groups):
        layers.append(
            {
                "kind": "conv",
                "filters": filters,
                "kernel": kernel,
                "stride": stride,
                "padding": padding,
                "dilation": 1,
                "groups": groups,
                "bias": False,
            }
        )
        layers.append({"kind": "norm"})

    if expansion != 1:
        convolution(expansion * channels, 1, 1, 0, 1)
        layers.append({"kind": "relu"})
    convolution(expansion * channels, 3, stride, 1, expansion * channels)
    layers.append({"kind": "relu"})
    convolution(filters, 1, 1, 0, 1)
    if stride != 1 or filters != channels:
        return layers
    return [{"kind": "add", "paths": [layers, []]}]


def mobilenet_v2(classes):
    layers = [conv(32, 3, 2, 1), norm(), relu()]
    channels = 32
    todo = [(1, 16, 1), (6, 24, 2), (6, 24, 1), (6, 32, 2), (6, 32, 1), (6, 32, 1)]
    todo += [(6, 64, 2)] + [(6, 64, 1)] * 3 + [(6, 96, 1)] * 3 + [(6, 160, 2)] + [(6, 160, 1)] * 2 + [(6, 320, 1)]
    while todo:
        expansion, filters, stride = todo.pop(0)
        layers = layers + inverted_residual(channels, filters, stride, expansion)
        channels = filters
    layers.append(conv(1280, 1))
    layers.append(norm())
    layers.append(relu())
    layers.append(mean())
    layers.append(linear(classes))
    return layers


def influence(layers, weights, image, unit, step):
    row, column = unit
    work = image.copy()
    before = run(layers, weights, work.reshape(1, *work.shape))[0, :, row, column].copy()
    result = [[0.0] * image.shape[2] for _ in range(image.shape[1])]
    for p in range(image.shape[1]):
        for q in range(image.shape[2]):
            kept = work[:, p, q].copy()
            work[:, p, q] = kept + step
            after = run(layers, weights, work.reshape(1, *work.shape))[0, :, row, column]
            result[p][q] = float(sum(abs(a - b) for a, b in zip(after, before, strict=False)))
            work[:, p, q] = kept
    return result
