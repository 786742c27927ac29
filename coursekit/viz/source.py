"""Showing the code of the package in a chapter, where it is explained."""

import ast
import inspect
import re
import textwrap


def source(function, *, width=None):
    """Print the source of a function or class without its docstring: the text around it says what it does.

    Parameters
    ----------
    function : function or class
    width : int, optional
        Break lines that are longer, where Python allows it: a page has room for 72 characters, the package for 120.

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
    if width is not None:
        lines = [part for line in lines for part in broken(line, width)]
    print("\n".join(lines))


def broken(line, width):
    """One line of code as lines of at most `width` characters, if it has places to break.

    Of the places that fit, the best is the one in the fewest brackets (outside brackets, a line needs a backslash),
    then one before `for` or after `=`, then one after a comma, before `if`, before `and` or `or`; then the last.
    """
    code = line.lstrip()
    indent = len(line) - len(code)
    if len(line) > width and code.startswith(("#", '"""')):
        pad = " " * indent + ("# " if code.startswith("#") else "")
        return textwrap.wrap(code.removeprefix("# "), width, initial_indent=pad, subsequent_indent=pad)
    further = " " * (indent + (8 if code.endswith(":") else 4))
    parts, depth = [], 0
    while len(line) > width and (places := list(places_to_break(line, width, depth))):
        depth, _, end, literal = max(places, key=lambda place: (-(place[0] or 1.5), place[1], place[2]))
        # A string goes on as a second string beside the first; Python joins them.
        parts.append(line[:end] + (f" {literal[-1]}" if literal else "" if depth else " \\"))
        line = further + literal + line[end:].lstrip()
    return [*parts, line]


def places_to_break(line, width, depth):
    """Spaces between words: (in how many brackets?, how good a place, where, what a string on it began with)."""
    literal, hole, start = "", False, len(line) - len(line.lstrip())
    for i, character in enumerate(line[: width - 1]):
        if literal:
            hole = "f" in literal and (character == "{" or (hole and character != "}"))
            if character == " " and depth and not hole and literal[-1] == '"':
                yield depth, -1, i, literal
            literal = "" if character == literal[-1] and not hole else literal
        elif character in "\"'":
            literal = re.search(r"[a-z]*$", line[:i])[0] + character
        elif character == "#":
            return  # what follows is a comment
        elif character == " " and i > start and not line[i:].lstrip().startswith("#"):
            yield depth, goodness(line, i, depth), i, ""
        else:
            depth += (character in "([{") - (character in ")]}")


def goodness(line, i, depth):
    """How natural it is to break a line of code at the space at `i`."""
    before_in = "for " in line[:i] and " in " not in line[:i].rpartition("for ")[2]
    if line.startswith(" for ", i) or (line[i - 2 : i] == " =" and depth == 0):
        return 4
    if line[i - 1] == "," and not before_in:
        return 3
    return 2 if line.startswith(" if ", i) else int(line.startswith((" and ", " or "), i))
