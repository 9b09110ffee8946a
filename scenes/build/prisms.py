"""Upright prisms and flat sheets: what walls, floors and the ground are made of. Plan cm in, world meshes out.

Rings are those of `regions.rings`: counter-clockwise in plan numbers, which is clockwise seen from above, because y
points down the plan. Texture coordinates are cm on the surface until `textured` scales them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Polygon

from scenes.build.ears import cut_ears, cut_quad
from scenes.build.frames import to_world
from scenes.build.palette import texture_coordinates
from scenes.build.regions import fill
from scenes.home.basics import Texture
from scenes.mesh import EMPTY, Floats, Ints, Mesh, face_normals, flat

Heights = Callable[[Floats], Floats]
"""Elevations (N,), cm, of plan points (N, 2)."""

_SMALLEST_FACE_M2 = 1e-10


def level_at(elevation_cm: float) -> Heights:
    """The same elevation everywhere."""
    return lambda points: np.full(len(points), elevation_cm)


def sheet(polygon: Polygon, heights: Heights, *, faces_up: bool) -> Mesh:
    """A polygon as a one-sided sheet; u is plan x, v is up the plan seen from its visible side."""
    points, triangles = fill(polygon)
    if not len(triangles):
        return EMPTY
    return _face(points, triangles, heights, faces_up=faces_up)


def bent_ceiling(ring: Floats, heights: Heights) -> Mesh:
    """A sheet seen from below over a simple ring (N, 2), whose corners lie at heights of their own."""
    points = ring if shapely.is_ccw(shapely.LinearRing(ring)) else ring[::-1]
    is_quad = len(points) == 4
    triangles = cut_quad(np.column_stack([points, heights(points)])) if is_quad else cut_ears(points)
    return _face(points, triangles, heights, faces_up=False)


def _face(points: Floats, triangles: Ints, heights: Heights, *, faces_up: bool) -> Mesh:
    order = [0, 2, 1] if faces_up else [0, 1, 2]
    corners = to_world(points, heights(points))[triangles][:, order]
    uvs = (points * [1.0, -1.0 if faces_up else 1.0])[triangles][:, order]
    return flat(corners, uvs)


def sides(
    ring: Floats, low: Floats, high: Floats, *, along: Floats | None = None, keep: npt.NDArray[np.bool_] | None = None
) -> Mesh:
    """Upright faces on the edges of a ring (N, 2) between heights low and high (N,), seen from outside.

    `along`: (N, 2), the texture's u at the start and end of each edge, cm (default: from 0); `keep`: (N,), which edges.
    """
    following = np.roll(ring, -1, axis=0)
    lengths = np.linalg.norm(following - ring, axis=1)
    u = np.stack([np.zeros(len(ring)), lengths], axis=1) if along is None else along
    next_low, next_high = np.roll(low, -1), np.roll(high, -1)
    start_low, start_high = to_world(ring, low), to_world(ring, high)
    end_low, end_high = to_world(following, next_low), to_world(following, next_high)
    quads = np.stack([end_low, start_low, start_high, end_high], axis=1)
    uvs = np.stack(
        [np.stack([u[:, i], v], axis=1) for i, v in ((1, next_low), (0, low), (0, high), (1, next_high))], axis=1
    )
    if keep is not None:
        quads, uvs = quads[keep], uvs[keep]
    corners = quads[:, [[0, 1, 2], [0, 2, 3]]].reshape(-1, 3, 3)
    corner_uvs = uvs[:, [[0, 1, 2], [0, 2, 3]]].reshape(-1, 3, 2)
    solid = np.linalg.norm(face_normals(corners), axis=1) > _SMALLEST_FACE_M2
    return flat(corners[solid], corner_uvs[solid])


def textured(mesh: Mesh, texture: Texture | None, *, may_fit: bool = False) -> Mesh:
    """The mesh with its coordinates in cm turned into those of a texture; to nothing where there is none.

    `may_fit`: one image covers all of the surface if the texture says so, as on floors and ceilings only.
    """
    if texture is None or not len(mesh.uvs):
        return replace(mesh, uvs=np.zeros_like(mesh.uvs))
    if may_fit and texture.fitting_area:
        low, high = mesh.uvs.min(0), mesh.uvs.max(0)
        return replace(mesh, uvs=(mesh.uvs - low) / np.maximum(1e-9, high - low))
    return replace(mesh, uvs=texture_coordinates(texture, mesh.uvs))
