"""What stands around a flight: free ways, clear widths, heights above."""

from __future__ import annotations

from collections.abc import Collection
from typing import Self

import numpy as np
import numpy.typing as npt
import shapely

from scenes.clip import extents_within
from scenes.mesh import Floats, Ints
from scenes.scene import Scene
from scenes.surfaces import Crossings, Surfaces

STANDABLE = ("floor", "ground", "stair", "ramp", "furniture")
PASSABLE = ("door", "line", "label")
"""Categories that keep nobody from passing: doors are open, their walls have a hole."""

BODIES = ("wall", "furniture")
"""Categories of what one can be inside of."""


class Space:
    """The triangles (T, 3, 3) of a scene, m, with their instance ids (T,), in rising order."""

    def __init__(self, scene: Scene, corners: Floats, owners: Ints) -> None:
        self.scene = scene
        self.surfaces = Surfaces(corners, owners)
        # one row per axis: compared one by one they are five times as fast as with all(axis=1)
        self._low, self._high = corners.min(axis=1).T.copy(), corners.max(axis=1).T.copy()
        self._standable = _ids(scene, STANDABLE)
        self._solid = ~np.isin(owners, _ids(scene, PASSABLE))

    @classmethod
    def of(cls, scene: Scene) -> Self:
        """All of a scene."""
        owners = scene.triangle_instances().astype(np.int64)
        kept = owners > 0
        return cls(scene, scene.vertices[scene.triangles[kept]].astype(np.float64), owners[kept])

    def within(self, low: Floats, high: Floats) -> Space:
        """The triangles whose boxes meet the box between two points (3,)."""
        near = self._meets(low, high)
        return Space(self.scene, self.surfaces.corners[near], self.surfaces.instances[near])

    def _meets(self, low: Floats, high: Floats) -> npt.NDArray[np.bool_]:
        """Which triangles (T,) have boxes that meet the box between two points (3,)."""
        found = np.ones(self._low.shape[1], bool)
        for axis in range(3):
            found &= self._low[axis] <= high[axis]
            found &= self._high[axis] >= low[axis]
        return found

    def standable(self, points: Floats) -> Crossings:
        """The surfaces to stand on under or over plan points (N, 2)."""
        hits = self.surfaces.crossings(points)
        return hits.where(hits.faces_up & np.isin(hits.instance, self._standable))

    def height_over(self, points: Floats) -> Floats:
        """How far it is from points (N, 3) up to the next surface; infinite where nothing is."""
        hits = self.surfaces.crossings(points[:, :2])
        over = hits.height_m - points[hits.line, 2]
        found = np.full(len(points), np.inf)
        above = (over > 0.05) & ~np.isin(hits.instance, _ids(self.scene, PASSABLE))
        np.minimum.at(found, hits.line[above], over[above])
        return found

    def inside(self, points: Floats) -> npt.NDArray[np.bool_]:
        """Which points (N, 3) are inside of a wall or a piece: the next side of one below them looks down."""
        hits = self.surfaces.crossings(points[:, :2])
        below = points[hits.line, 2] - hits.height_m
        rows = np.flatnonzero((below > 0) & np.isin(hits.instance, _ids(self.scene, BODIES)))
        rows = rows[np.argsort(-below[rows], kind="stable")]
        found = np.zeros(len(points), bool)
        found[hits.line[rows]] = ~hits.faces_up[rows]
        return found

    def gap(self, middle: Floats, direction: Floats, half_length_m: float, heights_m: tuple[float, float]) -> Floats:
        """The free way (2,) from a plan point to the right and to the left of a direction, at most 3 m each.

        Something is in the way if it is within `half_length_m` along the direction, between the two heights.
        """
        extents = self._extents(middle, direction, (-half_length_m, half_length_m), 3.0, heights_m)
        right, left = 3.0, 3.0
        for low, high in extents.tolist():
            if low <= 0.0 <= high:
                return np.zeros(2)
            if high < 0:
                right = min(right, -high)
            else:
                left = min(left, low)
        return np.array([right, left])

    def is_free(self, start: Floats, end: Floats, half_width_m: float, heights_m: tuple[float, float]) -> bool:
        """Whether nothing stands within a strip between two plan points."""
        way = end - start
        length = float(np.hypot(*way))
        return not len(self._extents(start, way / length, (0.0, length), half_width_m, heights_m))

    def _extents(
        self,
        origin: Floats,
        forward: Floats,
        along_m: tuple[float, float],
        across_m: float,
        heights_m: tuple[float, float],
    ) -> Floats:
        """Ranges (N, 2) across a direction, to its left, of what is in a box along it."""
        left = np.array([-forward[1], forward[0]])
        reach = np.hypot(across_m, max(abs(along_m[0]), abs(along_m[1])))
        low, high = heights_m
        near = self._solid & self._meets(np.array([*(origin - reach), low]), np.array([*(origin + reach), high]))
        offset = self.surfaces.corners[near]
        plan = offset[..., :2] - origin
        local = np.stack([plan @ left, plan @ forward, offset[..., 2]], axis=-1)
        box_low, box_high = np.array([-across_m, along_m[0], low]), np.array([across_m, along_m[1], high])
        return extents_within(local, box_low, box_high)


def _ids(scene: Scene, categories: Collection[str]) -> list[int]:
    return [instance.id for instance in scene.instances if instance.category in categories]


def largest_part(area: shapely.Geometry) -> shapely.Polygon:
    """The largest polygon of an area; an empty one if it has none."""
    parts = [part for part in shapely.get_parts(area) if isinstance(part, shapely.Polygon)]
    return max(parts, key=lambda part: float(part.area), default=shapely.Polygon())
