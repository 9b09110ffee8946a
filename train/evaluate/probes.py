"""Frozen probes: what can be read from embeddings in homes that neither model nor probe has seen.

Pan itself cannot be: a new home has no compass. What can be told is by how much one view is to the right of another, so
that is asked of pairs of frames. A held-out home has rooms of its own, so rooms are asked for in other episodes of the
homes that the probe knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from train.evaluate.linear import Ridge, fit_ridge, hold_out, nearest, vote
from train.evaluate.statistics import (
    AT_MOST_1,
    SHARE,
    Floats,
    Interval,
    Labels,
    Statistic,
    bootstrap,
    weighted_mean,
    weighted_r2,
)
from train.evaluate.targets import (
    UNITS,
    Bools,
    Ints,
    Targets,
    overlapping_pairs,
    relative_pan_deg,
    telling_categories,
)

MEAN = "mean"
MOST_PAIRS = 10_000
_COMPONENTS = 32
_SAME = 1e-6
"""Components that vary less, relative to the first, are rounding errors."""


@dataclass(frozen=True)
class Probe:
    """What one probe could tell.

    Attributes:
        target: what it was asked for, see `UNITS`.
        features: what it looked at: "model", a baseline's name, or "mean", which looks at nothing.
        probe: "ridge", "knn", or "" for the mean.
        score: R2 on held-out homes (for `object_in_view` the mean over categories), for `room` the accuracy.
        error: mean absolute error, in `UNITS`.
        count: of frames or pairs that it was judged on.
    """

    target: str
    features: str
    probe: str
    score: Interval
    error: float
    count: int

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return vars(self) | {"score": self.score.to_json(), "unit": UNITS[self.target]}


@dataclass(frozen=True, eq=False)
class PairProbe:
    """Tells a signed difference from two embeddings: swapping them changes the sign, and two equal ones give 0.

    It is linear in their difference and in the products a_i b_j - a_j b_i of their first 32 principal components, which
    is what a turn looks like where each frame is a point on a circle whose zero differs from home to home.
    """

    mean: Floats
    directions: Floats
    ridge: Ridge

    def __call__(self, first: Floats, second: Floats) -> Floats:
        """(n, d), (n, d) -> (n,)."""
        features = _antisymmetric(*((side - self.mean) @ self.directions for side in (first, second)))
        return (features / self.ridge.scale @ self.ridge.weights)[:, 0]


def fit_pair_probe(features: Floats, pairs: Ints, difference: Floats, validation: Bools) -> PairProbe:
    """Fits embeddings (n, d) of pairs (p, 2) to signed differences (p,); `validation`: (p,), see `fit_ridge`."""
    mean, directions = principal(features, _COMPONENTS)
    projected = (features - mean) @ directions
    one = _antisymmetric(projected[pairs[:, 0]], projected[pairs[:, 1]])
    both = np.concatenate([one, -one])  # swapped as well, so that nothing is left for an offset
    ridge = fit_ridge(both, np.concatenate([difference, -difference])[:, None], np.tile(validation, 2))
    return PairProbe(mean, directions, ridge)


def principal(features: Floats, count: int) -> tuple[Floats, Floats]:
    """The mean (d,) of features (n, d) and their first directions (d, <= count), to variance 1 each."""
    mean = features.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(features - mean, rowvar=False, bias=True).reshape(features.shape[1], -1))
    kept = np.flatnonzero(values > max(_SAME**2 * values[-1], 1e-300))[::-1][:count]
    return mean, vectors[:, kept] / np.sqrt(values[kept])


def _antisymmetric(one: Floats, other: Floats) -> Floats:
    """(n, c), (n, c) -> (n, c + c (c - 1) / 2)."""
    i, j = np.triu_indices(one.shape[1], 1)
    return np.concatenate([other - one, one[:, i] * other[:, j] - one[:, j] * other[:, i]], axis=1)


def probe_table(
    features: Mapping[str, tuple[Floats, Floats]], train: Targets, test: Targets, rng: np.random.Generator
) -> list[Probe]:
    """Probes of several features, by name the arrays (n, d) of training frames and (m, d) of frames of held-out homes.

    Raises:
        HomeError: too few episodes to choose the probes' strength by.
    """
    validation = hold_out(train.home, train.episode, rng)
    pairs = [overlapping_pairs(targets, rng, MOST_PAIRS) for targets in (train, test)]
    rooms = _held_out_rooms(train, rng)
    table: list[Probe] = []
    for name, (known, new) in features.items():
        judge = _Judge(name, known, new, train, test, validation, rng)
        table += [*judge.numbers(), *judge.pairs(*pairs), *judge.objects(), *judge.rooms(*rooms)]
    order = list(UNITS)
    return sorted(_unique(table), key=lambda probe: order.index(probe.target))


@dataclass(frozen=True, eq=False)
class _Judge:
    """The probes of one kind of features, each followed by what the mean would do."""

    name: str
    known: Floats
    new: Floats
    train: Targets
    test: Targets
    validation: Bools
    rng: np.random.Generator

    @cached_property
    def neighbours(self) -> Ints:
        """The nearest training frames of each new one, (m, k)."""
        return nearest(self.known, self.new)

    def numbers(self) -> Iterator[Probe]:
        """Tilt, log zoom and depths."""
        for targets in self._known_alike():
            y = np.stack([self.train.numbers[target] for target in targets], axis=1)
            fit = np.isfinite(y[:, 0])
            by_ridge = fit_ridge(self.known[fit], y[fit], self.validation[fit])(self.new)
            for column, target in enumerate(targets):
                true, mean = self.test.numbers[target], y[fit, column].mean()
                use = np.isfinite(true)
                told = {
                    "ridge": by_ridge[:, column],
                    "knn": _known_mean(y[self.neighbours, column]),
                    "": np.full(len(true), mean),
                }
                for probe, predicted in told.items():
                    yield self._judged(target, probe, true[use], predicted[use], self.test.home[use])

    def _known_alike(self) -> list[list[str]]:
        """Targets that are known of the same training frames together: one decomposition does for them."""
        found: dict[bytes, list[str]] = {}
        for target in (name for name in UNITS if name in self.train.numbers and name in self.test.numbers):
            found.setdefault(np.isfinite(self.train.numbers[target]).tobytes(), []).append(target)
        return list(found.values())

    def pairs(self, train: Ints, test: Ints) -> Iterator[Probe]:
        """Relative pan."""
        if len(train) and len(test):
            difference = relative_pan_deg(self.train, train)
            probe = fit_pair_probe(self.known, train, difference, self.validation[train[:, 0]])
            true, home = relative_pan_deg(self.test, test), self.test.home[test[:, 0]]
            told = {"ridge": probe(self.new[test[:, 0]], self.new[test[:, 1]]), "": np.zeros(len(true))}
            for name, predicted in told.items():
                yield self._judged("relative_pan", name, true, predicted, home)

    def objects(self) -> Iterator[Probe]:
        """Which categories of objects are in view."""
        columns = telling_categories(self.train, self.test)
        if columns and self.train.in_view is not None and self.test.in_view is not None:
            y = self.train.in_view[:, [one for _, one, _ in columns]].astype(np.float64)
            true = self.test.in_view[:, [other for _, _, other in columns]].astype(np.float64)
            told = {
                "ridge": fit_ridge(self.known, y, self.validation)(self.new),
                "knn": y[self.neighbours].mean(axis=1),
                "": np.broadcast_to(y.mean(axis=0), true.shape),
            }
            for probe, predicted in told.items():
                wrong = float(((predicted > 0.5) != (true > 0.5)).mean())
                score = bootstrap(_macro_r2(true, predicted), {"home": self.test.home}, self.rng, within=AT_MOST_1)
                yield self._probe("object_in_view", probe, score, wrong, len(true))

    def rooms(self, fit: Ints, use: Ints) -> Iterator[Probe]:
        """The room, in other episodes of known homes."""
        if len(use):
            label, true = self.train.room[fit], self.train.room[use]
            told = {"knn": vote(label[nearest(self.known[fit], self.known[use])]), "": vote(label[None])}
            for probe, predicted in told.items():
                right = np.broadcast_to(predicted == true, true.shape).astype(np.float64)
                score = bootstrap(weighted_mean(right), {"episode": self.train.episode[use]}, self.rng, within=SHARE)
                yield self._probe("room", probe, score, 1 - float(right.mean()), len(use))

    def _judged(self, target: str, probe: str, true: Floats, predicted: Floats, home: Labels) -> Probe:
        score = bootstrap(weighted_r2(true, predicted), {"home": home}, self.rng, within=AT_MOST_1)
        return self._probe(target, probe, score, float(np.abs(true - predicted).mean()), len(true))

    def _probe(self, target: str, probe: str, score: Interval, error: float, count: int) -> Probe:
        return Probe(target, self.name if probe else MEAN, probe, score, error, count)


def _known_mean(neighbours: Floats) -> Floats:
    """The mean of each row (m, k) over what is known of it; of all if nothing is."""
    known = np.isfinite(neighbours)
    counts = known.sum(axis=1)
    sums = np.where(known, neighbours, 0.0).sum(axis=1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), sums.sum() / max(1, counts.sum()))


def _macro_r2(true: Floats, predicted: Floats) -> Statistic:
    """The mean R2 of columns (n, C), of those that vary in a draw."""
    parts = [weighted_r2(one, other) for one, other in zip(true.T, predicted.T, strict=True)]

    def r2(weights: Floats) -> Floats:
        scores = np.stack([part(weights) for part in parts])
        finite = np.isfinite(scores)
        counts = finite.sum(axis=0)
        return np.where(counts > 0, np.where(finite, scores, 0.0).sum(axis=0) / np.maximum(counts, 1), np.nan)

    return r2


def _held_out_rooms(targets: Targets, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Frames to learn rooms from, and those of other episodes, in rooms among them; none if there are too few."""
    somewhere = targets.room != ""
    held = hold_out(targets.episode, targets.episode, rng)
    fit = np.flatnonzero(somewhere & ~held)
    use = np.flatnonzero(somewhere & held & np.isin(targets.room, targets.room[fit]))
    return (fit, use) if len(np.unique(targets.room[fit])) > 1 else (fit, use[:0])


def _unique(table: list[Probe]) -> Iterator[Probe]:
    """Without repetitions of the mean, which all features have in common."""
    seen = set()
    for probe in table:
        if probe.probe or probe.target not in seen:
            yield probe
        if not probe.probe:
            seen.add(probe.target)
