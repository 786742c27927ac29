"""Wrong solutions of task 5; see exercise.py."""

import torch
import torch.nn.functional as F


def _gradient(model, images, choose):
    images = images.detach().clone().requires_grad_()
    return torch.autograd.grad(choose(model(images)), images)[0]


def _own(scores, classes):
    return scores[torch.arange(len(scores)), classes]


def saliency__probability(model, images, classes):
    """Says: the gradient of the probability"""
    return _gradient(model, images, lambda z: _own(z.softmax(1), classes).sum())


def saliency__log_probability(model, images, classes):
    """Says: the logarithm of the probability"""
    return _gradient(model, images, lambda z: _own(z.log_softmax(1), classes).sum())


def saliency__loss(model, images, classes):
    """Says: the gradient of the mean loss"""
    return _gradient(model, images, lambda z: F.cross_entropy(z, classes))


def saliency__all_classes(model, images, classes):
    """Says: the scores of all classes were added up"""
    return _gradient(model, images, lambda z: z.sum())


def saliency__class_of_the_first(model, images, classes):
    """Says: the class of the first image"""
    return _gradient(model, images, lambda z: z[:, classes[0]].sum())


def saliency__table(model, images, classes):
    """Says: has a row and a column for each"""
    return _gradient(model, images, lambda z: z[:, classes].sum())


def saliency__largest(model, images, classes):
    """Says: the class with the highest score"""
    return _gradient(model, images, lambda z: z.max(1).values.sum())


def saliency__mean(model, images, classes):
    """Says: divided by the number of images"""
    return _gradient(model, images, lambda z: _own(z, classes).mean())


def saliency__absolute(model, images, classes):
    """Says: the sign is lost"""
    return _gradient(model, images, lambda z: _own(z, classes).sum()).abs()


def saliency__down(model, images, classes):
    """Says: the sign is turned round"""
    return _gradient(model, images, lambda z: -_own(z, classes).sum())


def saliency__times_image(model, images, classes):
    """Says: multiplied by the images"""
    return images * _gradient(model, images, lambda z: _own(z, classes).sum())


def saliency__largest_channel(model, images, classes):
    """Says: should have the shape"""
    return _gradient(model, images, lambda z: _own(z, classes).sum()).amax(1)


def saliency__backward(model, images, classes):
    """Says: the weights of the network have gradients"""
    images = images.detach().clone().requires_grad_()
    _own(model(images), classes).sum().backward()
    return images.grad


def saliency__zeroes_gradients(model, images, classes):
    """Tidies up too much: whoever had gradients has lost them.
    Hidden only."""
    images = images.detach().clone().requires_grad_()
    _own(model(images), classes).sum().backward()
    model.zero_grad()
    return images.grad


def saliency__freezes_for_good(model, images, classes):
    """Hidden only."""
    model.requires_grad_(False)
    return _gradient(model, images, lambda z: _own(z, classes).sum())


def saliency__images_ask(model, images, classes):
    """The images it was given ask for gradients afterwards.
    Hidden only."""
    images.requires_grad_()
    return torch.autograd.grad(_own(model(images), classes).sum(), images)[0]


def saliency__guided(model, images, classes):
    """Says: saliency(model, images, classes)"""
    return _gradient(model, images, lambda z: _own(z, classes).sum()).clamp(min=0)


def _occlusion(model, image, class_, size, stride, fill, score=lambda z: z, channels=slice(None)):
    height, width = image.shape[1:]
    with torch.no_grad():
        before = score(model(image[None]))[0, class_]
        rows = []
        for top in range(0, height - size + 1, stride):
            rows.append([])
            for left in range(0, width - size + 1, stride):
                copy = image.clone()
                copy[channels, top : top + size, left : left + size] = fill
                rows[-1].append(before - score(model(copy[None]))[0, class_])
    return torch.tensor(rows)


def occlusion__gain(model, image, class_, size, stride=1, fill=0.0):
    """Says: the sign is turned round"""
    return -_occlusion(model, image, class_, size, stride, fill)


def occlusion__scores(model, image, class_, size, stride=1, fill=0.0):
    """Says: these are the scores of the covered images"""
    with torch.no_grad():
        return model(image[None])[0, class_] - _occlusion(model, image, class_, size, stride, fill)


def occlusion__squares_stay(model, image, class_, size, stride=1, fill=0.0):
    """Says: the squares stay where they were"""
    copy, drops = image.clone(), []
    height, width = image.shape[1:]
    tops, lefts = range(0, height - size + 1, stride), range(0, width - size + 1, stride)
    with torch.no_grad():
        before = model(image[None])[0, class_]
        for top in tops:
            for left in lefts:
                copy[:, top : top + size, left : left + size] = fill
                drops.append(before - model(copy[None])[0, class_])
    return torch.stack(drops).reshape(len(tops), len(lefts))


def occlusion__in_place(model, image, class_, size, stride=1, fill=0.0):
    """Says: changed the array `image`"""
    with torch.no_grad():
        before = model(image[None])[0, class_]
        result = _occlusion(model, image, class_, size, stride, fill)
        image[:, :size, :size] = fill
    return result + 0 * before


def occlusion__first_channel(model, image, class_, size, stride=1, fill=0.0):
    """Says: only the first channel was covered"""
    return _occlusion(model, image, class_, size, stride, fill, channels=0)


def occlusion__no_stride(model, image, class_, size, stride=1, fill=0.0):
    """Says: the stride is not used"""
    return _occlusion(model, image, class_, size, 1, fill)


def occlusion__transposed(model, image, class_, size, stride=1, fill=0.0):
    """Says: rows and columns are exchanged"""
    return _occlusion(model, image, class_, size, stride, fill).T


def occlusion__class_1(model, image, class_, size, stride=1, fill=0.0):
    """Says: this is the other class"""
    return _occlusion(model, image, 1, size, stride, fill)


def occlusion__black(model, image, class_, size, stride=1, fill=0.0):
    """Says: filled with 0"""
    return _occlusion(model, image, class_, size, stride, 0.0)


def occlusion__flat(model, image, class_, size, stride=1, fill=0.0):
    """Says: should have the shape (rows, columns)"""
    return _occlusion(model, image, class_, size, stride, fill).flatten()


def occlusion__last_place_missing(model, image, class_, size, stride=1, fill=0.0):
    """Where the square ends with the image, it is left out.
    Says: should have the shape"""
    return (
        _occlusion(model, image[:, :-1, :-1], class_, size, stride, fill)
        if len(image) > 9
        else _occlusion(model, image, class_, size, stride, fill)[:-1]
    )


def occlusion__over_the_border(model, image, class_, size, stride=1, fill=0.0):
    """Squares of which only a part lies in the image.
    Says: should have the shape"""
    height, width = image.shape[1:]
    with torch.no_grad():
        before = model(image[None])[0, class_]
        rows = []
        for top in range(0, height, stride):
            rows.append([])
            for left in range(0, width, stride):
                copy = image.clone()
                copy[:, top : top + size, left : left + size] = fill
                rows[-1].append(before - model(copy[None])[0, class_])
    return torch.tensor(rows)


def occlusion__only_square_images(model, image, class_, size, stride=1, fill=0.0):
    """The visible check has as many columns of places as rows.
    Hidden only."""
    full = _occlusion(model, image, class_, size, stride, fill)
    return full[:, : full.shape[0]]


def occlusion__probability(model, image, class_, size, stride=1, fill=0.0):
    """Says: occlusion(model, image, 0"""
    return _occlusion(model, image, class_, size, stride, fill, score=lambda z: z.softmax(1))
