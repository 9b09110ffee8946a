"""Rays against triangles, through Open3D (Embree): the exact judge of what is where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Hits:
    """What rays met first, from either side.

    Attributes:
        reach: (N,) float32, how far along the ray, in lengths of its direction; infinite where nothing is met.
        triangle: (N,) int64, which triangle; -1 for none.
        uv: (N, 2) float32, barycentric coordinates of the triangle's second and third corner.
    """

    reach: Floats
    triangle: npt.NDArray[np.int64]
    uv: Floats


class RayCaster:
    """Triangles that rays can be cast at."""

    def __init__(self, vertices: Floats, triangles: npt.NDArray[np.int32]) -> None:
        import open3d

        self._core: Any = open3d.core
        self._scene: Any = open3d.t.geometry.RaycastingScene()
        if len(triangles):
            corners = np.ascontiguousarray(triangles.astype(np.uint32))
            self._scene.add_triangles(self._core.Tensor(np.ascontiguousarray(vertices)), self._core.Tensor(corners))

    def cast(self, origins: npt.NDArray[Any], directions: npt.NDArray[Any]) -> Hits:
        """What the rays from origins (N, 3) along directions (N, 3) meet first."""
        rays = np.concatenate([origins, directions], axis=1).astype(np.float32)
        answer = self._scene.cast_rays(self._core.Tensor(rays))
        reach = answer["t_hit"].numpy()
        triangle = answer["primitive_ids"].numpy().astype(np.int64)
        return Hits(reach, np.where(np.isfinite(reach), triangle, -1), answer["primitive_uvs"].numpy())

    def is_blocked(self, start: npt.NDArray[Any], end: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        """Whether something stands between points (N, 3) and (N, 3)."""
        rays = np.concatenate([start, end - start], axis=1).astype(np.float32)
        blocked: npt.NDArray[np.bool_] = self._scene.test_occlusions(self._core.Tensor(rays), 0.0, 1.0).numpy()
        return blocked
