"""Counting networks of either backend: units, weights, connections, sizes, receptive fields.

    table        one row a layer: output shape, units, weights, biases, connections; totals and memory
    summary      filling that table while an image runs through a model
    memory       what a training step has to keep
    sizes        output sizes and receptive fields by formula
    influence    receptive fields by measurement: which pixels move a unit

Only the names that PyTorch and `coursekit.scratch` share are used, so neither is imported; `kept_for_backward`, which
measures PyTorch, finds it loaded.
Taught in the chapters on convolution layers and on counting.
"""

from coursekit.counting.influence import Influence, measured_receptive_field
from coursekit.counting.memory import TrainingMemory, kept_for_backward, training_memory
from coursekit.counting.sizes import ReceptiveField, output_size, receptive_field, trace_sizes
from coursekit.counting.summary import parameters, summary
from coursekit.counting.table import Row, Summary

__all__ = [
    "Influence",
    "ReceptiveField",
    "Row",
    "Summary",
    "TrainingMemory",
    "kept_for_backward",
    "measured_receptive_field",
    "output_size",
    "parameters",
    "receptive_field",
    "summary",
    "trace_sizes",
    "training_memory",
]
