"""Other names inside, one base class, closures instead of attributes."""

import numpy as np


class Elementwise:
    def curve(self, x):
        raise NotImplementedError

    def forward(self, x):
        value, slope = self.curve(x)
        self.pull = lambda grad: grad * slope
        return value

    def backward(self, grad):
        return self.pull(grad)


class Sigmoid(Elementwise):
    def curve(self, x):
        value = np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))
        return value, value * (1 - value)


class ReLU(Elementwise):
    def curve(self, x):
        return (x + abs(x)) / 2, (1 + np.sign(x)) // 2


class Softplus(Elementwise):
    def curve(self, x):
        bounded = np.clip(x, -700, 700)
        return np.where(x > 30, x, np.log1p(np.exp(np.minimum(x, 30)))) + np.where(x > 30, np.exp(-bounded), 0), 1 / (
            1 + np.exp(-bounded)
        )


class Network:
    def __init__(self, layers):
        self.layers = tuple(layers)

    def forward(self, signal):
        for each in self.layers:
            signal = each.forward(signal)
        return signal

    def backward(self, message):
        for k in range(len(self.layers) - 1, -1, -1):
            message = self.layers[k].backward(message)
        return message


def layer_errors(layer, x, grad):
    def measured(name):
        place = getattr(layer, name) if name != "x" else x

        def of(value):
            if name == "x":
                return float((layer.forward(value) * grad).sum())
            setattr(layer, name, value)
            out = float((layer.forward(x) * grad).sum())
            setattr(layer, name, place)
            return out

        return numerical_gradient(of, place)

    names = [name for name in ("W", "b") if name in vars(layer)]
    layer.forward(x)
    told = {"x": layer.backward(grad)} | {name: np.array(getattr(layer, "grad_" + name)) for name in names}
    return {name: relative_error(told[name], measured(name)) for name in told}
