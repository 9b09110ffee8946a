"""Routes: the longest way there is, the same always, that experts follow from its beginning to its end."""

from __future__ import annotations

import math
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest

import sim.envs.routes
from datagen.collect import Studio, make_job
from datagen.config import EXPERT_POLICIES, make_config
from datagen.homes.make import make_home
from scenes.body import PERSON
from scenes.errors import HomeError
from scenes.library import load_scene
from scenes.scene import Scene
from sim.agents.bodies import shared_graph
from sim.agents.protocol import Action
from sim.envs.navigation import Task
from sim.envs.route_nav import RouteNavEnv
from sim.envs.routes import FOLDER, FROZEN, START_DEG, START_M, crossings, keep_route, long_route, route_start, snapped
from sim.experts import ROUTE_NAV, Course
from sim.nav.graph import NavGraph
from tests.test_collect import collect
from tests.walk_scenes import floor, scene_of, wall

KEPT = ("two-levels", "blocks")
STEPS = {"route": FROZEN, "forward_m": 0.6, "target_m": 0.4}


@cache
def graph_of(home: str) -> NavGraph:
    return shared_graph(load_scene(home), PERSON)


@cache
def procedural(index: int, folder: Path) -> NavGraph:
    home = make_home(3, index)
    path = folder / f"{home.name}.sh3d"
    path.write_bytes(home.data)
    return shared_graph(load_scene(str(path)), PERSON)


def way_m(graph: NavGraph, points: np.ndarray) -> float:
    return float(sum(graph.geodesic(a, b) for a, b in pairwise(points)))


@pytest.mark.parametrize("home", KEPT)
def test_bundled_homes_keep_the_route_of_the_rule(home: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    graph = graph_of(home)
    monkeypatch.setattr(sim.envs.routes, "FOLDER", tmp_path)
    assert keep_route(graph).read_bytes() == (FOLDER / f"{home}.json").read_bytes()


def test_the_kept_route_is_in_force_for_this_home_and_no_other_of_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    graph = graph_of("blocks")
    monkeypatch.setattr(sim.envs.routes, "FOLDER", tmp_path)
    text = (FOLDER / "blocks.json").read_text()
    kept = crossings(graph, FROZEN)
    (tmp_path / "blocks.json").write_text(text.replace("-2.53", "-2.13"))
    assert not np.array_equal(crossings(graph, FROZEN), kept)
    (tmp_path / "blocks.json").write_text(text.replace('"scene_hash": "', '"scene_hash": "0'))
    assert np.allclose(crossings(graph, FROZEN), long_route(graph), atol=1e-3)


@pytest.mark.parametrize("which", ["two-levels", "blocks", "0"])
def test_the_rule_finds_the_longest_way_between_rooms(which: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    graph = procedural(int(which), tmp_path_factory.mktemp("homes")) if which.isdigit() else graph_of(which)
    route, ground = long_route(graph), graph.ground
    there = ground.island == graph.main_island
    middles = {}
    for room in set(ground.room[there].tolist()) - {-1}:
        points = ground.points(np.flatnonzero(there & (ground.room == room)))
        middles[room] = points[((points - points.mean(axis=0)) ** 2).sum(axis=1).argmin()].tolist()
    lengths = {pair: graph.geodesic(*map(np.array, pair)) for pair in combinations(map(tuple, middles.values()), 2)}
    longest = max(lengths, key=lengths.__getitem__)
    assert {tuple(route[0]), tuple(route[-1])} == set(longest)
    assert way_m(graph, route) == pytest.approx(lengths[longest], rel=0.02)
    assert np.array_equal(route, long_route(graph))
    env = RouteNavEnv(graph.scene, route=FROZEN, observations=("goal_offset",))
    for seed in range(2):
        env.reset(seed=seed)
        done = False
        while not done:
            *_, done, _, info = env.step(env.right_action())
        assert info["success"] == 1.0
        assert info["spl"] > 0.85


@pytest.mark.parametrize("rooms", [(), (("Hall", 0, 0, 8, 3),)])
def test_homes_without_several_rooms_have_a_route_too(rooms: tuple) -> None:
    around = [wall(0, -0.1, 8, 0), wall(0, 3, 8, 3.1), wall(-0.1, -0.1, 0, 3.1), wall(8, -0.1, 8.1, 3.1)]
    graph = NavGraph.build(scene_of(floor(0, 0, 8, 3), *around, rooms=rooms))
    route = crossings(graph, FROZEN)
    assert way_m(graph, route) > 6.0
    Course(graph, route, ROUTE_NAV.target_m)


def test_what_has_no_such_route_says_what_there_is() -> None:
    with pytest.raises(HomeError, match="no route 'west'; oldenborg has west and east, every home 'frozen'"):
        crossings(graph_of("blocks"), "west")
    with pytest.raises(HomeError, match="two or more points"):
        crossings(graph_of("blocks"), [(0, 0, 0)])
    with pytest.raises(HomeError, match=r"crossing 1 of the route is .* off any place"):
        snapped(graph_of("blocks"), [(7.0, -2.5, 0.0), (-40.0, 0.0, 0.0)])
    cell: Scene = scene_of(floor(0, 0, 0.7, 0.7))
    with pytest.raises(HomeError, match="far enough"):
        long_route(NavGraph.build(cell))


def test_starts_are_near_the_first_crossing_and_fill_what_is_allowed() -> None:
    graph = graph_of("blocks")
    route, rng = crossings(graph, FROZEN), np.random.default_rng(0)
    starts = [route_start(route, graph, rng) for _ in range(300)]
    off_m = np.array([start[:2] - route[0, :2] for start, _ in starts])
    ahead_deg = math.degrees(math.atan2(*(route[1] - route[0])[1::-1]))
    off_deg = np.array([math.remainder(yaw_deg - ahead_deg, 360) for _, yaw_deg in starts])
    assert np.abs(off_m).max() <= START_M + graph.ground.grid.cell_m
    assert np.abs(off_deg).max() <= START_DEG
    for spread, most in ((off_m[:, 0], START_M), (off_m[:, 1], START_M), (off_deg, START_DEG)):
        assert spread.min() < -0.8 * most
        assert spread.max() > 0.8 * most


@pytest.mark.parametrize("home", KEPT)
def test_experts_follow_the_route_and_say_what_the_environment_says(home: str) -> None:
    """Replayed in RouteNav from where an episode starts, a perfect one has the same poses, commands and goals."""
    asked = {"homes": [home], "policies": EXPERT_POLICIES, "episodes": 3, "size": (16, 12), "walk": STEPS, "seed": 2}
    env = RouteNavEnv(home, route=FROZEN, observations=("goal_offset",))
    with Studio(make_job(make_config(asked)), "gl") as studio:
        for index, policy in enumerate(EXPERT_POLICIES):
            pairs, facts = collect(studio, index)
            assert facts.outcome == "reached"
            assert pairs[-1][1].command == "stop"
            start = pairs[0][0].T_world_camera
            if policy != "teleporting":
                assert np.abs(start[:2, 3] - env.crossings[0, :2]).max() <= START_M + 0.05
            if policy != "perfect":
                continue
            yaw_deg = math.degrees(math.atan2(*start[[1, 0], 2]))
            task = Task(start[:3, 3] - (0, 0, start[2, 3]) + (0, 0, env.crossings[0, 2]), yaw_deg, env.crossings[1:])
            env._draw_task = lambda rng, options, task=task: task  # type: ignore[method-assign]
            observation, _ = env.reset(seed=0)
            for frame, row in pairs[:-1]:
                right = env.right_action()
                assert row.command == Action(right).name.lower()
                assert np.allclose(frame.T_world_camera[:2, 3], env.agent_pose[:2, 3], atol=1e-9)
                bearing = math.radians(row.goal_bearing_deg)
                said = (row.goal_distance_m, math.cos(bearing), math.sin(bearing))
                assert observation["goal_offset"][:3] == pytest.approx(said, abs=1e-4)
                observation, *_, info = env.step(right)
            assert info["success"] == 1.0


def test_a_route_is_part_of_what_a_dataset_is_and_its_absence_is_not() -> None:
    plain = {"homes": ["blocks"], "policies": ["perfect"], "episodes": 1}
    assert "route" not in make_config(plain).content()["walk"]
    assert make_config(plain | {"walk": STEPS}).content()["walk"]["route"] == FROZEN


def test_a_route_stays_when_furniture_moves() -> None:
    asked = {
        "homes": ["two-levels"], "policies": ["perfect"], "episodes": 4, "size": (16, 12), "walk": STEPS,
        "randomise": {"furniture": {"layouts": 4, "moved": 1.0}},
    }  # fmt: skip
    route = crossings(graph_of("two-levels"), FROZEN)
    with Studio(make_job(make_config(asked)), "gl") as studio:
        for index in range(4):
            pairs, facts = collect(studio, index)
            assert facts.outcome == "reached"
            last = pairs[-1][0].T_world_camera[:2, 3]
            assert math.dist(last, route[-1, :2]) < ROUTE_NAV.target_m + 1.0
