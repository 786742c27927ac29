"""Wrong solutions of task 1; see exercise.py."""

import numpy as np


def _draw(seed, deviation, shape):
    return np.random.default_rng(seed).normal(0, deviation, shape)


def initial_weights__root_forgotten(inputs, outputs, kind, seed):
    """Says: the root is missing"""
    n = inputs if kind == "he" else (inputs + outputs)
    return _draw(seed, 2 / n, (outputs, inputs))


def initial_weights__fan_out(inputs, outputs, kind, seed):
    """Says: number of outputs"""
    n = outputs if kind == "he" else inputs + outputs
    return _draw(seed, np.sqrt(2 / n), (outputs, inputs))


def initial_weights__transposed(inputs, outputs, kind, seed):
    """Says: (outputs, inputs)
    Also: digits"""
    n = inputs if kind == "he" else inputs + outputs
    return _draw(seed, np.sqrt(2 / n), (inputs, outputs))


def initial_weights__always_he(inputs, outputs, kind, seed):
    """Says: He's rule, for Xavier"""
    return _draw(seed, np.sqrt(2 / inputs), (outputs, inputs))


def initial_weights__width_for_deviation(inputs, outputs, kind, seed):
    """Says: width of a uniform"""
    a = np.sqrt(2 / (inputs if kind == "he" else inputs + outputs))
    return np.random.default_rng(seed).uniform(-a, a, (outputs, inputs))


def initial_weights__seed_ignored(inputs, outputs, kind, seed):
    """Says: all
    Also: digits"""
    n = inputs if kind == "he" else inputs + outputs
    return _draw(0, np.sqrt(2 / n), (outputs, inputs))


def initial_weights__no_seed(inputs, outputs, kind, seed):
    """Says: The same seed gave other weights"""
    n = inputs if kind == "he" else inputs + outputs
    return _draw(None, np.sqrt(2 / n), (outputs, inputs))


def initial_weights__constant(inputs, outputs, kind, seed):
    """Says: standard deviation"""
    n = inputs if kind == "he" else inputs + outputs
    return np.full((outputs, inputs), np.sqrt(2 / n))


def initial_weights__only_positive(inputs, outputs, kind, seed):
    """Says: initial_weights"""
    n = inputs if kind == "he" else inputs + outputs
    return np.abs(_draw(seed, np.sqrt(2 / n), (outputs, inputs)))


def initial_weights__in_pairs(inputs, outputs, kind, seed):
    """Hidden only.

    Every unit is there twice."""
    n = inputs if kind == "he" else inputs + outputs
    half = _draw(seed, np.sqrt(2 / n), ((outputs + 1) // 2, inputs))
    return np.vstack([half, half])[:outputs]
