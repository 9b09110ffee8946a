"""Whether a body can go from point to point in a straight line, and how long that line is over the surface."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.nav.ground import Ground

Points = npt.NDArray[np.float64]
Places = npt.NDArray[np.integer]

TIGHT_M = 1e-3
"""The body may touch what stops it by this much."""
_CHUNK = 300_000
_SMALL = 20_000
_FEW = 30
"""More chunks than this are worth the start of threads: NumPy lets go of the interpreter in long operations."""
_ONE_LOOK = 256
"""So many samples of lines are looked at at once; of more, a few of each line first."""
_STRIDES = 8
"""Lines are sampled at a multiple of this many points, at most a cell apart."""


@dataclass(frozen=True)
class Spots:
    """K points (K, 2), m, and the places they are in, (K,)."""

    place: Places
    at: Points

    def of(self, some: npt.NDArray[np.integer]) -> Spots:
        """Some of them."""
        return Spots(self.place[some], self.at[some])


@dataclass(frozen=True)
class Lines:
    """Straight lines, (K,) each: whether the body can go along, and the length over the surface, m (else inf)."""

    free: npt.NDArray[np.bool_]
    length_m: npt.NDArray[np.float64]


def straight_lines(ground: Ground, places: tuple[Places, Places], points: tuple[Points, Points]) -> Lines:
    """Lines from the points (K, 2) in some places to points in others.

    Each one's answer depends on it alone, and is the same the other way round.
    """
    turned = places[0] > places[1]
    start = Spots(np.where(turned, places[1], places[0]), np.where(turned[:, None], points[1], points[0]))
    end = Spots(np.where(turned, places[0], places[1]), np.where(turned[:, None], points[0], points[1]))
    samples = _samples(ground, start, end)
    free, length = np.zeros(len(samples), bool), np.full(len(samples), np.inf)
    order = np.argsort(samples, kind="stable")
    if len(samples) * int(samples.max(initial=0)) <= _SMALL:
        jobs = [order] if len(order) else []
    else:
        groups = np.split(order, np.flatnonzero(np.diff(samples[order])) + 1)
        jobs = [some for g in groups for some in np.array_split(g, len(g) * int(samples[g[0]]) // _CHUNK + 1)]

    def look(some: npt.NDArray[np.int64]) -> None:
        free[some], length[some] = _some_lines(ground, start.of(some), end.of(some), samples[some])

    if len(jobs) > _FEW:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(look, jobs))
    else:
        for job in jobs:
            look(job)
    return Lines(free, length)


def _samples(ground: Ground, start: Spots, end: Spots) -> npt.NDArray[np.int64]:
    """How many points each line is sampled at."""
    apart = np.hypot(*(end.at - start.at).T)
    return (np.ceil(apart / (ground.grid.cell_m * _STRIDES)).astype(np.int64) + 1) * _STRIDES + 1


def line_points(ground: Ground, start: Spots, end: Spots) -> Points:
    """Points (M, 3), m, along a line that is free, at heights averaged over stairs; else its two ends."""
    if start.place[0] > end.place[0]:
        return line_points(ground, end, start)[::-1]
    samples = _samples(ground, start, end)
    number = np.arange(samples[0])
    if not _some_lines(ground, start, end, samples)[0][0]:
        number = number[[0, -1]]
    at, place = _sampled(ground, start, end, samples, number)
    return np.column_stack([at[0], ground.smooth_m[place[0]]])


def _sampled(
    ground: Ground, start: Spots, end: Spots, samples: npt.NDArray[np.int64], number: npt.NDArray[np.int64]
) -> tuple[Points, npt.NDArray[np.int64]]:
    """Points of some numbers (S,) along lines, (K, S, 2), and the places they are in, (K, S); -1: none.

    Lines of fewer points stay at their end.
    """
    along = np.minimum(number / (samples[:, None] - 1), 1)
    at = start.at[:, None] + (end.at - start.at)[:, None] * along[:, :, None]
    z0, z1 = ground.z_m[start.place][:, None], ground.z_m[end.place][:, None]
    place = places_at(ground, at.reshape(-1, 2), (z0 + (z1 - z0) * along).ravel()).reshape(along.shape)
    place[:, 0] = start.place
    return at, np.where(number >= samples[:, None] - 1, end.place[:, None], place)


def _some_lines(
    ground: Ground, start: Spots, end: Spots, samples: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    kept, number = np.arange(len(samples)), np.arange(samples.max())
    free, length = np.zeros(len(samples), bool), np.full(len(samples), np.inf)
    few = len(samples) * len(number) <= _ONE_LOOK
    for some in (number,) if few else (number[::_STRIDES], number):  # most that are not free show it at few points
        at, place = _sampled(ground, start.of(kept), end.of(kept), samples[kept], some)
        ends = (some == 0) | (some >= samples[kept, None] - 1)
        clear = np.all((place >= 0) & (ends | clear_at(ground, place, at)), axis=1)
        kept, place = kept[clear], place[clear]
        if not len(kept):
            return free, length
    good = np.all(joined(ground, place[:, :-1], place[:, 1:]), axis=1)
    kept, place = kept[good], place[good]
    rise = np.diff(ground.smooth_m[place].astype(float), axis=1)
    run = np.hypot(*(end.at - start.at)[kept].T) / (samples[kept] - 1)
    free[kept] = True
    length[kept] = np.where(number[1:] < samples[kept, None], np.hypot(rise, run[:, None]), 0).sum(axis=1)
    return free, length


def places_at(ground: Ground, points: Points, z_m: npt.NDArray[np.floating]) -> npt.NDArray[np.int64]:
    """The place in the cell of each point (K, 2) that is nearest in height; -1: none."""
    grid = ground.grid
    at = (points - np.array(grid.origin_m)) / grid.cell_m
    within = (at >= 0) & (at < np.array(grid.shape))
    inside = within[:, 0] & within[:, 1]
    ij = np.where(inside[:, None], at, 0).astype(np.int64)
    cell = ij[:, 0] * grid.shape[1] + ij[:, 1]
    first, last = ground.start[cell], ground.start[cell + 1]
    found = np.where(inside & (first < last), first, -1).astype(np.int64)
    stacked = np.flatnonzero(inside & (last - first > 1))
    if not len(stacked):
        return found
    first, last, z = first[stacked], last[stacked], z_m[stacked]
    best, least = first, np.abs(ground.z_m[first] - z)
    for k in range(1, int((last - first).max(initial=0))):
        other = np.minimum(first + k, last - 1)
        off = np.abs(ground.z_m[other] - z)
        best, least = np.where(off < least, other, best), np.minimum(off, least)
    found[stacked] = best
    return found


def joined(ground: Ground, a: Places, b: Places) -> npt.NDArray[np.bool_]:
    """Whether places are the same, neighbours, or diagonal neighbours with a way around one corner."""
    found = a == b
    moved = np.nonzero(~found)
    a, b = a[moved], b[moved]
    links = ground.links[a]
    near = (links[:, 0] == b) | (links[:, 1] == b) | (links[:, 2] == b) | (links[:, 3] == b)
    rest = np.flatnonzero(~near)
    links, b = links[rest], b[rest]
    for x in (0, 1) if len(rest) else ():
        for y in (2, 3):
            for one, two in ((x, y), (y, x)):
                via = links[:, one]
                near[rest] |= (via >= 0) & (ground.links[via, two] == b)
    found[moved] = near
    return found


def clear_at(ground: Ground, place: Places, at: Points) -> npt.NDArray[np.bool_]:
    """Whether the body, with its centre at points (..., 2) in places, keeps its radius from what stops it."""
    gap = ground.nearest_m[place] - at
    return np.hypot(gap[..., 0], gap[..., 1]) >= ground.body.radius_m - TIGHT_M
