"""Operations on Tensors, with the names and arguments of `torch.nn.functional`.

Each one calls a kernel and, right beside it, records that kernel's gradient for every input. Arguments may be Tensors
or arrays. What the operations mean, and what they raise, stands with the kernels, in the module of the same name.
"""

from coursekit.scratch.functional.activations import log_softmax, relu, sigmoid, softmax, tanh
from coursekit.scratch.functional.convolution import conv2d, pair
from coursekit.scratch.functional.dense import linear
from coursekit.scratch.functional.losses import cross_entropy, mse_loss, nll_loss
from coursekit.scratch.functional.pooling import avg_pool2d, max_pool2d
