"""Walls by closed forms: boxes, mitres, arcs, slopes, storeys, baseboards, paint."""

import math

import numpy as np
import pytest
from shapely import Polygon

from scenes.build.wall_outline import arc_centre, outlines
from scenes.home.fields import Color
from scenes.home.plan import Baseboard
from tests.homes.parts import level, loop, rectangle, scene_of, wall
from tests.measure import area, box, corners, instances, is_closed, volume

RED, GREEN, BLUE = (Color(0xFF000000 | value) for value in (0xFF0000, 0x00FF00, 0x0000FF))
ANGLES = [0.0, 0.4, math.pi / 2, 2.5, math.pi, 5.1]


def turned(points, angle):
    """Plan points turned about the first one."""
    cos, sin = math.cos(angle), math.sin(angle)
    x0, y0 = points[0]
    return [(x0 + cos * (x - x0) - sin * (y - y0), y0 + sin * (x - x0) + cos * (y - y0)) for x, y in points]


@pytest.mark.parametrize("angle", ANGLES)
def test_a_wall_alone_is_a_box(angle):
    start, end = turned([(100, 50), (500, 50)], angle)
    triangles = corners(scene_of(walls=(wall("w", start, end, thickness=20.0),)), "w")
    assert is_closed(triangles)
    assert volume(triangles) == pytest.approx(4 * 0.2 * 2.5, rel=1e-5)
    assert area(triangles) == pytest.approx(2 * (4 * 0.2 + 4 * 2.5 + 0.2 * 2.5), rel=1e-5)


def test_the_plans_y_points_down():
    low, high = box(corners(scene_of(walls=(wall("w", (100, 50), (500, 50)),)), "w"))
    np.testing.assert_allclose([low, high], [[1.0, -0.55, 0.0], [5.0, -0.45, 2.5]], atol=1e-6)


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize("angle", ANGLES)
def test_joined_walls_are_mitred_to_a_frame_without_gap_or_overlap(angle, turn):
    ring = turned(rectangle(0, 0, 400, 300), angle)[::turn]
    walls = loop(ring, thickness=20.0)
    scene = scene_of(walls=walls)
    frame_m2 = (4.2 * 3.2) - (3.8 * 2.8)
    assert sum(volume(corners(scene, w.id)) for w in walls) == pytest.approx(frame_m2 * 2.5, rel=1e-5)
    assert all(is_closed(corners(scene, w.id)) for w in walls)
    plans = [Polygon(points) for points in outlines(walls, {}, {}).values()]
    assert sum(p.area for p in plans) == pytest.approx(
        Polygon(plans[0]).union(plans[1]).union(plans[2]).union(plans[3]).area
    )


def test_walls_that_touch_without_a_joint_keep_their_ends():
    scene = scene_of(walls=(wall("a", (0, 0), (100, 0)), wall("b", (100, 0), (100, 100))))
    assert volume(corners(scene, "a")) == pytest.approx(1 * 0.1 * 2.5)
    assert volume(corners(scene, "b")) == pytest.approx(1 * 0.1 * 2.5)


@pytest.mark.parametrize(
    ("start_to", "end_to"), [("start", "start"), ("start", "end"), ("end", "start"), ("end", "end")]
)
def test_a_joint_is_the_same_whichever_way_the_walls_run(start_to, end_to):
    first = [(0, 0), (100, 0)] if start_to == "end" else [(100, 0), (0, 0)]
    second = [(100, 0), (100, 100)] if end_to == "start" else [(100, 100), (100, 0)]
    walls = (wall("a", *first, **{f"wall_at_{start_to}": "b"}), wall("b", *second, **{f"wall_at_{end_to}": "a"}))
    union = Polygon(outlines(walls, {}, {})["a"]).union(Polygon(outlines(walls, {}, {})["b"]))
    assert union.area == pytest.approx(105 * 10 + 95 * 10, rel=1e-5)
    assert union.bounds == pytest.approx((0, -5, 105, 100), abs=1e-3)


@pytest.mark.parametrize(("degrees", "is_mitred"), [(60, True), (35, True), (25, False), (10, False)])
def test_a_mitre_longer_than_twice_the_thickness_is_not_made(degrees, is_mitred):
    """The outer corner of two walls of thickness t that meet at an angle a lies t/2 / sin(a/2) from their point."""
    end = (100 - 200 * math.cos(math.radians(degrees)), 200 * math.sin(math.radians(degrees)))
    walls = (wall("a", (-200, 0), (100, 0), wall_at_end="b"), wall("b", (100, 0), end, wall_at_start="a"))
    tip = 5 / math.sin(math.radians(degrees / 2))
    furthest = max(np.linalg.norm(point - [100, 0]) for point in outlines(walls, {}, {})["a"][1:3])
    assert (furthest == pytest.approx(tip, rel=1e-4)) == is_mitred


@pytest.mark.parametrize("extent", [0.5, -0.5, 1.5708, -3.1416, 4.5, -6.0])
def test_a_round_wall_follows_its_circle_and_bulges_to_its_side(extent):
    arc = wall("w", (0, 0), (200, 0), thickness=20.0, arc_extent=extent)
    centre = np.array(arc_centre(arc))
    radius = np.linalg.norm(centre)
    assert radius == pytest.approx(100 / math.sin(abs(extent) / 2), rel=1e-4)
    points = outlines([arc], {}, {})["w"]
    half = len(points) // 2
    left, right = (np.linalg.norm(side - centre, axis=1) for side in (points[:half], points[half:]))
    np.testing.assert_allclose(left, radius + 10 * np.sign(extent), atol=1e-2)
    np.testing.assert_allclose(right, radius - 10 * np.sign(extent), atol=1e-2)
    assert np.sign(-points[:, 1].mean()) == np.sign(extent)  # left of +x is -y on the plan
    triangles = corners(scene_of(walls=(arc,)), "w")
    assert is_closed(triangles)
    step = abs(extent) / (half - 1)
    chords_m2 = (half - 1) * math.sin(step) / 2 * ((radius + 10) ** 2 - (radius - 10) ** 2) / 1e4
    assert volume(triangles) == pytest.approx(chords_m2 * 2.5, rel=1e-4)


def test_the_inner_side_of_a_tight_arc_stops_at_the_centre():
    arc = wall("w", (0, 0), (10, 0), thickness=60.0, arc_extent=math.pi)
    assert np.isfinite(outlines([arc], {}, {})["w"]).all()
    assert box(corners(scene_of(walls=(arc,)), "w"))[1][1] == pytest.approx(0.35, rel=0.02)


def test_a_sloping_top():
    triangles = corners(scene_of(walls=(wall("w", (0, 0), (400, 0), height=200.0, height_at_end=300.0),)), "w")
    assert is_closed(triangles)
    assert volume(triangles) == pytest.approx(4 * 0.1 * 2.5)
    tops = triangles.reshape(-1, 3)
    assert tops[np.isclose(tops[:, 0], 0), 2].max() == pytest.approx(2.0)
    assert tops[np.isclose(tops[:, 0], 4), 2].max() == pytest.approx(3.0)


def test_a_wall_without_a_height_of_its_own_is_as_high_as_the_homes_walls_and_does_not_slope():
    scene = scene_of(wall_height=270.0, walls=(wall("w", (0, 0), (400, 0), height=None, height_at_end=100.0),))
    assert volume(corners(scene, "w")) == pytest.approx(4 * 0.1 * 2.7)


@pytest.mark.parametrize("extent", [1.0, -2.5, 4.0])
def test_a_round_top_slopes_along_the_chord_and_beyond_its_ends(extent):
    arc = wall("w", (0, 0), (200, 0), height=200.0, height_at_end=300.0, arc_extent=extent)
    points = corners(scene_of(walls=(arc,)), "w").reshape(-1, 3)
    tops = points[points[:, 2] > 0.01]
    np.testing.assert_allclose(tops[:, 2], 2.0 + tops[:, 0] / 2, atol=1e-4)


def test_a_top_that_slopes_below_the_floor_is_followed():
    triangles = corners(scene_of(walls=loop([(0, 0), (400, 0), (400, 300)], height=250.0, height_at_end=0.0)), "w0")
    assert box(triangles)[0][2] < 0


def test_walls_of_upper_levels_reach_through_their_slab_and_into_the_next():
    """By 1 mm each way, so that storeys leave no slit; the first level starts at its floor."""
    levels = (level("low", 0), level("high", 262), level("top", 524))
    walls = tuple(wall(i.id, (0, 0), (400, 0), level=i.id) for i in levels)
    scene = scene_of(levels=levels, walls=walls)
    spans = [box(corners(scene, i.id))[:, 2].tolist() for i in levels]
    np.testing.assert_allclose(spans, [[0, 2.501], [2.501, 5.122], [5.121, 7.741]], atol=1e-5)


def test_walls_on_a_level_that_is_not_viewable_are_left_out():
    levels = (level("seen", 0), level("hidden", 262, viewable=False), level("saved hidden", 262, visible=False))
    scene = scene_of(levels=levels, walls=tuple(wall(i.id, (0, 0), (100, 0), level=i.id) for i in levels))
    assert [i.source for i in scene.instances if i.category == "wall"] == ["seen", "saved hidden"]
    assert any("hidden" in warning and "not viewable" in warning for warning in scene.warnings)


@pytest.mark.parametrize("left", [True, False])
def test_a_baseboard_stands_outside_of_its_side(left):
    board = Baseboard(thickness=2.0, height=8.0, color=RED)
    side = "left_side_baseboard" if left else "right_side_baseboard"
    bare = corners(scene_of(walls=(wall("w", (0, 0), (400, 0)),)), "w")
    triangles = corners(scene_of(walls=(wall("w", (0, 0), (400, 0), **{side: board}),)), "w")
    assert volume(triangles) - volume(bare) == pytest.approx(4 * 0.02 * 0.08)
    low, high = box(triangles)
    assert (low[1], high[1]) == pytest.approx((-0.05, 0.07) if left else (-0.07, 0.05))


def test_baseboards_of_a_room_meet_in_its_corners():
    board = Baseboard(thickness=2.0, height=8.0)
    walls = loop(rectangle(0, 0, 400, 300), right_side_baseboard=board)
    bare = loop(rectangle(0, 0, 400, 300))
    extra = sum(volume(corners(scene_of(walls=walls), w.id)) for w in walls)
    extra -= sum(volume(corners(scene_of(walls=bare), w.id)) for w in bare)
    assert extra == pytest.approx((3.9 * 2.9 - 3.86 * 2.86) * 0.08, rel=1e-3)


def test_each_side_has_its_paint_and_ends_are_shared():
    painted = wall("w", (0, 0), (400, 0), left_side_color=RED, right_side_color=GREEN, top_color=BLUE)
    scene = scene_of(walls=(painted,))
    part_of = {scene.materials[part.material].color: part for part in scene.parts_of(instances(scene, "w")[0].id)}

    def painted_area(color, towards):
        part = part_of[color]
        triangles = scene.triangles[part.first_triangle : part.first_triangle + part.triangles]
        return area(scene.vertices[triangles].astype(float), towards)

    assert painted_area((1, 0, 0), (0, 1, 0)) == pytest.approx(10)
    assert painted_area((0, 1, 0), (0, -1, 0)) == pytest.approx(10)
    assert painted_area((0, 0, 1), (0, 0, 1)) == pytest.approx(0.4)
    assert painted_area((1, 0, 0), (1, 0, 0)) == pytest.approx(0.125)


def test_a_wall_of_no_length_is_nothing():
    assert instances(scene_of(walls=(wall("w", (5, 5), (5, 5)),)), "w") == []
