"""Subsets at a stated count, the same ones for the same generator: by a limit per group, by share, by diversity."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from datagen.reader.dataset import Ints
from scenes.errors import HomeError

Points = npt.NDArray[np.floating]
_ROUNDS = 25


def limit_per(values: npt.NDArray[Any], limit: int, rng: np.random.Generator) -> Ints:
    """At most `limit` frames for each value (N,), as sorted frame numbers. Groups below the limit stay whole."""
    kept = [members if len(members) <= limit else rng.choice(members, limit, False) for members in _groups(values)]
    return np.sort(np.concatenate([np.empty(0, np.intp), *kept]))


def stratified(values: npt.NDArray[Any], count: int, rng: np.random.Generator) -> Ints:
    """`count` frames in which each value (N,) has the share that it has in all, within one frame; sorted."""
    _enough(len(values), count)
    groups = _groups(values)
    wanted = np.array([len(members) for members in groups]) * count / max(1, len(values))
    amounts = np.floor(wanted).astype(np.intp)
    amounts[np.argsort(amounts - wanted, kind="stable")[: count - amounts.sum()]] += 1
    kept = [rng.choice(members, amount, False) for members, amount in zip(groups, amounts.tolist(), strict=True)]
    return np.sort(np.concatenate([np.empty(0, np.intp), *kept]))


def uniform(total: int, count: int, rng: np.random.Generator) -> Ints:
    """`count` of `total` frames at random, sorted: what the other choices are to be compared with."""
    _enough(total, count)
    return np.sort(rng.choice(total, count, False))


def farthest(points: Points, count: int, rng: np.random.Generator) -> Ints:
    """`count` frames far from each other: each is the one farthest from those before (Gonzalez 1985); sorted.

    `points`: (N, D), embeddings or poses, in units in which distances mean something.
    """
    _enough(len(points), count)
    if not count:
        return np.empty(0, np.intp)
    chosen = [int(rng.integers(len(points)))]
    nearest = _distances(points, points[chosen[0]])
    nearest[chosen[0]] = -1.0
    while len(chosen) < count:
        chosen.append(int(np.argmax(nearest)))
        nearest = np.minimum(nearest, _distances(points, points[chosen[-1]]))
        nearest[chosen[-1]] = -1.0
    return np.sort(np.array(chosen, np.intp))


def spread(points: Points, count: int, clusters: int, rng: np.random.Generator) -> Ints:
    """`count` frames taken in turns from k-means clusters, so that small clusters are not lost; sorted.

    `points`: (N, D) as for `farthest`.
    """
    _enough(len(points), count)
    labels = k_means(points, min(clusters, len(points)), rng)
    order = rng.permutation(len(points))
    turn = np.empty(len(points), np.intp)
    for members in _groups(labels[order]):
        turn[members] = np.arange(len(members))
    return np.sort(order[np.argsort(turn, kind="stable")[:count]])


def k_means(points: Points, clusters: int, rng: np.random.Generator) -> Ints:
    """The cluster (N,) of each point (N, D), by Lloyd's algorithm from centres far from each other."""
    centres = np.asarray(points, float)[farthest(points, clusters, rng)]
    labels = np.zeros(len(points), np.intp)
    for _ in range(_ROUNDS):
        squared = np.stack([_distances(points, centre) for centre in centres], axis=1)
        labels = np.argmin(squared, axis=1)
        moved = np.stack(
            [points[labels == k].mean(axis=0) if (labels == k).any() else centre for k, centre in enumerate(centres)]
        )
        if np.array_equal(moved, centres):
            break
        centres = moved
    return labels


def _distances(points: Points, point: Points) -> npt.NDArray[np.float64]:
    """Squared distances (N,)."""
    return ((np.asarray(points, float) - point) ** 2).sum(axis=1)


def _groups(values: npt.NDArray[Any]) -> list[Ints]:
    """The frame numbers of each value, in the order of the values."""
    _, inverse = np.unique(values, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    return np.split(order, np.cumsum(np.bincount(inverse))[:-1]) if len(values) else []


def _enough(total: int, count: int) -> None:
    if not 0 <= count <= total:
        raise HomeError(f"a subset of {count} of {total} frames; ask for 0 to {total}")
