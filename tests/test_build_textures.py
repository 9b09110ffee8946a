"""Texture coordinates of every kind of surface, at single points: v is up in the image, one repeat is 1."""

import io
import math

import numpy as np
import PIL.Image
import pytest

from scenes.home.basics import Material, Texture
from scenes.home.home import Environment
from scenes.home.plan import Baseboard
from tests.homes.parts import CUBE_REFERENCE as CUBE
from tests.homes.parts import level, opening, piece, rectangle, room, scene_of, wall
from tests.measure import instances

IMAGE_WIDTH, IMAGE_HEIGHT = 50.0, 20.0
UP, DOWN, NORTH, SOUTH, EAST, WEST = (0, 0, 1), (0, 0, -1), (0, 1, 0), (0, -1, 0), (1, 0, 0), (-1, 0, 0)


def image():
    buffer = io.BytesIO()
    PIL.Image.new("RGB", (2, 2), (10, 20, 30)).save(buffer, "PNG")
    return {"brick": buffer.getvalue()}


def brick(**more):
    return Texture(**{"name": "brick", "image": "brick", "width": IMAGE_WIDTH, "height": IMAGE_HEIGHT, **more})


def textured_scene(files=None, **parts):
    return scene_of(image() | (files or {}), **parts)


def uv(scene, source, point, towards):
    """The coordinates at a point (m) of the face there that looks in a direction, by its triangle's plane."""
    ids = [instance.id for instance in instances(scene, source)]
    chosen = scene.triangles[np.isin(scene.triangle_instances(), ids)]
    for triangle in chosen:
        a, b, c = scene.vertices[triangle].astype(np.float64)
        across = np.cross(b - a, c - a)
        if across @ np.array(towards) < 0.999 * np.linalg.norm(across) or not across.any():
            continue
        weights, _, _, _ = np.linalg.lstsq(np.vstack([np.array([a, b, c]).T, np.ones(3)]), [*point, 1.0], rcond=None)
        if weights.min() > -1e-6 and np.allclose(weights @ [a, b, c], point, atol=1e-5):
            return weights @ scene.uvs[triangle]
    raise AssertionError(f"{source} has no face at {point} that looks to {towards}")


def repeats(u_cm, v_cm):
    """Coordinates of a place on the surface, cm, in repeats of the brick."""
    return pytest.approx((u_cm / IMAGE_WIDTH, v_cm / IMAGE_HEIGHT), abs=1e-4)


SQUARE = rectangle(100, 50, 500, 350)


def test_floors_and_ceilings_are_laid_on_the_plan():
    one = room("r", SQUARE, floor_texture=brick(), ceiling_texture=brick())
    scene = textured_scene(rooms=(one,), walls=(wall("w", (100, 50), (500, 50)),))
    assert uv(scene, "r", (2, -1, 0), UP) == repeats(200, -100)
    assert uv(scene, "r", (2, -1, 2.5), DOWN) == repeats(200, 100)


def test_ceilings_follow_a_roof_as_seen_from_below():
    walls = (wall("low", (100, 50), (500, 50), height=200.0), wall("high", (100, 350), (500, 350), height=300.0))
    scene = textured_scene(rooms=(room("r", SQUARE, ceiling_texture=brick()),), walls=walls)
    down = (0, -1 / 3, -1) / np.linalg.norm([1 / 3, 1])
    assert uv(scene, "r", (2, -2, 2.5), down) == repeats(200, 200)


def test_the_border_of_a_slab_is_laid_around_it_from_its_underside():
    levels = (level("low", 0), level("up", 300))
    scene = textured_scene(levels=levels, rooms=(room("r", SQUARE, level="up", floor_texture=brick()),))
    assert uv(scene, "r", (2, -1, 3), UP) == repeats(200, -100)
    assert uv(scene, "r", (2, -1, 2.88), DOWN) == repeats(200, -100)
    u, v = uv(scene, "r", (1, -1, 2.91), WEST)
    assert v * IMAGE_HEIGHT == pytest.approx(3.0, abs=1e-4)
    assert abs(u - uv(scene, "r", (1, -2, 2.91), WEST)[0]) * IMAGE_WIDTH == pytest.approx(100, abs=1e-3)


def test_the_ground_is_laid_from_the_homes_back_left_corner():
    home = Environment(ground_texture=brick())
    scene = textured_scene(rooms=(room("r", SQUARE),), environment=home)
    assert uv(scene, "ground", (0, 0, 0), UP) == repeats(-100, 50)
    assert uv(scene, "ground", (6, -2, 0), UP) == repeats(500, -150)


def test_pits_are_laid_like_the_ground_and_their_sides_up_to_height_0():
    cellar = (level("cellar", -100), level("ground", 0))
    walls = tuple(wall(f"w{i}", a, b, level="cellar", wall_at_start=f"w{(i - 1) % 4}", wall_at_end=f"w{(i + 1) % 4}")
                  for i, (a, b) in enumerate(zip(SQUARE, SQUARE[1:] + SQUARE[:1], strict=True)))  # fmt: skip
    scene = textured_scene(levels=cellar, walls=walls, environment=Environment(ground_texture=brick()))
    assert uv(scene, "ground", (2, -1, -1), UP) == repeats(105, -55)
    assert uv(scene, "ground", (2, -0.45, -0.5), SOUTH) == repeats(200, -50)


ALONG = wall("w", (100, 50), (500, 50), thickness=20.0, left_side_texture=brick(), right_side_texture=brick())


def test_wall_sides_are_laid_from_the_start_and_up_from_height_0():
    """On the left, which one sees with the wall running to the left, u runs back."""
    scene = textured_scene(walls=(ALONG,))
    assert uv(scene, "w", (2, -0.4, 1), NORTH) == repeats(-100, 100)
    assert uv(scene, "w", (2, -0.6, 1), SOUTH) == repeats(100, 100)


def test_v_counts_from_height_0_on_every_level():
    scene = textured_scene(
        levels=(level("low", 0), level("up", 300)),
        walls=(wall("w", (100, 50), (500, 50), level="up", right_side_texture=brick()),),
    )
    assert uv(scene, "w", (2, -0.55, 4), SOUTH) == repeats(100, 400)


def test_a_texture_may_be_turned_to_run_with_the_wall_on_its_left():
    turned = brick(left_to_right_oriented=False)
    scene = textured_scene(
        walls=(wall("w", (100, 50), (500, 50), left_side_texture=turned, right_side_texture=turned),)
    )
    assert uv(scene, "w", (2, -0.45, 1), NORTH) == repeats(100, 100)
    assert uv(scene, "w", (2, -0.55, 1), SOUTH) == repeats(100, 100)


def test_ends_and_jambs_are_laid_from_their_left():
    """Seen from outside; on each half of the wall by itself."""
    scene = textured_scene(walls=(ALONG,), furniture=(opening("d", CUBE, (300, 50), (100, 40, 200)),))
    for x in (5, 2.5):
        assert uv(scene, "w", (x, -0.58, 1), EAST) == repeats(2, 100)
        assert uv(scene, "w", (x, -0.48, 1), EAST) == repeats(2, 100)
    for x in (1, 3.5):
        assert uv(scene, "w", (x, -0.42, 1), WEST) == repeats(2, 100)
        assert uv(scene, "w", (x, -0.52, 1), WEST) == repeats(2, 100)


def test_round_walls_are_laid_along_their_middle_line():
    """Half a circle to the left: both sides are as long as the middle line between them, pi m."""
    half = wall("w", (100, 50), (300, 50), thickness=20.0, arc_extent=math.pi, right_side_texture=brick(),
                left_side_texture=brick(left_to_right_oriented=False))  # fmt: skip
    scene = textured_scene(walls=(half,))
    ids = [instance.id for instance in instances(scene, "w")]
    chosen = scene.triangles[np.isin(scene.triangle_instances(), ids)].reshape(-1)
    points, uvs = scene.vertices[chosen], scene.uvs[chosen]
    normals = scene.normals[chosen]
    radius = np.linalg.norm(points[:, :2] - [2, -0.5], axis=1)
    outer = (np.abs(radius - 1.1) < 1e-3) & (np.abs(normals[:, 2]) < 0.1)
    inner = (np.abs(radius - 0.9) < 1e-3) & (np.abs(normals[:, 2]) < 0.1)
    for side in (inner, outer):
        u = uvs[side & (np.abs(points[:, 1] + 0.5) > 0.05), 0] * IMAGE_WIDTH
        assert 0 < u.min() < 20
        assert 0 < math.pi * 100 - u.max() < 20


@pytest.mark.parametrize(("side", "y", "u"), [(NORTH, -0.4, -240), (SOUTH, -0.6, 240)])
def test_the_wall_around_a_shaped_window_is_laid_from_the_walls_start(side, y, u):
    """The upper right of the window, seen from its front, to the south, is wall."""
    window = opening("d", CUBE, (300, 50), (100, 40, 100), elevation=100.0, cut_out_shape="M0,1 L1,1 L0,0 z")
    scene = textured_scene(walls=(ALONG,), furniture=(window,))
    assert uv(scene, "w", (3.4, y, 1.9), side) == repeats(u, 190)


def test_baseboards_are_laid_like_their_wall():
    board = Baseboard(thickness=2.0, height=10.0, texture=brick())
    bare = wall("w", (100, 50), (500, 50), thickness=20.0, right_side_baseboard=board)
    assert uv(textured_scene(walls=(bare,)), "w", (2, -0.62, 0.05), SOUTH) == repeats(100, 5)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"x_offset": 0.25}, (1.75, 5.0)),
        ({"y_offset": 0.5}, (2.0, 4.5)),
        ({"x_offset": 3.25, "y_offset": -0.5}, (1.75, 4.5)),
        ({"scale": 2.0}, (1.0, 2.5)),
        ({"scale": 2.0, "x_offset": 0.5}, (0.5, 2.5)),
        ({"scale": 0.0}, (2.0, 5.0)),
        ({"angle": math.pi / 2}, (-2.0, 5.0)),
        ({"width": -1.0, "height": 0.0}, (1.0, 1.0)),
        ({"fitting_area": True}, (2.0, 5.0)),
    ],
)
def test_a_texture_is_moved_then_turned_then_scaled(more, expected):
    """At 100 cm along and 100 up, for which a brick repeats 2 and 5 times. Offsets are parts of a repeat."""
    one = wall("w", (100, 50), (500, 50), thickness=20.0, right_side_texture=brick(**more))
    assert uv(textured_scene(walls=(one,)), "w", (2, -0.6, 1), SOUTH) == pytest.approx(expected, abs=1e-4)


def test_one_image_may_cover_all_of_a_floor_or_a_ceiling():
    image_ = brick(fitting_area=True, angle=0.3, scale=2.0)
    scene = textured_scene(rooms=(room("r", SQUARE, floor_texture=image_, ceiling_texture=image_, ceiling_flat=True),))
    assert uv(scene, "r", (1, -0.5, 0), UP) == pytest.approx((0, 1), abs=1e-5)
    assert uv(scene, "r", (5, -3.5, 0), UP) == pytest.approx((1, 0), abs=1e-5)
    assert uv(scene, "r", (2, -2, 2.5), DOWN) == pytest.approx((0.25, 0.5), abs=1e-5)


FACE = {
    "m/f.mtl": b"newmtl front\nnewmtl top\n",
    "m/f.obj": b"""mtllib f.mtl
v 1 1 2
v 3 1 2
v 3 5 2
v 1 5 2
v 1 5 -2
v 3 5 -2
vt 0 0
vt 2 0
vt 2 3
vt 0 3
usemtl front
f 1/1 2/2 3/3 4/4
usemtl top
f 4 3 6 5
""",
}
SIZE = (100, 40, 80)
"""Of the piece; it stands with its back left corner at 0, 0."""


def faced(**more):
    return textured_scene(FACE, furniture=(piece("p", "m/f.obj", (50, 20), SIZE, **more),))


def test_a_texture_is_laid_on_a_piece_from_its_front_and_on_over_its_top():
    scene = faced(texture=brick())
    assert uv(scene, "p", (0.3, -0.4, 0.6), SOUTH) == repeats(30, 60)
    assert uv(scene, "p", (0.3, -0.1, 0.8), UP) == repeats(30, 80 + 30)


def test_a_turned_texture_is_laid_on_a_piece_from_its_models_own_zero():
    """The model reaches from 1 to 3 across (50 cm a unit), from 1 to 5 upwards (20), from -2 to 2 to the front (10)."""
    scene = faced(texture=brick(left_to_right_oriented=False))
    assert uv(scene, "p", (0.3, -0.4, 0.6), SOUTH) == repeats(30 + 50, 60 + 20 - 20)


def test_a_materials_texture_goes_by_the_models_own_coordinates():
    """Its size in cm does not count then; where the model has none, it is laid as on the whole piece."""
    changed = [Material(name=name, texture=brick(scale=2.0)) for name in ("front", "top")]
    scene = faced(materials=tuple(changed))
    assert uv(scene, "p", (0.5, -0.4, 0.4), SOUTH) == pytest.approx((0.5, 0.75), abs=1e-5)
    assert uv(scene, "p", (0.3, -0.1, 0.8), UP) == pytest.approx((30 / 100, 110 / 40), abs=1e-4)


def test_a_models_own_texture_is_not_tinted():
    files = {
        "m/t.obj": b"mtllib t.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 0 1\nusemtl a\nf 1/1 2/2 3/3\n",
        "m/t.mtl": b"newmtl a\nKd 0.2 0.3 0.4\nmap_Kd -s 1 1 1 brick.png\n",
        "m/Brick.PNG": image()["brick"],
    }
    scene = textured_scene(files, furniture=(piece("p", "m/t.obj", (50, 20), SIZE),))
    (material,) = [m for m in scene.materials if m.name == "a"]
    assert material.color == (1, 1, 1)
    assert scene.textures[material.texture].data == image()["brick"]


def test_one_image_is_kept_once():
    one = room("r", SQUARE, floor_texture=brick(), ceiling_texture=Texture(image="same", width=1.0, height=1.0))
    scene = textured_scene({"same": image()["brick"]}, rooms=(one,), walls=(ALONG,))
    assert len(scene.textures) == 1
