"""The training loop: the same run on both backends, real data, and what it leaves behind in a notebook."""

import os
import subprocess
import sys

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
import torch
from nbclient import NotebookClient

from coursekit import data, scratch
from coursekit.scratch import nn, optim
from coursekit.training import History, evaluate, fit, predict


@pytest.fixture(scope="module", autouse=True)
def one_torch_thread():
    """PyTorch's idle threads would spin on the cores that NumPy's BLAS wants."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def mnist():
    return data.load("mnist"), data.load("mnist", "test")


def softmax_regression(nn):
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


def mlp(nn):
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))


def small_convnet(nn):
    return nn.Sequential(
        nn.Conv2d(1, 4, 5, stride=2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(4 * 6 * 6, 10)
    )


def twins(build, dtype=np.float32):
    scratch.manual_seed(0)
    mine, theirs = build(nn), build(torch.nn)
    if dtype == np.float64:
        mine, theirs = mine.double(), theirs.double()
    theirs.load_state_dict({name: torch.from_numpy(array) for name, array in mine.state_dict().items()})
    return mine, theirs


def two_moons(n=200, seed=0):
    """Two interleaved half circles: not linearly separable, learned in a moment."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    angle = rng.uniform(0, np.pi, n)
    x = np.stack([np.cos(angle) * (1 - 2 * labels) + labels, np.sin(angle) * (1 - 2 * labels) + labels / 2], axis=1)
    return (x + rng.normal(scale=0.1, size=x.shape)).astype(np.float32), labels


# -------------------------------------------------------------------------------------------------------- both backends


@pytest.mark.parametrize("build", [softmax_regression, mlp, small_convnet], ids=lambda build: build.__name__)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-5), (np.float64, 1e-10)])
def test_both_backends_lose_the_same_at_every_step(mnist, build, dtype, tolerance):
    train, test = (split[0][:6000].astype(dtype) for split in mnist), (split[1][:6000] for split in mnist)
    (images, test_images), (labels, test_labels) = train, test
    mine, theirs = twins(build, dtype)
    options = {"validation": (test_images[:500], test_labels[:500]), "epochs": 2, "batch_size": 128, "lr": 0.1}
    ours, reference = fit(mine, (images, labels), **options), fit(theirs, (images, labels), **options)
    assert len(ours.steps) == 2 * 47
    np.testing.assert_allclose(ours.steps, reference.steps, rtol=0, atol=tolerance)
    assert ours.steps[0] > 2 * ours.steps[-1]
    for mine_, theirs_ in zip(ours.epochs, reference.epochs, strict=True):
        for key in ("train_loss", "validation_loss"):
            assert mine_[key] == pytest.approx(theirs_[key], abs=tolerance)
        for key in ("train_accuracy", "validation_accuracy"):
            assert mine_[key] == pytest.approx(theirs_[key], abs=0.001)
    assert evaluate(mine, (images, labels)) == pytest.approx(evaluate(theirs, (images, labels)), abs=1e-3)
    np.testing.assert_allclose(predict(mine, images[:50]), predict(theirs, images[:50]), atol=100 * tolerance)


def test_softmax_regression_reaches_92_percent_on_mnist(mnist):
    train, test = mnist
    scratch.manual_seed(0)
    history = fit(softmax_regression(nn), train, validation=test, epochs=5, lr=0.2)
    assert history.epochs[-1]["validation_accuracy"] >= 0.92
    assert history.epochs[-1]["validation_loss"] < 0.29


def test_optimizer_and_loss_of_the_models_own_backend():
    points = two_moons()
    build = lambda nn: nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))  # noqa: E731
    mine, theirs = twins(build)
    settings = {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 1e-3}
    ours = fit(mine, points, epochs=15, optimizer=optim.SGD(mine.parameters(), **settings), loss=nn.CrossEntropyLoss())
    reference = fit(
        theirs,
        points,
        epochs=15,
        optimizer=torch.optim.SGD(theirs.parameters(), **settings),
        loss=torch.nn.CrossEntropyLoss(),
    )
    np.testing.assert_allclose(ours.steps, reference.steps, atol=1e-5)
    assert evaluate(mine, points)[1] > 0.85


# --------------------------------------------------------------------------------------------------------- the contract


def test_batches_depend_on_the_seed_only():
    images, labels = two_moons(20)

    class Spy(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.seen = nn.Linear(2, 2), []

        def forward(self, x):
            self.seen.append(np.asarray(x).copy())
            return self.layer(x)

    def order(**options):
        spy = Spy()
        fit(spy, (images, labels), epochs=2, batch_size=8, **options)
        return spy.seen

    first, again, other, plain = order(), order(lr=0.5), order(seed=1), order(shuffle=False)
    assert [len(batch) for batch in first] == [8, 8, 4] * 2
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(first[0], first[3]), "every epoch has its own order"
    np.testing.assert_array_equal(np.concatenate(plain[:3]), images)
    for epoch in (first[:3], first[3:]):  # every example once
        np.testing.assert_array_equal(np.sort(np.concatenate(epoch), axis=0), np.sort(images, axis=0))


def test_history_records_the_loss_before_each_step_and_averages_over_examples():
    images, labels = two_moons(20)
    model = nn.Linear(2, 2)
    expected = evaluate(model, (images, labels))
    history = fit(model, (images, labels), batch_size=8, lr=0.0)
    assert history.epochs[0]["train_loss"] == pytest.approx(expected[0], abs=1e-6)  # batches of 8, 8 and 4
    assert history.epochs[0]["train_accuracy"] == expected[1]
    assert history.steps[0] == pytest.approx(evaluate(model, _first_batch(images, labels))[0], abs=1e-6)
    assert history.epochs[0]["validation_loss"] is None
    assert history.epochs[0]["validation_accuracy"] is None
    assert history.epochs[0]["seconds"] > 0


def _first_batch(images, labels):
    order = np.random.default_rng([0, 1]).permutation(len(images))[:8]
    return images[order], labels[order]


@pytest.mark.parametrize("kind", [nn, torch.nn], ids=["scratch", "torch"])
def test_modes_and_gradients_around_evaluation(kind):
    model = kind.Sequential(kind.Linear(2, 2), kind.ReLU())
    points = two_moons(20)
    model[1].eval()
    evaluate(model, points)
    predict(model, points[0])
    assert [m.training for m in model.modules()] == [True, True, False], "evaluation must leave every mode as it was"
    assert all(p.grad is None for p in model.parameters())
    fit(model, points, validation=points)
    assert all(m.training for m in model.modules())


@pytest.mark.parametrize("kind", [nn, torch.nn], ids=["scratch", "torch"])
def test_layers_know_that_they_are_evaluated_and_nothing_is_recorded(kind):
    seen = []

    class Spy(kind.Module):
        def __init__(self):
            super().__init__()
            self.layer = kind.Linear(2, 2)

        def forward(self, x):
            out = self.layer(x)
            seen.append((self.training, self.layer.training, out.requires_grad))
            return out

    model, points = Spy(), two_moons(20)
    evaluate(model, points)
    predict(model, points[0])
    fit(model, points, validation=points)
    inside, training = (False, False, False), (True, True, True)
    assert seen == [inside, inside, training, inside]


@pytest.mark.parametrize("kind", [nn, torch.nn], ids=["scratch", "torch"])
def test_float64_images_train_a_float32_model_in_float32(kind):
    images, labels = two_moons(20)
    model = kind.Linear(2, 2)
    fit(model, (images.astype(np.float64), labels.astype(np.int32)))
    assert "float32" in str(model.weight.dtype)
    assert "float32" in str(model.weight.grad.dtype)
    assert predict(model, images.astype(np.float64)).dtype == np.float32


@pytest.mark.parametrize("kind", [nn, torch.nn], ids=["scratch", "torch"])
def test_regression_has_a_loss_but_no_accuracy(kind):
    x = np.linspace(-1, 1, 64, dtype=np.float32)[:, None]
    model = kind.Linear(1, 1)
    history = fit(
        model, (x, 3 * x + 1), validation=(x, 3 * x + 1), epochs=30, batch_size=8, loss=kind.MSELoss(), lr=0.1
    )
    assert history.epochs[-1]["train_accuracy"] is None
    assert evaluate(model, (x, 3 * x + 1), loss=kind.MSELoss()) == (pytest.approx(0, abs=1e-4), None)
    assert "accuracy" not in repr(history)
    plt.close(history.plot()[0].figure)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", [nn, torch.nn], ids=["scratch", "torch"])
def test_arrays_that_run_backwards_or_may_not_be_changed(kind):
    images, labels = two_moons(20)
    images.flags.writeable = labels.flags.writeable = False
    model = kind.Linear(2, 2)
    expected = evaluate(model, (images, labels))
    assert evaluate(model, (images[::-1], labels[::-1])) == pytest.approx(expected, abs=1e-6)
    fit(model, (images, labels), shuffle=False)
    predict(model, images[:, ::-1])


def test_evaluation_does_not_depend_on_the_batch_size():
    points, model = two_moons(50), nn.Linear(2, 2)
    assert evaluate(model, points, batch_size=7) == pytest.approx(evaluate(model, points), abs=1e-6)
    np.testing.assert_allclose(predict(model, points[0], batch_size=7), predict(model, points[0]), atol=1e-6)


def test_errors():
    images, labels = two_moons(10)
    with pytest.raises(ValueError, match="10 and 9"):
        fit(nn.Linear(2, 2), (images, labels[:9]))
    with pytest.raises(ValueError, match="no images"):
        evaluate(nn.Linear(2, 2), (images[:0], labels[:0]))
    with pytest.raises(ValueError, match="batch_size must be at least 1, not 0"):
        evaluate(nn.Linear(2, 2), (images, labels), batch_size=0)
    with pytest.raises(ValueError, match="'cuda'"):
        fit(nn.Linear(2, 2), (images, labels), device="cuda")
    with pytest.raises(TypeError, match="not a SGD"):
        fit(optim.SGD(nn.Linear(2, 2).parameters()), (images, labels))


# -------------------------------------------------------------------------------------------------------------- History


@pytest.fixture
def history():
    return fit(nn.Linear(2, 2), two_moons(), validation=two_moons(seed=1), epochs=3, batch_size=10)


def test_history_draws_steps_running_mean_and_accuracies(history):
    loss, accuracy = axes = history.plot(label="run")
    raw, smooth = loss.get_lines()
    np.testing.assert_array_equal(raw.get_ydata(), history.steps)
    np.testing.assert_allclose(smooth.get_ydata()[10], np.mean(history.steps[8:11]))  # a twentieth of 60 steps is 3
    assert smooth.get_linewidth() > raw.get_linewidth()
    assert loss.get_xlabel() == "step"
    lines = {line.get_label(): line for line in accuracy.get_lines()}
    assert sorted(lines) == ["run, train", "run, validation"]
    for kind in ("train", "validation"):
        line = lines[f"run, {kind}"]
        np.testing.assert_array_equal(line.get_ydata(), [row[f"{kind}_accuracy"] for row in history.epochs])
        np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3])

    assert history.plot(axes, label="again") is axes
    assert len(accuracy.get_lines()) == 4
    assert len(loss.get_legend().get_texts()) == 2
    plt.close(loss.figure)


def test_history_is_a_table(history):
    rows = repr(history).splitlines()
    assert len(rows) == 4
    assert len({len(row) for row in rows}) == 1
    html = history._repr_html_()
    assert html.count("<tr>") == 4
    assert f"{history.epochs[-1]['train_loss']:.4f}" in html
    assert f"{history.epochs[-1]['train_loss']:.4f}" in rows[-1]
    assert "no finished epoch" in repr(History())


# ------------------------------------------------------------------------------------ imports, and what is left behind


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
