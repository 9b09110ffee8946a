"""What hangs in the corridors: lamps, notice boards, pictures, fire extinguishers, handrails. Nothing stands there."""

from __future__ import annotations

from collections.abc import Sequence

from scenes.bundled.oldenborg.blockrooms import INNER, OUTER, inside
from scenes.bundled.oldenborg.site import MAIN_CM, UNIT_CM, Side, Site
from scenes.bundled.oldenborg.stock import Stock
from scenes.draw import furniture
from scenes.draw.frame import EAST, NORTH, SOUTH, WEST, FramedRoom


def furnish_corridors(site: Site, west: Side, east: Side) -> None:
    """All corridors."""
    stock = site.stock
    for side in (west, east):
        _wing(inside(side.wing, 264 + INNER, 254.5 + INNER, 634 - INNER, 287 - INNER), stock)
        _block(inside(side.block, 164 + INNER, 131, 196 - INNER, 419.5), stock)
        _north(inside(side.block, 90 + OUTER, 101.5 + OUTER, 240 - OUTER, 131 - INNER), stock)
        _south(inside(side.block, 114 + OUTER, 419.5 + INNER, 297 - OUTER, 445.5 - OUTER), stock)
        _around(side)
        office = inside(side.wing, 634, 220 + INNER, 684, 254.5 - INNER)
        office.hang(stock.notice_boards[0], NORTH, 100, 100)
    _entrance(site)
    _cross(inside(site.whole(site.main), 590 + INNER, 220 + INNER, 834 - INNER, 254.5 - INNER), stock)


def _lamps(room: FramedRoom, stock: Stock, places: Sequence[float]) -> None:
    """Lamps along the middle of a corridor."""
    along_u = room.width > room.depth
    for at in places:
        if along_u:
            room.light(stock.panel_lamp, at, room.depth / 2, SOUTH)
        else:
            room.light(stock.panel_lamp, room.width / 2, at, EAST)


def _wing(room: FramedRoom, stock: Stock) -> None:
    """Between the doors lie the baths, where the walls have room; the frame starts at the corridor's far end."""
    _lamps(room, stock, [120 + 395 * k for k in range(6)])
    baths = [(u - 264 - INNER) * UNIT_CM for u in (368, 518)]
    room.hang(stock.notice_boards[0], SOUTH, baths[0], 100)
    room.hang(stock.notice_boards[1], NORTH, baths[1], 100)
    room.hang(stock.picture(), NORTH, baths[0], 145)
    room.hang(stock.picture(), SOUTH, baths[1] - 50, 145)
    room.hang(stock.picture(), SOUTH, (442 - 264) * UNIT_CM, 145)
    room.hang(stock.extinguisher, SOUTH, baths[1] + 70, 90)


def _block(room: FramedRoom, stock: Stock) -> None:
    _lamps(room, stock, [110 + 370 * k for k in range(5)])
    room.hang(stock.notice_boards[0], WEST, 300, 100)
    room.hang(stock.picture(), WEST, 560, 145)
    room.hang(stock.picture(), WEST, 780, 145)
    room.hang(stock.extinguisher, WEST, 880, 90)
    room.hang(stock.picture(), EAST, 430, 145)


def _north(room: FramedRoom, stock: Stock) -> None:
    _lamps(room, stock, [150, 700])
    room.hang(stock.picture(), SOUTH, 200, 145)
    room.hang(stock.notice_boards[0], NORTH, 200, 100)


def _south(room: FramedRoom, stock: Stock) -> None:
    _lamps(room, stock, [200, 600, 1000])
    room.hang(stock.picture(), SOUTH, 150, 145)
    room.hang(stock.picture(), SOUTH, 640, 145)
    room.hang(stock.extinguisher, NORTH, 400, 90)


def _around(side: Side) -> None:
    """The incline's corridor: a handrail on the inner wall, lamps under the higher ceiling."""
    stock = side.site.stock
    room = inside(side.joint, 264 + INNER, 317.5, 297 - OUTER, 419.5)
    _lamps(room, stock, [150, 450])
    rise = MAIN_CM if side.is_west else 60.0
    rail = furniture.handrail(560, -rise * 560 / 600 if side.is_west else rise * 560 / 600)
    low = side.block if side.is_west else side.wing
    ramp = inside(low, 264 + INNER, 317.5, 297 - OUTER, 419.5)
    middle = 300.0 if side.is_west else 313.0
    ramp.hang(rail, EAST, middle, 84 + rise * (1 - 560 / 600) / 2)


def _entrance(site: Site) -> None:
    """Handrails on both sides of the entrance corridor's incline, and lamps."""
    stock = site.stock
    upper = inside(site.whole(site.main), 684 + INNER, 259, 740 - INNER, 364)
    for at in (120, 420):
        upper.light(stock.panel_lamp, upper.width / 2, at)
    lower = inside(site.whole(site.ground), 684 + INNER, 259, 740 - INNER, 364)
    gain = MAIN_CM * 560 / 600
    foot = 84 + MAIN_CM * (1 - 560 / 600) / 2
    lower.hang(furniture.handrail(560, -gain), EAST, 300, foot)
    lower.hang(furniture.handrail(560, gain), WEST, 300, foot)


def _cross(room: FramedRoom, stock: Stock) -> None:
    _lamps(room, stock, [130, 480, 990, 1340])
    for at in (380, room.width - 380):
        room.hang(stock.picture(), SOUTH, at, 145)
    room.hang(stock.extinguisher, SOUTH, 250, 90)
