"""Polylines that are visible in 3D: flat ribbons with caps, joins, dashes and arrows."""

from __future__ import annotations

import itertools

import numpy as np
import shapely
import shapely.ops
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from scenes.build.levels import Levels
from scenes.build.palette import Palette
from scenes.build.prisms import level_at, sheet, textured
from scenes.build.regions import polygons
from scenes.build.surface import Surface
from scenes.home.fields import Color
from scenes.home.plan import Polyline
from scenes.mesh import Floats, concatenate

LIFT_CM = 0.05
"""A ribbon on the floor lies this much above it, so that the two do not flicker."""

_CAPS = {"BUTT": "flat", "SQUARE": "square", "ROUND": "round"}
_JOINS = {"BEVEL": "bevel", "MITER": "mitre", "ROUND": "round", "CURVED": "round"}
_DASHES = {
    "DOT": (1.0, 1.0),
    "DASH": (4.0, 2.0),
    "DASH_DOT": (8.0, 2.0, 2.0, 2.0),
    "DASH_DOT_DOT": (8.0, 2.0, 2.0, 2.0, 2.0, 2.0),
}
"""Dashes and gaps in turn, in thicknesses."""

_CURVE_STEPS = 12
_CURVE_TENSION = 3.625
_ARROW_POINTS = np.array([[-5.0, -2.0], [0.0, 0.0], [-5.0, 2.0]])
_ARROW_OVERSHOOT = 2.2
_MAX_DASHES = 10_000


def polyline_surface(polyline: Polyline, levels: Levels, palette: Palette) -> Surface | None:
    """The ribbon of a polyline, seen from both sides; None if it is not visible in 3D."""
    if polyline.elevation is None or len(polyline.points) < 2 or polyline.thickness <= 0:
        return None
    elevation = levels.elevation_cm(levels.get(polyline.level)) + max(polyline.elevation, LIFT_CM)
    area = _ribbon(polyline)
    meshes = [sheet(polygon, level_at(elevation), faces_up=up) for polygon in polygons(area) for up in (True, False)]
    color = polyline.color if polyline.color is not None else Color(0xFF000000)
    material = palette.painted("polyline", color, None, used_by=f"polyline {polyline.id}")
    mesh = textured(concatenate(meshes), None)
    return Surface(mesh, material) if len(mesh.triangles) else None


def _ribbon(polyline: Polyline) -> BaseGeometry:
    points = np.array([(point.x, point.y) for point in polyline.points])
    if polyline.join_style == "CURVED":
        points = _curved(points, polyline.closed_path)
    elif polyline.closed_path:
        points = np.concatenate([points, points[:1]])
    width = polyline.thickness / 2
    cap, join = _CAPS.get(polyline.cap_style, "flat"), _JOINS.get(polyline.join_style, "mitre")
    parts = [
        piece.buffer(width, cap_style=cap, join_style=join, mitre_limit=10.0) for piece in _dashed(points, polyline)
    ]
    if not polyline.closed_path:
        for style, tip, before in (
            (polyline.start_arrow_style, points[0], points[1]),
            (polyline.end_arrow_style, points[-1], points[-2]),
        ):
            parts.append(_arrow(style, tip, tip - before, polyline.thickness))
    return shapely.union_all(parts)


def _curved(points: Floats, closed: bool) -> Floats:
    """Cubic Bezier curves through the points; each tangent runs along its neighbours' line."""
    count = len(points)
    steps = np.linspace(0, 1, _CURVE_STEPS + 1)[:, None]
    pieces = []
    for i in range(count if closed else count - 1):
        start, end = points[i], points[(i + 1) % count]
        tangent = (end - points[i - 1]) / _CURVE_TENSION if closed or i > 0 else np.zeros(2)
        next_tangent = (start - points[(i + 2) % count]) / _CURVE_TENSION if closed or i < count - 2 else np.zeros(2)
        controls = (start, start + tangent, end + next_tangent, end)
        weights = ((1 - steps) ** 3, 3 * (1 - steps) ** 2 * steps, 3 * (1 - steps) * steps**2, steps**3)
        pieces.append(sum(w * c for w, c in zip(weights, controls, strict=True)))
    joined: Floats = np.concatenate(pieces)
    return joined


def _dashed(points: Floats, polyline: Polyline) -> list[BaseGeometry]:
    """The pieces of the line that are drawn."""
    line = LineString(points)
    pattern = polyline.dash_pattern if polyline.dash_style == "CUSTOMIZED" else _DASHES.get(polyline.dash_style)
    if not pattern or min(pattern) < 0 or sum(pattern) <= 0:
        return [line]
    lengths = [length * polyline.thickness for length in pattern]
    if line.length / sum(lengths) * len(lengths) > _MAX_DASHES:
        return [line]
    position = -(polyline.dash_offset * sum(lengths))
    pieces: list[BaseGeometry] = []
    for index, length in enumerate(itertools.cycle(lengths)):
        if position >= line.length:
            return pieces
        if index % 2 == 0 and position + length > 0:
            pieces.append(shapely.ops.substring(line, max(0.0, position), min(line.length, position + length)))
        position += length
    return pieces


def _arrow(style: str, tip: Floats, direction: Floats, thickness: float) -> BaseGeometry:
    """The head at an end of a line along `direction` to its `tip`; its size grows slower than the line's width."""
    size = 2 * thickness**0.66
    along = direction / max(1e-9, float(np.linalg.norm(direction)))
    frame = np.array([along, [-along[1], along[0]]]) * size
    if style == "DELTA":
        return shapely.Polygon((_ARROW_POINTS + [_ARROW_OVERSHOOT, 0]) @ frame + tip)
    if style == "OPEN":
        return LineString((_ARROW_POINTS + [0.9, 0]) @ frame + tip).buffer(thickness / 2, join_style="mitre")
    if style == "DISC":
        return shapely.Point(np.array([-1.5, 0.0]) @ frame + tip).buffer(2 * size)
    return shapely.Polygon()
