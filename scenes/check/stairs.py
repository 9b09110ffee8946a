"""Rules for stairs and inclines: those that lead nowhere, holes in floors, levels that nothing leads to."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from scenes import overlay
from scenes.build.frames import CM
from scenes.check.elements import SurveyedRoom, to_world_plan
from scenes.check.finding import Fault
from scenes.check.flights import Flight, can_be_climbed
from scenes.check.survey import Survey
from scenes.connectors.treads import LARGEST_RISE_M
from scenes.graph import components

FLUSH_M = 0.3
"""Floors this near on the plan, no more than a step apart in height, are one way."""
SLACK_M = 0.02
CUT_M2 = 0.05


def lead_nowhere(survey: Survey) -> Iterator[Fault]:
    """Staircases, of the file or of boxes, none of whose treads leads to a floor."""
    for flight in survey.flights:
        if flight.is_stairs and not flight.connector.head:
            yield _fault(survey, f"{flight.name} leads nowhere: {_top_text(survey, flight)}", flight, -1)


def end_off_floor(survey: Survey) -> Iterator[Fault]:
    """Stairs that pass a floor but end off it; inclines and pieces with steps whose top leads to no floor."""
    for flight in survey.flights:
        foot, head = flight.connector.foot, flight.connector.head
        is_meant = foot is not None and flight.connector.treads_m[-1] - foot.height_m > survey.body.step_m
        if is_meant and (head or not flight.is_stairs) and _starts(survey, flight) and not _ends(survey, flight):
            yield _fault(survey, f"the top of {flight.name} is at no floor: {_top_text(survey, flight)}", flight, -1)


def bad_foot(survey: Survey) -> Iterator[Fault]:
    """Staircases whose lowest tread hangs in the air, or that have no free floor in front of it."""
    for flight in survey.flights:
        if flight.is_incline or _starts(survey, flight):
            continue
        gap = _gap_under(survey, flight)
        if gap <= LARGEST_RISE_M:
            message = f"{flight.name} has no free floor before its lowest tread: turn it, or clear the way to it"
        else:
            where = f"{gap:.2f} m over what is below" if np.isfinite(gap) else "over nothing"
            message = f"the lowest tread of {flight.name} hangs {where}: lower its elevation"
        yield _fault(survey, message, flight, 0)


def under_floor(survey: Survey) -> Iterator[Fault]:
    """Stairs and inclines that run into a floor or a ceiling, because no hole is cut in it."""
    slabs = [instance.id for instance in survey.scene.instances if instance.category in ("floor", "ceiling")]
    for flight in survey.flights:
        points = flight.spots
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
        cut = [room for room in cut if overlay.intersection(room.area, area).area > CUT_M2]
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
    ids = {instance.source: instance.id for instance in survey.scene.instances}
    first_level = len(survey.scene.instances) + 1
    edges = [(i.id, first_level + i.level) for i in survey.scene.instances if i.category == "floor"]
    for flight in survey.ways_up:
        flight_id, *others = (ids[source] for source in flight.connector.source)
        others += [ids[source] for source in _landings(survey, flight)]
        edges += [(flight_id, other) for other in others]
        edges += [(flight_id, first_level + level) for level in _passed(survey, flight)]
    edges += [(first_level + a, first_level + b) for a, b in _flush_levels(survey)]
    for instance in survey.scene.instances:
        if instance.category == "ground":
            near = [i for i, level in enumerate(survey.scene.levels) if abs(level.elevation_m) <= survey.body.step_m]
            edges += [(instance.id, first_level + level) for level in near]
    ends = np.array(edges, np.int64).reshape(-1, 2).T
    labels: list[int] = components(first_level + len(survey.scene.levels), *ends)[first_level:].tolist()
    return labels


def _landings(survey: Survey, flight: Flight) -> Iterator[str]:
    """What one can step on to at the foot and at the head of a flight: ids in the file."""
    foot, head = flight.connector.foot, flight.connector.head
    if foot and _starts(survey, flight):
        yield foot.source
    if head and abs(head.height_m - flight.connector.treads_m[head.tread]) <= _step_up_m(survey, flight):
        yield head.source


def _passed(survey: Survey, flight: Flight) -> Iterator[int]:
    """The levels with a room that a flight comes up through on its way, by the area of the room as drawn."""
    treads = list(zip(flight.connector.treads_m, flight.connector.areas, strict=True))
    low, high = treads[0][0], treads[-1][0] - SLACK_M
    for room in survey.rooms:
        if room.room.has_floor and low < room.floor_m < high:
            near = [area for height, area in treads if abs(height - room.floor_m) <= _step_up_m(survey, flight)]
            if room.area.intersects(overlay.union(near)):
                yield room.room.level


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


def _starts(survey: Survey, flight: Flight) -> bool:
    """Whether the lowest tread is at most a riser above a floor, the low end of an incline at most a step."""
    foot, low = flight.connector.foot, flight.connector.treads_m[0]
    limit = survey.body.step_m if flight.is_incline else LARGEST_RISE_M
    return foot is not None and -SLACK_M <= low - foot.height_m <= limit


def _ends(survey: Survey, flight: Flight) -> bool:
    """Whether the floor that it leads to lies at its top: at its height, a step lower, or a riser higher."""
    head, top = flight.connector.head, flight.connector.treads_m[-1]
    return head is not None and -survey.body.step_m <= head.height_m - top <= _step_up_m(survey, flight)


def _gap_under(survey: Survey, flight: Flight) -> float:
    """How high the lowest tread is over what is below, the flight itself aside; infinite over nothing."""
    x, y, height = flight.spots[0]
    hits = survey.treadable.crossings(np.array([[x, y]]))
    own = [piece.instance.id for piece in flight.pieces if piece.instance]
    below = hits.height_m[hits.faces_up & (hits.height_m < height) & ~np.isin(hits.instance, own)]
    return float(height - below.max(initial=-np.inf))


def _top_text(survey: Survey, flight: Flight) -> str:
    """Where the top ends, against the nearest floor above the flight's lowest tread, and what to do."""
    foot, top, area = flight.connector.treads_m[0], flight.connector.treads_m[-1], flight.connector.areas[-1]
    floors = [room for room in survey.rooms if room.room.has_floor and room.floor_m > foot + SLACK_M]
    if not floors:
        return "there is no floor above its foot; draw a room up there, or delete it"
    nearest = min(floors, key=lambda room: abs(room.floor_m - top) + float(room.area.distance(area)))
    height, away = top - nearest.floor_m, float(nearest.area.distance(area))
    places = [f"{abs(height):.2f} m {'above' if height > 0 else 'below'}"] if abs(height) > SLACK_M else []
    places += [f"{away:.2f} m beside"] if away > SLACK_M else []
    level = survey.level_name(nearest.room.level)
    where = f"it ends {' and '.join(places)}" if places else "something takes the place between its top and"
    return f"{where} the floor of level {level!r}; change its height or elevation, or move it"


def _fault(survey: Survey, message: str, flight: Flight, tread: int) -> Fault:
    point = flight.connector.areas[tread].representative_point()
    place = (float(point.x), float(point.y), flight.connector.treads_m[tread])
    return Fault(message, flight.connector.source, survey.level_name(flight.pieces[0].level), place)
