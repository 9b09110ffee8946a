"""SVG paths in the unit square: the holes of windows and staircases."""

from __future__ import annotations

import functools

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from svg.path import Arc, CubicBezier, QuadraticBezier, parse_path

from scenes.build import exact
from scenes.build.regions import region
from scenes.errors import HomeError

CURVE_STEPS = 24
MAX_SEGMENTS = 10_000


@functools.cache
def path_area(path: str) -> BaseGeometry:
    """The area of an SVG path, in its own frame (y down).

    Raises:
        HomeError: not a path, or one without an area.
    """
    try:
        segments = parse_path(path)
        if len(segments) > MAX_SEGMENTS:
            raise HomeError(f"the path has {len(segments)} segments")
        rings: list[list[complex]] = [[]]
        for segment in segments:
            if type(segment).__name__ == "Move":
                rings.append([segment.end])
            elif isinstance(segment, Arc | CubicBezier | QuadraticBezier):
                rings[-1] += [segment.point(t) for t in np.linspace(0, 1, CURVE_STEPS + 1)[1:]]
            else:
                rings[-1].append(segment.end)
    except (ValueError, TypeError, IndexError, AttributeError, ZeroDivisionError) as error:
        raise HomeError(f"{path[:60]!r} is not an SVG path: {error}") from error
    area: BaseGeometry = shapely.Polygon()
    for ring in rings:
        points = np.array([[point.real, point.imag] for point in ring])
        if len(points) >= 3 and np.isfinite(points).all():
            area = exact.symmetric_difference(area, region(points))
    if area.area <= 0:
        raise HomeError(f"the SVG path {path[:60]!r} encloses nothing")
    return area


@functools.cache
def is_full_square(path: str) -> bool:
    """Whether a path is the whole unit square."""
    try:
        return bool(exact.symmetric_difference(path_area(path), shapely.box(0, 0, 1, 1)).area < 1e-9)
    except HomeError:
        return False
