"""Where models stand and what they wear: placement by literal corners, colours by the file's order of precedence."""

import math

import numpy as np
import pytest

from scenes.home.basics import Material, Texture, Transformation
from scenes.home.fields import Color, Numbers
from scenes.home.furniture import Light, LightSource, LightSourceMaterial
from tests.homes.parts import level, opening, piece, scene_of
from tests.measure import box as bounds
from tests.measure import corners, instances, volume

TENT = {
    "m/tent.obj": b"""
v 0 0 0
v 2 0 0
v 0 4 0
v 0 0 8
f 1 3 2
f 1 2 4
f 1 4 3
f 2 3 4
"""
}
"""A tetrahedron, its corner at the origin and one along each axis, which all show where they went."""
SIZE = (100, 60, 80)
BLUE = Color(0xFF0000FF)
QUARTER = math.pi / 2


def tent(**more):
    return piece("p", "m/tent.obj", (300, 200), SIZE, **more)


def placed(**more):
    """The tips of one tent, told apart by the faces they share, whichever way these turn."""
    faces = corners(scene_of(TENT, furniture=(tent(**more),)), "p")
    points = np.unique(np.round(faces.reshape(-1, 3), 5), axis=0)
    assert len(points) == 4
    return points


def same_points(found, expected):
    order = np.lexsort(np.round(expected, 5).T[::-1])
    return np.allclose(found, np.array(expected)[order], atol=1e-5)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, [(2.5, -1.7, 0), (3.5, -1.7, 0), (2.5, -1.7, 0.8), (2.5, -2.3, 0)]),
        ({"elevation": 15.0}, [(2.5, -1.7, 0.15), (3.5, -1.7, 0.15), (2.5, -1.7, 0.95), (2.5, -2.3, 0.15)]),
        ({"angle": QUARTER}, [(3.3, -1.5, 0), (3.3, -2.5, 0), (3.3, -1.5, 0.8), (2.7, -1.5, 0)]),
        ({"model_mirrored": True}, [(3.5, -1.7, 0), (2.5, -1.7, 0), (3.5, -1.7, 0.8), (3.5, -2.3, 0)]),
        ({"roll": QUARTER}, [(2.6, -1.7, 1), (2.6, -1.7, 0), (3.4, -1.7, 1), (2.6, -2.3, 1)]),
        ({"pitch": QUARTER}, [(2.5, -2.4, 0), (3.5, -2.4, 0), (2.5, -1.6, 0), (2.5, -2.4, 0.6)]),
        (
            {"model_rotation": Numbers((0.0, 0.0, 1.0, 0.0, 1.0, 0.0, -1.0, 0.0, 0.0))},
            [(2.5, -2.3, 0), (2.5, -1.7, 0), (2.5, -2.3, 0.8), (3.5, -2.3, 0)],
        ),
        (
            {"model_rotation": Numbers((-1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0))},
            [(3.5, -1.7, 0), (2.5, -1.7, 0), (3.5, -1.7, 0.8), (3.5, -2.3, 0)],
        ),
    ],
)
def test_a_model_fills_the_size_of_its_piece(more, expected):
    """Width along x, depth down the plan, height up; angles clockwise on the plan; what is tilted stands as low."""
    assert same_points(placed(**more), expected)


def test_a_level_lifts_its_furniture():
    scene = scene_of(TENT, levels=(level("up", 300),), furniture=(tent(level="up", elevation=20.0),))
    assert bounds(corners(scene, "p"))[:, 2] == pytest.approx([3.2, 4.0])


@pytest.mark.parametrize("more", [{"model_mirrored": True}, {"roll": 0.4, "pitch": -1.1, "angle": 2.0}])
def test_the_outside_stays_outside(more):
    assert volume(corners(scene_of(TENT, furniture=(tent(**more),)), "p")) == pytest.approx(0.48 / 6)


@pytest.mark.parametrize("more", [{"back_face_shown": True}, {"model_flags": 1}])
def test_back_faces_turn_a_model_inside_out(more):
    scene = scene_of(TENT, furniture=(tent(**more),))
    assert volume(corners(scene, "p")) == pytest.approx(-0.48 / 6)
    outwards = scene.normals[scene.triangles[scene.triangle_instances() == instances(scene, "p")[0].id]].mean(axis=1)
    faces = corners(scene, "p")
    across = np.cross(faces[:, 1] - faces[:, 0], faces[:, 2] - faces[:, 0])
    assert (np.einsum("ij,ij->i", across, outwards) > 0).all()


@pytest.mark.parametrize(("pitch", "roll"), [(0.3, 0.0), (0.0, -0.5), (0.7, 0.0), (0.0, 2.0)])
def test_a_tilted_box_is_as_high_as_its_corners_reach(pitch, roll):
    one = piece("p", "cube/cube.obj", (300, 200), SIZE, pitch=pitch, roll=roll, elevation=30.0, angle=0.4)
    low, high = bounds(corners(scene_of(furniture=(one,)), "p"))
    width, depth, height = SIZE
    along, tilt = (depth, pitch) if pitch else (width, roll)
    expected = along * abs(math.sin(tilt)) + height * abs(math.cos(tilt))
    assert (low[2], high[2]) == pytest.approx((0.3, 0.3 + expected / 100))
    assert ((low + high) / 2)[:2] == pytest.approx([3, -2])


def test_doors_are_never_tilted():
    scene = scene_of(TENT, furniture=(opening("p", "m/tent.obj", (300, 200), SIZE, pitch=0.5, roll=0.5),))
    low, high = bounds(corners(scene, "p"))
    assert high - low == pytest.approx([1.0, 0.6, 0.8])


@pytest.mark.parametrize(
    ("version", "centred", "is_moved"),
    [(7000, None, False), (5500, None, False), (7000, True, False), (7000, False, True), (5400, None, True)],
)
def test_turned_models_of_old_files_are_not_centred(version, centred, is_moved):
    """Turned by 45 degrees about y, the tent's box is no longer around the middle that it was turned about."""
    s = math.sqrt(0.5)
    rotation = Numbers((s, 0.0, s, 0.0, 1.0, 0.0, -s, 0.0, s))
    one = tent(model_rotation=rotation, model_centered_at_origin=centred)
    low, high = bounds(corners(scene_of(TENT, version=version, furniture=(one,)), "p"))
    assert high - low == pytest.approx([1.0, 0.6, 0.8])
    # x of the corners becomes s (x + z - 1 - 4): from -5 s to 3 s; z becomes s (z - x - 4 + 1): from -5 s to 5 s
    shift = -1 / 8 if is_moved else 0.0
    assert (low[0] + high[0]) / 2 == pytest.approx(3.0 + shift)
    assert (low[1] + high[1]) / 2 == pytest.approx(-2.0)


DOOR = {
    "m/door.obj": b"""
v 0 0 0
v 1 0 0
v 1 2 0
v 0 2 0
g frame
usemtl white
f 1 2 3 4
g sweethome3d_hinge_1
f 1 2 3
g sweethome3d_opening_on_hinge_1_leaf
usemtl red
f 1 2 3 4
"""
}
QUARTER_ABOUT_Y = Numbers((0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0))


@pytest.mark.parametrize(
    ("joint", "depths"), [("sweethome3d_hinge_1", [0.0, 1.0]), ("sweethome3d_hinge_2", [0.5, 0.5]), ("x", [0.5, 0.5])]
)
def test_opened_parts_are_moved_and_count_for_the_size(joint, depths):
    """The leaf, opened by a quarter to the back, makes the model as deep as it is wide, and with it the piece."""
    opened = Transformation(name=joint, matrix=QUARTER_ABOUT_Y)
    one = opening("p", "m/door.obj", (0, 0), (100, 100, 200), transformations=(opened,))
    scene = scene_of(DOOR, furniture=(one,))
    depth = bounds(corners(scene, "p"))[:, 1]
    assert np.sort(depth - depth[0] + depths[0]) == pytest.approx(depths)
    leaf = [part for part in scene.parts if part.group.startswith("sweethome3d_opening")]
    assert len(leaf) == 1
    points = scene.vertices[leaf[0].first_vertex :][: leaf[0].vertices]
    assert np.ptp(points[:, 0]) == pytest.approx(0.0 if joint == "sweethome3d_hinge_1" else 1.0, abs=1e-6)


def test_a_matrix_of_another_size_moves_nothing():
    odd = Transformation(name="sweethome3d_hinge_1", matrix=Numbers((1.0, 2.0)))
    scene = scene_of(DOOR, furniture=(opening("p", "m/door.obj", (0, 0), (100, 20, 200), transformations=(odd,)),))
    assert np.ptp(bounds(corners(scene, "p"))[:, 1]) == pytest.approx(0)


def test_a_model_of_lines_only_is_not_seen_but_named():
    scene = scene_of({"m/l.obj": b"v 0 0 0\nv 1 1 1\nl 1 2\n"}, furniture=(piece("p", "m/l.obj", (0, 0), SIZE),))
    assert not instances(scene, "p")
    assert scene.warnings == ("model of 'p' (p) holds 1 line, which is not shown",)


def test_lines_count_for_the_size_of_a_model():
    files = {"m/l.obj": b"v 0 0 0\nv 1 0 0\nv 0 1 1\nv 2 2 2\nf 1 2 3\nl 1 4\n"}
    low, high = bounds(corners(scene_of(files, furniture=(piece("p", "m/l.obj", (0, 0), SIZE),)), "p"))
    assert high - low == pytest.approx([0.5, 0.3, 0.4])


PANED = {
    "m/p.obj": b"""mtllib p.mtl
v 0 0 0
v 1 0 0
v 0 1 0
v 0 0 1
g body
usemtl red paint
f 1 2 3
usemtl green
f 1 2 4
g sweethome3d_window_pane_1
usemtl glass
f 1 3 4
g sweethome3d_window_pane_2
usemtl tinted
f 2 3 4
g edges
usemtl edge_color_1
f 2 4 3
g sweethome3d_light_1
usemtl bulb
f 3 2 1
""",
    "m/p.mtl": b"""newmtl red paint
Kd 1 0 0
Ks 0.3 0.2 0.1
Ns 64
illum 2
newmtl green
Kd 0 1 0
newmtl tinted
Kd 0 0 1
d 0.25
newmtl glass
d 1
newmtl bulb
Kd 1 1 0
newmtl edge_color_1
Kd 0 0 0
""",
    "brick": b"",
}
RED, GREEN, YELLOW = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (1.0, 1.0, 0.0)


def worn(make=piece, **more):
    """The materials of a piece by name."""
    scene = scene_of(PANED, furniture=(make("p", "m/p.obj", (0, 0), SIZE, **more),))
    return {scene.materials[part.material].name: scene.materials[part.material] for part in scene.parts
            if part.instance in [i.id for i in instances(scene, "p")]}  # fmt: skip


def test_a_model_wears_its_own_materials():
    own = worn()
    assert set(own) == {"red paint", "green", "glass", "tinted", "edge_color_1", "bulb"}
    assert own["red paint"].color == RED
    assert (own["red paint"].specular, own["red paint"].shininess) == ((0.3, 0.2, 0.1), 64)
    assert own["green"].color == GREEN


def test_a_material_that_nothing_defines_is_the_default_one():
    files = {"m/p.obj": PANED["m/p.obj"].replace(b"mtllib p.mtl", b"")}
    scene = scene_of(
        files, furniture=(piece("p", "m/p.obj", (0, 0), SIZE, materials=(Material(name="default", color=BLUE),)),)
    )
    assert {m.name: m.color for m in scene.materials}["default"] == (0, 0, 1)


def test_panes_are_half_transparent_unless_the_model_says_how_much():
    own = worn()
    assert (own["glass"].alpha, own["tinted"].alpha, own["green"].alpha) == (0.5, 0.25, 1.0)
    changed = worn(materials=(Material(name="glass", color=BLUE),))["glass"]
    assert (changed.color, changed.alpha) == ((0, 0, 1), 0.5)


def test_the_colour_of_a_piece_is_on_all_but_its_panes():
    changes = tuple(Material(name=name, color=Color(0xFFFFFFFF)) for name in ("green", "glass"))
    own = worn(color=BLUE, materials=changes)
    assert own["red paint"].color == own["green"].color == (0, 0, 1)
    assert own["glass"].color == worn()["glass"].color


@pytest.mark.parametrize("how", ["piece", "material"])
@pytest.mark.parametrize(("given", "grey", "exponent"), [(None, 0.5, 64), (0.25, 0.25, 32), (0.0, 0.0, 1)])
def test_what_is_coloured_shines_as_it_says_or_as_the_model_did(how, given, grey, exponent):
    """Its highlight is grey then, as bright as it is sharp: 64 of 128 in the model."""
    if how == "piece":
        own = worn(color=BLUE, shininess=given)["red paint"]
    else:
        own = worn(materials=(Material(name="red paint", color=BLUE, shininess=given),))["red paint"]
    assert (own.specular, own.shininess) == ((grey, grey, grey), exponent)


@pytest.mark.parametrize(
    ("change", "color"),
    [
        ({"name": "red paint"}, (0, 0, 1)),
        ({"name": "another", "key": "red paint"}, (0, 0, 1)),
        ({"name": "red paint", "key": "another"}, RED),
        ({"name": "red"}, RED),
    ],
)
def test_a_material_is_changed_by_its_key_else_by_its_name(change, color):
    own = worn(materials=(Material(color=BLUE, **change),))
    assert own["red paint"].color == color
    assert own["green"].color == GREEN


def test_a_transparent_colour_hides():
    assert "green" not in worn(materials=(Material(name="green", color=Color(0x0000FF00)),))
    names = ("red paint", "green", "glass", "tinted", "edge_color_1", "bulb")
    assert worn(materials=tuple(Material(name=name, color=Color(0)) for name in names)) == {}


def test_only_the_shininess_of_a_material_may_change():
    own = worn(materials=(Material(name="green", shininess=0.5),))["green"]
    assert (own.color, own.specular, own.shininess) == (GREEN, (0.5, 0.5, 0.5), 64)


def test_edges_are_left_out_where_the_piece_says_so():
    assert "edge_color_1" in worn(model_flags=1)
    assert "edge_color_1" not in worn(model_flags=2)


def lamp(id_, model, at, size, **more):
    one = piece(id_, model, at, size)
    values = {name: getattr(one, name) for name in ("id", "name", "model", "x", "y", "width", "depth", "height")}
    return Light(**values, **more)


def test_what_stands_for_a_lamps_light_is_not_seen():
    assert "bulb" in worn()
    assert "bulb" not in worn(lamp)


def test_materials_that_glow():
    glowing = worn(lamp, light_source_materials=(LightSourceMaterial(name="green"),))
    assert [name for name, material in glowing.items() if material.glows] == ["green"]


def test_a_lamp_shines_where_it_says():
    source = LightSource(x=1.0, y=0.0, z=0.5, color=Color(0xFFFFFF00), diameter=0.1)
    one = lamp("p", "m/p.obj", (300, 200), SIZE, elevation=50.0, angle=QUARTER, power=0.7, light_sources=(source,))
    scene = scene_of(PANED, furniture=(one,))
    (light,) = scene.lights
    assert light.position == pytest.approx((2.7, -2.5, 0.9))
    assert (light.color, light.power, light.diameter_m) == (YELLOW, 0.7, pytest.approx(0.1))
    assert light.instance == instances(scene, "p")[0].id


def test_a_texture_that_is_no_image_is_named_once():
    brick = Texture(name="brick", image="brick", width=10.0, height=10.0)
    two = [piece(name, "m/p.obj", (0, 0), SIZE, texture=brick) for name in ("a", "b")]
    scene = scene_of(PANED, furniture=two)
    assert [w for w in scene.warnings if "texture" in w] == [w for w in scene.warnings if "'brick'" in w]
    assert len([w for w in scene.warnings if "texture" in w]) == 1
    assert not scene.textures
