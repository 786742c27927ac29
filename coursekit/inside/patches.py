"""Which pieces of which images excite a unit most: the first question to ask of a feature.

Taught in the chapter on what filters see.
"""

import itertools
from dataclasses import dataclass, replace

import torch

from coursekit.counting import ReceptiveField
from coursekit.inside.attribution import values_and_ways_back
from coursekit.inside.borrowing import borrowed, outputs_at
from coursekit.inside.features import as_images
from coursekit.inside.fields import field_of


@dataclass(frozen=True)
class Strongest:
    """The places where each of U units fired hardest, k of them, the hardest first.

    Attributes
    ----------
    layer : str
    units : tuple of int, length U
    values : torch.Tensor, shape (U, k)
        The unit's value there; minus infinity where fewer than k places were found.
    images : torch.Tensor of int, shape (U, k)
        In which image.
    places : torch.Tensor of int, shape (U, k, 2)
        Row and column in the map.
    rows, columns : coursekit.counting.ReceptiveField
        Which pixels belong to a place.
    """

    layer: str
    units: tuple
    values: torch.Tensor
    images: torch.Tensor
    places: torch.Tensor
    rows: ReceptiveField
    columns: ReceptiveField

    def __repr__(self):
        return (
            f"Strongest({self.values.shape[1]} places for each of {len(self.units)} units of {self.layer!r}, "
            f"patches of {self.rows.size} × {self.columns.size})"
        )

    def only(self, units):
        """Keep some of the units.

        Parameters
        ----------
        units : sequence of int
            Channels of the layer, all of them among `units`.

        Returns
        -------
        Strongest

        Raises
        ------
        ValueError
            If a unit is not among them.
        """
        missing = [unit for unit in units if unit not in self.units]
        if missing:
            raise ValueError(f"units: {missing[0]} is not among the {len(self.units)} that were looked at")
        rows = [self.units.index(int(unit)) for unit in units]
        kept = {name: getattr(self, name)[rows] for name in ("values", "images", "places")}
        return replace(self, units=tuple(self.units[row] for row in rows), **kept)

    def patches(self, images, fill=1.0):
        """Cut out what the units saw.

        Parameters
        ----------
        images : sequence of array_like, shape (C, H, W)
            Those that were searched, as they look before they are normalised.
        fill : float
            What stands where a unit looked beyond the image.

        Returns
        -------
        torch.Tensor, shape (U, k, C, h, w)
        """
        return torch.stack(
            [
                torch.stack([cut(torch.as_tensor(images[int(i)]), *self.box(u, n), fill) for n, i in enumerate(row)])
                for u, row in enumerate(self.images)
            ]
        )

    def project(self, model, images, rule="deconvnet", fill=0.0):
        """Go back from each of the places to its image, and cut out what the unit saw.

        Parameters
        ----------
        model : torch.nn.Module
            Is left as it was.
        images : sequence of array_like, shape (C, H, W)
            As the model wants them.
        rule : str
            "gradient", "deconvnet" or "guided", see `coursekit.inside.rectifiers`.
        fill : float

        Returns
        -------
        torch.Tensor, shape (U, k, C, h, w)
            0 where nothing came back.
        """
        pictures = [[None] * self.values.shape[1] for _ in self.units]
        todo = [(u, n) for u in range(len(self.units)) for n in range(self.values.shape[1])]
        for whole in (False, True):
            todo.sort(key=lambda find: self._window(images, *find, whole)[0].shape)
            for _, group in itertools.groupby(todo, key=lambda find: self._window(images, *find, whole)[0].shape):
                for part in _slices(list(group), 64):
                    windows, places, corners = zip(*(self._window(images, *find, whole) for find in part), strict=True)
                    units = [self.units[u] for u, _ in part]
                    values, back = values_and_ways_back(model, torch.stack(windows), units, self.layer, places, rule)
                    for (u, n), value, picture, corner in zip(part, values.cpu(), back.cpu(), corners, strict=True):
                        if whole or torch.isclose(value, self.values[u, n], rtol=1e-3, atol=1e-4):
                            pictures[u][n] = cut(picture, *self._moved(u, n, corner), fill)
            todo = [(u, n) for u, n in todo if pictures[u][n] is None]  # a network that looks beyond its windows
        return torch.stack([torch.stack(row) for row in pictures])

    def _window(self, images, u, n, whole):
        """What has to go through the network for one find, the unit's place in its map, and where it was cut.

        What a unit sees is enough for it, as long as the cut does not shift the windows of the layers below: it begins
        at a multiple of the distance between neighbouring units. Where all of the image is needed, `whole` says so.
        """
        image = torch.as_tensor(images[int(self.images[u, n])])
        if whole:
            return image, tuple(self.places[u, n].tolist()), (0, 0)
        sides, place, corner = [], [], []
        for field, pixels, unit, length in zip(
            (self.rows, self.columns), self.box(u, n), self.places[u, n].tolist(), image.shape[1:], strict=True
        ):
            shift = max(0, pixels.start) // field.jump
            sides.append(slice(shift * field.jump, min(pixels.stop, length)))
            place.append(unit - shift)
            corner.append(shift * field.jump)
        return image[(slice(None), *sides)], tuple(place), tuple(corner)

    def _moved(self, u, n, corner):
        return tuple(range(p.start - c, p.stop - c) for p, c in zip(self.box(u, n), corner, strict=True))

    def box(self, u, n):
        """Where in its image a find lies: (rows, columns) as ranges, which may reach beyond the image."""
        row, column = self.places[u, n].tolist()
        return self.rows.pixels(row), self.columns.pixels(column)


def cut(picture, rows, columns, fill=0.0):
    """Cut a rectangle out of a picture that it may reach beyond.

    Examples
    --------
    >>> cut(torch.ones(1, 4, 4), range(-1, 2), range(2, 4)).tolist()
    [[[0.0, 0.0], [1.0, 1.0], [1.0, 1.0]]]
    """
    result = torch.full((picture.shape[0], len(rows), len(columns)), fill, dtype=picture.dtype)
    inside = [
        range(max(0, side.start), min(side.stop, n)) for side, n in zip((rows, columns), picture.shape[1:], strict=True)
    ]
    source = tuple(slice(side.start, side.stop) for side in inside)
    target = tuple(
        slice(side.start - whole.start, side.stop - whole.start)
        for side, whole in zip(inside, (rows, columns), strict=True)
    )
    result[(slice(None), *target)] = picture[(slice(None), *source)]
    return result


def strongest(model, images, layer, units=None, k=9, per_image=1, batch_size=100):
    """Search images for the places where units of a layer fire hardest.

    Parameters
    ----------
    model : torch.nn.Module
        Is left as it was.
    images : array_like or torch.Tensor, shape (N, C, H, W), or a sequence of (C, H, W)
        As the model wants them. Images in a sequence may differ in size.
    layer : str or sequence of str
        As in ``model.named_modules()``; with feature maps. Several layers are searched at one go.
    units : sequence of int, optional
        Channels of the layer; all unless given.
    k : int
        How many places are kept for each unit.
    per_image : int
        How many of them may lie in one image; when there are several, no two of them within half a receptive field.
    batch_size : int
        Images that go through the network together.

    Returns
    -------
    Strongest, or a dict of them, one for each layer, if several are given

    Raises
    ------
    ValueError
        If there is no such layer or unit, or the layer has no feature maps.

    Examples
    --------
    >>> model = torch.nn.Sequential(torch.nn.AvgPool2d(1))
    >>> images = torch.zeros(2, 1, 4, 4)
    >>> images[1, 0, 2, 3] = 1
    >>> found = strongest(model, images, "0", k=1)
    >>> found.images.tolist(), found.places.tolist()
    ([[1]], [[[2, 3]]])
    """
    layers = [layer] if isinstance(layer, str) else list(layer)
    sizes = [tuple(image.shape) for image in images]
    fields = {name: field_of(model, name, sizes[0]) for name in layers}
    best = {}
    for start, batch in _batches(images, sizes, batch_size):
        for name, maps in _maps(model, batch, layers).items():
            if units is not None:
                if len(units) == 0 or not 0 <= min(units) <= max(units) < maps.shape[1]:
                    raise ValueError(f"units: {name!r} has the units 0 to {maps.shape[1] - 1}, got {list(units)}")
                maps = maps[:, list(units)]
            found = _peaks(maps, fields[name], per_image, start)
            if name in best:
                found = [torch.cat(pair, dim=1) for pair in zip(best[name], found, strict=True)]
            order = found[0].argsort(dim=1, descending=True, stable=True)[:, :k]
            shapes = [order if part.ndim == 2 else order[..., None] for part in found]
            best[name] = [torch.take_along_dim(part, index, 1) for part, index in zip(found, shapes, strict=True)]
    results = {}
    for name, parts in best.items():
        values, numbers, places = (part.cpu() for part in parts)
        which = tuple(range(len(values)) if units is None else units)
        results[name] = Strongest(name, which, values, numbers, places, *fields[name])
    return results[layer] if isinstance(layer, str) else results


def _maps(model, batch, layers):
    with borrowed(model) as device, torch.no_grad():
        return outputs_at(model, layers, as_images(batch, device), keep=torch.clone)


def _slices(items, size):
    return (items[start : start + size] for start in range(0, len(items), size))


def _batches(images, sizes, batch_size):
    """Neighbours of the same size, at most so many at once, with the number of the first."""
    start = 0
    for _, group in itertools.groupby(sizes):
        stop = start + len(list(group))
        for first in range(start, stop, batch_size):
            batch = images[first : min(first + batch_size, stop)]
            yield (
                first,
                torch.stack([torch.as_tensor(image) for image in batch]) if isinstance(batch, list | tuple) else batch,
            )
        start = stop


def _peaks(maps, fields, per_image, start):
    """Values, image numbers and places of the highest peaks of all maps: shape (U, N * per_image, ...)."""
    near = [max(1, field.size // (2 * field.jump)) for field in fields]
    rows, columns = (torch.arange(n, device=maps.device) for n in maps.shape[2:])
    finds, left = [], maps
    for _ in range(per_image):
        values, index = left.flatten(2).max(dim=2)
        row, column = index // maps.shape[3], index % maps.shape[3]
        numbers = torch.arange(start, start + len(maps), device=maps.device)[:, None].expand_as(values)
        finds.append((values, numbers, torch.stack([row, column], dim=-1)))
        taken = ((rows - row[..., None]).abs() <= near[0])[..., :, None]
        taken = taken & ((columns - column[..., None]).abs() <= near[1])[..., None, :]
        left = left.masked_fill(taken, -torch.inf) if per_image > 1 else left
    return [torch.cat(part).transpose(0, 1) for part in zip(*finds, strict=True)]
