"""Things that move: never into each other, seen by cameras and collisions, the same for the same seed."""

from __future__ import annotations

from functools import cache
from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from scenes.body import PERSON
from scenes.errors import HomeError
from scenes.library import load_scene
from scenes.scene import Scene
from sim.agents.bodies import make_body
from sim.agents.protocol import Action, Moves
from sim.camera import Intrinsics, pose_looking
from sim.renderers.choose import open_renderer
from sim.traffic import Traffic, TrafficPlan
from sim.traffic.among import AmongTraffic
from sim.traffic.obstacles import Obstacles, moving_body
from sim.traffic.walkers import PERSON_SIZE

BUSY = TrafficPlan(people=4, doors=1.0)


@cache
def scene(name: str = "blocks") -> Scene:
    return load_scene(name)


def busy(seed: int, plan: TrafficPlan = BUSY) -> Traffic:
    traffic = Traffic(scene(), plan)
    traffic.begin(seed)
    return traffic


def discs(traffic: Traffic) -> list[tuple[np.ndarray, float]]:
    """The people: position (3,) and radius."""
    poses = traffic.poses()
    return [(poses[body][:3, 3], PERSON_SIZE.radius_m) for body in traffic.moving.values()]


def test_nobody_walks_into_anybody_and_all_get_about() -> None:
    traffic = busy(0)
    begun = [position for position, _ in discs(traffic)]
    went_m = np.zeros(len(begun))
    for _ in range(300):
        before = [position for position, _ in discs(traffic)]
        traffic.advance(0.5)
        here = discs(traffic)
        went_m += [float(np.linalg.norm(a - b)) for a, (b, _) in zip(before, here, strict=True)]
        for (a, radius_a), (b, radius_b) in combinations(here, 2):
            if abs(a[2] - b[2]) < PERSON_SIZE.height_m:
                assert np.hypot(*(a - b)[:2]) > radius_a + radius_b
    assert (went_m > 20).all()


def test_same_seed_same_poses_and_a_state_goes_on() -> None:
    one, other = busy(5), busy(5)
    for _ in range(20):
        one.advance(0.5)
        other.advance(0.5)
    state = one.save()
    assert all(np.array_equal(one.poses()[body], pose) for body, pose in other.poses().items())
    for _ in range(100):
        one.advance(0.3)
    later = one.poses()
    other.restore(state)
    for _ in range(100):
        other.advance(0.3)
    assert all(np.array_equal(later[body], pose) for body, pose in other.poses().items())
    assert any(not np.array_equal(later[body], pose) for body, pose in busy(6).poses().items())


def test_doors_stand_open_unless_asked_to_swing() -> None:
    still, swinging = busy(0, TrafficPlan()), busy(0, TrafficPlan(doors=1.0))
    before, moved = still.poses(), swinging.poses()
    for traffic in (still, swinging):
        traffic.advance(3.0)
    assert all(np.array_equal(before[body], pose) for body, pose in still.poses().items())
    assert any(not np.array_equal(moved[body], pose) for body, pose in swinging.poses().items())


def test_an_agent_and_the_people_keep_off_each_other() -> None:
    traffic = Traffic(scene(), TrafficPlan(people=5))
    body = make_body("kinematic", scene(), Moves())
    agent = AmongTraffic(body, traffic)
    rng = np.random.default_rng(0)
    agent.place(body.graph.random_point(rng, room="Hall"), 0.0)
    traffic.begin(1, agent.footprint)
    met = 0
    for _ in range(1500):
        agent.act(Action.FORWARD if rng.random() < 0.7 else Action.LEFT)
        met += any(instance.category == "body" for instance in agent.collisions)
        for position, radius_m in discs(traffic):
            if abs(position[2] - agent.pose[2, 3]) < PERSON.height_m - PERSON.max_step_m:
                assert np.hypot(*(position - agent.pose[:3, 3])[:2]) > radius_m + PERSON.radius_m - 1e-6
    assert met > 0


def test_a_swinging_door_stops_the_agent_while_it_is_shut() -> None:
    traffic = busy(0, TrafficPlan(doors=1.0))
    leaves = len(traffic.bodies)
    shut_times = 0
    for _ in range(100):
        traffic.advance(0.25)
        for body in range(leaves):
            instance = traffic.instances[body]
            low, high = np.array(instance.bounds_m)
            middle = (low + high) / 2
            across = np.array([0, 1, 0]) if high[0] - low[0] > high[1] - low[1] else np.array([1, 0, 0])
            start, end = (np.array([*middle[:2], low[2]]) + side * across for side in (-1.0, 1.0))
            turned_deg = np.degrees(np.arccos(np.clip(traffic.poses()[body][0, 0], -1, 1)))
            if turned_deg < 3:  # as drawn, which is shut
                shut_times += 1
                assert instance in traffic.met_by(PERSON, start, end)
    assert shut_times > 0


@pytest.mark.parametrize("renderer", ["gl", "bullet", "raycast"])
def test_cameras_see_who_walks_there(renderer: str) -> None:
    traffic = Traffic(scene(), TrafficPlan(people=2, trolleys=1))
    traffic.begin(3)
    traffic.advance(2.0)
    camera = Intrinsics.from_fov(64, 48, 60)
    with open_renderer(renderer, scene(), bodies=traffic.bodies) as opened:
        for body, pose in traffic.poses().items():
            opened.place(body, pose)
        for name, body in traffic.moving.items():
            above = traffic.poses()[body][:3, 3] + (0.0, 0.0, 2.1)
            frame = opened.render(camera, pose_looking(above, 0.0, -89.9))
            ids = {instance.name: instance.id for instance in traffic.instances}
            assert frame.segmentation[24, 32] == ids[name]


def test_more_people_than_there_is_room_for_are_refused() -> None:
    with pytest.raises(HomeError, match="no room for person"):
        Traffic(load_scene("round"), TrafficPlan(people=500)).begin(0)
    with pytest.raises(HomeError, match="numbers of 0 or more"):
        TrafficPlan(people=-1)


numbers = st.floats(-3, 3, allow_nan=False).map(lambda value: round(value, 3))
points = st.tuples(numbers, numbers)


@given(points, points, points, points, st.floats(0.1, 0.5))
def test_gaps_are_those_of_shapely(a: object, b: object, c: object, d: object, radius_m: float) -> None:
    ends = [np.array([end], float) for end in (a, b)]
    thing = Obstacles(*ends, np.array([radius_m]), np.array([0.0]), np.array([1.0]))
    size = PERSON
    start, end = (np.array([*point, 0.0]) for point in (c, d))  # type: ignore[misc]
    gap = thing.gaps_m(moving_body(size, start, end))[0]
    apart = shapely.LineString([a, b]).distance(shapely.LineString([c, d]))
    assert gap == pytest.approx(apart - radius_m - size.radius_m, abs=1e-5)


def test_what_lies_above_or_below_is_not_in_the_way() -> None:
    thing = Obstacles(*(np.zeros((1, 2)),) * 2, np.array([0.3]), np.array([3.0]), np.array([4.7]))
    assert thing.gaps_m(moving_body(PERSON, np.zeros(3), np.zeros(3)))[0] == np.inf
