"""The leaves of doors, which a renderer shows open, and which may swing."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np

from scenes.by_id import ById
from scenes.scene import Scene
from sim.bodies import Piece
from sim.camera import Floats
from sim.world.leaves import Leaf

AWAY_M = 1000.0
"""A leaf that cannot open is taken off: shown this far below the home."""


@dataclass(frozen=True)
class DoorLeaf:
    """A leaf.

    Attributes:
        leaf: its triangles and how it moves.
        full: what opens it, for `Leaf.placement`; 0: it cannot open and is taken off.
        line: (2, 2) ends of its middle line on the plan as drawn, m.
        thickness_m: across that line.
        low_m, high_m: its heights.
    """

    leaf: Leaf
    full: float
    line: Floats
    thickness_m: float
    low_m: float
    high_m: float

    @property
    def body(self) -> Piece:
        """What a renderer moves."""
        return Piece(self.leaf.triangles)

    def placement(self, opening: float) -> Floats:
        """4x4 that takes it from where it is drawn to where it is when open by a share, 0..1."""
        if not self.full:
            taken_off = np.eye(4)
            taken_off[2, 3] = -AWAY_M
            return taken_off
        return self.leaf.placement(opening * self.full)


def door_leaves(scene: Scene) -> tuple[DoorLeaf, ...]:
    """All leaves of a scene's doors, with how far each opens. Found once for each scene."""
    return _door_leaves(ById(scene))


@functools.lru_cache(maxsize=4)
def _door_leaves(key: ById[Scene]) -> tuple[DoorLeaf, ...]:
    from sim.world.leaves import find_leaves
    from sim.world.world import World

    scene = key.value
    leaves, _ = find_leaves(scene)
    with World(scene) as world:
        opened = {int(moved.triangles[0]): moved.T_world_drawn for moved in world.moved()}
    return tuple(_described(scene, leaf, opened.get(int(leaf.triangles[0]))) for leaf in leaves)


def _described(scene: Scene, leaf: Leaf, opened: Floats | None) -> DoorLeaf:
    full = 0.0
    if opened is not None and leaf.kind == "rail":
        full = 1.0
    elif opened is not None:
        full = math.remainder(math.atan2(opened[1, 0], opened[0, 0]) - leaf.shut, 2 * math.pi)
    points = scene.vertices[np.unique(scene.triangles[leaf.solid])].astype(np.float64)
    middle = points[:, :2].mean(axis=0)
    _, _, axes = np.linalg.svd(points[:, :2] - middle, full_matrices=False)
    along, across = (points[:, :2] - middle) @ axes[0], (points[:, :2] - middle) @ axes[1]
    thickness_m = float(np.ptp(across))
    middle = middle + axes[1] * (across.min() + across.max()) / 2
    ends = np.clip([along.min() + thickness_m / 2, along.max() - thickness_m / 2], along.min(), along.max())
    line = middle + np.outer(ends, axes[0])
    return DoorLeaf(leaf, full, line, thickness_m, float(points[:, 2].min()), float(points[:, 2].max()))
