"""The model behind a content reference, whatever its format: told by its bytes, not by its name."""

from __future__ import annotations

import dataclasses

from scenes.errors import HomeError, reading
from scenes.home.archive import open_archive
from scenes.home.reader import Contents
from scenes.limits import MIB, require_within
from scenes.models.collada import parse_collada
from scenes.models.libraries import Libraries
from scenes.models.model import Model
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
    libraries = Libraries(neighbours)
    model = libraries.with_images(parse_obj(data, libraries.read))
    return dataclasses.replace(model, warnings=tuple(libraries.warnings))


def _inner_model(data: bytes) -> bytes:
    """The first Collada or OBJ file of a zip."""
    archive = open_archive(data)
    name = next((n for n in archive.names() if n.lower().endswith((".dae", ".obj"))), None)
    if name is None:
        raise HomeError("the model is a zip without a .dae or .obj inside")
    return archive.read(name)
