"""The kinematic agent: closed forms on plain solids; rays and goals in bundled homes."""

import math

import numpy as np
import pytest

from scenes.body import PERSON, WHEELED
from scenes.errors import HomeError
from scenes.library import load_scene
from sim.agents.kinematic import KinematicAgent
from sim.agents.protocol import Action, Moves
from sim.experts import POINT_NAV, Course, Guide
from sim.nav import NavGraph
from tests.test_nav import caster_of, two_rooms
from tests.walk_scenes import flight, floor, incline, scene_of, wall

RADIUS = PERSON.radius_m


def test_discrete_moves_on_open_ground():
    agent = KinematicAgent(NavGraph.build(scene_of(floor(-4, -4, 4, 4))), Moves(forward_m=0.5, turn_deg=15))
    agent.place((0, 0, 0), 30)
    for _ in range(3):
        agent.act(Action.FORWARD)
    assert agent.position == pytest.approx((1.5 * math.cos(math.pi / 6), 0.75, 0), abs=1e-9)
    agent.act(Action.LEFT)
    agent.act(Action.STOP)
    assert agent.yaw_deg == pytest.approx(45)
    agent.act(Action.RIGHT)
    assert agent.pose[:3, :3] @ (1, 0, 0) == pytest.approx((math.cos(math.pi / 6), 0.5, 0))
    assert agent.collisions == ()


def test_velocity_drives_an_arc():
    agent = KinematicAgent(NavGraph.build(scene_of(floor(-4, -4, 4, 4))))
    agent.place((0, -1, 0), 0)
    for _ in range(90):
        agent.command_velocity(math.pi / 2, 90, 1 / 90)
    assert agent.yaw_deg == pytest.approx(90)
    assert agent.position == pytest.approx((1, 0, 0), abs=0.01)
    agent.command_velocity(-0.5, 0, 1.0)
    assert agent.position == pytest.approx((1, -0.5, 0), abs=0.01)


def test_slides_along_a_wall_and_says_which():
    graph = NavGraph.build(scene_of(floor(-4, -4, 4, 4), wall(1, -4, 1.1, 4)))
    agent = KinematicAgent(graph)
    agent.place((0, -2, 0), 45)
    for _ in range(12):
        agent.act(Action.FORWARD)
    x, y, _ = agent.position
    assert x == pytest.approx(1 - RADIUS, abs=0.03)
    assert x <= 1 - RADIUS + 0.005
    assert y == pytest.approx(-2 + 12 * 0.25 * math.sqrt(0.5), abs=0.05)
    assert [thing.name for thing in agent.collisions] == ["wall"]
    agent.place((0, 0, 0), 0)
    for _ in range(10):
        agent.act(Action.FORWARD)
    assert agent.position[0] == pytest.approx(1 - RADIUS, abs=0.03)


def test_stops_at_a_drop():
    agent = KinematicAgent(NavGraph.build(scene_of(floor(-2, -2, 2, 2, 1.0), floor(-4, -4, 4, 4))))
    agent.place((0, 0, 1), 0)
    for _ in range(20):
        agent.act(Action.FORWARD)
    assert agent.position == pytest.approx((2 - RADIUS, 0, 1), abs=0.06)
    assert agent.collisions == ()
    assert agent.blocked


def test_climbs_stairs_and_inclines_at_the_surface():
    rise, going, steps = 0.17, 0.28, 10
    run = (steps - 1) * going
    scene = scene_of(floor(-3, -2, 0.5, 2), *flight(steps, rise, going, -0.6, 0.6), floor(run, -0.6, run + 3, 0.6, 1.7))
    agent = KinematicAgent(NavGraph.build(scene))
    agent.place((-2, 0, 0), 0)
    while agent.position[0] < run + 1.5:
        agent.act(Action.FORWARD)
        x, _, z = agent.position
        tread = min(max(math.floor(x / going) + 1, 0), steps) * rise
        assert tread - 1e-4 <= z <= tread + rise + 1e-4
    assert agent.position[2] == pytest.approx(1.7)
    slope = scene_of(floor(-3, -2, 0.1, 2), incline(8, 1, -1, 1), floor(1 / math.tan(math.radians(8)), -1, 10, 1, 1))
    for body in (PERSON, WHEELED):
        agent = KinematicAgent(NavGraph.build(slope, body))
        agent.place((-1, 0.2, 0), 0)
        for _ in range(24):
            agent.act(Action.FORWARD)
        x, _, z = agent.position
        assert x == pytest.approx(5)
        assert z == pytest.approx(5 * math.tan(math.radians(8)), abs=2e-3)


def test_no_place_for_it():
    agent = KinematicAgent(NavGraph.build(two_rooms()))
    with pytest.raises(HomeError, match="nowhere"):
        agent.act(Action.FORWARD)
    for point in ((0, 0, 0), (2, 0, 3.0), (99, 0, 0), (float("nan"), 0, 0)):
        with pytest.raises(HomeError, match="start"):
            agent.place(point, 0)


def reached(name, goals, seed):
    """How many of some random goals a guided body reaches; every move is checked by rays."""
    scene = load_scene(name)
    graph = NavGraph.load(scene)
    agent, cast, rng = KinematicAgent(graph), caster_of(scene), np.random.default_rng(seed)
    count, steps = 0, []
    for _ in range(goals):
        start, goal = graph.random_point(rng), graph.random_point(rng)
        agent.place(start, rng.uniform(-180, 180))
        guide = Guide(Course(graph, goal[None], POINT_NAV.target_m), POINT_NAV)
        for _ in range(200 + int(graph.geodesic(start, goal) * 16)):
            action = guide.command(agent.pose)
            if action == Action.STOP:
                count += 1
                break
            before = agent.position
            agent.act(action)
            if action == Action.FORWARD:
                steps.append((before, agent.position))
    check_steps(np.array(steps), cast)
    return count


def check_steps(steps, cast):
    """No move goes through anything above a step, and none ends under a floor."""
    way = steps[:, 1] - steps[:, 0]
    length = np.linalg.norm(way, axis=1)
    moved = length > 1e-4
    for height in (0.35, 0.8, 1.3):
        met = cast(np.hstack([steps[moved, 0] + (0, 0, height), way[moved] / length[moved, None]]))
        assert (met >= length[moved]).all()
    down = np.tile([0.0, 0.0, -1.0], (len(steps), 1))
    under = cast(np.hstack([steps[:, 1] + (0, 0, 1.0), down]))
    assert (under >= 1.0 - 0.012).all()


@pytest.mark.parametrize("name", ["blocks", "two-levels"])
def test_reaches_random_goals(name):
    assert reached(name, 60, 1) >= 59


def test_reaches_random_goals_in_oldenborg():
    assert reached("oldenborg", 30, 2) >= 29


@pytest.mark.full
def test_reaches_a_thousand_goals_in_oldenborg():
    assert reached("oldenborg", 1000, 3) >= 990
