"""Wrong solutions of task 1. The name before the double underscore is the function that is replaced; see test_01."""

import numpy as np


def flatten__one_vector(images):
    """Says: joined into one vector"""
    return images.flatten()


def flatten__pixels_as_rows(images):
    """Says: the wrong way round"""
    return images.reshape(len(images), -1).T


def flatten__reshape_to_columns(images):
    """Says: should have the shape (2, 24), but it has the shape (24, 2)"""
    return images.reshape(-1, len(images))


def flatten__reshape_and_transpose(images):
    """Says: mixes pixels of different images"""
    return images.reshape(-1, len(images)).T


def flatten__channels_last(images):
    """Says: channels are interleaved"""
    return images.transpose(0, 2, 3, 1).reshape(len(images), -1)


def flatten__column_by_column(images):
    """Says: column by column"""
    return images.transpose(0, 1, 3, 2).reshape(len(images), -1)


def flatten__fortran_order(images):
    """Says: flatten(images)"""
    return images.reshape(len(images), -1, order="F")


def flatten__only_grey(images):
    """Drops all channels but the first.
    Says: should have the shape (2, 24)"""
    return images[:, 0].reshape(len(images), -1)


def flatten__mnist_only(images):
    """Says: is the length for MNIST only"""
    return images.reshape(-1, 784)


def flatten__float64(images):
    """Says: the images are float32, your result is float64"""
    return images.reshape(len(images), -1).astype(float)


def flatten__squeeze(images):
    """Right except for a batch of one.
    Hidden only."""
    return np.squeeze(images.reshape(len(images), -1))


def pixel_statistics__division_by_zero(X):
    """Says: deviation is 0"""
    return X.mean(axis=0), X.std(axis=0)


def pixel_statistics__epsilon(X):
    """Says: you return the tiny number 1e-08 for it"""
    return X.mean(axis=0), X.std(axis=0) + 1e-8


def pixel_statistics__epsilon_in_the_variance(X):
    """Says: you return the tiny number 0.0001 for it"""
    return X.mean(axis=0), np.sqrt(X.var(axis=0) + 1e-8)


def pixel_statistics__computed_zero(X):
    """Right where the computed deviation of a constant pixel happens to be exactly 0.
    Hidden only."""
    std = X.std(axis=0)
    return X.mean(axis=0), np.where(std == 0, 1, std)


def pixel_statistics__nearly_zero(X):
    """Replaces deviations that are small and real, and misses the rounding error of large numbers.
    Hidden only."""
    std = X.std(axis=0)
    return X.mean(axis=0), np.where(np.isclose(std, 0, atol=1e-4), 1, std)


def pixel_statistics__if_of_an_array(X):
    """Says: there is one deviation for each pixel"""
    std = X.std(axis=0)
    if std == 0:
        std = 1
    return X.mean(axis=0), std


def pixel_statistics__sample_deviation(X):
    """Says: divided by N - 1"""
    std = X.std(axis=0, ddof=1)
    return X.mean(axis=0), np.where(std == 0, 1, std)


def pixel_statistics__wrong_axis(X):
    """Says: axis 1"""
    std = X.std(axis=1)
    return X.mean(axis=1), np.where(std == 0, 1, std)


def pixel_statistics__one_number(X):
    """Says: one mean for all pixels"""
    return X.mean(), X.std()


def pixel_statistics__variance(X):
    """Says: square root"""
    std = X.var(axis=0)
    return X.mean(axis=0), np.where(std == 0, 1, std)


def pixel_statistics__at_least_one(X):
    """Says: between 0 and 1"""
    return X.mean(axis=0), np.maximum(X.std(axis=0), 1)


def pixel_statistics__threshold(X):
    """Treats small deviations as none.
    Hidden only."""
    std = X.std(axis=0)
    return X.mean(axis=0), np.where(std < 0.1, 1, std)


def standardise__own_statistics(X, mean, std):
    """Says: of X itself"""
    own = X.std(axis=0)
    return (X - X.mean(axis=0)) / np.where(own == 0, 1, own)


def standardise__no_mean(X, mean, std):
    """Says: the mean is missing"""
    return X / std


def standardise__no_deviation(X, mean, std):
    """Says: deviation is not used"""
    return X - mean


def standardise__precedence(X, mean, std):
    """Says: Parentheses"""
    return X - mean / std


def standardise__in_place(X, mean, std):
    """Says: changed the array `X`"""
    X -= mean
    X /= std
    return X
