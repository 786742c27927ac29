"""Models of characters: both backends agree, nothing looks ahead, and the trained ones do what their cards say."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from coursekit import data, nets, scratch
from coursekit.data import text


def twins(build, *arguments, **options):
    ours = build(scratch.nn, *arguments, **options).eval()
    theirs = build(torch.nn, *arguments, **options).eval()
    theirs.load_state_dict({name: torch.from_numpy(np.array(v)) for name, v in ours.state_dict().items()})
    return ours, theirs


def test_the_lstm_is_the_same_on_both_and_goes_on_from_its_state():
    ours, theirs = twins(nets.character_lstm, 7, width=5, embedding=3)
    codes = np.random.default_rng(0).integers(7, size=(6, 2))
    logits, _ = ours(codes)
    assert logits.shape == (6, 2, 7)
    np.testing.assert_allclose(logits.data, theirs(torch.from_numpy(codes))[0].detach(), atol=1e-6)
    first, state = ours(codes[:4])
    rest, _ = ours(codes[4:], state)
    np.testing.assert_allclose(np.concatenate([first.data, rest.data]), logits.data, atol=1e-6)


def test_the_convolutions_are_the_same_on_both_and_see_only_the_past():
    ours, theirs = twins(nets.character_convolutions, 7, width=4, dilations=(1, 2))
    codes = np.random.default_rng(0).integers(7, size=(2, 12))
    logits = ours(codes)
    np.testing.assert_allclose(logits.data, theirs(torch.from_numpy(codes)).detach(), atol=1e-6)
    changed = codes.copy()
    changed[:, 5] = (codes[:, 5] + 1) % 7
    differs = np.abs(ours(changed).data - logits.data).max(axis=(0, 1)) > 0
    assert not differs[:5].any()
    assert differs[5]
    assert not differs[5 + 7 :].any()  # 1 + 2 · (1 + 2) = 7 characters are seen


@pytest.mark.parametrize("kind", ["lstm", "convolutions"])
def test_the_trained_ones_reach_what_their_cards_say(kind):
    card = nets.card(f"alice-{kind}")
    part = text.parts(data.alice())["test"]
    codes = torch.tensor([card["characters"].index(character) for character in part])
    model = nets.trained(f"alice-{kind}", torch.nn)
    with torch.no_grad():
        logits = model(codes[:-1, None])[0][:, 0] if kind == "lstm" else model(codes[None, :-1])[0].T
    assert F.cross_entropy(logits, codes[1:]).item() / math.log(2) == pytest.approx(card["test_bits"], abs=0.01)
