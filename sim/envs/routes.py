"""Routes to follow: those of the Oldenborg lab's navigators, by crossings on the plan of the building."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scenes.errors import HomeError
from scenes.scene import Point3
from sim.camera import Floats
from sim.nav.graph import NavGraph

PIXEL_M = 0.06017
ORIGIN_M = (-42.937, 26.171)
"""World point of the plan's top left corner."""
_MIRROR_PX = 712.0
"""The east wing mirrors the west wing about this column."""
_FLOOR_M = 0.7
"""Between the heights of the ground floor's parts: the nearest floor to this one is meant."""
_MOST_OFF_M = 1.0
"""A crossing may be moved by this much where a wall says so."""

WEST_PX = (
    (711, 480), (711, 235), (620, 235), (605, 268), (282, 268), (282, 430), (180, 430), (180, 115), (230, 115),
)  # fmt: skip
"""From the entrance to the north end of the west block, pixels of the plan."""
ROUTES = {"west": WEST_PX, "east": tuple((2 * _MIRROR_PX - x, y) for x, y in WEST_PX)}


def crossings(graph: NavGraph, route: str | Sequence[Point3]) -> Floats:
    """The points (N, 3), m, of a route: "west" or "east" in oldenborg, else as given.

    Raises:
        HomeError: no such route in this home, or a point where the body does not fit.
    """
    if isinstance(route, str):
        if route not in ROUTES or graph.scene.name != "oldenborg":
            raise HomeError(
                f"{graph.scene.name}: no route {route!r}; oldenborg has {' and '.join(ROUTES)}, elsewhere give points"
            )
        wanted = np.array([(ORIGIN_M[0] + x * PIXEL_M, ORIGIN_M[1] - y * PIXEL_M, _FLOOR_M) for x, y in ROUTES[route]])
        points = np.array([graph.nearest(point) for point in wanted])
        off_m = np.hypot(*(points - wanted)[:, :2].T)
        if off_m.max() > _MOST_OFF_M:
            raise HomeError(f"crossing {int(off_m.argmax())} of the {route} route is {off_m.max():.1f} m off any floor")
        return points
    points = np.array(route, np.float64)
    if points.ndim != 2 or points.shape[1:] != (3,) or len(points) < 2:
        raise HomeError("a route is two or more points (x, y, z), m, or the name of one")
    return points
