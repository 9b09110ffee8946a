"""The wall around a window that is not a rectangle: what fills its rectangle, less the shape of the hole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from scenes.build import exact
from scenes.build.frames import to_world
from scenes.build.openings import Opening
from scenes.build.regions import fill, polygons, rings
from scenes.build.wall_frame import WallFrame
from scenes.mesh import EMPTY, Floats, Mesh, concatenate, flat

_SMALLEST_UNIT_AREA = 1e-6


def filling(frame: WallFrame, opening: Opening, left: bool) -> Mesh:
    """The part of one half of a wall that an opening's shape leaves standing: its outer face, and faces all around it.

    Texture coordinates are cm along the wall and up.
    """
    assert opening.shape is not None
    corners = frame.outline.astype(np.float64)
    if opening.bottom_cm >= frame.top(corners).max() or opening.top_cm <= frame.bottom_cm:
        return EMPTY
    start, end = frame.side(left)[[0, -1]]
    middle_start = np.array([frame.wall.x_start, frame.wall.y_start])
    run = (end - start) / np.linalg.norm(end - start)
    normal = np.array([run[1], -run[0]]) * (1 if left else -1)
    depth = float((start - middle_start) @ normal)
    if not opening.reach(frame.wall).intersects(frame.half_area(left)):
        return EMPTY
    ends = opening.face_across(np.array([start, end]))
    within = exact.intersection(_within_heights(frame, opening), shapely.box(ends.min(), 0.0, ends.max(), 1.0))
    rest = polygons(exact.difference(within, opening.shape), _SMALLEST_UNIT_AREA)
    half = concatenate([_block(opening, polygon, run, normal, start - normal * depth, depth) for polygon in rest])
    return replace(half, uvs=half.uvs * [frame.texture_turn(left), 1.0])


def _within_heights(frame: WallFrame, opening: Opening) -> BaseGeometry:
    """The part of the unit face that lies between the wall's bottom and its top, which may slope."""
    plan, _ = opening.face_point(np.array([[0.0, 0.0], [1.0, 0.0]]))
    height = opening.top_cm - opening.bottom_cm
    low = (frame.bottom_cm - opening.bottom_cm) / height
    start, end = np.maximum(low, (frame.top(plan) - opening.bottom_cm) / height)
    wall: BaseGeometry = shapely.Polygon([(0, low), (1, low), (1, end), (0, start)])
    return exact.intersection(wall, shapely.box(0, 0, 1, 1))


def _block(
    opening: Opening, polygon: shapely.Polygon, run: Floats, normal: Floats, on_middle: Floats, depth: float
) -> Mesh:
    """A polygon of the unit face, pushed from the wall's middle plane, where u is 0 at `on_middle`, to its side.

    Seen from the piece's front the polygon turns counter-clockwise, so the block is inside out on the back's side.
    """

    def placed(unit_points: Floats, share: float) -> tuple[Floats, Floats]:
        plan, elevation = opening.face_point(unit_points)
        plan = plan + np.outer(depth * share - (plan - on_middle) @ normal, normal)
        return to_world(plan, elevation), np.stack([(plan - on_middle) @ run, elevation], axis=1)

    points, triangles = fill(polygon)
    outer, outer_uvs = placed(points, 1.0)
    meshes = [flat(outer[triangles], outer_uvs[triangles])]
    for ring in rings(polygon):
        (near, near_uvs), (far, far_uvs) = placed(ring, 0.0), placed(ring, 1.0)
        quads = np.stack([near, np.roll(near, -1, 0), np.roll(far, -1, 0), far], axis=1)
        uvs = np.stack([near_uvs, np.roll(near_uvs, -1, 0), np.roll(far_uvs, -1, 0), far_uvs], axis=1)
        halves = [[0, 1, 2], [0, 2, 3]]
        meshes.append(flat(quads[:, halves].reshape(-1, 3, 3), uvs[:, halves].reshape(-1, 3, 2)))
    block = concatenate(meshes)
    return block if float(normal @ opening.front()) > 0 else block.turned()
