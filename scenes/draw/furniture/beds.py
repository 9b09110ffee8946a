"""Beds and what stands beside them. Fronts are the foot ends."""

from __future__ import annotations

from scenes.draw.finishes import FABRIC, LINEN, METAL, WOOD
from scenes.draw.model import DrawnModel, Finish, Mould
from scenes.draw.solids import box, rod, shifted


def bed(
    width: float = 100.0,
    length: float = 208.0,
    *,
    frame: Finish = WOOD,
    blanket: Finish = FABRIC,
    linen: Finish = LINEN,
) -> DrawnModel:
    """A bed with its mattress 48 cm high; the head is at the back."""
    return DrawnModel("bed", _bed(width, length, frame, blanket, linen))


def bunk_bed(
    width: float = 100.0,
    length: float = 208.0,
    *,
    frame: Finish = WOOD,
    blanket: Finish = FABRIC,
    linen: Finish = LINEN,
) -> DrawnModel:
    """Two beds, one over the other, with a ladder at the right of the front."""
    x, z, rise = width / 2, length / 2, 105.0
    parts = _bed(width, length, frame, blanket, linen)
    parts += shifted(_bed(width, length, frame, blanket, linen), y=rise)
    parts += [
        box((sx * x - 3, 0, sz * z - 3), (sx * x + 3, 185, sz * z + 3), frame) for sx in (-1, 1) for sz in (-1, 1)
    ]
    parts.append(box((-x, rise + 66, -z + 3), (-x + 3, rise + 74, z - 3), frame))
    parts.append(box((x - 3, rise + 66, -z + 3), (x, rise + 74, z - 60), frame))
    ladder = (z - 52.0, z - 12.0)
    parts += [box((x, 0, end - 2), (x + 3, rise + 60, end + 2), frame) for end in ladder]
    parts += [
        rod((x + 1.5, y, ladder[0]), (x + 1.5, y, ladder[1]), 1.5, METAL, sides=4) for y in (25, 50, 75, 100, 125)
    ]
    return DrawnModel("bunk-bed", parts)


def _bed(width: float, length: float, frame: Finish, blanket: Finish, linen: Finish) -> list[Mould]:
    x, z = width / 2, length / 2
    fold = -z + 0.36 * length
    parts = [box((-x, 0, -z), (x, 88, -z + 4), frame), box((-x, 0, z - 4), (x, 52, z), frame)]
    parts += [box((sx * x - (sx > 0) * 3, 22, -z + 4), (sx * x + (sx < 0) * 3, 34, z - 4), frame) for sx in (-1, 1)]
    parts.append(box((-x + 3, 26, -z + 4), (x - 3, 46, z - 4), linen))
    parts.append(box((-x + 1, 30, fold), (x - 1, 49.5, z - 4.5), blanket))
    parts.append(box((-x + 1, 46, fold - 16), (x - 1, 50.2, fold + 2), linen))
    parts.append(box((-0.38 * width, 45, -z + 8), (0.38 * width, 58, -z + 46), linen, bevel=5.5, smooth=True))
    return parts


def bedside_table(width: float = 42.0, depth: float = 38.0, height: float = 50.0, *, body: Finish = WOOD) -> DrawnModel:
    """A small cupboard with a drawer over an open shelf."""
    x, z = width / 2, depth / 2
    parts = [
        box((-x, height - 3, -z), (x, height, z), body),
        box((-x + 1, 6, -z + 1), (-x + 3, height - 3, z - 2), body),
        box((x - 3, 6, -z + 1), (x - 1, height - 3, z - 2), body),
        box((-x + 3, 6, -z + 1), (x - 3, height - 3, -z + 3), body),
        box((-x + 3, 6, -z + 3), (x - 3, 9, z - 2), body),
        box((-x + 3, height - 19, -z + 3), (x - 3, height - 4, z - 1), body),
        box((-6, height - 12, z - 1), (6, height - 11, z + 1), METAL),
        box((-x + 2, 0, -z + 2), (x - 2, 6, z - 4), body),
    ]
    return DrawnModel("bedside-table", parts)
