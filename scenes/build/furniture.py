"""Pieces of furniture, doors and windows, lights: models placed and coloured as the program does."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace

import numpy as np

from scenes.build.frames import WORLD_FROM_HOME
from scenes.build.palette import Palette, rgb, texture_coordinates
from scenes.build.pieces import PlacedPiece
from scenes.build.placement import normalization, placement
from scenes.build.surface import Surface
from scenes.errors import HomeError
from scenes.home.basics import Material as HomeMaterial
from scenes.home.basics import Texture as HomeTexture
from scenes.home.furniture import DoorOrWindow, Light, Piece
from scenes.mesh import Floats, Mesh, flat
from scenes.models.joints import joints
from scenes.models.loader import load_model
from scenes.models.model import Model, ModelMaterial, Shape

SPECIAL = "sweethome3d_"
PANE = "sweethome3d_window_pane"
MIRROR = "sweethome3d_window_mirror"
LAMP = "sweethome3d_light"
EDGE_MATERIAL = "edge_color"

SHOW_BACK_FACES, HIDE_EDGES = 1, 2
"""Bits of `model_flags`."""

_MISSING_MODEL = ModelMaterial("missing model", (1.0, 0.0, 0.0))


@dataclass
class Furnisher:
    """Turns placed pieces into surfaces; each model is read once, each that cannot be read is reported once."""

    palette: Palette
    home_version: int
    _models: dict[str, Model | str] = field(default_factory=dict)
    _unread: dict[str, list[PlacedPiece]] = field(default_factory=dict)
    _shown_in_part: dict[str, list[PlacedPiece]] = field(default_factory=dict)

    def surfaces(self, placed: PlacedPiece) -> list[Surface]:
        """The surfaces of a piece, in the world; none if all of its materials are hidden."""
        model = self.posed_model(placed)
        matrix = self._matrix(placed, model)
        if placed.piece.back_face_shown or (placed.piece.model_flags or 0) & SHOW_BACK_FACES:
            matrix_mesh = [replace(shape, mesh=shape.mesh.turned()) for shape in model.shapes]
        else:
            matrix_mesh = list(model.shapes)
        dress = _Dress(self.palette, placed, model)
        found = []
        for shape in matrix_mesh:
            worn = dress.material(shape)
            if worn is not None:
                material, uvs = worn
                mesh = replace(shape.mesh, uvs=uvs).transformed(WORLD_FROM_HOME @ matrix)
                group = shape.name if shape.name.startswith(SPECIAL) else ""
                found.append(Surface(mesh, material, group))
        return found

    def posed_model(self, placed: PlacedPiece) -> Model:
        """The piece's model with its parts moved; a red box where there is no model."""
        return _posed(self._model(placed), placed.piece)

    def _model(self, placed: PlacedPiece) -> Model:
        """The piece's model as its file has it; a red box where there is no model."""
        reference = placed.piece.model
        if reference is None:
            model: Model | str = "the piece names no model"
        elif (
            "/" in reference
            and reference != placed.piece.icon
            and _folder(placed.piece.icon or "") == _folder(reference)
        ):
            model = "its icon lies in the folder of the model, which Sweet Home 3D does not show either; move the icon"
        else:
            if reference not in self._models:
                try:
                    self._models[reference] = load_model(self.palette.contents, reference)
                except HomeError as error:
                    self._models[reference] = str(error)
            model = self._models[reference]
        if isinstance(model, str):
            self._unread.setdefault(f"{reference!r}: {model}", []).append(placed)
            return _box()
        for what in model.left_out:
            verb = "is" if what.startswith("1 ") else "are"
            self._shown_in_part.setdefault(f" holds {what}, which {verb} not shown", []).append(placed)
        for warning in model.warnings:
            self._shown_in_part.setdefault(f": {warning}", []).append(placed)
        return model

    def model_at_rest(self, placed: PlacedPiece) -> tuple[Floats, Model]:
        """The unit-cube matrix of a piece's model with no part moved, and the model: what its silhouette is taken from.

        The program cuts the hole of a door that is drawn open as if the door were shut.
        """
        model = self._model(placed)
        return normalization(model.points(), placed.piece, self.home_version), model

    def is_stand_in(self, placed: PlacedPiece) -> bool:
        """Return True if a red box stands where the piece's model could not be read."""
        return any(placed.source == other.source for pieces in self._unread.values() for other in pieces)

    def warnings(self) -> list[str]:
        """One line per model that could not be read, or not all of it."""
        unread = [f"model of {_named(pieces)} is drawn as a red box: {why}" for why, pieces in self._unread.items()]
        return unread + [f"model of {_named(pieces)}{what}" for what, pieces in self._shown_in_part.items()]

    def _matrix(self, placed: PlacedPiece, model: Model) -> Floats:
        """4x4: model frame -> home frame, cm."""
        points = model.points()
        squeezed = normalization(points, placed.piece, self.home_version)
        unit_points = points @ squeezed[:3, :3].T + squeezed[:3, 3]
        return placement(placed, unit_points, tilts=not isinstance(placed.piece, DoorOrWindow)) @ squeezed


def _folder(reference: str) -> str:
    """Return the folder of a content reference, "" for what lies in none."""
    return reference.rpartition("/")[0]


def _named(pieces: list[PlacedPiece]) -> str:
    """The first of some pieces, and how many more there are."""
    count = len({placed.source for placed in pieces})
    return pieces[0].label + (f" and of {count - 1} more" if count > 1 else "")


@dataclass
class _Dress:
    """What a piece's shapes wear: its colour, else its texture, else its changed materials, else the model's own."""

    palette: Palette
    placed: PlacedPiece
    model: Model

    def material(self, shape: Shape) -> tuple[int, Floats] | None:
        """The index of the material and the texture coordinates (V, 2) of a shape; None if it is hidden."""
        piece, own = self.placed.piece, shape.material
        if isinstance(piece, Light) and shape.name.startswith(LAMP):
            return None
        if (piece.model_flags or 0) & HIDE_EDGES and own.name.startswith(EDGE_MATERIAL):
            return None
        is_pane = shape.name.startswith(PANE)
        if is_pane and own.alpha == 1.0:
            own = replace(own, alpha=0.5)
        is_whole = piece.color is not None or piece.texture is not None
        look = piece if is_whole else _changed_material(piece, own) or piece
        if isinstance(look, HomeMaterial) and look.color is not None and look.color >> 24 == 0:
            return None
        is_changed = look.color is not None or look.texture is not None
        shininess = own.shininess / 128 if look.shininess is None and is_changed else look.shininess
        if not is_changed or (is_whole and is_pane):
            return self._colored(own, shininess, shape)
        if look.color is not None:
            return self._colored(replace(own, diffuse=rgb(look.color), image=None), shininess, shape)
        assert look.texture is not None
        return self._textured(look.texture, own, shininess, shape, own_uvs=shape.has_uvs and not is_whole)

    def _colored(self, material: ModelMaterial, shininess: float | None, shape: Shape) -> tuple[int, Floats]:
        if shininess is not None:
            grey = (shininess, shininess, shininess)
            material = replace(material, specular=grey, shininess=max(1.0, 128 * shininess))
        index = self.palette.of_model(material, used_by=self.placed.label, glows=self._glows(material))
        return index, shape.mesh.uvs

    def _textured(
        self, texture: HomeTexture, own: ModelMaterial, shininess: float | None, shape: Shape, *, own_uvs: bool
    ) -> tuple[int, Floats]:
        index = self.palette.painted(
            own.name, None, texture, used_by=self.placed.label, shininess=shininess or 0.0, alpha=own.alpha
        )
        if own_uvs:
            plain = replace(texture, width=1.0, height=1.0)
            return index, texture_coordinates(plain, shape.mesh.uvs)
        return index, texture_coordinates(texture, self._plane(texture, shape.mesh))

    def _plane(self, texture: HomeTexture, mesh: Mesh) -> Floats:
        """Planar coordinates (V, 2), cm: across the front, then up the front and on over the top."""
        piece, points = self.placed.piece, self.model.points()
        low, high = points.min(0), points.max(0)
        scale = np.array([piece.width, piece.height, piece.depth]) / np.maximum(1e-9, high - low)
        corner = np.array([low[0], low[1], high[2]]) if texture.left_to_right_oriented else np.zeros(3)
        across, up, front = ((mesh.positions - corner) * scale).T
        return np.stack([across, up - front], axis=1)

    def _glows(self, material: ModelMaterial) -> bool:
        piece = self.placed.piece
        return isinstance(piece, Light) and any(m.name == material.name for m in piece.light_source_materials)


def _changed_material(piece: Piece, own: ModelMaterial) -> HomeMaterial | None:
    """What the piece says of a material of its model: by key, else by name."""
    by_key = next((m for m in piece.materials if m.key is not None and m.key == own.name), None)
    return by_key or next((m for m in piece.materials if m.key is None and m.name == own.name), None)


def _posed(model: Model, piece: Piece) -> Model:
    """The model with the parts moved that the piece's transformations name."""
    matrices = {
        t.name: np.vstack([np.reshape(t.matrix, (3, 4)), [0, 0, 0, 1]])
        for t in piece.transformations
        if len(t.matrix) == 12
    }
    if not matrices:
        return model
    chains = joints([shape.name for shape in model.shapes])

    def posed(shape: Shape) -> Shape:
        moves = [matrices[joint] for joint in chains.get(shape.name, ()) if joint in matrices]
        return replace(shape, mesh=functools.reduce(Mesh.transformed, moves, shape.mesh))

    return replace(model, shapes=tuple(posed(shape) for shape in model.shapes))


def _box() -> Model:
    """A unit cube: what stands where a model is missing."""
    x, y, z = np.meshgrid([0.0, 1.0], [0.0, 1.0], [0.0, 1.0], indexing="ij")
    corners = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    triangles = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    return Model((Shape("box", _MISSING_MODEL, flat(corners[np.array(triangles)]), False),), np.zeros((0, 3)))
