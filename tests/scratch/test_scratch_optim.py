"""Optimisers against PyTorch's, step for step."""

import copy
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from oracle import assert_close, dtypes, seeds

from coursekit.scratch import Tensor, nn, optim

rates = st.floats(0.001, 0.1)
shares = st.floats(0.1, 0.99)
decays = st.sampled_from([0, 0.1])
epsilons = st.sampled_from([1e-8, 1e-3])
momenta = st.one_of(st.just(0), shares)

SETTINGS = {
    "SGD": st.fixed_dictionaries({"lr": rates, "momentum": momenta, "weight_decay": decays})
    | st.fixed_dictionaries({"lr": rates, "momentum": shares, "weight_decay": decays, "nesterov": st.just(True)}),
    "RMSprop": st.fixed_dictionaries(
        {"lr": rates, "alpha": st.floats(0.8, 0.99), "eps": epsilons, "weight_decay": decays, "momentum": momenta}
    ),
    "Adam": (
        adam := st.fixed_dictionaries(
            {"lr": rates, "betas": st.tuples(shares, st.floats(0.8, 0.9999)), "eps": epsilons, "weight_decay": decays}
        )
    ),
    "AdamW": adam,
}
TOLERANCE = {"float32": 1e-5, "float64": 1e-10}


class Race:
    """The same parameters with the same optimiser, here and in PyTorch, and the gradients that both are given.

    The gradients are random numbers rather than those of a loss. A loss would send every rounding error round in
    circles, and two float32 runs of RMSprop near a minimum, where it divides by next to nothing, part for good.
    """

    def __init__(self, name, dtype, seed, groups, **settings):
        self.rng, self.dtype, self.seen = np.random.default_rng(seed), dtype, []
        mine, theirs = zip(*(self.parameters(**options) for options in groups), strict=True)
        self.ours = getattr(optim, name)(list(mine), **settings)
        self.reference = getattr(torch.optim, name)(list(theirs), **settings)

    def parameters(self, **options):
        """Two parameters, one lying column by column and one a single number, as a group for either side."""
        arrays = [self.rng.normal(size=shape).astype(self.dtype) for shape in ((3, 2), ())]
        arrays[0] = np.asfortranarray(arrays[0])
        mine = [Tensor(a, requires_grad=True) for a in arrays]
        theirs = [torch.from_numpy(a.copy()).requires_grad_() for a in arrays]
        self.seen += zip(mine, theirs, strict=True)
        return {"params": mine, **options}, {"params": theirs, **options}

    def run(self, steps):
        for _ in range(steps):
            for p, q in self.seen:
                grad = np.asarray(self.rng.normal(size=p.shape), self.dtype)
                # Now and then a parameter takes no part, as in a network with branches.
                skipped = self.rng.random() < 0.1
                p.grad = None if skipped else Tensor(grad)
                q.grad = None if skipped else torch.from_numpy(grad.copy())
            self.ours.step()
            self.reference.step()
            for p, q in self.seen:
                assert_close(p.data, q.detach().numpy(), TOLERANCE[self.dtype], "parameter")
        self.compare_memories()

    def compare_memories(self):
        mine, theirs = self.ours.state_dict(), self.reference.state_dict()
        assert mine["state"].keys() == theirs["state"].keys()
        for number, memory in theirs["state"].items():
            assert mine["state"][number].keys() == memory.keys()
            for name, value in memory.items():
                value = value.numpy()
                # Counted in floats there, and in whole numbers here.
                value = value.astype(int) if name == "step" else value
                assert_close(mine["state"][number][name], value, TOLERANCE[self.dtype], name)
        for group, expected in zip(mine["param_groups"], theirs["param_groups"], strict=True):
            assert group == {name: expected[name] for name in group}


@pytest.mark.parametrize("name", SETTINGS)
@given(seeds, dtypes, st.data())
def test_the_same_100_steps_and_memories(name, seed, dtype, data):
    settings = data.draw(SETTINGS[name])
    race = Race(name, dtype, seed, [{}], **settings)
    race.run(50)
    for optimizer in (race.ours, race.reference):  # where momentum with the rate inside would part from ours
        optimizer.param_groups[0]["lr"] *= 0.1
    race.run(50)


@pytest.mark.parametrize("name", SETTINGS)
@given(seeds, dtypes, st.data())
def test_groups_with_their_own_settings_and_one_that_comes_later(name, seed, dtype, data):
    first, second, third = (data.draw(SETTINGS[name]) for _ in range(3))
    race = Race(name, dtype, seed, [{"lr": 0.03}, second], **first)
    race.run(10)
    mine, theirs = race.parameters(**third)
    race.ours.add_param_group(mine)
    race.reference.add_param_group(theirs)
    race.run(10)
    assert [group["lr"] for group in race.ours.param_groups] == [0.03, second["lr"], third["lr"]]


@pytest.mark.parametrize("name", SETTINGS)
@given(seeds, dtypes, st.data())
def test_saved_in_the_middle_and_resumed_it_is_the_identical_run(name, seed, dtype, data):
    settings = data.draw(SETTINGS[name])
    through, first = (Race(name, dtype, seed, [{}, {"lr": 0.03}], **settings) for _ in range(2))
    second = Race(name, dtype, seed, [{"weight_decay": 0.5}, {}], lr=0.5)  # the settings come with the memories
    through.run(20)
    first.run(8)
    second.rng = first.rng
    second.ours.load_state_dict(first.ours.state_dict())
    second.reference.load_state_dict(first.reference.state_dict())
    for (p, q), (p_before, q_before) in zip(second.seen, first.seen, strict=True):
        p.data[...] = p_before.data
        q.data.copy_(q_before)
    before = copy.deepcopy(first.ours.state_dict()["state"])
    second.run(12)
    for (p, _), (expected, _) in zip(second.seen, through.seen, strict=True):
        assert np.array_equal(p.data, expected.data)
    for number, memory in first.ours.state_dict()["state"].items():  # loading has copied
        assert all(np.array_equal(memory[key], value) for key, value in before[number].items())


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_memories_can_be_taken_over_from_pytorch(name, dtype):
    settings = {"lr": 0.01} | ({"momentum": 0.9} if name in ("SGD", "RMSprop") else {})
    race = Race(name, dtype, 0, [{}], **settings)
    race.run(5)
    race.ours.load_state_dict(race.reference.state_dict())
    for p, memory in race.ours.state.items():
        for key, value in memory.items():
            assert key == "step" or value.strides == p.data.strides  # steps stay fast
    race.run(5)


def test_what_does_not_fit_is_not_loaded_at_all():
    def make(shape=(3,), kind=optim.Adam, **settings):
        parameter = Tensor(np.zeros(shape), requires_grad=True)
        parameter.grad = Tensor(np.ones(shape))
        optimizer = kind([parameter, Tensor(np.zeros(2), requires_grad=True)], **settings)
        optimizer.step()
        return optimizer

    mine = make(lr=0.1)
    before = copy.deepcopy(mine.state_dict())
    more = make(lr=0.2)
    more.add_param_group({"params": Tensor([1.0], requires_grad=True)})
    for wrong, message in (
        (more, r"groups of \[2\].*has \[2, 1\]"),
        (make((4,), lr=0.2), r"exp_avg of a parameter of shape \(3,\) has shape \(4,\)"),
        (make(kind=optim.SGD, lr=0.2), "betas is missing"),
    ):
        with pytest.raises(ValueError, match=message):
            mine.load_state_dict(wrong.state_dict())
        np.testing.assert_equal(mine.state_dict(), before)


def test_the_paper_of_adam_word_for_word():
    """Algorithm 1 of Kingma & Ba (2015), in plain numbers."""
    x, m, v = 1.0, 0.0, 0.0
    parameter = Tensor(np.array([x]), requires_grad=True)
    adam = optim.Adam([parameter], lr=0.1, betas=(0.8, 0.9), eps=1e-3)
    for t in range(1, 30):
        g = math.cos(3 * t)
        m, v = 0.8 * m + 0.2 * g, 0.9 * v + 0.1 * g**2
        x -= 0.1 * (m / (1 - 0.8**t)) / (math.sqrt(v / (1 - 0.9**t)) + 1e-3)
        parameter.grad = Tensor(np.array([g]))
        adam.step()
        assert parameter.item() == pytest.approx(x, abs=1e-14)


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
    """Not the first gradient's array: what is written into that must leave it alone."""
    a, b = Tensor([1.0], requires_grad=True), torch.ones(1, requires_grad=True)
    for parameter, optimizer in (
        (a, optim.SGD([a], lr=0.1, momentum=0.9)),
        (b, torch.optim.SGD([b], lr=0.1, momentum=0.9)),
    ):
        for _ in range(4):
            optimizer.zero_grad()
            (parameter * parameter).sum().backward()
            optimizer.step()
            parameter.grad.data[...] = 7
    assert a.item() == pytest.approx(b.item(), abs=1e-6)


def test_zero_grad():
    a = Tensor([1.0], requires_grad=True)
    optimizer = optim.SGD([a], lr=0.1)
    (a * 2).sum().backward()
    optimizer.zero_grad()
    assert a.grad is None


def test_errors():
    a = Tensor([1.0], requires_grad=True)
    with pytest.raises(ValueError, match="empty"):
        optim.SGD([])
    with pytest.raises(ValueError, match="lr must not be negative, but it is -1"):
        optim.SGD([a], lr=-1)
    with pytest.raises(ValueError, match=r"eps must not be negative, but it is -0\.1"):
        optim.RMSprop([a], eps=-0.1)
    with pytest.raises(ValueError, match=r"betas must be .* they are \(0.9, 1\)"):
        optim.AdamW([a], betas=(0.9, 1))
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


def test_a_step_between_forward_and_backward_is_noticed():
    """The gradient of the input needs the weights as they were; PyTorch refuses too."""
    layer, x = nn.Linear(3, 2), Tensor(np.ones((4, 3), np.float32), requires_grad=True)
    optimizer = optim.SGD(layer.parameters(), lr=0.1)
    layer(x).sum().backward()
    loss = layer(x).sum()
    optimizer.step()
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()
    layer(x).sum().backward()
