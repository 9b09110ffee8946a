"""Floors, slabs and ceilings: areas and volumes in closed form, what covers and cuts what, ceilings under walls."""

import numpy as np
import pytest
import shapely

from scenes.build.ears import cut_ears, cut_quad
from scenes.build.wall_outline import outlines
from tests.homes.parts import CUBE_REFERENCE as CUBE
from tests.homes.parts import level, loop, piece, rectangle, room, scene_of, wall
from tests.measure import area, box, corners, hits, instances, is_closed, volume

UP, DOWN = (0, 0, 1), (0, 0, -1)
SQUARE = rectangle(0, 0, 400, 300)
WHOLE_CUT = "M0,0 v1 h1 v-1 z"


def floor_area(scene, id_):
    return area(corners(scene, f"{id_}/floor"), UP)


def ceiling(scene, id_):
    return corners(scene, f"{id_}/ceiling")


def stairs(at=(200, 150), size=(100, 200, 300), cut=WHOLE_CUT, **more):
    return piece("s", CUBE, at, size, staircase_cut_out_shape=cut, **more)


@pytest.mark.parametrize("points", [SQUARE, SQUARE[::-1], SQUARE[2:] + SQUARE[:2]])
def test_a_room_is_a_sheet_below_and_a_sheet_above(points):
    scene = scene_of(rooms=(room("r", points),), wall_height=240.0)
    floor, top = corners(scene, "r/floor"), ceiling(scene, "r")
    assert area(floor) == area(floor, UP) == pytest.approx(12)
    assert area(top) == area(top, DOWN) == pytest.approx(12)
    np.testing.assert_allclose(box(floor), [[0, -3, 0], [4, 0, 0]], atol=1e-6)
    np.testing.assert_allclose(box(top), [[0, -3, 2.4], [4, 0, 2.4]], atol=1e-6)


@pytest.mark.parametrize(
    ("more", "parts"), [({"floor_visible": False}, ["r/ceiling"]), ({"ceiling_visible": False}, ["r/floor"])]
)
def test_what_is_not_visible_is_not_built(more, parts):
    assert [i.source for i in instances(scene_of(rooms=(room("r", SQUARE, **more),)), "r")] == parts


def test_two_points_are_no_room():
    assert instances(scene_of(rooms=(room("r", SQUARE[:2]),)), "r") == []


def test_a_ring_that_crosses_itself_counts_where_it_is_enclosed_an_odd_number_of_times():
    bow = room("bow", [(0, 0), (200, 0), (0, 200), (200, 200)])
    assert floor_area(scene_of(rooms=(bow,)), "bow") == pytest.approx(2)
    twice = room("twice", [*rectangle(0, 0, 300, 300), (0, 0), *rectangle(100, 100, 200, 200), (100, 100)])
    assert floor_area(scene_of(rooms=(twice,)), "twice") == pytest.approx(8)


def test_the_later_room_covers_the_earlier_one():
    scene = scene_of(rooms=(room("a", SQUARE), room("b", rectangle(300, 0, 600, 300))))
    for measured in (floor_area(scene, "a"), area(ceiling(scene, "a"))):
        assert measured == pytest.approx(9)
    assert floor_area(scene, "b") == pytest.approx(9)


def test_a_room_without_a_floor_covers_none():
    scene = scene_of(rooms=(room("a", SQUARE), room("b", SQUARE, floor_visible=False)))
    assert floor_area(scene, "a") == pytest.approx(12)
    assert len(ceiling(scene, "a")) == 0


def test_levels_at_one_elevation_cover_each_other_by_index():
    levels = (level("second", 0, elevation_index=1), level("first", 0), level("roof", 262))
    rooms = (room("a", SQUARE, level="second"), room("b", SQUARE, level="first"))
    scene = scene_of(levels=levels, rooms=rooms)
    assert floor_area(scene, "a") == pytest.approx(12)
    assert instances(scene, "b") == []


def test_a_room_without_a_level_and_one_with_do_not_cover_each_other():
    scene = scene_of(levels=(level("l", 0),), rooms=(room("a", SQUARE), room("b", SQUARE, level="l")))
    assert floor_area(scene, "a") == floor_area(scene, "b") == pytest.approx(12)


def two_storeys(*pieces, elevation=262.0, **more):
    """A cellar under an attic, whose slab lies on the cellar's ceiling unless it is higher up."""
    levels = (level("low", 0), level("high", elevation, **more), level("roof", 600))
    rooms = (room("cellar", SQUARE, level="low"), room("attic", SQUARE, level="high"))
    return scene_of(levels=levels, rooms=rooms, furniture=pieces)


def test_the_floor_of_an_upper_level_is_a_slab():
    scene = two_storeys(elevation=300.0)
    slab = corners(scene, "attic/floor")
    assert is_closed(slab)
    assert volume(slab) == pytest.approx(12 * 0.12)
    np.testing.assert_allclose(box(slab)[:, 2], [2.88, 3.0], atol=1e-6)


def test_a_ceiling_that_lies_under_a_slab_closes_it():
    slab = corners(two_storeys(), "attic/floor")
    assert area(slab, DOWN) == 0
    assert area(slab) == pytest.approx(12 + 2 * 7 * 0.12)


def test_a_slab_of_no_thickness_has_two_sides():
    slab = corners(two_storeys(elevation=300.0, floor_thickness=0.0), "attic/floor")
    assert area(slab, UP) == area(slab, DOWN) == pytest.approx(12)
    assert area(slab) == pytest.approx(24)


def test_a_staircase_cuts_the_ceiling_and_the_slab_above_it():
    scene = two_storeys(stairs(level="low"), elevation=300.0)
    slab = corners(scene, "attic/floor")
    assert volume(slab) == pytest.approx((12 - 2) * 0.12)
    assert is_closed(slab)
    assert area(ceiling(scene, "cellar")) == pytest.approx(10)
    assert floor_area(scene, "cellar") == pytest.approx(12)


@pytest.mark.parametrize(
    ("more", "cut_floor", "cut_ceiling"),
    [
        ({"size": (100, 200, 250)}, True, True),  # up to the ceiling, which is the slab's underside
        ({"size": (100, 200, 249)}, False, False),
        ({"elevation": 250.0, "size": (100, 200, 50)}, True, False),  # stands where the ceiling is
        ({"elevation": 262.0, "size": (100, 200, 50)}, False, False),
        ({"visible": False}, False, False),
        ({"cut": "false"}, False, False),
    ],
)
def test_a_staircase_cuts_what_it_passes(more, cut_floor, cut_ceiling):
    scene = two_storeys(stairs(level="low", **more))
    assert floor_area(scene, "attic") == pytest.approx(10 if cut_floor else 12)
    assert area(ceiling(scene, "cellar")) == pytest.approx(10 if cut_ceiling else 12)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("angle", [0.0, 0.7, 3.0])
def test_the_cut_out_turns_with_its_staircase(angle, mirrored):
    """A triangle with its right angle at the back left of the stairs, or at the back right of mirrored ones."""
    scene = two_storeys(stairs(level="low", cut="M0,0 h1 L0,1 z", angle=angle, model_mirrored=mirrored))
    assert floor_area(scene, "attic") == pytest.approx(12 - 1, rel=1e-5)
    offset = np.array([45.0 if mirrored else -45.0, -95.0])  # near the back corner, from the middle of the stairs
    cos, sin = np.cos(angle), np.sin(angle)
    x, y = np.array([200, 150]) + [cos * offset[0] - sin * offset[1], sin * offset[0] + cos * offset[1]]
    assert hits(corners(scene, "attic/floor"), (x / 100, -y / 100, 5.0), DOWN) == []
    assert hits(corners(scene, "attic/floor"), ((400 - x) / 100, -(300 - y) / 100, 5.0), DOWN) != []


def test_no_staircase_cuts_the_last_ceiling_or_a_room_without_a_level():
    scene = scene_of(rooms=(room("r", SQUARE),), furniture=(stairs(elevation=-50.0, size=(100, 200, 400)),))
    assert floor_area(scene, "r") == area(ceiling(scene, "r")) == pytest.approx(12)


def post(id_, x, y, height, **more):
    """A wall of 1 cm, which says how high the ceiling is at a corner."""
    return wall(id_, (x - 0.5, y), (x + 0.5, y), thickness=1.0, height=height, **more)


def heights_at(triangles):
    """Heights by plan point, cm."""
    points = np.round(triangles.reshape(-1, 3) * 100).astype(int)
    return {(int(x), int(-y)): int(z) for x, y, z in points}


def test_the_last_ceiling_follows_the_walls_at_its_corners():
    walls = (wall("low", (0, 0), (400, 0), height=200.0), wall("high", (0, 300), (400, 300), height=350.0))
    top = ceiling(scene_of(rooms=(room("r", SQUARE),), walls=walls), "r")
    assert heights_at(top) == {(0, 0): 200, (400, 0): 200, (400, 300): 350, (0, 300): 350}
    assert area(top) == pytest.approx(4 * np.hypot(3, 1.5))


def test_a_flat_ceiling_is_as_high_as_the_highest_wall_that_has_a_height():
    walls = (
        wall("a", (0, 0), (400, 0), height=200.0, height_at_end=280.0),
        wall("b", (0, 300), (400, 300), height=None),
    )
    top = ceiling(scene_of(rooms=(room("r", SQUARE, ceiling_flat=True),), walls=walls, wall_height=350.0), "r")
    assert set(heights_at(top).values()) == {280}


@pytest.mark.parametrize(("extent", "at"), [(1.5, 0.25), (-2.5, 0.8), (5.2, 0.5), (5.2, 0.9), (-5.2, 0.7)])
def test_under_a_round_sloping_wall_a_ceiling_rises_with_the_angle_and_falls_after_half_a_turn(extent, at):
    arc = wall("w", (0, 0), (100, 0), height=200.0, height_at_end=300.0, arc_extent=extent, thickness=1.0)
    outline = outlines([arc], {}, {})["w"]
    steps = len(outline) // 2 - 1
    index = round(at * steps)
    corner = outline[index].tolist()
    scene = scene_of(walls=(arc,), rooms=(room("r", [corner, (500, 0), (500, 100)]),))
    points = ceiling(scene, "r").reshape(-1, 3) * 100
    height = points[np.argmin(np.hypot(points[:, 0] - corner[0], points[:, 1] + corner[1])), 2]
    share = index / steps
    assert height == pytest.approx(200 + 100 * min(share, 2 * np.pi / abs(extent) - share), abs=0.01)


def test_at_a_joint_the_first_wall_counts():
    walls = loop(SQUARE, height=250.0)
    walls = (walls[0], *(w.__class__(**{**vars(w), "height": 100.0}) for w in walls[1:]))
    top = heights_at(ceiling(scene_of(rooms=(room("r", SQUARE),), walls=walls), "r"))
    assert top == {(0, 0): 250, (400, 0): 250, (400, 300): 100, (0, 300): 100}


def test_walls_of_a_lower_level_count_where_they_reach_the_last_one():
    levels = (level("low", 0), level("high", 200))
    rooms = (room("r", SQUARE, level="high"),)

    def top_of(**more):
        walls = tuple(post(str(i), x, y, level="low", **more) for i, (x, y) in enumerate(SQUARE))
        return set(heights_at(ceiling(scene_of(levels=levels, rooms=rooms, walls=walls), "r")).values())

    assert top_of(height=300.0) == {300}
    assert top_of(height=190.0) == {450}
    assert top_of(height=None) == {450}


def test_a_bent_ceiling_is_seen_whole_and_a_level_one_is_covered():
    corners_at = [(id_, x, y) for id_, points in (("a", SQUARE), ("b", rectangle(300, 0, 600, 300))) for x, y in points]

    def ceilings(heights):
        walls = tuple(post(f"{i}", x, y, h) for i, ((_, x, y), h) in enumerate(zip(corners_at, heights, strict=True)))
        scene = scene_of(rooms=(room("a", SQUARE), room("b", rectangle(300, 0, 600, 300))), walls=walls)
        return [float(np.abs(np.diff(box(ceiling(scene, id_))[:, 0]))[0]) for id_ in "ab"]

    assert ceilings([250] * 8) == pytest.approx([3, 3])
    assert ceilings([250, 250, 300, 300, 250, 250, 250, 250]) == pytest.approx([4, 3])


RINGS = {
    "quad": [(0, 0), (400, 0), (400, 300), (0, 300)],
    "pentagon": [(0, 0), (400, 0), (400, 200), (200, 350), (0, 200)],
    "angle": [(0, 0), (200, 0), (200, 80), (80, 80), (80, 200), (0, 200)],
}


@pytest.mark.parametrize(
    ("name", "rotation", "triangles"),
    [
        ("pentagon", 0, {(3, 4, 0), (3, 0, 1), (3, 1, 2)}),
        ("angle", 0, {(4, 5, 0), (3, 4, 0), (3, 0, 1), (1, 2, 3)}),
        ("angle", 2, {(4, 5, 0), (4, 0, 1), (4, 1, 2), (2, 3, 4)}),
        ("angle", 3, {(0, 1, 2), (0, 2, 3), (5, 0, 3), (3, 4, 5)}),  # begins at the reflex corner
    ],
)
def test_ears_are_cut_as_the_program_cuts_them(name, rotation, triangles):
    """Read off its own export; it decides where a bent ceiling folds."""
    ring = np.array(RINGS[name][rotation:] + RINGS[name][:rotation], float)
    assert {tuple(sorted(t)) for t in cut_ears(ring).tolist()} == {tuple(sorted(t)) for t in triangles}


@pytest.mark.parametrize("seed", range(40))
def test_ears_fill_any_simple_ring(seed):
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(4, 20)))
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1) * rng.uniform(50, 200, (len(angles), 1))
    polygon = shapely.Polygon(ring)
    if not polygon.is_valid:
        return
    ring = ring if rng.random() < 0.5 else ring[::-1]
    triangles = cut_ears(ring)
    assert len(triangles) == len(ring) - 2
    pieces = shapely.polygons(ring[triangles])
    assert sum(p.area for p in pieces) == pytest.approx(polygon.area)
    assert shapely.union_all(pieces).symmetric_difference(polygon).area < 1e-6 * polygon.area
    assert {shapely.is_ccw(p.exterior) for p in pieces if p.area > 1e-6} == {shapely.is_ccw(shapely.LinearRing(ring))}


def test_a_concave_quad_is_cut_at_its_reflex_corner():
    dart = np.array([(0, 0, 0), (2, 2, 0), (0, 1, 0), (-2, 2, 0)], float)
    assert {frozenset(t) for t in cut_quad(dart).tolist()} == {frozenset((0, 1, 2)), frozenset((0, 2, 3))}
    assert {frozenset(t) for t in cut_quad(np.roll(dart, 1, 0)).tolist()} == {
        frozenset((1, 2, 3)),
        frozenset((1, 3, 0)),
    }
