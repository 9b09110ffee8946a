"""Furniture for the rooms of a procedural home: groups of pieces that belong together, set where they fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from datagen.homes.floorspace import FloorSpace, Rectangle
from datagen.homes.plan import RoomKind
from datagen.homes.shell import FurnishedRoom
from datagen.homes.style import Style
from scenes.draw.frame import EAST, NORTH, SOUTH, WEST, FramedRoom
from scenes.draw.model import DrawnModel

_TRIES = 14
_DOOR_CLEAR_CM = 95.0
_TALL_CM = 85.0
"""What is higher does not stand before a window."""


@dataclass(frozen=True)
class Item:
    """A piece of a group, `aside` from the group's middle and turned against it.

    `out`: how far the model's origin is from the group's back, cm; None: the piece itself stands with its back there.
    `lift`: its elevation; what is lifted stands on another piece and takes no floor.
    """

    model: DrawnModel
    aside: float = 0.0
    out: float | None = None
    turn_deg: float = 0.0
    lift: float = 0.0


@dataclass(frozen=True)
class Group:
    """Pieces set together, with their backs to a wall or (`is_free`) anywhere; in that share of rooms."""

    items: tuple[Item, ...]
    share: float = 1.0
    is_free: bool = False


def furnish(furnished: FurnishedRoom, style: Style) -> None:
    """Furnishes a room."""
    room, rng = furnished.room, style.rng
    if furnished.plan.kind != "stairs":
        floor = _floor(furnished)
        for group in _GROUPS[furnished.plan.kind](style):
            if rng.random() < group.share:
                _set(group, furnished, floor, style)
        _dress(furnished, floor, style)
    lamp = style.piece("ceiling_lamp") if furnished.plan.kind != "living" else style.piece("pendant_lamp", 46.0, 60.0)
    near = 70.0 if furnished.plan.kind == "stairs" else room.depth / 2
    room.light(lamp, room.width / 2, near)


def _floor(furnished: FurnishedRoom) -> FloorSpace:
    room = furnished.room
    entries = [(at, 45.0) for at, _ in furnished.doors]
    clear: list[Rectangle] = [(at - w / 2, 0.0, at + w / 2, _DOOR_CLEAR_CM) for at, w in furnished.doors]
    for wall, deep in furnished.links:
        a = 0.0 if wall == EAST else room.width - _DOOR_CLEAR_CM
        entries.append((45.0 if wall == EAST else room.width - 45.0, deep))
        clear.append((a, deep - 65, a + _DOOR_CLEAR_CM, deep + 65))
    return FloorSpace(room.width, room.depth, entries, clear)


def _living(style: Style) -> tuple[Group, ...]:
    piece, coffee = style.piece, style.piece("table", 100.0, 60.0, 42.0)
    sofa = Group((Item(piece("sofa")), Item(coffee, out=160.0), Item(piece("rug"), out=155.0)))
    return (
        sofa,
        Group((Item(piece("television")),)),
        Group((Item(piece("armchair")),), 0.7),
        Group((Item(style.bookcases[0]),), 0.7),
        *_dining(style)[:1],
        Group((Item(piece("floor_lamp")),), 0.5),
        Group((Item(style.plants[0]),), 0.6),
    )


def _kitchen(style: Style) -> tuple[Group, ...]:
    piece, counter = style.piece, style.piece("kitchen_counter")
    sink = style.piece("kitchen_counter", 120.0, 62.0, 91.0)
    row = (Item(counter, -90.0), Item(piece("stove")), Item(sink, 90.0))
    short = (Item(counter, -30.0), Item(piece("stove"), 60.0))
    return (
        Group((*row, Item(piece("microwave"), -90.0, 32.0, lift=91.0)), 0.7),
        Group(short),
        Group((Item(piece("fridge")),)),
        Group((Item(counter),), 0.5),
        Group((Item(piece("washing_machine")),), 0.5),
        *_dining(style)[1:],
        Group((Item(piece("bin_")),), 0.7),
    )


def _dining(style: Style) -> tuple[Group, ...]:
    """A large table and a small one, with chairs around them."""
    chair = style.piece("chair")
    large, small = style.piece("table", 150.0, 85.0), style.piece("round_table")
    around = [Item(chair, x, out, turn) for x in (-38.0, 38.0) for out, turn in ((-48.0, 0.0), (48.0, 180.0))]
    pair = [Item(chair, 0.0, -52.0, 0.0), Item(chair, 0.0, 52.0, 180.0)]
    return Group((Item(large), *around), 0.8, is_free=True), Group((Item(small), *pair), 0.8, is_free=True)


def _bath(style: Style) -> tuple[Group, ...]:
    piece = style.piece
    return (
        Group((Item(piece("toilet")),)),
        Group((Item(piece("vanity")),), 0.5),
        Group((Item(piece("wash_basin")),)),
        Group((Item(piece("bath_tub")),), 0.6),
        Group((Item(piece("shower")),), 0.7),
        Group((Item(piece("washing_machine")),), 0.4),
        Group((Item(piece("bin_")),), 0.5),
    )


def _bedroom(style: Style) -> tuple[Group, ...]:
    piece, wide = style.piece, float(style.rng.choice([100.0, 140.0, 160.0]))
    bed, table = piece("bed", wide), piece("bedside_table")
    return (
        Group((Item(bed), Item(table, wide / 2 + 26.0), Item(table, -wide / 2 - 26.0)), 0.6),
        Group((Item(bed), Item(table, wide / 2 + 26.0))),
        Group((Item(piece("wardrobe")),)),
        *_office(style)[:1],
        Group((Item(piece("dresser")),), 0.6),
        Group((Item(style.bookcases[1]),), 0.4),
        Group((Item(style.plants[1]),), 0.4),
        Group((Item(piece("round_rug", 150.0)),), 0.6, is_free=True),
    )


def _office(style: Style) -> tuple[Group, ...]:
    piece, seat = style.piece, style.piece(str(style.rng.choice(["chair", "office_chair"])))
    device = Item(piece(str(style.rng.choice(["computer", "laptop"]))), 0.0, 28.0, lift=75.0)
    lamp = Item(piece("desk_lamp"), -44.0, 30.0, lift=75.0)
    return (
        Group((Item(piece("desk")), Item(seat, 5.0, 76.0, 180.0), device, lamp), 0.9),
        Group((Item(style.bookcases[0]),), 0.8),
        Group((Item(piece("filing_cabinet")),), 0.7),
        Group((Item(piece("desk", 140.0, 65.0)), Item(seat, 0.0, 80.0, 180.0)), 0.5),
        Group((Item(piece("armchair")),), 0.4),
        Group((Item(style.plants[1]),), 0.6),
        Group((Item(piece("bin_")),), 0.7),
    )


def _store(style: Style) -> tuple[Group, ...]:
    piece = style.piece
    box = Group((Item(piece("cardboard_box")), Item(piece("cardboard_box"), 3.0, 19.0, 12.0, lift=32.0)), 0.7)
    return (
        Group((Item(piece("shelf_rack")),)),
        Group((Item(piece("shelf_rack", 140.0)),), 0.6),
        Group((Item(piece("lockers")),), 0.5),
        box,
        box,
        Group((Item(piece("washing_machine")),), 0.5),
        Group((Item(piece("water_dispenser")),), 0.3),
    )


_GROUPS: dict[RoomKind, Callable[[Style], Sequence[Group]]] = {
    "living": _living,
    "kitchen": _kitchen,
    "dining": _dining,
    "bath": _bath,
    "bedroom": _bedroom,
    "office": _office,
    "store": _store,
}
"""What a room of a kind may have, the most needed first."""


def _set(group: Group, furnished: FurnishedRoom, floor: FloorSpace, style: Style) -> None:
    """Tries places for a group; the first that fits is drawn."""
    rng, room = style.rng, furnished.room
    colors = style.colors()
    for _ in range(_TRIES):
        facing = float(rng.choice([SOUTH, WEST, NORTH, EAST]))
        span = room.width if facing in (SOUTH, NORTH) else room.depth
        at = round(float(rng.uniform(20, span - 20)), 1)
        back = 1.0
        if group.is_free:
            reach = room.depth if facing in (SOUTH, NORTH) else room.width
            back = round(float(rng.uniform(40, reach - 40)), 1)
        places = [_place(item, facing, at, back, room, is_free=group.is_free) for item in group.items]
        solid = [place for item, place in zip(group.items, places, strict=True) if _takes_floor(item)]
        if not group.is_free and _hides_window(group, facing, at, furnished):
            continue
        if not solid or floor.offer([place.rectangle for place in solid]):
            for item, place in zip(group.items, places, strict=True):
                more = {"elevation": item.lift} if item.lift else {}
                turned = (facing + item.turn_deg) % 360
                room.put(item.model, place.a, place.b, turned, repaint=_own(item.model, colors), **more)
            return


@dataclass(frozen=True)
class _Place:
    a: float
    b: float
    rectangle: Rectangle


def _place(item: Item, facing: float, at: float, back: float, room: FramedRoom, *, is_free: bool) -> _Place:
    """Where an item's origin is and the floor that it takes, for a group with its middle `at` along the wall."""
    low, high = item.model.bounds_cm()
    off = back + (item.out if item.out is not None else 0.0 if is_free else -float(low[2]))
    half = max(-float(low[0]), float(high[0]))
    before, behind = (float(high[2]), -float(low[2])) if item.turn_deg != 180.0 else (-float(low[2]), float(high[2]))
    side, extent = at + item.aside, (off - behind, off + before)
    a0, a1 = side - half, side + half
    if facing == SOUTH:
        return _Place(side, off, (a0, extent[0], a1, extent[1]))
    if facing == NORTH:
        return _Place(side, room.depth - off, (a0, room.depth - extent[1], a1, room.depth - extent[0]))
    if facing == EAST:
        return _Place(off, side, (extent[0], a0, extent[1], a1))
    return _Place(room.width - off, side, (room.width - extent[1], a0, room.width - extent[0], a1))


def _takes_floor(item: Item) -> bool:
    return not item.lift and item.model.size_cm()[2] > 3.0


def _hides_window(group: Group, facing: float, at: float, furnished: FurnishedRoom) -> bool:
    if facing != NORTH:
        return False
    for item in group.items:
        half, height = item.model.size_cm()[0] / 2, item.model.size_cm()[2] + item.lift
        for window, width, sill in furnished.windows:
            if height > min(sill, _TALL_CM) and abs(at + item.aside - window) < half + width / 2:
                return True
    return False


def _own(model: DrawnModel, colors: dict[str, int]) -> dict[str, int]:
    """Colours for the finishes that a model has and that are no image."""
    names = {finish.name for finish in model.finishes() if finish.image is None}
    return {name: color for name, color in colors.items() if name in names}


def _dress(furnished: FurnishedRoom, floor: FloorSpace, style: Style) -> None:
    """Curtains at windows, and pictures on side walls where nothing high stands before them."""
    room, rng = furnished.room, style.rng
    if furnished.plan.kind in ("bath", "store"):
        return
    colors = style.colors()
    for at, width, sill in furnished.windows:
        if rng.random() < 0.6:
            model = style.piece("curtains", width + 40.0, 140.0)
            room.stand(model, NORTH, at, gap=5.0, elevation=sill - 8, repaint=_own(model, colors))
    for wall in (EAST, WEST):
        if rng.random() < 0.7 and all(own != wall for own, _ in furnished.links):
            picture = style.pictures[int(rng.integers(len(style.pictures)))]
            at = float(rng.uniform(60, room.depth - 60))
            if _is_bare(floor, wall, at, room):
                room.hang(picture, wall, at, 140.0)


def _is_bare(floor: FloorSpace, wall: float, at: float, room: FramedRoom) -> bool:
    edge = 30.0
    spot = (0.0, at - 45, edge, at + 45) if wall == EAST else (room.width - edge, at - 45, room.width, at + 45)
    return not any(np.all((spot[0] < p[2], p[0] < spot[2], spot[1] < p[3], p[1] < spot[3])) for p in floor.taken)
