"""Single precision where one computes, floats where one counts; a memory of what was counted."""

import json

import numpy as np


def output_shape(layer, shape):
    kind = layer["kind"]
    if kind in ("norm", "relu"):
        return shape
    if kind == "linear":
        if isinstance(shape, tuple) and len(shape) == 1:
            return (layer["outputs"],)
        raise ValueError("A linear layer needs a vector. Use flatten.")
    if kind == "mean":
        return (shape[0],)
    if kind == "flatten":
        return (int(np.multiply.reduce(shape)),)
    k, s, p = (layer[key] for key in ("kernel", "stride", "padding"))
    d = layer["dilation"] if kind == "conv" else 1
    sides = np.array(shape[1:], np.float32)
    rest = sides + 2 * p - d * (k - 1) - 1
    if (rest < 0).any():
        raise ValueError("The window is larger than the map.")
    places = np.floor(rest / s) + 1
    if kind == "pool" and layer["ceil"]:
        places = np.ceil(rest / s) + 1
        places -= (places - 1) * s - p >= sides
    made = shape[0]
    if kind == "conv":
        made = layer["filters"]
        for number in (shape[0], made):
            if number not in range(0, number + 1, layer["groups"]):
                raise ValueError("The groups do not divide.")
    return (made, int(places[0]), int(places[1]))


def count_layer(layer, before, after):
    kind = layer["kind"]
    units = float(np.prod(after)) if kind in ("conv", "pool", "mean", "linear") else 0.0
    if kind == "norm":
        return 0.0, 2.0 * before[0], 2.0 * before[0], 0.0
    if kind not in ("conv", "linear"):
        return units, 0.0, 0.0, 0.0
    reads = before[0] / layer.get("groups", 1) * layer.get("kernel", 1) ** 2.0
    return units, after[0] * reads + (after[0] if layer["bias"] else 0), 0.0, units * reads


def count_network(layers, shape):
    known = {}

    def count(layers, shape):
        key = json.dumps([layers, [int(n) for n in shape]])
        if key not in known:
            total, now = np.zeros(4), tuple(shape)
            for layer in layers:
                if layer["kind"] in ("add", "concat"):
                    results = [count(path, now) for path in layer["paths"]]
                    total = total + sum(result[1] for result in results)
                    sizes = {result[0] if layer["kind"] == "add" else result[0][1:] for result in results}
                    if len(sizes) > 1:
                        raise ValueError(f"{sizes} do not fit")
                    channels = sum(result[0][0] for result in results) if layer["kind"] == "concat" else now[0]
                    now = results[0][0] if layer["kind"] == "add" else (channels, *results[0][0][1:])
                else:
                    then = output_shape(layer, now)
                    total, now = total + np.array(count_layer(layer, now, then)), then
            known[key] = now, total
        return known[key]

    return count(layers, shape)


def largest_batch(memory, parameters, numbers, optimiser):
    state = {"adam": 2, "momentum": 1}.get(optimiser, 0)
    return float(np.maximum(np.floor((memory / 4 - (2 + state) * parameters) / numbers), 0))


def receptive_field(layers, start=(1, 1, 0)):
    size, jump, first = start
    for layer in layers:
        if layer["kind"] in ("add", "concat"):
            ends = np.array([receptive_field(path, (size, jump, first)) for path in layer["paths"]])
            if np.ptp(ends[:, 1]) != 0:
                raise ValueError("The paths have different strides.")
            first = ends[:, 2].min()
            size = (ends[:, 2] + ends[:, 0]).max() - first
            jump = ends[0, 1]
        elif layer["kind"] in ("conv", "pool"):
            size, jump, first = (
                size + layer.get("dilation", 1) * (layer["kernel"] - 1) * jump,
                jump * layer["stride"],
                first - layer["padding"] * jump,
            )
    return int(size), int(jump), int(first)


def pixels_seen(field, unit, n):
    size, jump, first = field
    image = np.arange(n)
    inside = np.abs(image - (first + unit * jump + (size - 1) / 2)) <= (size - 1) / 2
    return np.flatnonzero(inside).tolist()


def inverted_residual(channels, filters, stride, expansion):
    wide = channels * expansion
    layers = [
        conv(wide, 1),
        norm(),
        relu(),
        conv(wide, 3, stride=stride, padding=1, groups=wide),
        norm(),
        relu(),
        conv(filters, 1),
        norm(),
    ]
    if expansion == 1:
        del layers[:3]
    if stride == 1 and filters == channels:
        layers = [add([], layers)]
    return layers


def mobilenet_v2(classes):
    layers = [conv(32, 3, stride=2, padding=1), norm(), relu(), *inverted_residual(32, 16, 1, 1)]
    filters = [16, 24, 32, 64, 96, 160, 320]
    for i, (n, s) in enumerate([(2, 2), (3, 2), (4, 2), (3, 1), (3, 2), (1, 1)]):
        layers += inverted_residual(filters[i], filters[i + 1], s, 6)
        layers += inverted_residual(filters[i + 1], filters[i + 1], 1, 6) * (n - 1)
    layers += [conv(1280, 1), norm(), relu(), mean()]
    layers.append(linear(classes))
    return layers


def influence(layers, weights, image, unit, step):
    weights = [w.astype(np.float32) for w in weights]
    image = image.astype(np.float32)
    moved = np.zeros(image.shape[1:], np.float32)
    before = run(layers, weights, image[None])[0][:, unit[0], unit[1]]
    for place in np.ndindex(moved.shape):
        x = image.copy()
        x[(slice(None), *place)] += np.float32(step)
        moved[place] = np.abs(run(layers, weights, x[None])[0][:, unit[0], unit[1]] - before).sum()
    return moved
