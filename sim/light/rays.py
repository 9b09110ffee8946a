"""Rays through a scene, by Open3D (Embree): past glass and holes, which tint them, to the first opaque surface."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.scene import Scene
from sim.light.surfaces import Surfaces

Floats32 = npt.NDArray[np.float32]
Ints32 = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

NONE = -1
_LAYERS = 12
"""Light that has passed so many sheets of glass or leaves is gone."""
_STEP_M = 2e-4


@dataclass(frozen=True)
class Hits:
    """What rays meet.

    Attributes:
        triangle: (M,) int32; NONE where a ray meets nothing.
        distance: (M,) float32, in lengths of the ray's direction; infinite for NONE.
        back: (M,) bool, the triangle is met from behind.
        tinted: (G,) int64, the rays that passed something, and (G, 3) `tint`, linear RGB, what is left of their light.
    """

    triangle: Ints32
    distance: Floats32
    back: Bools
    tinted: npt.NDArray[np.int64]
    tint: Floats32


class Caster:
    """The triangles of a scene, ready for rays."""

    def __init__(self, scene: Scene, surfaces: Surfaces) -> None:
        self._tint = surfaces.tint
        # NONE is -1, so a last entry answers for it
        self._see_through = np.append(surfaces.see_through, False)
        self._everything = _ray_scene(scene, np.ones(len(scene.triangles), bool))
        lamps = np.isin(surfaces.instances, [light.instance for light in scene.lights])
        self._without_lamps = _ray_scene(scene, ~surfaces.see_through & ~lamps)

    def trace(self, rays: Floats32) -> Hits:
        """Follows rays (M, 6), origin and direction, to the first surface that is opaque."""
        triangle, distance, back = _cast(self._everything, rays)
        tinted = np.flatnonzero(self._see_through[triangle])
        tint = np.ones((len(tinted), 3), np.float32)
        going = np.arange(len(tinted))
        for _ in range(_LAYERS):
            if not len(going):
                break
            on = tinted[going]
            tint[going] *= self._tint[triangle[on]]
            start = distance[on] + np.float32(_STEP_M)
            onward = rays[on].copy()
            onward[:, :3] += start[:, None] * onward[:, 3:]
            triangle[on], further, back[on] = _cast(self._everything, onward)
            distance[on] = start + further
            going = going[self._see_through[triangle[on]]]
        tint[going] = 0.0
        return Hits(triangle, distance, back, tinted, tint)

    def clear(self, rays: Floats32) -> Bools:
        """Whether nothing opaque lies within 1 length of the direction of rays (M, 6). Lamps let light through."""
        import open3d

        blocked: Bools = self._without_lamps.test_occlusions(open3d.core.Tensor.from_numpy(rays), tfar=1.0).numpy()
        return ~blocked


def _ray_scene(scene: Scene, kept: Bools) -> Any:
    import open3d

    found = open3d.t.geometry.RaycastingScene()
    triangles = np.ascontiguousarray(scene.triangles[kept].astype(np.uint32))
    if len(triangles):
        as_tensor = open3d.core.Tensor.from_numpy
        found.add_triangles(as_tensor(scene.vertices), as_tensor(triangles))
    return found


def _cast(scene: Any, rays: Floats32) -> tuple[Ints32, Floats32, Bools]:
    """The first triangle met, how far away it is, and whether it is met from behind."""
    import open3d

    hits = scene.cast_rays(open3d.core.Tensor.from_numpy(np.ascontiguousarray(rays)))
    away = np.einsum("ij,ij->i", hits["primitive_normals"].numpy(), rays[:, 3:]) > 0
    return hits["primitive_ids"].numpy().view(np.int32).copy(), hits["t_hit"].numpy().copy(), away


def chunks(total: int, size: int) -> Iterable[slice]:
    """`total` things in runs of at most `size`."""
    return (slice(start, min(start + size, total)) for start in range(0, total, size))
