"""Rooms as floors (sheets on the ground, slabs above it) and ceilings, cut by later rooms and by staircases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from scenes.build import exact
from scenes.build.levels import Levels
from scenes.build.palette import Palette
from scenes.build.prisms import Heights, bent_ceiling, level_at, sheet, sides, textured
from scenes.build.regions import polygons, region, rings
from scenes.build.roofline import Roofline
from scenes.build.staircases import StairHole
from scenes.build.surface import Surface
from scenes.home.home import Home
from scenes.home.plan import Level, Room
from scenes.mesh import Floats, Mesh, concatenate

_SAME_HEIGHT_CM = 1e-3
_MOST_BENT_CORNERS = 200
"""Rooms with more corners have a bent ceiling cut into triangles the quick way."""


@dataclass(frozen=True)
class DrawnRoom:
    """A room on a viewable level. `order`: rank by which later rooms cover earlier ones."""

    room: Room
    index: int
    level: Level | None
    area: BaseGeometry
    floor_cm: float
    ceiling_cm: float
    order: tuple[int, int]

    @property
    def source(self) -> str:
        """The room's id in the file, else `room[3]`."""
        return self.room.id or f"room[{self.index}]"

    @property
    def label(self) -> str:
        """How warnings name the room."""
        return f"room {self.room.name!r} ({self.source})" if self.room.name else f"room {self.source}"

    def comes_after(self, other: DrawnRoom) -> bool:
        """Whether this room covers the other where they are at one height; one without a level covers none with one."""
        return self.order > other.order and (self.level is None) == (other.level is None)


def drawn_rooms(home: Home, levels: Levels) -> list[DrawnRoom]:
    """The rooms with three points or more on viewable levels."""
    found = []
    for index, room in enumerate(home.rooms):
        level = levels.get(room.level)
        if not levels.is_viewable(level) or len(room.points) < 3:
            continue
        floor = levels.elevation_cm(level)
        area = region([(point.x, point.y) for point in room.points])
        order = (levels.order(level), index)
        found.append(DrawnRoom(room, index, level, area, floor, floor + levels.height_cm(level), order))
    return found


@dataclass(frozen=True)
class RoomBuilder:
    """Builds the floors and ceilings of a home's rooms, which cover each other."""

    rooms: Sequence[DrawnRoom]
    stairs: Sequence[StairHole]
    levels: Levels
    roofline: Roofline
    palette: Palette

    def floor_area(self, drawn: DrawnRoom) -> BaseGeometry:
        """The part of a room's floor that is seen, plan cm; staircases do not cut one without a level."""
        covering = [
            other.area
            for other in self.rooms
            if other.room.floor_visible and other.comes_after(drawn) and other.floor_cm == drawn.floor_cm
        ]
        slab = self.levels.slab_cm(drawn.level)
        stairs = self.stairs if drawn.level is not None else ()
        holes = [stair.area for stair in stairs if stair.cuts_floor(drawn.floor_cm, slab)]
        return exact.difference(drawn.area, exact.union(covering + holes))

    def ceiling_area(self, drawn: DrawnRoom) -> BaseGeometry:
        """The part of a room's ceiling that is seen: all of a bent one; no staircase cuts the last level's."""
        if self._bent_ring(drawn) is not None:
            return drawn.area
        covering = [
            other.area
            for other in self.rooms
            if other.room.ceiling_visible
            and other.comes_after(drawn)
            and self.levels.is_last(other.level) == self.levels.is_last(drawn.level)
            and abs(other.ceiling_cm - drawn.ceiling_cm) < _SAME_HEIGHT_CM
        ]
        holes = []
        if not self.levels.is_last(drawn.level):
            holes = [stair.area for stair in self.stairs if stair.cuts_ceiling(drawn.ceiling_cm)]
        return exact.difference(drawn.area, exact.union(covering + holes))

    def _ceiling_heights(self, drawn: DrawnRoom) -> Heights:
        """The elevation of a room's ceiling at a point: that of its level, or on the last level what the walls say."""
        if self.levels.is_last(drawn.level):
            return self.roofline.heights(drawn.level, flat=drawn.room.ceiling_flat)
        return level_at(drawn.ceiling_cm)

    def _bent_ring(self, drawn: DrawnRoom) -> Floats | None:
        """The corners (N, 2) of a room that does not cross itself, if its ceiling lies at different heights there."""
        ring = _simple_ring(drawn.area)
        if ring is None or np.ptp(self._ceiling_heights(drawn)(ring)) <= _SAME_HEIGHT_CM:
            return None
        return ring

    def floor(self, drawn: DrawnRoom) -> Surface | None:
        """The floor of a room: a sheet on the first level; above it a slab with borders and an underside."""
        room = drawn.room
        if not room.floor_visible:
            return None
        area = self.floor_area(drawn)
        tops = [sheet(polygon, level_at(drawn.floor_cm), faces_up=True) for polygon in polygons(area)]
        rest = self._slab(drawn, area)
        material = self.palette.painted(
            "floor", room.floor_color, room.floor_texture, used_by=drawn.label, shininess=room.floor_shininess
        )
        top = textured(concatenate(tops), room.floor_texture, may_fit=True)
        mesh = concatenate([top, textured(concatenate(rest), room.floor_texture)])
        return Surface(mesh, material) if len(mesh.triangles) else None

    def _slab(self, drawn: DrawnRoom, area: BaseGeometry) -> list[Mesh]:
        """What a floor has besides its top: above the first level borders, and an underside where no ceiling is."""
        if self.levels.is_first(drawn.level):
            return []
        thickness = self.levels.slab_cm(drawn.level)
        bottom = drawn.floor_cm - thickness
        meshes = [_border(ring, bottom, thickness) for polygon in polygons(area) for ring in rings(polygon)]
        under = exact.difference(area, self._ceilings_at(bottom))
        sheets = [sheet(polygon, level_at(bottom), faces_up=False) for polygon in polygons(under)]
        return meshes + [replace(mesh, uvs=mesh.uvs * [1.0, -1.0]) for mesh in sheets]

    def ceiling(self, drawn: DrawnRoom) -> Surface | None:
        """The ceiling of a room: a sheet, level or, on the last level, following the tops of the walls."""
        room = drawn.room
        if not room.ceiling_visible:
            return None
        heights = self._ceiling_heights(drawn)
        ring = self._bent_ring(drawn)
        if ring is not None and len(ring) <= _MOST_BENT_CORNERS:
            meshes = [bent_ceiling(ring, heights)]
        else:
            meshes = [sheet(polygon, heights, faces_up=False) for polygon in polygons(self.ceiling_area(drawn))]
        material = self.palette.painted(
            "ceiling", room.ceiling_color, room.ceiling_texture, used_by=drawn.label, shininess=room.ceiling_shininess
        )
        mesh = textured(concatenate(meshes), room.ceiling_texture, may_fit=True)
        return Surface(mesh, material) if len(mesh.triangles) else None

    def _ceilings_at(self, elevation_cm: float) -> BaseGeometry:
        """The ceilings of other storeys at this height, which close a slab from below by themselves."""
        return exact.union(
            [
                other.area
                for other in self.rooms
                if other.room.ceiling_visible
                and not self.levels.is_last(other.level)
                and abs(other.ceiling_cm - elevation_cm) < _SAME_HEIGHT_CM
            ]
        )


def _simple_ring(area: BaseGeometry) -> Floats | None:
    """The ring (N, 2) of an area that is one polygon without holes, as it was drawn."""
    if not isinstance(area, Polygon) or area.is_empty or area.interiors:
        return None
    points = np.asarray(area.exterior.coords)[:-1]
    ring: Floats = points[np.any(points != np.roll(points, 1, axis=0), axis=1)]
    return ring if len(ring) >= 3 else None


def _border(ring: Floats, bottom_cm: float, thickness_cm: float) -> Mesh:
    """The upright faces of a slab; their texture begins at its underside."""
    lengths = np.linalg.norm(np.roll(ring, -1, axis=0) - ring, axis=1)
    low = np.full(len(ring), bottom_cm)
    mesh = sides(ring, low, low + thickness_cm, along=np.stack([lengths, np.zeros(len(ring))], axis=1))
    return replace(mesh, uvs=mesh.uvs - [0.0, bottom_cm])
