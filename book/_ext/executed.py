"""Notebooks that have been executed, and what they were executed with: shared by the build and by nbval.

`make test` lets nbval execute every chapter. That takes minutes, so what came out is left here by `book/conftest.py`,
and the build that follows puts the same outputs on its pages instead of executing every chapter once more.
"""

import hashlib
import importlib.metadata
import json
import os
import platform
from pathlib import Path

import nbformat

# Another version of one of these may print or draw something else.
EXECUTES_WITH = ("numpy", "matplotlib", "torch", "torchvision", "timm", "scikit-image", "ipykernel")


def package_hash(package: Path) -> str:
    """A name for the state of everything a chapter may import: coursekit, its data, and the versions beneath it.

    Parameters
    ----------
    package : Path
        The folder ``coursekit``. ``coursekit/grading`` and the command line do not count: chapters do not use them.

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    digest = hashlib.sha256(platform.python_version().encode())
    for name in EXECUTES_WITH:
        try:
            digest.update(f"{name} {importlib.metadata.version(name)}\n".encode())
        except importlib.metadata.PackageNotFoundError:
            digest.update(f"no {name}\n".encode())
    for path in sorted(package.rglob("*")):
        inside = path.relative_to(package)
        if not path.is_file() or "__pycache__" in inside.parts or inside.parts[0] in ("grading", "cli.py"):
            continue
        digest.update(f"{inside.as_posix()} {path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder(build: Path, package: Path) -> Path:
    """Where notebooks that were executed with the package as it is now are kept, below the folder of the build."""
    return build / ".jupyter_cache" / package_hash(package)


def prepare_kernels(build: Path) -> None:
    """Let kernels that are started from now on know that their outputs go onto a page, and nothing of who starts them.

    `coursekit.viz.explore` then draws frames, since no reader of a page has a kernel. An IPython profile of their own
    keeps the reader's start-up files from changing the book, and silences a warning that each kernel would write
    between the build's messages, about unencrypted sockets between processes of this machine.
    """
    os.environ["COURSEKIT_STATIC"] = "1"
    folder = build / ".ipython"
    profile = folder / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_kernel_config.py").write_text("c.IPKernelApp.log_level = 40\n", encoding="utf-8")
    os.environ["IPYTHONDIR"] = str(folder)


def keep(cache: Path, notebook: nbformat.NotebookNode, seconds: float) -> None:
    """Leave an executed notebook, with its outputs and how long it took, for a build that may follow."""
    path = _path(cache, notebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook.metadata["execution_seconds"] = seconds
    unfinished = path.with_suffix(f".{os.getpid()}")
    nbformat.write(notebook, unfinished)
    unfinished.replace(path)  # whoever looks at the same time sees all of it or nothing


def take(cache: Path, notebook: nbformat.NotebookNode) -> tuple[nbformat.NotebookNode, float] | None:
    """Return the notebook with the outputs that were left for it, and the seconds they took; None if there are none."""
    path = _path(cache, notebook)
    if not path.is_file():
        return None
    found = nbformat.read(path, as_version=4)
    return found, found.metadata.pop("execution_seconds")


def _path(cache, notebook):
    """What decides the outputs decides the name: the code, cell by cell, not the text between it."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return cache / "by_nbval" / f"{hashlib.sha256(json.dumps(code).encode()).hexdigest()[:32]}.ipynb"
