"""Frames with a known answer, for the tests of sensors."""

import numpy as np

from sim.camera import Intrinsics
from sim.frame import Frame

KINECT = Intrinsics(320, 240, fx=585.0, fy=585.0, cx=160.0, cy=120.0)
"""The middle of a Kinect's image."""


def frame_of(depth, camera=None, rgb=None):
    """A frame with this depth; colours and ids are arbitrary where they are not given."""
    depth = np.asarray(depth, np.float32)
    height, width = depth.shape
    camera = camera or Intrinsics(width, height, 585.0, 585.0, width / 2, height / 2)
    ids = (np.arange(height * width, dtype=np.int32) % 7).reshape(height, width)
    rgb = np.stack([ids * 30] * 3, axis=-1).astype(np.uint8) if rgb is None else rgb
    return Frame(rgb, depth, ids, camera, np.eye(4))


def plane(camera, distance_m, tilt_deg, turn_deg=0.0):
    """Depth and angle of view, rad, both (H, W), of a plane.

    It meets the optical axis at `distance_m`; its normal leans off the axis to `turn_deg` (0: right, 90: down).
    """
    tilt, turn = np.radians(tilt_deg), np.radians(turn_deg)
    normal = np.array([np.sin(tilt) * np.cos(turn), np.sin(tilt) * np.sin(turn), np.cos(tilt)])
    rays = camera.rays()
    towards = rays @ normal
    depth = np.where(towards > 1e-6, distance_m * normal[2] / np.where(towards > 1e-6, towards, 1.0), 0.0)
    angle = np.arccos(np.clip(towards / np.linalg.norm(rays, axis=-1), -1, 1))
    return depth.astype(np.float32), angle
