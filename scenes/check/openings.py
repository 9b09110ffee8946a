"""Rules for doors and windows: too small for a body, outside of walls, blocked, over a threshold or a drop."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from scenes import overlay
from scenes.check.doorways import NOTHING, SLACK_M, Doorway
from scenes.check.elements import SurveyedPiece
from scenes.check.finding import Body, Fault
from scenes.check.passage import Areas, footprints, within
from scenes.check.survey import Survey
from scenes.connectors.treads import LARGEST_RISE_M

IN_FRONT_M = 0.25
"""The floor is looked for this far in front of the wall."""
HIGHER_M = 0.03
HIGHEST_THRESHOLD_M = 0.3
PRECISION_M = 0.005
OBSTACLES = ("furniture", "light", "wall")


def too_small(survey: Survey) -> Iterator[Fault]:
    """Doors that leave less width or height between jambs and frame than the body takes."""
    body = survey.body
    for doorway in _ways(survey):
        low, high = doorway.heights_m(body)
        is_high = doorway.top_m - doorway.sill_m >= body.height_m
        if is_high and doorway.lets_through(body.width_m - SLACK_M, (low, high)):
            continue
        high = min(high, (low + doorway.top_m) / 2)
        width = doorway.free_width_m((low, high))
        if width < body.width_m - SLACK_M:
            message = (
                f"door {doorway.door.name} leaves {width:.2f} m free in its frame, from {low - doorway.sill_m:.2f} m "
                f"to {high - doorway.sill_m:.2f} m over its sill; a body is {body.width_m:.2f} m wide: make it wider"
            )
        else:
            message = (
                f"door {doorway.door.name} leaves {_clear_height_m(doorway, body):.2f} m free over its sill where it "
                f"is {body.width_m:.2f} m wide; a body is {body.height_m:.2f} m high: make it higher"
            )
        yield _fault(survey, message, doorway.door)


def high_threshold(survey: Survey) -> Iterator[Fault]:
    """Doors with a sill or a part of their frame in the way that is higher than the body steps."""
    for doorway in survey.doorways:
        height = _threshold_m(survey, doorway)
        if height > survey.body.step_m + SLACK_M:
            message = (
                f"the threshold of door {doorway.door.name} is {height:.2f} m high, and a body steps "
                f"{survey.body.step_m:.2f} m: lower the door, or take one without a sill"
            )
            yield _fault(survey, message, doorway.door)


def door_in_no_wall(survey: Survey) -> Iterator[Fault]:
    """Doors that touch no wall."""
    return _in_no_wall(survey, "door")


def window_in_no_wall(survey: Survey) -> Iterator[Fault]:
    """Windows that touch no wall."""
    return _in_no_wall(survey, "window")


def higher_than_wall(survey: Survey) -> Iterator[Fault]:
    """Doors and windows that reach over the top of the walls they stand in."""
    for piece in survey.pieces:
        if piece.is_opening and (walls := survey.walls_of(piece)):
            over = piece.top_m - max(wall.top_within_m(overlay.intersection(wall.area, piece.area)) for wall in walls)
            if over > HIGHER_M:
                message = (
                    f"{piece.category} {piece.name} reaches {over:.2f} m over the top of its wall: "
                    "lower it, or make the wall higher"
                )
                yield _fault(survey, message, piece, *(wall.source for wall in walls))


def over_a_drop(survey: Survey) -> Iterator[Fault]:
    """Doors with a step down on a side that they can be left by, of more than the body takes."""
    for doorway in _ways(survey):
        drops = [_drop_m(survey, doorway, sign) for sign in (-1, 1)]
        deepest = max(drops)
        sign = -1 if drops[0] == deepest else 1
        if deepest > survey.body.step_m and _obstruction(survey, doorway, sign) is None:
            message = (
                f"in front of door {doorway.door.name} the floor lies {deepest:.2f} m lower, and a body steps down "
                f"{survey.body.step_m:.2f} m: draw a room, steps or an incline there, or lower the door"
            )
            yield _fault(survey, message, doorway.door)


def blocked(survey: Survey) -> Iterator[Fault]:
    """Doors with furniture or a wall in the way, on one side, so that no gap is left for the body."""
    for doorway in _ways(survey):
        found = _obstruction(survey, doorway, -1) or _obstruction(survey, doorway, 1)
        if found is not None:
            takers = [(survey.instances[i], top_m) for i, top_m in found.takers]
            names = sorted({f"{taker.name!r} ({top_m:.2f} m high)" for taker, top_m in takers})
            message = (
                f"door {doorway.door.name} is blocked by {' and '.join(names[:3])}: {found.gap_m:.2f} m are left, a "
                f"body is {survey.body.width_m:.2f} m wide and steps {survey.body.step_m:.2f} m: move it away"
            )
            yield _fault(survey, message, doorway.door, *(taker.source for taker, _ in takers))


def _ways(survey: Survey) -> list[Doorway]:
    """The doorways whose threshold the body can step over."""
    limit = survey.body.step_m + SLACK_M
    return [doorway for doorway in survey.doorways if _threshold_m(survey, doorway) <= limit]


def _threshold_m(survey: Survey, doorway: Doorway) -> float:
    """The step up to a door's threshold from its lower side, or from the higher one where the other is a drop.

    A door that stands over the floor on both sides stands on a threshold.
    """
    drops = [_drop_m(survey, doorway, sign) for sign in (-1, 1)]
    limit = max(survey.body.step_m, min(*drops, HIGHEST_THRESHOLD_M))
    deepest = max((drop for drop in drops if drop <= limit), default=0.0)
    return doorway.threshold_m - doorway.sill_m + deepest


def _clear_height_m(doorway: Doorway, body: Body) -> float:
    """Up to which height over its sill a door is as wide as the body."""
    low, _ = doorway.heights_m(body)
    height = _largest(low, doorway.top_m, lambda top_m: doorway.lets_through(body.width_m - SLACK_M, (low, top_m)))
    return height - doorway.sill_m


def _largest(low: float, high: float, holds: Callable[[float], bool]) -> float:
    """The largest value between two that something holds for, which holds for all smaller ones."""
    if holds(high):
        return high
    while high - low > PRECISION_M:
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _in_no_wall(survey: Survey, category: str) -> Iterator[Fault]:
    for piece in survey.pieces:
        if piece.category == category and not survey.walls_of(piece):
            beside = [wall for wall in survey.walls if wall.bottom_m < piece.top_m and wall.top_m > piece.bottom_m]
            near = min((wall.area.distance(piece.area) for wall in beside), default=np.inf)
            where = f"the nearest one is {near:.2f} m away" if near < np.inf else "there is none at its height"
            yield _fault(survey, f"{category} {piece.name} stands in no wall ({where}): drag it onto a wall", piece)


def _drop_m(survey: Survey, doorway: Doorway, sign: int) -> float:
    """How far below the sill the floor in front of a door (sign 1) or behind it (-1) lies; 0 where stairs begin.

    It is 0 as well where there is nothing at all: the ground is endless, so the door is below it.
    """
    face = doorway.faces_m[1] + IN_FRONT_M if sign > 0 else doorway.faces_m[0] - IN_FRONT_M
    points = doorway.plan_points(np.linspace(-0.25, 0.25, 3) * doorway.width_m, face)
    hits = survey.treadable.crossings(points)
    hits = hits.where(hits.height_m < doorway.sill_m + survey.body.step_m)
    drop = doorway.sill_m - float(hits.height_m.max()) if len(hits.line) else 0.0
    on_top = hits.instance[hits.height_m > doorway.sill_m - LARGEST_RISE_M].tolist()
    return 0.0 if any(survey.instances[i].category == "stair" for i in on_top) else drop


@dataclass(frozen=True)
class _Obstruction:
    """What leaves a body no way through a door: the widest body that gets through, and what stands there.

    `takers`: the instances with how high they reach over the sill.
    """

    gap_m: float
    takers: tuple[tuple[int, float], ...]


def _obstruction(survey: Survey, doorway: Doorway, sign: int) -> _Obstruction | None:
    """What blocks a door from its middle to a body's width in front of it (sign 1) or behind it (-1); None if nothing.

    Whoever gets through must find room for all of itself beyond the wall.
    """
    heights = doorway.heights_m(survey.body)
    needed = min(survey.body.width_m - SLACK_M, doorway.free_width_m(heights))
    things = _things_before(survey, doorway, sign, needed)

    def lets_through(width_m: float, kept: Collection[int]) -> bool:
        areas = np.concatenate([NOTHING, *(things[i] for i in kept)])
        return doorway.lets_through(width_m, heights, within(areas, _before(doorway, sign, width_m, aside_m=needed)))

    way_out = _before(doorway, sign, needed, aside_m=-SLACK_M)
    if not any(shapely.intersects(areas, way_out).any() for areas in things.values()) or lets_through(needed, things):
        return None
    gap = _largest(0.0, needed, lambda width_m: lets_through(width_m, things))
    takers = [i for i in things if lets_through(needed, things.keys() - {i})] or list(things)
    tops = [float(doorway.local(survey.surfaces.of_instance(i))[..., 2].max()) for i in takers]
    return _Obstruction(gap, tuple((i, top - doorway.sill_m) for i, top in zip(takers, tops, strict=True)))


def _things_before(survey: Survey, doorway: Doorway, sign: int, reach_m: float) -> dict[int, Areas]:
    """The areas (N,), in the door's frame, of what stands in or before its hole, by instance."""
    region = _before(doorway, sign, reach_m, aside_m=reach_m)
    found = {}
    for instance in survey.near(doorway.origin, doorway.width_m / 2 + float(np.ptp(doorway.faces_m)) + reach_m):
        if instance.category in OBSTACLES:
            triangles = doorway.local(survey.surfaces.of_instance(instance.id))
            areas = within(footprints(triangles, *doorway.heights_m(survey.body)), region)
            if len(areas):
                found[instance.id] = areas
    return found


def _before(doorway: Doorway, sign: int, reach_m: float, *, aside_m: float) -> BaseGeometry:
    """The rectangle from the middle of a door's hole to `reach_m` before its front (sign 1) or back (-1).

    It goes beyond both jambs by `aside_m`.
    """
    (left, right), (back, front) = doorway.across_m, doorway.faces_m
    middle = (back + front) / 2
    low, high = (middle, front + reach_m) if sign > 0 else (back - reach_m, middle)
    return shapely.box(left - aside_m, low, right + aside_m, high)


def _fault(survey: Survey, message: str, piece: SurveyedPiece, *others: str) -> Fault:
    return Fault(message, (piece.source, *others), survey.level_name(piece.level), piece.centre)
