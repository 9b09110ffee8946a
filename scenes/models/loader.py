"""The model behind a content reference, whatever its format: told by its bytes, not by its name."""

from __future__ import annotations

import dataclasses

from scenes.errors import HomeError, reading
from scenes.home.archive import open_archive
from scenes.home.reader import Contents
from scenes.limits import MIB, require_within
from scenes.models.collada import parse_collada
from scenes.models.materials import parse_mtl
from scenes.models.model import Model, ModelMaterial, Shape
from scenes.models.neighbours import Neighbours
from scenes.models.obj import parse_obj


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
    neighbours = Neighbours(contents, reference)
    if b"<COLLADA" in data[:4096]:
        return parse_collada(data, neighbours)
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
