"""A transposed convolution at work: every pixel stamps the kernel into the output, and stamps add up."""

import numpy as np

from coursekit.viz import cells

PIXEL, STAMP, CUT = "#E69F00", "#FBE3B0", "#D9D9D9"


def stamping_step(image, kernel, step, *, stride=1, padding=0, room=None):
    """Draw a transposed convolution after some pixels have stamped the kernel into the output.

    Parameters
    ----------
    image : array_like, shape (H, W)
    kernel : array_like, shape (k_h, k_w)
    step : int
        How many pixels have had their turn, in reading order; the last of them is marked, as is its stamp.
    stride : int
        Pixels from one stamp to the next.
    padding : int
        Rows and columns that will be cut off at every edge of the output; they are drawn grey.
    room : (int, int), optional
        Rows and columns to leave for the output, so that frames with a smaller one have the same size.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no such step, or the padding leaves nothing.

    Examples
    --------
    >>> figure = stamping_step([[1, 2, 3]], [[1, 10]], 2, stride=2)
    >>> figure.axes[0].texts[-1].get_text()
    'pixel (0, 1) is 2: 2 times the kernel is added from row 0, column 2 on'
    """
    image, kernel = np.asarray(image), np.asarray(kernel)
    output, reached, pixel, corner = _stamped(image, kernel, step, stride, padding)
    stamp = image[pixel] * kernel
    shapes = [image.shape, kernel.shape, stamp.shape, room or output.shape]
    figure, ax, corners = cells.side_by_side(shapes, cell=0.36, below=1)
    under = {(corner[0] + i, corner[1] + j): STAMP for i, j in np.ndindex(kernel.shape)}
    cut = _cut(output.shape, padding)
    grey = dict.fromkeys(zip(*np.nonzero(cut), strict=True), CUT)
    cells.table(ax, corners[0], cells.written(image), title="input", fills={pixel: PIXEL})
    cells.table(ax, corners[1], cells.written(kernel), title="kernel")
    everywhere = dict.fromkeys(np.ndindex(kernel.shape), STAMP)
    cells.table(ax, corners[2], cells.written(stamp), title="stamp", fills=everywhere)
    cells.table(ax, corners[3], cells.written(output, reached), title="output so far", fills=grey | under)
    cells.frame(ax, corners[3], corner, kernel.shape, colour=PIXEL)
    cells.caption(ax, _sentence(image, pixel, corner))
    return figure


def describe_stamping_step(image, kernel, step, *, stride=1, padding=0):
    """Say in words what `stamping_step` draws: the alternative text of a frame.

    Examples
    --------
    >>> describe_stamping_step([[1, 2, 3]], [[1, 10]], 2, stride=2)
    'Pixel (0, 1) is 2: 2 times the kernel is added from row 0, column 2 on. The output so far, row by row: 1 10 2 20 0 0.'
    """  # noqa: E501 - one line is one text
    image, kernel = np.asarray(image), np.asarray(kernel)
    output, _, pixel, corner = _stamped(image, kernel, step, stride, padding)
    rows = "; ".join(" ".join(map(cells.number, row)) for row in output)
    sentence = _sentence(image, pixel, corner)
    cut = f" The outermost {padding} rows and columns will be cut off." if padding else ""
    return f"{sentence[0].upper()}{sentence[1:]}. The output so far, row by row: {rows}.{cut}"


def _stamped(image, kernel, step, stride, padding):
    """Output after so many stamps, what they have reached, the last pixel, and where its stamp begins."""
    if not 1 <= step <= image.size:
        raise ValueError(f"step: {step} is not between 1 and {image.size}, the number of pixels")
    shape = [(n - 1) * stride + k for n, k in zip(image.shape, kernel.shape, strict=True)]
    if 2 * padding >= min(shape):
        raise ValueError(f"padding: {padding} leaves nothing of an output of {shape[0]} × {shape[1]}")
    output, reached = np.zeros(shape, np.result_type(image, kernel)), np.zeros(shape, bool)
    for pixel in list(np.ndindex(image.shape))[:step]:
        corner = (pixel[0] * stride, pixel[1] * stride)
        under = np.s_[corner[0] : corner[0] + kernel.shape[0], corner[1] : corner[1] + kernel.shape[1]]
        output[under] += image[pixel] * kernel
        reached[under] = True
    return output, reached, pixel, corner


def _cut(shape, padding):
    """Say which pixels of the output will be cut off."""
    cut = np.ones(shape, bool)
    cut[padding : shape[0] - padding, padding : shape[1] - padding] = False
    return cut


def _sentence(image, pixel, corner):
    value = cells.number(image[pixel])
    return (
        f"pixel ({pixel[0]}, {pixel[1]}) is {value}: {value} times the kernel is added "
        f"from row {corner[0]}, column {corner[1]} on"
    )
