"""Closed loop: policies written for the purpose get the figures they deserve, and see what a dataset shows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.collect import Studio, make_job
from datagen.config import make_config
from scenes.errors import HomeError
from sim.agents.protocol import Action
from sim.experts.parameters import ROUTE_NAV
from tests.halls import RADIUS_M, drives, hall
from tests.test_collect import collect
from train.driving.drive import Drive, Track
from train.driving.endings import Done, Ending, Watch
from train.driving.look import Eye, Look
from train.driving.policies import SCRIPTED, Cycle, Drawn, Oracle, as_action, by_shares, majority
from train.driving.sets import DriveSet

STEP_M, LENGTH_M, WIDTH_M = ROUTE_NAV.forward_m, 12.0, 8.0
MIDDLE = -WIDTH_M / 2
CELL_M = 0.05
STARTS = [(1.0, MIDDLE, 0.0), (1.0, MIDDLE, 180.0), (1.0, MIDDLE, 60.0), (6.0, MIDDLE - 3.5, 0.0)]
AHEAD, BACK, SLANTED, ASIDE = range(4)
GOAL = (11.0, MIDDLE)


@pytest.fixture(scope="module")
def track(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Track]:
    home = hall(tmp_path_factory.mktemp("hall"), LENGTH_M, WIDTH_M)
    with Track(drives(home, STARTS, GOAL), Look(size=(16, 12))) as opened:
        yield opened


def scripted(track: Track, name: str, episode: int, **more: Any) -> Drive:
    return track.drive(SCRIPTED[name].make(), episode, **more)


def counts(drive: Drive) -> dict[tuple[str, str], int]:
    """How often each was right, and each done."""
    pairs = [(Action(r).name, Action(a).name) for r, a in zip(drive.right, drive.action, strict=True)]
    return {pair: pairs.count(pair) for pair in set(pairs)}


def test_the_oracle_goes_straight(track: Track) -> None:
    drive = scripted(track, "oracle", AHEAD)
    steps = math.ceil((GOAL[0] - 1.0 - ROUTE_NAV.target_m) / STEP_M)
    assert counts(drive) == {("FORWARD", "FORWARD"): steps}
    assert drive.ending == Ending.REACHED
    assert drive.position[:, 0] == pytest.approx(1.0 + STEP_M * np.arange(steps + 1))
    assert drive.left_m == pytest.approx([*(10 - STEP_M * np.arange(steps)), 0.0], abs=1e-3)
    assert drive.measures == {
        "success": 1.0, "path_m": pytest.approx(steps * STEP_M), "spl": 1.0, "soft_spl": 1.0, "path_completion": 1.0,
        "collisions": 0.0, "oscillation": 0.0, "floor_changes": 0.0,
    }  # fmt: skip


def test_an_oscillator_has_oscillation_100_and_nothing_else(track: Track) -> None:
    drive = scripted(track, "oscillator", AHEAD)
    assert drive.ending == Ending.OSCILLATION
    assert len(drive.action) == ROUTE_NAV.no_progress_steps == 50
    assert drive.measures == dict.fromkeys(drive.measures, 0.0) | {"oscillation": 100.0}
    assert counts(drive) == {("FORWARD", "LEFT"): 25, ("RIGHT", "RIGHT"): 25}  # 10 degrees off are too many to go
    assert np.ptp(drive.position, axis=0).max() == 0.0


def test_a_spinner_turns_on_the_spot_without_reversals(track: Track) -> None:
    drive = scripted(track, "spinner", AHEAD)
    assert drive.ending == Ending.SPINNING
    assert drive.measures == dict.fromkeys(drive.measures, 0.0)
    assert np.diff(np.unwrap(drive.yaw_deg, period=360)) == pytest.approx(np.full(50, 10.0))
    yaw_deg = [math.remainder(10 * step, 360) for step in range(50) if step != 18]  # straight back, both ways are right
    expected = ["FORWARD" if abs(yaw) <= 6 else "RIGHT" if yaw > 0 else "LEFT" for yaw in yaw_deg]
    assert [Action(right).name for right in np.delete(drive.right, 18)] == expected


def test_who_goes_on_into_a_wall_is_stuck_there(track: Track) -> None:
    drive = scripted(track, "blind", BACK)
    free_m = 1.0 - RADIUS_M
    free, stuck = int(free_m / STEP_M), ROUTE_NAV.stuck_steps
    assert drive.ending == Ending.WALL
    assert len(drive.action) == free + 1 + stuck
    assert np.flatnonzero(drive.collided).tolist() == list(range(free, free + 1 + stuck))
    assert drive.measures["collisions"] == 1 + stuck
    assert drive.measures["path_m"] == pytest.approx(free_m, abs=CELL_M)
    assert drive.measures["path_completion"] == drive.measures["spl"] == 0.0


def test_who_slides_along_a_wall_collides_from_where_it_meets_it(track: Track) -> None:
    """From the middle at 60 degrees: up to the wall beside, along it to the wall ahead, and no farther."""
    drive = scripted(track, "blind", SLANTED)
    aside_m = WIDTH_M / 2 - RADIUS_M
    free = int(aside_m / math.sin(math.radians(60)) / STEP_M)
    assert np.flatnonzero(drive.collided).tolist() == list(range(free, len(drive.action)))
    assert drive.ending == Ending.WALL
    assert drive.position[-1, 0] == pytest.approx(LENGTH_M - RADIUS_M, abs=CELL_M)
    assert drive.position[-1, 1] == pytest.approx(-RADIUS_M, abs=CELL_M)
    slid = np.diff(drive.position[free + 2 : -ROUTE_NAV.stuck_steps - 2, 0])
    assert slid == pytest.approx(np.full(len(slid), STEP_M * math.cos(math.radians(60))), abs=CELL_M)


def test_a_wall_hugger_is_in_a_collision_loop(track: Track) -> None:
    """It comes no nearer from its first action on; 25 of 50 are steps, and all but the first one hit the wall."""
    drive = scripted(track, "wall hugger", BACK)
    assert drive.ending == Ending.COLLISIONS
    assert len(drive.action) == 50
    assert drive.measures["collisions"] == drive.collided.sum() == 24
    assert drive.measures["oscillation"] == 0.0
    assert drive.measures["success"] == drive.measures["path_completion"] == 0.0


def test_who_walks_in_circles_is_lost(track: Track) -> None:
    """Steps of 0.6 m and turns of 10 degrees in turn: a circle of 3.44 m radius, which fits into half the hall."""
    drive = track.drive(Cycle((Action.FORWARD, Action.LEFT)), ASIDE)
    assert drive.ending == Ending.LOST
    radius_m = STEP_M / 2 / math.sin(math.radians(5))
    middle = np.array([6.0 + STEP_M / 2, STARTS[ASIDE][1] + radius_m * math.cos(math.radians(5))])
    assert np.linalg.norm(drive.position[:, :2] - middle, axis=1) == pytest.approx(radius_m, abs=1e-6)
    assert drive.measures["collisions"] == 0.0


def test_patience_ends_as_well(track: Track) -> None:
    drive = scripted(track, "oracle", AHEAD, patience=0.2)
    assert drive.ending == Ending.OUT_OF_STEPS
    assert len(drive.action) == 8  # 0.2 of 40
    assert drive.measures["path_completion"] == pytest.approx(8 * STEP_M / 10, abs=1e-3)
    assert drive.measures["soft_spl"] == pytest.approx(drive.measures["path_completion"])  # straight as it went


def test_stopping_elsewhere_is_giving_up_and_at_a_point_it_is_success(track: Track) -> None:
    drive = track.drive(Cycle((Action.STOP,)), AHEAD)
    assert (drive.ending, len(drive.action)) == (Ending.STOPPED, 1)
    with Track(drives(track.drive_set.home, STARTS[:1], GOAL, "point"), track.look) as points:
        assert points.drive(Cycle((Action.STOP,)), 0).ending == Ending.STOPPED
        there = points.drive(Oracle(), 0)
        assert (there.ending, Action(there.action[-1])) == (Ending.REACHED, Action.STOP)
        assert points.drive(Cycle((Action.FORWARD,)), 0).ending == Ending.WALL  # it went by


def test_random_drives_are_those_of_their_seed(track: Track) -> None:
    one, other = (scripted(track, "random", AHEAD) for _ in range(2))
    assert same(one, other)
    assert not same(one, scripted(track, "random", SLANTED))


def same(one: Drive, other: Drive) -> bool:
    return [one.to_json() | {"seconds": 0}] == [other.to_json() | {"seconds": 0}]


def test_a_drive_comes_back_from_json(track: Track) -> None:
    drive = scripted(track, "random", AHEAD)
    drive.left_m[3] = math.inf
    assert Drive.from_json(drive.to_json()).to_json() == drive.to_json()
    assert Drive.from_json(drive.to_json()).left_m[3] == math.inf


def test_policies_are_shown_what_they_ask_for_and_nothing_else(track: Track) -> None:
    shown: list[dict[str, Any]] = []

    class Watching(Oracle):
        observations = ("rgb", "depth", "previous_action", "goal_offset", "right_action")

        def act(self, observation: Any) -> int:
            shown.append(dict(observation))
            return super().act(observation)

    drive = track.drive(Watching(), AHEAD)
    assert all(tuple(one) == Watching.observations for one in shown)
    assert [int(one["previous_action"]) for one in shown] == [len(Action), *drive.action[:-1]]
    assert [float(one["goal_offset"][0]) for one in shown] == pytest.approx(
        10 - STEP_M * np.arange(len(shown)), abs=1e-3
    )
    assert shown[0]["rgb"].shape == (12, 16, 3)
    nearer = [float(one["depth"][6, 8, 0]) for one in shown]
    assert nearer == pytest.approx(LENGTH_M - 1.0 - STEP_M * np.arange(len(shown)), abs=1e-3)


def test_what_is_no_action_is_an_error(track: Track) -> None:
    assert [as_action(said) for said in ("left", 3, np.int64(1))] == [Action.LEFT, Action.RIGHT, Action.FORWARD]
    for said in ("back", 4, -1):
        with pytest.raises(HomeError, match="no action; there are 0 or stop"):
            as_action(said)


def test_a_home_that_changed_is_refused(track: Track) -> None:
    other = DriveSet(**vars(track.drive_set) | {"scene_hash": "0" * 64})
    with pytest.raises(HomeError, match="made for another"):
        Track(other, Look())


def test_policies_by_the_labels() -> None:
    labels = {"forward": 10, "left": 70, "right": 20}
    constant = majority(labels).make()
    assert {constant.act({}) for _ in range(3)} == {Action.LEFT}
    drawn = by_shares(labels).make()
    drawn.reset(3)
    acts = np.bincount([int(drawn.act({})) for _ in range(4000)], minlength=4)
    assert acts[0] == 0
    assert acts[1:] / 4000 == pytest.approx([0.1, 0.7, 0.2], abs=0.03)
    assert Drawn((0, 1, 0, 0)).act({}) == Action.FORWARD


@given(st.lists(st.tuples(st.sampled_from([1, 2, 3]), st.booleans()), min_size=50, max_size=50))
def test_reasons_are_what_the_last_actions_were(actions: list[tuple[int, bool]]) -> None:
    """Against a count of all, for any 50 actions that come no nearer; steps forward move, so none is at a wall."""
    watch = Watch(ROUTE_NAV, 5.0)
    said = [watch.see(Done(Action(kind), 0.6 * (kind == 1), hit and kind == 1, 5.0)) for kind, hit in actions]
    forward, hits = sum(kind == 1 for kind, _ in actions), sum(kind == 1 and hit for kind, hit in actions)
    turns = {kind for kind, _ in actions} - {1}
    assert said[:-1] == [None] * 49
    expected = (
        Ending.COLLISIONS if 2 * hits > forward
        else Ending.LOST if forward >= 25
        else Ending.SPINNING if len(turns) == 1
        else Ending.OSCILLATION
    )  # fmt: skip
    assert said[-1] == expected


def test_who_comes_nearer_is_left_alone() -> None:
    watch = Watch(ROUTE_NAV, 100.0)
    for step in range(1, 400):  # nearer by 2 cm every 40 actions
        assert watch.see(Done(Action.LEFT, 0.0, collided=False, left_m=100.0 - 0.02 * (step // 40))) is None


@pytest.mark.parametrize(
    "randomise",
    [{}, {"paint": {"surfaces": ["wall", "floor"], "when": 3}, "fov_factor": {"value": {"uniform": [0.9, 1.1]}}}],
    ids=["static", "randomised"],
)
def test_policies_see_what_a_dataset_shows(randomise: dict[str, Any]) -> None:
    """The same home, settings, episode and pose: the same bytes."""
    shown = {"size": (32, 24), "seed": 5, "randomise": randomise, "renderer": "gl"}
    asked = {"homes": ["two-levels"], "policies": ["perfect"], "episodes": 2, "frames": 8, "walk": {"route": "frozen"}}
    eye = Eye("two-levels", Look.model_validate(shown))
    with Studio(make_job(make_config(asked | shown)), "gl") as studio:
        for episode in range(2):
            for step, (frame, _) in enumerate(collect(studio, episode)[0]):
                seen = eye.frame(episode, step, frame.T_world_camera)
                assert np.array_equal(seen.rgb, frame.rgb)
                assert np.array_equal(seen.depth, frame.depth)
    eye.close()


def test_a_look_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="furniture cannot move"):
        Look.model_validate({"randomise": {"furniture": {}}})
    with pytest.raises(ValueError, match="no light 'dusk'"):
        Look(light="dusk")
