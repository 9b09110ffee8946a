"""Pinhole cameras: intrinsics, poses, and what depth means. OpenCV frame: x right, y down, z forward."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Intrinsics:
    """A pinhole camera without distortion; lengths in pixels, the centre of pixel (i, j) at (i + 0.5, j + 0.5)."""

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float

    @classmethod
    def from_fov(cls, width: int, height: int, fov_deg: float) -> Intrinsics:
        """Square pixels and a centred axis; `fov_deg`: horizontal angle of view.

        Raises:
            ValueError: a size below 1 pixel, or an angle outside of (0, 180).
        """
        if width < 1 or height < 1:
            raise ValueError(f"an image of {width} x {height} pixels; both must be 1 or more")
        if not 0.0 < fov_deg < 180.0:
            raise ValueError(f"a field of view of {fov_deg} degrees; it must lie between 0 and 180")
        focal = width / 2 / math.tan(math.radians(fov_deg) / 2)
        return cls(width, height, focal, focal, width / 2, height / 2)

    @property
    def K(self) -> Floats:
        """3x3, pixels."""
        return np.array([[self.fx, 0.0, self.cx], [0.0, self.fy, self.cy], [0.0, 0.0, 1.0]])

    @property
    def fov_deg(self) -> float:
        """Horizontal angle of view."""
        return math.degrees(math.atan(self.cx / self.fx) + math.atan((self.width - self.cx) / self.fx))

    def rays(self) -> Floats:
        """Directions (H, W, 3) through the pixels' centres, camera frame, z = 1: times planar z they are the points."""
        x = (np.arange(self.width) + 0.5 - self.cx) / self.fx
        y = (np.arange(self.height) + 0.5 - self.cy) / self.fy
        across, down = np.meshgrid(x, y)
        return np.stack([across, down, np.ones_like(across)], axis=-1)


def pose_looking(position: npt.ArrayLike, yaw_deg: float, pitch_deg: float) -> Floats:
    """T_world_camera (4x4) of a level camera; yaw counter-clockwise from +x, pitch up, as seen in the world."""
    yaw, pitch = math.radians(yaw_deg), math.radians(pitch_deg)
    forward = np.array([math.cos(yaw) * math.cos(pitch), math.sin(yaw) * math.cos(pitch), math.sin(pitch)])
    right = np.array([math.sin(yaw), -math.cos(yaw), 0.0])
    pose = np.eye(4)
    pose[:3, 0], pose[:3, 1], pose[:3, 2], pose[:3, 3] = right, np.cross(forward, right), forward, position
    return pose


def ray_length(depth: npt.NDArray[np.float32], intrinsics: Intrinsics) -> npt.NDArray[np.float32]:
    """Distances (H, W), m, along each pixel's ray, of planar depth (H, W), m."""
    lengths = np.linalg.norm(intrinsics.rays(), axis=-1)
    return (depth * lengths).astype(np.float32)
