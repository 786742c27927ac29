"""Wrong solutions of task 1; see exercise.py."""

import numpy as np


def _right(grad, x, w, stride):
    dx, dw = np.zeros(len(x)), np.zeros(len(w))
    for t in range(len(grad)):
        window = slice(t * stride, t * stride + len(w))
        dw += grad[t] * x[window]
        dx[window] += grad[t] * w
    return dx, dw


def line_gradients__overwrites(grad, x, w, stride=1):
    """Says: += instead of ="""
    dx, dw = np.zeros(len(x)), _right(grad, x, w, stride)[1]
    for t in range(len(grad)):
        dx[t * stride : t * stride + len(w)] = grad[t] * w
    return dx, dw


def line_gradients__exchanged(grad, x, w, stride=1):
    """Says: dx and dw are exchanged"""
    return _right(grad, x, w, stride)[::-1]


def line_gradients__flipped(grad, x, w, stride=1):
    """Says: the filter runs backwards"""
    return _right(grad, x, w[::-1], stride)[0], _right(grad, x, w, stride)[1]


def line_gradients__weights_backwards(grad, x, w, stride=1):
    """Says: dw runs backwards"""
    dx, dw = _right(grad, x, w, stride)
    return dx, dw[::-1]


def line_gradients__mean(grad, x, w, stride=1):
    """Says: this is the mean over the windows"""
    dx, dw = _right(grad, x, w, stride)
    return dx, dw / len(grad)


def line_gradients__without_what_arrives(grad, x, w, stride=1):
    """Says: without what arrived at each"""
    return _right(grad, x, w, stride)[0], _right(np.ones(len(grad)), x, w, stride)[1]


def line_gradients__copies_not_scaled(grad, x, w, stride=1):
    """Says: the copies are not scaled"""
    return _right(np.ones(len(grad)), x, w, stride)[0], _right(grad, x, w, stride)[1]


def line_gradients__return_in_the_loop(grad, x, w, stride=1):
    """Says: only the first window is there"""
    dx, dw = np.zeros(len(x)), np.zeros(len(w))
    for t in range(len(grad)):
        window = slice(t * stride, t * stride + len(w))
        dw += grad[t] * x[window]
        dx[window] += grad[t] * w
        return dx, dw


def line_gradients__zeros_in_the_loop(grad, x, w, stride=1):
    """Says: only the last window is there"""
    for t in range(len(grad)):
        dx, dw = np.zeros(len(x)), np.zeros(len(w))
        window = slice(t * stride, t * stride + len(w))
        dw += grad[t] * x[window]
        dx[window] += grad[t] * w
    return dx, dw


def line_gradients__no_stride(grad, x, w, stride=1):
    """Says: window t begins at t * stride"""
    return _right(grad, x, w, 1)


def line_gradients__as_long_as_the_windows(grad, x, w, stride=1):
    """Right unless numbers are left over.
    Says: dx must be as long as x"""
    dx, dw = _right(grad, x, w, stride)
    return dx[: (len(grad) - 1) * stride + len(w)], dw


def line_gradients__whole_numbers(grad, x, w, stride=1):
    """Collects in the type of x: fractions are lost.
    Hidden only."""
    dx, dw = _right(grad, x, w, stride)
    return dx.astype(x.dtype), dw.astype(x.dtype)


def line_gradients__in_place(grad, x, w, stride=1):
    """Says: changed the array `x`"""
    dx, dw = _right(grad, x, w, stride)
    x[:] = dx
    return x, dw


def line_gradients__stride_at_most_the_filter(grad, x, w, stride=1):
    """Says: window t begins at t * stride"""
    return _right(grad, x, w, 1) if stride > len(w) else _right(grad, x, w, stride)


def line_gradients__last_window_missing(grad, x, w, stride=1):
    """Says: dx[2] is"""
    return _right(grad[:-1], x, w, stride)
