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
from scenes.bundled.oldenborg.site import CEILING_CM, EAST_CM, MAIN_CM, Site, make_site, sides
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
    _viewpoints(site)
    drawing.environment = Environment(ground_texture=site.paints.grass)
    drawing.compass = Compass(
        x=-4600.0,
        y=-2400.0,
        diameter=200.0,
        latitude=math.radians(34.1),
        longitude=math.radians(-117.7),
        time_zone="America/Los_Angeles",
    )
    return drawing


def _viewpoints(site: Site) -> None:
    """Saved points of view: eyes 1.65 m over the floor. Yaw 0 looks to the south and grows to the west."""
    spots = (
        ("Entrance", 712, 485, 0.0, 180),
        ("Cross corridor", 800, 238, MAIN_CM, 90),
        ("Foyer", 640, 210, MAIN_CM, 225),
        ("TV lounge", 690, 126, MAIN_CM, 140),
        ("West corridor", 620, 271, MAIN_CM, 90),
        ("Room 122", 340, 248, MAIN_CM, 140),
        ("Short stairs west", 205, 302, 0.0, 270),
        ("Incline west", 280, 432, 0.0, 180),
        ("West block corridor", 180, 425, 0.0, 180),
        ("Spanish Lounge", 200, 97, 0.0, 225),
        ("Stairs west", 200, 386, 0.0, 270),
        ("Incline east", 1144, 432, EAST_CM, 180),
        ("East block corridor", 1244, 425, EAST_CM, 180),
    )
    whole = site.whole(site.main).frame
    for name, a, b, floor_cm, yaw_deg in spots:
        x, y = whole.at(a, b)
        site.drawing.look_around(x, y, floor_cm + 165, yaw=math.radians(yaw_deg), pitch=math.radians(4), name=name)
