"""Doors, cased openings and windows: they cut the wall that they stand in, by their width and height.

Doors are drawn shut, their hinges at the left seen from the front, to which they open. Leaves and hinges have the group
names by which Sweet Home 3D opens them.
"""

from __future__ import annotations

import math

from scenes.draw.finishes import GLASS, METAL, WHITE, WOOD
from scenes.draw.model import DrawnModel, Finish, Mould
from scenes.draw.solids import box, rod, shifted, tube
from scenes.home.furniture import Sash

JAMB_CM = 5.0
"""Width of the frame at each side of an opening."""

_PROUD_CM = 1.0
"""How far a frame stands out of the wall on either side."""

_LEAF_CM = 4.0
_FRONT = 0.75
"""Where a leaf's front is in the depth of a door, of which handles take the rest."""

_PANE = "sweethome3d_window_pane"


def door(
    width: float = 100.0,
    height: float = 214.0,
    wall: float = 16.0,
    *,
    leaf: Finish = WOOD,
    frame: Finish = WHITE,
    glazed: bool = False,
) -> DrawnModel:
    """A door with one leaf for a wall of that thickness; 10 cm of its width are frame."""
    parts = _frame(width, height, wall, frame)
    front = wall / 2 + _PROUD_CM
    inner = (-width / 2 + JAMB_CM + 0.3, width / 2 - JAMB_CM - 0.3, height - JAMB_CM - 0.3)
    parts += _leaf(inner, front, leaf, hinge=1, glazed=glazed)
    sash = Sash(
        x_axis=JAMB_CM / width, y_axis=_FRONT, width=1 - 2 * JAMB_CM / width, start_angle=-math.pi / 2, end_angle=0.0
    )
    return DrawnModel("glazed-door" if glazed else "door", parts, sashes=[sash])


def double_door(
    width: float = 180.0,
    height: float = 222.0,
    wall: float = 16.0,
    *,
    leaf: Finish = WOOD,
    frame: Finish = WHITE,
    glazed: bool = False,
) -> DrawnModel:
    """A door with two leaves."""
    parts = _frame(width, height, wall, frame)
    front = wall / 2 + _PROUD_CM
    x, top = width / 2 - JAMB_CM - 0.3, height - JAMB_CM - 0.3
    parts += _leaf((-x, -0.2, top), front, leaf, hinge=1, glazed=glazed)
    parts += _leaf((x, 0.2, top), front, leaf, hinge=2, glazed=glazed)
    half = 0.5 - JAMB_CM / width
    left = Sash(x_axis=JAMB_CM / width, y_axis=_FRONT, width=half, start_angle=-math.pi / 2, end_angle=0.0)
    right = Sash(x_axis=1 - JAMB_CM / width, y_axis=_FRONT, width=half, start_angle=-math.pi, end_angle=-math.pi / 2)
    return DrawnModel("entrance-door" if glazed else "double-door", parts, sashes=[left, right])


def cased_opening(
    width: float = 160.0, height: float = 230.0, wall: float = 16.0, *, frame: Finish = WOOD
) -> DrawnModel:
    """A frame around an opening without a door."""
    return DrawnModel("cased-opening", _frame(width, height, wall, frame))


def window(
    width: float = 120.0,
    height: float = 130.0,
    wall: float = 26.0,
    *,
    sashes: int = 2,
    frame: Finish = WHITE,
    sill: Finish = WHITE,
) -> DrawnModel:
    """A window of glazed sashes beside each other, with sills inside and outside."""
    x, z = width / 2, wall / 2
    parts: list[Mould] = [
        box((-x, 0, -z - 4), (x, 3, z + 4), sill),
        box((-x, 3, -z), (-x + 1, height, z), frame),
        box((x - 1, 3, -z), (x, height, z), frame),
        box((-x + 1, height - 1, -z), (x - 1, height, z), frame),
    ]
    one = (width - 2) / sashes
    for k in range(sashes):
        left, right = -x + 1 + k * one, -x + 1 + (k + 1) * one
        parts += _sash((left, right), (3.0, height - 1), frame)
    return DrawnModel("window", parts)


def _sash(across: tuple[float, float], up: tuple[float, float], frame: Finish) -> list[Mould]:
    (left, right), (low, high), edge = across, up, 6.0
    return [
        box((left, low, -2.5), (right, low + edge, 2.5), frame),
        box((left, high - edge, -2.5), (right, high, 2.5), frame),
        box((left, low + edge, -2.5), (left + edge, high - edge, 2.5), frame),
        box((right - edge, low + edge, -2.5), (right, high - edge, 2.5), frame),
        box((left + edge, low + edge, -0.3), (right - edge, high - edge, 0.3), GLASS, group=_PANE),
    ]


def _frame(width: float, height: float, wall: float, finish: Finish) -> list[Mould]:
    """Two jambs and a head."""
    x, z = width / 2, wall / 2 + _PROUD_CM
    return [
        box((-x, 0, -z), (-x + JAMB_CM, height, z), finish),
        box((x - JAMB_CM, 0, -z), (x, height, z), finish),
        box((-x + JAMB_CM, height - JAMB_CM, -z), (x - JAMB_CM, height, z), finish),
    ]


def _leaf(extent: tuple[float, float, float], front: float, finish: Finish, *, hinge: int, glazed: bool) -> list[Mould]:
    """A leaf from its hinge side to its lock side, up to a height; its front is at `front`."""
    hinge_x, lock_x, top = extent
    group = f"sweethome3d_opening_on_hinge_{hinge}"
    low, high = min(hinge_x, lock_x), max(hinge_x, lock_x)
    back = front - _LEAF_CM
    inward = 1.0 if lock_x > hinge_x else -1.0
    parts = [
        rod((hinge_x, 1, front), (hinge_x, top - 1, front), 0.7, METAL, sides=6, group=f"sweethome3d_hinge_{hinge}")
    ]
    if glazed:
        edge = 11.0
        parts += [
            box((low, 0.8, back), (low + edge, top, front), finish, group=group),
            box((high - edge, 0.8, back), (high, top, front), finish, group=group),
            box((low + edge, 0.8, back), (high - edge, 24, front), finish, group=group),
            box((low + edge, top - edge, back), (high - edge, top, front), finish, group=group),
            box(
                (low + edge, 24, front - 2.3),
                (high - edge, top - edge, front - 1.7),
                GLASS,
                group=f"{_PANE}_on_hinge_{hinge}",
            ),
            rod(
                (lock_x - 6 * inward, 88, front + 3),
                (lock_x - 6 * inward, 128, front + 3),
                1.2,
                METAL,
                sides=6,
                group=group,
            ),
            rod(
                (lock_x - 6 * inward, 88, back - 3),
                (lock_x - 6 * inward, 128, back - 3),
                1.2,
                METAL,
                sides=6,
                group=group,
            ),
        ]
        return parts
    parts.append(box((low, 0.8, back), (high, top, front), finish, group=group))
    for side, face in ((1.0, front), (-1.0, back)):
        handle = [
            box((-2.2, -9, min(0, 0.8 * side)), (2.2, 4, max(0, 0.8 * side)), METAL, group=group),
            tube([(0, 0, 0), (0, 0, 5 * side), (-11 * inward, 0, 5 * side)], 0.9, METAL, sides=5, group=group),
        ]
        parts += shifted(handle, x=lock_x - 7 * inward, y=104, z=face)
    return parts
