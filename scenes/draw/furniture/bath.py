"""Bathrooms."""

from __future__ import annotations

import numpy as np

from scenes.draw.finishes import CERAMIC, GLASS, LINEN, METAL, MIRROR, WOOD
from scenes.draw.model import DrawnModel, Finish, Mould
from scenes.draw.solids import box, lathe, loft, pane, rod, shifted, stretched, tube, turned

_PANE = "sweethome3d_window_pane"


def toilet(width: float = 38.0, depth: float = 68.0, height: float = 78.0, *, bowl: Finish = CERAMIC) -> DrawnModel:
    """A toilet with its cistern at the back."""
    x, z, long = width / 2, depth / 2, depth - 22
    basin = lathe([(10, 0), (12, 22), (19, 40)], bowl, sides=10)
    lid = lathe([(19, 40), (19.5, 42.5), (0, 44)], bowl, sides=10)
    parts: list[Mould] = [
        *shifted(stretched([basin, lid], z=long / 39.0), z=z - long / 2),
        box((-9, 0, -z + 4), (9, 38, 0), bowl),
        box((-x, 38, -z), (x, height - 3, -z + 18), bowl, bevel=2.0, smooth=True),
        box((-x - 0.5, height - 3, -z), (x + 0.5, height - 0.5, -z + 18.7), bowl),
        box((-2, height - 0.5, -z + 7), (2, height, -z + 11), METAL),
    ]
    return DrawnModel("toilet", parts)


def wash_basin(
    width: float = 56.0, depth: float = 45.0, height: float = 85.0, *, mirror: bool = True, bowl: Finish = CERAMIC
) -> DrawnModel:
    """A wash basin on a pedestal, with a mirror on the wall behind it."""
    x, z = width / 2, depth / 2
    basin = lathe([(0, -13), (8, -12), (20, 0), (18, 0), (12, -7), (0, -8)], bowl, sides=10)
    tap = [(0.0, height + 1, -z + 5), (0.0, height + 11, -z + 6), (0.0, height + 10, -z + 16)]
    parts: list[Mould] = [
        *shifted(stretched([basin], x=x / 20, z=z / 20), y=height),
        lathe([(8, 0), (6, height - 11)], bowl, at=(0, -z + 11), sides=8),
        box((-x + 3, height - 5, -z), (x - 3, height + 1, -z + 9), bowl),
        tube(tap, 1.2, METAL, sides=5),
        box((-7, height + 2, -z + 4.5), (7, height + 4, -z + 6.5), METAL),
    ]
    if mirror:
        parts.append(box((-x + 4, 112, -z), (x - 4, 185, -z + 1.5), METAL))
        parts.append(pane((-x + 6, 114, -z + 1), (x - 6, 183, -z + 1.7), MIRROR, group="sweethome3d_window_mirror"))
    return DrawnModel("wash-basin", parts)


def shower(width: float = 90.0, depth: float = 90.0, height: float = 205.0, *, tray: Finish = CERAMIC) -> DrawnModel:
    """A shower for a corner: walls at its back and left, glass at its front and right, with a gap to enter."""
    x, z = width / 2, depth / 2
    parts: list[Mould] = [
        box((-x, 0, -z), (x, 3, z), tray),
        box((-x, 3, -z), (x, 10, -z + 4), tray),
        box((-x, 3, -z + 4), (-x + 4, 10, z), tray),
        box((x - 4, 3, -z + 4), (x, 10, z), tray),
        *turned([pane((-z + 2, 10, x - 2.4), (z - 4, height, x - 1.6), GLASS, group=_PANE)], 90),
        pane((-x + 4, 10, z - 2.4), (x - 0.42 * width, height, z - 1.6), GLASS, group=_PANE),
        box((x - 3.2, 10, z - 3.2), (x - 0.8, height, z - 0.8), METAL),
        box((-x, height, z - 3), (x - 0.8, height + 2, z - 1), METAL),
        box((x - 3, height, -z), (x - 1, height + 2, z - 3), METAL),
        tube([(0, 105, -z + 2), (0, 198, -z + 2), (0, 203, -z + 8), (0, 201, -z + 24)], 1.2, METAL, sides=5),
        lathe([(0, 197), (7, 197), (0, 201)], METAL, at=(0, -z + 24), sides=8),
        box((-6, 105, -z), (6, 110, -z + 4), METAL),
    ]
    return DrawnModel("shower", parts)


def bath_tub(width: float = 75.0, length: float = 165.0, height: float = 58.0, *, tub: Finish = CERAMIC) -> DrawnModel:
    """A bath tub with its taps at the back: an oval bowl in a box."""
    x, z = width / 2, length / 2
    angles = np.arange(24) * 2 * np.pi / 24
    circle = np.stack([np.cos(angles), np.zeros(24), np.sin(angles)], axis=1)
    ovals = [circle * [r * (x - 7), 0, r * (z - 9)] + [0, y, 0] for r, y in ((0.62, 11), (0.86, 18), (0.95, height))]
    edge = np.clip(circle * [3 * x, 0, 3 * z], [-x, 0, -z], [x, 0, z])
    around = [edge + [0, height, 0], edge]
    parts: list[Mould] = [
        loft([np.array([[0.0, 10.0, 0.0]]), *ovals], tub, smooth=True),
        loft([ovals[-1], *around], tub),
        tube([(0, height, -z + 5), (0, height + 14, -z + 5), (0, height + 14, -z + 18)], 1.4, METAL, sides=6),
        box((-11, height, -z + 3), (-7, height + 5, -z + 7), METAL),
        box((7, height, -z + 3), (11, height + 5, -z + 7), METAL),
    ]
    return DrawnModel("bath-tub", parts)


def towel_rail(width: float = 60.0, height: float = 50.0, *, towel: Finish = LINEN) -> DrawnModel:
    """A rail on the wall with a towel over it."""
    x = width / 2
    parts: list[Mould] = [
        rod((-x, height - 2, 4), (x, height - 2, 4), 1.0, METAL, sides=4),
        box((-x - 1, height - 3, -4), (-x + 1, height - 1, 4), METAL),
        box((x - 1, height - 3, -4), (x + 1, height - 1, 4), METAL),
        box((-x + 8, 0, 5), (x - 14, height - 1, 6.5), towel),
        box((-x + 8, 14, 1.5), (x - 14, height - 1, 3), towel),
        box((-x + 8, height - 1, 1.5), (x - 14, height, 6.5), towel),
    ]
    return DrawnModel("towel-rail", parts)


def vanity(
    width: float = 110.0,
    depth: float = 50.0,
    height: float = 86.0,
    *,
    body_finish: Finish = WOOD,
    top: Finish = CERAMIC,
) -> DrawnModel:
    """A cupboard with a basin in its top and a wide mirror behind it."""
    x, z = width / 2, depth / 2
    bowl = lathe([(10, 0), (18, 9), (15.5, 9), (0, 1.5)], top, sides=12)
    parts: list[Mould] = [
        box((-x + 1, 8, -z), (x - 1, height - 3, z - 3), body_finish),
        box((-x, height - 3, -z), (x, height, z), top),
        *shifted([bowl], y=height - 0.5, z=2),
        tube([(0, height, -z + 6), (0, height + 17, -z + 6), (0, height + 15, -z + 19)], 1.2, METAL, sides=5),
        pane((-x + 3, 118, -z), (x - 3, 190, -z + 1.2), MIRROR, group="sweethome3d_window_mirror"),
        box((-x + 5, 0, -z + 2), (x - 5, 8, z - 9), METAL),
    ]
    for left, right in ((-x + 2, -0.4), (0.4, x - 2)):
        parts.append(box((left, 10, z - 3), (right, height - 5, z - 1.2), body_finish))
        knob = (right - 5) if left < 0 else (left + 5)
        parts.append(box((knob - 0.6, height - 28, z - 1.2), (knob + 0.6, height - 16, z), METAL))
    return DrawnModel("vanity", parts)
