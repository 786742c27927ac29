"""Memory for training: by formula against sums by hand, and what PyTorch keeps against what its layers must keep."""

import numpy as np
import pytest
import torch

from coursekit import nets
from coursekit.counting import Influence, kept_for_backward, summary, training_memory


@pytest.fixture(scope="module")
def vgg():
    with torch.device("meta"):
        return nets.vgg16()


def test_the_sums_for_vgg(vgg):
    memory = training_memory(summary(vgg, (3, 224, 224)), batch_size=10)
    parameters = 4 * 138_357_544
    assert memory.parameters == memory.gradients == memory.optimiser == parameters
    assert memory.activations == 10 * 4 * 15_237_608
    assert memory.total == 3 * parameters + 10 * 4 * 15_237_608


@pytest.mark.parametrize(("optimiser", "states"), [("sgd", 0), ("momentum", 1), ("adam", 2)])
def test_optimisers_keep_what_they_keep(optimiser, states):
    table = summary(torch.nn.Linear(10, 7), (10,))
    memory = training_memory(table, 3, optimiser, bytes_per_number=2)
    assert (memory.parameters, memory.optimiser) == (2 * 77, states * 2 * 77)
    assert memory.activations == 3 * 2 * 17


def test_what_makes_no_sense_is_refused():
    table = summary(torch.nn.Linear(10, 7), (10,))
    with pytest.raises(ValueError, match="optimiser: got 'rmsprop'"):
        training_memory(table, 3, "rmsprop")
    with pytest.raises(ValueError, match="batch_size: got 0"):
        training_memory(table, 0)


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_a_relu_and_the_layer_after_it_share_what_they_keep(device):
    with torch.device(device):
        model = torch.nn.Sequential(torch.nn.Linear(10, 20), torch.nn.ReLU(), torch.nn.Linear(20, 5))
    assert kept_for_backward(model, (10,)) == 4 * (10 + 20)


def test_parameters_and_buffers_do_not_count():
    model = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3), torch.nn.BatchNorm2d(3)).eval()
    assert kept_for_backward(model, (2, 5, 5)) == 4 * (2 * 5 * 5 + 3 * 3 * 3)


def test_vgg_keeps_its_units_and_where_its_maxima_were(vgg):
    least = summary(vgg, (3, 224, 224)).activation_bytes
    assert least < kept_for_backward(vgg.train(), (3, 224, 224)) < 1.5 * least


def test_batch_normalisation_doubles_what_is_kept():
    with torch.device("meta"):
        model = nets.resnet50()
    least = summary(model, (3, 224, 224)).activation_bytes
    assert 1.7 * least < kept_for_backward(model.train(), (3, 224, 224)) < 2.3 * least


def test_the_core_of_an_influence():
    influence = Influence(np.array([[1.0, 6.0], [0.0, 3.0]]), range(2), range(2))
    assert [influence.core(share) for share in (0.5, 0.6, 0.61, 0.9, 0.95)] == [1, 1, 2, 2, 3]
