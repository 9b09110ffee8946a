"""The ground and the pits in it: areas, closedness, what digs and what does not."""

import io
from dataclasses import replace

import numpy as np
import PIL.Image
import pytest

from scenes.build.ground import MARGIN_CM
from scenes.home.basics import BackgroundImage
from scenes.home.home import Environment
from tests.homes.parts import CUBE_REFERENCE as CUBE
from tests.homes.parts import level, loop, piece, rectangle, room, scene_of
from tests.measure import area, corners, hits

UP, DOWN = (0, 0, 1), (0, 0, -1)
SQUARE = rectangle(0, 0, 400, 300)
CELLAR = (level("cellar", -262), level("ground", 0))
PLANE_M2 = (4 + 2 * MARGIN_CM / 100) * (3 + 2 * MARGIN_CM / 100)


def ground(**parts):
    return corners(scene_of(**parts), "ground")


def test_the_ground_goes_on_around_the_home_and_not_under_its_floors():
    triangles = ground(rooms=(room("r", SQUARE),))
    assert area(triangles) == area(triangles, UP) == pytest.approx(PLANE_M2 - 12)
    assert hits(triangles, (2, -1.5, 1), DOWN) == []
    assert hits(triangles, (-1, -1.5, 1), DOWN) == [1.0]


def test_a_room_without_a_floor_stands_on_the_ground():
    assert area(ground(rooms=(room("r", SQUARE, floor_visible=False),))) == pytest.approx(PLANE_M2)


def test_a_cellar_is_a_pit():
    """What is dug is closed by the ground above, were it there, and by the cellar's floor."""
    triangles = ground(levels=CELLAR, rooms=(room("r", SQUARE, level="cellar"),))
    assert area(triangles, UP) == pytest.approx(PLANE_M2 - 12)
    assert area(triangles) - area(triangles, UP) == pytest.approx(14 * 2.62)
    assert hits(triangles, (2, -1.5, -1), (1, 0, 0)) == [2.0]


@pytest.mark.parametrize("more", [{}, {"floor_visible": False}])
def test_a_pit_has_a_bottom_where_no_floor_is(more):
    walls = loop(SQUARE, level="cellar", thickness=20.0)
    triangles = ground(
        levels=CELLAR, walls=walls, rooms=(room("r", rectangle(10, 10, 390, 290), level="cellar", **more),)
    )
    floor_m2 = 0.0 if more else 3.8 * 2.8
    depths = triangles[:, :, 2].max(axis=1)
    assert area(triangles[depths < -2.6], UP) == pytest.approx(4.2 * 3.2 - floor_m2, rel=1e-3)


def test_walls_dig_what_they_enclose_on_their_level():
    """A ring of joined walls does; half rings on two levels at one elevation enclose nothing."""
    around = loop(SQUARE, level="cellar")
    assert hits(ground(levels=CELLAR, walls=around), (2, -1.5, 1), DOWN) == [pytest.approx(3.62)]
    levels = (*CELLAR, level("other", -262, elevation_index=1))
    halves = tuple(
        replace(half, level=name) for half, name in zip(around, ["cellar", "cellar", "other", "other"], strict=True)
    )
    assert hits(ground(levels=levels, walls=halves), (2, -1.5, 1), DOWN) == [pytest.approx(1.0)]


def test_a_sunken_piece_digs_its_rectangle_and_a_staircase_its_cut_out():
    pool = piece("pool", CUBE, (200, 150), (100, 100, 200), level="cellar")
    stairs = piece("s", CUBE, (200, 150), (100, 100, 200), level="cellar", staircase_cut_out_shape="M0,0 h1 L0,1 z")
    for dug, size_m2 in ((pool, 1.0), (stairs, 0.5)):
        triangles = ground(levels=CELLAR, furniture=(dug,))
        assert area(triangles[triangles[:, :, 2].max(axis=1) < -2.6], UP) == pytest.approx(size_m2)


def test_a_piece_of_the_ground_floor_that_reaches_below_digs_nothing():
    triangles = ground(furniture=(piece("p", CUBE, (200, 150), (100, 100, 200), elevation=-100.0),))
    assert triangles[:, :, 2].min() == 0


def test_pits_of_two_storeys_lie_in_each_other():
    levels = (level("deep", -524), *CELLAR)
    rooms = (room("small", rectangle(0, 0, 200, 300), level="deep"), room("large", SQUARE, level="cellar"))
    triangles = ground(levels=levels, rooms=rooms)
    sides_m2 = area(triangles) - area(triangles, UP)
    assert sides_m2 == pytest.approx(10 * 2.62 + 14 * 2.62)


def test_a_background_image_lies_on_the_ground_the_right_way_up():
    buffer = io.BytesIO()
    PIL.Image.new("RGB", (40, 20), (255, 0, 0)).save(buffer, "PNG")
    image = BackgroundImage(
        image="plan", scale_distance=100.0, scale_distance_x_start=0.0, scale_distance_y_start=0.0,
        scale_distance_x_end=10.0, scale_distance_y_end=0.0, x_origin=50.0, y_origin=100.0,
    )  # fmt: skip
    scene = scene_of(
        files={"plan": buffer.getvalue()},
        background_image=image,
        environment=Environment(background_image_visible_on_ground_3d=True),
        furniture=(piece("p", CUBE, (0, 0), (10, 10, 10)),),
    )
    part = next(p for p in scene.parts if scene.materials[p.material].texture >= 0)
    vertices = slice(part.first_vertex, part.first_vertex + part.vertices)
    low, high = scene.vertices[vertices].min(0), scene.vertices[vertices].max(0)
    np.testing.assert_allclose([low, high], [[-0.5, -1.0, 0], [3.5, 1.0, 0]], atol=1e-5)
    top_left = np.argmin(np.linalg.norm(scene.vertices[vertices] - [-0.5, 1.0, 0], axis=1))
    np.testing.assert_allclose(scene.uvs[vertices][top_left], [0, 1], atol=1e-6)


def test_an_empty_home_has_no_ground():
    assert len(ground()) == 0
