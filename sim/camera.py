"""Pinhole cameras: intrinsics, poses, and what depth means. OpenCV frame: x right, y down, z forward."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MAX_SIDE_PX = 16_384
"""The largest image that OpenGL drivers promise to draw (OpenGL 4.1 and later)."""


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
        return _matrix(self.fx, self.fy, self.cx, self.cy)

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

    def opencv(self) -> Floats:
        """Return the camera matrix (3, 3), pixels, for programs that count from the centre of the first pixel.

        There, in OpenCV and what follows it, the centre of pixel (i, j) is at (i, j), half a pixel nearer to the corner
        than in `K`, and so is the principal point.

        >>> Intrinsics.from_fov(640, 480, 90).opencv()[:2, 2].tolist()
        [319.5, 239.5]
        """
        return _matrix(self.fx, self.fy, self.cx - 0.5, self.cy - 0.5)

    def open3d(self) -> Any:
        """Return an `open3d.camera.PinholeCameraIntrinsic`, whose pixel centres are whole numbers, as OpenCV's are.

        For point clouds and TSDF volumes of images. `open3d.t.geometry.RaycastingScene` counts as Stairwell does and
        takes `K`.
        """
        import open3d

        return open3d.camera.PinholeCameraIntrinsic(
            self.width, self.height, self.fx, self.fy, self.cx - 0.5, self.cy - 0.5
        )

    def opengl(self, near_m: float = 0.05, far_m: float = 100.0) -> Floats:
        """Return OpenGL's projection matrix (4, 4), from eye space to clip space; `z / w` is -1 at near, 1 at far.

        Eye space has x right, y up, z backward: `diag(1, -1, -1, 1) @ inv(T_world_camera)` is the view matrix. OpenGL's
        pixel centres are at (i + 0.5, j + 0.5), as Stairwell's are; its rows are counted from the bottom.

        Raises:
            ValueError: `near_m` is not between 0 and `far_m`.
        """
        if not 0.0 < near_m < far_m:
            raise ValueError(f"clipping planes at {near_m} m and {far_m} m; it takes 0 < near < far")
        depth = far_m - near_m
        return np.array(
            [
                [2 * self.fx / self.width, 0.0, 1 - 2 * self.cx / self.width, 0.0],
                [0.0, 2 * self.fy / self.height, 2 * self.cy / self.height - 1, 0.0],
                [0.0, 0.0, -(far_m + near_m) / depth, -2 * far_m * near_m / depth],
                [0.0, 0.0, -1.0, 0.0],
            ]
        )

    def ros(self) -> dict[str, Any]:
        """Return the fields of a ROS 2 `sensor_msgs/CameraInfo` without its header, for an image without distortion.

        >>> camera_info = CameraInfo(header=header, **intrinsics.ros())  # doctest: +SKIP
        """
        K = self.opencv()
        return {
            "height": self.height,
            "width": self.width,
            "distortion_model": "plumb_bob",
            "d": [0.0] * 5,
            "k": K.reshape(-1).tolist(),
            "r": np.eye(3).reshape(-1).tolist(),
            "p": np.hstack([K, np.zeros((3, 1))]).reshape(-1).tolist(),
        }


def _matrix(fx: float, fy: float, cx: float, cy: float) -> Floats:
    return np.array([[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]])


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
