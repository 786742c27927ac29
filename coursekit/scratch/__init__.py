"""Neural networks from scratch in NumPy, under PyTorch's names. One import switches::

    from coursekit.scratch import nn, optim, functional as F        # this package
    from torch import nn, optim; import torch.nn.functional as F    # PyTorch

Reading order: scalar (the idea, with single numbers), kernels, autograd, functional, nn, optim, init. Beside them
the learners that came before: linear, boltzmann. Nothing but NumPy is imported.
"""

from coursekit.scratch import boltzmann, functional, init, kernels, linear, nn, optim, scalar
from coursekit.scratch.autograd import (
    Tensor,
    arange,
    cat,
    gradcheck,
    maximum,
    minimum,
    no_grad,
    ones,
    rand,
    randn,
    stack,
    tensor,
    where,
    zeros,
)
from coursekit.scratch.random import manual_seed
