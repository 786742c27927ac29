"""Operations on Tensors, with the names and arguments of `torch.nn.functional`.

Each one calls a kernel and, right beside it, records that kernel's gradient for every input. Arguments may be Tensors
or arrays. What the operations mean, and what they raise, stands with the kernels, in the module of the same name.
"""

from coursekit.scratch.functional.activations import gelu, leaky_relu, log_softmax, relu, sigmoid, softmax, tanh
from coursekit.scratch.functional.arguments import pair, single
from coursekit.scratch.functional.convolution import conv1d, conv2d, conv_transpose2d
from coursekit.scratch.functional.dense import embedding, linear
from coursekit.scratch.functional.dropout import dropout
from coursekit.scratch.functional.losses import binary_cross_entropy_with_logits, cross_entropy, mse_loss, nll_loss
from coursekit.scratch.functional.normalization import batch_norm
from coursekit.scratch.functional.pooling import adaptive_avg_pool2d, avg_pool2d, max_pool2d, max_unpool2d
from coursekit.scratch.functional.resampling import interpolate
