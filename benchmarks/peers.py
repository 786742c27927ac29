"""Other implementations on NumPy, for comparison; measured where they are installed."""

import numpy as np


def autograd_step(model, images, labels, lr):
    """Return a training step of an MLP with HIPS autograd (the package `autograd`), or None if it is missing."""
    try:
        import autograd.numpy as anp
        from autograd import grad
    except ImportError:
        return None
    parameters = [array.copy() for array in model.state_dict().values()]
    n_layers, rows = len(parameters) // 2, np.arange(len(labels))

    def loss(parameters):
        x = images
        for i in range(n_layers):
            x = anp.dot(x, parameters[2 * i].T) + parameters[2 * i + 1]
            x = anp.maximum(x, 0) if i < n_layers - 1 else x
        x = x - anp.max(x, axis=1, keepdims=True)
        return anp.mean(anp.log(anp.sum(anp.exp(x), axis=1)) - x[rows, labels])

    gradient = grad(loss)

    def step():
        for array, change in zip(parameters, gradient(parameters), strict=True):
            array -= lr * change

    return step
