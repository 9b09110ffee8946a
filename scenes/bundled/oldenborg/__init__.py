"""The ground floor of the Oldenborg residence hall, drawn after its published plan.

Lengths and positions are the plan's; heights are not published and are made up, which the home's description says.
"""

from __future__ import annotations

import math

from scenes.bundled.oldenborg.block import draw_block
from scenes.bundled.oldenborg.centre import draw_centre
from scenes.bundled.oldenborg.connectors import draw_connectors
from scenes.bundled.oldenborg.furnishing import furnish
from scenes.bundled.oldenborg.garden import draw_garden
from scenes.bundled.oldenborg.site import CEILING_CM, make_site, sides
from scenes.bundled.oldenborg.wing import draw_wing
from scenes.draw.drawing import Drawing
from scenes.home.home import Compass, Environment

DESCRIPTION = (
    "Ground floor of the Oldenborg residence hall. Positions and lengths follow its published plan (one unit of it is "
    "6.017 cm). Heights are not published; these are plausible ones: west block and entrance at 0, wings and middle at "
    "0.80 m, east block at 1.40 m, joined by short flights of 4 or 5 steps and by inclines of 5.7 and 7.6 degrees."
)


def draw() -> Drawing:
    """Draws the home."""
    drawing = Drawing("oldenborg", wall_height=CEILING_CM, description=DESCRIPTION)
    site = make_site(drawing)
    west, east = sides(site)
    for side in (west, east):
        draw_block(side)
        draw_wing(side)
    draw_centre(site, west, east)
    draw_connectors(site, west, east)
    draw_garden(site, west, east)
    furnish(site, west, east)
    drawing.join_corners()
    drawing.environment = Environment(ground_texture=site.paints.grass, sky_color=None)
    drawing.compass = Compass(
        x=-4600.0,
        y=-2400.0,
        diameter=200.0,
        latitude=math.radians(34.1),
        longitude=math.radians(-117.7),
        time_zone="America/Los_Angeles",
    )
    return drawing
