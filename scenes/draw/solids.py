"""Bodies that drawn models are made of: boxes, prisms, turned and swept shapes.

Lengths are cm, in the model's frame: x to its right, y up, z to its front. A finish with an image is laid on flat,
from the side that a face looks to most.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from scenes.draw.model import Finish, Mould

Floats = npt.NDArray[np.float64]
Point3 = tuple[float, float, float]
Face = tuple[int, ...]

_SHARP_DEG = 35.0
"""A turned profile that bends by more than this has an edge there."""


def body(
    points: npt.ArrayLike, faces: Sequence[Face], finish: Finish, *, smooth: bool = False, group: str = "body"
) -> Mould:
    """A closed body of polygons that all turn the same way; it is turned inside out if they turn the wrong one."""
    corners = np.asarray(points, np.float64)
    if _volume(corners, faces) < 0:
        faces = [face[::-1] for face in faces]
    uvs = _flat_uvs(corners, faces, finish.tile_cm) if finish.image is not None else None
    return Mould(corners, list(faces), finish, smooth, uvs, group)


def box(
    low: Point3, high: Point3, finish: Finish, *, bevel: float = 0.0, smooth: bool = False, group: str = "body"
) -> Mould:
    """A box between two corners; `bevel`: how much of its edges is cut off; `smooth` makes a bevelled one look soft."""
    if bevel <= 0:
        points = list(itertools.product(*zip(low, high, strict=True)))
        faces: list[Face] = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
        return body(points, faces, finish, smooth=smooth, group=group)
    ends = np.array([low, high])
    points = []
    for corner in itertools.product((0, 1), repeat=3):
        inner = [float(ends[side, axis]) + (-bevel if side else bevel) for axis, side in enumerate(corner)]
        for axis, side in enumerate(corner):
            points.append(tuple(float(ends[side, axis]) if i == axis else inner[i] for i in range(3)))
    return body(points, _outward(np.array(points), _bevelled_faces()), finish, smooth=smooth, group=group)


def _bevelled_faces() -> list[Face]:
    """Faces of a bevelled box, turned anyhow: point 3 c + a is at corner c (bits x, y, z), on the face across a."""
    faces: list[Face] = [tuple(3 * corner + axis for axis in range(3)) for corner in range(8)]
    for axis in range(3):
        bit, one, two = (1 << (2 - (axis + k) % 3) for k in range(3))
        sides = [(side, side | one, side | one | two, side | two) for side in (0, bit)]
        faces += [tuple(3 * corner + axis for corner in side) for side in sides]
        a, b = (axis + 1) % 3, (axis + 2) % 3
        edges = [(3 * low, 3 * (low | bit)) for low in (0, one, two, one | two)]
        faces += [(low + a, low + b, high + b, high + a) for low, high in edges]
    return faces


def _outward(points: Floats, faces: Sequence[Face]) -> list[Face]:
    """The faces of a convex body, each turned so that it looks away from the middle."""
    middle = points.mean(0)
    found = []
    for face in faces:
        a, b, c = points[list(face[:3])]
        found.append(face if np.cross(b - a, c - a) @ (a - middle) > 0 else face[::-1])
    return found


def prism(
    outline: Sequence[tuple[float, float]],
    start: float,
    end: float,
    finish: Finish,
    *,
    axis: str = "z",
    smooth: bool = False,
    group: str = "body",
) -> Mould:
    """An outline drawn out along an axis. The outline is (x, y) for axis z, (x, z) for y, (z, y) for x."""
    place = {"z": (0, 1, 2), "y": (0, 2, 1), "x": (2, 1, 0)}[axis]
    count = len(outline)
    points = np.zeros((2 * count, 3))
    points[:, place[:2]] = [*outline, *outline]
    points[:count, place[2]], points[count:, place[2]] = start, end
    around = [(i, (i + 1) % count, (i + 1) % count + count, i + count) for i in range(count)]
    caps: list[Face] = [tuple(range(count))[::-1], tuple(range(count, 2 * count))]
    return body(points, [*around, *caps], finish, smooth=smooth, group=group)


def lathe(
    profile: Sequence[tuple[float, float]],
    finish: Finish,
    *,
    at: tuple[float, float] = (0.0, 0.0),
    sides: int = 16,
    group: str = "body",
) -> Mould:
    """A profile of (radius, y) from one end to the other, turned around an upright axis at (x, z) `at`.

    A profile that begins and ends at radius 0, or where it began, makes a closed body.
    """
    circle = _circle(sides)
    rings: list[Floats] = []
    for index, (radius, y) in enumerate(profile):
        flat = circle * radius if radius > 0 else np.zeros((1, 2))
        ring = np.stack([at[0] + flat[:, 0], np.full(len(flat), y), at[1] + flat[:, 1]], axis=1)
        rings += [ring, ring] if 0 < index < len(profile) - 1 and _is_sharp(profile, index) else [ring]
    return loft(rings, finish, smooth=True, group=group)


def loft(rings: Sequence[Floats], finish: Finish, *, smooth: bool = False, group: str = "body") -> Mould:
    """A skin over rings of points (N, 3) of one length; a ring of one point is a tip, one that comes twice an edge."""
    starts = np.cumsum([0, *(len(ring) for ring in rings)]).tolist()
    indices = [list(range(start, start + len(ring))) for start, ring in zip(starts, rings, strict=False)]
    faces: list[Face] = []
    for (low, high), (first, second) in zip(itertools.pairwise(indices), itertools.pairwise(rings), strict=True):
        if first is not second:
            faces += _between(low, high)
    return body(np.concatenate(rings), faces, finish, smooth=smooth, group=group)


def _is_sharp(profile: Sequence[tuple[float, float]], index: int) -> bool:
    before, here, after = (np.array(profile[i]) for i in (index - 1, index, index + 1))
    first, second = here - before, after - here
    lengths = np.linalg.norm(first) * np.linalg.norm(second)
    return bool(first @ second < np.cos(np.radians(_SHARP_DEG)) * lengths)


def _between(low: list[int], high: list[int]) -> list[Face]:
    """Faces between two rings; a ring of one point is a tip."""
    if len(low) == 1 and len(high) == 1:
        return []
    if len(high) == 1:
        return [(a, b, high[0]) for a, b in zip(low, low[1:] + low[:1], strict=True)]
    if len(low) == 1:
        return [(b, a, low[0]) for a, b in zip(high, high[1:] + high[:1], strict=True)]
    following = zip(low, low[1:] + low[:1], high[1:] + high[:1], high, strict=True)
    return list(following)


def rod(low: Point3, high: Point3, radius: float, finish: Finish, *, sides: int = 8, group: str = "body") -> Mould:
    """A straight round bar between two points."""
    return tube([low, high], radius, finish, sides=sides, group=group)


def tube(path: Sequence[Point3], radius: float, finish: Finish, *, sides: int = 6, group: str = "body") -> Mould:
    """A round bar along a path of points, mitred where it bends, closed at its ends."""
    line = np.asarray(path, np.float64)
    steps = np.diff(line, axis=0)
    steps /= np.linalg.norm(steps, axis=1, keepdims=True)
    across = np.cross(steps[0], np.eye(3)[int(np.argmin(np.abs(steps[0])))])
    across /= np.linalg.norm(across)
    offsets = radius * _circle(sides) @ np.stack([across, np.cross(steps[0], across)])
    rings = [line[0] + offsets]
    for point, before, after in zip(line[1:-1], steps[:-1], steps[1:], strict=True):
        bend = before + after
        mitred = offsets - np.outer(offsets @ bend / (before @ bend), before)
        rings.append(point + mitred)
        offsets = mitred - np.outer(mitred @ after, after)
    rings.append(line[-1] + offsets)
    indices = [list(range(k * sides, (k + 1) * sides)) for k in range(len(rings))]
    faces = [face for low, high in itertools.pairwise(indices) for face in _between(low, high)]
    ends = np.concatenate([rings[0], rings[-1]])
    count = len(rings) * sides
    faces += [tuple(range(count, count + sides))[::-1], tuple(range(count + sides, count + 2 * sides))]
    return body(np.concatenate([*rings, ends]), faces, finish, smooth=True, group=group)


def _circle(sides: int) -> Floats:
    angles = np.arange(sides) * 2 * np.pi / sides
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def ball(
    centre: Point3, radii: Point3, finish: Finish, *, sides: int = 10, rings: int = 6, group: str = "body"
) -> Mould:
    """An ellipsoid."""
    tilt = np.linspace(-np.pi / 2, np.pi / 2, rings + 1)
    radius = np.where(np.abs(np.cos(tilt)) < 1e-9, 0.0, np.cos(tilt))
    unit = lathe(list(zip(radius.tolist(), np.sin(tilt).tolist(), strict=True)), finish, sides=sides, group=group)
    return body(unit.points * radii + centre, [tuple(f) for f in unit.faces], finish, smooth=True, group=group)


def frame(low: Point3, high: Point3, edge: float, finish: Finish, *, group: str = "body") -> Mould:
    """A box between two corners with a hole through its front, `edge` within its sides."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    outer = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    inner = [(x0 + edge, y0 + edge), (x1 - edge, y0 + edge), (x1 - edge, y1 - edge), (x0 + edge, y1 - edge)]
    rings = ((outer, z1), (inner, z1), (inner, z0), (outer, z0))
    points = [(x, y, z) for corners, z in rings for x, y in corners]
    faces = [
        (4 * k + i, 4 * k + (i + 1) % 4, 4 * ((k + 1) % 4) + (i + 1) % 4, 4 * ((k + 1) % 4) + i)
        for k in range(4)
        for i in range(4)
    ]
    return body(points, faces, finish, group=group)


def pane(low: Point3, high: Point3, finish: Finish, *, group: str = "body") -> Mould:
    """The front and the back of a thin box, without its edges, which a frame hides."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    points = [(x, y, z) for z in (z0, z1) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
    return body(points, [(3, 2, 1, 0), (4, 5, 6, 7)], finish, group=group)


def picture(low: Point3, high: Point3, finish: Finish, *, group: str = "body") -> Mould:
    """A single rectangle that looks to the front (z of `low`), with the finish's image once over it."""
    (x0, y0, z), (x1, y1, _) = low, high
    points = np.array([(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)])
    uvs = [[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]]
    return Mould(points, [(0, 1, 2, 3)], finish, False, uvs, group)


def shifted(moulds: Iterable[Mould], x: float = 0.0, y: float = 0.0, z: float = 0.0) -> list[Mould]:
    """The bodies moved."""
    return [replace(mould, points=mould.points + [x, y, z]) for mould in moulds]


def inside_out(moulds: Iterable[Mould]) -> list[Mould]:
    """The bodies with their faces turned around, as the inside of a basin."""
    return [replace(mould, faces=[tuple(face)[::-1] for face in mould.faces]) for mould in moulds]


def stretched(moulds: Iterable[Mould], x: float = 1.0, y: float = 1.0, z: float = 1.0) -> list[Mould]:
    """The bodies made wider, higher and deeper."""
    return [replace(mould, points=mould.points * [x, y, z]) for mould in moulds]


def turned(moulds: Iterable[Mould], degrees: float, axis: str = "y") -> list[Mould]:
    """The bodies turned around an axis through the origin, counter-clockwise seen from its positive end."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrices = {
        "x": [[1, 0, 0], [0, cos, -sin], [0, sin, cos]],
        "y": [[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]],
        "z": [[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]],
    }
    matrix = np.array(matrices[axis])
    return [replace(mould, points=mould.points @ matrix.T) for mould in moulds]


def _volume(points: Floats, faces: Sequence[Face]) -> float:
    """Signed volume, positive where faces turn counter-clockwise seen from outside."""
    fans = [(face[0], face[k], face[k + 1]) for face in faces for k in range(1, len(face) - 1)]
    a, b, c = (points[[fan[k] for fan in fans]] - points.mean(0) for k in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)


def _flat_uvs(points: Floats, faces: Sequence[Face], tile_cm: tuple[float, float]) -> list[list[tuple[float, float]]]:
    """Texture coordinates of each corner, from the side that its face looks to most."""
    found = []
    for face in faces:
        ring = points[list(face)]
        following = np.roll(ring, -1, axis=0)
        normal = np.cross(ring, following).sum(axis=0)
        axis = int(np.argmax(np.abs(normal)))
        sign = 1.0 if normal[axis] >= 0 else -1.0
        across = {0: -sign * ring[:, 2], 1: ring[:, 0], 2: sign * ring[:, 0]}[axis]
        up = -sign * ring[:, 2] if axis == 1 else ring[:, 1]
        uv = np.stack([across / tile_cm[0], up / tile_cm[1]], axis=1)
        found.append([(float(u), float(v)) for u, v in uv])
    return found
