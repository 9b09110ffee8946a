"""Tours: where a camera stands and what it looks at."""

import numpy as np
import pytest
import shapely

from scenes.build.assemble import build_scene
from scenes.draw import Drawing
from scenes.errors import HomeError
from scenes.home.reader import parse_home
from sim.stops import EYE_HEIGHT_M, find_stops
from sim.tour import locate, tour
from tests.homes.cabin import box, cabin


def scene_of(drawing):
    return build_scene(parse_home(drawing.to_bytes(), drawing.name))


@pytest.fixture(scope="module")
def scene():
    return scene_of(cabin())


def test_each_room_has_a_stop_in_its_free_space(scene):
    stops = find_stops(scene)
    assert [(stop.level, stop.room) for stop in stops] == [("Low", "West"), ("High", "East")]
    for stop, room in zip(stops, scene.rooms, strict=True):
        place = shapely.Point(stop.position[:2])
        assert shapely.Polygon(room.polygon).buffer(-0.4).contains(place)
        assert stop.position[2] == scene.levels[room.level].elevation_m + EYE_HEIGHT_M


def test_a_stop_keeps_clear_of_what_stands_in_the_room():
    home = Drawing("closet")
    ground = home.flat()
    ground.walls([(0, 0), (400, 0), (400, 400), (0, 400)], closed=True)
    ground.room("Closet", [(5, 5), (395, 5), (395, 395), (5, 395)])
    ground.place(box("cupboard", (250, 390, 200)), 130, 200)
    (stop,) = find_stops(scene_of(home))
    assert stop.position[0] > 2.55 + 0.2


@pytest.mark.parametrize("frames", [1, 2, 3, 7, 40])
def test_a_tour_has_as_many_frames_as_asked(scene, frames):
    poses = tour(scene, frames)
    assert len(poses) == frames
    assert len({pose.room for pose in poses}) == min(frames, 2)


def test_a_tour_turns_all_the_way_round_at_each_stop(scene):
    poses = [pose for pose in tour(scene, 16) if pose.room == "West"]
    yaws = [np.degrees(np.arctan2(p.T_world_camera[1, 2], p.T_world_camera[0, 2])) for p in poses]
    steps = np.diff(np.unwrap(np.radians(yaws)))
    np.testing.assert_allclose(np.degrees(steps), 45.0)


def test_walls_without_rooms_are_toured_inside():
    home = Drawing("walls")
    home.flat().walls([(0, 0), (600, 0), (600, 400), (0, 400)], closed=True)
    stops = find_stops(scene_of(home))
    assert stops
    assert all(shapely.box(0.2, -3.8, 5.8, -0.2).contains(shapely.Point(stop.position[:2])) for stop in stops)


def test_a_home_with_nothing_to_see_is_refused():
    with pytest.raises(HomeError, match="neither rooms nor walls"):
        tour(scene_of(Drawing("nothing")), 5)


def test_locate_finds_level_and_room(scene):
    assert locate(scene, (1.5, -2.0, 1.0)) == ("Low", "West")
    assert locate(scene, (4.5, -2.0, 1.5)) == ("High", "East")
    assert locate(scene, (4.5, -2.0, 0.3)) == ("Low", "")
    assert locate(scene, (50.0, 0.0, 0.3)) == ("Low", "")
