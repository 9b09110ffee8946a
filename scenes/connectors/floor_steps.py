"""Steps between floors that lie next to each other a riser apart, as half levels do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from scenes import overlay
from scenes.connectors.connector import Connector, Landing
from scenes.connectors.landings import CLEAR_M, Exit, landing_of
from scenes.connectors.space import Space
from scenes.connectors.treads import LARGEST_RISE_M, level_faces
from scenes.mesh import Floats
from scenes.scene import Instance

LEAST_RISE_M = 0.02
APART_M = 0.35
"""Floors are as far apart on the plan as a wall with a doorway is thick, at most."""
SPACING_M = 0.05
MOST_PLACES = 400
OUT_M = 0.35
HALF_WIDTH_M = 0.1
NARROWEST_M = 0.4


@dataclass(frozen=True)
class Floor:
    """The upper side of a floor: its instance, its height, its area on the plan."""

    instance: Instance
    height_m: float
    area: BaseGeometry


def floors_of(space: Space) -> list[Floor]:
    """The floors of a scene, and its ground."""
    return [
        Floor(instance, height, area)
        for instance in space.scene.instances
        if instance.category in ("floor", "ground")
        for height, area in level_faces(space.surfaces.of_instance(instance.id))[-1:]
    ]


def floor_steps(space: Space, floors: Sequence[Floor]) -> Iterator[Connector]:
    """A step for each free stretch of border between a floor and one that is up to a riser lower."""
    for high in floors:
        for low in floors:
            rise = high.height_m - low.height_m
            if LEAST_RISE_M < rise <= LARGEST_RISE_M and high.area.distance(low.area) < APART_M:
                yield from _steps(space, low, high)


def _steps(space: Space, low: Floor, high: Floor) -> Iterator[Connector]:
    reach = overlay.intersection(high.area.boundary, overlay.buffer(low.area, APART_M))
    for line in shapely.get_parts(shapely.line_merge(reach)):
        if line.length < NARROWEST_M:
            continue
        for start, end in zip(*_edges(line), strict=True):
            yield from _along(space, low, high, start, end)


def _edges(line: shapely.LineString) -> tuple[Floats, Floats]:
    """The ends (N, 2) and (N, 2) of the straight pieces of a line."""
    corners = shapely.get_coordinates(line.simplify(0.01))
    return corners[:-1], corners[1:]


def _along(space: Space, low: Floor, high: Floor, start: Floats, end: Floats) -> Iterator[Connector]:
    """The steps over a straight border, one for each stretch that nothing stands in."""
    length = float(np.hypot(*(end - start)))
    if length < NARROWEST_M:
        return
    along = (end - start) / length
    outwards = np.array([along[1], -along[0]])
    if high.area.contains(shapely.Point((start + end) / 2 + 0.02 * outwards)):
        outwards = -outwards
    spacing = max(SPACING_M, length / MOST_PLACES)
    places = np.arange(HALF_WIDTH_M, length - HALF_WIDTH_M + 1e-9, spacing)
    points = start + places[:, None] * along
    free = _free(space, low, high, points, outwards)
    changes = np.flatnonzero(np.diff(np.concatenate([[0], free.astype(int), [0]])))
    for first, last in zip(changes[::2].tolist(), (changes[1::2] - 1).tolist(), strict=True):
        width = float(places[last] - places[first]) + 2 * HALF_WIDTH_M
        if width >= NARROWEST_M:
            yield _step(space, low, high, (points[first] + points[last]) / 2, outwards, width)


def _free(space: Space, low: Floor, high: Floor, points: Floats, outwards: Floats) -> npt.NDArray[np.bool_]:
    """Which of the places (N, 2) on the border have the lower floor before them and nothing in the way."""
    hits = space.standable(points + OUT_M * outwards)
    down = np.zeros(len(points), bool)
    lower = (hits.instance == low.instance.id) & (np.abs(hits.height_m - low.height_m) < LEAST_RISE_M)
    down[hits.line[lower]] = True
    covered = (hits.height_m > low.height_m + LEAST_RISE_M) & (hits.height_m < high.height_m + LEAST_RISE_M)
    down[hits.line[covered]] = False
    heights = (high.height_m + 0.05, high.height_m + CLEAR_M[1])
    for index in np.flatnonzero(down).tolist():
        ends = points[index] - OUT_M * outwards, points[index] + OUT_M * outwards
        down[index] = space.is_free(*ends, HALF_WIDTH_M, heights)
    return down


def _step(space: Space, low: Floor, high: Floor, middle: Floats, outwards: Floats, width_m: float) -> Connector:
    heights = (high.height_m + 0.05, high.height_m + CLEAR_M[1])
    half = min(width_m / 2, 0.3) - 1e-3

    def landing(floor: Floor, direction: Floats) -> Landing:
        way = Exit(middle, direction, floor.height_m, floor.instance.id, OUT_M, half, heights)
        return landing_of(space, way, 0)

    foot, head = landing(low, outwards), landing(high, -outwards)
    line = [
        [*(middle + OUT_M * outwards), low.height_m],
        [*(middle + 0.02 * outwards), low.height_m],
        [*(middle - 0.02 * outwards), high.height_m],
        [*(middle - OUT_M * outwards), high.height_m],
    ]
    over = space.height_over(np.array([line[0], line[-1]]))
    return Connector(
        kind="stairs",
        levels=(foot.level, head.level),
        rise_m=high.height_m - low.height_m,
        going_m=0.0,
        steps=1,
        slope_deg=90.0,
        width_m=width_m,
        headroom_m=float(over.min()),
        source=(low.instance.source, high.instance.source),
        line=np.array(line),
        treads_m=(high.height_m,),
        areas=(),
        foot=foot,
        head=head,
        warnings=(),
    )
