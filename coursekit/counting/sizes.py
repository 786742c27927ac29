"""Output sizes and receptive fields, by formula, along one side of the image."""

from dataclasses import dataclass

from coursekit.scratch.kernels import output_size


def trace_sizes(size, layers):
    """List the size before, between and after the layers of a stack.

    Parameters
    ----------
    size : int
    layers : as for `receptive_field`

    Returns
    -------
    list of int

    Examples
    --------
    >>> trace_sizes(32, [(5,), (2, 2), (5,), (2, 2), (5,)])      # LeNet-5
    [32, 28, 14, 10, 5, 1]
    """
    sizes = [size]
    for layer in windows(layers):
        sizes.append(output_size(sizes[-1], *layer))
    return sizes


@dataclass(frozen=True)
class ReceptiveField:
    """What one unit sees of one side of the input.

    Attributes
    ----------
    size : int
        Pixels that can influence a unit.
    jump : int
        Pixels from one unit's receptive field to the next one's.
    first : int
        Where that of unit 0 begins; negative where it reaches into the padding.
    """

    size: int = 1
    jump: int = 1
    first: int = 0

    def pixels(self, unit, image_size=None):
        """Return the range of pixels that unit number `unit` sees; with the size of the image, those inside it."""
        start = self.first + self.jump * unit
        stop = start + self.size
        return range(start, stop) if image_size is None else range(max(start, 0), min(stop, image_size))

    def centre(self, unit):
        """Return where the middle of what unit number `unit` sees lies, in pixels; the middle of pixel 0 is 0."""
        return self.first + self.jump * unit + (self.size - 1) / 2


def receptive_field(layers, axis=0):
    """Compute the receptive field of a stack of layers.

    Each layer widens it by its own window, measured in the jump *before* the layer: `size += d * (k - 1) * jump`;
    then `jump *= s`. See Araujo et al., "Computing receptive fields of convolutional neural networks" (Distill 2019).
    A formula says what can have influence; `measured_receptive_field` says what has.

    Parameters
    ----------
    layers : Sequential or sequence
        A model of convolutions, pooling and layers that treat every unit by itself (any backend, Sequentials inside
        included); or for each layer a tuple (kernel_size, stride, padding, dilation), whose end may be left out.
    axis : 0 or 1
        Rows or columns, where they differ.

    Returns
    -------
    ReceptiveField

    Raises
    ------
    ValueError
        If the model contains something that is no window: several branches, a fully connected layer, upsampling.

    Examples
    --------
    >>> receptive_field([(3,), (3,), (3,)])                     # three 3 × 3 layers see what one 7 × 7 layer sees
    ReceptiveField(size=7, jump=1, first=0)
    >>> field = receptive_field(nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)))
    >>> field, field.pixels(0), field.pixels(0, image_size=28)
    (ReceptiveField(size=6, jump=2, first=-2), range(-2, 4), range(0, 4))
    """
    size, jump, first = 1, 1, 0
    for kernel_size, stride, padding, dilation in windows(layers, axis):
        size += dilation * (kernel_size - 1) * jump
        first -= padding * jump
        jump *= stride
    return ReceptiveField(size, jump, first)


def windows(layers, axis=0):
    """Yield (kernel_size, stride, padding, dilation) along one axis, for each layer that has a window."""
    for layer in layers:
        if isinstance(layer, tuple):
            yield tuple(_along(value, axis) for value in (*layer, *(1, 1, 0, 1)[len(layer) :]))
        elif type(layer).__name__ == "Sequential":
            yield from windows(layer, axis)
        elif type(layer).__name__ in ("Conv1d", "Conv2d", "MaxPool1d", "MaxPool2d", "AvgPool2d"):
            stated = (layer.kernel_size, layer.stride, layer.padding, getattr(layer, "dilation", 1))
            kernel_size, stride, padding, dilation = (_along(value, axis) for value in stated)
            if isinstance(padding, str):
                padding = dilation * (kernel_size - 1) // 2 if padding == "same" else 0
            yield kernel_size, stride, padding, dilation
        elif not _by_itself(layer):
            raise ValueError(
                f"{type(layer).__name__} is not a window that slides over the image; "
                "give the layers before it, such as model[:-1], or measure with measured_receptive_field"
            )


def _along(value, axis):
    return value[axis] if isinstance(value, tuple | list) else value


def _by_itself(layer):
    """Say whether a layer treats every place of the image by itself, which leaves the receptive field as it is."""
    mixing = ("Linear", "latten", "Upsampl", "Transpose", "pool", "Pool", "LayerNorm", "GroupNorm", "InstanceNorm")
    return not any(part in type(layer).__name__ for part in mixing) and not any(True for _ in layer.children())
