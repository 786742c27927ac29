"""What training a network has to keep in memory, by formula and as PyTorch does it."""

import sys
from dataclasses import dataclass

from coursekit.counting.table import FLOAT32

# Numbers that an optimiser keeps for each parameter: nothing, a velocity, two moments.
OPTIMISER_STATE = {"sgd": 0, "momentum": 1, "adam": 2}


@dataclass(frozen=True)
class TrainingMemory:
    """Bytes that a training step needs, by what they hold.

    Attributes
    ----------
    parameters, gradients, optimiser : int
        The same whatever the batch.
    activations : int
        The input and every unit of every example of the batch, kept until the backward pass has used them.
    """

    parameters: int
    gradients: int
    optimiser: int
    activations: int

    @property
    def total(self):
        """Everything, in bytes."""
        return self.parameters + self.gradients + self.optimiser + self.activations

    def __repr__(self):
        names = (*self.__dataclass_fields__, "total")
        return "\n".join(f"{name:<12}{getattr(self, name) / 1e6:>9,.1f} MB" for name in names)


def training_memory(summary, batch_size, optimiser="momentum", bytes_per_number=FLOAT32):
    """Add up what a training step has to keep.

    A lower bound: a library also keeps what its layers need besides (see `kept_for_backward`), gradients of units
    while they are being used, and room to work in.

    Parameters
    ----------
    summary : coursekit.counting.Summary
    batch_size : int
    optimiser : {"sgd", "momentum", "adam"}
    bytes_per_number : int
        4 in single precision, 2 in half.

    Returns
    -------
    TrainingMemory

    Raises
    ------
    ValueError
        If the optimiser is none of the three, or the batch is empty.

    Examples
    --------
    >>> from coursekit.counting import summary
    >>> training_memory(summary(nn.Linear(784, 1000), (784,)), batch_size=500, optimiser="adam")
    parameters        3.1 MB
    gradients         3.1 MB
    optimiser         6.3 MB
    activations       3.6 MB
    total            16.1 MB
    """
    if optimiser not in OPTIMISER_STATE:
        raise ValueError(f"optimiser: got {optimiser!r}; known are {', '.join(OPTIMISER_STATE)}")
    if batch_size < 1:
        raise ValueError(f"batch_size: got {batch_size}; a step needs at least one example")
    parameters = summary.parameters * bytes_per_number
    activations = batch_size * summary.activation_bytes // FLOAT32 * bytes_per_number
    return TrainingMemory(parameters, parameters, OPTIMISER_STATE[optimiser] * parameters, activations)


def kept_for_backward(model, input_shape):
    """Measure the bytes that PyTorch keeps for one example between the forward and the backward pass.

    Parameters
    ----------
    model : torch.nn.Module
        In the mode in which it is to be measured. On the device "meta" nothing is computed and nothing allocated.
    input_shape : tuple of int
        Of one example.

    Returns
    -------
    int
        Without parameters and buffers, which are there anyway. A tensor that several layers keep counts once.

    Examples
    --------
    >>> import torch
    >>> layer = torch.nn.Sequential(torch.nn.Linear(10, 20), torch.nn.ReLU())
    >>> kept_for_backward(layer, (10,))  # its input and its output, in float32
    120
    """
    torch = sys.modules["torch"]  # it has built the model
    kept = []  # the tensors themselves, so that no memory is given back and used again while we count

    def keep(tensor):
        kept.append(tensor)
        return tensor

    example = next(model.parameters()).new_zeros(1, *input_shape)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model(example)
    own = {_storage(tensor) for tensor in (*model.parameters(), *model.buffers())}
    sizes = {_storage(tensor): tensor.untyped_storage().nbytes() for tensor in kept}
    return sum(size for storage, size in sizes.items() if storage not in own)


def _storage(tensor):
    """Name the memory behind a tensor: views share it. (On the device "meta" all addresses are 0.)"""
    return tensor.untyped_storage()._cdata
