"""The benchmark set that comes with the project: it is the published one, and what is frozen is true of its homes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datagen.benchmark_set import BenchmarkSet, load_set, render_set
from datagen.checks import check_dataset
from datagen.store import frozen, home_hash
from scenes.body import PERSON
from scenes.build.assemble import build_scene
from scenes.bundled import bundled_path
from scenes.check import check_home
from scenes.home.reader import read_home
from scenes.library import load_scene
from sim.agents.kinematic import KinematicAgent
from sim.envs.point_nav import PointNavEnv
from sim.envs.route_nav import RouteNavEnv
from sim.experts import EXPERTS, POINT_NAV, ROUTE_NAV, Course, Ending, Parameters
from sim.nav.graph import NavGraph
from sim.raycasting import RayCaster

NAME = "stairwell-1"
HASH = "ace8c95133e21c05db12c2b50dbb762ba80f4d055ff8ad066ba469611f55a667"
"""docs/benchmark.md and published results name it: it never changes."""
HOMES = ("blocks", "one-floor", "two-floors", "incline", "half-flight", "two-floors-incline")


@pytest.fixture(scope="module")
def benchmark() -> BenchmarkSet:
    return load_set(NAME)


@pytest.fixture(scope="module")
def graphs(benchmark: BenchmarkSet) -> dict[str, NavGraph]:
    return {home: NavGraph.load(load_scene(str(path)), PERSON) for home, path in benchmark.homes.items()}


def test_the_set_is_the_one_that_was_published(benchmark: BenchmarkSet) -> None:
    assert benchmark.hash == HASH
    assert tuple(benchmark.homes) == HOMES
    assert home_hash(bundled_path("blocks")) == home_hash(benchmark.homes["blocks"]), "training could see the new one"


def test_its_homes_pass_the_check(benchmark: BenchmarkSet) -> None:
    for path in benchmark.homes.values():
        home = read_home(path)
        scene = build_scene(home)
        assert not [finding for finding in check_home(home, scene) if finding.severity == "error"]
        assert scene.warnings == ()


def test_its_poses_are_even_over_homes_cameras_profiles_and_policies() -> None:
    about = frozen.find_set(NAME)
    poses = about.poses()
    assert len(poses) == 48 * 64
    first = [row for row in poses.select(["episode", "step", "home", "camera"]).to_pylist() if row["step"] == 0]
    sequences = sorted((row["home"], row["camera"][-1], about.policies[row["episode"]]) for row in first)
    expected = [(home, str(camera), policy) for home in HOMES for camera in range(4) for policy in ("random", "sweep")]
    assert sequences == sorted(expected)
    for home in HOMES:
        assert sum(row["camera"].startswith("axis") for row in first if row["home"] == home) == 4


def test_its_cameras_hang_in_the_air_of_rooms(benchmark: BenchmarkSet) -> None:
    """Nothing is nearer than 10 cm below them or beside them, and the ceiling half a metre above at most."""
    angles = np.radians(np.arange(0, 360, 15))
    around = np.array(
        [[np.cos(a) * np.cos(b), np.sin(a) * np.cos(b), np.sin(b)] for a in angles for b in (-1, -0.3, 0)]
    )
    poses = frozen.find_set(NAME).poses().to_pylist()
    for home, path in benchmark.homes.items():
        scene = load_scene(str(path))
        caster = RayCaster(scene.vertices, scene.triangles[scene.triangle_instances() > 0])
        places = {tuple(row["T_world_camera"][3:12:4]) for row in poses if row["home"] == home}
        assert len({row["room"] for row in poses if row["home"] == home} - {""}) == 4
        for place in places:
            at = np.array(place)
            assert caster.cast(np.repeat(at[None], len(around), 0), around).reach.min() > 0.1
            assert caster.cast(at[None], np.array([[0.0, 0.0, 1.0]])).reach[0] < 0.5


def test_its_episodes_are_what_the_graph_says_today(benchmark: BenchmarkSet, graphs: dict[str, NavGraph]) -> None:
    for home, graph in graphs.items():
        episodes = benchmark.episodes(home)
        assert len(episodes.episodes) == 25
        assert episodes.body == PERSON
        starts, goals = (np.array([getattr(e, end) for e in episodes.episodes]) for end in ("start", "goal"))
        assert np.allclose(graph.geodesics(starts, goals), [e.geodesic_m for e in episodes.episodes], atol=1e-6, rtol=0)
        route = benchmark.route(home)
        points = np.array(route.points)
        assert graph.geodesics(points[:-1], points[1:]).sum() == pytest.approx(route.length_m, abs=1e-6)
        assert len(route.starts) == 5
    with_levels = [home for home in HOMES if any(len(e.levels) > 1 for e in benchmark.episodes(home).episodes)]
    assert with_levels == [home for home in HOMES if home != "one-floor"]


def arrives(graph: NavGraph, start: Any, yaw_deg: float, targets: Any, parameters: Parameters) -> bool:
    agent = KinematicAgent(graph, parameters.moves)
    agent.place(start, yaw_deg)
    course = Course(graph, np.array(targets), parameters.target_m)
    visits = list(EXPERTS["perfect"](agent, course, parameters, np.random.default_rng(0), 1000))
    return visits[-1].ending is Ending.REACHED


@pytest.mark.parametrize("every", [8, pytest.param(1, marks=pytest.mark.full)])
def test_one_who_knows_the_way_arrives(benchmark: BenchmarkSet, graphs: dict[str, NavGraph], every: int) -> None:
    for home, graph in graphs.items():
        for episode in benchmark.episodes(home).episodes[::every]:
            assert arrives(graph, episode.start, episode.yaw_deg, [episode.goal], POINT_NAV)
        route = benchmark.route(home)
        for start in route.starts[::every]:
            assert arrives(graph, start.position, start.yaw_deg, route.points[1:], ROUTE_NAV)


def test_environments_take_its_episodes(benchmark: BenchmarkSet) -> None:
    home = "half-flight"
    env = PointNavEnv(
        str(benchmark.homes[home]), episodes=benchmark.episodes_file(home), observations=("goal_offset",), size=(16, 12)
    )
    _, info = env.reset(options={"episode": 7})
    assert info["left_m"] == pytest.approx(benchmark.episodes(home).episodes[7].geodesic_m, abs=0.05)
    env.close()
    route = benchmark.route(home)
    along = RouteNavEnv(str(benchmark.homes[home]), route=route.points, observations=("goal_offset",), size=(16, 12))
    for start in route.starts:
        along.reset(options={"start": start.position, "yaw_deg": start.yaw_deg})
        x, y, z = along.agent_pose[:3, 3]
        assert (x, y) == pytest.approx(start.position[:2], abs=1e-9)
        assert z == pytest.approx(start.position[2], abs=0.05)
        assert along.agent_pose[0, 0] == pytest.approx(np.cos(np.radians(start.yaw_deg)))
    along.close()


@pytest.mark.full
def test_it_renders_twice_to_the_same_bytes(benchmark: BenchmarkSet, tmp_path: Path) -> None:
    one, other = (render_set(benchmark, tmp_path / name) for name in ("one", "other"))
    assert one == other
    assert not [finding for finding in check_dataset(tmp_path / "one") if finding.severity == "error"]
