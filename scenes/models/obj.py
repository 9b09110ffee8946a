"""Wavefront OBJ, in the dialect that Sweet Home 3D reads: Latin-1, any polygon, materials by name without an MTL.

Lines are sorted by keyword in one pass; numbers are converted in bulk, since a home holds hundreds of thousands.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scenes.errors import HomeError
from scenes.mesh import EMPTY, Floats, Ints, Mesh, face_normals, smooth_normals, unit
from scenes.models.materials import DEFAULT_NAME, default_materials
from scenes.models.model import Model, ModelMaterial, Shape
from scenes.models.polygons import triangulate

LARGEST_POSITION = 1e30
"""Beyond it, areas overflow."""
LARGEST_COORDINATE = 1e6
"""Of textures and normals."""

MaterialLibrary = Callable[[str], dict[str, ModelMaterial]]
"""Materials of the MTL with this name, `{}` if there is none."""


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
    """An OBJ file sorted by keyword."""

    points: list[str] = field(default_factory=list)
    uvs: list[str] = field(default_factory=list)
    normals: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    libraries: list[str] = field(default_factory=list)
    runs: dict[tuple[str, str, bool, tuple[bool, bool]], _Run] = field(default_factory=dict)


def parse_obj(data: bytes, library: MaterialLibrary, *, faces_once: bool = False) -> Model:
    """Reads an OBJ model.

    `faces_once`: a face whose corners come again in the same group, as exporters write what is seen from both sides, is
    kept once.

    Raises:
        HomeError: neither faces nor lines, or numbers that are none.
    """
    try:
        text = _sort_lines(data.decode("latin-1"))
        points, uvs, normals = _table(text.points, 3), _table(text.uvs, 2), _table(text.normals, 3)
        if not (np.abs(points) < LARGEST_POSITION).all():
            raise HomeError(
                f"the OBJ model is damaged: a coordinate is not a finite number, or over {LARGEST_POSITION:g}"
            )
        tables = _Tables(points, _usable(uvs), _usable(normals))
        built = [(run, *_mesh(run, tables, faces_once)) for run in text.runs.values()]
        used = sorted({int(word.split("/")[0]) for line in text.lines for word in line.split()})
        line_points = tables.points[[index - 1 for index in used if 0 < index <= len(tables.points)]]
    except (ValueError, OverflowError) as error:
        raise HomeError(f"the OBJ model is damaged: {error}") from error
    materials = dict(default_materials())
    for name in text.libraries:
        materials |= library(name)
    shapes = tuple(
        Shape(run.group, materials.get(run.material) or materials[DEFAULT_NAME], mesh, run.kind[0])
        for run, mesh, _ in built
        if len(mesh.triangles)
    )
    if not shapes and not len(line_points):
        raise HomeError("the OBJ model has neither faces nor lines")
    return Model(shapes, line_points, unusable_faces=sum(count for _, _, count in built))


def _sort_lines(source: str) -> _Text:
    text = _Text()
    state = _State()
    if "\t" in source:
        source = source.replace("\t", " ")
    if "\\" in source:
        source = source.replace("\\\r\n", " ").replace("\\\n", " ")
    for line in source.splitlines():
        key, _, rest = line.strip().partition(" ")
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
        elif key == "mtllib":
            text.libraries += [rest.strip()] if rest.strip().count(".") < 2 else rest.split()
        else:
            state.change(key, rest.strip())
    return text


@dataclass
class _State:
    """What holds for the faces that follow."""

    group: str = "default"
    material: str = DEFAULT_NAME
    smooth: bool = False

    def change(self, key: str, value: str) -> None:
        if key in ("g", "o"):
            self.group = value.split(maxsplit=1)[0] if value else "default"
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


def _usable(table: Floats) -> Floats:
    """Texture coordinates or normals, with 0 for what is no number or senseless: a model can be seen without."""
    return np.where(np.abs(table) < LARGEST_COORDINATE, table, 0.0)


@dataclass(frozen=True)
class _Tables:
    """Points (P, 3), texture coordinates (U, 2) and normals (N, 3) that faces refer to."""

    points: Floats
    uvs: Floats
    normals: Floats


def _mesh(run: _Run, tables: _Tables, faces_once: bool) -> tuple[Mesh, int]:
    """The faces of a run as triangles, and how many had to be left out: too few corners, or an index of nothing."""
    points, (with_uvs, with_normals) = tables.points, run.kind
    sizes = np.array([len(face.split()) for face in run.faces])
    columns = _corner_columns(run)
    valid = (columns[0] >= 0) & (columns[0] < len(points))
    for present, column, table in ((with_uvs, columns[1], tables.uvs), (with_normals, columns[2], tables.normals)):
        if present:
            valid &= (column >= 0) & (column < len(table))
    starts = np.cumsum(sizes) - sizes
    whole = np.logical_and.reduceat(valid, starts[sizes > 0]) if len(valid) else np.zeros(0, bool)
    keep = np.zeros(len(sizes), bool)
    keep[sizes > 0] = whole
    keep &= sizes >= 3
    unusable = int((~keep).sum())
    if unusable == len(sizes):
        return EMPTY, unusable
    if faces_once:
        keep[keep] = _first_times(columns[0], starts[keep], sizes[keep])
    corners = triangulate(points, columns[0], starts[keep], sizes[keep])
    triangles = columns[0][corners]
    if with_normals:
        corner_normals = _unit_or_flat(tables.normals[columns[2][corners]], points[triangles])
    elif run.smooth:
        corner_normals = smooth_normals(points, triangles)
    else:
        corner_normals = np.repeat(unit(face_normals(points[triangles]))[:, None], 3, axis=1)
    uv_index = columns[1][corners] if with_uvs else np.zeros_like(triangles)
    uv_table = tables.uvs if with_uvs else np.zeros((1, 2))
    return _indexed(points, triangles, uv_table, uv_index, corner_normals), unusable


def _first_times(indices: Ints, starts: Ints, sizes: Ints) -> npt.NDArray[np.bool_]:
    """Which faces have corners that no earlier face of the run has, in any order."""
    first = np.zeros(len(sizes), bool)
    for size in np.unique(sizes):
        faces = np.flatnonzero(sizes == size)
        corners = np.sort(indices[starts[faces][:, None] + np.arange(size)], axis=1)
        first[faces[np.unique(corners, axis=0, return_index=True)[1]]] = True
    return first


def _unit_or_flat(normals: Floats, corners: Floats) -> Floats:
    """Normals (T, 3, 3) at length 1; one of length 0, which the program writes too, becomes that of its triangle."""
    zero = np.linalg.norm(normals, axis=2, keepdims=True) < 1e-12
    return unit(np.where(zero, face_normals(corners)[:, None], normals))


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


def _indexed(points: Floats, triangles: Ints, uvs: Floats, uv_index: Ints, normals: Floats) -> Mesh:
    """Corners that agree in point, texture coordinate and normal become one vertex."""
    rounded = np.round(normals.reshape(-1, 3) * 1e4).astype(np.int64)
    keys = np.column_stack([triangles.reshape(-1), uv_index.reshape(-1), rounded])
    packed = np.ascontiguousarray(keys).view([("", np.int64)] * 5).reshape(-1)
    _, first, inverse = np.unique(packed, return_index=True, return_inverse=True)
    flat_normals = normals.reshape(-1, 3)
    return Mesh(
        points[triangles.reshape(-1)[first]],
        flat_normals[first],
        uvs[uv_index.reshape(-1)[first]],
        inverse.reshape(-1, 3).astype(np.int64),
    )
