"""What doors and windows cut out of walls."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from scenes.build import exact
from scenes.build.furniture import Furnisher
from scenes.build.levels import SEAM_CM, Levels
from scenes.build.pieces import PlacedPiece, turn
from scenes.build.regions import region
from scenes.build.shapes import is_full_square, path_area
from scenes.build.wall_outline import arc_centre
from scenes.errors import HomeError
from scenes.home.furniture import DoorOrWindow
from scenes.home.plan import Wall
from scenes.mesh import Floats

PARALLEL_DEG = 1.0
PARALLEL_TO_ARC_DEG = 10.0
SAME_ANGLE_DEG = 0.25
DEEPENED = 4.0
"""A piece that cuts both sides reaches this many wall thicknesses further."""


@dataclass(frozen=True)
class Opening:
    """A door or window as a hole: its rectangle on the plan and its range of heights, cm.

    `sill_cm`: where the wall below ends; under a door on the floor of an upper level that is a little lower.
    """

    placed: PlacedPiece
    bottom_cm: float
    sill_cm: float
    top_cm: float
    area: BaseGeometry
    cuts_both_sides: bool
    shape: BaseGeometry | None
    """The hole in the piece's face, unit square, (0, 0) at the bottom left seen from the front; None: all of it."""

    def reach(self, wall: Wall) -> BaseGeometry:
        """The plan area that the piece empties of this wall."""
        if self.cuts_both_sides and self.is_parallel(wall):
            return region(self.placed.footprint(DEEPENED * wall.thickness))
        return self.area

    def is_parallel(self, wall: Wall) -> bool:
        """Whether the piece stands along the wall, front or back."""
        centre = arc_centre(wall)
        if centre is None:
            direction = math.atan2(wall.y_end - wall.y_start, wall.x_end - wall.x_start)
            limit = PARALLEL_DEG
        else:
            piece = self.placed.piece
            direction = math.atan2(piece.y - centre[1], piece.x - centre[0]) + math.pi / 2
            limit = PARALLEL_TO_ARC_DEG
        return abs(_half_turn(self.placed.piece.angle - direction)) <= math.radians(limit)

    def fills(self, wall: Wall) -> bool:
        """Whether the wall is filled again around the hole's shape: straight walls along the piece only."""
        if self.shape is None or arc_centre(wall) is not None:
            return False
        direction = math.atan2(wall.y_end - wall.y_start, wall.x_end - wall.x_start)
        return abs(_half_turn(self.placed.piece.angle - direction)) <= math.radians(SAME_ANGLE_DEG)

    def front(self) -> Floats:
        """The plan direction (2,) that the piece's front looks to."""
        front: Floats = turn(self.placed.piece.angle) @ np.array([0.0, 1.0])
        return front

    def face_point(self, unit_points: Floats) -> tuple[Floats, Floats]:
        """Plan points (N, 2) on the piece's middle plane and elevations (N,), cm, of points (N, 2) of the unit face."""
        width, _, height = self.placed.plan_size_cm
        piece = self.placed.piece
        offset = np.stack([(unit_points[:, 0] - 0.5) * width, np.zeros(len(unit_points))], axis=1)
        return offset @ turn(piece.angle).T + [piece.x, piece.y], self.bottom_cm + unit_points[:, 1] * height

    def face_across(self, plan_points: Floats) -> Floats:
        """How far across the unit face plan points (N, 2) lie, (N,)."""
        piece = self.placed.piece
        offset: Floats = (plan_points - [piece.x, piece.y]) @ turn(piece.angle)[:, 0]
        return offset / self.placed.plan_size_cm[0] + 0.5


def _half_turn(angle: float) -> float:
    """An angle modulo 180 degrees, in -90..90."""
    return (angle + math.pi / 2) % math.pi - math.pi / 2


def find_openings(
    pieces: list[PlacedPiece], furnisher: Furnisher, levels: Levels, warnings: list[str]
) -> list[Opening]:
    """The holes that the doors and windows among the pieces cut."""
    found = []
    for placed in pieces:
        piece = placed.piece
        if not piece.is_opening:
            continue
        shape: BaseGeometry | None = None
        if isinstance(piece, DoorOrWindow):
            try:
                shape = _hole_shape(placed, piece, furnisher)
            except HomeError as error:
                warnings.append(f"cut-out of {placed.label} is taken as its rectangle: {error}")
        is_on_slab = levels.slab_cm(placed.level) > 0 and piece.elevation < SEAM_CM
        found.append(
            Opening(
                placed=placed,
                bottom_cm=placed.ground_elevation_cm,
                sill_cm=placed.ground_elevation_cm - (SEAM_CM if is_on_slab else 0.0),
                top_cm=placed.ground_elevation_cm + placed.plan_size_cm[2],
                area=region(placed.footprint()),
                cuts_both_sides=isinstance(piece, DoorOrWindow) and piece.wall_cut_out_on_both_sides,
                shape=shape,
            )
        )
    return found


def _hole_shape(placed: PlacedPiece, piece: DoorOrWindow, furnisher: Furnisher) -> BaseGeometry | None:
    """The hole in the unit face; None if it is the full rectangle."""
    part = (piece.wall_left, piece.wall_top, piece.wall_width, piece.wall_height)
    narrowed = bool(piece.transformations) and part != (0.0, 0.0, 1.0, 1.0)
    if piece.cut_out_shape is None:
        shape = _silhouette(placed, furnisher)
    elif is_full_square(piece.cut_out_shape) and not narrowed:
        return None
    else:
        shape = shapely.transform(path_area(piece.cut_out_shape), lambda xy: xy * [1, -1] + [0, 1])
        if piece.model_mirrored:
            shape = shapely.transform(shape, lambda xy: xy * [-1, 1] + [1, 0])
    if narrowed:
        left = 1 - piece.wall_left - piece.wall_width if piece.model_mirrored else piece.wall_left
        low = 1 - piece.wall_top - piece.wall_height
        shape = shapely.transform(shape, lambda xy: xy * [piece.wall_width, piece.wall_height] + [left, low])
    return shape


def _silhouette(placed: PlacedPiece, furnisher: Furnisher) -> BaseGeometry:
    """The model at rest, seen from its front, holes filled, in the unit face."""
    matrix, model = furnisher.model_at_rest(placed)
    outlines = []
    for shape in model.shapes:
        points = shape.mesh.positions @ matrix[:3, :3].T + matrix[:3, 3]
        flat = points[:, :2] + 0.5
        if placed.piece.model_mirrored:
            flat = flat * [-1, 1] + [1, 0]
        triangles = shapely.polygons(flat[shape.mesh.triangles])
        outlines.append(exact.union(triangles[shapely.area(triangles) > 1e-9]))
    whole = exact.union(outlines)
    return exact.union(
        [shapely.Polygon(p.exterior) for p in getattr(whole, "geoms", [whole]) if p.geom_type == "Polygon"]
    )
