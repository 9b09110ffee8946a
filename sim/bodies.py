"""Things that move in front of a camera: parts of the scene, such as door leaves, and bodies that are added to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenes.mesh import smooth_normals
from scenes.scene import NO_TEXTURE, RGB, Instance, Material, Part, Scene

STATIC = -1


@dataclass(frozen=True)
class Piece:
    """Triangles of the scene that move together; `triangles`: (N,) their numbers in it.

    Its pose is what takes it from where it is drawn to where it is. Segmentation shows the instance that it belongs to.
    """

    triangles: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Added:
    """A body that the scene does not have.

    Attributes:
        name: what its instance is called; bodies of one name, such as the links of a robot, are one instance.
        vertices: (V, 3), m, in the body's frame.
        triangles: (T, 3), counter-clockwise seen from outside.
        color: sRGB, 0..1.
    """

    name: str
    vertices: npt.NDArray[np.float64]
    triangles: npt.NDArray[np.int64]
    color: RGB


Body = Piece | Added


@dataclass(frozen=True)
class MovingScene:
    """A scene in which each part moves as one or stands still.

    Attributes:
        scene: with all bodies; what moves is where it is drawn, what was added stands at the origin.
        body_of_part: (P,) int32, the index of the body that each part belongs to, or `STATIC`.
        bodies: how many there are.
    """

    scene: Scene
    body_of_part: npt.NDArray[np.int32]
    bodies: int

    def body_of_triangle(self) -> npt.NDArray[np.int32]:
        """The body (T,) that each triangle belongs to, or `STATIC`."""
        found = np.full(len(self.scene.triangles), STATIC, np.int32)
        for part, body in zip(self.scene.parts, self.body_of_part, strict=True):
            found[part.first_triangle : part.first_triangle + part.triangles] = body
        return found


def whole_instance(scene: Scene, instance_id: int) -> Piece:
    """All of an instance."""
    runs = [
        np.arange(part.first_triangle, part.first_triangle + part.triangles) for part in scene.parts_of(instance_id)
    ]
    return Piece(np.concatenate([np.zeros(0, np.int64), *runs]))


def with_bodies(scene: Scene, bodies: Sequence[Body]) -> MovingScene:
    """Parts the scene by what moves, and adds what it does not have; ids of instances and numbers of vertices stay.

    Raises:
        ValueError: a triangle is in two pieces.
    """
    owner = np.full(len(scene.triangles), STATIC, np.int32)
    for index, body in enumerate(bodies):
        if isinstance(body, Piece):
            if (owner[body.triangles] != STATIC).any():
                raise ValueError(f"body {index} has triangles that another body has already")
            owner[body.triangles] = index
    scene, body_of_part = _parted(scene, owner)
    for index, body in enumerate(bodies):
        if isinstance(body, Added):
            scene = _with_added(scene, body)
            body_of_part.append(index)
    return MovingScene(scene, np.array(body_of_part, np.int32), len(bodies))


def _parted(scene: Scene, owner: npt.NDArray[np.int32]) -> tuple[Scene, list[int]]:
    """The scene with parts split by the owners (T,) of their triangles, and the owner of each new part."""
    if (owner == STATIC).all():
        return scene, [STATIC] * len(scene.parts)
    triangles = scene.triangles.copy()
    parts: list[Part] = []
    owners: list[int] = []
    for part in scene.parts:
        run = slice(part.first_triangle, part.first_triangle + part.triangles)
        order = np.argsort(owner[run], kind="stable")
        triangles[run] = scene.triangles[run][order]
        found, counts = np.unique(owner[run], return_counts=True)
        starts = part.first_triangle + np.cumsum(counts) - counts
        for body, start, count in zip(found.tolist(), starts.tolist(), counts.tolist(), strict=True):
            parts.append(dataclasses.replace(part, first_triangle=start, triangles=count))
            owners.append(body)
    return dataclasses.replace(scene, parts=tuple(parts), triangles=triangles), owners


def _with_added(scene: Scene, body: Added) -> Scene:
    # each corner is a vertex of its own, so that edges may be sharp
    corners = body.vertices[body.triangles].reshape(-1, 3).astype(np.float32)
    numbers = np.arange(len(corners), dtype=np.int32).reshape(-1, 3)
    instances, instance = _instance_of(scene, body, corners)
    part = Part(
        instance, len(scene.materials), len(scene.vertices), len(corners), len(scene.triangles), len(numbers), ""
    )
    material = Material(body.name, body.color, (0.0, 0.0, 0.0), 0.0, 1.0, NO_TEXTURE, glows=False)
    normals = smooth_normals(body.vertices.astype(np.float64), body.triangles, crease_deg=60.0).reshape(-1, 3)
    return dataclasses.replace(
        scene,
        instances=instances,
        parts=(*scene.parts, part),
        materials=(*scene.materials, material),
        vertices=np.concatenate([scene.vertices, corners]),
        normals=np.concatenate([scene.normals, normals.astype(np.float32)]),
        uvs=np.concatenate([scene.uvs, np.zeros((len(corners), 2), np.float32)]),
        triangles=np.concatenate([scene.triangles, numbers + np.int32(len(scene.vertices))]),
    )


def _instance_of(scene: Scene, body: Added, corners: npt.NDArray[np.float32]) -> tuple[tuple[Instance, ...], int]:
    """The instances with that of the body, which may be there already, and its id."""
    for instance in scene.instances:
        if instance.category == "body" and instance.name == body.name:
            grown = dataclasses.replace(instance, triangles=instance.triangles + len(corners) // 3)
            return tuple(grown if each is instance else each for each in scene.instances), instance.id
    low, high = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    added = Instance(
        id=len(scene.instances) + 1,
        source=f"body[{body.name}]",
        name=body.name,
        category="body",
        level=0,
        catalog_id=None,
        bounds_m=((low[0], low[1], low[2]), (high[0], high[1], high[2])),
        triangles=len(corners) // 3,
    )
    return (*scene.instances, added), added.id


def capsule(name: str, height_m: float, radius_m: float, color: RGB) -> Added:
    """An upright capsule that stands at the origin: a person, or a robot's outline."""
    around, rings = 24, 6
    polar = np.linspace(0.0, np.pi / 2, rings + 1)
    radii = np.concatenate([np.sin(polar), np.sin(polar[::-1])]) * radius_m
    heights = np.concatenate([height_m - radius_m * (1 - np.cos(polar)), radius_m * (1 - np.cos(polar[::-1]))])
    angle = np.arange(around) * 2 * np.pi / around
    points = np.stack(
        [np.outer(radii, np.cos(angle)), np.outer(radii, np.sin(angle)), np.repeat(heights[:, None], around, 1)],
        axis=-1,
    )
    first = (np.arange(len(radii) - 1)[:, None] * around + np.arange(around)).reshape(-1)
    second = first + np.where(first % around == around - 1, 1 - around, 1)
    quads = np.stack([first, first + around, second + around, second], axis=1)
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    return Added(name, points.reshape(-1, 3), _without_slivers(points.reshape(-1, 3), triangles), color)


def _without_slivers(points: npt.NDArray[np.float64], triangles: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    corners = points[triangles]
    areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    return triangles[areas > 1e-12]
