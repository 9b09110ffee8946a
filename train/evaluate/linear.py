"""The two frozen probes: ridge regression in closed form, and nearest neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenes.errors import HomeError
from train.evaluate.statistics import Floats, Labels
from train.evaluate.targets import Bools, Ints

NEIGHBOURS = 20
_ALPHAS = np.logspace(-6, 2, 17)
"""Per sample, for standardised features."""
_VALIDATION_SHARE = 0.2
_AT_ONCE = 512


@dataclass(frozen=True, eq=False)
class Ridge:
    """A linear map of standardised features (d,) to targets (k,), each with the strength of its own."""

    mean: Floats
    scale: Floats
    weights: Floats
    offset: Floats
    alpha: Floats

    def __call__(self, features: Floats) -> Floats:
        """(n, d) -> (n, k)."""
        return (features - self.mean) / self.scale @ self.weights + self.offset


def fit_ridge(features: Floats, targets: Floats, validation: Bools) -> Ridge:
    """Fits features (n, d) to targets (n, k), all finite.

    The strength is the best on `validation` (n,) among those fitted to the rest; with it all are fitted.
    """
    rest = ~validation
    errors = [
        ((ridge(features[validation]) - targets[validation]) ** 2).mean(axis=0)
        for ridge in _fits(features[rest], targets[rest], [np.full(targets.shape[1], alpha) for alpha in _ALPHAS])
    ]
    return _fits(features, targets, [_ALPHAS[np.argmin(errors, axis=0)]])[0]


def _fits(features: Floats, targets: Floats, alphas: list[Floats]) -> list[Ridge]:
    """Ridge regressions of several strengths (k,), by one decomposition of the features, on their shorter side."""
    mean, scale = standardisation(features)
    standard = (features - mean) / scale
    offset = targets.mean(axis=0)
    count, dimension = standard.shape
    if dimension <= count:
        values, vectors = np.linalg.eigh(standard.T @ standard / count)
        back, projected = vectors, vectors.T @ (standard.T @ (targets - offset) / count)
    else:
        values, vectors = np.linalg.eigh(standard @ standard.T / count)
        back, projected = standard.T @ vectors, vectors.T @ (targets - offset) / count
    return [
        Ridge(mean, scale, back @ (projected / (np.maximum(values, 0)[:, None] + alpha)), offset, alpha)
        for alpha in alphas
    ]


def standardisation(features: Floats) -> tuple[Floats, Floats]:
    """Mean and deviation (d,) of features (n, d); 1 where they do not vary."""
    scale = features.std(axis=0)
    return features.mean(axis=0), np.where(scale > 1e-8 * (1 + np.abs(features).max(axis=0)), scale, 1.0)


def nearest(train: Floats, test: Floats, count: int = NEIGHBOURS) -> Ints:
    """The nearest `count` of training features (n, d) for each of (m, d), by standardised distance, (m, count)."""
    mean, scale = standardisation(train)
    one, other = (((features - mean) / scale).astype(np.float32) for features in (train, test))
    squares = (one**2).sum(axis=1)
    count = min(count, len(one))
    found = [
        np.argpartition(squares - 2 * (other[start : start + _AT_ONCE] @ one.T), count - 1, axis=1)[:, :count]
        for start in range(0, len(other), _AT_ONCE)
    ]
    return np.concatenate(found) if found else np.empty((0, count), np.intp)


def vote(labels: Labels) -> Labels:
    """The most frequent label of each row (m, k), (m,); of equally frequent ones the first in order."""
    names, codes = np.unique(labels, return_inverse=True)
    codes = codes.reshape(labels.shape)
    counts = np.zeros((len(labels), len(names)), np.intp)
    np.add.at(counts, (np.arange(len(labels))[:, None], codes), 1)
    return names[np.argmax(counts, axis=1)]


def hold_out(homes: Labels, episodes: Labels, rng: np.random.Generator) -> Bools:
    """A fifth of the homes, or of the episodes where there is a single home, to choose by: (n,).

    Raises:
        HomeError: there is a single episode.
    """
    for groups in (homes, episodes):
        names = np.unique(groups)
        if len(names) > 1:
            held = rng.choice(names, max(1, round(_VALIDATION_SHARE * len(names))), replace=False)
            return np.isin(groups, held)
    raise HomeError("probes need two training episodes at least, to choose their strength by; generate more")
