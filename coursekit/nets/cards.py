"""Networks that were trained once, by a script in `recipes/`, and come with the package.

A file of weights carries its own card: which network, which data, which recipe, what it reached. Files are in the
safetensors format, which holds arrays and text and, unlike a pickle, cannot run anything.
"""

import json
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save

import coursekit.nets

WEIGHTS = Path(__file__).parent / "weights"


def trained(name, nn):
    """Build a network and give it the weights it was trained to.

    Parameters
    ----------
    name : str
        See `trained_names`.
    nn : coursekit.scratch.nn or torch.nn
        Which backend builds it.

    Returns
    -------
    nn.Module
        In evaluation mode.

    Raises
    ------
    ValueError
        If there is no such network.

    Examples
    --------
    >>> from coursekit import nets
    >>> model = nets.trained("cifar10-two-convolutions", nn)
    >>> model(np.zeros((1, 3, 32, 32), np.float32)).shape
    (1, 10)
    """
    with safe_open(_path(name), framework="numpy") as file:
        card = _read_card(file)
        weights = {key: _widened(file.get_tensor(key)) for key in file.keys()}  # noqa: SIM118 - not a dict
    model = getattr(coursekit.nets, card["network"])(nn, **card["arguments"])
    if nn.__name__.startswith("torch"):
        import torch

        weights = {key: torch.from_numpy(value) for key, value in weights.items()}
    model.load_state_dict(weights)
    return model.eval()


def card(name):
    """Return what is known about a trained network.

    Parameters
    ----------
    name : str
        See `trained_names`.

    Returns
    -------
    dict
        ``network, arguments`` (how it is built), ``data, recipe, seed`` (how it was trained) and what the recipe adds:
        accuracies, the course of training, how inputs are prepared.

    Examples
    --------
    >>> from coursekit import nets
    >>> nets.card("cifar10-two-convolutions")["network"]
    'two_convolutions'
    """
    with safe_open(_path(name), framework="numpy") as file:
        return _read_card(file)


def trained_names():
    """List the networks that come with the package.

    Examples
    --------
    >>> "cifar10-two-convolutions" in trained_names()
    True
    """
    return sorted(path.stem for path in WEIGHTS.glob("*.safetensors"))


def save_trained(path, model, network, arguments, *, data, recipe, seed, half=False, **more):
    """Write a network's weights and card, for a recipe.

    Parameters
    ----------
    path : str or Path
        Of the file; its folder is made if it is not there.
    model : nn.Module of either backend
    network, arguments : str, dict
        The function of `coursekit.nets` that builds the model, and what it takes besides `nn`.
    data, recipe : str
        What it was trained on, and the command that did it.
    seed : int
    half : bool
        Keep the weights as float16, half the size: more than enough for a network that only has to be used.
    **more
        Anything else the card should say, as JSON can hold it.

    Raises
    ------
    ValueError
        If `coursekit.nets` has no such function.
    """
    if not callable(getattr(coursekit.nets, network, None)):
        raise ValueError(f"network: coursekit.nets has no {network!r}")
    weights = {key: np.array(_array(value), order="C") for key, value in model.state_dict().items()}
    if half:
        narrow = {key: value.astype(np.float16) for key, value in weights.items() if value.dtype == np.float32}
        weights = {key: narrow.get(key, value) for key, value in weights.items()}
    entries = {"network": network, "arguments": arguments, "data": data, "recipe": recipe, "seed": seed, **more}
    text = {key: json.dumps(value, ensure_ascii=False) for key, value in entries.items()}
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(save(weights, metadata=text))  # safetensors' own save_file lets nobody else read the file


def _path(name):
    path = WEIGHTS / f"{name}.safetensors"
    if not path.is_file():
        raise ValueError(f"name: there is no trained network {name!r}; there are {', '.join(trained_names())}")
    return path


def _read_card(file):
    return {key: json.loads(value) for key, value in (file.metadata() or {}).items()}


def _widened(value):
    return value.astype(np.float32) if value.dtype == np.float16 else value


def _array(value):
    return value.detach().cpu().numpy() if hasattr(value, "detach") else np.asarray(value)
