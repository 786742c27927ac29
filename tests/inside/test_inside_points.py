"""Neighbours, maps, and small steps across a boundary."""

import numpy as np
import pytest
import torch
from test_inside_pictures import small_network
from torch import nn

from coursekit import data
from coursekit.inside.adversarial import fgsm, loss_gradient
from coursekit.inside.maps import affinities, divergence_and_gradient, principal_plane, tsne
from coursekit.inside.neighbours import codes, nearest, squared_distances

RNG = np.random.default_rng(0)


# Features and neighbours


def test_features_are_the_layers_output_whatever_the_batches():
    model = small_network().eval()
    images = RNG.random((7, 3, 8, 8), dtype=np.float32)
    with torch.no_grad():
        expected = model[:5](torch.from_numpy(images)).flatten(1).numpy()
    for batch_size in (1, 3, 100):
        np.testing.assert_allclose(codes(model, images, "4", batch_size=batch_size), expected, atol=1e-5)


def test_the_neighbours_of_an_image_include_its_near_copies():
    photographs = data.load("cifar10", "test").images[:200].reshape(200, -1)
    noisy = np.clip(photographs + RNG.normal(scale=0.01, size=photographs.shape), 0, 1)
    points = np.concatenate([photographs, noisy])
    for metric in ("euclidean", "cosine"):
        indices, distances = nearest(photographs[:20], points, k=2, metric=metric)
        assert indices.tolist() == [[i, i + 200] for i in range(20)]
        assert (np.diff(distances, axis=1) > 0).all()


def test_distances_are_distances():
    a, b = RNG.normal(size=(4, 6)), RNG.normal(size=(5, 6))
    by_hand = np.array([[np.sum((p - q) ** 2) for q in b] for p in a])
    np.testing.assert_allclose(squared_distances(a, b), by_hand)
    indices, distances = nearest(a, b, k=5)
    np.testing.assert_array_equal(indices, np.argsort(by_hand, axis=1))
    np.testing.assert_allclose(distances, np.sort(np.sqrt(by_hand), axis=1))


def test_lengths_do_not_count_for_the_angle():
    points = RNG.normal(size=(6, 3))
    indices, distances = nearest(points[:2] * 7, points, k=1, metric="cosine")
    assert indices.tolist() == [[0], [1]]
    np.testing.assert_allclose(distances, 0, atol=1e-12)


# Maps


def test_the_principal_plane_keeps_what_lies_in_a_plane():
    flat = RNG.normal(size=(30, 2)) * [3, 1] @ np.linalg.qr(RNG.normal(size=(5, 2)))[0].T
    points, share = principal_plane(flat + 4)
    assert share == pytest.approx(1)
    np.testing.assert_allclose(squared_distances(points, points), squared_distances(flat, flat), atol=1e-9)
    assert points[:, 0].std() > points[:, 1].std()


def test_affinities_have_the_perplexity_asked_for():
    p = affinities(RNG.normal(size=(60, 8)) * 100, perplexity=12)
    entropy = -np.sum(p * np.log(np.maximum(p, 1e-300)), axis=1)
    np.testing.assert_allclose(np.exp(entropy), 12, rtol=1e-3)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert not p.diagonal().any()


def test_the_gradient_of_the_divergence():
    points, p = RNG.normal(size=(7, 2)), RNG.random((7, 7))
    p = p + p.T
    np.fill_diagonal(p, 0)
    p /= p.sum()
    _, gradient = divergence_and_gradient(points, p)
    numerical = np.zeros_like(points)
    for i in np.ndindex(points.shape):
        step = np.zeros_like(points)
        step[i] = 1e-5
        up, down = (divergence_and_gradient(points + sign * step, p)[0] for sign in (1, -1))
        numerical[i] = (up - down) / 2e-5
    np.testing.assert_allclose(gradient, numerical, atol=1e-8)


def test_heaps_stay_heaps():
    heaps = np.concatenate([RNG.normal(size=(25, 20)) + 6 * RNG.normal(size=20) for _ in range(4)])
    points, divergence = tsne(heaps, perplexity=8, steps=300)
    indices, _ = nearest(points, points, k=11)
    same = indices[:, 1:] // 25 == np.arange(100)[:, None] // 25
    assert same.mean() > 0.95
    assert divergence < tsne(heaps, perplexity=8, steps=20)[1]


def test_the_same_seed_the_same_map():
    rows = RNG.normal(size=(40, 5))
    np.testing.assert_array_equal(tsne(rows, perplexity=5, steps=30)[0], tsne(rows, perplexity=5, steps=30)[0])
    assert not np.allclose(tsne(rows, perplexity=5, steps=100)[0], tsne(rows, perplexity=5, steps=100, seed=1)[0])


# Adversarial examples


def linear_scorer(weights):
    """A network with two logits whose difference is ``weights · x``."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(len(weights), 2, bias=False))
    with torch.no_grad():
        model[1].weight.copy_(torch.stack([torch.zeros_like(weights), weights]))
    return model


@pytest.mark.parametrize("steps", [1, 4])
def test_a_linear_score_moves_by_eps_times_the_sum_of_weights(steps):
    generator = torch.Generator().manual_seed(0)
    weights = 0.05 * torch.randn(784, generator=generator).sign()
    model, images = linear_scorer(weights), torch.full((1, 1, 28, 28), 0.5)

    def score(x):
        with torch.no_grad():
            return float(model(x)[0, 1] - model(x)[0, 0])

    up = fgsm(model, images, [0], 0.1, steps=steps)  # away from class 0
    down = fgsm(model, images, [0], 0.1, targeted=True, steps=steps)  # towards class 0
    assert score(up) - score(images) == pytest.approx(3.92, rel=1e-4)
    assert score(down) - score(images) == pytest.approx(-3.92, rel=1e-4)


def test_the_score_of_uneven_weights():
    weights = torch.randn(12, generator=torch.Generator().manual_seed(1))
    model, images = linear_scorer(weights), torch.full((1, 3, 2, 2), 0.5)
    moved = model(fgsm(model, images, [0], 0.2)) - model(images)
    assert float(moved[0, 1]) == pytest.approx(0.2 * float(weights.abs().sum()), rel=1e-5)


@pytest.mark.parametrize("targeted", [False, True])
@pytest.mark.parametrize("steps", [1, 3])
def test_eps_bounds_the_change_and_zero_changes_nothing(targeted, steps):
    model, images = small_network(), torch.rand(4, 3, 8, 8, generator=torch.Generator().manual_seed(2))
    labels = [0, 1, 2, 3]
    assert torch.equal(fgsm(model, images, labels, 0.0, targeted=targeted, steps=steps), images)
    changed = fgsm(model, images, labels, 0.03, targeted=targeted, steps=steps)
    assert 0 < (changed - images).abs().max() <= 0.03 + 1e-6
    assert changed.min() >= 0
    assert changed.max() <= 1


def test_away_from_a_label_and_towards_one():
    model, images = (
        small_network().eval(),
        0.3 + 0.4 * torch.rand(6, 3, 8, 8, generator=torch.Generator().manual_seed(3)),
    )
    labels = torch.tensor([0, 1, 2, 3, 4, 0])

    def loss(x):
        with torch.no_grad():
            return nn.functional.cross_entropy(model(x), labels)

    assert (
        loss(fgsm(model, images, labels, 0.02)) > loss(images) > loss(fgsm(model, images, labels, 0.02, targeted=True))
    )


def test_the_gradient_is_that_of_each_image_alone():
    model, images = small_network().eval(), torch.rand(3, 3, 8, 8)
    together = loss_gradient(model, images, [0, 1, 2])
    for i in range(3):
        torch.testing.assert_close(together[i : i + 1], loss_gradient(model, images[i : i + 1], [i]))


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda m, x: fgsm(m, 2 * x, [0, 1], 0.1), r"images: must lie in \[0, 1\].*make it part of the model"),
        (lambda m, x: fgsm(m, x, [0, 1], -0.1), "eps and steps: .*-0.1"),
        (lambda m, x: fgsm(m, x, [0], 0.1), r"labels: shape \(1,\) for 2 images"),
        (lambda m, x: fgsm(m, x, [0, 5], 0.1), r"labels: must be from 0 to 4, got \[0, 5\]"),
        (lambda m, x: codes(m, x[0]), r"images: expected shape \(N, C, H, W\)"),
        (lambda m, x: nearest([[0.0]], [[1.0, 2.0]]), r"\(1, 1\) and points \(1, 2\)"),
        (lambda m, x: nearest([[0.0]], [[1.0]], k=2), "k: from 1 to 1"),
        (lambda m, x: nearest([[0.0]], [[1.0]], k=1, metric="hamming"), "metric: .*'hamming'"),
        (lambda m, x: principal_plane([1.0, 2.0]), r"rows: expected shape \(N, D\)"),
        (lambda m, x: tsne(np.zeros((5, 3)), perplexity=30), "perplexity: between 1 and 4.*got 30"),
    ],
)
def test_mistakes_are_named(call, complaint):
    images = torch.full((2, 3, 8, 8), 0.9)
    with pytest.raises(ValueError, match=complaint):
        call(small_network(), images)
