"""What a piece of furniture is: told by what the file says and by geometry, never by its name in whatever language."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from scenes import overlay
from scenes.build.pieces import PlacedPiece
from scenes.build.rooms import DrawnRoom
from scenes.build.staircases import is_staircase
from scenes.home.furniture import Light
from scenes.mesh import Floats, Mesh, face_normals

DOOR_SILL_CM = 20.0
DOOR_HEIGHT_CM = 120.0
DOOR_STEP_CM, BESIDE_CM = 3.0, 10.0
TREAD_RISE_M = (0.08, 0.30)
SMALLEST_TREAD_M2 = 0.03
LARGEST_TREAD_M2 = 1.5
HIGHEST_FIRST_TREAD_M = 0.35
TREADS_ALIKE = 0.8
"""Share of the treads, landings aside, that are between half and twice as large as the usual one."""
TREADS_SHARE = 0.6
"""Treads together cover at least this share of their areas on the plan: 0.64 in a full spiral, 0.35 in a shelf."""
RAMP_SLOPE_DEG = (1.5, 30.0)
RAMP_SHARE = 0.7
"""An incline's slope covers at least this share of its plan."""
LOW_END_M = 0.3
LANDING_M = 0.05
"""An end of an incline is this near to the height of the box that it begins or ends on."""
STEP_BOX_SIDES_M = (0.15, 0.5)
TOUCH_M = 0.05
LEAST_BOXES = 3


def category(placed: PlacedPiece, mesh: Mesh, floor_heights_m: Sequence[float], rooms: Sequence[DrawnRoom]) -> str:
    """`door window stair ramp light furniture` for a piece with these triangles (world, m).

    A door reaches down to its level or to the floor of a room beside it, as where a floor is raised, and lets a person
    through; a staircase says so, or has treads that rise like one; an incline is a slope that begins near some floor.
    """
    if placed.piece.is_opening:
        stands = placed.piece.elevation <= DOOR_SILL_CM or _stands_beside(placed, rooms)
        return "door" if stands and placed.plan_size_cm[2] >= DOOR_HEIGHT_CM else "window"
    if is_staircase(placed) or has_treads(mesh):
        return "stair"
    if isinstance(placed.piece, Light):
        return "light"
    return "ramp" if is_incline(mesh, floor_heights_m) else "furniture"


def _stands_beside(opening: PlacedPiece, rooms: Sequence[DrawnRoom]) -> bool:
    """Whether an opening's lower edge is at the floor of a room that it leads into."""
    here = shapely.Polygon(opening.footprint(extra_depth_cm=2 * BESIDE_CM))
    return any(
        room.room.floor_visible
        and -DOOR_STEP_CM <= opening.ground_elevation_cm - room.floor_cm <= DOOR_SILL_CM
        and here.intersects(room.area)
        for room in rooms
    )


def stair_boxes(boxes: Sequence[tuple[int, Mesh]], floor_heights_m: Sequence[float]) -> set[int]:
    """Which of the pieces (key, triangles) are steps of a staircase drawn as a row of boxes.

    Steps have a level, wide top, touch the next one on the plan, and rise by a riser each; three make a stair.
    """
    tops = [(key, *top) for key, mesh in boxes if (top := _box_top(mesh)) is not None]
    if len(tops) < LEAST_BOXES:
        return set()
    areas = [area for _, area, _ in tops]
    heights = np.array([height for _, _, height in tops])
    first, second = shapely.STRtree(areas).query(areas, predicate="dwithin", distance=TOUCH_M)
    rise = heights[second] - heights[first]
    is_next = (rise >= TREAD_RISE_M[0]) & (rise <= TREAD_RISE_M[1])
    below = np.array([_rise_above_floor(float(height), floor_heights_m) for height in heights])
    begins = (below >= TREAD_RISE_M[0]) & (below <= TREAD_RISE_M[1] + 0.02)
    pairs = sorted(
        zip(first[is_next].tolist(), second[is_next].tolist(), strict=True), key=lambda pair: heights[pair[0]]
    )
    # how many boxes the longest ways over each have: from a first step up to it, and from it up
    climbed, above = begins.astype(int), np.ones(len(tops), int)
    for low, high in pairs:
        climbed[high] = max(climbed[high], climbed[low] + 1 if climbed[low] else 0)
    for low, high in reversed(pairs):
        above[low] = max(above[low], above[high] + 1)
    steps = (climbed > 0) & (climbed + above > LEAST_BOXES)
    return {tops[index][0] for index in np.flatnonzero(steps).tolist()}


def inclines_on_boxes(pieces: Sequence[tuple[int, Mesh]], floor_heights_m: Sequence[float]) -> set[int]:
    """Which of the pieces (key, triangles) are slopes that begin on the level top of another piece, as on a landing.

    They end at a floor, or at another such top.
    """
    tops = [top for _, mesh in pieces if (top := _box_top(mesh)) is not None]
    found = set()
    for key, mesh in pieces:
        slope = _slope_heights(mesh)
        if slope is None:
            continue
        hull = shapely.MultiPoint(mesh.positions[:, :2]).convex_hull
        near = [height for area, height in tops if hull.distance(area) < TOUCH_M]
        foot, head = ((abs(np.array([*near, math.inf]) - height) < LANDING_M).any() for height in slope)
        if foot and (head or _off_floor(slope[1], floor_heights_m) <= LOW_END_M):
            found.add(key)
    return found


def _rise_above_floor(height_m: float, floor_heights_m: Sequence[float]) -> float:
    """Height over the next floor below; infinite if there is none."""
    below = [height_m - floor for floor in floor_heights_m if floor < height_m + 1e-6]
    return min(below, default=float("inf"))


def _box_top(mesh: Mesh) -> tuple[shapely.Polygon, float] | None:
    """Plan box and height of a mesh whose upper side is one level rectangle; None for other things."""
    _, areas, heights = _upward(mesh, 0.999)
    if not len(areas) or np.ptp(heights) > 0.01:
        return None
    low, high = mesh.positions.min(0), mesh.positions.max(0)
    short, long = sorted(high[:2] - low[:2])
    footprint = shapely.MultiPoint(mesh.positions[:, :2]).minimum_rotated_rectangle
    covered = areas.sum() / max(1e-9, footprint.area)
    if short < STEP_BOX_SIDES_M[0] or long < STEP_BOX_SIDES_M[1] or covered < 0.9 or high[2] - heights[0] > 0.01:
        return None
    return footprint, float(high[2])


def _upward(mesh: Mesh, least_up: float) -> tuple[npt.NDArray[np.bool_], Floats, Floats]:
    """Which triangles look up by at least that cosine; their plan areas and mean heights."""
    corners = mesh.positions[mesh.triangles]
    normals = face_normals(corners)
    lengths = np.linalg.norm(normals, axis=1)
    up = normals[:, 2] > least_up * np.maximum(lengths, 1e-12)
    return up, normals[up, 2] / 2, corners[up, :, 2].mean(axis=1)


def has_treads(mesh: Mesh) -> bool:
    """Whether level faces rise like a flight: three or more, a riser apart, alike, hardly covering each other."""
    up, face_areas, face_heights = _upward(mesh, 0.999)
    steps, index = np.unique(np.round(face_heights / 0.01).astype(np.int64), return_inverse=True)
    wide = np.flatnonzero(np.bincount(index, face_areas) > SMALLEST_TREAD_M2)
    # faces less than a riser below others are the body that carries a tread
    treads = np.split(wide, np.flatnonzero(np.diff(steps[wide]) >= round(TREAD_RISE_M[0] / 0.01)) + 1)
    if len(treads) < 3:
        return False
    heights = np.array([steps[tread[-1]] * 0.01 for tread in treads])
    rises = np.diff(heights)
    if (rises > TREAD_RISE_M[1] + 1e-6).any() or np.ptp(rises) > 0.05 + 1e-6:
        return False
    if heights[0] - mesh.positions[:, 2].min() > HIGHEST_FIRST_TREAD_M:
        return False
    triangles = shapely.polygons(mesh.positions[mesh.triangles[up]][:, :, :2])
    plans = [overlay.union(triangles[np.isin(index, tread)]) for tread in treads]
    areas = shapely.area(plans)
    usual = np.median(areas)
    alike = np.mean((areas < 2 * usual) & (areas > usual / 2))
    covered = overlay.union(plans).area
    return bool(usual < LARGEST_TREAD_M2 and alike >= TREADS_ALIKE and covered > TREADS_SHARE * areas.sum())


def is_incline(mesh: Mesh, floor_heights_m: Sequence[float]) -> bool:
    """Whether most of a thing, seen from above, is one slope that begins near a floor."""
    slope = _slope_heights(mesh)
    return slope is not None and _off_floor(slope[0], floor_heights_m) <= LOW_END_M


def _off_floor(height_m: float, floor_heights_m: Sequence[float]) -> float:
    """How far a height is from the nearest floor; 0 where there are no floors."""
    return min((abs(height_m - floor) for floor in floor_heights_m), default=0.0)


def _slope_heights(mesh: Mesh) -> tuple[float, float] | None:
    """The lowest and the highest point of the one slope that a thing is, seen from above; None for other things."""
    low, high = mesh.positions.min(0), mesh.positions.max(0)
    if min(high[:2] - low[:2]) < 0.3 or high[2] - low[2] < 0.02:
        return None
    corners = mesh.positions[mesh.triangles]
    normals = face_normals(corners)
    steep, flat = (np.cos(np.radians(angle)) for angle in reversed(RAMP_SLOPE_DEG))
    cosines = normals[:, 2] / np.maximum(np.linalg.norm(normals, axis=1), 1e-12)
    sloped = (cosines >= steep) & (cosines <= flat)
    if not sloped.any():
        return None
    directions = normals[sloped] / np.linalg.norm(normals[sloped], axis=1, keepdims=True)
    weights = normals[sloped, 2] / 2
    main = directions[np.argmax(weights)]
    plane = directions @ main > np.cos(np.radians(3.0))
    footprint = shapely.MultiPoint(mesh.positions[:, :2]).minimum_rotated_rectangle.area
    if weights[plane].sum() <= RAMP_SHARE * footprint:
        return None
    heights = corners[sloped][plane][:, :, 2]
    return float(heights.min()), float(heights.max())
