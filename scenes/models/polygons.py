"""Polygons in space -> triangles."""

from __future__ import annotations

import mapbox_earcut
import numpy as np

from scenes.mesh import Floats, Ints, unit


def triangulate(points: Floats, indices: Ints, starts: Ints, sizes: Ints) -> Ints:
    """Triangles (T, 3) of positions in `indices`, for the polygons whose corners are `indices[start : start + size]`.

    Polygons may be concave; those with more than four corners are cut by ears on the plane they lie closest to.
    """
    triples = starts[sizes == 3][:, None] + np.arange(3)
    quads = _cut_quads(points, indices, starts[sizes == 4])
    rest = [_cut_ears(points[indices[s : s + n]]) + s for s, n in zip(starts[sizes > 4], sizes[sizes > 4], strict=True)]
    return np.concatenate([triples, quads, *rest]) if rest else np.concatenate([triples, quads])


def newell_normal(ring: Floats) -> Floats:
    """The normal of a polygon (N, 3), as long as twice its area (Newell's method: also for one that is not flat)."""
    following = np.roll(ring, -1, axis=0)
    normal: Floats = np.cross(ring, following).sum(axis=0)
    return normal


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


def _cut_ears(ring: Floats) -> Ints:
    normal = unit(newell_normal(ring))
    axis = int(np.argmax(np.abs(normal)))
    flat = np.delete(ring, axis, axis=1)
    ears = mapbox_earcut.triangulate_float64(np.ascontiguousarray(flat), np.array([len(ring)], np.uint32))
    triangles: Ints = ears.reshape(-1, 3).astype(np.int64)
    turned = np.einsum("ij,j->i", np.cross(*_edges(ring[triangles])), normal) < 0
    triangles[turned] = triangles[turned][:, ::-1]
    return triangles


def _edges(corners: Floats) -> tuple[Floats, Floats]:
    return corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
