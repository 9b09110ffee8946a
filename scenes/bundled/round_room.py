"""A round wall and walls with sloping tops, a door and a window in each; without levels: the ceiling slopes too."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from scenes.draw import furniture, textures
from scenes.draw.drawing import Drawing, LevelDrawing, PlanPoint

WALL_CM = 20.0
HIGH_CM, LOW_CM = 320.0, 220.0
ROUND_X, DEPTH_CM, SHED_X = 500.0, 500.0, -350.0
ARC = math.radians(150)


def draw() -> Drawing:
    """Draws the home."""
    rng = np.random.default_rng(3)
    drawing = Drawing("round", wall_height=HIGH_CM, description="A round wall, and walls with sloping tops.")
    planks = drawing.texture("planks", textures.jpeg(textures.planks(rng)), width=120, height=120)
    tiles = drawing.texture("tiles", textures.jpeg(textures.tiles(rng)), width=120, height=120)
    plaster = drawing.texture("plaster", textures.jpeg(textures.plaster(rng)), width=150, height=150)
    level = drawing.flat()
    paint: dict[str, Any] = {"thickness": WALL_CM, "left": 0xC9B79C, "right": plaster}
    level.walls([(0.0, 0.0), (ROUND_X, 0.0)], **paint)
    level.walls([(ROUND_X, 0.0), (ROUND_X, DEPTH_CM)], arc_extent=ARC, **paint)
    level.walls([(ROUND_X, DEPTH_CM), (0.0, DEPTH_CM)], **paint)
    level.walls([(0.0, DEPTH_CM), (0.0, 0.0)], thickness=WALL_CM, left=plaster, right=plaster)
    level.walls([(0.0, DEPTH_CM), (SHED_X, DEPTH_CM)], height=HIGH_CM, height_at_end=LOW_CM, **paint)
    level.walls([(SHED_X, DEPTH_CM), (SHED_X, 0.0)], height=LOW_CM, **paint)
    level.walls([(SHED_X, 0.0), (0.0, 0.0)], height=LOW_CM, height_at_end=HIGH_CM, **paint)
    drawing.join_corners()
    level.room("Round room", [(0.0, 0.0), *_arc(40), (0.0, DEPTH_CM)], floor=planks)
    level.room("Lean-to", [(SHED_X, 0.0), (0.0, 0.0), (0.0, DEPTH_CM), (SHED_X, DEPTH_CM)], floor=tiles)
    _openings(level)
    _furnish(level, rng)
    drawing.look_around(80, 420, 165, yaw=math.radians(240), pitch=math.radians(4), name="Round room")
    drawing.look_around(-60, 440, 165, yaw=math.radians(140), pitch=math.radians(2), name="Lean-to")
    return drawing


def _arc(steps: int) -> list[PlanPoint]:
    """Points along the middle of the round wall, from its start to its end."""
    centre, radius = _circle()
    angles = np.linspace(-ARC / 2, ARC / 2, steps)
    return [(centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in angles.tolist()]


def _circle() -> tuple[PlanPoint, float]:
    """Centre and radius of the round wall's middle line."""
    half = DEPTH_CM / 2
    return (ROUND_X - half / math.tan(ARC / 2), half), half / math.sin(ARC / 2)


def _on_arc(degrees: float) -> tuple[float, float, float]:
    """A point of the round wall, and the angle of a piece in it whose front looks into the room."""
    centre, radius = _circle()
    turn = math.radians(degrees)
    return centre[0] + radius * math.cos(turn), centre[1] + radius * math.sin(turn), turn + math.pi / 2


def _openings(level: LevelDrawing) -> None:
    """In the round wall a door at its middle and a window; in the sloping walls a window and a door."""
    x, y, angle = _on_arc(0)
    level.door(furniture.door(wall=WALL_CM), x, y, angle=angle, name="Garden door")
    x, y, angle = _on_arc(-45)
    level.door(furniture.window(90, 120, WALL_CM, sashes=1), x, y, angle=angle, elevation=90)
    level.door(furniture.window(120, 100, WALL_CM), -120, 0, elevation=100)
    level.door(furniture.door(wall=WALL_CM), -90, DEPTH_CM, angle=math.pi, name="Back door")
    level.door(furniture.door(wall=WALL_CM), 0, 250, angle=math.pi / 2, name="Door")
    level.door(furniture.window(150, 130, WALL_CM, sashes=2), 200, 0, elevation=90)


def _furnish(level: LevelDrawing, rng: np.random.Generator) -> None:
    level.place(furniture.round_rug(), 330, 250)
    level.place(furniture.round_table(), 330, 250)
    for x, y, angle in ((330, 190, 0.0), (330, 310, math.pi), (270, 250, -math.pi / 2), (390, 250, math.pi / 2)):
        level.place(furniture.chair(), x, y, angle=angle)
    level.place(furniture.bookcase(rng), 100, 26)
    level.place(furniture.plant(rng), 55, 445)
    level.place(furniture.shelf_rack(), SHED_X + 38, 120, angle=-math.pi / 2)
    level.place(furniture.bench(), SHED_X + 38, 330, angle=-math.pi / 2)
    level.light(furniture.pendant_lamp(drop=90), 330, 250, elevation=HIGH_CM - 90)
