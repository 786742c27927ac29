"""What the recipes that train on the bundled photographs share: the data, prepared, and the course of a training."""


def prepared_photographs(full=False):
    """Return the CIFAR-10 images, each channel with mean 0 and standard deviation 1 over the training images.

    Parameters
    ----------
    full : bool
        All 60 000, from ``$COURSEKIT_DATA``, instead of those that come with the package.

    Returns
    -------
    train, test : (images, labels)
    normalisation : dict
        ``mean`` and ``std`` of each channel, as a network's card keeps them.
    """
    from coursekit import data

    train, test = data.load("cifar10", "train", full), data.load("cifar10", "test", full)
    mean, std = train.images.mean((0, 2, 3), keepdims=True), train.images.std((0, 2, 3), keepdims=True)
    normalisation = {"mean": mean.ravel().tolist(), "std": std.ravel().tolist()}
    return *(((part.images - mean) / std, part.labels) for part in (train, test)), normalisation


def course_of(history):
    """Return losses and accuracies of every epoch, short enough for a network's card."""
    return [
        {key: round(value, 5) for key, value in epoch.items() if key not in ("epoch", "seconds")}
        for epoch in history.epochs
    ]
