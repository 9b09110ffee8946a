"""Where to stand in a home: places in the free space of rooms, and what there is to look at from them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from scenes import overlay
from scenes.build.regions import polygons
from scenes.clip import rings_between
from scenes.mesh import Floats
from scenes.scene import Instance, Scene
from scenes.spaces import Space, Spaces, spaces_of
from scenes.spaces.outlines import triangles_of
from scenes.spaces.space import SAME_FLOOR_M

EYE_HEIGHT_M = 1.5
SMALLEST_ROOM_M2 = 1.5
NEAR_M = 1.0
"""Directions in which something stands nearer than this show little else."""
_BODY_M = (1.1, 1.8)
"""Things that reach into this range of heights over the floor are kept clear of."""
_NOT_IN_THE_WAY = ("wall", "floor", "ceiling", "ground", "line", "label")
"""Of walls more is known than their hull."""
_LARGE_M2 = 4.0
"""Of larger things more than the hull is looked at."""
_THICK_M = 0.01
_WORTH_SEEING = ("furniture", "stair", "ramp", "window", "light")
_HALF_VIEW_DEG = 35.0
_CLEARANCES_M = (0.8, 0.45, 0.25, 0.1, 0.06)
"""Tried in turn; the least keeps walls beyond the near planes of the renderers."""
_APART_M = 1.0
"""Further stops of a room are so far from each other, where there is room."""
DIRECTIONS = 72


@dataclass(frozen=True)
class Stop:
    """A place to look around from.

    Attributes:
        position: (x, y, z), m.
        yaw_deg: the first direction, where there is most to see.
        level, room: names.
        open_deg: directions, of 72 evenly spread, in which nothing stands near; all of them where it does in most.
    """

    position: tuple[float, float, float]
    yaw_deg: float
    level: str
    room: str
    open_deg: tuple[float, ...] = tuple(np.arange(DIRECTIONS) * 360.0 / DIRECTIONS)


def find_stops(scene: Scene, *, outdoors: bool = False, least: int = 0) -> list[Stop]:
    """Return the stops of a home, level by level, each next to the one before: one in the middle of each room.

    Args:
        scene: the home.
        outdoors: terraces and gardens, too; in a home without a closed outline, between its walls.
        least: where there are fewer rooms, the larger ones have several stops, if there is room for them.
    """
    spaces = spaces_of(scene)
    outlines = _outlines(scene)
    shown = [one for one in spaces.all if one.is_indoors or outdoors] or ([*_around_walls(scene)] if outdoors else [])
    rooms = [_Free(scene, spaces, space, outlines) for space in shown if space.area.area >= SMALLEST_ROOM_M2]
    rooms = [room for room in rooms if room.places(1)]
    counts = _shared([room.space.area.area for room in rooms], max(least, len(rooms)))
    stops: list[Stop] = []
    for level in range(len(scene.levels)):
        here = [(room, count) for room, count in zip(rooms, counts, strict=True) if room.space.level == level]
        stops += _in_walking_order([room.stop(place) for room, count in here for place in room.places(count)])
    return stops


def _shared(areas: Sequence[float], total: int) -> list[int]:
    """Return how many of `total` stops each room has: one, and the others by area."""
    counts = [1] * len(areas)
    while areas and sum(counts) < total:
        counts[max(range(len(areas)), key=lambda n: areas[n] / counts[n])] += 1
    return counts


def _around_walls(scene: Scene) -> Iterator[Space]:
    """Return what lies between and beside the walls of each level."""
    for number, level in enumerate(scene.levels):
        walls = [i for i in scene.instances if i.level == number and i.category == "wall"]
        if walls:
            corners = np.array([wall.bounds_m for wall in walls])[:, :, :2].reshape(-1, 2)
            area = shapely.convex_hull(shapely.MultiPoint(corners))
            yield Space(number, None, "", level.elevation_m, level.elevation_m + level.height_m, area)


class _Free:
    """The free places of a space."""

    def __init__(
        self, scene: Scene, spaces: Spaces, space: Space, outlines: Sequence[tuple[Instance, BaseGeometry]]
    ) -> None:
        self.space = space
        self._spaces = spaces
        self._level = scene.levels[space.level].name
        self._near = [(thing, outline) for thing, outline in outlines if outline.dwithin(space.area, NEAR_M)]
        low_x, low_y, high_x, high_y = overlay.buffer(space.area, NEAR_M).bounds
        walls = overlay.intersection(spaces.walls_at(space.floor_m), shapely.box(low_x, low_y, high_x, high_y))
        self._obstacles = overlay.union([walls, _obstacles(scene, self._near, space.floor_m)])
        shapely.prepare(self._obstacles)

    def places(self, count: int) -> list[tuple[float, float]]:
        """Return so many places, fewer where there is no room: the middle, then others far from those before."""
        free = overlay.difference(self.space.area, self._obstacles)
        largest = max(polygons(free, 1e-3), key=lambda part: part.area, default=None)
        if largest is None:
            return []
        middle = np.asarray(shapely.maximum_inscribed_circle(largest, tolerance=0.02).coords)[:1]
        found = self._those_in(middle)
        if len(found) and count == 1:
            return _apart(found[self._clear_m(found) >= _CLEARANCES_M[-1]], 1)
        samples = self._those_in(self.space.samples())
        clear_m = self._clear_m(samples)
        for clearance in _CLEARANCES_M:
            others = samples[clear_m >= clearance]
            places = np.concatenate([found[self._clear_m(found) >= clearance], _spread(middle[0], others)])
            if len(places):
                return _apart(places, count)
        return []

    def _clear_m(self, places: Floats) -> Floats:
        """Return how far places (N, 2) are from what stands in the way and from the edge of the space."""
        points = shapely.points(places)
        border = shapely.distance(points, self.space.area.boundary)
        found: Floats = np.fmin(border, shapely.distance(points, self._obstacles))
        return found

    def _those_in(self, places: Floats) -> Floats:
        """Return those of the places (N, 2) with the floor of the space underfoot and the eyes in it."""
        space, spaces = self.space, self._spaces
        eyes = np.column_stack([places, np.full(len(places), space.floor_m + EYE_HEIGHT_M)])
        verdicts = spaces.judge(eyes)
        stands = verdicts.floor_m > space.floor_m - SAME_FLOOR_M
        if space in spaces.all:
            stands &= verdicts.space == spaces.all.index(space)
            stands &= verdicts.is_inside | (not space.is_indoors)
        return places[stands]

    def stop(self, at: tuple[float, float]) -> Stop:
        """Return the stop at a place."""
        place = shapely.Point(at)
        things = [outline.centroid for thing, outline in self._near if thing.category in _WORTH_SEEING]
        yaw = _best_view(place, overlay.difference(self.space.area, self._obstacles), things)
        angles = np.arange(DIRECTIONS) * 360.0 / DIRECTIONS
        ends = np.array(at) + NEAR_M * np.column_stack([np.cos(np.radians(angles)), np.sin(np.radians(angles))])
        lines = shapely.linestrings(np.stack([np.broadcast_to(at, ends.shape), ends], axis=1))
        open_deg = angles[~shapely.intersects(self._obstacles, lines)]
        every = open_deg if len(open_deg) >= DIRECTIONS // 4 else angles
        position = (place.x, place.y, self.space.floor_m + EYE_HEIGHT_M)
        return Stop(position, yaw, self._level, self.space.name, tuple(every.tolist()))


def _apart(places: Floats, count: int) -> list[tuple[float, float]]:
    """Return the first of places (N, 2) that are apart, at most so many."""
    taken: list[tuple[float, float]] = []
    for x, y in places.tolist():
        if len(taken) < count and all(math.hypot(x - a, y - b) >= _APART_M for a, b in taken):
            taken.append((x, y))
    return taken


def _spread(first: Floats, places: Floats) -> Floats:
    """Return places (N, 2) in an order in which each is the farthest from all before it, beginning far from `first`."""
    order = []
    apart = np.linalg.norm(places - first, axis=1)
    for _ in range(len(places)):
        farthest = int(apart.argmax())
        order.append(farthest)
        apart = np.minimum(apart, np.linalg.norm(places - places[farthest], axis=1))
        apart[farthest] = -1.0
    return places[order]


def _outlines(scene: Scene) -> list[tuple[Instance, BaseGeometry]]:
    """The plan outline of everything that can stand in the way: the hull of its points."""
    found = []
    shown = {part.instance for part in scene.parts}
    for instance in scene.instances:
        if instance.category in _NOT_IN_THE_WAY or instance.id not in shown:
            continue
        points = [scene.vertices[p.first_vertex : p.first_vertex + p.vertices, :2] for p in scene.parts_of(instance.id)]
        found.append((instance, shapely.convex_hull(shapely.MultiPoint(np.concatenate(points)))))
    return found


def _obstacles(scene: Scene, outlines: Sequence[tuple[Instance, BaseGeometry]], floor_m: float) -> BaseGeometry:
    """Return the plan area of what reaches into the body's range over a floor, walls left out."""
    low, high = floor_m + _BODY_M[0], floor_m + _BODY_M[1]
    areas: list[BaseGeometry] = []
    for thing, outline in outlines:
        if thing.category != "light" and thing.bounds_m[0][2] < high and thing.bounds_m[1][2] > low:
            areas += [outline] if outline.area < _LARGE_M2 else _slices(triangles_of(scene, thing), low, high)
    return overlay.union(areas)


def _slices(triangles: Floats, low_m: float, high_m: float) -> list[BaseGeometry]:
    """Return the plan areas of a thing between two heights: all of a cupboard, of a roof what comes down so far."""
    rings = [np.array(ring)[:, :2] for ring in rings_between(triangles, low_m, high_m)]
    parts = [overlay.buffer(shapely.convex_hull(shapely.MultiPoint(ring)), _THICK_M) for ring in rings]
    return [shapely.Polygon(part.exterior) for part in polygons(overlay.union(parts), 0.0)]


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
