"""Outlines of walls on the plan: straight or round, mitred where they are joined.

Rules measured against the program (plan frame: cm, x right, y down). Points run along the left side from start to end,
then back along the right side, so point i faces point n - 1 - i. Joins are computed in float32, as the program does:
a thin wall that meets a four times thicker one at a right angle lies exactly at the limit of what is mitred.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from scenes.home.plan import Wall

Outline = npt.NDArray[np.float32]
"""(2n, 2), plan cm."""

_SHORTEST_CHORD = 1e-5
_VERTICAL_SLOPE = 4000.0
_PARALLEL_RATIO = 1.004
_PARALLEL_DIFFERENCE = 1e-5


def outlines(
    walls: Sequence[Wall], extra_left: Mapping[str, float], extra_right: Mapping[str, float]
) -> dict[str, Outline]:
    """The joined outline of each wall by id.

    `extra_left`, `extra_right`: what is added to each side, cm (the baseboards' thickness), by wall id.
    """
    plain = {
        wall.id: _plain_outline(wall, extra_left.get(wall.id, 0.0), extra_right.get(wall.id, 0.0)) for wall in walls
    }
    by_id = {wall.id: wall for wall in walls}
    joined = {}
    for wall in walls:
        points = plain[wall.id].copy()
        _join(points, wall, wall.wall_at_start, at_start=True, by_id=by_id, plain=plain)
        _join(points, wall, wall.wall_at_end, at_start=False, by_id=by_id, plain=plain)
        joined[wall.id] = points
    return joined


def arc_centre(wall: Wall) -> tuple[float, float] | None:
    """The centre of a round wall, plan cm; None for a straight one."""
    extent = wall.arc_extent or 0.0
    dx, dy = wall.x_end - wall.x_start, wall.y_end - wall.y_start
    chord = math.hypot(dx, dy)
    if extent == 0.0 or chord <= _SHORTEST_CHORD:
        return None
    distance = chord / 2 / math.tan(extent / 2)
    return (
        (wall.x_start + wall.x_end) / 2 - dy / chord * distance,
        (wall.y_start + wall.y_end) / 2 + dx / chord * distance,
    )


def _plain_outline(wall: Wall, extra_left: float, extra_right: float) -> Outline:
    """The outline as if the wall stood alone."""
    left, right = wall.thickness / 2 + extra_left, wall.thickness / 2 + extra_right
    centre = arc_centre(wall)
    if centre is None:
        ends = np.array([[wall.x_start, wall.y_start], [wall.x_end, wall.y_end]], np.float32)
        run = ends[1] - ends[0]
        angle = math.atan2(run[1], run[0])
        normal = np.array([math.sin(angle), -math.cos(angle)], np.float32)
        return np.concatenate([ends + normal * np.float32(left), ends[::-1] - normal * np.float32(right)])
    extent = wall.arc_extent or 0.0
    radius = math.hypot(wall.x_start - centre[0], wall.y_start - centre[1])
    start = math.atan2(wall.y_start - centre[1], wall.x_start - centre[0])
    root = math.sqrt((radius + wall.thickness / 2) * abs(extent))
    steps = math.floor(root)
    if steps < 1 or not math.isclose(root, steps, rel_tol=1e-9):
        steps += 1
    angles = start + np.linspace(0.0, extent, steps + 1)
    ray = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    outward = 1.0 if extent > 0 else -1.0
    left_side = centre + ray * max(0.0, radius + outward * left)
    right_side = centre + ray * max(0.0, radius - outward * right)
    return np.concatenate([left_side, right_side[::-1]]).astype(np.float32)


def _join(
    points: Outline,
    wall: Wall,
    other_id: str | None,
    *,
    at_start: bool,
    by_id: Mapping[str, Wall],
    plain: Mapping[str, Outline],
) -> None:
    """Moves the two points of one end to where the sides meet those of the wall joined there."""
    other = by_id.get(other_id) if other_id is not None and other_id != wall.id else None
    if other is None:
        return
    other_at_start = _joined_end(wall, other, at_start)
    if other_at_start is None:
        return
    ends = plain[other.id]
    for side_is_left in (True, False):
        point, next_point = _end_points(points, at_start, side_is_left)
        same_way = at_start != other_at_start
        other_point, other_next = _end_points(ends, other_at_start, side_is_left == same_way)
        met = _intersection(points[point], points[next_point], ends[other_point], ends[other_next])
        if met is None:
            met = points[point].copy()
        away = met.astype(np.float64) - points[point]
        if float(away @ away) < np.float32(2 * wall.thickness) ** 2:
            points[point] = met


def _joined_end(wall: Wall, other: Wall, at_start: bool) -> bool | None:
    """True if `other` is joined by its start, False by its end, None if it does not point back."""
    by_start, by_end = other.wall_at_start == wall.id, other.wall_at_end == wall.id
    if by_start and by_end:
        here = (wall.x_start, wall.y_start) if at_start else (wall.x_end, wall.y_end)
        return here == (other.x_start, other.y_start)
    return True if by_start else False if by_end else None


def _end_points(points: Outline, at_start: bool, left: bool) -> tuple[int, int]:
    """Indices of an end's point on one side and of its neighbour on that side."""
    last = len(points) - 1
    half = len(points) // 2
    if left:
        return (0, 1) if at_start else (half - 1, half - 2)
    return (last, last - 1) if at_start else (half, half + 1)


def _intersection(a: Outline, b: Outline, c: Outline, d: Outline) -> Outline | None:
    """Where the line a-b meets the line c-d; None if they are as good as parallel."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        slope, other_slope = (b[1] - a[1]) / (b[0] - a[0]), (d[1] - c[1]) / (d[0] - c[0])
    steep, other_steep = abs(slope) >= _VERTICAL_SLOPE, abs(other_slope) >= _VERTICAL_SLOPE
    if (steep and other_steep) or np.isnan(slope) or np.isnan(other_slope):
        return None
    if steep:
        x = a[0]
        return np.array([x, other_slope * x + (d[1] - other_slope * d[0])], np.float32)
    if other_steep:
        x = c[0]
        return np.array([x, slope * x + (b[1] - slope * b[0])], np.float32)
    small, large = sorted((abs(slope), abs(other_slope)))
    same_sign = np.sign(slope) == np.sign(other_slope)
    if abs(slope - other_slope) <= _PARALLEL_DIFFERENCE or (same_sign and large <= _PARALLEL_RATIO * small):
        return None
    offset, other_offset = b[1] - slope * b[0], d[1] - other_slope * d[0]
    x = (other_offset - offset) / (slope - other_slope)
    return np.array([x, slope * x + offset], np.float32)
