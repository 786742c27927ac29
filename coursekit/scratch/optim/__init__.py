"""Optimisers and schedules, with the names, arguments and arithmetic of `torch.optim`.

Reading order: base (what every optimiser has), optimizers, lr_scheduler (how the learning rate changes over time).
"""

from coursekit.scratch.optim import lr_scheduler
from coursekit.scratch.optim.base import Optimizer
from coursekit.scratch.optim.optimizers import SGD, Adam, AdamW, RMSprop
