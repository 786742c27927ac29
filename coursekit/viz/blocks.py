"""The inside of a block, drawn from the module itself: which layers, in which branches, and where these meet.

`coursekit.nets.traced` runs the module's own `forward` and writes down what calls what, so that the picture cannot
differ from the code. A convolution and the normalisation and activation behind it share a box.
"""

import math

import matplotlib.pyplot as plt
from matplotlib.patches import FancyBboxPatch

from coursekit.viz.fixed import no_layout
from coursekit.viz.layout import arrange

# Fill and edge, after Okabe and Ito: blue for convolution, orange for fully connected, grey for pooling, green where
# branches meet, as in the other pictures of networks.
COLOURS = {
    "convolution": ("#E6F1F8", "#0072B2"),
    "fully connected": ("#FDF3DF", "#B87A00"),
    "pooling": ("#EEEEEE", "#777777"),
    "meeting": ("#E2F3EC", "#00795A"),
    "other": ("white", "#777777"),
}
LINE, LETTER, FONT = 14, 5.9, 8.5  # height of a line and width of a letter in pixels, size of the letters in points
PIXELS = 96  # in an inch
HEAD, BETWEEN = 26, 40  # height of the titles, space between blocks, in pixels
SPOKEN = {"+": "the sum", "side by side": "the channels side by side"}


def block_diagrams(blocks, *, weights=True):
    """Draw the layers of blocks as graphs, side by side, each from its input at the top to its output at the bottom.

    Parameters
    ----------
    blocks : dict of str to torch.fx.GraphModule
        For each title a block, as ``coursekit.nets.traced(module, input_shape)`` gives it.
    weights : bool
        Whether to write the number of weights into the boxes.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If a block has more than 40 boxes: nobody could read it. Draw a part of it.

    Examples
    --------
    >>> from torch import nn
    >>> from coursekit.nets import traced
    >>> layers = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2))
    >>> figure = block_diagrams({"a start": traced(layers, (3, 32, 32))})
    >>> for text in figure.axes[0].texts:
    ...     print(text.get_text().replace("\\n", " | "))
    input | 3 × 32 × 32
    3 × 3, 3 → 8, stride 2 | BN, ReLU | 216 weights
    2 × 2 max-pooling | stride 2
    output | 8 × 7 × 7
    a start
    """
    drawings, left, height = [], 0.0, 0.0
    for title, model in blocks.items():
        boxes, edges = _boxes(model, weights)
        layers, paths = arrange(boxes, edges)
        everything = [node for layer in layers for node in layer]
        start = min(node.x - node.width / 2 for node in everything) - 6
        width = max(max(node.x + node.width / 2 for node in everything) + 6 - start, len(title) * 7)
        for node in everything:
            node.x += left - start
        spans = {n: (n.y, max(m.height for m in layer) / 2) for layer in layers for n in layer}
        drawings.append((title, boxes, paths, spans))
        left += width + BETWEEN
        height = max(height, max(box.y + box.height / 2 for box in boxes) + 6)
    right = left - BETWEEN
    figure = plt.figure(figsize=(right / PIXELS, (height + HEAD) / PIXELS), layout=no_layout())
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, right), ylim=(height, -HEAD))
    ax.set_axis_off()
    for title, boxes, paths, spans in drawings:
        for path in paths:
            _arrow(ax, path, spans)
        for box in boxes:
            _draw_box(ax, box)
        ax.text(boxes[0].x, -HEAD / 2, title, ha="center", va="center", fontsize=10)
    return figure


def describe_blocks(blocks, *, weights=True):
    """Say in words what `block_diagrams` draws, box by box.

    Parameters
    ----------
    blocks, weights
        As for `block_diagrams`.

    Returns
    -------
    str

    Examples
    --------
    >>> from torch import nn
    >>> from coursekit.nets import traced
    >>> layers = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())
    >>> describe_blocks({"a start": traced(layers, (3, 32, 32))}, weights=False)
    'a start: input 3 × 32 × 32; 3 × 3, 3 → 8, ReLU takes the input; output 8 × 30 × 30.'
    """
    sentences = []
    for title, model in blocks.items():
        boxes, edges = _boxes(model, weights)
        parts = [f"input {boxes[0].lines[1]}"]
        for box in boxes[1:-1]:
            sources = [_spoken(a, boxes) for a, b in edges if b is box]
            words = ", ".join(box.lines)
            parts.append(f"{SPOKEN.get(words, words)} takes {' and '.join(sources)}")
        sentences.append("; ".join([f"{title}: {parts[0]}", *parts[1:], f"output {boxes[-1].lines[1]}"]) + ".")
    return " ".join(sentences)


def _spoken(box, boxes):
    if box is boxes[0]:
        return "the input"
    return SPOKEN.get(box.lines[0], box.lines[0])


class _Box:
    """One box: what kind it is, and its lines of text."""

    def __init__(self, kind, *lines):
        self.kind, self.lines, self.after, self.number = kind, list(lines), [], 0

    def finish(self, weights):
        """Write down what follows the layer and how many weights it has; the size follows from the text."""
        if self.after:
            self.lines.append(", ".join(self.after))
        if weights and self.number:
            self.lines.append(f"{self.number:,} weights")
        self.width = max(map(len, self.lines)) * LETTER + 16
        self.height = LINE * len(self.lines) + 10


def _boxes(model, weights):
    """Boxes in the order of computation, the input first and the output last, and the arrows between them."""
    modules = dict(model.named_modules())
    boxes, edges, of = [], [], {}
    for node in model.graph.nodes:
        sources = [argument for argument in node.all_input_nodes if argument in of]
        layer = modules.get(node.target) if node.op == "call_module" else None
        box, follows = _box_of(node, layer)
        if node.op == "get_attr" or (box is None and not follows and not sources):
            continue
        before = of[sources[0]] if sources else None
        if box is None and (
            follows == "" or (before.kind in ("convolution", "fully connected") and _alone(sources[0]))
        ):
            before.after += [follows] if follows else []
            of[node] = before
            continue
        box = box or _Box("other", follows)
        of[node] = box
        boxes.append(box)
        edges += [(of[source], box) for source in node.all_input_nodes if source in of]
        if len(boxes) > 42:
            raise ValueError("blocks: more than 40 layers, too many to read; draw one of its blocks")
    for box in boxes:
        box.finish(weights)
    return boxes, edges


def _alone(node):
    return len(node.users) == 1


def _box_of(node, layer):
    """The box of a call, or None and what to write behind the layer before ("" for what does nothing)."""
    shape = " × ".join(map(str, node.meta["shape"]))
    if node.op in ("placeholder", "output"):
        source = node if node.op == "placeholder" else node.all_input_nodes[0]
        shape = " × ".join(map(str, source.meta["shape"]))
        return _Box("other", "input" if node.op == "placeholder" else "output", shape), None
    if layer is not None:
        return _box_of_layer(layer)
    name = node.target if isinstance(node.target, str) else node.target.__name__
    if name in ("add", "iadd", "add_", "__add__"):
        return _Box("meeting", "+"), None
    if name in ("cat", "concat"):
        return _Box("meeting", "side by side"), None
    if name == "relu":
        return None, "ReLU"
    if name == "mul":
        factor = next((argument for argument in node.args if isinstance(argument, float)), None)
        return _Box("other", f"× {factor:g}" if factor else "×"), None
    if "pool" in name:
        kind = "average pooling" if "avg" in name else "max-pooling"
        window = node.kwargs.get("kernel_size") or (node.args[1] if len(node.args) > 1 else "")
        stride = node.kwargs.get("stride", 1)
        return _Box("pooling", f"{_size(window)} {kind}", *([f"stride {stride}"] if stride != 1 else [])), None
    return (None, "") if name in ("contiguous", "dropout") else (_Box("other", name), None)


def _box_of_layer(layer):
    kinds = {kind.__name__ for kind in type(layer).__mro__}
    if "Conv2d" in kinds:
        stride = f", stride {layer.stride[0]}" if max(layer.stride) > 1 else ""
        box = _Box("convolution", f"{_size(layer.kernel_size)}, {layer.in_channels} → {layer.out_channels}{stride}")
        if layer.groups > 1:
            depthwise = layer.groups == layer.in_channels
            box.lines.append("depthwise" if depthwise else f"{layer.groups} groups")
        box.number = math.prod(layer.weight.shape)
        return box, None
    if "Linear" in kinds:
        box = _Box("fully connected", f"{layer.in_features} → {layer.out_features}")
        box.number = math.prod(layer.weight.shape)
        return box, None
    if "BatchNorm2d" in kinds:  # timm's may have the activation inside
        active = "ReLU" in type(getattr(layer, "act", None)).__name__
        return None, "BN, ReLU" if active else "BN"
    if "MaxPool2d" in kinds or "AvgPool2d" in kinds:
        words = f"{_size(layer.kernel_size)} {'max-pooling' if 'MaxPool2d' in kinds else 'average pooling'}"
        stride = layer.stride if isinstance(layer.stride, int) else layer.stride[0]
        return _Box("pooling", words, *([f"stride {stride}"] if stride > 1 else [])), None
    if kinds & {"Identity", "Dropout"}:
        return None, ""
    if "ReLU" in kinds:
        return None, "ReLU"
    return _Box("pooling" if "Pool" in type(layer).__name__ else "other", type(layer).__name__), None


def _size(window):
    return f"{window} × {window}" if isinstance(window, int) else " × ".join(map(str, window))


def _draw_box(ax, box):
    fill, edge = COLOURS[box.kind]
    corner = (box.x - box.width / 2 + 3, box.y - box.height / 2 + 3)
    style = {"facecolor": fill, "edgecolor": edge, "linewidth": 1.2, "zorder": 2}
    rounded = "round,pad=3,rounding_size=" + ("9" if box.kind == "meeting" else "3")
    ax.add_patch(FancyBboxPatch(corner, box.width - 6, box.height - 6, boxstyle=rounded, **style))
    ax.text(box.x, box.y, "\n".join(box.lines), ha="center", va="center", fontsize=FONT, linespacing=1.15, zorder=3)


def _arrow(ax, path, spans):
    """A line from box to box, upright where it passes others, and its head."""
    a, b = path[0], path[-1]
    spread = (a.x - b.x) / 2
    end = b.x + max(-b.width / 2 + 8, min(b.width / 2 - 8, spread if b.kind == "meeting" else 0))
    passing = [(bend.x, spans[bend][0] + side * spans[bend][1]) for bend in path[1:-1] for side in (-1, 1)]
    points = [(a.x, a.y + a.height / 2), *passing, (end, b.y - b.height / 2 - 5)]
    xs, ys = zip(*points, strict=True)
    ax.plot(xs, ys, color="#555555", linewidth=1.1, zorder=1, solid_joinstyle="round")
    ax.plot([end], [b.y - b.height / 2 - 4], marker="v", color="#555555", markersize=4.5, zorder=1)
