"""The student's side: cells run as in a notebook, and every request gets a reply."""

import sys

import numpy as np
import pytest

from coursekit.grading import wire
from coursekit.grading.worker import Notebook, plain_source


@pytest.fixture
def ask(monkeypatch):
    """ask(*request) -> reply, of a notebook in this process; handles come back as (number, type name)."""
    for name in ("__main__", "coursekit.grading"):
        monkeypatch.setitem(sys.modules, name, sys.modules[name])
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    notebook = Notebook()

    def ask(*request):
        return wire.decode(notebook.answer(wire.encode(request)), handle=lambda *handle: handle)

    yield ask
    for name, module in list(sys.modules.items()):  # no stand-in may outlive the notebook it was made for
        if type(getattr(getattr(module, "__spec__", None), "loader", None)).__name__ == "_Finder":
            del sys.modules[name]


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("%matplotlib inline\nx = 1", 1),
        ("!pip install 'something\nx = 1", 1),
        ("x = 1\nx?\n?x\nx??", 1),
        ("%%time\nx = 1", 1),
        ("%%bash\nrm -rf /\nx = 2", None),
        ("x = 7 \\\n  % 4", 3),
        ("x = (7\n  % 4)", 3),
        ("text = '''\n%matplotlib\n!ls'''\nx = text.count('!')", 1),
        ("files = !ls\nx = files is None", True),
        ("if True:\n    %time\nx = 1", 1),
        ("x = 1;", 1),
        ("\n\n%%capture out\nx = 1", 1),
        ("from __future__ import annotations\nx = 1", 1),
    ],
)
def test_a_cell_runs_as_in_a_notebook(ask, source, result):
    assert ask("cell", "cell 1", source) == ("value", None)
    assert ask("get", None, "x") == (("value", result) if result is not None else ("missing", "nothing"))


@pytest.mark.parametrize("source", ["def f(:", "x = ", "\0", "(" * 500, "%%time\nx = ", "é = )"])
def test_a_cell_that_is_not_python_says_where(ask, source):
    reply = ask("cell", "cell 3", source)
    assert reply[0] == "raised"
    assert reply[1]["type"] == "SyntaxError"


def test_magics_keep_line_numbers(ask):
    reply = ask("cell", "cell 2", "%time\n!ls\ndef f():\n    return 1 / 0\nf()")
    assert reply[1]["type"] == "ZeroDivisionError"
    assert (reply[1]["cell"], reply[1]["line"], reply[1]["code"]) == ("cell 2", 4, "return 1 / 0")


def test_many_magics_end(ask):
    assert ask("cell", "cell 1", "%a\n" * 150) == ("value", None)
    assert ask("cell", "cell 1", "%a\n" * 400)[1]["type"] == "SyntaxError"
    with pytest.raises(SyntaxError):
        plain_source("x = 1\n)", "cell")


def test_a_failing_cell_keeps_what_it_did(ask):
    reply = ask("cell", "cell 1", "x = 1\nraise ValueError('no')\ny = 2")
    assert reply[1]["message"] == "no"
    assert ask("get", None, "x") == ("value", 1)
    assert ask("get", None, "y") == ("missing", "nothing")


@pytest.mark.parametrize(
    "raised", ["SystemExit(0)", "KeyboardInterrupt", "GeneratorExit", "BaseException('x')", "Odd()"]
)
def test_every_exception_is_a_reply(ask, raised):
    ask("cell", "cell 1", "class Odd(Exception):\n    def __str__(self):\n        raise self")
    assert ask("cell", "cell 2", f"raise {raised}")[0] == "raised"


def test_calls_and_echo(ask):
    ask("cell", "cell 1", "def f(x, scale=1):\n    x += 1\n    return x * scale")
    x = np.ones(2)
    assert ask("call", None, "f", (1,), {"scale": 3}, False) == ("value", 6)
    tag, result, args, kwargs = ask("call", None, "f", (x,), {}, True)
    assert (tag, result.tolist(), args[0].tolist(), kwargs) == ("value", [2, 2], [2, 2], {})
    assert x.tolist() == [1, 1]
    assert ask("call", None, "g", (), {}, False) == ("missing", "nothing")
    ask("cell", "cell 2", "g = 3")
    assert ask("call", None, "g", (), {}, False) == ("missing", "int")


def test_objects_stay_and_private_names_are_not_given(ask):
    ask(
        "cell",
        "cell 1",
        "class A:\n    def __init__(self):\n        self.x = 1\n        self._y = 2\na = A()\nb = [a, a]",
    )
    assert ask("get", None, "a") == ("value", (0, "A"))
    assert ask("get", None, "b") == ("value", [(0, "A"), (0, "A")])


def test_unsendable_answers_say_why(ask):
    ask("cell", "cell 1", "l = []\nl.append(l)\nbig = [0] * 300_000\ndef forever():\n    yield 1")
    assert ask("get", None, "l")[0] == "unsendable"
    assert "as an array" in ask("get", None, "big")[1]
    assert ask("call", None, "forever", (), {}, False)[1][1] == "generator"


def test_nonsense_is_answered(ask):
    assert ask("nothing")[0] == "raised"
    assert ask()[0] == "raised"
    assert ask("call")[0] == "raised"


def test_plots_progress_bars_and_checks_do_nothing(ask, monkeypatch):
    for name in (
        "matplotlib",
        "matplotlib.pyplot",
        "seaborn",
        "tqdm",
        "tqdm.auto",
        "IPython",
        "IPython.display",
        "ipywidgets",
        "coursekit.scratch",  # which another test of this process may have imported
        "torch",
    ):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(sys, "meta_path", [finder for finder in sys.meta_path if type(finder).__name__ == "_Finder"])
    source = """
import matplotlib.pyplot as plt
import seaborn as sns
from IPython.display import display as show, HTML
from mpl_toolkits.mplot3d import Axes3D
import ipywidgets
from tqdm.auto import tqdm
from tqdm import trange
fig, axes = plt.subplots(2, 3, figsize=(3, 4))
(a, b, c), d = axes
drawn = 0
for ax, colour in zip(axes.flat, "rgbcmy", strict=True):
    line, = ax.plot([1, 2], "o-", color=colour)
    drawn += 1
for ax in [plt.subplots()[1], *fig.subplots(1, 2), *plt.subplots(1, 1, squeeze=False)[1][0]]:
    ax.set(title="x")
    drawn += 1
axes[0, 1].set_title("x")
with plt.style.context("dark"):
    plt.show()
plt.rcParams["figure.dpi"] = 100
total = sum(tqdm(range(4))) + sum(trange(3))
ipywidgets.interact(lambda k: k, k=(0, 1))
display(fig)
get_ipython().run_line_magic("time", "")
from coursekit.grading import check
check("softmax")
"""
    assert ask("cell", "cell 1", source) == ("value", None)
    assert ask("get", None, "total") == ("value", 9)
    assert ask("get", None, "drawn") == ("value", 10)
    assert ask("cell", "cell 2", "import coursekit.scratch")[1]["type"] == "ModuleNotFoundError"
    assert ask("cell", "cell 2", "import torch")[1]["type"] == "ModuleNotFoundError"


def test_no_stand_in_is_left_behind_by_these_tests():
    assert not [name for name, module in sys.modules.items() if type(module).__name__ in ("Inert", "_Module")]
