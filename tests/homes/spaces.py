"""Homes that try what inside is: a gable roof over a hall with a terrace and a porch, rooms or walls alone."""

from __future__ import annotations

import math

from scenes.draw import Drawing
from scenes.draw.furniture import door
from tests.homes.cabin import box
from tests.homes.huts import rectangle


def gabled() -> Drawing:
    """A hall of 6 m x 4 m; south of it a terrace, east of it a porch; gable walls and two roof slabs on top."""
    home = Drawing("gabled", wall_height=250)
    ground = home.level("Ground floor", elevation=0)
    ground.walls(rectangle(0, 0, 600, 400), closed=True, thickness=20)
    ground.door(door(wall=20), 150, 400, name="Front door")
    ground.room("Hall", rectangle(10, 10, 590, 390))
    ground.room("Terrace", rectangle(0, 410, 600, 700), ceiling_visible=False)
    ground.room("Porch", rectangle(610, 0, 1000, 400))
    roof = home.level("Roof", elevation=262)
    for x in (0.0, 600.0):
        roof.walls([(x, 0), (x, 200)], thickness=20, height=0, height_at_end=200)
        roof.walls([(x, 200), (x, 400)], thickness=20, height=200, height_at_end=0)
    for sign, y in ((-1, 100), (1, 300)):
        roof.place(box("slab", (700, 290, 5)), 300, y, elevation=100, pitch=sign * math.pi / 4, name="Roof")
    return home


def rooms_without_ceilings() -> Drawing:
    """Two rooms within walls and a lawn before them; no ceiling anywhere."""
    home = Drawing("open", wall_height=250)
    ground = home.flat()
    ground.walls(rectangle(0, 0, 600, 400), closed=True, thickness=10)
    ground.walls([(300, 0), (300, 400)], thickness=10)
    ground.door(door(wall=10), 300, 200, angle=math.pi / 2, name="Door")
    ground.room("West", rectangle(5, 5, 295, 395), ceiling_visible=False)
    ground.room("East", rectangle(305, 5, 595, 395), ceiling_visible=False)
    ground.room("Lawn", rectangle(0, 405, 600, 900), ceiling_visible=False)
    return home


def walls_alone(*, doors: bool = True) -> Drawing:
    """Two spaces of 11.3 m2 within straight walls, a round one of 28.2 m2 beside them; doors as high as their walls."""
    home = Drawing("walls", wall_height=250)
    ground = home.flat()
    ground.walls(rectangle(0, 0, 600, 400), closed=True, thickness=10)
    ground.walls([(300, 0), (300, 400)], thickness=10)
    for points in ([(800, 300), (1410, 300)], [(1410, 300), (800, 300)]):
        ground.walls(points, thickness=10, arc_extent=math.pi)
    if doors:
        ground.door(box("door", (90, 10, 250), (0.5, 0.3, 0.1)), 300, 200, angle=math.pi / 2, name="Inner door")
        ground.door(box("door", (90, 10, 250), (0.5, 0.3, 0.1)), 150, 400, name="Front door")
    return home
