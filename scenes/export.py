"""`Scene` -> GLB, in glTF's own frame: metres, y up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import PIL.Image
import trimesh
from trimesh.visual import TextureVisuals
from trimesh.visual.material import PBRMaterial

from scenes.errors import HomeError
from scenes.images import decode_image
from scenes.scene import NO_TEXTURE, Material, Part, Scene


def export_glb(scene: Scene, path: Path) -> None:
    """Writes a GLB with one node per instance, named by its source.

    A glTF mesh node shows one material here: what an instance has of further materials hangs under its node, as
    `SOURCE/1`, `SOURCE/2`. Surfaces are two-sided, as everywhere in this project.
    """
    path.write_bytes(to_glb(scene))


def to_glb(scene: Scene) -> bytes:
    """The bytes of the GLB that `export_glb` writes.

    Raises:
        HomeError: the scene is empty, which a GLB cannot be.
    """
    if not scene.parts:
        raise HomeError(f"the home {scene.name!r} has nothing that is visible in 3D; draw walls, rooms or furniture")
    images: list[PIL.Image.Image] = [decode_image(texture.data) for texture in scene.textures]
    materials = [_material(material, images, scene) for material in scene.materials]
    target = trimesh.Scene(base_frame=scene.name or "scene")
    seen: dict[int, int] = {}
    sources = {instance.id: instance.source for instance in scene.instances}
    for part in scene.parts:
        source = sources[part.instance]
        index = seen.get(part.instance, 0)
        seen[part.instance] = index + 1
        name = f"{source}/{index}" if index else source
        parent = source if index else None
        target.add_geometry(_mesh(scene, part, materials), node_name=name, geom_name=name, parent_node_name=parent)
    data = target.export(file_type="glb", include_normals=True)
    assert isinstance(data, bytes)
    return data


def _mesh(scene: Scene, part: Part, materials: list[PBRMaterial]) -> trimesh.Trimesh:
    vertices = slice(part.first_vertex, part.first_vertex + part.vertices)
    triangles = scene.triangles[part.first_triangle : part.first_triangle + part.triangles] - part.first_vertex
    visual = TextureVisuals(uv=scene.uvs[vertices], material=materials[part.material])
    return trimesh.Trimesh(
        vertices=_y_up(scene.vertices[vertices]),
        vertex_normals=_y_up(scene.normals[vertices]),
        faces=triangles,
        visual=visual,
        process=False,
        validate=False,
    )


def _y_up(points: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return points[:, [0, 2, 1]] * np.array([1, 1, -1], points.dtype)


def _material(material: Material, images: list[PIL.Image.Image], scene: Scene) -> PBRMaterial:
    transparent = material.alpha < 1.0
    masked = material.texture != NO_TEXTURE and scene.textures[material.texture].has_alpha
    return PBRMaterial(
        name=material.name,
        baseColorFactor=[*material.color, material.alpha],
        baseColorTexture=images[material.texture] if material.texture != NO_TEXTURE else None,
        metallicFactor=0.0,
        roughnessFactor=float(np.sqrt(2.0 / (material.shininess + 2.0))),
        alphaMode="BLEND" if transparent else "MASK" if masked else "OPAQUE",
        alphaCutoff=0.5 if masked and not transparent else None,
        doubleSided=True,
    )
