"""Distances and paths against closed forms, rays, and the homes that people drew."""

import itertools
import math

import numpy as np
import pytest

from scenes.body import PERSON, WHEELED, BodySize
from scenes.errors import HomeError
from scenes.library import load_scene
from scenes.walkable.standing import solid_triangles
from sim.nav import NavGraph
from sim.nav.map import level_map, level_map_svg
from tests.program import HOMES
from tests.walk_scenes import box, flight, floor, incline, scene_of, wall

RADIUS = PERSON.radius_m


def straight(a, b):
    return float(np.linalg.norm(np.subtract(a, b)))


def test_around_a_wall_as_a_string_around_its_rounded_end():
    graph = NavGraph.build(scene_of(floor(-6, -6, 6, 6), wall(-0.05, -6, 0.05, 0)))
    for x, y in ((2, -3), (1, -1), (3, -5.5), (0.5, -2)):
        apart, deep = x - 0.05, -y
        tangent = math.sqrt(apart**2 + deep**2 - RADIUS**2)
        turn = math.pi / 2 - (math.atan2(apart, deep) - math.asin(RADIUS / math.hypot(apart, deep)))
        exact = 2 * (tangent + RADIUS * turn) + 0.1
        assert graph.geodesic((-x, y, 0), (x, y, 0)) == pytest.approx(exact, rel=0.03)
        assert graph.path((-x, y, 0), (x, y, 0)).length_m == pytest.approx(exact, rel=0.03)


@pytest.mark.parametrize(("steps", "rise", "going"), [(10, 0.17, 0.28), (12, 0.2184, 0.183), (4, 0.15, 0.30)])
def test_up_a_straight_flight(steps, rise, going):
    run, height = (steps - 1) * going, steps * rise
    upper = floor(run, -0.6, run + 3, 0.6, height)
    graph = NavGraph.build(scene_of(floor(-3, -2, 0.5, 2), *flight(steps, rise, going, -0.6, 0.6), upper))
    a, b = (-2, 0, 0), (run + 2, 0, height)
    exact = 4 + math.hypot(run, height)
    assert graph.geodesic(a, b) == pytest.approx(exact, rel=0.03)
    path = graph.path(a, b)
    assert path.length_m == pytest.approx(exact, rel=0.03)
    assert np.abs(path.points[:, 1]).max() < 0.1
    on_stairs = (path.points[:, 0] > 0) & (path.points[:, 0] < run)
    line = rise + path.points[on_stairs, 0] / going * rise
    assert np.abs(path.points[on_stairs, 2] - line).max() <= rise


@pytest.mark.parametrize("slope_deg", [5, 8, 9.5])
def test_up_an_incline(slope_deg):
    run = 1 / math.tan(math.radians(slope_deg))
    scene = scene_of(floor(-3, -2, 0.5, 2), incline(slope_deg, 1, -1, 1), floor(run, -1, run + 3, 1, 1))
    exact = 4 + math.hypot(run, 1)
    for body in (PERSON, WHEELED):
        graph = NavGraph.build(scene, body)
        assert graph.geodesic((-2, 0, 0), (run + 2, 0, 1)) == pytest.approx(exact, rel=0.03)


def test_through_a_door():
    door = 0.9
    scene = scene_of(floor(-4, -4, 4, 4), wall(-0.1, -4, 0.1, -door / 2), wall(-0.1, door / 2, 0.1, 4),
                     box(-0.1, -door / 2, 2.1, 0.1, door / 2, 2.5, "wall", "lintel"))  # fmt: skip
    graph = NavGraph.build(scene)
    assert graph.geodesic((-3, 0, 0), (3, 0, 0)) == pytest.approx(6, rel=1e-3)
    # Both bends are around jambs, by tangents and arcs of the body's radius about their corners.
    apart, deep = 2 - 0.1, 3 - door / 2
    tangent = math.sqrt(apart**2 + deep**2 - RADIUS**2)
    turn = math.pi / 2 - (math.atan2(apart, deep) - math.asin(RADIUS / math.hypot(apart, deep)))
    exact = 2 * (tangent + RADIUS * turn) + 0.2
    assert graph.geodesic((-2, 3, 0), (2, 3, 0)) == pytest.approx(exact, rel=0.03)


@pytest.mark.parametrize(
    ("height", "passes"),
    [(0.02, True), (0.21, True), (0.24, False), (0.5, False)],
    ids=["mat", "kerb", "bench", "wall"],
)
def test_low_things_are_stepped_over_and_higher_ones_are_not(height, passes):
    graph = NavGraph.build(scene_of(floor(-3, -1, 3, 1), box(-0.2, -1, 0, 0.2, 1, height)))
    assert np.isfinite(graph.geodesic((-2, 0, 0), (2, 0, 0))) == passes


@pytest.mark.parametrize(("under", "passes"), [(1.45, False), (1.6, True)])
def test_overhangs_lower_than_the_body_stop_it(under, passes):
    graph = NavGraph.build(scene_of(floor(-3, -1, 3, 1), box(-0.5, -1, under, 0.5, 1, under + 0.5)))
    assert np.isfinite(graph.geodesic((-2, 0, 0), (2, 0, 0))) == passes


@pytest.mark.parametrize(("gap", "passes"), [(0.36, False), (0.39, False), (0.46, True), (0.6, True)])
def test_gaps_are_passed_if_the_body_is_narrower(gap, passes):
    scene = scene_of(floor(-3, -2, 3, 2), wall(-0.1, -2, 0.1, -gap / 2), wall(-0.1, gap / 2, 0.1, 2))
    assert np.isfinite(NavGraph.build(scene).geodesic((-2, 0, 0), (2, 0, 0))) == passes


def test_slopes_and_steps_beyond_the_body():
    steep = scene_of(
        floor(-3, -1, 0.1, 1), incline(14, 0.6, -1, 1), floor(0.6 / math.tan(math.radians(14)), -1, 6, 1, 0.6)
    )
    stairs = scene_of(floor(-3, -1, 0.1, 1), *flight(4, 0.17, 0.28, -1, 1), floor(3 * 0.28, -1, 6, 1, 0.68))
    for scene, top in ((steep, 0.6), (stairs, 0.68)):
        assert np.isfinite(NavGraph.build(scene).geodesic((-2, 0, 0), (5, 0, top)))
        wheels = NavGraph.build(scene, WHEELED)
        assert wheels.geodesic((-2, 0, 0), (5, 0, top)) == np.inf
        assert "no way from" in wheels.why_not((-2, 0, 0), (5, 0, top))


def two_rooms():
    return scene_of(
        floor(-5, -3, 4, 3), wall(-0.1, -3, 0.1, 3), rooms=[("Kitchen", -5, -3, 0, 3), ("Cellar & Co", 0, -3, 4, 3)]
    )


def test_islands_are_named_by_their_rooms():
    graph = NavGraph.build(two_rooms())
    assert [island.name for island in graph.islands] == ["Kitchen", "Cellar & Co"]
    assert graph.island_at((2, 0, 0)).name == "Cellar & Co"
    assert graph.island_at((0, 0, 0)) is None
    assert graph.islands[0].area_m2 == pytest.approx((5 - 0.1 - 2 * RADIUS) * (6 - 2 * RADIUS), rel=0.05)


def test_unreachable_is_infinite_with_a_reason():
    graph = NavGraph.build(two_rooms())
    assert graph.geodesic((-2, 0, 0), (2, 0, 0)) == np.inf
    reason = graph.why_not((-2, 0, 0), (2, 0, 0))
    assert "Kitchen" in reason
    assert "Cellar & Co" in reason
    with pytest.raises(HomeError, match="no way from"):
        graph.path((-2, 0, 0), (2, 0, 0))
    assert graph.geodesic((0, 0, 0), (2, 0, 0)) == np.inf
    assert "start (0.00, 0.00, 0.00)" in graph.why_not((0, 0, 0), (2, 0, 0))
    assert "goal" in graph.why_not((2, 0, 0), (0, 0, 0))
    assert graph.geodesic((float("nan"), 0, 0), (2, 0, 0)) == np.inf
    assert "finite" in graph.why_not((float("nan"), 0, 0), (2, 0, 0))
    with pytest.raises(HomeError, match="fit there"):
        graph.path((0, 0, 0), (2, 0, 0))


def test_a_body_that_fits_nowhere_and_a_home_without_floors():
    with pytest.raises(HomeError, match="fits nowhere"):
        NavGraph.build(two_rooms(), BodySize(5, 1, 0.1, 10))
    with pytest.raises(HomeError, match="no floor"):
        NavGraph.build(scene_of(wall(0, 0, 0.1, 3)))


def test_random_points_by_room_level_and_island():
    graph = NavGraph.build(two_rooms())
    rng = np.random.default_rng(3)
    points = np.array([graph.random_point(rng, room="Kitchen", level="Ground floor") for _ in range(50)])
    assert (points[:, 0] < 0).all()
    assert len(np.unique(points, axis=0)) > 40
    assert (np.array([graph.random_point(rng, near=(2, 0, 0))[0] for _ in range(9)]) > 0).all()
    with pytest.raises(HomeError, match="cannot be reached"):
        graph.random_point(rng, room="Cellar & Co")
    with pytest.raises(HomeError, match="no room 'Attic'"):
        graph.random_point(rng, room="Attic")
    again = graph.random_point(np.random.default_rng(3), room="Kitchen", level="Ground floor")
    assert again.tolist() == points[0].tolist()


def test_nearest():
    graph = NavGraph.build(two_rooms())
    assert graph.nearest((1.5, 1.0, 0.0)) == pytest.approx((1.5, 1.0, 0.0), abs=0.04)
    assert graph.nearest((0.0, 1.0, 0.0))[0] == pytest.approx(
        math.copysign(0.1 + RADIUS, graph.nearest((0, 1, 0))[0]), abs=0.06
    )
    assert graph.nearest((90.0, 0.0, 0.0))[0] == pytest.approx(4 - RADIUS, abs=0.06)


def test_never_shorter_than_straight_and_paths_as_long_as_said():
    graph = NavGraph.load(load_scene("blocks"))
    rng = np.random.default_rng(2)
    a, b = (np.array([graph.random_point(rng) for _ in range(80)]) for _ in range(2))
    lengths = graph.geodesics(a, b)
    assert np.isfinite(lengths).all()
    assert (lengths >= np.linalg.norm(a - b, axis=1) - 1e-9).all()
    assert graph.geodesics(b, a) == pytest.approx(lengths, rel=1e-6)
    paths = [graph.path(p, q) for p, q in zip(a[:30], b[:30], strict=True)]
    ratio = np.array([path.length_m for path in paths]) / lengths[:30]
    assert (ratio < 1.03).all()
    assert np.median(np.abs(ratio - 1)) < 0.01


def caster_of(scene):
    import open3d as o3d

    corners, _ = solid_triangles(scene)
    caster = o3d.t.geometry.RaycastingScene()
    caster.add_triangles(
        corners.reshape(-1, 3).astype(np.float32), np.arange(3 * len(corners), dtype=np.uint32).reshape(-1, 3)
    )
    return lambda rays: caster.cast_rays(o3d.core.Tensor(np.asarray(rays, np.float32)))["t_hit"].numpy()


def test_paths_keep_the_radius_from_what_stands_around_level_ground():
    scene = load_scene("two-levels")
    graph = NavGraph.load(scene)
    cast = caster_of(scene)
    rng = np.random.default_rng(4)
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    around = np.column_stack([np.cos(angles), np.sin(angles), np.zeros(24)])
    for _ in range(25):
        points = graph.path(graph.random_point(rng), graph.random_point(rng)).points
        for a, b in itertools.pairwise(points):
            if abs(a[2] - b[2]) > 1e-3:
                continue
            along = np.linspace(0, 1, 2 + int(straight(a, b) / 0.05))[:, None]
            for height in (0.3, 0.8, 1.4):
                at = a + (b - a) * along + (0, 0, height)
                rays = np.concatenate([np.hstack([at, np.tile(way, (len(at), 1))]) for way in around])
                assert cast(rays).min() >= RADIUS - 0.03


def test_the_cache_gives_the_same_graph(tmp_path, monkeypatch):
    monkeypatch.setenv("STAIRWELL_CACHE", str(tmp_path))
    scene = two_rooms()
    built, kept = NavGraph.load(scene), NavGraph.load(scene)
    (file,) = tmp_path.glob("*.nav")
    assert kept.geodesic((-3, 1, 0), (-1, -2, 0)) == built.geodesic((-3, 1, 0), (-1, -2, 0))
    assert kept.islands == built.islands
    assert kept.body == built.body
    NavGraph.load(scene, WHEELED)
    assert len(list(tmp_path.glob("*.nav"))) == 2
    file.write_bytes(b"damaged")
    with pytest.warns(UserWarning, match="damaged"):
        assert NavGraph.load(scene).islands == built.islands


def test_maps():
    graph = NavGraph.build(two_rooms())
    path = graph.path((-3, 1, 0), (-1, -2, 0))
    picture = level_map(graph, "Ground floor", path)
    assert picture.shape == (graph.ground.grid.shape[1], graph.ground.grid.shape[0], 3)
    colors = {tuple(color) for color in picture.reshape(-1, 3).tolist()}
    assert len(colors) == 6
    text = level_map_svg(graph, "Ground floor", path)
    assert 'class="path"' in text
    assert "Cellar &amp; Co" in text
    with pytest.raises(HomeError, match="no level"):
        level_map(graph, "Roof")


needs_homes = pytest.mark.skipif(not HOMES.is_dir(), reason=f"{HOMES} is not there")


@needs_homes
@pytest.mark.parametrize(
    ("home", "count"),
    [("a_stairs_catalog", 5), ("b_blocks_ramps", 5), ("fc_2-BedroomHouseWithBasement", 3),
     ("fc_3-BedroomHouseWithMezzanine", 1)],
)  # fmt: skip
def test_stairs_and_slopes_that_people_drew_are_crossed_along_their_lines(home, count):
    from scenes.connectors import find_connectors

    scene = load_scene(str(HOMES / f"{home}.sh3d"))
    graph = NavGraph.load(scene)
    joined = [c for c in find_connectors(scene) if c.foot and c.head]
    assert len(joined) == count
    for connector in joined:
        foot, head = graph.nearest(connector.line[0]), graph.nearest(connector.line[-1])
        assert straight(foot, connector.line[0]) < 0.2
        assert straight(head, connector.line[-1]) < 0.2
        line_m = float(np.linalg.norm(np.diff(connector.line, axis=0), axis=1).sum())
        path = graph.path(foot, head)
        assert path.length_m == pytest.approx(line_m, rel=0.1)
        off = np.linalg.norm(path.points[:, None] - connector.line[None], axis=2).min(axis=1)
        assert np.median(off) < 0.4


@needs_homes
def test_a_staircase_whose_last_tread_is_38_cm_above_the_floor_joins_nothing():
    scene = load_scene(str(HOMES / "c_mixed_features.sh3d"))
    graph = NavGraph.load(scene, BodySize(0.2, 0.6, 0.22, 40))
    foot, head = (7.6, -4.35, -1.25), (7.6, -1.64, 0.0)
    assert graph.geodesic(foot, head) == np.inf
    assert "the two come nearest at" in graph.why_not(foot, head)
