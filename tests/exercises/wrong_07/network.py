"""Wrong solutions of task 3; see exercise.py. They call the functions of the model solution."""

import numpy as np


def _network(layers, shape, start=None, joined=None, agree=None, counted=None):
    """The right answer, but for what is handed in."""
    total = [0, 0, 0, 0]
    for layer in layers:
        if "paths" in layer:
            ends, before = [], shape
            for path in layer["paths"]:
                end, counts = _network(path, start(before, ends) if start else before, start, joined, agree, counted)
                ends.append(end)
                if counted is None or counted(len(ends)):
                    total = [a + b for a, b in zip(total, counts, strict=True)]
            first = 0 if layer["kind"] == "add" else 1
            fits = len({end[first:] for end in ends}) == 1
            if not (agree(layer["kind"], ends, fits) if agree else fits):
                raise ValueError("paths do not fit")
            if joined:
                shape = joined(layer["kind"], ends, before)
            else:
                wide = layer["kind"] == "concat"
                shape = (sum(end[0] for end in ends), *ends[0][1:]) if wide else ends[0]
        else:
            after = output_shape(layer, shape)
            total = [a + b for a, b in zip(total, count_layer(layer, shape, after), strict=True)]
            shape = after
    return shape, tuple(total)


def _right(kind, ends):
    return (sum(end[0] for end in ends), *ends[0][1:]) if kind == "concat" else ends[0]


def count_network__one_path_after_the_other(layers, shape):
    """Says: All paths get (5, 4, 6)"""
    return _network(layers, shape, start=lambda before, ends: ends[-1] if ends else before)


def count_network__first_path(layers, shape):
    """Says: the first path alone"""
    return _network(layers, shape, joined=lambda kind, ends, before: ends[0])


def count_network__last_path(layers, shape):
    """Says: the last path alone"""
    return _network(layers, shape, joined=lambda kind, ends, before: ends[-1])


def count_network__widest_path(layers, shape):
    """Says: the widest path"""
    return _network(layers, shape, joined=lambda kind, ends, before: max(ends))


def count_network__sum_of_channels_in_a_sum(layers, shape):
    """Says: channels are added up"""
    return _network(layers, shape, joined=lambda kind, ends, before: _right("concat", ends))


def count_network__input_joins(layers, shape):
    """An empty path is taken for granted.
    Says: the input's channels are there"""
    return _network(
        layers,
        shape,
        joined=lambda kind, ends, before: _right(kind, [*ends, before] if kind == "concat" else ends),
    )


def count_network__stacked_rows(layers, shape):
    """Says: rows are stacked"""

    def joined(kind, ends, before):
        if kind == "add":
            return ends[0]
        return (sum(e[0] for e in ends), sum(e[1] for e in ends), ends[0][2])

    return _network(layers, shape, joined=joined)


def count_network__last_path_counts(layers, shape):
    """Says: units of concat"""
    total = np.zeros(4, int)
    for layer in layers:
        before, (shape, counts) = shape, _network([layer], shape)
        if "paths" in layer:
            counts = count_network__last_path_counts(layer["paths"][-1], before)[1]
        total = total + counts
    return shape, tuple(total)


def count_network__first_two_paths(layers, shape):
    """Right for a residual block.
    Says: of concat"""
    return _network(layers, shape, counted=lambda number: number < 3)


def count_network__no_branches_in_branches(layers, shape):
    """Says: each as a list of layers"""
    total = np.zeros(4, int)

    def row(layers, shape):
        nonlocal total
        for layer in layers:
            before, shape = shape, output_shape(layer, shape)
            total = total + count_layer(layer, before, shape)
        return shape

    for layer in layers:
        if "paths" in layer:
            shape = _right(layer["kind"], [row(path, shape) for path in layer["paths"]])
        else:
            shape = row([layer], shape)
    return shape, tuple(total)


def count_network__empty_paths_left_out(layers, shape):
    """Says: An empty path ends in the shape"""
    return _network(
        layers, shape, joined=lambda kind, ends, before: _right(kind, [e for e in ends if e is not before] or ends)
    )


def count_network__never_refuses(layers, shape):
    """Says: NumPy would broadcast it"""
    return _network(layers, shape, agree=lambda kind, ends, fits: True)


def count_network__sums_not_looked_at(layers, shape):
    """Says: NumPy would broadcast it"""
    return _network(layers, shape, agree=lambda kind, ends, fits: fits or kind == "add")


def count_network__broadcasts(layers, shape):
    """Maps of one pixel fit everywhere.
    Says: NumPy would broadcast it"""

    def agree(kind, ends, fits):
        if kind != "add":
            return fits
        return all(len({end[axis] for end in ends} - {1}) < 2 for axis in range(3))

    return _network(layers, shape, agree=agree)


def count_network__only_channels_of_a_sum(layers, shape):
    """Says: NumPy would broadcast it"""
    return _network(
        layers, shape, agree=lambda kind, ends, fits: len({e[0] for e in ends}) == 1 if kind == "add" else fits
    )


def count_network__only_sizes_of_a_sum(layers, shape):
    """Says: 4 channels and in 8"""
    return _network(layers, shape, agree=lambda kind, ends, fits: len({e[1:] for e in ends}) == 1)


def count_network__side_by_side_not_looked_at(layers, shape):
    """Says: maps of 6 x 7"""
    return _network(layers, shape, agree=lambda kind, ends, fits: fits or kind == "concat")


def count_network__side_by_side_all_alike(layers, shape):
    """Refuses paths of different width.
    Says: ValueError"""
    return _network(layers, shape, agree=lambda kind, ends, fits: len(set(ends)) == 1)


def count_network__two_ends_compared(layers, shape):
    """Only the first two paths.
    Hidden only."""

    def agree(kind, ends, fits):
        first = 0 if kind == "add" else 1
        return len({end[first:] for end in ends[:2]}) == 1

    return _network(layers, shape, agree=agree)


def count_network__takes_layers_off(layers, shape):
    """Says: Look for pop"""
    copy = list(layers)
    result = _network(copy, shape)
    while layers:
        layers.pop()
    return result


def count_network__shape_of_the_input(layers, shape):
    """Counts right, and returns what it was given.
    Says: shape behind [conv(4, 3"""
    return shape, _network(layers, shape)[1]


def count_network__every_layer_gets_the_input(layers, shape):
    """Says: behind the one before it"""
    total, end = [0, 0, 0, 0], shape
    for layer in layers:
        try:
            after, counts = _network([layer], shape)
        except ValueError:
            after, counts = _network([layer], end)
        total, end = [a + b for a, b in zip(total, counts, strict=True)], after
    return end, tuple(total)


def _copies(optimiser):
    return {"sgd": 2, "momentum": 3, "adam": 4}[optimiser]


def largest_batch__no_gradients(memory, parameters, numbers, optimiser):
    """Says: one number too few"""
    return max(0, (memory - 4 * (_copies(optimiser) - 1) * parameters) // (4 * numbers))


def largest_batch__no_optimiser(memory, parameters, numbers, optimiser):
    """Says: one number too few"""
    return max(0, (memory - 8 * parameters) // (4 * numbers))


def largest_batch__adam_keeps_one(memory, parameters, numbers, optimiser):
    """Right for the others.
    Says: two means"""
    return max(0, (memory - 4 * min(3, _copies(optimiser)) * parameters) // (4 * numbers))


def largest_batch__parameters_alone(memory, parameters, numbers, optimiser):
    """Says: two numbers too few"""
    return max(0, (memory - 4 * parameters) // (4 * numbers))


def largest_batch__rounded_up(memory, parameters, numbers, optimiser):
    """Says: rounded up"""
    return max(0, -((4 * _copies(optimiser) * parameters - memory) // (4 * numbers)))


def largest_batch__bytes(memory, parameters, numbers, optimiser):
    """Says: takes 4 bytes"""
    return max(0, (memory - _copies(optimiser) * parameters) // numbers)


def largest_batch__everything_for_each_image(memory, parameters, numbers, optimiser):
    """Says: not for every image"""
    return memory // (4 * (numbers + _copies(optimiser) * parameters))


def largest_batch__units_only(memory, parameters, numbers, optimiser):
    """Parameters take room as well.
    Says: the parameters need memory"""
    return memory // (4 * numbers)


def largest_batch__negative(memory, parameters, numbers, optimiser):
    """Says: no fewer than 0"""
    return (memory - 4 * _copies(optimiser) * parameters) // (4 * numbers)


def largest_batch__always_momentum(memory, parameters, numbers, optimiser):
    """Says: keeps nothing besides"""
    return max(0, (memory - 12 * parameters) // (4 * numbers))


def largest_batch__less_than(memory, parameters, numbers, optimiser):
    """Leaves room for one more byte.
    Says: largest_batch(100000, 2000, 600, 'sgd')"""
    return max(0, (memory - 1 - 4 * _copies(optimiser) * parameters) // (4 * numbers))
