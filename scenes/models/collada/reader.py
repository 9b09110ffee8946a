"""A Collada document -> `Model`: one shape per material, y up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from scenes.errors import HomeError
from scenes.limits import limits, require_within
from scenes.mesh import Floats, Mesh, concatenate
from scenes.models.collada.document import Document, Element, floats
from scenes.models.collada.geometry import Geometry, GeometryReader
from scenes.models.collada.materials import UNBOUND, MaterialReader
from scenes.models.faces import LARGEST_POSITION, FaceBudget
from scenes.models.model import Model, ModelMaterial, Shape, counted
from scenes.models.neighbours import Neighbours

_Y_UP = {
    "Z_UP": np.array([[1.0, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]]),
    "X_UP": np.array([[0.0, -1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]),
}
"""4x4: frame of the document -> y up."""


def parse_collada(data: bytes, neighbours: Neighbours) -> Model:
    """Read a Collada model with its materials and textures.

    Raises:
        HomeError: damaged, over a limit, or without faces and lines.
    """
    return _Reader(Document.parse(data), neighbours).model()


class _Reader:
    """One pass over a document."""

    def __init__(self, document: Document, neighbours: Neighbours) -> None:
        self._document = document
        self._geometry_reader = GeometryReader(document)
        self._materials = MaterialReader(document, neighbours)
        self._geometries: dict[str, Geometry] = {}
        self._meshes: dict[tuple[str, int, int | None], Mesh] = {}
        self._worn: dict[ModelMaterial, list[Mesh]] = {}
        self._lines: list[Floats] = [np.zeros((0, 3))]
        self._not_shown: Counter[str] = Counter()
        self._budget = FaceBudget()
        self._instances = self._size = 0

    def model(self) -> Model:
        axis = self._document.root.findtext("asset/up_axis", "Y_UP").strip()
        for node, matrix in self._nodes(_Y_UP.get(axis, np.eye(4))):
            for instance in node:
                if instance.tag in ("instance_geometry", "instance_controller"):
                    self._add(instance, matrix)
        shapes = tuple(
            Shape(f"shape_{index}", material, concatenate(meshes), has_uvs=True)
            for index, (material, meshes) in enumerate(self._worn.items())
        )
        line_points = np.concatenate(self._lines)
        if not shapes and not len(line_points):
            raise HomeError("the Collada model has neither faces nor lines")
        left_out = tuple(counted(count, what) for what, count in self._not_shown.items() if count)
        return Model(shapes, line_points, left_out)

    def _nodes(self, matrix: Floats) -> Iterator[tuple[Element, Floats]]:
        """The nodes of the scene, those of libraries as often as they are used, with their matrices (4, 4)."""
        most, deepest = limits().model_instances, limits().nesting
        open_nodes = [(node, matrix, 1) for node in reversed(self._scene_nodes())]
        while open_nodes:
            node, outer, depth = open_nodes.pop()
            self._instances += 1
            if self._instances > most:
                require_within("model_instances", self._instances, "the model")
            if depth > deepest:
                require_within("nesting", depth, "the model")
            inner = outer @ self._matrix(node)
            if not (np.abs(inner) < LARGEST_POSITION).all():
                raise HomeError("the Collada model is damaged: a matrix of numbers that are not finite")
            yield node, inner
            below = [(kid, inner, depth + 1) for kid in map(self._node, node) if kid is not None]
            open_nodes += reversed(below)

    def _scene_nodes(self) -> list[Element]:
        named = self._document.root.find("scene/instance_visual_scene")
        scene = self._document.target(named.get("url"), "visual_scene") if named is not None else None
        if scene is None:
            scene = self._document.root.find("library_visual_scenes/visual_scene")
        return [] if scene is None else scene.findall("node")

    def _node(self, element: Element) -> Element | None:
        """The node that a child of a node is or names."""
        if element.tag == "node":
            return element
        if element.tag != "instance_node":
            return None
        node = self._document.target(element.get("url"), "node")
        if node is None:
            self._not_shown["instance of a node that is not there"] += 1
        return node

    def _matrix(self, node: Element) -> Floats:
        """What a node does to what is in it; `<lookat>` and `<skew>` are not used, as in the program."""
        matrix = np.eye(4)
        for element in node:
            if element.tag in ("lookat", "skew"):
                self._not_shown[f"<{element.tag}>"] += 1
            elif element.tag in _TRANSFORMS:
                values = floats(element)
                if len(values) != _TRANSFORMS[element.tag]:
                    raise HomeError(f"the Collada model is damaged: {len(values)} numbers in <{element.tag}>")
                if not np.isfinite(values).all():
                    raise HomeError(f"the Collada model is damaged: <{element.tag}> of numbers that are not finite")
                matrix = matrix @ _transform(element.tag, values)
        return matrix

    def _add(self, instance: Element, matrix: Floats) -> None:
        """Put a geometry into the model."""
        url = self._geometry_url(instance)
        geometry = self._geometry(url)
        if geometry is None:
            self._not_shown["instance of a geometry that is not there"] += 1
            return
        self._not_shown += geometry.not_shown
        self._size += sum(int((p.usable.sizes - 2).sum()) for p in geometry.primitives) + len(geometry.line_points)
        require_within("model_triangles", self._size, "the model")
        self._lines.append(geometry.line_points @ matrix[:3, :3].T + matrix[:3, 3])
        bound = {bind.get("symbol", ""): bind for bind in instance.iter("instance_material")}
        for index, primitive in enumerate(geometry.primitives):
            bind = bound.get(primitive.symbol)
            material, texcoord = (UNBOUND, "") if bind is None else self._materials.read(bind.get("target", ""))
            uv_set = None if bind is None else _uv_set(bind, texcoord)
            key = url, index, uv_set
            if key not in self._meshes:
                self._meshes[key] = primitive.mesh(uv_set)
            if len(self._meshes[key].triangles):
                self._worn.setdefault(material, []).append(self._meshes[key].transformed(matrix))

    def _geometry_url(self, instance: Element) -> str:
        """The geometry of an instance; that of a controller is shown as it is at rest."""
        url = instance.get("url", "")
        if instance.tag == "instance_controller":
            controller = self._document.target(url, "controller")
            for element in controller if controller is not None else ():
                if element.tag in ("skin", "morph"):
                    self._not_shown[f"pose by <{element.tag}>"] += 1
                    url = element.get("source", "")
        return url

    def _geometry(self, url: str) -> Geometry | None:
        if url not in self._geometries:
            element = self._document.target(url, "geometry")
            if element is None:
                return None
            self._geometries[url] = self._geometry_reader.read(element)
            for primitive in self._geometries[url].primitives:
                self._budget.add(primitive.usable)
        return self._geometries[url]


_TRANSFORMS = {"matrix": 16, "translate": 3, "scale": 3, "rotate": 4}
"""How many numbers each takes."""


def _transform(tag: str, values: Floats) -> Floats:
    """The 4x4 of a transformation; `rotate` is an axis and an angle in degrees (Rodrigues' formula)."""
    matrix = np.eye(4)
    if tag == "matrix":
        return values.reshape(4, 4)
    if tag == "translate":
        matrix[:3, 3] = values
    elif tag == "scale":
        matrix[:3, :3] = np.diag(values)
    else:
        length = float(np.linalg.norm(values[:3]))
        x, y, z = values[:3] / length if length > 0 else np.zeros(3)
        cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
        angle = np.radians(values[3])
        matrix[:3, :3] += np.sin(angle) * cross + (1.0 - np.cos(angle)) * cross @ cross
    return matrix


def _uv_set(bind: Element, texcoord: str) -> int | None:
    """The set of texture coordinates that a material's texture is bound to, None where nothing is said."""
    for entry in bind.iterfind("bind_vertex_input"):
        if entry.get("semantic") == texcoord:
            return int(entry.get("input_set", "0"))
    return None
