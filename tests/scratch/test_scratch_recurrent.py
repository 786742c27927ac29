"""Recurrent cells through whole sequences: results and the gradients of everything against PyTorch."""

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from oracle import arrays, assert_agrees, dtypes, layouts, seeds

from coursekit.scratch import functional as F
from coursekit.scratch import manual_seed, nn, optim

sizes = st.integers(1, 5)
CELLS = {
    "RNNCell": {},
    "RNNCell with relu": {"nonlinearity": "relu"},
    "LSTMCell": {},
}


def make(cell, package, *sizes, **options):
    return getattr(package, cell.split()[0])(*sizes, **CELLS[cell], **options)


def through(cell, states, inputs, weights):
    """Run a cell with the given weights over a sequence; return what it says at the end and on the way, in one row."""
    for name, weight in zip(cell.state_dict(), weights, strict=True):
        delattr(cell, name)  # so that gradients reach the weights that came in
        object.__setattr__(cell, name, weight)
    states = states if len(states) > 1 else states[0]
    total = 0
    for x in inputs:
        states = cell(x, states)
        out = states[0] if isinstance(states, tuple) else states
        total = total * 0.5 + out
    return total + states[1] if isinstance(states, tuple) else total


@pytest.mark.parametrize("cell", CELLS)
@given(seeds, dtypes, layouts, st.none() | st.integers(0, 3), st.integers(1, 6), sizes, sizes, st.booleans())
@example(0, "float64", "rows first", None, 6, 3, 4, True)
@example(0, "float32", "columns first", 3, 6, 3, 4, True)
def test_sequences(cell, seed, dtype, layout, n, length, inputs, units, bias):
    """Gradients of the inputs at every time, of the states at the start and of all weights; n = None: no batch."""
    batch = () if n is None else (n,)
    mine, theirs = (make(cell, package, inputs, units, bias=bias) for package in (nn, torch.nn))
    shapes = {name: tuple(value.shape) for name, value in theirs.state_dict().items()}
    assert {name: value.shape for name, value in mine.state_dict().items()} == shapes
    n_states = 2 if cell == "LSTMCell" else 1
    numbers = arrays(seed, dtype, *[(*batch, units)] * n_states, *[(*batch, inputs)] * length, *shapes.values())

    def run(cell):
        return lambda *all_: through(
            cell, all_[:n_states], all_[n_states : n_states + length], all_[n_states + length :]
        )

    assert_agrees(run(mine), run(theirs), numbers, layout)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("shape", [(3,), (4, 3)])
def test_without_a_state_it_starts_at_zero(cell, shape):
    mine, theirs = (make(cell, package, 3, 5) for package in (nn, torch.nn))
    mine.load_state_dict(theirs.state_dict())
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    ours, expected = mine(x), theirs(torch.from_numpy(x))
    for a, b in zip(states_of(ours), states_of(expected), strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), atol=1e-6)


def states_of(out):
    return out if isinstance(out, tuple) else (out,)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bias", [True, False])
def test_keys_printing_and_first_weights(cell, bias):
    manual_seed(0)
    torch.manual_seed(0)
    mine, theirs = (make(cell, package, 40, 50, bias=bias) for package in (nn, torch.nn))
    assert repr(mine) == repr(theirs)
    assert list(mine.state_dict()) == list(theirs.state_dict())
    for name, value in theirs.state_dict().items():
        ours = mine.state_dict()[name]
        assert ours.dtype == np.float32
        assert abs(ours).max() == pytest.approx(50**-0.5, rel=0.05) == float(abs(value).max())
        assert ours.std() == pytest.approx(float(value.std()), rel=0.3)


def test_errors():
    with pytest.raises(KeyError, match="sigmoid"):
        nn.RNNCell(2, 3, nonlinearity="sigmoid")(np.zeros((5, 2), np.float32))
    with pytest.raises(RuntimeError, match=r"RNNCell takes one step .*\(N, 2\), .* not \(5, 4, 2\)"):
        nn.RNNCell(2, 3)(np.zeros((5, 4, 2), np.float32))
    with pytest.raises(RuntimeError, match=r"states of shape \(N, 3\), .* not \(4, 2\) and .*\(1, 3\)\]"):
        nn.LSTMCell(2, 3)(np.zeros((4, 2)), (np.zeros((4, 3)), np.zeros((1, 3))))


def test_a_cell_learns_what_only_a_memory_can_know():
    """The sign of the first of eight numbers, asked for at the end."""
    manual_seed(0)
    rng = np.random.default_rng(0)
    cell, head = nn.LSTMCell(1, 8), nn.Linear(8, 2)
    optimizer = optim.Adam([*cell.parameters(), *head.parameters()], lr=0.03)
    for _ in range(250):
        x = rng.normal(size=(8, 64, 1)).astype(np.float32)
        state = None
        for step in x:
            state = cell(step, state)
        logits, labels = head(state[0]), (x[0, :, 0] > 0).astype(int)
        optimizer.zero_grad()
        F.cross_entropy(logits, labels).backward()
        optimizer.step()
    assert (logits.data.argmax(axis=1) == labels).mean() > 0.9
