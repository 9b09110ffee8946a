"""A big home to measure with: copies of a home side by side, as neighbouring flats."""

from __future__ import annotations

import dataclasses

import numpy as np

from scenes.scene import Instance, Part, Point3, Room, Scene

_GAP_M = 0.01


def pitch_m(scene: Scene) -> float:
    """How far apart the copies of `side_by_side` stand, along y."""
    low, high = scene.bounds_m()
    return high[1] - low[1] + _GAP_M


def side_by_side(scene: Scene, copies: int) -> Scene:
    """The scene `copies` times in a row along y, each next to the one before; only the first one has a ground."""
    step_m = pitch_m(scene)
    bare = scene.without(["ground"])
    shifts = np.zeros((copies, 3), np.float32)
    shifts[:, 1] = np.arange(copies) * step_m
    vertices, triangles, instances = len(scene.vertices), len(scene.triangles), len(scene.instances)
    return dataclasses.replace(
        scene,
        name=f"{scene.name}-x{copies}",
        rooms=tuple(_moved_room(room, step_m * n) for n in range(copies) for room in scene.rooms),
        instances=tuple(
            _moved_instance(each, step_m * n, instances * n) for n in range(copies) for each in scene.instances
        ),
        parts=tuple(
            _renumbered(part, instances * n, vertices * n, triangles * n)
            for n in range(copies)
            for part in (bare if n else scene).parts
        ),
        lights=tuple(
            dataclasses.replace(
                lamp, position=_moved(lamp.position, step_m * n), instance=lamp.instance + instances * n
            )
            for n in range(copies)
            for lamp in scene.lights
        ),
        vertices=(scene.vertices[None] + shifts[:, None]).reshape(-1, 3),
        normals=np.tile(scene.normals, (copies, 1)),
        uvs=np.tile(scene.uvs, (copies, 1)),
        triangles=np.concatenate([scene.triangles + np.int32(vertices * n) for n in range(copies)]),
    )


def _moved(point: Point3, y_m: float) -> Point3:
    return (point[0], point[1] + y_m, point[2])


def _moved_room(room: Room, y_m: float) -> Room:
    return dataclasses.replace(room, polygon=tuple((x, y + y_m) for x, y in room.polygon))


def _moved_instance(instance: Instance, y_m: float, ids: int) -> Instance:
    low, high = instance.bounds_m
    return dataclasses.replace(instance, id=instance.id + ids, bounds_m=(_moved(low, y_m), _moved(high, y_m)))


def _renumbered(part: Part, ids: int, vertices: int, triangles: int) -> Part:
    return dataclasses.replace(
        part,
        instance=part.instance + ids,
        first_vertex=part.first_vertex + vertices,
        first_triangle=part.first_triangle + triangles,
    )
