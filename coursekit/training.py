"""One training loop for both halves of the course.

The names are the same on both sides (``model(x)``, ``loss.backward()``, ``optimizer.step()``), so the loop is too.
What differs, how an array becomes a tensor and which package the optimiser comes from, is the few lines of `_Backend`.
Importing this module imports neither PyTorch nor Matplotlib.
"""

import sys
import time
from contextlib import contextmanager

import numpy as np
from tqdm import tqdm

from coursekit import scratch


def fit(
    model,
    data,
    *,
    validation=None,
    epochs=1,
    batch_size=128,
    optimizer=None,
    lr=0.1,
    loss=None,
    seed=0,
    shuffle=True,
    device=None,
    progress=True,
):
    """Train a model by mini-batch gradient descent.

    Parameters
    ----------
    model : coursekit.scratch.nn.Module or torch.nn.Module
        Its class decides which backend trains it. It is changed in place and left in training mode.
    data : (images, labels) or Dataset
        Arrays; images of whatever shape the model takes, one example for each entry of the first axis.
    validation : like `data`, optional
        Measured after every epoch, without training on it.
    epochs, batch_size : int
        The last batch of an epoch is smaller if the sizes do not divide.
    optimizer : optimizer of the model's own backend, optional
        Plain SGD with rate `lr` unless given; `lr` is not used with an optimizer.
    loss : callable (logits, labels) -> scalar, of the model's own backend, optional
        Cross-entropy unless given.
    seed : int
        Decides the order of the examples, the same on both backends; weights and dropout have their own seeds.
    shuffle : bool
        New order every epoch.
    device : str, optional
        Where PyTorch trains; the model is moved there. Unless given, it stays where its parameters are.
    progress : bool
        Show a progress bar while someone is watching: in a terminal or in a live notebook.

    Returns
    -------
    History

    Raises
    ------
    ValueError
        If images and labels differ in number or there are none.

    Examples
    --------
    >>> from coursekit.scratch import manual_seed, nn
    >>> _ = manual_seed(0)
    >>> images = np.random.default_rng(0).normal(size=(256, 2)).astype(np.float32)
    >>> labels = (images[:, 0] > 0).astype(np.int64)
    >>> model = nn.Linear(2, 2)
    >>> history = fit(model, (images, labels), epochs=5, batch_size=32, lr=1.0)
    >>> len(history.steps), history.epochs[-1]["train_accuracy"] > 0.95
    (40, True)
    """
    images, labels = _arrays(data)
    backend = _Backend(model, device)
    optimizer = optimizer or backend.optim.SGD(model.parameters(), lr=lr)
    loss = loss or backend.functional.cross_entropy
    history = History()
    n_batches = -(-len(images) // batch_size)

    with _progress_bar(epochs * n_batches, progress) as bar:
        for epoch in range(1, epochs + 1):
            started = time.perf_counter()
            meter = _Meter()
            model.train()
            for chosen in _batches(len(images), batch_size, [seed, epoch] if shuffle else None):
                batch_labels = labels[chosen]
                logits = model(backend.inputs(images[chosen]))
                batch_loss = loss(logits, backend.targets(batch_labels))
                optimizer.zero_grad()
                batch_loss.backward()
                optimizer.step()

                value = batch_loss.item()
                history.steps.append(value)
                meter.add(value, backend.numpy(logits), batch_labels)
                bar.set_postfix_str(f"epoch {epoch}/{epochs}, loss {value:.4f}", refresh=False)
                bar.update()

            row = {"epoch": epoch, "train_loss": meter.loss, "train_accuracy": meter.accuracy}
            row["validation_loss"], row["validation_accuracy"] = (
                evaluate(model, validation, loss=loss) if validation is not None else (None, None)
            )
            model.train()
            history.epochs.append({**row, "seconds": time.perf_counter() - started})
    return history


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
    >>> from coursekit.scratch import nn
    >>> class Certain(nn.Module):                   # always says class 1
    ...     def forward(self, x):
    ...         return np.array([[0.0, 100.0]]) + x
    >>> evaluate(Certain(), (np.zeros((4, 2)), np.array([1, 1, 1, 1])))
    (0.0, 1.0)
    """
    images, labels = _arrays(data)
    backend = _Backend(model, device)
    loss = loss or backend.functional.cross_entropy
    meter = _Meter()
    with _evaluation_mode(model), backend.no_grad():
        for chosen in _batches(len(images), batch_size):
            logits = model(backend.inputs(images[chosen]))
            value = loss(logits, backend.targets(labels[chosen])).item()
            meter.add(value, backend.numpy(logits), labels[chosen])
    return meter.loss, meter.accuracy


def predict(model, images, batch_size=1000, *, device=None):
    """Return the model's outputs (for a classifier: logits) for many images, as one array.

    Examples
    --------
    >>> from coursekit.scratch import nn
    >>> predict(nn.Linear(4, 3), np.zeros((10, 4)), batch_size=4).shape
    (10, 3)
    """
    images = np.asarray(images)
    backend = _Backend(model, device)
    with _evaluation_mode(model), backend.no_grad():
        outputs = [backend.numpy(model(backend.inputs(images[chosen]))) for chosen in _batches(len(images), batch_size)]
    return np.concatenate(outputs)


class History:
    """What happened during training.

    Attributes
    ----------
    steps : list of float
        The loss of every batch, before the step that used it.
    epochs : list of dict
        For every epoch: ``epoch, train_loss, train_accuracy, validation_loss, validation_accuracy, seconds``. The
        training figures are averages over the epoch, while the model was still changing; the validation figures
        (None without validation data) belong to the model at its end.

    Examples
    --------
    >>> history = History()
    >>> history.steps += [2.3, 1.2]
    >>> history.epochs.append({"epoch": 1, "train_loss": 1.75, "train_accuracy": 0.5,
    ...                        "validation_loss": 1.1, "validation_accuracy": 0.725, "seconds": 0.4})
    >>> history
    epoch  train loss  train accuracy  validation loss  validation accuracy
        1      1.7500          50.0 %           1.1000               72.5 %
    """

    def __init__(self):
        self.steps = []
        self.epochs = []

    def plot(self, axes=None, label=None):
        """Draw the loss of every step and, beside it, the accuracy of every epoch.

        Parameters
        ----------
        axes : pair of matplotlib Axes, optional
            For the loss and for the accuracy; hand the same pair to several histories to compare them.
        label : str, optional
            Name of this run in the legends.

        Returns
        -------
        pair of matplotlib Axes
        """
        import matplotlib.pyplot as plt

        axes = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")[1] if axes is None else axes
        loss, accuracy = axes
        steps = np.arange(1, len(self.steps) + 1)
        (line,) = loss.plot(steps, self.steps, linewidth=0.5, alpha=0.35)
        colour = line.get_color()
        loss.plot(steps, self._running_mean(), color=colour, label=label or "running mean")
        loss.set(xlabel="step", ylabel="training loss")
        loss.legend()

        prefix = f"{label}, " if label else ""
        epochs = [row["epoch"] for row in self.epochs]
        for kind, style in (("train", "o:"), ("validation", "s-")):
            values = [row[f"{kind}_accuracy"] for row in self.epochs]
            if values and None not in values:
                accuracy.plot(epochs, values, style, color=colour, markersize=4, label=f"{prefix}{kind}")
                accuracy.legend()
        accuracy.set(xlabel="epoch", ylabel="accuracy")
        accuracy.xaxis.get_major_locator().set_params(integer=True)
        return axes

    def _running_mean(self):
        """Mean of each step and up to a twentieth of the run before it."""
        window = max(1, len(self.steps) // 20)
        total = np.concatenate([[0.0], np.cumsum(self.steps)])
        last = np.arange(1, len(self.steps) + 1)
        first = np.maximum(last - window, 0)
        return (total[last] - total[first]) / (last - first)

    def _table(self):
        def percent(value):
            return f"{value:.1%}".replace("%", " %")

        formats = {
            "epoch": str,
            "train_loss": "{:.4f}".format,
            "train_accuracy": percent,
            "validation_loss": "{:.4f}".format,
            "validation_accuracy": percent,
        }
        shown = [key for key in formats if any(row[key] is not None for row in self.epochs)]
        head = [key.replace("_", " ") for key in shown]
        return head, [[formats[key](row[key]) for key in shown] for row in self.epochs]

    def __repr__(self):
        if not self.epochs:
            return f"History({len(self.steps)} steps, no finished epoch)"
        head, rows = self._table()
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        return "\n".join(
            "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in [head, *rows]
        )

    def _repr_html_(self):
        if not self.epochs:
            return f"<p>{self!r}</p>"
        head, rows = self._table()
        table = "".join(f'<th scope="col">{name}</th>' for name in head)
        table = f"<thead><tr>{table}</tr></thead><tbody>"
        table += "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
        return f"<table>{table}</tbody></table>"


# ------------------------------------------------------------------------------------------------------------- inside


class _Backend:
    """The few things that differ between the NumPy half and PyTorch."""

    def __init__(self, model, device):
        if isinstance(model, scratch.nn.Module):
            parameter = next(iter(model.parameters()), None)
            if device not in (None, "cpu"):
                raise ValueError(f'a model of coursekit.scratch runs on device "cpu", not {device!r}')
            dtype = np.float32 if parameter is None else parameter.dtype
            self.optim, self.functional, self.no_grad = scratch.optim, scratch.functional, scratch.no_grad
            self.inputs = lambda array: scratch.Tensor(_typed(array, dtype))
            self.targets = lambda array: scratch.Tensor(_typed(array, dtype, integers="int64"))
            self.numpy = lambda tensor: tensor.detach().numpy()
        else:
            import torch

            if not isinstance(model, torch.nn.Module):
                raise TypeError(f"model must be a Module of scratch.nn or torch.nn, not a {type(model).__name__}")
            if device is not None:
                model.to(device)
            parameter = next(iter(model.parameters()), None)
            place = parameter.device if parameter is not None else device or "cpu"
            dtype = "float32" if parameter is None else str(parameter.dtype).removeprefix("torch.")
            self.optim, self.functional, self.no_grad = torch.optim, torch.nn.functional, torch.no_grad

            def tensor(array):  # PyTorch takes only arrays that run forwards, and warns of ones that may not be changed
                return torch.from_numpy(np.require(array, requirements=["C", "W"])).to(place)

            self.inputs = lambda array: tensor(_typed(array, dtype))
            self.targets = lambda array: tensor(_typed(array, dtype, integers="int64"))
            self.numpy = lambda tensor: tensor.detach().cpu().numpy()


def _typed(array, floats, integers=None):
    """Give floats the type of the model's parameters; whole numbers stay (class labels need int64)."""
    dtype = floats if array.dtype.kind == "f" else integers
    return array.astype(dtype or array.dtype, copy=False)


def _arrays(data):
    images, labels = np.asarray(data[0]), np.asarray(data[1])
    if len(images) != len(labels):
        raise ValueError(f"data must hold one label for each image, but there are {len(images)} and {len(labels)}")
    if not len(images):
        raise ValueError("data holds no images")
    return images, labels


def _batches(n, batch_size, seed=None):
    """Yield what picks each batch out of n examples: slices in order or, with a seed, indices in random order."""
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, not {batch_size}")
    if seed is None:
        yield from (slice(start, start + batch_size) for start in range(0, n, batch_size))
    else:
        order = np.random.default_rng(seed).permutation(n)
        yield from (order[start : start + batch_size] for start in range(0, n, batch_size))


class _Meter:
    """Averages over the examples seen, however they were cut into batches."""

    def __init__(self):
        self.examples, self.total_loss, self.right = 0, 0.0, 0

    def add(self, loss, logits, labels):
        self.examples += len(labels)
        self.total_loss += loss * len(labels)
        if labels.ndim == 1 and labels.dtype.kind in "iu" and logits.ndim == 2 and self.right is not None:
            self.right += int((logits.argmax(axis=1) == labels).sum())
        else:
            self.right = None

    @property
    def loss(self):
        return self.total_loss / self.examples

    @property
    def accuracy(self):
        return None if self.right is None else self.right / self.examples


@contextmanager
def _evaluation_mode(model):
    before = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in before:
            module.training = training


def _progress_bar(total, wanted):
    # On stdout and gone at the end: a notebook's stored output must hold neither a bar nor anything on stderr.
    return tqdm(total=total, disable=not (wanted and _someone_is_watching()), leave=False, file=sys.stdout, unit="step")


def _someone_is_watching():
    """Whether this runs in a terminal, or in a notebook whose cells are being run by a person.

    A program that executes notebooks (the book's build, nbval) tells the kernel that nobody can answer `input()`.
    """
    if "IPython" in sys.modules:
        shell = sys.modules["IPython"].get_ipython()
        if hasattr(shell, "kernel"):
            return bool(getattr(shell.kernel, "_allow_stdin", False))
    return sys.stdout is not None and sys.stdout.isatty()
