"""Which triangles of a scene a walking body meets: all but those of leaves that an open door has swung away."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scenes.scene import Instance, Scene

NOT_SOLID = frozenset({"line", "label"})
_FRAME_M = 0.12
"""In a door without parts that move, what stays within this of its sides or top is its frame, the rest its leaf."""


def solid_triangles(scene: Scene) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32]]:
    """Corners (T, 3, 3), m, of the triangles that are in a body's way or under it, and their instances (T,).

    Doors stand open: their frames count, their leaves do not.
    """
    keep = np.zeros(len(scene.triangles), bool)
    for part in scene.parts:
        instance = scene.instances[part.instance - 1]
        if instance.category in NOT_SOLID or (instance.category == "door" and "_on_" in part.group):
            continue
        keep[part.first_triangle : part.first_triangle + part.triangles] = True
    for instance in scene.instances:
        if instance.category == "door":
            _drop_leaf(scene, instance, keep)
    corners = scene.vertices[scene.triangles[keep]].astype(np.float64)
    return corners, scene.triangle_instances()[keep]


def _drop_leaf(scene: Scene, door: Instance, keep: npt.NDArray[np.bool_]) -> None:
    parts = list(scene.parts_of(door.id))
    if not parts or any("_on_" in part.group for part in parts):
        return
    chosen = np.concatenate([np.arange(p.first_triangle, p.first_triangle + p.triangles) for p in parts])
    corners = scene.vertices[scene.triangles[chosen]].astype(np.float64)
    plan = corners[:, :, :2].reshape(-1, 2)
    across = np.linalg.svd(plan - plan.mean(axis=0), full_matrices=False)[2][0]
    along = corners[:, :, :2] @ across
    low, high = along.min(), along.max()
    side = (along.max(axis=1) < low + _FRAME_M) | (along.min(axis=1) > high - _FRAME_M)
    top = corners[:, :, 2].min(axis=1) > door.bounds_m[1][2] - _FRAME_M
    keep[chosen] &= side | top
