"""`Scene` -> GLB, in glTF's own frame: metres, y up."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.errors import HomeError
from scenes.gltf import GlbWriter, Primitive
from scenes.images import decode_image, image_kind
from scenes.scene import NO_TEXTURE, Instance, Light, Material, Scene, Texture
from scenes.spaces.inside import spaces_of

LAMP_CD = 120.0
"""Luminous intensity of a lamp of power 1, candela: 1,500 lumens to all sides, a 100 W bulb. Homes give 0.5 mostly."""

_OUT_M = 0.02
"""How far from its piece a light is put."""
_V_DOWN = np.array([[1, -1], [0, 1]], np.float32)
"""What multiplies and what is added to texture coordinates whose v is up."""
_MEDIA = {"PNG": "image/png", "JPEG": "image/jpeg"}
_PLAIN_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})
"""Pillow's names of what glTF's readers show as it is: 8 bits a channel at most, no CMYK."""


@dataclass(frozen=True, eq=False)
class Joint:
    """What moves in an instance: triangles of it that turn about an upright hinge or slide.

    Attributes:
        instance: its id.
        triangles: (n,) indices of the scene's, as drawn.
        kind: "hinge" or "rail".
        pivot: (3,), m, in the world: a point on the hinge, or the middle of what slides.
        shut_deg: what shuts it from how it is drawn, counter-clockwise from above; 0 for a rail.
        opens: 1 where it opens counter-clockwise, -1 clockwise; 0 for a rail.
        slide: (3,), m, in the world: from shut to open; 0 for a hinge.
    """

    instance: int
    triangles: npt.NDArray[np.int64]
    kind: str
    pivot: npt.NDArray[np.float64]
    shut_deg: float
    opens: float
    slide: npt.NDArray[np.float64]


def export_glb(scene: Scene, path: Path, joints: Sequence[Joint] = ()) -> None:
    """Write a GLB with one node per instance, named by its source, whose `extras` say what it is.

    A glTF mesh node shows one material here: what an instance has of further materials hangs under its node, as
    `SOURCE/1`, `SOURCE/2`; what a joint moves hangs under `SOURCE/leaf 1`, a node at the pivot: turn or shift that.
    Lamps are point lights and surfaces that emit. Surfaces are two-sided, as everywhere in this project.
    """
    path.write_bytes(to_glb(scene, joints))


def to_glb(scene: Scene, joints: Sequence[Joint] = ()) -> bytes:
    """Return the bytes of the GLB that `export_glb` writes.

    Raises:
        HomeError: the scene is empty, which a GLB cannot be.
    """
    if not scene.parts:
        raise HomeError(f"the home {scene.name!r} has nothing that is visible in 3D; draw walls, rooms or furniture")
    writer = GlbWriter()
    root = writer.node(scene.name or "scene", None)
    for texture in scene.textures:
        writer.image(*_embedded(texture))
    for material in scene.materials:
        writer.material(_material(material, scene))
    rooms = _rooms_of(scene)
    for instance in scene.instances:
        moving = [joint for joint in joints if joint.instance == instance.id]
        extras = _extras(scene, instance, rooms[instance.id])
        _write_instance(writer, root, scene, instance, moving, extras)
    return writer.to_bytes()


def _write_instance(
    writer: GlbWriter, root: int, scene: Scene, instance: Instance, joints: Sequence[Joint], extras: dict[str, Any]
) -> None:
    """Add an instance's node, and under it further materials, joints and lamps."""
    nowhere = np.zeros(3)
    moved = np.concatenate([joint.triangles for joint in joints]) if joints else np.zeros(0, np.int64)
    fixed = list(_primitives(scene, instance, moved, nowhere, inside=False))
    lamps = [light for light in scene.lights if light.instance == instance.id and light.power > 0]
    if not (fixed or joints or lamps):
        return
    source = instance.source
    mesh = writer.mesh(source, fixed[0]) if fixed else None
    node = writer.node(source, root, mesh=mesh, extras=extras)
    for index, primitive in enumerate(fixed[1:], 1):
        name = f"{source}/{index}"
        writer.node(name, node, mesh=writer.mesh(name, primitive))
    for number, joint in enumerate(joints, 1):
        name = f"{source}/leaf {number}"
        pivot = writer.node(name, node, translation=_y_up(joint.pivot), extras=_joint_extras(joint))
        for index, primitive in enumerate(_primitives(scene, instance, joint.triangles, joint.pivot, inside=True)):
            part = f"{name}/{index}"
            writer.node(part, pivot, mesh=writer.mesh(part, primitive))
    for number, lamp in enumerate(lamps, 1):
        name = f"{source}/light {number}"
        position = _beside_its_piece(scene, lamp, instance)
        writer.node(name, node, light=writer.light(_light(name, lamp)), translation=_y_up(position))


def _primitives(
    scene: Scene,
    instance: Instance,
    chosen: npt.NDArray[np.int64],
    origin: npt.NDArray[np.float64],
    *,
    inside: bool,
) -> Iterator[Primitive]:
    """Yield the triangles of an instance that are among the chosen, or not, by material; `origin` becomes (0, 0, 0)."""
    for part in scene.parts_of(instance.id):
        numbers = np.arange(part.first_triangle, part.first_triangle + part.triangles)
        triangles = scene.triangles[numbers[np.isin(numbers, chosen) == inside]]
        if not len(triangles):
            continue
        used, corners = np.unique(triangles, return_inverse=True)
        positions = scene.vertices[used]
        textured = scene.materials[part.material].texture != NO_TEXTURE
        yield Primitive(
            positions=_y_up(positions - origin).astype(np.float32),
            normals=_y_up(_unit(scene.normals[used])).astype(np.float32),
            uvs=scene.uvs[used] * _V_DOWN[0] + _V_DOWN[1] if textured else None,
            triangles=corners.reshape(-1, 3).astype(np.uint32),
            material=part.material,
        )


def _unit(normals: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return normals (V, 3) of length 1, upwards where there is none."""
    lengths = np.linalg.norm(normals.astype(np.float64), axis=1, keepdims=True)
    return np.where(lengths > 0, normals / np.where(lengths > 0, lengths, 1), [0.0, 0.0, 1.0])


def _y_up(points: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return points[..., [0, 2, 1]] * np.array([1, 1, -1], points.dtype)


def _extras(scene: Scene, instance: Instance, room: str) -> dict[str, Any]:
    level = scene.levels[instance.level].name if 0 <= instance.level < len(scene.levels) else ""
    return {"id": instance.id, "name": instance.name, "category": instance.category, "level": level, "room": room}


def _rooms_of(scene: Scene) -> dict[int, str]:
    """Return the name of the room of each instance by id: its own for floors and ceilings, else where its middle is."""
    drawn = {room.source: room.name for room in scene.rooms}
    middles = [np.mean(instance.bounds_m, axis=0) for instance in scene.instances]
    spaces = spaces_of(scene)
    found = spaces.at(np.array(middles).reshape(-1, 3))
    return {
        instance.id: drawn.get(instance.source.split("/")[0], spaces.all[index].name if index >= 0 else "")
        for instance, index in zip(scene.instances, found.tolist(), strict=True)
    }


def _joint_extras(joint: Joint) -> dict[str, Any]:
    if joint.kind == "rail":
        return {"joint": joint.kind, "slide_m": _y_up(joint.slide).tolist()}
    return {"joint": joint.kind, "axis": [0.0, 1.0, 0.0], "shut_deg": joint.shut_deg, "opens": joint.opens}


def _beside_its_piece(scene: Scene, light: Light, instance: Instance) -> npt.NDArray[np.float64]:
    """Return where a light is put, (3,): out of the box of the piece that holds it, the nearest way within its room.

    A home's lamp shines through its own shade; a renderer that casts shadows keeps it in.
    """
    position = np.array(light.position)
    low, high = np.array(instance.bounds_m)
    if ((position < low - _OUT_M) | (position > high + _OUT_M)).any():
        return position
    ways = np.repeat(position[None], 6, axis=0)
    ways[[0, 1, 2], [0, 1, 2]] = low - _OUT_M
    ways[[3, 4, 5], [0, 1, 2]] = high + _OUT_M
    spaces = spaces_of(scene)
    space = spaces.at(position)[0]
    open_ways = ways[spaces.at(ways) == space] if space >= 0 else ways
    if not len(open_ways):
        return position
    return open_ways[np.linalg.norm(open_ways - position, axis=1).argmin()]


def _light(name: str, light: Light) -> dict[str, Any]:
    color = _linear(light.color)
    return {"name": name, "type": "point", "color": color, "intensity": LAMP_CD * light.power}


def _linear(color: Iterable[float]) -> list[float]:
    """Return linear values of sRGB ones, 0..1 (IEC 61966-2-1)."""
    values = np.array(list(color), np.float64)
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return [float(value) for value in linear]


def _embedded(texture: Texture) -> tuple[bytes, str]:
    """Return the file of a texture and its media type: as it is, if it is one that glTF allows, else as PNG."""
    form, mode = image_kind(texture.data)
    if form in _MEDIA and mode in _PLAIN_MODES:
        return texture.data, _MEDIA[form]
    buffer = io.BytesIO()
    decode_image(texture.data).save(buffer, "PNG")
    return buffer.getvalue(), _MEDIA["PNG"]


def _material(material: Material, scene: Scene) -> dict[str, Any]:
    has_texture = material.texture != NO_TEXTURE
    texture = {"index": material.texture}
    color = _linear(material.color)
    surface: dict[str, Any] = {
        "baseColorFactor": [*color, material.alpha],
        "metallicFactor": 0.0,
        "roughnessFactor": float(np.sqrt(2.0 / (material.shininess + 2.0))),
    }
    told: dict[str, Any] = {"name": material.name, "doubleSided": True}
    if has_texture:
        surface["baseColorTexture"] = texture
    if material.glows:
        told["emissiveFactor"] = color
        if has_texture:
            told["emissiveTexture"] = texture
    if material.alpha < 1.0:
        told["alphaMode"] = "BLEND"
    elif has_texture and scene.textures[material.texture].has_alpha:
        told |= {"alphaMode": "MASK", "alphaCutoff": 0.5}
    return told | {"pbrMetallicRoughness": surface}
