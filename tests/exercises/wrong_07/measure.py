"""Wrong solutions of task 6; see exercise.py. They call the notebook's `run`."""

import numpy as np


def _changes(layers, weights, image, unit, step, reset=True, channels=slice(None), put=False, relative=False):
    """(H, W, M): what every pixel changes, but for what is handed in."""
    _, H, W = image.shape
    i, j = unit
    before = run(layers, weights, image[None])[0, :, i, j]
    rows, x = [], image.copy()
    for p, q in np.ndindex(H, W):
        if reset:
            x = image.copy()
        if put:
            x[channels, p, q] = step
        else:
            x[channels, p, q] += x[channels, p, q] * step if relative else step
        rows.append(run(layers, weights, x[None])[0, :, i, j] - before)
    return np.array(rows).reshape(H, W, -1)


def influence__pixels_stay_changed(layers, weights, image, unit, step):
    """Says: stays changed"""
    return np.abs(_changes(layers, weights, image, unit, step, reset=False)).sum(axis=2)


def influence__first_channel_changes(layers, weights, image, unit, step):
    """A grey image hides it.
    Says: only the first channel of the pixel"""
    return np.abs(_changes(layers, weights, image, unit, step, channels=0)).sum(axis=2)


def influence__put_instead_of_added(layers, weights, image, unit, step):
    """Says: Add `step` to it"""
    return np.abs(_changes(layers, weights, image, unit, step, put=True)).sum(axis=2)


def influence__multiplied(layers, weights, image, unit, step):
    """Says: influence(layers, weights, image, (0, 1), 4.0)"""
    return np.abs(_changes(layers, weights, image, unit, step, relative=True)).sum(axis=2)


def influence__signs_kept(layers, weights, image, unit, step):
    """Says: Take the size of each channel's change first"""
    return _changes(layers, weights, image, unit, step).sum(axis=2)


def influence__sum_first(layers, weights, image, unit, step):
    """Says: First the sizes, then the sum"""
    return np.abs(_changes(layers, weights, image, unit, step).sum(axis=2))


def influence__largest(layers, weights, image, unit, step):
    """Says: the largest change of a channel"""
    return np.abs(_changes(layers, weights, image, unit, step)).max(axis=2)


def influence__mean(layers, weights, image, unit, step):
    """Says: the mean over the channels"""
    return np.abs(_changes(layers, weights, image, unit, step)).mean(axis=2)


def influence__first_map(layers, weights, image, unit, step):
    """One filter hides it.
    Says: only the first output channel"""
    return np.abs(_changes(layers, weights, image, unit, step)[..., 0])


def influence__squares(layers, weights, image, unit, step):
    """Says: squared"""
    return (_changes(layers, weights, image, unit, step) ** 2).sum(axis=2)


def influence__lengths(layers, weights, image, unit, step):
    """Says: root of the sum of squares"""
    return np.sqrt((_changes(layers, weights, image, unit, step) ** 2).sum(axis=2))


def influence__slopes(layers, weights, image, unit, step):
    """Says: divided by the step"""
    return np.abs(_changes(layers, weights, image, unit, step)).sum(axis=2) / step


def influence__nothing_subtracted(layers, weights, image, unit, step):
    """Says: Subtract the one without a change"""
    before = run(layers, weights, image[None])[0, :, unit[0], unit[1]]
    return np.abs(_changes(layers, weights, image, unit, step) + before).sum(axis=2)


def influence__unit_exchanged(layers, weights, image, unit, step):
    """Says: `unit` is (row, column)"""
    return np.abs(_changes(layers, weights, image, unit[::-1], step)).sum(axis=2)


def influence__whole_map(layers, weights, image, unit, step):
    """Says: the whole last map is added up"""
    before = run(layers, weights, image[None])
    result = np.zeros(image.shape[1:])
    for p, q in np.ndindex(*result.shape):
        x = image[None].copy()
        x[0, :, p, q] += step
        result[p, q] = np.abs(run(layers, weights, x) - before).sum()
    return result


def influence__transposed(layers, weights, image, unit, step):
    """Says: should have the shape (3, 4)"""
    return np.abs(_changes(layers, weights, image, unit, step)).sum(axis=2).T


def influence__yes_or_no(layers, weights, image, unit, step):
    """Says: influence(layers, weights, image, (0, 1), 4.0)"""
    return (np.abs(_changes(layers, weights, image, unit, step)).sum(axis=2) > 0) * 1.0


def influence__changes_the_image(layers, weights, image, unit, step):
    """Sets every pixel back but the last.
    Says: changed the array `image`"""
    result = np.abs(_changes(layers, weights, image, unit, step)).sum(axis=2)
    image[:, -1, -1] += step
    return result


def influence__views(layers, weights, image, unit, step):
    """Says: np.repeat does"""
    copies = np.broadcast_to(image, (image[0].size, *image.shape))
    copies[0, :, 0, 0] += step
    return copies


def influence__brightened_only(layers, weights, image, unit, step):
    """Hidden only."""
    return np.abs(_changes(layers, weights, image, unit, abs(step))).sum(axis=2)


def influence__steps_of_four(layers, weights, image, unit, step):
    """Hidden only."""
    return np.abs(_changes(layers, weights, image, unit, 4.0)).sum(axis=2)
