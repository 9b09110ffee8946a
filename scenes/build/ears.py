"""Polygons cut into triangles in the program's order.

On a level sheet any triangles will do. A ceiling that follows the walls is bent, and where its folds run depends on the
triangles. Found from the program's output: it cuts ears, always the one that it met last.
"""

from __future__ import annotations

import numpy as np

from scenes.mesh import Floats, Ints


def cut_ears(ring: Floats) -> Ints:
    """Triangles (N - 2, 3) of a simple ring (N, 2), turned as the ring is.

    The turn of the first corner is taken for the ring's own: where it is not, ears are met from the other end.
    """
    turn = np.sign(_doubled_area(ring))
    order = list(range(len(ring)))
    if _corner(ring, order, 0) * turn <= 0:
        order.reverse()
        turn = -turn
    ears = [index for index in order if _is_ear(ring, order, index, turn)]
    triangles = []
    while len(order) > 3:
        ear = ears.pop() if ears else order[-1]
        if ear not in order:
            continue
        at = order.index(ear)
        before, after = order[at - 1], order[(at + 1) % len(order)]
        triangles.append((before, ear, after))
        order.remove(ear)
        ears = [index for index in ears if index not in (before, after)]
        ears += [index for index in (before, after) if _is_ear(ring, order, index, turn)]
    triangles.append((order[0], order[1], order[2]))
    found = np.array(triangles, np.int64)
    return found if turn == np.sign(_doubled_area(ring)) else found[:, ::-1]


def cut_quad(corners: Floats) -> Ints:
    """Two triangles of a quad in space (4, 3): from corner 0, unless it is concave at 1 or 3.

    What is concave shows on the plane of the axes that the corner at 1 lies in best.
    """
    normal = np.cross(corners[1] - corners[0], corners[2] - corners[1])
    axis = int(np.argmax(np.abs(normal)))
    flat = np.delete(corners, axis, axis=1)
    turns = np.array([_corner(flat, [0, 1, 2, 3], at) for at in range(4)]) * np.sign(_doubled_area(flat))
    if min(turns[1], turns[3]) > 0:
        return np.array([[0, 1, 2], [0, 2, 3]])
    return np.array([[1, 2, 3], [1, 3, 0]])


def _doubled_area(ring: Floats) -> float:
    following = np.roll(ring, -1, axis=0)
    return float(np.sum(ring[:, 0] * following[:, 1] - ring[:, 1] * following[:, 0]))


def _corner(ring: Floats, order: list[int], at: int) -> float:
    """Which way the ring turns at a corner: positive for counter-clockwise in x-y."""
    before, here, after = ring[order[at - 1]], ring[order[at]], ring[order[(at + 1) % len(order)]]
    first, second = here - before, after - here
    return float(first[0] * second[1] - first[1] * second[0])


def _is_ear(ring: Floats, order: list[int], index: int, turn: float) -> bool:
    """Whether the triangle at a corner lies inside of what is left of the ring."""
    at = order.index(index)
    if _corner(ring, order, at) * turn <= 0:
        return False
    corners = ring[[order[at - 1], index, order[(at + 1) % len(order)]]]
    rest = ring[[other for other in order if not (ring[other] == corners).all(axis=1).any()]]
    edges = np.roll(corners, -1, axis=0) - corners
    offsets = rest[:, None] - corners[None]
    sides = (edges[None, :, 0] * offsets[:, :, 1] - edges[None, :, 1] * offsets[:, :, 0]) * turn
    return not bool(np.all(sides >= 0, axis=1).any())
