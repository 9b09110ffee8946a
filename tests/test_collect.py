"""Collectors: each policy's episodes are what they say, pure in (configuration, index), and differ where asked."""

from __future__ import annotations

import itertools
import math
from functools import cache
from typing import Any

import numpy as np
import pytest

from datagen.collect import Studio, make_job
from datagen.collect.navigate import AmongOthers
from datagen.config import EXPERT_POLICIES, POLICIES, PTZ_POLICIES, make_config
from datagen.store import EpisodeFacts, Row
from datagen.tasks import task_of
from scenes.errors import HomeError
from scenes.library import load_scene
from sim.agents.kinematic import KinematicAgent
from sim.agents.protocol import Action
from sim.frame import Frame
from sim.nav import NavGraph
from sim.ptz import ACTIONS, PROFILES, change
from sim.raycasting import RayCaster
from sim.traffic import Traffic, TrafficPlan

HOME = "two-levels"
Made = tuple[list[tuple[Frame, Row]], EpisodeFacts]


def collect(studio: Studio, index: int) -> Made:
    source, pairs = studio.episode(index), []
    while True:
        try:
            pairs.append(next(source))
        except StopIteration as end:
            return pairs, end.value


def settings(policies: tuple[str, ...] = POLICIES, **more: Any) -> dict[str, Any]:
    given = {"homes": [HOME], "policies": policies, "episodes": 99, "frames": 6, "size": (48, 36), "seed": 4}
    return given | more


@cache
def plain() -> dict[str, Made]:
    """The first episode of each policy."""
    with Studio(make_job(make_config(settings())), "gl") as studio:
        return {policy: collect(studio, index) for index, policy in enumerate(POLICIES)}


def same(one: Made, other: Made) -> bool:
    images = all(
        np.array_equal(a.rgb, b.rgb)
        and np.array_equal(a.depth, b.depth)
        and np.array_equal(a.segmentation, b.segmentation)
        for (a, _), (b, _) in zip(one[0], other[0], strict=True)
    )
    return images and [row for _, row in one[0]] == [row for _, row in other[0]] and one[1] == other[1]


def test_an_episode_depends_on_the_configuration_and_its_index_alone() -> None:
    with Studio(make_job(make_config(settings())), "gl") as studio:
        for index, policy in reversed(list(enumerate(POLICIES))):
            assert same(collect(studio, index), plain()[policy]), policy
    other = make_config(settings(seed=5))
    with Studio(make_job(other), "gl") as studio:
        assert not same(collect(studio, 0), plain()[POLICIES[0]])


@pytest.mark.parametrize("policy", POLICIES)
def test_rows_say_what_is_seen(policy: str) -> None:
    pairs, facts = plain()[policy]
    scene = load_scene(HOME)
    rooms = {(scene.levels[room.level].name, room.name) for room in scene.rooms}
    assert 1 <= len(pairs) <= 6
    assert facts.home == HOME
    assert facts.drawn["policy"] == policy
    for (_, before), (_, row) in itertools.pairwise(pairs):
        assert row.time_s > before.time_s
        assert (row.camera, row.home) == (before.camera, HOME)
    for frame, row in pairs:
        assert frame.rgb.shape == (36, 48, 3)
        assert (row.level, row.room) in rooms
        assert (frame.depth > 0).mean() > 0.5
        assert (row.zoom is not None) == (policy in PTZ_POLICIES)
        assert (row.command is not None) == (policy != "fly")
        assert (row.command_threshold is not None) == (policy in EXPERT_POLICIES)
        assert len(row.action) == (3 if policy in PTZ_POLICIES else 2 if policy in EXPERT_POLICIES else 0)
        if row.zoom is not None:
            fov_deg = PROFILES[row.camera.split("-")[0]].fov_deg(row.zoom)
            assert frame.intrinsics.fov_deg == pytest.approx(fov_deg)


@pytest.mark.parametrize("policy", ["sweep", "random", "jump"])
def test_a_ptz_camera_does_what_the_action_asks(policy: str) -> None:
    pairs, _ = plain()[policy]
    profile = PROFILES[pairs[0][1].camera.split("-")[0]]
    for (_, row), (_, after) in itertools.pairwise(pairs):
        pan, tilt, zoom = row.action
        assert math.remainder(after.pan_deg - row.pan_deg - pan, 360.0) == pytest.approx(0, abs=1e-6)
        low, high = profile.tilt_limits_deg
        assert after.tilt_deg == pytest.approx(min(max(row.tilt_deg + tilt, low), high), abs=1e-6)
        assert after.zoom == pytest.approx(min(max(row.zoom + zoom, 1.0), profile.max_zoom), abs=1e-6)


def test_sweeps_do_every_action_with_both_profiles_and_all_cameras() -> None:
    asked = make_config(settings(("sweep",), frames=24, size=(8, 8), ptz={"cameras": 2}))
    actions, seen, positions = set(), set(), []
    with Studio(make_job(asked), "gl") as studio:
        for index in range(8):
            pairs, _ = collect(studio, index)
            profile = PROFILES[pairs[0][1].camera.split("-")[0]]
            seen |= {(row.camera, row.level) for _, row in pairs}
            positions.append((pairs[0][1].pan_deg, pairs[0][1].tilt_deg, pairs[0][1].zoom))
            for _, row in pairs:
                action = next(action for action in ACTIONS if action.name == row.command)
                assert row.action == pytest.approx(change(action, profile, 5.0))
                actions.add(action.index)
    assert actions == set(range(21))
    assert {camera for camera, _ in seen} == {"axis-0", "axis-1", "hanwha-0", "hanwha-1"}
    assert len({level for _, level in seen}) == 2
    assert all(np.ptp(np.array(positions), axis=0) > (180, 20, 1))


def test_tracking_keeps_its_target_near_the_middle_and_turns_smoothly() -> None:
    asked = make_config(settings(("track",), frames=60, size=(8, 8)))
    with Studio(make_job(asked), "gl") as studio:
        rows = [row for _, row in collect(studio, 0)[0]]
    pans = np.unwrap(np.radians([row.pan_deg for row in rows]))
    assert np.ptp(pans) > np.radians(5)
    speeds = np.diff(pans) / 0.1
    assert np.abs(np.diff(speeds)).max() < np.radians(60)
    assert np.abs([row.action[0] for row in rows]).max() < 10  # asked per frame, degrees: never far behind


def test_experts_reach_the_goal_and_label_each_view() -> None:
    asked = make_config(settings(EXPERT_POLICIES, frames=None, size=(8, 8)))
    with Studio(make_job(asked), "gl") as studio:
        for index, policy in enumerate(EXPERT_POLICIES):
            pairs, facts = collect(studio, index)
            assert facts.outcome == "reached"
            commands = [row.command for _, row in pairs]
            assert commands[-1] == "stop"
            assert {"forward"} < set(commands)
            asked_for = {"stop": (0.0, 0.0), "forward": (0.25, 0.0), "left": (0.0, 10.0), "right": (0.0, -10.0)}
            agree = [row.action == asked_for[row.command] for _, row in pairs]
            assert all(agree) == (policy != "wandering")
            for frame, row in pairs:
                assert row.goal_distance_m is not None
                towards = pairs[-1][0].T_world_camera[:2, 3] - frame.T_world_camera[:2, 3]
                assert row.goal_distance_m == pytest.approx(float(np.hypot(*towards)), abs=0.21)
                if row.way_bearing_deg is None:
                    assert row.command == "stop"
                elif abs(row.way_bearing_deg) <= row.command_threshold:
                    assert row.command == "forward"
                else:
                    assert row.command == ("left" if row.way_bearing_deg > 0 else "right")
            if policy == "perfect":
                poses = [frame.T_world_camera for frame, _ in pairs]
                for (one, row), other in zip(
                    zip(poses, (row for _, row in pairs), strict=True), poses[1:], strict=False
                ):
                    turn = math.degrees(math.atan2(*(one[:3, :3].T @ other[:3, 2])[[0, 2]]))
                    assert turn == pytest.approx(-row.action[1], abs=1e-6)


def test_flying_cameras_are_in_free_air_all_over_the_home() -> None:
    scene = load_scene(HOME)
    asked = make_config(settings(("fly",), frames=60, size=(8, 8)))
    with Studio(make_job(asked), "gl") as studio:
        pairs, _ = collect(studio, 0)
    caster = RayCaster(scene.vertices, scene.triangles)
    rng = np.random.default_rng(0)
    directions = rng.standard_normal((200, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    clear = [caster.cast(np.tile(frame.T_world_camera[:3, 3], (200, 1)), directions).reach.min() for frame, _ in pairs]
    assert min(clear) > 0.1
    assert {row.level for _, row in pairs} == {level.name for level in scene.levels}
    assert len({row.room for _, row in pairs}) == len({room.name for room in scene.rooms if room.name})


def test_a_randomised_dataset_differs_in_that_setting_only() -> None:
    with Studio(make_job(make_config(settings(randomise={"paint": {}, "furniture": {"layouts": 1}}))), "gl") as studio:
        for index, policy in enumerate(POLICIES):
            if policy in EXPERT_POLICIES or policy == "fly":
                continue
            (pairs, facts), (before, _) = collect(studio, index), plain()[policy]
            assert [row for _, row in pairs] == [row for _, row in before]
            for (one, _), (other, _) in zip(pairs, before, strict=True):
                assert np.array_equal(one.T_world_camera, other.T_world_camera)
                assert not np.array_equal(one.rgb, other.rgb)
            assert facts.drawn["looks"][0]["paint"]
            assert facts.drawn["looks"][0]["furniture"]
    with Studio(make_job(make_config(settings(randomise={"paint": {"when": 2}}))), "gl") as studio:
        for index, policy in enumerate(POLICIES[:2]):
            (pairs, facts), (before, _) = collect(studio, index), plain()[policy]
            assert [row for _, row in pairs] == [row for _, row in before]
            assert all(np.array_equal(a.depth, b.depth) for (a, _), (b, _) in zip(pairs, before, strict=True))
            assert [look["step"] for look in facts.drawn["looks"]] == [0, 2, 4]


def test_noise_is_what_it_says_and_comes_by_its_schedule() -> None:
    asked = settings(("sweep",), randomise={"noise": {"value": {"choice": ["color"]}, "when": 3}}, frames=6)
    with Studio(make_job(make_config(asked)), "gl") as studio:
        noisy, _ = collect(studio, 0)
        again, _ = collect(studio, 0)
    with Studio(make_job(make_config(settings(("sweep",)))), "gl") as studio:
        clean, _ = collect(studio, 0)
    for (one, _), (two, _), (three, _) in zip(noisy, again, clean, strict=True):
        assert np.array_equal(one.rgb, two.rgb)
        assert not np.array_equal(one.rgb, three.rgb)
        assert np.abs(one.rgb.astype(int) - three.rgb).mean() < 20
        assert np.array_equal(one.depth, three.depth)


def test_what_moves_is_seen_and_told_and_cameras_stay_the_same() -> None:
    asked = settings(("sweep", "perfect"), moving={"people": 3, "doors": 1.0}, frames=20)
    names = {instance.name for instance in load_scene(HOME).instances}
    with Studio(make_job(make_config(asked)), "gl") as studio:
        busy, _ = collect(studio, 0)
        walk, facts = collect(studio, 1)
    with Studio(make_job(make_config(settings(("sweep", "perfect"), frames=20))), "gl") as studio:
        still, _ = collect(studio, 0)
    for (one, row), (two, other) in zip(busy, still, strict=True):
        assert np.array_equal(one.T_world_camera, two.T_world_camera)
        assert {"person 1", "person 2", "person 3"} <= set(row.moving)
        assert len(row.moving) > 3
        assert not other.moving
    where = np.array([row.moving["person 1"][:3, 3] for _, row in busy])
    assert np.linalg.norm(where[-1] - where[0]) > 0.3
    assert not names & set(busy[0][1].moving)
    for frame, row in walk:
        for name in ("person 1", "person 2", "person 3"):
            apart = frame.T_world_camera[:3, 3] - row.moving[name][:3, 3]
            assert np.hypot(*apart[:2]) > 0.4 or not -0.3 < apart[2] - 1.25 < 0.3
    assert facts.outcome in ("reached", "out of steps", "stuck")


def test_an_agent_waits_for_who_is_in_its_way() -> None:
    scene = load_scene(HOME)
    graph = NavGraph.load(scene)
    traffic = Traffic(scene, TrafficPlan(people=1))
    agent = AmongOthers(KinematicAgent(graph), traffic, busy=True)
    rng = np.random.default_rng(1)
    agent.place(graph.random_point(rng), 0.0)
    traffic.begin(3, agent.footprint())
    for _ in range(300):
        agent.act(Action(int(rng.integers(1, 4))))
        (person,) = traffic.moving.values()
        apart = traffic.poses()[person][:3, 3] - agent.pose[:3, 3]
        assert np.hypot(*apart[:2]) > 0.4 or abs(apart[2]) > 1.0
    with pytest.raises(HomeError, match="something that moves"):
        agent.place(traffic.poses()[person][:3, 3], 0.0)


def test_homes_and_policies_take_turns() -> None:
    asked = make_config(settings(("fly", "sweep"), homes=["blocks", "round", HOME]))
    tasks = [task_of(asked, index) for index in range(12)]
    assert [task.home for task in tasks] == [0, 1, 2] * 4
    assert [task.policy for task in tasks] == (["fly"] * 3 + ["sweep"] * 3) * 2
    assert [task.turn for task in tasks] == [0] * 6 + [1] * 6
    with pytest.raises(HomeError, match="called 'round'"):
        make_job(make_config(settings(homes=["round", "blocks", "round"])))
