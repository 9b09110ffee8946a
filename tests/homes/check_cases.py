"""Little homes for `sim check`: each with one fault, or with that fault mended.

A case is a function that draws the home, faulty or not; `CASES` says which codes the faulty one must give, and only
those. The mended one must give none.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from scenes.draw import Drawing
from scenes.draw.furniture import block, chair, door, flight, table, wardrobe, wedge, window
from scenes.draw.solids import box
from tests.homes.huts import (
    DEPTH,
    EAST,
    GOING,
    INSIDE,
    RISE,
    RISERS,
    SLAB,
    STOREY,
    UPSTAIRS,
    WALL,
    WEST,
    WIDTH,
    flat,
    hut,
    platform,
    rectangle,
    room,
    shell,
    storeys,
)  # fmt: skip
from tests.homes.parts import PAINT


def empty(*, faulty: bool) -> Drawing:
    """Nothing at all."""
    return Drawing("empty") if faulty else hut()[0]


def missing_model(*, faulty: bool) -> Drawing:
    """The chair's model is not in the file."""
    home, _ = hut()
    if faulty:
        gone = next(piece.model for piece in home.elements["furniture"] if piece.name == "Chair")
        del home.contents[gone]
    return home


def left_out(*, faulty: bool) -> Drawing:
    """A chair without a height."""
    home, ground = hut()
    ground.place(chair(), 200, 200, name="Flat chair", **({"height": 0.0} if faulty else {}))
    return home


def wrong_scale(*, faulty: bool) -> Drawing:
    """Everything a tenth of its size."""
    scale = 0.1 if faulty else 1.0
    home = Drawing("hut", wall_height=STOREY * scale)
    ground = home.level("Ground floor", elevation=0, height=STOREY * scale)
    corners = [(x * scale, y * scale) for x, y in rectangle(0, 0, WIDTH, DEPTH)]
    ground.walls(corners, closed=True, thickness=WALL * scale)
    ground.room("Room", corners)
    size = {"width": 100 * scale, "depth": 25 * scale, "height": 214 * scale}
    ground.door(door(wall=WALL), 450 * scale, DEPTH * scale, **size)
    return home


def wrong_scale_without_doors(*, faulty: bool) -> Drawing:
    """Walls 25 m high around 600 m."""
    scale = 100.0 if faulty else 1.0
    home = Drawing("yard", wall_height=250)
    ground = home.level("Ground floor", elevation=0, height=250 * min(scale, 10))
    ground.walls([(x * scale, y * scale) for x, y in rectangle(0, 0, WIDTH, DEPTH)][:3], thickness=20)
    ground.room("Yard", [(x * scale, y * scale) for x, y in rectangle(*INSIDE)], ceiling_visible=False)
    return home


def far_away(*, faulty: bool) -> Drawing:
    """A chair 700 m off."""
    home, ground = hut()
    ground.place(chair(), 70_000 if faulty else 700, 300, name="Chair")
    return home


def high_doors(*, faulty: bool) -> Drawing:
    """A door of 3.5 m in walls of 4 m."""
    home = Drawing("hall", wall_height=400)
    ground = home.level("Ground floor", elevation=0, height=400)
    shell(ground)
    room(ground, "Hall", INSIDE)
    ground.door(door(100, 350 if faulty else 214, WALL), 450, DEPTH)
    return home


def high_ceiling(*, faulty: bool) -> Drawing:
    """A room 10 m high."""
    return hut(height=1000 if faulty else STOREY)[0]


def low_ceiling(*, faulty: bool) -> Drawing:
    """A storey of 1.2 m on top, reached by stairs."""
    home, _, _ = storeys()
    home.levels[1] = type(home.levels[1])(**vars(home.levels[1]) | {"height": 120.0 if faulty else STOREY})
    if faulty:
        low = [wall for wall in home.elements["wall"] if wall.level == home.levels[1].id]
        home.elements["wall"] = [wall for wall in home.elements["wall"] if wall.level != home.levels[1].id]
        home.elements["wall"] += [type(wall)(**vars(wall) | {"height": 120.0}) for wall in low]
    return home


def no_floor(*, faulty: bool) -> Drawing:
    """Walls and a door, but no room."""
    return hut(rooms=not faulty)[0]


def upper_room_without_floor(*, faulty: bool) -> Drawing:
    """Upstairs, a door leads into a room without a floor."""
    home = Drawing("house", wall_height=STOREY)
    ground = home.level("Ground floor", elevation=0, height=STOREY)
    shell(ground)
    room(ground, "Room", INSIDE)
    ground.door(door(wall=WALL), 450, DEPTH, name="Front door")
    ground.staircase(flight(RISERS, RISE, GOING), 100, 300, name="Stairs")
    upper = home.level("Upstairs", elevation=UPSTAIRS, height=STOREY, floor_thickness=SLAB)
    shell(upper)
    upper.walls([(300, 0), (300, DEPTH)], thickness=10)
    room(upper, "West", WEST)
    room(upper, "East", EAST, floor=not faulty)
    upper.door(door(wall=10), 300, 300, angle=math.pi / 2, name="Inner door")
    return home


def ground_room_without_floor(*, faulty: bool) -> Drawing:
    """A room on the ground whose floor is not shown."""
    return flat(east_floor=not faulty)[0]


def area_without_room(*, faulty: bool) -> Drawing:
    """A door leads between walls where no room is drawn."""
    return flat(east=not faulty)[0]


def overlapping_rooms(*, faulty: bool) -> Drawing:
    """Two rooms that share a strip half a metre wide."""
    home = Drawing("hall", wall_height=STOREY)
    ground = home.level("Ground floor", elevation=0, height=STOREY)
    shell(ground)
    room(ground, "West", (10, 10, 350 if faulty else 300, 590))
    room(ground, "East", (300, 10, 590, 590))
    ground.door(door(wall=WALL), 450, DEPTH)
    return home


def room_without_door(*, faulty: bool) -> Drawing:
    """Two rooms with a wall and no door between them."""
    return flat(inner_door=not faulty)[0]


def zero_length_wall(*, faulty: bool) -> Drawing:
    """A wall of a click."""
    home, ground = hut()
    if faulty:
        ground.walls([(300, 300), (300, 300)], thickness=10)
    return home


def room_without_area(*, faulty: bool) -> Drawing:
    """A room whose corners are in line."""
    home, ground = hut()
    ground.room("Line", [(20, 20), (100, 20), (200, 20 if faulty else 100)], floor_visible=False)
    return home


def overlapping_walls(*, faulty: bool) -> Drawing:
    """A second wall, 3 cm beside of the first."""
    home, ground = flat()
    ground.walls([(303 if faulty else 450, 0), (303 if faulty else 450, 200)], thickness=10)
    return home


def wall_gap(*, faulty: bool) -> Drawing:
    """A wall that ends 15 cm before the one that it should meet."""
    home = Drawing("flat", wall_height=STOREY)
    ground = home.level("Ground floor", elevation=0, height=STOREY)
    shell(ground)
    ground.walls([(300, 0), (300, DEPTH - WALL / 2 - (15 if faulty else 0))], thickness=10)
    room(ground, "West", WEST)
    room(ground, "East", EAST)
    ground.door(door(wall=WALL), 150, DEPTH, name="Front door")
    ground.door(door(wall=10), 300, 300, angle=math.pi / 2, name="Inner door")
    return home


def door_in_no_wall(*, faulty: bool) -> Drawing:
    """A door in the middle of a room."""
    home, ground = hut()
    ground.door(door(wall=WALL), 150, 300 if faulty else DEPTH, name="Lost door")
    return home


def window_in_no_wall(*, faulty: bool) -> Drawing:
    """A window a metre beside of its wall."""
    home, ground = hut()
    ground.door(window(wall=WALL), 150, 100 if faulty else 0, elevation=90, name="Lost window")
    return home


def narrow_door(*, faulty: bool) -> Drawing:
    """An inner door of 45 cm, of which the frame takes 10."""
    home, ground = flat(inner_door=False)
    ground.door(door(45 if faulty else 90, wall=10), 300, 300, angle=math.pi / 2, name="Inner door")
    return home


def low_door(*, faulty: bool) -> Drawing:
    """An inner door of 122 cm, of which the frame takes 5."""
    home, ground = flat(inner_door=False)
    ground.door(door(90, 122 if faulty else 200, 10), 300, 300, angle=math.pi / 2, name="Inner door")
    ground.door(door(wall=WALL), 150, 0, name="Back door")
    return home


def high_threshold(*, faulty: bool) -> Drawing:
    """A door with a board of 24 cm, or of 5, across its foot."""
    home, ground = flat(inner_door=False)
    plain = door(90, wall=10)
    board = box((-45, 0, -6), (45, 24 if faulty else 5, -1), PAINT)
    ground.door(replace(plain, name="door-with-a-board", moulds=[*plain.moulds, board]), 300, 300, angle=math.pi / 2)
    return home


def raised_door(*, faulty: bool) -> Drawing:
    """A door that stands 19 cm over the floor."""
    home, ground = flat(inner_door=False)
    ground.door(door(90, wall=10), 300, 300, angle=math.pi / 2, elevation=19 if faulty else 0, name="Inner door")
    return home


def door_over_drop(*, faulty: bool) -> Drawing:
    """A door upstairs that leads out, to a balcony or not."""
    home, _, upper = storeys()
    upper.door(door(wall=WALL), 450, DEPTH, name="Balcony door")
    if not faulty:
        room(upper, "Balcony", (350, DEPTH + WALL / 2, 550, DEPTH + 150))
    return home


def blocked_door(*, faulty: bool) -> Drawing:
    """A wardrobe in front of the inner door."""
    home, ground = flat()
    ground.place(wardrobe(), 350 if faulty else 550, 300, angle=math.pi / 2, name="Wardrobe")
    return home


def higher_than_wall(*, faulty: bool) -> Drawing:
    """A door of 214 cm in a wall of 180."""
    home = Drawing("flat", wall_height=STOREY)
    ground = home.level("Ground floor", elevation=0, height=STOREY)
    shell(ground)
    ground.walls([(300, 0), (300, DEPTH)], thickness=10, height=180 if faulty else STOREY)
    room(ground, "West", WEST)
    room(ground, "East", EAST)
    ground.door(door(wall=WALL), 150, DEPTH, name="Front door")
    ground.door(door(wall=10), 300, 300, angle=math.pi / 2, name="Inner door")
    return home


def short_stairs(*, faulty: bool) -> Drawing:
    """A staircase of 10 risers where 16 are needed."""
    home, ground, _ = storeys(stairs=False)
    ground.staircase(flight(10 if faulty else RISERS, RISE, GOING), 100, 300, name="Stairs")
    return home


def steps_of_boxes(*, faulty: bool) -> Drawing:
    """A row of boxes that leads to nothing, or to a platform."""
    home, ground = hut()
    for step in range(6):
        ground.place(block(28, 100, 17 * (step + 1)), 150 + 28 * step, 500, name=f"Step {step + 1}")
    if not faulty:
        platform(home, 102, (150 + 28 * 5.5, 420, 400, 580))
    return home


def stairs_past_a_floor(*, faulty: bool) -> Drawing:
    """A staircase that goes on to 51 cm above the upper floor."""
    home, ground, _ = storeys(stairs=False)
    ground.staircase(flight(RISERS + (3 if faulty else 0), RISE, GOING), 100, 300, name="Stairs")
    return home


def incline_to_nothing(*, faulty: bool) -> Drawing:
    """A wedge that leads to nothing, or to a platform."""
    home, ground = hut()
    ground.place(wedge(400, 50, 120), 100, 350, name="Wedge")
    if not faulty:
        platform(home, 50, (10, 10, 190, 150))
    return home


def sunk_incline(*, faulty: bool) -> Drawing:
    """A wedge, its lower third below the floor; it ends 30 cm under a platform with a chair, or level with it."""
    home, ground = hut()
    ground.place(wedge(420, 45 if faulty else 75, 120), 100, 360, elevation=-25, name="Wedge")
    platform(home, 50, (10, 10, 190, 150)).place(chair(), 100, 60)
    return home


def hanging_stairs(*, faulty: bool) -> Drawing:
    """A staircase whose lowest four steps are missing."""
    home, ground, _ = storeys(stairs=False)
    missing = 4 if faulty else 0
    steps = flight(RISERS - missing, RISE, GOING, solid=not faulty)
    ground.staircase(steps, 100, 300 - missing * GOING / 2, elevation=missing * RISE, name="Stairs")
    return home


def stairs_from_a_wall(*, faulty: bool) -> Drawing:
    """A staircase whose foot is in a wall of a metre."""
    home, ground, _ = storeys()
    if faulty:
        ground.walls([(100, 470), (100, 590)], thickness=150)
    return home


def stairs_without_hole(*, faulty: bool) -> Drawing:
    """A staircase as a plain piece, which cuts nothing."""
    home, ground, _ = storeys(stairs=False)
    put = ground.place if faulty else ground.staircase
    put(flight(RISERS, RISE, GOING), 100, 300, name="Stairs")
    return home


def hole_without_stairs(*, faulty: bool) -> Drawing:
    """A box that cuts a hole."""
    home, ground, _ = storeys()
    put = ground.staircase if faulty else ground.place
    put(block(100, 100, UPSTAIRS if faulty else STOREY), 400, 100, name="Shaft")
    return home


def unjoined_level(*, faulty: bool) -> Drawing:
    """A storey without stairs."""
    return storeys(stairs=not faulty)[0]


def floating_walls(*, faulty: bool) -> Drawing:
    """Walls upstairs that begin 28 cm over those below."""
    home, _ = hut()
    upper = home.level("Upstairs", elevation=UPSTAIRS + (28 if faulty else 0), height=STOREY, floor_thickness=SLAB)
    upper.walls(rectangle(0, 0, WIDTH, DEPTH)[:3], thickness=WALL)
    return home


def floating(*, faulty: bool) -> Drawing:
    """A chair that hangs 30 cm over the floor, with a box on it."""
    home, ground = hut()
    height = chair().size_cm()[2]
    ground.place(chair(), 200, 200, elevation=30.0 if faulty else 0.0, name="Ghost chair")
    ground.place(block(20, 20, 20), 200, 200, elevation=height / 2 + (30 if faulty else 0), name="Box")
    return home


def sunk(*, faulty: bool) -> Drawing:
    """A table of which all but the top is below the floor."""
    home, ground = hut()
    ground.place(table(), 200, 200, elevation=-60.0 if faulty else 0.0, name="Low table")
    return home


CASES: list[tuple[Callable[..., Drawing], set[str]]] = [
    (empty, {"empty"}),
    (missing_model, {"missing-model"}),
    (left_out, {"reading"}),
    (wrong_scale, {"wrong-scale"}),
    (wrong_scale_without_doors, {"wrong-scale"}),
    (far_away, {"far-away"}),
    (high_doors, {"door-height"}),
    (high_ceiling, {"ceiling-height"}),
    (low_ceiling, {"ceiling-height"}),
    (no_floor, {"no-floor"}),
    (upper_room_without_floor, {"room-over-nothing", "door-over-drop"}),
    (ground_room_without_floor, {"room-without-floor"}),
    (area_without_room, {"area-without-room"}),
    (overlapping_rooms, {"overlapping-rooms"}),
    (room_without_door, {"room-without-door"}),
    (zero_length_wall, {"no-extent"}),
    (room_without_area, {"no-extent"}),
    (overlapping_walls, {"overlapping-walls"}),
    (wall_gap, {"wall-gap"}),
    (door_in_no_wall, {"door-in-no-wall"}),
    (window_in_no_wall, {"window-in-no-wall"}),
    (narrow_door, {"narrow-door"}),
    (low_door, {"narrow-door"}),
    (high_threshold, {"high-threshold"}),
    (raised_door, {"high-threshold"}),
    (door_over_drop, {"door-over-drop"}),
    (blocked_door, {"blocked-door"}),
    (higher_than_wall, {"higher-than-wall"}),
    (short_stairs, {"stairs-lead-nowhere", "stairs-under-floor", "unjoined-level", "room-without-door"}),
    (steps_of_boxes, {"stairs-lead-nowhere"}),
    (stairs_past_a_floor, {"stairs-end-off-floor"}),
    (incline_to_nothing, {"stairs-end-off-floor"}),
    (sunk_incline, {"stairs-end-off-floor", "unjoined-level"}),
    (hanging_stairs, {"stairs-foot", "unjoined-level"}),
    (stairs_from_a_wall, {"stairs-foot", "unjoined-level"}),
    (stairs_without_hole, {"stairs-under-floor"}),
    (hole_without_stairs, {"hole-without-stairs"}),
    (unjoined_level, {"unjoined-level", "room-without-door"}),
    (floating_walls, {"floating-building"}),
    (floating, {"floating"}),
    (sunk, {"sunk"}),
]
