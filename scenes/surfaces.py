"""Vertical lines through a scene's triangles: what is above and below a point."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt
import shapely

from scenes.mesh import Floats, Ints
from scenes.scene import Scene

_SMALLEST_PLAN_M2 = 1e-9
_EDGE = 1e-7
"""Barycentric slack, so that a line through an edge between two triangles does not slip through."""


@dataclass(frozen=True)
class Crossings:
    """Where vertical lines meet triangles, one row each: index of the line, instance id, height, facing up or down."""

    line: Ints
    instance: Ints
    height_m: Floats
    faces_up: npt.NDArray[np.bool_]

    def where(self, mask: npt.NDArray[np.bool_]) -> Crossings:
        """The rows where `mask` (N,) is true."""
        return Crossings(self.line[mask], self.instance[mask], self.height_m[mask], self.faces_up[mask])


class Surfaces:
    """Triangles (T, 3, 3) with their instance ids (T,), in rising order, and an index of those that are not upright.

    The index is built when it is first asked.
    """

    def __init__(self, corners: Floats, instances: Ints) -> None:
        self.corners = corners
        self.instances = instances
        a, b, c = (corners[:, i, :2] for i in range(3))
        double = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
        self._lying = np.flatnonzero(np.abs(double) > _SMALLEST_PLAN_M2)
        self._double = double[self._lying]

    @cached_property
    def _tree(self) -> shapely.STRtree:
        flat = self.corners[self._lying, :, :2]
        low, high = flat.min(axis=1), flat.max(axis=1)
        return shapely.STRtree(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))

    @classmethod
    def of(cls, scene: Scene, ids: AbstractSet[int]) -> Self:
        """The triangles of the instances with these ids."""
        owners = scene.triangle_instances().astype(np.int64)
        kept = np.isin(owners, np.fromiter(ids, np.int64, len(ids)))
        return cls(scene.vertices[scene.triangles[kept]].astype(np.float64), owners[kept])

    def of_instance(self, instance_id: int) -> Floats:
        """The triangles (T, 3, 3) of an instance."""
        start, end = np.searchsorted(self.instances, [instance_id, instance_id + 1])
        found: Floats = self.corners[start:end]
        return found

    def crossings(self, points: Floats) -> Crossings:
        """Where the vertical lines through plan points (N, 2) meet the triangles."""
        line, hit = self._tree.query(shapely.points(points))
        corners = self.corners[self._lying[hit]]
        a, ab, ac = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        offset = points[line] - a[:, :2]
        double = self._double[hit]
        s = (offset[:, 0] * ac[:, 1] - offset[:, 1] * ac[:, 0]) / double
        t = (ab[:, 0] * offset[:, 1] - ab[:, 1] * offset[:, 0]) / double
        inside = (s >= -_EDGE) & (t >= -_EDGE) & (s + t <= 1 + _EDGE)
        height = a[:, 2] + s * ab[:, 2] + t * ac[:, 2]
        owners = self.instances[self._lying[hit]]
        return Crossings(line[inside], owners[inside], height[inside], double[inside] > 0)
