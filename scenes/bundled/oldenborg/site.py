"""Where things are, and what all parts of the drawing share.

Positions are in units of the published plan, which are 6.017 cm; x to the right, y down. The building is symmetric
about x = 712, so that the west half is described, and drawn again as its mirror image for the east.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenes.bundled.oldenborg.paints import Paints
from scenes.bundled.oldenborg.stock import Stock
from scenes.draw.drawing import Drawing, LevelDrawing
from scenes.draw.frame import Frame, FramedLevel
from scenes.home.fields import Color
from scenes.home.plan import Baseboard

UNIT_CM = 6.017
ORIGIN_CM = (-4293.7, -2617.1)
AXIS = 712.0

OUTER_CM, INNER_CM, THIN_CM = 26.0, 16.0, 10.0
"""Thicknesses of walls: outer ones, those of corridors and rooms, and partitions of baths."""

CEILING_CM = 244.0

MAIN_CM, EAST_CM = 80.0, 140.0
"""Floors: the west block and the entrance are at 0, the wings and the middle 5 risers of 16 cm over them, the east
block 4 risers of 15 cm over those."""

STOREY_CM = 306.0
"""From a floor to the one above it: 18 risers of 17 cm."""

FLIGHT_END = 262.67
"""Where, in x, the short flight from a block ends, at the wall to its wing."""

BOARD = Baseboard(thickness=1.2, height=9.0, color=Color(0xFF6B5A48))


@dataclass(frozen=True)
class Site:
    """The drawing, its levels, its paints, its furniture, and its dice."""

    drawing: Drawing
    ground: LevelDrawing
    main: LevelDrawing
    east: LevelDrawing
    upper_west: LevelDrawing
    upper_centre: LevelDrawing
    paints: Paints
    stock: Stock
    rng: np.random.Generator

    def whole(self, level: LevelDrawing) -> FramedLevel:
        """A level in units of the plan."""
        return FramedLevel(level, Frame(ORIGIN_CM, scale=UNIT_CM))


@dataclass(frozen=True)
class Side:
    """One half of the building. `block` is the level of its end block, `wing` that of its wing.

    `joint` is the higher of the two: walls between block and wing stand on it, since walls reach down to the ground.
    """

    site: Site
    name: str
    block: FramedLevel
    wing: FramedLevel
    joint: FramedLevel

    @property
    def is_west(self) -> bool:
        """Whether this is the west half, whose block lies lower than its wing; in the east it lies higher."""
        return self.block.level is self.site.ground


def make_site(drawing: Drawing) -> Site:
    """Adds the levels, from the lowest up. The half levels stand on slabs that reach down to the ground."""
    ground = drawing.level("West block and entrance", elevation=0.0, height=CEILING_CM)
    main = drawing.level("Main floor", elevation=MAIN_CM, height=CEILING_CM, floor_thickness=MAIN_CM)
    east = drawing.level("East block", elevation=EAST_CM, height=CEILING_CM, floor_thickness=EAST_CM)
    slab = STOREY_CM - CEILING_CM
    upper_west = drawing.level("Upper floor west", elevation=STOREY_CM, height=CEILING_CM, floor_thickness=slab)
    upper_centre = drawing.level(
        "Upper floor centre", elevation=MAIN_CM + STOREY_CM, height=CEILING_CM, floor_thickness=slab
    )
    rng = np.random.default_rng(1966)
    return Site(drawing, ground, main, east, upper_west, upper_centre, Paints(drawing, rng), Stock(rng), rng)


def sides(site: Site) -> tuple[Side, Side]:
    """The west half and, mirrored, the east half."""
    west = Frame(ORIGIN_CM, scale=UNIT_CM)
    east = Frame((ORIGIN_CM[0] + 2 * AXIS * UNIT_CM, ORIGIN_CM[1]), u=(-1.0, 0.0), scale=UNIT_CM)
    low, high = FramedLevel(site.ground, west), FramedLevel(site.main, west)
    return (
        Side(site, "West", low, high, high),
        Side(site, "East", FramedLevel(site.east, east), FramedLevel(site.main, east), FramedLevel(site.east, east)),
    )


def rectangle(x0: float, y0: float, x1: float, y1: float) -> list[tuple[float, float]]:
    """Corners of a rectangle."""
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
