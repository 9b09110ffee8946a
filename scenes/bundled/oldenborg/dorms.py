"""Furniture of the students' rooms and of the baths between them."""

from __future__ import annotations

from scenes.bundled.oldenborg.site import INNER_CM, THIN_CM
from scenes.bundled.oldenborg.stock import Stock
from scenes.bundled.oldenborg.strip import (
    BATH_1,
    BATH_2,
    PLAIN_2,
    SPLIT_AT_DOOR,
    SPLIT_DEPTH,
    WET_DEPTH,
    WIDE,
    WINDOW_SILL_CM,
    WINDOWS,
    Strip,
    bath_frames,
    room_frames,
)  # fmt: skip
from scenes.draw.frame import EAST, NORTH, SOUTH, WEST, FramedRoom

DESK_CM = 75.0
"""Height of a desk's top."""


def furnish_strip(strip: Strip, stock: Stock) -> None:
    """Everything in a row of rooms."""
    jog = SPLIT_DEPTH * strip.size[1] - INNER_CM / 2 - THIN_CM / 2
    starts = (BATH_1, WIDE, BATH_2, PLAIN_2)
    for index, (_, pen, (width, depth)) in enumerate(room_frames(strip)):
        window = abs(strip.along(WINDOWS[index]) - strip.along(starts[index])) - THIN_CM / 2
        room = FramedRoom(pen, width, depth)
        at_door = abs(strip.along(SPLIT_AT_DOOR) - strip.along(starts[index])) - THIN_CM
        if index == 1:
            _wide_at_door(room, stock, window, (at_door, jog))
        elif index == 2:
            _wide_at_window(room, stock, window, (at_door, jog))
        else:
            _plain(room, stock, window)
    for pen, (width, depth) in bath_frames(strip):
        _bath(FramedRoom(pen, width, depth), stock, WET_DEPTH * strip.size[1] - INNER_CM / 2)


def _plain(room: FramedRoom, stock: Stock, window: float) -> None:
    wood = {"wood": stock.wood()}
    _at_window(room, stock, window, wood)
    room.stand(stock.bed, NORTH, room.width - 52, repaint=wood | {"fabric": stock.blanket()})
    room.stand(stock.wardrobe, WEST, 63, repaint=wood)
    if room.depth > 420 and stock.chance(0.6):
        room.stand(stock.dresser, WEST, 168, repaint=wood)
    room.stand(stock.bookcases[0], EAST, 300, repaint=wood)
    if stock.chance(0.5):
        room.stand(stock.small_fridge, EAST, 229)
    room.put(stock.rug, room.width / 2 - 15, room.depth / 2, EAST, repaint=_rug(stock))
    room.hang(stock.picture(), WEST, room.depth - 110, 140)
    room.light(stock.ceiling_lamp, room.width / 2, room.depth / 2)


def _wide_at_door(room: FramedRoom, stock: Stock, window: float, alcove: tuple[float, float]) -> None:
    """The alcove beside the door is that wide, from the bath's wall, and that deep."""
    wood = {"wood": stock.wood()}
    _at_window(room, stock, window, wood)
    part = room.part(0, 0, *alcove)
    part.stand(stock.bed, WEST, 53, repaint=wood | {"fabric": stock.blanket()})
    part.stand(stock.dresser, NORTH, part.width - 52, repaint=wood)
    part.stand(stock.bookcases[1], NORTH, part.width - 145, repaint=wood)
    part.hang(stock.picture(), SOUTH, part.width - 110, 140)
    room.stand(stock.wardrobe, EAST, 275, repaint=wood)
    room.put(stock.round_rug, 0.36 * part.width, 0.7 * part.depth, repaint=_rug(stock))
    part.light(stock.ceiling_lamp, part.width / 2, part.depth / 2)
    room.light(stock.ceiling_lamp, room.width / 2, (room.depth + part.depth) / 2)


def _wide_at_window(room: FramedRoom, stock: Stock, window: float, entry: tuple[float, float]) -> None:
    """The entry is that wide, from the bath's wall, and that deep."""
    wood = {"wood": stock.wood()}
    _at_window(room, stock, window, wood, -1)
    part = room.part(0, 0, *entry)
    part.stand(stock.wardrobe, WEST, 63, repaint=wood)
    room.stand(stock.bed, WEST, room.depth - 53, repaint=wood | {"fabric": stock.blanket()})
    alcove = room.part(entry[0] + THIN_CM, entry[1] + THIN_CM, room.width - entry[0] - THIN_CM, 100)
    alcove.stand(stock.dresser, SOUTH, 52, repaint=wood)
    alcove.stand(stock.bedside_table, SOUTH, alcove.width - 26, repaint=wood)
    room.stand(stock.bookcases[0], EAST, 250, repaint=wood)
    room.hang(stock.picture(), WEST, room.depth - 60, 145)
    room.put(stock.rug, 0.42 * room.width, entry[1] + 78, repaint=_rug(stock))
    part.light(stock.ceiling_lamp, part.width / 2, part.depth / 2)
    room.light(stock.ceiling_lamp, room.width / 2, (room.depth + entry[1]) / 2)


def _at_window(room: FramedRoom, stock: Stock, window: float, wood: dict[str, int], bin_side: int = 1) -> None:
    """The desk under the window with what belongs to it, the bin on either side, and the curtains."""
    room.stand(stock.desk, NORTH, window, repaint=wood)
    room.put(stock.chair, window - 12, room.depth - 78, SOUTH, repaint=wood | stock.fabric())
    if stock.chance(0.4):
        room.put(stock.desk_lamp, window - 48, room.depth - 24, NORTH, elevation=DESK_CM)
    if stock.chance(0.7):
        room.put(stock.laptop, window, room.depth - 34, NORTH, elevation=DESK_CM)
    room.put(stock.bin, window + bin_side * 77, room.depth - 18)
    color = {"cushion": stock.blanket()}
    room.stand(stock.curtains, NORTH, window, gap=4.5, elevation=WINDOW_SILL_CM - 12, repaint=color)


def _rug(stock: Stock) -> dict[str, int]:
    return {"cushion": stock.blanket()}


def _bath(room: FramedRoom, stock: Stock, wet: float) -> None:
    """A basin at the corridor's wall; behind a partition at depth `wet` toilet and shower."""
    room.stand(stock.vanity, SOUTH, room.width / 2)
    if stock.chance(0.3):
        room.hang(stock.towel_rail, EAST, wet - 45, 95, repaint={"linen": stock.blanket()})
    inner = room.part(0, wet + THIN_CM / 2, room.width, room.depth - wet - THIN_CM / 2)
    inner.stand(stock.toilet, NORTH, 45)
    inner.stand(stock.shower, NORTH, inner.width - 46)
    room.light(stock.ceiling_lamp, room.width / 2, wet - 70)
