"""The table of rules: what each finding is called, how grave it is, and which function finds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scenes.check import openings, reading, rooms, scale, stairs, support, walls
from scenes.check.finding import Fault, Severity
from scenes.check.survey import Survey


@dataclass(frozen=True)
class Rule:
    """A rule: the code and severity of its findings, and the function that finds them.

    `is_last`: where it finds something, what the rules after it would say makes no sense.
    """

    code: str
    severity: Severity
    find: Callable[[Survey], Iterator[Fault]]
    is_last: bool = False


RULES = (
    Rule("empty", "error", reading.empty, is_last=True),
    Rule("missing-model", "error", reading.missing_models),
    Rule("reading", "warning", reading.other_warnings),
    Rule("wrong-scale", "error", scale.wrong_scale, is_last=True),
    Rule("far-away", "warning", scale.far_away),
    Rule("door-height", "warning", scale.unusual_doors),
    Rule("ceiling-height", "warning", scale.unusual_ceilings),
    Rule("no-floor", "error", rooms.nothing_to_walk_on),
    Rule("room-over-nothing", "error", rooms.over_nothing),
    Rule("room-without-floor", "warning", rooms.on_bare_ground),
    Rule("area-without-room", "warning", rooms.without_room),
    Rule("overlapping-rooms", "warning", rooms.overlapping),
    Rule("room-without-door", "warning", rooms.without_door),
    Rule("no-extent", "warning", walls.without_extent),
    Rule("overlapping-walls", "warning", walls.overlapping),
    Rule("wall-gap", "warning", walls.gaps),
    Rule("door-in-no-wall", "error", openings.door_in_no_wall),
    Rule("window-in-no-wall", "warning", openings.window_in_no_wall),
    Rule("narrow-door", "error", openings.too_small),
    Rule("high-threshold", "warning", openings.high_threshold),
    Rule("door-over-drop", "error", openings.over_a_drop),
    Rule("blocked-door", "warning", openings.blocked),
    Rule("higher-than-wall", "warning", openings.higher_than_wall),
    Rule("stairs-lead-nowhere", "error", stairs.lead_nowhere),
    Rule("stairs-end-off-floor", "warning", stairs.end_off_floor),
    Rule("stairs-foot", "error", stairs.bad_foot),
    Rule("stairs-under-floor", "error", stairs.under_floor),
    Rule("hole-without-stairs", "warning", stairs.hole_without_stairs),
    Rule("unjoined-level", "warning", stairs.unjoined_level),
    Rule("floating-building", "warning", support.uncarried),
    Rule("floating", "warning", support.floating),
    Rule("sunk", "warning", support.sunk),
)
