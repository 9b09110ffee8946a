"""Lamps: put them on a level with `LevelDrawing.light`, and they shine."""

from __future__ import annotations

from scenes.draw.finishes import BULB, DARK_METAL, METAL, SHADE, WHITE
from scenes.draw.model import DrawnModel, Finish
from scenes.draw.solids import ball, box, lathe, rod, tube
from scenes.home.fields import Color
from scenes.home.furniture import LightSource

WARM, NEUTRAL = Color(0xFFFFE0B0), Color(0xFFFFF6E6)


def ceiling_lamp(diameter: float = 44.0, height: float = 11.0, *, rim: Finish = WHITE) -> DrawnModel:
    """A dome under the ceiling."""
    r = diameter / 2
    parts = [
        lathe([(r * 0.94, height), (r, height - 3.5)], rim, sides=10),
        lathe([(0, 0), (0.6 * r, 1.4), (r, height - 3.5)], BULB, sides=10),
    ]
    lamp = LightSource(x=0.5, y=0.5, z=0.0, color=WARM, diameter=0.8)
    return DrawnModel("ceiling-lamp", parts, lamps=[lamp], glowing=[BULB.name])


def panel_lamp(width: float = 120.0, depth: float = 30.0, height: float = 7.0, *, frame: Finish = WHITE) -> DrawnModel:
    """A long lamp under the ceiling, as in corridors and offices."""
    x, z = width / 2, depth / 2
    parts = [
        box((-x, 2, -z), (x, height, z), frame),
        box((-x + 2, 0, -z + 2), (x - 2, 2, z - 2), BULB),
    ]
    lamps = [LightSource(x=at, y=0.5, z=0.0, color=NEUTRAL, diameter=0.2) for at in (0.25, 0.75)]
    return DrawnModel("panel-lamp", parts, lamps=lamps, glowing=[BULB.name])


def pendant_lamp(diameter: float = 46.0, drop: float = 90.0, *, shade: Finish = SHADE) -> DrawnModel:
    """A shade on a cord from the ceiling."""
    r = diameter / 2
    parts = [
        lathe([(r, 0), (r * 0.55, 24), (4, 28), (r * 0.55 - 1, 22.5), (r - 1.2, 0), (r, 0)], shade, sides=12),
        ball((0, 10, 0), (5, 6, 5), BULB, sides=6, rings=3),
        rod((0, 16, 0), (0, drop, 0), 0.6, DARK_METAL, sides=4),
        lathe([(0, drop - 3), (5, drop - 3), (6, drop)], DARK_METAL, sides=8),
    ]
    lamp = LightSource(x=0.5, y=0.5, z=0.08, color=WARM, diameter=0.25)
    return DrawnModel("pendant-lamp", parts, lamps=[lamp], glowing=[BULB.name])


def desk_lamp(height: float = 44.0, *, body: Finish = DARK_METAL) -> DrawnModel:
    """A lamp with a bent arm; its head reaches to the front."""
    parts = [
        lathe([(9, 0), (8, 2), (0, 2.6)], body, at=(0, -8), sides=8),
        tube([(0, 2, -8), (0, 0.55 * height, -12), (0, height - 4, 2)], 0.9, body, sides=4),
        lathe([(6.8, height - 9), (7.5, height - 9), (4, height - 2), (0, height)], body, at=(0, 5), sides=8),
        ball((0, height - 7, 5), (3.2, 3.2, 3.2), BULB, sides=6, rings=3),
    ]
    lamp = LightSource(x=0.5, y=0.3, z=0.78, color=WARM, diameter=0.2)
    return DrawnModel("desk-lamp", parts, lamps=[lamp], glowing=[BULB.name])


def floor_lamp(height: float = 160.0, *, shade: Finish = SHADE, stand: Finish = METAL) -> DrawnModel:
    """A standing lamp."""
    parts = [
        lathe([(15, 0), (14.5, 2), (2, 3.5), (1.3, height - 24)], stand, sides=10),
        lathe([(21, height - 30), (14, height), (13, height), (20, height - 30), (21, height - 30)], shade, sides=12),
        ball((0, height - 18, 0), (4, 5, 4), BULB, sides=6, rings=3),
    ]
    lamp = LightSource(x=0.5, y=0.5, z=0.9, color=WARM, diameter=0.2)
    return DrawnModel("floor-lamp", parts, lamps=[lamp], glowing=[BULB.name])


def wall_lamp(width: float = 24.0, height: float = 18.0, *, shade: Finish = SHADE) -> DrawnModel:
    """A bowl on the wall behind it, open above."""
    r = width / 2
    parts = [
        box((-3, 0, -r), (3, 9, -r + 1.5), METAL),
        rod((0, 3, -r + 1.5), (0, 3, 0), 0.8, METAL, sides=6),
        lathe([(0, 0), (6, 0.2), (r, height), (r - 1, height), (0, 1.2)], shade, sides=10),
        ball((0, 6, 0), (3, 3.6, 3), BULB, sides=6, rings=3),
    ]
    lamp = LightSource(x=0.5, y=0.6, z=0.7, color=WARM, diameter=0.25)
    return DrawnModel("wall-lamp", parts, lamps=[lamp], glowing=[BULB.name])
