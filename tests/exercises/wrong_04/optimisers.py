"""Wrong solutions of task 2; see exercise.py."""

import numpy as np


def momentum_step__rate_inside(w, v, grad, rate, momentum=0.0, decay=0.0):
    """Says: outside the velocity"""
    v = momentum * v - rate * (grad + decay * w)
    return w + v, v


def momentum_step__running_mean(w, v, grad, rate, momentum=0.0, decay=0.0):
    """Says: no factor 1 - α"""
    v = momentum * v + (1 - momentum) * (grad + decay * w)
    return w - rate * v, v


def momentum_step__decay_sign(w, v, grad, rate, momentum=0.0, decay=0.0):
    """Says: decay pulls towards 0"""
    v = momentum * v + grad - decay * w
    return w - rate * v, v


def momentum_step__no_decay(w, v, grad, rate, momentum=0.0, decay=0.0):
    """Says: the decay is missing"""
    v = momentum * v + grad
    return w - rate * v, v


def momentum_step__half_decay(w, v, grad, rate, momentum=0.0, decay=0.0):
    """Says: this is λ/2"""
    v = momentum * v + grad + decay / 2 * w
    return w - rate * v, v


def momentum_step__in_place(w, v, grad, rate, momentum=0.0, decay=0.0):
    """Says: changed the array `w`
    Also: digits"""
    v = momentum * v + grad + decay * w
    w -= rate * v
    return w, v


def momentum_step__velocity_in_place(w, v, grad, rate, momentum=0.0, decay=0.0):
    """Says: changed the array `v`"""
    v *= momentum
    v += grad + decay * w
    return w - rate * v, v


def momentum_step__old_velocity(w, v, grad, rate, momentum=0.0, decay=0.0):
    """Says: the *new* velocity"""
    return w - rate * v, momentum * v + grad + decay * w


def momentum_step__decoupled(w, v, grad, rate, momentum=0.0, decay=0.0):
    """Says: the decay is missing

    That of AdamW, which is not what is asked for here."""
    v = momentum * v + grad
    return w - rate * v - rate * decay * w, v


def adam_step__no_correction(w, m, v, grad, t, rate, beta1=0.9, beta2=0.999, eps=1e-8):
    """Says: without the corrections"""
    m, v = beta1 * m + (1 - beta1) * grad, beta2 * v + (1 - beta2) * grad**2
    return w - rate * m / (np.sqrt(v) + eps), m, v


def adam_step__correction_kept(w, m, v, grad, t, rate, beta1=0.9, beta2=0.999, eps=1e-8):
    """Says: Keep m itself"""
    m = (beta1 * m + (1 - beta1) * grad) / (1 - beta1**t)
    v = (beta2 * v + (1 - beta2) * grad**2) / (1 - beta2**t)
    return w - rate * m / (np.sqrt(v) + eps), m, v


def adam_step__first_correction(w, m, v, grad, t, rate, beta1=0.9, beta2=0.999, eps=1e-8):
    """Says: always that of the first step"""
    m, v = beta1 * m + (1 - beta1) * grad, beta2 * v + (1 - beta2) * grad**2
    return w - rate * (m / (1 - beta1)) / (np.sqrt(v / (1 - beta2)) + eps), m, v


def adam_step__no_root(w, m, v, grad, t, rate, beta1=0.9, beta2=0.999, eps=1e-8):
    """Says: root of v̂ is missing"""
    m, v = beta1 * m + (1 - beta1) * grad, beta2 * v + (1 - beta2) * grad**2
    return w - rate * (m / (1 - beta1**t)) / (v / (1 - beta2**t) + eps), m, v


def adam_step__no_square(w, m, v, grad, t, rate, beta1=0.9, beta2=0.999, eps=1e-8):
    """Says: square of the gradient is missing"""
    m, v = beta1 * m + (1 - beta1) * grad, beta2 * v + (1 - beta2) * grad
    return w - rate * (m / (1 - beta1**t)) / (np.sqrt(np.abs(v) / (1 - beta2**t)) + eps), m, v


def adam_step__eps_inside(w, m, v, grad, t, rate, beta1=0.9, beta2=0.999, eps=1e-8):
    """Hidden only."""
    m, v = beta1 * m + (1 - beta1) * grad, beta2 * v + (1 - beta2) * grad**2
    if eps < 1e-6:
        return w - rate * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v
    return w - rate * (m / (1 - beta1**t)) / np.sqrt(v / (1 - beta2**t) + eps), m, v
