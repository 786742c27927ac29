"""Wrong solutions of task 2; see exercise.py. Whoever counts a layer wrong counts networks wrong."""

import math


def _count(layer, before, after, reads=None, parameters=None, places=None, work=None, norm=None, units=None):
    """The right answer, but for what is handed in."""
    kind = layer["kind"]
    made = math.prod(after)
    if kind == "norm":
        right = 0, 2 * before[0], 2 * before[0], 0
        return norm(before) if norm else right
    if kind in ("relu", "flatten"):
        return 0, 0, 0, 0
    if kind in ("pool", "mean"):
        return made, 0, 0, 0
    k, g = (layer["kernel"], layer["groups"]) if kind == "conv" else (1, 1)
    inputs = reads(k, before[0], g) if reads else k * k * before[0] // g
    own = parameters(after[0], inputs, layer["bias"], made, g) if parameters else after[0] * (inputs + layer["bias"])
    done = work(made, inputs, layer["bias"]) if work else made * inputs
    if places and kind == "conv":
        done = places(before, after) * after[0] * inputs
    return (units(before, after) if units else made), own, 0, done


def count_layer__groups_ignored(layer, before, after):
    """Says: the groups are ignored"""
    return _count(layer, before, after, reads=lambda k, c, g: k * k * c)


def count_layer__groups_divide_filters_too(layer, before, after):
    """Says: divided by the groups twice"""
    return _count(layer, before, after, parameters=lambda m, r, b, u, g: m // g * r + b * m)


def count_layer__only_one_group(layer, before, after):
    """Counts the filters of a single group, biases included.
    Says: biases included"""
    return _count(layer, before, after, parameters=lambda m, r, b, u, g: m // g * (r + b))


def count_layer__no_biases(layer, before, after):
    """Says: the biases are missing
    Also: network"""
    return _count(layer, before, after, parameters=lambda m, r, b, u, g: m * r)


def count_layer__always_biases(layer, before, after):
    """Says: `bias` is False
    Also: network"""
    return _count(layer, before, after, parameters=lambda m, r, b, u, g: m * r + m)


def count_layer__a_bias_for_each_unit(layer, before, after):
    """Says: one bias for each unit
    Also: network"""
    return _count(layer, before, after, parameters=lambda m, r, b, u, g: m * r + b * u)


def count_layer__one_bias_for_all(layer, before, after):
    """Says: Every filter has its own
    Also: network"""
    return _count(layer, before, after, parameters=lambda m, r, b, u, g: m * r + b)


def count_layer__kernel_not_squared(layer, before, after):
    """Says: has 3 · 3 weights
    Also: network"""
    return _count(layer, before, after, reads=lambda k, c, g: k * c // g)


def count_layer__weights_not_shared(layer, before, after):
    """Counts connections.
    Says: are shared
    Also: network"""
    return _count(layer, before, after, parameters=lambda m, r, b, u, g: u * (r + b))


def count_layer__a_filter_sees_one_channel(layer, before, after):
    """Says: parameters of conv(12, 3
    Also: network"""
    return _count(layer, before, after, reads=lambda k, c, g: k * k if k > 1 else c)


def count_layer__input_size(layer, before, after):
    """Says: at every place of the output
    Also: network"""
    return _count(layer, before, after, places=lambda before, after: math.prod(before[1:]))


def count_layer__biases_are_work(layer, before, after):
    """Says: Adding one is no multiply-add
    Also: network"""
    return _count(layer, before, after, work=lambda u, r, b: u * (r + b))


def count_layer__operations(layer, before, after):
    """Says: count as one
    Also: network"""
    return _count(layer, before, after, work=lambda u, r, b: 2 * u * r)


def count_layer__each_weight_once(layer, before, after):
    """Says: each weight is counted once
    Also: network"""
    return _count(layer, before, after, places=lambda before, after: 1)


def count_layer__units_before(layer, before, after):
    """Says: numbers before the layer
    Also: network"""
    return _count(layer, before, after, units=lambda before, after: math.prod(before))


def count_layer__units_of_a_map(layer, before, after):
    """Says: the units of one map
    Also: network"""
    return _count(layer, before, after, units=lambda before, after: math.prod(after[1:]))


def count_layer__statistics_are_parameters(layer, before, after):
    """Says: they have a number of their own
    Also: network"""
    return _count(layer, before, after, norm=lambda shape: (0, 4 * shape[0], 0, 0))


def count_layer__statistics_twice(layer, before, after):
    """Says: they have a number of their own
    Also: network"""
    return _count(layer, before, after, norm=lambda shape: (0, 4 * shape[0], 2 * shape[0], 0))


def count_layer__no_statistics(layer, before, after):
    """Says: 0 only for the other kinds
    Also: network"""
    return _count(layer, before, after, norm=lambda shape: (0, 2 * shape[0], 0, 0))


def count_layer__scale_only(layer, before, after):
    """Says: a scale and a shift for each channel
    Also: network"""
    return _count(layer, before, after, norm=lambda shape: (0, shape[0], 2 * shape[0], 0))


def count_layer__mean_only(layer, before, after):
    """Says: a moving mean and a moving variance
    Also: network"""
    return _count(layer, before, after, norm=lambda shape: (0, 2 * shape[0], shape[0], 0))


def count_layer__a_scale_for_each_unit(layer, before, after):
    """Says: not for each unit
    Also: network"""
    return _count(layer, before, after, norm=lambda shape: (0, 2 * math.prod(shape), 2 * math.prod(shape), 0))


def count_layer__norm_is_work(layer, before, after):
    """Says: by convention
    Also: network"""
    return _count(layer, before, after, norm=lambda shape: (0, 2 * shape[0], 2 * shape[0], math.prod(shape)))


def count_layer__norm_makes_units(layer, before, after):
    """Says: it makes no new units
    Also: network"""
    return _count(layer, before, after, norm=lambda s: (math.prod(s), 2 * s[0], 2 * s[0], 0))


def count_layer__relu_makes_units(layer, before, after):
    """Says: a rectifier makes no new units
    Also: network"""
    counts = _count(layer, before, after)
    return (math.prod(after), *counts[1:]) if layer["kind"] == "relu" else counts


def count_layer__flatten_makes_units(layer, before, after):
    """Says: the same numbers in a row
    Also: network"""
    counts = _count(layer, before, after)
    return (math.prod(after), *counts[1:]) if layer["kind"] == "flatten" else counts


def count_layer__pooling_is_work(layer, before, after):
    """Says: no weights to multiply with
    Also: network"""
    counts = _count(layer, before, after)
    return (*counts[:3], counts[0] * layer["kernel"] ** 2) if layer["kind"] == "pool" else counts


def count_layer__pooling_makes_no_units(layer, before, after):
    """Says: units of pool(2
    Also: network"""
    counts = _count(layer, before, after)
    return (0, 0, 0, 0) if layer["kind"] == "pool" else counts


def count_layer__in_another_order(layer, before, after):
    """Says: units of conv(12
    Also: network"""
    units, parameters, statistics, work = _count(layer, before, after)
    return parameters, units, statistics, work


def count_layer__three_numbers(layer, before, after):
    """Says: should return 4 things
    Also: network"""
    return _count(layer, before, after)[:3]
