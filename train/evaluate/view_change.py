"""By how much a view changes: how far pixels move when the camera turns, zooms and travels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from sim.output import MM_PER_M
from train.evaluate.statistics import Floats, Labels
from train.evaluate.targets import Ints

if TYPE_CHECKING:
    from train.data import Frames

GRID = 8
_AT_ONCE = 4096


def mean_displacement_px(frames: Frames, pairs: Ints) -> Floats:
    """How far the pixels of the first of each pair (P, 2) of frames move until the second, on average, (P,).

    In pixels at the training size, over a grid of 8 x 8. See `displacement_px`.
    """
    width, height = frames.preprocessing.size
    K = intrinsics(frames.columns, (width, height))
    pose, depth_mm = frames.columns["T_world_camera"], frames.depth_mm
    i, j = ((np.arange(GRID) + 0.5) * width / GRID, (np.arange(GRID) + 0.5) * height / GRID)
    pixels = np.stack(np.meshgrid(i, j), axis=-1).reshape(-1, 2)
    column, row = pixels.astype(np.intp).T
    found = []
    for start in range(0, len(pairs), _AT_ONCE):
        one, other = pairs[start : start + _AT_ONCE].T
        T_other_one = np.linalg.inv(pose[other]) @ pose[one]
        depth_m = depth_mm[one][:, row, column] / MM_PER_M
        found.append(displacement_px(K[one], K[other], T_other_one, pixels, depth_m, width).mean(axis=1))
    return np.concatenate(found) if found else np.empty(0)


def displacement_px(
    K_one: Floats, K_other: Floats, T_other_one: Floats, pixels: Floats, depth_m: Floats, most_px: float
) -> Floats:
    """How far pixels move from one camera to another of the same place, (P, n).

    For cameras that only turn and zoom this is the homography K_other R K_one^-1, whatever the depth. Pixels without
    depth are taken to be infinitely far away. What leaves the view has moved by `most_px` at most.

    Args:
        K_one: (P, 3, 3), pixels.
        K_other: (P, 3, 3), pixels.
        T_other_one: (P, 4, 4), m.
        pixels: (n, 2), column and row.
        depth_m: (P, n), planar z of those pixels, m; 0 where there is nothing.
        most_px: a bound, such as the width of the image.
    """
    rays = np.concatenate([pixels, np.ones((len(pixels), 1))], axis=1) @ np.linalg.inv(K_one).transpose(0, 2, 1)
    turned = rays @ T_other_one[:, :3, :3].transpose(0, 2, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        nearness = np.where(depth_m > 0, 1.0 / depth_m, 0.0)
        seen = (turned + nearness[..., None] * T_other_one[:, None, :3, 3]) @ K_other.transpose(0, 2, 1)
        moved = np.linalg.norm(seen[..., :2] / seen[..., 2:] - pixels, axis=-1)
    return np.where(seen[..., 2] > 0, np.minimum(moved, most_px), most_px)


def intrinsics(columns: Mapping[str, Labels], size: tuple[int, int]) -> Floats:
    """K (N, 3, 3) of a dataset's cameras at an image size (width, height), pixels."""
    K = np.zeros((len(columns["fx"]), 3, 3))
    for axis, (side, f, c) in enumerate((("width", "fx", "cx"), ("height", "fy", "cy"))):
        scale = size[axis] / columns[side]
        K[:, axis, axis], K[:, axis, 2] = columns[f] * scale, columns[c] * scale
    K[:, 2, 2] = 1.0
    return K
