"""What a layer of a trained network says about images, computed once. Taught in the chapter on transfer learning."""

import hashlib
from collections import OrderedDict

import numpy as np
import torch
from torch.nn import functional as F

from coursekit.inside.borrowing import borrowed, outputs_at
from coursekit.training.progress import progress_bar

_CACHE = OrderedDict()
_MOST_BYTES = 2_000_000_000  # of features kept in memory; the oldest go first


def prepared(images, card=None, *, size=None, channels=None):
    """Make of images what a network was trained on.

    Parameters
    ----------
    images : array_like, shape (N, C, H, W)
        In [0, 1], as `coursekit.data.load` gives them; colours in the order red, green, blue.
    card : dict, optional
        Of a network that comes with the course, `nets.card(name)`: its ``normalisation`` (a mean and a standard
        deviation for each channel, of the data *it* was trained on) is applied. A network of `nets.pretrained` does
        that itself and needs no card.
    size : int, optional
        Side to which images are enlarged or shrunk, bilinearly.
    channels : int, optional
        Grey images are repeated to so many channels.

    Returns
    -------
    ndarray of float32, shape (N, channels, size, size)

    Raises
    ------
    ValueError
        If images are not in [0, 1], or their channels do not go with the card or with `channels`.

    Examples
    --------
    >>> card = {"normalisation": {"mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25]}}
    >>> images = prepared(np.ones((2, 1, 28, 28)), card, size=32, channels=3)
    >>> images.shape, images.max()
    ((2, 3, 32, 32), np.float32(2.0))
    """
    images = torch.as_tensor(np.asarray(images, np.float32))
    if images.ndim != 4:
        raise ValueError(f"images: expected shape (N, C, H, W), got {tuple(images.shape)}")
    if len(images) and not (images.min() >= -0.001 and images.max() <= 1.001):  # NaN is refused, too
        low, high = images.min().item(), images.max().item()
        raise ValueError(
            f"images: expected values in [0, 1], got {low:.3g} to {high:.3g}. "
            "Divide bytes by 255, and do not normalise twice"
        )
    if channels is not None and images.shape[1] != channels:
        if images.shape[1] != 1:
            raise ValueError(f"channels: only grey images can be repeated to {channels}, these have {images.shape[1]}")
        images = images.expand(-1, channels, -1, -1)
    if size is not None:
        images = F.interpolate(images, size=(size, size), mode="bilinear", align_corners=False, antialias=True)
    if card is not None:
        mean, std = (_per_channel(card, key, images.shape[1]) for key in ("mean", "std"))
        images = (images - mean) / std
    return images.numpy() if images.is_contiguous() else images.contiguous().numpy()


def _per_channel(card, key, channels):
    try:
        values = torch.tensor(card["normalisation"][key], dtype=torch.float32).reshape(-1, 1, 1)
    except KeyError as error:
        raise ValueError(
            f"card: has no {error.args[0]!r}; expected the card of a network, nets.card(name), or "
            '{"normalisation": {"mean": […], "std": […]}}'
        ) from error
    if len(values) not in (1, channels):
        raise ValueError(f"card: normalises {len(values)} channels, the images have {channels}; see `channels`")
    return values


def features(model, images, layers, *, pool=None, size=None, batch_size=50, progress=True):
    """Compute what layers say about images, once: a second call with the same arguments looks it up.

    The model is run in evaluation mode, without gradients, and only as far as the last of the layers. Results are
    kept in memory under a checksum of the images, the weights and the settings: after a step of training they are
    computed anew.

    Parameters
    ----------
    model : torch.nn.Module
        Where it is, and left as it was.
    images : array_like, shape (N, C, H, W)
        As the model takes them; see `prepared`.
    layers : str or sequence of str
        Names as in ``model.named_modules()``. Of a layer that is used more than once, the first use counts.
    pool : int, optional
        Average maps down to so many places on a side, where they are larger. Otherwise all places are kept.
    size : int, optional
        Enlarge each batch to this side first, bilinearly: the enlarged images need no memory of their own.
    batch_size : int
    progress : bool
        Show a bar while someone is watching.

    Returns
    -------
    ndarray of float32, shape (N, D), or a dict of them if several layers are asked for
        Not to be changed: it is the copy in memory.

    Raises
    ------
    ValueError
        If there are no images, no such layer, or the model does not use it.

    Examples
    --------
    >>> import torch
    >>> model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3, padding=1), torch.nn.ReLU())
    >>> features(model, np.zeros((5, 3, 8, 8)), "1", pool=2).shape
    (5, 16)
    """
    images = np.ascontiguousarray(images.detach().cpu() if hasattr(images, "detach") else images, np.float32)
    if images.ndim != 4 or not len(images):
        raise ValueError(f"images: expected at least one, in shape (N, C, H, W), got shape {images.shape}")
    for name, value in {"pool": pool, "size": size, "batch_size": batch_size}.items():
        if (value is not None or name == "batch_size") and (not isinstance(value, int | np.integer) or value < 1):
            raise ValueError(f"{name}: must be a whole number and at least 1, not {value!r}")
    names = [layers] if isinstance(layers, str) else list(layers)
    key = _checksum(model, images), pool, size
    missing = [name for name in names if (key, name) not in _CACHE]
    if missing:
        for name, value in _compute(model, images, missing, pool, size, batch_size, progress).items():
            value.setflags(write=False)
            _CACHE[key, name] = value
    found = {name: _CACHE[key, name] for name in names}
    while len(_CACHE) > 1 and sum(value.nbytes for value in _CACHE.values()) > _MOST_BYTES:
        _CACHE.popitem(last=False)
    return found[layers] if isinstance(layers, str) else found


def forget_features():
    """Free the memory in which `features` keeps results."""
    _CACHE.clear()


def _compute(model, images, names, pool, size, batch_size, progress):
    parts = {name: [] for name in names}
    starts = range(0, len(images), batch_size)
    with borrowed(model) as device, torch.no_grad(), progress_bar(len(starts), 0, progress) as bar:
        for start in starts:
            x = torch.from_numpy(images[start : start + batch_size]).to(device)
            if size is not None:
                x = F.interpolate(x, size=(size, size), mode="bilinear", align_corners=False, antialias=True)
            for name, rows in outputs_at(model, names, x, keep=lambda output: _vectors(output, pool)).items():
                parts[name].append(rows)
            bar.update()
    return {name: np.concatenate(part) for name, part in parts.items()}


def _vectors(output, pool):
    if pool is not None and output.ndim == 4:
        height, width = output.shape[2:]
        output = F.adaptive_avg_pool2d(output, (min(pool, height), min(pool, width)))
    return output.flatten(1).float().cpu().numpy().copy()


def _checksum(model, images):
    checksum = hashlib.blake2b(images.data, digest_size=16)
    checksum.update(repr((images.shape, model)).encode())
    for name, value in model.state_dict().items():
        checksum.update(name.encode())
        checksum.update(np.ascontiguousarray(value.detach().cpu().float().numpy()).data)
    return checksum.hexdigest(), type(model)
