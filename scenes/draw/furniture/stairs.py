"""Staircases, inclines, railings. They rise from their front to their back, whose top is level with the upper floor."""

from __future__ import annotations

import math

from scenes.draw.finishes import DARK_METAL, METAL, STONE, WOOD
from scenes.draw.model import DrawnModel, Finish, Mould
from scenes.draw.solids import box, prism, rod, shifted, tube, turned

RAIL_CM = 90.0
"""Height of a handrail over the edges of the steps."""

_BOARD_CM = 3.0
_POST_CM = 1.8


def flight(
    risers: int = 5,
    rise: float = 16.0,
    going: float = 28.0,
    width: float = 120.0,
    *,
    solid: bool = True,
    rails: str = "",
    tread: Finish = WOOD,
    side: Finish = STONE,
) -> DrawnModel:
    """A straight flight; its last tread is level with the upper floor.

    `rails`: sides with a handrail, "left", "right" or "left right", seen from below; they make the model higher.
    `solid`: down to the floor, else with a sloping underside.
    """
    parts = _steps(risers, rise, going, width, solid=solid, tread=tread, side=side)
    parts = shifted(parts, z=risers * going / 2)
    for name, sign in (("left", -1), ("right", 1)):
        if name in rails.split():
            parts += shifted(_rail(risers, rise, going), x=sign * (width / 2 - 4), z=risers * going / 2)
    return DrawnModel("flight", parts)


def u_staircase(
    risers: int = 18,
    rise: float = 17.0,
    going: float = 26.0,
    width: float = 240.0,
    *,
    landing: float = 100.0,
    gap: float = 10.0,
    tread: Finish = WOOD,
    side: Finish = STONE,
) -> DrawnModel:
    """Two flights beside each other that turn at a landing half-way: up at the left, back at the right, both railed.

    The second one's last tread is level with the upper floor, at the front; the first begins one going behind it.
    """
    half = risers // 2
    one = (width - gap) / 2
    length = half * going + landing
    start, x = length / 2, (gap + one) / 2
    first = _steps(half - 1, rise, going, one, solid=True, tread=tread, side=side) + shifted(
        _rail(half - 1, rise, going), x=one / 2 - 4
    )
    second = _steps(risers - half, rise, going, one, solid=False, tread=tread, side=side)
    second = turned(second + shifted(_rail(risers - half, rise, going), x=one / 2 - 4), 180)
    level, back = half * rise, -length / 2
    edge = start - half * going
    parts = shifted(first, x=-x, z=start - going) + shifted(second, x=x, y=level, z=edge)
    parts.append(box((-width / 2, level - _BOARD_CM, back), (width / 2, level, edge), tread))
    parts.append(box((-width / 2, level - 20, back), (width / 2, level - _BOARD_CM, edge), side))
    return DrawnModel("u-staircase", parts)


def _steps(
    risers: int, rise: float, going: float, width: float, *, solid: bool, tread: Finish, side: Finish
) -> list[Mould]:
    """Steps from z = 0 backwards: a body with a board on each tread."""
    x = width / 2
    outline: list[tuple[float, float]] = []
    for k in range(risers):
        outline += [(-k * going, k * rise - (_BOARD_CM if k else 0)), (-k * going, (k + 1) * rise - _BOARD_CM)]
    end, top = -risers * going, risers * rise - _BOARD_CM
    drop = 18.0 * math.hypot(rise, going) / going + rise
    outline.append((end, top))
    if solid:
        outline.append((end, 0.0))
    else:
        run = drop * going / rise - going
        outline += [(end, risers * rise - drop), (-run, 0.0)] if drop < risers * rise else [(end, 0.0)]
    parts = [prism(outline, -x, x, side, axis="x")]
    for k in range(risers):
        low = (k + 1) * rise - _BOARD_CM
        parts.append(box((-x, low, -(k + 1) * going), (x, low + _BOARD_CM, -k * going), tread))
    return parts


def _rail(risers: int, rise: float, going: float) -> list[Mould]:
    """A handrail with posts along a flight that starts at z = 0, in the plane x = 0."""
    low, high = (0.0, rise + RAIL_CM, -0.5 * going), (0.0, risers * rise + RAIL_CM, -(risers - 0.5) * going)
    parts = [tube([low, high], 2.4, WOOD, sides=8)]
    posts = max(2, round(risers / 2) + 1)
    steps = sorted({round(k * (risers - 1) / (posts - 1)) for k in range(posts)})
    for k in steps:
        at = -(k + 0.5) * going
        parts.append(rod((0, (k + 1) * rise, at), (0, (k + 1) * rise + RAIL_CM, at), _POST_CM, METAL, sides=6))
    middle = [(x, y - 0.5 * RAIL_CM, z) for x, y, z in (low, high)]
    parts.append(tube(middle, 1.0, METAL, sides=6))
    return parts


def railing(length: float = 200.0, height: float = 95.0, *, rail: Finish = WOOD, posts: Finish = METAL) -> DrawnModel:
    """A railing along x: posts, a handrail, bars between."""
    x = length / 2 - _POST_CM
    spans = max(1, round(length / 110))
    parts = [tube([(-x - _POST_CM, height - 2.4, 0), (x + _POST_CM, height - 2.4, 0)], 2.4, rail, sides=6)]
    parts += [
        rod((-x + 2 * x * k / spans, 0, 0), (-x + 2 * x * k / spans, height - 2, 0), _POST_CM, posts, sides=4)
        for k in range(spans + 1)
    ]
    parts += [
        rod((-x, y, 0), (x, y, 0), 0.9, posts, sides=4) for y in (12.0, 0.3 * height, 0.53 * height, 0.76 * height)
    ]
    return DrawnModel("railing", parts)


def handrail(
    length: float = 200.0, rise: float = 0.0, *, rail: Finish = WOOD, bracket: Finish = DARK_METAL
) -> DrawnModel:
    """A handrail along x on the wall behind it, which rises by that much to its right."""
    x, y = length / 2, max(0.0, -rise)
    parts = [rod((-x, y + 6, 2), (x, y + 6 + rise, 2), 2.2, rail, sides=8)]
    for k in range(max(2, round(length / 150))):
        share = (k + 0.5) / max(2, round(length / 150))
        at, height = -x + share * length, y + 6 + share * rise
        parts.append(tube([(at, height - 5.2, -5), (at, height - 4.8, 1), (at, height - 1, 2)], 0.9, bracket, sides=5))
    return DrawnModel("handrail", parts)


def wedge(length: float = 600.0, rise: float = 80.0, width: float = 180.0, *, finish: Finish = STONE) -> DrawnModel:
    """An incline: a solid wedge, 0 at the front and `rise` high at the back."""
    z = length / 2
    return DrawnModel("incline", [prism([(z, 0.0), (-z, 0.0), (-z, rise)], -width / 2, width / 2, finish, axis="x")])


def block(width: float = 100.0, depth: float = 28.0, height: float = 17.0, *, finish: Finish = STONE) -> DrawnModel:
    """A box, as students make stairs of."""
    return DrawnModel("box", [box((-width / 2, 0, -depth / 2), (width / 2, height, depth / 2), finish)])
