"""Locations as people name them: a room, a level, a point or an object of a home, and where a body stands there.

Kitchen             a room, in upper or lower case
Kitchen@Upper floor the same on one level
room #3             the third room of the home, as `sim info` numbers them
Upper floor         anywhere on a level
1.2,-3.4            a point, m, on the level nearest to height 0; 1.2,-3.4,Upper floor or 1.2,-3.4,2.72 elsewhere
sofa, object #31    beside an object; its number is its id in `sim info --json`
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from scenes.errors import HomeError
from scenes.scene import Point3, Scene
from sim.nav.ground import Ground

if TYPE_CHECKING:
    from sim.nav.graph import NavGraph

Ints = npt.NDArray[np.int64]

ON_FLOOR_M = 0.1
"""A surface at most this far above or below a room's floor belongs to it: a rug does, a tread or a bench does not."""
BESIDE_M = 1.5
"""A body is beside an object when its centre is at most this far from the object's sides."""
_NEAREST_M = 0.1
_STOREY_M = 2.0
_NAMED = 12
"""So many names are listed in an error."""
_CLIMBED = frozenset({"stair", "ramp"})


@dataclass(frozen=True)
class Location:
    """A named location of a home.

    Attributes:
        name: how it is called in messages, with its level where the name alone is not clear.
        rooms: indices of the rooms that it may be in; empty for the other kinds.
        level: index of the level that it is all of; None for the other kinds.
        point: the floor point, m; None for the other kinds.
        objects: ids of the objects that it is beside; empty for the other kinds.
    """

    name: str
    rooms: tuple[int, ...] = ()
    level: int | None = None
    point: Point3 | None = None
    objects: tuple[int, ...] = ()


def find_location(scene: Scene, text: str) -> Location:
    """Return the location that a text names; see above for what may be written.

    Raises:
        HomeError: nothing in the home is called so, with what is called alike.
    """
    wanted = text.strip()
    for read in (_numbered, _point):
        location = read(scene, wanted)
        if location is not None:
            return location
    name, level = _split(scene, wanted)
    rooms = _alike(name, [(n, room.name) for n, room in enumerate(scene.rooms) if level in {None, room.level}])
    if rooms:
        return Location(_room_name(scene, rooms), rooms=rooms)
    levels = _alike(wanted, list(enumerate(entry.name for entry in scene.levels)))
    if levels:
        return Location(scene.levels[levels[0]].name, level=levels[0])
    objects = _alike(name, [(i.id, i.name) for i in scene.instances if level in {None, i.level}])
    if objects:
        return Location(scene.instances[objects[0] - 1].name, objects=objects)
    raise HomeError(_unknown(scene, wanted))


def find_room(scene: Scene, text: str) -> Location:
    """Return the location of a room, as `find_location`.

    Raises:
        HomeError: no room is called so, with what is called alike.
    """
    location = find_location(scene, text)
    if not location.rooms:
        raise HomeError(f"{scene.name}: no room {text!r}; the rooms are {_listed(room_names(scene)) or 'none'}")
    return location


def find_level(scene: Scene, text: str) -> int:
    """Return the index of the level that a text names, in upper or lower case.

    Raises:
        HomeError: no level is called so, with what is called alike.
    """
    names = _level_names(scene)
    found = _alike(text, list(enumerate(names)))
    if not found:
        raise HomeError(
            f"{scene.name}: no level {text!r}{_alike_hint(text, names)}; there are {', '.join(dict.fromkeys(names))}"
        )
    return found[0]


def room_names(scene: Scene, rooms: Iterable[int] | None = None) -> list[str]:
    """Names of rooms (default: all), each once, in their order; one without a name by its number and level."""
    numbers = range(len(scene.rooms)) if rooms is None else rooms
    return list(dict.fromkeys(scene.rooms[n].name or _room_name(scene, (n,)) for n in numbers))


def standing_places(ground: Ground, scene: Scene, location: Location) -> Ints:
    """Return the places (K,) of a ground where a body is at a location; none where it does not fit there.

    In a room these are the places on its floor; in one that is nothing but stairs, the treads.
    """
    if location.rooms:
        return np.concatenate([_room_places(ground, scene, room) for room in location.rooms])
    if location.level is not None:
        return _floor_first(ground, np.flatnonzero(ground.level == location.level), scene)
    if location.objects:
        return np.concatenate([_beside(ground, scene, number) for number in location.objects])
    return np.zeros(0, np.int64)


def choose_ends(
    graph: NavGraph, start: Location, goal: Location, rng: np.random.Generator
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Draw a floor point (3,), m, at each of two locations, on one island if they share one.

    Raises:
        HomeError: the body does not fit at one of them, or there is no path between them, with the reason.
    """
    ends = [_candidates(graph, location) for location in (start, goal)]
    islands = [np.bincount(graph.ground.island[places], minlength=len(graph.islands)) for places in ends]
    shared = islands[0] * islands[1]
    chosen = [int(shared.argmax())] * 2 if shared.any() else [int(counts.argmax()) for counts in islands]
    points = []
    for location, places, island in zip((start, goal), ends, chosen, strict=True):
        places = places[graph.ground.island[places] == island]  # noqa: PLW2901
        at = np.array(location.point) if location.point else graph.ground.points(rng.choice(places, 1))[0]
        points.append(at)
    if not shared.any():
        raise HomeError(
            f"{graph.scene.name}: {goal.name} cannot be reached by {graph.body_in_words} from {start.name}; "
            f"{graph.why_apart(*points)}"
        )
    return points[0], points[1]


def choose_point(graph: NavGraph, location: Location, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Draw a floor point (3,), m, at a location, on the island where most of it is.

    Raises:
        HomeError: the body does not fit there.
    """
    return choose_ends(graph, location, location, rng)[0]


def _candidates(graph: NavGraph, location: Location) -> Ints:
    if location.point is not None:
        places = graph.locate(np.array(location.point)[None])
        if places[0] < 0:
            raise HomeError(graph.why_not(location.point, location.point))
        return places
    places = standing_places(graph.ground, graph.scene, location)
    if not len(places):
        raise HomeError(
            f"{graph.scene.name}: {location.name} has no place where {graph.body_in_words} fits; choose another "
            "location, or a smaller body"
        )
    return places


def _room_places(ground: Ground, scene: Scene, room: int) -> Ints:
    return _floor_first(ground, np.flatnonzero(ground.room == room), scene)


def _floor_first(ground: Ground, places: Ints, scene: Scene) -> Ints:
    """Those of some places that are on the floor of their level; else those on no stairs; else all."""
    elevation = np.array([level.elevation_m for level in scene.levels])[ground.level[places]]
    category = np.array(["", *(instance.category for instance in scene.instances)])
    climbed = np.isin(category[ground.bearer[places]], list(_CLIMBED))
    flat = ~climbed & (np.abs(ground.z_m[places] - elevation) <= ON_FLOOR_M)
    for kept in (flat, ~climbed):
        if kept.any():
            return places[kept]
    return places


def _beside(ground: Ground, scene: Scene, number: int) -> Ints:
    """The places nearest to an object on its storey, by the distance to its sides on the plan."""
    low, high = (np.array(corner) for corner in scene.instances[number - 1].bounds_m)
    storey = np.flatnonzero((ground.z_m <= high[2]) & (ground.z_m >= low[2] - _STOREY_M))
    centre = ground.grid.centres(ground.cell[storey])
    apart = np.linalg.norm(np.maximum(np.maximum(low[:2] - centre, centre - high[:2]), 0), axis=1)
    within = apart <= BESIDE_M
    if not within.any():
        return np.zeros(0, np.int64)
    level = np.flatnonzero(within & (ground.level[storey] == scene.instances[number - 1].level))
    pool = level if len(level) else np.flatnonzero(within)
    return storey[pool[apart[pool] <= apart[pool].min() + _NEAREST_M]]


def _numbered(scene: Scene, text: str) -> Location | None:
    """`room #3` or `object #31`."""
    match = re.fullmatch(r"(room|object)\s*#\s*(\d{1,9})", text, re.IGNORECASE)
    if match is None:
        return None
    number, kind = int(match[2]), match[1].lower()
    count = len(scene.rooms) if kind == "room" else len(scene.instances)
    if not count:
        raise HomeError(f"{scene.name}: no {kind} #{number}; the home has no {kind}s: give a point as x,y,level")
    if not 1 <= number <= count:
        raise HomeError(f"{scene.name}: no {kind} #{number}; the {kind}s are numbered 1 to {count} (`sim info`)")
    if kind == "room":
        return Location(_room_name(scene, (number - 1,)), rooms=(number - 1,))
    return Location(f"{scene.instances[number - 1].name or kind} #{number}", objects=(number,))


def _point(scene: Scene, text: str) -> Location | None:
    """`x,y`, `x,y,level` or `x,y,z`; m."""
    fields = [field.strip() for field in text.split(",", 2)]
    plan = [_number(field) for field in fields[:2]]
    if len(plan) < 2 or plan[0] is None or plan[1] is None:
        return None
    if len(fields) == 2:
        z = min((level.elevation_m for level in scene.levels), key=abs, default=0.0)
    else:
        levels = _alike(fields[2], list(enumerate(level.name for level in scene.levels)))
        height = scene.levels[levels[0]].elevation_m if levels else _number(fields[2])
        if height is None:
            raise HomeError(
                f"{scene.name}: {text!r}: no level {fields[2]!r}{_alike_hint(fields[2], _level_names(scene))}; "
                f"give a point as x,y,level or x,y,z; the levels are {_listed(_level_names(scene))}"
            )
        z = height
    return Location(f"({plan[0]:.2f}, {plan[1]:.2f}, {z:.2f})", point=(plan[0], plan[1], z))


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _split(scene: Scene, text: str) -> tuple[str, int | None]:
    """`NAME@LEVEL` as a name and the index of a level; a text without a level as a name alone."""
    name, at, level = text.rpartition("@")
    levels = _alike(level, list(enumerate(_level_names(scene)))) if at else ()
    return (name.strip(), levels[0]) if levels else (text, None)


def _alike(wanted: str, named: Sequence[tuple[int, str]]) -> tuple[int, ...]:
    """Numbers of what is called so; if nothing is, of what is called so in other case."""
    keys: tuple[Callable[[str], str], ...] = (str.strip, lambda name: name.strip().casefold())
    for key in keys:
        found = tuple(number for number, name in named if wanted and key(name) == key(wanted))
        if found:
            return found
    return ()


def _room_name(scene: Scene, rooms: Sequence[int]) -> str:
    """A room's name or number; with its level where rooms on other levels are called so too."""
    first = scene.rooms[rooms[0]]
    levels = {scene.rooms[number].level for number in rooms}
    everywhere = {room.level for room in scene.rooms if room.name == first.name}
    if not first.name:
        return f"room #{rooms[0] + 1}"
    return first.name + (f" ({scene.levels[first.level].name})" if len(levels) == 1 and levels != everywhere else "")


def _unknown(scene: Scene, text: str) -> str:
    objects = list(dict.fromkeys(instance.name for instance in scene.instances if instance.name))
    hint = _alike_hint(text, [*room_names(scene), *_level_names(scene), *objects])
    rooms = _listed(room_names(scene))
    return (
        f"{scene.name}: no room {text!r}, nor a level or an object of that name{hint}; "
        + (f"the rooms are {rooms}" if rooms else "the home has no rooms: give a point as x,y,level or an object")
        + f"; the levels are {_listed(_level_names(scene))}"
    )


def _alike_hint(text: str, names: Sequence[str]) -> str:
    known = {name.casefold(): name for name in names}
    found = difflib.get_close_matches(text.casefold(), known, n=2, cutoff=0.6)
    return f"; did you mean {' or '.join(repr(known[name]) for name in found)}?" if found else ""


def _level_names(scene: Scene) -> list[str]:
    return [level.name for level in scene.levels]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more (`sim info` lists them)" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
