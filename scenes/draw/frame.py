"""Frames on the plan: a part of a home is drawn in its own coordinates, and turned, moved or mirrored into place.

A room that is furnished in its own frame fits every room of its kind; a wing that is drawn once gives its mirror image.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scenes.draw.drawing import LevelDrawing, Paint, PlanPoint
from scenes.draw.model import DrawnModel
from scenes.home.furniture import DoorOrWindow, Piece
from scenes.home.plan import Room, Wall

SOUTH, WEST, NORTH, EAST = 0.0, 90.0, 180.0, 270.0
"""Where a piece's front looks, degrees clockwise: +y, -x, -y, +x of its frame."""


@dataclass(frozen=True)
class Frame:
    """Where a part lies on the plan. Its point (a, b) is at origin + scale (a u + b v), to a millimetre.

    `u` and `v` are unit vectors at right angles; v is u turned to the right, or, in a mirrored frame, to the left.
    """

    origin: PlanPoint = (0.0, 0.0)
    u: PlanPoint = (1.0, 0.0)
    v: PlanPoint = (0.0, 1.0)
    scale: float = 1.0

    @property
    def is_mirrored(self) -> bool:
        """Whether left and right are swapped."""
        return self.u[0] * self.v[1] - self.u[1] * self.v[0] < 0

    def at(self, a: float, b: float) -> PlanPoint:
        """The plan point of (a, b)."""
        x, y = self._along(a * self.scale, b * self.scale)
        return round(self.origin[0] + x, 1), round(self.origin[1] + y, 1)

    def inner(self, a: float, b: float, u: PlanPoint = (1.0, 0.0), v: PlanPoint = (0.0, 1.0)) -> Frame:
        """A frame in cm with its origin at (a, b) of this one and axes given in this one."""
        x, y = self._along(a * self.scale, b * self.scale)
        return Frame((self.origin[0] + x, self.origin[1] + y), self._along(*u), self._along(*v))

    def angle(self, facing_deg: float) -> float:
        """The `angle` of a piece whose front looks there in this frame."""
        turn = math.radians(facing_deg)
        x, y = self._along(-math.sin(turn), math.cos(turn))
        return round(math.atan2(-x, y), 6) + 0.0

    def _along(self, a: float, b: float) -> PlanPoint:
        return a * self.u[0] + b * self.v[0], a * self.u[1] + b * self.v[1]


@dataclass(frozen=True)
class FramedLevel:
    """A level that is drawn on in the coordinates of a frame. In a mirrored one, models are mirrored too."""

    level: LevelDrawing
    frame: Frame

    def on(self, level: LevelDrawing) -> FramedLevel:
        """The same frame on another level."""
        return FramedLevel(level, self.frame)

    def inner(self, a: float, b: float, u: PlanPoint = (1.0, 0.0), v: PlanPoint = (0.0, 1.0)) -> FramedLevel:
        """This level in a frame within the frame, in cm."""
        return FramedLevel(self.level, self.frame.inner(a, b, u, v))

    def walls(self, points: Sequence[PlanPoint], *, left: Paint = None, right: Paint = None, **more: Any) -> list[Wall]:
        """`LevelDrawing.walls`; left and right as in the frame."""
        ends = [self.frame.at(*point) for point in points]
        return self.level.walls(ends[::-1] if self.frame.is_mirrored else ends, left=left, right=right, **more)

    def room(self, name: str, points: Sequence[PlanPoint], **more: Any) -> Room:
        """`LevelDrawing.room`."""
        return self.level.room(name, [self.frame.at(*point) for point in points], **more)

    def place(
        self, model: DrawnModel, a: float, b: float, facing_deg: float = SOUTH, *, flipped: bool = False, **more: Any
    ) -> Piece:
        """`LevelDrawing.place`, with the model's front to `facing_deg`; a model with lamps becomes a light.

        `flipped`: the model mirrored.
        """
        add = self.level.light if model.lamps else self.level.place
        x, y = self.frame.at(a, b)
        return add(model, x, y, **self._turned(facing_deg, flipped), **more)

    def staircase(
        self, model: DrawnModel, a: float, b: float, facing_deg: float = SOUTH, *, flipped: bool = False, **more: Any
    ) -> Piece:
        """`LevelDrawing.staircase`."""
        x, y = self.frame.at(a, b)
        return self.level.staircase(model, x, y, **self._turned(facing_deg, flipped), **more)

    def door(
        self, model: DrawnModel, a: float, b: float, facing_deg: float = SOUTH, *, flipped: bool = False, **more: Any
    ) -> DoorOrWindow:
        """`LevelDrawing.door`: a door or window in the wall there, which opens to its front."""
        x, y = self.frame.at(a, b)
        return self.level.door(model, x, y, **self._turned(facing_deg, flipped), **more)

    def _turned(self, facing_deg: float, flipped: bool) -> dict[str, Any]:
        return {"angle": self.frame.angle(facing_deg), "model_mirrored": self.frame.is_mirrored != flipped}


@dataclass(frozen=True)
class FramedRoom:
    """A rectangular room, or a part of one, to be furnished: its frame starts in its inner corner, cm."""

    pen: FramedLevel
    width: float
    depth: float

    def stand(
        self, model: DrawnModel, facing_deg: float, at: float, *, gap: float = 1.0, flipped: bool = False, **more: Any
    ) -> Piece:
        """Places a model with its back to the wall that it looks away from, `at` along that wall, `gap` off it."""
        back = gap - float(model.bounds_cm()[0][2]) * more.get("depth", model.size_cm()[1]) / model.size_cm()[1]
        a, b = {
            SOUTH: (at, back),
            NORTH: (at, self.depth - back),
            EAST: (back, at),
            WEST: (self.width - back, at),
        }[facing_deg]
        return self.pen.place(model, a, b, facing_deg, flipped=flipped, **more)

    def hang(self, model: DrawnModel, facing_deg: float, at: float, height: float, **more: Any) -> Piece:
        """`stand`, with the model on the wall, its lower edge at a height over the floor."""
        return self.stand(model, facing_deg, at, gap=0.2, elevation=height, **more)

    def put(self, model: DrawnModel, a: float, b: float, facing_deg: float = SOUTH, **more: Any) -> Piece:
        """Places a model anywhere."""
        return self.pen.place(model, a, b, facing_deg, **more)

    def light(self, model: DrawnModel, a: float, b: float, facing_deg: float = SOUTH, **more: Any) -> Piece:
        """Hangs a lamp from the ceiling of the level."""
        height = self.pen.level.height - float(model.size_cm()[2])
        return self.pen.place(model, a, b, facing_deg, elevation=round(height, 1), **more)

    def part(self, a: float, b: float, width: float, depth: float) -> FramedRoom:
        """A rectangle of the room as a room of its own."""
        return FramedRoom(self.pen.inner(a, b), width, depth)
