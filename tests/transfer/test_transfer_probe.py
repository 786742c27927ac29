"""The linear probe against the slow way, and intervals against the table they come from."""

import numpy as np
import pytest
import torch

from coursekit import transfer
from coursekit.transfer.probe import STRENGTHS


def clouds(n=60, features=5, classes=3, seed=0, apart=1.0):
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % classes
    centres = np.random.default_rng(1).normal(size=(classes, features)) * apart
    scales = np.geomspace(0.01, 100, features)  # as different as the units of a network
    return (centres[labels] + rng.normal(size=(n, features))) * scales + 3, labels


def slow_ridge(features, labels, strength, n):
    """Ridge regression with an intercept that is not punished, features as they are; returns a function."""
    mean, targets = features.mean(0), np.eye(labels.max() + 1)[labels]
    x = features - mean
    weight = np.linalg.solve(x.T @ x + strength * n * np.eye(x.shape[1]), x.T @ (targets - targets.mean(0)))
    return lambda new: targets.mean(0) + (new - mean) @ weight


@pytest.mark.parametrize("features", [5, 90])  # fewer than images, and more
@pytest.mark.parametrize("strength", [0.01, 1.0])
def test_it_is_ridge_regression_on_scaled_features(features, strength):
    x, y = clouds(features=features)
    probe = transfer.linear_probe(x, y, strengths=[strength])
    scaled = (x - x.mean(0)) / x.std(0)
    expected = slow_ridge(scaled, y, strength, len(x))(scaled)
    scores = probe.scores(x)
    scale = scores.std() / expected.std()
    np.testing.assert_allclose(scores, scale * expected, atol=1e-6 * scale)
    assert np.log2(scale) == pytest.approx(round(np.log2(scale)), abs=1e-6)


@pytest.mark.parametrize("features", [5, 90])
def test_leaving_one_out_in_closed_form(features):
    x, y = clouds(features=features, apart=0.5)
    scaled = (x - x.mean(0)) / x.std(0)
    shares = {}
    for strength in STRENGTHS:
        right = []
        for i in range(len(x)):
            others = np.arange(len(x)) != i
            ridge = slow_ridge(scaled[others], y[others], strength, len(x))
            right.append(ridge(scaled[i : i + 1]).argmax() == y[i])
        shares[strength] = np.mean(right)
    probe = transfer.linear_probe(x, y)
    assert probe.expected == pytest.approx(max(shares.values()))
    assert shares[probe.strength] == max(shares.values())


def test_expected_is_honest_where_features_say_nothing():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(200, 400)), rng.integers(0, 4, 200)
    probe = transfer.linear_probe(x, y)
    assert probe.accuracy(x, y).value > 0.9
    assert probe.expected < 0.4


def test_a_unit_that_is_always_the_same():
    x, y = clouds()
    x[:, 2] = 7
    probe = transfer.linear_probe(x, y)
    assert np.isfinite(probe.weight).all()
    assert probe.accuracy(x, y).value > 0.5


@pytest.mark.parametrize("probe", [transfer.linear_probe, transfer.logistic_probe])
def test_both_classify_and_become_heads(probe):
    x, y = clouds(n=300, apart=3)
    new, labels = clouds(n=300, apart=3, seed=5)
    fitted = probe(x, y)
    assert fitted.accuracy(new, labels).value > 0.85
    head = fitted.head()
    with torch.no_grad():
        logits = head(torch.from_numpy(new).float()).numpy()
    np.testing.assert_allclose(logits, fitted.scores(new), rtol=1e-3, atol=1e-3)
    loss = torch.nn.functional.cross_entropy(torch.from_numpy(logits), torch.from_numpy(labels)).item()
    assert loss < np.log(3) / 2  # good logits, not only the right order


def test_a_class_without_examples():
    x, y = clouds()
    assert transfer.linear_probe(x, y, n_classes=5).scores(x).shape == (60, 5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x, y: (x[None], y), r"expected shapes \(N, D\) and \(N,\), got \(1, 60, 5\) and \(60,\)"),
        (lambda x, y: (x, y[:-1]), r"got \(60, 5\) and \(59,\)"),
        (lambda x, y: (x, y + 0.0), "labels: must be class numbers"),
        (lambda x, y: (x, y - 1), "labels: must be class numbers"),
        (lambda x, y: (x * np.nan, y), "features: hold values that are not finite; did the network diverge?"),
        (lambda x, y: (x, 0 * y), "labels: need two classes at least"),
    ],
)
@pytest.mark.parametrize("probe", [transfer.linear_probe, transfer.logistic_probe])
def test_errors(probe, change, message):
    with pytest.raises(ValueError, match=message):
        probe(*change(*clouds()))


def test_errors_of_settings():
    with pytest.raises(ValueError, match="strengths: must be numbers greater than 0"):
        transfer.linear_probe(*clouds(), strengths=[0])
    with pytest.raises(ValueError, match=r"features: expected shape \(N, 5\), got \(60, 4\)"):
        transfer.linear_probe(*clouds()).scores(clouds()[0][:, :4])


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    # Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals(right, total, low, high):
    found = transfer.accuracy(np.arange(total) < right, np.ones(total, bool))
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert (found.right, found.total) == (right, total)


def test_accuracy_of_scores():
    assert transfer.accuracy([[0, 1], [1, 0]], [1, 1]).value == 0.5
    assert str(transfer.accuracy([1], [1])) == "100.0 % (20.7 % to 100.0 %)"
    with pytest.raises(ValueError, match="expected one for each prediction, got 1 for 2"):
        transfer.accuracy([1, 2], [1])
