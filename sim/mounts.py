"""Where to hang cameras: under ceilings, where they see much that no other one sees."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from scenes.by_id import ById
from scenes.errors import HomeError
from scenes.scene import Scene
from scenes.spaces import spaces_of
from sim.camera import Floats
from sim.raycasting import RayCaster
from sim.stops import Stop, find_stops
from sim.tour import stops_or_error

BELOW_CEILING_M = 0.25
PLACES_PER_ROOM = 5
CLEAR_M = 0.2
"""Nothing is nearer to a camera."""
NEAR_M = 0.7
APART_M = 1.0
HIGHEST_OVER_LEVEL_M = 1.0
"""In halls that are higher than this over their level's ceiling cameras hang at that ceiling's height."""
_RAYS = 512
_SEEN_M = 12.0
_CELL_M = 0.5
_OBJECT_CELLS = 10.0
"""An object counts as so many cells of what is seen."""
_OBJECT_RAYS = 2
_OBJECTS = ("furniture", "stair", "ramp", "door", "window", "light")
_LOWEST, _HIGHEST = -0.9, 0.2
"""Sines of the tilts that a camera looks at."""
_SAME_ROOM_SHARE = 0.5
"""What a second camera of a room sees counts so much: it shows what the first one shows, from the other side."""
_SECTORS = 24


@dataclass(frozen=True)
class Vantage:
    """A place for a camera, and what is seen from there.

    Attributes:
        stop: the place on the floor below it.
        T_world_mount: (4, 4), x forward, y left, z up.
        cells: of the home's surfaces in view, numbers of cubes of 0.5 m.
        objects: ids of the things in view.
        far_share: of the rays that meet something not nearer than 0.7 m.
    """

    stop: Stop
    T_world_mount: Floats
    cells: frozenset[int]
    objects: frozenset[int]
    far_share: float

    def gain(self, chosen: Sequence[Vantage]) -> float:
        """Return how much more is seen with this camera than with those that are chosen already."""
        cells = self.cells.difference(*(other.cells for other in chosen))
        objects = self.objects.difference(*(other.objects for other in chosen))
        shared = any((other.stop.level, other.stop.room) == (self.stop.level, self.stop.room) for other in chosen)
        seen = len(cells) + _OBJECT_CELLS * len(objects)
        return self.far_share**2 * seen * (_SAME_ROOM_SHARE if shared else 1.0)


def find_mounts(scene: Scene, count: int, *, outdoors: bool = False) -> list[Vantage]:
    """Return where to hang so many cameras, each where most is seen that those before it do not see.

    There are fewer where there is no room for them.

    Raises:
        HomeError: there is nowhere to hang one.
    """
    left = list(_vantages(ById(scene), outdoors))
    if not left:
        stops_or_error(scene, outdoors=outdoors)
        raise HomeError(f"{scene.name!r} has no room to hang a camera in; draw rooms or close the outline of its walls")
    chosen: list[Vantage] = []
    while left and len(chosen) < count:
        chosen.append(max(left, key=lambda vantage: vantage.gain(chosen)))
        left = [other for other in left if _apart_m(chosen[-1], other) >= APART_M]
    return chosen


def ceiling_mount(scene: Scene, room: str | None = None, *, outdoors: bool = False) -> Floats:
    """Return T_world_mount (x forward, y left, z up) of the camera that sees most, in a room of this name if given.

    Raises:
        HomeError: no such room, or nowhere to hang a camera in it.
    """
    if room is None:
        return find_mounts(scene, 1, outdoors=outdoors)[0].T_world_mount
    found = [vantage for vantage in _vantages(ById(scene), outdoors) if vantage.stop.room == room]
    if not found:
        names = ", ".join(
            sorted({vantage.stop.room for vantage in _vantages(ById(scene), outdoors) if vantage.stop.room})
        )
        raise HomeError(
            f"{scene.name!r}: no room {room!r} to hang a camera in; there are {names or 'none with a name'}"
        )
    return max(found, key=lambda vantage: vantage.gain(())).T_world_mount


def _apart_m(one: Vantage, other: Vantage) -> float:
    return float(np.linalg.norm(one.T_world_mount[:3, 3] - other.T_world_mount[:3, 3]))


@functools.lru_cache(maxsize=4)
def _vantages(of: ById[Scene], outdoors: bool) -> tuple[Vantage, ...]:
    """All places of a home where a camera could hang."""
    scene = of.value
    eye = _Eye(scene, outdoors=outdoors)
    rooms = len(find_stops(scene, outdoors=outdoors))
    stops = find_stops(scene, outdoors=outdoors, least=PLACES_PER_ROOM * rooms)
    heights = _heights_m(scene, stops)
    found = (eye.vantage(stop, z) for stop, z in zip(stops, heights, strict=True))
    return tuple(vantage for vantage in found if vantage is not None)


def _heights_m(scene: Scene, stops: Sequence[Stop]) -> list[float]:
    """The heights of cameras over stops: under the ceiling, where none is drawn under the level's."""
    if not stops:
        return []
    cover_m = spaces_of(scene).judge([stop.position for stop in stops]).cover_m
    tops = {level.name: level.elevation_m + max(level.height_m, 1.0) for level in scene.levels}
    nominal = np.array([tops[stop.level] for stop in stops])
    ceiling = np.where(cover_m < nominal + HIGHEST_OVER_LEVEL_M, cover_m, nominal)
    return (ceiling - BELOW_CEILING_M).tolist()


class _Eye:
    """Looks around in a scene."""

    def __init__(self, scene: Scene, *, outdoors: bool) -> None:
        owners = scene.triangle_instances()
        low, high = scene.bounds_m()
        self._owners = owners[owners > 0]
        self._caster = RayCaster(scene.vertices, scene.triangles[owners > 0])
        self._is_object = np.array([False, *(instance.category in _OBJECTS for instance in scene.instances)])
        spaces = spaces_of(scene)
        self._home = shapely.box(*low[:2], *high[:2]) if outdoors else spaces.indoor_area
        shapely.prepare(self._home)
        self._directions = _directions(_RAYS)

    def vantage(self, stop: Stop, z_m: float) -> Vantage | None:
        """Return what is seen from above a stop; None where something is in the way of the camera itself."""
        if z_m < stop.position[2] - 0.5:
            return None
        origin = np.array([*stop.position[:2], z_m])
        hits = self._caster.cast(np.broadcast_to(origin, self._directions.shape), self._directions)
        if hits.reach.min() < CLEAR_M:
            return None
        tilt = self._directions[:, 2]
        shown = (tilt > _LOWEST) & (tilt < _HIGHEST)
        seen = shown & (hits.reach < _SEEN_M)
        points = origin + hits.reach[seen, None] * self._directions[seen]
        # what is behind windows, on the lawn, does not count
        inside = shapely.contains_xy(self._home, points[:, 0], points[:, 1])
        owners = self._owners[hits.triangle[seen]]
        counts = np.bincount(owners[self._is_object[owners]])
        return Vantage(
            stop,
            _mount(origin, _best_yaw(points[inside] - origin, stop.yaw_deg)),
            frozenset(_cells(points[inside]).tolist()),
            frozenset(np.flatnonzero(counts >= _OBJECT_RAYS).tolist()),
            float((hits.reach[shown] >= NEAR_M).mean()),
        )


def _directions(count: int) -> Floats:
    """Unit vectors (N, 3), evenly over the sphere (Fibonacci's spiral)."""
    z = 1 - (2 * np.arange(count) + 1) / count
    turn = np.pi * (1 + np.sqrt(5)) * np.arange(count)
    return np.column_stack([np.sqrt(1 - z * z) * np.cos(turn), np.sqrt(1 - z * z) * np.sin(turn), z])


def _cells(points: Floats) -> npt.NDArray[np.int64]:
    """Numbers of the cubes that points (N, 3) lie in."""
    x, y, z = np.floor(points / _CELL_M).astype(np.int64).T
    numbers: npt.NDArray[np.int64] = np.unique((x * 100_003 + y) * 1009 + z)
    return numbers


def _best_yaw(offsets: Floats, otherwise_deg: float) -> float:
    """The direction, degrees, in which most is seen: of sectors of 15 degrees, the one with most around it."""
    if not len(offsets):
        return otherwise_deg
    sector = np.floor(np.degrees(np.arctan2(offsets[:, 1], offsets[:, 0])) % 360.0 * _SECTORS / 360.0).astype(int)
    seen = np.bincount(sector % _SECTORS, np.linalg.norm(offsets[:, :2], axis=1), _SECTORS)
    around = sum(np.roll(seen, turn) for turn in range(-2, 3))
    return float((np.argmax(around) + 0.5) * 360.0 / _SECTORS)


def _mount(position: Floats, yaw_deg: float) -> Floats:
    yaw = np.radians(yaw_deg)
    mount = np.eye(4)
    mount[:2, :2] = [[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]]
    mount[:3, 3] = position
    return mount
