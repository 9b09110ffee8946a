"""What joins the heights inside: inclines, short flights, and two full stair wells.

Where a corridor changes its height, its floor belongs to a room of the lower level and its ceiling to one of the higher
level, so that there is headroom; a wall over a cased opening closes the step between the ceilings.
"""

from __future__ import annotations

from scenes.bundled.oldenborg.centre import ENTRANCE_HEADER, INCLINE_TOP
from scenes.bundled.oldenborg.site import (
    EAST_CM,
    FLIGHT_END,
    INNER_CM,
    MAIN_CM,
    OUTER_CM,
    UNIT_CM,
    Side,
    Site,
    rectangle,
)  # fmt: skip
from scenes.bundled.oldenborg.stock import LANDING_CM, WELL_GOING_CM
from scenes.draw import furniture
from scenes.draw.drawing import PlanPoint
from scenes.draw.finishes import WOOD, colored
from scenes.draw.frame import EAST, NORTH, SOUTH, WEST, FramedLevel

INCLINE_CM, GOING_CM = 600.0, 28.0

PASSAGE = (288.33, 315.67)
"""The clear part, in y, of the passage from a block to its wing."""
HEADER_WEST = 237.0
"""The wall, in x, where the ceiling of the west one steps up."""
AROUND = (265.33, 294.84)
"""The clear part, in x, of the corridor that goes around the block's core."""

WELL_LENGTH = (9 * WELL_GOING_CM + LANDING_CM) / UNIT_CM
IN_WALL = 2.0 / UNIT_CM
"""How far the staircases of full wells reach into the walls at their backs."""

TREAD = colored(WOOD, (0.45, 0.30, 0.20))


def draw_connectors(site: Site, west: Side, east: Side) -> None:
    """All of them, with the floors, ceilings and openings that belong to them."""
    _passage_west(west)
    _passage_east(east)
    _incline_west(west)
    _incline_east(east)
    _entrance(site)
    _garden_exit(site)
    _well_west(west)
    _well_centre(site)


def _passage_west(side: Side) -> None:
    """The west block's passage: five risers up to the wing."""
    site, width = side.site, (PASSAGE[1] - PASSAGE[0]) * UNIT_CM
    clear = site.stock.opening(width - 6)
    start = FLIGHT_END - 5 * GOING_CM / UNIT_CM
    side.wing.door(clear, 264, 302, EAST)
    paint = site.paints.corridor
    side.joint.walls([(HEADER_WEST, 287), (HEADER_WEST, 317)], thickness=INNER_CM, left=paint, right=paint)
    side.block.door(clear, HEADER_WEST, 302, EAST)
    side.block.room("Stair Passage West", rectangle(196, 287, HEADER_WEST, 317), floor=site.paints.runner)
    rising(site, (side.block, side.wing), "Short Stairs West", rectangle(HEADER_WEST, 287, FLIGHT_END, 317))
    model = furniture.flight(5, MAIN_CM / 5, GOING_CM, width, tread=TREAD)
    side.block.place(model, (start + FLIGHT_END) / 2, 302, WEST, name="Short flight west")


def _passage_east(side: Side) -> None:
    """The east block's passage: four risers up from the wing."""
    site, width = side.site, (PASSAGE[1] - PASSAGE[0]) * UNIT_CM
    start = FLIGHT_END - 4 * GOING_CM / UNIT_CM
    side.wing.door(site.stock.opening(width - 6), 264, 302, EAST)
    side.block.room("Stair Passage East", rectangle(196, 287, start, 317), floor=site.paints.runner)
    rising(site, (side.wing, side.block), "Short Stairs East", rectangle(start, 287, FLIGHT_END, 317))
    model = furniture.flight(4, (EAST_CM - MAIN_CM) / 4, GOING_CM, width, tread=TREAD)
    side.wing.place(model, (start + FLIGHT_END) / 2, 302, EAST, name="Short flight east")


def _incline_west(side: Side) -> None:
    """The corridor around the west block's core falls from the wing to the block, over 6 m by 7.6 degrees."""
    site = side.site
    rising(site, (side.block, side.wing), "Incline West", rectangle(264, 317.5, 297, 419.5))
    _header(side, 419.5, side.block)
    _corridor_incline(side.block, site, 317.5 + INCLINE_CM / 2 / UNIT_CM, MAIN_CM, SOUTH)


def _incline_east(side: Side) -> None:
    """In the east it rises from the wing to the block, by 5.7 degrees."""
    site = side.site
    rising(site, (side.wing, side.block), "Incline East", rectangle(264, 317.5, 297, 419.5))
    _header(side, 317.5, side.wing)
    _corridor_incline(side.wing, site, 419.5 - INCLINE_CM / 2 / UNIT_CM, EAST_CM - MAIN_CM, NORTH)


def _header(side: Side, y: float, low: FramedLevel) -> None:
    """The wall across the corridor at the low end of its incline, and the opening in it."""
    paint = side.site.paints.corridor
    side.joint.walls([(264, y), (297, y)], thickness=INNER_CM, left=paint, right=paint)
    low.door(side.site.stock.opening((AROUND[1] - AROUND[0]) * UNIT_CM - 6), sum(AROUND) / 2, y, SOUTH)


def _corridor_incline(low: FramedLevel, site: Site, y: float, rise_cm: float, facing_deg: float) -> None:
    model = furniture.wedge(INCLINE_CM, rise_cm, (AROUND[1] - AROUND[0]) * UNIT_CM)
    low.place(model, sum(AROUND) / 2, y, facing_deg, texture=site.paints.runner)


def _entrance(site: Site) -> None:
    """The entrance corridor rises from the lobby to the cross corridor by 7.6 degrees."""
    ground, main = site.whole(site.ground), site.whole(site.main)
    rising(site, (ground, main), "Entrance Corridor", rectangle(684, INCLINE_TOP, 740, ENTRANCE_HEADER))
    model = furniture.wedge(INCLINE_CM, MAIN_CM, 56 * UNIT_CM - INNER_CM)
    ground.place(model, 712, INCLINE_TOP + INCLINE_CM / 2 / UNIT_CM, SOUTH, texture=site.paints.runner)


def _garden_exit(site: Site) -> None:
    """East of the foyer, five risers lead down from the cross corridor to a door into the garden."""
    ground, main = site.whole(site.ground), site.whole(site.main)
    rising(site, (ground, main), "Garden Passage East", rectangle(802, 179, 834, 220))
    width = 32 * UNIT_CM - OUTER_CM / 2 - INNER_CM / 2
    model = furniture.flight(5, MAIN_CM / 5, GOING_CM, width, tread=TREAD)
    ground.place(model, 818.4, 220 - 2.5 * GOING_CM / UNIT_CM, NORTH, name="Garden flight")


def rising(site: Site, levels: tuple[FramedLevel, FramedLevel], name: str, outline: list[PlanPoint]) -> None:
    """The floor of a part that rises, on the lower of two levels, and its ceiling, on the higher one."""
    low, high = levels
    low.room(name, outline, floor=site.paints.runner, ceiling_visible=False)
    high.room(f"{name}, ceiling", outline, floor_visible=False)


def _well_west(side: Side) -> None:
    """The full stair well of the west block, from its corridor up to a landing over that corridor."""
    site, stock = side.site, side.site.stock
    side.block.door(stock.opening(110.0), 196, 386.4, EAST)
    edge = FLIGHT_END + IN_WALL - WELL_LENGTH
    side.block.staircase(stock.well_stairs, edge + WELL_LENGTH / 2, 397.25, WEST, name="Stairs west")
    upper = side.block.on(site.upper_west)
    _landing(site, upper, "Upper Landing West", (164, 375, 264, 419.5), 14.0)
    for x in (176, 196, 240):
        upper.door(stock.inner_window, x, 419.5, NORTH, elevation=90)
    upper.door(stock.inner_window, 180, 375, SOUTH, elevation=90)
    upper.place(furniture.railing(117), edge - 0.8, 386.7, EAST)


def _well_centre(site: Site) -> None:
    """The full stair well beside the west office, from the wing's corridor up to a landing over that corridor."""
    stock, main, upper = site.stock, site.whole(site.main), site.whole(site.upper_centre)
    main.door(stock.opening(110.0), 622.4, 287, SOUTH)
    main.room("Stair Well Centre", rectangle(590, 287, 634, 358.5), floor=site.paints.concrete)
    back = 358.5 - OUTER_CM / 2 / UNIT_CM + IN_WALL
    main.staircase(stock.well_stairs, 612, back - WELL_LENGTH / 2, NORTH, name="Stairs centre")
    _landing(site, upper, "Upper Landing Centre", (590, 254.5, 634, 358.5), INNER_CM)
    upper.door(stock.inner_window, 612, 254.5, SOUTH, elevation=90)
    upper.door(stock.inner_window, 612, 358.5, NORTH, elevation=90)
    upper.place(furniture.railing(115), 622.4, back - WELL_LENGTH - 0.8, NORTH)


def _landing(
    site: Site, upper: FramedLevel, name: str, extent: tuple[float, float, float, float], thickness_cm: float
) -> None:
    """A room on an upper level, into which a staircase leads, with its walls.

    Where a higher wall of the level below stands in the same place, they are thinner, so as not to lie in its faces.
    """
    outline = rectangle(*extent)
    upper.room(name, outline, floor=site.paints.concrete)
    upper.walls(outline, closed=True, thickness=thickness_cm, left=site.paints.brick, right=site.paints.plaster)
