"""The holes that staircases cut into floors and ceilings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from scenes.build.pieces import PlacedPiece, turn
from scenes.build.shapes import path_area
from scenes.errors import HomeError
from scenes.home.plan import Level

NONE = "false"


@dataclass(frozen=True)
class StairHole:
    """The plan area of a staircase, the level it stands on, and the heights it spans, cm."""

    area: BaseGeometry
    level: Level | None
    bottom_cm: float
    top_cm: float

    def cuts_floor(self, elevation_cm: float, slab_cm: float) -> bool:
        """Whether it comes up through a floor whose slab is that thick."""
        return self.bottom_cm < elevation_cm and self.top_cm >= elevation_cm - slab_cm

    def cuts_ceiling(self, elevation_cm: float) -> bool:
        """Whether it goes up through a ceiling."""
        return self.bottom_cm < elevation_cm <= self.top_cm


def is_staircase(placed: PlacedPiece) -> bool:
    """Whether the file says that the piece is a staircase."""
    shape = placed.piece.staircase_cut_out_shape
    return bool(shape) and shape != NONE


def find_stair_holes(pieces: Sequence[PlacedPiece], warnings: list[str]) -> list[StairHole]:
    """The holes of all staircases among the pieces."""
    found = []
    for placed in pieces:
        shape = placed.piece.staircase_cut_out_shape
        if not is_staircase(placed) or shape is None:
            continue
        try:
            area = _on_plan(path_area(shape), placed)
        except HomeError as error:
            warnings.append(f"staircase {placed.label} cuts no hole: {error}")
            continue
        bottom = placed.ground_elevation_cm
        found.append(StairHole(area, placed.level, bottom, bottom + placed.plan_size_cm[2]))
    return found


def _on_plan(unit_area: BaseGeometry, placed: PlacedPiece) -> BaseGeometry:
    """An area of the unit square, (0, 0) at the back left, on the plan."""
    piece = placed.piece
    size = np.array([-piece.width if piece.model_mirrored else piece.width, piece.depth])
    rotation = turn(piece.angle)
    return shapely.transform(unit_area, lambda xy: ((xy - 0.5) * size) @ rotation.T + [piece.x, piece.y])
