"""Physics of a home: what stands still, doors, contacts, state."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from scenes.build.assemble import build_scene
from scenes.errors import HomeError
from scenes.home.reader import parse_home
from scenes.library import load_scene
from scenes.scene import Scene
from sim.agents.protocol import Action
from sim.robots.models import ROBOTS, WHEELED_ROBOT
from sim.robots.robot import Robot
from sim.world.leaves import find_leaves
from sim.world.state import WorldState
from sim.world.statics import Chunk, chunks, instance_at, solid_triangles
from sim.world.world import STEPS_PER_S, World
from tests.homes.cabin import cabin
from tests.program import HOMES, needs_homes


def cabin_scene() -> Scene:
    home = cabin()
    return build_scene(parse_home(home.to_bytes(), home.name))


def test_chunks_hold_each_solid_triangle_once() -> None:
    scene = load_scene("oldenborg")
    solid = solid_triangles(scene)
    found = chunks(scene, solid)
    area = np.linalg.norm(_twice_area(scene.vertices[scene.triangles[solid]].astype(float)), axis=1).sum()
    assert sum(np.linalg.norm(_twice_area(c.corners), axis=1).sum() for c in found) == pytest.approx(area, rel=1e-9)
    assert len(found) < 100


def _twice_area(corners: np.ndarray) -> np.ndarray:
    return np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])


def test_a_point_belongs_to_the_nearest_surface() -> None:
    """A level and an upright triangle that share an edge, and one far away."""
    level = [[0, 0, 0], [1, 0, 0], [0, 1, 0]]
    upright = [[0, 0, 0], [1, 0, 0], [0, 0, 1]]
    far = [[5, 5, 5], [6, 5, 5], [5, 6, 5]]
    chunk = Chunk(np.array([level, upright, far], float), np.array([7, 8, 9]))
    up, out = np.array([0.0, 0, 1]), np.array([0.0, -1, 0])
    assert instance_at(chunk, np.array([0.2, 0.3, 0.002]), up) == 7
    assert instance_at(chunk, np.array([0.2, 0.001, 0.3]), out) == 8
    assert instance_at(chunk, np.array([0.5, 0.0, 0.0]), up) == 7
    assert instance_at(chunk, np.array([0.5, 0.0, 0.0]), out) == 8
    assert instance_at(chunk, np.array([5.2, 5.2, 4.0]), up) == 9


def test_wheels_touch_the_floor_by_name() -> None:
    with World(load_scene("two-levels")) as world:
        robot = Robot(world, WHEELED_ROBOT)
        robot.place((1.2, -4.0, 0.0), 0.0)
        world.step(10)
        contacts = world.contacts(robot.body)
        assert {contact.instance.name for contact in contacts} == {"Living room"}
        assert all(contact.normal[2] > 0.99 for contact in contacts)
        weight = sum(s.mass_kg for s in WHEELED_ROBOT.solids) + sum(w.mass_kg for w in WHEELED_ROBOT.wheels)
        assert sum(contact.force_n for contact in contacts) == pytest.approx(weight * 9.81, rel=0.05)
        assert {contact.link for contact in contacts} == {-1, 0, 1}


def test_doors_of_oldenborg_open_to_their_hinge_side() -> None:
    scene = load_scene("oldenborg")
    with World(scene) as world:
        assert len(world.doors()) == 104
        assert world.warnings == ()
        for moved in world.moved():
            drawn = scene.vertices[np.unique(scene.triangles[moved.triangles])].astype(float)
            placed = drawn @ moved.T_world_drawn[:3, :3].T + moved.T_world_drawn[:3, 3]
            turned = math.degrees(math.acos(np.clip(moved.T_world_drawn[0, 0], -1, 1)))
            assert turned in (pytest.approx(90), pytest.approx(75))
            # a leaf that opens to the side of its hinge clears the wall, so its middle leaves the doorway
            low, high = np.array(scene.instances[moved.instance - 1].bounds_m)[:, :2]
            middle = (placed.min(axis=0) + placed.max(axis=0))[:2] / 2
            assert ((middle < low) | (middle > high)).any()


def test_a_door_shuts_and_opens_again() -> None:
    scene = load_scene("two-levels")
    with World(scene) as world:
        (door,) = world.doors()
        assert door.name == "Entrance"
        assert world.door_opening(door) == 1.0
        world.set_door(door, 0.0)
        world.step(STEPS_PER_S // 2)
        assert 0.4 < world.door_opening(door) < 0.6
        world.step(STEPS_PER_S)
        assert world.door_opening(door) == 0.0
        (moved,) = world.moved()
        np.testing.assert_allclose(moved.T_world_drawn, np.eye(4), atol=1e-9)
        world.set_door(door, 1.0)
        world.step(2 * STEPS_PER_S)
        assert world.door_opening(door) == 1.0


@pytest.mark.parametrize(("opening", "passes"), [(1.0, True), (0.0, False)])
def test_robots_pass_open_doors_only(opening: float, passes: bool) -> None:
    scene = load_scene("oldenborg")
    with World(scene) as world:
        door = next(door for door in world.doors() if door.name == "Door 111")
        world.set_door(door, opening)
        world.step(2 * STEPS_PER_S)
        robot = Robot(world, WHEELED_ROBOT)
        x, y, _ = np.mean(door.bounds_m, axis=0)
        robot.place((x + 0.8, y, 0.0), 180.0)
        for _ in range(6):
            robot.act(Action.FORWARD)
        assert (robot.pose[0, 3] < x - 0.4) == passes
        assert ([instance.name for instance in robot.collisions] == ["Door 111"]) != passes


def test_a_leaf_that_cannot_be_told_is_taken_off_with_a_warning() -> None:
    """The cabin's door is one box."""
    with World(cabin_scene()) as world:
        (warning,) = world.warnings
        assert "'Door'" in warning
        assert "taken off" in warning
        assert world.doors() == ()
        door = next(instance for instance in world.scene.instances if instance.name == "Door")
        with pytest.raises(HomeError, match="has no leaf that moves"):
            world.set_door(door, 0.0)


@needs_homes
@pytest.mark.parametrize(
    ("name", "leaves"),
    [("rtreffer_2012", 6), ("up_home1", 2), ("edo_myHomeHas2Stairs", 1), ("fc_2-BedroomHouseWithBasement", 15)],
)
def test_leaves_of_real_doors(name: str, leaves: int) -> None:
    """By geometry in the oldest files, whose models name no parts; by names in the newer one."""
    scene = load_scene(str(HOMES / f"{name}.sh3d"))
    found, stuck = find_leaves(scene)
    assert not stuck
    assert len(found) == leaves
    for leaf in found:
        low, high = np.array(scene.instances[leaf.instance - 1].bounds_m)
        points = scene.vertices[np.unique(scene.triangles[leaf.solid])]
        assert np.ptp(points[:, 2]) > 0.9 * (high[2] - low[2])


@needs_homes
def test_a_door_that_is_drawn_open_can_be_shut() -> None:
    scene = load_scene(str(HOMES / "c_mixed_features.sh3d"))
    (leaf,) = (leaf for leaf in find_leaves(scene)[0] if scene.instances[leaf.instance - 1].name == "Open door")
    assert abs(math.degrees(leaf.shut)) == pytest.approx(45, abs=1)
    points = scene.vertices[np.unique(scene.triangles[leaf.solid])].astype(float)
    placement = leaf.placement(0.0)
    shut = points @ placement[:3, :3].T + placement[:3, 3]
    assert np.ptp(shut[:, :2], axis=0).min() < 0.06


SAVED = """
import sys
from pathlib import Path
from sim.robots.models import ROBOTS
from sim.robots.robot import Robot
from sim.world.state import WorldState
from sim.world.world import World

with World.load("oldenborg") as world:
    robot = Robot(world, ROBOTS[sys.argv[1]])
    world.restore(WorldState.from_json(Path(sys.argv[2]).read_text()))
    for k in range(30):
        robot.command_velocity(0.4, 20.0 * (-1) ** k, 0.1)
    print(world.save().to_json())
"""


@pytest.mark.parametrize("name", list(ROBOTS))
def test_a_saved_state_goes_on_identically(name: str, tmp_path: Path) -> None:
    """On a flight of stairs with a door in motion: in the same world, and in a fresh process."""
    with World.load("oldenborg") as world:
        robot = Robot(world, ROBOTS[name])
        robot.place((-29.3, 8.0, 0.0), 0.0)
        world.set_door(world.doors()[3], 0.2)
        robot.command_velocity(0.4, 0.0, 2.0)
        world.set_door(world.doors()[5], 0.0)
        state = world.save()
        assert WorldState.from_json(state.to_json()) == state
        ends = []
        for _ in range(2):
            for k in range(30):
                robot.command_velocity(0.4, 20.0 * (-1) ** k, 0.1)
            ends.append(world.save().to_json())
            world.restore(state)
    (tmp_path / "state.json").write_text(state.to_json())
    command = [sys.executable, "-c", SAVED, name, str(tmp_path / "state.json")]
    fresh = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert ends[0] == ends[1] == fresh


def test_furniture_can_be_pushed_if_asked_for() -> None:
    scene = load_scene("two-levels")
    chair = next(i for i in scene.instances if i.name == "chair" and i.level == 0)
    x, y, _ = np.mean(chair.bounds_m, axis=0)
    with World(scene) as world:
        assert chair.id not in {moved.instance for moved in world.moved()}
    with World(scene, movable=True) as world:
        robot = Robot(world, WHEELED_ROBOT)
        robot.place((x - 0.8, y, 0.0), 0.0)
        for _ in range(3):
            robot.act(Action.FORWARD)
        assert [instance.id for instance in robot.collisions] == [chair.id]
        (moved,) = (moved for moved in world.moved() if moved.instance == chair.id)
        assert len(moved.triangles) == chair.triangles
        assert moved.T_world_drawn[:3, 3] @ moved.T_world_drawn[:3, 3] > 0.01**2
        state = world.save()
        ends = []
        for _ in range(2):
            robot.command_velocity(0.3, 0.0, 0.5)
            ends.append(world.save())
            world.restore(state)
        assert ends[0] == ends[1]


def test_states_of_other_worlds_are_refused() -> None:
    with World(load_scene("two-levels")) as world, World(load_scene("blocks")) as other:
        state = world.save()
        with pytest.raises(HomeError, match="the state is of 'two-levels'"):
            other.restore(state)
        Robot(world, WHEELED_ROBOT)
        with pytest.raises(HomeError, match="with 0 bodies"):
            world.restore(state)
    for text in ("{}", "[]", "nonsense", json.dumps({"bodies": [{"x": 1}]})):
        with pytest.raises(HomeError, match="no state of a world"):
            WorldState.from_json(text)


def test_worlds_do_not_see_each_other_and_close() -> None:
    scene = load_scene("two-levels")
    with World(scene) as one, World(scene) as two:
        robots = [Robot(world, WHEELED_ROBOT) for world in (one, two)]
        for robot in robots:
            robot.place((1.2, -4.0, 0.0), 0.0)
        before = robots[1].pose
        robots[0].command_velocity(0.5, 0.0, 1.0)
        np.testing.assert_array_equal(robots[1].pose, before)
    assert one.client < 0
    for _ in range(50):
        World(cabin_scene()).close()
