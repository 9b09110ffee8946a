"""Polygons that name their corners by index -> triangles with normals, whatever format they come from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from scenes.errors import HomeError
from scenes.limits import require_within
from scenes.mesh import EMPTY, Floats, Ints, Mesh, face_normals, smooth_normals, unit
from scenes.models.polygons import triangulate

LARGEST_POSITION = 1e30
"""Beyond it, areas overflow."""
LARGEST_COORDINATE = 1e6
"""Of textures and normals."""


@dataclass(frozen=True)
class Tables:
    """Points (P, 3), texture coordinates (U, 2) and normals (N, 3) that corners refer to."""

    points: Floats
    uvs: Floats
    normals: Floats


def require_positions(points: Floats) -> Floats:
    """Return points (P, 3); raise HomeError if one is not finite, or beyond all bounds."""
    if not (np.abs(points) < LARGEST_POSITION).all():
        raise HomeError(f"the model is damaged: a coordinate is not a finite number, or over {LARGEST_POSITION:g}")
    return points


def sensible(table: Floats) -> Floats:
    """Return texture coordinates or normals, with 0 for what is senseless: a model can be seen without."""
    return np.where(np.abs(table) < LARGEST_COORDINATE, table, 0.0)


@dataclass(frozen=True)
class Faces:
    """F polygons of one look with C corners in all.

    Attributes:
        sizes: (F,) corners of each.
        points: (C,) index of each corner's point.
        uvs: (C,) index of its texture coordinates; None if the polygons have none.
        normals: (C,) index of its normal; None if the polygons have none.
        smooth: without normals of their own, they are shaded as one round surface.
    """

    sizes: Ints
    points: Ints
    uvs: Ints | None = None
    normals: Ints | None = None
    smooth: bool = False

    @property
    def starts(self) -> Ints:
        """Each polygon's first corner, (F,)."""
        return np.cumsum(self.sizes) - self.sizes

    def chosen(self, keep: npt.NDArray[np.bool_]) -> Faces:
        """Return the polygons where `keep` (F,) is True."""
        if keep.all():
            return self
        corners = np.repeat(keep, self.sizes)
        return replace(
            self,
            sizes=self.sizes[keep],
            points=self.points[corners],
            uvs=None if self.uvs is None else self.uvs[corners],
            normals=None if self.normals is None else self.normals[corners],
        )


def usable(faces: Faces, tables: Tables) -> Faces:
    """Return the polygons that have three corners or more and whose indices all name something."""
    valid = _within(faces.points, tables.points)
    for column, table in ((faces.uvs, tables.uvs), (faces.normals, tables.normals)):
        if column is not None:
            valid &= _within(column, table)
    wrong = np.bincount(np.repeat(np.arange(len(faces.sizes)), faces.sizes)[~valid], minlength=len(faces.sizes))
    return faces.chosen((faces.sizes >= 3) & (wrong == 0))


def once(faces: Faces) -> Faces:
    """Return the polygons whose corners no earlier one has, in any order."""
    first = np.zeros(len(faces.sizes), bool)
    starts = faces.starts
    for size in np.unique(faces.sizes):
        same = np.flatnonzero(faces.sizes == size)
        corners = np.sort(faces.points[starts[same][:, None] + np.arange(size)], axis=1)
        first[same[np.unique(corners, axis=0, return_index=True)[1]]] = True
    return faces.chosen(first)


@dataclass
class FaceBudget:
    """What making triangles of a model's polygons takes; over a limit, `add` raises HomeError."""

    triangles: int = 0
    corner_pairs: int = 0
    smooth_pairs: int = 0

    def add(self, faces: Faces) -> None:
        """Count polygons of the model, before anything is made of them."""
        require_within("face_corners", int(faces.sizes.max(initial=0)), "a face of the model")
        self.triangles += int((faces.sizes - 2).sum())
        self.corner_pairs += int(np.square(faces.sizes[faces.sizes > 4]).sum())
        if faces.smooth and faces.normals is None:
            self.smooth_pairs += int(np.square(np.unique(faces.points, return_counts=True)[1]).sum())
        require_within("model_triangles", self.triangles, "the model")
        require_within("corner_pairs", self.corner_pairs, "the model")
        require_within("smooth_pairs", self.smooth_pairs, "the model")


def mesh_of(faces: Faces, tables: Tables) -> Mesh:
    """Return the polygons as triangles. Without normals they are flat, or smooth but for edges of over 90 degrees."""
    if not len(faces.sizes):
        return EMPTY
    corners = triangulate(tables.points, faces.points, faces.starts, faces.sizes)
    triangles = faces.points[corners]
    if faces.normals is not None:
        normals = _unit_or_flat(tables.normals[faces.normals[corners]], tables.points[triangles])
    elif faces.smooth:
        normals = smooth_normals(tables.points, triangles)
    else:
        normals = np.repeat(unit(face_normals(tables.points[triangles]))[:, None], 3, axis=1)
    uv_index = np.zeros_like(triangles) if faces.uvs is None else faces.uvs[corners]
    uv_table = np.zeros((1, 2)) if faces.uvs is None else tables.uvs
    return _indexed(tables.points, triangles, uv_table, uv_index, normals)


def _within(column: Ints, table: Floats) -> npt.NDArray[np.bool_]:
    return (column >= 0) & (column < len(table))


def _unit_or_flat(normals: Floats, corners: Floats) -> Floats:
    """Normals (T, 3, 3) at length 1; one of length 0, which the program writes too, becomes that of its triangle."""
    zero = np.linalg.norm(normals, axis=2, keepdims=True) < 1e-12
    return unit(np.where(zero, face_normals(corners)[:, None], normals))


def _indexed(points: Floats, triangles: Ints, uvs: Floats, uv_index: Ints, normals: Floats) -> Mesh:
    """Corners that agree in point, texture coordinate and normal become one vertex."""
    rounded = np.round(normals.reshape(-1, 3) * 1e4).astype(np.int64)
    keys = np.column_stack([triangles.reshape(-1), uv_index.reshape(-1), rounded])
    packed = np.ascontiguousarray(keys).view([("", np.int64)] * 5).reshape(-1)
    _, first, inverse = np.unique(packed, return_index=True, return_inverse=True)
    flat_normals = normals.reshape(-1, 3)
    return Mesh(
        points[triangles.reshape(-1)[first]],
        flat_normals[first],
        uvs[uv_index.reshape(-1)[first]],
        inverse.reshape(-1, 3).astype(np.int64),
    )
