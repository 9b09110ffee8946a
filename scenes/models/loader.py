"""The model behind a content reference, whatever its format: told by its bytes, not by its name."""

from __future__ import annotations

import dataclasses
import io
from typing import TYPE_CHECKING

import numpy as np

from scenes.errors import HomeError, reading
from scenes.home.archive import open_archive
from scenes.home.reader import Contents
from scenes.limits import MIB, require_within
from scenes.mesh import Mesh, unit
from scenes.models.materials import parse_mtl
from scenes.models.model import Model, ModelMaterial, Shape
from scenes.models.neighbours import Neighbours
from scenes.models.obj import parse_obj

if TYPE_CHECKING:
    import trimesh


def load_model(contents: Contents, reference: str) -> Model:
    """Reads a model of a home: OBJ, Collada (`.dae`, or `.kmz` and `.zip` with one inside).

    Raises:
        HomeError: missing, damaged in whatever way, over a limit, or of a format that is not read.
    """
    with reading("the model is damaged"):
        return _load(contents, reference)


def _load(contents: Contents, reference: str) -> Model:
    data = contents.read(reference)
    require_within("model_mib", len(data) / MIB, "the model")
    if data[:4] == b"PK\x03\x04":
        data = _inner_model(data)
    if data[:2] == b"MM":
        raise HomeError(
            "the model is 3DS, which is not read; import it again in Sweet Home 3D, which makes an OBJ of it"
        )
    if b"<COLLADA" in data[:4096]:
        return _load_collada(data)
    neighbours = Neighbours(contents, reference)
    model = parse_obj(data, lambda value: _libraries(neighbours, value))
    return dataclasses.replace(model, shapes=tuple(_with_image(neighbours, shape) for shape in model.shapes))


def _libraries(neighbours: Neighbours, value: str) -> dict[str, ModelMaterial]:
    """The materials of the MTLs that an `mtllib` names, {} where they are missing."""
    materials: dict[str, ModelMaterial] = {}
    for _, reference in neighbours.libraries(value):
        if reference is not None:
            materials |= parse_mtl(neighbours.contents.read(reference))
    return materials


def _with_image(neighbours: Neighbours, shape: Shape) -> Shape:
    """The shape with its texture's file name made a content reference; one that is missing is left to be reported."""
    value = shape.material.image
    if value is None:
        return shape
    image = neighbours.image(value) or value
    return dataclasses.replace(shape, material=dataclasses.replace(shape.material, image=image))


def _inner_model(data: bytes) -> bytes:
    """The first Collada or OBJ file of a zip."""
    archive = open_archive(data)
    name = next((n for n in archive.names() if n.lower().endswith((".dae", ".obj"))), None)
    if name is None:
        raise HomeError("the model is a zip without a .dae or .obj inside")
    return archive.read(name)


def _load_collada(data: bytes) -> Model:
    """Collada through trimesh and pycollada; colours are kept, textures are not."""
    import trimesh

    try:
        scene = trimesh.load_scene(io.BytesIO(data), file_type="dae")
        meshes = [mesh for mesh in scene.dump() if isinstance(mesh, trimesh.Trimesh) and len(mesh.faces)]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, SyntaxError) as error:
        raise HomeError(f"the Collada model is damaged: {error}") from error
    if not meshes:
        raise HomeError("the Collada model has no faces")
    z_up = b"Z_UP" in data
    return Model(tuple(_shape(mesh, index, z_up) for index, mesh in enumerate(meshes)), np.zeros((0, 3)))


def _shape(mesh: trimesh.Trimesh, index: int, z_up: bool) -> Shape:
    """A mesh of trimesh's as a shape, y up."""
    positions, normals = np.array(mesh.vertices), np.array(mesh.vertex_normals)
    if z_up:
        positions, normals = (table[:, [0, 2, 1]] * [1, 1, -1] for table in (positions, normals))
    factor = getattr(getattr(mesh.visual, "material", None), "baseColorFactor", None)
    color = np.asarray([204, 204, 204, 255] if factor is None else factor, np.float64) / 255
    material = ModelMaterial(f"material_{index}", (color[0], color[1], color[2]), alpha=float(color[3]))
    faces = Mesh(positions, unit(normals), np.zeros((len(positions), 2)), np.array(mesh.faces, np.int64))
    return Shape(f"shape_{index}", material, faces, has_uvs=False)
