"""Distances between all points of a graph, by elimination of its points one after the other (Carré 1971).

What is left of a graph without a point keeps all distances, if those on either side of it are joined by the way over
it. Points with few neighbours go first: in a home, whose rooms hang together by doors, few new edges come up, and all
distances take a tenth of the time of searches from every point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Elimination:
    """Points in the order in which they went, V of them, and whom each was joined to then.

    Attributes:
        order: (V,) the points.
        start: (V + 1,) the rows of the k-th in the order are `start[k] : start[k + 1]`.
        other: (M,) a point that went later.
        length_m: (M,) length of the shortest way to it over points that went before.
    """

    order: Ints
    start: Ints
    other: Ints
    length_m: Floats


def eliminate(graph: csr_array) -> Elimination:
    """Takes the points out of a graph (V, V) with its edges in both directions, those with fewest neighbours first."""
    count = graph.shape[0]
    length: Floats = np.full((count, count), np.inf, np.float32)
    edges = graph.tocoo()
    length[edges.row, edges.col] = edges.data
    joined = np.isfinite(length)
    np.fill_diagonal(joined, False)
    degree = joined.sum(axis=1)
    order, others, lengths = [], [], []
    for _ in range(count):
        point = int(degree.argmin())
        near = np.flatnonzero(joined[point])
        over = length[point, near]
        order.append(point)
        others.append(near)
        lengths.append(over)
        pairs = np.ix_(near, near)
        length[pairs] = np.minimum(length[pairs], over[:, None] + over)
        added = ~joined[pairs]
        np.fill_diagonal(added, False)
        joined[pairs] |= added
        joined[near, point] = False
        degree[near] += added.sum(axis=1) - 1
        degree[point] = count + 1
    return Elimination(
        order=np.array(order, np.int32),
        start=np.cumsum([0, *map(len, others)], dtype=np.int32),
        other=np.concatenate([np.zeros(0, np.int64), *others]).astype(np.int32),
        length_m=np.concatenate([np.zeros(0, np.float32), *lengths]),
    )


def all_distances(elimination: Elimination) -> Floats:
    """(V, V) distances, m; inf where there is no way. Points come back in the opposite order."""
    count = len(elimination.order)
    back = np.empty(count, np.int64)
    back[elimination.order] = np.arange(count)[::-1]
    distances: Floats = np.full((count, count), np.inf, np.float32)
    for new in range(count):
        rows = slice(*elimination.start[[count - 1 - new, count - new]])
        known = back[elimination.other[rows]]
        ways = distances[known, :new] + elimination.length_m[rows, None]
        distances[new, :new] = distances[:new, new] = ways.min(axis=0, initial=np.inf)
        distances[new, new] = 0
    return distances[np.ix_(back, back)]
