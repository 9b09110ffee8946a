"""`Roads`: a graph of few points whose straight lines make up shortest paths, with all distances between them.

A shortest path runs straight but for turns at corners of what stops the body. So the points are such corners, and
guards spread over the rest so that every place sees one. Distances between all points are kept as a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from sim.nav.clearance import walk_discs
from sim.nav.distances import Elimination, all_distances, eliminate
from sim.nav.ground import Ground
from sim.nav.sight import Lines, straight_lines

Ints = npt.NDArray[np.int64]
Edges = tuple[npt.NDArray[np.integer], npt.NDArray[np.integer], npt.NDArray[np.floating]]
"""Pairs of points and the lengths between, m."""

_DISC_CELLS = 4
_CORNER_SHARE = 0.66
"""Of the disc around a place at a straight wall about 0.55 can be walked on, at a right-angled corner 0.8."""
_CORNER_BLOCK = 3
_GUARD_BLOCK = 50
_HIDDEN_BLOCK = 20
_STOREY_M = 0.6
_SEE_M = 8.0
_LIFT = 3
"""Points on other storeys are taken to be this much further off."""
_LOOKS = 12
_DETOUR = 1.1
"""Between areas that touch, lines of sight may be longer by this than the steps across the border."""
_ROUNDS = 2


@dataclass(frozen=True)
class Roads:
    """V points.

    Attributes:
        points: (V,) their places.
        home: (N,) int32, for each place the point whose area it is in.
        back: (N,) int32, the next place on the way to that point; itself at the point.
        steps: (N,) int32, number of places on that way.
        border: (B, 4) int32, areas that touch: two points, the lower first, and two neighbouring places in them.
        graph: (V, V), lengths of the edges, m, both ways.
        elimination: of the points of that graph.
    """

    points: npt.NDArray[np.int32]
    home: npt.NDArray[np.int32]
    back: npt.NDArray[np.int32]
    steps: npt.NDArray[np.int32]
    border: npt.NDArray[np.int32]
    graph: csr_array
    elimination: Elimination

    @cached_property
    def table_m(self) -> npt.NDArray[np.float32]:
        """(V, V) distances; inf between islands."""
        return all_distances(self.elimination)


def build_roads(ground: Ground) -> Roads:
    """The points, and the distances between all of them."""
    points = np.union1d(_corners(ground), _guards(ground))
    edges = _in_sight(ground, points, np.zeros(0, np.int64))
    for _ in range(_ROUNDS):
        areas = _areas(ground, points)
        more = np.union1d(_hidden(ground, points, areas, edges), _between(ground, points, areas, edges))
        if not len(more):
            break
        edges = _renumbered(edges, points, np.union1d(points, more))
        edges = _merged(edges, _in_sight(ground, np.union1d(points, more), more))
        points = np.union1d(points, more)
    areas = _areas(ground, points)
    place, other = _touching(ground, areas)
    border = np.column_stack([areas.home[place], areas.home[other], place, other])
    border[:, :2].sort(axis=1)
    lengths = (areas.steps[place] + areas.steps[other] + 1) * ground.grid.cell_m
    graph = _graph(_merged(edges, (border[:, 0], border[:, 1], lengths)), len(points))
    graph = (graph + graph.T).tocsr()
    return Roads(
        points=points.astype(np.int32),
        home=areas.home,
        back=areas.back,
        steps=areas.steps,
        border=border.astype(np.int32),
        graph=graph,
        elimination=eliminate(graph),
    )


def _corners(ground: Ground) -> Ints:
    """Places at convex corners: where, along a border, the most can be walked on."""
    border = np.flatnonzero((ground.links < 0).any(axis=1))
    share = walk_discs(ground.links, border, _DISC_CELLS).mean(axis=1)
    corner = share > _CORNER_SHARE
    border, share = border[corner], share[corner]
    return _best_per_block(ground, border, share, _CORNER_BLOCK)


def _guards(ground: Ground) -> Ints:
    """One place in the middle of every block of the plan and storey."""
    every = np.arange(len(ground.cell))
    ij = np.stack(np.divmod(ground.cell, ground.grid.shape[1]), axis=1) % _GUARD_BLOCK
    off = np.abs(ij - _GUARD_BLOCK / 2).max(axis=1)
    tight = np.isfinite(ground.near[:, 0])
    return _best_per_block(ground, every, -off - 100 * tight, _GUARD_BLOCK)


def _best_per_block(ground: Ground, places: Ints, score: npt.NDArray[np.floating], block: int) -> Ints:
    i, j = np.divmod(ground.cell[places], ground.grid.shape[1])
    storey = np.floor((ground.z_m[places] - ground.z_m.min()) / _STOREY_M).astype(np.int64)
    wide = int(ground.grid.shape[1] // block + 1)
    key = ((i // block).astype(np.int64) * wide + j // block) * (storey.max(initial=0) + 1) + storey
    key = key * len(ground.islands) + ground.island[places]
    order = np.lexsort([-score, key])
    first = np.append(True, np.diff(key[order]) != 0) if len(order) else np.zeros(0, bool)
    return places[order[first]]


@dataclass(frozen=True)
class _Areas:
    """For each place: the point nearest by steps, the next place towards it (itself at the point), number of steps."""

    home: npt.NDArray[np.int32]
    back: npt.NDArray[np.int32]
    steps: npt.NDArray[np.int32]


def _areas(ground: Ground, points: Ints) -> _Areas:
    home = np.full(len(ground.cell), -1, np.int32)
    back = np.arange(len(ground.cell), dtype=np.int32)
    steps = np.zeros(len(ground.cell), np.int32)
    home[points] = np.arange(len(points))
    front, count = points, 0
    while len(front):
        count += 1
        reached = []
        for side in range(4):
            there = ground.links[front, side]
            new = (there >= 0) & (home[there] < 0)
            there, source = there[new], front[new]
            home[there], back[there], steps[there] = home[source], source, count
            reached.append(there)
        front = np.concatenate(reached)
    return _Areas(home, back, steps)


def _lines(ground: Ground, a: Ints, b: Ints) -> Lines:
    """Straight lines between the centres of places."""
    at = ground.grid.centres
    return straight_lines(ground, (a, b), (at(ground.cell[a]), at(ground.cell[b])))


def _hidden(ground: Ground, points: Ints, areas: _Areas, edges: Edges) -> Ints:
    """Places that see neither the point of their area nor those around it, one per block. A sample is tried."""
    i, j = np.divmod(ground.cell, ground.grid.shape[1])
    some = np.flatnonzero((i % 3 == 0) & (j % 3 == 0) & (areas.steps > 1))
    hidden = some[~_lines(ground, some, points[areas.home[some]]).free]
    around = nearest_joined(_graph(edges, len(points)), _LOOKS)[areas.home[hidden]]
    who, column = np.nonzero(around >= 0)
    seen = np.zeros(len(hidden), bool)
    seen[who[_lines(ground, hidden[who], points[around[who, column]]).free]] = True
    hidden = hidden[~seen]
    return _best_per_block(ground, hidden, -areas.steps[hidden].astype(float), _HIDDEN_BLOCK)


def nearest_joined(graph: csr_array, count: int) -> Ints:
    """(V, `count`) of each point itself and the nearest ones that it is joined to; -1: no more."""
    graph = (graph + graph.T).tocsr()
    around = np.full((graph.shape[0], count), -1, np.int64)
    around[:, 0] = np.arange(len(around))
    row = np.repeat(np.arange(len(around)), np.diff(graph.indptr))
    order = np.lexsort([graph.data, row])
    rank = np.arange(len(order)) - np.repeat(graph.indptr[:-1], np.diff(graph.indptr))
    kept = rank < count - 1
    around[row[kept], rank[kept] + 1] = graph.indices[order][kept]
    return around


def _touching(ground: Ground, areas: _Areas) -> tuple[Ints, Ints]:
    """Neighbouring places in different areas, one pair for each pair of areas: the nearest to both points."""
    place, side = np.nonzero(ground.links[:, ::2] >= 0)
    other = ground.links[:, ::2][place, side]
    crosses = areas.home[place] != areas.home[other]
    place, other = place[crosses], other[crosses]
    low, high = np.sort(np.stack([areas.home[place], areas.home[other]]), axis=0)
    order = np.lexsort([areas.steps[place] + areas.steps[other], high, low])
    first = np.append(True, (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0)) if len(order) else order > 0
    return place[order[first]], other[order[first]]


def _between(ground: Ground, points: Ints, areas: _Areas, edges: Edges) -> Ints:
    """Places on the border of touching areas between whose points the lines of sight are a detour."""
    place, other = _touching(ground, areas)
    a, b = areas.home[place], areas.home[other]
    across = (areas.steps[place] + areas.steps[other] + 1) * ground.grid.cell_m
    sighted = _graph(edges, len(points))
    near = dijkstra(sighted, directed=False, limit=_DETOUR * float(across.max(initial=0)) + 1)
    far = (near[a, b] > _DETOUR * across + ground.grid.cell_m) & (areas.steps[place] > 0)
    return place[far]


def _graph(edges: Edges, count: int) -> csr_array:
    a, b, length = edges
    return csr_array((length, (a, b)), shape=(count, count))


def _in_sight(ground: Ground, points: Ints, new: Ints) -> Edges:
    """Pairs of points that see each other, the lower one first; where some are `new`, pairs with one of these only."""
    where = ground.points(points) * (1, 1, _LIFT)
    a, b = cKDTree(where).query_pairs(_SEE_M, output_type="ndarray").T
    same = ground.island[points[a]] == ground.island[points[b]]
    if len(new):
        same &= np.isin(points[a], new) | np.isin(points[b], new)
    a, b = a[same], b[same]
    lines = _lines(ground, points[a], points[b])
    return a[lines.free], b[lines.free], lines.length_m[lines.free]


def _renumbered(edges: Edges, points: Ints, others: Ints) -> Edges:
    """Edges between points as edges between the same points in a longer list."""
    number = np.searchsorted(others, points)
    return number[edges[0]], number[edges[1]], edges[2]


def _merged(first: Edges, second: Edges) -> Edges:
    """Both lists of edges; of those for the same pair the one in the first list."""
    a, b, length = (np.concatenate(both) for both in zip(first, second, strict=True))
    _, chosen = np.unique(np.stack([a, b]), axis=1, return_index=True)
    return a[chosen], b[chosen], length[chosen]
