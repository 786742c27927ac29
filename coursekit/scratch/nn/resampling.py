"""Images of another size."""

from coursekit.scratch import functional
from coursekit.scratch.nn.module import Module


class Upsample(Module):
    """Images resized to a `size` or by a `scale_factor`; see `functional.interpolate`.

    Examples
    --------
    >>> layer = Upsample(scale_factor=2)
    >>> layer
    Upsample(scale_factor=2.0, mode='nearest')
    >>> layer(np.zeros((3, 6, 14, 14))).shape
    (3, 6, 28, 28)
    """

    def __init__(self, size=None, scale_factor=None, mode="nearest", align_corners=None):
        super().__init__()
        self.size, self.mode, self.align_corners = size, mode, align_corners
        if isinstance(scale_factor, tuple):
            self.scale_factor = tuple(float(factor) for factor in scale_factor)
        else:
            self.scale_factor = float(scale_factor) if scale_factor else None

    def forward(self, input):
        return functional.interpolate(input, self.size, self.scale_factor, self.mode, self.align_corners)

    def extra_repr(self):
        size = f"size={self.size}" if self.scale_factor is None else f"scale_factor={self.scale_factor}"
        return f"{size}, mode={self.mode!r}"
