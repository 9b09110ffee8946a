"""Rules for rooms: floors that are missing, walls without a room, rooms on top of each other, rooms without a door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from scenes import overlay
from scenes.build.regions import polygons, region
from scenes.check.doorways import LOWEST_DOOR_M
from scenes.check.elements import SurveyedPiece, SurveyedRoom, to_world_plan
from scenes.check.finding import Fault
from scenes.check.survey import Survey
from scenes.connectors.treads import LARGEST_RISE_M
from scenes.scene import Point3
from scenes.spaces import spaces_of

SMALLEST_ROOM_M2 = 1.0
HAIRLINE_M = 0.05
"""Cracks between walls up to twice as wide do not make a way."""
SAME_HEIGHT_M = 0.01
OVERLAP_M2 = 0.1
OVERLAP_WIDTH_M = 0.1
MOST = 0.5
"""An area without a floor, or a room within walls, counts by more than this share."""
STAIRS_SHARE = 0.2
"""Stairs over this share of an area take the place of its floor."""
ALONG_WALLS = 0.8
DOOR_REACH_CM = 100.0
DOOR_SILL_M = 0.3
OR_CLOSE = "; or add --close, which gives walls that enclose a space a floor and a ceiling"
EYE_M = 0.5
"""Walls at this height over a floor part its rooms."""


def nothing_to_walk_on(survey: Survey) -> Iterator[Fault]:
    """A home with walls but without a floor."""
    if survey.walls and not any(instance.category == "floor" for instance in survey.scene.instances):
        closed = any(space.room is None for space in spaces_of(survey.scene).all)
        yield Fault(
            "no room has a floor, there are walls on the bare ground only: double-click between them with 'Create "
            f"rooms', or tick the floor in 'Modify rooms'{OR_CLOSE if closed else ''}"
        )


def on_bare_ground(survey: Survey) -> Iterator[Fault]:
    """Rooms between walls without a floor, where the ground takes its place."""
    for room, drop in _floorless(survey):
        if drop <= survey.body.step_m:
            message = f"{room.label} ({room.area.area:.1f} m2) has no floor: tick its floor in 'Modify rooms'"
            yield _fault(survey, message, (room,), room.area)


def over_nothing(survey: Survey) -> Iterator[Fault]:
    """Rooms between walls that are entered or furnished but have no floor, and what is below lies deep."""
    for room, drop in _floorless(survey):
        if drop > survey.body.step_m and _is_used(survey, room):
            message = (
                f"{room.label} ({room.area.area:.1f} m2) has no floor, the next one lies {drop:.2f} m lower: "
                "tick its floor in 'Modify rooms'"
            )
            yield _fault(survey, message, (room,), room.area)


def without_room(survey: Survey) -> Iterator[Fault]:
    """Areas between walls that a door leads into, but without a room: they have neither floor nor ceiling."""
    is_closed = any(room.added for room in survey.scene.rooms)
    for level, floor in enumerate(_floor_heights(survey) if survey.rooms and not is_closed else ()):
        covered = _taken(survey, level)
        for space in _spaces(survey, level, doors_open=False):
            bare = overlay.difference(space.area, covered)
            is_large = bare.area > max(SMALLEST_ROOM_M2, MOST * space.area.area)
            is_meant = (
                not space.is_outside and _has_door(survey, level, space.area) and not _holds_stairs(survey, bare, floor)
            )
            if is_large and is_meant:
                message = (
                    f"an area of {bare.area:.1f} m2 between walls has no room, so neither floor nor ceiling: "
                    f"double-click in it with 'Create rooms'{OR_CLOSE}"
                )
                yield Fault(message, (), survey.level_name(level), _at(survey, level, bare))


def overlapping(survey: Survey) -> Iterator[Fault]:
    """Rooms whose floors lie in each other: the one that was drawn later wins."""
    floors = [room for room in survey.rooms if room.room.has_floor]
    for index, a in enumerate(floors):
        for b in floors[index + 1 :]:
            if abs(a.floor_m - b.floor_m) < SAME_HEIGHT_M and a.area.intersects(b.area):
                common = overlay.intersection(a.area, b.area)
                if common.area > OVERLAP_M2 and overlay.buffer(common, -OVERLAP_WIDTH_M / 2).area > 0:
                    message = f"{a.label} and {b.label} overlap by {common.area:.2f} m2: drag their corners apart"
                    yield _fault(survey, message, (a, b), common)


def without_door(survey: Survey) -> Iterator[Fault]:
    """Rooms between walls that no door, opening or stair leads into."""
    for level, floor in enumerate(_floor_heights(survey)):
        rooms = [room for room in survey.rooms if room.room.level == level and room.area.area > SMALLEST_ROOM_M2]
        for space in _spaces(survey, level, doors_open=True) if rooms else []:
            inside = [
                room for room in rooms if overlay.intersection(room.area, space.area).area > MOST * room.area.area
            ]
            has_way = (
                space.is_outside
                or _has_door(survey, level, space.area)
                or _stairs(survey, floor).intersects(space.area)
            )
            if inside and not has_way:
                names = " and ".join(room.label for room in inside)
                message = f"no door, opening or stair leads into {names}: put a door into one of its walls"
                yield _fault(survey, message, tuple(inside), space.area)


def _floor_heights(survey: Survey) -> list[float]:
    return [level.elevation_m for level in survey.scene.levels]


@dataclass(frozen=True)
class _Space:
    """An area of a level that walls do not cover; `is_outside`: the one around the home."""

    area: Polygon
    is_outside: bool


def _spaces(survey: Survey, level: int, *, doors_open: bool) -> list[_Space]:
    """The spaces that walls part on a level; hairline cracks are closed."""
    solid = survey.solid_at(survey.scene.levels[level].elevation_m + EYE_M)
    if solid.is_empty:
        return []
    if doors_open:
        ways = [region(piece.placed.footprint(DOOR_REACH_CM)) for piece in _doors(survey, level)]
        solid = overlay.difference(solid, to_world_plan(overlay.union(ways)))
    around = overlay.buffer(shapely.box(*solid.bounds), 1.0, join_style="mitre")
    free = polygons(overlay.difference(around, overlay.buffer(solid, HAIRLINE_M)))
    outside = around.exterior
    return [_Space(space, is_outside=space.exterior.distance(outside) < HAIRLINE_M) for space in free]


def _taken(survey: Survey, level: int) -> BaseGeometry:
    """The plan area that rooms take at a level's height, those of half levels too: at it, or too low a space below."""
    height, levels = survey.scene.levels[level].elevation_m + EYE_M, survey.scene.levels
    over = [(room.area, height - room.floor_m, levels[room.room.level].height_m) for room in survey.rooms]
    return overlay.union([area for area, above, top in over if -survey.body.height_m < above < top])


def _doors(survey: Survey, level: int) -> list[SurveyedPiece]:
    """The doors, and windows like doors, that stand on a level's floor, whatever level they belong to."""
    floor = survey.scene.levels[level].elevation_m
    at_floor = [p for p in survey.pieces if p.is_opening and abs(p.bottom_m - floor) <= DOOR_SILL_M]
    return [piece for piece in at_floor if piece.top_m - piece.bottom_m >= LOWEST_DOOR_M]


def _has_door(survey: Survey, level: int, area: BaseGeometry) -> bool:
    """Whether a door of a level is in the walls around an area."""
    return any(piece.area.distance(area) <= 2 * HAIRLINE_M for piece in _doors(survey, level))


def _stairs(survey: Survey, floor_m: float) -> BaseGeometry:
    """The plan area of stairs and inclines, of any level, that start at a floor, end at it, or pass it."""
    pieces = [p for p in survey.pieces if p.category in ("stair", "ramp")]
    pieces += [piece for way in survey.ways_up if way.is_step for piece in way.pieces]
    near = [p.area for p in pieces if p.bottom_m - LARGEST_RISE_M <= floor_m <= p.top_m + LARGEST_RISE_M]
    return overlay.union(near)


def _holds_stairs(survey: Survey, area: BaseGeometry, floor_m: float) -> bool:
    return bool(overlay.intersection(_stairs(survey, floor_m), area).area > STAIRS_SHARE * area.area)


def _floorless(survey: Survey) -> Iterator[tuple[SurveyedRoom, float]]:
    """Rooms between walls with neither floor nor stairs, and how deep below them the next surface is."""
    for room in survey.rooms:
        if room.room.has_floor or room.area.area < SMALLEST_ROOM_M2:
            continue
        floors = [r.area for r in survey.rooms if r.room.has_floor and abs(r.floor_m - room.floor_m) < SAME_HEIGHT_M]
        bare = overlay.difference(room.area, overlay.union(floors))
        is_bare = bare.area > MOST * room.area.area and not _holds_stairs(survey, bare, room.floor_m)
        if is_bare and _share_along_walls(survey, room) > ALONG_WALLS:
            heights = survey.treadable.crossings(shapely.get_coordinates(bare.representative_point())).height_m
            below = heights[heights < room.floor_m + SAME_HEIGHT_M]
            yield room, room.floor_m - float(below.max(initial=-np.inf))


def _share_along_walls(survey: Survey, room: SurveyedRoom) -> float:
    """How much of a room's border runs along walls."""
    border = shapely.boundary(room.area)
    along = overlay.intersection(border, overlay.buffer(survey.solid_at(room.floor_m + EYE_M), 2 * HAIRLINE_M))
    return float(along.length / max(1e-9, border.length))


def _is_used(survey: Survey, room: SurveyedRoom) -> bool:
    """Whether a door leads into a room or furniture of its level stands in it, so that it is no void on purpose."""
    level, inside = room.room.level, overlay.buffer(room.area, -HAIRLINE_M)
    stands = any(
        piece.level == level
        and piece.category == "furniture"
        and abs(piece.bottom_m - room.floor_m) < SAME_HEIGHT_M
        and inside.contains(piece.area.centroid)
        for piece in survey.pieces
    )
    return stands or _has_door(survey, level, room.area)


def _at(survey: Survey, level: int, area: BaseGeometry) -> Point3:
    point = area.representative_point()
    return (float(point.x), float(point.y), survey.scene.levels[level].elevation_m)


def _fault(survey: Survey, message: str, rooms: tuple[SurveyedRoom, ...], area: BaseGeometry) -> Fault:
    level = rooms[0].room.level
    sources = tuple(room.room.source for room in rooms)
    return Fault(message, sources, survey.level_name(level), _at(survey, level, area))
