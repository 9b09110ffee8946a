"""What a piece of furniture is: told by what the file says and by geometry, never by its name in whatever language."""

from __future__ import annotations

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
STEP_BOX_SIDES_M = (0.15, 0.5)


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
    if len(tops) < 3:
        return set()
    areas = [area for _, area, _ in tops]
    heights = np.array([height for _, _, height in tops])
    tree = shapely.STRtree(areas)
    first, second = tree.query(areas, predicate="dwithin", distance=0.05)
    rise = heights[second] - heights[first]
    is_next = (rise >= TREAD_RISE_M[0]) & (rise <= TREAD_RISE_M[1])
    up: dict[int, list[int]] = {}
    for low, high in zip(first[is_next].tolist(), second[is_next].tolist(), strict=True):
        up.setdefault(low, []).append(high)
    found: set[int] = set()
    for start in range(len(tops)):
        rise_m = _rise_above_floor(float(heights[start]), floor_heights_m)
        if not TREAD_RISE_M[0] <= rise_m <= TREAD_RISE_M[1] + 0.02:
            continue
        chain = _longest_chain(start, up)
        if len(chain) >= 3:
            found |= {tops[i][0] for i in chain}
    return found


def _longest_chain(start: int, up: dict[int, list[int]]) -> list[int]:
    """The steps reached from a first one by always going to the next higher one."""
    chain = [start]
    while (following := [i for i in up.get(chain[-1], []) if i not in chain]) and len(chain) < 1000:
        chain.append(following[0])
    return chain


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
    low, high = mesh.positions.min(0), mesh.positions.max(0)
    if min(high[:2] - low[:2]) < 0.3 or high[2] - low[2] < 0.02:
        return False
    corners = mesh.positions[mesh.triangles]
    normals = face_normals(corners)
    steep, flat = (np.cos(np.radians(angle)) for angle in reversed(RAMP_SLOPE_DEG))
    cosines = normals[:, 2] / np.maximum(np.linalg.norm(normals, axis=1), 1e-12)
    sloped = (cosines >= steep) & (cosines <= flat)
    if not sloped.any():
        return False
    directions = normals[sloped] / np.linalg.norm(normals[sloped], axis=1, keepdims=True)
    weights = normals[sloped, 2] / 2
    main = directions[np.argmax(weights)]
    plane = directions @ main > np.cos(np.radians(3.0))
    foot = corners[sloped][plane][:, :, 2].min()
    if min((abs(foot - floor) for floor in floor_heights_m), default=0.0) > LOW_END_M:
        return False
    footprint = shapely.MultiPoint(mesh.positions[:, :2]).minimum_rotated_rectangle.area
    return bool(weights[plane].sum() > RAMP_SHARE * footprint)
