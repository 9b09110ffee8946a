"""Indexed triangles with normals and texture coordinates: what every surface is made of."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_PAIRS_AT_ONCE = 1_000_000


@dataclass(frozen=True)
class Mesh:
    """Triangles in some frame; the outside is where they turn counter-clockwise.

    Attributes:
        positions: (V, 3) float64.
        normals: (V, 3) float64, unit length.
        uvs: (V, 2) float64, v up in the image; outside of 0..1 the image repeats.
        triangles: (T, 3) int64, indices of vertices.
    """

    positions: Floats
    normals: Floats
    uvs: Floats
    triangles: Ints

    def transformed(self, matrix: Floats) -> Mesh:
        """The mesh under a 4x4 matrix; one that mirrors turns the triangles, so that the outside stays outside."""
        linear = matrix[:3, :3]
        positions = self.positions @ linear.T + matrix[:3, 3]
        determinant = np.linalg.det(linear)
        cofactors = np.linalg.inv(linear).T if abs(determinant) > 1e-12 else linear
        normals = unit(self.normals @ cofactors.T)
        triangles = self.triangles if determinant >= 0 else self.triangles[:, ::-1]
        return Mesh(positions, normals, self.uvs, triangles)

    def turned(self) -> Mesh:
        """The mesh inside out."""
        return Mesh(self.positions, -self.normals, self.uvs, self.triangles[:, ::-1])


EMPTY = Mesh(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 2)), np.zeros((0, 3), np.int64))


def unit(vectors: Floats) -> Floats:
    """Vectors (..., 3) at length 1; a zero vector becomes +z."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.where(lengths > 1e-30, vectors / np.where(lengths > 1e-30, lengths, 1.0), [0.0, 0.0, 1.0])


def face_normals(corners: Floats) -> Floats:
    """Normals (T, 3) of triangles (T, 3, 3), as long as twice their area."""
    # written out: np.cross takes ten times as long on the few triangles of a wall
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    normals = np.empty_like(a)
    normals[:, 0] = a[:, 1] * b[:, 2] - a[:, 2] * b[:, 1]
    normals[:, 1] = a[:, 2] * b[:, 0] - a[:, 0] * b[:, 2]
    normals[:, 2] = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return normals


def flat(corners: Floats, uvs: Floats | None = None) -> Mesh:
    """A mesh with one normal per triangle, from corners (T, 3, 3) and their texture coordinates (T, 3, 2)."""
    count = len(corners)
    normals = np.repeat(unit(face_normals(corners)), 3, axis=0)
    flat_uvs = np.zeros((count * 3, 2)) if uvs is None else uvs.reshape(-1, 2)
    return Mesh(corners.reshape(-1, 3), normals, flat_uvs, np.arange(count * 3).reshape(-1, 3))


def concatenate(meshes: Sequence[Mesh]) -> Mesh:
    """One mesh of many."""
    kept = [mesh for mesh in meshes if len(mesh.triangles)]
    if len(kept) < 2:
        return kept[0] if kept else EMPTY
    starts = np.cumsum([0] + [len(mesh.positions) for mesh in kept[:-1]])
    return Mesh(
        np.concatenate([mesh.positions for mesh in kept]),
        np.concatenate([mesh.normals for mesh in kept]),
        np.concatenate([mesh.uvs for mesh in kept]),
        np.concatenate([mesh.triangles + start for mesh, start in zip(kept, starts, strict=True)]),
    )


def smooth_normals(positions: Floats, triangles: Ints, crease_deg: float = 90.0) -> Floats:
    """Normals (T, 3, 3) of triangle corners: the mean over the faces around the vertex, weighted by their area.

    A face counts where it is turned by less than `crease_deg` against the corner's own, so that edges stay sharp.
    """
    areas = face_normals(positions[triangles])
    directions = unit(areas)
    corners = triangles.reshape(-1)
    faces = np.repeat(np.arange(len(triangles)), 3)
    order = np.argsort(corners, kind="stable")
    _, starts, counts = np.unique(corners[order], return_index=True, return_counts=True)
    around, begin = np.repeat(counts, counts), np.repeat(starts, counts)
    sums = np.zeros((len(order), 3))
    for rows in _batches(around, _PAIRS_AT_ONCE):
        sizes = around[rows]
        first = np.repeat(np.arange(rows.start, rows.stop), sizes)
        offset = np.arange(len(first)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        second = np.repeat(begin[rows], sizes) + offset
        here, there = faces[order[first]], faces[order[second]]
        near = np.einsum("ij,ij->i", directions[here], directions[there]) > np.cos(np.radians(crease_deg)) + 1e-6
        near |= here == there
        bins, weights = first[near] - rows.start, areas[there[near]]
        for axis in range(3):
            sums[rows, axis] = np.bincount(bins, weights[:, axis], len(sizes))
    normals = np.empty_like(sums)
    normals[order] = unit(sums)
    return normals.reshape(-1, 3, 3)


def _batches(costs: Ints, most: int) -> list[slice]:
    """Slices that cover all items in order, each of about `most` in all, or of one item that costs more."""
    groups = (np.cumsum(costs) - costs) // most
    bounds = [0, *(np.flatnonzero(np.diff(groups)) + 1).tolist(), len(costs)] if len(costs) else []
    return [slice(start, end) for start, end in itertools.pairwise(bounds)]
