"""Automatic differentiation: Tensors that remember how they were computed.

Reading order: graph (what is recorded, and how gradients walk back), tensor, arithmetic, functions and shaping (what a
Tensor can do), joining (functions of several Tensors), creation, gradcheck.
"""

from coursekit.scratch.autograd.creation import arange, ones, rand, randn, tensor, zeros
from coursekit.scratch.autograd.gradcheck import gradcheck
from coursekit.scratch.autograd.graph import (
    Node,
    backward,
    no_grad,
    note_change,
    record,
    topological_order,
    unbroadcast,
)
from coursekit.scratch.autograd.joining import cat, maximum, minimum, stack, where
from coursekit.scratch.autograd.tensor import Tensor, as_tensor
