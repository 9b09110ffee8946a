"""Little homes with one way up each, whose figures are known: flights, rows of boxes, inclines, turns, half levels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenes.draw import Drawing, DrawnModel, LevelDrawing
from scenes.draw.finishes import STONE, WOOD
from scenes.draw.furniture import block
from scenes.draw.model import Mould
from scenes.draw.solids import box

ROOF_CM = 700.0

PlanPoint = tuple[float, float]


@dataclass(frozen=True)
class Plan:
    """A plan that is turned clockwise around the origin: what is drawn on it in cm comes out turned."""

    angle: float = 0.0

    def at(self, x: float, y: float) -> PlanPoint:
        """Where a point comes out."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return x * cos - y * sin, x * sin + y * cos

    def rectangle(self, left: float, top: float, right: float, bottom: float) -> list[PlanPoint]:
        """Where the corners of a rectangle come out."""
        return [self.at(*corner) for corner in ((left, top), (right, top), (right, bottom), (left, bottom))]


@dataclass(frozen=True)
class Climb:
    """A hall at 0, and over its northern part (y < 0 on the plan) a platform at some height, on solid ground."""

    home: Drawing
    hall: LevelDrawing
    platform: LevelDrawing
    plan: Plan

    def add(self, model: DrawnModel, x: float, y: float, *, turned_deg: float = 0.0, **more: object) -> None:
        """Puts a piece into the hall, its front to the south, turned clockwise."""
        angle = math.radians(turned_deg) + self.plan.angle
        self.hall.place(model, *self.plan.at(x, y), angle=angle, **more)

    def wall(self, ends: Sequence[PlanPoint], **more: float) -> None:
        """Draws a wall in the hall."""
        self.hall.walls([self.plan.at(*end) for end in ends], thickness=10, **more)


def climb(height_cm: float, angle: float = 0.0) -> Climb:
    """The hall reaches from y = -300 to 900 under the platform, x from -600 to 600; the platform ends at y = 0."""
    home, plan = Drawing("climb", wall_height=ROOF_CM), Plan(angle)
    hall = home.level("Hall", elevation=0, height=ROOF_CM)
    upper = home.level("Platform", elevation=height_cm, height=ROOF_CM - height_cm, floor_thickness=height_cm)
    home.level("Roof", elevation=ROOF_CM, height=10)
    hall.room("Hall", plan.rectangle(-600, 0, 600, 900), ceiling_visible=False)
    upper.room("Platform", plan.rectangle(-600, -300, 600, 0), ceiling_visible=False)
    return Climb(home, hall, upper, plan)


def boxes(to: Climb, tops_cm: Sequence[float], going_cm: float, width_cm: float = 100.0) -> None:
    """Boxes from the lowest in the south to the highest at the platform's edge, each as high as its step."""
    for index, top in enumerate(reversed(tops_cm)):
        to.add(block(width_cm, going_cm, top), 0, (index + 0.5) * going_cm, name=f"Box {index}")


def l_of_boxes(to: Climb, rise_cm: float, going_cm: float, before: int, after: int, width_cm: float) -> int:
    """A flight to the west, a square landing, and a flight to the north; returns the number of steps."""
    corner = after * going_cm + width_cm / 2
    for k in range(before):
        x = width_cm / 2 + (before - k - 0.5) * going_cm
        to.add(block(going_cm, width_cm, (k + 1) * rise_cm), x, corner, name="Box")
    to.add(block(width_cm, width_cm, (before + 1) * rise_cm), 0, corner, name="Landing")
    for k in range(after):
        y = (after - k - 0.5) * going_cm
        to.add(block(width_cm, going_cm, (before + 2 + k) * rise_cm), 0, y, name="Box")
    return before + 1 + after


def spiral(steps: int, rise_cm: float, radius_cm: float, turn_deg: float, thick_cm: float = 4.0) -> DrawnModel:
    """Boards around a post, the first one at +x, rising counter-clockwise as seen from above."""
    post, step = 6.0, math.radians(turn_deg)
    moulds = [box((-post, 0, -post), (post, steps * rise_cm, post), STONE)]
    for k in range(steps):
        low, high = (k + 1) * rise_cm - thick_cm, (k + 1) * rise_cm
        bends = np.linspace(k * step, (k + 1) * step, 5)
        ring = [(post, k * step), *((radius_cm, bend) for bend in bends), (post, (k + 1) * step)]
        plan = [(r * math.cos(bend), -r * math.sin(bend)) for r, bend in ring]
        points = np.array([[x, height, z] for height in (low, high) for x, z in plan])
        count = len(plan)
        sides = [(i, (i + 1) % count, count + (i + 1) % count, count + i) for i in range(count)]
        faces = [tuple(range(count))[::-1], tuple(range(count, 2 * count)), *sides]
        moulds.append(Mould(points, faces, WOOD))
    return DrawnModel("spiral", moulds)
