"""Sequential and ModuleList: lists of layers, with PyTorch's keys and printing."""

from collections import OrderedDict

import numpy as np
import pytest
import torch

from coursekit.scratch import nn


def both(build):
    mine, theirs = build(nn), build(torch.nn)
    assert repr(mine) == repr(theirs)
    assert list(mine.state_dict()) == list(theirs.state_dict())
    assert len(mine) == len(theirs)
    mine.load_state_dict(theirs.state_dict())
    return mine, theirs


@pytest.mark.parametrize("kind", ["Sequential", "ModuleList"])
def test_indexing_as_in_pytorch(kind):
    def build(nn):
        layers = [nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 4), nn.Tanh()]
        return nn.Sequential(*layers) if kind == "Sequential" else nn.ModuleList(layers)

    mine, theirs = both(build)
    assert list(mine) == [mine[i] for i in range(4)]
    assert mine[-1] is mine[3]
    for part in (slice(1, 3), slice(-2, None), slice(None, None, 2)):
        assert type(mine[part]) is type(mine)
        assert repr(mine[part]) == repr(theirs[part])
        assert list(mine[part].state_dict()) == list(theirs[part].state_dict())
        assert list(mine[part]) == list(mine)[part]  # the layers themselves, not copies
    with pytest.raises(IndexError):
        mine[4]


@pytest.mark.parametrize("kind", ["Sequential", "ModuleList"])
def test_append_extend_and_replace(kind):
    def build(nn):
        model = getattr(nn, kind)()
        assert model.append(nn.Linear(2, 3)) is model
        model.extend([nn.ReLU(), nn.Linear(3, 3)]).append(nn.Sequential(nn.Linear(3, 1)))
        model[0] = nn.Linear(5, 3, bias=False)
        model[-1] = nn.Linear(3, 2)
        return model

    mine, _ = both(build)
    assert len(list(mine.parameters())) == 5


def test_a_layer_may_stand_there_twice():
    def build(nn):
        layer, relu = nn.Linear(3, 3), nn.Tanh()
        return nn.Sequential(layer, relu, layer, relu, nn.Linear(3, 2), relu)

    mine, theirs = both(build)
    x = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    np.testing.assert_allclose(mine(x).detach().numpy(), theirs(torch.from_numpy(x)).detach().numpy(), atol=1e-6)
    assert len(list(mine.parameters())) == len(list(theirs.parameters())) == 4


def test_names_stay_in_a_slice_of_a_sequential():
    mine, theirs = both(
        lambda nn: nn.Sequential(OrderedDict(first=nn.Linear(2, 3), then=nn.ReLU(), last=nn.Linear(3, 1)))
    )
    assert list(mine[1:].state_dict()) == list(theirs[1:].state_dict()) == ["last.weight", "last.bias"]


def test_a_list_is_found_by_the_module_that_holds_it():
    def build(nn):
        class Tower(nn.Module):
            def __init__(self):
                super().__init__()
                self.floors = nn.ModuleList([nn.Linear(2, 2, bias=i != 1) for i in range(3)])
                self.roof = nn.Linear(2, 1)

            def forward(self, x):
                for floor in self.floors:
                    x = floor(x) + x
                return self.roof(x)

            def __len__(self):
                return 4

        return Tower()

    mine, theirs = both(build)
    x = np.ones((5, 2), np.float32)
    np.testing.assert_allclose(mine(x).detach().numpy(), theirs(torch.from_numpy(x)).detach().numpy(), atol=1e-6)


def test_only_modules_go_in():
    for model in (nn.Sequential(), nn.ModuleList()):
        with pytest.raises(TypeError):
            model.append("a layer")
    with pytest.raises(NotImplementedError):
        nn.ModuleList([nn.ReLU()])(np.zeros(3))
