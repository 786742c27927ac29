"""Modules made of Modules."""

from collections import OrderedDict

from coursekit.scratch.nn.module import Module


class Sequential(Module):
    """One layer after the other.

    Examples
    --------
    >>> nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    Sequential(
      (0): Linear(in_features=784, out_features=128, bias=True)
      (1): ReLU()
      (2): Linear(in_features=128, out_features=10, bias=True)
    )
    """

    def __init__(self, *layers):
        super().__init__()
        if len(layers) == 1 and isinstance(layers[0], dict):
            named = layers[0].items()
        else:
            named = ((str(i), layer) for i, layer in enumerate(layers))
        for name, layer in named:
            setattr(self, name, layer)

    def forward(self, input):
        for layer in self:
            input = layer(input)
        return input

    def __len__(self):
        return len(self._children())

    def __iter__(self):
        return iter([layer for _, layer in self._children()])

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)(OrderedDict(self._children()[index]))
        return self._children()[index][1]

    def append(self, layer):
        """Add a layer at the end."""
        setattr(self, str(len(self)), layer)
        return self
