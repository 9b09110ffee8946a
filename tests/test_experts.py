"""Experts: they get there, through nothing, and label what they see."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from scenes.errors import HomeError
from scenes.library import load_scene
from sim.agents.kinematic import KinematicAgent
from sim.agents.protocol import Action
from sim.episodes import draw_episodes
from sim.experts import EXPERTS, POINT_NAV, ROUTE_NAV, Course, Ending, Guide, Parameters, Visit
from sim.nav.graph import NavGraph
from tests.walks import Walls


@cache
def graph(name: str) -> NavGraph:
    return NavGraph.load(load_scene(name))


def travel(name: str, expert: str, seed: int, parameters: Parameters = POINT_NAV) -> tuple[list[Visit], np.ndarray]:
    """The visits of a random episode, and its goal."""
    nav = graph(name)
    rng = np.random.default_rng(seed)
    episode = draw_episodes(nav, 1, rng).episodes[0]
    agent = KinematicAgent(nav, parameters.moves)
    agent.place(episode.start, episode.yaw_deg)
    course = Course(nav, np.array([episode.goal]), parameters.target_m)
    return list(EXPERTS[expert](agent, course, parameters, rng, 5000)), np.array(episode.goal)


def check_perfect(name: str, count: int, least_reached: int) -> None:
    """Goals reached, with no move through a wall and none below the floor."""
    nav = graph(name)
    walls = Walls(nav.scene)
    reached = 0
    for seed in range(count):
        visits, goal = travel(name, "perfect", seed)
        positions = np.array([visit.T_world_body[:3, 3] for visit in visits])
        reached += visits[-1].ending is Ending.REACHED and nav.geodesic(positions[-1], goal) <= POINT_NAV.target_m
        assert not len(walls.passed_through(positions, nav.body)), f"seed {seed}"
        assert not len(walls.below_floor(positions, nav.body)), f"seed {seed}"
    assert reached >= least_reached


def test_perfect_reaches_goals_over_stairs() -> None:
    check_perfect("two-levels", 25, 25)
    check_perfect("blocks", 15, 15)


def test_perfect_reaches_goals_in_oldenborg() -> None:
    check_perfect("oldenborg", 12, 12)


@pytest.mark.full
def test_perfect_reaches_99_percent_of_1000_goals_in_oldenborg() -> None:
    check_perfect("oldenborg", 1000, 990)


def test_long_steps_reach_goals_too() -> None:
    endings = [travel("two-levels", "perfect", seed, ROUTE_NAV)[0][-1].ending for seed in range(10)]
    assert endings == [Ending.REACHED] * 10


def test_perfect_takes_hardly_more_than_the_shortest_way() -> None:
    nav = graph("two-levels")
    for seed in range(10):
        visits, goal = travel("two-levels", "perfect", seed)
        positions = np.array([visit.T_world_body[:3, 3] for visit in visits])
        walked_m = np.linalg.norm(np.diff(positions, axis=0), axis=1).sum()
        assert walked_m <= 1.1 * nav.geodesic(positions[0], goal) + 0.3


def test_wandering_takes_a_quarter_of_random_commands_and_labels_the_right_ones() -> None:
    visits = [visit for seed in range(20) for visit in travel("two-levels", "wandering", seed)[0][:-1]]
    strayed = np.mean([visit.taken != visit.label for visit in visits])
    assert strayed == pytest.approx(0.25 * 2 / 3, abs=0.05)  # a third of random commands is right by chance


def test_teleporting_jumps_around_the_way_and_labels_what_the_guide_says() -> None:
    nav = graph("two-levels")
    for seed in range(5):
        visits, goal = travel("two-levels", "teleporting", seed)
        assert visits[-1].ending is Ending.REACHED
        assert all(visit.taken is None for visit in visits[:-1])
        assert {visit.label for visit in visits[:-1]} <= {Action.FORWARD, Action.LEFT, Action.RIGHT}
        for visit in visits[:-1]:
            position = visit.T_world_body[:3, 3]
            assert math.isfinite(nav.geodesic(position, goal))
            fresh = Guide(Course(nav, goal[None], POINT_NAV.target_m), POINT_NAV)
            assert fresh.command(visit.T_world_body) is not Action.STOP


def test_same_seed_same_visits() -> None:
    for expert in EXPERTS:
        one, other = (travel("two-levels", expert, 3)[0] for _ in range(2))
        assert [(v.T_world_body.tobytes(), v.label, v.taken) for v in one] == [
            (v.T_world_body.tobytes(), v.label, v.taken) for v in other
        ]


def test_targets_are_reached_in_turn() -> None:
    nav = graph("two-levels")
    rng = np.random.default_rng(0)
    targets = np.array([nav.random_point(rng, room=room) for room in ("Gallery", "Living room", "Gallery")])
    agent = KinematicAgent(nav)
    agent.place(nav.random_point(rng, room="Living room"), 0.0)
    visits = list(EXPERTS["perfect"](agent, Course(nav, targets, 0.2), POINT_NAV, rng, 5000))
    assert visits[-1].ending is Ending.REACHED
    order = [visit.target for visit in visits]
    assert order == sorted(order)
    for index, target in enumerate(targets):
        last = next(visit for visit in visits if visit.target > index)
        assert nav.geodesic(last.T_world_body[:3, 3], target) <= 0.2 + 1e-6


class _Fixed(KinematicAgent):
    """Turns, but never gets ahead."""

    def act(self, action: Action) -> None:
        if action != Action.FORWARD:
            super().act(action)


class _Dizzy(KinematicAgent):
    """Turns whatever it is told."""

    def act(self, action: Action) -> None:
        del action
        super().act(Action.LEFT)


@pytest.mark.parametrize(
    ("kind", "most_steps", "ending"),
    [(_Fixed, 500, Ending.STUCK), (_Dizzy, 500, Ending.NO_PROGRESS), (KinematicAgent, 5, Ending.OUT_OF_STEPS)],
)
def test_experts_give_up_for_a_reason(kind: type[KinematicAgent], most_steps: int, ending: Ending) -> None:
    nav = graph("two-levels")
    rng = np.random.default_rng(1)
    agent = kind(nav)
    agent.place(nav.random_point(rng, room="Living room"), 0.0)
    course = Course(nav, nav.random_point(rng, room="Gallery")[None], 0.2)
    visits = list(EXPERTS["perfect"](agent, course, POINT_NAV, rng, most_steps))
    assert visits[-1].ending is ending
    assert all(visit.ending is None for visit in visits[:-1])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"forward_m": 0.0}, "above 0"),
        ({"turn_deg": math.nan}, "turn_deg"),
        ({"wedge_deg": 5.0}, "wedge"),
        ({"forward_m": 1.0}, "pass by"),
        ({"random_share": 1.0}, "random share"),
    ],
)
def test_parameters_that_cannot_work_are_refused(wrong: dict[str, float], said: str) -> None:
    with pytest.raises(HomeError, match=said):
        Parameters(**wrong)
