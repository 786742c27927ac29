"""Layers and models: PyTorch's names, keys, printing, numbers; weights that pass both ways."""

import copy
import pickle
from collections import OrderedDict

import numpy as np
import pytest
import torch
from oracle import TOLERANCE, assert_close

from coursekit.scratch import Tensor, init, manual_seed, nn
from coursekit.scratch import functional as F


class Branches(torch.nn.Module):
    """A model that is not a chain: two branches that are added, and a layer used twice."""

    def __init__(self, nn=torch.nn):
        super().__init__()
        self.left = nn.Linear(4, 5, bias=False)
        self.right = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 5))
        self.shared = nn.Linear(5, 5)

    def forward(self, x):
        return self.shared(self.shared(self.left(x) + self.right(x)))


def branches(kind):
    if kind is torch.nn:
        return Branches()
    return type("Branches", (nn.Module,), {"__init__": scratch_init, "forward": Branches.forward})()


def scratch_init(self):
    nn.Module.__init__(self)
    self.left = nn.Linear(4, 5, bias=False)
    self.right = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 5))
    self.shared = nn.Linear(5, 5)


MODELS = {
    "softmax regression": (lambda nn: nn.Sequential(nn.Flatten(), nn.Linear(12, 3)), (5, 1, 3, 4)),
    "mlp": (lambda nn: nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 6), nn.Sigmoid()), (5, 4)),
    "lenet-like": (
        lambda nn: nn.Sequential(
            nn.Conv2d(2, 3, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(3, 4, (3, 2), stride=(2, 1), bias=False),
            nn.Tanh(),
            nn.AvgPool2d(2, stride=1),
            nn.Flatten(),
            nn.Linear(8, 5),
            nn.LogSoftmax(dim=1),
        ),
        (3, 2, 11, 9),
    ),
    "grouped": (lambda nn: nn.Conv2d(4, 6, 3, dilation=2, groups=2, padding="same"), (2, 4, 7, 6)),
    "branches": (branches, (5, 4)),
}


def pair_of_models(name, dtype="float32"):
    build, shape = MODELS[name]
    mine, theirs = build(nn), build(torch.nn)
    if dtype == "float64":
        mine, theirs = mine.double(), theirs.double()
    x = np.random.default_rng(0).normal(size=shape).astype(dtype)
    return mine, theirs, x


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", sorted(MODELS))
@pytest.mark.parametrize("way", ["from torch", "to torch"])
def test_weights_pass_both_ways_and_models_agree(name, dtype, way):
    mine, theirs, x = pair_of_models(name, dtype)
    if way == "from torch":
        mine.load_state_dict(theirs.state_dict())
    else:
        theirs.load_state_dict({k: torch.from_numpy(v) for k, v in mine.state_dict().items()})
    out, expected = mine(x), theirs(torch.from_numpy(x))
    assert_close(out.detach().numpy(), expected.detach().numpy(), TOLERANCE[dtype], "output")
    (out * out).sum().backward()
    (expected * expected).sum().backward()
    names = [key for key, _ in theirs.named_parameters()]
    assert [key for key, _ in mine.named_parameters()] == names
    for (key, p), q in zip(mine.named_parameters(), theirs.parameters(), strict=True):
        assert_close(p.grad.data, q.grad.numpy(), TOLERANCE[dtype], key)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_keys_and_printing_are_those_of_pytorch(name):
    mine, theirs, _ = pair_of_models(name)
    assert list(mine.state_dict()) == list(theirs.state_dict())
    assert repr(mine) == repr(theirs)


LAYERS = [
    "Linear(3, 4)",
    "Linear(3, 4, bias=False)",
    "Conv2d(3, 4, 5)",
    "Conv2d(3, 4, (5, 3), stride=2, padding=(1, 0), dilation=2, bias=False)",
    "Conv2d(4, 4, 3, padding='same', groups=4)",
    "MaxPool2d(2)",
    "MaxPool2d((3, 2), stride=1, padding=1)",
    "AvgPool2d(3, 2, 1)",
    "Flatten()",
    "ReLU()",
    "LeakyReLU()",
    "LeakyReLU(0.2)",
    "GELU()",
    "Embedding(7, 3)",
    "Sigmoid()",
    "Tanh()",
    "Softmax(dim=1)",
    "LogSoftmax(dim=-1)",
    "Identity()",
    "CrossEntropyLoss()",
    "BCEWithLogitsLoss()",
    "NLLLoss()",
    "MSELoss(reduction='sum')",
    "Sequential()",
    "Sequential(Linear(2, 3), Sequential(ReLU(), Linear(3, 1)))",
]


@pytest.mark.parametrize("layer", LAYERS)
def test_layers_print_as_in_pytorch(layer):
    assert repr(eval(layer, vars(nn).copy())) == repr(eval(layer, vars(torch.nn).copy()))


@pytest.mark.parametrize("layer", ["Linear(300, 200)", "Conv2d(20, 30, 5)", "Conv2d(20, 30, 3, groups=5)"])
def test_layers_start_like_those_of_pytorch(layer):
    """The same distribution: forty layers of each, because a single layer's few biases say little about theirs."""
    manual_seed(0)
    torch.manual_seed(0)
    mine = [eval(layer, vars(nn).copy()) for _ in range(40)]
    theirs = [eval(layer, vars(torch.nn).copy()) for _ in range(40)]
    for ours in zip(*(model.parameters() for model in mine), strict=True):
        assert {p.dtype for p in ours} == {np.dtype(np.float32)}
    for name in mine[0].state_dict():
        p = np.stack([model.state_dict()[name] for model in mine])
        q = np.stack([model.state_dict()[name].numpy() for model in theirs])
        bound = np.abs(q).max()
        assert abs(np.abs(p).max() - bound) < 0.05 * bound
        assert abs(p.std() - q.std()) < 0.05 * bound
        assert abs(p.mean() - q.mean()) < 0.05 * bound
    w = next(mine[0].parameters()).data
    assert np.abs(w).max() <= 1 / np.sqrt(w[0].size)


def test_same_seed_same_weights_at_either_precision():
    manual_seed(3)
    first = nn.Linear(5, 4)
    manual_seed(3)
    np.testing.assert_array_equal(first.weight.data, nn.Linear(5, 4).weight.data)
    manual_seed(3)
    weight = init.kaiming_uniform_(Tensor(np.empty((4, 5))), a=5**0.5)
    assert weight.dtype == np.float64
    np.testing.assert_array_equal(first.weight.data, weight.data.astype(np.float32))
    assert not np.array_equal(first.weight.data, nn.Linear(5, 4).weight.data)


def test_load_state_dict_names_every_problem_and_changes_nothing():
    model = nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 1))
    before = copy.deepcopy(model.state_dict())
    state = {"0.weight": np.zeros((2, 3)), "0.bias": np.zeros(3), "2.weight": np.zeros((1, 2)), "extra": np.zeros(1)}
    with pytest.raises(RuntimeError) as error:
        model.load_state_dict(state)
    for part in ("missing key: 2.bias", "unexpected key: extra", "0.bias has shape (2,) here, but (3,)"):
        assert part in str(error.value)
    for key, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[key])
    model.load_state_dict({"0.weight": np.ones((2, 3)), "extra": 0}, strict=False)
    assert (model[0].weight.data == 1).all()


def test_loading_copies_and_keeps_the_type():
    model, source = nn.Linear(3, 2), np.ones((2, 3))
    weight = model.weight.data
    model.load_state_dict({"weight": source, "bias": [1, 2]})
    source[...] = 7
    assert model.weight.data is weight, "optimizers and views must keep seeing the same array"
    assert (weight == 1).all()
    assert weight.dtype == np.float32


def test_state_dict_follows_training_like_that_of_pytorch():
    model = nn.Linear(3, 2)
    state = model.state_dict()
    init.zeros_(model.weight)
    assert not state["weight"].any()


def test_shared_parameters_are_counted_once():
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    model[1].weight = model[0].weight
    assert [name for name, _ in model.named_parameters()] == ["0.weight", "0.bias", "1.bias"]
    assert list(model.state_dict()) == ["0.weight", "0.bias", "1.weight", "1.bias"]


def test_train_and_eval_reach_every_module():
    model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.ReLU()))
    assert model.eval() is model
    assert [m.training for m in model.modules()] == [False] * 4
    model.train()
    assert all(m.training for m in model.modules())


def test_freeze_and_zero_grad():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    model[0].requires_grad_(False)
    model(np.ones((4, 2), np.float32)).sum().backward()
    assert model[0].weight.grad is None
    assert model[1].weight.grad is not None
    model.zero_grad()
    assert model[1].weight.grad is None


def test_sequential_is_a_list_of_layers():
    layers = [nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)]
    model = nn.Sequential(*layers)
    assert len(model) == 3
    assert list(model) == layers
    assert model[-1] is layers[2]
    assert list(model[:2]) == layers[:2]
    assert list(model[1:].state_dict()) == ["2.weight", "2.bias"]  # a slice keeps the names, as in PyTorch
    model.append(nn.Sigmoid())
    assert list(dict(model.named_children())) == ["0", "1", "2", "3"]
    named = nn.Sequential(OrderedDict(first=nn.Linear(2, 3), second=nn.ReLU()))
    assert list(named.state_dict()) == ["first.weight", "first.bias"]


def test_apply_and_init_by_class():
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    model.apply(lambda m: init.constant_(m.weight, 0.5) if isinstance(m, nn.Linear) else None)
    assert all((m.weight.data == 0.5).all() for m in model.modules() if isinstance(m, nn.Linear))


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_models_can_be_copied_and_pickled(duplicate):
    model = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
    twin = duplicate(model)
    assert repr(twin) == repr(model)
    assert isinstance(twin[0].weight, nn.Parameter)
    np.testing.assert_array_equal(twin[0].weight.data, model[0].weight.data)
    assert not np.shares_memory(twin[0].weight.data, model[0].weight.data)


def test_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match="Empty has no forward"):
        type("Empty", (nn.Module,), {})()(1)


def test_losses_match_their_functions():
    x, y = np.random.default_rng(0).normal(size=(4, 3)), np.array([0, 2, 1, 1])
    assert nn.CrossEntropyLoss()(x, y).item() == F.cross_entropy(x, y).item()
    assert nn.CrossEntropyLoss(reduction="sum")(x, y).item() == F.cross_entropy(x, y, reduction="sum").item()
    assert nn.NLLLoss()(F.log_softmax(x, 1), y).item() == pytest.approx(F.cross_entropy(x, y).item())
    assert nn.MSELoss()(x, x + 2).item() == pytest.approx(4)
    np.testing.assert_allclose(nn.Softmax(dim=1)(x).data.sum(axis=1), 1)


def test_parameter_prints_and_trains():
    p = nn.Parameter([1.0, 2.0])
    assert repr(p) == repr(torch.nn.Parameter(torch.tensor([1.0, 2.0])))
    assert p.requires_grad
    assert isinstance(p * 2, Tensor)
    assert not isinstance(p * 2, nn.Parameter)


# --------------------------------------------------------------------------------------------------------------- init


@pytest.mark.parametrize("shape", [(300, 200), (30, 20, 5, 3)])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("uniform_", {}),
        ("uniform_", {"a": -2, "b": 3}),
        ("normal_", {}),
        ("normal_", {"mean": 1, "std": 0.1}),
        ("constant_", {"val": 3}),
        ("zeros_", {}),
        ("ones_", {}),
        ("xavier_uniform_", {}),
        ("xavier_uniform_", {"gain": 5 / 3}),
        ("xavier_normal_", {}),
        ("kaiming_uniform_", {}),
        ("kaiming_uniform_", {"a": 5**0.5}),
        ("kaiming_normal_", {"nonlinearity": "relu"}),
        ("kaiming_normal_", {"mode": "fan_out", "nonlinearity": "tanh"}),
    ],
)
def test_initialisation_has_the_distribution_of_pytorch(name, options, shape):
    torch.manual_seed(0)
    manual_seed(0)
    mine = getattr(init, name)(Tensor(np.empty(shape)), **options).data
    theirs = getattr(torch.nn.init, name)(torch.empty(shape, dtype=torch.float64), **options).numpy()
    scale = max(theirs.std(), 1e-12)
    assert abs(mine.std() - theirs.std()) <= 0.02 * scale
    assert abs(mine.mean() - theirs.mean()) <= 0.06 * scale + 1e-12
    if "uniform" in name:  # bounded, unlike the normal distribution
        assert abs(mine).max() == pytest.approx(abs(theirs).max(), rel=0.01)


@pytest.mark.parametrize("name", ["linear", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"])
def test_gain(name):
    assert init.calculate_gain(name) == pytest.approx(torch.nn.init.calculate_gain(name))
    assert init.calculate_gain("leaky_relu", 0.3) == pytest.approx(torch.nn.init.calculate_gain("leaky_relu", 0.3))


def test_init_errors():
    with pytest.raises(ValueError, match="'swish'"):
        init.calculate_gain("swish")
    with pytest.raises(ValueError, match=r"2 dimensions, not shape \(3,\)"):
        init.xavier_uniform_(Tensor(np.empty(3)))
    with pytest.raises(ValueError, match="'fan'"):
        init.kaiming_normal_(Tensor(np.empty((3, 2))), mode="fan")
