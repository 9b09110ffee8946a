"""The independent judge of renderers: ray casts with Open3D (Embree)."""

from __future__ import annotations

import numpy as np

from scenes.scene import Scene
from sim.camera import Intrinsics


def cast(scene: Scene, camera: Intrinsics, pose: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Planar depth (H, W), m, and instance ids (H, W) of the first surface met, from either side; 0 for nothing."""
    import open3d

    caster = open3d.t.geometry.RaycastingScene()
    caster.add_triangles(
        open3d.core.Tensor(scene.vertices), open3d.core.Tensor(np.ascontiguousarray(scene.triangles.astype(np.uint32)))
    )
    directions = camera.rays() @ pose[:3, :3].T
    origins = np.broadcast_to(pose[:3, 3], directions.shape)
    hits = caster.cast_rays(open3d.core.Tensor(np.concatenate([origins, directions], axis=-1).astype(np.float32)))
    depth = hits["t_hit"].numpy()
    triangles = np.minimum(hits["primitive_ids"].numpy(), len(scene.triangles) - 1)
    met = np.isfinite(depth)
    return np.where(met, depth, 0.0), np.where(met, scene.triangle_instances()[triangles], 0)


def inner_pixels(ids: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Pixels (H, W) whose eight neighbours show the same instance, and no crease or step in depth."""
    inner = np.zeros(ids.shape, bool)
    inner[1:-1, 1:-1] = True
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            inner &= np.roll(ids, (dy, dx), (0, 1)) == ids
    inverse = np.where(depth > 0, 1.0 / np.maximum(depth, 1e-9), 0.0)
    for axis in (0, 1):
        bend = np.abs(np.roll(inverse, 1, axis) - 2 * inverse + np.roll(inverse, -1, axis))
        inner &= bend < 1e-4 + 1e-3 * inverse
    return inner
