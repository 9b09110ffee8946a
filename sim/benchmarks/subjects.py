"""What renderers are measured on: a home, and poses in its furnished rooms."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenes.library import load_scene
from scenes.scene import Scene
from sim.benchmarks.flats import pitch_m, side_by_side
from sim.camera import Intrinsics, pose_looking
from sim.raycasting import RayCaster
from sim.stops import find_stops
from sim.tour import PITCH_DEG, locate

HOME = "oldenborg"
FLATS = 5
"""Copies of the home that make the big one: above 500,000 triangles."""
POSES = 24
LEAST_FURNITURE = 5
FOV_DEG = 75.0
_STRIDE = 7
"""Poses are taken in steps of this, so that any few in a row are spread over the home."""

_TURNS_DEG = (0.0, 40.0, -40.0)


@dataclass(frozen=True)
class Subject:
    """A scene and poses (4, 4) of a camera in it."""

    scene: Scene
    poses: tuple[npt.NDArray[np.float64], ...]


def load_subject(name: str) -> Subject:
    """`oldenborg`, or `flats`: neighbouring copies of it."""
    home = load_scene(HOME)
    poses = furnished_poses(home, POSES)
    if name == HOME:
        return Subject(home, tuple(poses))
    shifts = np.zeros((POSES, 4, 4))
    shifts[:, 1, 3] = np.arange(POSES) % FLATS * pitch_m(home)
    return Subject(side_by_side(home, FLATS), tuple(pose + shift for pose, shift in zip(poses, shifts, strict=True)))


def furnished_poses(scene: Scene, count: int) -> list[npt.NDArray[np.float64]]:
    """Poses at eye height in rooms with at least `LEAST_FURNITURE` pieces, looking about where there is most to see."""
    pieces: Counter[tuple[str, str]] = Counter()
    for instance in scene.instances:
        if instance.category == "furniture":
            low, high = np.array(instance.bounds_m)
            pieces[locate(scene, ((low + high) / 2).tolist())] += 1
    stops = [stop for stop in find_stops(scene) if stop.room and pieces[stop.level, stop.room] >= LEAST_FURNITURE]
    order = [stops[index * _STRIDE % len(stops)] for index in range(count)]
    return [
        pose_looking(stop.position, stop.yaw_deg + _TURNS_DEG[index % len(_TURNS_DEG)], PITCH_DEG)
        for index, stop in enumerate(order)
    ]


def triangles_seen(subject: Subject, size: tuple[int, int]) -> float:
    """How many triangles an image of this size shows, in the mean over the poses."""
    caster = RayCaster(subject.scene.vertices, subject.scene.triangles)
    rays = Intrinsics.from_fov(*size, FOV_DEG).rays().reshape(-1, 3)
    seen = []
    for pose in subject.poses:
        hits = caster.cast(np.broadcast_to(pose[:3, 3], rays.shape), rays @ pose[:3, :3].T).triangle
        seen.append(len(np.unique(hits[hits >= 0])))
    return float(np.mean(seen))
