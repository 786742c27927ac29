"""What a classifier takes for what."""

import matplotlib.pyplot as plt
import numpy as np


def confusion_matrix(labels, predictions, classes, *, size=4.2):
    """Draw how often each class was taken for each other: a row for each true class, a column for each answer.

    The diagonal, which is right, is left white, so that the colours show the mistakes alone; its numbers are grey.

    Parameters
    ----------
    labels, predictions : array_like of int, shape (N,)
        True classes and answers, indices into `classes`.
    classes : sequence of str
        Names of the K classes.
    size : float
        Width of the figure in inches.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there are not as many predictions as labels, or one of them is no index into `classes`.

    Examples
    --------
    >>> figure = confusion_matrix([0, 0, 1], [0, 1, 1], ["cat", "dog"])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['1', '1', '', '1']
    """
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if labels.shape != predictions.shape:
        raise ValueError(f"predictions: got shape {predictions.shape} for labels of shape {labels.shape}")
    k = len(classes)
    for name, values in [("labels", labels), ("predictions", predictions)]:
        if values.size and not (values.min() >= 0 and values.max() < k):
            raise ValueError(f"{name} must lie between 0 and {k - 1} for {k} classes")
    counts = np.zeros((k, k), int)
    np.add.at(counts, (labels, predictions), 1)
    mistakes = np.where(np.eye(k, dtype=bool), 0, counts)

    figure, ax = plt.subplots(figsize=(size, size))
    ax.imshow(mistakes, cmap="Oranges", vmin=0, vmax=max(1, mistakes.max()))
    for (i, j), count in np.ndenumerate(counts):
        dark = i != j and count > 0.6 * mistakes.max()
        colour = "gray" if i == j else "white" if dark else "black"
        ax.text(j, i, str(count) if count else "", ha="center", va="center", fontsize=8, color=colour)
    ax.set_xticks(range(k), classes, rotation=0 if max(map(len, classes)) < 3 else 60)
    ax.set_yticks(range(k), classes)
    ax.tick_params(length=0, labelsize=8)
    ax.grid(visible=False)
    ax.set(xlabel="answer", ylabel="true class")
    return figure
