"""Automatic differentiation: Tensors that remember how they were computed.

Reading order: graph (what is recorded, and how gradients walk back), tensor, arithmetic and shaping (what a Tensor can
do), gradcheck.
"""

from coursekit.scratch.autograd.gradcheck import gradcheck
from coursekit.scratch.autograd.graph import Node, backward, no_grad, record, topological_order, unbroadcast
from coursekit.scratch.autograd.tensor import Tensor, as_tensor, tensor
