"""The restricted Boltzmann machine against sums over all its states, written out as plainly as they go."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from oracle import arrays, seeds

from coursekit.scratch import functional as F
from coursekit.scratch import manual_seed, nn
from coursekit.scratch.boltzmann import RBM, all_states, pretrain

sizes = st.integers(1, 6)


def machine(seed, visible, hidden, scale=1.0):
    rbm = RBM(visible, hidden, np.float64)
    for parameter, values in zip((rbm.W, rbm.b, rbm.c), arrays(seed, "float64", *shapes(visible, hidden)), strict=True):
        parameter[...] = scale * values
    return rbm


def shapes(visible, hidden):
    return (visible, hidden), (visible,), (hidden,)


def states(n):
    return np.array(list(itertools.product([0.0, 1.0], repeat=n)))


def joint(rbm):
    """P(v, h) as a table, from the definition and nothing else."""
    W, b, c = rbm.W, rbm.b, rbm.c
    table = [[np.exp(v @ W @ h + b @ v + c @ h) for h in states(len(c))] for v in states(len(b))]
    return np.array(table) / np.sum(table)


# -- the model


@given(seed=seeds, visible=sizes, hidden=sizes)
def test_free_energy_is_the_sum_over_all_hidden_states(seed, visible, hidden):
    rbm = machine(seed, visible, hidden)
    for v in states(visible):
        every = np.exp(-rbm.energy(v, states(hidden)))
        assert rbm.free_energy(v) == pytest.approx(-np.log(every.sum()), abs=1e-10)
    np.testing.assert_allclose(rbm.free_energy(states(visible)), [rbm.free_energy(v) for v in states(visible)])


@given(seed=seeds, visible=sizes, hidden=sizes)
def test_energy_likelihood_and_partition_are_those_of_the_definition(seed, visible, hidden):
    rbm = machine(seed, visible, hidden)
    table = joint(rbm)
    energies = rbm.energy(states(visible)[:, None], states(hidden)[None])
    np.testing.assert_allclose(np.exp(-energies - rbm.log_partition()), table, rtol=1e-9)
    np.testing.assert_allclose(rbm.log_likelihood(states(visible)), np.log(table.sum(axis=1)), rtol=1e-9, atol=1e-12)


@given(seed=seeds, visible=sizes, hidden=sizes)
def test_conditional_probabilities_are_those_of_the_joint_table(seed, visible, hidden):
    rbm = machine(seed, visible, hidden)
    table = joint(rbm)
    given_v = table @ states(hidden) / table.sum(axis=1, keepdims=True)
    given_h = table.T @ states(visible) / table.sum(axis=0)[:, None]
    np.testing.assert_allclose(rbm.hidden_probabilities(states(visible)), given_v, rtol=1e-9)
    np.testing.assert_allclose(rbm.visible_probabilities(states(hidden)), given_h, rtol=1e-9)


@given(seed=seeds, visible=sizes, hidden=sizes)
def test_the_partition_function_is_the_same_from_both_sides(seed, visible, hidden):
    rbm = machine(seed, visible, hidden)
    by_visible = np.logaddexp.reduce(-rbm.free_energy(states(visible)))
    by_hidden = np.logaddexp.reduce(-rbm.mirrored().free_energy(states(hidden)))
    assert by_visible == pytest.approx(by_hidden, rel=1e-12)
    assert rbm.log_partition() == pytest.approx(by_visible, rel=1e-12)


def test_partition_of_a_machine_too_large_to_enumerate_naively():
    """With weights 0, Z is a product. 13 units fill more than one block of states; 40 have 2⁴⁰ states."""
    rbm = machine(0, 40, 13)
    rbm.W[...] = 0
    expected = np.logaddexp(0, rbm.b).sum() + np.logaddexp(0, rbm.c).sum()
    assert rbm.log_partition() == pytest.approx(expected, rel=1e-12)
    assert rbm.mirrored().log_partition() == pytest.approx(expected, rel=1e-12)


def test_large_energies_do_not_overflow():
    rbm = RBM(3, 2, np.float64)
    rbm.W[...] = 1000
    assert rbm.log_partition() == pytest.approx(6000)
    assert rbm.free_energy(np.ones(3)) == pytest.approx(-6000)


@pytest.mark.parametrize("n", [1, 5, 13])
def test_all_states_are_all_different(n):
    every = np.concatenate(list(all_states(n)))
    assert every.shape == (2**n, n)
    assert len(np.unique(every, axis=0)) == 2**n
    assert set(np.unique(every)) == {0, 1}


# -- the exact gradient


@given(seed=seeds, visible=sizes, hidden=sizes, n=st.integers(1, 5))
def test_the_exact_gradient_is_that_of_autograd(seed, visible, hidden, n):
    rbm = machine(seed, visible, hidden)
    v = np.random.default_rng(seed).integers(2, size=(n, visible)).astype(float)
    W, b, c = (torch.tensor(p, requires_grad=True) for p in (rbm.W, rbm.b, rbm.c))
    h = torch.tensor(states(hidden))

    def log_weight(v):  # log Σ_h exp(-energy), straight from the definition
        return torch.logsumexp((v @ W) @ h.T + (v @ b)[:, None] + h @ c, dim=1)

    log_z = torch.logsumexp(log_weight(torch.tensor(states(visible))), dim=0)
    (log_weight(torch.tensor(v)).mean() - log_z).backward()
    for actual, expected in zip(rbm.log_likelihood_gradient(v), (W.grad, b.grad, c.grad), strict=True):
        np.testing.assert_allclose(actual, expected.numpy(), rtol=0, atol=1e-10)


@pytest.mark.parametrize(("visible", "hidden"), [(4, 3), (3, 5), (6, 1), (13, 14)])
def test_the_exact_gradient_is_that_of_central_differences(visible, hidden):
    rbm = machine(1, visible, hidden, scale=0.5)
    v = np.random.default_rng(2).integers(2, size=(7, visible)).astype(float)
    for parameter, gradient in zip((rbm.W, rbm.b, rbm.c), rbm.log_likelihood_gradient(v), strict=True):
        assert gradient.shape == parameter.shape
        for place in list(np.ndindex(parameter.shape))[:12]:
            value, ends = parameter[place], []
            for moved in (value + 1e-5, value - 1e-5):
                parameter[place] = moved
                ends.append(rbm.log_likelihood(v).mean())
            parameter[place] = value
            assert gradient[place] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-8)


def test_an_example_twice_counts_as_once():
    """Every gradient is a mean over the examples, that of W as those of the biases."""
    rbm, v = machine(0, 4, 3), states(4)[[3, 5, 12]]
    for once, twice in zip(
        rbm.log_likelihood_gradient(v), rbm.log_likelihood_gradient(np.tile(v, (2, 1))), strict=True
    ):
        np.testing.assert_allclose(once, twice, atol=1e-14)


def test_whole_numbers_are_taken_as_states():
    rbm, v = machine(0, 4, 3), states(4)[[3, 5, 12]]
    for whole, real in zip(rbm.log_likelihood_gradient(v.astype(int)), rbm.log_likelihood_gradient(v), strict=True):
        np.testing.assert_array_equal(whole, real)


# -- sampling and contrastive divergence


def total_variation(rbm, v):
    exact = joint(rbm).sum(axis=1)
    numbers = v.astype(int) @ (1 << np.arange(v.shape[1])[::-1])
    return 0.5 * np.abs(np.bincount(numbers, minlength=len(exact)) / len(v) - exact).sum()


def test_gibbs_samples_have_the_exact_distribution():
    """16 states, 20 000 samples: by chance alone the distance is about 0.01; the machine with b turned is far away."""
    rbm = machine(3, 4, 3)
    v = rbm.sample(20_000, steps=50)
    assert set(np.unique(v)) == {0, 1}
    assert total_variation(rbm, v) < 0.02
    rbm.b *= -1
    assert total_variation(rbm, v) > 0.2


def test_one_gibbs_step_has_the_exact_transition_probabilities():
    rbm = machine(3, 4, 3)
    table = joint(rbm)
    given_v = table / table.sum(axis=1, keepdims=True)
    given_h = table / table.sum(axis=0)
    transition = given_v @ given_h.T  # P(h | v), then P(v' | h)
    for number in (0, 6, 15):
        v = rbm.gibbs(np.tile(states(4)[number], (20_000, 1)))
        counts = np.bincount(v.astype(int) @ [8, 4, 2, 1], minlength=16)
        chi_square = ((counts - 20_000 * transition[number]) ** 2 / (20_000 * transition[number])).sum()
        assert chi_square < 37.7  # 15 degrees of freedom: one run in a thousand is above


def expected_contrastive_divergence(rbm, v, k):
    """Its mean over all random numbers, by the exact k-step transition matrix."""
    table = joint(rbm)
    transition = (table / table.sum(axis=1, keepdims=True)) @ (table / table.sum(axis=0)).T
    start = np.array([(v == state).all(axis=1).mean() for state in states(len(rbm.b))])
    end = start @ np.linalg.matrix_power(transition, k)
    h = table @ states(len(rbm.c)) / table.sum(axis=1, keepdims=True)
    all_v, difference = states(len(rbm.b)), (start - end)
    return (all_v * difference[:, None]).T @ h, difference @ all_v, difference @ h


@pytest.mark.parametrize("k", [1, 2])
def test_contrastive_divergence_has_the_mean_that_the_transition_matrix_gives(k):
    """40 000 chains: the standard error of an entry is at most 0.0025, and it must stay within four of them."""
    rbm, v = machine(3, 4, 3, scale=1.5), states(4)[[0, 3, 12, 15]]
    estimate, chain = rbm.contrastive_divergence(np.tile(v, (10_000, 1)), k)
    expected = expected_contrastive_divergence(rbm, v, k)
    for mine, exact in zip(estimate, expected, strict=True):
        np.testing.assert_allclose(mine, exact, atol=0.01)
    assert chain.shape == (40_000, 4)
    other = expected_contrastive_divergence(rbm, v, k + 1)  # the test can tell k from k + 1
    assert max(np.abs(a - b).max() for a, b in zip(expected, other, strict=True)) > 0.02


def test_contrastive_divergence_approaches_the_exact_gradient_as_k_grows():
    rbm, v = machine(4, 4, 3, scale=2), states(4)[[0, 3, 12, 15]]
    exact = rbm.log_likelihood_gradient(v)

    def error(gradients):
        return max(np.abs(a - b).max() for a, b in zip(gradients, exact, strict=True))

    bias = [error(expected_contrastive_divergence(rbm, v, k)) for k in (1, 2, 10, 100)]
    assert 0.1 > bias[0] / 2 > bias[1] > 10 * bias[2]
    assert bias[3] < 1e-10
    sampled = [error(rbm.contrastive_divergence(np.tile(v, (10_000, 1)), k)[0]) for k in (1, 2, 30)]
    np.testing.assert_allclose(sampled, [*bias[:2], 0], atol=0.01)  # four standard errors, as above
    # Why visible states are sampled: with probabilities in their place no k is enough.
    assert error(reconstruction_by_probabilities(rbm, v, 30)) > 0.05


def reconstruction_by_probabilities(rbm, v, k):
    chain = np.tile(v, (10_000, 1))
    rng = np.random.default_rng(0)
    for _ in range(k):
        p = rbm.hidden_probabilities(chain)
        chain = rbm.visible_probabilities((rng.random(p.shape) < p).astype(float))
    return [d - m for d, m in zip(rbm.statistics(v), rbm.statistics(chain), strict=True)]


def test_a_chain_starts_where_it_is_told():
    """Visible units that copy the hidden ones, and these the visible: a chain stays where it is."""
    rbm = RBM(3, 3, np.float64)
    rbm.W[...] = 200 * np.eye(3)
    rbm.b[...] = rbm.c[...] = -100
    v, start = np.array([[1.0, 1, 0]]), np.array([[0.0, 0, 1], [0, 1, 1]])
    (W, b, c), end = rbm.contrastive_divergence(v, k=3, chain=start)
    np.testing.assert_array_equal(end, start)
    np.testing.assert_allclose(b, [1, 0.5, -1], atol=1e-12)
    np.testing.assert_allclose(c, b)
    np.testing.assert_allclose(W, v.T @ v - start.T @ start / 2, atol=1e-12)


# -- training


def bars_and_stripes(n):
    """All images of n by n pixels whose rows are all alike, or whose columns are: 2 · 2ⁿ - 2 of them."""
    lines = states(n)
    images = [np.tile(line, (n, 1)) for line in lines] + [np.tile(line[:, None], (1, n)) for line in lines]
    return np.unique(np.reshape(images, (-1, n * n)), axis=0)


@pytest.mark.parametrize(
    ("settings", "reached"),
    [
        ({"k": 1, "lr": 0.1, "momentum": 0.5, "epochs": 3000}, -3.4),
        ({"k": 10, "lr": 0.1, "momentum": 0.5, "epochs": 3000}, -3.1),
        ({"k": 1, "lr": 0.1, "persistent": True, "epochs": 4000}, -3.3),
    ],
    ids=str,
)
def test_training_raises_the_exact_likelihood_of_bars_and_stripes(settings, reached):
    """14 images of 9 pixels: every image alike gives -log 512 = -6.24, and none does better than -log 14 = -2.64."""
    v = bars_and_stripes(3)
    assert v.shape == (14, 9)
    rbm = RBM(9, 8, np.float64)
    before = rbm.log_likelihood(v).mean()
    history = rbm.fit(np.tile(v, (10, 1)), batch_size=140, **settings)
    assert before == pytest.approx(-np.log(512), abs=0.01)
    after = rbm.log_likelihood(v).mean()
    assert reached < after < -np.log(14)
    for monitor, better in (("reconstruction_error", -1), ("pseudo_likelihood", 1)):
        assert len(history[monitor]) == settings["epochs"]
        assert better * np.mean(history[monitor][-100:]) > better * np.mean(history[monitor][:100])


def test_the_exact_gradient_leads_nearly_to_the_optimum():
    v, rbm = bars_and_stripes(3), RBM(9, 8, np.float64)
    for _ in range(3000):
        for parameter, gradient in zip((rbm.W, rbm.b, rbm.c), rbm.log_likelihood_gradient(v), strict=True):
            parameter += 0.5 * gradient
    assert -np.log(14) - 0.1 < rbm.log_likelihood(v).mean() < -np.log(14)


def test_an_update_is_momentum_and_rate_and_decay():
    """No gradient where all data are the model's own: then only decay and momentum are left, and can be told apart."""
    rbm = RBM(3, 2, np.float64)
    rbm.W[...] = 0
    rbm.b[...] = 40  # every visible unit is on for certain, in the data and in the chain
    ones, start = np.ones((4, 3)), rbm.b.copy()
    rbm.fit(ones, epochs=3, momentum=0.5)
    np.testing.assert_allclose(rbm.W, 0, atol=1e-12)
    np.testing.assert_allclose(rbm.b, start)
    rbm.W[...] = 1
    rbm.fit(ones, epochs=2, lr=0.1, momentum=0.5, weight_decay=0.2)
    first = 1 - 0.1 * 0.2
    np.testing.assert_allclose(rbm.W, first - 0.1 * 0.2 * first - 0.5 * 0.1 * 0.2)
    np.testing.assert_allclose(rbm.b, start)


def test_an_epoch_shows_every_example_once_in_batches(monkeypatch):
    seen, rbm, v = [], RBM(4, 3), states(4).astype(np.float32)

    def record(batch, k, chain):
        seen.append((batch, k, chain))
        return (np.zeros_like(rbm.W), np.zeros_like(rbm.b), np.zeros_like(rbm.c)), batch

    monkeypatch.setattr(rbm, "contrastive_divergence", record)
    rbm.fit(v, epochs=1, batch_size=5, k=7)
    assert [len(batch) for batch, _, _ in seen] == [5, 5, 5, 1]
    shown = np.concatenate([batch for batch, _, _ in seen])
    np.testing.assert_array_equal(np.unique(shown, axis=0), v)
    assert not np.array_equal(shown, v)
    assert all(k == 7 and chain is None for _, k, chain in seen)
    seen.clear()
    rbm.fit(v, epochs=1, batch_size=5, persistent=True)
    assert seen[0][2] is None
    assert seen[1][2] is seen[0][0]


def test_pseudo_likelihood_estimates_the_sum_of_the_conditional_log_probabilities():
    rbm = machine(3, 4, 3)
    p = joint(rbm).sum(axis=1).reshape(2, 2, 2, 2)
    v = np.array([1, 0, 0, 1])
    exact = sum(np.log(p[tuple(v)] / (p[tuple(v)] + p[tuple(np.where(np.arange(4) == i, 1 - v, v))])) for i in range(4))
    estimates = rbm.pseudo_likelihood(np.tile(v, (20_000, 1)))
    assert estimates.mean() == pytest.approx(exact, abs=4 * estimates.std() / 20_000**0.5)
    assert len(np.unique(estimates.round(9))) == 4  # one for each bit


def test_reconstruction_error_by_hand():
    """With weights 0 every pixel is reconstructed as 1/2."""
    rbm = RBM(3, 2, np.float64)
    rbm.W[...] = 0
    assert rbm.reconstruction_error(np.array([[0.0, 1, 0.5], [0.5, 0.5, 0.5]])) == pytest.approx(0.5 / 6)


def test_the_same_seed_gives_the_same_machine():
    def train():
        manual_seed(5)
        rbm = RBM(9, 4)
        rbm.fit(bars_and_stripes(3), epochs=5)
        return rbm.W

    np.testing.assert_array_equal(train(), train())
    assert train().dtype == np.float32
    manual_seed(6)
    assert not np.array_equal(RBM(9, 4).W, RBM(9, 4).W)


def test_each_machine_of_a_stack_learns_from_the_one_below(monkeypatch):
    seen = []
    monkeypatch.setattr(RBM, "fit", lambda self, v, **settings: seen.append((self, v, settings)))
    v = bars_and_stripes(3)
    first, second = pretrain(v, [6, 4], epochs=7)
    assert [machine for machine, _, _ in seen] == [first, second]
    assert [settings for _, _, settings in seen] == [{"epochs": 7}] * 2
    assert seen[0][1] is v
    np.testing.assert_array_equal(seen[1][1], first.hidden_probabilities(v))


def test_a_stack_goes_into_a_network():
    v = bars_and_stripes(3)
    machines = pretrain(v, [6, 4], epochs=20)
    model = nn.Sequential(nn.Linear(9, 6), nn.Sigmoid(), nn.Linear(6, 4), nn.Sigmoid(), nn.Linear(4, 2))
    for layer, rbm in zip((model[0], model[2]), machines, strict=True):
        layer.load_state_dict({"weight": rbm.W.T, "bias": rbm.c})
    v = v.astype(np.float32)
    h = machines[1].hidden_probabilities(machines[0].hidden_probabilities(v))
    np.testing.assert_allclose(model[:4](v).detach().numpy(), h, rtol=1e-5)
    first = torch.nn.Linear(9, 6)
    first.load_state_dict({"weight": torch.tensor(machines[0].W.T), "bias": torch.tensor(machines[0].c)})
    np.testing.assert_allclose(
        first(torch.tensor(v)).sigmoid().detach().numpy(), machines[0].hidden_probabilities(v), rtol=1e-5
    )
    before = machines[0].W.copy()
    F.cross_entropy(model(v), np.zeros(len(v), int)).backward()
    for parameter in model.parameters():
        parameter.data -= parameter.grad.data
    np.testing.assert_array_equal(machines[0].W, before)  # fine-tuning leaves the machine alone


def test_errors():
    rbm = RBM(4, 3)
    with pytest.raises(ValueError, match=r"v must have shape \(N, 4\), one example a row, not \(2, 5\)"):
        rbm.fit(np.zeros((2, 5)), epochs=1)
    with pytest.raises(ValueError, match=r"v must lie between 0 and 1, but ranges from 0 to 255"):
        rbm.fit(np.array([[0, 0, 0, 255]]), epochs=1)
    with pytest.raises(ValueError, match=r"at most 20 units .* not 21"):
        RBM(30, 21).log_partition()
    assert repr(rbm) == "RBM(visible=4, hidden=3)"
