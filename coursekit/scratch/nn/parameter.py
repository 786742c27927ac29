"""Parameter: what a layer trains."""

from coursekit.scratch.autograd import Tensor


class Parameter(Tensor):
    """A Tensor that a Module registers as something to train.

    Examples
    --------
    >>> Parameter([1.0])
    Parameter containing:
    tensor([1.], requires_grad=True)
    """

    def __init__(self, data, requires_grad=True):
        super().__init__(data, requires_grad)

    def __repr__(self):
        return "Parameter containing:\n" + super().__repr__()
