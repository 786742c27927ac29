"""What every layer gives: feature maps, kept as they were at the moment the layer had computed them.

Taught in the chapter on what filters see.
"""

import torch

from coursekit.inside.borrowing import borrowed, layers_named, modules_of


def feature_maps(model, images, layers=None):
    """Run images through a model and keep what its layers give.

    Each output is copied on the spot. A network often has rectifiers that write into their input (`inplace=True`);
    without the copy, what you kept of the layer before would lose its negative values a moment later.

    Parameters
    ----------
    model : torch.nn.Module
        Is left as it was.
    images : array_like or torch.Tensor, shape (N, C, H, W)
        Prepared as the model wants them.
    layers : sequence of str, optional
        Names as in ``model.named_modules()``; unless given, all layers without layers inside that give feature maps,
        that is outputs of shape (N, C, H, W).

    Returns
    -------
    dict of str to torch.Tensor
        In the order in which they were computed. Of a layer that runs several times, the second output stands under
        "name (2)", and so on.

    Raises
    ------
    ValueError
        If a name is none of the model's, or belongs to a layer that the model does not call.

    Examples
    --------
    >>> model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.ReLU(inplace=True))
    >>> maps = feature_maps(model, torch.randn(5, 1, 8, 8))
    >>> {name: tuple(output.shape) for name, output in maps.items()}
    {'0': (5, 2, 6, 6), '1': (5, 2, 6, 6)}
    >>> bool((maps["0"] < 0).any()), bool((maps["1"] < 0).any())
    (True, False)
    """
    if layers:
        wanted = layers_named(model, layers, "layers")
    else:
        modules = modules_of(model).items()
        wanted = {name: module for name, module in modules if not any(True for _ in module.children())}
    found, calls = {}, dict.fromkeys(wanted, 0)

    def keeper(name):
        def keep(module, inputs, output):
            if layers or (torch.is_tensor(output) and output.ndim == 4):
                calls[name] += 1
                found[name if calls[name] == 1 else f"{name} ({calls[name]})"] = output.detach().clone()

        return keep

    with borrowed(model) as device, torch.no_grad():
        handles = [module.register_forward_hook(keeper(name)) for name, module in wanted.items()]
        try:
            model(as_images(images, device))
        finally:
            for handle in handles:
                handle.remove()
    missing = [name for name in layers or () if not calls[name]]
    if missing:
        raise ValueError(f"layers: the network has a layer {missing[0]!r}, but does not call it")
    return found


def as_images(images, device=None):
    """Return images as a tensor of float32 that is nobody else's.

    Raises
    ------
    ValueError
        If they have not the shape (N, C, H, W).
    """
    given = images if torch.is_tensor(images) else torch.as_tensor(images)
    if given.ndim != 4:
        raise ValueError(f"images: expected shape (N, C, H, W), got {tuple(given.shape)}")
    kind = given.dtype if given.dtype == torch.float64 else torch.float32
    return given.detach().to(device=device, dtype=kind, copy=True)
