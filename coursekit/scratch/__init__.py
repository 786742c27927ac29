"""Neural networks from scratch in NumPy, under PyTorch's names. One import switches::

    from coursekit.scratch import nn, optim, functional as F        # this package
    from torch import nn, optim; import torch.nn.functional as F    # PyTorch

Reading order: kernels.py, autograd.py, functional.py, nn.py, optim.py, init.py. Nothing but NumPy is imported.
"""

from coursekit.scratch import functional, init, kernels, nn, optim
from coursekit.scratch.autograd import Tensor, gradcheck, no_grad, tensor
from coursekit.scratch.random import manual_seed
