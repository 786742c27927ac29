"""One image at a time."""

import torch


def feature_maps(model, images, layers):
    training = {id(module): module.training for module in model.modules()}
    results = {name: [] for name in layers}
    handles = []
    try:
        for name in layers:

            def keep(module, inputs, output, name=name):
                results[name].append(output.detach().clone())

            handles.append(model.get_submodule(name).register_forward_hook(keep))
        for module in model.modules():
            module.training = False
        for image in images:
            model(image[None])
    finally:
        [handle.remove() for handle in handles]
        for module in model.modules():
            module.training = training[id(module)]
    return {name: torch.cat(parts) for name, parts in results.items()}


def project(model, images, unit, row, column, rule):
    def back(layers, x):
        """What comes back to x, given the layers above it."""
        if not layers:
            signal = torch.zeros_like(x)
            signal[unit, row, column] = 1
            return signal
        first, *others = layers
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            y = first(x[None])[0]
        signal = back(others, y.detach())
        if "ReLU" in type(first).__name__:
            signal = signal if rule == "gradient" else torch.relu(signal)
            return signal if rule == "deconvnet" else signal * (x > 0)
        return torch.autograd.grad(y, x, signal)[0]

    return torch.stack([back(list(model), image.clone()) for image in images])


def saliency(model, images, classes):
    gradients = []
    for image, k in zip(images, classes.tolist(), strict=True):
        image = image[None].clone().requires_grad_()
        gradients.append(torch.autograd.grad(model(image)[0, k], image)[0][0])
    return torch.stack(gradients)


def roughness(images):
    total = []
    for image in images:
        steps = [image[:, 1:] - image[:, :-1], image[..., 1:] - image[..., :-1]]
        total.append(sum((each**2).sum() for each in steps))
    return torch.stack(total)


def excite(model, images, class_, steps, step=0.01, penalty=0.0):
    results = []
    for image in images:
        x = image[None].clone()
        for _ in range(steps):
            x = x.clone().requires_grad_(True)
            score, price = model(x)[0, class_], roughness(x)[0]
            g = torch.autograd.grad(score, x)[0] - penalty * torch.autograd.grad(price, x)[0]
            if not g.any():
                x = x.detach()
                break
            with torch.no_grad():
                x = x.add(g, alpha=float(step / g.abs().mean())).clamp_(0, 1)
        results.append(x[0].detach())
    return torch.stack(results)
