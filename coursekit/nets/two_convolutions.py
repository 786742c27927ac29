"""The example of a convolutional network in a lecture: two convolutions, two dense layers, for images of 32 × 32."""

from collections import OrderedDict


def two_convolutions(nn, n_classes=10, in_channels=3):
    """Build the network that Oh's lecture EECS 545 (Michigan, 2016) writes down in Torch's Lua, for small photographs.

    The lecture ends it in a log-softmax; here it ends in logits, as all networks of the package do. Taught in the
    chapter on backpropagation through convolution and pooling.

    Parameters
    ----------
    nn : coursekit.scratch.nn or torch.nn
    n_classes, in_channels : int

    Returns
    -------
    nn.Sequential
        (N, in_channels, 32, 32) to (N, n_classes), logits.

    Examples
    --------
    >>> from coursekit.counting import summary
    >>> table = summary(two_convolutions(nn), (3, 32, 32))
    >>> for row in table:
    ...     print(f"{row.name:<7}  {row.output_shape}")
    conv1    (64, 28, 28)
    relu1    (64, 28, 28)
    pool1    (64, 14, 14)
    conv2    (128, 10, 10)
    relu2    (128, 10, 10)
    pool2    (128, 5, 5)
    flatten  (3200,)
    fc1      (128,)
    relu3    (128,)
    fc2      (10,)
    >>> table.parameters
    620810
    """
    layers = OrderedDict()
    layers["conv1"] = nn.Conv2d(in_channels, 64, kernel_size=5)
    layers["relu1"] = nn.ReLU()
    layers["pool1"] = nn.MaxPool2d(2)
    layers["conv2"] = nn.Conv2d(64, 128, kernel_size=5)
    layers["relu2"] = nn.ReLU()
    layers["pool2"] = nn.MaxPool2d(2)
    layers["flatten"] = nn.Flatten()
    layers["fc1"] = nn.Linear(128 * 5 * 5, 128)
    layers["relu3"] = nn.ReLU()
    layers["fc2"] = nn.Linear(128, n_classes)
    return nn.Sequential(layers)
