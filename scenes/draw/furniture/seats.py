"""Chairs, sofas, benches."""

from __future__ import annotations

import numpy as np

from scenes.draw.finishes import BLACK, DARK_METAL, FABRIC, WOOD
from scenes.draw.model import DrawnModel, Finish, Mould
from scenes.draw.solids import box, lathe, rod, turned


def chair(
    width: float = 43.0, depth: float = 47.0, height: float = 84.0, *, frame: Finish = WOOD, seat: Finish = FABRIC
) -> DrawnModel:
    """A chair with four legs, an upholstered seat at 46 cm and a back of slats."""
    x, z = width / 2 - 2, depth / 2 - 2
    parts: list[Mould] = [box((-x - 2, 42, -z - 1), (x + 2, 46.5, z + 2), seat)]
    for sx in (-1, 1):
        parts.append(box((sx * x - 1.7, 0, z - 3), (sx * x + 1.7, 42, z + 0.4), frame))
        parts.append(box((sx * x - 1.7, 0, -z - 1), (sx * x + 1.7, height, -z + 2.4), frame))
    slats = np.linspace(0.7, 0.94, 2) * height
    parts += [box((-x, y - 5, -z - 0.6), (x, y + 5, -z + 1.2), frame) for y in slats.tolist()]
    return DrawnModel("chair", parts)


def office_chair(
    width: float = 62.0, height: float = 98.0, *, seat: Finish = FABRIC, frame: Finish = BLACK
) -> DrawnModel:
    """A swivel chair on five castors."""
    reach = width / 2 - 2.5
    parts: list[Mould] = [
        rod((0, 8, 0), (0, 42, 0), 2.8, DARK_METAL),
        box((-24, 42, -23), (24, 50, 24), seat, bevel=3.0, smooth=True),
        box((-21, 58, -27), (21, height, -21), seat, bevel=2.8, smooth=True),
        box((-3, 42, -27), (3, 62, -24), frame),
    ]
    for k in range(5):
        foot = rod((0, 11, 0), (0, 6, reach), 1.9, frame, sides=4)
        wheel = box((-1.6, 0, reach - 2.4), (1.6, 5, reach + 2.4), frame)
        parts += turned([foot, wheel], 72.0 * k)
    for sx in (-1, 1):
        parts.append(box((sx * 25.5 - 1.5, 44, -10), (sx * 25.5 + 1.5, 66, -6), frame))
        parts.append(box((sx * 26 - 2.5, 66, -16), (sx * 26 + 2.5, 69, 12), frame))
    return DrawnModel("office-chair", parts)


def sofa(
    width: float = 190.0, depth: float = 86.0, height: float = 78.0, *, seats: int = 2, fabric: Finish = FABRIC
) -> DrawnModel:
    """A sofa with cushions for some people; one seat makes an armchair."""
    x, z, arm = width / 2, depth / 2, 17.0
    parts: list[Mould] = [
        box((-x + 2, 10, -z + 3), (x - 2, 26, z - 4), fabric),
        box((-x + 3, 20, -z), (x - 3, height, -z + 17), fabric),
    ]
    for sx in (-1, 1):
        low, high = sorted((sx * x, sx * (x - arm)))
        parts.append(box((low, 12, -z + 1), (high, 60, z - 1), fabric, bevel=5.0, smooth=True))
        parts.append(box((sx * (x - 9) - 2, 0, -z + 8), (sx * (x - 9) + 2, 12, z - 8), WOOD))
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
        parts.append(box((at - 2, height - 8, -z + 2), (at + 2, height - 4, z - 2), frame))
        parts += [box((at - 2, 0, end - 2), (at + 2, height - 8, end + 2), frame) for end in (4 - z, z - 4)]
    return DrawnModel("bench", parts)


def stool(radius: float = 17.0, height: float = 62.0, *, seat: Finish = WOOD, frame: Finish = DARK_METAL) -> DrawnModel:
    """A bar stool."""
    parts = [lathe([(0, height - 5), (radius, height - 5), (radius, height - 1), (0, height)], seat, sides=12)]
    for k in range(4):
        parts += turned([rod((0, 0, radius), (0, height - 5, radius * 0.6), 1.3, frame, sides=4)], 90.0 * k + 45)
        parts += turned(
            [rod((-radius * 0.6, 22, radius * 0.6), (radius * 0.6, 22, radius * 0.6), 0.9, frame, sides=4)], 90.0 * k
        )
    return DrawnModel("stool", parts)
