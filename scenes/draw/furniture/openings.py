"""Doors, cased openings and windows: they cut the wall that they stand in, by their width and height.

Doors are drawn shut, their hinges at the left seen from the front, to which they open. Leaves and hinges have the group
names by which Sweet Home 3D opens them.
"""

from __future__ import annotations

import math

from scenes.draw.finishes import GLASS, METAL, WHITE, WOOD
from scenes.draw.model import DrawnModel, Finish, Mould
from scenes.draw.solids import box, pane, prism, rod, shifted
from scenes.draw.solids import frame as frame_of
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
    parts = [box((-x, 0, -z - 4), (x, 3, z + 4), sill)]
    one = width / sashes
    for k in range(sashes):
        left, right = -x + k * one, -x + (k + 1) * one
        parts.append(frame_of((left, 3, -3), (right, height, 3), 6.0, frame))
        parts.append(pane((left + 6, 9, -0.3), (right - 6, height - 6, 0.3), GLASS, group=_PANE))
    return DrawnModel("window", parts)


def _frame(width: float, height: float, wall: float, finish: Finish) -> list[Mould]:
    """Two jambs and a head."""
    x, z = width / 2, wall / 2 + _PROUD_CM
    inner, head = x - JAMB_CM, height - JAMB_CM
    outline = [
        (-x, 0.0),
        (-inner, 0.0),
        (-inner, head),
        (inner, head),
        (inner, 0.0),
        (x, 0.0),
        (x, height),
        (-x, height),
    ]
    return [prism(outline, -z, z, finish)]


def _leaf(extent: tuple[float, float, float], front: float, finish: Finish, *, hinge: int, glazed: bool) -> list[Mould]:
    """A leaf from its hinge side to its lock side, up to a height; its front is at `front`."""
    hinge_x, lock_x, top = extent
    group = f"sweethome3d_opening_on_hinge_{hinge}"
    low, high = (min(hinge_x, lock_x), 0.8, front - _LEAF_CM), (max(hinge_x, lock_x), top, front)
    inward = 1.0 if lock_x > hinge_x else -1.0
    axis = (hinge_x, front)
    parts = [
        rod((axis[0], 1, axis[1]), (axis[0], top - 1, axis[1]), 0.7, METAL, sides=4, group=f"sweethome3d_hinge_{hinge}")
    ]
    if glazed:
        edge = 11.0
        parts.append(frame_of(low, high, edge, finish, group=group))
        glass = (low[0] + edge, low[1] + edge, front - 2.3), (high[0] - edge, top - edge, front - 1.7)
        parts.append(pane(*glass, GLASS, group=f"{_PANE}_on_hinge_{hinge}"))
    else:
        parts.append(box(low, high, finish, group=group))
    grip = (-1.2, 88.0, 128.0, 1.2) if glazed else (-11.0, 103.0, 105.0, 1.2)
    for face, out in ((front, 1.0), (front - _LEAF_CM, -1.0)):
        parts += shifted(_handle(grip, inward, out, group), x=lock_x - 7 * inward, z=face)
    return parts


def _handle(grip: tuple[float, float, float, float], inward: float, out: float, group: str) -> list[Mould]:
    """A handle at x = 0 that reaches `out`, and the lever or bar on it: its extent in x (towards the hinge) and y."""
    start, low, high, end = grip
    across = sorted((-start * inward, -end * inward))
    near, far = sorted((3.5 * out, 5.0 * out))
    return [box((across[0], low, near), (across[1], high, far), METAL, group=group)]
