"""A cloud of points: what all frames saw, with one point per voxel."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from scenes.errors import HomeError
from scenes.mesh import unit
from sim.frame import Frame
from sim.fusion.fused import Fused
from sim.sensors.surface import Surface

Floats = npt.NDArray[np.float64]
Keys = npt.NDArray[np.int64]

_BITS = 21
"""Of a key for each axis: at 2 mm voxels they reach 2 km to either side."""
_ROWS_BEFORE_MERGING = 4_000_000


def fuse_points(frames: Iterable[Frame], voxel_m: float, farthest_m: float) -> Fused:
    """The mean position, normal and colour of what was seen in each voxel of `voxel_m`, sorted by place.

    Depth beyond `farthest_m` is left out. Normals come from the depth images and look at the cameras.

    Raises:
        HomeError: there is no depth within `farthest_m`, or voxels are too small for the distances.
    """
    held: list[tuple[Keys, Floats]] = []
    for frame in frames:
        points, normals, colors = _points(frame, farthest_m)
        held.append(
            _sums(_keys(points, voxel_m), np.concatenate([points, normals, colors, np.ones((len(points), 1))], 1))
        )
        if sum(len(keys) for keys, _ in held[1:]) > _ROWS_BEFORE_MERGING:
            held = [_merged(held)]
    keys, sums = _merged(held)
    if not len(keys):
        raise HomeError(f"no depth within {farthest_m:g} m in these frames; give a larger --far")
    means = sums / sums[:, -1:]
    return Fused(
        positions=means[:, :3].astype(np.float32),
        normals=unit(means[:, 3:6]).astype(np.float32),
        colors=np.round(means[:, 6:9]).astype(np.uint8),
        triangles=np.zeros((0, 3), np.int32),
    )


def _points(frame: Frame, farthest_m: float) -> tuple[Floats, Floats, Floats]:
    """Positions, normals (world) and colours of the pixels that have depth, (N, 3) each."""
    seen = (frame.depth > 0) & (frame.depth <= farthest_m)
    rotation, position = frame.T_world_camera[:3, :3], frame.T_world_camera[:3, 3]
    depth = frame.depth[seen].astype(np.float64)
    points = frame.intrinsics.rays()[seen] * depth[:, None] @ rotation.T + position
    normals = Surface.of(frame.depth).normals(frame.intrinsics)[seen].astype(np.float64) @ rotation.T
    return points, normals, frame.rgb[seen].astype(np.float64)


def _keys(points: Floats, voxel_m: float) -> Keys:
    """One number (N,) per voxel, in the order of x, y, z."""
    cells = np.floor(points / voxel_m)
    half = 1 << (_BITS - 1)
    if np.abs(cells).max(initial=0.0) >= half:
        raise HomeError(
            f"{np.abs(points).max():.0f} m is too far out for voxels of {voxel_m:g} m; give a larger --voxel"
        )
    whole = cells.astype(np.int64) + half
    return (whole[:, 0] << (2 * _BITS)) | (whole[:, 1] << _BITS) | whole[:, 2]


def _merged(held: list[tuple[Keys, Floats]]) -> tuple[Keys, Floats]:
    if not held:
        return np.zeros(0, np.int64), np.zeros((0, 10))
    return _sums(np.concatenate([keys for keys, _ in held]), np.concatenate([sums for _, sums in held]))


def _sums(keys: Keys, values: Floats) -> tuple[Keys, Floats]:
    """The different keys (M,), sorted, and the sums (M, C) of their rows of values (N, C)."""
    different, place = np.unique(keys, return_inverse=True)
    columns = [np.bincount(place, weights=column, minlength=len(different)) for column in values.T]
    return different, np.stack(columns, axis=1)
