"""Answers that know nothing: what a student could hand in without having done the exercise.

Each is the solution notebook with every function between solution markers replaced: by one that returns None, or its
first argument, or, more cunning than any student, the right answer with all its numbers overwritten by a constant. A
hidden test that gives points to one of them measures nothing; `release` refuses it.
"""

import ast
import copy

from coursekit.grading.stubs import BEGIN

__all__ = ["ANSWERS", "answers", "solved_names"]

ANSWERS = ("None", "the input", "zeros", "ones", "uniform numbers")

_REPLACE = """
_coursekit_inside = []  # not empty while a function works out what to overwrite: those it calls are the right ones

def _coursekit_trivial(function, answer, first):
    import copy, functools
    import numpy as np

    def fill(value, depth=0):
        if isinstance(value, (tuple, list)):
            return type(value)(fill(each, depth) for each in value)
        if isinstance(value, dict):
            return {key: fill(each, depth) for key, each in value.items()}
        if isinstance(value, (bool, int, float, np.generic, np.ndarray)):
            value = np.asarray(value)
            share = 1 / max(1, value.shape[-1] if value.ndim else 2)
            number = {"zeros": 0, "ones": 1, "uniform numbers": share}[answer]
            kind = float if answer == "uniform numbers" else value.dtype
            return np.full(value.shape, number, kind)[()]
        if type(value).__module__.partition(".")[0] == "torch" and hasattr(value, "is_floating_point"):
            import torch
            return torch.from_numpy(np.asarray(fill(value.numpy(force=True))))
        if depth < 3 and type(value).__module__ == "__main__" and hasattr(value, "__dict__"):
            blank = copy.copy(value)  # an object of the student's, and what it is made of
            for name, each in vars(value).items():
                setattr(blank, name, fill(each, depth + 1))
            return blank
        return value

    @functools.wraps(function)
    def replaced(*args, **kwargs):
        if _coursekit_inside:
            return function(*args, **kwargs)
        if answer == "None":
            return None
        given = args[first:] or tuple(kwargs.values())
        if answer == "the input":
            return given[0] if given else None
        if function.__name__ == "__init__":
            function(*args, **kwargs)
            for name, value in vars(args[0]).items():
                setattr(args[0], name, fill(value))
            return None
        _coursekit_inside.append(function)
        try:
            return fill(function(*copy.deepcopy(args), **copy.deepcopy(kwargs)))
        except Exception:
            return fill(0.0)
        finally:
            _coursekit_inside.pop()

    return replaced

"""


def answers(notebook):
    """Every trivial answer to an exercise.

    Parameters
    ----------
    notebook : dict
        The solution.

    Yields
    ------
    (str, dict)
        What it answers, and a notebook that does.
    """
    for answer in ANSWERS:
        changed = copy.deepcopy(notebook)
        cells = []
        for cell in changed["cells"]:
            cells.append(cell)
            if cell["cell_type"] == "code":
                lines = [
                    f"{name} = _coursekit_trivial({name}, {answer!r}, {int('.' in name)})"
                    for name in solved_names("".join(cell["source"]))
                ]
                if lines:
                    cells.append(cell | {"metadata": {}, "source": _REPLACE + "\n".join(lines)})
        changed["cells"] = cells
        yield answer, changed


def solved_names(source):
    """The functions and methods of a cell that hold a solution block.

    Examples
    --------
    >>> solved_names("def f():\\n    ### BEGIN SOLUTION\\n    pass\\n    ### END SOLUTION\\ndef g():\\n    pass")
    ['f']
    """
    markers = [number for number, line in enumerate(source.splitlines(), 1) if line.strip() == BEGIN]
    if not markers:
        return []
    try:
        tree = ast.parse(source)
    except SyntaxError:  # magics: the cell runs all the same, and is not replaced
        return []
    names = []
    for node in tree.body:
        inner = [(f"{node.name}.", child) for child in node.body] if isinstance(node, ast.ClassDef) else [("", node)]
        for prefix, function in inner:
            if isinstance(function, ast.FunctionDef) and any(
                function.lineno <= m <= function.end_lineno for m in markers
            ):
                names.append(prefix + function.name)
    return names
