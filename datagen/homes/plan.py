"""Plans of procedural homes: rooms in two strips along a corridor, on one to three storeys, some of them raised.

A plan has a frame of its own, in cm between the middles of walls: `along` the corridor, from 0, and `across` it. The
corridor lies at across 0 to `corridor`; the left strip of rooms beyond, at `corridor` to `corridor + depths[LEFT]`, the
right one at -`depths[RIGHT]` to 0.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

RoomKind = Literal["living", "kitchen", "dining", "bath", "bedroom", "office", "store", "stairs"]

LEFT, RIGHT = 0, 1
NARROWEST_CM, WIDEST_CM = 245.0, 540.0
STAIR_HALL_CM = 260.0
STAIR_STRIP_CM = (475.0, 540.0)
GOING_CM = 28.0
DOOR_CM = 100.0
_DOOR_TO_WALL_CM = 68.0
_LANDING_CM = 110.0
_TRIES = 5000


@dataclass(frozen=True)
class Rise:
    """Where the corridor climbs: by `height_cm` over `run_cm`, up to `at` along it. `risers` is 0 for an incline."""

    at: float
    height_cm: float
    run_cm: float
    risers: int


@dataclass(frozen=True)
class RoomPlan:
    """A room of a strip, from `start` to `end` along the corridor.

    Attributes:
        door: where along the corridor the middle of its door is.
        is_open: an opening without a leaf, in place of the door.
        link: how far from the corridor an opening leads to the next room of the strip; None: a closed wall.
    """

    kind: RoomKind
    name: str
    side: int
    start: float
    end: float
    door: float
    is_open: bool = False
    is_raised: bool = False
    link: float | None = None

    @property
    def width(self) -> float:
        """Along the corridor, cm."""
        return self.end - self.start


@dataclass(frozen=True)
class HomePlan:
    """A home. `lengths` and `depths` of the two strips; the corridor is as long as the longer one.

    Attributes:
        corridor: its width.
        height_cm: from floor to ceiling of a storey.
        storeys: the rooms of each.
        turn_deg, is_mirrored: how the plan lies on the paper.
    """

    lengths: tuple[float, float]
    depths: tuple[float, float]
    corridor: float
    height_cm: float
    storeys: tuple[tuple[RoomPlan, ...], ...]
    rise: Rise | None
    turn_deg: int
    is_mirrored: bool

    @property
    def length(self) -> float:
        """Of the corridor, cm."""
        return max(self.lengths)


def draw_plan(rng: np.random.Generator) -> HomePlan:
    """A plan at random.

    Raises:
        RuntimeError: no plan was found; the ranges of this module contradict each other.
    """
    # What kind of home it is stands before the tries, so that kinds that fail more often are not rarer.
    count = int(rng.choice([1, 2, 3], p=[0.45, 0.42, 0.13]))
    climb = str(rng.choice(["none", "flight", "incline"], p=[0.35, 0.35, 0.3]))
    for _ in range(_TRIES):
        plan = _attempt(rng, count, climb)
        if plan is not None:
            return plan
    raise RuntimeError(f"no plan found in {_TRIES} tries")


def _attempt(rng: np.random.Generator, count: int, climb: str) -> HomePlan | None:
    length = _whole(rng, 850, 1900)
    shorter = _whole(rng, 0.55 * length, 0.85 * length) if rng.random() < 0.4 else length
    first = int(rng.integers(2))
    stairs = [first, 1 - first][: count - 1]
    depths = tuple(_whole(rng, *(STAIR_STRIP_CM if side in stairs else (330, 500))) for side in (LEFT, RIGHT))
    lengths = (length, shorter) if rng.random() < 0.5 else (shorter, length)
    rise = _rise(rng, length, climb)
    halls: list[tuple[int, float]] = []
    for side in stairs:
        start = _hall_start(rng, lengths[side], rise)
        if start is None:
            return None
        halls.append((side, start))
    storeys = []
    for storey in range(count):
        own = [hall for k, hall in enumerate(halls) if storey in (k, k + 1)]
        rooms = _storey(rng, lengths, own, rise if storey == 0 else None, storey)
        if rooms is None:
            return None
        storeys.append(rooms)
    return HomePlan(
        lengths=lengths,
        depths=(depths[0], depths[1]),
        corridor=_whole(rng, 155, 215),
        height_cm=float(rng.choice([255, 265, 275])),
        storeys=tuple(storeys),
        rise=rise,
        turn_deg=int(rng.choice([0, 90, 180, 270])),
        is_mirrored=bool(rng.random() < 0.5),
    )


def _whole(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.integers(round(low), round(high) + 1))


def _rise(rng: np.random.Generator, length: float, climb: str) -> Rise | None:
    if climb == "none":
        return None
    if climb == "flight":
        risers = int(rng.integers(2, 5))
        height, run = risers * float(rng.choice([15.0, 16.0, 17.0])), risers * GOING_CM
    else:
        risers, height = 0, _whole(rng, 18, 36)
        run = round(height / math.tan(math.radians(rng.uniform(5.0, 8.0))), 1)
    return Rise(_whole(rng, 0.5 * length, 0.7 * length), height, run, risers)


def _hall_start(rng: np.random.Generator, length: float, rise: Rise | None) -> float | None:
    """Where a stair hall begins: on the lower part, clear of the corridor's rise, with space for rooms beside."""
    end = min(length, rise.at - rise.run_cm - _LANDING_CM + STAIR_HALL_CM / 3 if rise else length)
    starts = [0.0] + [float(s) for s in range(int(NARROWEST_CM), int(end - STAIR_HALL_CM) + 1, 5)]
    fitting = [s for s in starts if s + STAIR_HALL_CM <= end]
    return float(rng.choice(fitting)) if fitting else None


def _storey(
    rng: np.random.Generator,
    lengths: tuple[float, float],
    halls: Sequence[tuple[int, float]],
    rise: Rise | None,
    storey: int,
) -> tuple[RoomPlan, ...] | None:
    rooms: list[RoomPlan] = []
    for side in (LEFT, RIGHT):
        own = [start for hall, start in halls if hall == side]
        breaks = sorted({0.0, lengths[side], *own, *(start + STAIR_HALL_CM for start in own)})
        if rise and rise.at < lengths[side]:
            breaks = sorted({*breaks, rise.at})
        for first, last in itertools.pairwise(breaks):
            spans = [(first, last)] if first in own else _split(rng, first, last)
            if spans is None:
                return None
            for start, end in spans:
                door = (start + end) / 2 if first in own else _door(rng, start, end, rise)
                if door is None:
                    return None
                kind: RoomKind = "stairs" if first in own else "store"
                raised = rise is not None and start >= rise.at
                rooms.append(RoomPlan(kind, "", side, start, end, door, is_open=first in own, is_raised=raised))
    return _named(_linked(rng, _kinds(rng, rooms, storey)), storey)


def _split(rng: np.random.Generator, start: float, end: float) -> list[tuple[float, float]] | None:
    """Rooms between two places; None where none of a sensible width fit."""
    length = end - start
    most, least = int(length // NARROWEST_CM), math.ceil(length / WIDEST_CM)
    if most < max(1, least):
        return None
    count = int(rng.integers(max(1, least), most + 1))
    for _ in range(20):
        cuts = np.sort(np.round(rng.uniform(start, end, count - 1)))
        edges = [start, *cuts.tolist(), end]
        widths = np.diff(edges)
        if (widths >= NARROWEST_CM).all() and (widths <= WIDEST_CM).all():
            return list(itertools.pairwise(edges))
    edges = np.round(np.linspace(start, end, count + 1)).tolist()
    return list(itertools.pairwise(edges))


def _door(rng: np.random.Generator, start: float, end: float, rise: Rise | None) -> float | None:
    """The middle of a door, clear of the side walls and of the corridor's rise."""
    places = np.arange(start + _DOOR_TO_WALL_CM, end - _DOOR_TO_WALL_CM + 1, 5.0)
    if rise:
        margin = DOOR_CM / 2 + 15
        places = places[(places < rise.at - rise.run_cm - margin) | (places > rise.at + margin)]
    return float(rng.choice(places)) if len(places) else None


def _kinds(rng: np.random.Generator, rooms: list[RoomPlan], storey: int) -> list[RoomPlan]:
    """Gives every room its use: the smallest is a bath, the largest below a living room."""
    free = sorted((k for k, room in enumerate(rooms) if room.kind != "stairs"), key=lambda k: rooms[k].width)
    wanted: list[RoomKind] = ["living", "kitchen"] if storey == 0 else ["bedroom"]
    more: list[RoomKind] = ["bedroom", "office", "dining", "store"] if storey == 0 else ["bedroom", "office", "living"]
    kinds: dict[int, RoomKind] = {free[0]: "bath"} if len(free) > 1 else {}
    for index in reversed(free):
        if index not in kinds:
            kinds[index] = wanted.pop(0) if wanted else more[int(rng.integers(len(more)))]
    return [replace(room, kind=kinds.get(k, room.kind)) for k, room in enumerate(rooms)]


def _linked(rng: np.random.Generator, rooms: list[RoomPlan]) -> list[RoomPlan]:
    """Opens some walls between neighbours of one height, and some rooms to the corridor."""
    sociable = {"living", "kitchen", "dining"}
    found = []
    for room, other in zip(rooms, [*rooms[1:], None], strict=True):
        neighbours = other is not None and other.side == room.side and other.is_raised == room.is_raised
        pair = {room.kind, other.kind} if other else set()
        link = _whole(rng, 110, 200) if neighbours and pair <= sociable and rng.random() < 0.7 else None
        is_open = room.is_open or (room.kind == "living" and room.width > 330 and rng.random() < 0.4)
        found.append(replace(room, link=link, is_open=is_open))
    return found


def _named(rooms: list[RoomPlan], storey: int) -> tuple[RoomPlan, ...]:
    """Names that no two rooms of a home share: "Bedroom 1.2" is the second one on the first upper storey."""
    counts: dict[str, int] = {}
    found = []
    for room in rooms:
        counts[room.kind] = counts.get(room.kind, 0) + 1
        found.append(replace(room, name=f"{room.kind.capitalize()} {storey}.{counts[room.kind]}"))
    return tuple(found)
