"""The pieces of a home in one list, groups opened, each with its level and its place in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from scenes.build.levels import Levels
from scenes.home.furniture import DoorOrWindow, FurnitureGroup, Piece
from scenes.home.home import Home
from scenes.home.plan import Level
from scenes.mesh import Floats


@dataclass(frozen=True)
class PlacedPiece:
    """A piece that is visible, on a level that is viewable."""

    piece: Piece
    path: str
    level: Level | None
    ground_elevation_cm: float

    @property
    def source(self) -> str:
        """The piece's id in the file, else `furniture[15/0/2]`."""
        return self.piece.id or f"furniture[{self.path}]"

    @property
    def label(self) -> str:
        """How warnings name the piece."""
        return f"{self.piece.name!r} ({self.source})"

    @property
    def plan_size_cm(self) -> tuple[float, float, float]:
        """Width, depth and height of the box around the piece, before it is turned. Doors are never tilted."""
        piece = self.piece
        if isinstance(piece, DoorOrWindow):
            return piece.width, piece.depth, piece.height
        return (
            piece.width if piece.width_in_plan is None else piece.width_in_plan,
            piece.depth if piece.depth_in_plan is None else piece.depth_in_plan,
            piece.height if piece.height_in_plan is None else piece.height_in_plan,
        )

    def footprint(self, extra_depth_cm: float = 0.0) -> Floats:
        """Corners (4, 2) of the rectangle on the plan, cm: back left, back right, front right, front left.

        Rounded to float32 where the program rounds: whether a door as deep as its wall cuts through is decided there.
        """
        width, depth, _ = self.plan_size_cm
        centre = np.array([self.piece.x, self.piece.y], np.float32)
        size = np.array([width, depth + extra_depth_cm], np.float32)
        corners = (centre - size / 2 + np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32) * size).astype(np.float64)
        rotation = turn(float(np.float32(self.piece.angle)))
        around = centre - rotation @ centre
        return (corners @ rotation.T + around).astype(np.float32).astype(np.float64)


def turn(angle: float) -> Floats:
    """2x2: turns plan offsets by `angle`, radians, clockwise on the screen (plan y is down)."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin], [sin, cos]])


def placed_pieces(home: Home, levels: Levels) -> list[PlacedPiece]:
    """All visible pieces. The flag and the level of an outermost group count for all of its members."""
    placed = []
    for index, item in enumerate(home.furniture):
        level = levels.get(item.level)
        if not item.visible or not levels.is_viewable(level):
            continue
        for piece, path in _leaves(item, str(index)):
            ground = levels.elevation_cm(level) + piece.elevation
            placed.append(PlacedPiece(piece, path, level, ground))
    return placed


def _leaves(item: Piece | FurnitureGroup, path: str) -> Iterator[tuple[Piece, str]]:
    if isinstance(item, Piece):
        yield item, path
        return
    members: Iterable[Piece | FurnitureGroup] = item.members
    for index, member in enumerate(members):
        yield from _leaves(member, f"{path}/{index}")
