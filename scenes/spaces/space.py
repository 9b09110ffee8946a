"""`Space`: a closed part of a storey, as a room draws it or walls enclose it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from scenes import overlay
from scenes.build.regions import polygons
from scenes.mesh import Floats
from scenes.scene import Room, Scene
from scenes.spaces.lines import Lines
from scenes.spaces.outlines import SMALLEST_SPACE_M2, closed_outlines

LEAST_HEIGHT_M = 1.0
"""Levels drawn lower are taken as so high."""
SAME_FLOOR_M = 0.3
SAME_STOREY_M = 1.0
"""Floors less apart are of one storey."""
_HEAD_M = 1.8
"""A floor raised by less leaves no space below it."""
_LARGE_M2 = 4.0
"""Smaller areas between walls are rooms if a door leads into them, else shafts and cupboards."""
_MOST = 0.5
_AT_WALL_M = 0.25
_BESIDE_WALLS = 0.75
"""A porch in a corner of the house has walls along half of its edge."""
_NARROW_M = 0.2


@dataclass(frozen=True)
class Space:
    """A room with a floor, or an area between walls where no room is drawn.

    Attributes:
        level: index in `Scene.levels`.
        room: index in `Scene.rooms`; None for one that was found from walls.
        name: the room's, or empty.
        floor_m, top_m: heights of its level's floor and of that level's ceiling, whether one is drawn or not.
        area: on the plan, metres.
        is_covered: a roof, a ceiling or a slab is over most of it.
        is_indoors: walls are around it and it is covered, each where other spaces of its storey have it.
    """

    level: int
    room: int | None
    name: str
    floor_m: float
    top_m: float
    area: BaseGeometry
    is_covered: bool = False
    is_indoors: bool = False

    def samples(self) -> Floats:
        """Return plan points (N, 2) spread evenly over its area, one at least."""
        low_x, low_y, high_x, high_y = self.area.bounds
        step = float(np.clip(np.sqrt(self.area.area / 150), 0.1, 1.0))
        x, y = (np.arange(low + step / 2, high, step) for low, high in ((low_x, high_x), (low_y, high_y)))
        grid = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
        inside = grid[shapely.contains_xy(self.area, grid[:, 0], grid[:, 1])]
        if len(inside):
            return inside
        point = self.area.representative_point()
        return np.array([[point.x, point.y]])


@dataclass(frozen=True)
class _Walls:
    """The plan area of the walls that stand on a level, and what they enclose."""

    area: BaseGeometry
    enclosed: BaseGeometry


def find_spaces(scene: Scene, lines: Lines, walls_at: Callable[[float], BaseGeometry]) -> tuple[Space, ...]:
    """Return the spaces of a scene; where several hold a point, the last one that is below it is the one it is in.

    `walls_at` gives the plan area of the walls that stand at a floor of some height.
    """
    walls = []
    for level in scene.levels:
        area = walls_at(level.elevation_m)
        walls.append(_Walls(area, closed_outlines(area)))
    rooms = [space for space in _from_rooms(scene, lines) if not space.area.is_empty]
    between = [one for level in range(len(walls)) for one in _between_walls(scene, level, walls[level], rooms, lines)]
    spaces = [_with_cover(space, lines) for space in (*between, *rooms)]
    is_walled = _are_walled(spaces, walls)
    is_indoors = _are_indoors(spaces, np.array(is_walled, bool))
    judged = [replace(one, is_indoors=bool(here)) for one, here in zip(spaces, is_indoors, strict=True)]
    return tuple(sorted(judged, key=lambda space: (space.floor_m, _has_floor(scene, space))))


def _are_walled(spaces: Sequence[Space], walls: Sequence[_Walls]) -> list[bool]:
    """Return for each space whether walls are around it, or around another one that it lies in."""
    are = [_is_walled(space, walls[space.level]) for space in spaces]
    areas: list[list[BaseGeometry]] = [[] for _ in walls]
    for space, is_walled in zip(spaces, are, strict=True):
        if is_walled:
            areas[space.level].append(space.area)
    walled = [overlay.union(those) for those in areas]
    return [here or _is_mostly_in(space.area, walled[space.level]) for space, here in zip(spaces, are, strict=True)]


def _are_indoors(spaces: Sequence[Space], is_walled: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return for each space whether it has what its storey has: a cover if any space there has one, likewise walls."""
    floor_m = np.array([space.floor_m for space in spaces])
    is_covered = np.array([space.is_covered for space in spaces], bool)
    found = is_walled.copy()
    for height in np.unique(floor_m):
        storey = np.abs(floor_m - height) < SAME_STOREY_M
        here = floor_m == height
        if is_covered[storey].any():
            needs_walls = (is_walled & is_covered)[storey].any()
            found[here] = is_covered[here] & (is_walled[here] | ~needs_walls)
    return found


def _has_floor(scene: Scene, space: Space) -> bool:
    return space.room is not None and scene.rooms[space.room].has_floor


def _top_m(scene: Scene, level: int) -> float:
    return scene.levels[level].elevation_m + max(scene.levels[level].height_m, LEAST_HEIGHT_M)


def _from_rooms(scene: Scene, lines: Lines) -> Iterator[Space]:
    """Rooms with a floor, and those without one that have the ground or something else for it."""
    for index, room in enumerate(scene.rooms):
        floor_m = scene.levels[room.level].elevation_m
        space = Space(room.level, index, room.name, floor_m, _top_m(scene, room.level), plan_of(room))
        if room.has_floor or (not space.area.is_empty and _is_carried(space, lines)):
            yield space


def plan_of(room: Room) -> BaseGeometry:
    """Return the area of a room on the plan, metres."""
    return overlay.union(polygons(overlay.valid(shapely.Polygon(room.polygon))))


def _between_walls(scene: Scene, level: int, walls: _Walls, rooms: Sequence[Space], lines: Lines) -> Iterator[Space]:
    """What the walls of a level enclose and no room covers."""
    if not any(instance.level == level and instance.category == "wall" for instance in scene.instances):
        return
    floor_m = scene.levels[level].elevation_m
    taken = [room.area for room in rooms if -SAME_FLOOR_M < room.floor_m - floor_m < _HEAD_M]
    bare = overlay.difference(walls.enclosed, overlay.union(taken))
    bare = overlay.buffer(overlay.buffer(bare, -_NARROW_M, join_style="mitre"), _NARROW_M, join_style="mitre")
    doors = [shapely.box(*i.bounds_m[0][:2], *i.bounds_m[1][:2]) for i in scene.instances if i.category == "door"]
    for area in polygons(bare, SMALLEST_SPACE_M2):
        space = Space(level, None, "", floor_m, _top_m(scene, level), area)
        is_entered = area.area >= _LARGE_M2 or bool(shapely.dwithin(doors, area, _AT_WALL_M).any())
        if is_entered and _is_carried(space, lines):
            yield space


def _is_carried(space: Space, lines: Lines) -> bool:
    """Return True if most of a space has something underfoot at its level's floor."""
    below = lines.below(_at(space, SAME_FLOOR_M)).solid_m
    return bool((below > space.floor_m - SAME_FLOOR_M).mean() > _MOST)


def _with_cover(space: Space, lines: Lines) -> Space:
    samples = _at(space, 0.0)
    cover_m = lines.cover_m(samples, np.full(len(samples), space.floor_m))
    return replace(space, is_covered=bool(np.isfinite(cover_m).mean() > _MOST))


def _at(space: Space, over_floor_m: float) -> Floats:
    samples = space.samples()
    return np.column_stack([samples, np.full(len(samples), space.floor_m + over_floor_m)])


def _is_walled(space: Space, walls: _Walls) -> bool:
    """Return True if a space lies within walls, or walls stand along most of its edge."""
    if space.room is None:
        return True
    if walls.area.is_empty:
        return False
    if _is_mostly_in(space.area, walls.enclosed):
        return True
    at = np.linspace(0, 1, 200, endpoint=False)
    edge = shapely.line_interpolate_point(space.area.boundary, at, normalized=True)
    beside: npt.NDArray[np.bool_] = shapely.dwithin(edge, walls.area, _AT_WALL_M)
    return bool(beside.mean() > _BESIDE_WALLS)


def _is_mostly_in(area: BaseGeometry, other: BaseGeometry) -> bool:
    return bool(overlay.intersection(other, area).area > _MOST * area.area)
