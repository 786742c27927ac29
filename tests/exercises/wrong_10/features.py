"""Wrong solutions of task 3; see exercise.py."""

import numpy
import torch


def _rows(trunk, images, batch_size):
    with torch.no_grad():
        parts = []
        for start in range(0, len(images), batch_size):
            parts.append(trunk(torch.tensor(images[start : start + batch_size])).flatten(1).numpy())
    return numpy.concatenate(parts)


def _restoring(trunk, compute):
    modes = [(module, module.training) for module in trunk.modules()]
    trunk.eval()
    try:
        return compute()
    finally:
        for module, mode in modes:
            module.training = mode


def features__training_mode(trunk, images, batch_size=100):
    """Says: in evaluation mode"""
    return _rows(trunk, images, batch_size)


def features__stays_in_evaluation(trunk, images, batch_size=100):
    """Says: Note the modes"""
    trunk.eval()
    return _rows(trunk, images, batch_size)


def features__one_mode(trunk, images, batch_size=100):
    """Right where all layers were in one mode.
    Hidden only."""
    was = trunk.training
    trunk.eval()
    result = _rows(trunk, images, batch_size)
    trunk.train(was)
    return result


def features__always_training(trunk, images, batch_size=100):
    """Hidden only."""
    trunk.eval()
    result = _rows(trunk, images, batch_size)
    trunk.train()
    return result


def features__children_remembered(trunk, images, batch_size=100):
    """Layers inside of layers are forgotten.
    Hidden only."""
    modes = [(module, module.training) for module in [trunk, *trunk.children()]]
    trunk.eval()
    result = _rows(trunk, images, batch_size)
    for module, mode in modes:
        module.train(mode)
    return result


def features__all_at_once(trunk, images, batch_size=100):
    """Says: images at once"""
    return _restoring(trunk, lambda: _rows(trunk, images, len(images)))


def features__last_batch_lost(trunk, images, batch_size=100):
    """Says: the last, smaller batch is missing"""
    whole = len(images) // batch_size * batch_size
    return _restoring(trunk, lambda: _rows(trunk, images[:whole], batch_size))


def features__only_last(trunk, images, batch_size=100):
    """Says: only the last batch is there"""

    def compute():
        for start in range(0, len(images), batch_size):
            with torch.no_grad():
                rows = trunk(torch.tensor(images[start : start + batch_size])).flatten(1).numpy()
        return rows

    return _restoring(trunk, compute)


def features__shuffled(trunk, images, batch_size=100):
    """Says: features(trunk, images, 2)"""
    order = numpy.random.default_rng(0).permutation(len(images))
    return _restoring(trunk, lambda: _rows(trunk, images[order], batch_size))


def features__not_flat(trunk, images, batch_size=100):
    """Says: one row for each image"""

    def compute():
        with torch.no_grad():
            return numpy.concatenate(
                [trunk(torch.tensor(images[i : i + batch_size])).numpy() for i in range(0, len(images), batch_size)]
            )

    return _restoring(trunk, compute)


def features__too_flat(trunk, images, batch_size=100):
    """Says: one long row"""
    return _restoring(trunk, lambda: _rows(trunk, images, batch_size).ravel())


def features__graph(trunk, images, batch_size=100):
    """Says: with a graph being recorded"""

    def compute():
        parts = []
        for start in range(0, len(images), batch_size):
            parts.append(trunk(torch.tensor(images[start : start + batch_size])).flatten(1).detach().numpy())
        return numpy.concatenate(parts)

    return _restoring(trunk, compute)


def features__closes_the_trunk(trunk, images, batch_size=100):
    """Hidden only."""
    trunk.requires_grad_(False)
    return _restoring(trunk, lambda: _rows(trunk, images, batch_size))


def features__one_image_at_a_time_squeezed(trunk, images, batch_size=100):
    """A batch of one loses its axis.
    Says: features(trunk, images, 2)"""

    def compute():
        with torch.no_grad():
            parts = [
                trunk(torch.tensor(images[i : i + batch_size])).squeeze().reshape(-1, 4).numpy()[:1]
                for i in range(0, len(images), batch_size)
            ]
        return numpy.concatenate(parts)

    return _restoring(trunk, compute)


def features__double_precision(trunk, images, batch_size=100):
    """Hidden only."""
    return _restoring(trunk, lambda: _rows(trunk, images, batch_size).astype(float))


def features__statistics_first(trunk, images, batch_size=100):
    """A pass in training mode "to adapt it": the statistics move.
    Hidden only."""
    modes = [(module, module.training) for module in trunk.modules()]
    trunk.train()
    with torch.no_grad():
        if len(images) > 1:
            trunk(torch.tensor(images[:batch_size]))
    trunk.eval()
    result = _rows(trunk, images, batch_size)
    for module, mode in modes:
        module.training = mode
    return result
