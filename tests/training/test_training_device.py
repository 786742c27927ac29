"""Where PyTorch computes: what can be checked without a GPU, and what needs one."""

import numpy as np
import pytest
import torch
from training_models import two_moons

import coursekit
from coursekit.scratch import nn
from coursekit.training import evaluate, fit, predict

GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


@pytest.mark.parametrize("kind", [nn, torch.nn], ids=["scratch", "torch"])
def test_auto_is_the_best_there_is(kind):
    model = kind.Linear(2, 2)
    for device in ("auto", "cpu"):
        fit(model, two_moons(10), device=device)
        evaluate(model, two_moons(10), device=device)
        predict(model, two_moons(10)[0], device=device)
    if kind is torch.nn:
        fit(model, two_moons(10), device="auto")
        assert model.weight.device.type == coursekit.device()


def test_an_optimizer_made_for_another_device_is_refused():
    model, elsewhere = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2, device="meta")
    optimizer = torch.optim.SGD([*model.parameters(), *elsewhere.parameters()], lr=0.1)
    with pytest.raises(ValueError, match=r"optimizer has parameters on meta, but the model is on cpu: move the model"):
        fit(model, two_moons(10), optimizer=optimizer)


def test_an_optimizer_that_remembers_elsewhere_is_refused():
    model = torch.nn.Linear(2, 2)
    optimizer = torch.optim.Adam(model.parameters())
    fit(model, two_moons(10), optimizer=optimizer)
    fit(model, two_moons(10), optimizer=optimizer)  # Adam counts steps on the CPU wherever the model is: that is right
    optimizer.state[model.weight]["exp_avg"] = optimizer.state[model.weight]["exp_avg"].to("meta")
    with pytest.raises(ValueError, match="optimizer has its memory of past gradients on meta"):
        fit(model, two_moons(10), optimizer=optimizer)


def test_no_step_waits_for_a_number(monkeypatch):
    """On a GPU, each of these calls stops the queue: their number must not grow with the number of steps."""
    calls = []
    for name in ("item", "cpu", "numpy", "tolist", "__float__", "__int__", "__bool__"):
        original = getattr(torch.Tensor, name)
        monkeypatch.setattr(torch.Tensor, name, _counted(calls, name, original))

    def number_of_calls(batch_size):
        calls.clear()
        fit(torch.nn.Linear(2, 2), two_moons(200), validation=two_moons(20), batch_size=batch_size, clip=1.0)
        return len(calls)

    assert 0 < number_of_calls(2) == number_of_calls(100) < 10


def _counted(calls, name, original):
    def method(*args, **options):
        calls.append(name)
        return original(*args, **options)

    return method


@GPU
def test_on_a_gpu_it_is_the_same_run():
    model, twin = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
    twin.load_state_dict(model.state_dict())
    ours = fit(model, two_moons(), epochs=3, batch_size=16, clip=1.0)
    theirs = fit(twin, two_moons(), epochs=3, batch_size=16, clip=1.0, device="cuda")
    assert twin.weight.is_cuda
    np.testing.assert_allclose(ours.steps, theirs.steps, atol=1e-5)
    assert evaluate(twin, two_moons()) == pytest.approx(evaluate(model, two_moons()), abs=1e-5)
    assert predict(twin, torch.from_numpy(two_moons()[0]).cuda()).shape == (200, 2)
