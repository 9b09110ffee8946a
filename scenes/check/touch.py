"""Whether two bodies of triangles touch: near each other, or one inside of the other."""

from __future__ import annotations

import numpy as np

from scenes.mesh import Floats
from scenes.surfaces import Surfaces

MAX_POINTS = 300
MAX_PAIRS = 200_000


def touch(a: Floats, b: Floats, reach_m: float) -> bool:
    """Whether triangles a (N, 3, 3) and b (M, 3, 3) come within `reach_m` of each other, or reach into each other.

    Told by the corners and centres of up to `MAX_POINTS` triangles of each: good for furniture, not for proof.
    """
    return any(_near(one, other, reach_m) or _reaches_into(one, other, reach_m) for one, other in ((a, b), (b, a)))


def _near(a: Floats, b: Floats, reach_m: float) -> bool:
    """Whether points of a are within reach of the triangles of b."""
    import trimesh

    low, high = b.min(axis=(0, 1)) - reach_m, b.max(axis=(0, 1)) + reach_m
    points = _thin(np.concatenate([a.reshape(-1, 3), a.mean(axis=1)]), low, high)
    if not len(points):
        return False
    close = ((b.min(axis=1) <= points.max(0) + reach_m) & (b.max(axis=1) >= points.min(0) - reach_m)).all(axis=1)
    triangles = b[close]
    step = max(1, MAX_PAIRS // max(1, len(triangles)))
    for start in range(0, len(points), step):
        some = points[start : start + step]
        pairs = np.repeat(triangles, len(some), axis=0)
        targets = np.tile(some, (len(triangles), 1))
        nearest = trimesh.triangles.closest_point(pairs, targets)
        if len(nearest) and (np.linalg.norm(nearest - targets, axis=1) <= reach_m).any():
            return True
    return False


def _reaches_into(a: Floats, b: Floats, reach_m: float) -> bool:
    """Whether a surface of b lies on an upright line between the lowest and the highest point that a has on it."""
    low, high = b.min(axis=(0, 1)), b.max(axis=(0, 1))
    points = _thin(a.mean(axis=1), low - [0, 0, np.inf], high + [0, 0, np.inf])[:, :2]
    if not len(points):
        return False
    owners = np.repeat([1, 2], [len(a), len(b)])
    hits = Surfaces(np.concatenate([a, b]), owners).crossings(points)
    bottom, top = np.full(len(points), np.inf), np.full(len(points), -np.inf)
    own = hits.instance == 1
    np.minimum.at(bottom, hits.line[own], hits.height_m[own])
    np.maximum.at(top, hits.line[own], hits.height_m[own])
    others = hits.where(~own)
    between = (others.height_m >= bottom[others.line] - reach_m) & (others.height_m <= top[others.line] + reach_m)
    return bool(between.any())


def _thin(points: Floats, low: Floats, high: Floats) -> Floats:
    """At most `MAX_POINTS` of the points (N, 3) that lie within a box."""
    inside = points[((points >= low) & (points <= high)).all(axis=1)]
    return inside[:: max(1, len(inside) // MAX_POINTS)]
