"""Pieces of furniture that may be pushed: which ones, and their shape as convex hulls, by PyBullet's V-HACD."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt

from scenes.cache import cache_folder
from scenes.files import write_whole
from scenes.scene import Instance, Scene
from sim.bullet_client import quiet
from sim.world.statics import triangles_of

Floats = npt.NDArray[np.float64]

LARGEST_M = 1.3
THINNEST_M = 0.1
"""Between these are the sides of a piece that may be pushed: no wardrobe, railing or picture."""
DENSITY_KG_M3 = 60.0
LIGHTEST_KG = 0.5
_SUPPORT_M = 0.03
_VOXELS = 20_000
_HULL_VERTICES = 32


@dataclass(frozen=True)
class Movable:
    """A piece that may be pushed.

    Attributes:
        instance: its id.
        triangles: (n,) of the scene, as drawn.
        centre_m: (3,) of the box around it, which counts as its centre of mass.
        mass_kg: by the volume of the box, of which a piece of furniture fills a part.
    """

    instance: int
    triangles: npt.NDArray[np.int64]
    centre_m: Floats
    mass_kg: float


def find_movables(scene: Scene) -> list[Movable]:
    """Furniture that the file says can be moved, of modest size, that stands on something."""
    boxes = np.array([instance.bounds_m for instance in scene.instances])
    found = []
    for instance in scene.instances:
        low, high = boxes[instance.id - 1]
        size = high - low
        fits = size.max() <= LARGEST_M and size.min() >= THINNEST_M
        if instance.category == "furniture" and instance.movable and fits and _stands(instance, boxes):
            mass = max(LIGHTEST_KG, DENSITY_KG_M3 * float(np.prod(size)))
            found.append(Movable(instance.id, triangles_of(scene, instance.id), (low + high) / 2, mass))
    return found


def hulls(bullet: ModuleType, scene: Scene, movable: Movable) -> Path:
    """An OBJ file with the convex hulls that a piece falls into, around its centre; kept in the cache."""
    corners = scene.vertices[scene.triangles[movable.triangles]].astype(np.float64) - movable.centre_m
    points, indices = np.unique(np.round(corners.reshape(-1, 3), 5), axis=0, return_inverse=True)
    faces = indices.reshape(-1, 3) + 1
    key = hashlib.sha256(points.tobytes() + faces.tobytes() + bytes([_HULL_VERTICES]) + str(_VOXELS).encode())
    path = cache_folder() / f"{key.hexdigest()[:32]}.hulls.obj"
    if path.is_file():
        return path
    lines = [f"v {x:.5f} {y:.5f} {z:.5f}" for x, y, z in points] + [f"f {a} {b} {c}" for a, b, c in faces]
    with tempfile.TemporaryDirectory(prefix="stairwell-") as folder:
        whole, parts = Path(folder) / "whole.obj", Path(folder) / "parts.obj"
        whole.write_text("\n".join(lines) + "\n")
        with quiet():
            log = str(Path(folder) / "log")
            bullet.vhacd(str(whole), str(parts), log, resolution=_VOXELS, maxNumVerticesPerCH=_HULL_VERTICES)
        made = parts.read_bytes() if parts.is_file() and parts.stat().st_size else whole.read_bytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, made)
    return path


def _stands(instance: Instance, boxes: Floats) -> bool:
    """Whether the top of another thing's box, or the inside of its, is right below."""
    low, high = boxes[instance.id - 1]
    middle = (low + high) / 2
    others = (boxes[:, 0, :2] <= middle[:2]).all(axis=1) & (boxes[:, 1, :2] >= middle[:2]).all(axis=1)
    others[instance.id - 1] = False
    return bool((others & (np.abs(boxes[:, 1, 2] - low[2]) < _SUPPORT_M)).any())
