"""Sound little homes, to be spoilt or added to: a hut, a flat, a house of two storeys."""

from __future__ import annotations

import math

from scenes.draw import Drawing, LevelDrawing
from scenes.draw.furniture import bed, chair, door, flight, table
from scenes.home.plan import Room

WIDTH, DEPTH, WALL = 600.0, 600.0, 20.0
STOREY, SLAB = 260.0, 12.0
UPSTAIRS = STOREY + SLAB
RISERS, RISE, GOING = 16, 17.0, 25.0

Rectangle = tuple[float, float, float, float]


def rectangle(left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
    """Its corners, clockwise on the plan."""
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


INSIDE: Rectangle = (WALL / 2, WALL / 2, WIDTH - WALL / 2, DEPTH - WALL / 2)
WEST: Rectangle = (WALL / 2, WALL / 2, 295, DEPTH - WALL / 2)
EAST: Rectangle = (305, WALL / 2, WIDTH - WALL / 2, DEPTH - WALL / 2)


def room(level: LevelDrawing, name: str, area: Rectangle, *, floor: bool = True) -> Room:
    """A room over a rectangle."""
    return level.room(name, rectangle(*area), floor_visible=floor)


def platform(home: Drawing, height: float, area: Rectangle) -> LevelDrawing:
    """A floor on a solid block."""
    level = home.level("Platform", elevation=height, height=STOREY - height, floor_thickness=height)
    level.room("Platform", rectangle(*area), ceiling_visible=False)
    return level


def shell(level: LevelDrawing) -> None:
    """Four outer walls."""
    level.walls(rectangle(0, 0, WIDTH, DEPTH), closed=True, thickness=WALL)


def hut(*, rooms: bool = True, height: float = STOREY) -> tuple[Drawing, LevelDrawing]:
    """One room with a front door in the south wall, a table and a chair."""
    home = Drawing("hut", wall_height=height)
    ground = home.level("Ground floor", elevation=0, height=height)
    shell(ground)
    if rooms:
        room(ground, "Room", INSIDE)
    ground.door(door(wall=WALL), 450, DEPTH, name="Front door")
    ground.place(table(), 450, 300, name="Table")
    ground.place(chair(), 450, 200, name="Chair")
    return home, ground


def flat(*, inner_door: bool = True, east: bool = True, east_floor: bool = True) -> tuple[Drawing, LevelDrawing]:
    """Two rooms; the front door leads into the western one, an inner door from there to the eastern one."""
    home = Drawing("flat", wall_height=STOREY)
    ground = home.level("Ground floor", elevation=0, height=STOREY)
    shell(ground)
    ground.walls([(300, 0), (300, DEPTH)], thickness=10)
    room(ground, "West", WEST)
    if east:
        room(ground, "East", EAST, floor=east_floor)
    ground.door(door(wall=WALL), 150, DEPTH, name="Front door")
    if inner_door:
        ground.door(door(wall=10), 300, 300, angle=math.pi / 2, name="Inner door")
    return home, ground


def storeys(*, stairs: bool = True, elevation: float = UPSTAIRS) -> tuple[Drawing, LevelDrawing, LevelDrawing]:
    """A hut with a bedroom on top, to which a straight staircase leads that cuts a hole."""
    home, ground = hut()
    upper = home.level("Upstairs", elevation=elevation, height=STOREY, floor_thickness=SLAB)
    shell(upper)
    room(upper, "Bedroom", INSIDE)
    upper.place(bed(), 450, 200, name="Bed")
    if stairs:
        ground.staircase(flight(RISERS, RISE, GOING), 100, 300, name="Stairs")
    return home, ground, upper
