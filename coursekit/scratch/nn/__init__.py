"""Layers, losses and models, with the names, arguments, defaults and parameter keys of `torch.nn`.

Reading order: module (what every layer is), containers, dense, convolution, pooling, activations, losses.
"""

from coursekit.scratch import functional, init
from coursekit.scratch.nn.activations import LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from coursekit.scratch.nn.containers import Sequential
from coursekit.scratch.nn.convolution import Conv2d
from coursekit.scratch.nn.dense import Flatten, Identity, Linear
from coursekit.scratch.nn.losses import CrossEntropyLoss, MSELoss, NLLLoss
from coursekit.scratch.nn.module import Module, Parameter
from coursekit.scratch.nn.pooling import AvgPool2d, MaxPool2d
