"""Tracing lists the layers of a network with the shapes that it really has, and leaves the network alone."""

import pytest
import torch
from torch import nn

from coursekit import nets


@pytest.fixture
def googlenet():
    with torch.device("meta"):
        return nets.googlenet()


def test_shapes_are_those_of_the_model(googlenet):
    expected, hooks = {}, []
    for name in ("conv1", "inception3a.branch4", "inception5b"):
        hook = lambda module, inputs, output, name=name: expected.update({name: tuple(output.shape[1:])})  # noqa: E731
        hooks.append(googlenet.get_submodule(name).register_forward_hook(hook))
    googlenet.eval()(torch.zeros(1, 3, 224, 224, device="meta"))
    for hook in hooks:
        hook.remove()
    found = {node.name: node.meta["shape"] for node in nets.traced(googlenet, (3, 224, 224)).graph.nodes}
    assert found["conv1_relu"] == expected["conv1"] == (64, 112, 112)
    assert found["inception3a_branch4_1_relu"] == expected["inception3a.branch4"]
    assert found["cat_8"] == expected["inception5b"] == (1024, 7, 7)


def test_the_module_is_left_as_it_was(googlenet):
    googlenet.train()
    googlenet.aux1.eval()
    nets.traced(googlenet, (3, 224, 224))
    assert googlenet.training
    assert not googlenet.aux1.training
    assert next(googlenet.parameters()).is_meta


def test_running_statistics_stay():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    nets.traced(model, (3, 8, 8))
    assert (model[1].running_mean == 0).all()
    assert model[1].num_batches_tracked == 0
