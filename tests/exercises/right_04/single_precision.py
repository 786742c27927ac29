"""Everything in float32, as PyTorch does."""

import numpy as np


def initial_weights(inputs, outputs, kind, seed):
    scale = np.float32(np.sqrt(2 / (inputs + outputs * (kind == "xavier"))))
    return np.random.default_rng(seed).standard_normal((outputs, inputs), np.float32) * scale


def momentum_step(w, v, grad, rate, momentum=0.0, decay=0.0):
    w, v, grad = (np.asarray(a, np.float32) for a in (w, v, grad))
    v = np.float32(momentum) * v + (grad + np.float32(decay) * w)
    return w - np.float32(rate) * v, v


def dropout(h, p, u):
    return np.asarray(h, np.float32) * (u >= p) / np.float32(1 - p)


def dropout_backward(grad, p, u):
    return dropout(grad, p, u)


def rate_at(s, total, warmup, peak):
    rise = (s + 1) / max(warmup, 1)
    fall = 0.5 + 0.5 * np.cos(np.pi * max(s - warmup, 0) / (total - warmup))
    return np.float32(peak * min(rise, 1) if s < warmup else peak * fall)
