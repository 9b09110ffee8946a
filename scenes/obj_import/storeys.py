"""Levels of an export, from the heights of floors and of walls' feet, and which level a thing is on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from scenes.build.frames import CM
from scenes.build.levels import GROUND_NAME, SEAM_CM
from scenes.mesh import Floats
from scenes.obj_import.rooms import FoundRoom
from scenes.obj_import.walls import FoundWall
from scenes.scene import Level

SAME_HEIGHT_M = 0.005
SAME_FOOT_M = 0.0004
"""Walls of a storey with a slab down to the ground begin 1 mm above those on the ground."""
DEFAULT_HEIGHT_M = 2.5
"""The program's own."""
LEAST_HEIGHT_M = 2.0
LEAST_HEADROOM_M = 0.5
SUNK_M = 0.05
"""A thing on a floor may reach this far below it."""
BESIDE_ROOM_M = 0.5
"""How far a thing in a wall may be from the room whose level it is on."""


@dataclass(frozen=True)
class Storeys:
    """The levels, from bottom to top, and the rooms on them."""

    levels: tuple[Level, ...]
    rooms: tuple[tuple[FoundRoom, int], ...]
    """Each with the index of its level."""

    @classmethod
    def of(cls, rooms: Sequence[FoundRoom], walls: Sequence[FoundWall], ground_m: float) -> Storeys:
        """The levels that hold these rooms and walls; one at `ground_m` if there are none."""
        slabs = _slabs(rooms, [wall.foot_m for wall in walls if wall.foot_m is not None]) or {ground_m: 0.0}
        levels = []
        for elevation, slab in sorted(slabs.items()):
            floor = [room for room in rooms if _is_at(room.elevation_m, elevation)]
            tops = [float(wall.box[1, 2]) for wall in walls if _stands_on(wall.box, elevation, slab)]
            name = GROUND_NAME if _is_at(0.0, elevation) or len(slabs) == 1 else f"Level at {elevation:.2f} m"
            levels.append(Level(name, elevation, _height(elevation, floor, tops), slab))
        plain = cls(tuple(levels), ())
        return cls(plain.levels, tuple((room, plain._of_room(room)) for room in rooms))

    def of_wall(self, box: Floats) -> int:
        """The level that a wall stands on; if it may be on several, the one whose ceiling is nearest to its top."""
        feet = [
            (abs(float(box[1, 2]) - level.elevation_m - level.height_m), index)
            for index, level in enumerate(self.levels)
            if _stands_on(box, level.elevation_m, level.floor_thickness_m)
        ]
        return min(feet)[1] if feet else self._highest_below(float(box[0, 2]))

    def of_thing(self, box: Floats) -> int:
        """The highest level under a thing, among those of the rooms that it is in or beside and those without rooms."""
        centre = shapely.Point(box.mean(axis=0)[:2])
        here = {index for room, index in self.rooms if room.area.dwithin(centre, BESIDE_ROOM_M)}
        here |= set(range(len(self.levels))) - {index for _, index in self.rooms}
        highest = self._highest_below(float(box[0, 2]))
        return max((index for index in here if index <= highest), default=highest)

    def _of_room(self, room: FoundRoom) -> int:
        for index, level in enumerate(self.levels):
            if _is_at(room.elevation_m, level.elevation_m):
                return index
        assert room.ceiling is not None
        top = float(room.ceiling.box[1, 2])
        for index, level in enumerate(self.levels):
            if _is_at(top, level.elevation_m + level.height_m):
                return index
        return self._highest_below(top - LEAST_HEADROOM_M)

    def _highest_below(self, height_m: float) -> int:
        below = [index for index, level in enumerate(self.levels) if level.elevation_m <= height_m + SUNK_M]
        return max(below, default=0)


def _slabs(rooms: Sequence[FoundRoom], wall_bottoms: Sequence[float]) -> dict[float, float]:
    """Elevations of floors, and under each the thickness of its slab.

    Walls of upper storeys reach down through their floor. A storey with walls only has its floor where it would be if
    that were as thick as the thickest of the others.
    """
    slabs: dict[float, float] = {}
    for room in sorted((room for room in rooms if room.floor), key=lambda room: room.elevation_m or 0.0):
        elevation = room.elevation_m or 0.0
        same = next((other for other in slabs if _is_at(other, elevation)), elevation)
        slabs[same] = max(slabs.get(same, 0.0), room.slab_m)
    thickest = max(slabs.values(), default=0.0)
    lowest = min([*slabs, *wall_bottoms], default=0.0)
    for bottom in sorted(wall_bottoms):
        if any(_is_at(bottom, foot) for elevation, slab in slabs.items() for foot in _feet(elevation, slab)):
            continue
        slab = thickest if bottom > lowest + SAME_HEIGHT_M else 0.0
        slabs[bottom + slab - (SEAM_CM * CM if slab else 0.0)] = slab
    return slabs


def _feet(elevation_m: float, slab_m: float) -> tuple[float, ...]:
    """Where walls of a level may begin."""
    return (elevation_m, elevation_m - slab_m + SEAM_CM * CM) if slab_m else (elevation_m,)


def _stands_on(box: Floats, elevation_m: float, slab_m: float) -> bool:
    return any(abs(float(box[0, 2]) - foot) < SAME_FOOT_M for foot in _feet(elevation_m, slab_m))


def _is_at(height_m: float | None, other_m: float) -> bool:
    return height_m is not None and abs(height_m - other_m) < SAME_HEIGHT_M


def _height(elevation_m: float, rooms: Sequence[FoundRoom], wall_tops: Sequence[float]) -> float:
    """Floor to ceiling: the middle one of the ceilings, else of the walls if those are as high as a storey."""
    ceilings = [float(room.ceiling.box[1, 2]) for room in rooms if room.ceiling]
    if ceilings:
        return float(np.median(ceilings)) - elevation_m
    height = float(np.median(wall_tops)) - elevation_m if wall_tops else 0.0
    return height if height >= LEAST_HEIGHT_M else DEFAULT_HEIGHT_M
