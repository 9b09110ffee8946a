"""Triangles cut by the cells of a grid: which cells each one meets, and between which heights.

Nothing is missed: a cell counts as met however small the part of the triangle in it. Plan coordinates are in cells.
"""

from __future__ import annotations

import itertools
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_TOUCH = 1e-7
_VERTICAL = 1e-3
"""A triangle whose unit normal has a smaller z stands upright."""
_SLIVER = 1e-7
"""A triangle that is lower than this part of its length is a line."""
_CHUNK = 150_000


@dataclass(frozen=True)
class Pieces:
    """Parts of triangles in cells, (Q,) each.

    Attributes:
        column, row: the cell, along x and y.
        triangle: index of the triangle.
        low, high: lowest and highest z of the part, m.
        box: (Q, 4) bounds of the part inside of the cell: x low, y low, x high, y high, 0..1.
    """

    column: Ints
    row: Ints
    triangle: Ints
    low: npt.NDArray[np.float32]
    high: npt.NDArray[np.float32]
    box: npt.NDArray[np.float32]


def cut(corners: Floats, shape: tuple[int, int]) -> Pieces:
    """Cuts triangles by the cells of a grid; what lies outside of the grid is left out.

    Args:
        corners: (T, 3, 3), x and y in cells, z in metres.
        shape: numbers of columns and rows of the grid.
    """
    shapes = _Shapes(corners, *_bounds(corners), *planes(corners), shape)
    first, last = shapes.rows(np.arange(len(corners)))
    rows = np.maximum(last - first + 1, 0)
    bounds = np.concatenate([[0], np.cumsum(rows)])
    starts = [0]
    while starts[-1] < len(corners):
        step = int(np.searchsorted(bounds, bounds[starts[-1]] + _CHUNK))
        starts.append(min(max(step, starts[-1] + 1), len(corners)))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(lambda ends: _cut_some(shapes, np.arange(*ends)), itertools.pairwise(starts)))
    if not found:
        none, no_height = np.zeros(0, np.int64), np.zeros(0, np.float32)
        return Pieces(none, none, none, no_height, no_height, np.zeros((0, 4), np.float32))
    return Pieces(
        column=np.concatenate([part.column for part in found]),
        row=np.concatenate([part.row for part in found]),
        triangle=np.concatenate([part.triangle for part in found]),
        low=np.concatenate([part.low for part in found]),
        high=np.concatenate([part.high for part in found]),
        box=np.concatenate([part.box for part in found]),
    )


def _last(highest: Floats) -> Floats:
    """The last cell that something reaching `highest` meets; one that only touches a line stays below it."""
    return np.ceil(highest - _TOUCH) - 1


def _spread(first: Floats, last: Floats) -> tuple[Ints, Ints]:
    """All whole numbers from first to last of each interval: (index of the interval, number)."""
    count = np.maximum(last - first + 1, 0).astype(np.int64)
    owner = np.repeat(np.arange(len(count)), count)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count) + first[owner].astype(np.int64)


@dataclass(frozen=True)
class _Shapes:
    """Triangles, `_bounds` and `planes` of them, and the grid's numbers of columns and rows."""

    corners: Floats
    low: Floats
    high: Floats
    plane: Floats
    upward: Floats
    shape: tuple[int, int]

    def rows(self, some: Ints) -> tuple[Floats, Floats]:
        """First and last row of each triangle."""
        return _clipped(self.low[some, 1], self.high[some, 1], self.shape[1])


def _bounds(corners: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest coordinates of triangles, (T, 3) each."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    return np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)


def _clipped(low: Floats, high: Floats, size: int) -> tuple[Floats, Floats]:
    """First and last cell between two coordinates, inside of the grid; last < first where none is."""
    first = np.floor(low)
    return np.maximum(first, 0), np.minimum(np.maximum(_last(high), first), size - 1)


def _cut_some(shapes: _Shapes, some: Ints) -> Pieces:
    owner, row = _spread(*shapes.rows(some))
    in_row = some[owner]
    low_x, high_x = _extent_in_row(shapes.corners[in_row], row)
    strip, column = _spread(*_clipped(low_x, high_x, shapes.shape[0]))
    triangle, row = in_row[strip], row[strip]
    x0, x1 = np.maximum(low_x[strip], column), np.minimum(high_x[strip], column + 1)
    y0, y1 = np.maximum(shapes.low[triangle, 1], row), np.minimum(shapes.high[triangle, 1], row + 1)
    low, high = _heights(shapes, triangle, np.stack([x0, y0, x1, y1], axis=1))
    box = np.stack([x0 - column, y0 - row, x1 - column, y1 - row], axis=1)
    return Pieces(
        column, row, triangle, low.astype(np.float32), high.astype(np.float32), np.clip(box, 0, 1).astype(np.float32)
    )


def _extent_in_row(corners: Floats, row: Ints) -> tuple[Floats, Floats]:
    """Lowest and highest x of each triangle between y = row and y = row + 1."""
    low, high = np.full(len(row), np.inf), np.full(len(row), -np.inf)
    for a in range(3):
        x, y = corners[:, a, 0], corners[:, a, 1]
        x2, y2 = corners[:, (a + 1) % 3, 0], corners[:, (a + 1) % 3, 1]
        inside = (y >= row) & (y <= row + 1)
        low, high = np.where(inside, np.minimum(low, x), low), np.where(inside, np.maximum(high, x), high)
        for line in (row, row + 1):
            crosses = (np.minimum(y, y2) < line) & (np.maximum(y, y2) > line)
            at = x + (x2 - x) * (line - y) / np.where(crosses, y2 - y, 1)
            low, high = np.where(crosses, np.minimum(low, at), low), np.where(crosses, np.maximum(high, at), high)
    empty = low > high
    mean = corners[:, :, 0].mean(axis=1)
    return np.where(empty, mean, low), np.where(empty, mean, high)


def planes(corners: Floats) -> tuple[Floats, Floats]:
    """Of each triangle (T, 3) a, b, c of z = a x + b y + c, and (T,) the z of its unit normal, 0..1.

    Upright ones, and those that are no more than a line, get a = b = 0 and their lowest z, and 0.
    """
    edge, other = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    normal = np.cross(edge, other)
    length = np.linalg.norm(normal, axis=1)
    size = np.maximum((edge**2).sum(axis=1), (other**2).sum(axis=1))
    upward = np.where(length > _SLIVER * size, np.abs(normal[:, 2]) / np.where(length > 0, length, 1), 0)
    flat = upward > _VERTICAL
    divisor = np.where(flat, normal[:, 2], 1)
    slope = np.where(flat[:, None], -normal[:, :2] / divisor[:, None], 0)
    offset = corners[:, 0, 2] - (slope * corners[:, 0, :2]).sum(axis=1)
    return np.column_stack([slope, np.where(flat, offset, corners[:, :, 2].min(axis=1))]), upward


def _heights(shapes: _Shapes, triangle: Ints, box: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest z of each triangle inside of a box on the plan."""
    corners, upward = shapes.corners, shapes.upward
    own = shapes.plane[triangle]
    x0, y0, x1, y1 = box.T
    mid = own[:, 0] * (x0 + x1) / 2 + own[:, 1] * (y0 + y1) / 2 + own[:, 2]
    spread = np.abs(own[:, 0]) * (x1 - x0) / 2 + np.abs(own[:, 1]) * (y1 - y0) / 2
    z_min, z_max = shapes.low[triangle, 2], shapes.high[triangle, 2]
    low, high = np.clip(mid - spread, z_min, z_max), np.clip(mid + spread, z_min, z_max)
    upright = np.flatnonzero(upward[triangle] <= _VERTICAL)
    if len(upright):
        low[upright], high[upright] = _upright_heights(corners[triangle[upright]], box[upright])
    return low, high


def _upright_heights(corners: Floats, box: Floats) -> tuple[Floats, Floats]:
    """The same for upright triangles: by their outline along the axis that they extend further in."""
    extent = np.ptp(corners[:, :, :2], axis=1)
    axis = (extent[:, 1] > extent[:, 0]).astype(int)
    pick = np.arange(len(corners))
    along = corners[pick[:, None], np.arange(3)[None], axis[:, None]]
    order = np.argsort(along, axis=1)
    s, z = np.take_along_axis(along, order, 1), np.take_along_axis(corners[:, :, 2], order, 1)
    bounds = [np.clip(box[pick, axis + side], s[:, 0], s[:, 2]) for side in (0, 2)]
    ends = [height for at in bounds for height in (_on(s, z, 0, 2, at), _on_bent(s, z, at))]
    turns = (s[:, 1] >= bounds[0]) & (s[:, 1] <= bounds[1])
    ends.append(np.where(turns, z[:, 1], ends[0]))
    low, high = np.min(ends, axis=0), np.max(ends, axis=0)
    point = s[:, 2] - s[:, 0] < _TOUCH
    return np.where(point, z.min(axis=1), low), np.where(point, z.max(axis=1), high)


def _on(s: Floats, z: Floats, a: int, b: int, at: Floats) -> Floats:
    length = s[:, b] - s[:, a]
    return z[:, a] + (z[:, b] - z[:, a]) * np.where(length > 0, (at - s[:, a]) / np.where(length > 0, length, 1), 0)


def _on_bent(s: Floats, z: Floats, at: Floats) -> Floats:
    return np.where(at <= s[:, 1], _on(s, z, 0, 1, at), _on(s, z, 1, 2, at))
