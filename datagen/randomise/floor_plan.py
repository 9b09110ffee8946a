"""What stands where on the plan of a home: the pieces of each room that can be moved, and what must stay free."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from scenes import overlay
from scenes.connectors import Connector, find_connectors
from scenes.scene import Instance, Scene
from sim.camera import Floats

BODY_RADIUS_M = 0.25
"""The ways between doors stay open for this body."""
_BODY_M = (0.05, 1.8)
"""What reaches into these heights over a floor stands in the way."""
_DOOR_M, _CONNECTOR_M = 0.8, 0.8
"""So much stays free before doors, and around stairs and inclines."""
_STANDS_M = 0.03
_RESTS_M = 0.03
_LIFTED_M = 0.1
_SLACK_M = 0.02
_LEAST_AREA_M2 = 0.05
_PASSABLE = ("floor", "ceiling", "ground", "line", "label", "body", "door", "window")


@dataclass(frozen=True)
class Piece:
    """A piece that stands on a floor. `ids`: of its instance and of what stands on it; `outline`: on the plan."""

    instance: Instance
    ids: tuple[int, ...]
    outline: BaseGeometry

    @property
    def centre(self) -> Floats:
        """(2,), m."""
        return np.array([self.outline.centroid.x, self.outline.centroid.y])


@dataclass(frozen=True)
class RoomPlan:
    """A room.

    Attributes:
        area: inside of its walls.
        pieces: what can be moved.
        fixed: all else that stands in the way of a body, in and around the room.
        kept_free: where nothing may be put: before doors, around connectors.
        doors: what must stay within reach of each other.
    """

    area: BaseGeometry
    pieces: tuple[Piece, ...]
    fixed: BaseGeometry
    kept_free: BaseGeometry
    doors: tuple[BaseGeometry, ...]

    def passages(self, outlines: list[BaseGeometry]) -> list[BaseGeometry]:
        """The parts of the room in which a body can move, when pieces stand at these outlines."""
        obstacles = overlay.buffer(overlay.union([self.fixed, *outlines]), BODY_RADIUS_M)
        free = overlay.difference(overlay.buffer(self.area, -BODY_RADIUS_M), obstacles)
        return [part for part in getattr(free, "geoms", [free]) if part.area > _LEAST_AREA_M2]


def room_plans(scene: Scene) -> list[RoomPlan]:
    """The rooms that have pieces which can be moved."""
    outlines = _outlines(scene)
    connectors = find_connectors(scene)
    fixed_sources = {source for connector in connectors for source in connector.source}
    taken: set[int] = set()
    plans = []
    for room in scene.rooms:
        level = scene.levels[room.level]
        area = overlay.valid(shapely.Polygon(room.polygon)) if len(room.polygon) > 2 else shapely.Polygon()
        near = {n: outline for n, outline in outlines.items() if outline.distance(area) < 2 * _DOOR_M}
        standing = {
            n: outline
            for n, outline in near.items()
            if n not in taken
            and _stands(scene.instances[n - 1], level.elevation_m)
            and scene.instances[n - 1].source not in fixed_sources
            and overlay.buffer(area, _SLACK_M).covers(outline)
        }
        if not room.has_floor or not standing:
            continue
        taken |= standing.keys()
        pieces = [Piece(scene.instances[n - 1], (n, *_resting(scene, n, near)), o) for n, o in standing.items()]
        in_way = [n for n in near if n not in standing and _in_way(scene.instances[n - 1], level.elevation_m)]
        doors = [near[n] for n in near if _is_door(scene.instances[n - 1], level.elevation_m)]
        before_doors = [overlay.buffer(door, _DOOR_M) for door in doors]
        plans.append(
            RoomPlan(
                area,
                tuple(pieces),
                overlay.union([near[n] for n in in_way]),
                overlay.union([*before_doors, *_around(connectors, level.elevation_m)]),
                tuple(door for door in doors if door.distance(area) < _SLACK_M * 10),
            )
        )
    return plans


def _outlines(scene: Scene) -> dict[int, BaseGeometry]:
    """The outline on the plan of every instance that is shown, by id: of walls as they are, of others the hull."""
    found = {}
    for instance in scene.instances:
        runs = [(part.first_triangle, part.triangles) for part in scene.parts_of(instance.id)]
        if not runs or instance.category in ("floor", "ceiling", "ground", "line", "label"):
            continue
        corners = np.concatenate([scene.vertices[scene.triangles[start : start + count], :2] for start, count in runs])
        if instance.category == "wall":
            found[instance.id] = _covered(corners.astype(np.float64))
        else:
            found[instance.id] = shapely.convex_hull(shapely.multipoints(corners.reshape(-1, 2)))
    return found


def _covered(triangles: Floats) -> BaseGeometry:
    """The area on the plan that triangles (N, 3, 2) cover."""
    one, two = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    flat = np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]) > 1e-6
    return overlay.union(shapely.polygons(triangles[flat]))


def _stands(instance: Instance, floor_m: float) -> bool:
    low, high = instance.bounds_m[0][2], instance.bounds_m[1][2]
    standing = abs(low - floor_m) < _STANDS_M and high > floor_m + _BODY_M[0]
    return instance.category in ("furniture", "light") and standing


def _in_way(instance: Instance, floor_m: float) -> bool:
    low, high = instance.bounds_m[0][2], instance.bounds_m[1][2]
    return instance.category not in _PASSABLE and low < floor_m + _BODY_M[1] and high > floor_m + _BODY_M[0]


def _is_door(instance: Instance, floor_m: float) -> bool:
    low, high = instance.bounds_m[0][2], instance.bounds_m[1][2]
    return instance.category == "door" and low < floor_m + 1.0 < high + 0.5


def _resting(scene: Scene, base: int, near: dict[int, BaseGeometry]) -> list[int]:
    """The ids of what stands on or in a piece."""
    (_, _, low), (_, _, high) = scene.instances[base - 1].bounds_m
    found = []
    for number, outline in near.items():
        instance = scene.instances[number - 1]
        bottom = instance.bounds_m[0][2]
        lifted = low + _LIFTED_M < bottom < high + _RESTS_M
        if number != base and lifted and instance.category in ("furniture", "light"):
            found += [number] if near[base].covers(outline.centroid) else []
    return found


def _around(connectors: tuple[Connector, ...], floor_m: float) -> list[BaseGeometry]:
    """What stays free around the connectors that come by a floor."""
    areas = []
    for connector in connectors:
        low, high = connector.line[:, 2].min(), connector.line[:, 2].max()
        if low < floor_m + _BODY_M[1] and high > floor_m - 0.1 and len(connector.line) > 1:
            line = shapely.LineString(connector.line[:, :2])
            areas.append(overlay.buffer(line, connector.width_m / 2 + _CONNECTOR_M))
    return areas
