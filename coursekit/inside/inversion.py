"""What a layer still knows of a picture: another picture, made from what the layer says about the first one.

Taught in the chapter on images that excite.
"""

import torch

from coursekit.inside.borrowing import borrowed, output_at
from coursekit.inside.canvas import Canvas
from coursekit.inside.maximise import descend


def invert(
    model,
    layer,
    images,
    *,
    canvas=None,
    steps=200,
    lr=0.05,
    shift=0,
    turn=0,
    zoom=0,
    smoothness=0.0,
    seed=0,
    keep=(),
    progress=True,
):
    """Find, from nearly grey, images to which a layer responds as it does to the given ones.

    Minimised is the squared distance of the two responses, divided by the squared length of the given one: 0 is the
    same response, 1 is as far off as no response at all (Mahendran and Vedaldi, "Understanding Deep Image
    Representations by Inverting Them", 2015).

    Parameters
    ----------
    model : torch.nn.Module
        Takes images in [0, 1]; is left as it was.
    layer : str or None
        The name of a layer, as in ``model.named_modules()``; None for the output of the network.
    images : torch.Tensor, shape (N, C, H, W)
        Whose response is to be met.
    canvas : Canvas, optional
        What is moved; one of the images' size unless given.
    steps, lr, shift, turn, zoom, smoothness, seed, keep, progress
        As for `maximise`.

    Returns
    -------
    Course
        Its scores are the distances.

    Raises
    ------
    ValueError
        If there is no such layer, it does not respond to an image at all, or the canvas has another size.

    Examples
    --------
    >>> model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU())
    >>> course = invert(model, "0", torch.rand(1, 3, 16, 16), steps=20)
    >>> bool(course.scores[-1] < course.scores[0])
    True
    """
    if images.ndim != 4:
        raise ValueError(f"images: expected shape (N, C, H, W), got {tuple(images.shape)}")
    canvas = canvas or Canvas(tuple(images.shape[2:]), channels=images.shape[1])
    if (canvas.channels, *canvas.size) != tuple(images.shape[1:]):
        raise ValueError(f"canvas: {canvas!r} does not fit images of shape {tuple(images.shape)}")
    with borrowed(model) as device, torch.no_grad():
        wanted = output_at(model, layer, images.to(device)).flatten(1)
    length = wanted.square().sum(1)
    if not (length > 0).all():
        raise ValueError(
            f"images: layer {layer!r} gives nothing but zeros for one of them, so there is nothing to meet"
        )

    def loss_of(output, images):
        return (output.flatten(1) - wanted).square().sum(1) / length

    return descend(
        model,
        layer,
        loss_of,
        canvas,
        canvas.start(len(images), seed),
        steps=steps,
        lr=lr,
        views={"shift": shift, "turn": turn, "zoom": zoom},
        smoothness=smoothness,
        seed=seed,
        keep=keep,
        progress=progress,
    )
