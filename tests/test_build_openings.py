"""What doors and windows leave of walls: by rays through the holes, by volumes, by areas of shapes."""

import itertools
import math
import re
from dataclasses import replace

import numpy as np
import pytest

from scenes.build.assemble import build_scene
from scenes.build.wall_outline import outlines
from scenes.draw.furniture import door as door_model
from scenes.draw.model import DrawnModel
from scenes.draw.solids import box
from scenes.home.furniture import FurnitureGroup, Transformation
from scenes.home.home import Home
from scenes.home.reader import parse_home
from scenes.home.writer import format_home
from tests.homes.parts import CUBE_REFERENCE as CUBE
from tests.homes.parts import PAINT, contents, level, opening, piece, scene_of, wall
from tests.measure import box as bounds
from tests.measure import corners, hits, volume
from tests.program import export, judge_surfaces, needs_program

WALL = wall("w", (0, 0), (400, 0), thickness=20.0)
WHOLE_M3 = 4 * 0.2 * 2.5
TRIANGLE = "M0,1 L1,1 L0,0 z"


def walls_scene(*pieces, walls=(WALL,), **parts):
    return scene_of(walls=walls, furniture=pieces, **parts)


def through(scene, x, z, source="w"):
    """The distances at which a ray across the wall, 1 m before it, meets it; x, z in m."""
    return hits(corners(scene, source), (x, -1.0, z), (0, 1, 0))


def door(id_="d", x=200.0, y=0.0, size=(90, 30, 200), **more):
    return opening(id_, CUBE, (x, y), size, **more)


def test_a_door_is_a_hole_of_its_size():
    scene = walls_scene(door())
    assert through(scene, 2.0, 1.0) == []
    assert through(scene, 1.56, 0.01) == []
    for x, z in ((1.54, 1.0), (2.46, 1.0), (2.0, 2.01)):
        assert through(scene, x, z) == pytest.approx([0.9, 1.1])
    assert volume(corners(scene, "w")) == pytest.approx(WHOLE_M3 - 0.9 * 0.2 * 2.0)


@pytest.mark.parametrize("angle", [0.0, math.pi, 0.9 * math.pi / 180, -0.9 * math.pi / 180])
def test_a_thin_window_marked_so_cuts_through_both_sides(angle):
    assert through(walls_scene(door(size=(90, 2, 200), angle=angle)), 2.0, 1.0) == []


@pytest.mark.parametrize("more", [{"wall_cut_out_on_both_sides": False}, {"angle": math.radians(1.1)}])
def test_a_thin_window_else_leaves_the_rest_of_the_wall(more):
    scene = walls_scene(door(size=(90, 2, 200), **more))
    assert through(scene, 2.0, 1.0) == pytest.approx([0.9, 0.99, 1.01, 1.1], abs=1e-3)


@pytest.mark.parametrize("angle", [0.3, 1.2, 2.0, 4.0])
def test_a_door_as_deep_as_its_wall_is_decided_as_the_program_rounds(angle):
    """Footprint and outline are float32, so that a skin of no thickness is left where, and only where, one is there."""
    end = (200 * math.cos(angle), 200 * math.sin(angle))
    one = wall("w", (0, 0), end, thickness=12.5)
    at = (end[0] / 2, end[1] / 2)
    scene = walls_scene(door(x=at[0], y=at[1], size=(80, 12.5, 200), angle=angle), walls=(one,))
    assert volume(corners(scene, "w")) == pytest.approx(2 * 0.125 * 2.5 - 0.8 * 0.125 * 2.0, rel=1e-4)
    outline = outlines([one], {}, {})["w"]
    assert outline.dtype == np.float32


def test_a_window_has_a_sill_and_a_lintel():
    scene = walls_scene(door(size=(100, 30, 100), elevation=90.0))
    for z, is_open in ((0.89, False), (0.91, True), (1.89, True), (1.91, False)):
        assert (through(scene, 2.0, z) == []) == is_open


def test_a_tall_door_cuts_the_walls_of_the_level_above():
    levels = (level("low", 0), level("high", 262))
    walls = tuple(replace(WALL, id=f"w {i.id}", level=i.id) for i in levels)
    tall = door(size=(90, 30, 400), level="low")
    scene = walls_scene(tall, walls=walls, levels=levels)
    assert through(scene, 2.0, 3.0, "w high") == []
    assert through(scene, 2.0, 4.5, "w high") != []


@pytest.mark.parametrize(
    ("more", "cuts"), [({"visible": False}, False), ({"level": "off"}, False), ({"level": "on"}, True)]
)
def test_only_what_is_seen_cuts(more, cuts):
    levels = (level("on", 0), level("off", 262, viewable=False))
    scene = walls_scene(door(**more), walls=(replace(WALL, level="on"),), levels=levels)
    assert (through(scene, 2.0, 1.0) == []) == (cuts and more["level"] == "on")


def test_a_door_in_a_group_cuts():
    assert through(walls_scene(FurnitureGroup(name="g", members=(door(),))), 2.0, 1.0) == []


def test_a_plain_piece_that_says_it_is_a_door_cuts_its_rectangle():
    assert through(walls_scene(piece("p", CUBE, (200, 0), (90, 30, 200), door_or_window=True)), 2.0, 1.0) == []
    assert through(walls_scene(piece("p", CUBE, (200, 0), (90, 30, 200))), 2.0, 1.0) != []


def test_a_round_window_is_a_round_hole():
    disc = "M0.5,0 A0.5,0.5 0 0,1 0.5,1 A0.5,0.5 0 0,1 0.5,0 z"
    scene = walls_scene(door(size=(100, 30, 100), elevation=100.0, cut_out_shape=disc))
    assert through(scene, 2.0, 1.5) == []
    assert through(scene, 2.0, 1.02) == []
    assert through(scene, 1.53, 1.03) != []
    assert volume(corners(scene, "w")) == pytest.approx(WHOLE_M3 - math.pi / 4 * 0.2, rel=2e-3)


@pytest.mark.parametrize(
    ("turned", "mirrored", "open_at"), [(False, False, 1.7), (False, True, 2.3), (True, False, 2.3), (True, True, 1.7)]
)
def test_a_shape_is_seen_from_the_front_of_the_piece(turned, mirrored, open_at):
    """The triangle's upright edge is at its left, seen from the front, which looks to +y of the plan unless turned."""
    angle = math.pi if turned else 0.0
    window = door(size=(100, 30, 200), cut_out_shape=TRIANGLE, angle=angle, model_mirrored=mirrored)
    scene = walls_scene(window)
    assert through(scene, open_at, 1.2) == []
    assert through(scene, 4.0 - open_at, 1.2) == pytest.approx([0.9, 1.1])
    assert volume(corners(scene, "w")) == pytest.approx(WHOLE_M3 - 1 * 2 / 2 * 0.2)


def test_a_piece_that_is_a_quarter_of_a_degree_off_cuts_its_rectangle():
    window = door(size=(100, 30, 200), cut_out_shape=TRIANGLE, angle=math.radians(0.3))
    assert through(walls_scene(window), 2.3, 1.2) == []


def test_without_a_shape_the_model_seen_from_the_front_is_the_hole():
    frame = [box((0, 0, 0), (100, 10, 10), PAINT), box((0, 10, 0), (10, 100, 10), PAINT)]
    model = DrawnModel("corner", frame)
    window = opening("d", "corner/corner.obj", (200, 0), (100, 30, 100), elevation=100.0, cut_out_shape=None)
    scene = walls_scene(window, files=contents(model))
    for x, z, is_open in ((1.55, 1.5, True), (2.0, 1.05, True), (2.0, 1.5, False)):
        assert (through(scene, x, z) == []) == is_open


def test_holes_of_the_silhouette_are_filled():
    sides = [((0, 0), (100, 10)), ((0, 90), (100, 100)), ((0, 10), (10, 90)), ((90, 10), (100, 90))]
    model = DrawnModel("ring", [box((*low, 0), (*high, 10), PAINT) for low, high in sides])
    window = opening("d", "ring/ring.obj", (200, 0), (100, 30, 100), elevation=100.0, cut_out_shape=None)
    assert through(walls_scene(window, files=contents(model)), 2.0, 1.5) == []


def test_the_part_in_the_wall_counts_once_the_model_is_opened():
    part = {"wall_left": 0.1, "wall_width": 0.5, "wall_top": 0.2, "wall_height": 0.8}
    opened = (Transformation(name="sweethome3d_hinge_1", matrix=(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0)),)
    shut, open_ = (walls_scene(door(size=(100, 30, 200), transformations=t, **part)) for t in ((), opened))
    assert through(shut, 2.4, 1.9) == []
    for x, z, is_open in (
        (1.59, 1.0, False),
        (1.61, 1.0, True),
        (2.09, 1.59, True),
        (2.11, 1.0, False),
        (2.0, 1.7, False),
    ):
        assert (through(open_, x, z) == []) == is_open


def swing(degrees):
    """The leaf of a door for a wall of 20 cm, opened about its hinge."""
    hinge = (-44.7, 11.0)
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    shift = (hinge[0] * (1 - cos) + hinge[1] * sin, hinge[1] * (1 - cos) - hinge[0] * sin)
    matrix = (cos, 0, -sin, shift[0], 0, 1, 0, 0, sin, 0, cos, shift[1])
    return Transformation(name="sweethome3d_hinge_1", matrix=matrix)


@pytest.mark.parametrize("angle", [0.0, math.pi])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("part", [{}, {"wall_left": 0.1, "wall_width": 0.6, "wall_top": 0.1, "wall_height": 0.9}])
@pytest.mark.parametrize("degrees", [30, 95, 160])
def test_a_door_drawn_open_without_a_shape_leaves_the_hole_of_the_shut_one(degrees, part, mirrored, angle):
    """The program looks at the model at rest; the box of the piece, of which the hole is a share, is the open one's."""
    swung = (swing(degrees),)
    leaf = door_model(wall=20)
    one = opening(
        "d", "door/door.obj", (200, 0), (150, 90, 214), cut_out_shape=None, transformations=swung, angle=angle,
        model_mirrored=mirrored, **part,
    )  # fmt: skip
    scene = walls_scene(one, files=contents(leaf))
    left, width, height = (0.1, 0.6, 0.9) if part else (0.0, 1.0, 1.0)
    ends = np.array([left, left + width]) if mirrored == (angle > 0) else np.array([1 - left - width, 1 - left])
    low, high = 1.25 + 1.5 * ends
    for x, is_open in ((low - 0.01, False), (low + 0.01, True), ((low + high) / 2, True), (high - 0.01, True)):
        assert (through(scene, x, 1.0) == []) == is_open
    assert through(scene, high + 0.01, 1.0) != []
    assert through(scene, (low + high) / 2, 2.14 * height - 0.02) == []
    assert through(scene, (low + high) / 2, 2.14 * height + 0.01) != []


def test_a_round_wall_is_cut_as_a_rectangle():
    arc = wall("w", (0, 0), (400, 0), thickness=20.0, arc_extent=0.8)
    top = -200 / math.sin(0.4) + 200 / math.tan(0.4)
    window = door(y=top, size=(100, 60, 200), cut_out_shape=TRIANGLE)
    scene = walls_scene(window, walls=(arc,))
    assert hits(corners(scene, "w"), (2.3, 0.0, 1.2), (0, 1, 0)) == []


def test_a_shape_fills_no_further_than_the_wall_goes():
    window = door(x=10.0, size=(100, 30, 100), elevation=50.0, cut_out_shape=TRIANGLE)
    low, high = bounds(corners(walls_scene(window), "w"))
    np.testing.assert_allclose([low, high], [[0, -0.1, 0], [4, 0.1, 2.5]], atol=1e-6)


def test_a_shape_fills_no_higher_than_a_sloping_top():
    sloping = replace(WALL, height=250.0, height_at_end=50.0)
    window = door(size=(200, 30, 200), cut_out_shape="M0.4,0.4 h0.2 v0.2 h-0.2 z")
    points = corners(walls_scene(window, walls=(sloping,)), "w").reshape(-1, 3)
    assert (points[:, 2] <= 2.5 - points[:, 0] / 2 + 1e-4).all()


def test_a_window_above_a_sloping_top_cuts_nothing():
    sloping = replace(WALL, height=250.0, height_at_end=50.0)
    scene = walls_scene(door(x=350.0, size=(50, 30, 80), elevation=150.0), walls=(sloping,))
    assert volume(corners(scene, "w")) == pytest.approx(4 * 0.2 * 1.5)


def test_the_lintel_ends_where_a_sloping_top_dips_below_the_door():
    sloping = replace(WALL, height=250.0, height_at_end=50.0)
    scene = walls_scene(door(x=150.0, size=(200, 30, 150)), walls=(sloping,))
    # the top is 1.5 m high at x = 2 m: above the door, from 0.5 m to 2 m, remains a triangle
    cut_m2 = 1.5 * 1.5 + 0.5 * (1.5 + 1.25) / 2
    assert volume(corners(scene, "w")) == pytest.approx((4 * 1.5 - cut_m2) * 0.2)


def test_a_round_wall_has_no_lintel_where_its_top_dips_below_the_door():
    arc = wall("w", (0, 0), (400, 0), thickness=20.0, height=250.0, height_at_end=100.0, arc_extent=0.8)
    top = -200 / math.sin(0.4) + 200 / math.tan(0.4)
    across = corners(walls_scene(door(y=top, size=(200, 60, 175)), walls=(arc,)), "w")
    assert hits(across, (1.5, 0.0, 1.85), (0, 1, 0)) == []
    assert bounds(across)[1][2] < 2.6


def test_where_openings_overlap_the_wall_goes_on_above_both_as_the_program_has_it():
    """It takes the height of the one that reaches highest, from where the last one begins: here 0.9 + 1.2 m."""
    tall, inner = door("tall", size=(90, 30, 120)), door("inner", size=(90, 30, 20), elevation=90.0)
    for pieces in ((tall, inner), (inner, tall)):
        scene = walls_scene(*pieces)
        for z, is_open in ((0.1, True), (1.3, True), (2.09, True), (2.11, False)):
            assert (through(scene, 2.0, z) == []) == is_open


def test_windows_above_each_other_leave_the_wall_between_them():
    low, high = door("low", size=(90, 30, 60), elevation=20.0), door("high", size=(90, 30, 60), elevation=120.0)
    scene = walls_scene(low, high)
    assert volume(corners(scene, "w")) == pytest.approx(WHOLE_M3 - 2 * 0.9 * 0.6 * 0.2)


def test_a_door_in_a_corner_cuts_both_walls():
    walls = (
        wall("a", (0, 0), (400, 0), wall_at_end="b", thickness=20.0),
        wall("b", (400, 0), (400, 300), wall_at_start="a", thickness=20.0),
    )
    scene = walls_scene(door(x=400.0, size=(100, 100, 200)), walls=walls)
    assert volume(corners(scene, "a")) + volume(corners(scene, "b")) == pytest.approx(
        (4.1 * 0.2 + 2.9 * 0.2) * 2.5 - (0.5 * 0.2 + 0.1 * 0.2 + 0.4 * 0.2) * 2.0, rel=1e-4
    )


@pytest.mark.parametrize("path", ["nonsense", "", "M0,0 L1,1 z", "M0,0 h1e400 v1 z"])
def test_a_shape_that_is_none_is_taken_as_the_rectangle_with_a_warning(path):
    scene = walls_scene(door(cut_out_shape=path))
    assert through(scene, 2.0, 1.0) == []
    assert any("'d'" in warning for warning in scene.warnings)


@needs_program
@pytest.mark.parametrize("version", [5200, 7000])
def test_doors_drawn_open_leave_the_programs_holes(version, tmp_path):
    """With a shape and without, mirrored, turned, and where only a part of the piece is in the wall."""
    part = {"wall_left": 0.1, "wall_width": 0.6, "wall_top": 0.05, "wall_height": 0.9}
    kinds = itertools.product((None, "M0,0 v1 h1 v-1 z", TRIANGLE), (False, True), (0.0, math.pi), ({}, part))
    walls, doors = [], []
    for index, (shape, mirrored, turn, share) in enumerate(kinds):
        x, y = 400.0 * (index % 6), 400.0 * (index // 6)
        swung = (swing(20 + 7 * index),) if index % 3 else ()
        walls.append(wall(f"w{index}", (x, y), (x + 300, y), thickness=20.0, height=260.0))
        doors.append(
            opening(
                f"d{index}",
                "door/door.obj",
                (x + 150, y),
                (150, 90, 214),
                cut_out_shape=shape,
                angle=turn,
                model_mirrored=mirrored,
                transformations=swung,
                **share,
            )
        )
    data = format_home(Home(version=version, walls=tuple(walls), furniture=tuple(doors)), contents(door_model(wall=20)))
    path = tmp_path / "doors.sh3d"
    path.write_bytes(data)
    obj, truth = export(path, tmp_path)
    verdict = judge_surfaces(build_scene(parse_home(data, "doors")), obj, truth, tmp_path, rays=6000)
    assert verdict.startswith("ok"), verdict
    assert float(re.search(r"([\d.]+) % of", verdict)[1]) >= 99.9
