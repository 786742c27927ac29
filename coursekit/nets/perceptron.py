"""The multilayer perceptron."""


def mlp(nn, sizes, activation=None):
    """Build a multilayer perceptron: fully connected layers with an activation between them, none after the last.

    Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors" (Nature 1986). Taught in the
    chapter on multilayer perceptrons.

    Parameters
    ----------
    nn : coursekit.scratch.nn or torch.nn
    sizes : sequence of int
        Inputs, units of each hidden layer, outputs. Images are flattened first.
    activation : class of `nn`, optional
        ReLU unless given.

    Returns
    -------
    nn.Sequential

    Examples
    --------
    >>> mlp(nn, [784, 256, 10])
    Sequential(
      (0): Flatten(start_dim=1, end_dim=-1)
      (1): Linear(in_features=784, out_features=256, bias=True)
      (2): ReLU()
      (3): Linear(in_features=256, out_features=10, bias=True)
    )
    """
    layers = dense_layers(nn, sizes, activation or nn.ReLU)
    return nn.Sequential(nn.Flatten(), *layers)


def dense_layers(nn, sizes, activation, last=None):
    """List fully connected layers from size to size, each followed by an activation, the last one by `last`."""
    layers = []
    for i in range(1, len(sizes)):
        follows = activation if i < len(sizes) - 1 else last
        layers += [nn.Linear(sizes[i - 1], sizes[i]), *([follows()] if follows else [])]
    return layers
