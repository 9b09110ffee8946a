"""Where light is worked out: a point stands for the vertices of an instance that are in one place and face one way.

Light at a point is the mean over a patch around it: rays start from several origins inside of the triangles that meet
there, so that no ray starts in a corner or on an edge, where it could slip through to the other side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse

from scenes.mesh import face_normals, unit
from scenes.scene import Scene

Floats32 = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

ORIGINS = 8
"""Per point."""
STRUCTURE = ("wall", "floor", "ceiling", "stair", "ramp", "ground")
"""Categories whose every vertex is a point; others share one where they are close together."""
SOLID = ("wall", "floor", "ground")
"""Whoever sees these from behind is inside of them."""
OFFSET_M = 0.004
CLOSE_M = 0.3
_REACH_M = 0.3
"""Origins are at most so far from their vertex, and at most half way to the next."""
_INSET = 0.05
_CELL_M, _STRUCTURE_CELL_M = 0.1, 0.001
_NORMAL_STEPS, _STRUCTURE_NORMAL_STEPS = 2, 8
_SAME_PLANE = 0.95


@dataclass(frozen=True)
class Points:
    """The points of a scene.

    Attributes:
        of_vertex: (V,) int64, the point of each vertex.
        normals: (N, 3) float32, the way the point faces.
        instances: (N,) int32, ids.
        structure: (N,) bool, whether the point is of `STRUCTURE`; solid: of `SOLID`.
        corner_first, corner_count: (N,) int64, the triangle corners at a point, as a run in `corners`.
        corners: (3 T,) int64, `triangle * 3 + corner`.
        neighbours: (N, N) sparse float32, how close two points are that are ends of an edge of one plane: 1 for those
            in one place, 1/2 for those `CLOSE_M` apart.
    """

    of_vertex: Ints
    normals: Floats32
    instances: npt.NDArray[np.int32]
    structure: npt.NDArray[np.bool_]
    solid: npt.NDArray[np.bool_]
    corner_first: Ints
    corner_count: Ints
    corners: Ints
    neighbours: Any


def find_points(scene: Scene) -> Points:
    """The points of a scene whose vertices are all part of something."""
    categories = {instance.id: instance.category for instance in scene.instances}
    instances = np.zeros(len(scene.vertices), np.int32)
    structure, solid = np.zeros(len(scene.vertices), bool), np.zeros(len(scene.vertices), bool)
    for part in scene.parts:
        run = slice(part.first_vertex, part.first_vertex + part.vertices)
        instances[run] = part.instance
        structure[run], solid[run] = (categories[part.instance] in some for some in (STRUCTURE, SOLID))
    cells = np.where(structure, _STRUCTURE_CELL_M, _CELL_M)[:, None]
    steps = np.where(structure, _STRUCTURE_NORMAL_STEPS, _NORMAL_STEPS)[:, None]
    places = np.floor(scene.vertices / cells + 0.5)
    keys = np.concatenate([instances[:, None], places, np.round(scene.normals * steps)], axis=1).astype(np.int32)
    _, first, of_vertex = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    of_vertex = of_vertex.reshape(-1)
    of_corner = of_vertex[scene.triangles.reshape(-1)]
    counts = np.bincount(of_corner, minlength=len(first))
    normals = _facing(scene, of_vertex, len(first))
    return Points(
        of_vertex=of_vertex,
        normals=normals,
        instances=instances[first],
        structure=structure[first],
        solid=solid[first],
        corner_first=np.cumsum(counts) - counts,
        corner_count=counts,
        corners=np.argsort(of_corner, kind="stable"),
        neighbours=_neighbours(scene, of_vertex, normals),
    )


def origins_of(scene: Scene, points: Points, sides: Floats32) -> Floats32:
    """Where the rays of each point start, (N, ORIGINS, 3). `sides`: (N,) 1, or -1 for the back of the triangles."""
    turns = np.arange(ORIGINS)
    picks = (turns + 0.5) / ORIGINS * points.corner_count[:, None]
    corners = points.corners[points.corner_first[:, None] + picks.astype(np.int64)]
    triangles, corner = corners // 3, corners % 3
    places = scene.vertices[scene.triangles]
    here = places[triangles, corner]
    edges = np.stack([places[triangles, (corner + step) % 3] - here for step in (1, 2)], axis=2)
    longest = np.sqrt((edges**2).sum(axis=3).max(axis=2))
    reach = np.minimum(0.5, _REACH_M / np.maximum(longest, 1e-6))
    shift = np.arange(len(corners))[:, None] * 0.618034
    shares = np.stack([(turns * 0.754878 + shift + 0.5) % 1, (turns * 0.569840 + shift * 1.7 + 0.5) % 1], axis=2)
    shares = np.where(shares.sum(axis=2, keepdims=True) > 1, 1 - shares, shares) * (1 - 3 * _INSET) + _INSET
    faces = unit(face_normals(places.astype(np.float64))).astype(np.float32)[triangles]
    away = faces * (OFFSET_M * sides[:, None, None])
    inward = (edges * (shares * reach[..., None])[..., None]).sum(axis=2)
    return (here + inward + away).astype(np.float32)


def _facing(scene: Scene, of_vertex: Ints, count: int) -> Floats32:
    """The mean of the vertices' normals at each point (N, 3), on the side that its triangles face."""
    sums = np.stack([np.bincount(of_vertex, scene.normals[:, i], count) for i in range(3)], axis=1)
    faces = face_normals(scene.vertices[scene.triangles].astype(np.float64))
    corners = of_vertex[scene.triangles.reshape(-1)]
    outward = np.stack([np.bincount(corners, np.repeat(faces[:, i], 3), count) for i in range(3)], axis=1)
    normals = unit(sums.astype(np.float64))
    against = np.einsum("ij,ij->i", normals, outward) < 0
    return np.where(against[:, None], -normals, normals).astype(np.float32)


def _neighbours(scene: Scene, of_vertex: Ints, normals: Floats32) -> Any:
    """How close (N, N) the points are that an edge joins and that face the same way."""
    start, end = scene.triangles.reshape(-1), np.roll(scene.triangles, -1, axis=1).reshape(-1)
    one, other = of_vertex[start], of_vertex[end]
    alike = (np.einsum("ij,ij->i", normals[one], normals[other]) > _SAME_PLANE) & (one != other)
    lengths = np.linalg.norm(scene.vertices[start[alike]] - scene.vertices[end[alike]], axis=1)
    one, other = one[alike], other[alike]
    keys, first = np.unique(np.minimum(one, other) * len(normals) + np.maximum(one, other), return_index=True)
    one, other = keys // len(normals), keys % len(normals)
    closeness = (1 / (1 + np.square(lengths[first] / CLOSE_M))).astype(np.float32)
    ends = np.concatenate([one, other]), np.concatenate([other, one])
    return scipy.sparse.csr_matrix((np.tile(closeness, 2), ends), (len(normals),) * 2)
