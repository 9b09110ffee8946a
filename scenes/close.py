"""Floors and ceilings for closed outlines of walls where no room is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely

from scenes import overlay
from scenes.build.regions import fill, polygons
from scenes.mesh import Floats, Ints
from scenes.scene import NO_TEXTURE, Instance, Material, Part, Room, Scene
from scenes.spaces import Space, spaces_of
from scenes.spaces.outlines import triangles_of

FLOOR_COLOR, CEILING_COLOR = (0.62, 0.56, 0.5), (0.93, 0.93, 0.93)
_INTO_WALLS_M = 0.02
_OVER_GROUND_M = 0.002
"""Floors lie so far above the ground, which they would flicker with."""
_BESIDE_M = 0.3
_STANDS_M = 1.2


def close(scene: Scene) -> Scene:
    """Return a scene in which walls that enclose a space without a room have a floor and a ceiling at their height.

    What is added is marked so: instances of the categories `floor` and `ceiling` at the end of all, and a room without
    a name for each space. All ids stay. A scene with nothing to close is returned as it is.
    """
    spaces = [space for space in spaces_of(scene).all if space.room is None]
    if not spaces:
        return scene
    materials = (_paint("added floor", FLOOR_COLOR), _paint("added ceiling", CEILING_COLOR))
    sheets = [sheet for number, space in enumerate(spaces, 1) for sheet in _sheets(scene, space, number)]
    first = len(scene.instances) + 1, len(scene.vertices), len(scene.triangles)
    parts, instances = zip(*_placed(sheets, first, len(scene.materials)), strict=True)
    points = np.concatenate([sheet.points for sheet in sheets]).astype(np.float32)
    starts = np.cumsum([first[1], *(len(sheet.points) for sheet in sheets[:-1])])
    corners = np.concatenate([sheet.triangles + start for sheet, start in zip(sheets, starts, strict=True)])
    normals = np.concatenate([np.tile([0.0, 0.0, sheet.facing], (len(sheet.points), 1)) for sheet in sheets])
    return replace(
        scene,
        rooms=(*scene.rooms, *(_room(space, number) for number, space in enumerate(spaces, 1))),
        instances=(*scene.instances, *instances),
        parts=(*scene.parts, *parts),
        materials=(*scene.materials, *materials),
        vertices=np.concatenate([scene.vertices, points]),
        normals=np.concatenate([scene.normals, normals.astype(np.float32)]),
        uvs=np.concatenate([scene.uvs, points[:, :2]]),
        triangles=np.concatenate([scene.triangles, corners.astype(np.int32)]),
    )


@dataclass(frozen=True)
class _Sheet:
    """A level area: points (V, 3), m, triangles (T, 3); `facing`: 1 up, -1 down."""

    source: str
    category: str
    level: int
    points: Floats
    triangles: Ints
    facing: float


def _sheets(scene: Scene, space: Space, number: int) -> Iterator[_Sheet]:
    """Yield the floor and the ceiling of a space."""
    walls = spaces_of(scene).walls_at(space.floor_m)
    reach = overlay.buffer(space.area, _INTO_WALLS_M, join_style="mitre")
    area = overlay.intersection(reach, overlay.union([space.area, walls]))
    filled = [fill(polygon) for polygon in polygons(area)]
    starts = np.cumsum([0, *(len(points) for points, _ in filled[:-1])])
    plan = np.concatenate([points for points, _ in filled])
    up = np.concatenate([triangles + start for (_, triangles), start in zip(filled, starts, strict=True)])
    floor_m, ceiling_m = space.floor_m + _OVER_GROUND_M, _height_m(scene, space)
    yield _Sheet(f"added {number}/floor", "floor", space.level, _at(plan, floor_m), up, 1.0)
    yield _Sheet(f"added {number}/ceiling", "ceiling", space.level, _at(plan, ceiling_m), up[:, ::-1], -1.0)


def _at(plan: Floats, height_m: float) -> Floats:
    return np.column_stack([plan, np.full(len(plan), height_m)])


def _height_m(scene: Scene, space: Space) -> float:
    """The height of the lowest top of the walls around a space; of its level's ceiling if that cannot be told."""
    tops = []
    for wall in scene.instances:
        if wall.category != "wall" or wall.bounds_m[0][2] > space.floor_m + _STANDS_M:
            continue
        if shapely.box(*wall.bounds_m[0][:2], *wall.bounds_m[1][:2]).dwithin(space.area, _BESIDE_M):
            corners = triangles_of(scene, wall)
            middle = corners.mean(axis=1)
            flat = corners[:, :, :2]
            a, b = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
            is_top = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0] > 1e-6) & (middle[:, 2] > space.floor_m + _STANDS_M)
            beside = shapely.dwithin(shapely.points(middle[:, :2]), space.area, _BESIDE_M)
            tops += corners[is_top & beside, :, 2].ravel().tolist()
    return min(tops, default=space.top_m)


def _placed(sheets: list[_Sheet], first: tuple[int, int, int], material: int) -> Iterator[tuple[Part, Instance]]:
    """Yield the part and the instance of each sheet. `first`: the first id, vertex and triangle that is free."""
    id_, vertex, triangle = first
    for sheet in sheets:
        low, high = sheet.points.min(axis=0).tolist(), sheet.points.max(axis=0).tolist()
        counts = len(sheet.points), len(sheet.triangles)
        paint = material + (sheet.category == "ceiling")
        bounds = ((low[0], low[1], low[2]), (high[0], high[1], high[2]))
        instance = Instance(id_, sheet.source, "", sheet.category, sheet.level, None, bounds, counts[1], added=True)
        yield Part(id_, paint, vertex, counts[0], triangle, counts[1], ""), instance
        id_, vertex, triangle = id_ + 1, vertex + counts[0], triangle + counts[1]


def _room(space: Space, number: int) -> Room:
    (outer, *_) = polygons(space.area)
    corners = tuple((float(x), float(y)) for x, y in outer.exterior.coords[:-1])
    return Room(f"added {number}", "", space.level, space.area.area, corners, True, True, added=True)


def _paint(name: str, color: tuple[float, float, float]) -> Material:
    return Material(name, color, (0.0, 0.0, 0.0), 0.0, 1.0, NO_TEXTURE, False)
