"""Treads: the level faces of a thing that one can step on, and the middle line over them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from scenes import overlay
from scenes.mesh import Floats, face_normals

SAME_TREAD_M = 0.015
SMALLEST_TREAD_M2 = 0.02
NARROWEST_TREAD_M = 0.07
TIP_M = 0.1
"""Where a tread is narrower than this it is not stepped on, if it is wider elsewhere."""
SLIT_M = 0.003
"""Slits up to twice as wide, between triangles that do not quite meet, are closed."""
SMOOTH_M = 1e-4
COVER_M = 1.0
"""A face that others cover less than this above it cannot be stepped on."""
LARGEST_RISE_M = 0.34
INSIDE_M = 0.001
LANDING_SHARE = 1.7
"""A tread that much larger than the usual one is a landing."""


@dataclass(frozen=True)
class Tread:
    """A level face to step on: its height, and on the plan the part of it that nothing covers.

    `area` is without the tip of a wedge, where it is too narrow to step on; `whole` is with it.
    """

    height_m: float
    area: shapely.Polygon
    whole: BaseGeometry

    @property
    def middle(self) -> Floats:
        """A plan point (2,) well inside."""
        point = self.area.centroid
        if not self.area.contains(point):
            point = self.area.representative_point()
        return np.array([point.x, point.y])


def level_faces(corners: Floats) -> list[tuple[float, BaseGeometry]]:
    """Heights and plan areas of the level faces of triangles (T, 3, 3) that look up, rising."""
    normals = face_normals(corners)
    lengths = np.linalg.norm(normals, axis=1)
    level = (normals[:, 2] > 0.99 * lengths) & (lengths > 1e-12)
    faces, heights, weights = corners[level], corners[level][:, :, 2].mean(axis=1), normals[level, 2] / 2
    order = np.argsort(heights, kind="stable")
    starts = np.flatnonzero(np.diff(heights[order], prepend=-np.inf) > SAME_TREAD_M)
    found = []
    for group in np.split(order, starts[1:]):
        if weights[group].sum() >= SMALLEST_TREAD_M2:
            height = float(np.average(heights[group], weights=weights[group]))
            area = overlay.union(shapely.polygons(faces[group][:, :, :2]))
            found.append((height, _closed(area)))
    return found


def _closed(area: BaseGeometry) -> BaseGeometry:
    """An area without its slits, its corners sharp again."""
    return overlay.buffer(overlay.buffer(area, SLIT_M), -SLIT_M).simplify(SMOOTH_M)


def exposed(faces: list[tuple[float, BaseGeometry]]) -> list[Tread]:
    """Those faces (height, area; rising) that others leave room on to step on."""
    found: list[Tread] = []
    for index, (height, area) in enumerate(faces):
        over = [higher for at, higher in faces[index + 1 :] if at - height < COVER_M]
        # on a grid: without one, borders that nearly coincide have made polygons inside out
        open_area = overlay.difference(area, overlay.union(over))
        parts = [(wide, part) for part in shapely.get_parts(open_area) for wide in _opened(part)]
        if parts:
            near = found[-1].area if found else parts[0][0]
            wide, whole = max(parts, key=lambda pair: float(pair[0].area) / (0.2 + float(pair[0].distance(near))))
            found.append(Tread(height, wide, whole))
    return found


def _opened(area: BaseGeometry) -> list[shapely.Polygon]:
    """The parts of an area that are wide enough to step on: without slivers, and the tips of wedges."""
    if not isinstance(area, shapely.Polygon) or area.area < SMALLEST_TREAD_M2:
        return []
    radius = float(shapely.maximum_inscribed_circle(area, tolerance=0.005).length)
    if radius < NARROWEST_TREAD_M / 2:
        return []
    by_m = min(TIP_M / 2, 0.6 * radius)
    wide = overlay.buffer(overlay.buffer(area, -by_m), by_m)
    return [part for part in shapely.get_parts(wide) if part.area >= SMALLEST_TREAD_M2]


def climbable(treads: list[Tread]) -> list[Tread]:
    """The treads from the lowest one up to where the next one is out of a step's reach."""
    kept = treads[:1]
    for tread in treads[1:]:
        if tread.height_m - kept[-1].height_m > LARGEST_RISE_M or tread.area.distance(kept[-1].area) > LARGEST_RISE_M:
            break
        kept.append(tread)
    return kept


@dataclass(frozen=True)
class Walk:
    """The way over treads.

    Attributes:
        points: (K, 3), m, over the middles of the treads.
        tread: (K,), the tread that each point is on.
        middles: (N, 3), one point per tread.
        directions: (N, 2), unit, of travel up over each tread; zero if there is only one.
    """

    points: Floats
    tread: tuple[int, ...]
    middles: Floats
    directions: Floats


def walk(treads: list[Tread]) -> Walk:
    """The way up over the middles of treads, around the corner on landings; at least one tread."""
    edges = [_edge(low, high) for low, high in itertools.pairwise(treads)]
    usual = float(np.median([tread.area.area for tread in treads]))
    points: list[list[float]] = []
    owners: list[int] = []
    middles, directions = [], []
    for index, tread in enumerate(treads):
        entry = edges[index - 1] if index else None
        leave = edges[index] if index < len(edges) else None
        way = _over(tread, entry, leave, is_landing=tread.area.area > LANDING_SHARE * usual)
        points += [[*xy, tread.height_m] for xy in way]
        owners += [index] * len(way)
        middles.append([*way[len(way) // 2], tread.height_m])
        towards = (way[0] if entry is None else entry, way[-1] if leave is None else leave)
        directions.append(_unit(towards[1] - towards[0]) if len(treads) > 1 else np.zeros(2))
    return Walk(np.array(points), tuple(owners), np.array(middles), np.array(directions))


def _edge(low: Tread, high: Tread) -> Floats:
    """The middle (2,) of the line where one steps from a tread to the next one."""
    reach = low.area.distance(high.area) + 0.02
    shared = overlay.intersection(low.area.boundary, overlay.buffer(high.area, reach))
    lines = [part for part in shapely.get_parts(shapely.line_merge(shared)) if part.length > 0]
    if not lines:
        return (low.middle + high.middle) / 2
    middle = max(lines, key=lambda part: float(part.length)).interpolate(0.5, normalized=True)
    return np.array([middle.x, middle.y])


def _over(tread: Tread, entry: Floats | None, leave: Floats | None, *, is_landing: bool) -> list[Floats]:
    """Plan points on a tread, from where it is entered to where it is left."""
    if entry is None or leave is None:
        edge = leave if entry is None else entry
        return [tread.middle if edge is None else _inwards(tread, edge)]
    if not is_landing:
        middle = (entry + leave) / 2
        return [middle if tread.area.contains(shapely.Point(middle)) else tread.middle]
    return [_inwards(tread, entry), _inwards(tread, leave)]


def _inwards(tread: Tread, edge: Floats) -> Floats:
    """The point (2,) half-way across a tread, straight on from a point on its border."""
    along = border_direction(tread.area, edge)
    normal = np.array([-along[1], along[0]])
    if not overlay.buffer(tread.area, 1e-6).contains(shapely.Point(edge + 0.03 * normal)):
        normal = -normal
    ray = overlay.intersection(shapely.LineString([edge + INSIDE_M * normal, edge + 100.0 * normal]), tread.area)
    first = min(shapely.get_parts(ray), key=lambda part: float(part.distance(shapely.Point(edge))), default=ray)
    across: Floats = edge + normal * (first.length + INSIDE_M) / 2
    return across


def border_direction(area: shapely.Polygon, point: Floats) -> Floats:
    """The direction (2,) of the edge of a polygon that a point is nearest to."""
    corners = np.array(area.exterior.coords)
    edges = shapely.linestrings(np.stack([corners[:-1], corners[1:]], axis=1))
    nearest = int(np.argmin(shapely.distance(edges, shapely.Point(point))))
    return _unit(corners[nearest + 1] - corners[nearest])


def _unit(vector: Floats) -> Floats:
    length = float(np.hypot(*vector))
    return vector / length if length > 1e-9 else np.array([1.0, 0.0])
