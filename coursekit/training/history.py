"""What happened during training."""

import json
from pathlib import Path

import numpy as np

from coursekit.training.checkpoint import write_atomically


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
    learning_rates : list of float
        The rate each step was taken with (of the first parameter group, if there are several).
    best_epoch : int or None
        With early stopping: the epoch of the lowest validation loss so far, whose weights the model gets at the end.

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
        self.learning_rates = []
        self.best_epoch = None

    def save(self, path):
        """Write it to a JSON file, without loss; a number that is not finite is written as NaN or Infinity."""
        write_atomically(path, lambda file: file.write(json.dumps(vars(self), indent=1).encode()))

    @classmethod
    def load(cls, path):
        """Read what `save` wrote.

        Raises
        ------
        ValueError
            If it is something else.
        """
        try:
            content = json.loads(Path(path).read_bytes())
        except ValueError as error:  # of JSON, or of its letters
            raise ValueError(f"{path} is not a History: {error}") from error
        history = cls()
        if not isinstance(content, dict) or set(content) != set(vars(history)):
            raise ValueError(f"{path} is not a History: it must hold {', '.join(vars(history))}")
        vars(history).update(content)
        return history

    def plot(self, axes=None, label=None):
        """Draw the loss of every step and, beside it, the accuracy of every epoch.

        If the learning rate changed, a third, narrow picture shows it.

        Parameters
        ----------
        axes : two or three matplotlib Axes, optional
            For the loss, the accuracy and the learning rate; hand the same to several histories to compare them.
        label : str, optional
            Name of this run in the legends.

        Returns
        -------
        array of two or three matplotlib Axes
        """
        import matplotlib.pyplot as plt

        if axes is None:
            widths = [4, 4, 1.5] if len(set(self.learning_rates)) > 1 else [4, 4]
            size = (sum(widths), 3.2)
            axes = plt.subplots(1, len(widths), width_ratios=widths, figsize=size, layout="constrained")[1]
        elif len(axes) not in (2, 3):
            raise ValueError(f"axes must be two or three (loss, accuracy, learning rate), not {len(axes)}")
        loss, accuracy, *rate = axes
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
        if rate:
            rate[0].plot(np.arange(1, len(self.learning_rates) + 1), self.learning_rates, color=colour, linewidth=1)
            rate[0].set(xlabel="step", ylabel="learning rate")
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
        lines = ["  ".join(map(str.rjust, line, widths)) for line in [head, *rows]]
        return "\n".join(lines + self._best())

    def _best(self):
        return [f"weights of epoch {self.best_epoch}: lowest validation loss"] if self.best_epoch else []

    def _repr_html_(self):
        if not self.epochs:
            return f"<p>{self!r}</p>"
        head, rows = self._table()
        table = "".join(f'<th scope="col">{name}</th>' for name in head)
        table = f"<thead><tr>{table}</tr></thead><tbody>"
        table += "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
        return f"<table>{table}</tbody></table>" + "".join(f"<p>{line}</p>" for line in self._best())
