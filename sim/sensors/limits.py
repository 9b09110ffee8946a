"""Plain limits of depth: steps and range."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim.frame import Frame
from sim.sensors.noise import Noise, require_within
from sim.sensors.surface import Image

KINECT_DISPARITY_STEP_PER_M = 2.85e-3
"""One step of a Kinect's disparity, in inverse depth: an eighth of a pixel over focal length times baseline."""
WIDEST_M = 1e6


@dataclass(frozen=True)
class DepthStep(Noise):
    """Depth in whole steps of `step_m`, to the nearest; what is nearer than half a step becomes 0."""

    step_m: float = 0.001

    def __post_init__(self) -> None:
        require_within("step_m", self.step_m, 1e-6, 100.0)

    def __call__(self, frame: Frame, rng: np.random.Generator) -> Frame:  # noqa: ARG002 - takes no chances
        """The frame with rounded depth."""
        steps = np.rint(frame.depth.astype(np.float64) / self.step_m)
        return replace(frame, depth=(steps * self.step_m).astype(np.float32))


@dataclass(frozen=True)
class DisparityStep(Noise):
    """Inverse depth in whole steps of `step_per_m`, to the nearest: steps of depth that grow as z^2.

    A stereo pair with focal length f, pixels, and baseline b, m, that tells 1/n pixel apart has a step of 1 / (n f b).
    What is farther than one step can say becomes 0. The default is the Kinect's.
    """

    step_per_m: float = KINECT_DISPARITY_STEP_PER_M

    def __post_init__(self) -> None:
        require_within("step_per_m", self.step_per_m, 1e-9, 100.0)

    def __call__(self, frame: Frame, rng: np.random.Generator) -> Frame:  # noqa: ARG002 - takes no chances
        """The frame with rounded inverse depth."""
        return replace(frame, depth=in_disparity_steps(frame.depth, self.step_per_m))


@dataclass(frozen=True)
class DepthRange(Noise):
    """Depth outside of [`nearest_m`, `farthest_m`] becomes 0."""

    nearest_m: float = 0.4
    farthest_m: float = 8.0

    def __post_init__(self) -> None:
        require_within("nearest_m", self.nearest_m, 0.0, self.farthest_m)
        require_within("farthest_m", self.farthest_m, self.nearest_m, WIDEST_M)

    def __call__(self, frame: Frame, rng: np.random.Generator) -> Frame:  # noqa: ARG002 - takes no chances
        """The frame with depth in range."""
        inside = (frame.depth >= self.nearest_m) & (frame.depth <= self.farthest_m)
        return replace(frame, depth=np.where(inside, frame.depth, np.float32(0.0)))


def in_disparity_steps(depth: Image, step_per_m: float) -> Image:
    """Depth (H, W), m, with 1 / depth rounded to whole steps; 0 for depth of 0 and below, and beyond the last step."""
    steps = np.zeros_like(depth)
    np.divide(np.float32(1.0 / step_per_m), depth, out=steps, where=depth > 0)
    steps = np.rint(steps)
    rounded = np.zeros_like(depth)
    np.divide(np.float32(1.0 / step_per_m), steps, out=rounded, where=steps >= 1)
    return rounded
