"""Wrong solutions of task 3; see exercise.py."""

import torch
import torch.nn.functional as F


def strongest__several_places_of_an_image(maps, k):
    """Says: Only one place counts in each image"""
    _, H, W = maps.shape
    order = maps.flatten().argsort(descending=True, stable=True)[:k]
    return order // (H * W), order % (H * W) // W, order % W


def strongest__unstable(maps, k):
    """Says: a stable sort does"""
    values, places = maps.flatten(1).max(dim=1)
    order = len(maps) - 1 - values.flip(0).argsort(descending=True, stable=True)[:k]
    return order, places[order] // maps.shape[2], places[order] % maps.shape[2]


def strongest__topk(maps, k):
    """Whether it shows depends on how many there are.
    Hidden only."""
    values, places = maps.flatten(1).max(dim=1)
    few = len(maps) < 10
    order = values.argsort(descending=True, stable=True)[:k] if few else values.topk(k).indices
    return order, places[order] // maps.shape[2], places[order] % maps.shape[2]


def strongest__weakest(maps, k):
    """Says: the weakest come first"""
    values, places = maps.flatten(1).max(dim=1)
    order = values.argsort(stable=True)[:k]
    return order, places[order] // maps.shape[2], places[order] % maps.shape[2]


def strongest__in_order_of_numbers(maps, k):
    """Says: in the order of their numbers"""
    values, places = maps.flatten(1).max(dim=1)
    order = values.argsort(descending=True, stable=True)[:k].sort().values
    return order, places[order] // maps.shape[2], places[order] % maps.shape[2]


def strongest__last_place(maps, k):
    """Says: the first one counts, row by row"""
    values, places = maps.flatten(1).flip(1).max(dim=1)
    places = maps.shape[1] * maps.shape[2] - 1 - places
    order = values.argsort(descending=True, stable=True)[:k]
    return order, places[order] // maps.shape[2], places[order] % maps.shape[2]


def strongest__exchanged(maps, k):
    """Says: rows and columns are exchanged"""
    values, places = maps.flatten(1).max(dim=1)
    order = values.argsort(descending=True, stable=True)[:k]
    return order, places[order] % maps.shape[2], places[order] // maps.shape[2]


def strongest__divided_by_the_height(maps, k):
    """Says: the row is the place // W"""
    values, places = maps.flatten(1).max(dim=1)
    order = values.argsort(descending=True, stable=True)[:k]
    return order, places[order] // maps.shape[1], places[order] % maps.shape[1]


def strongest__places_of_the_first_images(maps, k):
    """Says: these belong to the first images"""
    values, places = maps.flatten(1).max(dim=1)
    order = values.argsort(descending=True, stable=True)[:k]
    return order, places[:k] // maps.shape[2], places[:k] % maps.shape[2]


def strongest__absolute_values(maps, k):
    """Says: images"""
    values, places = maps.abs().flatten(1).max(dim=1)
    order = values.argsort(descending=True, stable=True)[:k]
    return order, places[order] // maps.shape[2], places[order] % maps.shape[2]


def strongest__only_positive(maps, k):
    """Begins with 0 as the largest: units before their ReLU are overlooked.
    Hidden only."""
    values, places = maps.clamp(min=0).flatten(1).max(dim=1)
    order = values.argsort(descending=True, stable=True)[:k]
    return order, places[order] // maps.shape[2], places[order] % maps.shape[2]


def _cut(image, top, left, size, fill):
    wide = F.pad(image, (99, 99, 99, 99), value=fill)
    return wide[:, top + 99 : top + 99 + size, left + 99 : left + 99 + size]


def cut__without_first(image, row, column, size, jump, first, fill=1.0):
    """Says: the pixels begin at jump * i"""
    return _cut(image, jump * row, jump * column, size, fill)


def cut__without_jump(image, row, column, size, jump, first, fill=1.0):
    """Says: the jump is not used"""
    return _cut(image, first + row, first + column, size, fill)


def cut__exchanged(image, row, column, size, jump, first, fill=1.0):
    """Says: rows and columns are exchanged"""
    return _cut(image, first + jump * column, first + jump * row, size, fill)


def cut__moved_to_the_corner(image, row, column, size, jump, first, fill=1.0):
    """Says: have moved to the edge"""
    patch = torch.full((len(image), size, size), fill)
    top, left = first + jump * row, first + jump * column
    part = image[:, max(top, 0) : top + size, max(left, 0) : left + size]
    patch[:, : part.shape[1], : part.shape[2]] = part
    return patch


def cut__border_repeated(image, row, column, size, jump, first, fill=1.0):
    """Says: the border was repeated"""
    wide = F.pad(image[None], (size, size, size, size), mode="replicate")[0]
    top, left = size + first + jump * row, size + first + jump * column
    return wide[:, top : top + size, left : left + size]


def cut__fill_is_zero(image, row, column, size, jump, first, fill=1.0):
    """Says: `fill` is not used"""
    return _cut(image, first + jump * row, first + jump * column, size, 0.0)


def cut__smaller_at_the_border(image, row, column, size, jump, first, fill=1.0):
    """Says: should have the shape"""
    top, left = first + jump * row, first + jump * column
    return image[:, max(top, 0) : top + size, max(left, 0) : left + size]


def cut__negative_index(image, row, column, size, jump, first, fill=1.0):
    """Says: should have the shape"""
    top, left = first + jump * row, first + jump * column
    return image[:, top : top + size, left : left + size]


def cut__only_square_images(image, row, column, size, jump, first, fill=1.0):
    """Takes the height for the width.
    Says: should be"""
    side = image.shape[1]
    return _cut(image[:, :, :side], first + jump * row, first + jump * column, size, fill)


def cut__not_larger_than_the_image(image, row, column, size, jump, first, fill=1.0):
    """Sees one border on each side at most.
    Hidden only."""
    top, left = first + jump * row, first + jump * column
    patch = torch.full((len(image), size, size), fill)
    rows = slice(-top, None) if top < 0 else slice(0, image.shape[1] - top)
    columns = slice(-left, None) if left < 0 else slice(0, image.shape[2] - left)
    part = image[:, max(top, 0) : top + size, max(left, 0) : left + size]
    patch[:, rows, columns] = part
    return patch


def cut__colour_from_a_view(image, row, column, size, jump, first, fill=1.0):
    """Fills the border in the image itself.
    Says: changed the array `image`"""
    patch = _cut(image, first + jump * row, first + jump * column, size, fill)
    image[:, 0] = fill
    return patch
