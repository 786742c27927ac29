"""Dropout as a layer."""

from coursekit.scratch import functional
from coursekit.scratch.nn.module import Module


class Dropout(Module):
    """Set entries to zero at random in training, do nothing in evaluation.

    Examples
    --------
    >>> nn.Dropout(0.3).eval()(np.ones(3))
    tensor([1., 1., 1.], dtype=float64)
    """

    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, input):
        return functional.dropout(input, self.p, self.training)

    def extra_repr(self):
        return f"p={self.p}, inplace=False"
