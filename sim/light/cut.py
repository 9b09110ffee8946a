"""Large triangles cut, so that light can vary over walls and floors.

A triangle is halved at the middle of its longest edge until no edge is too long. Whether an edge is cut depends on the
edge alone, so both sides of a shared edge are cut alike and no cracks open; no surface moves.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenes.mesh import unit
from scenes.scene import Scene

LONGEST_M = {"wall": 1.4, "floor": 1.4, "ceiling": 1.4, "ground": 2.8, "stair": 1.4, "ramp": 1.4}
"""By category; halved triangles then have edges of half of this and more. Frames per second pay for less."""
LONGEST_OTHER_M = 2.8
_FAR = 0.7
"""Outside of the home, edges may be as long as this times how far away they are."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Mesh:
    """Vertices (V, 8): position, normal, texture coordinates; triangles (T, 3); the part of each triangle (T,)."""

    vertices: Floats
    triangles: Ints
    parts: Ints


def cut_large(scene: Scene) -> Scene:
    """The scene with its large triangles cut. Triangles of instances that `Scene.without` left out are dropped."""
    mesh = _gathered(scene)
    limits = _limits(scene)
    low, high = (np.array(corner) for corner in scene.bounds_m()) if scene.instances else (np.zeros(3), np.zeros(3))
    todo = np.arange(len(mesh.triangles))
    while len(todo):
        mesh, todo = _halve(mesh, todo, limits, low, high)
    return _scene_of(scene, mesh)


def _gathered(scene: Scene) -> _Mesh:
    parts = np.full(len(scene.triangles), -1, np.int64)
    for index, part in enumerate(scene.parts):
        parts[part.first_triangle : part.first_triangle + part.triangles] = index
    vertices = np.concatenate([scene.vertices, scene.normals, scene.uvs], axis=1).astype(np.float64)
    return _Mesh(vertices, scene.triangles[parts >= 0].astype(np.int64), parts[parts >= 0])


def _limits(scene: Scene) -> Floats:
    """The longest edge that each part may have, (P,), m."""
    categories = {instance.id: instance.category for instance in scene.instances}
    return np.array([LONGEST_M.get(categories[part.instance], LONGEST_OTHER_M) for part in scene.parts])


def _halve(mesh: _Mesh, todo: Ints, limits: Floats, low: Floats, high: Floats) -> tuple[_Mesh, Ints]:
    """Halves the triangles `todo` that have an edge over the limit; returns which to look at next."""
    triangles = mesh.triangles[todo]
    starts = mesh.vertices[triangles, :3]
    ends = np.roll(starts, -1, axis=1)
    lengths = np.sqrt(((starts - ends) ** 2).sum(axis=2))
    middles = (starts + ends) / 2
    away = np.sqrt((np.maximum(np.maximum(low - middles, middles - high), 0.0) ** 2).sum(axis=2))
    over = lengths > np.maximum(limits[mesh.parts[todo]][:, None], _FAR * away)
    longest = np.argmax(np.where(over, lengths, 0.0), axis=1)
    chosen = np.flatnonzero(over.any(axis=1))
    if not len(chosen):
        return mesh, chosen
    turn = (longest[chosen, None] + np.arange(3)) % 3
    a, b, c = np.take_along_axis(triangles[chosen], turn, axis=1).T
    edges, middle = np.unique(np.minimum(a, b) << 32 | np.maximum(a, b), return_inverse=True)
    between = (mesh.vertices[edges >> 32] + mesh.vertices[edges & 0xFFFFFFFF]) / 2
    between[:, 3:6] = unit(between[:, 3:6])
    middle = middle + len(mesh.vertices)
    cut = mesh.triangles.copy()
    cut[todo[chosen]] = np.stack([a, middle, c], axis=1)
    halves = np.concatenate([cut, np.stack([middle, b, c], axis=1)])
    parts = np.concatenate([mesh.parts, mesh.parts[todo[chosen]]])
    again = np.concatenate([todo[chosen], np.arange(len(cut), len(halves))])
    return _Mesh(np.concatenate([mesh.vertices, between]), halves, parts), again


def _scene_of(scene: Scene, mesh: _Mesh) -> Scene:
    """The scene with other triangles, sorted by part."""
    order = np.argsort(mesh.parts, kind="stable")
    part_of_vertex = np.full(len(mesh.vertices), len(scene.parts), np.int64)
    part_of_vertex[mesh.triangles] = mesh.parts[:, None]
    kept = np.argsort(part_of_vertex, kind="stable")[: np.count_nonzero(part_of_vertex < len(scene.parts))]
    number = np.zeros(len(mesh.vertices), np.int32)
    number[kept] = np.arange(len(kept))
    data = mesh.vertices[kept].astype(np.float32)
    lengths = [np.bincount(of, minlength=len(scene.parts)) for of in (part_of_vertex[kept], mesh.parts)]
    return with_mesh(scene, data, number[mesh.triangles[order]], np.stack(lengths, axis=1))


def with_mesh(scene: Scene, vertices: npt.NDArray[np.float32], triangles: npt.NDArray[np.int32], runs: Ints) -> Scene:
    """A scene with the same parts over another mesh.

    Vertices (V, 8) are position, normal and texture coordinates. `runs` (P, 2) says how many vertices and triangles
    each part has; they follow each other.
    """
    parts, counts = [], dict.fromkeys((instance.id for instance in scene.instances), 0)
    firsts = np.cumsum(runs, axis=0) - runs
    for part, (first_vertex, first_triangle), (more_vertices, more_triangles) in zip(
        scene.parts, firsts.tolist(), runs.tolist(), strict=True
    ):
        run = {"first_vertex": first_vertex, "vertices": more_vertices}
        run |= {"first_triangle": first_triangle, "triangles": more_triangles}
        parts.append(dataclasses.replace(part, **run))
        counts[part.instance] += more_triangles
    return dataclasses.replace(
        scene,
        parts=tuple(parts),
        instances=tuple(dataclasses.replace(one, triangles=counts[one.id]) for one in scene.instances),
        vertices=np.ascontiguousarray(vertices[:, :3]),
        normals=np.ascontiguousarray(vertices[:, 3:6]),
        uvs=np.ascontiguousarray(vertices[:, 6:]),
        triangles=triangles,
    )
