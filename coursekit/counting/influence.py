"""Receptive fields, measured: follow the gradient of one unit back to the pixels."""

from dataclasses import dataclass

import numpy as np

from coursekit.counting.probe import as_input, evaluation


@dataclass(frozen=True)
class Influence:
    """How much each pixel moved a unit.

    Attributes
    ----------
    map : ndarray, shape (H, W)
        Mean absolute gradient, over images; summed over the channels of the input.
    rows, columns : range
        The smallest rectangle outside which nothing had any influence.
    """

    map: np.ndarray
    rows: range
    columns: range

    def core(self, share=0.95):
        """Count the most influential pixels that together hold a share of all influence."""
        shares = np.sort(self.map.ravel())[::-1].cumsum() / self.map.sum()
        return int(np.searchsorted(shares, share) + 1)


def measured_receptive_field(model, input_shape, unit=None, images=8, seed=0):
    """Find the pixels that influence a unit, by the gradient of its value with respect to the input.

    Unlike the formula (`receptive_field`) this works for any model, branches and skips included, and it shows how much
    each pixel counts: much less at the border than in the middle (Luo et al., "Understanding the effective receptive
    field in deep convolutional neural networks", NeurIPS 2016). A pixel that lost in every max-pooling window, or
    stood behind a ReLU that was off, in all of the random images does not show: more images find more.

    Parameters
    ----------
    model : coursekit.scratch.nn.Module or torch.nn.Module
        Its output has the shape (N, C, H, W) or (N, units). It is not changed, see `summary`.
    input_shape : tuple of int
        Of one example, such as (1, 28, 28).
    unit : tuple of int, optional
        Which place (row, column) of the output, in all channels; the middle unless given. For an output without places
        all of it counts.
    images : int
        Random images that are tried.
    seed : int

    Returns
    -------
    Influence

    Raises
    ------
    ValueError
        If no pixel had any influence.

    Examples
    --------
    >>> from coursekit.counting import receptive_field
    >>> found = measured_receptive_field(nn.Sequential(nn.Conv2d(1, 2, 3), nn.Conv2d(2, 2, 3)), (1, 9, 9))
    >>> found.rows, found.columns, receptive_field([(3,), (3,)]).pixels(2)
    (range(2, 7), range(2, 7), range(2, 7))
    """
    noise = np.random.default_rng(seed).normal(size=(images, *input_shape))
    with evaluation(model):
        input = as_input(model, noise).requires_grad_()
        output = model(input)
        if len(output.shape) == 4:
            row, column = unit or (output.shape[2] // 2, output.shape[3] // 2)
            output = output[:, :, row, column]
        output.sum().backward()
    gradient = np.asarray(input.grad.tolist())
    size = np.abs(gradient).mean(axis=0).sum(axis=0)
    if not size.any():
        raise ValueError(
            "no pixel influences this unit: is the model dead (all its ReLUs off), or the unit all padding?"
        )
    return Influence(size, *(_extent(size.any(axis=axis)) for axis in (1, 0)))


def _extent(touched):
    where = np.flatnonzero(touched)
    return range(int(where[0]), int(where[-1]) + 1)
