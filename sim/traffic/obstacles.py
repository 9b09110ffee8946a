"""What moves, as seen from above: segments with a radius, between two heights. Who runs into whom is decided here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenes.body import BodySize
from sim.camera import Floats


@dataclass(frozen=True)
class Obstacles:
    """N upright things.

    Attributes:
        a, b: (N, 2) ends of each one's middle line on the plan, m.
        radius_m: (N,) around that line.
        low_m, high_m: (N,) heights.
    """

    a: Floats
    b: Floats
    radius_m: Floats
    low_m: Floats
    high_m: Floats

    def of(self, some: npt.NDArray[np.bool_] | npt.NDArray[np.integer]) -> Obstacles:
        """Some of them."""
        return Obstacles(*(getattr(self, name)[some] for name in self.__dataclass_fields__))

    def gaps_m(self, other: Obstacles) -> Floats:
        """(N,) the free distance to the one thing that `other` holds; `inf` where one is above the other."""
        apart = _segments_apart(self.a, self.b, other.a[0], other.b[0]) - self.radius_m - other.radius_m[0]
        beside = (self.low_m < other.high_m[0]) & (self.high_m > other.low_m[0])
        return np.where(beside, apart, np.inf)


def joined(parts: list[Obstacles]) -> Obstacles:
    """All of several."""
    names = Obstacles.__dataclass_fields__
    return Obstacles(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def moving_body(size: BodySize, start: Floats, end: Floats) -> Obstacles:
    """A body that goes from a floor point (3,) to another; what it steps onto or over is not in its way."""
    low, high = min(start[2], end[2]) + size.max_step_m, max(start[2], end[2]) + size.height_m
    return Obstacles(start[None, :2], end[None, :2], *(np.array([v]) for v in (size.radius_m, low, high)))


def _segments_apart(a: Floats, b: Floats, c: Floats, d: Floats) -> Floats:
    """Distances (N,) of segments a b (N, 2) from the segment c d (2,)."""
    ends = [_point_apart(a, c, d), _point_apart(b, c, d), _point_apart(c, a, b), _point_apart(d, a, b)]
    nearest: Floats = np.min(ends, axis=0)
    return np.where(_cross(a, b, c, d), 0.0, nearest)


def _point_apart(point: Floats, a: Floats, b: Floats) -> Floats:
    """Distances of points (..., 2) from segments a b (..., 2)."""
    along = b - a
    length = np.maximum((along**2).sum(axis=-1), 1e-12)
    share = np.clip(((point - a) * along).sum(axis=-1) / length, 0, 1)
    return np.linalg.norm(a + share[..., None] * along - point, axis=-1)


def _cross(a: Floats, b: Floats, c: Floats, d: Floats) -> npt.NDArray[np.bool_]:
    """Whether segments a b (N, 2) cross the segment c d (2,)."""

    def side(p: Floats, q: Floats, r: Floats) -> Floats:
        return (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1]) - (q[..., 1] - p[..., 1]) * (r[..., 0] - p[..., 0])

    return (side(a, b, c) * side(a, b, d) < 0) & (side(c, d, a) * side(c, d, b) < 0)
