"""How wide a body gets between what stands to the left and to the right of a way, on the plan."""

from __future__ import annotations

import bisect

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from scenes import overlay
from scenes.graph import components
from scenes.mesh import Floats

Areas = npt.NDArray[np.object_]

HAIR_M = 5e-4
"""How thick upright triangles are taken to be."""


def footprints(triangles: Floats, low_m: float, high_m: float) -> Areas:
    """The plan areas (N,) of the parts of triangles (T, 3, 3) between two heights; upright ones are hairs.

    What only touches one of the heights is left out.
    """
    heights = triangles[..., 2]
    cut = triangles[(heights.max(axis=1) > low_m) & (heights.min(axis=1) < high_m)]
    following = np.roll(cut, -1, axis=1)
    rise = following[..., 2] - cut[..., 2]
    points, counts = [cut], [(cut[..., 2] >= low_m) & (cut[..., 2] <= high_m)]
    for height in (low_m, high_m):
        crosses = (cut[..., 2] - height) * (following[..., 2] - height) < 0
        share = np.where(crosses, (height - cut[..., 2]) / np.where(crosses, rise, 1.0), 0.0)
        points.append(cut + share[..., None] * (following - cut))
        counts.append(crosses)
    every, inside = np.concatenate(points, axis=1)[..., :2], np.concatenate(counts, axis=1)
    one = np.take_along_axis(every, inside.argmax(axis=1)[:, None, None], axis=1)
    corners = np.where(inside[..., None], every, one)
    areas: Areas = shapely.convex_hull(shapely.linestrings(corners))
    is_thin = shapely.area(areas) <= HAIR_M * shapely.length(areas)
    areas[is_thin] = _hairs(corners[is_thin])
    return areas


def _hairs(points: Floats) -> Areas:
    """Rectangles (N,) around points (N, P, 2) that lie in a line each."""
    end = _furthest(points, points[:, :1])
    start = _furthest(points, end)
    run = (end - start)[:, 0]
    length = np.hypot(*run.T)[:, None]
    along = np.where(length > 0, run / np.where(length > 0, length, 1.0), [1.0, 0.0])[:, None]
    across = np.stack([-along[..., 1], along[..., 0]], axis=-1)
    corners = [start - along * HAIR_M / 2, end + along * HAIR_M / 2]
    ring = [corners[0] - across * HAIR_M / 2, corners[1] - across * HAIR_M / 2]
    ring += [corners[1] + across * HAIR_M / 2, corners[0] + across * HAIR_M / 2]
    hairs: Areas = shapely.polygons(np.concatenate(ring, axis=1))
    return hairs


def _furthest(points: Floats, start: Floats) -> Floats:
    """Of points (N, P, 2) the ones (N, 1, 2) that are furthest from others (N, 1, 2)."""
    distance = np.linalg.norm(points - start, axis=-1)
    furthest: Floats = np.take_along_axis(points, distance.argmax(axis=1)[:, None, None], axis=1)
    return furthest


def within(areas: Areas, window: BaseGeometry) -> Areas:
    """The parts (M,) of areas (N,) in a window."""
    shapely.prepare(window)
    near = areas[shapely.intersects(window, areas)]
    beyond = ~shapely.contains(window, near)
    near[beyond] = overlay.intersections(near[beyond], window)
    return near[shapely.area(near) > 0]


def lets_through(left: BaseGeometry, right: BaseGeometry, things: Areas, width_m: float) -> bool:
    """Whether a disc of a width can be moved between `left` and `right`, past all `things` (N,)."""
    return not _joins_ends(_gaps(left, right, things) < width_m)


def free_width_m(left: BaseGeometry, right: BaseGeometry, things: Areas) -> float:
    """The diameter of the largest disc that can be moved between `left` and `right`, past all `things` (N,), m."""
    gaps = _gaps(left, right, things)
    widths = np.unique(gaps)
    last = bisect.bisect_left(range(len(widths) - 1), True, key=lambda index: _joins_ends(gaps <= widths[index]))
    return float(widths[last])


def _gaps(left: BaseGeometry, right: BaseGeometry, things: Areas) -> Floats:
    """The distances (P, P) between left, right and the separate parts of things.

    A row of parts from the left to the right stops a disc if no gap in it is as wide as the disc.
    """
    nodes = np.array([left, right, *shapely.get_parts(overlay.union(things))], np.object_)
    gaps: Floats = shapely.distance(nodes[:, None], nodes[None, :])
    return gaps


def _joins_ends(is_joined: npt.NDArray[np.bool_]) -> bool:
    """Whether steps between parts (P, P) lead from the first to the second."""
    labels = components(len(is_joined), *np.nonzero(is_joined))
    return bool(labels[0] == labels[1])
