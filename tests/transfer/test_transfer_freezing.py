"""What is frozen does not move, whatever training does: the statistics of batch normalisation neither."""

import copy
import pickle

import numpy as np
import pytest
import torch
from torch import nn

from coursekit import nets, transfer
from coursekit.training import fit

IMAGES = np.random.default_rng(0).normal(1, 2, (40, 3, 8, 8)).astype(np.float32)
LABELS = np.arange(40) % 3


class Branching(nn.Module):
    """A network of a learner's own: not a Sequential, a module inside a module, dropout by a function."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.Dropout(0.5))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        return self.head(self.pool(self.body(x)).flatten(1))


def plain():
    torch.manual_seed(0)
    return nets.plain_small(nn, 3, stages=((4,), (6,)), first_kernel=3)


@pytest.mark.parametrize("copied", [lambda m: m, copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_frozen_layers_survive_training_and_copying(copied):
    model = copied(transfer.freeze(Branching(), "body"))
    before = transfer.snapshot(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)
    fit(model, (IMAGES, LABELS), epochs=2, optimizer=optimizer)
    model.train()
    assert set(transfer.what_moved(model, before)) == {"head.weight", "head.bias"}
    assert not any(module.training for module in model.body.modules())
    assert model.training
    assert model.head.training


def test_without_freezing_the_statistics_move_though_no_parameter_does():
    model = Branching()
    model.body.requires_grad_(False)  # what is often taken for freezing
    before = transfer.snapshot(model)
    fit(model, (IMAGES, LABELS), epochs=1)
    assert set(transfer.what_moved(model, before)) == {
        *("head.weight", "head.bias"),
        *("body.1.running_mean", "body.1.running_var"),
    }


def test_gradients_from_before_are_forgotten():
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)
    for frozen in (False, True):
        if frozen:
            transfer.freeze(model, "0")
            before = transfer.snapshot(model)
        optimizer.zero_grad(set_to_none=False)
        model(torch.ones(2, 3)).square().sum().backward()
        optimizer.step()
    assert set(transfer.what_moved(model, before)) == {"1.weight", "1.bias"}


def test_all_of_a_model_can_be_frozen_and_unfrozen():
    model = transfer.freeze(plain())
    assert not model.train().training
    assert not any(p.requires_grad for p in model.parameters())
    transfer.unfreeze(model).train()
    assert all(module.training for module in model.modules())
    assert all(p.requires_grad for p in model.parameters())
    assert not any("train" in vars(module) for module in model.modules())


def test_unfreezing_from_a_layer_on():
    model = transfer.unfreeze(transfer.freeze(plain()), "conv2").train()
    learning = {name for name, p in model.named_parameters() if p.requires_grad}
    assert learning == {"conv2.weight", "norm2.weight", "norm2.bias", "classifier.weight", "classifier.bias"}
    assert (model.norm1.training, model.norm2.training) == (False, True)
    rows = {row["layer"]: row for row in transfer.what_learns(model)}
    assert (rows["norm1"]["statistics"], rows["norm2"]["statistics"]) == ("kept", "moving")
    assert (rows["conv1"]["learning"], rows["conv2"]["learning"]) == (0, 6 * 4 * 9)


def test_unfreezing_inside_a_module():
    model = transfer.unfreeze(transfer.freeze(Branching()), "body.1").train()
    assert [name for name, p in model.named_parameters() if not p.requires_grad] == ["body.0.weight", "body.0.bias"]
    assert model.body.training
    assert not model.body[0].training


def test_statistics_can_stay_while_the_rest_learns():
    model = transfer.unfreeze(transfer.freeze(plain()), statistics=False)
    before = transfer.snapshot(model)
    fit(model, (IMAGES, LABELS), epochs=1)
    moved = set(transfer.what_moved(model, before))
    assert "norm1.weight" in moved
    assert not any("running" in name for name in moved)


def test_unfreezing_what_was_never_frozen_changes_nothing():
    model = plain().train()
    transfer.unfreeze(model, "conv2")
    assert all(module.training for module in model.modules())


@pytest.mark.parametrize("call", [transfer.freeze, transfer.unfreeze])
def test_an_unknown_layer(call):
    with pytest.raises(ValueError, match=r"layer: 'conv9' is none of this network's; its layers are 'conv1'"):
        call(plain(), "conv9")
    with pytest.raises(TypeError, match="got dict"):
        call({}, "conv1")


def test_what_an_optimiser_forgets():
    model = plain()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    assert transfer.complaints(model, optimizer) == []
    model(torch.ones(4, 3, 8, 8)).sum().backward()
    model.conv1.weight.requires_grad_(False)
    (complaint,) = transfer.complaints(model, optimizer)
    assert complaint.startswith("conv1.weight is frozen, but keeps a gradient: momentum will move it")
    transfer.freeze(model, "conv1")
    assert transfer.complaints(model, optimizer) == []
    transfer.replace_head(model, 4)
    assert len(transfer.complaints(model, optimizer)) == 3


def test_a_snapshot_of_another_network():
    before = transfer.snapshot(plain())
    with pytest.raises(ValueError, match="snapshot of another network"):
        transfer.what_moved(Branching(), before)
