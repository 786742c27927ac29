"""History: the table, the pictures, the file."""

import json

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from training_models import two_moons

from coursekit.scratch import nn, optim
from coursekit.training import History, fit


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


def test_a_changing_learning_rate_has_a_picture_of_its_own():
    model = nn.Linear(2, 2)
    decay = optim.lr_scheduler.StepLR(optim.SGD(model.parameters(), lr=1.0), step_size=1, gamma=0.5)
    history = fit(model, two_moons(), epochs=3, batch_size=50, scheduler=decay)
    assert history.learning_rates == [1.0] * 4 + [0.5] * 4 + [0.25] * 4
    loss, accuracy, rate = axes = history.plot()
    np.testing.assert_array_equal(rate.get_lines()[0].get_ydata(), history.learning_rates)
    loss.figure.canvas.draw()
    assert rate.get_window_extent().width < accuracy.get_window_extent().width / 2

    constant = fit(nn.Linear(2, 2), two_moons(), epochs=2)
    constant.plot(axes, label="constant")  # compared with one that has a schedule: the rate is drawn
    assert len(rate.get_lines()) == 2
    assert history.plot(axes[:2])[0] is loss  # and where there is no place for it, it is not
    assert len(rate.get_lines()) == 2
    plt.close(loss.figure)

    axes = constant.plot()
    assert len(axes) == 2
    plt.close(axes[0].figure)
    with pytest.raises(ValueError, match=r"axes must be two or three .*, not 1"):
        constant.plot(axes[:1])


def test_a_regression_is_drawn_without_accuracy():
    x = np.linspace(-1, 1, 8, dtype=np.float32)[:, None]
    history = fit(nn.Linear(1, 1), (x, x), loss=nn.MSELoss())
    loss, accuracy = history.plot()
    assert not accuracy.get_lines()
    plt.close(loss.figure)


def test_it_is_saved_without_loss(history, tmp_path):
    history.best_epoch = 2
    history.steps[0], history.steps[1] = 0.1 + 0.2, float("inf")
    history.save(tmp_path / "run.json")
    again = History.load(tmp_path / "run.json")
    assert vars(again) == vars(history)
    assert repr(again) == repr(history)
    assert json.loads((tmp_path / "run.json").read_text())["best_epoch"] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]
    history.steps[0] = float("nan")
    history.save(str(tmp_path / "run.json"))
    assert np.isnan(History.load(str(tmp_path / "run.json")).steps[0])


@pytest.mark.parametrize("text", ["", "no JSON", "[1, 2]", '{"steps": []}', b"\xff\xfe\x80"])
def test_another_file_is_no_history(tmp_path, text):
    path = tmp_path / "run.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match=r"run\.json is not a History"):
        History.load(path)


def test_the_table_says_which_epoch_was_the_best(history):
    history.best_epoch = 2
    assert repr(history).splitlines()[-1] == "weights of epoch 2: lowest validation loss"
    assert history._repr_html_().endswith("<p>weights of epoch 2: lowest validation loss</p>")


@pytest.mark.parametrize("kind", [nn, torch.nn], ids=["scratch", "torch"])
def test_it_holds_plain_numbers(kind):
    history = fit(kind.Linear(2, 2), two_moons(), validation=two_moons(seed=1), batch_size=64)
    assert {type(value) for value in [*history.steps, *history.learning_rates]} == {float}
    assert {type(value) for value in history.epochs[0].values()} == {int, float}
