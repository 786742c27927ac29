"""Networks that come with their weights: what the card says is what the network does."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from coursekit import data, nets, scratch
from coursekit.data import masks
from coursekit.nets.cards import WEIGHTS, save_trained
from coursekit.scratch import nn as scratch_nn
from coursekit.training import evaluate, predict

CIFAR = [name for name in nets.trained_names() if name.startswith("cifar10-")]
NUCLEI = [name for name in nets.trained_names() if name.startswith("nuclei-")]


def prepared(card, images):
    mean, std = (np.array(card["normalisation"][key], np.float32)[:, None, None] for key in ("mean", "std"))
    return (images - mean) / std


def test_there_are_some():
    assert "cifar10-two-convolutions" in CIFAR
    assert len(NUCLEI) == 3


@pytest.mark.parametrize("name", nets.trained_names())
def test_small_and_documented(name):
    assert (WEIGHTS / f"{name}.safetensors").stat().st_size < 5e6
    card = nets.card(name)
    assert {"network", "arguments", "data", "recipe", "seed"} <= set(card)
    assert card["recipe"].startswith("python -m recipes.")


@pytest.mark.parametrize("name", CIFAR)
def test_reaches_what_its_card_says(name):
    card, test = nets.card(name), data.load("cifar10", "test")
    accuracy = evaluate(nets.trained(name, torch.nn), (prepared(card, test.images), test.labels))[1]
    assert accuracy == pytest.approx(card["accuracy"], abs=0.003)  # two images may tip over on another machine


@pytest.mark.parametrize("name", NUCLEI)
def test_finds_nuclei_as_its_card_says(name):
    card, part = nets.card(name), masks.regions(data.nuclei())["test"]
    bad = card["light"] == "uneven"
    image = masks.uneven_light(part.image, np.random.default_rng(0)) if bad else part.image
    x = ((image - card["normalisation"]["mean"]) / card["normalisation"]["std"]).astype(np.float32)[None, None]
    for nn, tensor in [(torch.nn, torch.tensor), (scratch_nn, scratch.tensor)]:
        classes = np.asarray(nets.trained(name, nn)(tensor(x)).detach()).argmax(1)[0]
        assert masks.iou(classes > 0, part.mask > 0) == pytest.approx(card["runs"][0]["test_iou"], abs=0.003)


def test_copies_as_its_card_says():
    images = torch.tensor(data.load("cifar10", "test").images)
    with torch.no_grad():
        error = F.mse_loss(nets.trained("photographs-autoencoder", torch.nn)(images), images).item()
    assert error == pytest.approx(nets.card("photographs-autoencoder")["test_error"], rel=0.01)


def test_the_same_on_both_backends():
    name = "cifar10-two-convolutions"
    images = prepared(nets.card(name), data.load("cifar10", "test").images[:50])
    scratch, pytorch = (predict(nets.trained(name, nn), images) for nn in (scratch_nn, torch.nn))
    np.testing.assert_allclose(scratch, pytorch, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("nn", [scratch_nn, torch.nn], ids=["scratch", "torch"])
def test_saved_and_loaded(nn, tmp_path, monkeypatch):
    monkeypatch.setattr("coursekit.nets.cards.WEIGHTS", tmp_path)
    model = nets.resnet_small(nn, depth=8, width=4)
    about = {"data": "none", "recipe": "python -m recipes.none", "seed": 3, "umlaut": "ä"}
    save_trained(tmp_path / "x.safetensors", model, "resnet_small", {"depth": 8, "width": 4}, **about)
    assert nets.card("x") == {"network": "resnet_small", "arguments": {"depth": 8, "width": 4}, **about}
    again = nets.trained("x", nn)
    assert not again.training
    for key, value in model.state_dict().items():
        np.testing.assert_array_equal(np.asarray(again.state_dict()[key]), np.asarray(value))


def test_errors_name_what_there_is(tmp_path):
    with pytest.raises(ValueError, match=r"no trained network 'alexnet'; there are .*cifar10-two-convolutions"):
        nets.trained("alexnet", torch.nn)
    with pytest.raises(ValueError, match=r"coursekit\.nets has no 'nothing'"):
        save_trained(tmp_path / "x", torch.nn.ReLU(), "nothing", {}, data="", recipe="", seed=0)
