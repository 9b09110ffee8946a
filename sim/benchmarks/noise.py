"""How fast sensor noise is: depth models on a slanted plane of 640 x 480, on one core."""

from __future__ import annotations

import statistics
import time

import numpy as np

from sim.camera import Intrinsics
from sim.frame import Frame
from sim.sensors import KinectDepth, RedwoodDepth
from sim.sensors.noise import Noise

SIZE = (640, 480)
FRAMES = 10


def measure(repeats: int) -> dict[str, float]:
    """Return the milliseconds of CPU time per frame of each depth model; the median of `repeats` rounds."""
    frame = _slanted_plane(Intrinsics.from_fov(*SIZE, 57.0))
    models: dict[str, Noise] = {"kinect": KinectDepth(), "redwood": RedwoodDepth()}
    return {
        f"{name}_ms": statistics.median(_round(model, frame) for _ in range(repeats)) for name, model in models.items()
    }


def _round(model: Noise, frame: Frame) -> float:
    start_s = time.thread_time()
    for seed in range(FRAMES):
        model(frame, np.random.default_rng(seed))
    return 1000 * (time.thread_time() - start_s) / FRAMES


def _slanted_plane(camera: Intrinsics) -> Frame:
    """A plane 2 m ahead, turned by 30 degrees about the vertical."""
    depth = 2.0 / (1.0 + np.tan(np.radians(30.0)) * camera.rays()[..., 0])
    return Frame(
        rgb=np.zeros((camera.height, camera.width, 3), np.uint8),
        depth=depth.astype(np.float32),
        segmentation=np.ones((camera.height, camera.width), np.int32),
        intrinsics=camera,
        T_world_camera=np.eye(4),
    )
