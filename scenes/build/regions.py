"""Areas on the plan: polygons with holes, made whole, cut, and filled with triangles."""

from __future__ import annotations

from collections.abc import Iterable

import mapbox_earcut
import numpy as np
import numpy.typing as npt
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from scenes import overlay
from scenes.mesh import Floats, Ints

SMALLEST_AREA = 1e-4
"""Slivers below this, cm^2, are the noise of cutting."""


def region(points: npt.ArrayLike) -> BaseGeometry:
    """The area that a ring of points (N, 2) encloses; if it crosses itself, what is enclosed an odd number of times."""
    array = np.asarray(points, np.float64)
    if len(array) < 3:
        return Polygon()
    return overlay.valid(Polygon(array))


def polygons(area: BaseGeometry, smallest: float = SMALLEST_AREA) -> list[Polygon]:
    """The polygons of an area, without lines, points, slivers; outer rings turn counter-clockwise, holes clockwise."""
    if isinstance(area, Polygon):
        parts: Iterable[BaseGeometry] = [area]
    elif isinstance(area, MultiPolygon):
        parts = area.geoms
    else:
        parts = [piece for geom in getattr(area, "geoms", ()) for piece in polygons(geom, smallest)]
    return [shapely.orient_polygons(p) for p in parts if isinstance(p, Polygon) and p.area > smallest]


def rings(polygon: Polygon) -> list[Floats]:
    """The rings (N, 2) of a polygon, the outer one first, without repeated points."""
    found = []
    for ring in (polygon.exterior, *polygon.interiors):
        points = np.asarray(ring.coords)[:-1, :2]
        distinct = points[np.any(np.abs(points - np.roll(points, 1, axis=0)) > 1e-9, axis=1)]
        if len(distinct) >= 3:
            found.append(distinct)
    return found


def fill(polygon: Polygon) -> tuple[Floats, Ints]:
    """Points (N, 2) and triangles (T, 3), counter-clockwise in x-y, that fill a polygon."""
    all_rings = rings(polygon)
    if not all_rings:
        return np.zeros((0, 2)), np.zeros((0, 3), np.int64)
    points = np.concatenate(all_rings)
    ends = np.cumsum([len(ring) for ring in all_rings]).astype(np.uint32)
    triangles = mapbox_earcut.triangulate_float64(points, ends).reshape(-1, 3).astype(np.int64)
    a, b, c = (points[triangles[:, i]] for i in range(3))
    clockwise = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0]) < 0
    triangles[clockwise] = triangles[clockwise][:, ::-1]
    return points, triangles
