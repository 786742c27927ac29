"""Showing the code of the package in a chapter, where it is explained."""

import ast
import inspect
import textwrap


def source(function):
    """Print the source of a function or class without its docstring: the text around it says what it does.

    Parameters
    ----------
    function : function or class

    Examples
    --------
    >>> from coursekit.scratch import kernels
    >>> source(kernels.relu)
    def relu(x):
        return np.maximum(x, 0)
    """
    text = textwrap.dedent(inspect.getsource(function))
    lines = text.rstrip().split("\n")
    definition = ast.parse(text).body[0]
    first = definition.body[0]
    if ast.get_docstring(definition) is not None:
        del lines[first.lineno - 1 : first.end_lineno]
    print("\n".join(lines))
