"""Rules for walls: those without length (and rooms without area), on top of each other, or with a gap between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from scenes import overlay
from scenes.build.frames import CM
from scenes.build.regions import polygons
from scenes.build.wall_outline import arc_centre
from scenes.check.elements import SurveyedWall
from scenes.check.finding import Fault
from scenes.check.survey import Survey
from scenes.mesh import Floats

SHORTEST_OVERLAP_M = 0.3
OVERLAP_SHARE = 0.5
"""Two walls lie on top of each other where they share this much of the thinner one's thickness."""
OVERLAP_HEIGHT_M = 0.2
PARALLEL_DEG = 5.0
GAP_M = (0.01, 0.30)
SMALLEST_ROOM_M2 = 1.0
EYE_M = 0.5
"""Gaps are looked for at this height over the floor."""
_BRIDGE_M = 0.005


def without_extent(survey: Survey) -> Iterator[Fault]:
    """Walls that end where they start, and rooms without area: nothing is built of them."""
    for thing in survey.nothings:
        if isinstance(thing, SurveyedWall):
            yield _fault(survey, "a wall has no length: delete it", (thing,), thing.ends[0])
        else:
            level = survey.level_name(thing.room.level)
            place = (*thing.room.polygon[0], thing.floor_m)
            yield Fault(f"{thing.label} has no area: delete it", (thing.room.source,), level, place)


def overlapping(survey: Survey) -> Iterator[Fault]:
    """Walls that run inside of each other for longer than where they meet or cross."""
    levels = survey.scene.levels
    walls = survey.walls
    areas = np.array([wall.area for wall in walls], object)
    for i, j in shapely.STRtree(areas).query(areas, predicate="intersects").T.tolist():
        a, b = walls[i], walls[j]
        same_floor = levels[a.level].elevation_m == levels[b.level].elevation_m
        common_height = min(a.top_m, b.top_m) - max(a.bottom_m, b.bottom_m)
        if i < j and same_floor and common_height > OVERLAP_HEIGHT_M:
            common = overlay.intersection(a.area, b.area)
            length = _shared_run_m(a, b, common)
            if length > SHORTEST_OVERLAP_M:
                message = f"two walls lie on top of each other for {length:.2f} m: delete one, or move them apart"
                yield _fault(survey, message, (a, b), shapely.get_coordinates(common.centroid)[0])


def gaps(survey: Survey) -> Iterator[Fault]:
    """Ends of walls that stop short of another wall, where closing the gap would close a room.

    All gaps of a level are bridged at once; a bridge counts if it has different rooms, or a room and the outside, on
    its sides.
    """
    for level, floor in enumerate(survey.scene.levels):
        height = floor.elevation_m + EYE_M
        solid = survey.solid_at(height)
        bridges = list(_bridges([w for w in survey.walls if w.bottom_m < height < w.top_m], level))
        spaces = _spaces(solid, [bridge.line for bridge in bridges]) if bridges else []
        for bridge in bridges:
            beside = [space for space in spaces if space.distance(bridge.line) < 2 * _BRIDGE_M]
            runs_along_a_wall = bridge.line.centroid.distance(solid) < bridge.line.length / 4
            if len(beside) > 1 and not runs_along_a_wall:
                message = (
                    f"a gap of {bridge.line.length * 100:.0f} cm between two walls leaves a room open: "
                    "drag the end of one onto the other"
                )
                at = shapely.get_coordinates(bridge.line.centroid)[0]
                yield _fault(survey, message, (bridge.wall, bridge.other), at)


def _shared_run_m(a: SurveyedWall, b: SurveyedWall, common: BaseGeometry) -> float:
    """How far two walls run in each other; 0 where they cross or merely touch."""
    thin = min(a.wall.thickness, b.wall.thickness) * CM
    if common.area < OVERLAP_SHARE * thin * SHORTEST_OVERLAP_M:
        return 0.0
    if arc_centre(a.wall) is None and arc_centre(b.wall) is None:
        run, other = a.ends[1] - a.ends[0], b.ends[1] - b.ends[0]
        across = abs(run[0] * other[1] - run[1] * other[0]) / (np.hypot(*run) * np.hypot(*other))
        if across > np.sin(np.radians(PARALLEL_DEG)):
            return 0.0
        length = float(np.ptp(shapely.get_coordinates(common) @ run) / np.hypot(*run))
    else:
        corners = shapely.get_coordinates(common.minimum_rotated_rectangle)
        length = float(np.linalg.norm(np.diff(corners, axis=0), axis=1).max())
    return length if common.area > OVERLAP_SHARE * thin * length else 0.0


@dataclass(frozen=True)
class _Bridge:
    """A line across a gap, from the end of `wall` to `other`."""

    line: BaseGeometry
    wall: SurveyedWall
    other: SurveyedWall


def _bridges(walls: list[SurveyedWall], level: int) -> Iterator[_Bridge]:
    """The gaps between ends of a level's walls and the nearest other wall; one that two ends share is given once."""
    solid = [wall.area for wall in walls]
    tree = shapely.STRtree(solid)
    seen: set[frozenset[int]] = set()
    for index, wall in enumerate(walls):
        for end in _end_edges(wall) if wall.level == level else []:
            near = [i for i in tree.query(end, predicate="dwithin", distance=GAP_M[1]).tolist() if i != index]
            if not near:
                continue
            nearest = min(near, key=lambda i: float(end.distance(solid[i])))
            pair = frozenset((index, nearest))
            if end.distance(solid[nearest]) >= GAP_M[0] and pair not in seen:
                seen.add(pair)
                yield _Bridge(shapely.shortest_line(end, solid[nearest]), wall, walls[nearest])


def _end_edges(wall: SurveyedWall) -> list[BaseGeometry]:
    """The two short edges of a wall's outline, at its start and at its end."""
    ring = shapely.get_coordinates(wall.area)
    edges = shapely.linestrings(np.stack([ring[:-1], ring[1:]], axis=1))
    return [edges[int(np.argmin(shapely.distance(edges, shapely.Point(end))))] for end in wall.ends]


def _spaces(solid: BaseGeometry, bridges: list[BaseGeometry]) -> list[BaseGeometry]:
    """The spaces between walls and bridges that are large enough for a room, and the outside."""
    around = overlay.buffer(shapely.box(*solid.bounds), 1.0, join_style="mitre")
    thick = [overlay.buffer(shapely.LineString(_lengthened(line)), _BRIDGE_M, cap_style="flat") for line in bridges]
    free = overlay.difference(around, overlay.union([solid, *thick]))
    return [space for space in polygons(free) if space.area > SMALLEST_ROOM_M2]


def _lengthened(line: BaseGeometry) -> Floats:
    """The ends (2, 2) of a line, a little further apart, so that it reaches into what it joins."""
    ends = shapely.get_coordinates(line)
    along = (ends[1] - ends[0]) / np.hypot(*(ends[1] - ends[0])) * _BRIDGE_M
    return np.array([ends[0] - along, ends[1] + along])


def _fault(survey: Survey, message: str, walls: tuple[SurveyedWall, ...], at: npt.NDArray[np.float64]) -> Fault:
    level = walls[0].level
    place = (float(at[0]), float(at[1]), survey.scene.levels[level].elevation_m)
    return Fault(message, tuple(wall.source for wall in walls), survey.level_name(level), place)
