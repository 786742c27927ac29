"""Reading a notebook that a stranger sent: whatever of it is a notebook is used, and a line says what was not."""

import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from coursekit.grading.submission import clip

__all__ = ["DEMONSTRATION", "MAX_MB", "Notebook", "NotebookError", "demonstrations", "open_inside", "parse_notebook"]

DEMONSTRATION = "demonstration"  # the tag of a cell that shows a student what he has written, and that no test needs

MAX_MB = 50
MAX_CELLS = 5_000


class NotebookError(Exception):
    """There is nothing to run; the message is the line for the report."""


@dataclass
class Notebook:
    """The code of a notebook.

    Attributes
    ----------
    cells : list of (label, source)
        Code cells in order. The label is what a student can find: "cell 5" is the fifth code cell.
    notes : list of str
        What was wrong and has been put up with.
    named : list of (grade_id or None, id or None, source)
        Every cell that has a name of either kind, text and code, in order: where the answers are that people mark.
    """

    cells: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    named: list = field(default_factory=list)


def parse_notebook(data):
    """Read a notebook's bytes.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    Notebook

    Raises
    ------
    NotebookError
        If no cell can be had from it.

    Examples
    --------
    >>> parse_notebook(b'{"cells": [{"cell_type": "code", "source": ["x = 1"]}]}').cells
    [('cell 1', 'x = 1')]
    """
    result = Notebook()
    if not data.strip():
        raise NotebookError("the notebook file is empty")
    if len(data) > MAX_MB * 2**20:
        raise NotebookError(f"the notebook takes {len(data) / 2**20:.0f} MB; at most {MAX_MB} MB are read")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
        result.notes.append("the notebook is not UTF-8 text; it was read as well as it could be")
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise NotebookError(f"the notebook is not JSON: {error.msg}, line {error.lineno}") from None
    except (ValueError, RecursionError, MemoryError):
        raise NotebookError("the notebook is not JSON that can be read") from None
    cells = _cells(content)
    if len(cells) > MAX_CELLS:
        result.notes.append(f"only the first {MAX_CELLS} of {len(cells)} cells were read")
    odd, seen, twice = 0, set(), set()
    for cell in cells[:MAX_CELLS]:
        source = _source(cell)
        if source is None:
            odd += 1
            continue
        identity, own = _grade_id(cell), cell.get("id")
        if identity or isinstance(own, str):
            result.named.append((identity, own if isinstance(own, str) else None, source))
        if cell.get("cell_type") == "code":
            label = f"cell {len(result.cells) + 1}"
            if identity:
                (twice if identity in seen else seen).add(identity)
            result.cells.append((label, source))
    if odd:
        result.notes.append(f"{odd} thing(s) in the list of cells were not cells")
    if twice:
        result.notes.append(
            f"more than one cell has the name {clip(', '.join(sorted(twice)), 80)}; all were run, in order"
        )
    if not result.cells:
        raise NotebookError("the notebook has no code cells")
    language = _dig(content, "metadata", "kernelspec", "language") or _dig(content, "metadata", "language_info", "name")
    if isinstance(language, str) and language.lower() not in ("python", "ipython", "python3"):
        result.notes.append(f"its kernel is for {clip(language, 40)}; the cells were run as Python")
    return result


def demonstrations(path):
    """The cells of a solution notebook that a grader need not run: they only show what the functions above do.

    They can take seconds, on real images, where the tests take hundredths. A cell is left out if it is one of these to
    the letter; one that a student has changed is run.

    Parameters
    ----------
    path : Path
        The notebook. One that cannot be read has none: `release` and `grade` will say what is wrong with it.

    Returns
    -------
    frozenset of str
        Their sources.
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return frozenset(_source(cell) for cell in cells if DEMONSTRATION in cell["metadata"].get("tags", ()))
    except Exception:  # whatever a damaged notebook can do
        return frozenset()


def _dig(value, *path):
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _cells(content):
    if isinstance(content, dict):
        if isinstance(content.get("cells"), list):
            return content["cells"]
        if isinstance(content.get("worksheets"), list):  # nbformat 3
            sheets = [_dig(sheet, "cells") for sheet in content["worksheets"]]
            return [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
    raise NotebookError("the file is JSON, but not a notebook: it has no list of cells")


def _source(cell):
    if not isinstance(cell, dict):
        return None
    source = cell.get("source", cell.get("input"))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    return source.replace("\r\n", "\n").replace("\r", "\n") if isinstance(source, str) else None


def _grade_id(cell):
    identity = _dig(cell, "metadata", "nbgrader", "grade_id")
    return identity if isinstance(identity, str) else None


def open_inside(folder, *parts):
    """Read a file below a folder of which strangers made everything: no link is followed, nothing but a file is opened.

    Parameters
    ----------
    folder : path
    *parts : str
        One name each.

    Returns
    -------
    bytes
        At most a little over `MAX_MB`.

    Raises
    ------
    NotebookError
        If it is a link, or not an ordinary file, or cannot be read.
    """
    path = Path(folder)
    for part in parts:
        path = path / part
        if path.is_symlink():
            raise NotebookError(f"not read: {clip(part, 80)} is a link")
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_BINARY"):  # where the system has them
        flags |= getattr(os, name, 0)
    try:
        ordinary = stat.S_ISREG(os.lstat(path).st_mode)  # before it is opened: opening a device can set it going
        descriptor = os.open(path, flags) if ordinary else None
    except OSError as error:
        raise NotebookError(f"the notebook could not be opened: {error.strerror}") from None
    if ordinary and not stat.S_ISREG(os.fstat(descriptor).st_mode):  # exchanged in between
        os.close(descriptor)
        ordinary = False
    if not ordinary:
        raise NotebookError("not read: the notebook is not an ordinary file")
    with os.fdopen(descriptor, "rb") as stream:
        try:
            return stream.read(MAX_MB * 2**20 + 1)
        except OSError as error:
            raise NotebookError(f"the notebook could not be read: {error.strerror}") from None
