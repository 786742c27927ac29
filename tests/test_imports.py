"""The house of the package: imports point one way, and what must stay light stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import coursekit

PACKAGE = Path(coursekit.__file__).parent

# What each part may import of this package, itself included. Everything not named here is an error.
MAY_IMPORT = {
    "__init__": set(),
    "scratch": {"scratch"},
    "data": {"data"},
    "counting": {"counting", "scratch"},
    "nets": {"nets", "scratch"},
    "viz": {"viz", "counting"},
    "training": {"training", "scratch", "__init__"},
    "inside": {"inside", "counting", "viz", "training"},
    "transfer": {"transfer", "training", "inside", "__init__"},
    "grading": {"grading", "__init__"},
    "cli": {"grading", "__init__"},
}
# And what only where it is used, inside a function: seed() passes its number on, `coursekit doctor` tries the data,
# weights that come from elsewhere lie beside the complete data sets.
MAY_IMPORT_LATE = {"__init__": {"scratch"}, "grading": {"data"}, "nets": {"data"}}
# What each part may import from outside beside the standard library.
MAY_NEED = {
    "__init__": {"torch"},
    "scratch": {"numpy"},
    "data": {"numpy", "torchvision", "scipy", "skimage", "PIL"},
    "counting": {"numpy"},
    "nets": {"numpy", "torch", "safetensors", "torchvision", "timm"},
    "viz": {"numpy", "matplotlib", "PIL", "ipywidgets", "IPython"},
    "training": {"numpy", "tqdm", "torch", "matplotlib", "IPython"},
    "inside": {"numpy", "torch", "matplotlib"},
    "transfer": {"numpy", "torch", "torchvision", "tqdm", "matplotlib", "skimage"},
    "grading": {
        "numpy",
        "pytest",
        "_pytest",
        "nbformat",
        "packaging",
        "tqdm",
        "IPython",
        "torch",
        "standins",
        "wire",
        "wire_codec",
        "wire_format",
        "distributed",
    },
    "cli": set(),
}


def part(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(tree):
    """(module, is it at the top of the file) for every import in a syntax tree."""
    top = set(map(id, tree.body))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:  # grading/worker.py, which also runs as a loose file beside its neighbours
                continue
            if node.module == "coursekit":
                yield from ((f"coursekit.{alias.name}", id(node) in top) for alias in node.names)
            else:
                yield node.module, id(node) in top


def complaints(name, source):
    """What is wrong with the imports of one file of the part `name`."""
    for module, at_the_top in imports(ast.parse(source)):
        package, _, inner = module.partition(".")
        if package == "coursekit":
            target = inner.split(".")[0] or "__init__"
            if target.startswith("__"):
                target = "__init__"
            late = set() if at_the_top else MAY_IMPORT_LATE.get(name, set())
            if target not in MAY_IMPORT[name] | late:
                yield f"{name} must not import {module}"
        elif package not in sys.stdlib_module_names and package not in MAY_NEED[name]:
            yield f"{name} must not need {package}"


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path):
    assert not list(complaints(part(path), path.read_text()))


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("scratch", "from coursekit import data"),
        ("scratch", "import torch"),
        ("scratch", "def f():\n    from coursekit.training import fit"),
        ("data", "import coursekit.scratch.nn"),
        ("counting", "import torch"),
        ("counting", "from coursekit import nets"),
        ("nets", "from coursekit import counting"),
        ("grading", "from coursekit.scratch import nn"),
        ("grading", "from coursekit import data"),
        ("viz", "import scipy"),
    ],
)
def test_the_check_itself_can_fail(name, source):
    assert list(complaints(name, source))


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_module_is_a_drawer_for_odds_and_ends(path):
    assert path.stem not in {"utils", "util", "helpers", "common", "misc"}
    assert "import *" not in path.read_text()


def loaded_by(statement):
    """Names of all modules in a fresh interpreter after a statement."""
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import coursekit",
        "import coursekit.scratch, coursekit.data, coursekit.training",
        "import coursekit.counting, coursekit.nets",
        "import coursekit.viz",
        "import coursekit.grading, coursekit.cli",
    ],
)
def test_nothing_imports_torch_by_itself(statement):
    assert not {"torch", "torchvision"} & loaded_by(statement)


def test_importing_the_package_imports_nothing_else():
    extra = loaded_by("import coursekit") - loaded_by("pass")
    assert {name.split(".")[0] for name in extra} - set(sys.stdlib_module_names) == {"coursekit"}


def test_scratch_and_data_need_numpy_only():
    extra = loaded_by("import coursekit.scratch, coursekit.data") - loaded_by("pass")
    packages = {name.split(".")[0] for name in extra if "cython" not in name} - set(sys.stdlib_module_names)
    assert packages <= {"coursekit", "numpy"}
