"""Wrong solutions of task 3; see test_01."""

import numpy as np


def softmax(logits):
    """Stands for the model solution's function, which the notebook has at this place."""


def softmax__no_maximum(logits):
    """Says: inf / inf"""
    powers = np.exp(logits)
    return powers / powers.sum(axis=1, keepdims=True)


def softmax__global_maximum(logits):
    """Says: largest entry of the whole batch"""
    powers = np.exp(logits - logits.max())
    return powers / powers.sum(axis=1, keepdims=True)


def softmax__maximum_of_columns(logits):
    """Says: in each column
    Also: training"""
    powers = np.exp(logits - logits.max(axis=0))
    return powers / powers.sum(axis=1, keepdims=True)


def softmax__axis_0(logits):
    """Says: each column sums to 1
    Also: training"""
    powers = np.exp(logits - logits.max(axis=0))
    return powers / powers.sum(axis=0)


def softmax__whole_batch(logits):
    """Says: the whole batch sums to 1
    Also: training"""
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def softmax__not_normalised(logits):
    """Says: divide each row by its sum
    Also: training"""
    return np.exp(logits - logits.max(axis=1, keepdims=True))


def softmax__no_exponential(logits):
    """Says: take np.exp first
    Also: training"""
    return logits / logits.sum(axis=1, keepdims=True)


def softmax__logarithm(logits):
    """Says: these are logarithms
    Also: training"""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def softmax__in_place(logits):
    """Says: changed the array `logits`"""
    logits -= logits.max(axis=1, keepdims=True)
    powers = np.exp(logits)
    return powers / powers.sum(axis=1, keepdims=True)


def softmax__no_keepdims(logits):
    """Works for square input only.
    Says: With keepdims=True the shape is (N, 1)
    Also: training"""
    powers = np.exp(logits - logits.max(axis=1))
    return powers / powers.sum(axis=1)


def softmax__keepdims_once(logits):
    """Says: With keepdims=True the shape is (N, 1)
    Also: training"""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1)


def softmax__sum_of_the_batch(logits):
    """Says: the whole batch sums to 1
    Also: training"""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum()


def softmax__sum_of_columns(logits):
    """Says: each column sums to 1
    Also: training"""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=0)


def softmax__result_thrown_away(logits):
    """Says: these are the logits as they came
    Also: training"""
    for row in logits:
        row = np.exp(row - row.max()) / np.exp(row - row.max()).sum()
    return logits


def softmax__clipped(logits):
    """Cuts the logits off instead of shifting them.
    Says: softmax([[1000, 999]])"""
    powers = np.exp(np.clip(logits, -500, 500))
    return powers / powers.sum(axis=1, keepdims=True)


def softmax__shift_in_whole_numbers(logits):
    """Rounds the logits to the type of the input, so that whole numbers work and others lose their fraction.
    Says: softmax(logits)
    Also: training"""
    shifted = (logits - logits.max(axis=1, keepdims=True)).astype(int)
    powers = np.exp(shifted)
    return powers / powers.sum(axis=1, keepdims=True)


def softmax__own_type(logits):
    """Fails on whole numbers: the exponentials do not fit into the type of the input.
    Hidden only."""
    powers = np.zeros_like(logits)
    powers[:] = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def log_softmax__of_softmax(logits):
    """Says: logarithm of softmax"""
    return np.log(softmax(logits))


def log_softmax__epsilon(logits):
    """Says: small number was added"""
    return np.log(softmax(logits) + 1e-12)


def log_softmax__no_maximum(logits):
    """Says: e to the 1000 is infinite"""
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def log_softmax__global_maximum(logits):
    """A row far below the maximum of the batch becomes inf.
    Hidden only."""
    shifted = logits - logits.max()
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def log_softmax__maximum_once(logits):
    """Says: subtracted only inside the sum
    Also: training"""
    return logits - np.log(np.exp(logits - logits.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True))


def log_softmax__axis_0(logits):
    """Says: log_softmax(logits): with exp taken, each column sums to 1
    Also: training"""
    shifted = logits - logits.max(axis=0)
    return shifted - np.log(np.exp(shifted).sum(axis=0))


def log_softmax__whole_batch(logits):
    """Says: log_softmax(logits): with exp taken, the whole batch sums to 1
    Also: training"""
    shifted = logits - logits.max()
    return shifted - np.log(np.exp(shifted).sum())


def log_softmax__no_keepdims(logits):
    """Says: With keepdims=True the shape is (N, 1)
    Also: training"""
    shifted = logits - logits.max(axis=1)
    return shifted - np.log(np.exp(shifted).sum(axis=1))


def log_softmax__keepdims_once(logits):
    """Says: With keepdims=True the shape is (N, 1)
    Also: training"""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1))


def log_softmax__base_2(logits):
    """Says: log base 2
    Also: training"""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return (shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))) / np.log(2)


def log_softmax__in_place(logits):
    """Says: changed the array `logits`"""
    logits -= logits.max(axis=1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
