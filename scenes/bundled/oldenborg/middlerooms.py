"""Furniture of the middle: foyer, lounges, kitchen, baths, offices, entrance, upper landings."""

from __future__ import annotations

from scenes.bundled.oldenborg.blockrooms import DESK_CM, INNER, OUTER, THIN, inside
from scenes.bundled.oldenborg.site import UNIT_CM, Side, Site
from scenes.bundled.oldenborg.stock import Stock
from scenes.draw.frame import EAST, NORTH, SOUTH, WEST, FramedRoom


def furnish_middle(site: Site, west: Side, east: Side) -> None:
    """All rooms of the middle."""
    stock = site.stock
    _foyer(inside(site.whole(site.main), 622 + OUTER, 131 + INNER, 802 - OUTER, 220 - INNER), stock)
    lounge = (622 + OUTER, 43 + OUTER, 696 - INNER, 131 - INNER)
    _tv_lounge(inside(west.wing, *lounge), stock)
    _study_lounge(inside(east.wing, *lounge), stock)
    first = (588 + OUTER, -22 + OUTER, 649 - INNER, 43 - OUTER)
    second = (649 + INNER, -22 + OUTER, 684 - INNER, 43 - OUTER)
    _kitchen(inside(west.wing, *first), stock)
    _pantry(inside(west.wing, *second), stock)
    _bath(inside(east.wing, *first), stock)
    _bath_lobby(inside(east.wing, *second), stock)
    _lounge_corridor(inside(site.whole(site.main), 684 + INNER, -22 + OUTER, 740 - INNER, 43), stock)
    for side in (west, east):
        low = side.wing.on(site.ground)
        _office(inside(side.wing, 634 + INNER, 254.5 + INNER, 684 - INNER, 358.5 - OUTER), stock)
        _reception(inside(low, 634 + OUTER, 358.5 + OUTER, 684 - INNER, 400 - INNER), stock)
        _staff_room(inside(low, 588 + OUTER, 400 + OUTER, 632 - INNER, 462 - OUTER), stock)
        _mail_room(inside(low, 654 + THIN, 400 + INNER, 684 - INNER, 462 - OUTER), stock)
        _wash_room(inside(low, 632 + INNER, 429 + THIN, 654 - THIN, 462 - OUTER), stock)
        hall = inside(low, 632 + INNER, 400 + INNER, 654 - THIN, 429 - THIN)
        hall.light(stock.ceiling_lamp, hall.width / 2, hall.depth / 2)
    _store(inside(east.wing, 590 + INNER, 287 + INNER, 634 - INNER, 358.5 - OUTER), stock)
    _porch(inside(site.whole(site.ground), 684 + INNER, 432 + INNER, 740 - INNER, 495 - INNER), stock)
    _landing(inside(site.whole(site.upper_centre), 590 + INNER, 254.5 + INNER, 634 - INNER, 300), stock)
    _landing(inside(site.whole(site.upper_west), 164 + INNER, 375 + INNER, 206, 419.5 - INNER), stock)


def _group(room: FramedRoom, stock: Stock, a: float, b: float) -> None:
    """Sofas and armchairs around a low table."""
    wood, fabric = {"wood": stock.wood()}, stock.fabric()
    room.put(stock.large_rug, a, b, repaint={"cushion": stock.blanket()})
    room.put(stock.coffee_table, a, b, repaint=wood)
    room.put(stock.sofa, a, b - 115, SOUTH, repaint=fabric)
    room.put(stock.sofa, a, b + 115, NORTH, repaint=fabric)


def _foyer(room: FramedRoom, stock: Stock) -> None:
    """Two groups of seats, with the way from north to south free between them."""
    middle = room.width / 2
    _group(room, stock, 220, 320)
    _group(room.part(room.width - 440, 0, 440, room.depth), stock, 220, 290)
    for a in (middle - 150, middle + 150):
        for b in (150.0, 370.0):
            room.put(stock.pillar, a, b)
    room.stand(stock.wide_bookcase, SOUTH, 200, repaint={"wood": 0x6B452C})
    room.stand(stock.vending_machine, SOUTH, room.width - 70)
    room.stand(stock.water, SOUTH, room.width - 150)
    room.hang(stock.notice_boards[1], SOUTH, room.width - 330, 100)
    room.hang(stock.notice_boards[1], NORTH, middle - 240, 100)
    for a, b in ((60.0, 440.0), (room.width - 45, room.depth - 45), (middle - 135, 40.0)):
        room.put(stock.plants[0], a, b)
    room.hang(stock.picture(), WEST, 265, 145)
    for at in (150, 380):
        room.hang(stock.wall_lamp, WEST, at, 165)
        room.hang(stock.wall_lamp, EAST, at + 50, 165)
    room.hang(stock.picture(), NORTH, 90, 145)
    room.hang(stock.clock, NORTH, middle + 170, 190)
    for a in (220.0, middle, room.width - 220):
        for b in (150.0, 370.0):
            room.light(stock.pendant_lamp if a != middle else stock.ceiling_lamp, a, b)


def _tv_lounge(room: FramedRoom, stock: Stock) -> None:
    wood, fabric = {"wood": stock.wood()}, stock.fabric()
    room.stand(stock.television, NORTH, room.width / 2 - 20)
    room.put(stock.large_rug, room.width / 2 - 20, 330, repaint={"cushion": stock.blanket()})
    room.put(stock.coffee_table, room.width / 2 - 20, 330, repaint=wood)
    room.put(stock.sofa, room.width / 2 - 20, 225, SOUTH, repaint=fabric)
    room.put(stock.armchair, 55, 335, EAST, repaint=fabric)
    room.stand(stock.armchair, SOUTH, 230, repaint=stock.fabric())
    room.stand(stock.bookcases[0], WEST, 60, repaint=wood)
    room.put(stock.plants[0], room.width - 45, room.depth - 45)
    room.put(stock.floor_lamp, 40, room.depth - 50)
    room.stand(stock.radiator, EAST, 125)
    room.hang(stock.picture(), WEST, 400, 145)
    for b in (150, 360):
        room.light(stock.ceiling_lamp, room.width / 2, b)


def _study_lounge(room: FramedRoom, stock: Stock) -> None:
    """Tables to work at, bookcases; its frame is mirrored."""
    wood = {"wood": stock.wood()}
    for b in (130, 380):
        room.put(stock.table, 200, b, repaint=wood)
        for a, facing, db in ((165, SOUTH, -55), (235, SOUTH, -55), (165, NORTH, 55), (235, NORTH, 55)):
            room.put(stock.chair, a, b + db, facing, repaint=wood | stock.fabric())
        room.put(stock.desk_lamp, 200, b, SOUTH, elevation=74)
    room.stand(stock.wide_bookcase, SOUTH, 100, repaint=wood)
    room.stand(stock.wide_bookcase, SOUTH, 225, repaint=wood)
    room.stand(stock.bookcases[0], NORTH, 60, repaint=wood)
    room.put(stock.armchair, 60, 255, EAST, repaint=stock.fabric())
    room.put(stock.plants[0], room.width - 45, room.depth - 45)
    room.hang(stock.whiteboard, WEST, 100, 95)
    room.stand(stock.radiator, EAST, 400)
    for b in (130, 380):
        room.light(stock.panel_lamp, room.width / 2, b)


def _kitchen(room: FramedRoom, stock: Stock) -> None:
    room.stand(stock.sink, SOUTH, 183)
    room.stand(stock.kitchen_counter, SOUTH, 62)
    room.stand(stock.kitchen_counter, EAST, 124)
    room.stand(stock.stove, EAST, 216)
    room.stand(stock.fridge, SOUTH, 300)
    room.put(stock.microwave, 26, 40, EAST, elevation=91)
    room.hang(stock.cupboard, EAST, 300, 150)
    wood = {"wood": stock.wood()}
    room.put(stock.table, 205, 210, repaint=wood)
    for a, b, facing in ((170, 155, SOUTH), (240, 155, SOUTH), (170, 265, NORTH), (240, 265, NORTH)):
        room.put(stock.stool, a, b, facing, height=46, repaint=wood)
    room.put(stock.bin, 25, 340)
    room.light(stock.panel_lamp, 190, 190)


def _pantry(room: FramedRoom, stock: Stock) -> None:
    room.stand(stock.rack, SOUTH, 60)
    room.stand(stock.fridge, SOUTH, 155)
    room.stand(stock.rack, NORTH, 60)
    room.put(stock.box, 150, room.depth - 30, 10.0)
    room.light(stock.ceiling_lamp, room.width / 2, room.depth / 2)


def _bath(room: FramedRoom, stock: Stock) -> None:
    """The bath for all, its showers along the outer walls."""
    for at in (46, 146):
        room.stand(stock.shower, SOUTH, at, gap=5)
    for at in (55, 130):
        room.stand(stock.toilet, NORTH, at)
    room.stand(stock.vanity, NORTH, 260)
    room.stand(stock.bench, EAST, 200)
    room.hang(stock.towel_rail, SOUTH, 270, 95, repaint={"linen": stock.blanket()})
    room.light(stock.panel_lamp, room.width / 2, room.depth / 2)


def _bath_lobby(room: FramedRoom, stock: Stock) -> None:
    room.stand(stock.lockers, SOUTH, 80)
    room.stand(stock.bench, NORTH, 90)
    room.light(stock.ceiling_lamp, room.width / 2, room.depth / 2)


def _lounge_corridor(room: FramedRoom, stock: Stock) -> None:
    """The wide north end, before the north exit."""
    room.put(stock.plants[0], 50, room.depth - 65)
    room.put(stock.plants[0], room.width - 50, room.depth - 65)
    room.hang(stock.extinguisher, EAST, 60, 90)
    room.light(stock.panel_lamp, room.width / 2, room.depth / 2)
    room.light(stock.panel_lamp, room.width / 2, room.depth + 250, EAST)


def _office(room: FramedRoom, stock: Stock) -> None:
    """Two desks across, a visitor's chair before each."""
    wood = {"wood": stock.wood()}
    for at in (200, 440):
        room.put(stock.plain_desk, 120, at, NORTH, repaint=wood)
        room.put(stock.computer, 120, at + 2, SOUTH, elevation=DESK_CM)
        room.put(stock.office_chair, 120, at + 72, NORTH, repaint=stock.fabric())
        room.put(stock.chair, 115, at - 75, SOUTH, repaint=wood)
    for k in range(2):
        room.stand(stock.filing_cabinet, NORTH, 40 + 48 * k)
    room.hang(stock.whiteboard, EAST, 330, 95)
    room.hang(stock.picture(), WEST, 260, 145)
    room.put(stock.bin, 215, 470)
    for b in (150, 430):
        room.light(stock.panel_lamp, room.width / 2, b)


def _reception(room: FramedRoom, stock: Stock) -> None:
    wood = {"wood": stock.wood()}
    room.stand(stock.counter, SOUTH, 150, depth=60.0, repaint=wood)
    room.hang(stock.clock, SOUTH, 150, 185)
    room.put(stock.chair, 150, 112, NORTH, repaint=wood | stock.fabric())
    room.put(stock.plants[1], 30, 100)
    room.light(stock.panel_lamp, room.width / 2, room.depth / 2)


def _staff_room(room: FramedRoom, stock: Stock) -> None:
    wood = {"wood": stock.wood()}
    room.put(stock.round_table, 110, 225, repaint=wood)
    for da, db, facing in ((0, 62, NORTH), (-62, 0, EAST), (62, 0, WEST)):
        room.put(stock.chair, 110 + da, 225 + db, facing, repaint=wood | stock.fabric())
    room.stand(stock.sink, SOUTH, 62)
    room.stand(stock.small_fridge, SOUTH, 155)
    room.put(stock.microwave, 155, 24, elevation=84)
    room.stand(stock.filing_cabinet, NORTH, 210)
    room.light(stock.ceiling_lamp, room.width / 2, room.depth / 2)


def _mail_room(room: FramedRoom, stock: Stock) -> None:
    for at in (160, 285):
        room.stand(stock.lockers, WEST, at, depth=30.0)
    room.stand(stock.copier, NORTH, 40, gap=6)
    room.stand(stock.rack, SOUTH, 60)
    room.light(stock.panel_lamp, room.width / 2, room.depth / 2, EAST)


def _wash_room(room: FramedRoom, stock: Stock) -> None:
    room.stand(stock.toilet, NORTH, 35)
    room.stand(stock.basin, WEST, 95)
    room.light(stock.ceiling_lamp, room.width / 2, room.depth / 2)


def _store(room: FramedRoom, stock: Stock) -> None:
    for at in (60, 170):
        room.stand(stock.rack, NORTH, at)
    room.stand(stock.lockers, EAST, 160)
    for a, b, turn in ((200, 250, 12.0), (205, 190, 85.0)):
        room.put(stock.box, a, b, turn)
    room.light(stock.ceiling_lamp, room.width / 2, room.depth / 2)


def _porch(room: FramedRoom, stock: Stock) -> None:
    for a in (45.0, room.width - 45):
        room.put(stock.plants[0], a, 115)
    room.light(stock.panel_lamp, room.width / 2, room.depth / 2)
    lobby = room.part(0, -68 * UNIT_CM, room.width, 60 * UNIT_CM)
    lobby.hang(stock.notice_boards[1], EAST, 300, 100)
    lobby.hang(stock.notice_boards[1], WEST, 300, 100)
    lobby.light(stock.panel_lamp, room.width / 2, 250, EAST)


def _landing(room: FramedRoom, stock: Stock) -> None:
    """A landing on an upper floor."""
    room.hang(stock.picture(), EAST, room.depth / 2, 145)
    room.put(stock.plants[0], 40, 40)
    room.light(stock.ceiling_lamp, room.width / 2, room.depth / 2)
