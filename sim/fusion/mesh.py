"""A fused mesh: a truncated signed distance field (Curless and Levoy, 1996) on sparse blocks of voxels, by Open3D."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.errors import HomeError
from sim.frame import Frame
from sim.fusion.fused import Fused

TRUNCATION_VOXELS = 3.0
"""How far from a surface, along the optical axis, distances count: less leaves holes in what is seen at grazing angles,
more lets the two sides of thin things disturb each other (figures: docs/fusion.md)."""
MOST_BLOCKS = 250_000
_BLOCK_VOXELS = 8
_BYTES_PER_VOXEL = 20
_START_BLOCKS = 10_000
_SEEN_ONCE = 0.5
"""Weight from which a voxel counts; each frame adds 1."""


def fuse_mesh(frames: Iterable[Frame], voxel_m: float, farthest_m: float) -> Fused:
    """The surface that the frames saw, from a field with voxels of `voxel_m`; the same bytes for the same frames.

    Depth beyond `farthest_m` is left out.

    Raises:
        HomeError: there is no depth within `farthest_m`, or the field takes too much memory.
    """
    grid = _Grid(voxel_m, farthest_m)
    for frame in frames:
        grid.add(frame)
    fused = grid.surface()
    if not len(fused.triangles):
        raise HomeError(f"no surface within {farthest_m:g} m in these frames; give a larger --far or a smaller --voxel")
    return fused


class _Grid:
    """Open3D's grid of voxel blocks."""

    def __init__(self, voxel_m: float, farthest_m: float) -> None:
        import open3d

        self._core: Any = open3d.core
        self._image: Any = open3d.t.geometry.Image
        kind, channels = self._core.float32, [self._core.SizeVector([count]) for count in (1, 1, 3)]
        self._grid: Any = open3d.t.geometry.VoxelBlockGrid(
            ("tsdf", "weight", "color"), (kind, kind, kind), channels, voxel_m, _BLOCK_VOXELS, _START_BLOCKS
        )
        self._voxel_m, self._farthest_m = voxel_m, farthest_m

    def add(self, frame: Frame) -> None:
        """Takes the distances of one frame in. Open3D has pixel (i, j) reach from i to i + 1, as we do."""
        if not np.any((frame.depth > 0) & (frame.depth <= self._farthest_m)):
            return
        depth = self._image(self._core.Tensor(np.ascontiguousarray(frame.depth)))
        color = self._image(self._core.Tensor(frame.rgb.astype(np.float32) / 255))
        camera = self._core.Tensor(frame.intrinsics.K)
        pose = self._core.Tensor(np.linalg.inv(frame.T_world_camera))
        reach = (1.0, self._farthest_m, TRUNCATION_VOXELS)
        blocks = self._grid.compute_unique_block_coordinates(depth, camera, pose, *reach)
        self._grid.integrate(blocks, depth, color, camera, camera, pose, *reach)
        if self._grid.hashmap().size() > MOST_BLOCKS:
            gigabytes = MOST_BLOCKS * _BLOCK_VOXELS**3 * _BYTES_PER_VOXEL / 1e9
            raise HomeError(
                f"voxels of {self._voxel_m:g} m take more than {gigabytes:.1f} GB here; give a larger --voxel, "
                "a smaller --far, or fewer frames"
            )

    def surface(self) -> Fused:
        """The field's zero, in an order of its own: Open3D's threads give another one each time."""
        if not self._grid.hashmap().size():
            none = np.zeros((0, 3), np.float32)
            return Fused(none, none, none.astype(np.uint8), none.astype(np.int32))
        mesh = self._grid.extract_triangle_mesh(_SEEN_ONCE)
        positions, normals = mesh.vertex.positions.numpy(), mesh.vertex.normals.numpy()
        colors = np.round(np.clip(mesh.vertex.colors.numpy(), 0, 1) * 255).astype(np.uint8)
        order = np.lexsort([*colors.T[::-1], *normals.T[::-1], *positions.T[::-1]])
        place = np.empty(len(order), np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        triangles = _sorted(place[mesh.triangle.indices.numpy()])
        return Fused(positions[order], normals[order], colors[order], triangles)


def _sorted(triangles: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Triangles (T, 3) turned to begin with their lowest corner, in the order of their corners."""
    turn = (np.argmin(triangles, axis=1)[:, None] + np.arange(3)) % 3
    turned = np.take_along_axis(triangles, turn, axis=1)
    return turned[np.lexsort(turned.T[::-1])]
