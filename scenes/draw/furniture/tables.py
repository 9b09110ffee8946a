"""Desks, tables and counters."""

from __future__ import annotations

from scenes.draw.finishes import DARK_METAL, METAL, STONE, WOOD
from scenes.draw.model import DrawnModel, Finish, Mould
from scenes.draw.solids import box, lathe, picture


def desk(
    width: float = 120.0,
    depth: float = 60.0,
    height: float = 75.0,
    *,
    drawers: int = 3,
    top: Finish = WOOD,
    body: Finish = WOOD,
) -> DrawnModel:
    """A writing desk with a block of drawers at its right (seen from the front); no drawers: panels on both sides."""
    x, z, block = width / 2, depth / 2, 40.0
    parts: list[Mould] = [
        box((-x, height - 3, -z), (x, height, z), top),
        box((-x + 1, 0, -z + 2), (-x + 4, height - 3, z - 3), body),
        box((-x + 4, 25, -z + 3), (x - 4, height - 3, -z + 5), body),
    ]
    if not drawers:
        parts.append(box((x - 4, 0, -z + 2), (x - 1, height - 3, z - 3), body))
        return DrawnModel("desk", parts)
    parts.append(box((x - block, 4, -z + 2), (x - 1, height - 3, z - 4), body))
    one = (height - 10) / drawers
    for k in range(drawers):
        low = 6 + k * one
        parts.append(box((x - block + 1, low, z - 4), (x - 2, low + one - 1.5, z - 2), body))
        middle, y = x - block / 2, low + 0.6 * one
        parts.append(picture((middle - 6, y, z - 1.9), (middle + 6, y + 1.6, z - 1.9), METAL))
    return DrawnModel("desk", parts)


def table(
    width: float = 140.0, depth: float = 80.0, height: float = 74.0, *, top: Finish = WOOD, legs: Finish = WOOD
) -> DrawnModel:
    """A table on four legs: a dining table, or, 42 cm high, a coffee table."""
    x, z = width / 2, depth / 2
    parts: list[Mould] = [box((-x, height - 3.5, -z), (x, height, z), top)]
    parts += [box((-x + 6, height - 10, edge - 1), (x - 6, height - 3.5, edge + 1), legs) for edge in (6 - z, z - 6)]
    for sx in (-1, 1):
        for sz in (-1, 1):
            at_x, at_z = sx * (x - 6), sz * (z - 6)
            parts.append(box((at_x - 2.8, 0, at_z - 2.8), (at_x + 2.8, height - 3.5, at_z + 2.8), legs))
    return DrawnModel("table", parts)


def round_table(
    diameter: float = 90.0, height: float = 74.0, *, top: Finish = WOOD, foot: Finish = DARK_METAL
) -> DrawnModel:
    """A round table on a pedestal."""
    r = diameter / 2
    parts = [
        lathe([(0, height - 3.5), (r, height - 3.5), (r, height), (0, height)], top, sides=18),
        lathe([(0.55 * r, 0), (0.5 * r, 2), (4, 5), (3.2, height - 8), (10, height - 3.5)], foot, sides=10),
    ]
    return DrawnModel("round-table", parts)


def counter(
    width: float = 220.0, depth: float = 70.0, height: float = 108.0, *, top: Finish = STONE, body: Finish = WOOD
) -> DrawnModel:
    """A reception counter: a panelled front with a shelf for visitors, a desk behind it."""
    x, z = width / 2, depth / 2
    parts = [
        box((-x, 0, z - 8), (x, height - 4, z - 3), body),
        box((-x - 2, height - 4, z - 26), (x + 2, height, z), top, bevel=1.0),
        box((-x, 71, -z), (x, 74, z - 8), body, bevel=0.6),
        box((-x, 0, -z + 2), (-x + 3, 71, z - 8), body),
        box((x - 3, 0, -z + 2), (x, 71, z - 8), body),
        box((-x, 0, z - 3), (x, 8, z - 1.5), DARK_METAL),
    ]
    panels = max(2, round(width / 55))
    one = width / panels
    for k in range(panels):
        left = -x + k * one
        parts.append(box((left + 4, 14, z - 3), (left + one - 4, height - 12, z - 2), body))
    return DrawnModel("counter", parts)
