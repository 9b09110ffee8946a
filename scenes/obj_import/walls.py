"""Walls of an export, and the pieces of furniture that stand in a hole of one: doors and windows.

The program cuts a wall along the box of a door or window, so the wall has corners just where the piece has its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scenes.mesh import Floats, face_normals, unit
from scenes.obj_import.groups import Group, Thing

SAME_POINT_M = 0.0015
"""The program lowers the sills of upper storeys by 1 mm."""
BESIDE_M = 0.01
LEAST_DEPTH_M = 0.002
LEAST_CORNERS = 2
"""Of the four of a hole; more may lie in another hole, or above a wall that slopes."""
_SAME_DIRECTION_DEG = 0.5


@dataclass(frozen=True)
class FoundWall(Thing):
    """A wall."""

    @property
    def foot_m(self) -> float | None:
        """Height of its underside; None if doors have cut all of that away."""
        bottom = self.box[0, 2]
        flat = any(np.ptp(group.box[:, 2]) < SAME_POINT_M and group.box[0, 2] == bottom for group in self.groups)
        return float(bottom) if flat else None

    @cached_property
    def points(self) -> Floats:
        """Its corners, (N, 3), m."""
        return np.unique(self.mesh.positions, axis=0)

    @cached_property
    def directions(self) -> Floats:
        """Plan directions (D, 2) that its upright faces look to, those that differ."""
        normals = unit(face_normals(self.mesh.positions[self.mesh.triangles]))
        upright = normals[np.abs(normals[:, 2]) < 0.01, :2]
        degrees = np.degrees(np.arctan2(upright[:, 1], upright[:, 0])) % 180.0
        _, first = np.unique(np.round(degrees / _SAME_DIRECTION_DEG), return_index=True)
        return upright[first]


def find_walls(objects: Mapping[str, Sequence[Group]]) -> list[FoundWall]:
    """The walls, in file order."""
    return [FoundWall(source, tuple(groups)) for source, groups in objects.items()]


def stands_in_wall(points: Floats, walls: Sequence[FoundWall]) -> bool:
    """Whether one of the walls has a hole just as wide and high as the thing with these points (N, 3), m."""
    low, high = points.min(axis=0), points.max(axis=0)
    near = [wall for wall in walls if (wall.box[0] <= high).all() and (wall.box[1] >= low).all()]
    return any(_is_cut(wall.points, points, direction) for wall in near for direction in wall.directions)


def _is_cut(wall: Floats, piece: Floats, along: Floats) -> bool:
    """Whether a wall's points (W, 3) hold corners of the piece's box that has sides along a plan direction.

    Corners that all lie on one face of the piece do not count: they are those of the wall itself, behind it. Nor do the
    lower ones alone, unless the wall ends below the piece's top: a rug in a doorway is no door.
    """
    across = np.array([-along[1], along[0]])
    (left, right), (front, back) = _range(piece, along), _range(piece, across)
    low, high = piece[:, 2].min(), piece[:, 2].max()
    depth = wall[:, :2] @ across
    inside = (depth > front - BESIDE_M) & (depth < back + BESIDE_M)
    sides = [inside & (np.abs(wall[:, :2] @ along - side) < SAME_POINT_M) for side in (left, right)]
    lower, upper = ([at & (np.abs(wall[:, 2] - height) < SAME_POINT_M) for at in sides] for height in (low, high))
    rises_above = not (wall[np.any(sides, axis=0), 2] > high).any()
    if sum(at.any() for at in lower + upper) < LEAST_CORNERS or not (rises_above or np.any(upper)):
        return False
    depths = depth[np.any(lower + upper, axis=0)]
    return bool(depths.min() < back - LEAST_DEPTH_M and depths.max() > front + LEAST_DEPTH_M)


def _range(points: Floats, direction: Floats) -> tuple[float, float]:
    reach = points[:, :2] @ direction
    return float(reach.min()), float(reach.max())
