"""Furniture moved, swapped and taken away within its rooms; doors, connectors and the ways between them stay free."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from datagen.randomise.floor_plan import Piece, RoomPlan, room_plans
from datagen.randomise.moves import turn_and_shift, with_moves
from datagen.randomise.settings import Furniture
from scenes import overlay
from scenes.scene import Scene
from sim.camera import Floats

_TRIES = 12
_TOUCH_M = 0.01


def rearranged(scene: Scene, furniture: Furniture, rng: np.random.Generator) -> tuple[Scene, list[dict[str, Any]]]:
    """A scene with its furniture rearranged, and what was done to which piece, as JSON."""
    moves: dict[int, Floats | None] = {}
    record: list[dict[str, Any]] = []
    for plan in room_plans(scene):
        arrangement = _Arrangement(plan)
        for number in range(len(plan.pieces)):
            draw = rng.random()
            if draw < furniture.removed:
                arrangement.remove(number)
            elif draw < furniture.removed + furniture.swapped:
                arrangement.swap(number, int(rng.integers(len(plan.pieces))))
            elif draw < furniture.removed + furniture.swapped + furniture.moved:
                arrangement.move(number, furniture.reach_m, rng)
        moves |= arrangement.moves()
        record += arrangement.record()
    return with_moves(scene, moves), record


@dataclass
class _Arrangement:
    """Where the pieces of a room stand: turned by degrees, then shifted by (2,), m; None: taken away."""

    plan: RoomPlan
    _placed: dict[int, tuple[float, Floats] | None] = field(default_factory=dict)
    _free: list[BaseGeometry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._blocked = overlay.union([self.plan.fixed, self.plan.kept_free])
        shapely.prepare([self._blocked, self.plan.area])
        self._free = self.plan.passages([piece.outline for piece in self.plan.pieces])

    def remove(self, number: int) -> None:
        """Takes a piece away."""
        self._placed[number] = None

    def move(self, number: int, reach_m: float, rng: np.random.Generator) -> None:
        """Puts a piece at a random place within reach and turned by quarters, if one of some tries fits."""
        if number in self._placed:
            return
        for _ in range(_TRIES):
            turn_deg, shift_m = 90.0 * int(rng.integers(4)), rng.uniform(-reach_m, reach_m, 2)
            if self._put({number: (turn_deg, shift_m)}):
                return

    def swap(self, one: int, other: int) -> None:
        """Has two pieces change places, if both fit there."""
        if one == other or one in self._placed or other in self._placed:
            return
        shift_m = self.plan.pieces[other].centre - self.plan.pieces[one].centre
        self._put({one: (0.0, shift_m), other: (0.0, -shift_m)})

    def moves(self) -> dict[int, Floats | None]:
        """What happens to which instances."""
        found: dict[int, Floats | None] = {}
        for number, placed in self._placed.items():
            piece = self.plan.pieces[number]
            found |= dict.fromkeys(piece.ids, None if placed is None else turn_and_shift(piece.centre, *placed))
        return found

    def record(self) -> list[dict[str, Any]]:
        """The same as JSON."""
        said = []
        for number, placed in sorted(self._placed.items()):
            source = self.plan.pieces[number].instance.source
            if placed is None:
                said.append({"source": source, "removed": True})
            else:
                said.append({"source": source, "turned_deg": placed[0], "shifted_m": np.round(placed[1], 4).tolist()})
        return said

    def _put(self, places: dict[int, tuple[float, Floats]]) -> bool:
        """Puts pieces somewhere, if they fit there and nothing is cut off by them."""
        outlines = [_at(self.plan.pieces[number], *place) for number, place in places.items()]
        if not all(self.plan.area.covers(outline) for outline in outlines):
            return False
        cores = [overlay.buffer(outline, -_TOUCH_M) for outline in outlines]
        if any(self._blocked.intersects(core) for core in cores):
            return False
        others = self._outlines(without=set(places))
        if any(shapely.intersects(core, others).any() for core in cores) or (
            len(cores) == 2 and cores[0].intersects(outlines[1])
        ):
            return False
        free = self.plan.passages([*others, *outlines])
        if not self._still_open(free):
            return False
        self._placed |= places
        self._free = free
        return True

    def _outlines(self, without: set[int]) -> list[BaseGeometry]:
        """Where the other pieces stand."""
        found = []
        for number, piece in enumerate(self.plan.pieces):
            placed = self._placed.get(number, (0.0, np.zeros(2)))
            if number not in without and placed is not None:
                found.append(_at(piece, *placed))
        return found

    def _still_open(self, free: list[BaseGeometry]) -> bool:
        """Whether no more of the room is cut off than was, and every door that led into it still does."""
        return len(free) <= len(self._free) and all(
            _reached(door, free) for door in self.plan.doors if _reached(door, self._free)
        )


def _reached(door: BaseGeometry, free: list[BaseGeometry]) -> bool:
    return any(part.distance(door) < 0.6 for part in free)


def _at(piece: Piece, turn_deg: float, shift_m: Floats) -> BaseGeometry:
    """The outline of a piece that is turned about its middle and shifted."""
    x, y = piece.centre.tolist()
    turned = affinity.rotate(piece.outline, turn_deg, origin=(x, y)) if turn_deg else piece.outline
    return affinity.translate(turned, *shift_m.tolist())
