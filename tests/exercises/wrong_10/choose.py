"""Wrong solutions of task 5; see exercise.py."""

import numpy as np


def _pieces(features, labels, n_classes, strength):
    features = np.asarray(features, dtype=float)
    deviation = features.std(axis=0)
    Z = (features - features.mean(axis=0)) / np.where(deviation > 0, deviation, 1)
    Y = np.eye(n_classes)[labels]
    H = Z @ np.linalg.solve(Z.T @ Z + strength * len(Z) * np.eye(Z.shape[1]), Z.T)
    fitted = Y.mean(axis=0) + H @ (Y - Y.mean(axis=0))
    return Y, H, fitted, np.diag(H)[:, None]


def left_out_scores__mean_forgotten(features, labels, n_classes, strength):
    """Says: the part 1/N of H is missing"""
    Y, _, fitted, pull = _pieces(features, labels, n_classes, strength)
    return Y - (Y - fitted) / (1 - pull)


def left_out_scores__mean_forgotten_above(features, labels, n_classes, strength):
    """Says: Ŷ is HY with the whole H"""
    Y, H, _, pull = _pieces(features, labels, n_classes, strength)
    return Y - (Y - H @ Y) / (1 - pull - 1 / len(Y))


def left_out_scores__seen_all(features, labels, n_classes, strength):
    """Says: has seen all examples"""
    return _pieces(features, labels, n_classes, strength)[2]


def left_out_scores__residual(features, labels, n_classes, strength):
    """Says: this is what is left over"""
    Y, _, fitted, pull = _pieces(features, labels, n_classes, strength)
    return (Y - fitted) / (1 - pull - 1 / len(Y))


def left_out_scores__sign(features, labels, n_classes, strength):
    """Says: MINUS"""
    Y, _, fitted, pull = _pieces(features, labels, n_classes, strength)
    return Y + (Y - fitted) / (1 - pull - 1 / len(Y))


def left_out_scores__scaled_anew(features, labels, n_classes, strength):
    """Really leaves each out, but also scales anew and makes the penalty smaller.
    Says: was worked out without the example"""
    features = np.asarray(features, dtype=float)
    scores = []
    for i in range(len(features)):
        rest = np.arange(len(features)) != i
        phi, Y = features[rest], np.eye(n_classes)[labels[rest]]
        deviation = np.where(phi.std(0) > 0, phi.std(0), 1)
        Z = (phi - phi.mean(0)) / deviation
        V = np.linalg.solve(Z.T @ Z + strength * len(Z) * np.eye(Z.shape[1]), Z.T @ (Y - Y.mean(0)))
        scores.append(Y.mean(0) + (features[i] - phi.mean(0)) / deviation @ V)
    return np.array(scores)


def left_out_scores__share_of_all(features, labels, n_classes, strength):
    """Leaves each out of the slopes, not of the mean.
    Says: the part 1/N of H is missing"""
    features = np.asarray(features, dtype=float)
    deviation = features.std(axis=0)
    Z = (features - features.mean(axis=0)) / np.where(deviation > 0, deviation, 1)
    Y = np.eye(n_classes)[labels]
    share, scores = Y.mean(0), []
    for i in range(len(Z)):
        rest = np.arange(len(Z)) != i
        gram = Z[rest].T @ Z[rest] + strength * len(Z) * np.eye(Z.shape[1])
        scores.append(share + Z[i] @ np.linalg.solve(gram, Z[rest].T @ (Y[rest] - share)))
    return np.array(scores)


def left_out_scores__whole_matrix(features, labels, n_classes, strength):
    """Rows' sums instead of the diagonal.
    Says: Only the diagonal of H"""
    Y, H, fitted, _ = _pieces(features, labels, n_classes, strength)
    return Y - (Y - fitted) / (1 - H.sum(axis=1, keepdims=True) - 1 / len(Y))


def left_out_scores__changes_features(features, labels, n_classes, strength):
    """Says: Your function changed the array `features`"""
    Y, _, fitted, pull = _pieces(features, labels, n_classes, strength)
    features /= 2
    return Y - (Y - fitted) / (1 - pull - 1 / len(Y))


def _share(given, labels, n_classes, strength):
    Y, _, fitted, pull = _pieces(given, labels, n_classes, strength)
    return np.mean((Y - (Y - fitted) / (1 - pull - 1 / len(Y))).argmax(axis=1) == labels)


def choose__last_of_equals(candidates, labels, n_classes, strengths):
    """Says: replace the best only by a better one"""
    best, most = None, -1
    for name, given in candidates.items():
        for strength in strengths:
            right = _share(given, labels, n_classes, strength)
            if right >= most:
                best, most = (name, strength), right
    return best


def choose__by_name(candidates, labels, n_classes, strengths):
    """Says: replace the best only by a better one"""
    pairs = [(name, strength) for name in sorted(candidates) for strength in strengths]
    return max(pairs, key=lambda pair: _share(candidates[pair[0]], labels, n_classes, pair[1]))


def choose__by_strength(candidates, labels, n_classes, strengths):
    """Says: the first in the given order"""
    pairs = [(name, strength) for name in candidates for strength in sorted(strengths)]
    return max(pairs, key=lambda pair: _share(candidates[pair[0]], labels, n_classes, pair[1]))


def choose__strengths_outside(candidates, labels, n_classes, strengths):
    """Hidden only."""
    pairs = [(name, strength) for strength in strengths for name in candidates]
    return max(pairs, key=lambda pair: _share(candidates[pair[0]], labels, n_classes, pair[1]))


def choose__on_what_it_has_seen(candidates, labels, n_classes, strengths):
    """A probe with many features knows its own examples by heart.
    Hidden only."""

    def share(pair):
        fitted = _pieces(candidates[pair[0]], labels, n_classes, pair[1])[2]
        return np.mean(fitted.argmax(axis=1) == labels)

    return max([(name, strength) for name in candidates for strength in strengths], key=share)


def choose__worst(candidates, labels, n_classes, strengths):
    """Says: Is the largest number"""
    pairs = [(name, strength) for name in candidates for strength in strengths]
    return min(pairs, key=lambda pair: _share(candidates[pair[0]], labels, n_classes, pair[1]))


def choose__best_of_last_layer(candidates, labels, n_classes, strengths):
    """The counter begins anew with every layer.
    Says: instead of 'good'"""
    for name, given in candidates.items():
        most = -1
        for strength in strengths:
            right = _share(given, labels, n_classes, strength)
            if right > most:
                best, most = (name, strength), right
    return best


def choose__squared_error(candidates, labels, n_classes, strengths):
    """Says: instead of 'good'"""

    def error(pair):
        Y, _, fitted, pull = _pieces(candidates[pair[0]], labels, n_classes, pair[1])
        return np.sum(((Y - fitted) / (1 - pull - 1 / len(Y))) ** 2).round(9)

    return min([(name, strength) for name in candidates for strength in strengths], key=error)
