"""Clusters of embeddings, and which recorded factor they follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from train.evaluate.factors import Factor
from train.evaluate.statistics import Floats, Labels
from train.evaluate.targets import Ints

NOISE = -1
MIN_SAMPLES = 10
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
class Clusters:
    """Clusters of M points, the largest first.

    Attributes:
        labels: (M,), from 0; -1 is in none.
        reach: of DBSCAN, in the units of the points.
        explained: how well each factor explains them, the best first: mutual information, adjusted for chance so that
            many labels are no advantage, 1 for the same partition, about 0 for an unrelated one.
        clusters: one by one.
    """

    labels: Ints
    reach: float
    explained: tuple[tuple[str, float], ...]
    clusters: tuple[Cluster, ...]

    def to_json(self) -> dict[str, Any]:
        """As JSON, without the points."""
        found = [{"frames": len(c.members), "traits": [vars(trait) for trait in c.traits]} for c in self.clusters]
        outside = float((self.labels == NOISE).mean())
        return {"reach": self.reach, "in_none": outside, "explained": dict(self.explained), "clusters": found}


def cluster(points: Floats, factors: Sequence[Factor], rng: np.random.Generator) -> Clusters:
    """Clusters of points (M, d) by DBSCAN, explained by factors of the same M frames."""
    labels, reach = dbscan(points)
    return Clusters(labels, reach, explain(labels, factors), describe(labels, factors, rng))


def dbscan(points: Floats) -> tuple[Ints, float]:
    """Clusters (M,) of points (M, d) by density, the largest 0, and DBSCAN's reach.

    The reach is where the sorted distances to the 10th neighbour bend up: the point farthest below the chord from the
    first to the last of them (the knee; Ester et al. 1996 read it from the plot).
    """
    from sklearn.cluster import DBSCAN
    from sklearn.neighbors import NearestNeighbors

    count = min(MIN_SAMPLES, len(points) - 1)
    distances, _ = NearestNeighbors(n_neighbors=count).fit(points).kneighbors()
    reach = knee(np.sort(distances[:, -1]))
    found = DBSCAN(eps=max(reach, 1e-12), min_samples=MIN_SAMPLES).fit_predict(points)
    sizes = np.bincount(found[found != NOISE])
    rank = np.empty(len(sizes), np.intp)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    labels = np.full(len(points), NOISE, np.intp)
    labels[found != NOISE] = rank[found[found != NOISE]]
    return labels, reach


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
