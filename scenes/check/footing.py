"""What lies around a tread: what a body can step on to from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from scenes.check.flights import LARGEST_RISE_M, Flight, Tread
from scenes.check.survey import Survey
from scenes.mesh import Floats, Ints

RING_M = (0.1, 0.2, 0.3)
"""Distances from a tread at which something to step on to is looked for."""
RING_SPACING_M = 0.1
SLACK_M = 0.05
MOST_RING_POINTS = 300


@dataclass(frozen=True)
class Footing:
    """What lies around a tread: heights (N,), m, and instances (N,); `is_walled`: walls leave no place there."""

    height_m: Floats
    instance: Ints
    is_walled: bool

    def within(self, low_m: float, high_m: float) -> list[int]:
        """The instances with a surface between two heights."""
        found = self.instance[(self.height_m >= low_m) & (self.height_m <= high_m)]
        return sorted(set(found.tolist()))


def footing(survey: Survey, flight: Flight, tread: Tread) -> Footing:
    """What a body on a tread can step on to without going through a wall: floors, ground, other pieces."""
    points = np.concatenate([_ring(tread.area.buffer(distance)) for distance in RING_M])
    walls = _walls_around(survey, tread)
    ways = shapely.shortest_line(shapely.points(points), tread.area)
    shapely.prepare(walls)
    room = survey.body.width_m / 2 - SLACK_M
    free = points[~shapely.intersects(walls, ways) & ~shapely.dwithin(walls, shapely.points(points), room)]
    hits = survey.treadable.crossings(free)
    hits = hits.where(hits.faces_up & ~np.isin(hits.instance, list(flight.ids)))
    return Footing(hits.height_m, hits.instance, len(free) == 0)


def _ring(area: BaseGeometry) -> Floats:
    """Points (N, 2) along the border of an area."""
    border = shapely.boundary(area)
    spacing = max(RING_SPACING_M, border.length / MOST_RING_POINTS)
    return shapely.get_coordinates(shapely.segmentize(border, spacing))


def _walls_around(survey: Survey, tread: Tread) -> BaseGeometry:
    """The plan area of the walls next to a tread that stand in the way of a step from it, without their doors."""
    height = tread.height_m + LARGEST_RISE_M
    near = survey.walls_near(tread.area, RING_M[-1])
    doors = [p.area for p in survey.pieces if p.category == "door" and p.bottom_m < height < p.top_m]
    return shapely.union_all([w.area for w in near if w.bottom_m < height < w.top_m]).difference(
        shapely.union_all(doors)
    )
