"""Wrong solutions of task 3; see exercise.py."""

import numpy as np


def rate_at__first_step_wasted(s, total, warmup, peak):
    """Says: the first step has the rate 0"""
    if s < warmup:
        return peak * s / warmup
    return peak / 2 * (1 + np.cos(np.pi * (s - warmup) / (total - warmup)))


def rate_at__no_warmup(s, total, warmup, peak):
    """Says: the warm-up is missing"""
    return peak / 2 * (1 + np.cos(np.pi * s / total))


def rate_at__cosine_from_zero(s, total, warmup, peak):
    """Says: when the warm-up is over"""
    return peak * (s + 1) / warmup if s < warmup else peak / 2 * (1 + np.cos(np.pi * s / total))


def rate_at__whole_turn(s, total, warmup, peak):
    """Says: a whole turn"""
    if s < warmup:
        return peak * (s + 1) / warmup
    return peak / 2 * (1 + np.cos(2 * np.pi * (s - warmup) / (total - warmup)))


def rate_at__wrong_length(s, total, warmup, peak):
    """Says: T - W steps"""
    return peak * (s + 1) / warmup if s < warmup else peak / 2 * (1 + np.cos(np.pi * (s - warmup) / total))


def rate_at__constant_after(s, total, warmup, peak):
    """Says: stays at the peak"""
    return peak * min(1, (s + 1) / warmup)


def rate_at__needs_a_warmup(s, total, warmup, peak):
    """Hidden only.
    Also: digits"""
    rise = peak * (s + 1) / warmup
    return rise if s < warmup else peak / 2 * (1 + np.cos(np.pi * (s - warmup) / (total - warmup)))
