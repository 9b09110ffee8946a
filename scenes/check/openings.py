"""Rules for doors and windows: too small for a body, outside of walls, blocked, or over a drop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from scenes.check.doorways import Doorway, Interval, widest_gap
from scenes.check.elements import SurveyedPiece
from scenes.check.finding import Fault
from scenes.check.survey import Survey
from scenes.clip import extents_within
from scenes.connectors.treads import LARGEST_RISE_M

IN_HOLE_M = 0.05
"""Walls block a door if they stand in its hole or this near to it."""
IN_FRONT_M = 0.25
"""The floor is looked for this far in front of the wall."""
HIGHER_M = 0.03
OBSTACLES = ("furniture", "light", "wall")


def too_small(survey: Survey) -> Iterator[Fault]:
    """Doors whose hole, less the frame, is narrower or lower than the body."""
    body = survey.body
    for doorway in _ways(survey):
        width, height = doorway.clear_hole_m(body)
        if width < body.width_m or height < body.height_m:
            message = (
                f"door {doorway.door.name} leaves a hole of {width:.2f} m x {height:.2f} m in its frame; a body needs "
                f"{body.width_m:.2f} m x {body.height_m:.2f} m: give it a larger width or height"
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
            over = piece.top_m - max(wall.top_within_m(wall.area.intersection(piece.area)) for wall in walls)
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
            takers = [survey.instances[i] for i in found.takers]
            names = " and ".join(sorted({repr(taker.name) for taker in takers})[:3])
            message = (
                f"door {doorway.door.name} is blocked by {names}: {found.gap_m:.2f} m are left, a body needs "
                f"{survey.body.width_m:.2f} m: move it away"
            )
            yield _fault(survey, message, doorway.door, *(taker.source for taker in takers))


def _ways(survey: Survey) -> list[Doorway]:
    """The doorways whose sill the body can step over."""
    return [doorway for doorway in survey.doorways if doorway.door.sill_m <= survey.body.step_m]


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
    """What leaves a body no way through a door: the widest gap, and the instances that stand there."""

    gap_m: float
    takers: tuple[int, ...]


def _obstruction(survey: Survey, doorway: Doorway, sign: int) -> _Obstruction | None:
    """What blocks a door from its middle to a body's width in front of it (sign 1) or behind it (-1); None if nothing.

    Furniture counts anywhere there, a wall only in the hole.
    """
    back, front = doorway.faces_m
    middle = (back + front) / 2
    low_z = doorway.sill_m + survey.body.step_m
    high_z = min(doorway.sill_m + survey.body.height_m, doorway.top_m)
    spans: list[Interval] = []
    takers = []
    for instance in survey.near(doorway.origin, doorway.width_m / 2 + (front - back) + survey.body.width_m):
        if instance.category not in OBSTACLES:
            continue
        reach = IN_HOLE_M if instance.category == "wall" else survey.body.width_m
        v = (middle, front + reach) if sign > 0 else (back - reach, middle)
        low = np.array([doorway.across_m[0], v[0], low_z])
        high = np.array([doorway.across_m[1], v[1], high_z])
        taken = extents_within(doorway.local(survey.surfaces.of_instance(instance.id)), low, high)
        spans += [(start, end) for start, end in taken.tolist()]
        takers += [instance.id] * bool(len(taken))
    left, right = widest_gap(spans, doorway.across_m)
    is_free = not spans or right - left >= min(survey.body.width_m, doorway.width_m)
    return None if is_free else _Obstruction(right - left, tuple(takers))


def _fault(survey: Survey, message: str, piece: SurveyedPiece, *others: str) -> Fault:
    return Fault(message, (piece.source, *others), survey.level_name(piece.level), piece.centre)
