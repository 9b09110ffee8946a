"""What a depth image says of the surfaces in it: slope, angle of view, and what a projector beside the camera misses.

All in inverse depth: where a plane is seen, 1 / z is linear in the pixel's place, so differences of neighbouring
pixels are exact and need no smoothing. Much is done in place: fresh pages of memory cost as much as the sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.camera import Intrinsics

Image = npt.NDArray[np.float32]

_SHADOW_TOLERANCE_PX = 1.0
"""A surface hides another from the projector if its disparity is larger by more than this."""
_WIDEST_DISPARITY = 4
"""Disparities count up to this many widths of the image."""


@dataclass(frozen=True)
class Surface:
    """Inverse depth and its slope. All (H, W) float32.

    Attributes:
        inverse: 1 / m; 0 where there is nothing.
        du, dv: change of `inverse` to the next pixel of the row and of the column, on the surface that the pixel shows.
    """

    inverse: Image
    du: Image
    dv: Image

    @classmethod
    def of(cls, depth: Image) -> Surface:
        """From depth (H, W), m. Of the two sides of a pixel the flatter counts, so that edges have no slope."""
        inverse = inverted(depth)
        return cls(inverse, _slope(inverse), _slope(inverse.T).T)

    def normals(self, intrinsics: Intrinsics) -> Image:
        """Unit normals (H, W, 3), camera frame, turned to the camera; 0 where there is nothing. See `cos_angle`."""
        x = np.arange(intrinsics.width) + 0.5 - intrinsics.cx
        y = (np.arange(intrinsics.height) + 0.5 - intrinsics.cy)[:, None]
        forward = self.inverse - x * self.du - y * self.dv
        away = np.stack([self.du * intrinsics.fx, self.dv * intrinsics.fy, forward], axis=-1)
        lengths = np.linalg.norm(away, axis=-1, keepdims=True)
        return np.divide(-away, lengths, out=np.zeros_like(away), where=lengths > 0).astype(np.float32)

    def cos_angle(self, intrinsics: Intrinsics) -> Image:
        """Cosine of the angle (H, W) between the line of sight and the surface's normal; 0 where there is nothing.

        With n the plane's normal and c its distance, n . X = c gives 1 / z = n . K^-1 (u, v, 1) / c. So n / c is
        (fx du, fy dv, 1 / z - (u - cx) du - (v - cy) dv), and its product with the ray of depth 1 is 1 / z.
        """
        x = (np.arange(intrinsics.width, dtype=np.float32) + np.float32(0.5 - intrinsics.cx))[None, :]
        y = (np.arange(intrinsics.height, dtype=np.float32) + np.float32(0.5 - intrinsics.cy))[:, None]
        fx, fy = np.float32(intrinsics.fx), np.float32(intrinsics.fy)
        forward = self.inverse - x * self.du - y * self.dv
        lengths = forward * forward
        for part, focal in ((self.du, fx), (self.dv, fy)):
            np.multiply(part, focal, out=forward)
            forward *= forward
            lengths += forward
        lengths *= np.square(x / fx) + (np.square(y / fy) + np.float32(1.0))
        np.sqrt(lengths, out=lengths)
        np.divide(self.inverse, lengths, out=lengths, where=lengths > 0)
        return np.minimum(lengths, np.float32(1.0), out=lengths)


def inverted(values: Image) -> Image:
    """1 / values (H, W); 0 stays 0."""
    inverse = np.zeros_like(values)
    np.divide(np.float32(1.0), values, out=inverse, where=values > 0)
    return inverse


def _slope(inverse: Image) -> Image:
    """Differences along rows (H, W): of both sides the smaller one, without sides on which there is nothing."""
    height, width = inverse.shape
    steps = np.full((height, width + 1), np.inf, np.float32)
    there = inverse > 0
    np.subtract(inverse[:, 1:], inverse[:, :-1], out=steps[:, 1:-1], where=there[:, 1:] & there[:, :-1])
    slope, after = steps[:, :-1].copy(), steps[:, 1:]
    np.copyto(slope, after, where=np.abs(after) <= np.abs(slope))
    slope[np.isinf(slope)] = 0
    return slope


def projector_shadow(inverse: Image, intrinsics: Intrinsics, baseline_m: float) -> npt.NDArray[np.bool_]:
    """Where (H, W) a projector `baseline_m` to the right of the camera is hidden behind something that the camera sees.

    A point of depth z in column u lies in the projector's column u - fx b / z; of all points there, only the nearest is
    lit. Left of an edge between near and far, fx b (1 / near - 1 / far) pixels of what is behind lie in shadow.
    """
    height, width = inverse.shape
    disparity = np.minimum(inverse * np.float32(intrinsics.fx * baseline_m), np.float32(_WIDEST_DISPARITY * width))
    margin = int(np.ceil(disparity.max(initial=0.0))) + 1
    columns = np.rint(np.arange(width, dtype=np.float32) - disparity).astype(np.intp) + margin
    columns += (np.arange(height) * (width + margin))[:, None]
    nearest = np.zeros(height * (width + margin), np.float32)
    np.maximum.at(nearest, columns.reshape(-1), disparity.reshape(-1))
    return disparity < nearest[columns] - np.float32(_SHADOW_TOLERANCE_PX)


def pixels_aside(right: Image, down: Image) -> tuple[Image, Image]:
    """Rows and columns (H, W), whole numbers, of the pixels that lie so many pixels aside; they stay in the image."""
    height, width = right.shape
    rows = np.rint(np.arange(height, dtype=np.float32)[:, None] + down)
    columns = np.rint(np.arange(width, dtype=np.float32) + right)
    return np.clip(rows, 0, height - 1, out=rows), np.clip(columns, 0, width - 1, out=columns)
