"""A row of four students' rooms along a corridor, each two with a bath between: the unit that the building repeats.

From its first end: a plain room, a bath, a room that is wide at its door, one that is wide at its window, a bath, a
plain room. The two in the middle interlock.
"""

from __future__ import annotations

from dataclasses import dataclass

from scenes.bundled.oldenborg.site import BOARD, INNER_CM, OUTER_CM, THIN_CM, Site, rectangle
from scenes.draw.drawing import Paint
from scenes.draw.frame import EAST, NORTH, SOUTH, WEST, FramedLevel
from scenes.home.basics import Texture

BATH_1, WIDE, BATH_2, PLAIN_2, END = 52.0, 91.5, 200.5, 241.0, 293.0
"""Where the baths and the rooms after them begin, units along the corridor."""
SPLIT_AT_DOOR, SPLIT_AT_WINDOW, SPLIT_DEPTH = 163.0, 132.0, 0.51
"""The wall between the two middle rooms: units along the corridor, and the share of the depth where it jogs."""
WET_DEPTH = 0.645
DOORS = (42.0, 103.0, 189.5, 251.0)
WINDOWS = (37.0, 114.0, 180.0, 256.0)
BATH_DOOR_DEPTH = 0.325
WINDOW_SILL_CM = 88.0


@dataclass(frozen=True)
class Strip:
    """A row of rooms. Its frame, in cm, starts at a corner: along the corridor, and from it into the rooms.

    Attributes:
        names: of the plain room, the wide ones, and the other plain room, in order.
        size: length and depth, cm, between the middles of its walls.
        ends: thickness of the walls at its ends; 0 where another part draws one.
        beyond: how far the corridor's wall goes on past the far end, cm.
        outside: what covers the outer sides of the wall at either end.
    """

    pen: FramedLevel
    names: tuple[str, str, str, str]
    size: tuple[float, float]
    ends: tuple[float, float]
    outside: tuple[Paint, Paint]
    beyond: float = 0.0

    def along(self, units: float) -> float:
        """A position along the corridor, cm."""
        return units * self.size[0] / END

    @property
    def bath_names(self) -> tuple[str, str]:
        """What the two baths are called, by the rooms that share them."""
        one, two, three, four = self.names
        return f"Shared Bath {one}/{two}", f"Shared Bath {three}/{four}"


def draw_strip(strip: Strip, site: Site) -> None:
    """Walls, floors, doors and windows of a row of rooms."""
    accents = [site.paints.rooms[int(k)] for k in site.rng.permutation(len(site.paints.rooms))[:4]]
    _outer_walls(strip, site)
    _partitions(strip, site, accents)
    _floors(strip, site)
    _openings(strip, site)


def _outer_walls(strip: Strip, site: Site) -> None:
    pen, (length, depth), paints = strip.pen, strip.size, site.paints
    corridor = [(0.0, 0.0), (length + strip.beyond, 0.0)]
    pen.walls(corridor, thickness=INNER_CM, left=paints.corridor, right=paints.plaster, left_side_baseboard=BOARD)
    pen.walls([(length, depth), (0, depth)], thickness=OUTER_CM, left=paints.brick, right=paints.plaster)
    if strip.ends[0]:
        pen.walls([(0, depth), (0, 0)], thickness=strip.ends[0], left=strip.outside[0], right=paints.plaster)
    if strip.ends[1]:
        pen.walls([(length, 0), (length, depth)], thickness=strip.ends[1], left=strip.outside[1], right=paints.plaster)


def _partitions(strip: Strip, site: Site, accents: list[Texture]) -> None:
    pen, (_, depth), tiles = strip.pen, strip.size, site.paints.wall_tiles
    for first, second, before, after in ((BATH_1, WIDE, 0, 1), (BATH_2, PLAIN_2, 2, 3)):
        a, b = strip.along(first), strip.along(second)
        pen.walls([(a, depth), (a, 0)], thickness=THIN_CM, left=accents[before], right=tiles)
        pen.walls([(b, 0), (b, depth)], thickness=THIN_CM, left=accents[after], right=tiles)
        wet, gap = WET_DEPTH * depth, 42.0
        middle = (a + b) / 2
        pen.walls([(a, wet), (middle - gap, wet)], thickness=THIN_CM, left=tiles, right=tiles)
        pen.walls([(middle + gap, wet), (b, wet)], thickness=THIN_CM, left=tiles, right=tiles)
    near, far, jog = strip.along(SPLIT_AT_DOOR), strip.along(SPLIT_AT_WINDOW), SPLIT_DEPTH * depth
    pen.walls([(near, 0), (near, jog), (far, jog), (far, depth)], thickness=THIN_CM, left=accents[2], right=accents[1])


def _floors(strip: Strip, site: Site) -> None:
    pen, (length, depth) = strip.pen, strip.size
    bath_1, wide, bath_2, plain = (strip.along(x) for x in (BATH_1, WIDE, BATH_2, PLAIN_2))
    near, far, jog = strip.along(SPLIT_AT_DOOR), strip.along(SPLIT_AT_WINDOW), SPLIT_DEPTH * depth
    outlines = [
        rectangle(0, 0, bath_1, depth),
        [(wide, 0), (near, 0), (near, jog), (far, jog), (far, depth), (wide, depth)],
        [(near, 0), (bath_2, 0), (bath_2, depth), (far, depth), (far, jog), (near, jog)],
        rectangle(plain, 0, length, depth),
    ]
    floors = [site.paints.planks, site.paints.carpets[0], site.paints.carpets[1], site.paints.carpets[2]]
    order = site.rng.permutation(4)
    for name, outline, k in zip(strip.names, outlines, order, strict=True):
        pen.room(name, outline, floor=floors[int(k)])
    for name, first, second in zip(strip.bath_names, (bath_1, bath_2), (wide, plain), strict=True):
        pen.room(name, rectangle(first, 0, second, depth), floor=site.paints.floor_tiles)


def _openings(strip: Strip, site: Site) -> None:
    pen, (_, depth), stock = strip.pen, strip.size, site.stock
    for name, door, window in zip(strip.names, DOORS, WINDOWS, strict=True):
        is_mirrored = door < BATH_1 or PLAIN_2 > door > SPLIT_AT_DOOR
        pen.door(stock.door, strip.along(door), 0, SOUTH, flipped=is_mirrored, name=f"Door {name}")
        pen.door(stock.window, strip.along(window), depth, NORTH, elevation=WINDOW_SILL_CM)
    for first, second in ((BATH_1, WIDE), (BATH_2, PLAIN_2)):
        pen.door(stock.thin_door, strip.along(first), BATH_DOOR_DEPTH * depth, EAST, flipped=True, name="Bath door")
        pen.door(stock.thin_door, strip.along(second), BATH_DOOR_DEPTH * depth, WEST, name="Bath door")


def room_frames(strip: Strip) -> list[tuple[str, FramedLevel, tuple[float, float]]]:
    """For each students' room: its name, its frame, and its inner width and depth at the window, cm.

    The frame starts inside of the corner of corridor and bath, along the corridor's wall away from the bath.
    """
    found = []
    thin, inner = THIN_CM / 2, INNER_CM / 2
    deep = strip.size[1] - inner - OUTER_CM / 2
    edges = [(BATH_1, 0.0, strip.ends[0]), (WIDE, SPLIT_AT_WINDOW, THIN_CM)]
    edges += [(BATH_2, SPLIT_AT_WINDOW, THIN_CM), (PLAIN_2, END, strip.ends[1])]
    for name, (start, end, wall) in zip(strip.names, edges, strict=True):
        away = 1.0 if end > start else -1.0
        wide = abs(strip.along(end) - strip.along(start)) - thin - (wall or OUTER_CM) / 2
        pen = strip.pen.inner(strip.along(start) + away * thin, inner, u=(away, 0.0))
        found.append((name, pen, (wide, deep)))
    return found


def bath_frames(strip: Strip) -> list[tuple[FramedLevel, tuple[float, float]]]:
    """The frame of each bath, from the inside of a corner at the corridor, and its inner width and depth, cm."""
    deep = strip.size[1] - INNER_CM / 2 - OUTER_CM / 2
    found = []
    for first, second in ((BATH_1, WIDE), (BATH_2, PLAIN_2)):
        wide = strip.along(second) - strip.along(first) - THIN_CM
        found.append((strip.pen.inner(strip.along(first) + THIN_CM / 2, INNER_CM / 2), (wide, deep)))
    return found
