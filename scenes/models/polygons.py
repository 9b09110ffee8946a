"""Polygons in space -> triangles."""

from __future__ import annotations

import mapbox_earcut
import numpy as np

from scenes.mesh import Floats, Ints, unit

_OTHER_AXES = np.array([[1, 2], [0, 2], [0, 1]])


def triangulate(points: Floats, indices: Ints, starts: Ints, sizes: Ints) -> Ints:
    """Triangles (T, 3) of positions in `indices`, for the polygons whose corners are `indices[start : start + size]`.

    Polygons may be concave; those with more than four corners are cut by ears on the plane they lie closest to.
    """
    triples = starts[sizes == 3][:, None] + np.arange(3)
    quads = _cut_quads(points, indices, starts[sizes == 4])
    many = sizes > 4
    return np.concatenate([triples, quads, _cut_ears(points, indices, starts[many], sizes[many])])


def _cut_quads(points: Floats, indices: Ints, starts: Ints) -> Ints:
    """Each quad along the diagonal that keeps both triangles turned the same way; the first one where both do."""
    if not len(starts):
        return np.zeros((0, 3), np.int64)
    corners = starts[:, None] + np.arange(4)
    ring = points[indices[corners]]
    normal = np.cross(ring[:, 2] - ring[:, 0], ring[:, 3] - ring[:, 1])
    first, second = ring[:, 1] - ring[:, 0], ring[:, 3] - ring[:, 0]
    diagonal = ring[:, 2] - ring[:, 0]
    same_side = np.einsum("ij,ij->i", np.cross(first, diagonal), normal) > 0
    same_side &= np.einsum("ij,ij->i", np.cross(diagonal, second), normal) > 0
    along_first = np.array([[0, 1, 2], [0, 2, 3]])
    along_second = np.array([[0, 1, 3], [1, 2, 3]])
    chosen = np.where(same_side[:, None, None], along_first, along_second)
    return (corners[:, 0][:, None, None] + chosen).reshape(-1, 3)


def _cut_ears(points: Floats, indices: Ints, starts: Ints, sizes: Ints) -> Ints:
    """Each polygon by ears; all that numpy can do is done for all of them at once."""
    if not len(starts):
        return np.zeros((0, 3), np.int64)
    ends = np.cumsum(sizes)
    firsts = ends - sizes
    corners = np.repeat(starts - firsts, sizes) + np.arange(ends[-1])
    ring = points[indices[corners]]
    normals = unit(_newell_normals(ring - np.repeat(ring[firsts], sizes, axis=0), firsts, ends))
    axes = _OTHER_AXES[np.argmax(np.abs(normals), axis=1)]
    flat = np.ascontiguousarray(np.take_along_axis(ring, np.repeat(axes, sizes, axis=0), axis=1))
    cut = [
        mapbox_earcut.triangulate_float64(flat[first:end], np.array([end - first], np.uint32)).astype(np.int64) + first
        for first, end in zip(firsts.tolist(), ends.tolist(), strict=True)
    ]
    triangles: Ints = np.concatenate(cut).reshape(-1, 3)
    faces = np.repeat(np.arange(len(sizes)), [len(ears) // 3 for ears in cut])
    sides = ring[triangles]
    across = np.cross(sides[:, 1] - sides[:, 0], sides[:, 2] - sides[:, 0])
    turned = np.einsum("ij,ij->i", across, normals[faces]) < 0
    triangles[turned] = triangles[turned][:, ::-1]
    return corners[triangles]


def _newell_normals(ring: Floats, firsts: Ints, ends: Ints) -> Floats:
    """Normals (F, 3) of polygons, as long as twice their area (Newell's method: also for those that are not flat)."""
    following = np.arange(1, len(ring) + 1)
    following[ends - 1] = firsts
    normals: Floats = np.add.reduceat(np.cross(ring, ring[following]), firsts, axis=0)
    return normals
