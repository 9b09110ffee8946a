"""Polylines that are visible in 3D: flat ribbons with caps, joins, dashes and arrows."""

from __future__ import annotations

import itertools

import numpy as np
import shapely
import shapely.ops
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from scenes import overlay
from scenes.build import exact
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

_CAPS: dict[str, overlay.CapStyle] = {"BUTT": "flat", "SQUARE": "square", "ROUND": "round"}
_JOINS: dict[str, overlay.JoinStyle] = {"BEVEL": "bevel", "MITER": "bevel", "ROUND": "round", "CURVED": "round"}
_MITRE_LIMIT = 10.0
"""A mitre as long as this many widths, or longer, is cut off."""
_DASHES = {
    "DOT": (1.0, 1.0),
    "DASH": (4.0, 2.0),
    "DASH_DOT": (8.0, 2.0, 2.0, 2.0),
    "DASH_DOT_DOT": (8.0, 2.0, 2.0, 2.0, 2.0, 2.0),
}
"""Dashes and gaps in turn, in thicknesses."""

_CURVE_STEPS = 32
_CURVE_TENSION = 3.625
_ARROW_POINTS = np.array([[-5.0, -2.0], [0.0, 0.0], [-5.0, 2.0]])
_DELTA_OVERSHOOT = 1.65
_OPEN_SIZE = 0.9
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
    line = points
    if polyline.join_style == "CURVED":
        line = _curved(points, polyline.closed_path)
        points = line
    elif polyline.closed_path:
        line = np.concatenate([points, points[:1]])
    tips = [
        (polyline.start_arrow_style, points[0], points[0] - points[1]),
        (polyline.end_arrow_style, points[-1], points[-1] - points[-2]),
    ]
    parts = [_stroke(piece, polyline) for piece in _dashed(line, polyline)]
    parts += [_arrow(style, tip, direction, polyline) for style, tip, direction in tips]
    return exact.union(parts)


def _stroke(line: LineString, polyline: Polyline) -> BaseGeometry:
    """The area of a line drawn with the polyline's width, caps and joins."""
    cap, join = _CAPS.get(polyline.cap_style, "flat"), _JOINS.get(polyline.join_style, "bevel")
    if line.is_closed and join == "round":
        cap = "round"
    area = exact.buffer(line, polyline.thickness / 2, cap_style=cap, join_style=join)
    if polyline.join_style != "MITER":
        return area
    return exact.union([area, *_mitres(shapely.get_coordinates(line), polyline.thickness / 2)])


def _mitres(points: Floats, half_width: float) -> list[BaseGeometry]:
    """The tips outside of a line's corners, from its two edges to where they meet; none where it is too sharp."""
    if np.array_equal(points[0], points[-1]):
        points = np.concatenate([points, points[1:2]])
    steps = np.diff(points, axis=0)
    lengths = np.linalg.norm(steps, axis=1)
    points = points[np.concatenate([[True], lengths > 0])]
    along = steps[lengths > 0] / lengths[lengths > 0, None]
    left = np.stack([-along[:, 1], along[:, 0]], axis=1)
    found: list[BaseGeometry] = []
    for corner, first, second in zip(points[1:-1], left, left[1:], strict=False):
        middle = first + second
        half_angle_sine = float(np.linalg.norm(middle)) / 2
        if half_angle_sine * _MITRE_LIMIT < 1.0:
            continue
        tip = middle / (middle @ middle) * 2
        outer = -half_width if first[0] * second[1] - first[1] * second[0] > 0 else half_width
        found.append(shapely.Polygon([corner, corner + first * outer, corner + tip * outer, corner + second * outer]))
    return found


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


def _dashed(points: Floats, polyline: Polyline) -> list[LineString]:
    """The pieces of the line that are drawn."""
    line = LineString(points)
    pattern = polyline.dash_pattern if polyline.dash_style == "CUSTOMIZED" else _DASHES.get(polyline.dash_style)
    if not pattern or min(pattern) < 0 or sum(pattern) <= 0:
        return [line]
    lengths = [length * polyline.thickness for length in pattern]
    if line.length / sum(lengths) * len(lengths) > _MAX_DASHES:
        return [line]
    position = -(polyline.dash_offset * sum(lengths))
    pieces: list[LineString] = []
    for index, length in enumerate(itertools.cycle(lengths)):
        if position >= line.length:
            return _joined(pieces, line) if line.is_closed else pieces
        if index % 2 == 0 and position + length > 0:
            pieces.append(shapely.ops.substring(line, max(0.0, position), min(line.length, position + length)))
        position += length
    return pieces


def _joined(pieces: list[LineString], line: LineString) -> list[LineString]:
    """The dashes of a closed line, with the last one and the first made one where they meet."""
    meet = len(pieces) > 1 and pieces[0].coords[0] == line.coords[0] and pieces[-1].coords[-1] == line.coords[-1]
    if not meet:
        return pieces
    return [LineString([*pieces[-1].coords, *pieces[0].coords[1:]]), *pieces[1:-1]]


def _arrow(style: str, tip: Floats, direction: Floats, polyline: Polyline) -> BaseGeometry:
    """The head at the end `tip` of a line that runs along `direction`; its size grows slower than the line's width."""
    size = 2 * polyline.thickness**0.66
    along = direction / max(1e-9, float(np.linalg.norm(direction)))
    frame = np.array([along, [-along[1], along[0]]]) * size
    end = tip if polyline.cap_style == "BUTT" else tip + along * polyline.thickness / 2
    if style == "DELTA":
        return shapely.Polygon((_ARROW_POINTS + [_DELTA_OVERSHOOT, 0]) @ frame + end)
    if style == "OPEN":
        return exact.buffer(
            LineString(_ARROW_POINTS @ frame * _OPEN_SIZE + end),
            polyline.thickness / 2,
            cap_style="flat",
            join_style="mitre",
        )
    if style == "DISC":
        return exact.buffer(shapely.Point(np.array([-1.5, 0.0]) @ frame + end), 2 * size)
    return shapely.Polygon()
