"""Wrong solutions of task 6; see exercise.py."""

import numpy as np


def numerical_gradient__one_sided(f, theta, eps=1e-5):
    """Says: one-sided difference"""
    slopes = np.zeros_like(theta)
    for place in np.ndindex(theta.shape):
        moved = theta.copy()
        moved[place] += eps
        slopes[place] = (f(moved) - f(theta)) / eps
    return slopes


def numerical_gradient__not_put_back(f, theta, eps=1e-5):
    """Says: Each entry is moved alone"""
    slopes, moved = np.zeros_like(theta), theta.copy()
    for place in np.ndindex(theta.shape):
        moved[place] += eps
        up = f(moved)
        moved[place] -= 2 * eps
        slopes[place] = (up - f(moved)) / (2 * eps)
    return slopes


def numerical_gradient__leaves_it_moved(f, theta, eps=1e-5):
    """Says: changed the array `theta`"""
    slopes = np.zeros_like(theta)
    start = theta.copy()
    for place in np.ndindex(theta.shape):
        theta[...] = start
        theta[place] = start[place] + eps
        up = f(theta)
        theta[place] = start[place] - eps
        slopes[place] = (up - f(theta)) / (2 * eps)
    return slopes


def numerical_gradient__eps_only(f, theta, eps=1e-5):
    """Says: 2 eps, not eps"""
    slopes = np.zeros_like(theta)
    for place in np.ndindex(theta.shape):
        up, down = theta.copy(), theta.copy()
        up[place] += eps
        down[place] -= eps
        slopes[place] = (f(up) - f(down)) / eps
    return slopes


def numerical_gradient__all_at_once(f, theta, eps=1e-5):
    """Says: all entries were moved together"""
    return np.full(theta.shape, (f(theta + eps) - f(theta - eps)) / (2 * eps))


def numerical_gradient__only_vectors(f, theta, eps=1e-5):
    """Says: entry

    It goes along the first axis only."""
    slopes = np.zeros_like(theta)
    for i in range(len(theta)):
        up, down = theta.copy(), theta.copy()
        up[i] += eps
        down[i] -= eps
        slopes[i] = (f(up) - f(down)) / (2 * eps)
    return slopes


def relative_error__absolute(a, b):
    """Says: largest difference itself"""
    return np.abs(a - b).max()


def relative_error__first_only(a, b):
    """Says: of *both* arrays"""
    return np.abs(a - b).max() / np.abs(a).max() if np.any(a) else 0.0


def relative_error__zero_by_zero(a, b):
    """Says: 0 / 0 is nan"""
    return np.abs(a - b).max() / max(np.abs(a).max(), np.abs(b).max())


def relative_error__tiny_added(a, b):
    """Hidden only."""
    return np.abs(a - b).max() / (max(np.abs(a).max(), np.abs(b).max()) + 1e-8)


def layer_errors__not_put_back(layer, x, grad):
    """Says: Put back what you moved"""

    def loss(x):
        return np.sum(layer.forward(x) * grad)

    loss(x)
    errors = {"x": relative_error(layer.backward(grad), numerical_gradient(loss, x))}
    for name in ("W", "b"):
        if hasattr(layer, name):
            said, kept = getattr(layer, "grad_" + name), getattr(layer, name)

            def moved(value, name=name):
                setattr(layer, name, value)
                return loss(x)

            errors[name] = relative_error(said, numerical_gradient(moved, kept))
    return errors


def layer_errors__only_x(layer, x, grad):
    """Says: so there should be errors for x, W and b"""

    def loss(x):
        return np.sum(layer.forward(x) * grad)

    loss(x)
    return {"x": relative_error(layer.backward(grad), numerical_gradient(loss, x))}


def layer_errors__ones(layer, x, grad):
    """Says: The number to nudge

    grad is not used in the loss."""

    def loss(x):
        return np.sum(layer.forward(x))

    loss(x)
    errors = {"x": relative_error(layer.backward(grad), numerical_gradient(loss, x))}
    for name in ("W", "b"):
        if hasattr(layer, name):
            errors[name] = 0.0
    return errors
