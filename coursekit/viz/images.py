"""Images, and arrays that are best looked at as images: weights, kernels, feature maps."""

import matplotlib.pyplot as plt
import numpy as np

SIGNED = "RdBu_r"  # white is zero, red is positive, blue is negative


def show_images(images, titles=None, *, columns=10, size=0.8, signed=False, limit=None):
    """Draw images in a grid, without axes.

    Parameters
    ----------
    images : array_like, shape (N, H, W), (N, 1, H, W) or (N, 3, H, W), or a list of (H, W) arrays
        Grey or colour images. Grey values are drawn between the smallest and the largest of *all* images, so that two
        images in one grid can be compared; colour images must lie in [0, 1].
    titles : sequence of str, optional
        One for each image.
    columns : int
        Images in a row.
    size : float
        Width of an image in inches.
    signed : bool
        Draw zero white, positive values red and negative ones blue, on a scale symmetric about zero.
    limit : float, optional
        With `signed`, the value drawn in full colour; the largest absolute value where it is not given.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If an image has another shape, or the number of titles differs from the number of images.

    Examples
    --------
    >>> figure = show_images(np.zeros((12, 8, 8)), columns=6)
    >>> len(figure.axes)
    12
    """
    images = [_as_picture(image) for image in images]
    if titles is not None and len(titles) != len(images):
        raise ValueError(f"titles: got {len(titles)} for {len(images)} images; give one for each")
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    height = size * max(image.shape[0] / image.shape[1] for image in images)
    title_height = 0 if titles is None else 0.22
    figure, axes = plt.subplots(
        rows, columns, figsize=(columns * size, rows * (height + title_height)), squeeze=False, layout="constrained"
    )
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0.02, hspace=0.02)
    if signed:
        limit = limit or max(np.abs(image).max() for image in images) or 1
        scale = {"cmap": SIGNED, "vmin": -limit, "vmax": limit}
    else:
        scale = {"vmin": min(image.min() for image in images), "vmax": max(image.max() for image in images)}
    for i, ax in enumerate(axes.flat):
        ax.set_axis_off()
        if i < len(images):
            ax.imshow(images[i], **({} if images[i].ndim == 3 else scale))
            if titles is not None:
                ax.set_title(str(titles[i]), fontsize=8, pad=2)
        else:
            ax.remove()
    return figure


def templates(weights, classes=None, *, shape=(28, 28), columns=10, size=0.8, limit=None):
    """Draw each row of a linear layer's weights as the image it is multiplied with.

    Red pixels speak for the class, blue ones against it, white ones do not matter.

    Parameters
    ----------
    weights : array_like, shape (K, H * W)
        One row per class, as in `Linear.weight`.
    classes : sequence of str, optional
        Names of the K classes.
    shape : tuple of int
        (H, W) of the images.
    columns, size, limit
        As for `show_images`.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = templates(np.zeros((3, 6)), ["a", "b", "c"], shape=(2, 3))
    >>> figure.axes[1].get_title()
    'b'
    """
    weights = np.asarray(weights)
    if weights.ndim != 2 or weights.shape[1] != shape[0] * shape[1]:
        raise ValueError(
            f"weights: shape {weights.shape} does not match images of {shape[0]}x{shape[1]}; "
            f"expected (classes, {shape[0] * shape[1]})"
        )
    return show_images(weights.reshape(-1, *shape), classes, columns=columns, size=size, signed=True, limit=limit)


def _as_picture(image):
    """(H, W) or (H, W, 3) as imshow takes it."""
    image = np.asarray(image)
    if image.ndim == 3 and image.shape[0] == 1:
        return image[0]
    if image.ndim == 3 and image.shape[0] == 3:
        return image.transpose(1, 2, 0)
    if image.ndim == 2:
        return image
    raise ValueError(f"images: an image of shape {image.shape}; expected (H, W), (1, H, W) or (3, H, W)")
