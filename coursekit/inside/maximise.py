"""Pictures that excite a network most: a class, a channel, a unit. Gradient ascent on the image instead of the weights.

Taught in the chapter on images that excite.
"""

from typing import NamedTuple

import torch

from coursekit.inside.borrowing import borrowed, output_at
from coursekit.inside.canvas import Canvas, random_views
from coursekit.training.progress import progress_bar


class Course(NamedTuple):
    """What an optimisation of images gave.

    Attributes
    ----------
    images : torch.Tensor, shape (N, C, H, W)
        Between 0 and 1.
    scores : torch.Tensor, shape (steps, N)
        The objective before each step, for the images as the network saw them.
    kept : dict
        {steps done: images at that point} for the steps asked for.
    """

    images: torch.Tensor
    scores: torch.Tensor
    kept: dict

    def __repr__(self):
        return f"Course({len(self.scores)} steps, images of shape {tuple(self.images.shape)})"


def maximise(
    model,
    objective,
    layer=None,
    *,
    canvas=128,
    start=None,
    steps=256,
    lr=0.03,
    shift=8,
    turn=8,
    zoom=0.1,
    smoothness=0.0,
    seed=0,
    keep=(),
    progress=True,
):
    """Find images that make an output of a network, or of one of its layers, as large as possible.

    Parameters
    ----------
    model : torch.nn.Module
        Takes images in [0, 1]; is left as it was.
    objective : int, sequence of int, or callable
        A class or channel, or several, which gives an image for each. In maps of shape (N, C, H, W) the mean of the
        channel over all places counts (`at_centre` picks one unit). A callable takes the layer's output, (N, ...), and
        returns (N,) numbers.
    layer : str, optional
        The name of a layer, as in ``model.named_modules()``; the output of the network unless given.
    canvas : Canvas, or int for a colour picture of that size with all that helps
        What is moved: see `Canvas`.
    start : torch.Tensor, shape (N, C, H, W), optional
        Images in [0, 1] to begin with; nearly grey ones unless given.
    steps : int
        Steps of Adam.
    lr : float
        Its learning rate.
    shift, turn, zoom : float
        The network never sees the picture twice in the same way: see `random_views`.
    smoothness : float
        How much the mean difference between neighbouring pixels (total variation) costs.
    seed : int
        The same seed, the same images.
    keep : sequence of int
        After which steps to keep a copy; 0 is the start.
    progress : bool
        Show a bar if somebody is watching.

    Returns
    -------
    Course

    Raises
    ------
    ValueError
        If a layer or channel does not exist, the objective does not give one number an image, or becomes infinite.

    Examples
    --------
    >>> model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU())
    >>> maximise(model, [0, 2], "0", canvas=16, steps=3)
    Course(3 steps, images of shape (2, 3, 16, 16))
    """
    if steps < 1:
        raise ValueError(f"steps: at least one is needed, got {steps}")
    canvas = Canvas(canvas) if isinstance(canvas, int) else canvas
    count = 1 if isinstance(objective, int) or callable(objective) else len(objective)
    score = objective if callable(objective) else channels([objective] if isinstance(objective, int) else objective)

    def loss_of(output, images):
        values = score(output)
        if values.shape != (len(images),):
            raise ValueError(f"objective: gave shape {tuple(values.shape)} for {len(images)} images; one number each")
        return -values

    numbers = canvas.start(count, seed) if start is None else canvas.numbers(start.detach().cpu())
    course = descend(
        model,
        layer,
        loss_of,
        canvas,
        numbers,
        steps=steps,
        lr=lr,
        views={"shift": shift, "turn": turn, "zoom": zoom},
        smoothness=smoothness,
        seed=seed,
        keep=keep,
        progress=progress,
    )
    return course._replace(scores=-course.scores)


def descend(model, layer, loss_of, canvas, numbers, *, steps, lr, views, smoothness, seed, keep, progress):
    """Move the numbers of a canvas so that ``loss_of(output of the layer, images)``, one number an image, gets small.

    What `maximise` and `invert` have in common. Arguments as there.

    Returns
    -------
    Course
        Its scores are the losses, without what smoothness costs.
    """
    generator, kept, losses = torch.Generator().manual_seed(seed), {}, []
    with borrowed(model) as device, torch.enable_grad(), progress_bar(steps, 0, progress) as bar:
        numbers = numbers.detach().clone().to(device).requires_grad_()
        adam = torch.optim.Adam([numbers], lr=lr)
        for step in range(steps):
            images = canvas.image(numbers)
            if step in keep:
                kept[step] = images.detach().clone()
            values = loss_of(output_at(model, layer, random_views(images, generator, **views)), images)
            if not torch.isfinite(values).all():
                raise ValueError(f"the objective became {values.tolist()} in step {step}: make lr={lr:g} smaller")
            adam.zero_grad()
            (values + smoothness * roughness(images)).sum().backward()
            adam.step()
            losses.append(values.detach())
            bar.update()
        images = canvas.image(numbers).detach()
    if steps in keep:
        kept[steps] = images.clone()
    return Course(images, torch.stack(losses), kept)


def channels(wanted):
    """The objective of `maximise` that takes from image n the mean of channel ``wanted[n]``.

    Examples
    --------
    >>> channels([2, 0])(torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    tensor([3., 4.])
    """
    wanted = [int(channel) for channel in wanted]

    def score(output):
        _check_channels(wanted, output)
        return output[range(len(wanted)), wanted].reshape(len(wanted), -1).mean(dim=1)

    return score


def at_centre(wanted):
    """The objective that takes from image n the unit of channel ``wanted[n]`` in the middle of the map.

    Examples
    --------
    >>> at_centre([1])(torch.arange(18.0).reshape(1, 2, 3, 3))
    tensor([13.])
    """
    wanted = [int(channel) for channel in wanted]

    def score(output):
        _check_channels(wanted, output)
        if output.ndim != 4:
            raise ValueError(f"at_centre: needs maps (N, C, H, W), the layer gives shape {tuple(output.shape)}")
        height, width = output.shape[2:]
        return output[range(len(wanted)), wanted, height // 2, width // 2]

    return score


def probabilities(wanted):
    """The objective that takes from image n the probability of class ``wanted[n]``, after a softmax.

    Examples
    --------
    >>> probabilities([0])(torch.zeros(1, 4))
    tensor([0.2500])
    """
    score = channels(wanted)
    return lambda logits: score(logits.softmax(dim=1))


def roughness(images):
    """Mean difference between neighbouring pixels, (N,): the total variation of each image, per pixel.

    Examples
    --------
    >>> roughness(torch.tensor([[[[0.0, 1.0], [0.0, 1.0]]]]))
    tensor([1.])
    """
    across, down = images.diff(dim=3).abs(), images.diff(dim=2).abs()
    return across.flatten(1).mean(1) + down.flatten(1).mean(1)


def _check_channels(wanted, output):
    if max(wanted) >= output.shape[1] or min(wanted) < 0:
        raise ValueError(f"objective: there is no channel or class {wanted}; the layer has 0 to {output.shape[1] - 1}")
    if len(wanted) != len(output):
        raise ValueError(f"objective: {len(wanted)} channels for {len(output)} images; give one for each")
