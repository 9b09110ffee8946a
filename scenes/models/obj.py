"""Wavefront OBJ, in the dialect that Sweet Home 3D reads: Latin-1, any polygon, materials by name without an MTL.

Lines are sorted by keyword in one pass; numbers are converted in bulk, since a home holds hundreds of thousands.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from scenes.errors import HomeError, reading
from scenes.limits import require_within
from scenes.mesh import Floats, Ints
from scenes.models.faces import FaceBudget, Faces, Tables, mesh_of, once, require_positions, sensible, usable
from scenes.models.materials import DEFAULT_NAME, default_materials
from scenes.models.model import Model, ModelMaterial, Shape, counted
from scenes.models.text import keyword_and_value, text_lines

_NOT_SHOWN = {"p": "point", "curv": "curve of free form", "curv2": "curve of free form", "surf": "surface of free form"}
"""Elements that are named where a model holds them; the program skips them, too."""

MaterialLibrary = Callable[[str], dict[str, ModelMaterial]]
"""Materials of the MTLs that the value of an `mtllib` names, `{}` if there are none."""


@dataclass
class _Run:
    """Faces of a group with the same material, smoothing and kind of corner; each face is the text behind `f`."""

    group: str
    material: str
    smooth: bool
    kind: tuple[bool, bool]
    faces: list[str] = field(default_factory=list)


@dataclass
class _Text:
    """An OBJ file sorted by keyword. `groups_limit`: which limit its runs of faces have."""

    groups_limit: str
    points: list[str] = field(default_factory=list)
    uvs: list[str] = field(default_factory=list)
    normals: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    not_shown: Counter[str] = field(default_factory=Counter)
    libraries: dict[str, None] = field(default_factory=dict)
    runs: dict[tuple[str, str, bool, tuple[bool, bool]], _Run] = field(default_factory=dict)


def parse_obj(data: bytes, library: MaterialLibrary, *, is_home: bool = False) -> Model:
    """Reads an OBJ model.

    `is_home`: the OBJ is that of a whole home, within limits of its own; a face whose corners come again in the same
    group, as exporters write what is seen from both sides, is kept once.

    Raises:
        HomeError: neither faces nor lines, numbers that are none, or over a limit.
    """
    with reading("the OBJ model is damaged"):
        text = _sort_lines(text_lines(data), "obj_groups" if is_home else "model_groups")
        tables, read, line_points = _numbers(text)
    kept = [usable(faces, tables) for faces in read]
    _require_bounded(kept, is_home)
    meshes = [mesh_of(once(faces) if is_home else faces, tables) for faces in kept]
    materials = _materials(text, library)
    shapes = tuple(
        Shape(run.group, materials.get(run.material) or materials[DEFAULT_NAME], mesh, run.kind[0])
        for run, mesh in zip(text.runs.values(), meshes, strict=True)
        if len(mesh.triangles)
    )
    if not shapes and not len(line_points):
        raise HomeError("the OBJ model has neither faces nor lines")
    unusable = sum(len(faces.sizes) for faces in read) - sum(len(faces.sizes) for faces in kept)
    left_out = [counted(unusable, "face with too few corners or with indices of nothing")] if unusable else []
    left_out += [counted(len(text.lines), "line")] if text.lines else []
    left_out += [counted(count, what) for what, count in text.not_shown.items()]
    return Model(shapes, line_points, tuple(left_out))


def _numbers(text: _Text) -> tuple[Tables, list[Faces], Floats]:
    """The tables, the corners of each run, and the points (N, 3) of lines."""
    points, uvs, normals = _table(text.points, 3), _table(text.uvs, 2), _table(text.normals, 3)
    faces = [_faces(run) for run in text.runs.values()]
    used = sorted({int(word.split("/")[0]) for line in text.lines for word in line.split()})
    line_points = points[[index - 1 for index in used if 0 < index <= len(points)]]
    return Tables(require_positions(points), sensible(uvs), sensible(normals)), faces, line_points


def _materials(text: _Text, library: MaterialLibrary) -> dict[str, ModelMaterial]:
    """The materials that the file may name."""
    materials = dict(default_materials())
    require_within("model_libraries", len(text.libraries), "the model")
    count = 0
    for value in text.libraries:
        found = library(value)
        count += len(found)
        require_within("model_materials", count, "the model")
        materials |= found
    return materials


def _require_bounded(read: list[Faces], is_home: bool) -> None:
    """Raise HomeError if the faces are too many, or would take too long for the model of a piece."""
    if is_home:
        require_within("triangles", sum(int((faces.sizes - 2).sum()) for faces in read), "the home")
        return
    budget = FaceBudget()
    for faces in read:
        budget.add(faces)


def _sort_lines(lines: list[str], groups_limit: str) -> _Text:
    text = _Text(groups_limit)
    state = _State()
    for line in lines:
        key, rest = keyword_and_value(line)
        if key == "v":
            text.points.append(rest)
        elif key == "f":
            _add_face(text, state, rest)
        elif key == "vt":
            text.uvs.append(rest)
        elif key == "vn":
            text.normals.append(rest)
        elif key == "l":
            text.lines.append(_absolute(rest, len(text.points), len(text.uvs), 0) if "-" in rest else rest)
        elif key in _NOT_SHOWN:
            text.not_shown[_NOT_SHOWN[key]] += 1
        elif key == "mtllib":
            text.libraries.setdefault(rest)
        else:
            state.change(key, rest)
    return text


@dataclass
class _State:
    """What holds for the faces that follow."""

    group: str = "default"
    material: str = DEFAULT_NAME
    smooth: bool = False

    def change(self, key: str, value: str) -> None:
        if key in ("g", "o"):
            self.group = value.partition(" ")[0] or "default"
        elif key == "usemtl":
            self.material = value
        elif key == "s":
            self.smooth = value not in ("off", "0", "")


def _add_face(text: _Text, state: _State, face: str) -> None:
    if "-" in face:
        face = _absolute(face, len(text.points), len(text.uvs), len(text.normals))
    key = (state.group, state.material, state.smooth, _kind(face))
    run = text.runs.get(key)
    if run is None:
        run = text.runs[key] = _Run(*key)
        require_within(text.groups_limit, len(text.runs), "the OBJ")
    run.faces.append(face)


def _kind(face: str) -> tuple[bool, bool]:
    """Whether all corners of a face have texture coordinates, and normals: `1`, `1/2`, `1//3`, `1/2/3`."""
    words = face.split()
    if face.count("/") == 2 * len(words) and face.count("//") in (0, len(words)):
        return "//" not in face, True
    if "/" not in face:
        return False, False
    corners = [(word + "//").split("/")[1:3] for word in words]
    return all(uv for uv, _ in corners), all(normal for _, normal in corners)


def _absolute(face: str, points: int, uvs: int, normals: int) -> str:
    """A face with its negative (relative) indices made absolute."""
    counts = (points, uvs, normals)

    def one(word: str) -> str:
        indices = zip(word.split("/"), counts, strict=False)
        return "/".join(str(int(i) + 1 + count) if i.startswith("-") else i for i, count in indices)

    return " ".join(one(word) for word in face.split())


def _table(rows: list[str], columns: int) -> Floats:
    """Numbers of lines, (n, columns); what stands behind them in a line (w, colours) is not used."""
    values = " ".join(rows).split()
    if len(values) != columns * len(rows):
        values = [word for row in rows for word in (row.split() + ["0"] * columns)[:columns]]
    return np.array(values, np.float64).reshape(-1, columns)


def _faces(run: _Run) -> Faces:
    """The corners of a run's faces as indices from 0."""
    with_uvs, with_normals = run.kind
    points, uvs, normals = _corner_columns(run)
    sizes = np.array([len(face.split()) for face in run.faces], np.int64)
    return Faces(sizes, points, uvs if with_uvs else None, normals if with_normals else None, run.smooth)


def _corner_columns(run: _Run) -> tuple[Ints, Ints, Ints]:
    """Indices from 0 of each corner's point, texture coordinate and normal; -1 where it has none."""
    with_uvs, with_normals = run.kind
    words = " ".join(run.faces).split()
    parts = 1 + 2 * with_normals if with_normals else 1 + with_uvs
    numbers = " ".join(words).replace("//", "/0/").replace("/", " ").split()
    if len(numbers) != parts * len(words):
        padded = ([*word.split("/"), "", ""][:3] for word in words)
        numbers = list(itertools.chain.from_iterable([p or "0" for p in three] for three in padded))
        parts = 3
    table = np.array(numbers, np.int64).reshape(-1, parts) - 1
    missing = np.full(len(words), -1, np.int64)
    return table[:, 0], table[:, 1] if parts > 1 else missing, table[:, 2] if parts > 2 else missing
