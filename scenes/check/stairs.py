"""Rules for stairs and inclines: those that lead nowhere, holes in floors, levels that nothing leads to."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from scenes.build.frames import CM
from scenes.check.elements import SurveyedRoom, to_world_plan
from scenes.check.finding import Fault
from scenes.check.flights import LARGEST_RISE_M, Flight, Tread, can_be_climbed
from scenes.check.footing import footing
from scenes.check.survey import Survey
from scenes.graph import components
from scenes.mesh import Floats

FLUSH_M = 0.3
"""Floors this near on the plan, no more than a step apart in height, are one way."""
SLACK_M = 0.02
BURIED_M = 0.7
"""A tread with a floor over it that is this near is below that floor."""
CUT_M2 = 0.05


def lead_nowhere(survey: Survey) -> Iterator[Fault]:
    """Staircases, of the file or of boxes, whose top leads to no floor and which pass none on their way."""
    for flight in survey.flights:
        if flight.is_stairs and not _leads_up(survey, flight):
            yield _fault(survey, f"{flight.name} leads nowhere: {_top_text(survey, flight)}", flight, -1)


def end_off_floor(survey: Survey) -> Iterator[Fault]:
    """Stairs that pass a floor but end off it; inclines and pieces with steps whose top leads to no floor."""
    for flight in survey.flights:
        is_meant = flight.treads[-1].height_m - flight.treads[0].height_m > survey.body.step_m
        is_open = not flight.is_stairs or _leads_up(survey, flight)
        if is_meant and is_open and _starts(survey, flight) and not _top_reached(survey, flight):
            yield _fault(survey, f"the top of {flight.name} is at no floor: {_top_text(survey, flight)}", flight, -1)


def bad_foot(survey: Survey) -> Iterator[Fault]:
    """Staircases whose lowest tread hangs in the air, or that start in a wall."""
    for flight in survey.flights:
        if flight.is_incline or _starts(survey, flight):
            continue
        foot = _foot(survey, flight)
        ground, height = footing(survey, flight, flight.treads[foot]), flight.treads[foot].height_m
        if ground.is_walled:
            message = f"{flight.name} starts in a wall: turn it, or move it away from the wall"
        else:
            gap = height - float(ground.height_m[ground.height_m < height].max(initial=-np.inf))
            where = f"{gap:.2f} m over what is below" if np.isfinite(gap) else "over nothing"
            message = f"the lowest tread of {flight.name} hangs {where}: lower its elevation"
        yield _fault(survey, message, flight, foot)


def under_floor(survey: Survey) -> Iterator[Fault]:
    """Stairs and inclines that run into a floor or a ceiling, because no hole is cut in it."""
    slabs = [instance.id for instance in survey.scene.instances if instance.category in ("floor", "ceiling")]
    for flight in survey.flights:
        points = _spots(flight)[_foot(survey, flight) :]
        hits = survey.surfaces.crossings(points[:, :2])
        headroom = hits.height_m - points[hits.line, 2]
        low = np.isin(hits.instance, slabs) & (headroom > SLACK_M) & (headroom < survey.body.height_m)
        if low.any():
            worst = int(np.flatnonzero(low)[np.argmin(headroom[low])])
            slab = survey.instances[int(hits.instance[worst])]
            level = survey.level_name(slab.level)
            message = (
                f"{flight.name} runs into the {slab.category} of level {level!r}, "
                f"{headroom[worst]:.2f} m are left over a tread: cut a hole with a staircase of the catalog, "
                "or end the room there"
            )
            yield _fault(survey, message, flight, -1)


def hole_without_stairs(survey: Survey) -> Iterator[Fault]:
    """Pieces that cut a hole into a floor above them but have nothing to climb."""
    for piece, hole in survey.stair_holes:
        if piece.instance is not None and can_be_climbed(survey.surfaces.of_instance(piece.instance.id)):
            continue
        area = to_world_plan(hole.area)
        cut = [room for room in survey.rooms if room.room.has_floor and _cuts(hole.bottom_cm, hole.top_cm, room)]
        cut = [room for room in cut if room.area.intersection(area).area > CUT_M2]
        if cut:
            message = (
                f"{piece.name} cuts a hole of {area.area:.1f} m2 into the floor of {cut[0].label} but has no steps: "
                "put a staircase there, or delete it"
            )
            place = (*piece.centre[:2], cut[0].floor_m)
            yield Fault(message, (piece.source,), survey.level_name(cut[0].room.level), place)


def unjoined_level(survey: Survey) -> Iterator[Fault]:
    """Levels with rooms in use that no stairs, incline or flush floor joins to the largest one."""
    areas = np.zeros(len(survey.scene.levels))
    for room in survey.rooms:
        areas[room.room.level] += room.area.area if room.room.has_floor else 0.0
    used = [level for level in range(len(areas)) if areas[level] > 0 and _is_lived_in(survey, level)]
    labels = _ways_between_levels(survey)
    for level in used:
        if labels[level] != labels[max(used, key=lambda index: float(areas[index]))]:
            message = (
                f"no stairs, incline or step leads to level {survey.level_name(level)!r}: "
                "add a staircase that ends on its floor"
            )
            yield Fault(message, (), survey.level_name(level))


def _ways_between_levels(survey: Survey) -> list[int]:
    """A label for each level, the same for those that one can walk between."""
    first_level = len(survey.scene.instances) + 1
    edges = [(i.id, first_level + i.level) for i in survey.scene.instances if i.category == "floor"]
    for flight in survey.flights:
        flight_id = min(flight.ids)
        edges += [(flight_id, other) for other in flight.ids]
        edges += [(flight_id, other) for tread in flight.treads for other in _stepped_on(survey, flight, tread)]
    edges += [(first_level + a, first_level + b) for a, b in _flush_levels(survey)]
    for instance in survey.scene.instances:
        if instance.category == "ground":
            near = [i for i, level in enumerate(survey.scene.levels) if abs(level.elevation_m) <= survey.body.step_m]
            edges += [(instance.id, first_level + level) for level in near]
    ends = np.array(edges, np.int64).reshape(-1, 2).T
    labels: list[int] = components(first_level + len(survey.scene.levels), *ends)[first_level:].tolist()
    return labels


def _is_lived_in(survey: Survey, level: int) -> bool:
    """Whether a level has doors or furniture, as a roof has not."""
    return any(piece.level == level and piece.category in ("door", "furniture", "light") for piece in survey.pieces)


def _flush_levels(survey: Survey) -> Iterator[tuple[int, int]]:
    """Pairs of levels with floors next to each other, no more than a step apart."""
    floors = [room for room in survey.rooms if room.room.has_floor]
    for index, a in enumerate(floors):
        for b in floors[index + 1 :]:
            differ = a.room.level != b.room.level
            if differ and abs(a.floor_m - b.floor_m) <= survey.body.step_m and a.area.distance(b.area) <= FLUSH_M:
                yield a.room.level, b.room.level


def _cuts(bottom_cm: float, top_cm: float, room: SurveyedRoom) -> bool:
    return bottom_cm < room.floor_m / CM and top_cm >= (room.floor_m - room.slab_m) / CM


def _step_up_m(survey: Survey, flight: Flight) -> float:
    """How much higher than a tread the floor may be that it leads to: a riser of the flight."""
    return max(flight.rise_m, survey.body.step_m) + SLACK_M


def _stepped_on(survey: Survey, flight: Flight, tread: Tread) -> list[int]:
    """The instances that one can step on to from a tread, a riser up or down."""
    step = _step_up_m(survey, flight)
    return footing(survey, flight, tread).within(tread.height_m - step, tread.height_m + step)


def _foot(survey: Survey, flight: Flight) -> int:
    """The index of the lowest tread that is not buried under a floor."""
    spots = _spots(flight)
    hits = survey.treadable.crossings(spots[:, :2])
    slabs = [instance.id for instance in survey.scene.instances if instance.category in ("floor", "ground")]
    over = hits.height_m - spots[hits.line, 2]
    buried = np.isin(hits.instance, slabs) & hits.faces_up & (over > SLACK_M) & (over < BURIED_M)
    covered = set(hits.line[buried].tolist())
    return next((index for index in range(len(spots)) if index not in covered), 0)


def _starts(survey: Survey, flight: Flight) -> bool:
    """Whether the lowest tread is at most a riser above something to stand on."""
    tread = flight.treads[_foot(survey, flight)]
    limit = survey.body.step_m if flight.is_incline else LARGEST_RISE_M
    return bool(footing(survey, flight, tread).within(tread.height_m - limit, tread.height_m + SLACK_M))


def _top_reached(survey: Survey, flight: Flight) -> bool:
    """Whether there is a floor around the top tread: at its height, or a riser higher."""
    tread = flight.treads[-1]
    low, high = tread.height_m - survey.body.step_m, tread.height_m + _step_up_m(survey, flight)
    return bool(footing(survey, flight, tread).within(low, high))


def _leads_up(survey: Survey, flight: Flight) -> bool:
    """Whether any tread leads to a floor that lies above the lowest one."""
    first = _foot(survey, flight)
    foot, step = flight.treads[first].height_m + SLACK_M, _step_up_m(survey, flight)
    return any(
        footing(survey, flight, tread).within(max(foot, tread.height_m - survey.body.step_m), tread.height_m + step)
        for tread in reversed(flight.treads[first + 1 :])
    )


def _spots(flight: Flight) -> Floats:
    """A point (N, 3) on each tread."""
    plan = [shapely.get_coordinates(tread.area.representative_point())[0] for tread in flight.treads]
    return np.column_stack([plan, [tread.height_m for tread in flight.treads]])


def _top_text(survey: Survey, flight: Flight) -> str:
    """Where the top ends, against the nearest floor above the flight's lowest tread, and what to do."""
    tread, foot = flight.treads[-1], flight.treads[_foot(survey, flight)].height_m + SLACK_M
    floors = [room for room in survey.rooms if room.room.has_floor and room.floor_m > foot]
    if not floors:
        return "there is no floor above its foot; draw a room up there, or delete it"
    nearest = min(floors, key=lambda room: abs(room.floor_m - tread.height_m) + float(room.area.distance(tread.area)))
    height, away = tread.height_m - nearest.floor_m, float(nearest.area.distance(tread.area))
    places = [f"{abs(height):.2f} m {'above' if height > 0 else 'below'}"] if abs(height) > SLACK_M else []
    places += [f"{away:.2f} m beside"] if away > SLACK_M else []
    level = survey.level_name(nearest.room.level)
    where = f"it ends {' and '.join(places)}" if places else "walls leave no place between its top and"
    return f"{where} the floor of level {level!r}; change its height or elevation, or move it"


def _fault(survey: Survey, message: str, flight: Flight, tread: int) -> Fault:
    point = flight.treads[tread].area.representative_point()
    place = (float(point.x), float(point.y), flight.treads[tread].height_m)
    return Fault(message, flight.sources, survey.level_name(flight.pieces[0].level), place)
