"""What stands still: triangles in square chunks, each one body, with the way back from a point to an instance.

PyBullet steps a thousand bodies ten times as slowly as a few dozen, and takes no more than 131,072 vertices in one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from scenes.scene import Scene

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

CHUNK_M = 8.0
MAX_TRIANGLES = 40_000
UNSOLID = frozenset({"line", "label"})
"""Categories that are drawn in the air or on surfaces, and stop nobody."""

_NEAR_M = 0.05
_FACING = 0.9


@dataclass(frozen=True)
class Chunk:
    """Some triangles of the scene.

    Attributes:
        corners: (T, 3, 3), m.
        instances: (T,) their instance ids.
    """

    corners: Floats
    instances: Ints

    @cached_property
    def boxes(self) -> tuple[Floats, Floats]:
        """Low and high corners (T, 3) of the boxes around its triangles."""
        return self.corners.min(axis=1), self.corners.max(axis=1)


def solid_triangles(scene: Scene) -> Bools:
    """Which triangles (T,) stop a body."""
    solid = np.zeros(len(scene.triangles), np.bool_)
    for part in scene.parts:
        if scene.instances[part.instance - 1].category not in UNSOLID:
            solid[part.first_triangle : part.first_triangle + part.triangles] = True
    return solid


def triangles_of(scene: Scene, instance_id: int) -> Ints:
    """The triangles (n,) of an instance."""
    runs = [np.arange(p.first_triangle, p.first_triangle + p.triangles) for p in scene.parts_of(instance_id)]
    return np.concatenate(runs).astype(np.int64) if runs else np.zeros(0, np.int64)


def chunks(scene: Scene, solid: Bools) -> list[Chunk]:
    """The solid triangles by squares of the plan."""
    corners = scene.vertices[scene.triangles[solid]].astype(np.float64)
    instances = scene.triangle_instances()[solid].astype(np.int64)
    thick = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) > 1e-10
    corners, instances = corners[thick], instances[thick]
    if not len(corners):
        return []
    squares = np.floor(corners[:, :, :2].mean(axis=1) / CHUNK_M).astype(np.int64)
    _, square = np.unique(squares, axis=0, return_inverse=True)
    order = np.argsort(square.reshape(-1), kind="stable")
    found = []
    for members in np.split(order, np.cumsum(np.bincount(square.reshape(-1)))[:-1]):
        for start in range(0, len(members), MAX_TRIANGLES):
            some = members[start : start + MAX_TRIANGLES]
            found.append(Chunk(corners[some], instances[some]))
    return found


def instance_at(chunk: Chunk, point: Floats, normal: Floats) -> int:
    """The instance whose surface is nearest to a point (3,); of those as near, one that faces along `normal` (3,)."""
    low, high = chunk.boxes
    near = np.flatnonzero(((low <= point + _NEAR_M) & (high >= point - _NEAR_M)).all(axis=1))
    if not len(near):
        near = np.arange(len(chunk.corners))
    corners = chunk.corners[near]
    distances = _distances(corners, point)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    facing = np.abs(normals @ normal) > _FACING * np.linalg.norm(normals, axis=1)
    return int(chunk.instances[near[np.argmin(distances + np.where(facing, 0.0, 0.005))]])


def _distances(corners: Floats, point: Floats) -> Floats:
    """From a point to triangles (T, 3, 3): to the plane where its foot is inside, else to the nearest edge."""
    edges = np.roll(corners, -1, axis=1) - corners
    offsets = point - corners
    along = np.einsum("tij,tij->ti", offsets, edges) / np.maximum(np.einsum("tij,tij->ti", edges, edges), 1e-20)
    to_edges = np.linalg.norm(offsets - np.clip(along, 0.0, 1.0)[..., None] * edges, axis=2).min(axis=1)
    normals = np.cross(edges[:, 0], edges[:, 1])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-20)
    inside = (np.einsum("tij,tj->ti", np.cross(edges, offsets), normals) >= 0).all(axis=1)
    to_planes = np.abs(np.einsum("ti,ti->t", offsets[:, 0], normals))
    return np.where(inside, to_planes, to_edges)
