"""Small changes to an image that change the answer: the fast gradient sign method, in one step or several.

Taught in the chapter on images that excite.
"""

import torch
from torch.nn.functional import cross_entropy

from coursekit.inside.borrowing import borrowed


def loss_gradient(model, images, labels):
    """Return the gradient of the cross-entropy with respect to the images, (N, C, H, W).

    Parameters
    ----------
    model : torch.nn.Module
        Gives logits, (N, K); is left as it was.
    images : torch.Tensor, shape (N, C, H, W)
    labels : array_like of int, shape (N,)

    Raises
    ------
    ValueError
        If there is not one label for each image, or a label is no class of the network.

    Examples
    --------
    >>> model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2))
    >>> loss_gradient(model, torch.zeros(3, 1, 2, 2), [0, 1, 1]).shape
    torch.Size([3, 1, 2, 2])
    """
    labels = torch.as_tensor(labels)
    if labels.shape != (len(images),):
        raise ValueError(f"labels: shape {tuple(labels.shape)} for {len(images)} images; give one for each")
    with borrowed(model) as device, torch.enable_grad():
        images = images.detach().to(device).requires_grad_()
        logits = model(images)
        if labels.min() < 0 or labels.max() >= logits.shape[1]:
            raise ValueError(f"labels: must be from 0 to {logits.shape[1] - 1}, got {labels.tolist()}")
        # The sum, so that an image's gradient does not depend on how many others are in the batch.
        loss = cross_entropy(logits, labels.to(device), reduction="sum")
        return torch.autograd.grad(loss, images)[0]


def fgsm(model, images, labels, eps, *, targeted=False, steps=1):
    """Change every pixel by at most `eps`, so that the network answers wrongly, or answers what you want.

    Each step moves every pixel by the same amount, up or down by the sign of its gradient: for a linear score nothing
    that stays within `eps` changes it more (Goodfellow, Shlens and Szegedy 2015). With several steps, of `eps` divided
    by their number and a quarter more, the gradient is taken anew (Kurakin, Goodfellow and Bengio 2017).

    Parameters
    ----------
    model : torch.nn.Module
        Gives logits for images in [0, 1]; is left as it was. If yours wants normalised ones, put the normalisation into
        it, or `eps` is in other units than you think.
    images : torch.Tensor, shape (N, C, H, W)
        Between 0 and 1.
    labels : array_like of int, shape (N,)
        What the images show, whose loss is to grow; with `targeted`, what they should be taken for, whose loss is to
        fall.
    eps : float
        In units of the pixels: 8/255 is eight grey levels.
    targeted : bool
    steps : int

    Returns
    -------
    torch.Tensor, shape (N, C, H, W)
        Between 0 and 1, and nowhere further than `eps` from the images.

    Raises
    ------
    ValueError
        If images leave [0, 1], `eps` is negative, or labels do not fit.

    Examples
    --------
    >>> model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2))
    >>> images = torch.full((1, 1, 2, 2), 0.5)
    >>> (fgsm(model, images, [0], eps=0.1) - images).abs().flatten()
    tensor([0.1000, 0.1000, 0.1000, 0.1000])
    """
    if images.min() < 0 or images.max() > 1:
        raise ValueError(
            f"images: must lie in [0, 1], got {images.min():.3g} to {images.max():.3g}; undo a normalisation first, "
            "and make it part of the model"
        )
    if eps < 0 or steps < 1:
        raise ValueError(f"eps and steps: must be at least 0 and 1, got {eps:g} and {steps}")
    clean, changed = images.detach(), images.detach()
    size = eps if steps == 1 else 1.25 * eps / steps
    for _ in range(steps):
        gradient = loss_gradient(model, changed, labels).to(clean)
        step = -gradient.sign() if targeted else gradient.sign()
        changed = clean + (changed + size * step - clean).clamp(-eps, eps)
        changed = changed.clamp(0, 1)
    return changed
