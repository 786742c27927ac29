"""Models written once, for whichever `nn` is handed in."""

import functools
import importlib

from coursekit import scratch


class Portable:
    """A Module of the `nn` that is its first argument: write `__init__(self, nn, …)` and `forward` once, run on both.

    The model is an instance of the class that you wrote *and* of ``nn.Module``. It can be copied and pickled.

    Examples
    --------
    >>> class Twice(Portable):
    ...     def __init__(self, nn, features):
    ...         super().__init__()
    ...         self.layer = nn.Linear(features, features)
    ...     def forward(self, x):
    ...         return self.layer(self.layer(x))
    >>> model = Twice(nn, 3)
    >>> isinstance(model, Twice), isinstance(model, nn.Module)
    (True, True)
    >>> model
    Twice(
      (layer): Linear(in_features=3, out_features=3, bias=True)
    )
    """

    def __new__(cls, nn, *arguments, **options):
        return object.__new__(_over(cls, nn))

    def __reduce_ex__(self, protocol):  # pickle looks classes up by name, but the one with nn.Module in it has no place
        design, nn = type(self).__bases__[0], type(self).nn
        return _blank, (design, nn.__name__), self.__dict__


@functools.cache
def _over(design, nn):
    return type(design.__name__, (design, nn.Module), {"nn": nn, "__module__": design.__module__})


def _blank(design, nn):
    return object.__new__(_over(design, importlib.import_module(nn)))


def cat(tensors, dim=1):
    """Join tensors of either backend, channel after channel unless another `dim` is given.

    Examples
    --------
    >>> cat([Tensor(np.zeros((2, 3, 4, 4))), Tensor(np.zeros((2, 5, 4, 4)))]).shape
    (2, 8, 4, 4)
    """
    if isinstance(tensors[0], scratch.Tensor):
        return scratch.cat(tensors, dim)
    import torch

    return torch.cat(tensors, dim)


def tensor(nn, values):
    """Make a tensor of the backend that `nn` belongs to.

    Examples
    --------
    >>> tensor(nn, np.ones(2))
    tensor([1., 1.], dtype=float64)
    """
    package = scratch if nn is scratch.nn else importlib.import_module(nn.__name__.removesuffix(".nn"))
    return package.tensor(values)
