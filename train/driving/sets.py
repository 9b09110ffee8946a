"""Sets of drives that are frozen in files: where each starts, what it has to reach, and how many actions that takes."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from scenes.body import PERSON
from scenes.errors import HomeError
from scenes.files import write_whole
from scenes.library import load_scene
from scenes.scene import Point3, Scene
from sim.agents.bodies import shared_graph
from sim.camera import Floats
from sim.envs.navigation import Task
from sim.envs.routes import FROZEN, crossings, route_start
from sim.episodes import EpisodeSet, draw_episodes, scene_hash
from sim.experts.parameters import POINT_NAV, ROUTE_NAV, Parameters
from train.driving.env import DriveEnv

Kind: TypeAlias = Literal["route", "point"]
FORMAT = "stairwell drives 1"
FOLDER = Path(__file__).parents[2] / "assets" / "drives"
STEPS: dict[Kind, Parameters] = {"route": ROUTE_NAV, "point": POINT_NAV}
_MOST_ACTIONS = 5000


@dataclass(frozen=True)
class DriveEpisode:
    """One drive.

    Attributes:
        start: floor point, m.
        yaw_deg: the body's heading there.
        targets: floor points, m, to be reached in turn.
        shortest_m: the shortest way through all of them.
        expert_actions: how many the perfect expert takes.
    """

    start: Point3
    yaw_deg: float
    targets: tuple[Point3, ...]
    shortest_m: float
    expert_actions: int

    @property
    def task(self) -> Task:
        """The same for an environment."""
        return Task(np.array(self.start), self.yaw_deg, np.array(self.targets))


@dataclass(frozen=True)
class DriveSet:
    """Drives in one home.

    Attributes:
        name: of the set.
        home: a bundled name or a file.
        scene_hash: of the home's geometry (`sim.episodes.scene_hash`).
        kind: `route`: done at the last target; `point`: done by stopping there.
        parameters: the body's steps, and when it counts as stuck.
        episodes: the drives.
    """

    name: str
    home: str
    scene_hash: str
    kind: Kind
    parameters: Parameters
    episodes: tuple[DriveEpisode, ...]

    @property
    def digest(self) -> str:
        """The hash that it is known by."""
        return _digest(_content(self))


def route_set(name: str, home: str, count: int, seed: int, route: str = FROZEN) -> DriveSet:
    """Drives along a route of a home, from `count` places near its beginning.

    Raises:
        HomeError: no such home or route.
    """
    scene, rng = load_scene(home), np.random.default_rng(seed)
    graph = shared_graph(scene, PERSON)
    points = crossings(graph, route)
    starts = [route_start(points, graph, rng) for _ in range(count)]
    return _make(name, home, scene, "route", [Task(start, yaw_deg, points[1:]) for start, yaw_deg in starts])


def point_set(name: str, home: str, count: int, seed: int) -> DriveSet:
    """Drives from anywhere to anywhere.

    Raises:
        HomeError: no such home, or hardly any ways in it.
    """
    graph = shared_graph(load_scene(home), PERSON)
    return point_set_of(name, home, draw_episodes(graph, count, np.random.default_rng(seed)))


def point_set_of(name: str, home: str, episodes: EpisodeSet) -> DriveSet:
    """Drives that are episodes of PointNav.

    Raises:
        HomeError: no such home, or episodes of another home or body.
    """
    scene = load_scene(home)
    if (episodes.scene_hash, episodes.body) != (scene_hash(scene), PERSON):
        raise HomeError(
            f"the episodes were made for {episodes.scene!r} and {episodes.body}, not for a person in {home}"
        )
    tasks = [Task(np.array(one.start), one.yaw_deg, np.array([one.goal])) for one in episodes.episodes]
    return _make(name, home, scene, "point", tasks)


def _make(name: str, home: str, scene: Scene, kind: Kind, tasks: Sequence[Task]) -> DriveSet:
    parameters = STEPS[kind]
    env = DriveEnv(scene, kind, parameters)
    return DriveSet(name, home, scene_hash(scene), kind, parameters, tuple(_episode(env, task) for task in tasks))


def _episode(env: DriveEnv, task: Task) -> DriveEpisode:
    """Has the perfect expert drive it."""
    _, info = env.reset(options={"task": task})
    shortest_m, actions, done = float(info["left_m"]), 0, False
    while not done and actions < _MOST_ACTIONS:
        _, _, done, _, info = env.step(env.right_action())
        actions += 1
    if not info["success"]:
        raise HomeError(f"{env.scene.name}: the expert does not get from {task.start} to the end of the course")
    return DriveEpisode(_point(task.start), task.yaw_deg, tuple(map(_point, task.targets)), shortest_m, actions)


def save_set(drive_set: DriveSet, path: Path) -> str:
    """Writes a set; the hash that it is known by."""
    content = _content(drive_set)
    document = {"format": FORMAT, "hash": _digest(content)} | content
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    write_whole(path, (text.replace('{"start"', '\n{"start"') + "\n").encode())
    return str(document["hash"])


def load_set(name_or_path: str | Path) -> DriveSet:
    """Reads a set: a bundled one by its name, or a file.

    Raises:
        HomeError: no such set, or changed since it was frozen.
    """
    bundled = FOLDER / f"{name_or_path}.json"
    path = bundled if bundled.exists() else Path(name_or_path)
    if not path.is_file():
        raise HomeError(
            f"no set of drives {str(name_or_path)!r}; there are {', '.join(bundled_sets())}, or give a file"
        )
    try:
        document = json.loads(path.read_text("utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise HomeError(f"{path} is no set of drives: {error}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise HomeError(f'{path} is no set of drives; they begin with "format": "{FORMAT}"')
    content = {name: value for name, value in document.items() if name not in {"format", "hash"}}
    if _digest(content) != document.get("hash"):
        raise HomeError(f"{path} was changed since it was frozen; draw a new set with train.driving.sets")
    try:
        return _parsed(content)
    except (KeyError, TypeError, ValueError) as error:
        raise HomeError(f"{path} is no set of drives: {error!r}") from error


def bundled_sets() -> list[str]:
    """The names of the sets that come along."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def require_home(drive_set: DriveSet, scene: Scene) -> None:
    """Makes sure that a home is as it was when a set was frozen.

    Raises:
        HomeError: it is not.
    """
    if scene_hash(scene) != drive_set.scene_hash:
        raise HomeError(
            f"the drives {drive_set.name!r} were made for another {drive_set.home!r} than this; draw new ones"
        )


def _content(drive_set: DriveSet) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(drive_set), allow_nan=False))
    return content


def _digest(content: dict[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _parsed(content: dict[str, Any]) -> DriveSet:
    episodes = tuple(
        DriveEpisode(
            _point(row["start"]),
            float(row["yaw_deg"]),
            tuple(map(_point, row["targets"])),
            float(row["shortest_m"]),
            int(row["expert_actions"]),
        )
        for row in content["episodes"]
    )
    kind = content["kind"]
    if kind not in ("route", "point") or not episodes:
        raise ValueError(f"a set of kind {kind!r} with {len(episodes)} episodes")
    parameters = Parameters(**content["parameters"])
    return DriveSet(content["name"], content["home"], content["scene_hash"], kind, parameters, episodes)


def _point(values: Sequence[float] | Floats) -> Point3:
    x, y, z = (float(value) for value in values)
    if not all(map(math.isfinite, (x, y, z))):
        raise ValueError(f"point {values}")
    return x, y, z
