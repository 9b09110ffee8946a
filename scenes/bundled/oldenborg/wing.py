"""A wing: a corridor with a row of rooms on either side, and the tub room and a vestibule at its end."""

from __future__ import annotations

from scenes.bundled.oldenborg.site import BOARD, FLIGHT_END, INNER_CM, OUTER_CM, THIN_CM, UNIT_CM, Side, rectangle
from scenes.bundled.oldenborg.strip import Strip, draw_strip
from scenes.draw.drawing import PlanPoint
from scenes.draw.frame import NORTH, SOUTH, FramedLevel

NORTH_ROOMS = {"West": ("128", "126", "124", "122"), "East": ("138", "140", "142", "144")}
SOUTH_ROOMS = {"West": ("129", "127", "125", "123"), "East": ("139", "141", "143", "145")}


def wing_strips(side: Side) -> tuple[Strip, Strip]:
    """The rooms north and south of the corridor, from the middle of the building outwards."""
    frame, level, paints = side.wing.frame, side.wing.level, side.site.paints
    north = Strip(
        FramedLevel(level, frame.inner(590, 254.5, u=(-1.0, 0.0), v=(0.0, -1.0))),
        NORTH_ROOMS[side.name],
        (293 * UNIT_CM, 75.5 * UNIT_CM),
        (INNER_CM, OUTER_CM),
        (paints.corridor, paints.rooms[3]),
    )
    south = Strip(
        FramedLevel(level, frame.inner(590, 287, u=(-1.0, 0.0), v=(0.0, 1.0))),
        SOUTH_ROOMS[side.name],
        (293 * UNIT_CM, 71.5 * UNIT_CM),
        (INNER_CM, 0.0),
        (paints.plaster, None),
        beyond=OUTER_CM / 2,
    )
    return north, south


def draw_wing(side: Side) -> None:
    """Walls, floors, doors and windows of the wing."""
    for strip in wing_strips(side):
        draw_strip(strip, side.site)
    pen, paints, stock = side.wing, side.site.paints, side.site.stock
    pen.walls([(264, 184), (297, 184)], thickness=OUTER_CM, left=paints.brick, right=paints.rooms[3])
    pen.walls([(264, 219), (297, 219)], thickness=THIN_CM, left=paints.rooms[3], right=paints.wall_tiles)
    pen.walls(
        [(264, 254.5), (297, 254.5)],
        thickness=INNER_CM,
        left=paints.wall_tiles,
        right=paints.corridor,
        right_side_baseboard=BOARD,
    )
    pen.door(stock.outer_door, 275, 184, SOUTH, name="Exit")
    pen.door(stock.door, 275, 254.5, NORTH, name="Door tub room")
    pen.room(f"Garden Vestibule {side.name}", rectangle(264, 184, 297, 219), floor=paints.linoleum)
    pen.room(f"Tub Room {side.name}", rectangle(264, 219, 297, 254.5), floor=paints.floor_tiles)
    corridor: list[PlanPoint] = [(264, 254.5), (634, 254.5), (634, 287), (297, 287), (297, 317.5)]
    corridor += [(FLIGHT_END, 317.5), (FLIGHT_END, 287), (264, 287)]
    pen.room(f"{side.name} Corridor", corridor, floor=paints.runner)
