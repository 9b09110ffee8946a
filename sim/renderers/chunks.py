"""A scene cut into chunks: runs of triangles that are drawn together or left out together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenes.scene import NO_TEXTURE, Scene
from sim.bodies import STATIC, MovingScene

CELL_M = 4.0
"""Parts longer than `LONGEST_M` are cut along a grid of this size."""
LONGEST_M = 6.0

OPAQUE, CUT_OUT, GLASS = 0, 1, 2
"""How a chunk is drawn: as it is, with texels that may be open, or blended with what is behind it."""


@dataclass(frozen=True)
class Chunks:
    """The chunks of a scene.

    Attributes:
        indices: (T * 3,) uint32, the scene's triangles in the order of the chunks.
        first: (C,) int64, where each chunk begins in `indices`; `counts`: (C,), how many indices it has.
        low, high: (C, 3) float32, m, its box; of what moves, in the frame of its body.
        kind: (C,) OPAQUE, CUT_OUT or GLASS.
        body: (C,) int32, the body it belongs to, or `STATIC`.
        chunk_of_triangle: (T,) int32, by the scene's own numbers of triangles; -1 for those of no part.
    """

    indices: npt.NDArray[np.uint32]
    first: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    low: npt.NDArray[np.float32]
    high: npt.NDArray[np.float32]
    kind: npt.NDArray[np.int32]
    body: npt.NDArray[np.int32]
    chunk_of_triangle: npt.NDArray[np.int32]


def cut_into_chunks(moving: MovingScene) -> Chunks:
    """Cuts a scene: by part, and long parts that stand still by place."""
    scene = moving.scene
    part_of_triangle = np.full(len(scene.triangles), -1, np.int64)
    for index, part in enumerate(scene.parts):
        part_of_triangle[part.first_triangle : part.first_triangle + part.triangles] = index
    corners = scene.vertices[scene.triangles]
    keys = np.concatenate([part_of_triangle[:, None], _cells(moving, corners.mean(axis=1), part_of_triangle)], axis=1)
    order = np.lexsort(keys.T[::-1])
    order = order[part_of_triangle[order] >= 0]
    changes = np.any(np.diff(keys[order], axis=0) != 0, axis=1)
    starts = (
        np.concatenate([[0], np.flatnonzero(changes) + 1]).astype(np.int64) if len(order) else np.zeros(0, np.int64)
    )
    counts = np.diff(np.append(starts, len(order)))
    chunk_of_triangle = np.full(len(scene.triangles), -1, np.int32)
    chunk_of_triangle[order] = np.repeat(np.arange(len(starts)), counts)
    parts = part_of_triangle[order[starts]]
    kinds = part_kinds(scene)
    sorted_corners = corners[order]
    return Chunks(
        indices=scene.triangles[order].reshape(-1).astype(np.uint32),
        first=starts * 3,
        counts=counts * 3,
        low=np.minimum.reduceat(sorted_corners.min(axis=1), starts) if len(starts) else np.zeros((0, 3), np.float32),
        high=np.maximum.reduceat(sorted_corners.max(axis=1), starts) if len(starts) else np.zeros((0, 3), np.float32),
        kind=kinds[parts],
        body=moving.body_of_part[parts],
        chunk_of_triangle=chunk_of_triangle,
    )


def _cells(
    moving: MovingScene, centroids: npt.NDArray[np.float32], part_of_triangle: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """The grid cell (T, 3) of each triangle of a long part; 0 for the others."""
    long_parts = np.zeros(len(moving.scene.parts) + 1, bool)
    for index, part in enumerate(moving.scene.parts):
        points = moving.scene.vertices[part.first_vertex : part.first_vertex + part.vertices]
        long_parts[index] = moving.body_of_part[index] == STATIC and float(np.max(np.ptp(points, axis=0))) > LONGEST_M
    cells = np.floor(centroids / CELL_M).astype(np.int64)
    return np.where(long_parts[part_of_triangle][:, None], cells, 0)


def part_kinds(scene: Scene) -> npt.NDArray[np.int32]:
    """How each part (P,) is drawn."""
    return np.array([_kind(scene, part.material) for part in scene.parts], np.int32)


def _kind(scene: Scene, material_index: int) -> int:
    material = scene.materials[material_index]
    if material.alpha < 1.0:
        return GLASS
    cut_out = material.texture != NO_TEXTURE and scene.textures[material.texture].has_alpha
    return CUT_OUT if cut_out else OPAQUE
