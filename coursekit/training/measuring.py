"""Loss and accuracy over many batches."""

from contextlib import contextmanager

import numpy as np

from coursekit.training.backend import backend_of


def evaluate(model, data, batch_size=1000, *, loss=None, device=None):
    """Measure a model without training it.

    Parameters
    ----------
    model, data, loss, device
        As for `fit`.
    batch_size : int
        How many examples at a time; it does not change the result.

    Returns
    -------
    loss : float
        Mean over all examples.
    accuracy : float or None
        Share of examples whose largest logit is at the right class; None where labels are not class numbers.

    Examples
    --------
    >>> class Certain(nn.Module):                   # always says class 1
    ...     def forward(self, x):
    ...         return np.array([[0.0, 100.0]]) + x
    >>> evaluate(Certain(), (np.zeros((4, 2)), np.array([1, 1, 1, 1])))
    (0.0, 1.0)
    """
    images, labels = arrays(data)
    backend = backend_of(model, device)
    loss = backend.check_loss(loss)
    meter = Meter(backend)
    with _evaluation_mode(model), backend.no_grad():
        for chosen in batches(len(images), batch_size):
            logits, targets = model(backend.inputs(images[chosen])), backend.targets(labels[chosen])
            meter.add(loss(logits, targets), logits, targets)
    return meter.loss(), meter.accuracy()


def predict(model, images, batch_size=1000, *, device=None):
    """Return the model's outputs (for a classifier: logits) for many images, as one array.

    Parameters
    ----------
    model, device
        As for `fit`.
    images : array of shape (N, ...)
    batch_size : int
        How many images at a time; it does not change the result.

    Returns
    -------
    ndarray of shape (N, ...)

    Examples
    --------
    >>> predict(nn.Linear(4, 3), np.zeros((10, 4)), batch_size=4).shape
    (10, 3)
    """
    images = _array(images)
    if not len(images):
        raise ValueError("images holds no images")
    backend = backend_of(model, device)
    with _evaluation_mode(model), backend.no_grad():
        outputs = [backend.numpy(model(backend.inputs(images[chosen]))) for chosen in batches(len(images), batch_size)]
    return np.concatenate(outputs)


class Meter:
    """Averages over the examples seen, however they were cut into batches.

    Numbers are kept as the backend has them and fetched together when asked for: on a GPU, every look at a number
    makes the processor wait until the GPU has done all it was told, and the GPU then wait for the next order.
    """

    def __init__(self, backend):
        self.backend = backend
        self.sizes, self._losses, self._right = [], [], []

    def add(self, loss, logits, targets):
        """Take in the mean loss of a batch and, where targets are class numbers, how many logits are right."""
        self.sizes.append(len(targets))
        self._right.append(self.backend.count_right(logits, targets))
        self._losses.append(self.backend.kept(loss))

    def losses(self):
        """Return the loss of every batch, as floats."""
        return self.backend.numbers(self._losses)

    def loss(self):
        return sum(loss * size for loss, size in zip(self.losses(), self.sizes, strict=True)) / sum(self.sizes)

    def accuracy(self):
        return None if None in self._right else sum(self.backend.numbers(self._right)) / sum(self.sizes)


def arrays(data, name="data"):
    """Return images and labels as arrays, one label for each image."""
    images, labels = _array(data[0]), _array(data[1])
    if len(images) != len(labels):
        raise ValueError(f"{name} must hold one label for each image, but there are {len(images)} and {len(labels)}")
    if not len(images):
        raise ValueError(f"{name} holds no images")
    return images, labels


def _array(value):
    return np.asarray(value.detach().cpu() if hasattr(value, "cpu") else value)  # PyTorch's, wherever it lies


def batches(n, batch_size, seed=None):
    """Yield what picks each batch out of n examples: slices in order or, with a seed, indices in random order."""
    if not isinstance(batch_size, int | np.integer) or batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, not {batch_size!r}; it is a whole number of examples")
    starts = range(0, n, batch_size)
    if seed is None:
        yield from (slice(start, start + batch_size) for start in starts)
    else:
        order = np.random.default_rng(seed).permutation(n)
        yield from (order[start : start + batch_size] for start in starts)


@contextmanager
def _evaluation_mode(model):
    before = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in before:
            module.training = training
