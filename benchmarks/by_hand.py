"""The same work with kernels alone: what is left of a step when the autograd engine is taken away."""

import numpy as np

from coursekit.scratch import functional as F
from coursekit.scratch import kernels, nn


def training_step(model, images, labels, lr):
    """Return a function that trains a Sequential model for one step: forward, backward, SGD, no Tensor in sight."""
    layers = list(model)

    def step():
        inputs, x = [], images
        for layer in layers:
            inputs.append(x)
            x = forward(layer, x)
        grad = kernels.cross_entropy_gradient(np.float32(1), kernels.log_softmax(x), labels)
        for i in reversed(range(len(layers))):
            out = inputs[i + 1] if i + 1 < len(layers) else x
            grad = backward(layers[i], inputs[i], out, grad, first=i == 0, lr=lr)

    return step


def forward(layer, x):
    match layer:
        case nn.Linear():
            return kernels.linear(x, layer.weight.data, layer.bias.data)
        case nn.Conv2d():
            return kernels.conv2d(x, layer.weight.data, layer.bias.data, layer.stride, layer.padding)
        case nn.MaxPool2d():
            return kernels.max_pool2d(x, *2 * [F.pair(layer.kernel_size)])
        case nn.ReLU():
            return kernels.relu(x)
        case nn.Flatten():
            return x.reshape(len(x), -1)


def backward(layer, x, out, grad, first, lr):
    """Return the gradient of the layer's input (unless it is the first) and change the layer's parameters."""
    match layer:
        case nn.Linear():
            changes = kernels.linear_weight_gradient(grad, x), kernels.linear_bias_gradient(grad)
            grad = None if first else kernels.linear_input_gradient(grad, layer.weight.data)
        case nn.Conv2d():
            window, weight = (layer.stride, layer.padding), layer.weight.data
            changes = (
                kernels.conv2d_weight_gradient(grad, x, weight.shape, *window),
                kernels.conv2d_bias_gradient(grad),
            )
            grad = None if first else kernels.conv2d_input_gradient(grad, weight, x.shape, *window)
        case nn.MaxPool2d():
            return kernels.max_pool2d_gradient(grad, x, out, *2 * [F.pair(layer.kernel_size)])
        case nn.ReLU():
            return kernels.relu_gradient(grad, out)
        case nn.Flatten():
            return grad.reshape(x.shape)
    layer.weight.data -= lr * changes[0]
    layer.bias.data -= lr * changes[1]
    return grad


def operation(name, arrays, above, **options):
    """Return a function that computes an operation and all its gradients."""
    if name == "conv2d":
        x, weight, bias = arrays
        window = (1, 1), F.pair(options["padding"])

        def work():
            kernels.conv2d(x, weight, bias, *window)
            kernels.conv2d_input_gradient(above, weight, x.shape, *window)
            kernels.conv2d_weight_gradient(above, x, weight.shape, *window)
            kernels.conv2d_bias_gradient(above)

        return work

    (x,), window = arrays, 2 * [F.pair(options["kernel_size"])]
    return lambda: kernels.max_pool2d_gradient(above, x, kernels.max_pool2d(x, *window), *window)
