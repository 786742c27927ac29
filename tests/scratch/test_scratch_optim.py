"""Optimisers against PyTorch's, step for step."""

import numpy as np
import pytest
import torch

from coursekit.scratch import Tensor, nn, optim

SETTINGS = [
    {"lr": 0.05},
    {"lr": 0.05, "momentum": 0.9},
    {"lr": 0.05, "momentum": 0.9, "nesterov": True},
    {"lr": 0.05, "momentum": 0.8, "dampening": 0.3},
    {"lr": 0.05, "weight_decay": 0.1},
    {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.1, "nesterov": True},
    {"lr": 0.01, "momentum": 0.9, "maximize": True},
]


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("float64", 1e-12)])
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_sgd_takes_the_same_100_steps(settings, dtype, tolerance):
    rng = np.random.default_rng(0)
    start = [rng.normal(size=(3, 2)).astype(dtype), rng.normal(size=4).astype(dtype)]
    curvature = [rng.uniform(0.1, 2, size=a.shape).astype(dtype) for a in start]
    mine = [Tensor(a, requires_grad=True) for a in start]
    theirs = [torch.from_numpy(a.copy()).requires_grad_() for a in start]

    def loss(parameters, sines):
        return sum((c * (1 + p * p)).sum() for c, p in zip(sines, parameters, strict=True)) * 0.5

    ours, reference = optim.SGD(mine, **settings), torch.optim.SGD(theirs, **settings)
    tensors = [torch.from_numpy(c) for c in curvature]
    for step in range(100):
        if step == 50:  # where momentum with the rate inside would part from momentum with the rate outside
            ours.param_groups[0]["lr"] *= 0.1
            reference.param_groups[0]["lr"] *= 0.1
        for optimizer, parameters, c in ((ours, mine, curvature), (reference, theirs, tensors)):
            optimizer.zero_grad()
            loss(parameters, c).backward()
            optimizer.step()
        for p, q in zip(mine, theirs, strict=True):
            np.testing.assert_allclose(p.data, q.detach().numpy(), rtol=tolerance, atol=tolerance, err_msg=f"{step=}")


def test_groups_have_their_own_settings():
    a, b = Tensor([1.0], requires_grad=True), Tensor([1.0], requires_grad=True)
    optimizer = optim.SGD([{"params": [a]}, {"params": b, "lr": 1.0}], lr=0.1)
    (a + b).sum().backward()
    optimizer.step()
    np.testing.assert_allclose([a.item(), b.item()], [0.9, 0.0], atol=1e-7)
    optimizer.add_param_group({"params": [Tensor([1.0], requires_grad=True)], "lr": 0.5})
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 1.0, 0.5]


def test_parameters_without_a_gradient_stay():
    a = Tensor([1.0], requires_grad=True)
    optim.SGD([a], lr=1.0, momentum=0.9, weight_decay=0.5).step()
    assert a.item() == 1


def test_the_gradient_is_not_changed_and_the_array_stays_the_same_one():
    a = Tensor([1.0], requires_grad=True)
    array = a.data
    optimizer = optim.SGD([a], lr=0.1, momentum=0.9, weight_decay=0.5, nesterov=True)
    for _ in range(3):
        optimizer.zero_grad()
        (a * 2).sum().backward()
        optimizer.step()
        assert a.grad.item() == 2
    assert a.data is array


def test_momentum_is_a_memory_of_its_own():
    """Not the first gradient's array: zeroing gradients in place must leave it alone."""
    a, b = Tensor([1.0], requires_grad=True), torch.ones(1, requires_grad=True)
    for parameter, optimizer in (
        (a, optim.SGD([a], lr=0.1, momentum=0.9)),
        (b, torch.optim.SGD([b], lr=0.1, momentum=0.9)),
    ):
        for _ in range(4):
            optimizer.zero_grad(set_to_none=False)
            (parameter * parameter).sum().backward()
            optimizer.step()
    assert a.item() == pytest.approx(b.item(), abs=1e-6)


def test_zero_grad():
    a = Tensor([1.0], requires_grad=True)
    optimizer = optim.SGD([a], lr=0.1)
    (a * 2).sum().backward()
    optimizer.zero_grad(set_to_none=False)
    assert a.grad.item() == 0
    optimizer.zero_grad()
    assert a.grad is None


def test_printing_names_the_settings():
    ours = repr(optim.SGD(nn.Linear(2, 1).parameters(), lr=0.1, momentum=0.9))
    for part in ("SGD (", "Parameter Group 0", "    lr: 0.1", "    momentum: 0.9", "    nesterov: False"):
        assert part in ours


def test_errors():
    a = Tensor([1.0], requires_grad=True)
    with pytest.raises(ValueError, match="empty"):
        optim.SGD([])
    with pytest.raises(ValueError, match="lr must not be negative, but it is -1"):
        optim.SGD([a], lr=-1)
    with pytest.raises(ValueError, match="nesterov"):
        optim.SGD([a], lr=0.1, nesterov=True)
    with pytest.raises(ValueError, match="leaf"):
        optim.SGD([a * 2], lr=0.1)
    with pytest.raises(ValueError, match="more than one"):
        optim.SGD([{"params": [a]}, {"params": [a]}], lr=0.1)
    a.grad = Tensor([1.0])
    unfinished = optim.Optimizer([a], {})
    with pytest.raises(NotImplementedError):
        unfinished.step()
