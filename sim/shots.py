"""What a camera is to see, shot by shot: tours, orbits, sweeps, and lists of poses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenes.scene import Scene
from sim.camera import Floats, Intrinsics, pose_looking
from sim.frame import View
from sim.mounts import ceiling_mount, find_mounts
from sim.ptz import PTZCamera, PTZProfile, PTZStatus
from sim.tour import locate, tour

FRAMES_PER_S = 10.0
"""Simulated rate of a run: what exposures, sweeps and the preview go by."""

ORBIT_PITCH_DEG = -35.0
SWEEP_PITCH_DEG = -8.0
SWEEP_TILTS_DEG = (-20.0, -35.0, -5.0)
SWEEP_ZOOMS = (1.0, 3.0)


@dataclass(frozen=True)
class Shot:
    """One frame to take. `time_s`: simulated; `ptz`: what the device says of itself, None for other cameras."""

    time_s: float
    view: View
    level: str
    room: str
    ptz: PTZStatus | None = None


def tour_shots(scene: Scene, frames: int, intrinsics: Intrinsics, *, outdoors: bool = False) -> list[Shot]:
    """A tour through the rooms; with `outdoors` over terraces and gardens, too."""
    poses = tour(scene, frames, outdoors=outdoors)
    return [
        Shot(index / FRAMES_PER_S, View(intrinsics, pose.T_world_camera), pose.level, pose.room)
        for index, pose in enumerate(poses)
    ]


def pose_shots(scene: Scene, poses: Sequence[Floats], intrinsics: Intrinsics) -> list[Shot]:
    """Return a shot for each of the poses (4, 4), all with one camera."""
    return view_shots(scene, [View(intrinsics, pose) for pose in poses])


def view_shots(scene: Scene, views: Sequence[View]) -> list[Shot]:
    """Return a shot for each of the views."""
    return [
        Shot(index / FRAMES_PER_S, view, *locate(scene, view.T_world_camera[:3, 3].tolist()))
        for index, view in enumerate(views)
    ]


def orbit_shots(scene: Scene, frames: int, intrinsics: Intrinsics) -> list[Shot]:
    """Once around the home from outside and above, all of it in view."""
    low, high = (np.array(corner) for corner in scene.bounds_m())
    centre, radius = (low + high) / 2, float(np.linalg.norm(high - low)) / 2
    half_angle = np.radians(min(intrinsics.fov_deg, _vertical_fov_deg(intrinsics))) / 2
    distance = radius / np.sin(half_angle)
    poses = []
    for yaw_deg in np.arange(frames) * 360.0 / frames:
        forward = pose_looking(centre, yaw_deg, ORBIT_PITCH_DEG)[:3, 2]
        poses.append(pose_looking(centre - forward * distance, yaw_deg, ORBIT_PITCH_DEG))
    return pose_shots(scene, poses, intrinsics)


def sweep_shots(scene: Scene, frames: int, intrinsics: Intrinsics, *, outdoors: bool = False) -> list[Shot]:
    """One full turn at eye height below the place where a camera sees most."""
    (vantage,) = find_mounts(scene, 1, outdoors=outdoors)
    position, mount = vantage.stop.position, vantage.T_world_mount
    yaws = np.degrees(np.arctan2(mount[1, 0], mount[0, 0])) + np.arange(frames) * 360.0 / frames
    return pose_shots(scene, [pose_looking(position, yaw, SWEEP_PITCH_DEG) for yaw in yaws], intrinsics)


def ptz_sweep_shots(
    scene: Scene, frames: int, profile: PTZProfile, size: tuple[int, int], *, outdoors: bool = False
) -> list[Shot]:
    """A PTZ camera under a ceiling, where it sees most, turns without end, each turn at a tilt and zoom of its own."""
    camera = PTZCamera(profile, ceiling_mount(scene, outdoors=outdoors), *size)
    turns = [(tilt, zoom) for zoom in SWEEP_ZOOMS for tilt in SWEEP_TILTS_DEG]
    share = max(1, frames // len(turns))
    shots = []
    for index in range(frames):
        if index % share == 0:
            tilt_deg, zoom = turns[index // share % len(turns)]
            camera.absolute(tilt_deg=tilt_deg, zoom=zoom)
            camera.continuous(pan_deg_per_s=360.0 * FRAMES_PER_S / share)
        pose = camera.T_world_camera()
        level, room = locate(scene, pose[:3, 3].tolist())
        view = View(camera.intrinsics(), pose)
        shots.append(Shot(index / FRAMES_PER_S, view, level, room, camera.status()))
        camera.step(1 / FRAMES_PER_S)
    return shots


def _vertical_fov_deg(intrinsics: Intrinsics) -> float:
    return float(np.degrees(2 * np.arctan(intrinsics.height / 2 / intrinsics.fy)))
