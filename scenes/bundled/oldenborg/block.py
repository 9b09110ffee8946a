"""The block at the end of a wing: a row of rooms along its corridor, and what lies around the corridor's ends.

That is a lounge, a flat, a computer lab, stair wells, a laundry, and a suite of two rooms with a common room.
"""

from __future__ import annotations

from scenes.bundled.oldenborg.site import BOARD, INNER_CM, OUTER_CM, THIN_CM, UNIT_CM, Side, rectangle
from scenes.bundled.oldenborg.strip import WINDOW_SILL_CM, Strip, draw_strip
from scenes.draw.frame import EAST, NORTH, SOUTH, WEST, FramedLevel

HALF_INNER = INNER_CM / 2 / UNIT_CM

ROOMS = {"West": ("111", "113", "115", "117"), "East": ("157", "155", "153", "151")}
SUITE = {"West": ("119", "121"), "East": ("149", "147")}
LOUNGE = {"West": "Spanish Lounge", "East": "Chinese Lounge"}
LAB = {"West": "Computer Lab", "East": "Language Lab"}


def block_strip(side: Side) -> Strip:
    """The rooms along the block's corridor, from the north."""
    frame = side.block.frame
    paints = side.site.paints
    pen = FramedLevel(side.block.level, frame.inner(164, 131, u=(0.0, 1.0), v=(-1.0, 0.0)))
    size = (288.5 * UNIT_CM, 74 * UNIT_CM)
    return Strip(pen, ROOMS[side.name], size, (INNER_CM, INNER_CM), (paints.corridor, paints.corridor))


def draw_block(side: Side) -> None:
    """Walls, floors, doors and windows of the block."""
    draw_strip(block_strip(side), side.site)
    _north(side)
    _lab(side)
    _core(side)
    _suite(side)
    _floors(side)


def _north(side: Side) -> None:
    """The flat and the lounge, the corridor before them, and the stair well beside it."""
    pen, paints, stock = side.block, side.site.paints, side.site.stock
    around = [(90, 101.5), (75.5, 101.5), (75.5, 56), (62, 56), (62, 18), (310, 18), (310, 56), (297, 56)]
    around += [(297, 101.5), (240, 101.5)]
    pen.walls(around, thickness=OUTER_CM, left=paints.brick, right=paints.stripes)
    pen.walls(
        [(240, 101.5), (90, 101.5)],
        thickness=OUTER_CM,
        left=paints.corridor,
        right=paints.stripes,
        left_side_baseboard=BOARD,
    )
    pen.walls([(194, 18), (194, 101.5)], thickness=INNER_CM, left=paints.rooms[2], right=paints.rooms[1])
    pen.walls([(90, 131), (90, 101.5)], thickness=OUTER_CM, left=paints.brick, right=paints.corridor)
    pen.walls([(240, 101.5), (240, 198)], thickness=OUTER_CM, left=paints.brick, right=paints.corridor)
    well = [(240, 131), (196, 131), (196, 198)]
    pen.walls(well, thickness=INNER_CM, left=paints.plaster, right=paints.corridor, right_side_baseboard=BOARD)
    pen.door(stock.wall_door, 152, 101.5, NORTH, name="Door Language Resident")
    pen.door(stock.wall_door, 224, 101.5, NORTH, name=f"Door {LOUNGE[side.name]}")
    pen.door(stock.door, 194, 62, WEST, name="Door Language Resident")
    pen.door(stock.door, 228.5, 131, SOUTH, name="Door stair well")
    if side.is_west:
        pen.door(stock.outer_door, 90, 116, EAST, name="Exit")
    else:
        pen.door(stock.window, 90, 116, EAST, elevation=WINDOW_SILL_CM)
    for x in (90, 160, 226, 280):
        pen.door(stock.wide_window, x, 18, SOUTH, elevation=80)
    pen.door(stock.window, 75.5, 80, EAST, elevation=WINDOW_SILL_CM)
    pen.door(stock.window, 297, 80, WEST, elevation=WINDOW_SILL_CM)
    pen.door(stock.window, 240, 150, WEST, elevation=WINDOW_SILL_CM)
    pen.door(stock.small_window, 240, 116, WEST, elevation=130)


def _lab(side: Side) -> None:
    """The computer lab, which lies as high as the wing, between block and wing."""
    joint, wing, paints, stock = side.joint, side.wing, side.site.paints, side.site.stock
    inner = {"thickness": INNER_CM}
    joint.walls([(196, 198), (240, 198)], left=paints.plaster, right=paints.plaster, **inner)
    joint.walls([(240, 198), (264, 198)], left=paints.brick, right=paints.plaster, **inner)
    joint.walls([(264, 287), (196, 287), (196, 198)], left=paints.corridor, right=paints.plaster, **inner)
    wing.walls([(264, 184), (264, 254.5)], left=paints.rooms[3], right=paints.plaster, **inner)
    wing.walls(
        [(264, 254.5), (264, 287)], left=paints.corridor, right=paints.plaster, left_side_baseboard=BOARD, **inner
    )
    wing.door(stock.door, 264, 273, WEST, name=f"Door {LAB[side.name]}")
    wing.door(stock.door, 264, 208, WEST, flipped=True, name=f"Door {LAB[side.name]}")
    wing.door(stock.window, 252, 198, SOUTH, elevation=WINDOW_SILL_CM, depth=24.0)


def _core(side: Side) -> None:
    """The laundry and the stair well between the two corridors, and the corridor that goes around them."""
    block, joint, paints, stock = side.block, side.joint, side.site.paints, side.site.stock
    inner = {"thickness": INNER_CM}
    joint.walls([(264, 287), (264, 317)], left=paints.corridor, right=paints.corridor, **inner)
    joint.walls([(196 - HALF_INNER, 317), (264, 317)], left=paints.corridor, right=paints.plaster, **inner)
    joint.walls([(264, 317), (264, 419.5 + HALF_INNER)], left=paints.corridor, right=paints.plaster, **inner)
    block.walls(
        [(264 - HALF_INNER, 419.5), (196, 419.5), (196, 317 + HALF_INNER)],
        left=paints.corridor,
        right=paints.plaster,
        left_side_baseboard=BOARD,
        **inner,
    )
    block.walls([(196, 375), (264, 375)], left=paints.wall_tiles, right=paints.plaster, **inner)
    block.door(stock.door, 196, 336, EAST, name="Door laundry")
    if not side.is_west:
        block.door(stock.door, 196, 397, EAST, name="Door store")
    outer = {"thickness": OUTER_CM}
    joint.walls([(275, 445.5), (297, 445.5), (297, 358.5)], left=paints.corridor, right=paints.brick, **outer)
    joint.walls([(297, 358.5), (297, 287 + HALF_INNER)], left=paints.corridor, right=paints.plaster, **outer)
    block.walls([(114, 445.5), (114, 419.5)], left=paints.brick, right=paints.corridor, **outer)
    joint.door(stock.window, 297, 380, WEST, elevation=WINDOW_SILL_CM)
    joint.door(stock.window, 297, 412, WEST, elevation=WINDOW_SILL_CM)


def _suite(side: Side) -> None:
    """Two rooms with a common room between them and a bath for both."""
    pen, paints, stock = side.block, side.site.paints, side.site.stock
    around = [(275, 445.5), (275, 524), (214.5, 524), (214.5, 548), (141.5, 548), (141.5, 524), (83, 524), (83, 445.5)]
    pen.walls([*around, (114, 445.5)], thickness=OUTER_CM, left=paints.brick, right=paints.plaster)
    pen.walls(
        [(114, 445.5), (275, 445.5)],
        thickness=OUTER_CM,
        left=paints.corridor,
        right=paints.plaster,
        left_side_baseboard=BOARD,
    )
    common = [(141.5, 524), (141.5, 470), (214.5, 470), (214.5, 524)]
    pen.walls(common, thickness=INNER_CM, left=paints.rooms[1], right=paints.rooms[2])
    pen.walls([(150.5, 470), (150.5, 445.5)], thickness=THIN_CM, left=paints.rooms[1], right=paints.wall_tiles)
    pen.walls([(205.5, 445.5), (205.5, 470)], thickness=THIN_CM, left=paints.rooms[1], right=paints.wall_tiles)
    west, east = SUITE[side.name]
    pen.door(stock.wall_door, 130, 445.5, SOUTH, name=f"Door {west}")
    pen.door(stock.wall_door, 226, 445.5, SOUTH, flipped=True, name=f"Door {east}")
    pen.door(stock.door, 141.5, 490, EAST, name=f"Door {west}")
    pen.door(stock.door, 214.5, 490, WEST, flipped=True, name=f"Door {east}")
    pen.door(stock.door, 178, 470, NORTH, name="Bath door")
    for x in (112, 246):
        pen.door(stock.wide_window, x, 524, NORTH, elevation=80)
    for x in (162, 194):
        pen.door(stock.wide_window, x, 548, NORTH, elevation=70)


def _floors(side: Side) -> None:
    block, wing, paints, name = side.block, side.wing, side.site.paints, side.name
    flat = [(62, 18), (194, 18), (194, 101.5), (75.5, 101.5), (75.5, 56), (62, 56)]
    block.room(f"Language Resident {name}", flat, floor=paints.planks)
    lounge = [(194, 18), (310, 18), (310, 56), (297, 56), (297, 101.5), (194, 101.5)]
    block.room(LOUNGE[name], lounge, floor=paints.carpets[1])
    block.room(f"North Corridor {name}", rectangle(90, 101.5, 240, 131), floor=paints.runner)
    block.room(f"North Stair Well {name}", rectangle(196, 131, 240, 198), floor=paints.concrete)
    block.room(f"{name} Block Corridor", rectangle(164, 131, 196, 419.5), floor=paints.runner)
    wing.room(LAB[name], rectangle(196, 198, 264, 287), floor=paints.carpets[0])
    block.room(f"Laundry {name}", rectangle(196, 317, 264, 375), floor=paints.floor_tiles)
    block.room(f"Stair Well {name}", rectangle(196, 375, 264, 419.5), floor=paints.concrete)
    block.room(f"South Corridor {name}", rectangle(114, 419.5, 297, 445.5), floor=paints.runner)
    west, east = SUITE[name]
    first = [(83, 445.5), (150.5, 445.5), (150.5, 470), (141.5, 470), (141.5, 524), (83, 524)]
    second = [(205.5, 445.5), (275, 445.5), (275, 524), (214.5, 524), (214.5, 470), (205.5, 470)]
    block.room(west, first, floor=paints.carpets[2])
    block.room(east, second, floor=paints.planks)
    block.room(f"Shared Bath {west}/{east}", rectangle(150.5, 445.5, 205.5, 470), floor=paints.floor_tiles)
    block.room(f"Common Room {name}", rectangle(141.5, 470, 214.5, 548), floor=paints.dark_planks)
