"""Stairs and inclines as walking lines: their treads from bottom to top, and what they lead to.

A staircase is one piece with treads, or a row of boxes; the treads of an incline are narrow strips across it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from scenes.build.categories import RAMP_SLOPE_DEG, SMALLEST_TREAD_M2, TREAD_RISE_M
from scenes.build.staircases import is_staircase
from scenes.check.elements import SurveyedPiece
from scenes.graph import components
from scenes.mesh import Floats, face_normals
from scenes.surfaces import Surfaces

SAME_TREAD_M = 0.015
BOARD_M = 0.06
"""A level face that lies less than this under another one is what a tread's board lies on."""
LARGEST_RISE_M = TREAD_RISE_M[1] + 0.02
STRIPS = 9
STRIP_M = 0.03


@dataclass(frozen=True)
class Tread:
    """A level face to step on: its height and its area on the plan."""

    height_m: float
    area: BaseGeometry


@dataclass(frozen=True)
class Flight:
    """Stairs or an incline. `is_declared`: the file says that it is a staircase; `ids`: of its instances."""

    pieces: tuple[SurveyedPiece, ...]
    treads: tuple[Tread, ...]
    is_incline: bool
    is_declared: bool
    ids: frozenset[int]

    @property
    def is_stairs(self) -> bool:
        """Whether it is surely meant as a staircase: the file says so, or it is a row of boxes."""
        return self.is_declared or len(self.pieces) > 1

    @property
    def rise_m(self) -> float:
        """The highest step from one tread to the next; 0 for an incline."""
        heights = [tread.height_m for tread in self.treads]
        return 0.0 if self.is_incline or len(heights) < 2 else float(np.max(np.diff(heights)))

    @property
    def name(self) -> str:
        """How messages name it."""
        first = self.pieces[0]
        if len(self.pieces) > 1:
            return f"the stairs of {len(self.pieces)} boxes from {first.name} to {self.pieces[-1].name}"
        return f"incline {first.name}" if self.is_incline else f"staircase {first.name}"

    @property
    def sources(self) -> tuple[str, ...]:
        """The ids of its pieces in the file."""
        return tuple(piece.source for piece in self.pieces)


def find_flights(pieces: Sequence[SurveyedPiece], surfaces: Surfaces) -> list[Flight]:
    """All stairs and inclines among the pieces, whose triangles `surfaces` holds."""
    found, boxes = [], []
    for piece in pieces:
        if piece.instance is None or piece.category not in ("stair", "ramp"):
            continue
        corners = surfaces.of_instance(piece.instance.id)
        incline = piece.category == "ramp"
        treads = _strips(corners) if incline else _treads(corners)
        if len(treads) >= 3:
            declared = is_staircase(piece.placed)
            found.append(Flight((piece,), treads, incline, declared, frozenset({piece.instance.id})))
        elif len(treads) == 1 and not incline and not is_staircase(piece.placed):
            boxes.append((piece, treads[0]))
    return found + _rows(boxes)


def can_be_climbed(corners: Floats) -> bool:
    """Whether triangles (T, 3, 3) have level or sloping faces between their bottom and top, whatever side they face."""
    normals = face_normals(corners)
    cosines = np.abs(normals[:, 2]) / np.maximum(np.linalg.norm(normals, axis=1), 1e-12)
    low, high = corners[..., 2].min(), corners[..., 2].max()
    share = (corners[..., 2].mean(axis=1) - low) / max(1e-9, high - low)
    between = (share > 0.05) & (share < 0.95)
    return bool((between & (cosines > np.cos(np.radians(RAMP_SLOPE_DEG[1])))).any())


def _treads(corners: Floats) -> tuple[Tread, ...]:
    """The level faces of triangles (T, 3, 3) that are large enough, as far up as one can climb them."""
    normals = face_normals(corners)
    lengths = np.linalg.norm(normals, axis=1)
    level = (normals[:, 2] > 0.99 * lengths) & (lengths > 1e-12)
    faces, heights = corners[level], corners[level][:, :, 2].mean(axis=1)
    order = np.argsort(heights, kind="stable")
    starts = np.flatnonzero(np.diff(heights[order], prepend=-np.inf) > SAME_TREAD_M)
    found: list[Tread] = []
    for group in np.split(order, starts[1:]):
        if normals[level][group, 2].sum() / 2 < SMALLEST_TREAD_M2:
            continue
        height = float(np.median(heights[group]))
        area = shapely.union_all(shapely.polygons(faces[group][:, :, :2]), grid_size=1e-4)
        if found and height - found[-1].height_m > LARGEST_RISE_M:
            break
        if found and height - found[-1].height_m < BOARD_M:
            found.pop()
        found.append(Tread(height, area))
    return tuple(found)


def _strips(corners: Floats) -> tuple[Tread, ...]:
    """Level strips across the slope among triangles (T, 3, 3), from its low end to its high end."""
    normals = face_normals(corners)
    cosines = normals[:, 2] / np.maximum(np.linalg.norm(normals, axis=1), 1e-12)
    steep, flat = (np.cos(np.radians(angle)) for angle in reversed(RAMP_SLOPE_DEG))
    sloped = (cosines >= steep) & (cosines <= flat)
    if not sloped.any():
        return ()
    faces, normal = corners[sloped], normals[sloped].sum(axis=0)
    whole = shapely.union_all(shapely.polygons(faces[:, :, :2]), grid_size=1e-4)
    anchor, gradient = faces.mean(axis=(0, 1)), -normal[:2] / normal[2]
    slope = float(np.hypot(*gradient))
    along, across = gradient / slope, np.array([-gradient[1], gradient[0]]) / slope * whole.length
    found = []
    for height in np.linspace(faces[..., 2].min(), faces[..., 2].max(), STRIPS):
        middle = anchor[:2] + along * (height - anchor[2]) / slope
        ends = [middle - along * STRIP_M - across, middle - along * STRIP_M + across]
        ends += [middle + along * STRIP_M + across, middle + along * STRIP_M - across]
        strip = whole.intersection(shapely.Polygon(ends))
        if strip.area > 0:
            found.append(Tread(float(height), strip))
    return tuple(found)


def _rows(boxes: Sequence[tuple[SurveyedPiece, Tread]]) -> list[Flight]:
    """Boxes that touch on the plan and rise by risers, as flights."""
    if not boxes:
        return []
    areas = [tread.area for _, tread in boxes]
    heights = np.array([tread.height_m for _, tread in boxes])
    first, second = shapely.STRtree(areas).query(areas, predicate="dwithin", distance=0.05)
    rise = heights[second] - heights[first]
    steps = (rise >= TREAD_RISE_M[0]) & (rise <= TREAD_RISE_M[1])
    labels = components(len(boxes), first[steps], second[steps])
    found = []
    for label in np.unique(labels):
        members = sorted((boxes[i] for i in np.flatnonzero(labels == label).tolist()), key=lambda box: box[1].height_m)
        pieces = tuple(piece for piece, _ in members)
        ids = frozenset(piece.instance.id for piece in pieces if piece.instance)
        found.append(Flight(pieces, tuple(tread for _, tread in members), is_incline=False, is_declared=False, ids=ids))
    return found
