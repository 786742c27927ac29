"""Places for the nodes of a directed graph: in layers, from the top to the bottom, with few crossings.

Layers by longest path, order within a layer by the barycentre heuristic (Sugiyama, Tagawa and Toda, "Methods for visual
understanding of hierarchical system structures", IEEE Trans. SMC 1981), places by isotonic regression.
A node is any object with `width` and `height`, in pixels; it gets `x` and `y`, its centre.
"""

import itertools
import statistics
from collections import Counter

GAP, LEVEL = 18, 34  # between nodes side by side, between layers
BELOW, ABOVE = 0, 1


class Bend:
    """A point that a long arrow passes on its way through a layer."""

    width = height = x = y = 0.0


def layers_below(nodes, edges):
    """How many arrows, at most, lead from each node to the result: its layer, counted from below."""
    incoming, uses = {node: [] for node in nodes}, Counter()
    for a, b in edges:
        incoming[b].append(a)
        uses[a] += 1
    layers = dict.fromkeys(nodes, 0)
    ready = [node for node in nodes if not uses[node]]
    while ready:
        node = ready.pop()
        for source in incoming[node]:
            layers[source] = max(layers[source], layers[node] + 1)
            uses[source] -= 1
            if not uses[source]:
                ready.append(source)
    return layers


def arrange(nodes, edges):
    """Give every node its place; return the layers from the top and every edge as the list of nodes it passes."""
    layer_of = layers_below(nodes, edges)
    layers = [[] for _ in range(max(layer_of.values()) + 1)]
    for node in nodes:
        layers[layer_of[node]].append(node)
    paths = []
    for a, b in edges:
        bends = [Bend() for _ in range(layer_of[b] + 1, layer_of[a])]
        for height, bend in enumerate(bends, layer_of[b] + 1):
            layers[height].append(bend)
        paths.append([a, *reversed(bends), b])
    layers.reverse()
    neighbours = {node: {ABOVE: [], BELOW: []} for layer in layers for node in layer}
    for path in paths:
        for a, b in itertools.pairwise(path):
            neighbours[a][BELOW].append(b)
            neighbours[b][ABOVE].append(a)

    for layer in layers:
        _number(layer)
    best = None
    for sweep in range(12):  # upwards first: operands then stand in the order in which they are written
        side = sweep % 2
        for layer in layers if side == ABOVE else reversed(layers):
            layer.sort(key=lambda node: _mean([m.rank for m in neighbours[node][side]], node.rank))
            _number(layer)
        crossings = sum(_crossings(layer, neighbours) for layer in layers)
        if best is None or crossings < best[0]:
            best = crossings, [layer.copy() for layer in layers]
    layers = best[1]

    for layer in layers:
        _spread(layer, [0.0] * len(layer))
    for sweep in range(16):
        sides = (ABOVE, BELOW) if sweep > 11 else (sweep % 2,)
        for layer in layers if sweep % 2 == ABOVE else reversed(layers):
            _spread(layer, [_mean([m.x for side in sides for m in neighbours[node][side]], node.x) for node in layer])
    top = 0.0
    for layer in layers:
        height = max(node.height for node in layer)
        for node in layer:
            node.y = top + height / 2
        top += height + LEVEL
    return layers, paths


def _number(layer):
    for rank, node in enumerate(layer):
        node.rank = rank


def _mean(values, otherwise):
    return statistics.fmean(values) if values else otherwise


def _crossings(layer, neighbours):
    """How many arrows that end in this layer cross."""
    ends = [above.rank for node in layer for above in sorted(neighbours[node][ABOVE], key=lambda n: n.rank)]
    return sum(a > b for a, b in itertools.combinations(ends, 2))


def _spread(layer, wanted):
    """Put the nodes of a layer as near as possible (least squares) to where they want to be, without overlap."""
    offsets = [0.0]
    for a, b in itertools.pairwise(layer):
        offsets.append(offsets[-1] + (a.width + b.width) / 2 + GAP)
    blocks = []  # nodes pushed together: [sum of wishes, how many]
    for wish, offset in zip(wanted, offsets, strict=True):
        blocks.append([wish - offset, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, count = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += count
    starts = [total / count for total, count in blocks for _ in range(count)]
    for node, start, offset in zip(layer, starts, offsets, strict=True):
        node.x = start + offset
