"""The source of the package as chapters show it: without the docstring, and on request no wider than the page."""

import ast
import inspect
import textwrap

import pytest

from coursekit.scratch import Tensor, autograd, functional, kernels
from coursekit.scratch.scalar import Value
from coursekit.viz import source
from coursekit.viz.source import broken

SHOWN = [Value, Tensor.tanh, Tensor.__mul__, autograd.record, autograd.unbroadcast]  # in the chapter on autodiff
OTHERS = [f for module in (kernels, functional) for _, f in inspect.getmembers(module, inspect.isfunction)]


def without_docstrings(text):
    """What the code does: its tree, with every docstring emptied (breaking one changes its spaces)."""
    tree = ast.parse(textwrap.dedent(text))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body[0] = ast.Pass()
    return ast.dump(tree)


def printed(function, capsys, **settings):
    source(function, **settings)
    return capsys.readouterr().out


def test_the_docstring_is_left_out(capsys):
    assert '"""' in inspect.getsource(kernels.relu)
    assert '"""' not in printed(kernels.relu, capsys)


@pytest.mark.parametrize("function", SHOWN + OTHERS, ids=lambda f: f.__qualname__)
def test_broken_lines_mean_the_same(function, capsys):
    whole, narrow = printed(function, capsys), printed(function, capsys, width=72)
    assert without_docstrings(narrow) == without_docstrings(whole)


@pytest.mark.parametrize("function", SHOWN, ids=lambda f: f.__qualname__)
def test_what_a_chapter_shows_fits_on_its_page(function, capsys):
    assert max(map(len, printed(function, capsys, width=72).splitlines())) <= 72


def test_a_line_breaks_at_the_outermost_bracket_that_fits():
    line = "    edges = [(tensor.grad_fn or tensor, gradient) for tensor, gradient in inputs if tensor.requires_grad]"
    assert broken(line, 72) == [
        "    edges = [(tensor.grad_fn or tensor, gradient)",
        "        for tensor, gradient in inputs if tensor.requires_grad]",
    ]


def test_the_names_of_a_comprehension_stay_together():
    line = "repeated = tuple(axis for axis, size in enumerate(shape) if size == 1 and grad.shape[axis] != 1)"
    assert broken(line, 72)[1:] == [
        "    for axis, size in enumerate(shape)",
        "    if size == 1 and grad.shape[axis] != 1)",
    ]


def test_outside_brackets_a_line_needs_a_backslash():
    assert broken("first, second, third = one, two, three", 24) == ["first, second, third = \\", "    one, two, three"]


def test_short_lines_and_strings_stay_whole():
    assert broken("x = 'a b c d'", 20) == ["x = 'a b c d'"]
    assert broken("print('a b c d e f g h')", 12) == ["print('a b c d e f g h')"]


def test_a_comment_is_not_broken_off():
    assert broken("total = 1  # the sum of all that has come", 20) == [
        "total = \\",
        "    1  # the sum of all that has come",
    ]
