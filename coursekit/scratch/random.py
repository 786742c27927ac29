"""The one source of random numbers of `coursekit.scratch`: initial weights and every random operation draw from it."""

import numpy as np

_generator = np.random.default_rng()


def manual_seed(number: int) -> np.random.Generator:
    """Start the random numbers of `coursekit.scratch` from a given place.

    Parameters
    ----------
    number : int
        The seed. The same seed gives the same initial weights, whatever was drawn before.

    Returns
    -------
    numpy.random.Generator
        The generator that all later draws come from.

    Examples
    --------
    >>> manual_seed(0).random() == manual_seed(0).random()
    True
    """
    global _generator
    _generator = np.random.default_rng(number)
    return _generator


def generator() -> np.random.Generator:
    """Return the generator in use; ask again after `manual_seed`, which replaces it.

    Examples
    --------
    >>> generator() is manual_seed(0)
    False
    >>> generator() is generator()
    True
    """
    return _generator
