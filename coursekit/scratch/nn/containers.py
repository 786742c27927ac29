"""Modules made of Modules."""

from collections import OrderedDict

from coursekit.scratch.nn.module import Module


class _Layers(Module):
    """What can be numbered: the Modules inside, in the order in which they came. One may stand there twice."""

    def __len__(self):
        return len(self._children())

    def __iter__(self):
        return iter([layer for _, layer in self._children()])

    def __getitem__(self, index):
        return list(self)[index]

    def __setitem__(self, index, layer):
        """Put another layer in a layer's place: ``model[-1] = nn.Linear(64, 5)``."""
        setattr(self, self._children()[index][0], layer)

    def append(self, layer):
        """Add a layer at the end."""
        self.add_module(str(len(self)), layer)
        return self

    def extend(self, layers):
        """Add several layers at the end."""
        for layer in list(layers):
            self.append(layer)
        return self


class Sequential(_Layers):
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
            for name, layer in layers[0].items():
                self.add_module(name, layer)
        else:
            self.extend(layers)

    def forward(self, input):
        for layer in self:
            input = layer(input)
        return input

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)(OrderedDict(self._children()[index]))
        return super().__getitem__(index)


class ModuleList(_Layers):
    """A list of Modules, for a `forward` of one's own; in a Python list their parameters would not be found.

    Examples
    --------
    >>> cells = nn.ModuleList([nn.Linear(3, 3) for _ in range(2)])
    >>> list(cells.state_dict())
    ['0.weight', '0.bias', '1.weight', '1.bias']
    """

    def __init__(self, modules=()):
        super().__init__()
        self.extend(modules)

    def __getitem__(self, index):
        found = super().__getitem__(index)
        return type(self)(found) if isinstance(index, slice) else found
