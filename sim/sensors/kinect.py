"""Depth noise of a structured-light camera like the first Kinect, after published measurements."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sim.camera import Intrinsics
from sim.frame import Frame
from sim.sensors.limits import KINECT_DISPARITY_STEP_PER_M, WIDEST_M, in_disparity_steps
from sim.sensors.noise import Noise, require_within
from sim.sensors.surface import Image, Surface, inverted, pixels_aside, projector_shadow

KINECT_FOCAL_PX = 585.0
"""Focal length of the Kinect's depth image of 640 x 480 pixels."""

_STEEP_RAD = math.radians(60.0)
_STEEPEST_RAD = math.radians(89.0)
"""The formulas have a pole at 90 degrees."""


@dataclass(frozen=True)
class KinectDepth(Noise):
    """A structured-light camera like the first Kinect, which looks from the camera's place.

    Noise along the line of sight and across it after Nguyen, Izadi and Lovell, "Modeling Kinect Sensor Noise for
    Improved 3D Reconstruction and Tracking", 3DIMPVT 2012; see `axial_sigma_m` and `lateral_sigma_px`. Along: normally
    distributed. Across: a pixel shows the surface of a pixel nearby, so edges fray; within a plane nothing moves.

    Steps of disparity after Khoshelham and Elberink, "Accuracy and Resolution of Kinect Depth Data for Indoor Mapping
    Applications", Sensors 12, 2012: 1 / z is a multiple of 2.85e-3 / m, so depth has steps of 2.85 mm at 1 m, 26 mm at
    3 m. The first paper's noise was measured on such depth; what steps add, step / sqrt(12), is taken out of it again.

    What is lost: what lies in the projector's shadow (triangulation over `baseline_m`, geometry alone: beside edges,
    left of what is near), what is seen at grazing angles, and what lies out of range. No paper known to us has a figure
    for grazing angles: that the lost share rises from 0 at `lost_from_deg` to 1 at `lost_to_deg` is our choice.

    The figures belong to the device: metres and angles are the same for every size of image, so pixels are scaled by
    f / 585. They were fitted from 0.4 to about 3 m and from 10 degrees on; outside, the formulas are carried on. Not
    modelled: dark, shiny and clear surfaces, sunlight, distortion of the lens.

    Attributes:
        nearest_m, farthest_m: what is measured outside of them is lost.
        baseline_m: from the camera to the projector on its right; 0: no shadow.
        lost_from_deg, lost_to_deg: angles between the line of sight and the surface's normal.
    """

    nearest_m: float = 0.4
    farthest_m: float = 10.0
    baseline_m: float = 0.075
    lost_from_deg: float = 70.0
    lost_to_deg: float = 85.0

    def __post_init__(self) -> None:
        require_within("nearest_m", self.nearest_m, 0.0, self.farthest_m)
        require_within("farthest_m", self.farthest_m, self.nearest_m, WIDEST_M)
        require_within("baseline_m", self.baseline_m, 0.0, 1.0)
        require_within("lost_from_deg", self.lost_from_deg, 0.0, self.lost_to_deg)
        require_within("lost_to_deg", self.lost_to_deg, self.lost_from_deg, 90.0)

    def __call__(self, frame: Frame, rng: np.random.Generator) -> Frame:
        """The frame with depth as the device measures it."""
        surface = Surface.of(frame.depth)
        angle = np.arccos(surface.cos_angle(frame.intrinsics))
        lost = self._is_lost(surface, angle, frame.intrinsics, rng)
        seen = replace(surface, inverse=np.where(lost, np.float32(0.0), surface.inverse))
        aside = _lateral_shift_px(angle, frame.intrinsics, rng)
        inverse, sigma = _look_aside(seen, _gaussian_sigma_m(frame.depth, angle), *aside)
        noisy = inverted(inverse) + sigma * rng.standard_normal(sigma.shape, dtype=np.float32)
        measured = in_disparity_steps(noisy, KINECT_DISPARITY_STEP_PER_M)
        there = (frame.depth > 0) & (inverse > 0) & (measured >= self.nearest_m) & (measured <= self.farthest_m)
        return replace(frame, depth=np.where(there, measured, np.float32(0.0)))

    def _is_lost(
        self, surface: Surface, angle_rad: Image, camera: Intrinsics, rng: np.random.Generator
    ) -> npt.NDArray[np.bool_]:
        """Pixels (H, W) without a return."""
        low, high = math.radians(self.lost_from_deg), math.radians(self.lost_to_deg)
        lottery = rng.random(angle_rad.shape, dtype=np.float32)
        grazing = angle_rad > np.float32(low) + np.float32(high - low) * lottery
        return grazing | projector_shadow(surface.inverse, camera, self.baseline_m)


def axial_sigma_m(depth: Image, angle_rad: Image) -> Image:
    """Standard deviation of measured depth, m (Nguyen, Izadi and Lovell 2012).

    0.0012 + 0.0019 (z - 0.4)^2, over 60 degrees plus 0.0001 / sqrt(z) (angle / (pi / 2 - angle))^2: 1.9 mm at 1 m,
    6.1 mm at 2 m, 14 mm at 3 m. `depth`: m, over 0.
    """
    sigma = np.float32(0.0012) + np.float32(0.0019) * np.square(depth - np.float32(0.4))
    steep = angle_rad > _STEEP_RAD
    sigma[steep] += np.float32(0.0001) / np.sqrt(depth[steep]) * np.square(_tilt(angle_rad[steep]))
    return sigma


def lateral_sigma_px(angle_rad: Image) -> Image:
    """Standard deviation of an edge's place: 0.8 + 0.035 angle / (pi / 2 - angle) pixels of f = 585 (same paper)."""
    return np.float32(0.8) + np.float32(0.035) * _tilt(angle_rad)


def _tilt(angle_rad: Image) -> Image:
    angle: Image = np.minimum(angle_rad, np.float32(_STEEPEST_RAD))
    return angle / (np.float32(math.pi / 2) - angle)


def _gaussian_sigma_m(depth: Image, angle_rad: Image) -> Image:
    """The axial noise without what steps of disparity add to it."""
    somewhere = np.where(depth > 0, depth, np.float32(1.0))
    step = np.float32(KINECT_DISPARITY_STEP_PER_M) * np.square(somewhere)
    variance = np.square(axial_sigma_m(somewhere, angle_rad)) - np.square(step) / np.float32(12.0)
    return np.sqrt(np.maximum(variance, np.float32(0.0)))


def _lateral_shift_px(angle_rad: Image, camera: Intrinsics, rng: np.random.Generator) -> tuple[Image, Image]:
    """How many of the image's pixels to the right and down each pixel looks aside, (H, W) each."""
    sigma = lateral_sigma_px(angle_rad)
    right = rng.standard_normal(sigma.shape, dtype=np.float32) * sigma * np.float32(camera.fx / KINECT_FOCAL_PX)
    down = rng.standard_normal(sigma.shape, dtype=np.float32) * sigma * np.float32(camera.fy / KINECT_FOCAL_PX)
    return right, down


def _look_aside(surface: Surface, sigma: Image, right: Image, down: Image) -> tuple[Image, Image]:
    """What pixels measure that look so many pixels aside: inverse depth and `sigma` there, all (H, W).

    The inverse depth is that of the surface met there, carried back to the pixel along its slope, so that on a plane it
    is the same wherever the pixel looks.
    """
    height, width = sigma.shape
    rows, columns = pixels_aside(right, down)
    there = rows.astype(np.intp) * width + columns.astype(np.intp)
    seen = surface.inverse.ravel()[there]
    back_u = np.subtract(np.arange(width, dtype=np.float32), columns, out=columns)
    back_v = np.subtract(np.arange(height, dtype=np.float32)[:, None], rows, out=rows)
    carried = seen + surface.du.ravel()[there] * back_u + surface.dv.ravel()[there] * back_v
    carried[seen == 0] = 0
    return np.maximum(carried, np.float32(0.0), out=carried), sigma.ravel()[there]
