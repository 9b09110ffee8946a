"""What is inside: rooms and areas between walls, above their floors and below their ceilings or roofs."""

import math

import numpy as np
import pytest
import shapely

from scenes.build.assemble import build_scene
from scenes.check import check_home
from scenes.close import close
from scenes.draw import Drawing
from scenes.home.reader import parse_home
from scenes.info import instance_list
from scenes.library import load_scene
from scenes.spaces import spaces_of
from sim.raycasting import RayCaster
from tests.homes.cabin import box, cabin
from tests.homes.huts import rectangle
from tests.homes.spaces import gabled, rooms_without_ceilings, walls_alone


def scene_of(drawing):
    return build_scene(parse_home(drawing.to_bytes(), drawing.name))


def test_a_point_is_in_the_room_whose_floor_it_is_above():
    spaces = spaces_of(scene_of(cabin()))
    assert spaces.locate((1.5, -2.0, 1.0)) == ("Low", "West")
    assert spaces.locate((4.5, -2.0, 1.5)) == ("High", "East")
    assert spaces.locate((4.5, -2.0, 0.3)) == ("Low", "")
    assert spaces.locate((50.0, 0.0, 0.3)) == ("Low", "")
    assert spaces.locate((1.5, -2.0, 6.0)) == ("", "")


def test_above_a_ceiling_is_neither_in_the_room_nor_inside():
    home = gabled()
    spaces = spaces_of(scene_of(home))
    points = np.array([(3.0, -2.0, z) for z in (0.5, 2.4, 2.7, 6.5)] + [(3.0, -5.0, 1.5)])
    verdicts = spaces.judge(points)
    assert verdicts.is_inside.tolist() == [True, True, False, False, False]
    assert verdicts.is_above_ceiling.tolist() == [False, False, True, True, False]
    assert [spaces.locate(point)[1] for point in points] == ["Hall", "Hall", "", "", "Terrace"]
    assert spaces.contains(points, outdoors=True).tolist() == [True, True, False, False, True]
    assert verdicts.floor_m[:2] == pytest.approx(0.0, abs=1e-6)
    assert verdicts.cover_m[:2] == pytest.approx(2.5, abs=1e-6)
    assert np.isinf(verdicts.cover_m[3:]).all()


def test_a_terrace_is_outdoors_with_a_porch_over_it_too():
    spaces = spaces_of(scene_of(gabled()))
    assert {space.name: space.is_indoors for space in spaces.all} == {"Hall": True, "Terrace": False, "Porch": False}
    assert {space.name: space.is_covered for space in spaces.all} == {"Hall": True, "Terrace": False, "Porch": True}


def test_where_no_ceiling_is_drawn_rooms_within_walls_are_inside_up_to_their_height():
    spaces = spaces_of(scene_of(rooms_without_ceilings()))
    assert {space.name for space in spaces.indoors} == {"West", "East"}
    points = [(1.0, -2.0, 2.4), (1.0, -2.0, 2.6), (4.0, -2.0, 1.0), (3.0, -6.0, 1.0)]
    assert spaces.contains(points).tolist() == [True, False, True, False]


@pytest.mark.parametrize("doors", [True, False])
def test_walls_without_rooms_enclose_spaces_through_their_doors(doors):
    spaces = spaces_of(scene_of(walls_alone(doors=doors)))
    assert sorted(round(space.area.area, 1) for space in spaces.indoors) == [11.3, 11.3, 28.2]
    assert all(space.room is None and space.name == "" for space in spaces.all)
    assert spaces.contains([(1.0, -2.0, 1.0), (5.0, -2.0, 1.0), (10.0, -3.0, 1.0), (7.0, -2.0, 1.0)]).tolist() == [
        True, True, True, False,
    ]  # fmt: skip


def test_a_fence_and_walls_with_a_gap_enclose_nothing():
    home = Drawing("fence")
    ground = home.flat()
    ground.walls(rectangle(0, 0, 600, 400), closed=True, height=100)
    ground.walls([(800, 0), (1400, 0), (1400, 400), (800, 400), (800, 100)])
    spaces = spaces_of(scene_of(home))
    assert not spaces.all
    assert not spaces.has_outline


def test_tables_and_lamps_are_no_roof():
    home = Drawing("garden")
    ground = home.flat()
    ground.walls(rectangle(0, 0, 600, 400), closed=True)
    ground.place(box("slab", (500, 300, 5)), 300, 200, elevation=100)
    (space,) = spaces_of(scene_of(home)).all
    assert space.is_indoors
    assert not space.is_covered


@pytest.mark.parametrize("turn_deg", range(0, 360, 45))
def test_turning_a_home_changes_nothing(turn_deg):
    angle = math.radians(turn_deg)
    home = Drawing("turned")
    ground = home.flat()
    corners = [(x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle))
               for x, y in rectangle(0, 0, 600, 400)]  # fmt: skip
    ground.walls(corners, closed=True)
    (space,) = spaces_of(scene_of(home)).all
    assert space.area.area == pytest.approx(5.9 * 3.9, abs=0.01)


@pytest.mark.parametrize("name", ["two-levels", "blocks", "round"])
def test_every_room_of_a_bundled_home_is_inside(name):
    scene = load_scene(name)
    spaces = spaces_of(scene)
    assert {space.room for space in spaces.indoors} == set(range(len(scene.rooms)))
    for space in spaces.indoors:
        points = np.column_stack([space.samples(), np.full(len(space.samples()), space.floor_m + 1.5)])
        here = spaces.judge(points)
        assert here.is_inside.all()
        owners = {spaces.all[n].name for n in here.space}
        assert space.name in owners


def test_the_terraces_of_a_residence_hall_are_outdoors():
    spaces = spaces_of(load_scene("oldenborg"))
    out = {space.name for space in spaces.all if not space.is_indoors}
    assert out == {"South Steps", "Forecourt", "Stoop West", "Stoop East", "South Terrace", "Patio", "North Stoop"}
    assert all(space.room is not None for space in spaces.all)
    assert shapely.union_all([space.area for space in spaces.indoors]).area > 900


def test_closed_walls_have_a_floor_and_a_ceiling_that_are_marked_as_added():
    scene = scene_of(walls_alone())
    closed = close(scene)
    added = [instance for instance in closed.instances if instance.added]
    assert closed.instances[: len(scene.instances)] == scene.instances
    assert [instance.category for instance in added] == ["floor", "ceiling"] * 3
    assert [instance.id for instance in added] == list(range(len(scene.instances) + 1, len(closed.instances) + 1))
    assert all(instance.bounds_m[1][2] == pytest.approx(2.5) for instance in added if instance.category == "ceiling")
    assert [room.added for room in closed.rooms] == [True] * 3
    assert [one["source"] for one in instance_list(closed) if one.get("added")] == [one.source for one in added]
    points = np.concatenate([space.samples() for space in spaces_of(scene).indoors])
    points = np.column_stack([points, np.full(len(points), 1.2)])
    rays = RayCaster(closed.vertices, closed.triangles)
    up, down = (rays.cast(points, np.tile([0.0, 0.0, way], (len(points), 1))) for way in (1.0, -1.0))
    np.testing.assert_allclose(up.reach, 1.3, atol=1e-3)
    np.testing.assert_allclose(down.reach, 1.2, atol=5e-3)
    owners = closed.triangle_instances()
    assert set(owners[[*up.triangle, *down.triangle]]) <= {instance.id for instance in added}
    assert all(space.is_covered and space.is_indoors for space in spaces_of(closed).all)


def test_there_is_nothing_to_close_where_rooms_are_drawn_or_walls_are_open():
    for scene in (scene_of(rooms_without_ceilings()), load_scene("two-levels"), scene_of(Drawing("nothing"))):
        assert close(scene) is scene


def test_a_closed_home_is_loaded_on_request_only_and_never_kept_for_the_open_one(tmp_path, monkeypatch):
    monkeypatch.setenv("STAIRWELL_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "walls.sh3d"
    walls_alone().save(path)
    for _ in range(2):
        assert not any(instance.added for instance in load_scene(str(path)).instances)
        assert sum(instance.added for instance in load_scene(str(path), closed=True).instances) == 6


def test_a_check_suggests_to_close_walls_and_finds_closed_ones_sound():
    home_file = parse_home(walls_alone().to_bytes(), "walls")
    scene = build_scene(home_file)
    (finding,) = (one for one in check_home(home_file, scene) if one.code == "no-floor")
    assert "--close" in finding.message
    assert "no-floor" not in {one.code for one in check_home(home_file, close(scene))}
