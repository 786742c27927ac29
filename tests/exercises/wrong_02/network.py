"""Wrong solutions of task 5; see exercise.py."""


class Network__not_reversed(Network):  # noqa: F821
    """Says: asked from the first to the last"""

    def backward(self, grad):
        for layer in self.layers:
            grad = layer.backward(grad)
        return grad


class Network__turned_round(Network):  # noqa: F821
    """Says: turned round the list"""

    def backward(self, grad):
        self.layers.reverse()
        for layer in self.layers:
            grad = layer.backward(grad)
        return grad


class Network__same_grad_for_all(Network):  # noqa: F821
    """Says: every layer got the same grad"""

    def backward(self, grad):
        for layer in reversed(self.layers):
            below = layer.backward(grad)
        return below


class Network__returns_early(Network):  # noqa: F821
    """Says: Is `return` inside the loop?"""

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
            return x


class Network__returns_grad(Network):  # noqa: F821
    """Says: came back as it was"""

    def backward(self, grad):
        super().backward(grad)
        return grad


class Network__two_layers(Network):  # noqa: F821
    """Hidden only."""

    def forward(self, x):
        return self.layers[-1].forward(self.layers[0].forward(x))

    def backward(self, grad):
        return self.layers[0].backward(self.layers[-1].backward(grad))
