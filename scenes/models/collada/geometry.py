"""A `<mesh>` -> polygons by material symbol, and the points of its lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from scenes.errors import HomeError
from scenes.mesh import Floats, Ints, Mesh
from scenes.models.collada.document import Document, Element, floats, integers, whole
from scenes.models.faces import Faces, Tables, mesh_of, require_positions, sensible, usable

_POLYGONS = ("triangles", "polylist", "polygons", "trifans", "tristrips")
_LINES = ("lines", "linestrips")
_LARGEST_STRIDE = 64
"""Numbers of one corner: more than any kind of input there is."""


@dataclass(frozen=True)
class PolygonSet:
    """Polygons that share a material symbol, and those of them that are usable.

    `uvs`: by set, the table and each corner's index in it.
    """

    symbol: str
    faces: Faces
    usable: Faces
    points: Floats
    normals: Floats
    uvs: dict[int, tuple[Floats, Ints]]

    def mesh(self, uv_set: int | None) -> Mesh:
        """Return the triangles, with the texture coordinates of one set; of the first if it is not there."""
        table, column = self.uvs.get(-1 if uv_set is None else uv_set) or self._first_uvs() or (np.zeros((0, 2)), None)
        faces = Faces(self.faces.sizes, self.faces.points, column, self.faces.normals, smooth=True)
        tables = Tables(self.points, table, self.normals)
        return mesh_of(usable(faces, tables), tables)

    def _first_uvs(self) -> tuple[Floats, Ints] | None:
        return self.uvs[min(self.uvs)] if self.uvs else None


@dataclass(frozen=True)
class Geometry:
    """What a `<geometry>` holds. `line_points`: (N, 3); `not_shown`: how much of what is left out."""

    primitives: tuple[PolygonSet, ...]
    line_points: Floats
    not_shown: Counter[str]


class GeometryReader:
    """Reads the geometries of a document; each, and each table of numbers, once."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._tables: dict[tuple[str, Callable[[Floats], Floats]], Floats] = {}

    def read(self, geometry: Element) -> Geometry:
        """The polygons and lines of a geometry."""
        not_shown: Counter[str] = Counter(f"<{e.tag}>" for e in geometry if e.tag in ("convex_mesh", "spline", "brep"))
        primitives, line_points = [], [np.zeros((0, 3))]
        for element in geometry.iterfind("mesh/*"):
            if element.tag in _LINES:
                corners, count = _line_corners(element)
                not_shown["line"] += count
                line_points.append(self._line_points(element, corners))
            elif element.tag in _POLYGONS:
                primitives.append(self._primitive(element, not_shown))
        return Geometry(tuple(primitives), np.concatenate(line_points), not_shown)

    def _primitive(self, element: Element, not_shown: Counter[str]) -> PolygonSet:
        sizes, corners, lost = _polygons(element)
        not_shown["polygon with too few corners"] += lost
        not_shown["hole in polygons"] += sum(1 for _ in element.iterfind("ph/h"))
        inputs = self._inputs(element)
        points, column = self._points(inputs)
        normals, normal_column = np.zeros((0, 3)), None
        uvs = {}
        for semantic, number, offset, source in inputs:
            if semantic == "NORMAL":
                normals, normal_column = self._table(source, 3, sensible), corners[:, offset]
            elif semantic == "TEXCOORD" and number not in uvs:
                uvs[number] = self._table(source, 2, sensible), corners[:, offset]
        tables = Tables(points, np.zeros((0, 2)), normals)
        faces = Faces(sizes, corners[:, column], None, normal_column, smooth=True)
        kept = usable(faces, tables)
        not_shown["face with too few corners or with indices of nothing"] += len(faces.sizes) - len(kept.sizes)
        return PolygonSet(element.get("material", ""), faces, kept, points, normals, uvs)

    def _line_points(self, element: Element, corners: Ints) -> Floats:
        points, column = self._points(self._inputs(element))
        used = np.unique(corners[:, column])
        return points[used[(used >= 0) & (used < len(points))]]

    def _points(self, inputs: list[tuple[str, int, int, str]]) -> tuple[Floats, int]:
        """The table of points, and which column of the corners names them."""
        for semantic, _, offset, source in inputs:
            if semantic == "POSITION":
                return self._table(source, 3, require_positions), offset
        raise HomeError("the Collada model is damaged: polygons without positions")

    def _inputs(self, element: Element) -> list[tuple[str, int, int, str]]:
        """Semantic, set, offset and source of all inputs; those of `<vertices>` have the offset of VERTEX."""
        found = []
        for entry in element.iterfind("input"):
            offset, number = whole(entry, "offset", 0), whole(entry, "set", 0)
            if entry.get("semantic") != "VERTEX":
                found.append((entry.get("semantic", ""), number, offset, entry.get("source", "")))
                continue
            vertices = self._document.target(entry.get("source"), "vertices")
            for shared in vertices.iterfind("input") if vertices is not None else ():
                semantic, source = shared.get("semantic", ""), shared.get("source", "")
                found.append((semantic, whole(shared, "set", 0), offset, source))
        return found

    def _table(self, url: str, columns: int, check: Callable[[Floats], Floats]) -> Floats:
        """The numbers of a `<source>`, (N, columns)."""
        key = url, check
        if key not in self._tables:
            self._tables[key] = check(self._read_table(url, columns))
        return self._tables[key]

    def _read_table(self, url: str, columns: int) -> Floats:
        source = self._document.target(url, "source")
        if source is None:
            raise HomeError(f"the Collada model is damaged: there is no source {url!r}")
        values = floats(source.find("float_array"))
        accessor = source.find("technique_common/accessor")
        if accessor is None:
            stride, offset, count = columns, 0, len(values)
        else:
            stride, offset = whole(accessor, "stride", 1), whole(accessor, "offset", 0)
            count = whole(accessor, "count", 0)
        if not 1 <= stride <= _LARGEST_STRIDE:
            raise HomeError(f"the Collada model is damaged: a stride of {stride}")
        count = min(count, max(0, len(values) - offset) // stride)
        rows = values[offset : offset + count * stride].reshape(count, stride)
        return np.pad(rows[:, :columns], ((0, 0), (0, max(0, columns - stride))))


def _stride(element: Element) -> int:
    stride = 1 + max((whole(entry, "offset", 0) for entry in element.iterfind("input")), default=0)
    if stride > _LARGEST_STRIDE:
        raise HomeError(f"the Collada model is damaged: an offset of {stride - 1}")
    return stride


def _corners(element: Element, stride: int) -> Ints:
    """The numbers of a `<p>`, a row for each corner; the rest of one that is not whole is dropped."""
    numbers = integers(element)
    return numbers[: len(numbers) // stride * stride].reshape(-1, stride)


def _all_corners(element: Element) -> Iterator[Ints]:
    stride = _stride(element)
    yield np.zeros((0, stride), np.int64)
    for path in ("p", "ph/p"):
        yield from (_corners(p, stride) for p in element.iterfind(path))


def _line_corners(element: Element) -> tuple[Ints, int]:
    """The corners of lines, and how many lines there are."""
    runs = list(_all_corners(element))
    count = sum(len(run) // 2 if element.tag == "lines" else max(0, len(run) - 1) for run in runs)
    return np.concatenate(runs), count


def _polygons(element: Element) -> tuple[Ints, Ints, int]:
    """Corners of each polygon (F,), all corners (C, stride), and how many polygons have no corners in the file."""
    runs = list(_all_corners(element))
    corners = np.concatenate(runs)
    if element.tag == "triangles":
        count = len(corners) // 3
        return np.full(count, 3, np.int64), corners[: count * 3], int(len(corners) % 3 > 0)
    if element.tag == "polylist":
        sizes = np.clip(integers(element.find("vcount")), 0, len(corners) + 1)
        within = np.cumsum(sizes) <= len(corners)
        return sizes[within], corners[: int(sizes[within].sum())], int((~within).sum())
    if element.tag == "polygons":
        return np.array([len(run) for run in runs[1:]], np.int64), corners, 0
    order = _fan if element.tag == "trifans" else _strip
    cut = np.concatenate([run[order(len(run))] for run in runs])
    return np.full(len(cut), 3, np.int64), cut.reshape(-1, corners.shape[1]), 0


def _fan(count: int) -> Ints:
    """Corners of the triangles of a fan, (count - 2, 3)."""
    second = np.arange(1, max(1, count - 1))
    return np.stack([np.zeros_like(second), second, second + 1], axis=1)


def _strip(count: int) -> Ints:
    """Corners of the triangles of a strip, (count - 2, 3): every other one is turned."""
    first = np.arange(max(0, count - 2))
    odd = first % 2
    return np.stack([first, first + 1 + odd, first + 2 - odd], axis=1)
