"""A file that holds everything a training run needs to go on: arrays beside JSON, nothing that could run code.

The file is NumPy's ``.npz``: every array under its own name, such as ``model/0.weight``, and one entry ``json`` that
holds all the rest and says where the arrays belong. ``numpy.load(path)["model/0.weight"]`` reads it without coursekit.
"""

import json
import os
import sys
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np

KIND = "coursekit.training checkpoint 1"


def save(path, state):
    """Write nested dicts, lists, numbers, strings and arrays to a file, so that it is either there whole or not at all.

    Parameters
    ----------
    path : str or Path
        What was there is replaced in the moment the new file is complete, and kept if that moment never comes.
    state : dict
        Whatever `state_dict()` returns on either backend.

    Raises
    ------
    TypeError
        If there is something in it that is neither a number nor text.
    """
    arrays = {}
    text = json.dumps({"kind": KIND, "state": _packed(state, "", arrays)}).encode()
    write_atomically(path, lambda file: np.savez(file, json=np.frombuffer(text, np.uint8), **arrays))


def load(path):
    """Read what `save` wrote; tensors of PyTorch come back as such, on the CPU.

    Raises
    ------
    ValueError
        If the file is damaged or something else.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            content = json.loads(file["json"].tobytes())
            if content["kind"] != KIND:
                raise ValueError(f"it is a {content['kind']!r}")
            return _unpacked(content["state"], file)
    except (ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"checkpoint={os.fspath(path)!r} is not a file that fit wrote, or is damaged: {error}. "
            "It has not been touched: give another path, or delete it to start again"
        ) from error


def write_atomically(path, write):
    """Call ``write(file)`` on a binary file beside `path`, and give it that name once it is whole and on the disk."""
    path = Path(path)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with open(unfinished, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except BaseException:  # Ctrl-C too
        unfinished.unlink(missing_ok=True)
        raise


def refuse_another(path, there, here):
    """Raise an error unless a checkpoint belongs to this run; `there` and `here` are dicts that describe the two."""
    different = [key for key in {**there, **here} if there.get(key) != here.get(key)]
    if different:
        listed = "\n".join(f"  {key}: {there.get(key)} there, {here.get(key)} here" for key in different[:5])
        raise ValueError(
            f"checkpoint={os.fspath(path)!r} belongs to another run, and has not been touched:\n{listed}\n"
            "Give another path, or delete the file to start again"
        )


# JSON knows neither tuples nor dicts whose keys are numbers, and optimisers have both: each is written with its kind.


def _packed(value, path, arrays):
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray) and value.dtype.kind != "O":
        arrays[path] = value
        return {"array": path}
    if "torch" in sys.modules and isinstance(value, sys.modules["torch"].Tensor):
        arrays[path] = value.detach().cpu().numpy()
        return {"tensor": path}
    inside = f"{path}/" if path else ""
    if isinstance(value, Counter | dict):
        kind = "counter" if isinstance(value, Counter) else "dict"
        return {kind: [[key, _packed(item, f"{inside}{key}", arrays)] for key, item in value.items()]}
    if isinstance(value, list | tuple):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_packed(item, f"{inside}{i}", arrays) for i, item in enumerate(value)]}
    raise TypeError(f"checkpoint cannot hold {path}, a {type(value).__name__}: only numbers, text and arrays")


def _unpacked(value, arrays):
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "array":
        return arrays[content]
    if kind == "tensor":
        import torch

        return torch.from_numpy(arrays[content])
    if kind in ("dict", "counter"):
        items = {key: _unpacked(item, arrays) for key, item in content}
        return Counter(items) if kind == "counter" else items
    return {"list": list, "tuple": tuple}[kind](_unpacked(item, arrays) for item in content)
