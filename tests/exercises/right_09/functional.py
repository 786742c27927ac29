"""With torch.func and index arithmetic."""

import torch
import torch.nn.functional as F


def strongest(maps, k):
    N, H, W = maps.shape
    values = maps.reshape(N, H * W).amax(1)
    # Sort by value, and by number where values are equal.
    order = sorted(range(N), key=lambda n: (-float(values[n]), n))[:k]
    places = [next(p for p in range(H * W) if maps[n].flatten()[p] == values[n]) for n in order]
    return torch.tensor(order), torch.tensor([p // W for p in places]), torch.tensor([p % W for p in places])


def relu_back(x, g, rule):
    on = {"gradient": (x > 0).float(), "deconvnet": (g > 0).float(), "guided": ((x > 0) * (g > 0)).float()}
    return on[rule] * g


def saliency(model, images, classes):
    def score(image, k):
        return model(image[None])[0].gather(0, k[None])[0]

    return torch.stack([torch.func.grad(score)(image, k) for image, k in zip(images, classes, strict=True)])


def occlusion(model, image, class_, size, stride=1, fill=0.0):
    C, H, W = image.shape
    places = torch.arange(H * W, dtype=torch.float32).reshape(1, 1, H, W)
    hidden = F.unfold(places, size, stride=stride)[0].long()  # (pixels of a square, places)
    copies = image.reshape(1, C, H * W).repeat(hidden.shape[1], 1, 1)
    for copy, pixels in zip(copies, hidden.T, strict=True):
        copy[:, pixels] = fill
    with torch.inference_mode():
        scores = model(torch.cat([image[None], copies.reshape(-1, C, H, W)]))[:, class_]
    return (scores[:1] - scores[1:]).reshape((H - size) // stride + 1, -1).clone()


def roughness(images):
    total = images.new_zeros(len(images))
    for n in (2, 3):
        total = total + images.diff(dim=n).pow(2).flatten(1).sum(1)
    return total


def excite(model, images, class_, steps, step=0.01, penalty=0.0):
    goal = torch.func.grad(lambda x: (model(x)[:, class_] - penalty * roughness(x)).sum())
    for _ in range(steps):
        g = goal(images)
        size = g.flatten(1).abs().mean(1).reshape(-1, 1, 1, 1)
        images = torch.clip(images + step * torch.nan_to_num(g / size), min=0, max=1)
    return images.detach().clone()
