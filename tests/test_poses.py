"""Long bodies: where there is room to turn, and that robots arrive where the graph of poses has a path."""

from __future__ import annotations

import numpy as np
import pytest

from scenes.body import CLIMBER
from scenes.library import load_scene
from scenes.scene import Scene
from sim.experts.experts import Ending
from sim.experts.trip import Trip
from sim.nav.graph import NavGraph
from sim.nav.poses import YAWS_DEG, Obstacle, PoseGraph
from sim.robots.models import CLIMBER_ROBOT
from tests.arrivals import homes, trips
from tests.drives import flight_of
from tests.walk_scenes import flight, floor, scene_of, wall

HALF_M = CLIMBER_ROBOT.half_axis_m
WITHIN_M = 0.2


def poses_of(*solids: object, obstacles: tuple[Obstacle, ...] = ()) -> PoseGraph:
    return PoseGraph(NavGraph.build(scene_of(*solids), CLIMBER), HALF_M, obstacles)


def corridor(width_m: float) -> list[object]:
    """A corridor along x from 0 to 6, shut all around."""
    half = width_m / 2
    return [floor(-1, -2, 7, 2), wall(-0.1, -2, 0, 2), wall(6, -2, 6.1, 2), wall(0, half, 6, 2), wall(0, -2, 6, -half)]


def free_at(poses: PoseGraph, point: tuple[float, float, float]) -> set[int]:
    place = np.repeat(poses.graph.locate(np.array([point])), len(YAWS_DEG))
    return set(YAWS_DEG[poses.is_free(place, YAWS_DEG)].astype(int).tolist())


def test_a_pose_is_free_where_the_capsule_is() -> None:
    """In the middle of a corridor of half width w, the capsule's end is at half axis · |sin yaw| + radius."""
    poses = poses_of(*corridor(0.9))
    allowed = (0.45 - CLIMBER.radius_m + 0.05) / HALF_M  # the ground is known to a cell
    free = free_at(poses, (3.0, 0.0, 0.0))
    assert {0, 15, 165, 180, 195, 345} <= free
    assert all(abs(np.sin(np.radians(yaw))) <= allowed for yaw in free)
    assert free_at(poses_of(*corridor(2.0)), (3.0, 0.0, 0.0)) == set(YAWS_DEG.astype(int).tolist())


def test_in_a_narrow_corridor_a_body_goes_on_but_cannot_turn_round() -> None:
    poses = poses_of(*corridor(0.9))
    start, goal = np.array([2.0, 0.0, 0.0]), np.array([4.0, 0.0, 0.0])
    ahead, back = poses.field(goal, WITHIN_M).left_m(start, np.array([0.0, 180.0]))
    assert ahead == pytest.approx(2.0 - WITHIN_M, rel=0.6)
    assert np.isinf(back)
    wide = poses_of(*corridor(2.0)).field(goal, WITHIN_M).left_m(start, np.array([0.0, 180.0]))
    assert 2.0 - 2 * WITHIN_M < wide[0] < wide[1] < np.inf


def test_no_room_for_a_long_body_is_said_where_a_round_one_fits() -> None:
    """An alcove off a corridor: the disc goes in around the corner, the long body cannot."""
    solids = [floor(-1, -3, 7, 3), wall(-0.1, -3, 0, 3), wall(6, -3, 6.1, 3), wall(0, 0.4, 6, 0.5),
              wall(0, -3, 2.6, -0.4), wall(3.4, -3, 6, -0.4), wall(2.6, -3, 3.4, -2.5)]  # fmt: skip
    poses = poses_of(*solids)
    start, goal = (0.8, 0.0, 0.0), (3.0, -1.9, 0.0)
    assert not poses.graph.why_not(start, goal)
    assert "no room" in poses.why_not(start, goal, WITHIN_M)
    assert not poses.why_not(start, (5.0, 0.0, 0.0), WITHIN_M)


def test_what_the_graph_does_not_know_of_is_in_the_way() -> None:
    leaf = Obstacle(np.array([[3.0, -0.1], [3.05, -0.1], [3.05, 0.9], [3.0, 0.9]]), 0.0, 2.0)
    free = free_at(poses_of(*corridor(2.0)), (3.0, 0.2, 0.0))
    assert free
    assert not free_at(poses_of(*corridor(2.0), obstacles=(leaf,)), (3.0, 0.2, 0.0))


def test_stairs_are_taken_along_their_fall() -> None:
    run = 7 * 0.28
    poses = poses_of(
        floor(-3, -2, 0.1, 2), *flight(8, 0.17, 0.28, -2, 2), floor(run, -2, run + 3, 2, 8 * 0.17)
    )  # fmt: skip
    on_treads = free_at(poses, (run / 2, 0.0, 0.68))
    assert {0, 180} <= on_treads
    assert not on_treads & {45, 90, 135, 225, 270, 315}
    assert len(free_at(poses, (-1.5, 0.0, 0.0))) == len(YAWS_DEG)


def side_of_the_foot() -> Scene:
    """A corridor 3 m wide with a flight of three steps in its middle."""
    return flight_of(3, 17.0, 28.0)


def test_a_climber_that_stands_beside_a_flight_gets_up() -> None:
    """The shortest path of its disc cuts the corner onto the first tread, where its hull has no room to turn."""
    with Trip(
        side_of_the_foot(), "4.6,-2.4", "7,-1.5,High", agent="climber", expert="perfect", people=0, seed=1
    ) as trip:
        *_, last = trip.visits()
    assert last.ending is Ending.REACHED
    assert last.T_world_body[2, 3] == pytest.approx(0.51, abs=0.02)


def test_wheels_that_stand_beside_an_incline_take_it_from_its_foot() -> None:
    """A corner over its side, of 2 cm, would lift the driven wheels off the floor."""
    with Trip(load_scene("blocks"), "Hall", "Far room", agent="wheeled", expert="perfect", people=0, seed=0) as trip:
        *_, last = trip.visits()
    assert last.ending is Ending.REACHED


@pytest.mark.full
@pytest.mark.parametrize("agent", ["climber", "wheeled"])
def test_95_percent_arrive_in_20_homes(agent: str) -> None:
    found = [arrival for name, scene in homes() for arrival in trips(name, scene, agent, 10)]
    tried = [arrival for arrival in found if not arrival.reason]
    missed = [arrival for arrival in tried if arrival.ending != Ending.REACHED.value]
    assert len(tried) >= 100
    assert len(missed) <= 0.05 * len(tried), missed
