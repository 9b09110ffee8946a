"""Chairs, sofas, benches."""

from __future__ import annotations

import numpy as np

from scenes.draw.finishes import BLACK, DARK_METAL, FABRIC, WOOD
from scenes.draw.model import DrawnModel, Finish, Mould
from scenes.draw.solids import box, lathe, rod, tube, turned


def chair(
    width: float = 43.0, depth: float = 47.0, height: float = 84.0, *, frame: Finish = WOOD, seat: Finish = FABRIC
) -> DrawnModel:
    """A chair with four legs, an upholstered seat at 46 cm and a back of slats."""
    x, z = width / 2 - 2, depth / 2 - 2
    parts: list[Mould] = [box((-x - 2, 42, -z - 1), (x + 2, 47, z + 2), seat, bevel=1.8, smooth=True)]
    for sx in (-1, 1):
        parts.append(rod((sx * x, 0, z), (sx * x, 42, z - 1), 1.9, frame, sides=6))
        parts.append(tube([(sx * x, 0, -z + 2), (sx * x, 44, -z + 1), (sx * x, height, -z - 2)], 1.9, frame, sides=6))
        parts.append(rod((sx * x, 20, -z + 2), (sx * x, 20, z - 1), 1.1, frame, sides=6))
    slats = np.linspace(0.62, 0.95, 3) * height
    parts += [box((-x, y - 3, -z - 2), (x, y + 3, -z), frame) for y in slats.tolist()]
    return DrawnModel("chair", parts)


def office_chair(
    width: float = 62.0, height: float = 98.0, *, seat: Finish = FABRIC, frame: Finish = BLACK
) -> DrawnModel:
    """A swivel chair on five castors."""
    reach = width / 2 - 2.5
    parts: list[Mould] = [
        lathe([(0, 8), (3, 8), (2.5, 40), (6, 42), (0, 42)], DARK_METAL, sides=8),
        box((-24, 42, -23), (24, 50, 24), seat, bevel=3.0, smooth=True),
        box((-21, 58, -27), (21, height, -21), seat, bevel=2.8, smooth=True),
        box((-3, 42, -27), (3, 62, -24), frame),
    ]
    for k in range(5):
        foot = tube([(0, 11, 0), (0, 9, reach * 0.5), (0, 6, reach)], 1.8, frame, sides=5)
        wheel = box((-1.6, 0, reach - 2.4), (1.6, 5, reach + 2.4), frame)
        parts += turned([foot, wheel], 72.0 * k)
    for sx in (-1, 1):
        parts.append(tube([(sx * 22, 45, -8), (sx * 27, 46, -8), (sx * 27, 66, -8)], 1.5, frame, sides=5))
        parts.append(box((sx * 27 - 2.5, 66, -16), (sx * 27 + 2.5, 69, 12), frame))
    return DrawnModel("office-chair", parts)


def sofa(
    width: float = 190.0, depth: float = 86.0, height: float = 78.0, *, seats: int = 3, fabric: Finish = FABRIC
) -> DrawnModel:
    """A sofa with cushions for some people; one seat makes an armchair."""
    x, z, arm = width / 2, depth / 2, 17.0
    parts: list[Mould] = [
        box((-x + 2, 10, -z + 3), (x - 2, 26, z - 4), fabric, bevel=2.0),
        box((-x + 3, 20, -z), (x - 3, height, -z + 19), fabric, bevel=5.0, smooth=True),
    ]
    for sx in (-1, 1):
        low, high = sorted((sx * x, sx * (x - arm)))
        parts.append(box((low, 12, -z + 1), (high, 60, z - 1), fabric, bevel=5.0, smooth=True))
        parts += [
            rod((sx * (x - 8), 0, sz * (z - 9)), (sx * (x - 8), 11, sz * (z - 9)), 2.2, WOOD, sides=6) for sz in (-1, 1)
        ]
    one = (width - 2 * arm) / seats
    for k in range(seats):
        left = -x + arm + k * one
        parts.append(box((left + 0.4, 26, -z + 17), (left + one - 0.4, 44, z), fabric, bevel=4.0, smooth=True))
        parts.append(
            box((left + 0.6, 42, -z + 15), (left + one - 0.6, height + 4, -z + 30), fabric, bevel=5.5, smooth=True)
        )
    return DrawnModel("armchair" if seats == 1 else "sofa", parts)


def armchair(width: float = 84.0, depth: float = 82.0, height: float = 76.0, *, fabric: Finish = FABRIC) -> DrawnModel:
    """A sofa for one."""
    return sofa(width, depth, height, seats=1, fabric=fabric)


def bench(
    width: float = 150.0, depth: float = 40.0, height: float = 45.0, *, seat: Finish = WOOD, frame: Finish = DARK_METAL
) -> DrawnModel:
    """A bench without a back: slats on two frames."""
    x, z, slats = width / 2, depth / 2, 4
    one = depth / slats
    edges = [(-z + k * one + 0.7, -z + (k + 1) * one - 0.7) for k in range(slats)]
    parts = [box((-x, height - 4, back), (x, height, front), seat) for back, front in edges]
    for sx in (-1, 1):
        at = sx * (x - 18)
        legs = [(at, 0.0, z - 4), (at, height - 6, z - 4), (at, height - 6, -z + 4), (at, 0.0, -z + 4)]
        parts.append(tube(legs, 2.0, frame, sides=6))
    return DrawnModel("bench", parts)


def stool(radius: float = 17.0, height: float = 62.0, *, seat: Finish = WOOD, frame: Finish = DARK_METAL) -> DrawnModel:
    """A bar stool."""
    parts = [
        lathe(
            [(0, height - 5), (radius - 1, height - 5), (radius, height - 3), (radius - 1, height), (0, height)],
            seat,
            sides=14,
        )
    ]
    for k in range(4):
        parts += turned([rod((0, 0, radius), (0, height - 5, radius * 0.6), 1.3, frame, sides=6)], 90.0 * k + 45)
    ring = [(radius * 0.85 * np.sin(a), 22.0, radius * 0.85 * np.cos(a)) for a in np.linspace(0, 2 * np.pi, 9)]
    parts.append(tube(ring, 0.9, frame, sides=5))
    return DrawnModel("stool", parts)
