"""`Scene`: a home as triangles with meaning, in metres, right-handed, z up.

A plan point (x right, y down, cm) is (x, -y, z) / 100.

Everything downstream sees only this. Triangles are sorted by instance, then by material; a `Part` is one run of them.
"""

from __future__ import annotations

import bisect
import dataclasses
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenes.errors import HomeError

RGB = tuple[float, float, float]
Point3 = tuple[float, float, float]

CATEGORIES = (
    "wall", "floor", "ceiling", "stair", "ramp", "door", "window", "furniture", "light", "ground", "line", "label",
    "body",
)  # fmt: skip
"""What an instance can be. `line`, `label`: a polyline, a text that is visible in 3D; `body`: what a simulator adds."""

NO_TEXTURE = -1


@dataclass(frozen=True)
class Level:
    """A storey. `elevation_m`: top of its floor; `height_m`: floor to ceiling."""

    name: str
    elevation_m: float
    height_m: float
    floor_thickness_m: float


@dataclass(frozen=True)
class Room:
    """A room as drawn. `polygon`: corners (x, y), m; `level`: index in `Scene.levels`; `added`: by `scenes.close`."""

    source: str
    name: str
    level: int
    area_m2: float
    polygon: tuple[tuple[float, float], ...]
    has_floor: bool
    has_ceiling: bool
    added: bool = False


@dataclass(frozen=True)
class Instance:
    """A visible thing. `id` is what segmentation shows (from 1); `source` says where in the file it is.

    `movable`: a piece that the file does not count to the building. `stand_in`: a red box of the piece's size, because
    its model could not be read. `added`: not of the file, but by `scenes.close`.
    """

    id: int
    source: str
    name: str
    category: str
    level: int
    catalog_id: str | None
    bounds_m: tuple[Point3, Point3]
    triangles: int
    movable: bool = False
    stand_in: bool = False
    added: bool = False


@dataclass(frozen=True)
class Texture:
    """An image as it is in the file (JPEG, PNG ...)."""

    name: str
    data: bytes
    has_alpha: bool


@dataclass(frozen=True)
class Material:
    """How a surface looks. Colours are sRGB, 0..1; a texture is multiplied with `color`; `glows`: it is a lamp's."""

    name: str
    color: RGB
    specular: RGB
    shininess: float
    alpha: float
    texture: int
    glows: bool


@dataclass(frozen=True)
class Part:
    """A run of triangles of one instance with one material.

    `group` names a movable part of a model, as Sweet Home 3D does (`sweethome3d_opening_on_hinge_1`), else it is empty.
    """

    instance: int
    material: int
    first_vertex: int
    vertices: int
    first_triangle: int
    triangles: int
    group: str


@dataclass(frozen=True)
class Light:
    """A lamp. `position`: m; `color` sRGB 0..1; `power` 0..1; `instance`: id of the piece that holds it."""

    position: Point3
    color: RGB
    power: float
    diameter_m: float
    instance: int


@dataclass(frozen=True)
class Viewpoint:
    """A camera saved in the file. Yaw turns counter-clockwise from +x, pitch up; `fov_deg` is horizontal."""

    name: str
    position: Point3
    yaw_deg: float
    pitch_deg: float
    fov_deg: float


@dataclass(frozen=True)
class Surroundings:
    """Ground, sky and where on Earth. `north_deg`: direction of north, counter-clockwise from +y."""

    ground_color: RGB
    sky_color: RGB
    light_color: RGB
    sky_texture: int
    north_deg: float
    latitude_deg: float
    longitude_deg: float


@dataclass(frozen=True)
class Scene:
    """A home, built.

    Attributes:
        vertices: (V, 3) float32, m.
        normals: (V, 3) float32.
        uvs: (V, 2) float32, v up in the image.
        triangles: (T, 3) int32, indices of vertices, counter-clockwise seen from outside.
    """

    name: str
    levels: tuple[Level, ...]
    rooms: tuple[Room, ...]
    instances: tuple[Instance, ...]
    parts: tuple[Part, ...]
    materials: tuple[Material, ...]
    textures: tuple[Texture, ...]
    lights: tuple[Light, ...]
    viewpoints: tuple[Viewpoint, ...]
    surroundings: Surroundings
    warnings: tuple[str, ...]
    vertices: npt.NDArray[np.float32]
    normals: npt.NDArray[np.float32]
    uvs: npt.NDArray[np.float32]
    triangles: npt.NDArray[np.int32]

    def parts_of(self, instance_id: int) -> Iterator[Part]:
        """The parts of an instance."""
        ends = (
            bisect.bisect_left(self.parts, id_, key=lambda part: part.instance)
            for id_ in (instance_id, instance_id + 1)
        )
        return iter(self.parts[slice(*ends)])

    def triangle_instances(self) -> npt.NDArray[np.int32]:
        """The instance id of each triangle, (T,); 0 for those of instances that `without` left out."""
        ids = np.zeros(len(self.triangles), np.int32)
        for part in self.parts:
            ids[part.first_triangle : part.first_triangle + part.triangles] = part.instance
        return ids

    def without(self, categories: Collection[str]) -> Scene:
        """The scene with the instances of some categories left out; the others keep their ids.

        Raises:
            HomeError: no such category.
        """
        unknown = set(categories) - set(CATEGORIES)
        if unknown:
            raise HomeError(f"no category {sorted(unknown)[0]!r}; there are {', '.join(CATEGORIES)}")
        gone = {instance.id for instance in self.instances if instance.category in categories}
        return dataclasses.replace(self, parts=tuple(part for part in self.parts if part.instance not in gone))

    def bounds_m(self) -> tuple[Point3, Point3]:
        """The box around everything but the ground; around the ground if there is nothing else.

        Raises:
            ValueError: the scene is empty.
        """
        boxes = [i.bounds_m for i in self.instances if i.category != "ground"] or [i.bounds_m for i in self.instances]
        if not boxes:
            raise ValueError(f"scene {self.name!r} is empty")
        low, high = np.min([b[0] for b in boxes], axis=0), np.max([b[1] for b in boxes], axis=0)
        return tuple(low.tolist()), tuple(high.tolist())
