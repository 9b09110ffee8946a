"""Doors in physics: one body per leaf, which stands where its door is set to and moves there at a steady pace."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import ModuleType

import numpy as np
import numpy.typing as npt

from scenes.scene import Scene
from sim.bullet_lists import VERTICES
from sim.world.leaves import Leaf
from sim.world.statics import Chunk

Floats = npt.NDArray[np.float64]

OPEN_DEG = (90.0, 75.0, 60.0, 45.0)
"""How wide a leaf stands open: the first of these at which it reaches into nothing."""
SPEED_PER_S = 1.0
"""Share of its way that a leaf goes in a second."""

_SHRUNK = 0.88
"""Size, over its own, of the leaf that must be free: it may graze its frame and a carpet."""
_REACH_M = 0.01
_BLOCKED_M = -0.01


class Doors:
    """The leaves of a home.

    Attributes:
        leaves, bodies: with their PyBullet ids.
        opening: (L,) how far each is open, 0 to 1.
        target: (L,) where it is going.
        moving: whether any is not there.
        warnings: leaves that were taken off.
    """

    def __init__(
        self,
        bullet: ModuleType,
        client: int,
        scene: Scene,
        found: Sequence[Leaf],
        chunks: Mapping[int, Chunk],
    ) -> None:
        self._bullet, self._client = bullet, client
        self.warnings: list[str] = []
        self.leaves: list[Leaf] = []
        self.bodies: list[int] = []
        self._full: list[float] = []
        boxes = {
            body: (chunk.corners.min(axis=(0, 1)), chunk.corners.max(axis=(0, 1))) for body, chunk in chunks.items()
        }
        for leaf in found:
            points = scene.vertices[np.unique(scene.triangles[leaf.solid])].astype(np.float64)
            full = 1.0 if leaf.kind == "rail" else self._widest(leaf, points, boxes)
            if not full:
                instance = scene.instances[leaf.instance - 1]
                self.warnings.append(
                    f"door {instance.name!r} ({instance.source}): something stands where it opens; a leaf is taken off"
                )
                continue
            self.leaves.append(leaf)
            self.bodies.append(self._body(points))
            self._full.append(full)
        self.opening = np.ones(len(self.leaves))
        self.target = np.ones(len(self.leaves))
        self.moving = False
        for index in range(len(self.leaves)):
            self._stand(index)

    def of(self, instance_id: int) -> list[int]:
        """The leaves of a door."""
        return [index for index, leaf in enumerate(self.leaves) if leaf.instance == instance_id]

    def placement(self, index: int) -> Floats:
        """4x4 that takes a leaf from where it is drawn to where it is."""
        return self.leaves[index].placement(float(self.opening[index]) * self._full[index])

    def jump(self, opening: Floats, target: Floats) -> None:
        """Puts all leaves somewhere at once."""
        self.opening, self.target = np.array(opening), np.array(target)
        self.moving = bool((self.opening != self.target).any())
        for index in range(len(self.leaves)):
            self._stand(index)

    def send(self, indices: Sequence[int], opening: float) -> None:
        """Lets some leaves go to where they are open by that much."""
        self.target[indices] = opening
        self.moving = True

    def advance(self, seconds: float) -> None:
        """Moves the leaves that are not where they go; one that meets a body that moves waits."""
        for index in np.flatnonzero(self.opening != self.target).tolist():
            before = self.opening[index]
            way = SPEED_PER_S * seconds
            self.opening[index] = before + np.clip(self.target[index] - before, -way, way)
            self._stand(index)
            touching = self._bullet.getContactPoints(bodyA=self.bodies[index], physicsClientId=self._client)
            if any(point[8] < _BLOCKED_M / 2 for point in touching):
                self.opening[index] = before
                self._stand(index)
        self.moving = bool((self.opening != self.target).any())

    def _stand(self, index: int) -> None:
        placement = self.placement(index)
        yaw = math.atan2(placement[1, 0], placement[0, 0])
        quaternion = (0.0, 0.0, math.sin(yaw / 2), math.cos(yaw / 2))
        self._bullet.resetBasePositionAndOrientation(
            self.bodies[index], placement[:3, 3].tolist(), quaternion, physicsClientId=self._client
        )

    def _body(self, points: Floats) -> int:
        """A body that stands still: the convex hull of points (N, 3), m."""
        shape = self._bullet.createCollisionShape(
            self._bullet.GEOM_MESH, vertices=VERTICES.of(points), physicsClientId=self._client
        )
        body: int = self._bullet.createMultiBody(0, shape, physicsClientId=self._client)
        return body

    def _widest(self, leaf: Leaf, points: Floats, boxes: Mapping[int, tuple[Floats, Floats]]) -> float:
        """The angle, radians from shut, to which a leaf opens; 0 if something is in its way wherever it goes."""
        middle = (points.min(axis=0) + points.max(axis=0)) / 2
        probe = self._body(middle + (points - middle) * _SHRUNK)
        try:
            for angle_deg in OPEN_DEG:
                for way in (leaf.opens, -leaf.opens) if leaf.either_way else (leaf.opens,):
                    angle = way * math.radians(angle_deg)
                    if self._is_free(probe, leaf.placement(angle), points, boxes):
                        return angle
        finally:
            self._bullet.removeBody(probe, physicsClientId=self._client)
        return 0.0

    def _is_free(
        self, probe: int, placement: Floats, points: Floats, boxes: Mapping[int, tuple[Floats, Floats]]
    ) -> bool:
        placed = points @ placement[:3, :3].T + placement[:3, 3]
        low, high = placed.min(axis=0) - _REACH_M, placed.max(axis=0) + _REACH_M
        yaw = math.atan2(placement[1, 0], placement[0, 0])
        quaternion = (0.0, 0.0, math.sin(yaw / 2), math.cos(yaw / 2))
        client = {"physicsClientId": self._client}
        self._bullet.resetBasePositionAndOrientation(probe, placement[:3, 3].tolist(), quaternion, **client)
        for body, (box_low, box_high) in boxes.items():
            if (box_low > high).any() or (box_high < low).any():
                continue
            if any(point[8] < _BLOCKED_M for point in self._bullet.getClosestPoints(probe, body, 0.0, **client)):
                return False
        return True
