"""What calls what in a network: the list that its drawing is made from, and along which its depth is counted."""

import torch
from torch import fx, nn
from torch.fx.passes.shape_prop import ShapeProp


class _Tracer(fx.Tracer):
    def is_leaf_module(self, module, name):  # a layer; the default would not look into Sequentials of other packages
        return not any(True for _ in module.children()) or isinstance(module, nn.BatchNorm2d)


def traced(module, input_shape):
    """Write down the calls that a module's `forward` makes, layer by layer, with the shape of every result.

    Taught in the chapter on architectures; `coursekit.viz.block_diagrams` draws it.

    Parameters
    ----------
    module : torch.nn.Module
        With one input. Its `forward` may not decide by the values of its input. It is not changed.
    input_shape : tuple of int
        Of one example, such as (192, 28, 28).

    Returns
    -------
    torch.fx.GraphModule
        A model that does the same, in evaluation mode, with the module's own layers. ``graph.nodes`` are the calls in
        order; each has ``op, target, all_input_nodes`` and, for one example, ``meta["shape"]``.

    Examples
    --------
    >>> from torch import nn
    >>> for node in traced(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()), (3, 32, 32)).graph.nodes:
    ...     print(node.op, node.target, node.meta["shape"])
    placeholder input (3, 32, 32)
    call_module 0 (8, 30, 30)
    call_module 1 (8, 30, 30)
    output output (8, 30, 30)
    """
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        model = fx.GraphModule(module, _Tracer().trace(module))
        device = next((parameter.device for parameter in module.parameters()), None)
        with torch.no_grad():
            ShapeProp(model).propagate(torch.zeros(1, *input_shape, device=device))
    finally:
        for part, mode in modes:
            part.training = mode
    for node in model.graph.nodes:
        shape = getattr(node.meta.get("tensor_meta"), "shape", (1,))
        node.meta["shape"] = tuple(shape[1:])
    return model
