"""A wall with its outline on the plan and its heights: what is known of it before anything is cut out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely.geometry.base import BaseGeometry

from scenes.build.levels import SEAM_CM, Levels
from scenes.build.prisms import Heights
from scenes.build.regions import region
from scenes.build.wall_outline import Outline
from scenes.home.plan import Wall
from scenes.mesh import Floats


@dataclass(frozen=True)
class WallFrame:
    """A wall with its outline and heights, cm."""

    wall: Wall
    outline: Outline
    floor_cm: float
    bottom_cm: float
    top: Heights

    @property
    def half(self) -> int:
        """Points on each side."""
        return len(self.outline) // 2

    def middle(self) -> Floats:
        """The middle line (n, 2) from start to end, between facing points of the outline."""
        points = self.outline.astype(np.float64)
        middle: Floats = (points[: self.half] + points[::-1][: self.half]) / 2
        return middle

    def texture_turn(self, left: bool) -> float:
        """-1 on a side where the texture's u runs against the wall, from its end to its start; else 1."""
        texture = self.wall.left_side_texture if left else self.wall.right_side_texture
        return -1.0 if left and (texture is None or texture.left_to_right_oriented) else 1.0

    def half_area(self, left: bool) -> BaseGeometry:
        """The plan area between the middle line and a side."""
        return region(np.concatenate([self.side(left), self.middle()[::-1]]))

    def side(self, left: bool) -> Floats:
        """The points (n, 2) of a side, from start to end."""
        points = self.outline.astype(np.float64)
        return points[: self.half] if left else points[::-1][: self.half]


def wall_frame(wall: Wall, outline: Outline, levels: Levels) -> WallFrame:
    """Where a wall begins and ends in height: it reaches down through the slab it stands on, and up to the next one."""
    level = levels.get(wall.level)
    floor = levels.elevation_cm(level)
    slab = levels.slab_cm(level)
    top_at_start, top_at_end = levels.wall_tops_cm(wall)
    seam = (SEAM_CM if slab > 0 else 0.0) + (0.0 if levels.is_last(level) else SEAM_CM)
    start = np.array([wall.x_start, wall.y_start])
    run = np.array([wall.x_end, wall.y_end]) - start
    length_squared = float(run @ run)

    def top(points: Floats) -> Floats:
        share = (points - start) @ run / length_squared if length_squared > 0 else np.zeros(len(points))
        return top_at_start + (top_at_end - top_at_start) * share + seam

    return WallFrame(wall, outline, floor, floor - (slab - SEAM_CM if slab > 0 else 0.0), top)
