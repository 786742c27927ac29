"""Wrong solutions of task 6; see exercise.py."""

import numpy as np


def _gain(new, old, t, ddof=1, count=None, spread=None):
    if len(new) != len(old) or len(new) < 2:
        raise ValueError("as many draws of each, at least 2")
    d = np.asarray(new) - np.asarray(old)
    s = d.std(ddof=ddof) if spread is None else spread
    reach = t * s / np.sqrt(len(d) if count is None else count)
    return d.mean(), d.mean() - reach, d.mean() + reach


def _t(draws):
    return T_95[draws - 2]  # of the notebook


def gain__old_minus_new(new, old):
    """Says: the sign is wrong"""
    return _gain(old, new, _t(len(new)))


def gain__unpaired(new, old):
    """Says: taken as independent"""
    return _gain(new, old, _t(len(new)), spread=np.sqrt(np.var(new, ddof=1) + np.var(old, ddof=1)))


def gain__no_root(new, old):
    """Says: the root of the number of draws is missing"""
    return _gain(new, old, _t(len(new)), count=1)


def gain__ddof(new, old):
    """Says: divide by R - 1"""
    return _gain(new, old, _t(len(new)), ddof=0)


def gain__normal(new, old):
    """Says: 1.96 is for endlessly many"""
    return _gain(new, old, 1.96)


def gain__next_t(new, old):
    """Says: with four draws t is 3.182"""
    return _gain(new, old, T_95[min(len(new) - 1, 28)])


def gain__reach(new, old):
    """Says: the ends' distances"""
    mean, low, _ = _gain(new, old, _t(len(new)))
    return mean, mean - low, mean - low


def gain__exchanged(new, old):
    """Says: the ends are exchanged"""
    mean, low, high = _gain(new, old, _t(len(new)))
    return mean, high, low


def gain__one_draw(new, old):
    """Hidden only."""
    if len(new) == 1:
        return new[0] - old[0], new[0] - old[0], new[0] - old[0]
    return _gain(new, old, _t(len(new)))


def gain__shorter(new, old):
    """Hidden only."""
    count = min(len(new), len(old))
    return _gain(new[:count], old[:count], _t(count))


def gain__broadcasts(new, old):
    """One accuracy of the old way is compared with all of the new.
    Hidden only."""
    if len(new) < 2:
        raise ValueError
    d = np.asarray(new) - np.asarray(old)
    reach = _t(len(d)) * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean(), d.mean() - reach, d.mean() + reach


def gain__relative(new, old):
    """Says: mean"""
    return _gain(new / old, np.ones(len(old)), _t(len(new)))


def gain__four_draws(new, old):
    """Hidden only."""
    return _gain(new, old, 3.182)
