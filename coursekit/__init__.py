"""The code behind the course: every layer twice, from scratch in NumPy and in PyTorch.

    coursekit.scratch    the NumPy half: kernels, autograd, and the names of torch.nn, torch.optim
    coursekit.nets       architectures, the small ones for either half
    coursekit.counting   units, weights, connections, receptive fields of a network of either half
    coursekit.data       MNIST, Fashion-MNIST and CIFAR-10, bundled or full
    coursekit.training   one training loop for both halves
    coursekit.viz        the pictures, still and moving
    coursekit.grading    exercises: release, check, grade

Importing this package imports nothing else; in particular it never imports PyTorch by itself.
"""

import sys

__version__ = "0.1.0"
__all__ = ["__version__", "device", "seed"]


def device() -> str:
    """The device a PyTorch model of this course should run on.

    Returns
    -------
    str
        ``"cuda"`` where PyTorch sees a GPU, ``"cpu"`` elsewhere.

    Examples
    --------
    >>> device() in ("cuda", "cpu")
    True
    """
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def seed(number: int) -> None:
    """Make everything that draws random numbers start from the same place.

    Parameters
    ----------
    number : int
        The seed, for `coursekit.scratch` and, where PyTorch is already imported, for PyTorch on every device.
        Code that holds its own `numpy.random.Generator` is not touched.
    """
    from coursekit import scratch

    scratch.manual_seed(number)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(number)
