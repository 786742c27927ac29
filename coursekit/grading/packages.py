"""Which files a package is: what has to be bound into a sandbox so that exactly the allowed imports work."""

import functools
import importlib.metadata
import importlib.util
from pathlib import Path

from coursekit.grading.assignment import AssignmentError

__all__ = ["package_files"]


def package_files(names):
    """The files and folders behind some importable packages, with what they need to be imported.

    Parameters
    ----------
    names : iterable of str
        Import names as assignment.toml lists them. "numpy" brings its whole distribution and the distributions it
        requires; "coursekit.data" brings that part of coursekit only.

    Returns
    -------
    dict
        Path below a folder on ``sys.path`` (str) -> where it is now (Path).

    Raises
    ------
    AssignmentError
        If a package is not installed here.

    Examples
    --------
    >>> sorted(package_files(["packaging"]))[0]
    'packaging'
    """
    files = {}
    for name in names:
        if not isinstance(name, str) or not all(part.isidentifier() for part in name.split(".")):
            raise AssignmentError(
                f"packages lists {name!r}; it must list import names such as 'numpy' or 'coursekit.data'"
            )
        files.update(_part(name) if "." in name else _whole(name))
    return files


def _spec(name):
    try:
        spec = importlib.util.find_spec(name)
    except ImportError:
        spec = None
    if spec is None or spec.origin is None:
        raise AssignmentError(
            f"packages lists {name!r}, which is not installed here: pip install {name.partition('.')[0]}"
        )
    return Path(spec.origin)


def _part(name):
    """`a.b.c`: the package files above it, one by one, and the whole of the last."""
    parts, files = name.split("."), {}
    for depth in range(1, len(parts)):
        origin = _spec(".".join(parts[:depth]))
        files["/".join([*parts[:depth], origin.name])] = origin
    origin = _spec(name)
    last = origin.parent if origin.name == "__init__.py" else origin
    files["/".join([*parts[:-1], last.name])] = last
    return files


def _whole(name):
    files = {}
    for distribution in _required(name):
        for file in distribution.files or ():
            top = file.parts[0]
            if top not in ("..", "__pycache__") and not top.endswith((".pth", ".egg-link")):
                files[top] = Path(distribution.locate_file(top))
    if not any(top == name or top.startswith(name + ".") for top in files):  # not from a wheel: a folder on the path
        origin = _spec(name)
        last = origin.parent if origin.name == "__init__.py" else origin
        files[last.name] = last
    return {top: path for top, path in files.items() if path.exists()}


@functools.cache
def _required(name):
    """The distributions of a package and, without their extras, all they require."""
    from packaging.requirements import Requirement

    try:
        found = [importlib.metadata.distribution(name)]
    except importlib.metadata.PackageNotFoundError:
        names = importlib.metadata.packages_distributions().get(name, [])
        found = [importlib.metadata.distribution(each) for each in set(names)]
    known = {distribution.name for distribution in found}
    for distribution in found:  # grows while we walk it
        for line in distribution.requires or ():
            requirement = Requirement(line)
            if requirement.name in known or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
                continue
            known.add(requirement.name)
            try:
                found.append(importlib.metadata.distribution(requirement.name))
            except importlib.metadata.PackageNotFoundError:
                continue  # the package itself will say what it misses
    return found
