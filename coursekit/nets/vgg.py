"""VGG: nothing but 3 × 3 convolutions, stacked deep.

Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition" (ICLR 2015). Two 3 × 3
layers see as much as one of 5 × 5 with fewer weights and one more rectifier. Parameter names are torchvision's, so its
ImageNet weights load. Taught in the chapter on architectures.
"""

from collections import OrderedDict

from torch import nn

# Channels of the convolutions between one pooling and the next: columns D and E of the paper's table 1.
VGG16 = [(64, 64), (128, 128), (256,) * 3, (512,) * 3, (512,) * 3]
VGG19 = [(64, 64), (128, 128), (256,) * 4, (512,) * 4, (512,) * 4]


def vgg16(n_classes=1000):
    """Build VGG-16, 138 357 544 parameters: 89 % of them fully connected, 74 % in the first of these layers alone.

    Returns
    -------
    torch.nn.Sequential
        (N, 3, 224, 224) to (N, n_classes), logits.
    """
    return vgg(VGG16, n_classes)


def vgg19(n_classes=1000):
    """Build VGG-19, 143 667 240 parameters."""
    return vgg(VGG19, n_classes)


def vgg(stages, n_classes):
    features, channels = [], 3
    for stage in stages:
        for width in stage:
            features += [nn.Conv2d(channels, width, kernel_size=3, padding=1), nn.ReLU()]
            channels = width
        features.append(nn.MaxPool2d(2))
    classifier = [
        *(nn.Linear(channels * 7 * 7, 4096), nn.ReLU(), nn.Dropout(0.5)),
        *(nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(0.5)),
        nn.Linear(4096, n_classes),
    ]
    layers = OrderedDict(features=nn.Sequential(*features))
    layers["avgpool"] = nn.AdaptiveAvgPool2d(7)  # does nothing to images of 224 × 224, and lets others through
    layers["flatten"] = nn.Flatten()
    layers["classifier"] = nn.Sequential(*classifier)
    return nn.Sequential(layers)
