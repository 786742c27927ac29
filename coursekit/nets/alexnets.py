"""AlexNet: the network that won ImageNet 2012.

`alexnet` is the one whose trained weights can be had, `alexnet_2012` the one of the first paper. Taught in the chapter
on architectures.
"""

from collections import OrderedDict

from torch import nn


def alexnet(n_classes=1000):
    """Build AlexNet in one piece, as torchvision has it, with its parameter names: 61 100 840 parameters.

    Krizhevsky, "One weird trick for parallelizing convolutional neural networks" (2014): 64 filters in the first layer
    instead of 96, no groups, no response normalisation.

    Returns
    -------
    torch.nn.Sequential
        (N, 3, 224, 224) to (N, n_classes), logits.
    """
    features = nn.Sequential(
        *(nn.Conv2d(3, 64, kernel_size=11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, stride=2)),
        *(nn.Conv2d(64, 192, kernel_size=5, padding=2), nn.ReLU(), nn.MaxPool2d(3, stride=2)),
        *(nn.Conv2d(192, 384, kernel_size=3, padding=1), nn.ReLU()),
        *(nn.Conv2d(384, 256, kernel_size=3, padding=1), nn.ReLU()),
        *(nn.Conv2d(256, 256, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(3, stride=2)),
    )
    return _network(features, n_classes)


def alexnet_2012(n_classes=1000):
    """Build AlexNet as it was: 60 965 224 parameters, and the 659 272 units that the paper rounds to 650 000.

    Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural networks" (NeurIPS 2012).
    It was spread over two GPUs with 3 GB each, which saw one another in the third convolution and in the fully
    connected layers only: that is what `groups=2` says. The paper writes 224 × 224 pixels, but the 55 × 55 places of
    its first layer need 227 × 227.

    Returns
    -------
    torch.nn.Sequential
        (N, 3, 227, 227) to (N, n_classes), logits.
    """

    def normalisation():  # the paper's constants; PyTorch divides alpha by the size, the paper does not
        return nn.LocalResponseNorm(size=5, alpha=5 * 1e-4, beta=0.75, k=2)

    features = nn.Sequential(
        *(nn.Conv2d(3, 96, kernel_size=11, stride=4), nn.ReLU(), normalisation(), nn.MaxPool2d(3, stride=2)),
        *(
            nn.Conv2d(96, 256, kernel_size=5, padding=2, groups=2),
            nn.ReLU(),
            normalisation(),
            nn.MaxPool2d(3, stride=2),
        ),
        *(nn.Conv2d(256, 384, kernel_size=3, padding=1), nn.ReLU()),
        *(nn.Conv2d(384, 384, kernel_size=3, padding=1, groups=2), nn.ReLU()),
        *(nn.Conv2d(384, 256, kernel_size=3, padding=1, groups=2), nn.ReLU(), nn.MaxPool2d(3, stride=2)),
    )
    return _network(features, n_classes)


def _network(features, n_classes):
    classifier = nn.Sequential(
        *(nn.Dropout(0.5), nn.Linear(256 * 6 * 6, 4096), nn.ReLU()),
        *(nn.Dropout(0.5), nn.Linear(4096, 4096), nn.ReLU()),
        nn.Linear(4096, n_classes),
    )
    layers = OrderedDict(features=features)
    layers["avgpool"] = nn.AdaptiveAvgPool2d(6)  # does nothing to images of the right size, and lets others through
    layers["flatten"] = nn.Flatten()
    layers["classifier"] = classifier
    return nn.Sequential(layers)
