"""Going back from a unit to the pixels: captum's pictures to the last bit, on any network, which is left alone."""

import copy
import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from coursekit import nets
from coursekit.inside import (
    Backward,
    deconvnet,
    feature_maps,
    grad_cam,
    guided_backprop,
    saliency,
    strongest,
    trace_back,
)
from coursekit.inside.rectifiers import RULES


def plain(inplace=False):
    return nn.Sequential(
        *(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(inplace), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 12, 3, padding=1), nn.ReLU(inplace), nn.MaxPool2d(3, stride=2)),
        *(nn.Conv2d(12, 10, 3), nn.ReLU(inplace), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(10, 5)),
    )


class Reused(nn.Module):
    """One rectifier for all layers, a shortcut, and a name for each layer."""

    def __init__(self, rectifier):
        super().__init__()
        self.first, self.second, self.third = (
            nn.Conv2d(3, 6, 3, padding=1),
            nn.Conv2d(6, 6, 3, padding=1),
            nn.Linear(6, 4),
        )
        self.norm = nn.BatchNorm2d(6)
        self.rectifier = rectifier

    def forward(self, x):
        x = self.rectifier(self.first(x))
        x = self.rectifier(self.norm(self.second(x)) + x)
        return self.third(F.adaptive_avg_pool2d(x, 1).flatten(1))


RECTIFIERS = {
    "module": nn.ReLU(),
    "module in place": nn.ReLU(inplace=True),
    "function": F.relu,
    "function in place": lambda x: F.relu(x, inplace=True),
    "torch": torch.relu,
    "torch in place": torch.relu_,
    "method": lambda x: x.relu(),
    "clamp": lambda x: x.clamp(min=0),
    "clamp_min": lambda x: torch.clamp_min(x, 0),
}


def stirred(model, seed=0):
    """Weights and statistics of batch normalisation that are nothing special."""
    torch.manual_seed(seed)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, -1, 1)
            nn.init.normal_(module.bias)
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    return model


def images(n=4, size=16, seed=1):
    return torch.randn(n, 3, size, size, generator=torch.Generator().manual_seed(seed))


# ------------------------------------------------------------------------------------------------- what comes back


@pytest.mark.parametrize("build", [plain, lambda: Reused(nn.ReLU())], ids=["plain", "shortcut"])
@pytest.mark.parametrize(
    ("rule", "name"), [("deconvnet", "Deconvolution"), ("guided", "GuidedBackprop"), ("gradient", "Saliency")]
)
def test_captum_gives_the_same_picture(build, rule, name):
    attr = pytest.importorskip("captum.attr")
    model, x, units = stirred(build()).eval(), images(), torch.tensor([0, 3, 1, 1])
    if isinstance(model, Reused) and rule != "gradient":  # captum cannot follow a module that is used twice
        separate = copy.deepcopy(model)
        separate.forward = lambda x, m=separate: m.third(
            F.adaptive_avg_pool2d(m.rectifiers[1](m.norm(m.second(y := m.rectifiers[0](m.first(x)))) + y), 1).flatten(1)
        )
        separate.rectifiers = nn.ModuleList([nn.ReLU(), nn.ReLU()])
    else:
        separate = model
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kwargs = {"abs": False} if rule == "gradient" else {}
        theirs = getattr(attr, name)(separate).attribute(x.clone().requires_grad_(), target=units, **kwargs)
    ours = trace_back(model, x, units, rule=rule)
    assert theirs.abs().max() > 0
    assert torch.equal(ours, theirs.detach())


@pytest.mark.parametrize(("rule", "name"), [("deconvnet", "NeuronDeconvolution"), ("guided", "NeuronGuidedBackprop")])
def test_captum_gives_the_same_picture_of_a_unit_inside(rule, name):
    attr = pytest.importorskip("captum.attr")
    model, x = stirred(plain()).eval(), images()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = getattr(attr, name)(model, model[5]).attribute(x.clone().requires_grad_(), neuron_selector=(3, 4, 2))
    assert torch.equal(trace_back(model, x, 3, "5", [(4, 2)] * 4, rule), theirs.detach())


def test_by_hand_unpool_rectify_filter():
    """The deconvnet as Zeiler and Fergus describe it: switches, rectifiers, transposed convolutions."""
    model, x = stirred(plain()).eval(), images(2)
    model[6] = nn.MaxPool2d(2)  # windows side by side, as unpooling wants them
    conv1, norm, conv2 = model[0], model[1], model[4]
    with torch.no_grad():
        map1 = F.relu(norm(conv1(x)))
        pooled1, switches1 = F.max_pool2d(map1, 2, return_indices=True)
        map2 = F.relu(conv2(pooled1))
        pooled2, switches2 = F.max_pool2d(map2, 2, return_indices=True)
        signal = torch.zeros_like(pooled2)
        signal[:, 7, 1, 2] = 1
        signal = F.relu(F.max_unpool2d(signal, switches2, 2))
        signal = F.conv_transpose2d(signal, conv2.weight, padding=1)
        signal = F.relu(F.max_unpool2d(signal, switches1, 2))
        signal = signal * (norm.weight / (norm.running_var + norm.eps).sqrt())[:, None, None]
        by_hand = F.conv_transpose2d(signal, conv1.weight, padding=1)
    ours = deconvnet(model, x, 7, "6", [(1, 2)] * 2)
    assert by_hand.abs().max() > 0
    torch.testing.assert_close(ours, by_hand)


@pytest.mark.parametrize("rectifier", RECTIFIERS.values(), ids=RECTIFIERS)
@pytest.mark.parametrize("rule", RULES)
def test_it_does_not_matter_how_a_rectifier_is_written(rectifier, rule):
    expected_model = stirred(Reused(nn.ReLU()))
    model = Reused(rectifier)
    model.load_state_dict(expected_model.state_dict())
    expected = trace_back(expected_model, images(), [0, 1, 2, 3], rule=rule)
    assert expected.abs().max() > 0
    torch.testing.assert_close(trace_back(model, images(), [0, 1, 2, 3], rule=rule), expected)


def test_the_rules_differ_as_the_numbers_of_the_chapter_say():
    for rule, expected in {"gradient": [-3.0, 0.0], "deconvnet": [0.0, 4.0], "guided": [0.0, 0.0]}.items():
        for rectify in RECTIFIERS.values():
            x = torch.tensor([2.0, -1.0], requires_grad=True)
            with Backward(rule):
                rectify(x * 1).backward(torch.tensor([-3.0, 4.0]))
            assert x.grad.tolist() == expected


def test_what_goes_forward_is_the_same():
    model, x = stirred(plain()).eval(), images()
    expected = model(x)
    for rule in RULES:
        with Backward(rule), torch.no_grad():
            assert torch.equal(model(x), expected)


@pytest.mark.parametrize("six", [nn.ReLU6(), F.relu6, nn.Hardtanh(0.0, 6.0), lambda x: x.clamp(0, 6)])
def test_relu6_lets_nothing_through_above_six_when_guided(six):
    x = torch.tensor([-1.0, 3.0, 7.0], requires_grad=True)
    for rule, expected in {"gradient": [0, 1, 0], "deconvnet": [1, 1, 1], "guided": [0, 1, 0]}.items():
        x.grad = None
        with Backward(rule):
            six(x * 1).sum().backward()
        assert x.grad.tolist() == expected


@pytest.mark.parametrize(
    "other", [torch.tanh, F.gelu, nn.Hardtanh(), lambda x: x.clamp(-1, 1), lambda x: F.leaky_relu(x)]
)
def test_other_activations_keep_their_derivative(other):
    gradients = []
    for rule in RULES:
        x = torch.tensor([-0.5, 0.5, 2.0], requires_grad=True)
        with Backward(rule):
            other(x).backward(torch.tensor([1.0, -1.0, 1.0]))
        gradients.append(x.grad.tolist())
    assert gradients[0] == gradients[1] == gradients[2]


def test_outside_nothing_has_changed():
    x = torch.tensor([2.0, -1.0], requires_grad=True)
    with pytest.raises(RuntimeError, match="on purpose"), Backward("guided"):
        raise RuntimeError("on purpose")
    torch.relu(x).backward(torch.tensor([-3.0, 4.0]))
    assert x.grad.tolist() == [-3.0, 0.0]


def test_grad_cam_is_captums():
    attr = pytest.importorskip("captum.attr")
    model, x = stirred(plain(inplace=True)).eval(), images()
    theirs = attr.LayerGradCam(model, model[7]).attribute(x, target=2, relu_attributions=True)
    theirs = F.interpolate(theirs, x.shape[2:], mode="bilinear")[:, 0]
    assert theirs.max() > 0
    torch.testing.assert_close(grad_cam(model, x, "7", 2), theirs.detach())


def test_saliency_takes_the_winning_class_by_itself():
    model, x = stirred(plain()).eval(), images()
    assert torch.equal(saliency(model, x), saliency(model, x, model(x).argmax(1)))
    assert torch.equal(grad_cam(model, x, "5"), grad_cam(model, x, "5", model(x).argmax(1)))


@pytest.mark.parametrize("size", [8, 11, 32])
def test_images_of_any_size(size):
    model = stirred(plain())
    for picture in (deconvnet, guided_backprop):
        assert picture(model, images(2, size), 3, "2").shape == (2, 3, size, size)


def test_numpy_is_welcome():
    model = stirred(plain())
    expected = deconvnet(model, images(), 3, "2")
    np.testing.assert_array_equal(deconvnet(model, images().numpy(), 3, "2"), expected)


# ------------------------------------------------------------------------------------------- the model is left alone


def state(model):
    return {
        "numbers": {key: value.clone() for key, value in model.state_dict().items()},
        "modes": [module.training for module in model.modules()],
        "hooks": [(len(m._forward_hooks), len(m._forward_pre_hooks), len(m._backward_hooks)) for m in model.modules()],
        "gradients": [None if p.grad is None else p.grad.clone() for p in model.parameters()],
        "open": [p.requires_grad for p in model.parameters()],
    }


def same(a, b):
    assert a["modes"] == b["modes"]
    assert a["hooks"] == b["hooks"]
    assert a["open"] == b["open"]
    assert all(torch.equal(a["numbers"][key], b["numbers"][key]) for key in a["numbers"])
    for before, after in zip(a["gradients"], b["gradients"], strict=True):
        assert (before is None and after is None) or torch.equal(before, after)


USES = {
    "trace_back": lambda model, x: trace_back(model, x, 1),
    "deconvnet": lambda model, x: deconvnet(model, x, 1, "5", [(0, 0)] * len(x)),
    "guided": lambda model, x: guided_backprop(model, x, 1, "8"),
    "saliency": saliency,
    "grad_cam": lambda model, x: grad_cam(model, x, "7"),
    "feature_maps": feature_maps,
    "strongest": lambda model, x: strongest(model, x, "5", k=2).project(model, x),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("inplace", [False, True])
def test_the_model_is_left_as_it_was(use, inplace):
    model, x = stirred(plain(inplace)).train(), images()
    model[1].eval()  # as one does who tunes all but the batch normalisation
    model[4].weight.requires_grad_(False)
    model(x).sum().backward()
    before, seen = state(model), x.clone()
    first = use(model, x)
    same(before, state(model))
    assert torch.equal(x, seen)
    second = use(model, x)
    if torch.is_tensor(first):
        assert torch.equal(first, second)  # nothing adds up from call to call
        assert not first.requires_grad


class Fails(nn.Module):
    def forward(self, x):
        raise RuntimeError("on purpose")


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_after_an_exception_too(use):
    model = stirred(plain()).train()
    model[0].bias.requires_grad_(False)
    model.insert(4, Fails())
    before = state(model)
    with pytest.raises(RuntimeError, match="on purpose"):
        use(model, images())
    same(before, state(model))


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_within_no_grad(context):
    model = stirred(plain())
    expected = deconvnet(model, images(), 2, "5")
    with context():
        found = deconvnet(model, images(), 2, "5")
    assert torch.equal(found, expected)


# ---------------------------------------------------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m, x: deconvnet(m, x, 12, "5"), r"this layer has the units 0 to 11, got \[12"),
        (lambda m, x: deconvnet(m, x, -1, "5"), "this layer has the units 0 to 11"),
        (lambda m, x: deconvnet(m, x, 0, "5", [(8, 0)] * 4), "the maps of this layer are 8 × 8"),
        (lambda m, x: deconvnet(m, x, 0, "conv"), "'conv' is none of this network's"),
        (lambda m, x: trace_back(m, x, 0, rule="deconv"), "expected one of gradient, deconvnet, guided, got 'deconv'"),
        (lambda m, x: deconvnet(m, x[0], 0), r"expected shape \(N, C, H, W\), got \(3, 16, 16\)"),
        (lambda m, x: grad_cam(m, x, "10"), "gives no feature maps"),
        (lambda m, x: grad_cam(m, x, "conv"), "'conv' is none of this network's"),
    ],
)
def test_mistakes_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(stirred(plain()), images())


def test_a_network_of_the_course_in_one_call():
    model = nets.trained("cifar10-residual-8", nn)
    assert deconvnet(model, images(2, 32), 3).shape == (2, 3, 32, 32)
