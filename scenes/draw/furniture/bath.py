"""Bathrooms."""

from __future__ import annotations

import numpy as np

from scenes.draw.finishes import CERAMIC, GLASS, LINEN, METAL, MIRROR, WOOD
from scenes.draw.model import DrawnModel, Finish, Mould
from scenes.draw.solids import ball, body, box, lathe, rod, shifted, tube


def toilet(width: float = 38.0, depth: float = 68.0, height: float = 78.0, *, bowl: Finish = CERAMIC) -> DrawnModel:
    """A toilet with its cistern at the back."""
    z = depth / 2
    basin = lathe(
        [(0, 0), (11, 0), (10, 10), (12, 22), (18, 36), (19, 40), (15.5, 40), (12, 30), (0, 24)], bowl, sides=12
    )
    lid = lathe([(0, 40), (19, 40), (19.5, 41.5), (18, 43.5), (0, 44)], bowl, sides=12)
    stretch = [1.0, 1.0, (depth - 22) / 39.0]
    oval = [body(m.points * stretch, [tuple(f) for f in m.faces], bowl, smooth=True) for m in (basin, lid)]
    parts: list[Mould] = [
        *shifted(oval, z=z - (depth - 22) / 2),
        box((-9, 0, -z + 4), (9, 38, 0), bowl, bevel=2.0, smooth=True),
        box((-width / 2, 38, -z), (width / 2, height - 3, -z + 18), bowl, bevel=2.0, smooth=True),
        box((-width / 2 - 0.5, height - 3.5, -z - 0.2), (width / 2 + 0.5, height - 0.5, -z + 18.7), bowl, bevel=1.0),
        rod((0, height - 0.5, -z + 9), (0, height, -z + 9), 2.2, METAL, sides=8),
    ]
    return DrawnModel("toilet", parts)


def wash_basin(
    width: float = 56.0, depth: float = 45.0, height: float = 85.0, *, mirror: bool = True, bowl: Finish = CERAMIC
) -> DrawnModel:
    """A wash basin on a pedestal, with a mirror on the wall behind it."""
    x, z = width / 2, depth / 2
    rim = [(0, -13), (8, -12), (0.8, -3), (1.0, 0), (0.9, 0), (0.72, -3), (0, -8)]
    profile = [(r if r > 1.5 else r * 20, y) for r, y in rim]
    round_bowl = lathe(profile, bowl, sides=12)
    oval = body(round_bowl.points * [x / 20, 1, z / 20], [tuple(f) for f in round_bowl.faces], bowl, smooth=True)
    parts: list[Mould] = [
        *shifted([oval], y=height),
        lathe(
            [(0, 0), (9, 0), (6.5, 8), (6, height - 24), (9, height - 11), (0, height - 11)],
            bowl,
            at=(0, -z + 11),
            sides=8,
        ),
        box((-x + 3, height - 5, -z), (x - 3, height + 1, -z + 9), bowl, bevel=1.5, smooth=True),
        tube(
            [(0, height + 1, -z + 5), (0, height + 11, -z + 5), (0, height + 11, -z + 15), (0, height + 9, -z + 16)],
            1.1,
            METAL,
            sides=6,
        ),
        box((-8, height + 1, -z + 4), (-5.5, height + 5, -z + 7), METAL),
        box((5.5, height + 1, -z + 4), (8, height + 5, -z + 7), METAL),
    ]
    if mirror:
        parts.append(box((-x + 4, 112, -z), (x - 4, 185, -z + 1.5), METAL))
        parts.append(box((-x + 6, 114, -z + 1.5), (x - 6, 183, -z + 1.9), MIRROR, group="sweethome3d_window_mirror"))
    return DrawnModel("wash-basin", parts)


def shower(width: float = 90.0, depth: float = 90.0, height: float = 205.0, *, tray: Finish = CERAMIC) -> DrawnModel:
    """A shower for a corner: walls at its back and left, glass at its front and right, with a gap to enter."""
    x, z = width / 2, depth / 2
    pane = "sweethome3d_window_pane"
    parts: list[Mould] = [
        box((-x, 0, -z), (x, 3, z), tray),
        box((-x, 3, -z), (x, 10, -z + 4), tray),
        box((-x, 3, -z + 4), (-x + 4, 10, z), tray),
        box((x - 4, 3, -z + 4), (x, 10, z), tray),
        box((x - 2.4, 10, -z + 4), (x - 1.6, height, z - 2), GLASS, group=pane),
        box((-x + 4, 10, z - 2.4), (x - 0.42 * width, height, z - 1.6), GLASS, group=pane),
        box((x - 3.2, 10, z - 3.2), (x - 0.8, height, z - 0.8), METAL),
        box((-x, height, z - 3), (x - 0.8, height + 2, z - 1), METAL),
        box((x - 3, height, -z), (x - 1, height + 2, z - 3), METAL),
        tube([(0, 105, -z + 2), (0, 198, -z + 2), (0, 203, -z + 8), (0, 201, -z + 24)], 1.2, METAL, sides=6),
        lathe([(0, 197), (7, 197), (6, 199), (1.5, 201), (0, 201)], METAL, at=(0, -z + 24), sides=8),
        box((-6, 105, -z), (6, 110, -z + 4), METAL),
    ]
    return DrawnModel("shower", parts)


def bath_tub(width: float = 75.0, length: float = 165.0, height: float = 58.0, *, tub: Finish = CERAMIC) -> DrawnModel:
    """A bath tub with its taps at the back."""
    x, z = width / 2, length / 2
    bowl = lathe([(0, 10), (0.62, 11), (0.86, 18), (0.92, height - 0.2), (1.0, height - 0.2)], tub, sides=20)
    inner = [x - 7, 1.0, z - 9]
    inside = body(bowl.points * inner, [tuple(f) for f in bowl.faces], tub, smooth=True)
    flipped = [Mould(inside.points, [tuple(f)[::-1] for f in inside.faces], tub, True)]
    ring = [(float(px), float(pz)) for px, _, pz in inside.points[-20:]]
    parts: list[Mould] = [
        *(flipped if _looks_down(inside) else [inside]),
        *_rim(ring, x, z, height, tub),
        box((-x, 0, -z), (-x + 2, height - 0.3, z), tub),
        box((x - 2, 0, -z), (x, height - 0.3, z), tub),
        box((-x + 2, 0, -z), (x - 2, height - 0.3, -z + 2), tub),
        box((-x + 2, 0, z - 2), (x - 2, height - 0.3, z), tub),
        tube([(0, height, -z + 5), (0, height + 14, -z + 5), (0, height + 14, -z + 18)], 1.4, METAL, sides=6),
        ball((-9, height + 3, -z + 5), (2.4, 3, 2.4), METAL, sides=6, rings=4),
        ball((9, height + 3, -z + 5), (2.4, 3, 2.4), METAL, sides=6, rings=4),
    ]
    return DrawnModel("bath-tub", parts)


def _looks_down(mould: Mould) -> bool:
    a, b, c = mould.points[list(mould.faces[0][:3])]
    return bool(((b - a)[2] * (c - a)[0] - (b - a)[0] * (c - a)[2]) < 0)


def _rim(ring: list[tuple[float, float]], x: float, z: float, height: float, finish: Finish) -> list[Mould]:
    """The level rim between an oval and the rectangle around it: quads out from the oval, and the corners."""
    outer = [(max(-x, min(x, px * 3)), max(-z, min(z, pz * 3))) for px, pz in ring]
    count = len(ring)
    points = [(px, height, pz) for px, pz in ring + outer]
    faces = [(i, (i + 1) % count, (i + 1) % count + count, i + count) for i in range(count)]
    first = points[0], points[1], points[count]
    ux, uz = first[1][0] - first[0][0], first[1][2] - first[0][2]
    vx, vz = first[2][0] - first[0][0], first[2][2] - first[0][2]
    if uz * vx - ux * vz < 0:
        faces = [face[::-1] for face in faces]
    return [Mould(np.array(points, np.float64), faces, finish)]


def towel_rail(width: float = 60.0, height: float = 50.0, *, towel: Finish = LINEN) -> DrawnModel:
    """A rail on the wall with a towel over it."""
    x = width / 2
    parts: list[Mould] = [
        rod((-x, height - 2, 4), (x, height - 2, 4), 1.0, METAL, sides=6),
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
    bowl = lathe([(0, 0), (10, 0), (17, 8), (18, 9), (15.5, 9), (9, 2), (0, 1.5)], top, sides=14)
    parts: list[Mould] = [
        box((-x + 1, 8, -z), (x - 1, height - 3, z - 3), body_finish),
        box((-x, height - 3, -z), (x, height, z), top, bevel=0.8),
        *shifted([bowl], y=height - 0.5, z=2),
        tube(
            [(0, height, -z + 6), (0, height + 17, -z + 6), (0, height + 17, -z + 18), (0, height + 14, -z + 19)],
            1.1,
            METAL,
            sides=6,
        ),
        box((-x + 3, 118, -z), (x - 3, 190, -z + 1.2), MIRROR, group="sweethome3d_window_mirror"),
        box((-x + 5, 0, -z + 2), (x - 5, 8, z - 9), METAL),
    ]
    for left, right in ((-x + 2, -0.4), (0.4, x - 2)):
        parts.append(box((left, 10, z - 3), (right, height - 5, z - 1.2), body_finish))
        knob = (right - 5) if left < 0 else (left + 5)
        parts.append(box((knob - 0.6, height - 28, z - 1.2), (knob + 0.6, height - 16, z), METAL))
    return DrawnModel("vanity", parts)
