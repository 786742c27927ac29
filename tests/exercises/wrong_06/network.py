"""Wrong solutions of task 5; see exercise.py."""

import numpy as np


def _backward(parameters, x, labels, *, skip=(), delta_times=1.0):
    maps = forward(parameters, x)
    loss, delta = cross_entropy(maps["logits"], labels)
    delta = delta * delta_times
    gradients = {"W": delta.T @ maps["p2"].reshape(len(x), -1), "c": delta.sum(axis=0)}
    grad = (delta @ parameters["W"]).reshape(maps["p2"].shape)
    grad = avg_pool_gradient(grad, maps["h2"].shape, 2)
    if "relu2" not in skip:
        grad = grad * (maps["z2"] > 0)
    gradients["F2"], gradients["b2"] = filter_gradients(grad, maps["p1"], parameters["F2"].shape[2:])
    if "F2" not in skip:
        grad = input_gradient(grad, parameters["F2"], maps["p1"].shape)
        grad = max_pool_gradient(grad, maps["h1"], 2)
    if "relu1" not in skip:
        grad = grad * (maps["z1"] > 0)
    gradients["F1"], gradients["b1"] = filter_gradients(grad, x, parameters["F1"].shape[2:])
    return loss, gradients


def network_gradients__no_second_relu(parameters, x, labels):
    """Says: the gradient of b2"""
    return _backward(parameters, x, labels, skip=["relu2"])


def network_gradients__no_first_relu(parameters, x, labels):
    """Says: the gradient of b1"""
    return _backward(parameters, x, labels, skip=["relu1"])


def network_gradients__relu_of_what_arrives(parameters, x, labels):
    """Stops negative gradients instead of gradients at negative inputs.
    Says: the gradient of b2"""
    maps = forward(parameters, x)
    loss, gradients = _backward(parameters, x, labels)
    _, delta = cross_entropy(maps["logits"], labels)
    grad = (delta @ parameters["W"]).reshape(maps["p2"].shape)
    grad = np.maximum(avg_pool_gradient(grad, maps["h2"].shape, 2), 0)
    gradients["F2"], gradients["b2"] = filter_gradients(grad, maps["p1"], parameters["F2"].shape[2:])
    return loss, gradients


def network_gradients__averaged_twice(parameters, x, labels):
    """Says: divided by the number of images once more"""
    return _backward(parameters, x, labels, delta_times=1 / len(x))


def network_gradients__not_averaged(parameters, x, labels):
    """Says: multiplied by the number of images"""
    return _backward(parameters, x, labels, delta_times=len(x))


def network_gradients__sign(parameters, x, labels):
    """Says: the sign is wrong"""
    return _backward(parameters, x, labels, delta_times=-1)


def network_gradients__transposed(parameters, x, labels):
    """Says: should have the shape (4, 6)"""
    loss, gradients = _backward(parameters, x, labels)
    gradients["W"] = gradients["W"].T
    return loss, gradients


def network_gradients__first_layer_missing(parameters, x, labels):
    """Says: no entry"""
    loss, gradients = _backward(parameters, x, labels)
    del gradients["F1"], gradients["b1"]
    return loss, gradients


def network_gradients__filters_see_h1(parameters, x, labels):
    """The second filters were given p1, not h1.
    Says: the gradient of F2"""
    loss, gradients = _backward(parameters, x, labels)
    maps = forward(parameters, x)
    _, delta = cross_entropy(maps["logits"], labels)
    grad = (delta @ parameters["W"]).reshape(maps["p2"].shape)
    grad = avg_pool_gradient(grad, maps["h2"].shape, 2) * (maps["z2"] > 0)
    seen = maps["h1"][:, :, : maps["p1"].shape[2], : maps["p1"].shape[3]]
    gradients["F2"], _ = filter_gradients(grad, seen, parameters["F2"].shape[2:])
    return loss, gradients


def network_gradients__pooled_z1(parameters, x, labels):
    """Max pooling is asked about the smallest instead of the largest.
    Says: the gradient of b1"""
    loss, gradients = _backward(parameters, x, labels)
    maps = forward(parameters, x)
    _, delta = cross_entropy(maps["logits"], labels)
    grad = (delta @ parameters["W"]).reshape(maps["p2"].shape)
    grad = avg_pool_gradient(grad, maps["h2"].shape, 2) * (maps["z2"] > 0)
    grad = input_gradient(grad, parameters["F2"], maps["p1"].shape)
    grad = max_pool_gradient(grad, -maps["h1"], 2) * (maps["z1"] > 0)
    gradients["F1"], gradients["b1"] = filter_gradients(grad, x, parameters["F1"].shape[2:])
    return loss, gradients


def network_gradients__average_for_max(parameters, x, labels):
    """Goes back through the first pooling as if it were the second.
    Says: the gradient of b1"""
    loss, gradients = _backward(parameters, x, labels)
    maps = forward(parameters, x)
    _, delta = cross_entropy(maps["logits"], labels)
    grad = (delta @ parameters["W"]).reshape(maps["p2"].shape)
    grad = avg_pool_gradient(grad, maps["h2"].shape, 2) * (maps["z2"] > 0)
    grad = input_gradient(grad, parameters["F2"], maps["p1"].shape)
    grad = avg_pool_gradient(grad, maps["h1"].shape, 2) * (maps["z1"] > 0)
    gradients["F1"], gradients["b1"] = filter_gradients(grad, x, parameters["F1"].shape[2:])
    return loss, gradients


def network_gradients__filters_of_three(parameters, x, labels):
    """Knows the size of the filters.
    Hidden only."""
    loss, gradients = _backward(parameters, x, labels)
    maps = forward(parameters, x)
    _, delta = cross_entropy(maps["logits"], labels)
    grad = (delta @ parameters["W"]).reshape(maps["p2"].shape)
    grad = avg_pool_gradient(grad, maps["h2"].shape, 2) * (maps["z2"] > 0)
    gradients["F2"], _ = filter_gradients(grad, maps["p1"], (3, 3))
    return loss, gradients


def network_gradients__steps_too(parameters, x, labels):
    """Learns inside, and so changes the parameters that it was given.
    Says: changed the array `F1`"""
    loss, gradients = _backward(parameters, x, labels)
    for name, gradient in gradients.items():
        parameters[name] -= 0.1 * gradient
    return loss, gradients


def network_gradients__updated_weights_on_the_way(parameters, x, labels):
    """Uses W after its step for what comes below: small steps nearly hide it.
    Says: the gradient of b2"""
    loss, gradients = _backward(parameters, x, labels)
    moved = {**parameters, "W": parameters["W"] - 0.1 * gradients["W"]}
    maps = forward(parameters, x)
    _, delta = cross_entropy(maps["logits"], labels)
    grad = (delta @ moved["W"]).reshape(maps["p2"].shape)
    grad = avg_pool_gradient(grad, maps["h2"].shape, 2) * (maps["z2"] > 0)
    gradients["F2"], gradients["b2"] = filter_gradients(grad, maps["p1"], parameters["F2"].shape[2:])
    return loss, gradients


def network_gradients__loss_of_one_image(parameters, x, labels):
    """Gradients are right, the loss is summed.
    Says: Return the loss that cross_entropy gave"""
    loss, gradients = _backward(parameters, x, labels)
    return loss * len(x), gradients


def network_gradients__only_the_gradients(parameters, x, labels):
    """Says: return 2 things"""
    return _backward(parameters, x, labels)[1]
