"""Triangles cut by a box."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scenes.mesh import Floats

Ring = list[Sequence[float]]

_TOUCH_M = 1e-3


def extents_within(triangles: Floats, low: Floats, high: Floats) -> Floats:
    """The ranges of x (N, 2) of the parts of triangles (T, 3, 3) that lie in the box from low (3,) to high (3,)."""
    least, most = triangles.min(axis=1), triangles.max(axis=1)
    near = (most > low + _TOUCH_M).all(axis=1) & (least < high - _TOUCH_M).all(axis=1)
    whole = near & (least >= low).all(axis=1) & (most <= high).all(axis=1)
    extents = np.stack([least[whole, 0], most[whole, 0]], axis=1).tolist()
    for triangle in triangles[near & ~whole].tolist():
        ring: Ring = triangle
        for axis, (start, end) in enumerate(zip(low.tolist(), high.tolist(), strict=True)):
            ring = _half(ring, axis, start, 1.0)
            ring = _half(ring, axis, end, -1.0)
        if ring:
            across = [point[0] for point in ring]
            extents.append([min(across), max(across)])
    return np.array(extents, np.float64).reshape(-1, 2)


def rings_between(triangles: Floats, low_m: float, high_m: float) -> list[Ring]:
    """Return the parts of triangles (T, 3, 3) between two heights, as rings of points (x, y, z)."""
    near = (triangles[:, :, 2].max(axis=1) > low_m) & (triangles[:, :, 2].min(axis=1) < high_m)
    halves = (_half(ring, 2, low_m, 1.0) for ring in triangles[near].tolist())
    return [ring for half in halves if len(ring := _half(half, 2, high_m, -1.0)) > 2]


def _half(ring: Ring, axis: int, bound: float, sign: float) -> Ring:
    """The part of a convex polygon where sign * (coordinate - bound) is not negative (Sutherland and Hodgman's way)."""
    inside = [sign * (point[axis] - bound) for point in ring]
    if not ring or min(inside) >= 0:
        return ring
    found: Ring = []
    for i, here in enumerate(inside):
        j = (i + 1) % len(ring)
        if here >= 0:
            found.append(ring[i])
        if here * inside[j] < 0:
            share = here / (here - inside[j])
            found.append([a + (b - a) * share for a, b in zip(ring[i], ring[j], strict=True)])
    return found
