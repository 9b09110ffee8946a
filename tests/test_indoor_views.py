"""Good by default: tours and PTZ sweeps of homes are indoors, labelled rightly, not before a wall, and they move."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from datagen.collect.place import Place
from datagen.collect.ptz import ptz_moments
from datagen.config import make_config
from datagen.tasks import task_of
from scenes.build.assemble import build_scene
from scenes.draw import Drawing
from scenes.errors import HomeError
from scenes.home.reader import parse_home
from scenes.library import load_scene
from scenes.scene import Scene
from sim.camera import Intrinsics
from sim.mounts import ceiling_mount, find_mounts
from sim.ptz import PROFILES
from sim.shots import ptz_sweep_shots, sweep_shots, tour_shots
from sim.stops import find_stops
from sim.tour import locate
from sim.traffic import TrafficPlan
from tests.homes.spaces import gabled, rooms_without_ceilings, walls_alone
from tests.indoors import Judge, Labelled, distinct_share
from tests.program import HOMES

CAMERA = Intrinsics.from_fov(128, 96, 75.0)
EPISODES, FRAMES = 6, 24
DRAWN = {"gabled": gabled, "open": rooms_without_ceilings, "walls": walls_alone}
BUNDLED = ("two-levels", "round", "blocks")
SHARED = tuple(path.stem for path in sorted(HOMES.glob("*.sh3d"))) if HOMES.is_dir() else ()
QUICK = ("up_home1", "fc_Sample", "edo_myHomeHas2Stairs", "gel_flat", "2Doldy", "fc_issue-7", "b_blocks_ramps")
NO_OUTLINE = ("jon_bowman",)
HOME_NAMES = [*DRAWN, *BUNDLED, *(pytest.param(name, marks=() if name in QUICK else pytest.mark.full)
              for name in (*SHARED, "oldenborg") if name not in NO_OUTLINE)]  # fmt: skip


def built(drawing: Drawing) -> Scene:
    return build_scene(parse_home(drawing.to_bytes(), drawing.name))


@cache
def scene_of(name: str) -> Scene:
    if name in DRAWN:
        return built(DRAWN[name]())
    return load_scene(str(HOMES / f"{name}.sh3d") if name in SHARED else name)


def tour_views(scene: Scene, frames: int) -> list[Labelled]:
    return [Labelled(shot.view, shot.level, shot.room) for shot in tour_shots(scene, frames, CAMERA)]


def sweep_episodes(scene: Scene) -> list[list[Labelled]]:
    config = make_config({"homes": ["x"], "policies": ["sweep"], "episodes": EPISODES, "size": (32, 32)})
    place = Place(scene, scene, TrafficPlan())
    episodes = []
    for index in range(EPISODES):
        views = [moment.view for moment in ptz_moments(place, config, task_of(config, index))]
        labels = [locate(scene, view.T_world_camera[:3, 3].tolist()) for view in views]
        episodes.append([Labelled(view, *label) for view, label in zip(views, labels, strict=True)])
    return episodes


@pytest.mark.parametrize("name", HOME_NAMES)
def test_default_views_are_indoors_labelled_rightly_and_differ(name: str) -> None:
    scene = scene_of(name)
    judge = Judge(scene)
    episodes = [tour_views(scene, FRAMES), *sweep_episodes(scene)]
    views = [view for episode in episodes for view in episode]
    assert not judge.outdoors(views)
    assert not judge.mislabelled(views)
    assert min(map(distinct_share, episodes)) >= 0.5
    assert np.median(judge.near_shares(episodes[0])) < 0.1
    assert np.median(judge.near_shares([view for episode in episodes[1:] for view in episode[::4]])) < 0.1


@pytest.mark.parametrize("name", ["gabled", "walls", "fc_2-BedroomHouseWithBasement"])
def test_a_turn_and_a_ptz_sweep_are_indoors(name: str) -> None:
    if name not in DRAWN and name not in SHARED:
        pytest.skip("the shared homes are not here")
    scene = scene_of(name)
    shots = [*sweep_shots(scene, 16, CAMERA), *ptz_sweep_shots(scene, 16, PROFILES["axis"], (64, 48))]
    views = [Labelled(shot.view, shot.level, shot.room) for shot in shots]
    assert not Judge(scene).outdoors(views)
    assert not Judge(scene).mislabelled(views)


def test_terraces_and_gardens_are_shown_on_request() -> None:
    scene = scene_of("gabled")
    assert {stop.room for stop in find_stops(scene)} == {"Hall"}
    assert {stop.room for stop in find_stops(scene, outdoors=True)} == {"Hall", "Terrace", "Porch"}
    rooms = {shot.room for shot in tour_shots(scene, 6, CAMERA, outdoors=True)}
    assert rooms == {"Hall", "Terrace", "Porch"}
    with pytest.raises(HomeError, match="no room 'Terrace' to hang a camera in; there are Hall"):
        ceiling_mount(scene, "Terrace")
    assert locate(scene, ceiling_mount(scene, "Terrace", outdoors=True)[:3, 3].tolist())[1] == "Terrace"


def test_a_home_without_a_closed_outline_says_so_and_is_shown_outdoors() -> None:
    home = Drawing("gap")
    home.flat().walls([(800, 0), (1400, 0), (1400, 400), (800, 400), (800, 100)])
    scene = built(home)
    for ask in (lambda: tour_shots(scene, 4, CAMERA), lambda: find_mounts(scene, 1)):
        with pytest.raises(HomeError, match=r"no closed outline of rooms or walls.*--outdoors"):
            ask()
    assert len(tour_shots(scene, 4, CAMERA, outdoors=True)) == 4
    assert find_mounts(scene, 1, outdoors=True)


def test_the_tour_of_a_home_of_one_room_moves() -> None:
    home = Drawing("studio")
    ground = home.flat()
    corners = [(0, 0), (500, 0), (500, 400), (0, 400)]
    ground.walls(corners, closed=True)
    ground.room("Studio", corners)
    views = tour_views(built(home), 60)
    assert len({tuple(view.at) for view in views}) >= 4
    assert distinct_share(views) > 0.9


def test_cameras_hang_where_they_see_much_not_where_the_room_is_large() -> None:
    """A large bare hall and a smaller furnished one; a pillar stands in the middle of neither camera's view."""
    scene = scene_of("two-levels")
    first, second = find_mounts(scene, 2)
    assert {first.stop.room, second.stop.room} == {"Living room", "Gallery"}
    assert second.gain([first]) <= second.gain([])
    for vantage in (first, second):
        level = next(level for level in scene.levels if level.name == vantage.stop.level)
        assert level.elevation_m + 2 < vantage.T_world_mount[2, 3] < level.elevation_m + level.height_m
