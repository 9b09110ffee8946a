"""Triangles cut by a box."""

from __future__ import annotations

import numpy as np

from scenes.mesh import Floats

_TOUCH_M = 1e-3


def extents_within(triangles: Floats, low: Floats, high: Floats) -> Floats:
    """The ranges of x (N, 2) of the parts of triangles (T, 3, 3) that lie in the box from low (3,) to high (3,)."""
    near = (triangles.max(axis=1) > low + _TOUCH_M).all(axis=1) & (triangles.min(axis=1) < high - _TOUCH_M).all(axis=1)
    extents = []
    for triangle in triangles[near]:
        ring = triangle
        for axis in range(3):
            ring = _half(ring, ring[:, axis] - low[axis])
            ring = _half(ring, high[axis] - ring[:, axis])
        if len(ring):
            extents.append((ring[:, 0].min(), ring[:, 0].max()))
    return np.array(extents, np.float64).reshape(-1, 2)


def _half(ring: Floats, inside: Floats) -> Floats:
    """The part of a convex polygon (N, 3) where `inside` (N,) is not negative (Sutherland and Hodgman's way)."""
    found = []
    for i, (here, there) in enumerate(zip(inside, np.roll(inside, -1), strict=True)):
        if here >= 0:
            found.append(ring[i])
        if here * there < 0:
            found.append(ring[i] + (ring[(i + 1) % len(ring)] - ring[i]) * (here / (here - there)))
    return np.array(found, np.float64).reshape(-1, 3)
