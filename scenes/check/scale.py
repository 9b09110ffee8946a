"""Rules for a home's scale, with the height of its doors as the evidence."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from scenes.build.frames import CM
from scenes.check.finding import Fault
from scenes.check.survey import Survey

USUAL_DOOR_M = 2.05
DOOR_M = (1.5, 3.2)
"""Usual heights of doors; garage doors and portals are outvoted by the others."""
WALL_M = (1.8, 5.0)
LARGEST_SILL_SHARE = 0.1
LEAST_RISING = 1.4
"""A door is higher than wide by this factor."""
HIGHEST_WALL_M = (0.0, 10.0)
"""Walls beyond this are wrong whatever the home's extent; low ones may be a garden's."""
CEILING_M = (1.7, 6.5)
HOME_M = (2.0, 500.0)
USUAL_WALL_M = 2.5


def wrong_scale(survey: Survey) -> Iterator[Fault]:
    """Homes drawn too small or too large, told by doors and walls; by walls and extent where there are no doors."""
    doors, walls = _median_door_m(survey), _median_wall_m(survey)
    if doors is not None:
        side = _side(doors, DOOR_M)
        agrees = walls is None or _side(walls, WALL_M) == side
        evidence, factor = f"its doors are {doors:.2f} m high (median)", USUAL_DOOR_M / doors
    elif walls is not None and walls > 0:
        size = _size_m(survey)
        side = _side(walls, WALL_M)
        agrees = side in (_side(size, HOME_M), _side(walls, HIGHEST_WALL_M))
        evidence, factor = f"it is {size:.2f} m long and its walls are {walls:.2f} m high", USUAL_WALL_M / walls
    else:
        return
    if side and agrees:
        yield Fault(
            f"the home is drawn to a wrong scale, {evidence}: make it {factor:.3g} times as large "
            "(is the scale of the plan's image right?)"
        )


def far_away(survey: Survey) -> Iterator[Fault]:
    """Homes that are too long although their scale seems right."""
    size = _size_m(survey)
    if size > HOME_M[1]:
        yield Fault(
            f"the home is {size:.0f} m long: look for a piece or a wall far away from the others, and delete it"
        )


def unusual_doors(survey: Survey) -> Iterator[Fault]:
    """Doors that are low or high for walls of a usual height."""
    doors, walls = _median_door_m(survey), _median_wall_m(survey)
    if doors is not None and walls is not None and _side(doors, DOOR_M) not in (0, _side(walls, WALL_M)):
        yield Fault(
            f"the doors are {doors:.2f} m high (median) in walls of {walls:.2f} m: "
            f"make them {USUAL_DOOR_M / doors:.3g} times as high, {USUAL_DOOR_M} m are usual"
        )


def unusual_ceilings(survey: Survey) -> Iterator[Fault]:
    """Rooms whose ceiling is too low to stand under, or as high as a hall's."""
    ceilings = {i.source: i.bounds_m for i in survey.scene.instances if i.category == "ceiling"}
    for room in survey.rooms:
        bounds = ceilings.get(f"{room.room.source}/ceiling")
        if bounds is None:
            continue
        low, high = bounds[0][2] - room.floor_m, bounds[1][2] - room.floor_m
        if high < CEILING_M[0] or low > CEILING_M[1]:
            height = high if high < CEILING_M[0] else low
            level = survey.level_name(room.room.level)
            message = (
                f"the ceiling of {room.label} is {height:.2f} m over its floor: set the height of level {level!r}, "
                "or of the walls on the topmost level"
            )
            point = room.area.representative_point()
            yield Fault(message, (room.room.source,), level, (float(point.x), float(point.y), room.floor_m))


def _side(value: float, usual: tuple[float, float]) -> int:
    """-1 below a range, 1 above it, else 0."""
    return -1 if value < usual[0] else 1 if value > usual[1] else 0


def _median_door_m(survey: Survey) -> float | None:
    """The median height of doors, told from windows by their shape alone, so that it works at any scale."""
    found = []
    for piece in survey.pieces:
        width, _, height = (length * CM for length in piece.placed.plan_size_cm)
        on_floor = abs(piece.sill_m) <= LARGEST_SILL_SHARE * height
        if piece.is_opening and on_floor and height >= LEAST_RISING * width:
            found.append(height)
    return float(np.median(found)) if found else None


def _median_wall_m(survey: Survey) -> float | None:
    heights = [wall.top_m - wall.bottom_m for wall in survey.walls]
    return float(np.median(heights)) if heights else None


def _size_m(survey: Survey) -> float:
    """The longer side of the box around the home; 0 if it is empty."""
    if all(instance.category == "ground" for instance in survey.scene.instances):
        return 0.0
    low, high = survey.scene.bounds_m()
    return max(high[0] - low[0], high[1] - low[1])
