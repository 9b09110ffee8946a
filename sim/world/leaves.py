"""The leaves of doors: which triangles swing or slide, about what, and how a door stands when it is shut.

A model names them by groups, as Sweet Home 3D does; where it does not, they are told by geometry.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from scenes.export import Joint
from scenes.scene import Instance, Scene
from sim.world.solids import components

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_LEAF = re.compile(r"sweethome3d_(?:opening|window_pane|window_mirror)_on_(hinge|rail)_(\d+)")
_HINGE = re.compile(r"sweethome3d_hinge_(\d+)")
_FIXED_PANE = "sweethome3d_window_pane"
"""Glass that does not move: a window down to the floor, which stays shut."""
_SHUT_DEG = 3.0
"""A leaf that is drawn within this angle of its frame is drawn shut."""
_TALL = 0.7
"""A leaf is at least this share of its door's height, and `_WIDE` of its width."""
_WIDE = 0.25
_MIDDLE_HEIGHTS = (0.15, 0.35, 0.55)
"""Where, as shares of a door's height, something must stand in its middle for the door to have a leaf."""


@dataclass(frozen=True)
class Leaf:
    """A leaf that turns about an upright hinge, or slides along a rail.

    Attributes:
        instance: the door's id.
        triangles: (n,) of the scene, as drawn; `solid`: (m,) those among them that it is made of, without handles.
        kind: "hinge" or "rail".
        hinge: (3,), m, a point on the hinge; for a rail, the leaf's own middle.
        shut: what shuts the leaf from how it is drawn: an angle, counter-clockwise, radians; 0 for a rail.
        opens: which way it opens first: 1.0 counter-clockwise, -1.0 clockwise.
        either_way: whether its hinge leaves open which way that is.
        slide: (3,), m, how far a rail leaf slides to be open; 0 for a hinge.
    """

    instance: int
    triangles: Ints
    solid: Ints
    kind: str
    hinge: Floats
    shut: float
    opens: float
    either_way: bool
    slide: Floats

    def placement(self, opening: float) -> Floats:
        """4x4 from where the leaf is drawn to where it is; `opening`: radians from shut, or a share of the slide."""
        matrix = np.eye(4)
        if self.kind == "rail":
            matrix[:3, 3] = opening * self.slide
            return matrix
        angle = self.shut + opening
        cos, sin = math.cos(angle), math.sin(angle)
        matrix[:2, :2] = [[cos, -sin], [sin, cos]]
        matrix[:3, 3] = self.hinge - matrix[:3, :3] @ self.hinge
        return matrix


@dataclass(frozen=True)
class _Frame:
    """A door's frame on the plan: its middle (2,), the direction along its wall (2,), and its length."""

    middle: Floats
    along: Floats
    length_m: float


def find_leaves(scene: Scene) -> tuple[tuple[Leaf, ...], tuple[Instance, ...]]:
    """All leaves, and the doors that are blocked by something which cannot be told to be a leaf."""
    leaves: list[Leaf] = []
    stuck = []
    for instance in scene.instances:
        if instance.category != "door":
            continue
        moving, fixed, hinges = _by_groups(scene, instance)
        found = [leaf for key in sorted(moving) if (leaf := _leaf(scene, instance, key, moving, fixed, hinges))]
        if not found and not any(part.group == _FIXED_PANE for part in scene.parts_of(instance.id)):
            rest = np.concatenate([fixed, *moving.values(), *hinges.values()])
            leaf, is_blocked = _by_geometry(scene, instance, rest)
            found = [leaf] if leaf else []
            if is_blocked and not leaf:
                stuck.append(instance)
        leaves += found
    return tuple(leaves), tuple(stuck)


def joints(scene: Scene) -> tuple[Joint, ...]:
    """Return the leaves as an export writes them."""
    leaves, _ = find_leaves(scene)
    return tuple(
        Joint(
            leaf.instance,
            leaf.triangles,
            leaf.kind,
            leaf.hinge,
            math.degrees(leaf.shut),
            leaf.opens if leaf.kind == "hinge" else 0.0,
            leaf.slide,
        )
        for leaf in leaves
    )


def _by_groups(scene: Scene, instance: Instance) -> tuple[dict[tuple[str, int], Ints], Ints, dict[int, Ints]]:
    """A door's triangles: of its leaves by kind and number, of its frame, and of its hinges by number."""
    moving: dict[tuple[str, int], list[Ints]] = {}
    hinges: dict[int, list[Ints]] = {}
    fixed = [np.zeros(0, np.int64)]
    for part in scene.parts_of(instance.id):
        triangles = np.arange(part.first_triangle, part.first_triangle + part.triangles, dtype=np.int64)
        if leaf := _LEAF.match(part.group):
            moving.setdefault((leaf[1], int(leaf[2])), []).append(triangles)
        elif hinge := _HINGE.match(part.group):
            hinges.setdefault(int(hinge[1]), []).append(triangles)
        else:
            fixed.append(triangles)
    return (
        {key: np.concatenate(value) for key, value in moving.items()},
        np.concatenate(fixed),
        {key: np.concatenate(value) for key, value in hinges.items()},
    )


def _leaf(
    scene: Scene,
    instance: Instance,
    key: tuple[str, int],
    moving: dict[tuple[str, int], Ints],
    fixed: Ints,
    hinges: dict[int, Ints],
) -> Leaf | None:
    """The leaf of one joint of a model; None for one that does not open a way, and for a hinge that lies."""
    kind, number = key
    triangles = moving[key]
    if kind == "rail":
        others = np.concatenate([fixed, *moving.values()])
        return _sliding(scene, instance, triangles, _frame(scene, others)) if number % 2 else None
    if number not in hinges:
        return None
    low, high = _box(scene, hinges[number])
    upright = (high - low)[2] > max((high - low)[:2])
    frame = _frame(scene, fixed if len(fixed) else triangles)
    return _swinging(scene, instance, triangles, (low + high) / 2, frame) if upright else None


def _sliding(scene: Scene, instance: Instance, triangles: Ints, frame: _Frame) -> Leaf | None:
    """A leaf that slides along its frame to the other end; None if that is no way."""
    points = _points(scene, triangles)[:, :2] @ frame.along
    middle = float(frame.middle @ frame.along)
    width = float(np.ptp(points))
    way = frame.length_m - width
    if way < width / 2:
        return None
    direction = 1.0 if points.mean() < middle else -1.0
    slide = np.array([*(direction * way * frame.along), 0.0])
    centre = _points(scene, triangles).mean(axis=0)
    solid = _without_handles(scene, triangles)
    return Leaf(instance.id, triangles, solid, "rail", centre, 0.0, 1.0, either_way=False, slide=slide)


def _swinging(scene: Scene, instance: Instance, triangles: Ints, hinge: Floats, frame: _Frame) -> Leaf | None:
    solid = _without_handles(scene, triangles)
    points = _points(scene, solid)[:, :2]
    far = points[np.argmax(np.linalg.norm(points - hinge[:2], axis=1))] - hinge[:2]
    if np.linalg.norm(far) < 0.1:
        return None
    side = 1.0 if (frame.middle - hinge[:2]) @ frame.along > 0 else -1.0
    closed = side * frame.along
    drawn = _main_direction(points, far)
    shut = math.atan2(_cross(drawn, closed), drawn @ closed)
    if abs(shut) < math.radians(_SHUT_DEG):
        shut = 0.0
    # a hinge on one face of the leaf opens it to that side
    across = np.array([-drawn[1], drawn[0]])
    offsets = (points - hinge[:2]) @ across
    lean = float(offsets.min() + offsets.max()) / 2
    either_way = abs(lean) < 0.15 * float(np.ptp(offsets))
    opens = 1.0 if lean < 0 else -1.0
    if shut:
        either_way, opens = False, -math.copysign(1.0, shut)
    return Leaf(instance.id, triangles, solid, "hinge", hinge, shut, opens, either_way, np.zeros(3))


def _by_geometry(scene: Scene, instance: Instance, triangles: Ints) -> tuple[Leaf | None, bool]:
    """The leaf of a door whose model does not name it, and whether anything stands in the door's way.

    The leaf is the connected piece in the middle of the door; small pieces on it are handles, and it hangs at the end
    that is farther from them.
    """
    frame = _frame(scene, triangles)
    corners = scene.vertices[scene.triangles[triangles]].astype(np.float64)
    piece = components(corners)
    low, high = np.array(instance.bounds_m)
    blocking = _in_the_middle(corners, frame, low[2], high[2] - low[2])
    if not blocking.any():
        return None, False
    along = corners[:, :, :2] @ frame.along - frame.middle @ frame.along
    leaf_pieces = np.unique(piece[blocking])
    chosen = np.isin(piece, leaf_pieces)
    first, last = float(along[chosen].min()), float(along[chosen].max())
    height = float(np.ptp(corners[chosen][:, :, 2]))
    if height < _TALL * (high[2] - low[2]) or last - first < _WIDE * frame.length_m:
        return None, True
    if last - first > 0.97 * frame.length_m:
        return None, True
    handles = np.zeros(len(triangles), np.bool_)
    for other in np.setdiff1d(np.unique(piece), leaf_pieces):
        members = piece == other
        centre = (along[members].min() + along[members].max()) / 2
        inside = first + 0.08 * (last - first) < centre < last - 0.08 * (last - first)
        if inside and np.ptp(corners[members][:, :, 2]) < height / 2:
            handles |= members
    grip = along[handles].mean() if handles.any() else last
    end = first if grip > (first + last) / 2 else last
    hinge = np.array([*(frame.middle + end * frame.along), low[2]])
    middle_across = np.array([-frame.along[1], frame.along[0]])
    depth = corners[chosen][:, :, :2].reshape(-1, 2) @ middle_across
    hinge[:2] += middle_across * ((depth.min() + depth.max()) / 2 - hinge[:2] @ middle_across)
    leaf = _swinging(scene, instance, triangles[chosen | handles], hinge, frame)
    return leaf, True


def _in_the_middle(corners: Floats, frame: _Frame, floor_m: float, height_m: float) -> npt.NDArray[np.bool_]:
    """Which triangles (T, 3, 3) a body walking through the middle of a door meets."""
    across = np.array([-frame.along[1], frame.along[0]])
    shift = corners[:, :, :2] - frame.middle
    seen = np.stack([shift @ frame.along, corners[:, :, 2] - floor_m], axis=2)
    met = np.zeros(len(corners), np.bool_)
    outlines = shapely.polygons(seen)
    for share in _MIDDLE_HEIGHTS:
        for offset in (-0.12, 0.0, 0.12):
            met |= shapely.intersects(outlines, shapely.Point(offset * frame.length_m, share * height_m))
    return met & (np.abs(shift @ across).min(axis=1) < 1.0)


def _frame(scene: Scene, triangles: Ints) -> _Frame:
    outline = shapely.MultiPoint(_points(scene, triangles)[:, :2]).minimum_rotated_rectangle
    corners = shapely.get_coordinates(outline)
    if len(corners) < 4:
        along = corners[-1] - corners[0] if len(corners) > 1 else np.array([1.0, 0.0])
        return _Frame(
            corners.mean(axis=0), along / max(1e-9, float(np.linalg.norm(along))), float(np.linalg.norm(along))
        )
    sides = corners[1:3] - corners[:2]
    lengths = np.linalg.norm(sides, axis=1)
    longest = int(np.argmax(lengths))
    return _Frame(corners[:4].mean(axis=0), sides[longest] / lengths[longest], float(lengths[longest]))


def _main_direction(points: Floats, towards: Floats) -> Floats:
    """The direction (2,) of the long side of points (N, 2), on the side of `towards`."""
    corners = shapely.get_coordinates(shapely.MultiPoint(points).minimum_rotated_rectangle)
    if len(corners) < 4:
        return towards / np.linalg.norm(towards)
    sides = corners[1:3] - corners[:2]
    long = sides[np.argmax(np.linalg.norm(sides, axis=1))]
    return long / np.linalg.norm(long) * (1.0 if long @ towards > 0 else -1.0)


def _without_handles(scene: Scene, triangles: Ints) -> Ints:
    """Those of a leaf's triangles that belong to pieces at least half as high as the whole."""
    corners = scene.vertices[scene.triangles[triangles]].astype(np.float64)
    piece = components(corners)
    heights = corners[:, :, 2]
    tall = [p for p in np.unique(piece) if np.ptp(heights[piece == p]) >= np.ptp(heights) / 2]
    return triangles[np.isin(piece, tall)] if tall else triangles


def _points(scene: Scene, triangles: Ints) -> Floats:
    return scene.vertices[np.unique(scene.triangles[triangles])].astype(np.float64)


def _box(scene: Scene, triangles: Ints) -> tuple[Floats, Floats]:
    points = _points(scene, triangles)
    return points.min(axis=0), points.max(axis=0)


def _cross(a: Floats, b: Floats) -> float:
    return float(a[0] * b[1] - a[1] * b[0])
