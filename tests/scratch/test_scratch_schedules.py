"""Schedules against PyTorch's: the same rates at every one of 200 steps."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from coursekit.scratch import Tensor, optim

shares = st.floats(0.05, 0.95)
one_cycle = {
    "pct_start": st.floats(0, 0.99),
    "cycle_momentum": st.booleans(),
    "base_momentum": shares,
    "max_momentum": shares,
    "div_factor": st.floats(1, 100),
    "final_div_factor": st.floats(1, 1e5),
}
SCHEDULES = {
    "LambdaLR": {"lr_lambda": st.integers(1, 50).map(lambda n: lambda step: min(1, (step + 1) / n))},
    "StepLR": {"step_size": st.integers(1, 70), "gamma": shares},
    "CosineAnnealingLR": {"T_max": st.integers(1, 210), "eta_min": st.sampled_from([0, 0.01])},
    "OneCycleLR": one_cycle | {"max_lr": shares | st.tuples(shares, shares).map(list), "total_steps": st.just(200)},
}
OPTIMIZERS = {"SGD": {"momentum": 0.9}, "RMSprop": {}, "Adam": {}, "AdamW": {}}


def pair(name, optimizer, **options):
    """An optimiser with two groups and its schedule, here and in PyTorch."""
    out = []
    for package, tensor in ((optim, lambda: Tensor([1.0], requires_grad=True)), (torch.optim, lambda: torch.ones(1))):
        groups = [{"params": [tensor()]}, {"params": [tensor()], "lr": 0.02}]
        made = getattr(package, optimizer)(groups, lr=0.3, **OPTIMIZERS[optimizer])
        out += [made, getattr(package.lr_scheduler, name)(made, **options)]
    return out


def settings(optimizer):
    """What a schedule may change: the rate and the momentum of every group."""
    return [[group["lr"], group.get("momentum", group.get("betas"))] for group in optimizer.param_groups]


def assert_same_settings(ours, theirs):
    for mine, expected in zip(settings(ours), settings(theirs), strict=True):
        np.testing.assert_allclose(np.hstack(mine), np.hstack(expected), rtol=1e-9, atol=1e-12)


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step")
@pytest.mark.parametrize("name", SCHEDULES)
@given(st.sampled_from(sorted(OPTIMIZERS)), st.data())
def test_the_same_rates_at_200_steps(name, optimizer, data):
    options = data.draw(st.fixed_dictionaries(SCHEDULES[name]))
    assume(abs(options.get("pct_start", 0.5) * 200 - 1) > 1e-3)  # PyTorch divides by zero there
    ours, schedule, theirs, reference = pair(name, optimizer, **options)
    assert_same_settings(ours, theirs)
    for _ in range(200):
        schedule.step()
        reference.step()
        assert_same_settings(ours, theirs)
        np.testing.assert_allclose(schedule.get_last_lr(), reference.get_last_lr(), rtol=1e-9, atol=1e-12)


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step")
@pytest.mark.parametrize("name", SCHEDULES)
@given(st.data())
def test_saved_in_the_middle_and_resumed_it_goes_on(name, data):
    options = data.draw(st.fixed_dictionaries(SCHEDULES[name]))
    assume(abs(options.get("pct_start", 0.5) * 200 - 1) > 1e-3)
    first, schedule, theirs, reference = pair(name, "SGD", **options)
    for _ in range(60):
        schedule.step()
        reference.step()
    for optimizer_state, state in (
        (first.state_dict(), schedule.state_dict()),
        (theirs.state_dict(), reference.state_dict()),  # PyTorch's will do as well
    ):
        resumed, again, _, _ = pair(name, "SGD", **options)
        again.load_state_dict(copy.deepcopy(state))
        assert_same_settings(resumed, first)
        resumed.load_state_dict(copy.deepcopy(optimizer_state))
        assert_same_settings(resumed, first)
        again.step()
        expected = copy.deepcopy(schedule)
        expected.step()
        assert again.get_last_lr() == pytest.approx(expected.get_last_lr(), rel=1e-9, abs=1e-12)


def test_a_schedule_made_after_loading_knows_the_first_rate():
    first = optim.SGD([Tensor([1.0])], lr=0.8)
    schedule = optim.lr_scheduler.StepLR(first, 1, gamma=0.5)
    schedule.step()
    resumed = optim.SGD([Tensor([1.0])], lr=0.1)
    resumed.load_state_dict(first.state_dict())
    again = optim.lr_scheduler.StepLR(resumed, 1, gamma=0.5)
    again.load_state_dict(schedule.state_dict())
    again.step()
    assert again.get_last_lr() == [0.2]


@pytest.mark.parametrize("pct_start", [0.0, 0.1, 1.0])
def test_a_cycle_whose_peak_is_its_first_or_last_step(pct_start):
    """Where PyTorch stops with a division by zero."""
    optimizer = optim.SGD([Tensor([1.0])])
    schedule = optim.lr_scheduler.OneCycleLR(optimizer, 1.0, epochs=2, steps_per_epoch=5, pct_start=pct_start)
    rates = []
    for _ in range(10):
        rates += schedule.get_last_lr()
        schedule.step()
    assert all(0 < rate <= 1 for rate in rates)


def test_errors():
    optimizer = optim.SGD([Tensor([1.0])], lr=0.1)
    one_cycle = optim.lr_scheduler.OneCycleLR
    for options, message in (
        ({"max_lr": 1.0, "epochs": 3}, "total_steps, or epochs and steps_per_epoch"),
        ({"max_lr": 1.0, "total_steps": 5, "pct_start": 30}, "pct_start must lie between 0 and 1, but it is 30"),
        ({"max_lr": [1.0, 2.0], "total_steps": 5}, "max_lr holds 2 rates for 1 parameter group"),
    ):
        with pytest.raises(ValueError, match=message):
            one_cycle(optimizer, **options)
    schedule = one_cycle(optimizer, 1.0, total_steps=1)
    schedule.step()  # after the last batch too, as a plain loop does
    with pytest.raises(ValueError, match=r"step 2 .*total_steps=1"):
        schedule.step()
    with pytest.raises(NotImplementedError):
        optim.lr_scheduler.LRScheduler(optimizer)
