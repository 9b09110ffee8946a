"""What a walk through a home must keep to, held against the scene's triangles by ray casts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scenes.body import BodySize
from scenes.scene import Scene
from scenes.walkable.standing import solid_triangles
from sim.raycasting import RayCaster

Points = npt.NDArray[np.float64]


class Walls:
    """All that stands in the way of a body in a scene whose doors stand open."""

    def __init__(self, scene: Scene) -> None:
        corners, _ = solid_triangles(scene)
        count = len(corners)
        self._caster = RayCaster(
            corners.reshape(-1, 3).astype(np.float32), np.arange(3 * count, dtype=np.int32).reshape(-1, 3)
        )

    def passed_through(self, positions: Points, size: BodySize) -> npt.NDArray[np.int64]:
        """Which moves between successive floor points (N, 3) go through something, at any of three heights."""
        starts, ends = positions[:-1], positions[1:]
        moved = np.linalg.norm(ends - starts, axis=1) > 1e-6
        hit = np.zeros(len(starts), bool)
        for height_m in np.linspace(size.max_step_m + 0.1, size.height_m - 0.05, 3):
            up = (0.0, 0.0, height_m)
            hit |= self._caster.is_blocked(starts + up, ends + up)
        return np.flatnonzero(hit & moved)

    def below_floor(self, positions: Points, size: BodySize) -> npt.NDArray[np.int64]:
        """Which floor points (N, 3) have no floor within a step below, or one higher than a step above."""
        above = positions + (0.0, 0.0, size.max_step_m + 0.1)
        hits = self._caster.cast(above, np.tile((0.0, 0.0, -1.0), (len(above), 1)))
        return np.flatnonzero(hits.reach > 2 * size.max_step_m + 0.2)
