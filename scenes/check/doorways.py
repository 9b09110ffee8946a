"""The ways through doors: the hole in the wall, and the threshold and the frame in it.

Everything is measured in the door's own frame: u along the wall and v to the door's front, from its middle on the plan,
and z as in the world; m.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from scenes import overlay
from scenes.build.categories import DOOR_SILL_CM
from scenes.build.frames import CM
from scenes.build.furniture import PANE
from scenes.build.pieces import turn
from scenes.build.regions import polygons
from scenes.check.elements import SurveyedPiece, SurveyedWall
from scenes.check.finding import Body
from scenes.check.passage import Areas, footprints, free_width_m, lets_through
from scenes.graph import components
from scenes.home.furniture import DoorOrWindow
from scenes.mesh import Floats
from scenes.scene import Part, Scene

Interval = tuple[float, float]

MOVING = re.compile(r"sweethome3d_(opening|window_pane|window_mirror)_on_")
"""Groups of a model that open."""
OPEN_SHARE = 0.5
"""The frame of a glazed door leaves at least this share of its width free; what leaves less is a fixed window."""
BAND_M = (0.3, 1.0)
"""Between these heights over the sill; what is in the way below them is a threshold."""
LEAST_GAP_M = 0.02
"""Where a frame leaves less, the model does not tell it from the leaf."""
LOWEST_DOOR_M = 0.6
LOWEST_GLAZED_DOOR_M = 1.7
FAR_M = 10.0
SLACK_M = 0.002
LEAF_OUT_M = 0.15
"""A piece of a door that stands further out of its wall than this is a leaf that is drawn open."""
MERGED_DIGITS = 4
"""Corners of triangles that agree to so many digits, m, are one."""
NOTHING: Areas = np.zeros(0, np.object_)
PROBE_M = 1.0
"""How far in front of a door and behind it the faces of its wall are looked for."""


@dataclass(frozen=True)
class Doorway:
    """A door in its wall. `axes`: (2, 2), u and v in the world; `faces_m`: v of the wall's back and front.

    `frame`: (T, 3, 3), the triangles of the door that do not open, in its own frame; none if nothing tells them apart.
    `threshold_m`: how high its lowest part reaches, over which one has to step, in the world.
    """

    door: SurveyedPiece
    origin: Floats
    axes: Floats
    width_m: float
    sill_m: float
    top_m: float
    threshold_m: float
    faces_m: Interval
    frame: Floats

    @property
    def across_m(self) -> Interval:
        """The range of u."""
        return (-self.width_m / 2, self.width_m / 2)

    @property
    def jambs(self) -> tuple[BaseGeometry, BaseGeometry]:
        """The wall to the left and to the right of the hole, endless."""
        (left, right), (back, front) = self.across_m, self.faces_m
        return shapely.box(left - FAR_M, back, left, front), shapely.box(right, back, right + FAR_M, front)

    def local(self, points: Floats) -> Floats:
        """Points (..., 3) of the world in the door's frame."""
        return _local(points, self.origin, self.axes)

    def plan_points(self, u: Floats, v: float) -> Floats:
        """Plan points (N, 2) in the world at u (N,) along the door and v in front of it."""
        points: Floats = self.origin + u[:, None] * self.axes[0] + v * self.axes[1]
        return points

    def heights_m(self, body: Body) -> Interval:
        """Between which heights a body meets what is in its way: over what it steps on or over, up to its own height.

        No higher than the hole, which may be too low.
        """
        low = max(self.sill_m + body.step_m, self.threshold_m) + SLACK_M
        return low, max(low, min(self.sill_m + body.height_m, self.top_m))

    def free_width_m(self, heights: Interval) -> float:
        """The free width between the jambs and the frame, between two heights."""
        return free_width_m(*self.jambs, footprints(self.frame, *heights))

    def lets_through(self, width_m: float, heights: Interval, others: Areas = NOTHING) -> bool:
        """Whether a body of a width gets between the jambs, the frame and other things (N,) in its frame."""
        things = np.concatenate([footprints(self.frame, *heights), others])
        return lets_through(*self.jambs, things, width_m)


def find_doorways(
    scene: Scene, pieces: Sequence[SurveyedPiece], walls_of: Callable[[SurveyedPiece], Sequence[SurveyedWall]]
) -> list[Doorway]:
    """The doors that stand in a wall and that one can go through: all that are no windows down to the floor."""
    return [doorway for piece in pieces if _may_be_door(piece) for doorway in _doorway(scene, piece, walls_of(piece))]


def widest_gap(covered: Sequence[Interval], whole: Interval) -> Interval:
    """The longest part of an interval that others leave free; it is empty if there is none."""
    best, low = (whole[0], whole[0]), whole[0]
    for start, end in [*sorted(covered), (whole[1], whole[1])]:
        if min(start, whole[1]) - low > best[1] - best[0]:
            best = (low, min(start, whole[1]))
        low = max(low, end)
    return best


def _doorway(scene: Scene, door: SurveyedPiece, walls: Sequence[SurveyedWall]) -> Iterator[Doorway]:
    """The doorway of a door; none where its middle is in no wall, or where it is a window."""
    item = door.placed.piece
    width, _, height = (length * CM for length in door.placed.plan_size_cm)
    axes = turn(item.angle).T * [1.0, -1.0]
    origin = np.array([item.x, -item.y]) * CM
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [width / 4, PROBE_M]
    probe = shapely.Polygon(corners @ axes + origin)
    across = overlay.intersection(probe, overlay.union([wall.area for wall in walls]))
    in_wall = [part for part in polygons(across) if part.intersects(door.area)]
    if not in_wall:
        return
    v = (shapely.get_coordinates(in_wall) - origin) @ axes[1]
    sill = door.placed.ground_elevation_cm * CM
    parts = [part for part in scene.parts if door.instance is not None and part.instance == door.instance.id]
    fixed = [part for part in parts if not MOVING.match(part.group)]
    frame = _local(np.concatenate([np.zeros((0, 3, 3)), *(_triangles(scene, part) for part in fixed)]), origin, axes)
    faces = (float(v.min()), float(v.max()))
    if len(fixed) == len(parts):
        frame = _without_open_leaf(frame, faces)
    left, right = _free(frame, (-width / 2, width / 2), (sill + BAND_M[0], sill + BAND_M[1]))
    if not _is_window(scene, door, parts, fixed, is_covered=right - left < OPEN_SHARE * width):
        frame = frame if right - left > LEAST_GAP_M else frame[:0]
        inset = (right - left) / 4
        below = _seen_within(frame, shapely.box(left + inset, sill, right - inset, sill + BAND_M[0]))
        threshold = float(below[:, 3].max(initial=sill))
        yield Doorway(door, origin, axes, width, sill, sill + height, threshold, faces, frame)


def _without_open_leaf(triangles: Floats, faces_m: Interval) -> Floats:
    """The triangles (T, 3, 3) of a door that does not name its leaf, without pieces that stand far out of the wall."""
    _, index = np.unique(np.round(triangles.reshape(-1, 3), MERGED_DIGITS), axis=0, return_inverse=True)
    sides = np.sort(np.stack([index.reshape(-1, 3), np.roll(index.reshape(-1, 3), -1, axis=1)], axis=-1), axis=-1)
    edges, edge = np.unique(sides.reshape(-1, 2), axis=0, return_inverse=True)
    count = len(triangles)
    piece = components(count + len(edges), np.repeat(np.arange(count), 3), count + edge.reshape(-1))[:count]
    beyond = np.maximum(faces_m[0] - triangles[..., 1], triangles[..., 1] - faces_m[1]).max(axis=1)
    return triangles[~np.isin(piece, piece[beyond > LEAF_OUT_M])]


def _is_window(
    scene: Scene, door: SurveyedPiece, parts: Sequence[Part], fixed: Sequence[Part], *, is_covered: bool
) -> bool:
    """Whether a door-like thing is a window: glazed and low, or with fixed panes that cover its hole."""
    if door.category != "door" or door.top_m - door.bottom_m < LOWEST_GLAZED_DOOR_M:
        return any(_is_glass(scene, part) for part in parts)
    item = door.placed.piece
    opens_somehow = len(fixed) == len(parts) and isinstance(item, DoorOrWindow) and bool(item.sashes)
    return is_covered and not opens_somehow and any(_is_glass(scene, part) for part in fixed)


def _may_be_door(piece: SurveyedPiece) -> bool:
    """Whether an opening reaches down to the floor and is no cat flap."""
    return piece.is_opening and piece.sill_m <= DOOR_SILL_CM * CM and piece.top_m - piece.bottom_m >= LOWEST_DOOR_M


def _is_glass(scene: Scene, part: Part) -> bool:
    return part.group.startswith(PANE) or scene.materials[part.material].alpha < 1.0


def _triangles(scene: Scene, part: Part) -> Floats:
    rows = scene.triangles[part.first_triangle : part.first_triangle + part.triangles]
    return scene.vertices[rows].astype(np.float64)


def _local(points: Floats, origin: Floats, axes: Floats) -> Floats:
    flat = (points[..., :2] - origin) @ axes.T
    return np.concatenate([flat, points[..., 2:]], axis=-1)


def _free(frame: Floats, across: Interval, heights: Interval) -> Interval:
    """The widest range of u that a frame (T, 3, 3) leaves free between two heights."""
    band = shapely.box(across[0], heights[0], across[1], heights[1])
    return widest_gap([(left, right) for left, _, right, _ in _seen_within(frame, band).tolist()], across)


def _seen_within(triangles: Floats, window: BaseGeometry) -> Floats:
    """The bounds (N, 4), in u and z, of the parts of triangles (T, 3, 3) seen along v in a window."""
    shapes = shapely.polygons(triangles[..., [0, 2]])
    shapes = overlay.intersections(shapes[shapely.area(shapes) > 1e-7], window)
    bounds: Floats = shapely.bounds(shapes[~shapely.is_empty(shapes)])
    return bounds
