"""Objects that carry the counts along; NumPy's whole numbers, and lists for tuples."""

import numpy as np


class _Sides:
    def __init__(self, layer):
        self.k, self.s, self.p = layer["kernel"], layer["stride"], layer["padding"]
        self.reach = layer.get("dilation", 1) * (self.k - 1) + 1
        self.ceil = layer.get("ceil", False)

    def __call__(self, n):
        begins = np.arange(-self.p, n + self.p - self.reach + 1, self.s)
        if len(begins) == 0:
            raise ValueError(f"{n} pixels are too few")
        over = begins[-1] + self.reach < n + self.p
        if self.ceil and over and begins[-1] + self.s < n:
            return len(begins) + 1
        return len(begins)


def output_shape(layer, shape):
    kind = layer["kind"]
    if kind == "conv" and (shape[0] % layer["groups"] or layer["filters"] % layer["groups"]):
        raise ValueError("groups")
    if kind in {"conv", "pool"}:
        return [layer["filters"] if kind == "conv" else shape[0], *map(_Sides(layer), shape[1:])]
    if kind == "linear":
        if len(shape) == 3:
            raise ValueError("maps")
        return [layer["outputs"]]
    return {"mean": list(shape[:1]), "flatten": [np.prod(shape)]}.get(kind, list(shape))


class _Counter:
    def __init__(self):
        self.counts = np.zeros(4, np.int64)

    def layer(self, layer, before, after):
        kind, new = layer["kind"], np.prod(after)
        if kind in {"conv", "pool", "mean", "linear"}:
            self.counts[0] += new
        if kind == "norm":
            self.counts[1:3] += 2 * before[0]
        if kind in {"conv", "linear"}:
            one = before[0] if kind == "linear" else before[0] // layer["groups"] * layer["kernel"] ** 2
            self.counts[1] += after[0] * (one + (1 if layer["bias"] else 0))
            self.counts[3] += new * one
        return self

    def network(self, layers, shape):
        for layer in layers:
            if "paths" not in layer:
                after = output_shape(layer, shape)
                self.layer(layer, shape, after)
            else:
                ends = np.array([self.network(path, shape) for path in layer["paths"]])
                first = 1 if layer["kind"] == "concat" else 0
                if (ends[:, first:] != ends[0, first:]).any():
                    raise ValueError("paths")
                after = list(ends[0])
                if first:
                    after[0] = ends[:, 0].sum()
            shape = after
        return list(shape)


def count_layer(layer, before, after):
    return list(_Counter().layer(layer, before, after).counts)


def count_network(layers, shape):
    counter = _Counter()
    end = counter.network(layers, shape)
    return [end, counter.counts]


def largest_batch(memory, parameters, numbers, optimiser):
    needed = {"sgd": 8, "momentum": 12, "adam": 16}[optimiser] * parameters
    images = 0
    while needed + 4 * numbers * (images + 1) <= memory:
        images += 1
    return images


class _Field:
    def __init__(self, low=0, high=0, jump=1):
        self.low, self.high, self.jump = low, high, jump

    def window(self, layer):
        self.low -= self.jump * layer["padding"]
        self.high += self.jump * (layer.get("dilation", 1) * (layer["kernel"] - 1) - layer["padding"])
        self.jump *= layer["stride"]

    def walk(self, layers):
        for layer in layers:
            if layer["kind"] in {"conv", "pool"}:
                self.window(layer)
            elif layer["kind"] in {"add", "concat"}:
                ends = [_Field(self.low, self.high, self.jump).walk(path) for path in layer["paths"]]
                if any(end.jump != ends[0].jump for end in ends):
                    raise ValueError("jumps")
                self.low, self.high = min(e.low for e in ends), max(e.high for e in ends)
                self.jump = ends[0].jump
        return self


def receptive_field(layers):
    field = _Field().walk(layers)
    return field.high - field.low + 1, field.jump, field.low


def pixels_seen(field, unit, n):
    size, jump, first = field
    pixels = np.arange(size) + first + unit * jump
    return pixels[(pixels >= 0) & (pixels < n)]


class _Block:
    def __init__(self, channels):
        self.channels = channels

    def __call__(self, filters, stride, expansion):
        wide = self.channels * expansion
        layers = [] if expansion == 1 else self.step(wide, 1)
        layers += self.step(wide, 3, stride=stride, padding=1, groups=wide)
        layers += self.step(filters, 1)[:2]
        if (stride, filters) == (1, self.channels):
            layers = [add([], layers)]
        self.channels = filters
        return layers

    @staticmethod
    def step(filters, kernel, **more):
        return [conv(filters, kernel, **more), norm(), relu()]


def inverted_residual(channels, filters, stride, expansion):
    return _Block(channels)(filters, stride, expansion)


def mobilenet_v2(classes):
    block, layers = _Block(32), _Block.step(32, 3, stride=2, padding=1)
    for row in ("1 16 1 1", "6 24 2 2", "6 32 3 2", "6 64 4 2", "6 96 3 1", "6 160 3 2", "6 320 1 1"):
        t, m, count, s = map(int, row.split())
        layers += block(m, s, t)
        for _ in range(count - 1):
            layers += block(m, 1, t)
    return layers + _Block.step(1280, 1) + [mean(), linear(classes)]


def influence(layers, weights, image, unit, step):
    def value(x):
        return run(layers, weights, np.array([x]))[0][(slice(None), *unit)]

    before, result = value(image), []
    for place in range(image[0].size):
        bump = np.zeros(image[0].size)
        bump[place] = step
        result.append(np.linalg.norm(value(image + bump.reshape(image[0].shape)) - before, ord=1))
    return np.reshape(result, image[0].shape)
