"""The graph behind a result: what was computed from what, drawn without any other program."""

import html
import itertools
import re
import zlib
from collections import Counter
from pathlib import Path

from coursekit.viz.layout import arrange, layers_below

# Fill and edge of each kind, after Okabe and Ito, as in every figure of the book.
COLOURS = {
    "operation": ("#E6F1F8", "#0072B2"),
    "leaf": ("#FDF3DF", "#B87A00"),
    "between": ("#F2F2F2", "#777777"),
    "result": ("#E2F3EC", "#00795A"),
}
LINE, LETTER = 16, 7.0  # height of a line, width of a letter, in pixels


def draw_graph(root, names=None, *, most=200):
    """Draw how a result was computed, inputs at the top and the result at the bottom.

    Only what a gradient flows through is recorded, and so drawn: a plain array among the inputs is not.

    Parameters
    ----------
    root : Tensor, torch.Tensor or Value
        The result. Draw it before `backward`, which frees the graph, or call ``backward(retain_graph=True)``.
    names : dict of str to tensor, optional
        Names to show, for example ``{"x": x}`` or ``dict(model.named_parameters())``. An intermediate result with a
        name gets a box of its own.
    most : int
        How many boxes and ellipses are drawn at most; above about 60 a reader sees little.

    Returns
    -------
    Graph
        Shows itself in a notebook, and has ``save(path)``.

    Raises
    ------
    TypeError
        If `root` is none of the three.
    ValueError
        If nothing was recorded, the graph has been freed, or it has more than `most` nodes.

    Examples
    --------
    >>> x, y = (Tensor(v, requires_grad=True) for v in (2.0, 3.0))
    >>> graph = draw_graph(x * y + y, names={"x": x, "y": y})
    >>> print(graph.description)
    Mul takes x and y. Add takes Mul and y. Add gives the result.
    """
    return Graph(*_collect(root, names or {}, most))


class Graph:
    """What `draw_graph` returns: an SVG picture with its description in words built in.

    Attributes
    ----------
    title, description : str
        What the picture shows, for readers who cannot see it.
    svg : str
    """

    def __init__(self, nodes, edges):
        kinds = Counter(node.kind for node in nodes)
        self.title = f"Graph of {_count(kinds['operation'], 'operation')} on {_count(kinds['leaf'], 'input')}"
        self.description = _describe(nodes, edges)
        self.svg = _picture(nodes, edges, self.title, self.description)

    def __repr__(self):
        return f"<{self.title}>"

    def _repr_svg_(self):
        return self.svg

    def _repr_html_(self):
        return f'<div style="overflow-x: auto">{self.svg}</div>'

    def save(self, path):
        """Write the picture to an .svg file."""
        Path(path).write_text(self.svg, encoding="utf-8")


class _Node:
    """A box or an ellipse."""

    def __init__(self, kind, lines, spoken):
        self.kind, self.lines, self.spoken = kind, [line for line in lines if line], spoken
        self.width = max(map(len, self.lines)) * LETTER + (32 if kind == "operation" else 18)
        self.height = LINE * len(self.lines) + 12


# -- what there is to draw


def _collect(root, names, most):
    """Nodes, inputs last, and edges (from, to), one for each use."""
    if not any(hasattr(root, name) for name in ("grad_fn", "left")):
        raise TypeError(f"root must be a Tensor, a torch.Tensor or a Value, got {type(root).__name__}")
    start = _origin(root)
    if start is root and hasattr(root, "grad_fn"):
        raise ValueError("root: nothing was recorded; it was not computed from a tensor with requires_grad=True")
    named = {id(_origin(tensor)): (name, tensor) for name, tensor in names.items()}
    nodes, edges, shown, stack, alive = [], [], {}, [], []

    def add(kind, lines, spoken):
        nodes.append(_Node(kind, lines, spoken))
        if len(nodes) > most:
            raise ValueError(
                f"the graph has more than {most} nodes, too many to read; draw a smaller part of the computation "
                "(one layer, one time step, a batch of one), or allow more with most="
            )
        return nodes[-1]

    def place(source):
        """The node whose arrow means this source; drawn when it is met first."""
        if id(source) in shown:
            return shown[id(source)]
        name, tensor = named.get(id(source), ("", None))
        alive.append(source)  # an id is only a name while the object lives
        if hasattr(source, "left"):  # a Value, which is a number and an operation at once
            lines = [f"{source.data:.4g}", f"grad {source.grad:.3g}"]
            kind = "leaf" if source.left is None else "operation"
            name = name or source.name
            out = add(kind, [name, *lines], name or f"{source.data:.4g}")
        elif hasattr(source, "grad_fn"):  # a leaf
            out = add("leaf", [name, _shape(source)], name or f"an input of shape {_shape(source)}")
        else:
            label = _operation(source)
            shape = getattr(source, "shape", None)
            operation = out = add("operation", [label, "" if shape is None else str(tuple(shape))], label)
            if tensor is not None or source is start:
                tensor = root if tensor is None else tensor
                kind = "result" if source is start else "between"
                out = add(kind, [name or "result", _shape(tensor)], name or "the result")
                edges.append((operation, out))
            stack.append((source, operation))
        if hasattr(source, "left"):
            stack.append((source, out))
        shown[id(source)] = out
        return out

    place(start)
    while stack:
        source, node = stack.pop()
        for parent in _parents(source):
            edges.append((place(parent), node))
    return nodes, edges


def _origin(value):
    """The operation that computed a tensor; a leaf, or a Value, itself."""
    grad_fn = getattr(value, "grad_fn", None)
    return value if grad_fn is None else grad_fn


def _parents(source):
    if hasattr(source, "left"):
        return [parent for parent in (source.left, source.right) if parent is not None]
    if hasattr(source, "next_functions"):  # PyTorch; a leaf hides behind a node AccumulateGrad
        return [getattr(f, "variable", f) for f, _ in source.next_functions if f is not None]
    if source.edges is None:
        raise ValueError("the graph was freed by backward(); draw it before, or use backward(retain_graph=True)")
    return [parent for parent, _ in source.edges]


def _operation(source):
    """MulBackward0 is called Mul."""
    name = source.name() if callable(source.name) else source.name
    return re.sub(r"Backward\d*$", "", name.split("::")[-1])


def _shape(tensor):
    return str(tuple(tensor.shape))


def _count(number, noun):
    return f"{number} {noun}{'s' if number != 1 else ''}"


def _describe(nodes, edges):
    """Every operation in the order of computation, in words. Operations of one name are numbered."""
    layers = layers_below(nodes, edges)
    ordered = [node for layer in reversed(range(max(layers.values()) + 1)) for node in nodes if layers[node] == layer]
    total, seen, spoken = Counter(node.spoken for node in nodes), Counter(), {}
    for node in ordered:
        seen[node.spoken] += 1
        spoken[node] = f"{node.spoken} {seen[node.spoken]}" if total[node.spoken] > 1 else node.spoken
    sentences = []
    for node in ordered:
        sources = [spoken[a] for a, b in edges if b is node]
        if sources and node.kind == "operation":
            sentences.append(f"{spoken[node]} takes {' and '.join(sources)}.")
        elif sources:
            sentences.append(f"{sources[0]} gives {spoken[node]}.")
    return " ".join(sentences) or f"Only {spoken[nodes[0]]}."


# -- how it is drawn


def _picture(nodes, edges, title, description):
    layers, paths = arrange(nodes, edges)
    everything = [node for layer in layers for node in layer]
    left = min(node.x - node.width / 2 for node in everything) - 8
    width = max(node.x + node.width / 2 for node in everything) + 8 - left
    height = max(node.y + node.height / 2 for node in everything) + 16
    name = f"graph-{zlib.crc32((title + description).encode()):08x}"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{name}-title {name}-desc" '
            f'width="{width:.0f}" height="{height:.0f}" viewBox="{left:.1f} -8 {width:.1f} {height:.1f}" '
            'style="max-width: 100%; height: auto" font-family="sans-serif" font-size="12" text-anchor="middle">',
            f'<title id="{name}-title">{html.escape(title)}</title>',
            f'<desc id="{name}-desc">{html.escape(description)}</desc>',
            f'<rect x="{left:.1f}" y="-8" width="{width:.1f}" height="{height:.1f}" fill="white"/>',
            *_arrows(paths),
            *(_shape_of(node) for node in nodes),
            "</svg>",
        ]
    )


def _arrows(paths):
    """Arrows as smooth curves that leave and arrive upright, those at one node side by side."""
    leaving, arriving = {}, {}
    for path in paths:
        leaving.setdefault(path[0], []).append((path[1].x, id(path)))
        arriving.setdefault(path[-1], []).append((path[-2].x, id(path)))
    for path in paths:
        a, b = path[0], path[-1]
        start = _port(a, (path[1].x, id(path)), leaving[a]), a.y + a.height / 2
        end = _port(b, (path[-2].x, id(path)), arriving[b]), b.y - b.height / 2
        points = [start, *((bend.x, bend.y) for bend in path[1:-1]), (end[0], end[1] - 6)]
        curve = f"M{start[0]:.1f},{start[1]:.1f}"
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            middle = (y0 + y1) / 2
            curve += f" C{x0:.1f},{middle:.1f} {x1:.1f},{middle:.1f} {x1:.1f},{y1:.1f}"
        yield f'<path d="{curve}" fill="none" stroke="#555555" stroke-width="1.2"/>'
        x, y = end
        yield f'<path d="M{x:.1f},{y:.1f} l-3.5,-7 h7 z" fill="#555555"/>'


def _port(node, arrow, arrows):
    """Where one of several arrows touches a node."""
    step = min(12, node.width / 2 / len(arrows))
    return node.x + (sorted(arrows).index(arrow) - (len(arrows) - 1) / 2) * step


def _shape_of(node):
    fill, edge = COLOURS[node.kind]
    style = f'fill="{fill}" stroke="{edge}" stroke-width="1.4"'
    left, top = node.x - node.width / 2, node.y - node.height / 2
    if node.kind == "operation":
        shape = f'<ellipse cx="{node.x:.1f}" cy="{node.y:.1f}" rx="{node.width / 2:.1f}" ry="{node.height / 2:.1f}"'
    else:
        shape = f'<rect x="{left:.1f}" y="{top:.1f}" width="{node.width:.1f}" height="{node.height:.1f}" rx="3"'
    text = "".join(
        f'<text x="{node.x:.1f}" y="{top + 18 + LINE * i:.1f}">{html.escape(line)}</text>'
        for i, line in enumerate(node.lines)
    )
    return f"{shape} {style}/>{text}"
