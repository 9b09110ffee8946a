"""Depth noise of the Redwood benchmark's simulated Kinect."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim.frame import Frame
from sim.sensors.limits import WIDEST_M
from sim.sensors.noise import Noise, require_within
from sim.sensors.surface import pixels_aside

REDWOOD_FOCAL_PX = 525.0
REDWOOD_DISPARITY_PX_M = 35.130
"""Disparity, pixels, times depth, m."""
REDWOOD_STEPS_PER_PX = 8.0
REDWOOD_DISPARITY_SIGMA_PX = 1.0 / 36.0
REDWOOD_SHIFT_SIGMA_PX = 0.25
REDWOOD_BLOCK_PX = 2.0


@dataclass(frozen=True)
class RedwoodDepth(Noise):
    """The simulated Kinect of the Redwood benchmark, without the distortion that was measured on its one device.

    Choi, Zhou and Koltun, "Robust Reconstruction of Indoor Scenes", CVPR 2015, with the figures of their published
    simulator for 640 x 480 pixels and f = 525: a pixel shows one within a normally distributed shift of 0.25 pixels, of
    blocks of 2 x 2; its disparity 35.130 / z pixels has noise of 1/36 pixel and steps of 1/8 pixel. So at z metres the
    noise is 0.79 mm z^2, a step 3.6 mm z^2. From `farthest_m` on there is nothing.

    For other focal lengths shift and blocks are scaled by f / 525, blocks at least to one pixel.
    """

    farthest_m: float = 10.0

    def __post_init__(self) -> None:
        require_within("farthest_m", self.farthest_m, 0.0, WIDEST_M)

    def __call__(self, frame: Frame, rng: np.random.Generator) -> Frame:
        """The frame with depth as the device measures it."""
        across, down, shift = rng.standard_normal((3, *frame.depth.shape), dtype=np.float32)
        scale_x, scale_y = frame.intrinsics.fx / REDWOOD_FOCAL_PX, frame.intrinsics.fy / REDWOOD_FOCAL_PX
        rows, columns = pixels_aside(
            across * np.float32(REDWOOD_SHIFT_SIGMA_PX * scale_x), down * np.float32(REDWOOD_SHIFT_SIGMA_PX * scale_y)
        )
        first_rows, first_columns = rows - rows % _block(scale_y), columns - columns % _block(scale_x)
        depth = frame.depth[first_rows.astype(np.intp), first_columns.astype(np.intp)]
        returns = (depth > 0) & (depth < self.farthest_m) & (frame.depth > 0)
        disparity = np.zeros_like(depth)
        np.divide(np.float32(REDWOOD_DISPARITY_PX_M), depth, out=disparity, where=returns)
        steps = np.rint((disparity + shift * np.float32(REDWOOD_DISPARITY_SIGMA_PX)) * np.float32(REDWOOD_STEPS_PER_PX))
        measured = np.zeros_like(depth)
        unit = np.float32(REDWOOD_DISPARITY_PX_M * REDWOOD_STEPS_PER_PX)
        np.divide(unit, steps, out=measured, where=returns & (steps >= 1))
        return replace(frame, depth=measured)


def _block(scale: float) -> int:
    return max(1, round(REDWOOD_BLOCK_PX * scale))
