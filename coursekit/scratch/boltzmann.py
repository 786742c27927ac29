"""The restricted Boltzmann machine: features learned without a label or a backward pass, by contrastive divergence.

Two layers of binary units, visible v and hidden h, not connected inside a layer: ``P(v, h) = exp(vᵀWh + bᵀv + cᵀh)/Z``.
P. Smolensky, "Information Processing in Dynamical Systems: Foundations of Harmony Theory", in "Parallel Distributed
Processing", MIT Press 1986. Taught in the chapter on learned representations.
"""

import numpy as np

from coursekit.scratch import random
from coursekit.scratch.kernels import sigmoid

LARGEST = 20  # a layer of n units has 2ⁿ states


class RBM:
    """A restricted Boltzmann machine with binary units.

    Parameters
    ----------
    visible, hidden : int
        Number of units.
    dtype : numpy dtype
        float32 suits images; float64 comparisons with exact sums.

    Attributes
    ----------
    W : ndarray, shape (visible, hidden)
        Starts normal, standard deviation 0.01 (the guide, section 8: see `contrastive_divergence`). A column is what
        one hidden unit looks for.
    b, c : ndarray, shapes (visible,) and (hidden,)
        Biases of the visible and of the hidden units, 0 at first.

    Examples
    --------
    The hidden units go into a network as a layer, followed by a sigmoid:

    >>> machine = RBM(6, 4)
    >>> layer = nn.Linear(6, 4)
    >>> layer.load_state_dict({"weight": machine.W.T, "bias": machine.c})
    >>> v = np.ones((1, 6), np.float32)
    >>> np.allclose(F.sigmoid(layer(v)).detach().numpy(), machine.hidden_probabilities(v))
    True
    """

    def __init__(self, visible, hidden, dtype=np.float32):
        self.W = random.generator().normal(0, 0.01, (visible, hidden)).astype(dtype)
        self.b, self.c = np.zeros(visible, dtype), np.zeros(hidden, dtype)

    def __repr__(self):
        return f"RBM(visible={len(self.b)}, hidden={len(self.c)})"

    # -- the model. States are arrays of 0 and 1, shapes (..., visible) and (..., hidden); v may be probabilities.

    def energy(self, v, h):
        """Return ``-(vᵀWh + bᵀv + cᵀh)``, shape (...): the lower, the likelier."""
        return -((v @ self.W * h).sum(axis=-1) + v @ self.b + h @ self.c)

    def free_energy(self, v):
        """Return ``-log Σ_h exp(-energy(v, h))``, shape (...): ``P(v) = exp(-free_energy(v)) / Z``.

        The sum over all hidden states is a product with one factor ``1 + exp(z)`` for each hidden unit: that is what
        the restriction is for.
        """
        return -(v @ self.b) - np.logaddexp(0, v @ self.W + self.c).sum(axis=-1)

    def hidden_probabilities(self, v):
        """Return ``P(h_j = 1 | v)`` for each hidden unit; given v they are independent."""
        return sigmoid(v @ self.W + self.c)

    def visible_probabilities(self, h):
        """Return ``P(v_i = 1 | h)`` for each visible unit; given h they are independent."""
        return sigmoid(h @ self.W.T + self.b)

    def mirrored(self):
        """Return the same machine with its layers exchanged. It shares the parameters."""
        twin = object.__new__(RBM)
        twin.W, twin.b, twin.c = self.W.T, self.c, self.b
        return twin

    # -- sampling

    def gibbs(self, v, steps=1):
        """Sample all hidden units given v, then all visible units given those, `steps` times; return the last v.

        After many steps it is a sample of P(v) wherever it started.
        """
        for _ in range(steps):
            v = _sample(self.visible_probabilities(_sample(self.hidden_probabilities(v))))
        return v

    def sample(self, count, steps=1000):
        """Return `count` visible states, shape (count, visible), after so many Gibbs steps from random ones."""
        return self.gibbs(_sample(np.full((count, len(self.b)), 0.5, self.b.dtype)), steps)

    # -- learning: every gradient is ⟨vhᵀ⟩, ⟨v⟩, ⟨h⟩ over the data minus the same over the model's own states

    def statistics(self, v, weights=None):
        """Return the averages of vhᵀ, v and h over the rows of v, with P(h | v) in the place of sampled h."""
        weights = np.full(len(v), 1 / len(v), self.W.dtype) if weights is None else weights
        h, weighted = self.hidden_probabilities(v), weights[:, None] * v
        return weighted.T @ h, weights @ v, weights @ h

    def contrastive_divergence(self, v, k=1, chain=None):
        """Estimate the gradient of the mean of log P(v), with `k` Gibbs steps from the data for the model's own states.

        G. E. Hinton, "Training Products of Experts by Minimizing Contrastive Divergence", Neural Computation 2002. What
        is sampled follows his "A Practical Guide to Training Restricted Boltzmann Machines", 2012, section 3: binary
        hidden states on the way to a reconstruction, or h would tell v more than its own bits; probabilities for the
        last h and in all statistics, which saves noise. The visible states are sampled too. (The guide's recipe keeps
        their probabilities: less noise again, but then the estimate does not become exact as k grows.)

        Parameters
        ----------
        v : ndarray, shape (N, visible)
        k : int
        chain : ndarray, shape (M, visible), optional
            Start from these states instead of the data.

        Returns
        -------
        gradients : tuple of ndarray
            For W, b and c. Go *up* them.
        chain : ndarray
            Where the Gibbs steps ended. Handed in again next time, this is persistent contrastive divergence
            (T. Tieleman, "Training Restricted Boltzmann Machines Using Approximations to the Likelihood Gradient",
            ICML 2008).
        """
        chain = self.gibbs(v if chain is None else chain, k)
        return _minus(self.statistics(v), self.statistics(chain)), chain

    def fit(self, v, epochs, lr=0.1, batch_size=100, k=1, momentum=0.0, weight_decay=0.0, persistent=False):
        """Train by contrastive divergence on mini-batches, in a new order every epoch.

        Parameters
        ----------
        v : array, shape (N, visible)
            0 and 1, or numbers between, which count as probabilities.
        epochs, batch_size, k : int
        lr, momentum : float
            ``Δ = lr · gradient + momentum · (the last Δ)``.
        weight_decay : float
            The penalty is ``weight_decay / 2 · ‖W‖²``; biases are left alone (the guide, section 10).
        persistent : bool
            Carry the chains on from batch to batch; then `lr` should be smaller.

        Returns
        -------
        dict of list
            After each epoch ``"reconstruction_error"`` (easily read, but not what is being made smaller) and the mean
            ``"pseudo_likelihood"``, on the first 1000 rows. To see overfitting, compare the mean `free_energy` of
            training and of held-out rows: Z cancels (the guide, section 6).

        Raises
        ------
        ValueError
            If v has another width, or numbers outside 0 to 1.
        """
        v = np.asarray(v, self.W.dtype)
        if v.ndim != 2 or v.shape[1] != len(self.b):
            raise ValueError(f"v must have shape (N, {len(self.b)}), one example a row, not {v.shape}")
        if not (v.min() >= 0 and v.max() <= 1):
            raise ValueError(f"v must lie between 0 and 1, but ranges from {v.min():g} to {v.max():g}")
        history = {"reconstruction_error": [], "pseudo_likelihood": []}
        changes, chain = [np.zeros_like(p) for p in (self.W, self.b, self.c)], None
        for _ in range(epochs):
            order = random.generator().permutation(len(v))
            for start in range(0, len(v), batch_size):
                batch = v[order[start : start + batch_size]]
                gradients, end = self.contrastive_divergence(batch, k, chain)
                chain = end if persistent else None
                gradients[0][...] -= weight_decay * self.W
                for parameter, change, gradient in zip((self.W, self.b, self.c), changes, gradients, strict=True):
                    change *= momentum
                    change += lr * gradient
                    parameter += change
            history["reconstruction_error"].append(self.reconstruction_error(v[:1000]))
            history["pseudo_likelihood"].append(float(self.pseudo_likelihood(v[:1000]).mean()))
        return history

    def reconstruction_error(self, v):
        """Return the mean squared difference between v and what the machine makes of it, without sampling."""
        return float(((v - self.visible_probabilities(self.hidden_probabilities(v))) ** 2).mean())

    def pseudo_likelihood(self, v):
        """Estimate ``Σ_i log P(v_i | all other v)`` for each row, which needs no Z, from one bit chosen at random."""
        v = _sample(v)
        rows, bits = np.arange(len(v)), random.generator().integers(len(self.b), size=len(v))
        flipped = v.copy()
        flipped[rows, bits] = 1 - v[rows, bits]
        return -len(self.b) * np.logaddexp(0, self.free_energy(v) - self.free_energy(flipped))

    # -- exactly, for machines so small that all states of one layer can be gone through

    def log_partition(self):
        """Return log Z, by the sum over all states of the smaller layer; the other is summed out in `free_energy`.

        Raises
        ------
        ValueError
            If both layers have more than 20 units.
        """
        machine = self if len(self.b) <= len(self.c) else self.mirrored()
        parts = [_log_sum_exp(-machine.free_energy(states)) for states in all_states(len(machine.b), self.W.dtype)]
        return _log_sum_exp(np.array(parts))

    def log_likelihood(self, v):
        """Return log P(v) for each row, exactly. Errors as for `log_partition`."""
        return -self.free_energy(v) - self.log_partition()

    def log_likelihood_gradient(self, v):
        """Return the exact gradients of the mean of log P(v) for W, b and c. Errors as for `log_partition`."""
        return _minus(self.statistics(v), self._model_statistics())

    def _model_statistics(self):
        if len(self.b) > len(self.c):
            hv, h, v = self.mirrored()._model_statistics()
            return hv.T, v, h
        log_z = self.log_partition()
        parts = (
            self.statistics(v, np.exp(-self.free_energy(v) - log_z)) for v in all_states(len(self.b), self.W.dtype)
        )
        return [sum(terms) for terms in zip(*parts, strict=True)]


def all_states(n, dtype=np.float64):
    """Yield all 2ⁿ binary states of n units, in arrays of at most 4096 rows.

    Examples
    --------
    >>> next(all_states(2))
    array([[0., 0.],
           [0., 1.],
           [1., 0.],
           [1., 1.]])
    """
    if n > LARGEST:
        raise ValueError(f"one layer must have at most {LARGEST} units to go through all its states, not {n}")
    for start in range(0, 2**n, 4096):
        numbers = np.arange(start, min(start + 4096, 2**n))
        yield (numbers[:, None] >> np.arange(n)[::-1] & 1).astype(dtype)


def pretrain(v, sizes, **settings):
    """Train a stack of machines, each on the hidden probabilities of the one below, and return them as a list.

    Hinton, Osindero & Teh, "A Fast Learning Algorithm for Deep Belief Nets", Neural Computation 2006. `settings` go to
    `RBM.fit`; into a network they go layer by layer, as shown at `RBM`.

    Examples
    --------
    >>> pretrain(np.eye(8), [5, 3], epochs=1)
    [RBM(visible=8, hidden=5), RBM(visible=5, hidden=3)]
    """
    machines = []
    for size in sizes:
        machines.append(RBM(v.shape[1], size))
        machines[-1].fit(v, **settings)
        v = machines[-1].hidden_probabilities(v)
    return machines


def _sample(p):
    return (random.generator().random(p.shape, np.float32) < p).astype(p.dtype)


def _minus(data, model):
    return tuple(d - m for d, m in zip(data, model, strict=True))


def _log_sum_exp(x):
    return x.max() + np.log(np.exp(x - x.max()).sum())
