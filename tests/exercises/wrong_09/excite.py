"""Wrong solutions of task 6; see exercise.py."""

import torch


def roughness__down_only(images):
    """Says: only the differences downwards"""
    return images.diff(dim=2).square().sum((1, 2, 3))


def roughness__right_only(images):
    """Says: only the differences to the right"""
    return images.diff(dim=3).square().sum((1, 2, 3))


def roughness__absolute(images):
    """Says: the differences were not squared"""
    return images.diff(dim=2).abs().sum((1, 2, 3)) + images.diff(dim=3).abs().sum((1, 2, 3))


def roughness__round(images):
    """Says: torch.roll goes round"""
    return sum((images.roll(-1, axis) - images).square().sum((1, 2, 3)) for axis in (2, 3))


def roughness__one_number(images):
    """Says: There is one number for each image"""
    return images.diff(dim=2).square().sum() + images.diff(dim=3).square().sum()


def roughness__mean(images):
    """Says: roughness"""
    return images.diff(dim=2).square().mean((1, 2, 3)) + images.diff(dim=3).square().mean((1, 2, 3))


def roughness__first_channel(images):
    """Says: only the first channel"""
    return images[:, :1].diff(dim=2).square().sum((1, 2, 3)) + images[:, :1].diff(dim=3).square().sum((1, 2, 3))


def roughness__root(images):
    """Says: the square root was taken"""
    return (images.diff(dim=2).square().sum((1, 2, 3)) + images.diff(dim=3).square().sum((1, 2, 3))).sqrt()


def roughness__channels_too(images):
    """Colours are no neighbours.
    Says: roughness"""
    return sum(images.diff(dim=axis).square().sum((1, 2, 3)) for axis in (1, 2, 3))


def roughness__common_part(images):
    """The differences at the last row and column are missing.
    Says: roughness"""
    down = images[:, :, 1:, :-1] - images[:, :, :-1, :-1]
    right = images[:, :, :-1, 1:] - images[:, :, :-1, :-1]
    return (down.square() + right.square()).sum((1, 2, 3))


def _rough(images):
    return images.diff(dim=2).square().sum((1, 2, 3)) + images.diff(dim=3).square().sum((1, 2, 3))


def _ascend(model, images, class_, steps, step, penalty, *, goal=None, scale=None, limit=None, sign=1):
    goal = goal or (lambda z, x: z[:, class_] - penalty * _rough(x))
    images = images.detach().clone()
    for _ in range(steps):
        images.requires_grad_()
        (g,) = torch.autograd.grad(goal(model(images), images).sum(), images)
        size = scale(g) if scale else g.abs().mean((1, 2, 3), keepdim=True)
        size = torch.where(size != 0, size, 1.0)
        images = images.detach() + sign * step * g / size
        images = limit(images) if limit else images.clamp(0, 1)
    return images


def excite__down(model, images, class_, steps, step=0.01, penalty=0.0):
    """Says: the score falls"""
    return _ascend(model, images, class_, steps, step, penalty, sign=-1)


def excite__not_cut_off(model, images, class_, steps, step=0.01, penalty=0.0):
    """Says: not cut off at 0 and 1"""
    return _ascend(model, images, class_, steps, step, penalty, limit=lambda x: x)


def excite__cut_off_below(model, images, class_, steps, step=0.01, penalty=0.0):
    """Says: cut off below only"""
    return _ascend(model, images, class_, steps, step, penalty, limit=lambda x: x.clamp(min=0))


def excite__cut_off_at_the_end(model, images, class_, steps, step=0.01, penalty=0.0):
    """Hidden only."""
    return _ascend(model, images, class_, steps, step, penalty, limit=lambda x: x).clamp(0, 1)


def excite__not_divided(model, images, class_, steps, step=0.01, penalty=0.0):
    """Says: not divided by the mean"""
    return _ascend(model, images, class_, steps, step, penalty, scale=torch.ones_like)


def excite__divided_by_the_largest(model, images, class_, steps, step=0.01, penalty=0.0):
    """Says: divided by its largest number"""
    return _ascend(model, images, class_, steps, step, penalty, scale=lambda g: g.abs().amax((1, 2, 3), keepdim=True))


def excite__divided_by_the_length(model, images, class_, steps, step=0.01, penalty=0.0):
    """Says: divided by its length"""
    return _ascend(
        model, images, class_, steps, step, penalty, scale=lambda g: g.square().sum((1, 2, 3), keepdim=True).sqrt()
    )


def excite__signs(model, images, class_, steps, step=0.01, penalty=0.0):
    """Says: only the signs"""
    return _ascend(model, images, class_, steps, step, penalty, scale=lambda g: g.abs())


def excite__mean_over_the_batch(model, images, class_, steps, step=0.01, penalty=0.0):
    """Says: the mean was taken over all images together"""
    return _ascend(model, images, class_, steps, step, penalty, scale=lambda g: g.abs().mean())


def excite__probability(model, images, class_, steps, step=0.01, penalty=0.0):
    """Says: no softmax"""
    return _ascend(
        model, images, class_, steps, step, penalty, goal=lambda z, x: z.softmax(1)[:, class_] - penalty * _rough(x)
    )


def excite__all_classes(model, images, class_, steps, step=0.01, penalty=0.0):
    """Says: the scores of all classes"""
    return _ascend(model, images, class_, steps, step, penalty, goal=lambda z, x: z.sum(1) - penalty * _rough(x))


def excite__class_0(model, images, class_, steps, step=0.01, penalty=0.0):
    """Hidden only."""
    return _ascend(model, images, 0, steps, step, penalty)


def excite__no_penalty(model, images, class_, steps, step=0.01, penalty=0.0):
    """Says: the price was not used"""
    return _ascend(model, images, class_, steps, step, 0.0)


def excite__rewarded(model, images, class_, steps, step=0.01, penalty=0.0):
    """Says: roughness was rewarded"""
    return _ascend(model, images, class_, steps, step, -penalty)


def excite__gradients_add_up(model, images, class_, steps, step=0.01, penalty=0.0):
    """Says: the gradients of the steps before were added"""
    images, total = images.detach().clone(), 0
    for _ in range(steps):
        images.requires_grad_()
        goal = model(images)[:, class_] - penalty * _rough(images)
        total = total + torch.autograd.grad(goal.sum(), images)[0]
        size = total.abs().mean((1, 2, 3), keepdim=True)
        images = (images.detach() + step * total / torch.where(size > 0, size, 1.0)).clamp(0, 1)
    return images


def excite__backward(model, images, class_, steps, step=0.01, penalty=0.0):
    """Says: the weights of the network have gradients"""
    images = images.detach().clone()
    for _ in range(steps):
        images.requires_grad_()
        (model(images)[:, class_] - penalty * _rough(images)).sum().backward()
        g = images.grad
        size = g.abs().mean((1, 2, 3), keepdim=True)
        images = (images.detach() + step * g / torch.where(size > 0, size, 1.0)).clamp(0, 1)
    return images


def excite__zero_by_zero(model, images, class_, steps, step=0.01, penalty=0.0):
    """Hidden only."""
    images = images.detach().clone()
    for _ in range(steps):
        images.requires_grad_()
        (g,) = torch.autograd.grad((model(images)[:, class_] - penalty * _rough(images)).sum(), images)
        images = (images.detach() + step * g / g.abs().mean((1, 2, 3), keepdim=True)).clamp(0, 1)
    return images


def excite__first_image(model, images, class_, steps, step=0.01, penalty=0.0):
    """Says: excite(model, images, 0"""
    return _ascend(model, images[:1], class_, steps, step, penalty)


def excite__one_step_more(model, images, class_, steps, step=0.01, penalty=0.0):
    """Says: excite(model, images, 0"""
    return _ascend(model, images, class_, steps + 1, step, penalty)


def excite__in_place(model, images, class_, steps, step=0.01, penalty=0.0):
    """Says: changed the array `images`"""
    result = _ascend(model, images, class_, steps, step, penalty)
    images.copy_(result)
    return images
