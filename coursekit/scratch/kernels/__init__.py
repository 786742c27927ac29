"""Arrays in, arrays out: every operation of the course, each beside its gradient.

Nothing here knows about Tensors, graphs or layers. An operation is a pair of functions::

    relu(x)                      what it computes
    relu_gradient(grad, out)     given `grad`, the gradient of the loss with respect to the output,
                                 the gradient of the loss with respect to the input

An operation with several inputs has one gradient function for each. Every gradient has the shape of the array
it belongs to. Numbers keep their type: float32 in, float32 out. Reading order::

    dense         fully connected layers, embeddings
    activations   relu, leaky_relu, gelu, sigmoid, tanh, softmax and its logarithm
    losses        cross-entropy of many classes and of two, squared error
    windows       windows that slide over images, and how images lie in memory
    convolution   conv2d, conv_transpose2d
    pooling       max_pool2d, max_unpool2d, avg_pool2d, adaptive_avg_pool2d
    normalization batch_norm
    resampling    nearest and bilinear interpolation
    loops         all windows and resampling as slowly and plainly as possible: the specification
"""

# ruff: isort: skip_file
# fmt: off
# In every line an operation, and its gradients beside it.
from coursekit.scratch.kernels.activations import (
    gelu, gelu_gradient, normal_cdf,
    leaky_relu, leaky_relu_gradient,
    log_softmax, log_softmax_gradient,
    relu, relu_gradient,
    sigmoid, sigmoid_gradient,
    softmax, softmax_gradient,
    tanh, tanh_gradient,
)
from coursekit.scratch.kernels.convolution import (
    conv2d, conv2d_input_gradient, conv2d_weight_gradient, conv2d_bias_gradient,
    conv_transpose2d,
)
from coursekit.scratch.kernels.dense import (
    linear, linear_input_gradient, linear_weight_gradient, linear_bias_gradient,
    embedding, embedding_gradient,
)
from coursekit.scratch.kernels.loops import (
    conv2d_loops, conv_transpose2d_loops, pool2d_loops, nearest_loops, bilinear_loops,
)
from coursekit.scratch.kernels.losses import (
    bce_with_logits, bce_with_logits_gradient, bce_with_logits_target_gradient,
    cross_entropy, cross_entropy_gradient, class_axis,
    mse, mse_gradient,
    nll, nll_gradient,
)
from coursekit.scratch.kernels.normalization import (
    batch_norm, batch_norm_input_gradient, batch_norm_weight_gradient, batch_norm_bias_gradient, batch_statistics,
)
from coursekit.scratch.kernels.pooling import (
    max_pool2d, max_pool2d_gradient, max_pool2d_indices,
    max_unpool2d, max_unpool2d_gradient,
    avg_pool2d, avg_pool2d_gradient,
    adaptive_avg_pool2d, adaptive_avg_pool2d_gradient,
)
from coursekit.scratch.kernels.resampling import resample, resample_gradient, pick, nearest_weights, bilinear_weights
from coursekit.scratch.kernels.windows import output_size, rows_first, batch_first, pad, unpad, shifts, im2col
