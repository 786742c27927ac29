"""Boxes that may hold an object, whatever it is: regions of a segmentation, grouped.

Taught in the chapter on other tasks.
"""

import numpy as np

SIDE, BINS = 256, 12
RANGES = ((0, 100), (-60, 60), (-60, 60))  # of lightness and the two colour differences in CIELAB


def proposals(image, *, scales=(50, 150, 400), smallest=0.15, longest=3.0, alike=0.7):
    """Propose boxes in a photograph by selective search, made small.

    The photograph is cut into patches of one colour (Felzenszwalb and Huttenlocher 2004), finely and coarsely. Then the
    two neighbours that go together best become one, again and again, until one is left. Every region that existed on
    the way is proposed, as a box. The whole needs no training, and does not know a single class.

    Parameters
    ----------
    image : ndarray of uint8, shape (H, W, 3)
    scales : sequence of float
        How coarse the first cut is; each is grouped on its own.
    smallest : float
        Boxes whose shorter side is less than this part of the photograph's longer side are dropped.
    longest : float
        So are boxes that are longer than this many times their width, or wider than high.
    alike : float
        Of boxes that overlap by a larger intersection over union, only the largest is kept.

    Returns
    -------
    torch.Tensor of float32, shape (N, 4)
        Left, top, right, bottom in pixels; large ones first.

    Raises
    ------
    ValueError
        If the image is not of this shape.

    Notes
    -----
    Uijlings et al., "Selective search for object recognition", IJCV 2013; used by the first R-CNN. The original has
    more colour spaces, and texture as a further similarity.

    Examples
    --------
    >>> image = np.zeros((64, 64, 3), np.uint8)
    >>> image[16:48, 16:48] = 255
    >>> proposals(image).shape[1]
    4
    """
    import torch
    from skimage import segmentation, transform
    from torchvision import ops

    if image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"image: got an array of shape {image.shape}; a colour photograph is (H, W, 3)")
    longer = max(image.shape[:2])
    factor = SIDE / longer
    size = [round(factor * n) for n in image.shape[:2]]
    small = transform.resize(image, size, anti_aliasing=factor < 1)
    found = set()
    for scale in scales:
        found |= grouped(small, segmentation.felzenszwalb(small, scale=scale, sigma=0.8, min_size=60))
    boxes = torch.tensor(sorted(found), dtype=torch.float32) / factor
    width, height = (boxes[:, 2:] - boxes[:, :2]).unbind(1)
    fits = (torch.minimum(width, height) > smallest * longer) & (
        torch.maximum(width / height, height / width) < longest
    )
    boxes, area = boxes[fits], (width * height)[fits]
    return boxes[ops.nms(boxes, area, alike)]


def grouped(image, patches):
    """Join neighbouring patches, the most similar first, and return the box of every region that comes up.

    Similar are: colours that agree (the overlap of their histograms), small sizes (so that all parts of the image grow
    alike), and a common box that the two fill.

    Parameters
    ----------
    image : ndarray of float, shape (H, W, 3)
        RGB in [0, 1].
    patches : ndarray of int, shape (H, W)
        Numbers from 0.

    Returns
    -------
    set of (int, int, int, int)
        Left, top, right, bottom.
    """
    regions, neighbours = _regions(image, patches)

    def similarity(i, j):
        (box_a, size_a, colours_a), (box_b, size_b, colours_b) = regions[i], regions[j]
        left, top, right, bottom = _around(box_a, box_b)
        gap = (right - left) * (bottom - top) - size_a - size_b
        return np.minimum(colours_a, colours_b).sum() + 2 - (size_a + size_b + gap) / patches.size

    found = {box for box, _, _ in regions.values()}
    pairs = {(i, j): similarity(i, j) for i in neighbours for j in neighbours[i] if i < j}
    while pairs:
        i, j = max(pairs, key=pairs.get)
        new = max(regions) + 1
        (box_a, size_a, colours_a), (box_b, size_b, colours_b) = regions[i], regions[j]
        size = size_a + size_b
        regions[new] = _around(box_a, box_b), size, (size_a * colours_a + size_b * colours_b) / size
        neighbours[new] = (neighbours[i] | neighbours[j]) - {i, j}
        pairs = {pair: value for pair, value in pairs.items() if not {i, j} & set(pair)}
        for other in neighbours[new]:
            neighbours[other] = neighbours[other] - {i, j} | {new}
            pairs[other, new] = similarity(other, new)
        found.add(regions[new][0])
    return found


def _around(a, b):
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _regions(image, patches):
    """Box, size and colours of every patch, and which patches touch."""
    from skimage import color, measure

    bins = [
        np.clip((channel - low) / (high - low) * BINS, 0, BINS - 1).astype(int)
        for channel, (low, high) in zip(np.moveaxis(color.rgb2lab(image), 2, 0), RANGES, strict=True)
    ]
    colours = np.zeros((patches.max() + 1, len(bins) * BINS))
    for k, channel in enumerate(bins):
        np.add.at(colours, (patches.ravel(), k * BINS + channel.ravel()), 1)
    colours /= colours.sum(axis=1, keepdims=True)
    regions = {}
    for patch in measure.regionprops(patches + 1):
        top, left, bottom, right = patch.bbox
        regions[patch.label - 1] = (left, top, right, bottom), int(patch.area), colours[patch.label - 1]
    neighbours = {k: set() for k in regions}
    for a, b in [(patches[:, :-1], patches[:, 1:]), (patches[:-1], patches[1:])]:
        for i, j in set(zip(a[a != b].tolist(), b[a != b].tolist(), strict=True)):
            neighbours[i].add(j)
            neighbours[j].add(i)
    return regions, neighbours
