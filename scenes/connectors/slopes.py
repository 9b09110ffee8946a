"""The sloping face of an incline, and the line straight up over it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from scenes import overlay
from scenes.connectors.space import largest_part
from scenes.mesh import Floats, face_normals

SLOPES_DEG = (1.5, 45.0)
PLANE_DEG = 3.0
MOST_POINTS = 500


@dataclass(frozen=True)
class Slope:
    """A plane face that slopes: its plan area, its angle, and the plan direction (2,) in which it rises."""

    area: shapely.Polygon
    slope_deg: float
    uphill: Floats
    anchor: Floats

    def height(self, points: Floats) -> Floats:
        """Its height over plan points (N, 2)."""
        gradient = self.uphill * np.tan(np.radians(self.slope_deg))
        heights: Floats = self.anchor[2] + (points - self.anchor[:2]) @ gradient
        return heights


def main_slope(corners: Floats) -> Slope | None:
    """The largest sloping plane among triangles (T, 3, 3) that looks up; None if there is none."""
    normals = face_normals(corners)
    lengths = np.maximum(np.linalg.norm(normals, axis=1), 1e-12)
    steep, flat = (np.cos(np.radians(angle)) for angle in reversed(SLOPES_DEG))
    sloped = (normals[:, 2] >= steep * lengths) & (normals[:, 2] <= flat * lengths)
    if not sloped.any():
        return None
    faces, normals, lengths = corners[sloped], normals[sloped], lengths[sloped]
    units = normals / lengths[:, None]
    _, which = np.unique(np.round(units, 2), axis=0, return_inverse=True)
    main = units[np.argmax(np.bincount(which.ravel(), normals[:, 2])[which.ravel()])]
    plane = units @ main > np.cos(np.radians(PLANE_DEG))
    normal = normals[plane].sum(axis=0)
    area = largest_part(overlay.union(shapely.polygons(faces[plane][:, :, :2])))
    if area.is_empty:
        return None
    gradient = -normal[:2] / normal[2]
    slope = float(np.hypot(*gradient))
    anchor = np.average(faces[plane].mean(axis=1), axis=0, weights=normals[plane, 2])
    return Slope(area, float(np.degrees(np.arctan(slope))), gradient / slope, anchor)


def straight_up(slope: Slope, spacing_m: float) -> Floats:
    """Points (K, 3) on the line straight up over the middle of a slope, from its low to its high edge."""
    middle = np.array([slope.area.centroid.x, slope.area.centroid.y])
    reach = slope.uphill * slope.area.length
    line = largest_line(overlay.intersection(shapely.LineString([middle - reach, middle + reach]), slope.area))
    if line.is_empty:
        return np.zeros((0, 3))
    ends = np.array(line.coords)[[0, -1]]
    if (ends[1] - ends[0]) @ slope.uphill < 0:
        ends = ends[::-1]
    count = min(MOST_POINTS, max(3, int(np.ceil(line.length / spacing_m)) + 1))
    plan = ends[0] + np.linspace(0.0, 1.0, count)[:, None] * (ends[1] - ends[0])
    return np.column_stack([plan, slope.height(plan)])


def largest_line(geometry: shapely.Geometry) -> shapely.LineString:
    """The longest line of what two things have in common."""
    lines = [part for part in shapely.get_parts(geometry) if isinstance(part, shapely.LineString)]
    return max(lines, key=lambda part: float(part.length), default=shapely.LineString())
