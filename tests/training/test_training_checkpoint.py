"""A run that was interrupted and goes on is, bit for bit, the run that never was; its file is never half written."""

import json
import os
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
import torch
from training_models import two_moons, weights

import coursekit
from coursekit.scratch import nn, optim
from coursekit.scratch.random import generator
from coursekit.training import checkpoint, fit

BACKENDS = pytest.mark.parametrize("kind", [nn, torch.nn], ids=["scratch", "torch"])
TRAIN, HELD_OUT = two_moons(40), two_moons(20, seed=1)


def model_of(kind):
    """Dropout draws random numbers, batch normalisation has buffers."""
    return kind.Sequential(kind.Linear(2, 16), kind.BatchNorm1d(16), kind.ReLU(), kind.Dropout(0.3), kind.Linear(16, 2))


def parts(kind, setting):
    """A model, its optimizer, and the other arguments of fit."""
    own, model = (optim if kind is nn else torch.optim), model_of(kind)
    options = {"validation": HELD_OUT, "batch_size": 16}
    if setting == "SGD":
        optimizer = own.SGD(model.parameters(), lr=0.1)
    elif setting == "momentum, cosine":
        optimizer = own.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)
        options |= {"scheduler": own.lr_scheduler.CosineAnnealingLR(optimizer, T_max=8)}
    elif setting == "groups, step":
        groups = [{"params": model[0].parameters(), "lr": 0.2}, {"params": model[4].parameters()}]
        optimizer = own.SGD(groups, lr=0.1, momentum=0.5)
        options |= {"scheduler": own.lr_scheduler.StepLR(optimizer, 2), "clip": 0.5, "shuffle": False}
    elif setting == "Adam, one cycle, early stopping":
        optimizer = own.Adam(model.parameters(), lr=0.05)
        cycle = own.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=24)
        options |= {"scheduler": cycle, "scheduler_step": "batch", "patience": 6}
    else:
        optimizer = own.RMSprop(model.parameters(), lr=0.01)
        options |= {"augment": lambda images, rng: images + 0.1 * rng.normal(size=images.shape).astype(images.dtype)}
    return model, optimizer, {"optimizer": optimizer, **options}


SETTINGS = ["SGD", "momentum, cosine", "groups, step", "Adam, one cycle, early stopping", "RMSprop, augmentation"]


def draw(kind):
    """The next random number of the backend."""
    return generator().random() if kind is nn else torch.rand(()).item()


def plain(value):
    """Tensors and arrays as lists, all the way down, so that == compares every bit."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return np.asarray(value).tolist() if hasattr(value, "shape") else value


def everything(model, optimizer, options, history, kind):
    schedule = options.get("scheduler")
    return {
        "weights": plain(weights(model)),
        "optimizer": plain(optimizer.state_dict()),
        "schedule": schedule and plain({k: v for k, v in schedule.state_dict().items() if "called" not in k}),
        "steps": history.steps,
        "rates": history.learning_rates,
        "epochs": [{**row, "seconds": 0} for row in history.epochs],
        "best": history.best_epoch,
        "random": draw(kind),
    }


class Interrupt:
    """A loss that is interrupted, as by a person, the n-th time it is called."""

    def __init__(self, loss, n):
        self.loss, self.left = loss, n

    def __call__(self, logits, targets):
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt
        return self.loss(logits, targets)


@BACKENDS
@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("stop", ["after an epoch", "within an epoch"])
def test_going_on_is_bit_for_bit_the_run_that_never_stopped(kind, setting, stop, tmp_path):
    coursekit.seed(0)
    model, optimizer, options = parts(kind, setting)
    expected = everything(model, optimizer, options, fit(model, TRAIN, epochs=8, **options), kind)

    path = tmp_path / "run.npz"
    coursekit.seed(0)
    model, optimizer, options = parts(kind, setting)
    if stop == "after an epoch":
        fit(model, TRAIN, epochs=3, checkpoint=path, **options)
    else:
        with pytest.raises(KeyboardInterrupt) as interrupted:
            fit(model, TRAIN, epochs=8, checkpoint=path, loss=Interrupt(kind.CrossEntropyLoss(), 14), **options)
        history = interrupted.value.history  # an epoch: three batches and two of validation data, which is one here
        assert len(history.epochs) == 3
        assert 9 < len(history.steps) < 12
        assert len(history.learning_rates) == len(history.steps)
        assert history.steps == expected["steps"][: len(history.steps)]

    coursekit.seed(12345)  # another session: other weights, other random numbers
    model, optimizer, options = parts(kind, setting)
    history = fit(model, TRAIN, epochs=8, checkpoint=str(path), **options)
    assert everything(model, optimizer, options, history, kind) == expected
    assert os.listdir(tmp_path) == ["run.npz"]

    coursekit.seed(54321)  # it is finished: going on does nothing but bring back what it was
    model, optimizer, options = parts(kind, setting)
    history = fit(model, TRAIN, epochs=8, checkpoint=path, **options)
    assert everything(model, optimizer, options, history, kind) == expected


@BACKENDS
def test_going_on_in_the_same_session_with_the_same_objects(kind, tmp_path):
    """As someone does who interrupts a cell and runs it again: the schedule has moved on meanwhile."""
    coursekit.seed(0)
    model, optimizer, options = parts(kind, "momentum, cosine")
    expected = everything(model, optimizer, options, fit(model, TRAIN, epochs=6, **options), kind)
    coursekit.seed(0)
    model, optimizer, options = parts(kind, "momentum, cosine")
    interrupt = Interrupt(kind.CrossEntropyLoss(), 14)
    with pytest.raises(KeyboardInterrupt):
        fit(model, TRAIN, epochs=6, checkpoint=tmp_path / "run", loss=interrupt, **options)
    history = fit(model, TRAIN, epochs=6, checkpoint=tmp_path / "run", **options)
    assert everything(model, optimizer, options, history, kind) == expected


@BACKENDS
def test_a_run_that_has_stopped_early_stays_stopped(kind, tmp_path):
    def run():
        model = model_of(kind)
        settings = {"validation": HELD_OUT, "patience": 2, "batch_size": 8, "lr": 3.0}
        return model, fit(model, TRAIN, epochs=50, checkpoint=tmp_path / "run", **settings)

    (model, history), (again, same) = run(), run()
    assert len(history.epochs) < 50
    assert vars(same) == vars(history)
    assert plain(weights(again)) == plain(weights(model))


def test_a_process_that_is_killed_leaves_its_last_epoch(tmp_path):
    code = """
import os, sys, numpy as np
from coursekit import scratch
from coursekit.scratch import nn
from coursekit.training import fit
scratch.manual_seed(int(sys.argv[2]))
rng, left = np.random.default_rng(0), [int(sys.argv[3])]
def augment(images, rng):
    left[0] -= 1
    if not left[0]:
        os._exit(9)
    return images
model = nn.Sequential(nn.Linear(2, 8), nn.Dropout(0.5), nn.Linear(8, 2))
data = rng.normal(size=(40, 2)), rng.integers(0, 2, 40)
history = fit(model, data, epochs=5, batch_size=10, checkpoint=sys.argv[1], augment=augment)
print(history.steps, [p.data.tolist() for p in model.parameters()])
"""

    def run(name, seed, kill):
        command = [sys.executable, "-c", code, str(tmp_path / name), str(seed), str(kill)]
        return subprocess.run(command, capture_output=True, text=True)

    expected = run("whole", 0, -1)
    assert run("broken", 0, 11).returncode == 9
    again = run("broken", 1, -1)
    assert (again.returncode, again.stdout, again.stderr) == (0, expected.stdout, "")


# ------------------------------------------------------------------------------------------------------ interruption


@BACKENDS
def test_an_interrupted_run_without_checkpoint_hands_out_its_history(kind):
    with pytest.raises(KeyboardInterrupt) as interrupted:
        fit(model_of(kind), TRAIN, epochs=8, batch_size=10, loss=Interrupt(kind.CrossEntropyLoss(), 7))
    assert len(interrupted.value.history.epochs) == 1
    assert len(interrupted.value.history.steps) == 6
    assert "1 of 8 epochs are finished: see .history" in interrupted.value.__notes__[0]


@pytest.mark.parametrize("failing", ["numpy.savez", "os.replace", "os.fsync"])
@pytest.mark.parametrize("error", [OSError("no space left"), KeyboardInterrupt()], ids=["full disk", "Ctrl-C"])
def test_an_interrupted_write_keeps_the_old_file(monkeypatch, tmp_path, failing, error):
    path = tmp_path / "run.npz"
    fit(model_of(nn), TRAIN, checkpoint=path)
    before = path.read_bytes()

    def fail(file, *args, **options):
        if hasattr(file, "write"):
            file.write(b"half")
        raise error

    module, name = failing.split(".")
    monkeypatch.setattr({"numpy": np, "os": os}[module], name, fail)
    with pytest.raises(type(error)):
        fit(model_of(nn), TRAIN, epochs=2, checkpoint=path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["run.npz"]


# ---------------------------------------------------------------------------------------------- what is not this run

OTHER = {
    "parameter 4.weight": lambda kind, opt: (
        kind.Sequential(*list(model_of(kind).children())[:4], kind.Linear(16, 3)),
        {},
    ),
    r"line \d of the model": lambda kind, opt: (
        kind.Sequential(kind.Linear(2, 16), kind.BatchNorm1d(16), kind.Tanh(), kind.Dropout(0.3), kind.Linear(16, 2)),
        {},
    ),
    "Dropout": lambda kind, opt: (
        kind.Sequential(kind.Linear(2, 16), kind.BatchNorm1d(16), kind.ReLU(), kind.Dropout(0.4), kind.Linear(16, 2)),
        {},
    ),
    "float64": lambda kind, opt: (model_of(kind).double(), {}),
    "optimizer: SGD there, Adam here": lambda kind, opt: (None, {"optimizer": opt.Adam}),
    "optimizer settings: .*0.1.*0.2": lambda kind, opt: (None, {"lr": 0.2}),
    "data: images .40, 2., labels .40,. there, images .30, 2.": lambda kind, opt: (None, {"data": two_moons(30)}),
    "validation: None there, images .20, 2. here": lambda kind, opt: (None, {"validation": HELD_OUT}),
    "batch_size: 128 there, 64 here": lambda kind, opt: (None, {"batch_size": 64}),
    "seed: 0 there, 1 here": lambda kind, opt: (None, {"seed": 1}),
    "shuffle: True there, False here": lambda kind, opt: (None, {"shuffle": False}),
    "clip: None there, 1.0 here": lambda kind, opt: (None, {"clip": 1.0}),
    "augment: False there, True here": lambda kind, opt: (None, {"augment": lambda images, rng: images}),
    "patience: None there, given here": lambda kind, opt: (None, {"validation": HELD_OUT, "patience": 2}),
}


@BACKENDS
@pytest.mark.parametrize("message", OTHER)
def test_the_checkpoint_of_another_run_is_refused_and_kept(kind, message, tmp_path):
    path = tmp_path / "run.npz"
    fit(model_of(kind), TRAIN, checkpoint=path)
    before = path.read_bytes()
    model, options = OTHER[message](kind, optim if kind is nn else torch.optim)
    model = model or model_of(kind)
    if "optimizer" in options:
        options["optimizer"] = options["optimizer"](model.parameters())
    unchanged = plain(weights(model))
    with pytest.raises(ValueError, match=rf"(?s)run.npz' belongs to another run, and has not been touched:.*{message}"):
        fit(model, options.pop("data", TRAIN), epochs=2, checkpoint=path, **options)
    assert path.read_bytes() == before
    assert plain(weights(model)) == unchanged


@BACKENDS
def test_the_checkpoint_of_another_schedule_is_refused(kind, tmp_path):
    own = optim if kind is nn else torch.optim

    def run(schedule, step="epoch", **settings):
        model = kind.Linear(2, 2)
        scheduler = getattr(own.lr_scheduler, schedule)(own.SGD(model.parameters(), lr=0.1), **settings)
        fit(model, TRAIN, epochs=2, scheduler=scheduler, scheduler_step=step, checkpoint=tmp_path / "run.npz")

    run("StepLR", step_size=3)
    run("StepLR", step_size=3)
    with pytest.raises(ValueError, match="scheduler: StepLR there, CosineAnnealingLR here"):
        run("CosineAnnealingLR", T_max=3)
    with pytest.raises(ValueError, match=r"scheduler settings: .*3.* there, .*4.* here"):
        run("StepLR", step_size=4)
    with pytest.raises(ValueError, match="scheduler_step: epoch there, batch here"):
        run("StepLR", step="batch", step_size=3)


def test_the_checkpoint_of_the_other_backend_is_refused(tmp_path):
    fit(nn.Linear(2, 2), TRAIN, checkpoint=tmp_path / "run")
    with pytest.raises(ValueError, match=r"backend: coursekit\.scratch there, torch here"):
        fit(torch.nn.Linear(2, 2), TRAIN, checkpoint=tmp_path / "run")


@pytest.mark.parametrize("damage", ["cut", "flipped", "text", "empty", "other npz", "npy", "pickle"])
def test_a_damaged_file_is_refused_and_kept(damage, tmp_path):
    path = tmp_path / "run.npz"
    fit(nn.Linear(2, 2), TRAIN, checkpoint=path)
    content = path.read_bytes()
    if damage == "other npz":
        np.savez(path, weight=np.zeros(3))
    elif damage in ("npy", "pickle"):
        with open(path, "wb") as file:
            np.save(file, np.zeros(3) if damage == "npy" else np.array([print], dtype=object), allow_pickle=True)
    else:
        middle = content.index(b'"kind"')
        flipped = content[:middle] + b"#" + content[middle + 1 :]
        path.write_bytes({"cut": content[:-100], "flipped": flipped, "text": b"hello", "empty": b""}[damage])
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"run.npz' is not a file that fit wrote, or is damaged"):
        fit(nn.Linear(2, 2), TRAIN, epochs=2, checkpoint=path)
    assert path.read_bytes() == before


def test_a_place_that_cannot_be_written_is_refused_before_training(tmp_path):
    with pytest.raises(ValueError, match=r"is in a folder that does not exist, '.*absent'"):
        fit(nn.Linear(2, 2), TRAIN, checkpoint=tmp_path / "absent" / "run.npz")
    with pytest.raises(ValueError, match="is a folder; it must be the name of a file"):
        fit(nn.Linear(2, 2), TRAIN, checkpoint=tmp_path)


# ----------------------------------------------------------------------------------------------------------- the file


@BACKENDS
def test_numpy_alone_reads_the_file(kind, tmp_path):
    model = model_of(kind)
    fit(model, TRAIN, checkpoint=tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz") as file:
        np.testing.assert_array_equal(file["model/0.weight"], weights(model)["0.weight"])
        assert json.loads(file["json"].tobytes())["kind"].startswith("coursekit.training checkpoint")


def test_all_that_optimisers_and_schedules_hold_comes_back(tmp_path):
    state = {
        "none": None,
        "numbers": [0, -1, 2**100, 0.1 + 0.2, float("inf"), True],
        "tuple": (0.9, (0.999,)),
        "keys": {0: {"step": 3}, "0": "text", "nested": {}},
        "counter": Counter({3: 1, 5: 2}),
        "array": np.arange(6, dtype=np.int8).reshape(2, 3),
        "scalar": np.float64(0.5),
    }
    checkpoint.save(tmp_path / "file", state)
    back = checkpoint.load(tmp_path / "file")
    np.testing.assert_array_equal(back.pop("array"), state.pop("array"))
    assert back == state
    assert [type(value) for value in back.values()] == [type(None), list, tuple, dict, Counter, float]
    checkpoint.save(tmp_path / "file", {"tensor": torch.arange(3)})
    assert torch.equal(checkpoint.load(tmp_path / "file")["tensor"], torch.arange(3))
    with pytest.raises(TypeError, match="checkpoint cannot hold a/b/1, a builtin_function_or_method"):
        checkpoint.save(tmp_path / "file", {"a": {"b": [1, print]}})
    assert torch.equal(checkpoint.load(tmp_path / "file")["tensor"], torch.arange(3))
