"""Architectures, in the order of history. Those that take `nn` run on either backend; the others need PyTorch.

By year, with the number of parameters::

    1986  mlp(nn, sizes)                                  Rumelhart, Hinton, Williams: back-propagation
    1998  lenet5_1998(nn)                       60 000    LeCun et al.: convolution, subsampling, partial connections
          lenet5(nn)                            61 706    the same as it is built today
    2006  autoencoder(nn, sizes)                          Hinton, Salakhutdinov: through a narrow place
          conv_autoencoder(nn)                            the same for images
    2012  alexnet_2012()                    60 965 224    Krizhevsky et al.: ReLU, dropout, two GPUs
    2014  alexnet()                         61 100 840    Krizhevsky: on one GPU, the one with trained weights
          vgg16() · vgg19()        138 357 544 · 143 667 240    Simonyan, Zisserman: small filters, deep
          googlenet()                        6 998 552    Szegedy et al.: branches, cheap 1 × 1, losses half-way up
    2015  unet(nn)                          31 030 658    Ronneberger et al.: down and up again (here 16 times narrower)
          resnet50() · resnet152()  25 557 032 · 60 192 808    He et al.: shortcuts
    2016  resnext50()                       25 028 904    Xie et al.: groups

`vgg_small(nn)` and `resnet_small(nn, depth)` are VGG and ResNet for images of 32 × 32, `two_convolutions(nn)` is a
lecture's example, `plain_small(nn)` a chain to open up. `character_lstm(nn)` and `character_convolutions(nn)` read a
text letter by letter; `digit_detector(nn)` finds digits in a scene. Inception-v3 is best taken from torchvision.
`trained(name, nn)` gives a network that comes with its weights, `card(name)` says how it got them; `pretrained(name)`
gives one that others trained on ImageNet, for images made by `as_input`. `traced(module, input_shape)` lists what calls
what in any of them.
Reading order: portable (how one class runs on both), perceptron, lenet, autoencoders, segmentation, small, plain,
characters; then alexnets, vgg, inception, resnet, detection; cards, imagenet, download, tracing. Importing this package
does not import PyTorch.

Examples
--------
>>> import torch
>>> from coursekit import nets
>>> from coursekit.counting import parameters
>>> with torch.device("meta"):                          # shapes without numbers
...     for build in (nets.alexnet_2012, nets.vgg16, nets.resnet50, nets.resnext50):
...         print(build.__name__, parameters(build()))
alexnet_2012 60965224
vgg16 138357544
resnet50 25557032
resnext50 25028904
"""

import importlib

from coursekit.nets.autoencoders import autoencoder, conv_autoencoder
from coursekit.nets.cards import card, trained, trained_names
from coursekit.nets.characters import character_convolutions, character_lstm
from coursekit.nets.lenet import lenet5, lenet5_1998
from coursekit.nets.perceptron import mlp
from coursekit.nets.plain import plain_small
from coursekit.nets.portable import Portable, cat
from coursekit.nets.segmentation import unet
from coursekit.nets.small import resnet_small, vgg_small
from coursekit.nets.two_convolutions import two_convolutions

_NEEDS_PYTORCH = {
    **dict.fromkeys(["alexnet", "alexnet_2012"], "alexnets"),
    **dict.fromkeys(["vgg16", "vgg19"], "vgg"),
    **dict.fromkeys(["googlenet", "GoogLeNet"], "inception"),
    **dict.fromkeys(["resnet50", "resnet152", "resnext50"], "resnet"),
    **dict.fromkeys(["WeightsError", "as_input", "imagenet_classes", "pretrained"], "imagenet"),
    "digit_detector": "detection",
    "traced": "tracing",
}

__all__ = ["Portable", "cat", *_NEEDS_PYTORCH]
__all__ += ["autoencoder", "conv_autoencoder", "lenet5", "lenet5_1998", "mlp", "plain_small", "resnet_small"]
__all__ += ["two_convolutions"]
__all__ += ["card", "character_convolutions", "character_lstm", "trained", "trained_names", "unet", "vgg_small"]


def __getattr__(name):  # asked for what is not here yet: PyTorch is imported with the first network that needs it
    if name in _NEEDS_PYTORCH:
        return getattr(importlib.import_module(f"coursekit.nets.{_NEEDS_PYTORCH[name]}"), name)
    raise AttributeError(f"module 'coursekit.nets' has no attribute {name!r}")
