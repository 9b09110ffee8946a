"""Robots on floors, inclines and stairs."""

from __future__ import annotations

import dataclasses
import math
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from scenes.connectors import Connector, find_connectors
from scenes.errors import HomeError
from scenes.library import load_scene
from scenes.scene import Scene
from sim.agents.protocol import Action, Agent, Moves
from sim.robots.models import CLIMBER_ROBOT, ROBOTS, WHEELED_ROBOT, RobotModel
from sim.robots.robot import Robot
from sim.world.world import World
from tests.drives import Drive, drive_across, flight_of, hall
from tests.program import HOMES

BLOCKS = str(HOMES / "b_blocks_ramps.sh3d")
FLIGHTS = [
    ("oldenborg", "piece-530"),
    ("oldenborg", "piece-535"),
    ("oldenborg", "piece-551"),
    ("two-levels", "staircase-24"),
    (BLOCKS, "pieceOfFurniture-ee4e9e00-a26a-4e47-97f4-2979ad61f061"),
    (BLOCKS, "pieceOfFurniture-1b31d64c-c2e4-408f-b8c3-89fb53d2a272"),
]
"""Straight flights of 15, 16, 17 and 18 cm risers, of 4 to 16 steps."""
INCLINES = ["piece-540", "piece-545", "piece-548"]
"""Those of oldenborg: 7.6, 5.7 and 7.6 degrees."""
SEEDS = [
    pytest.param(1, id="scaled"),
    pytest.param(20, id="full", marks=pytest.mark.full),
]
UP_AND_DOWN = pytest.mark.parametrize("up", [True, False], ids=["up", "down"])


@cache
def scene_of(name: str) -> Scene:
    return load_scene(name)


@cache
def connectors_of(name: str) -> dict[str, Connector]:
    return {connector.source[0]: connector for connector in find_connectors(scene_of(name))}


def needs(name: str) -> None:
    if not name.isidentifier() and "/" in name and not Path(name).exists():
        pytest.skip(f"{name} is not there")


def drives(model: RobotModel, name: str, source: str, *, up: bool, seeds: int, speed_m_s: float = 0.4) -> list[Drive]:
    connector = connectors_of(name)[source]
    with World(scene_of(name)) as world:
        robot = Robot(world, model)
        return [
            drive_across(robot, connector, np.random.default_rng(seed), up=up, speed_m_s=speed_m_s)
            for seed in range(seeds)
        ]


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("source", INCLINES)
@UP_AND_DOWN
def test_wheeled_drives_up_and_down_inclines(source: str, up: bool, seeds: int) -> None:
    found = drives(WHEELED_ROBOT, "oldenborg", source, up=up, seeds=seeds)
    assert all(drive.arrived and not drive.met for drive in found), found


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize(("name", "source"), FLIGHTS)
@UP_AND_DOWN
def test_wheeled_is_stopped_by_stairs(name: str, source: str, up: bool, seeds: int) -> None:
    """Up, its hull meets the first riser; down, it sees the drop."""
    needs(name)
    foot, head = connectors_of(name)[source].line[[0, -1], 2]
    for drive in drives(WHEELED_ROBOT, name, source, up=up, seeds=seeds):
        assert not drive.arrived
        assert not drive.tipped_over
        assert drive.height_m == pytest.approx(foot if up else head, abs=0.03)
        assert bool(drive.met) == up


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize(("name", "source"), FLIGHTS)
@UP_AND_DOWN
def test_climber_crosses_flights(name: str, source: str, up: bool, seeds: int) -> None:
    needs(name)
    found = drives(CLIMBER_ROBOT, name, source, up=up, seeds=seeds)
    assert all(drive.arrived for drive in found), found


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize(("rise_cm", "going_cm"), [(21.84, 24.0), (22.0, 28.0)])
def test_climber_climbs_the_risers_of_catalogue_staircases(rise_cm: float, going_cm: float, seeds: int) -> None:
    scene = flight_of(8, rise_cm, going_cm)
    (connector,) = find_connectors(scene)
    with World(scene) as world:
        robot = Robot(world, CLIMBER_ROBOT)
        for seed in range(seeds):
            drive = drive_across(robot, connector, np.random.default_rng(seed), up=True, speed_m_s=0.3)
            assert drive.arrived, (seed, drive)


@pytest.mark.parametrize("source", INCLINES[:1])
@UP_AND_DOWN
def test_climber_drives_inclines_too(source: str, up: bool) -> None:
    assert all(drive.arrived for drive in drives(CLIMBER_ROBOT, "oldenborg", source, up=up, seeds=1))


@pytest.mark.parametrize("model", ROBOTS.values(), ids=list(ROBOTS))
def test_files_are_what_the_code_writes(model: RobotModel) -> None:
    assert model.urdf.read_text("utf-8") == model.write()


@pytest.mark.parametrize("model", ROBOTS.values(), ids=list(ROBOTS))
def test_pybullet_reads_the_masses_and_measures(model: RobotModel) -> None:
    with World(hall()) as world:
        robot = Robot(world, model)
        links = range(-1, len(model.wheels))
        masses = [world.bullet.getDynamicsInfo(robot.body, link, physicsClientId=world.client)[0] for link in links]
        parts = (*(solid.mass_kg for solid in model.solids), *(wheel.mass_kg for wheel in model.wheels))
        assert sum(masses) == pytest.approx(sum(parts), rel=1e-5)
        robot.place((2.0, -4.0, 0.0), 0.0)
        x, y, _ = (robot.pose @ model.mounts["ptz"])[:3, 3]
        assert world.floor_below(np.array([[x, y, 2.0]]), 2.5)[0] == pytest.approx(model.size.height_m, abs=0.01)


@pytest.mark.parametrize("model", ROBOTS.values(), ids=list(ROBOTS))
def test_discrete_commands_take_it_as_far_as_they_say(model: RobotModel) -> None:
    with World(hall()) as world:
        robot: Agent = Robot(world, model, Moves(forward_m=0.3, turn_deg=15))
        robot.place((2.0, -3.0, 0.0), 0.0)
        start = robot.pose
        robot.act(Action.FORWARD)
        assert robot.pose[0, 3] - start[0, 3] == pytest.approx(0.3, abs=0.02)
        for action, expected_deg in ((Action.LEFT, 15), (Action.RIGHT, 0), (Action.STOP, 0)):
            robot.act(action)
            assert math.degrees(math.atan2(robot.pose[1, 0], robot.pose[0, 0])) == pytest.approx(expected_deg, abs=2)
        assert not robot.collisions


@pytest.mark.parametrize("action", [Action.LEFT, Action.RIGHT])
def test_a_climber_that_turns_on_stairs_holds(action: Action) -> None:
    """Half-way up a flight of 31 degrees: both its tracks slip, and it would slide towards the foot."""
    with World(flight_of(9, 17.0, 28.0)) as world:
        robot = Robot(world, CLIMBER_ROBOT)
        robot.place((2.8, -1.5, 0.0), 0.0)
        for _ in range(9):
            robot.act(Action.FORWARD)
        start = robot.pose
        assert robot.tilt_deg > 25
        for _ in range(2):
            robot.act(action)
        turned_deg = math.degrees(math.atan2(robot.pose[1, 0], robot.pose[0, 0]))
        assert 1 < (turned_deg if action == Action.LEFT else -turned_deg) < 25
        assert math.dist(robot.pose[:3, 3], start[:3, 3]) < 0.2


def test_velocity_commands() -> None:
    with World(hall()) as world:
        robot = Robot(world, WHEELED_ROBOT)
        robot.place((2.0, -3.0, 0.0), 0.0)
        before = world.time_s
        robot.command_velocity(0.5, 0.0, 2.0)
        assert world.time_s - before == pytest.approx(2.0)
        # 0.5 m/s, reached at 1.5 m/s^2
        assert robot.pose[0, 3] - 2.0 == pytest.approx(1.0 - 0.5**2 / 1.5 / 2, abs=0.05)
        robot.act(Action.STOP)
        before = robot.pose
        robot.command_velocity(0.0, 45.0, 2.0)
        turned = math.degrees(math.atan2(robot.pose[1, 0], robot.pose[0, 0]) - math.atan2(before[1, 0], before[0, 0]))
        assert turned == pytest.approx(90, rel=0.1)


@pytest.mark.parametrize("model", ROBOTS.values(), ids=list(ROBOTS))
def test_a_wall_stops_it_and_is_named(model: RobotModel) -> None:
    with World(hall()) as world:
        robot = Robot(world, model)
        robot.place((4.0, -4.0, 0.0), -90.0)
        for _ in range(10):
            robot.act(Action.FORWARD)
        assert [instance.category for instance in robot.collisions] == ["wall"]
        assert robot.pose[1, 3] > -5.9
        assert not robot.tipped_over


def test_it_says_that_it_tipped_over() -> None:
    with World(hall()) as world:
        robot = Robot(world, WHEELED_ROBOT)
        robot.place((2.0, -4.0, 0.0), 0.0)
        assert not robot.tipped_over
        on_its_side = np.array([[1.0, 0, 0, 2], [0, 0, -1, -4], [0, 1, 0, 0.25], [0, 0, 0, 1]])
        world.set_pose(robot.body, on_its_side)
        np.testing.assert_allclose(robot.pose, on_its_side, atol=1e-6)
        robot.command_velocity(0.3, 0.0, 1.0)
        assert robot.tipped_over


def test_no_room_and_no_floor_are_errors_that_say_where() -> None:
    with World(hall()) as world:
        robot = Robot(world, WHEELED_ROBOT)
        with pytest.raises(HomeError, match=r"no room for the wheeled robot at \(0.00, -2.00, 0.00\): .*wall"):
            robot.place((0.0, -2.0, 0.0), 0.0)
        with pytest.raises(HomeError, match=r"no floor within 0.5 m of \(3.00, -3.00, 1.50\)"):
            robot.place((3.0, -3.0, 1.5), 0.0)


def foreign(text: str, folder: Path) -> RobotModel:
    """The wheeled robot with a file of its own."""
    path = folder / "foreign.urdf"
    path.write_text(text, "utf-8")

    class Foreign(RobotModel):
        @property
        def urdf(self) -> Path:
            return path

    return Foreign(**{field.name: getattr(WHEELED_ROBOT, field.name) for field in dataclasses.fields(RobotModel)})


OWN = WHEELED_ROBOT.write()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (OWN.replace('"left wheel"', '"wheel_left_joint"'), "the file has 'wheel_left_joint', 'right wheel'"),
        (OWN.replace('type="continuous"', 'type="fixed"'), "'left wheel', 'right wheel' cannot turn without end"),
        (re.sub(r"<joint.*</joint>\s*", "", OWN, flags=re.DOTALL), "the file has none"),
        (
            OWN.replace('child link="left wheel"', 'child link="arm"'),
            "the links 'chassis', 'left wheel', 'right wheel'",
        ),
        (OWN.replace("robot", "sdf"), "it begins with <sdf>, not <robot>"),
        ("<robot", "is no URDF file"),
    ],
    ids=["other names", "fixed joints", "no joints", "a link that hangs on nothing", "SDF", "no XML"],
)
def test_another_robots_file_is_refused_with_the_joints_that_are_needed(text: str, found: str, tmp_path: Path) -> None:
    with World(hall()) as world:
        with pytest.raises(HomeError) as caught:
            Robot(world, foreign(text, tmp_path))
        assert found in str(caught.value)
        if "joint" in found or "none" in found or "turn" in found:
            assert "continuous joints 'left wheel', 'right wheel', in this order" in str(caught.value)
        robot = Robot(world, foreign(OWN, tmp_path))
        robot.place((2.0, -3.0, 0.0), 0.0)
        robot.command_velocity(0.5, 0.0, 2.0)
        assert robot.pose[0, 3] - 2.0 > 0.85
