"""The ways through doors: the hole in the wall and the frame in it.

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
from scenes.home.furniture import DoorOrWindow
from scenes.mesh import Floats
from scenes.scene import Part, Scene

Interval = tuple[float, float]

MOVING = re.compile(r"sweethome3d_(opening|window_pane|window_mirror)_on_")
"""Groups of a model that open."""
OPEN_SHARE = 0.5
"""The frame of a glazed door leaves at least this share of its width free; what leaves less is a fixed window."""
BAND_M = (0.3, 1.0)
"""Between these heights over the sill."""
LEAST_GAP_M = 0.02
"""Where a frame leaves less, the model does not tell it from the leaf."""
LOWEST_DOOR_M = 0.6
PROBE_M = 1.0
"""How far in front of a door and behind it the faces of its wall are looked for."""


@dataclass(frozen=True)
class Doorway:
    """A door in its wall. `axes`: (2, 2), u and v in the world; `faces_m`: v of the wall's back and front.

    `frame`: (T, 3, 3), the triangles of the door that do not open, in its own frame; none if nothing tells them apart.
    """

    door: SurveyedPiece
    origin: Floats
    axes: Floats
    width_m: float
    sill_m: float
    top_m: float
    faces_m: Interval
    frame: Floats

    @property
    def across_m(self) -> Interval:
        """The range of u."""
        return (-self.width_m / 2, self.width_m / 2)

    def local(self, points: Floats) -> Floats:
        """Points (..., 3) of the world in the door's frame."""
        return _local(points, self.origin, self.axes)

    def plan_points(self, u: Floats, v: float) -> Floats:
        """Plan points (N, 2) in the world at u (N,) along the door and v in front of it."""
        points: Floats = self.origin + u[:, None] * self.axes[0] + v * self.axes[1]
        return points

    def clear_hole_m(self, body: Body) -> tuple[float, float]:
        """Width and height of what the frame leaves free of the hole, where the body goes through."""
        low = self.sill_m + body.step_m
        left, right = _free(self.frame, self.across_m, (low, min(self.sill_m + body.height_m, (low + self.top_m) / 2)))
        inset = (right - left) / 4
        above = _seen_within(self.frame, shapely.box(left + inset, low, right - inset, self.top_m))
        return right - left, float(min(above[:, 1], default=self.top_m)) - self.sill_m


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
    left, right = _free(frame, (-width / 2, width / 2), (sill + BAND_M[0], sill + BAND_M[1]))
    if not _is_window(scene, door, parts, fixed, is_covered=right - left < OPEN_SHARE * width):
        frame = frame if right - left > LEAST_GAP_M else frame[:0]
        yield Doorway(door, origin, axes, width, sill, sill + height, (float(v.min()), float(v.max())), frame)


def _is_window(
    scene: Scene, door: SurveyedPiece, parts: Sequence[Part], fixed: Sequence[Part], *, is_covered: bool
) -> bool:
    """Whether a door-like thing is a window: glazed and low, or with fixed panes that cover its hole."""
    if door.category != "door":
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
