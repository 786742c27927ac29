"""The two small networks to transfer from: what their cards say is what they do."""

import numpy as np
import pytest
from torch import nn

from coursekit import data, nets, transfer
from coursekit.training import evaluate


def test_the_one_of_photographs_knows_five_classes():
    card, test = nets.card("photographs-five"), data.load("cifar10", "test")
    even = test.labels % 2 == 0
    images = transfer.prepared(test.images[even], card)
    accuracy = evaluate(nets.trained("photographs-five", nn), (images, test.labels[even] // 2))[1]
    assert accuracy == pytest.approx(card["accuracy"], abs=0.05)  # 500 of the 5 000 images that the card is about


def test_the_one_of_clothes_knows_ten_kinds():
    card, test = nets.card("clothes"), data.load("fashion-mnist", "test")
    images = transfer.prepared(test.images[:1000], card, size=32, channels=3)
    accuracy = evaluate(nets.trained("clothes", nn), (images, test.labels[:1000]))[1]
    assert accuracy == pytest.approx(card["accuracy"], abs=0.03)


def test_the_card_has_all_that_was_measured():
    card = nets.card("photographs-five")
    assert set(card["rates"]) == {"photographs-five", "clothes", "nothing"}
    for source in card["rates"]:
        for n, repeats in {5: 5, 50: 5, 500: 3}.items():
            runs = card["results"][f"{source}, {n}"]
            ways = {"all"} if source == "nothing" else {"all", "relu1", "relu2", "relu3"}
            assert set(runs) == ways
            assert all(len(values) == repeats and 0.2 < np.mean(values) < 0.9 for values in runs.values())
