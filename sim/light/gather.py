"""What each point sees: rays over its hemisphere, kept as a matrix, so that every further bounce costs no rays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse

from sim.light.points import ORIGINS, Points
from sim.light.rays import NONE, Caster, Hits, chunks

Floats32 = npt.NDArray[np.float32]
Ints32 = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

DIRECTIONS_STRUCTURE, DIRECTIONS_OTHER = 32, 16
"""Rays per origin."""
_DIRECTIONS_SIDE = 4
_RAYS_AT_ONCE = 1 << 19
_NEAR_M, _INSIDE_M = 0.1, 3.0
_BLOCKED, _ENCLOSED = 0.85, 0.25
"""An origin is hidden if this share of its rays ends at once or meets a back nearby; or that of a wall or a floor."""
_OWN, _OPEN = 0.97, 0.8


@dataclass(frozen=True)
class View:
    """What the points see. Columns of the matrices: the triangles, then the sky, then what is below the horizon.

    Attributes:
        plain: (N, T + 2) sparse float32, the share of each point's light that comes from there.
        tinted: the same for what comes through glass and holes, for red, green and blue.
        valid: (N, ORIGINS) bool, the origins that are neither inside of something nor covered by it.
    """

    plain: Any
    tinted: tuple[Any, Any, Any]
    valid: Bools

    @property
    def seen(self) -> Bools:
        """The points (N,) with a valid origin."""
        return np.asarray(self.valid.any(axis=1))

    @property
    def open(self) -> Floats32:
        """The share (N,) of what each point sees that is sky or beyond the horizon, with nothing before it."""
        return np.asarray(self.plain[:, -2:].sum(axis=1), np.float32).reshape(-1)

    def gather(self, radiance: Floats32) -> Floats32:
        """The light (N, 3) that reaches the points, linear RGB, if this (T + 2, 3) is what the columns send out."""
        through = [matrix @ radiance[:, channel] for channel, matrix in enumerate(self.tinted)]
        light: Floats32 = self.plain @ radiance + np.stack(through, axis=1)
        return light


def lit_sides(caster: Caster, points: Points, origins: Floats32, instances: Ints32) -> Floats32:
    """1 for points (N,) that are lit on the side that they face, -1 where that side is the inside of an odd model.

    Such a point sees nothing but its own instance, and its back sees more.
    """
    sides = np.ones(len(points.normals), np.float32)
    others = np.flatnonzero(~points.structure)
    doubtful = others[_own_share(caster, points, origins, instances, others, 1.0) > _OWN]
    behind = _own_share(caster, points, origins, instances, doubtful, -1.0)
    sides[doubtful[behind < _OPEN]] = -1.0
    return sides


def _own_share(
    caster: Caster, points: Points, origins: Floats32, instances: Ints32, chosen: npt.NDArray[np.int64], side: float
) -> Floats32:
    """The share (C,) of the rays of some points that meet the points' own instance."""
    table = _directions(_DIRECTIONS_SIDE)
    shares = np.zeros(len(chosen), np.float32)
    for run in chunks(len(chosen), _RAYS_AT_ONCE // (ORIGINS * _DIRECTIONS_SIDE)):
        some = chosen[run]
        normals = points.normals[some]
        starts = origins[some]
        if side < 0:
            starts = starts - np.float32(0.01) * normals[:, None]
        hits = caster.trace(_rays(starts, side * normals, some, table))
        met = instances[hits.triangle].reshape(len(some), -1) == points.instances[some][:, None]
        shares[run] = (met & (hits.triangle.reshape(len(some), -1) != NONE)).mean(axis=1)
    return shares


def look_around(
    caster: Caster, points: Points, origins: Floats32, sides: Floats32, progress: Callable[[float], None]
) -> View:
    """Casts the rays of all points. `origins`: (N, ORIGINS, 3); `sides`: as of `lit_sides`."""
    triangles = len(points.corners) // 3
    side_of_triangle = np.ones(triangles + 1, np.float32)  # the last one answers for NONE
    owner = np.empty(triangles * 3, np.int64)
    owner[points.corners] = np.repeat(np.arange(len(points.normals)), points.corner_count)
    side_of_triangle[:-1] = sides[owner[::3]]
    solid = np.append(points.solid[owner[::3]], False)
    collected = _Rows(triangles)
    kinds = [(points.structure, DIRECTIONS_STRUCTURE), (~points.structure, DIRECTIONS_OTHER)]
    total = sum(np.count_nonzero(kind) * count for kind, count in kinds)
    done = 0
    for kind, count in kinds:
        chosen = np.flatnonzero(kind)
        table = _directions(count)
        for run in chunks(len(chosen), max(1, _RAYS_AT_ONCE // (ORIGINS * count))):
            some = chosen[run]
            rays = _rays(origins[some], sides[some, None] * points.normals[some], some, table)
            hits = caster.trace(rays)
            collected.add(some, hits, rays, side_of_triangle[hits.triangle] < 0, solid[hits.triangle])
            done += len(some) * count
            progress(done / total)
    return collected.view(len(points.normals))


class _Rows:
    """Rows of the matrices of a `View`, as they come."""

    def __init__(self, triangles: int) -> None:
        self._triangles = triangles
        self._some: list[npt.NDArray[np.int64]] = []
        self._columns: list[Ints32] = []
        self._weights: list[Floats32] = []
        self._valid: list[Bools] = []
        self._tinted: list[tuple[npt.NDArray[np.int64], Ints32, Floats32]] = []

    def add(self, some: npt.NDArray[np.int64], hits: Hits, rays: Floats32, turned: Bools, solid: Bools) -> None:
        """Takes the hits of the rays of some points, ORIGINS times as many directions for each.

        `turned` and `solid` (M,) say of what is met whether its back is its outside, and whether it is of a solid.
        """
        shape = (len(some), ORIGINS, -1)
        met = hits.triangle != NONE
        behind = met & (hits.back ^ turned)
        inside = behind & (hits.distance < _INSIDE_M)
        blocked = inside | (hits.distance < _NEAR_M)
        valid = blocked.reshape(shape).mean(axis=2) < _BLOCKED
        valid &= (inside & solid).reshape(shape).mean(axis=2) < _ENCLOSED
        none_valid = ~valid.any(axis=1)
        weights = (valid | none_valid[:, None]).astype(np.float32)
        weights /= weights.sum(axis=1, keepdims=True)
        each = np.repeat(weights.reshape(-1), len(rays) // weights.size) * np.float32(weights.size / len(rays))
        each[behind] = 0.0
        beyond = np.where(rays[:, 5] > 0, self._triangles, self._triangles + 1)
        columns = np.where(met, hits.triangle, beyond).astype(np.int32)
        if len(hits.tinted):
            owner = np.repeat(some, len(rays) // len(some))[hits.tinted]
            self._tinted.append((owner, columns[hits.tinted], each[hits.tinted, None] * hits.tint))
            each[hits.tinted] = 0.0
        kept = each > 0
        self._some.append(np.stack([some, kept.reshape(len(some), -1).sum(axis=1)]))
        self._columns.append(columns[kept])
        self._weights.append(each[kept])
        self._valid.append(valid)

    def view(self, count: int) -> View:
        """All that was added."""
        shape = (count, self._triangles + 2)
        some, kept = np.concatenate(self._some, axis=1)
        starts = np.concatenate([[0], np.cumsum(kept)])
        plain = scipy.sparse.csr_matrix(
            (np.concatenate(self._weights), np.concatenate(self._columns), starts), (len(some), shape[1])
        )
        order = np.empty(count, np.int64)
        order[some] = np.arange(count)
        empty = (np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros((0, 3), np.float32))
        rows, columns, weights = (np.concatenate(parts) for parts in zip(empty, *self._tinted, strict=True))
        red, green, blue = (
            scipy.sparse.csr_matrix((weights[:, channel], (rows, columns)), shape) for channel in range(3)
        )
        return View(plain[order], (red, green, blue), np.concatenate(self._valid)[order])


def _directions(count: int) -> Floats32:
    """Directions (ORIGINS * count, 3) about +z, as dense as the cosine: the runs of each origin spread evenly.

    Cosine sampling turns the mean of what rays meet into the light that a diffuse surface gets (Malley's method); the
    points are those of Roberts' R2 sequence, of which every run covers the square evenly.
    """
    index = np.arange(ORIGINS * count)
    across, around = (index * 0.7548776662466927 + 0.5) % 1, (index * 0.5698402909980532 + 0.5) % 1
    radius, angle = np.sqrt(across), 2 * np.pi * around
    table = np.stack([radius * np.cos(angle), radius * np.sin(angle), np.sqrt(1 - across)], axis=1)
    return table.astype(np.float32)


def _rays(origins: Floats32, normals: Floats32, numbers: npt.NDArray[np.int64], table: Floats32) -> Floats32:
    """Rays (N * len(table), 6) from origins (N, ORIGINS, 3) about normals (N, 3), turned about them by the number."""
    count = len(table) // ORIGINS
    frames = _frames(normals, (numbers * 0.6180339887498949) % 1 * 2 * np.pi)
    rays = np.empty((len(normals), ORIGINS, count, 6), np.float32)
    rays[..., :3] = origins[:, :, None]
    rays[..., 3:] = (table @ frames).reshape(len(normals), ORIGINS, count, 3)
    return rays.reshape(-1, 6)


def _frames(normals: Floats32, turns: npt.NDArray[Any]) -> Floats32:
    """Rotations (N, 3, 3), to be multiplied from the right, that take +z to normals (N, 3), after a turn about +z."""
    helper = np.where(np.abs(normals[:, 2:]) < 0.9, [0.0, 0.0, 1.0], [1.0, 0.0, 0.0])
    first = np.cross(helper, normals)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(normals, first)
    cosine, sine = np.cos(turns)[:, None], np.sin(turns)[:, None]
    rows = [cosine * first + sine * second, cosine * second - sine * first, normals]
    return np.stack(rows, axis=1).astype(np.float32)
