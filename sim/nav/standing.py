"""Where a body of some height can stand in the columns of a scene, and which of these places are one step apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenes.body import BodySize
from scenes.walkable import Columns

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]

SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1))
"""The neighbours of a cell, in the order of `links`; side k is opposite of side k ^ 1."""
STEP_TOLERANCE_M = 0.005
_FLUSH_M = 0.01


@dataclass(frozen=True)
class Places:
    """Places to stand, sorted by cell and height; N of them.

    Attributes:
        cell: (N,).
        start: (C + 1,) those in cell c are `start[c] : start[c + 1]`.
        z_m: (N,) height of the surface at the cell's centre.
        low_m: (N,) lowest point of it in the cell.
        ceiling_m: (N,) where the empty space above ends; inf under the sky.
        tilt: (N, 2) slope of the surface along x and y; 0 where it is not one plane.
        support: (N,) the part of a triangle (in `Columns`) that bears, or that bears the place one step away.
        enclosed: (N,) bool, what is above shows its inner side, as the top of a closed box does from inside.
        links: (N, 4) the place one step away in the cells of `SIDES`; -1: none.
    """

    cell: Ints
    start: Ints
    z_m: Floats
    low_m: Floats
    ceiling_m: Floats
    tilt: Floats
    support: Ints
    enclosed: npt.NDArray[np.bool_]
    links: Ints


def find_places(columns: Columns, body: BodySize) -> Places:
    """All places where the body has height, on surfaces that it can stand on or step over."""
    tops, ceiling, last, first = _gaps(columns, body.height_m)
    support = _bearing(columns, body, tops, first, last)
    cell = columns.cell[last]
    start = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=len(columns.start) - 1))]).astype(np.int32)
    z, low, tilt = _surface(columns, cell, tops, support)
    shape = columns.grid.shape
    links = _links(_Stack(cell, start, z, ceiling), shape, body)
    bears = support >= 0
    for side in range(4):
        beside = ~bears & (links[:, side] >= 0) & bears[links[:, side]]
        support[beside] = support[links[beside, side]]
    above = columns.triangle[np.minimum(last + 1, len(columns.triangle) - 1)]
    enclosed = np.isfinite(ceiling) & columns.faces_up[above]
    return chosen(Places(cell, start, z, low, ceiling, tilt, support, enclosed, links), support >= 0)


def _gaps(columns: Columns, height_m: float) -> tuple[Floats, Floats, Ints, Ints]:
    """Empty spaces high enough: top of what is below, underside of what is above, last and first part below."""
    cell, low = columns.cell, columns.low_m
    span = float(columns.high_m.max() - low.min()) + 1
    base = low.min()
    lifted = columns.high_m.astype(np.float64) - base + cell * span
    top = np.maximum.accumulate(lifted) - cell * span + base
    new_cell = np.append(cell[1:] != cell[:-1], True)
    above = np.where(new_cell, np.inf, np.append(low[1:], np.inf))
    last = np.flatnonzero(above - top >= height_m).astype(np.int32)
    begins = np.zeros(len(cell), bool)
    begins[0] = True
    begins[1:] = new_cell[:-1]
    begins[last[:-1] + 1] = True
    group = np.cumsum(begins) - 1
    first = np.flatnonzero(begins)[group[last]].astype(np.int32)
    return top[last].astype(np.float32), above[last].astype(np.float32), last, first


def _bearing(columns: Columns, body: BodySize, top: Floats, first: Ints, last: Ints) -> Ints:
    """The highest part under each empty space that is flat enough, within a step of the top; -1: none."""
    count = (last - first + 1).astype(np.int64)
    owner = np.repeat(np.arange(len(first)), count)
    part = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count) + first[owner]
    fits = columns.slope_deg[columns.triangle[part]] <= body.max_slope_deg + 0.1
    fits &= columns.high_m[part] >= top[owner] - body.max_step_m - STEP_TOLERANCE_M
    part, owner = part[fits], owner[fits]
    rising = np.argsort(columns.high_m[part], kind="stable")
    support = np.full(len(first), -1, np.int32)
    support[owner[rising]] = part[rising]
    return support


def _surface(columns: Columns, cell: Ints, top: Floats, support: Ints) -> tuple[Floats, Floats, Floats]:
    """Height at the centre of the cell, lowest height, and tilt of each place."""
    bears = support >= 0
    flush = bears & (columns.high_m[support] >= top - _FLUSH_M)
    plane = columns.plane[columns.triangle[support]]
    centre = columns.grid.centres(cell)
    height = (plane[:, :2] * centre).sum(axis=1) + plane[:, 2]
    z = np.where(flush, np.clip(height, columns.low_m[support], columns.high_m[support]), top)
    tilt = np.where(flush[:, None], plane[:, :2], 0)
    low = np.where(flush, columns.low_m[support], top)
    return z.astype(np.float32), low.astype(np.float32), tilt.astype(np.float32)


@dataclass(frozen=True)
class _Stack:
    cell: Ints
    start: Ints
    z: Floats
    ceiling: Floats


def _links(stack: _Stack, shape: tuple[int, int], body: BodySize) -> Ints:
    """(N, 4) the place at most a step higher or lower in each neighbouring cell, with the body's height between."""
    i, j = np.divmod(stack.cell, shape[1])
    links = np.full((len(stack.cell), 4), -1, np.int32)
    most = int(np.diff(stack.start).max(initial=0))
    for side, (di, dj) in enumerate(SIDES):
        inside = (i + di >= 0) & (i + di < shape[0]) & (j + dj >= 0) & (j + dj < shape[1])
        own = np.flatnonzero(inside)
        neighbour = stack.cell[own] + di * shape[1] + dj
        for k in range(most):
            other = stack.start[neighbour] + k
            exists = other < stack.start[neighbour + 1]
            own, neighbour, other = own[exists], neighbour[exists], other[exists]
            step = np.abs(stack.z[other] - stack.z[own]) <= body.max_step_m + STEP_TOLERANCE_M
            room = np.minimum(stack.ceiling[own], stack.ceiling[other]) - np.maximum(stack.z[own], stack.z[other])
            fits = step & (room >= body.height_m - STEP_TOLERANCE_M)
            links[own[fits], side] = other[fits]
    for side in range(4):
        there = links[:, side]
        one_way = (there >= 0) & (links[there, side ^ 1] != np.arange(len(there)))
        links[one_way, side] = -1
    return links


def chosen(places: Places, keep: npt.NDArray[np.bool_]) -> Places:
    """Some of the places, renumbered."""
    cell = places.cell[keep]
    start = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=len(places.start) - 1))]).astype(np.int32)
    return Places(
        cell=cell,
        start=start,
        z_m=places.z_m[keep],
        low_m=places.low_m[keep],
        ceiling_m=places.ceiling_m[keep],
        tilt=places.tilt[keep],
        support=places.support[keep],
        enclosed=places.enclosed[keep],
        links=renumbered(places.links[keep], keep),
    )


def renumbered(links: Ints, keep: npt.NDArray[np.bool_]) -> Ints:
    """Links to places as links to those of them that are kept; -1 to the others."""
    number = np.where(keep, np.cumsum(keep) - 1, -1).astype(np.int32)
    return np.where(links >= 0, number[links], -1).astype(np.int32)
