"""The progress bar: there for whoever is watching, and gone without a trace."""

import os
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient
from training_models import two_moons

from coursekit.scratch import nn
from coursekit.training import fit, loop, run


def test_importing_it_imports_neither_torch_nor_matplotlib():
    code = "import sys, coursekit.training; print({'torch', 'matplotlib', 'IPython'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"


def test_training_a_scratch_model_never_imports_torch():
    code = (
        "import sys, numpy as np; from coursekit.scratch import nn; from coursekit.training import fit;"
        "fit(nn.Linear(2, 2), (np.ones((4, 2)), np.array([0, 1, 0, 1]))); print('torch' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
    assert result.stderr == ""


RUN = """
print("before")
import numpy as np
from coursekit.scratch import nn
from coursekit.training import fit
history = fit(nn.Linear(2, 2), (np.ones((300, 2)), np.zeros(300, int)), epochs=20, batch_size=2)
print("after")
"""


def test_an_executed_notebook_keeps_no_trace_of_the_progress_bar():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in (RUN, "len(history.steps)")])
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    first, second = (cell.outputs for cell in notebook.cells)
    assert {(out.output_type, out.get("name")) for out in first} == {("stream", "stdout")}
    assert "".join(out.text for out in first) == "before\nafter\n"
    assert second[0].data == {"text/plain": "3000"}
    assert "widgets" not in notebook.metadata


def test_a_notebook_in_use_shows_a_bar_on_stdout_only():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(RUN)])
    client = NotebookClient(notebook, kernel_name="python3", timeout=120)
    client.allow_stdin = True
    client.create_kernel_manager()
    with client.setup_kernel():
        client.kc.allow_stdin = True  # as a person's notebook does
        client.execute_cell(notebook.cells[0], 0)
    assert {out.output_type for out in notebook.cells[0].outputs} == {"stream"}
    assert {out.name for out in notebook.cells[0].outputs} == {"stdout"}
    text = "".join(out.text for out in notebook.cells[0].outputs)
    assert "/20, loss 0." in text
    assert text.endswith("\rafter\n")


def test_a_terminal_shows_a_bar_and_wipes_it():
    pty, termios = pytest.importorskip("pty"), pytest.importorskip("termios")  # not on Windows
    leader, follower = pty.openpty()
    termios.tcsetwinsize(follower, (24, 100))
    process = subprocess.Popen([sys.executable, "-c", RUN], stdout=follower, stderr=subprocess.PIPE)
    os.close(follower)
    text = b""
    while True:
        try:
            chunk = os.read(leader, 4096)
        except OSError:  # how Linux says that the other end is closed
            break
        if not chunk:
            break
        text += chunk
    assert process.wait() == 0
    assert process.stderr.read() == b""
    os.close(leader)
    text = text.decode()
    assert "/20, loss 0." in text
    last_line = text.rstrip().splitlines()[-1]
    assert last_line.split("\r")[-1] == "after"


def test_no_bar_where_nobody_looks_or_it_is_not_wanted():
    for code in (RUN, RUN.replace("batch_size=2", "batch_size=2, progress=False")):
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert (result.stdout, result.stderr) == ("before\nafter\n", "")


class Bar:
    """Stands in for tqdm and remembers what it was told."""

    disable = False

    def __init__(self, total, done, wanted):
        self.total, self.done, self.texts = total, done, []

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def set_postfix_str(self, text, refresh):
        self.texts.append(text)

    def update(self):
        self.done += 1


def test_the_bar_shows_epoch_loss_and_the_last_validation_and_goes_on_after_a_break(monkeypatch, tmp_path):
    bars = []
    monkeypatch.setattr(loop, "progress_bar", lambda *settings: bars.append(Bar(*settings)) or bars[-1])
    monkeypatch.setattr(run, "SHOW_EVERY", 0)
    points = two_moons(20)

    def train(epochs):
        return fit(
            nn.Linear(2, 2), points, epochs=epochs, batch_size=10, validation=points, checkpoint=tmp_path / "run"
        )

    history = train(2)
    history = train(3)
    texts = [f"epoch {1 + i // 2}/{2 if i < 4 else 3}, loss {loss:.4f}" for i, loss in enumerate(history.steps)]
    for i in range(2, 6):
        texts[i] += f", validation accuracy {history.epochs[i // 2 - 1]['validation_accuracy']:.1%}"
    assert [text for bar in bars for text in bar.texts] == texts
    assert [(bar.total, bar.done) for bar in bars] == [(4, 4), (6, 6)]


def test_the_text_is_not_made_anew_for_every_step(monkeypatch):
    bars = []
    monkeypatch.setattr(loop, "progress_bar", lambda *settings: bars.append(Bar(*settings)) or bars[-1])
    monkeypatch.setattr(run, "SHOW_EVERY", 3600)
    fit(nn.Linear(2, 2), two_moons(20), batch_size=2)
    assert len(bars[0].texts) <= 1
    assert bars[0].done == 10
