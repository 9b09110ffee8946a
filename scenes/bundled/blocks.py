"""Stairs and inclines as students draw them: a row of boxes, a triangular prism, and a tilted box.

From a hall, ten boxes lead up to a gallery at 170 cm. A prism leads to a platform at 60 cm, and from there a tilted box
to the far room at 120 cm. Both inclines are of 8 degrees.
"""

from __future__ import annotations

import math

import numpy as np

from scenes.draw import furniture, textures
from scenes.draw.drawing import Drawing, LevelDrawing, PlanPoint
from scenes.draw.finishes import STONE, WOOD, colored
from scenes.home.basics import Texture

RISE_CM, GOING_CM, STEPS = 17.0, 28.0, 10
SLOPE = math.radians(8)
PLATFORM_CM, FAR_CM = 60.0, 120.0
GALLERY_CM = STEPS * RISE_CM
ROOF_CM = 450.0
INCLINE_CM = PLATFORM_CM / math.tan(SLOPE)
BOARD_CM = 10.0

WEST_X, HALL_X, PLATFORM_X = 400.0, 1400.0, 1650.0
FAR_X, END_X = PLATFORM_X + INCLINE_CM, PLATFORM_X + INCLINE_CM + 400.0
DEPTH_CM = 500.0
PATH_Y = 250.0


def draw() -> Drawing:
    """Draws the home."""
    rng = np.random.default_rng(2)
    drawing = Drawing(
        "blocks",
        wall_height=ROOF_CM,
        description="A stair of ten boxes of 17 x 28 cm, a prism and a tilted box of 8 degrees, and half levels.",
    )
    carpet = drawing.texture("carpet", textures.jpeg(textures.carpet(rng)), width=100, height=100)
    concrete = drawing.texture("concrete", textures.jpeg(textures.concrete(rng)), width=200, height=200)
    levels = [
        _half_level(drawing, "Hall", 0.0),
        _half_level(drawing, "Platform", PLATFORM_CM),
        _half_level(drawing, "Far end", FAR_CM),
        _half_level(drawing, "Gallery", GALLERY_CM),
    ]
    _walls(levels[0])
    edges = ((WEST_X, HALL_X), (HALL_X, FAR_X), (FAR_X, END_X), (0.0, WEST_X))
    names = ("Hall", "Platform", "Far room", "Gallery")
    for level, (x0, x1), name in zip(levels, edges, names, strict=True):
        level.room(name, _rectangle(x0, x1), floor=concrete if name == "Hall" else carpet)
    _boxes(levels[0])
    _prism(levels[0], concrete)
    _tilted(levels[1])
    _furnish(levels, rng)
    drawing.look_around(1000, 420, 170, yaw=math.radians(110), pitch=math.radians(5), name="Stair of boxes")
    drawing.look_around(700, 100, 170, yaw=math.radians(285), pitch=math.radians(5), name="Inclines")
    return drawing


def _half_level(drawing: Drawing, name: str, elevation_cm: float) -> LevelDrawing:
    """A level under the one roof, whose floor is solid down to the ground."""
    return drawing.level(
        name, elevation=elevation_cm, height=ROOF_CM - elevation_cm, floor_thickness=elevation_cm or 12.0
    )


def _rectangle(x0: float, x1: float) -> list[PlanPoint]:
    return [(x0, 0.0), (x1, 0.0), (x1, DEPTH_CM), (x0, DEPTH_CM)]


def _walls(level: LevelDrawing) -> None:
    level.walls(_rectangle(0.0, END_X), closed=True, thickness=20, height=ROOF_CM)
    level.door(furniture.door(wall=20), 900, DEPTH_CM, angle=math.pi, name="Entrance")
    window = furniture.window(180, 150, 20, sashes=3)
    for x in (200, 700, 1150, 1600, END_X - 200):
        level.door(window, x, 0, elevation=250)


def _boxes(level: LevelDrawing) -> None:
    """Ten boxes, each a riser higher than the one before, up to the gallery in the west."""
    tone = colored(STONE, (0.66, 0.55, 0.42))
    for k in range(STEPS):
        height = (STEPS - k) * RISE_CM
        model = furniture.block(120, GOING_CM, height, finish=tone)
        level.place(model, WEST_X + (k + 0.5) * GOING_CM, PATH_Y, angle=math.pi / 2, name=f"Step {STEPS - k}")


def _prism(level: LevelDrawing, cover: Texture) -> None:
    """A prism in the hall, up to the platform in the east."""
    model = furniture.wedge(INCLINE_CM, PLATFORM_CM, 140)
    level.place(
        model, HALL_X - INCLINE_CM / 2, PATH_Y, angle=math.pi / 2, model_mirrored=True, name="Prism", texture=cover
    )


def _tilted(level: LevelDrawing) -> None:
    """A board on the platform, tilted so that its top joins the platform's floor and that of the far room."""
    rise = FAR_CM - PLATFORM_CM
    long = rise / math.sin(SLOPE)
    beyond = BOARD_CM * math.sin(SLOPE)
    down = BOARD_CM * math.cos(SLOPE)
    level.place(
        furniture.block(140, long, BOARD_CM, finish=WOOD),
        PLATFORM_X + (INCLINE_CM + beyond) / 2,
        PATH_Y,
        angle=math.pi / 2,
        pitch=-SLOPE,
        elevation=-down,
        depth_in_plan=INCLINE_CM + beyond,
        height_in_plan=rise + down,
        name="Tilted box",
    )


def _furnish(levels: list[LevelDrawing], rng: np.random.Generator) -> None:
    hall, platform, far, gallery = levels
    hall.place(furniture.bench(), 800, 40)
    hall.place(furniture.plant(rng), 1360, 440)
    platform.place(furniture.railing(INCLINE_CM), PLATFORM_X + INCLINE_CM / 2, 440)
    far.place(furniture.sofa(), END_X - 60, 250, angle=math.pi / 2)
    far.place(furniture.floor_lamp(), END_X - 50, 450)
    gallery.place(furniture.table(), 110, 250, angle=math.pi / 2)
    for y, angle in ((140.0, 0.0), (360.0, math.pi)):
        gallery.place(furniture.chair(), 110, y, angle=angle)
    gallery.place(furniture.railing(185), WEST_X - 5, 100, angle=math.pi / 2)
    gallery.place(furniture.railing(185), WEST_X - 5, 400, angle=math.pi / 2)
    lamp = furniture.pendant_lamp(drop=110)
    for level, x in ((hall, 900.0), (platform, 1700.0), (far, END_X - 200), (gallery, 200.0)):
        level.light(lamp, x, 330, elevation=level.height - 110)
