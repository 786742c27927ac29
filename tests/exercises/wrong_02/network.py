"""Wrong solutions of task 5; see exercise.py."""


class Network__not_reversed(Network):
    """Says: asked from the first to the last"""

    def backward(self, grad):
        for layer in self.layers:
            grad = layer.backward(grad)
        return grad


class Network__turned_round(Network):
    """Says: turned round the list"""

    def backward(self, grad):
        self.layers.reverse()
        for layer in self.layers:
            grad = layer.backward(grad)
        return grad


class Network__same_grad_for_all(Network):
    """Says: every layer got the same grad"""

    def backward(self, grad):
        for layer in reversed(self.layers):
            below = layer.backward(grad)
        return below


class Network__returns_early(Network):
    """Says: Is `return` inside the loop?"""

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
            return x


class Network__returns_grad(Network):
    """Says: came back as it was"""

    def backward(self, grad):
        super().backward(grad)
        return grad


class Network__two_layers(Network):
    """Hidden only."""

    def forward(self, x):
        return self.layers[-1].forward(self.layers[0].forward(x))

    def backward(self, grad):
        return self.layers[0].backward(self.layers[-1].backward(grad))
