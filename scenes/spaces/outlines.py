"""Closed outlines of walls on the plan."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from scenes import overlay
from scenes.build.regions import polygons
from scenes.mesh import Floats
from scenes.scene import Instance, Scene

SMALLEST_SPACE_M2 = 1.5
"""Smaller areas between walls are shafts and niches."""
CRACK_M = 0.05
"""Cracks between walls up to twice as wide count as closed."""
_LOW_M, _HIGH_M = 0.5, 1.2
"""Walls that stand over a floor begin below the one and end above the other."""
_STRAIGHT = 0.9
"""The tops of a straight wall fill this share of the hull around them; those of a round one do not."""
_SMALLEST_PLAN_M2 = 1e-9


def standing_walls(scene: Scene, floor_m: float) -> BaseGeometry:
    """Return the plan area of the walls that stand at a floor, with their doors and windows closed.

    A wall of 1 m, such as a fence, does not count; one of a lower level that reaches up does.
    """
    shown = {part.instance for part in scene.parts}
    walls = [i for i in scene.instances if i.category == "wall" and i.id in shown and _stands(i, floor_m)]
    fillings = [
        i for i in scene.instances if i.category in ("door", "window") and i.id in shown and _stands(i, floor_m)
    ]
    tree = shapely.STRtree([_hull(scene, filling) for filling in fillings])
    areas: list[BaseGeometry] = []
    for wall in walls:
        hull = _hull(scene, wall)
        filled = [
            overlay.intersection(tree.geometries[n], hull) for n in tree.query(hull, predicate="intersects").tolist()
        ]
        corners = triangles_of(scene, wall)
        solid = _plan(corners[corners[:, :, 2].max(axis=1) > floor_m + _HIGH_M])
        is_straight = shapely.area([*solid, *filled]).sum() > _STRAIGHT * hull.area
        areas += [hull] if is_straight else [*solid, *filled]
    return overlay.union(areas)


def closed_outlines(walls: BaseGeometry) -> BaseGeometry:
    """Return the area that walls enclose, one polygon for each space between them."""
    closed = overlay.buffer(overlay.buffer(walls, CRACK_M, join_style="mitre"), -CRACK_M, join_style="mitre")
    holes = [shapely.Polygon(ring) for polygon in polygons(closed) for ring in polygon.interiors]
    return overlay.union([hole for hole in holes if hole.area >= SMALLEST_SPACE_M2])


def triangles_of(scene: Scene, instance: Instance) -> Floats:
    """Return the triangles (T, 3, 3) of an instance, metres."""
    parts = list(scene.parts_of(instance.id))
    if not parts:
        return np.zeros((0, 3, 3))
    first, last = parts[0].first_triangle, parts[-1].first_triangle + parts[-1].triangles
    return scene.vertices[scene.triangles[first:last]].astype(np.float64)


def _stands(instance: Instance, floor_m: float) -> bool:
    return instance.bounds_m[0][2] < floor_m + _LOW_M and instance.bounds_m[1][2] > floor_m + _HIGH_M


def _hull(scene: Scene, instance: Instance) -> BaseGeometry:
    return shapely.convex_hull(shapely.MultiPoint(triangles_of(scene, instance)[:, :, :2].reshape(-1, 2)))


def _plan(corners: Floats) -> list[BaseGeometry]:
    """Return the plan areas of those triangles (T, 3, 3) that face up."""
    flat = corners[:, :, :2]
    a, b = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
    return list(shapely.polygons(flat[a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0] > 2 * _SMALLEST_PLAN_M2]))
