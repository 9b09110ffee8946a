"""What can be seen from a point, all around, by ray casts: the directions and extents of things in sight."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from scenes.scene import Scene
from sim.camera import Floats
from sim.raycasting import RayCaster

_RAYS = 60_000
_LEAST_RAYS = 12


@dataclass(frozen=True)
class Sighting:
    """A thing in sight of a point.

    Attributes:
        instance: its id.
        direction: (3,) unit vector to the middle of what is seen of it.
        radius_deg: the angle that 90 % of what is seen of it lies within, around the direction.
    """

    instance: int
    direction: tuple[float, float, float]
    radius_deg: float


def look_around(scene: Scene, position: Floats) -> dict[int, Sighting]:
    """The things in sight of a point (3,), by instance id; what covers less than 12 in 60,000 of the sphere is not."""
    ids = scene.triangle_instances()
    shown = ids > 0
    directions = _sphere(_RAYS)
    hits = RayCaster(scene.vertices, scene.triangles[shown]).cast(np.tile(position, (_RAYS, 1)), directions)
    met = np.where(hits.triangle >= 0, ids[shown][hits.triangle], 0)
    found = {}
    for instance, count in zip(*np.unique(met, return_counts=True), strict=True):
        if instance == 0 or count < _LEAST_RAYS:
            continue
        seen = directions[met == instance]
        middle = seen.mean(axis=0)
        length = float(np.linalg.norm(middle))
        if length < 1e-3:  # all around: there is no middle
            continue
        middle /= length
        off = np.degrees(np.arccos(np.clip(seen @ middle, -1, 1)))
        x, y, z = middle.tolist()
        found[int(instance)] = Sighting(int(instance), (x, y, z), float(np.quantile(off, 0.9)))
    return found


def _sphere(count: int) -> Floats:
    """Unit vectors (N, 3) spread evenly: a spiral by the golden angle."""
    index = np.arange(count) + 0.5
    z = 1 - 2 * index / count
    angle = index * math.pi * (3 - math.sqrt(5))
    radius = np.sqrt(1 - z**2)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), z], axis=1)
