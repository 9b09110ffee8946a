"""Two levels and a straight staircase: 16 risers of 17 cm, a hole in the floor above, a railing around it."""

from __future__ import annotations

import math

import numpy as np

from scenes.draw import furniture, textures
from scenes.draw.drawing import Drawing, LevelDrawing
from scenes.draw.frame import EAST, NORTH, SOUTH, WEST, Frame, FramedLevel, FramedRoom
from scenes.home.basics import Texture

RISERS, RISE_CM, GOING_CM, FLIGHT_CM = 16, 17.0, 28.0, 110.0
UPPER_CM = RISERS * RISE_CM
CEILING_CM = 250.0
WIDTH_CM, DEPTH_CM = 820.0, 520.0
STAIR_X, STAIR_Y = 456.0, 76.0


def draw() -> Drawing:
    """Draws the home."""
    rng = np.random.default_rng(1)
    drawing = Drawing(
        "two-levels",
        wall_height=CEILING_CM,
        description="Two levels joined by a straight flight of 16 risers of 17 cm.",
    )
    ground = drawing.level("Ground floor", elevation=0.0, height=CEILING_CM)
    upper = drawing.level("Upper floor", elevation=UPPER_CM, height=CEILING_CM, floor_thickness=UPPER_CM - CEILING_CM)
    planks = drawing.texture("planks", textures.jpeg(textures.planks(rng)), width=120, height=120)
    plaster = drawing.texture("plaster", textures.jpeg(textures.plaster(rng)), width=150, height=150)
    brick = drawing.texture("brick", textures.jpeg(textures.brick(rng)), width=90, height=90)
    for level, name in ((ground, "Living room"), (upper, "Gallery")):
        _storey(level, name, planks, (brick, plaster))
    ground.door(furniture.door(wall=20), 150, DEPTH_CM, angle=math.pi, name="Entrance")
    _stairs(ground, upper)
    _furnish(FramedRoom(_pen(ground), WIDTH_CM - 20, DEPTH_CM - 20), rng)
    _bedroom(FramedRoom(_pen(upper), WIDTH_CM - 20, DEPTH_CM - 20))
    drawing.look_around(80, 440, 165, yaw=math.radians(235), pitch=math.radians(5), name="Living room")
    drawing.look_around(100, 420, UPPER_CM + 165, yaw=math.radians(240), pitch=math.radians(10), name="Gallery")
    return drawing


def _pen(level: LevelDrawing) -> FramedLevel:
    return FramedLevel(level, Frame((10.0, 10.0)))


def _storey(level: LevelDrawing, name: str, floor: Texture, paints: tuple[Texture, Texture]) -> None:
    outline = [(0.0, 0.0), (WIDTH_CM, 0.0), (WIDTH_CM, DEPTH_CM), (0.0, DEPTH_CM)]
    level.walls(outline, closed=True, thickness=20, left=paints[0], right=paints[1])
    level.room(name, outline, floor=floor)
    window = furniture.window(120, 120, 20)
    for x in (180, 420, 660):
        level.door(window, x, 0, elevation=90)
    level.door(window, 600, DEPTH_CM, elevation=90, angle=math.pi)
    level.door(window, 0, 250, elevation=90, angle=-math.pi / 2)


def _stairs(ground: LevelDrawing, upper: LevelDrawing) -> None:
    """The flight rises to the west along the north wall; its hole is railed on the south, and over its foot."""
    model = furniture.flight(RISERS, RISE_CM, GOING_CM, FLIGHT_CM, solid=False, rails="left")
    ground.staircase(model, STAIR_X, STAIR_Y, angle=-math.pi / 2, name="Staircase")
    long = RISERS * GOING_CM
    south, east = STAIR_Y + FLIGHT_CM / 2, STAIR_X + long / 2
    upper.place(furniture.railing(long), STAIR_X, south + 4)
    upper.place(furniture.railing(FLIGHT_CM), east + 4, STAIR_Y, angle=math.pi / 2)


def _furnish(room: FramedRoom, rng: np.random.Generator) -> None:
    room.stand(furniture.sofa(), EAST, 300)
    room.put(furniture.table(100, 60, 42), 200, 300, EAST)
    room.put(furniture.rug(), 200, 300, EAST)
    room.stand(furniture.television(), NORTH, 400)
    room.stand(furniture.bookcase(rng), SOUTH, 60)
    room.put(furniture.plant(rng), 45, 455)
    room.stand(furniture.table(), NORTH, 700)
    for at in (665, 735):
        room.put(furniture.chair(), at, 370, SOUTH)
    for at in (200, 600):
        room.light(furniture.ceiling_lamp(), at, 330)


def _bedroom(room: FramedRoom) -> None:
    room.stand(furniture.bed(), NORTH, 60)
    room.stand(furniture.wardrobe(), NORTH, 220)
    room.stand(furniture.desk(), NORTH, 590)
    room.put(furniture.chair(), 590, 420, SOUTH)
    room.stand(furniture.dresser(), WEST, 350)
    room.light(furniture.ceiling_lamp(), 300, 330)
