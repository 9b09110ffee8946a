"""Walls, rooms and pieces of a home as the rules look at them: with their areas on the plan, in the world's metres."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from scenes.build.frames import CM
from scenes.build.pieces import PlacedPiece
from scenes.build.regions import polygons
from scenes.home.plan import Wall
from scenes.mesh import Floats
from scenes.scene import Instance, Point3, Room

SHORTEST_WALL_M = 1e-4


@dataclass(frozen=True)
class SurveyedWall:
    """A wall. `level`: its index; `ends`: (2, 2), of its middle line; `top`: heights (N,) over plan points (N, 2)."""

    wall: Wall
    level: int
    area: BaseGeometry
    ends: Floats
    bottom_m: float
    top: Callable[[Floats], Floats]

    @property
    def source(self) -> str:
        """Its id in the file."""
        return self.wall.id

    @property
    def is_nothing(self) -> bool:
        """Whether it ends where it starts."""
        return bool(self.area.is_empty or np.hypot(*(self.ends[1] - self.ends[0])) < SHORTEST_WALL_M)

    @cached_property
    def top_m(self) -> float:
        """The highest point of its top."""
        return self.top_within_m(self.area)

    def top_within_m(self, area: BaseGeometry) -> float:
        """The highest point of its top over the corners of a plan area; its bottom if there are none."""
        points = shapely.get_coordinates(area)
        return float(self.top(points).max()) if len(points) else self.bottom_m


@dataclass(frozen=True)
class SurveyedRoom:
    """A room with its area as drawn, before other rooms and staircases cut its floor."""

    room: Room
    area: BaseGeometry
    floor_m: float
    slab_m: float

    @property
    def label(self) -> str:
        """How messages name it."""
        return f"room {self.room.name!r}" if self.room.name else "an unnamed room"


@dataclass(frozen=True)
class SurveyedPiece:
    """A visible piece. `instance` is None where all of its materials are hidden; `area`: its rectangle on the plan."""

    placed: PlacedPiece
    instance: Instance | None
    level: int
    area: BaseGeometry
    bottom_m: float
    top_m: float

    @property
    def source(self) -> str:
        """Its id or place in the file."""
        return self.placed.source

    @property
    def name(self) -> str:
        """Its name, quoted."""
        return repr(self.placed.piece.name or self.source)

    @property
    def category(self) -> str:
        """What it is, as in `scenes.scene.CATEGORIES`."""
        return self.instance.category if self.instance else "furniture"

    @property
    def is_opening(self) -> bool:
        """Whether it cuts walls, as doors and windows do."""
        return self.placed.piece.is_opening

    @property
    def sill_m(self) -> float:
        """Its elevation over its level."""
        return self.placed.piece.elevation * CM

    @property
    def centre(self) -> Point3:
        """The middle of its rectangle on the plan, at its bottom."""
        return (self.placed.piece.x * CM, -self.placed.piece.y * CM, self.bottom_m)

    @property
    def outermost(self) -> str:
        """The place in the file of the piece, or of the group that it belongs to."""
        return self.placed.path.split("/")[0]


def to_world_plan(plan_area: BaseGeometry) -> BaseGeometry:
    """The polygons of an area of the file's plan (cm, y down) in the world (m, y up); empty if there are none."""
    parts = polygons(plan_area)
    area = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    return shapely.transform(area, lambda xy: xy * [CM, -CM])
