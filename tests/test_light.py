"""Baked light against closed forms: skies, corners, tables, shadows, closed rooms, glass."""

import numpy as np
import pytest

from scenes.build.assemble import build_scene
from scenes.draw import Drawing
from scenes.home.reader import parse_home
from sim.light import PRESETS, bake
from sim.light.bake import encode, expose
from sim.light.cut import cut_large
from sim.light.solve import BOUNCES, solve
from sim.light.surfaces import GLOW, REFLECTED
from tests.homes.cabin import box, cabin
from tests.light_scenes import BLACK, WHITE, closed_box, floor, lamp, light_of_piece, quad, scene_of, sources

SKY = np.array([0.5, 0.7, 0.9], np.float32)


def solved(scene, **shining):
    return solve(scene, sources(**shining)).light


def vertices_of(scene, instance):
    (part,) = scene.parts_of(instance)
    return slice(part.first_vertex, part.first_vertex + part.vertices)


def test_a_plane_under_a_uniform_sky_gets_just_the_sky():
    scene = scene_of([floor((-20, -20), (20, 20), color=WHITE, steps=10)])
    np.testing.assert_allclose(solved(scene, sky=SKY), np.broadcast_to(SKY, (121, 3)), rtol=1e-5)


def test_a_ceiling_gets_what_lies_below_the_horizon():
    scene = scene_of([quad((0, 0, 3), (0, 4, 0), (4, 0, 0), category="ceiling", steps=4)])
    np.testing.assert_allclose(solved(scene, sky=SKY, ground=SKY / 2), np.broadcast_to(SKY / 2, (25, 3)), rtol=1e-5)


def test_nothing_shines_nothing_is_lit():
    assert not solved(scene_of(closed_box((4, 3, 2), steps=4))).any()


def test_the_floor_at_a_wall_sees_half_of_the_sky_and_more_farther_away():
    """A point at distance d from a black wall of height h, endless to the sides, sees (1 + d / sqrt(d² + h²)) / 2."""
    height = 3.0
    wall = quad((0, -40, 0), (0, 80, 0), (0, 0, height))
    scene = scene_of([floor((0, -1), (8, 1), steps=16), wall])
    light = solved(scene, sky=np.ones(3))[vertices_of(scene, 1)][:, 0]
    distance = scene.vertices[vertices_of(scene, 1), 0]
    middle = np.abs(scene.vertices[vertices_of(scene, 1), 1]) < 0.6
    expected = (1 + distance / np.hypot(distance, height)) / 2
    np.testing.assert_allclose(light[middle], expected[middle], atol=0.035)
    assert light[middle & (distance == 0)].mean() == pytest.approx(0.5, abs=0.03)


def test_it_is_dark_under_a_table():
    """Below the middle of a square, the form factor of its four quarters (Howell's catalogue of factors, B-4).

    Light is a mean over a patch of 0.3 m, so it is a little brighter.
    """
    half, height = 1.0, 0.7
    a = half / height
    shade = 4 * 2 * a / np.hypot(1, a) * np.arctan(a / np.hypot(1, a)) / (2 * np.pi)
    top = quad((-half, -half, height), (0, 2 * half, 0), (2 * half, 0, 0), category="furniture")
    scene = scene_of([floor((-8, -8), (8, 8), steps=32), top])
    light = solved(scene, sky=np.ones(3))
    middle = np.all(np.abs(scene.vertices - (0, 0, 0)) < 1e-3, axis=1)
    assert light[middle, 0] == pytest.approx(1 - shade, abs=0.04)
    corner = np.all(np.abs(scene.vertices - (8, 8, 0)) < 1e-3, axis=1)
    assert light[corner, 0] == pytest.approx(1.0, abs=0.02)


def test_the_sun_casts_the_shadow_of_a_slab():
    sun = np.array([-1.0, 0.0, 1.0]) / np.sqrt(2)
    slab = quad((0, 0, 2), (0, 3, 0), (3, 0, 0), category="furniture")
    scene = scene_of([floor((-6, -6), (9, 9), steps=60), slab])
    light = solved(scene, sun=(2, 2, 2), sun_direction=tuple(sun.tolist()))[vertices_of(scene, 1)][:, 0]
    x, y, _ = scene.vertices[vertices_of(scene, 1)].T
    inside = np.minimum.reduce([x - 2, 5 - x, y, 3 - y])  # the slab's shadow lies 2 m along +x
    np.testing.assert_allclose(light[inside > 0.15], 0.0, atol=1e-6)
    np.testing.assert_allclose(light[inside < -0.15], 2 / np.sqrt(2), rtol=1e-4)


@pytest.mark.parametrize("at", [(2.0, 1.5, 1.25), (1.0, 1.0, 1.8)])
def test_a_closed_white_room_keeps_the_light_of_its_lamp(at):
    """All of a lamp's light meets the walls: 4 pi; each bounce passes on what is reflected."""
    size = (4.0, 3.0, 2.5)
    scene = scene_of(closed_box(size, steps=10))
    corners = scene.vertices[scene.triangles]
    areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
    flux = (solved(scene, lamps=[lamp(at)])[scene.triangles].mean(axis=1)[:, 0] * areas).sum()
    sums = (1 - REFLECTED ** (BOUNCES + 1)) / (1 - REFLECTED)
    assert flux == pytest.approx(4 * np.pi * sums, rel=0.05)
    assert flux < 4 * np.pi / (1 - REFLECTED)


def test_a_symmetric_room_is_lit_symmetrically():
    size = np.array((4.0, 3.0, 2.5))
    scene = scene_of(closed_box(size, steps=8))
    light = solved(scene, lamps=[lamp(tuple(size / 2))])[:, 0]
    places = np.concatenate([scene.vertices, scene.normals], axis=1).round(3)
    for axis in range(3):
        mirrored = places.copy()
        mirrored[:, axis] = (size[axis] - mirrored[:, axis]).round(3)
        mirrored[:, 3 + axis] *= -1
        order, other = (np.lexsort((table + 0.0).T) for table in (places, mirrored))
        np.testing.assert_allclose(light[order], light[other], rtol=0.12)
        assert np.mean(np.abs(light[order] / light[other] - 1)) < 0.03


def test_a_lamp_falls_off_with_the_square_of_its_distance():
    scene = scene_of([floor((-5, -5), (5, 5), steps=20)])
    light = solved(scene, lamps=[lamp((0, 0, 2.0))])[:, 0]
    distance = np.linalg.norm(scene.vertices - (0, 0, 2), axis=1)
    near = distance < 4
    window = (1 - (distance / 10) ** 4) ** 2
    np.testing.assert_allclose(light[near], (2 / distance**3 * window)[near], rtol=0.1)


def test_the_piece_that_holds_a_lamp_does_not_shade_it():
    shade = quad((-1, -1, 1), (0, 2, 0), (2, 0, 0), category="light")
    plain = scene_of([floor((-1, -1), (1, 1), steps=4), shade])
    held = scene_of([floor((-1, -1), (1, 1), steps=4), shade], [light_of_piece((0, 0, 2), 2)])
    middle = np.all(plain.vertices == 0, axis=1)
    assert not solved(plain, lamps=[lamp((0, 0, 2.0))])[middle].any()
    assert solved(held, lamps=[lamp((0, 0, 2.0))])[middle, 0] == pytest.approx(0.25, rel=0.1)


def test_no_light_is_made_on_the_way():
    """Under a sky of 1 and no other light, nothing of any home is brighter than 1."""
    scene = cut_large(build_scene(parse_home(cabin().to_bytes(), "cabin")))
    light = solved(scene, sky=np.ones(3))
    assert light.max() <= 1.00001
    assert light.max() > 0.95
    assert light.min() >= 0


def test_glass_passes_what_it_does_not_cover_in_its_colour():
    """Drawn over what is behind it, glass of alpha a and linear colour c leaves 1 - a (1 - c)."""
    pane = quad((-60, -60, 1), (120, 0, 0), (0, 120, 0), color=(1.0, 0.5, 0.0), alpha=0.4, category="window")
    scene = scene_of([floor((-1, -1), (1, 1), steps=2), pane])
    light = solved(scene, sky=np.ones(3))[vertices_of(scene, 1)]
    expected = 1 - 0.4 * (1 - np.square([1.0, 0.5, 0.0]))
    np.testing.assert_allclose(light, np.broadcast_to(expected, light.shape), atol=0.02)
    sunlit = solved(scene, sun=np.ones(3))[vertices_of(scene, 1)]
    np.testing.assert_allclose(sunlit, np.broadcast_to(expected, light.shape), rtol=1e-4)


def test_a_glowing_ceiling_lights_the_floor():
    glowing = quad((-50, -50, 1), (0, 100, 0), (100, 0, 0), color=WHITE, category="light", glows=True)
    scene = scene_of([floor((-1, -1), (1, 1), steps=2), glowing])
    light = solved(scene, glow=0.5)[vertices_of(scene, 1)]
    np.testing.assert_allclose(light, 0.5 * GLOW, rtol=0.03)


def test_a_red_wall_tints_the_floor():
    scene = scene_of([floor((0, -4), (4, 4), steps=8), quad((0, -4, 0), (0, 8, 0), (0, 0, 3), color=(1.0, 0.2, 0.2))])
    light = solved(scene, sky=np.ones(3), ground=np.zeros(3))[vertices_of(scene, 1)]
    foot = np.abs(scene.vertices[vertices_of(scene, 1), 0]) < 1e-3
    assert np.all(light[foot, 0] > light[foot, 2] * 1.1)


def room(*, raised=False):
    """A closed room without a window; its floor is a thick slab if it is raised, and a box stands on it."""
    home = Drawing("dark", wall_height=250)
    low = home.level("Low", elevation=0, height=250)
    low.walls([(0, 0), (500, 0), (500, 400), (0, 400)], closed=True, thickness=20, left=0xFFFFFF, right=0xFFFFFF)
    inner = [(10, 10), (490, 10), (490, 390), (10, 390)]
    if raised:
        low.room("Below", inner, floor=0xFFFFFF, floor_visible=False)
        home.level("High", elevation=50, height=200, floor_thickness=50).room(
            "Room", inner, floor=0xFFFFFF, ceiling_visible=False
        )
    else:
        low.room("Room", inner, floor=0xFFFFFF)
        low.place(box(size=(150, 150, 80)), 250, 200, name="Box")
    return cut_large(build_scene(parse_home(home.to_bytes(), "dark")))


def shown_vertices(scene, above_m):
    """What the room shows (V,): its floor, and the faces of the walls above it that look inwards."""
    categories = np.concatenate([[scene.instances[part.instance - 1].category] * part.vertices for part in scene.parts])
    x, y, z = (scene.vertices - (2.5, -2.0, 0.0)).T
    facing = (x * scene.normals[:, 0], y * scene.normals[:, 1])
    walls = (np.abs(facing[0] + 2.4) < 1e-3) | (np.abs(facing[1] + 1.9) < 1e-3)
    return ((categories == "wall") & walls & (z > above_m - 0.3)) | (
        (categories == "floor") & (scene.normals[:, 2] > 0.9)
    )


@pytest.mark.parametrize("raised", [False, True])
def test_a_closed_room_lets_no_daylight_in(raised):
    scene = room(raised=raised)
    light = solved(scene, sky=np.ones(3), ground=np.ones(3), sun=np.ones(3), sun_direction=(0.6, 0.0, 0.8))
    shown = shown_vertices(scene, 0.5 * raised)
    assert np.count_nonzero(shown) > 50
    assert light[shown].max() < 0.01


@pytest.mark.parametrize("raised", [False, True])
def test_nothing_that_a_lamp_lights_is_black(raised):
    """Floor under a box and walls that run on through a slab see nothing; their light is that of what is beside."""
    scene = room(raised=raised)
    lighting = solve(scene, sources(lamps=[lamp((1.0, -2.0, 2.0))]))
    shown = shown_vertices(scene, 0.5 * raised)
    assert lighting.light[shown].min() > 0.05 * np.median(lighting.light[shown])
    assert lighting.hidden.any()


def test_the_median_indoors_is_brought_to_the_exposure():
    light, every = np.full((40, 3), 0.02, np.float32), np.ones(40, bool)
    light[0] = 5.0
    for exposure in (0.3, 1.0):
        shown = expose(light, every, exposure)
        np.testing.assert_allclose(shown[1], shown[1, 0])
        np.testing.assert_allclose(shown, expose(light * 7, every, exposure), rtol=1e-5)
        assert shown[0, 0] > shown[1, 0]
    assert shown[1, 0] == pytest.approx(1.2 / 1.45)
    assert expose(light * 0, every, 1.0).min() > 0


def test_exposure_goes_by_rooms_and_not_by_terraces():
    """A room with a lamp comes out the same, however large the dark terrace beside it."""
    box_ = [quad(*one[0], category="floor" if index == 0 else "wall", color=WHITE, steps=6)
            for index, one in enumerate(closed_box((4, 3, 2.5)))]  # fmt: skip
    lamps = [light_of_piece((2.0, 1.5, 2.0), 1)]
    shown = []
    for size in (1, 12):
        scene = scene_of([*box_, floor((10, 0), (10 + size, size), steps=8)], lamps)
        shown.append(np.median(bake(scene, PRESETS["night"]).light[:49]))
    assert shown[0] == shown[1] > 60


def test_bytes_hold_the_root_of_a_quarter_of_the_light():
    light = np.array([[0.0, 1.0, 4.0]], np.float32)
    np.testing.assert_array_equal(encode(light), [[0, 128, 255]])
    assert encode(light * 9).max() == 255


def test_black_is_dark_and_stays_so():
    scene = scene_of(closed_box((4, 3, 2), steps=6, color=BLACK))
    twice = [solved(scene, lamps=[lamp((2, 1.5, 1.0))]) for _ in range(2)]
    np.testing.assert_array_equal(*twice)
