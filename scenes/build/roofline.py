"""Heights of ceilings on the topmost level: they follow the tops of the walls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenes.build.levels import Levels
from scenes.build.prisms import Heights, level_at
from scenes.build.wall_outline import Outline
from scenes.home.plan import Level, Wall
from scenes.mesh import Floats

_JOINT_CM = 0.02
"""Walls that are joined share corners but for rounding; the first one of them counts."""
_MOST_DISTANCES = 2_000_000
"""So many are held at once."""


@dataclass(frozen=True)
class Roofline:
    """The walls of a home with their joined outlines, as what ceilings rest on."""

    walls: Sequence[tuple[Wall, Outline]]
    levels: Levels

    def heights(self, level: Level | None, *, flat: bool) -> Heights:
        """Ceiling elevation, cm, per point: that of the wall corner next to it; if `flat` the highest everywhere."""
        near = [(wall, outline) for wall, outline in self.walls if self._reaches(wall, level)]
        if not near:
            return level_at(self.levels.elevation_cm(level) + self.levels.height_cm(level))
        if flat:
            drawn = [top for wall, _ in near for top in self._drawn_tops_cm(wall)]
            return level_at(max(drawn, default=self.levels.elevation_cm(level) + self.levels.height_cm(level)))
        corners = np.concatenate([outline.astype(np.float64) for _, outline in near])
        tops = np.concatenate([self._corner_tops(wall, outline) for wall, outline in near])

        def nearest(points: Floats) -> Floats:
            found = np.empty(len(points))
            rows = max(1, _MOST_DISTANCES // len(corners))
            for first in range(0, len(points), rows):
                some = points[first : first + rows]
                distances = np.linalg.norm(some[:, None] - corners[None], axis=2)
                is_nearest = distances <= distances.min(axis=1, keepdims=True) + _JOINT_CM
                found[first : first + rows] = tops[np.argmax(is_nearest, axis=1)]
            return found

        return nearest

    def _reaches(self, wall: Wall, level: Level | None) -> bool:
        """Whether a wall counts as standing at a level: its own, or a lower one if it is tall enough."""
        own = self.levels.get(wall.level)
        if own is level:
            return True
        if own is None or level is None or not own.viewable:
            return False
        if own.elevation == level.elevation and self.levels.order(own) < self.levels.order(level):
            return True
        return wall.height is not None and own.elevation < level.elevation < max(self._drawn_tops_cm(wall))

    def _drawn_tops_cm(self, wall: Wall) -> list[float]:
        """Elevations of a wall's top that the file gives; a wall as high as the home's walls are gives none."""
        floor = self.levels.elevation_cm(self.levels.get(wall.level))
        return [floor + height for height in (wall.height, wall.height_at_end) if height is not None]

    def _corner_tops(self, wall: Wall, outline: Outline) -> Floats:
        """Elevation of the top at each outline point, linear with the angle on an arc; back after half a turn."""
        start, end = self.levels.wall_tops_cm(wall)
        share = np.linspace(0.0, 1.0, len(outline) // 2)
        if wall.arc_extent:
            turn = 2 * np.pi / abs(wall.arc_extent)
            share = np.minimum(share, turn - share)
        tops = start + (end - start) * share
        return np.concatenate([tops, tops[::-1]])
