"""The historical learners against arithmetic by hand, theorems, and PyTorch's gradients and optimiser."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from oracle import arrays, seeds

from coursekit.scratch.linear import LinearUnit, LogisticUnit, Perceptron, SigmoidUnit, mistake_bound, step

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
AND, NAND, XOR = np.array([-1, -1, -1, 1]), np.array([1, 1, 1, -1]), np.array([-1, 1, 1, -1])
NAND_PAIRS = [(0.20, 0.35), (0.20, 0.40), (0.25, 0.30), (0.40, 0.20)]


# -- NAND by given weights


@pytest.mark.parametrize("pair", NAND_PAIRS)
@pytest.mark.parametrize("threshold", [0.40, 0.45, 0.5, 0.54])
def test_the_four_pairs_are_and_with_a_threshold_from_040_to_below_055_and_nand_turned_round(pair, threshold):
    a = CORNERS @ pair
    assert step(a, threshold).tolist() == [0, 0, 0, 1]
    assert (1 - step(a, threshold)).tolist() == [1, 1, 1, 0]  # fires at or below the threshold
    if threshold > 0.40:  # with all signs turned the tie at exactly 0.40 falls on the other side
        assert step(-a, -threshold).tolist() == [1, 1, 1, 0]
        unit = Perceptron(2)
        unit.weights[:] = [-pair[0], -pair[1], threshold]
        assert unit.predict(CORNERS).tolist() == NAND.tolist()


def test_no_wider_range_of_thresholds_holds_for_all_four_pairs():
    for threshold in (0.399, 0.551):
        assert any(step(CORNERS @ pair, threshold).tolist() != [0, 0, 0, 1] for pair in NAND_PAIRS)


def test_positive_weights_that_fire_above_a_threshold_are_never_nand():
    """So the pairs and the activation "1 above the threshold" cannot both be meant: (0, 0) would need θ < 0."""
    for pair, threshold in itertools.product(NAND_PAIRS, np.linspace(-2, 2, 401)):
        assert step(CORNERS @ pair, threshold).tolist() != [1, 1, 1, 0]


def test_step_is_0_at_the_threshold():
    assert step([-1.0, 0.0, 1e-300]).tolist() == [0, 0, 1]
    assert step(0.5, 0.5) == 0


# -- the perceptron


def test_a_score_of_0_is_predicted_as_minus_1_and_is_a_mistake_for_either_class():
    assert Perceptron(2).predict(CORNERS).tolist() == [-1, -1, -1, -1]
    assert Perceptron(2).update(np.array([1, 1]), -1)
    assert Perceptron(2).update(np.array([1, 1]), 1)


def test_the_first_epoch_on_and_by_hand():
    unit = Perceptron(2)
    wrong = [unit.update(x, y) for x, y in zip(CORNERS, AND, strict=True)]
    assert wrong == [True, False, False, True]
    assert unit.weights.tolist() == [1, 1, 0]
    assert (unit.w.tolist(), unit.b) == ([1, 1], 0)


def test_and_from_zero_takes_18_mistakes():
    unit = Perceptron(2)
    search = unit.fit(CORNERS, AND)
    assert (search.outcome, search.epochs, search.cycle, len(search.mistakes)) == ("converged", 9, 0, 18)
    assert unit.weights.tolist() == [3, 2, -4]
    assert search.mistakes[:3] == [(1, 0), (1, 3), (2, 0)]
    assert search.weights.shape == (19, 3)
    assert search.weights[:3].tolist() == [[0, 0, 0], [0, 0, -1], [1, 1, 0]]
    assert search.weights[-1].tolist() == [3, 2, -4]


@pytest.mark.parametrize(("lr", "epochs"), [(0.1, 67), (1, 12), (7, 7)])
def test_the_rate_matters_once_the_start_is_not_zero(lr, epochs):
    unit = Perceptron(2)
    unit.weights[:] = [3, -5, 2]
    assert unit.fit(CORNERS, AND, lr=lr).epochs == epochs


@pytest.mark.parametrize("outputs", list(itertools.product([-1, 1], repeat=4)), ids=str)
def test_the_perceptron_learns_14_of_the_16_boolean_functions_and_cycles_on_two(outputs):
    unit, y = Perceptron(2), np.array(outputs)
    search = unit.fit(CORNERS, y)
    if outputs in [(-1, 1, 1, -1), (1, -1, -1, 1)]:
        assert (search.outcome, search.cycle) == ("cycling", 1)
        assert unit.weights.tolist() == [0, 0, 0]
    else:
        assert search.outcome == "converged"
        assert unit.predict(CORNERS).tolist() == list(outputs)
        assert (y * unit.score(CORNERS) > 0).all()


def test_the_perceptron_learns_104_of_the_256_functions_of_three_inputs_and_cycles_on_the_others():
    corners = np.array(list(itertools.product([0, 1], repeat=3)))
    outcomes = [Perceptron(3).fit(corners, y).outcome for y in itertools.product([-1, 1], repeat=8)]
    assert (outcomes.count("converged"), outcomes.count("cycling")) == (104, 152)


@pytest.mark.parametrize("start", [[0, 0, 0, 0], [7, -5, 2, 1]])
def test_a_cycle_goes_on_for_ever(start):
    """The weights after the cycle is found are those that come again, wherever the way into it began."""
    corners = np.array(list(itertools.product([0, 1], repeat=3)))
    parity = 2 * (corners.sum(axis=1) % 2) - 1
    unit = Perceptron(3)
    unit.weights[:] = start
    first = unit.fit(corners, parity)
    assert (first.cycle < first.epochs) == any(start)
    start = unit.weights.copy()
    again = unit.fit(corners, parity, epochs=first.cycle)
    assert first.outcome == again.outcome == "cycling"
    assert again.cycle == first.cycle
    np.testing.assert_array_equal(unit.weights, start)


def test_epochs_run_out():
    search = Perceptron(2).fit(CORNERS, AND, epochs=8)
    assert (search.outcome, search.epochs, len(search.mistakes)) == ("out of epochs", 8, 18)
    assert repr(search) == "out of epochs: epochs=8, mistakes=18"


def test_the_average_is_over_every_look_at_an_example():
    unit, looks = Perceptron(2), []
    for _ in range(9):
        for x, y in zip(CORNERS, AND, strict=True):
            unit.update(x, y)
            looks.append(unit.weights.copy())
    np.testing.assert_allclose(Perceptron(2).fit(CORNERS, AND).average, np.mean(looks, axis=0))


@given(seed=seeds, n=st.integers(1, 30), d=st.integers(1, 5), lr=st.sampled_from([0.3, 1.0, 4.0]))
def test_mistakes_stay_within_novikoffs_bound(seed, n, d, lr):
    X, truth = arrays(seed, "float64", (n, d), (d + 1,))
    z = X @ truth[:-1] + truth[-1]
    wide = np.abs(z) > 0.1 * np.linalg.norm(truth)
    assume(wide.any())
    X, y = X[wide], np.sign(z[wide])
    bound = mistake_bound(X, y, truth)
    unit = Perceptron(d)
    search = unit.fit(X, y, epochs=int(bound) + 1, lr=lr)
    assert search.outcome == "converged"
    assert len(search.mistakes) <= bound
    assert (unit.predict(X) == y).all()


def test_the_bound_by_hand():
    """Two examples ±2 with the weights (1, 0): R² = 2² + 1, γ = 2."""
    assert mistake_bound([[2], [-2]], [1, -1], [1, 0]) == pytest.approx(5 / 4)
    assert mistake_bound([[2], [-2]], [1, -1], [10, 0]) == pytest.approx(5 / 4)  # their length does not matter
    assert len(Perceptron(1).fit([[2], [-2]], [1, -1]).mistakes) == 1
    assert mistake_bound(CORNERS, AND, [2, 2, -3]) == pytest.approx(51)


# -- gradient descent against PyTorch

UNITS = {
    LinearUnit: (lambda z: z, lambda z, t: 0.5 * ((t - z) ** 2).sum()),
    SigmoidUnit: (torch.sigmoid, lambda z, t: 0.5 * ((t - z.sigmoid()) ** 2).sum()),
    LogisticUnit: (
        torch.sigmoid,
        lambda z, t: torch.nn.functional.binary_cross_entropy_with_logits(z, t, reduction="sum"),
    ),
}


@given(
    kind=st.sampled_from(sorted(UNITS, key=lambda unit: unit.__name__)),
    seed=seeds,
    n=st.integers(1, 9),
    d=st.integers(1, 4),
    batch_size=st.sampled_from([None, 1, 4]),
    momentum=st.sampled_from([0.0, 0.9]),
)
def test_every_update_is_that_of_pytorch(kind, seed, n, d, batch_size, momentum):
    X, t, start = arrays(seed, "float64", (n, d), (n,), (d + 1,))
    if kind is not LinearUnit:
        t = 1 / (1 + np.exp(-t))
    unit = kind(d)
    unit.weights[:] = start
    descent = unit.fit(X, t, lr=0.03, epochs=4, batch_size=batch_size, momentum=momentum)

    output, loss = UNITS[kind]
    w, b = torch.tensor(start[:-1], requires_grad=True), torch.tensor(start[-1], requires_grad=True)
    tX, tt = torch.tensor(X), torch.tensor(t)
    optimizer = torch.optim.SGD([w, b], lr=0.03, momentum=momentum)
    path, errors = [start], [loss(tX @ w + b, tt).item()]
    for _ in range(4):
        for rows, targets in zip(tX.split(batch_size or n), tt.split(batch_size or n), strict=True):
            optimizer.zero_grad()
            loss(rows @ w + b, targets).backward()
            optimizer.step()
            path.append(np.append(w.detach().numpy(), b.item()))
        errors.append(loss(tX @ w + b, tt).item())
    np.testing.assert_allclose(descent.weights, path, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(descent.errors, errors, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(unit.predict(X), output(tX @ w + b).detach().numpy(), rtol=1e-10, atol=1e-10)


def regression(n=20):
    X, noise = arrays(0, "float64", (n, 2), (n,))
    t = X @ [1.5, -2.0] + 0.7 + 0.3 * noise
    ones = np.column_stack([X, np.ones(n)])
    return X, t, ones, np.linalg.lstsq(ones, t)[0]


def test_batch_descent_reaches_the_least_squares_solution():
    X, t, _, best = regression()
    unit = LinearUnit(2)
    descent = unit.fit(X, t, lr=0.02, epochs=1000)
    np.testing.assert_allclose(unit.weights, best, atol=1e-10)
    assert (np.diff(descent.errors) <= 1e-12).all()


def test_incremental_descent_comes_as_close_as_its_rate_is_small():
    X, t, _, best = regression()
    distance = []
    for lr in (0.04, 0.01, 0.0025):
        unit = LinearUnit(2)
        unit.fit(X, t, lr=lr, epochs=int(4 / lr), batch_size=1)
        distance.append(np.linalg.norm(unit.weights - best))
    assert 1e-4 < distance[2] < 0.35 * distance[1] < 0.35**2 * distance[0]


def test_batch_descent_diverges_above_2_by_the_largest_eigenvalue_and_only_there():
    X, t, ones, best = regression()
    limit = 2 / np.linalg.eigvalsh(ones.T @ ones).max()
    for lr, converges in ((0.99 * limit, True), (1.01 * limit, False)):
        unit = LinearUnit(2)
        errors = unit.fit(X, t, lr=lr, epochs=3000).errors
        assert np.allclose(unit.weights, best) == converges
        assert (errors[-1] > 1e6 * errors[0]) != converges


def test_the_logistic_unit_learns_where_the_sigmoid_unit_is_stuck():
    """One example, certain and wrong: t = 1 at z = -5, where cross-entropy pulls 150 times as hard."""
    pulls = {}
    for kind in (SigmoidUnit, LogisticUnit):
        unit = kind(1)
        unit.weights[:] = [-5, 0]
        pulls[kind] = unit.delta(unit.score(np.array([1.0])), 1)
    assert pulls[LogisticUnit] == pytest.approx(0.9933, abs=1e-4)
    assert pulls[SigmoidUnit] == pytest.approx(0.0066, abs=1e-4)


def test_cross_entropy_of_certain_outputs_is_finite():
    unit = LogisticUnit(1)
    unit.weights[:] = [1000, 0]
    assert unit.error(np.array([[1.0], [-1.0]]), np.array([0.0, 1.0])) == 2000


# -- errors


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Perceptron(2).fit(CORNERS, [0, 0, 0, 1]), r"classes -1 and \+1, but one is 0; 2 \* y - 1"),
        (lambda: Perceptron(3).fit(CORNERS, AND), r"X must have shape \(N, 3\).*not \(4, 2\)"),
        (lambda: Perceptron(2).fit([0, 1], AND), r"X must have shape \(N, 2\)"),
        (lambda: Perceptron(2).fit(np.empty((0, 2)), []), "at least one"),
        (lambda: LinearUnit(2).fit(CORNERS, [1, 2], lr=1, epochs=1), r"shape \(4,\), not \(2,\)"),
        (lambda: LogisticUnit(2).fit(CORNERS, XOR, lr=1, epochs=1), "from 0 to 1 for a LogisticUnit, but one is -1"),
        (lambda: SigmoidUnit(2).fit(CORNERS, [0, 0, 0, 2], lr=1, epochs=1), "SigmoidUnit, but one is 2"),
        (lambda: LinearUnit(2).fit(CORNERS, [0, 0, 0, np.nan], lr=1, epochs=1), "one is nan"),
        (lambda: mistake_bound(CORNERS, AND, [1, 1, -1]), r"separate the classes, but y · z = 0 for example 1"),
        (lambda: mistake_bound(CORNERS, [0, 0, 0, 1], [1, 1, -1]), "classes"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
