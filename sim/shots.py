"""What a camera is to see, shot by shot: tours, orbits, sweeps, and lists of poses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenes.errors import HomeError
from scenes.scene import Scene
from sim.camera import Floats, Intrinsics, pose_looking
from sim.frame import View
from sim.ptz import PTZCamera, PTZProfile, PTZStatus
from sim.tour import Stop, find_stops, locate, tour

FRAMES_PER_S = 10.0
"""Simulated rate of a run: what exposures, sweeps and the preview go by."""

ORBIT_PITCH_DEG = -35.0
SWEEP_PITCH_DEG = -8.0
MOUNT_BELOW_CEILING_M = 0.25
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


def tour_shots(scene: Scene, frames: int, intrinsics: Intrinsics) -> list[Shot]:
    """A tour through the rooms."""
    poses = tour(scene, frames)
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


def sweep_shots(scene: Scene, frames: int, intrinsics: Intrinsics) -> list[Shot]:
    """One full turn in the largest room."""
    stop = _largest_stop(scene)
    yaws = stop.yaw_deg + np.arange(frames) * 360.0 / frames
    return pose_shots(scene, [pose_looking(stop.position, yaw, SWEEP_PITCH_DEG) for yaw in yaws], intrinsics)


def ptz_sweep_shots(scene: Scene, frames: int, profile: PTZProfile, size: tuple[int, int]) -> list[Shot]:
    """A PTZ camera under the ceiling of the largest room turns without end, each turn at a tilt and zoom of its own."""
    camera = PTZCamera(profile, ceiling_mount(scene), *size)
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


def ceiling_mount(scene: Scene, room: str | None = None) -> Floats:
    """T_world_mount (x forward, y left, z up) of a camera under the ceiling in the middle of a room, or the largest.

    Raises:
        HomeError: no such room, or nowhere to stand in it.
    """
    return mount_at(scene, _largest_stop(scene, room))


def mount_at(scene: Scene, stop: Stop) -> Floats:
    """T_world_mount (x forward, y left, z up) of a camera under the ceiling over a stop."""
    level = next(level for level in scene.levels if level.name == stop.level)
    height_m = level.elevation_m + max(level.height_m, 1.0) - MOUNT_BELOW_CEILING_M
    yaw = np.radians(stop.yaw_deg)
    mount = np.eye(4)
    mount[:2, :2] = [[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]]
    mount[:3, 3] = (*stop.position[:2], height_m)
    return mount


def _largest_stop(scene: Scene, room: str | None = None) -> Stop:
    stops = find_stops(scene)
    if room is not None and all(stop.room != room for stop in stops):
        names = ", ".join(sorted({stop.room for stop in stops if stop.room}))
        raise HomeError(f"{scene.name!r}: no room {room!r} to look at; there are {names or 'none with a name'}")
    stops = [stop for stop in stops if room in (None, stop.room)]
    if not stops:
        raise HomeError(f"{scene.name!r} has neither rooms nor walls to look at; give poses with --path FILE")
    areas = {(scene.levels[room.level].name, room.name): room.area_m2 for room in scene.rooms}
    return max(stops, key=lambda stop: areas.get((stop.level, stop.room), 0.0))


def _vertical_fov_deg(intrinsics: Intrinsics) -> float:
    return float(np.degrees(2 * np.arctan(intrinsics.height / 2 / intrinsics.fy)))
