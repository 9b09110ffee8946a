"""`Spaces`: which space of a home a point is in, and whether that is inside.

Inside is: within a closed outline of rooms or walls, above that level's floor, below its ceiling (or, where none is
drawn, below the level's height), with a roof or a ceiling overhead where the space has one.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from scenes import overlay
from scenes.by_id import ById
from scenes.mesh import Floats, Ints
from scenes.scene import Scene
from scenes.spaces.lines import Lines
from scenes.spaces.outlines import standing_walls
from scenes.spaces.space import SAME_FLOOR_M, Space, find_spaces

_BELOW_M = 0.05
"""A point so little below a floor still counts as above it."""
_HALF_WALL_M = 0.25
"""Of the thickest walls."""
_SLAB_M = 0.3
"""What is so little above the ceiling of a level still counts to it."""


@dataclass(frozen=True)
class Verdicts:
    """Where points are, one row each.

    Attributes:
        space: (N,) index in `Spaces.all`; -1: in none.
        floor_m: (N,) height of the highest thing below; -inf where there is nothing.
        cover_m: (N,) height of the lowest roof, ceiling or slab above; inf under the open sky.
        is_inside: (N,) in an indoor space, below its roof or ceiling.
        is_above_ceiling: (N,) over a space on the plan and higher than its floor, but in none: on a roof, in a slab.
    """

    space: Ints
    floor_m: Floats
    cover_m: Floats
    is_inside: npt.NDArray[np.bool_]
    is_above_ceiling: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Table:
    floor_m: Floats
    top_m: Floats
    is_covered: npt.NDArray[np.bool_]
    is_indoors: npt.NDArray[np.bool_]


class Spaces:
    """The spaces of a scene. `spaces_of` keeps them."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._lines = Lines(scene)
        self._walls: dict[float, BaseGeometry] = {}

    @cached_property
    def all(self) -> tuple[Space, ...]:
        """Rooms with a floor and areas between walls, the lower ones first."""
        spaces = find_spaces(self._scene, self._lines, self.walls_at)
        shapely.prepare([space.area for space in spaces])
        return spaces

    def walls_at(self, floor_m: float) -> BaseGeometry:
        """Return the plan area of the walls that stand at a floor, with their doors and windows closed."""
        if floor_m not in self._walls:
            self._walls[floor_m] = standing_walls(self._scene, floor_m)
        return self._walls[floor_m]

    @property
    def indoors(self) -> tuple[Space, ...]:
        """Those that are indoors."""
        return tuple(space for space in self.all if space.is_indoors)

    @cached_property
    def indoor_area(self) -> BaseGeometry:
        """The plan area of all indoor spaces and of the doorways and walls between them."""
        area = overlay.buffer(overlay.union([space.area for space in self.indoors]), _HALF_WALL_M)
        shapely.prepare(area)
        return area

    @property
    def has_outline(self) -> bool:
        """True if the home has an indoor space: a closed outline of rooms or of walls."""
        return any(space.is_indoors for space in self.all)

    def at(self, points: npt.ArrayLike) -> Ints:
        """Return the index (N,) in `all` of the space that each point (N, 3) is in, indoors or not; -1 for none."""
        return self.judge(points).space

    def contains(self, points: npt.ArrayLike, *, outdoors: bool = False) -> npt.NDArray[np.bool_]:
        """Return whether points (N, 3) are inside; with `outdoors` also where they are on terraces and in gardens."""
        verdicts = self.judge(points)
        return verdicts.space >= 0 if outdoors else verdicts.is_inside

    def locate(self, point: Sequence[float]) -> tuple[str, str]:
        """Return the names of the level and the room that a point (x, y, z) is in.

        The room is empty outside of all rooms, the level above and below all storeys.
        """
        index = int(self.at([list(point)])[0])
        if index >= 0:
            space = self.all[index]
            return self._scene.levels[space.level].name, space.name
        z = point[2] + _BELOW_M
        storeys = [one for one in self._scene.levels if 0 <= z - one.elevation_m <= one.height_m + _SLAB_M]
        return max(storeys, key=lambda level: level.elevation_m).name if storeys else "", ""

    def judge(self, points: npt.ArrayLike) -> Verdicts:
        """Return where points (N, 3) are, by what is above and below them."""
        at = np.asarray(points, np.float64).reshape(-1, 3)
        below = self._lines.below(at)
        one, index = self._tree.query(shapely.points(at[:, :2]), predicate="within")
        table = self._table
        over = at[one, 2] > table.floor_m[index] - _BELOW_M
        index, one = index[over], one[over]
        floors, floor_of = np.unique(table.floor_m, return_inverse=True)
        covers = np.array([self._lines.cover_m(at, np.full(len(at), floor)) for floor in floors]).reshape(-1, len(at))
        covered = np.isfinite(covers[floor_of[index], one])
        on_floor = below.lid_m[one] < table.floor_m[index] + SAME_FLOOR_M
        on_roof = table.is_covered[index] & (below.roof_m[one] > table.floor_m[index] + SAME_FLOOR_M)
        held = on_floor & (covered | ((at[one, 2] < table.top_m[index]) & ~on_roof))
        space = np.full(len(at), -1, np.int64)
        np.maximum.at(space, one[held], index[held])
        floor_m = np.where(space >= 0, table.floor_m[space], -np.inf) if len(self.all) else np.full(len(at), -np.inf)
        cover_m = self._lines.cover_m(at, floor_m)
        is_over = np.zeros(len(at), bool)
        is_over[one] = True
        return Verdicts(
            space=space,
            floor_m=below.solid_m,
            cover_m=cover_m,
            is_inside=table.is_indoors[space] & (np.isfinite(cover_m) | ~table.is_covered[space]) & (space >= 0),
            is_above_ceiling=is_over & (space < 0),
        )

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree([space.area for space in self.all])

    @cached_property
    def _table(self) -> _Table:
        """The numbers of all spaces, and a last row for none."""
        return _Table(
            np.array([*(space.floor_m for space in self.all), np.inf]),
            np.array([*(space.top_m for space in self.all), np.inf]),
            np.array([*(space.is_covered for space in self.all), False]),
            np.array([*(space.is_indoors for space in self.all), False]),
        )


@functools.lru_cache(maxsize=8)
def _spaces_of(scene: ById[Scene]) -> Spaces:
    return Spaces(scene.value)


def spaces_of(scene: Scene) -> Spaces:
    """Return the spaces of a scene, kept for the next call."""
    return _spaces_of(ById(scene))
