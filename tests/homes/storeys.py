"""A cellar, a ground floor, and a roof storey with walls only: stairs, steps of boxes, an incline, a door, windows."""

from __future__ import annotations

from scenes.draw import Drawing
from scenes.draw.furniture import chair, door, flight, table, wedge, window
from tests.homes.cabin import box

WIDTH_CM, DEPTH_CM = 800.0, 500.0
RISE_CM = 17.0


def storeys() -> Drawing:
    """The drawing."""
    home = Drawing("storeys", wall_height=250)
    outline = [(0.0, 0.0), (WIDTH_CM, 0.0), (WIDTH_CM, DEPTH_CM), (0.0, DEPTH_CM)]
    inside = [(10, 10), (WIDTH_CM - 10, 10), (WIDTH_CM - 10, DEPTH_CM - 10), (10, DEPTH_CM - 10)]
    cellar = home.level("Cellar", elevation=-272, height=260)
    cellar.walls(outline, closed=True, thickness=20)
    cellar.room("Cellar", inside, floor=0x777777)
    cellar.staircase(flight(16, RISE_CM, 25, 100), 200, 250, name="Stairs")
    ground = home.level("Ground floor", elevation=0)
    ground.walls(outline, closed=True, thickness=20, left=0xEEDDCC, right=0xCCDDEE)
    ground.walls([(500, 0), (500, DEPTH_CM)], thickness=16)
    ground.room("Hall", [(10, 10), (492, 10), (492, 490), (10, 490)], floor=0xAA8866)
    ground.room("Study", [(508, 10), (790, 10), (790, 490), (508, 490)], floor=0x668866, ceiling_visible=False)
    ground.door(door(), 500, 120, angle=1.5707963267948966, name="Door")
    ground.door(window(), 650, 0, elevation=90, name="Window")
    ground.place(table(), 640, 330, name="Table")
    for x in (600, 680):
        ground.place(chair(), x, 380, name="Chair", angle=3.0)
    for step in range(4):
        size = (100.0, 28.0, RISE_CM * (step + 1))
        ground.place(box(f"step-{step}", size), 330, 400 - 28 * step, name=f"Step {step}")
    ground.place(wedge(), 420, 150, name="Incline")
    roof = home.level("Roof", elevation=262)
    roof.walls([(0, 0), (WIDTH_CM, 0)], thickness=20, height=210)
    roof.door(window(), 400, 0, elevation=60, name="Roof window")
    return home
