"""Clusters of embeddings, and which recorded factor they follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from train.evaluate.factors import Factor
from train.evaluate.statistics import Floats, Labels
from train.evaluate.targets import Ints

NOISE = -1
MIN_SAMPLES = 10
COMPONENTS = 10
"""Principal components in which clusters are looked for: in more, all distances are alike."""
MOST_OUTSIDE = 0.5
"""A scale at which more of the points are in no cluster says too little."""
_GROWTH = 1.2
_MOST_SCALES = 16
_TRAITS = 3
_SAMPLES = 12


@dataclass(frozen=True)
class Trait:
    """A label that is more frequent in a cluster (`share`) than elsewhere (`elsewhere`)."""

    factor: str
    label: str
    share: float
    elsewhere: float


@dataclass(frozen=True, eq=False)
class Cluster:
    """One cluster: which of the M points, what sets it apart (the most telling first), and points spread over it."""

    members: Ints
    traits: tuple[Trait, ...]
    samples: Ints


@dataclass(frozen=True, eq=False)
class Scale:
    """Clusters at one reach.

    Attributes:
        reach: of DBSCAN, in the units of the points.
        labels: (M,), from 0, the largest cluster first; -1 is in none.
        explained: how well each factor explains them, the best first, see `explain`.
    """

    reach: float
    labels: Ints
    explained: tuple[tuple[str, float], ...]

    @property
    def count(self) -> int:
        """How many clusters there are."""
        return int(self.labels.max(initial=NOISE)) + 1

    @property
    def outside(self) -> float:
        """The share of points in no cluster."""
        return float((self.labels == NOISE).mean())

    def to_json(self) -> dict[str, Any]:
        """As JSON, without the points."""
        return {"reach": self.reach, "clusters": self.count, "in_none": self.outside, "explained": dict(self.explained)}


@dataclass(frozen=True, eq=False)
class Clusters:
    """Clusters of M points at several scales: large ones may follow another factor than the small ones in them.

    Attributes:
        scales: from fine to coarse.
        best: the scale that some factor explains best.
        explained: each factor at the scale that it explains best, the best factor first.
        clusters: those of the best scale, one by one.
    """

    scales: tuple[Scale, ...]
    best: Scale
    explained: tuple[tuple[str, float], ...]
    clusters: tuple[Cluster, ...]

    def to_json(self) -> dict[str, Any]:
        """As JSON, without the points."""
        found = [{"frames": len(c.members), "traits": [vars(trait) for trait in c.traits]} for c in self.clusters]
        scales = [scale.to_json() for scale in self.scales]
        return {"explained": dict(self.explained), "best": self.best.to_json(), "scales": scales, "clusters": found}


def cluster(points: Floats, factors: Sequence[Factor], rng: np.random.Generator) -> Clusters:
    """Clusters of points (M, d), of more than 10, explained by factors of the same M frames."""
    scales = [Scale(reach, labels, explain(labels, factors)) for reach, labels in _scales(points)]
    told = [scale for scale in scales if scale.outside <= MOST_OUTSIDE] or scales
    best = max(told, key=lambda scale: max((score for _, score in scale.explained), default=0.0))
    scores = {factor.name: max(dict(scale.explained)[factor.name] for scale in told) for factor in factors}
    ranked = tuple(sorted(scores.items(), key=lambda pair: -pair[1]))
    return Clusters(tuple(scales), best, ranked, describe(best.labels, factors, rng))


def _scales(points: Floats) -> Iterator[tuple[float, Ints]]:
    """Reaches and labels (M,), from the knee on, each reach 1.2 times the one before, until all is one cluster.

    The knee is where the sorted distances to the 10th neighbour bend up (Ester et al. 1996 read it from the plot).
    """
    from sklearn.neighbors import NearestNeighbors

    distances, _ = NearestNeighbors(n_neighbors=min(MIN_SAMPLES, len(points) - 1)).fit(points).kneighbors()
    reach = max(knee(np.sort(distances[:, -1])), 1e-12)
    for _ in range(_MOST_SCALES):
        labels = dbscan(points, reach)
        yield reach, labels
        if labels.max(initial=NOISE) <= 0 and (labels == NOISE).mean() <= MOST_OUTSIDE:
            return
        reach *= _GROWTH


def dbscan(points: Floats, reach: float) -> Ints:
    """Clusters (M,) of points (M, d) by density, the largest 0; -1 is in none."""
    from sklearn.cluster import DBSCAN

    found = DBSCAN(eps=reach, min_samples=MIN_SAMPLES).fit_predict(points)
    sizes = np.bincount(found[found != NOISE])
    rank = np.empty(len(sizes), np.intp)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    labels = np.full(len(points), NOISE, np.intp)
    labels[found != NOISE] = rank[found[found != NOISE]]
    return labels


def knee(ascending: Floats) -> float:
    """The value of an ascending sequence where it bends up: the farthest below the chord between its ends."""
    span = ascending[-1] - ascending[0]
    if span <= 0:
        return float(ascending[-1])
    chord = np.linspace(0.0, 1.0, len(ascending))
    return float(ascending[np.argmax(chord - (ascending - ascending[0]) / span)])


def explain(labels: Ints, factors: Sequence[Factor]) -> tuple[tuple[str, float], ...]:
    """The adjusted mutual information of clusters (M,) with each factor, the best first, without points in no cluster.

    Adjusted by what a partition at random would have, and normalised by the mean of both entropies (Vinh et al. 2010).
    """
    from sklearn.metrics import adjusted_mutual_info_score

    use = labels != NOISE
    scores = []
    for factor in factors:
        varied = len(np.unique(labels[use])) > 1 and len(np.unique(factor.labels[use])) > 1
        score = float(adjusted_mutual_info_score(factor.labels[use], labels[use])) if varied else 0.0
        scores.append((factor.name, score))
    return tuple(sorted(scores, key=lambda pair: -pair[1]))


def describe(labels: Ints, factors: Sequence[Factor], rng: np.random.Generator) -> tuple[Cluster, ...]:
    """Each cluster with what sets it apart."""
    found = []
    for number in range(labels.max(initial=NOISE) + 1):
        members = np.flatnonzero(labels == number)
        samples = np.sort(rng.choice(members, min(_SAMPLES, len(members)), replace=False))
        found.append(Cluster(members, _traits(labels == number, factors), samples))
    return tuple(found)


def _traits(inside: Labels, factors: Sequence[Factor]) -> tuple[Trait, ...]:
    """For each factor the label whose share differs most from elsewhere; the most telling factors."""
    traits = []
    for factor in factors:
        names, codes = np.unique(factor.labels, return_inverse=True)
        within = np.bincount(codes[inside], minlength=len(names)) / max(1, inside.sum())
        without = np.bincount(codes[~inside], minlength=len(names)) / max(1, (~inside).sum())
        most = int(np.argmax(within - without))
        traits.append(Trait(factor.name, str(names[most]), float(within[most]), float(without[most])))
    traits.sort(key=lambda trait: trait.elsewhere - trait.share)
    return tuple(trait for trait in traits[:_TRAITS] if trait.share > trait.elsewhere)
