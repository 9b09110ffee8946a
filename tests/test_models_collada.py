"""Collada models: what the program shows of them, and what is said of the rest."""

from __future__ import annotations

import io
from pathlib import Path

import collada as pycollada
import numpy as np
import pytest

from scenes.build.assemble import build_scene
from scenes.home.archive import Archive
from scenes.home.home import Home
from scenes.home.reader import Contents, parse_home, read_home
from scenes.home.writer import format_home
from scenes.models.loader import load_model
from scenes.models.model import Model
from scenes.scene import NO_TEXTURE
from tests.collada_files import (
    BIND,
    DIFFUSE,
    INSTANCE,
    SAMPLER,
    SQUARE,
    TEXTURE,
    TEXTURED,
    TRIANGLES,
    VERTEX,
    collada,
    source,
)
from tests.homes.parts import piece, scene_of
from tests.program import HOMES, export, judge_surfaces, needs_program
from tests.test_models_dialects import image

FOUND = HOMES / "found" / "dae_lines_scale.sh3d"
EXTRA = (*SQUARE, 1, 1, 1, 20, 1, 1)
"""The square, and two points of a line that reaches out to x = 20."""


def read(data: bytes, **files: bytes) -> Model:
    entries = {"1/model.dae": data} | {f"1/{name.replace('__', '/')}.png": image for name, image in files.items()}
    return load_model(Contents(Archive(entries)), "1/model.dae")


def painted(model: Model) -> np.ndarray:
    """Corners (T, 3, 3) of the triangles that wear the paint."""
    (shape,) = (shape for shape in model.shapes if shape.material.name == "paint")
    return shape.mesh.positions[shape.mesh.triangles]


def area(corners: np.ndarray) -> float:
    return float(
        np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum() / 2
    )


def node(transforms: str) -> str:
    return f"<node>{transforms}{INSTANCE}</node>"


def polygons(tag: str, body: str, count: int = 1) -> str:
    return f"<{tag} count='{count}' material='sym'>{VERTEX}{body}</{tag}>"


ONE_SQUARE = {
    "triangles": TRIANGLES,
    "polylist": polygons("polylist", "<vcount>4</vcount><p>0 1 2 3</p>"),
    "two polygons": polygons("polylist", "<vcount>3 3</vcount><p>0 1 2 0 2 3</p>", 2),
    "polygons": polygons("polygons", "<p>0 1 2 3</p>"),
    "fan": polygons("trifans", "<p>0 1 2 3</p>"),
    "strip": polygons("tristrips", "<p>0 1 3 2</p>"),
    "textured": TEXTURED,
}


@pytest.mark.parametrize("primitives", ONE_SQUARE.values(), ids=ONE_SQUARE)
def test_a_square_in_each_kind_of_polygon(primitives: str) -> None:
    model = read(collada(primitives))
    corners = painted(model)
    assert area(corners) == pytest.approx(1)
    assert {tuple(corner) for corner in corners.reshape(-1, 3)} == {tuple(p) for p in np.reshape(SQUARE, (4, 3))}
    assert (np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 2] > 0).all()
    assert model.left_out == ()


PLACED = {
    "": ((1, 1, 1), (2, 2, 1)),
    "<matrix>1 0 0 3 0 1 0 2 0 0 1 1 0 0 0 1</matrix>": ((4, 3, 2), (5, 4, 2)),
    "<matrix>1 0 0 3 0 1 0 2 0 0 1 1 0 0 0 1</matrix><scale>2 2 2</scale>": ((5, 4, 3), (7, 6, 3)),
    "<translate>1 2 3</translate><rotate>0 0 1 90</rotate><scale>2 1 1</scale>": ((-1, 4, 4), (0, 6, 4)),
    "<rotate>0 0 0 90</rotate>": ((1, 1, 1), (2, 2, 1)),
}
"""Transformations and the box of the square under them; measured against the program."""


@pytest.mark.parametrize("transforms", PLACED)
def test_transformations(transforms: str) -> None:
    corners = painted(read(collada(nodes=node(transforms)))).reshape(-1, 3)
    np.testing.assert_allclose((corners.min(0), corners.max(0)), PLACED[transforms], atol=1e-12)


@pytest.mark.parametrize(
    ("axis", "low", "high"),
    [("Y_UP", (1, 1, 1), (2, 2, 1)), ("Z_UP", (1, 1, -2), (2, 1, -1)), ("X_UP", (-2, 1, 1), (-1, 2, 1))],
)
def test_the_axis_that_is_up(axis: str, low: tuple[float, ...], high: tuple[float, ...]) -> None:
    corners = painted(read(collada(axis=axis))).reshape(-1, 3)
    np.testing.assert_allclose((corners.min(0), corners.max(0)), (low, high), atol=1e-12)


def test_nodes_of_libraries_and_of_nodes() -> None:
    library = f"<library_nodes><node id='ln'><translate>0 1 0</translate>{INSTANCE}</node></library_nodes>"
    nodes = "<node><translate>1 0 0</translate><node><instance_node url='#ln'/><instance_node url='#ln'/></node></node>"
    corners = painted(read(collada(nodes=nodes, libraries=library)))
    assert len(corners) == 4
    np.testing.assert_allclose(corners.reshape(-1, 3).min(0), (2, 2, 1))


def test_lines_count_for_the_size_and_are_named() -> None:
    for lines, count in (("<lines>", "1 line"), ("<linestrips>", "1 line")):
        extra = f"{lines}{VERTEX}<p>4 5</p></{lines[1:]}"
        scene = scene_of(
            {"1/m.dae": collada(TRIANGLES + extra, points=EXTRA)},
            furniture=(piece("p", "1/m.dae", (0, 0), (200, 100, 100)),),
        )
        assert scene.warnings == (f"model of 'p' (p) holds {count}, which is not shown",)
        (instance,) = (instance for instance in scene.instances if instance.source == "p")
        low, high = np.array(instance.bounds_m)
        assert high - low == pytest.approx([1.0, 1.0, 1.0], abs=1e-6)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"nodes": node("<lookat>3 3 3 4 3 3 0 1 0</lookat>")}, "1 <lookat>"),
        ({"nodes": node("<skew>45 1 0 0 0 1 0</skew>")}, "1 <skew>"),
        ({"nodes": node("") + "<node><instance_node url='#none'/></node>"}, "1 instance of a node that is not there"),
        (
            {"nodes": node("") + "<node><instance_geometry url='other.dae#x'/></node>"},
            "1 instance of a geometry that is not there",
        ),
        (
            {
                "nodes": f"<node><instance_controller url='#s'>{BIND}</instance_controller></node>",
                "libraries": "<library_controllers><controller id='s'><skin source='#g'/></controller>"
                "</library_controllers>",
            },
            "1 pose by <skin>",
        ),
        (
            {"primitives": polygons("polygons", "<ph><p>0 1 2 3</p><h>0 1 2</h></ph>")},
            "1 hole in polygons",
        ),
        ({"primitives": TRIANGLES + polygons("triangles", "<p>0 1</p>")}, "1 polygon with too few corners"),
        (
            {"primitives": TRIANGLES + polygons("triangles", "<p>0 1 9</p>")},
            "1 face with too few corners or with indices of nothing",
        ),
        (
            {"primitives": TRIANGLES + polygons("polylist", "<vcount>1000000000</vcount><p>0 1 2</p>")},
            "1 polygon with too few corners",
        ),
    ],
)
def test_what_is_not_shown_is_named_and_the_rest_is_there(more: dict[str, str], words: str) -> None:
    model = read(collada(**more))
    assert model.left_out == (words,)
    assert area(painted(model)) == pytest.approx(1)


SHADES = {
    f"<lambert>{DIFFUSE}</lambert>": ((0.2, 0.4, 0.6), 0, 1, 1),
    f"<phong>{DIFFUSE}</phong>": ((0.2, 0.4, 0.6), 1, 64, 1),
    f"<blinn>{DIFFUSE}<specular><color>0.5 0.5 0.5 1</color></specular><shininess><float>30</float></shininess>"
    "</blinn>": (
        (0.2, 0.4, 0.6), 0.5, 30, 1,
    ),
    "<constant><emission><color>0.7 0.1 0.1 1</color></emission></constant>": ((0.7, 0.1, 0.1), 0, 1, 1),
    f"<lambert>{DIFFUSE}<transparency><float>0.3</float></transparency></lambert>": ((0.2, 0.4, 0.6), 0, 1, 1),
    f"<lambert>{DIFFUSE}<transparent opaque='A_ONE'><color>1 1 1 0.5</color></transparent>"
    "<transparency><float>0.3</float></transparency></lambert>": ((0.2, 0.4, 0.6), 0, 1, 0.15),
    f"<lambert>{DIFFUSE}<transparent><color>1 1 1 1</color></transparent>"
    "<transparency><float>0.3</float></transparency></lambert>": ((0.2, 0.4, 0.6), 0, 1, 0.3),
    f"<lambert>{DIFFUSE}<transparent opaque='RGB_ZERO'><color>0.5 0.5 0.5 1</color></transparent></lambert>": (
        (0.2, 0.4, 0.6), 0, 1, 0.5,
    ),
    "<phong><diffuse><color>0.2 0.4 0.6 0.4</color></diffuse></phong>": ((0.2, 0.4, 0.6), 1, 64, 1),
}  # fmt: skip
"""Shaders, and the colour, specular grey, shininess and alpha that the program exports for them."""


@pytest.mark.parametrize("shader", SHADES)
def test_materials(shader: str) -> None:
    (material,) = (s.material for s in read(collada(shader=shader)).shapes if s.material.name == "paint")
    color, grey, shininess, alpha = SHADES[shader]
    assert (material.diffuse, material.specular, material.shininess) == (color, (grey,) * 3, shininess)
    assert material.alpha == pytest.approx(alpha)


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("tex.png", "tex"),
        ("./tex.png", "tex"),
        ("my%20tex.png", "my tex"),
        ("my tex.png", "my tex"),
        ("textures/tex.png", "textures__tex"),
        ("textures\\tex.png", "textures__tex"),
        ("file:///C:/Users/x/tex.png", "tex"),
        ("<ref>tex.png</ref>", "tex"),
        ("TEX.PNG", "tex"),
    ],
)
def test_textures_are_found_by_the_names_that_programs_write(path: str, file: str) -> None:
    model = read(collada(TEXTURED, shader=f"<phong>{TEXTURE}</phong>", params=SAMPLER, image=path), **{file: image()})
    (shape,) = (shape for shape in model.shapes if shape.material.name == "paint")
    assert shape.material.image == f"1/{file.replace('__', '/')}.png".replace(" ", "%20")
    corners = shape.mesh.positions[shape.mesh.triangles].reshape(-1, 3)
    uvs = shape.mesh.uvs[shape.mesh.triangles].reshape(-1, 2)
    np.testing.assert_array_equal(corners[:, :2] - 1, uvs)


def test_a_texture_that_is_missing_is_named() -> None:
    data = collada(TEXTURED, shader=f"<phong>{TEXTURE}</phong>", params=SAMPLER, image="gone.png")
    scene = scene_of({"1/m.dae": data}, furniture=(piece("p", "1/m.dae", (0, 0), (10, 10, 10)),))
    assert scene.warnings == ("texture 'gone.png' of 'p' (p) is left out: the file holds no entry 'gone.png'",)


@pytest.mark.parametrize(
    ("binding", "expected"),
    [("", 0), ("<bind_vertex_input semantic='UV' input_semantic='TEXCOORD' input_set='1'/>", 1)],
)
def test_the_texture_coordinates_that_a_material_is_bound_to(binding: str, expected: int) -> None:
    """Set 0 runs around the square from its second corner, set 1 from its first."""
    both = "".join(f"<input semantic='TEXCOORD' source='#gt' offset='{2 - i}' set='{i}'/>" for i in (1, 0))
    primitives = f"<polygons count='1' material='sym'>{VERTEX}{both}<p>0 0 1 1 1 2 2 2 3 3 3 0</p></polygons>"
    nodes = node("").replace("target='#m'/>", f"target='#m'>{binding}</instance_material>")
    data = collada(primitives, shader=f"<phong>{TEXTURE}</phong>", params=SAMPLER, nodes=nodes)
    (shape,) = (shape for shape in read(data, tex=image()).shapes if shape.material.name == "paint")
    first = np.flatnonzero((shape.mesh.positions == (1, 1, 1)).all(axis=1))[0]
    assert shape.mesh.uvs[first].tolist() == [[1, 0], [0, 0]][expected]


def test_normals_of_corners() -> None:
    up = source("gn", (0, 1, 0), "XYZ")
    normal = "<input semantic='NORMAL' source='#gn' offset='1'/>"
    model = read(collada(f"{up}<triangles material='sym'>{VERTEX}{normal}<p>0 0 1 0 2 0</p></triangles>"))
    (shape,) = (shape for shape in model.shapes if shape.material.name == "paint")
    assert (shape.mesh.normals == (0, 1, 0)).all()


@pytest.mark.skipif(not FOUND.exists(), reason="no found homes")
def test_the_found_home_of_lines() -> None:
    scene = build_scene(read_home(FOUND))
    (box,) = (instance for instance in scene.instances if instance.name == "box")
    np.testing.assert_allclose(box.bounds_m, ((0.508, -0.055, 0), (1.608, 1.055, 2.1)), atol=1e-3)
    corners = scene.vertices[scene.triangles[scene.triangle_instances() == box.id]].astype(np.float64)
    assert area(corners) == pytest.approx(45.39, abs=0.01)
    assert sum(material.texture != NO_TEXTURE for material in scene.materials) == 5
    (warning,) = scene.warnings
    assert "'box'" in warning
    assert "holds 180 lines, which are not shown" in warning


@pytest.mark.parametrize("seed", range(12))
def test_documents_of_another_writer(seed: int) -> None:
    """pycollada writes triangles, polygons and normals at random, in nested nodes; the truth is what it was given."""
    rng = np.random.default_rng(seed)
    points, normals = rng.normal(size=(9, 3)), rng.normal(size=(9, 3))
    document = pycollada.Collada()
    effect = pycollada.material.Effect("e", [], "phong", diffuse=(1, 0, 0))
    material = pycollada.material.Material("mat", "paint", effect)
    document.effects.append(effect)
    document.materials.append(material)
    sources = [
        pycollada.source.FloatSource("points", points.ravel(), ("X", "Y", "Z")),
        pycollada.source.FloatSource("normals", normals.ravel(), ("X", "Y", "Z")),
    ]
    geometry = pycollada.geometry.Geometry(document, "g", "g", sources)
    inputs = pycollada.source.InputList()
    inputs.addInput(0, "VERTEX", "#points")
    inputs.addInput(1, "NORMAL", "#normals")
    corners = rng.integers(0, 9, (rng.integers(1, 6), 3, 2))
    geometry.primitives.append(geometry.createTriangleSet(corners.ravel(), inputs, "sym"))
    document.geometries.append(geometry)
    translation, scale = rng.normal(size=3), rng.uniform(0.5, 2, 3)
    bound = pycollada.scene.GeometryNode(geometry, [pycollada.scene.MaterialNode("sym", material, inputs=[])])
    inner = pycollada.scene.Node("inner", children=[bound], transforms=[pycollada.scene.ScaleTransform(*scale)])
    outer = pycollada.scene.Node("o", children=[inner], transforms=[pycollada.scene.TranslateTransform(*translation)])
    document.scenes.append(pycollada.scene.Scene("scene", [outer]))
    document.scene = document.scenes[0]
    document.assetInfo.upaxis = "Y_UP"
    buffer = io.BytesIO()
    document.write(buffer)
    (shape,) = read(buffer.getvalue()).shapes
    assert (shape.material.name, shape.material.diffuse) == ("paint", (1, 0, 0))
    expected = points[corners[:, :, 0]] * scale + translation
    np.testing.assert_allclose(shape.mesh.positions[shape.mesh.triangles], expected, atol=1e-6)
    turned = normals[corners[:, :, 1]] / scale
    turned /= np.linalg.norm(turned, axis=2, keepdims=True)
    np.testing.assert_allclose(shape.mesh.normals[shape.mesh.triangles], turned, atol=1e-3)


@needs_program
def test_surfaces_as_the_program_shows_them(tmp_path: Path) -> None:
    """One piece for each kind of polygon, transformation and axis."""
    nodes = [node(transforms) for transforms in PLACED]
    library = f"<library_nodes><node id='ln'><translate>0 1 0</translate>{INSTANCE}</node></library_nodes>"
    documents = [collada(primitives) for primitives in ONE_SQUARE.values()]
    documents += [collada(nodes=each) for each in nodes]
    documents += [collada(axis=axis) for axis in ("Y_UP", "Z_UP", "X_UP")]
    documents += [collada(nodes="<node><instance_node url='#ln'/></node>", libraries=library)]
    documents += [collada(nodes=node("<lookat>3 3 3 4 3 3 0 1 0</lookat>"))]
    documents += [collada(TRIANGLES + f"<lines>{VERTEX}<p>4 5</p></lines>", points=EXTRA)]
    pieces = tuple(
        piece(f"p{i}", f"{i}/m.dae", (200 * (i % 5), 200 * (i // 5)), (100, 100, 100)) for i in range(len(documents))
    )
    data = format_home(Home(furniture=pieces), {f"{i}/m.dae": document for i, document in enumerate(documents)})
    path = tmp_path / "collada.sh3d"
    path.write_bytes(data)
    obj, truth = export(path, tmp_path)
    verdict = judge_surfaces(build_scene(parse_home(data, "collada")), obj, truth, tmp_path, rays=4000)
    assert verdict.startswith("ok: 100.00 %"), verdict


def test_numbers_of_any_count_are_read_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scenes.models.collada.document._CHARACTERS_AT_ONCE", 3)
    whole = read(collada(TEXTURED))
    monkeypatch.undo()
    for first, second in zip(whole.shapes, read(collada(TEXTURED)).shapes, strict=True):
        np.testing.assert_array_equal(first.mesh.positions, second.mesh.positions)
        np.testing.assert_array_equal(first.mesh.uvs, second.mesh.uvs)
