"""Layers, losses and models, with the names, arguments, defaults and parameter keys of `torch.nn`.

Reading order: module (what every layer is), containers, dense, convolution, pooling, normalization, dropout,
resampling, activations, losses, recurrent.
"""

from coursekit.scratch import functional, init
from coursekit.scratch.nn.activations import GELU, LeakyReLU, LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from coursekit.scratch.nn.containers import ModuleList, Sequential
from coursekit.scratch.nn.convolution import Conv1d, Conv2d, ConvTranspose2d
from coursekit.scratch.nn.dense import Embedding, Flatten, Identity, Linear
from coursekit.scratch.nn.dropout import Dropout
from coursekit.scratch.nn.losses import BCEWithLogitsLoss, CrossEntropyLoss, MSELoss, NLLLoss
from coursekit.scratch.nn.module import Module
from coursekit.scratch.nn.normalization import BatchNorm1d, BatchNorm2d
from coursekit.scratch.nn.parameter import Parameter
from coursekit.scratch.nn.pooling import AdaptiveAvgPool2d, AvgPool2d, MaxPool2d, MaxUnpool2d
from coursekit.scratch.nn.recurrent import LSTMCell, RNNCell
from coursekit.scratch.nn.resampling import Upsample
