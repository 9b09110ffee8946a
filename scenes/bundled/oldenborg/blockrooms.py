"""Furniture of an end block: flat, lounge, lab, laundry, stores, the suite."""

from __future__ import annotations

from scenes.bundled.oldenborg.site import INNER_CM, OUTER_CM, THIN_CM, UNIT_CM, Side
from scenes.bundled.oldenborg.stock import Stock
from scenes.draw.frame import EAST, NORTH, SOUTH, WEST, FramedLevel, FramedRoom

OUTER, INNER, THIN = OUTER_CM / 2 / UNIT_CM, INNER_CM / 2 / UNIT_CM, THIN_CM / 2 / UNIT_CM
DESK_CM = 75.0


def inside(pen: FramedLevel, x0: float, y0: float, x1: float, y1: float) -> FramedRoom:
    """The room within inner faces of walls, given in units of the plan."""
    return FramedRoom(pen.inner(x0, y0), (x1 - x0) * UNIT_CM, (y1 - y0) * UNIT_CM)


def furnish_block(side: Side) -> None:
    """All rooms of a block but the row along its corridor."""
    stock, block, wing = side.site.stock, side.block, side.wing
    _flat(inside(block, 75.5 + OUTER, 18 + OUTER, 194 - INNER, 101.5 - OUTER), stock)
    _lounge(inside(block, 194 + INNER, 18 + OUTER, 297 - OUTER, 101.5 - OUTER), stock)
    _lab(inside(wing, 196 + INNER, 198 + INNER, 264 - INNER, 287 - INNER), stock)
    _laundry(inside(block, 196 + INNER, 317 + INNER, 264 - INNER, 375 - INNER), stock)
    _store(inside(block, 196 + INNER, 131 + INNER, 240 - OUTER, 198 - INNER), stock)
    if not side.is_west:
        _store(inside(block, 196 + INNER, 375 + INNER, 264 - INNER, 419.5 - INNER), stock)
    _double(inside(block, 83 + OUTER, 445.5 + OUTER, 141.5 - INNER, 524 - OUTER), stock)
    other = block.inner(275 - OUTER, 445.5 + OUTER, u=(-1.0, 0.0))
    _double(FramedRoom(other, (60.5 - OUTER - INNER) * UNIT_CM, (78.5 - 2 * OUTER) * UNIT_CM), stock)
    _common(inside(block, 141.5 + INNER, 470 + INNER, 214.5 - INNER, 548 - OUTER), stock)
    _suite_bath(inside(block, 150.5 + THIN, 445.5 + OUTER, 205.5 - THIN, 470 - INNER), stock)
    _tub_room(inside(wing, 264 + INNER, 219 + THIN, 297 - OUTER, 254.5 - INNER), stock)
    _vestibule(inside(wing, 264 + INNER, 184 + OUTER, 297 - OUTER, 219 - THIN), stock)


def _flat(room: FramedRoom, stock: Stock) -> None:
    """The language resident's flat: bed in the west, kitchen at the door, living room between."""
    wood, fabric = {"wood": stock.wood()}, stock.fabric()
    room.stand(stock.bed, EAST, 120, repaint=wood | {"fabric": stock.blanket()})
    room.stand(stock.bedside_table, EAST, 40, repaint=wood)
    room.stand(stock.wardrobe, NORTH, 62, repaint=wood)
    room.stand(stock.dresser, NORTH, 190, repaint=wood)
    room.stand(stock.wide_bookcase, NORTH, 310, repaint=wood)
    room.stand(stock.sink, NORTH, 628)
    room.stand(stock.stove, NORTH, 535)
    room.stand(stock.fridge, WEST, 345)
    room.hang(stock.cupboard, NORTH, 628, 150)
    room.stand(stock.television, SOUTH, 380, gap=6, repaint={"dark-wood": stock.wood()})
    room.put(stock.large_rug, 380, 170, repaint={"cushion": stock.blanket()})
    room.put(stock.coffee_table, 380, 160, repaint=wood)
    room.put(stock.sofa, 380, 255, NORTH, repaint=fabric)
    _dining(room, stock, 600, 130, wood)
    room.put(stock.floor_lamp, 255, 260)
    room.stand(stock.radiator, SOUTH, 495)
    room.hang(stock.picture(), EAST, 230, 140)
    room.hang(stock.picture(), WEST, 120, 140)
    for at in (120, 360, 600):
        room.light(stock.ceiling_lamp, at, room.depth / 2)


def _dining(room: FramedRoom, stock: Stock, a: float, b: float, wood: dict[str, int]) -> None:
    """A table with four chairs."""
    room.put(stock.table, a, b, repaint=wood)
    fabric = stock.fabric()
    for da, db, facing in ((-35, -55, SOUTH), (35, -55, SOUTH), (-35, 55, NORTH), (35, 55, NORTH)):
        room.put(stock.chair, a + da, b + db, facing, repaint=wood | fabric)


def _lounge(room: FramedRoom, stock: Stock) -> None:
    wood, fabric = {"wood": stock.wood()}, stock.fabric()
    room.put(stock.large_rug, 200, 106, SOUTH, repaint={"cushion": stock.blanket()})
    room.put(stock.sofa, 75, 106, EAST, repaint=fabric)
    room.put(stock.sofa, 325, 106, WEST, repaint=fabric)
    room.put(stock.coffee_table, 200, 106, EAST, repaint=wood)
    room.put(stock.armchair, 200, 285, NORTH, repaint=stock.fabric())
    room.stand(stock.television, WEST, 325, gap=6, repaint={"dark-wood": stock.wood()})
    room.put(stock.round_table, 410, 380, repaint=wood)
    for angle, da, db in ((NORTH, 0, 62), (WEST, 62, 0), (EAST, -62, 0)):
        room.put(stock.chair, 410 + da, 380 + db, angle, repaint=wood | fabric)
    room.stand(stock.wide_bookcase, NORTH, 310, repaint=wood)
    room.put(stock.plants[0], room.width - 45, 55)
    room.put(stock.floor_lamp, 60, 300)
    room.stand(stock.radiator, SOUTH, 510)
    room.hang(stock.picture(), EAST, 60, 145)
    room.hang(stock.notice_boards[0], NORTH, 500, 110)
    for a, b in ((200, 120), (450, 120), (410, 370), (150, 370)):
        room.light(stock.ceiling_lamp, a, b)


def _lab(room: FramedRoom, stock: Stock) -> None:
    """Computers along the west wall and in a row in the middle."""
    wood = {"wood": stock.wood()}
    for k in range(4):
        at = 85 + 125 * k
        room.stand(stock.desk, EAST, at, repaint=wood)
        room.put(stock.computer, 30, at, EAST, elevation=DESK_CM)
        room.put(stock.chair, 95, at, WEST, repaint=wood | stock.fabric())
    for at in (178, 320):
        room.put(stock.plain_desk, 225, at, EAST, repaint=wood)
        room.put(stock.computer, 222, at, EAST, elevation=DESK_CM)
        room.put(stock.chair, 282, at, WEST, repaint=wood | stock.fabric())
    room.hang(stock.whiteboard, SOUTH, 130, 95)
    room.stand(stock.copier, NORTH, 205)
    room.put(stock.bin, 150, room.depth - 20)
    room.hang(stock.clock, WEST, 250, 190)
    for at in (140, 380):
        for across in (110, 290):
            room.light(stock.panel_lamp, across, at, EAST)


def _laundry(room: FramedRoom, stock: Stock) -> None:
    for k in range(4):
        room.stand(stock.washing_machine, WEST, 42 + 64 * k)
    room.stand(stock.rack, SOUTH, 120)
    room.stand(stock.sink, NORTH, 175)
    room.put(stock.table, 175, 190, EAST, repaint={"wood": stock.wood()})
    room.stand(stock.bench, EAST, 250)
    room.put(stock.bin, 300, 20)
    room.light(stock.panel_lamp, room.width / 2, room.depth / 2, EAST)


def _store(room: FramedRoom, stock: Stock) -> None:
    """Racks and boxes in a stair well that is shut off."""
    room.stand(stock.rack, NORTH, 60)
    if room.width > 300:
        room.stand(stock.rack, NORTH, 175)
        room.stand(stock.lockers, SOUTH, 300)
    for a, b, turn, high in (
        (room.width - 35, 40, 8.0, 0.0),
        (room.width - 38, 42, -6.0, 32.0),
        (room.width - 30, 95, 80.0, 0.0),
    ):
        room.put(stock.box, a, b + 130, turn, elevation=high)
    room.light(stock.ceiling_lamp, room.width / 2, room.depth / 2)


def _double(room: FramedRoom, stock: Stock) -> None:
    """A room for two; its doors are in the corner towards the common room."""
    wood = {"wood": stock.wood()}
    room.stand(stock.bunk_bed, NORTH, 56, gap=6, repaint=wood | {"fabric": stock.blanket()})
    room.stand(stock.desk, NORTH, 190, repaint=wood)
    room.put(stock.chair, 180, room.depth - 80, SOUTH, repaint=wood | stock.fabric())
    room.put(stock.laptop, 190, room.depth - 34, NORTH, elevation=DESK_CM)
    room.stand(stock.desk, EAST, 145, repaint=wood)
    room.put(stock.chair, 80, 135, WEST, repaint=wood | stock.fabric())
    room.put(stock.desk_lamp, 26, 190, EAST, elevation=DESK_CM)
    room.stand(stock.wardrobe, SOUTH, 62, repaint=wood)
    room.stand(stock.dresser, WEST, room.depth - 60, repaint=wood)
    room.put(stock.rug, 190, 260, EAST, repaint={"cushion": stock.blanket()})
    room.hang(stock.picture(), WEST, room.depth - 60, 150)
    room.light(stock.ceiling_lamp, room.width / 2, room.depth / 2)


def _common(room: FramedRoom, stock: Stock) -> None:
    wood, fabric = {"wood": stock.wood()}, stock.fabric()
    room.stand(stock.sofa, EAST, 280, gap=7, repaint=fabric)
    room.put(stock.armchair, 230, room.depth - 60, NORTH, repaint=fabric)
    room.put(stock.coffee_table, 165, 275, EAST, repaint=wood)
    room.put(stock.round_rug, 190, 285, repaint={"cushion": stock.blanket()})
    room.stand(stock.television, WEST, 290, gap=7, repaint={"dark-wood": stock.wood()})
    room.stand(stock.bookcases[0], SOUTH, 60, repaint=wood)
    room.stand(stock.small_fridge, SOUTH, 330)
    room.put(stock.microwave, 330, 22, elevation=84)
    room.put(stock.floor_lamp, 40, room.depth - 40)
    room.stand(stock.radiator, NORTH, 330, gap=6)
    room.hang(stock.picture(), SOUTH, 385, 140)
    for at in (110, 320):
        room.light(stock.ceiling_lamp, room.width / 2, at)


def _suite_bath(room: FramedRoom, stock: Stock) -> None:
    room.stand(stock.shower, SOUTH, 46)
    room.stand(stock.basin, SOUTH, 175)
    room.stand(stock.toilet, SOUTH, 265)
    room.hang(stock.towel_rail, WEST, 70, 95, repaint={"linen": stock.blanket()})
    room.light(stock.ceiling_lamp, room.width / 2, room.depth / 2)


def _tub_room(room: FramedRoom, stock: Stock) -> None:
    room.stand(stock.tub, SOUTH, room.width - 38)
    room.stand(stock.toilet, EAST, 30)
    room.stand(stock.basin, EAST, 90)
    room.light(stock.ceiling_lamp, room.width / 2, room.depth / 2)


def _vestibule(room: FramedRoom, stock: Stock) -> None:
    room.stand(stock.bench, WEST, 110)
    room.hang(stock.notice_boards[0], NORTH, 90, 110)
    room.light(stock.ceiling_lamp, room.width / 2, room.depth / 2)
