"""The middle of the building: entrance, offices, foyer, lounges, kitchen."""

from __future__ import annotations

from scenes.bundled.oldenborg.site import BOARD, INNER_CM, OUTER_CM, THIN_CM, UNIT_CM, Side, Site, rectangle
from scenes.bundled.oldenborg.strip import WINDOW_SILL_CM
from scenes.draw.frame import EAST, NORTH, SOUTH, WEST

HALF_OUTER = OUTER_CM / 2 / UNIT_CM
INNER = {"thickness": INNER_CM}
OUTER = {"thickness": OUTER_CM}

INCLINE_TOP, ENTRANCE_HEADER = 259.0, 364.0
"""Where the incline of the entrance corridor begins, and the wall over the corridor where its ceiling steps down."""


def draw_centre(site: Site, west: Side, east: Side) -> None:
    """Walls, floors, doors and windows of the middle."""
    for side in (west, east):
        _offices(side)
        _lobby_rooms(side)
        _lounges(side)
    _cross_walls(site)
    _passages(site)
    _floors(site)


def _offices(side: Side) -> None:
    """The office beside the entrance corridor, and the stair well (or store) behind it, on the wing's level."""
    pen, paints, stock = side.wing, side.site.paints, side.site.stock
    board = {"left_side_baseboard": BOARD}
    pen.walls(
        [(590, 254.5), (634, 254.5)],
        left=paints.corridor,
        right=paints.corridor,
        right_side_baseboard=BOARD,
        **INNER,
        **board,
    )
    pen.walls([(634, 254.5), (684, 254.5)], left=paints.corridor, right=paints.rooms[1], **INNER, **board)
    pen.walls([(684, 254.5), (684, 358.5)], left=paints.corridor, right=paints.rooms[1], **INNER)
    pen.walls([(684, 358.5), (634, 358.5)], left=paints.plaster, right=paints.rooms[1], **OUTER)
    pen.walls([(634, 358.5), (590, 358.5)], left=paints.brick, right=paints.plaster, **OUTER)
    pen.walls([(634, 358.5), (634, 287)], left=paints.plaster, right=paints.rooms[1], **INNER)
    pen.walls([(634, 287), (634, 254.5)], left=paints.corridor, right=paints.rooms[1], **INNER, **board)
    pen.walls([(590, 287), (634, 287)], left=paints.corridor, right=paints.plaster, **INNER, **board)
    pen.door(stock.wide_opening, 612, 254.5, SOUTH)
    if not side.is_west:
        pen.door(stock.door, 622, 287, SOUTH, name="Door store")
        pen.room("Store East", rectangle(590, 287, 634, 358.5), floor=paints.concrete)
    pen.door(stock.door, 672, 254.5, SOUTH, flipped=True, name=f"Door Office {side.name}")
    pen.room(f"Office {side.name}", rectangle(634, 254.5, 684, 358.5), floor=paints.carpets[0])


def _lobby_rooms(side: Side) -> None:
    """The rooms beside the entrance, on the lowest level."""
    pen, paints, stock, name = side.wing.on(side.site.ground), side.site.paints, side.site.stock, side.name
    top = 358.5 + HALF_OUTER
    pen.walls([(684, top), (684, 462)], left=paints.corridor, right=paints.plaster, left_side_baseboard=BOARD, **INNER)
    pen.walls([(684, 462), (684, 495)], left=paints.corridor, right=paints.brick, left_side_baseboard=BOARD, **INNER)
    pen.walls([(634, 400), (634, top)], left=paints.brick, right=paints.plaster, **OUTER)
    pen.walls([(684, 462), (588, 462), (588, 400), (634, 400)], left=paints.brick, right=paints.plaster, **OUTER)
    pen.walls([(634, 400), (684, 400)], left=paints.plaster, right=paints.plaster, **INNER)
    pen.walls([(632, 462), (632, 400)], left=paints.rooms[2], right=paints.plaster, **INNER)
    pen.walls([(654, 400), (654, 462)], thickness=THIN_CM, left=paints.rooms[4], right=paints.plaster)
    pen.walls([(632, 429), (654, 429)], thickness=THIN_CM, left=paints.plaster, right=paints.wall_tiles)
    pen.door(stock.door, 684, 388, WEST, name=f"Door reception {name}")
    pen.door(stock.narrow_door, 645, 400, NORTH, name="Door staff hall")
    pen.door(stock.door, 632, 418, WEST, name="Door staff room")
    pen.door(stock.thin_door, 654, 417, EAST, name="Door mail room")
    pen.door(stock.thin_door, 643, 429, NORTH, name="Door wash room")
    for x in (611, 669):
        pen.door(stock.window, x, 462, NORTH, elevation=WINDOW_SILL_CM)
    pen.door(stock.window, 634, 380, EAST, elevation=WINDOW_SILL_CM)
    pen.door(stock.window, 684, 479, EAST, elevation=70, depth=24.0)
    pen.room(f"Reception {name}", rectangle(634, 358.5, 684, 400), floor=paints.planks)
    pen.room(f"Staff Room {name}", rectangle(588, 400, 632, 462), floor=paints.carpets[0])
    pen.room(f"Staff Hall {name}", rectangle(632, 400, 654, 429), floor=paints.linoleum)
    pen.room(f"Wash Room {name}", rectangle(632, 429, 654, 462), floor=paints.floor_tiles)
    pen.room(f"Mail Room {name}", rectangle(654, 400, 684, 462), floor=paints.linoleum)


def _lounges(side: Side) -> None:
    """A lounge beside the foyer, and north of it kitchen and pantry, or bath."""
    pen, paints, stock = side.wing, side.site.paints, side.site.stock
    wall = paints.plaster if side.is_west else paints.wall_tiles
    pen.walls([(622, 220), (622, 179)], left=paints.corridor, right=paints.stripes, **OUTER)
    pen.walls([(622, 179), (622, 43)], left=paints.brick, right=paints.stripes, **OUTER)
    pen.walls([(588, 43), (622, 43)], left=wall, right=paints.brick, **OUTER)
    pen.walls([(622, 43), (696, 43)], left=wall, right=paints.rooms[4], **OUTER)
    pen.walls([(622, 131), (696, 131), (696, 43)], left=paints.rooms[4], right=paints.stripes, **INNER)
    pen.walls([(588, 43), (588, -22)], left=paints.brick, right=wall, **OUTER)
    pen.walls([(588, -22), (712, -22)], left=paints.brick, right=wall, **OUTER)
    pen.walls([(649, -22), (649, 43)], left=wall, right=wall, **INNER)
    pen.walls([(684, -22), (684, 43)], left=paints.stripes, right=wall, **INNER)
    pen.door(stock.door, 696, 88, WEST, name="Door lounge")
    pen.door(stock.door, 684, 12, WEST, name="Door")
    pen.door(stock.door, 649, 12, WEST, name="Door")
    for y in (66, 106):
        pen.door(stock.wide_window, 622, y, EAST, elevation=70)
    high, sill = (stock.window, 105) if side.is_west else (stock.small_window, 140)
    pen.door(high, 618, -22, SOUTH, elevation=sill)
    pen.door(high, 588, 10, EAST, elevation=sill)
    if side.is_west:
        pen.door(stock.wall_door, 636, 43, SOUTH, name="Door kitchen")
    rooms = ("TV Lounge", "Kitchen", "Pantry") if side.is_west else ("Study Lounge", "Bath", "Bath Lobby")
    floor = paints.checks if side.is_west else paints.floor_tiles
    pen.room(rooms[0], rectangle(622, 43, 696, 131), floor=paints.carpets[1 if side.is_west else 2])
    pen.room(rooms[1], rectangle(588, -22, 649, 43), floor=floor)
    pen.room(rooms[2], rectangle(649, -22, 684, 43), floor=floor)


def _cross_walls(site: Site) -> None:
    """The walls across the axis of symmetry."""
    main, ground = site.whole(site.main), site.whole(site.ground)
    paints, stock = site.paints, site.stock
    main.walls(
        [(622, 220), (802, 220)], left=paints.stripes, right=paints.corridor, right_side_baseboard=BOARD, **INNER
    )
    main.door(stock.foyer_opening, 712, 220, NORTH)
    main.walls([(684, ENTRANCE_HEADER), (740, ENTRANCE_HEADER)], left=paints.corridor, right=paints.corridor, **INNER)
    ground.door(stock.opening(56 * UNIT_CM - INNER_CM - 6), 712, ENTRANCE_HEADER, SOUTH)
    ground.walls([(684, 432), (740, 432)], left=paints.corridor, right=paints.corridor, **INNER)
    ground.door(stock.foyer_opening, 712, 432, SOUTH)
    ground.walls([(740, 495), (684, 495)], left=paints.brick, right=paints.corridor, **INNER)
    ground.door(stock.entrance_door, 712, 495, NORTH, name="Entrance")
    main.door(stock.glazed_doors, 712, -22, SOUTH, name="North exit")


def _passages(site: Site) -> None:
    """The two passages beside the foyer: west to the garden terrace on the same level, east down a flight and out."""
    main, paints, stock = site.whole(site.main), site.paints, site.stock
    for x0, x1 in ((590, 622), (802, 834)):
        main.walls([(x0, 179), (x1, 179)], left=paints.brick, right=paints.corridor, **OUTER)
    main.door(stock.outer_door, 606, 179, SOUTH, name="Door to the terrace")
    site.whole(site.ground).door(stock.outer_door, 818, 179, SOUTH, name="Garden exit")
    main.door(stock.outer_door, 622, 148, EAST, name="Door to the terrace")


def _floors(site: Site) -> None:
    main, ground, paints = site.whole(site.main), site.whole(site.ground), site.paints
    main.room("Foyer", rectangle(622, 131, 802, 220), floor=paints.dark_planks)
    lounge_corridor = [(684, -22), (740, -22), (740, 43), (728, 43), (728, 131), (696, 131), (696, 43), (684, 43)]
    main.room("Lounge Corridor", lounge_corridor, floor=paints.dark_planks)
    cross = [
        (590, 220),
        (834, 220),
        (834, 254.5),
        (740, 254.5),
        (740, INCLINE_TOP),
        (684, INCLINE_TOP),
        (684, 254.5),
        (590, 254.5),
    ]
    main.room("Cross Corridor", cross, floor=paints.runner)
    main.room("Garden Passage West", rectangle(590, 179, 622, 220), floor=paints.runner)
    ground.room("Entrance Lobby", rectangle(684, ENTRANCE_HEADER, 740, 432), floor=paints.floor_tiles)
    ground.room("Porch", rectangle(684, 432, 740, 495), floor=paints.floor_tiles)
