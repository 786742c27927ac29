"""DeepDream: whatever a layer sees in a photograph, more of it. Taught in the chapter on images that excite."""

import torch
from torch.nn.functional import interpolate

from coursekit.inside.borrowing import borrowed, output_at
from coursekit.training.progress import progress_bar


def dream(
    model,
    layer,
    photograph,
    *,
    channel=None,
    octaves=4,
    ratio=1.4,
    steps=10,
    lr=0.01,
    shift=16,
    seed=0,
    keep=(),
    progress=True,
):
    """Amplify what a layer responds to in a photograph.

    Each step moves the image along the gradient of half the mean square of the layer's output, so that what is large
    already grows most. The first octave works on the photograph made small, and each following one on a larger copy,
    to which what was dreamt up so far is added (Mordvintsev, Olah and Tyka, "Inceptionism", 2015).

    Parameters
    ----------
    model : torch.nn.Module
        Takes images in [0, 1]; is left as it was.
    layer : str
        The name of a layer, as in ``model.named_modules()``.
    photograph : torch.Tensor, shape (1, C, H, W)
        Between 0 and 1.
    channel : int, optional
        Amplify this channel only.
    octaves : int
        How many sizes.
    ratio : float
        Of the sides of one octave to those of the one before.
    steps : int
        In each octave.
    lr : float
        How far a pixel moves in a step, on average.
    shift : int
        Before each step the image is rolled by up to so many pixels, at random, and afterwards rolled back.
    seed : int
    keep : sequence of int
        After which steps, counted over all octaves, to keep a copy, enlarged to the size of the photograph.
    progress : bool
        Show a bar if somebody is watching.

    Returns
    -------
    image : torch.Tensor, shape (1, C, H, W)
        Between 0 and 1.
    kept : dict
        {steps done: image}.

    Raises
    ------
    ValueError
        If there is no such layer or channel, or the smallest octave would have no pixels.

    Examples
    --------
    >>> model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU())
    >>> image, _ = dream(model, "1", torch.rand(1, 3, 20, 30), octaves=2, steps=2)
    >>> image.shape
    torch.Size([1, 3, 20, 30])
    """
    if photograph.ndim != 4 or len(photograph) != 1:
        raise ValueError(f"photograph: expected one of shape (1, C, H, W), got {tuple(photograph.shape)}")
    full = photograph.shape[2:]
    sizes = [tuple(round(side / ratio**octave) for side in full) for octave in reversed(range(octaves))]
    if not sizes or min(sizes[0]) < 1:
        raise ValueError(f"octaves: {octaves} with a ratio of {ratio:g} leave nothing of {full[0]} x {full[1]} pixels")
    generator, kept, done = torch.Generator().manual_seed(seed), {}, 0

    def excitement(image):
        output = output_at(model, layer, image)
        if channel is not None:
            if not 0 <= channel < output.shape[1]:
                raise ValueError(f"channel: {layer!r} has channels 0 to {output.shape[1] - 1}, got {channel}")
            output = output[:, channel]
        return output.square().mean() / 2

    with borrowed(model) as device, torch.enable_grad(), progress_bar(octaves * steps, 0, progress) as bar:
        photograph = photograph.detach().to(device)
        dreamt = torch.zeros_like(_resized(photograph, sizes[0]))
        if 0 in keep:
            kept[0] = photograph.clone()
        for size in sizes:
            base, dreamt = _resized(photograph, size), _resized(dreamt, size)
            for _ in range(steps):
                by = tuple(torch.randint(-shift, shift + 1, (2,), generator=generator).tolist())
                image = (base + dreamt).roll(by, dims=(2, 3)).requires_grad_()
                (gradient,) = torch.autograd.grad(excitement(image), image)
                step = gradient * (lr / (gradient.abs().mean() + 1e-12))  # nothing at all where nothing responds
                dreamt = (image.detach() + step).clamp(0, 1).roll((-by[0], -by[1]), dims=(2, 3)) - base
                done += 1
                if done in keep:
                    kept[done] = (photograph + _resized(dreamt, full)).clamp(0, 1)
                bar.update()
        return (photograph + dreamt).clamp(0, 1), kept


def _resized(image, size):
    if tuple(image.shape[2:]) == tuple(size):
        return image
    return interpolate(image, size, mode="bilinear", antialias=True, align_corners=False)
