"""Overlays of what is drawn: as the engine gives them, to the last digit, and by `scenes.overlay` where it fails.

What is frozen for a home (episodes, drives, routes) knows it by a hash of its triangles, so results that are right are
not rounded here.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from scenes import overlay

_MOST_LOST = 2.0
"""Of the border's length times the distance that it moves inwards; the engine's buffers now and then lose far more."""


def union(areas: overlay.Areas) -> BaseGeometry:
    """Return what is covered by any of the areas."""
    given = np.array([*areas], dtype=object)
    return _exact(lambda: shapely.union_all(overlay.valid(given)), lambda: overlay.union(given))


def intersection(area: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """Return what two areas have in common, or the stretches of a line that lie in an area."""
    return _exact(
        lambda: shapely.intersection(overlay.valid(area), overlay.valid(other)),
        lambda: overlay.intersection(area, other),
    )


def difference(area: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """Return what an area leaves without another one."""
    return _exact(
        lambda: shapely.difference(overlay.valid(area), overlay.valid(other)), lambda: overlay.difference(area, other)
    )


def symmetric_difference(area: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """Return what is covered by one of two areas but not by both."""
    return _exact(
        lambda: shapely.symmetric_difference(overlay.valid(area), overlay.valid(other)),
        lambda: overlay.symmetric_difference(area, other),
    )


def buffer(
    area: BaseGeometry,
    distance: float,
    *,
    join_style: overlay.JoinStyle = "round",
    cap_style: overlay.CapStyle = "round",
) -> BaseGeometry:
    """Return an area (or line, or point) with its border moved outwards by a distance; inwards if that is negative."""
    start = overlay.valid(area)

    def is_plausible(grown: BaseGeometry) -> bool:
        if distance >= 0:
            return bool(grown.area >= start.area)
        return bool(start.area - grown.area <= -distance * start.length * _MOST_LOST)

    return _exact(
        lambda: shapely.buffer(start, distance, join_style=join_style, cap_style=cap_style),
        lambda: overlay.buffer(area, distance, join_style=join_style, cap_style=cap_style),
        is_plausible,
    )


def _exact(
    operation: Callable[[], BaseGeometry],
    on_grid: Callable[[], BaseGeometry],
    is_plausible: Callable[[BaseGeometry], bool] = lambda _: True,
) -> BaseGeometry:
    """The result of an operation; where the engine raises an error or the result is invalid, that on the grid."""
    try:
        found = operation()
    except shapely.errors.GEOSException:
        return on_grid()
    return found if shapely.is_valid(found) and is_plausible(found) else on_grid()
