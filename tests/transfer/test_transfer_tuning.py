"""A new head, and rates that differ between head and body."""

import numpy as np
import pytest
import torch
from torch import nn

from coursekit import nets, transfer

RNG = np.random.default_rng(0)
IMAGES = RNG.normal(size=(40, 3, 8, 8)).astype(np.float32)
LABELS = np.arange(40) % 3


def network():
    torch.manual_seed(0)
    return nets.plain_small(nn, 10, stages=((4,), (6,)), first_kernel=3)


def test_the_head_is_the_last_linear_layer():
    model = network()
    assert transfer.replace_head(model, 3) == "classifier"
    assert model(torch.from_numpy(IMAGES)).shape == (40, 3)


@pytest.mark.parametrize("name", ["cifar10-two-convolutions", "cifar10-residual-8"])
def test_of_networks_that_come_with_the_course(name):
    model = nets.trained(name, nn)
    head = transfer.replace_head(model, 4)
    assert model(torch.zeros(2, 3, 32, 32)).shape == (2, 4)
    model.get_submodule(head)


def test_a_head_inside_a_module():
    model = nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(192, 8), nn.ReLU(), nn.Linear(8, 10), nn.Identity()))
    assert transfer.replace_head(model, 3) == "1.2"
    assert model[1][2].out_features == 3


def test_a_probe_becomes_the_head():
    model = network()
    found = transfer.features(model, IMAGES, "flatten")
    probe = transfer.linear_probe(found, LABELS)
    transfer.replace_head(model, probe.head())
    logits = model.eval()(torch.from_numpy(IMAGES)).detach()
    np.testing.assert_allclose(logits, probe.scores(found), rtol=1e-3, atol=1e-4)


def test_a_head_goes_where_the_network_is():
    model = network().double()
    transfer.replace_head(model, 3)
    assert model.classifier.weight.dtype == torch.float64


@pytest.mark.parametrize(
    ("model", "head", "error", "message"),
    [
        (
            nn.Sequential(nn.Conv2d(3, 4, 3)),
            3,
            ValueError,
            "has no fully connected layer to replace; put one behind it",
        ),
        (nn.Linear(3, 4), 3, ValueError, "has no fully connected layer to replace"),
        (network(), 1, ValueError, "must be at least 2, not 1"),
        (network(), True, TypeError, "expected a number of classes or a layer, got bool"),
        (network(), nn.Linear(5, 3), ValueError, "takes 5 features, the network gives 6"),
    ],
)
def test_heads_that_do_not_fit(model, head, error, message):
    with pytest.raises(error, match=message):
        transfer.replace_head(model, head)


def test_rates_of_head_and_body():
    model, seen = network(), []
    head = transfer.replace_head(model, 3)

    def watched(groups):
        seen.extend(groups)
        return torch.optim.SGD(groups)

    before = transfer.snapshot(model)
    transfer.fine_tune(model, (IMAGES, LABELS), head, lr=0.2, body_lr=0.01, make_optimizer=watched, batch_size=40)
    assert [(group["lr"], len(group["params"])) for group in seen] == [(0.2, 2), (0.01, 6)]
    x, y = torch.from_numpy(IMAGES), torch.from_numpy(LABELS)
    other = network()
    transfer.replace_head(other, 3)
    other.load_state_dict(before)
    nn.functional.cross_entropy(other(x), y).backward()  # one step, by hand
    for name, p in other.named_parameters():
        rate = 0.2 if name.startswith("classifier") else 0.01
        expected = before[name] - rate * p.grad
        torch.testing.assert_close(dict(model.named_parameters())[name].detach(), expected, atol=1e-5, rtol=1e-4)


def test_a_tenth_for_the_body_unless_said():
    model, rates = network(), []

    def watched(groups):
        rates.extend(group["lr"] for group in groups)
        return torch.optim.SGD(groups)

    transfer.fine_tune(model, (IMAGES, LABELS), "classifier", lr=0.05, make_optimizer=watched)
    assert rates == pytest.approx([0.05, 0.005])


def test_a_scheduler_changes_both_alike():
    optimizers = []

    def make(optimizer):
        optimizers.append(optimizer)
        return torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)

    transfer.fine_tune(network(), (IMAGES, LABELS), "classifier", lr=0.04, make_scheduler=make, epochs=2)
    assert [group["lr"] for group in optimizers[0].param_groups] == pytest.approx([0.01, 0.001])


def test_frozen_bodies_stay():
    model = transfer.unfreeze(transfer.freeze(network()), "classifier")
    before = transfer.snapshot(model)
    history = transfer.fine_tune(model, (IMAGES, LABELS), "classifier", lr=0.1, epochs=3)
    assert set(transfer.what_moved(model, before)) == {"classifier.weight", "classifier.bias"}
    assert len(history.epochs) == 3


def test_gradual_unfreezing():
    model, moved = transfer.freeze(network()), []
    for layers in (["classifier"], ["conv2"], ["conv1"]):
        before = transfer.snapshot(model)
        transfer.unfreeze_gradually(model, (IMAGES, LABELS), "classifier", layers, lr=0.1)
        moved.append({name.split(".")[0] for name in transfer.what_moved(model, before)})
    assert moved == [
        {"classifier"},
        {"conv2", "norm2", "classifier"},
        {"conv1", "norm1", "conv2", "norm2", "classifier"},
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"head": "fc"}, "head: there is no layer 'fc' that learns; this network consists of 'conv1'"),
        ({"lr": 0}, "lr: must be greater than 0, not 0; to keep layers as they are, freeze them"),
        ({"body_lr": -0.1}, "body_lr: must be greater than 0"),
        ({"optimizer": None}, "optimizer: is made here for groups of parameters; use make_optimizer"),
    ],
)
def test_settings_that_make_no_sense(options, message):
    with pytest.raises(ValueError, match=message):
        transfer.fine_tune(network(), (IMAGES, LABELS), **{"head": "classifier", **options})


def test_stages_in_the_wrong_order():
    with pytest.raises(ValueError, match="'classifier' comes after 'conv2' in the network; name them from the head"):
        transfer.unfreeze_gradually(network(), (IMAGES, LABELS), "classifier", ["conv2", "classifier"])


def test_a_frozen_head_is_no_head():
    with pytest.raises(ValueError, match="head: there is no layer 'classifier' that learns"):
        transfer.fine_tune(transfer.freeze(network()), (IMAGES, LABELS), "classifier")
