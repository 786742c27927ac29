"""A plain chain of convolutions to look into: what it sees can be traced through every layer by hand."""

from collections import OrderedDict


def plain_small(nn, n_classes=10, in_channels=3, stages=((32, 32), (64, 64), (128, 128)), first_kernel=5):
    """Build a chain of convolution, batch normalisation and ReLU, with a max-pooling after each stage.

    Nothing in it branches, nothing is dense but the classifier, and its first filters are large enough to be looked at:
    a network to open up rather than one to win with. Taught in the chapter on what filters see.

    Parameters
    ----------
    nn : coursekit.scratch.nn or torch.nn
    n_classes, in_channels : int
    stages : sequence of sequences of int
        Channels of the convolutions of each stage.
    first_kernel : int
        Side of the first layer's filters, odd; all others are 3 × 3.

    Returns
    -------
    nn.Sequential
        (N, in_channels, H, W) to (N, n_classes), logits; H and W at least 2 to the number of stages.

    Examples
    --------
    >>> from coursekit.counting import parameters
    >>> model = plain_small(nn)
    >>> parameters(model)
    290282
    >>> [name for name, _ in model.named_children()][:7]
    ['conv1', 'norm1', 'relu1', 'conv2', 'norm2', 'relu2', 'pool1']
    """
    if first_kernel % 2 == 0:
        raise ValueError(f"first_kernel: must be odd, so that padding keeps the size, got {first_kernel}")
    layers, channels, number = OrderedDict(), in_channels, 0
    for stage, widths in enumerate(stages, start=1):
        for width in widths:
            number += 1
            kernel = first_kernel if number == 1 else 3
            layers[f"conv{number}"] = nn.Conv2d(channels, width, kernel_size=kernel, padding=kernel // 2, bias=False)
            layers[f"norm{number}"] = nn.BatchNorm2d(width)
            layers[f"relu{number}"] = nn.ReLU()
            channels = width
        layers[f"pool{stage}"] = nn.MaxPool2d(2)
    layers["average"] = nn.AdaptiveAvgPool2d(1)
    layers["flatten"] = nn.Flatten()
    layers["classifier"] = nn.Linear(channels, n_classes)
    return nn.Sequential(layers)
