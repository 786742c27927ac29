"""Whatever looks into a network leaves it as it was: weights, averages, modes, gradients, hooks. After errors, too."""

import copy

import pytest
import torch
from test_inside_pictures import small_network

from coursekit.inside.adversarial import fgsm, loss_gradient
from coursekit.inside.borrowing import borrowed, output_at
from coursekit.inside.dream import dream
from coursekit.inside.inversion import invert
from coursekit.inside.maximise import maximise
from coursekit.inside.neighbours import codes

IMAGES = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
CALLS = {
    "maximise": lambda model: maximise(model, 0, canvas=8, steps=2),
    "maximise, layer": lambda model: maximise(model, [0, 1], "4", canvas=8, steps=2),
    "invert": lambda model: invert(model, "4", IMAGES, steps=2),
    "dream": lambda model: dream(model, "4", IMAGES[:1], octaves=2, steps=2),
    "codes": lambda model: codes(model, IMAGES, "4"),
    "loss_gradient": lambda model: loss_gradient(model, IMAGES, [0, 1]),
    "fgsm": lambda model: fgsm(model, IMAGES, [0, 1], 0.1, steps=2),
    "maximise, failing": lambda model: maximise(model, 99, canvas=8),
    "maximise, failing late": lambda model: maximise(model, lambda z: z[:, 0] * torch.nan, canvas=8),
    "maximise, no such layer": lambda model: maximise(model, 0, "nowhere", canvas=8),
    "invert, failing": lambda model: invert(model, "0", torch.rand(1, 5, 8, 8)),
    "dream, failing": lambda model: dream(model, "4", IMAGES[:1], channel=99),
    "codes, failing": lambda model: codes(model, torch.rand(1, 5, 8, 8)),
    "fgsm, failing": lambda model: fgsm(model, IMAGES, [0, 99], 0.1),
}


def in_odd_states():
    """A network half in training, partly closed to gradients, with gradients and a hook of somebody's own."""
    model = small_network()
    model.train()
    model[1].eval()
    model[4].weight.requires_grad_(False)
    for number, parameter in enumerate(model.parameters()):
        if number != 2:
            parameter.grad = torch.full_like(parameter, number + 1.0)
    model[0].register_forward_hook(lambda module, inputs, output: None)
    return model


def state_of(model):
    return {
        "numbers": {name: value.clone() for name, value in model.state_dict().items()},
        "modes": [module.training for module in model.modules()],
        "open": [parameter.requires_grad for parameter in model.parameters()],
        "gradients": [None if p.grad is None else p.grad.clone() for p in model.parameters()],
        "hooks": [[len(m._forward_hooks), len(m._backward_hooks), len(m._forward_pre_hooks)] for m in model.modules()],
    }


def differences(before, after):
    for name, value in before["numbers"].items():
        if not torch.equal(value, after["numbers"][name]):
            yield name
    for what in ("modes", "open", "hooks"):
        if before[what] != after[what]:
            yield what
    for old, new in zip(before["gradients"], after["gradients"], strict=True):
        if (old is None) != (new is None) or (old is not None and not torch.equal(old, new)):
            yield "gradients"


@pytest.mark.parametrize("name", CALLS)
def test_the_network_is_as_it_was(name):
    model = in_odd_states()
    before, images = state_of(model), IMAGES.clone()
    if "failing" in name or "no such" in name:
        with pytest.raises((ValueError, RuntimeError)):
            CALLS[name](model)
    else:
        CALLS[name](model)
    assert list(differences(before, state_of(model))) == []
    assert torch.equal(IMAGES, images)
    assert not IMAGES.requires_grad


@pytest.mark.parametrize(
    "harm",
    [
        lambda model: model[0].weight.data.mul_(1.01),
        lambda model: model[1].train(),
        lambda model: model[1].running_mean.add_(1),
        lambda model: model[4].weight.requires_grad_(True),
        lambda model: model[0].weight.grad.zero_(),
        lambda model: setattr(list(model.parameters())[2], "grad", torch.zeros(6)),
        lambda model: model[2].register_forward_hook(print),
    ],
)
def test_a_change_would_be_found(harm):
    model = in_odd_states()
    before = state_of(model)
    harm(model)
    assert list(differences(before, state_of(model)))


def test_nothing_depends_on_the_mode_it_is_called_in():
    model = small_network()
    pictures = []
    for mode in (True, False):
        twin = copy.deepcopy(model).train(mode)
        pictures.append(maximise(twin, 0, canvas=8, steps=3).images)
    torch.testing.assert_close(*pictures, rtol=0, atol=0)


def test_it_works_where_gradients_are_switched_off():
    with torch.no_grad():
        assert maximise(small_network(), 0, canvas=8, steps=2).images.shape == (1, 3, 8, 8)
        assert loss_gradient(small_network(), IMAGES, [0, 1]).abs().sum() > 0


def test_what_is_behind_the_layer_is_not_computed():
    model = small_network().eval()
    model[4].forward = None  # would fail if called
    assert output_at(model, "1", IMAGES).shape == (2, 6, 8, 8)


def test_a_layer_that_changes_in_place_does_not_spoil_what_was_kept():
    model = small_network().eval()
    assert (output_at(model, "1", IMAGES) < 0).any()  # the ReLU behind it works in place


def test_a_layer_that_is_never_called_is_named():
    model = torch.nn.Module()
    model.used, model.unused = torch.nn.Identity(), torch.nn.Identity()
    model.forward = lambda x: model.used(x)
    with pytest.raises(ValueError, match="'unused', but does not call it"):
        output_at(model, "unused", IMAGES)


def test_borrowed_in_borrowed():
    model = in_odd_states()
    before = state_of(model)
    with borrowed(model), borrowed(model):
        assert not any(module.training for module in model.modules())
    assert list(differences(before, state_of(model))) == []
