"""Where to stand to see a home: a stop in the middle of the free space of each room, and a slow turn at each stop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from scenes import overlay
from scenes.errors import HomeError
from scenes.scene import Instance, Room, Scene
from scenes.spaces import spaces_of
from sim.camera import pose_looking

EYE_HEIGHT_M = 1.5
PITCH_DEG = -8.0
SMALLEST_ROOM_M2 = 1.5
_BODY_M = (1.1, 1.8)
"""Things that reach into this range of heights over the floor are kept clear of."""
_WORTH_SEEING = ("furniture", "stair", "ramp", "window", "light")
_HALF_VIEW_DEG = 35.0
_SAME_FLOOR_M = 0.02
_CLEARANCES_M = (0.45, 0.25, 0.1, 0.06)
"""Tried in turn; the least keeps walls beyond the near planes of the renderers."""
_STOPS_WITHOUT_ROOMS = 8


@dataclass(frozen=True)
class Stop:
    """A place to look around from. `position`: m; `yaw_deg`: the first direction, where there is most to see."""

    position: tuple[float, float, float]
    yaw_deg: float
    level: str
    room: str


@dataclass(frozen=True)
class TourPose:
    """A camera pose of a tour. `T_world_camera`: (4, 4)."""

    T_world_camera: npt.NDArray[np.float64]
    level: str
    room: str


def tour(scene: Scene, frames: int) -> list[TourPose]:
    """Poses for `frames` frames: the stops in turn, at each a full turn in equal steps.

    With fewer frames than stops, stops are left out evenly.

    Raises:
        HomeError: there is nowhere to stand.
    """
    stops = find_stops(scene)
    if not stops:
        raise HomeError(f"{scene.name!r} has neither rooms nor walls to look at; give poses with --path FILE")
    if frames < len(stops):
        stops = [stops[i * len(stops) // frames] for i in range(frames)]
    shares = [(i + 1) * frames // len(stops) - i * frames // len(stops) for i in range(len(stops))]
    return [
        TourPose(pose_looking(stop.position, stop.yaw_deg + 360.0 * step / share, PITCH_DEG), stop.level, stop.room)
        for stop, share in zip(stops, shares, strict=True)
        for step in range(share)
    ]


def find_stops(scene: Scene) -> list[Stop]:
    """The stops of a tour, level by level, each next to the one before."""
    outlines = _outlines(scene)
    stops: list[Stop] = []
    for index in range(len(scene.levels)):
        rooms = [r for r in scene.rooms if r.level == index and r.has_floor and r.area_m2 >= SMALLEST_ROOM_M2]
        found = [stop for room in rooms if (stop := _room_stop(scene, room, outlines)) is not None]
        if not rooms and any(i.level == index and i.category == "wall" for i in scene.instances):
            found = list(_stops_between_walls(scene, index, outlines))
        stops += _in_walking_order(found)
    return stops


def locate(scene: Scene, position: Sequence[float]) -> tuple[str, str]:
    """Return the names of the level and the room that a point (x, y, z) is in; the room is '' outside of all rooms."""
    return spaces_of(scene).locate(position)


def _area(room: Room) -> BaseGeometry:
    return overlay.valid(shapely.Polygon(room.polygon))


def _outlines(scene: Scene) -> list[tuple[Instance, BaseGeometry]]:
    """The plan outline of everything that can stand in the way: the hull of its points."""
    found = []
    shown = {part.instance for part in scene.parts}
    for instance in scene.instances:
        if instance.category in ("floor", "ceiling", "ground", "line", "label") or instance.id not in shown:
            continue
        points = [scene.vertices[p.first_vertex : p.first_vertex + p.vertices, :2] for p in scene.parts_of(instance.id)]
        found.append((instance, shapely.convex_hull(shapely.MultiPoint(np.concatenate(points)))))
    return found


def _obstacles(outlines: Sequence[tuple[Instance, BaseGeometry]], floor_m: float) -> BaseGeometry:
    """The plan area of what reaches into the body's range over a floor."""
    low, high = floor_m + _BODY_M[0], floor_m + _BODY_M[1]
    return overlay.union(
        [
            outline
            for instance, outline in outlines
            if instance.bounds_m[0][2] < high and instance.bounds_m[1][2] > low and instance.category != "light"
        ]
    )


def _raised_floors(scene: Scene, floor_m: float) -> BaseGeometry:
    """The plan area of half levels so little above a floor that nobody stands below them."""
    heights = [(room, scene.levels[room.level].elevation_m - floor_m) for room in scene.rooms if room.has_floor]
    return overlay.union([_area(room) for room, height in heights if _SAME_FLOOR_M < height < _BODY_M[1] + 0.2])


def _room_stop(scene: Scene, room: Room, outlines: Sequence[tuple[Instance, BaseGeometry]]) -> Stop | None:
    """The point of a room that is farthest from walls and furniture."""
    level = scene.levels[room.level]
    area = _area(room)
    near = [(instance, outline) for instance, outline in outlines if outline.intersects(area)]
    obstacles = overlay.union([_obstacles(near, level.elevation_m), _raised_floors(scene, level.elevation_m)])
    for clearance in _CLEARANCES_M:
        free = overlay.difference(overlay.buffer(area, -clearance), overlay.buffer(obstacles, clearance))
        if free.area > 1e-3:
            place = _middle(free)
            things = [outline.centroid for instance, outline in near if instance.category in _WORTH_SEEING]
            yaw = _best_view(place, overlay.difference(area, obstacles), things)
            position = (place.x, place.y, level.elevation_m + EYE_HEIGHT_M)
            return Stop(position, yaw, level.name, room.name)
    return None


def _stops_between_walls(scene: Scene, index: int, outlines: Sequence[tuple[Instance, BaseGeometry]]) -> Iterator[Stop]:
    """Stops on a level without rooms: in what its walls enclose, else in what lies between them."""
    level = scene.levels[index]
    walls = overlay.union([o for i, o in outlines if i.category == "wall" and i.level == index])
    closed = overlay.buffer(overlay.buffer(walls, 0.05), -0.05)
    enclosed = [
        shapely.Polygon(ring)
        for polygon in getattr(closed, "geoms", [closed])
        if polygon.geom_type == "Polygon"
        for ring in polygon.interiors
    ]
    area = overlay.union(enclosed) if enclosed else shapely.convex_hull(walls)
    obstacles = _obstacles(outlines, level.elevation_m)
    free = overlay.difference(area, overlay.buffer(obstacles, _CLEARANCES_M[1]))
    for _ in range(_STOPS_WITHOUT_ROOMS):
        if free.area < SMALLEST_ROOM_M2:
            return
        place = _middle(free)
        yaw = _best_view(place, overlay.difference(area, obstacles), [])
        yield Stop((place.x, place.y, level.elevation_m + EYE_HEIGHT_M), yaw, level.name, "")
        free = overlay.difference(free, overlay.buffer(place, 4.0))


def _middle(area: BaseGeometry) -> shapely.Point:
    """The centre of the largest circle in an area."""
    largest = max(getattr(area, "geoms", [area]), key=lambda part: part.area)
    return shapely.Point(shapely.maximum_inscribed_circle(largest, tolerance=0.02).coords[0])


def _best_view(place: shapely.Point, free: BaseGeometry, things: Sequence[shapely.Point]) -> float:
    """The direction, degrees, with most things in view; among equals the one in which one sees farthest on the plan."""
    bearings = np.degrees([np.arctan2(thing.y - place.y, thing.x - place.x) for thing in things])

    def worth(yaw_deg: int) -> tuple[int, float]:
        off_axis = np.abs((bearings - yaw_deg + 180.0) % 360.0 - 180.0)
        return int(np.sum(off_axis < _HALF_VIEW_DEG)), _sight(place, free, yaw_deg)

    return float(max(range(0, 360, 15), key=worth))


def _sight(place: shapely.Point, free: BaseGeometry, yaw_deg: float) -> float:
    """How far one sees on the plan, m, at most 40."""
    angle = np.radians(yaw_deg)
    ray = shapely.LineString([place, (place.x + 40 * np.cos(angle), place.y + 40 * np.sin(angle))])
    seen = overlay.intersection(ray, free)
    first = next((part for part in getattr(seen, "geoms", [seen]) if part.distance(place) < 1e-6), None)
    return float(round(first.length, 6)) if first is not None else 0.0


def _in_walking_order(stops: list[Stop]) -> list[Stop]:
    """Each stop followed by the nearest that is left, from the first in the file."""
    left = list(stops)
    ordered: list[Stop] = []
    while left:
        here = np.array(ordered[-1].position if ordered else left[0].position)
        nearest = min(left, key=lambda stop: float(np.linalg.norm(here - stop.position)))
        left.remove(nearest)
        ordered.append(nearest)
    return ordered
