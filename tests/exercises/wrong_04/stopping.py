"""Wrong solutions of task 6; see exercise.py."""

import numpy as np


def _fine(losses, patience):
    best, lowest = 0, np.inf
    for epoch, loss in enumerate(losses, start=1):
        if loss < lowest:
            best, lowest = epoch, loss
        elif epoch - best >= patience:
            return best, epoch
    return best, len(losses)


def early_stopping__from_zero(losses, patience):
    """Says: counted from 1"""
    best, last = _fine(losses, patience)
    return best - 1, last - 1


def early_stopping__last_weights(losses, patience):
    """Says: keep the best epoch"""
    _, last = _fine(losses, patience)
    return last, last


def early_stopping__one_too_long(losses, patience):
    """Says: it went on too long"""
    best, lowest = 0, np.inf
    for epoch, loss in enumerate(losses, start=1):
        if loss < lowest:
            best, lowest = epoch, loss
        elif epoch - best > patience:
            return best, epoch
    return best, len(losses)


def early_stopping__to_the_end(losses, patience):
    """Says: it went to the end"""
    return int(np.argmin(losses)) + 1, len(losses)


def early_stopping__equal_counts(losses, patience):
    """Says: (best, last) for

    An equal loss is taken for a new lowest one."""
    best, lowest = 0, np.inf
    for epoch, loss in enumerate(losses, start=1):
        if loss <= lowest:
            best, lowest = epoch, loss
        elif epoch - best >= patience:
            return best, epoch
    return best, len(losses)


def early_stopping__epoch_before(losses, patience):
    """Says: lowest loss so far

    What counts is whether the loss went up, epoch by epoch."""
    bad = 0
    for epoch in range(1, len(losses)):
        bad = bad + 1 if losses[epoch] >= losses[epoch - 1] else 0
        if bad == patience:
            break
    else:
        epoch = len(losses) - 1
    return int(np.argmin(losses[: epoch + 1])) + 1, epoch + 1


def early_stopping__best_of_all(losses, patience):
    """Says: It should be

    It looks beyond the epoch in which it stops."""
    _, last = _fine(losses, patience)
    return int(np.argmin(losses)) + 1, last


def early_stopping__needs_two_epochs(losses, patience):
    """Hidden only."""
    if len(losses) < 2:
        return 0, 0
    return _fine(losses, patience)
