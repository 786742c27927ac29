"""Wrong solutions of task 2; see exercise.py."""

import math


def tanh__slope_at_input(u):
    """Says: not its input"""
    return Value(math.tanh(u.data), ((u, 1 - u.data**2),))


def tanh__slope_of_sigmoid(u):
    """Says: slope of a sigmoid"""
    y = math.tanh(u.data)
    return Value(y, ((u, y * (1 - y)),))


def tanh__from_exponentials(u):
    """Hidden only."""
    y = (math.exp(2 * u.data) - 1) / (math.exp(2 * u.data) + 1)
    return Value(y, ((u, 1 - y**2),))


def relu__passes_everything(u):
    """Says: slope 0"""
    return Value(max(u.data, 0.0), ((u, 1.0),))


def relu__slope_at_zero(u):
    """Hidden only."""
    return Value(max(u.data, 0.0), ((u, float(u.data >= 0)),))


def log__slope(u):
    """Says: 1 / u"""
    return Value(math.log(u.data), ((u, math.log(u.data)),))


def softplus__overflow(u):
    """Says: no exponent is positive"""
    return Value(math.log(1 + math.exp(u.data)), ((u, 1 / (1 + math.exp(-u.data))),))


def softplus__slope_of_absolute(u):
    """Says: σ(|u|)"""
    small = math.exp(-abs(u.data))
    return Value(max(u.data, 0.0) + math.log1p(small), ((u, 1 / (1 + small)),))


def exp__only_the_number(u):
    """Says: should be a Value"""
    return math.exp(u.data)
