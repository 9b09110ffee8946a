"""Environments: the contract of Gymnasium, the same bytes for the same seed, and measures that mean what they say."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env, data_equivalence

import sim.envs
from scenes.errors import HomeError
from scenes.scene import CATEGORIES
from sim.agents.protocol import Action
from sim.envs.grey import GreyImages
from sim.envs.measures import Moment, navigation_measures
from sim.episodes import draw_episodes, save_episodes
from sim.traffic import TrafficPlan
from tests.walks import Walls

BLIND = ("goal_offset", "compass", "previous_action")
SMALL = {"scene": "two-levels", "size": (32, 24)}


def make(kind: str, **options: Any) -> gymnasium.Env:
    if kind == "RouteNav" and options.get("scene", "two-levels") != "oldenborg":
        options.setdefault("route", route_in_two_levels())
    return gymnasium.make(f"stairwell/{kind}-v0", **(SMALL | options))


def route_in_two_levels() -> list[tuple[float, float, float]]:
    env = gymnasium.make("stairwell/PointNav-v0", scene="two-levels", observations=("goal_offset",)).unwrapped
    rng = np.random.default_rng(0)
    return [tuple(env.graph.random_point(rng, room=room)) for room in ("Living room", "Gallery", "Living room")]


KINDS = [
    ("PointNav", {}),
    ("PointNav", {"continuous": True}),
    ("PointNav", {"observations": ("rgb", "depth", "segmentation", *BLIND), "traffic": TrafficPlan(people=2)}),
    ("PointNav", {"agent": "wheeled"}),
    ("RouteNav", {}),
    ("PTZTrack", {}),
    ("PTZTrack", {"continuous": True, "observations": ("rgb", "segmentation", "goal_rgb", "ptz", "goal_offset")}),
]


@pytest.fixture(params=KINDS, ids=[f"{kind}-{','.join(options) or 'plain'}" for kind, options in KINDS])
def env(request: pytest.FixtureRequest) -> Iterator[gymnasium.Env]:
    kind, options = request.param
    made = make(kind, render_mode="rgb_array", **options)
    yield made
    made.close()


def test_gymnasium_has_nothing_to_say(env: gymnasium.Env) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env.unwrapped)


ALL_IMAGES = ("rgb", "depth", "segmentation")
EVERYTHING = [
    ("PointNav", (*ALL_IMAGES, "goal_offset", "compass", "previous_action")),
    ("RouteNav", (*ALL_IMAGES, "goal_offset", "compass", "previous_action")),
    ("PTZTrack", (*ALL_IMAGES, "ptz", "goal_offset", "goal_rgb", "previous_action")),
]


@pytest.mark.parametrize(("kind", "observations"), EVERYTHING)
def test_each_observation_alone_and_all_of_them_are_clean(kind: str, observations: tuple[str, ...]) -> None:
    for chosen in (*((name,) for name in observations), observations):
        env = make(kind, observations=chosen)
        assert all(len(env.observation_space[name].shape) == 3 for name in {*ALL_IMAGES, "goal_rgb"} & set(chosen))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            check_env(env.unwrapped, skip_render_check=True)
            warnings.filterwarnings("ignore", ".*is different from the unwrapped version")
            for name in {"depth", "segmentation"} & set(chosen):
                grey = GreyImages(env)
                assert grey.observation_space[name].dtype == np.uint8
                check_env(grey, skip_render_check=True)
        env.close()


def test_grey_images_are_distances_and_categories() -> None:
    env = make("PointNav", observations=("depth", "segmentation"), traffic=TrafficPlan(people=3))
    grey = GreyImages(env, farthest_m=4.0)
    (plain, _), (seen, _) = env.reset(seed=5), grey.reset(seed=5)
    depth_m, shade = plain["depth"], seen["depth"]
    assert ((depth_m == 0) == (shade == 0)).all()
    near = (depth_m > 0) & (depth_m < 4)
    assert near.any()
    assert np.abs((shade[near] - 1.0) * 4 / 254 - depth_m[near]).max() <= 0.5 * 4 / 254 + 1e-6
    assert (shade[depth_m >= 4] == 255).all()
    names = {instance.id: instance.category for instance in env.unwrapped.scene.instances}
    ids, categories = plain["segmentation"], seen["segmentation"]
    for instance in np.unique(ids):
        told = {CATEGORIES[number - 1] if number else None for number in np.unique(categories[ids == instance])}
        assert told == {names.get(instance, "body") if instance else None}
    env.close()


@pytest.mark.parametrize(("wrapped", "told"), [(lambda: gymnasium.make("CartPole-v1"), "no environment of Stairwell"),
                                                (lambda: make("PointNav"), "above 0")])  # fmt: skip
def test_grey_images_refuse_what_they_cannot_make(wrapped: Any, told: str) -> None:
    with pytest.raises(HomeError, match=told):
        GreyImages(wrapped(), farthest_m=0.0)


def roll(env: gymnasium.Env, seed: int, steps: int) -> list[Any]:
    """What an environment says under random actions, resets included."""
    env.action_space.seed(seed)
    said = [env.reset(seed=seed)]
    for _ in range(steps):
        said.append(env.step(env.action_space.sample()))
        if said[-1][2] or said[-1][3]:
            said.append(env.reset())
    return said


def test_same_seed_same_bytes() -> None:
    for kind, options in (("PointNav", {"traffic": TrafficPlan(people=2, doors=1.0)}), ("PTZTrack", {})):
        first, second = (roll(make(kind, **options), 7, 500) for _ in range(2))
        assert data_equivalence(first, second, exact=True)


def test_a_restored_state_goes_on_identically(env: gymnasium.Env) -> None:
    roll(env, 3, 5)
    state = env.unwrapped.save()
    env.action_space.seed(1)
    actions = [env.action_space.sample() for _ in range(12)]
    actions = [action if not isinstance(action, np.int64) else max(action, 1) for action in actions]
    first = [env.unwrapped.step(action) for action in actions]
    env.unwrapped.restore(state)
    assert data_equivalence(first, [env.unwrapped.step(action) for action in actions], exact=True)


def test_a_state_goes_on_in_another_environment() -> None:
    one, other = (make("PointNav").unwrapped for _ in range(2))
    one.reset(seed=0)
    other.reset(seed=1)
    for _ in range(5):
        one.step(Action.FORWARD)
    other.restore(one.save())
    for action in (1, 2, 1, 1, 3, 1):
        assert data_equivalence(one.step(action), other.step(action), exact=True)


def check_random_steps(scene: str, steps: int) -> None:
    """Random actions never leave what can be walked on, pass through a wall or make a number that is none."""
    env = gymnasium.make("stairwell/PointNav-v0", scene=scene, observations=BLIND)
    graph = env.unwrapped.graph
    walls = Walls(graph.scene)
    env.action_space.seed(0)
    positions: list[np.ndarray] = []
    env.reset(seed=0)
    for step in range(steps):
        action = env.action_space.sample() if step % 50 else Action.STOP
        observation, reward, over, cut, info = env.step(action or Action.FORWARD)
        assert np.isfinite(reward)
        assert all(np.isfinite(value).all() for value in observation.values())
        assert all(np.isfinite(value) for value in info.values() if isinstance(value, float))
        positions.append(info["position"])
        if over or cut or step % 2000 == 1999:
            check_walk(positions, graph, walls)
            positions = []
            env.reset()


def check_walk(positions: list[np.ndarray], graph: Any, walls: Walls) -> None:
    points = np.array(positions)
    islands = graph.ground.island[graph.locate(points)]
    assert (graph.locate(points) >= 0).all()
    assert (islands == islands[0]).all()
    assert not len(walls.passed_through(points, graph.body))
    assert not len(walls.below_floor(points, graph.body))


def test_random_steps_stay_inside() -> None:
    check_random_steps("blocks", 3000)


@pytest.mark.full
def test_100000_random_steps_stay_inside() -> None:
    check_random_steps("oldenborg", 100_000)


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_vectors_by_gymnasium(mode: str) -> None:
    kind, more = "stairwell/PointNav-v0", {"context": "spawn"} if mode == "async" else {}  # OpenGL cannot be forked
    envs = gymnasium.make_vec(kind, num_envs=2, vectorization_mode=mode, vector_kwargs=more, **SMALL)
    try:
        observation, _ = envs.reset(seed=[0, 1])
        assert observation["rgb"].shape == (2, 24, 32, 3)
        for _ in range(5):
            observation, reward, _, _, info = envs.step(np.array([1, 2]))
        assert np.isfinite(reward).all()
        assert info["spl"].shape == (2,)
    finally:
        envs.close()


def test_the_perfect_expert_has_full_marks_in_every_navigation_task() -> None:
    for kind in ("PointNav", "RouteNav"):
        env = make(kind, observations=BLIND)
        for seed in range(5):
            env.reset(seed=seed)
            over = False
            while not over:
                _, _, over, cut, info = env.step(env.unwrapped.right_action())
                assert not cut
            assert info["success"] == info["path_completion"] == 1
            assert info["spl"] > 0.9
            assert info["oscillation"] < 10


@pytest.mark.parametrize("route", ["west", "east"])
def test_the_oldenborg_route_crosses_levels_both_ways(route: str) -> None:
    env = make("RouteNav", scene="oldenborg", route=route, observations=BLIND)
    crossings = env.unwrapped.crossings
    lengths = np.linalg.norm(np.diff(crossings[:, :2], axis=0), axis=1)
    assert len(crossings) == 9
    assert lengths.sum() == pytest.approx(81.8, abs=3)  # along the plan's crossings, by its scale
    env.reset(seed=0)
    over = False
    while not over:
        _, _, over, cut, info = env.step(env.unwrapped.right_action())
        assert not cut
    assert info["success"] == 1
    assert info["floor_changes"] >= 2


def test_stopping_early_ends_without_success() -> None:
    env = make("PointNav", observations=BLIND)
    env.reset(seed=0)
    _, _, over, _, info = env.step(Action.STOP)
    assert over
    assert info["success"] == info["spl"] == 0


def test_the_goal_is_where_the_observation_says() -> None:
    env = make("PointNav", observations=BLIND).unwrapped
    for seed in range(10):
        observation, _ = env.reset(seed=seed)
        pose = env.agent_pose
        distance_m, cos, sin, height_m = observation["goal_offset"]
        there = pose @ np.array([distance_m * cos, distance_m * sin, height_m, 1.0])
        assert there[:3] == pytest.approx(env._targets[0], abs=1e-4)
        assert observation["compass"] == pytest.approx(pose[:2, 0], abs=1e-6)


def test_frozen_episodes_are_played(tmp_path: Path) -> None:
    env = make("PointNav", observations=BLIND).unwrapped
    episodes = draw_episodes(env.graph, 5, np.random.default_rng(0))
    save_episodes(episodes, tmp_path / "set.json")
    env = make("PointNav", observations=BLIND, episodes=str(tmp_path / "set.json")).unwrapped
    for number, episode in enumerate(episodes.episodes):
        _, info = env.reset(options={"episode": number})
        assert info["left_m"] == pytest.approx(episode.geodesic_m, abs=0.05)
    with pytest.raises(HomeError, match="no episode 5"):
        env.reset(options={"episode": 5})


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("PointNav", {"observations": ("rgb", "sonar")}, "no observation 'sonar'"),
        ("PointNav", {"observations": ()}, "without observations"),
        ("PointNav", {"agent": "hovercraft"}, "no body 'hovercraft'"),
        ("PointNav", {"body": "giant"}, "no body size 'giant'"),
        ("PointNav", {"scene": "nowhere"}, "neither a file nor a bundled scene"),
        ("PointNav", {"size": (0, 24)}, "pixels"),
        ("PointNav", {"fov_deg": 180.0}, "field of view"),
        ("PointNav", {"agent": "wheeled", "traffic": TrafficPlan(people=1)}, "kinematic agent only"),
        ("RouteNav", {"route": "west"}, "no route 'west'"),
        ("RouteNav", {"route": [(0.0, 0.0, 0.0)]}, "two or more points"),
        ("PTZTrack", {"target": "unicorn"}, "nothing called 'unicorn'"),
        ("PTZTrack", {"target": (0.0, 45.0, 1.0)}, "tilts from"),
        ("PTZTrack", {"profile": "other"}, "no PTZ profile"),
        ("PTZTrack", {"room": "Attic"}, "no room 'Attic'"),
    ],
)
def test_what_cannot_be_is_one_clear_error(kind: str, options: dict[str, Any], said: str) -> None:
    with pytest.raises(HomeError, match=said):
        make(kind, **options)


def test_gymnasium_alone_can_make_them() -> None:
    code = (
        "import gymnasium; env = gymnasium.make('sim.envs:stairwell/PointNav-v0', scene='two-levels', "
        "observations=('goal_offset',)); print(env.reset(seed=0)[0]['goal_offset'].shape)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(4,)"
    assert set(sim.envs.IDS) <= set(gymnasium.registry)


def aim(observation: dict[str, Any]) -> np.ndarray:
    """Speeds towards the goal of PTZTrack, as much as half a second allows."""
    pan, tilt, doublings = observation["goal_offset"]
    zoom = observation["ptz"][3]
    return np.clip([pan / 15, tilt / 15, zoom * (2.0**doublings - 1) / 2], -1, 1).astype(np.float32)


@pytest.mark.parametrize("target", [None, (40.0, -10.0, 3.0), "person 1"])
def test_a_camera_that_turns_to_the_goal_finds_it(target: Any) -> None:
    traffic = TrafficPlan(people=1) if target == "person 1" else None
    env = make("PTZTrack", continuous=True, target=target, traffic=traffic, observations=("ptz", "goal_offset"))
    found = 0
    for seed in range(5):
        observation, info = env.reset(seed=seed)
        for _ in range(60):
            observation, _, over, _, info = env.step(aim(observation))
            if over:
                found += 1
                assert info["success"] == info["path_completion"] == 1
                break
    assert found == 5


def test_the_target_is_in_the_middle_of_the_picture_when_it_is_found() -> None:
    env = make("PTZTrack", continuous=True, observations=("ptz", "goal_offset", "segmentation"), size=(96, 72))
    for seed in range(8):
        observation, info = env.reset(seed=seed)
        for _ in range(60):
            observation, _, over, _, info = env.step(aim(observation))
            if over:
                break
        seen = observation["segmentation"][..., 0] == info["target_id"]
        assert over
        assert seen[18:54, 24:72].any()


def moment(x: float, left_m: float, *, turn: float = 0.0, level: int = 0, **more: Any) -> Moment:
    facts = {"ahead": 0.0, "collided": False, "reached": False} | more
    return Moment((x, 0.0, 0.0), left_m, turn=turn, level=level, **facts)


def judged(moments: list[Moment]) -> dict[str, float]:
    measures = navigation_measures()
    for measure in measures:
        measure.begin(moments[0])
        for each in moments[1:]:
            measure.go_on(each)
    return {measure.name: measure.value() for measure in measures}


def test_spl_by_hand() -> None:
    there = [moment(0, 4), moment(-2, 6), moment(4, 0, reached=True)]  # 8 m for a way of 4 m
    assert judged(there)["spl"] == judged(there)["soft_spl"] == pytest.approx(0.5)
    half = [moment(0, 4), moment(2, 2)]
    assert judged(half) | {"success": 0.0, "spl": 0.0, "soft_spl": 0.5, "path_completion": 0.5} == judged(half)
    astray = [moment(0, 4), moment(3, 1), moment(-4, 8)]
    assert judged(astray)["path_completion"] == 0.75
    assert judged(astray)["soft_spl"] == 0


def test_oscillation_collisions_and_floors_by_hand() -> None:
    swings = [moment(0, 4)] + [moment(0, 4, turn=(-1.0) ** n) for n in range(10)]
    assert judged(swings)["oscillation"] == 100
    steady = [moment(0, 4)] + [moment(0, 4, turn=1.0) for _ in range(10)]
    assert judged(steady)["oscillation"] == 0
    walk = [moment(0, 4), moment(0, 4, level=1, collided=True), moment(0, 4, level=1), moment(0, 4, collided=True)]
    assert (judged(walk)["floor_changes"], judged(walk)["collisions"]) == (2, 2)


def test_measures_of_nothing_and_of_no_way_are_finite() -> None:
    for only in (moment(0, 0), moment(0, float("inf"))):
        assert all(np.isfinite(value) for value in judged([only]).values())
