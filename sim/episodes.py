"""Episodes of navigation, frozen in a file: where to start, where to go, for which body, in which home."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.body import BodySize
from scenes.by_id import ById
from scenes.errors import HomeError
from scenes.files import write_whole
from scenes.scene import Point3, Scene
from sim.camera import Floats
from sim.nav.graph import NavGraph
from sim.nav.sight import places_at

FORMAT = "stairwell episodes 1"
LEAST_M = 1.0
_TRIES_PER_EPISODE = 100


@dataclass(frozen=True)
class Episode:
    """One task.

    Attributes:
        start: floor point, m.
        yaw_deg: the body's heading there.
        goal: floor point, m.
        geodesic_m: length of the shortest way.
        levels: names of the levels that it crosses, in turn, from the start's to the goal's.
    """

    start: Point3
    yaw_deg: float
    goal: Point3
    geodesic_m: float
    levels: tuple[str, ...]


@dataclass(frozen=True)
class EpisodeSet:
    """Episodes of one home for one body. `scene_hash`: that of the home's geometry (`scene_hash`)."""

    scene: str
    scene_hash: str
    body: BodySize
    episodes: tuple[Episode, ...]


def scene_hash(scene: Scene) -> str:
    """A hash of what a body meets in a scene: triangles and what they belong to, not how they look."""
    return _scene_hash(ById(scene))


@functools.lru_cache(maxsize=8)
def _scene_hash(same: ById[Scene]) -> str:
    digest, scene = hashlib.sha256(), same.value
    for array in (scene.vertices, scene.triangles, scene.triangle_instances()):
        digest.update(np.ascontiguousarray(array).tobytes())
    kinds = [[instance.source, instance.category, instance.level] for instance in scene.instances]
    levels = [[level.name, level.elevation_m] for level in scene.levels]
    digest.update(json.dumps([kinds, levels]).encode())
    return digest.hexdigest()


def draw_episodes(graph: NavGraph, count: int, rng: np.random.Generator, *, least_m: float = LEAST_M) -> EpisodeSet:
    """Random starts and goals in the rooms that can be reached, each level as likely as the others.

    Raises:
        HomeError: hardly any two places are so far apart.
    """
    found: list[Episode] = []
    for _ in range(count * _TRIES_PER_EPISODE):
        if len(found) == count:
            break
        episode = draw_episode(graph, rng)
        if episode.geodesic_m >= least_m:
            found.append(episode)
    else:
        if len(found) < count:
            raise HomeError(f"{graph.scene.name}: hardly any ways of {least_m} m or more; ask for shorter ones")
    return EpisodeSet(graph.scene.name, scene_hash(graph.scene), graph.body, tuple(found))


def draw_episode(graph: NavGraph, rng: np.random.Generator) -> Episode:
    """One random episode, however short."""
    start, goal = random_place(graph, rng), random_place(graph, rng)
    return make_episode(graph, start, float(rng.uniform(-180, 180)), goal)


def make_episode(graph: NavGraph, start: npt.ArrayLike, yaw_deg: float, goal: npt.ArrayLike) -> Episode:
    """The episode from a start to a goal.

    Raises:
        HomeError: there is no way, with the reason.
    """
    way = graph.path(start, goal)
    ends = [tuple(np.asarray(point, np.float64).tolist()) for point in (start, goal)]
    return Episode(ends[0], yaw_deg, ends[1], graph.geodesic(start, goal), levels_along(graph, way.points))


def levels_along(graph: NavGraph, way: Floats) -> tuple[str, ...]:
    """Names of the levels that a way (K, 3) crosses, in turn."""
    places = places_at(graph.ground, way[:, :2], way[:, 2])
    names = [graph.scene.levels[level].name for level in graph.ground.level[places[places >= 0]]]
    return tuple(name for name, _ in groupby(names))


def random_place(graph: NavGraph, rng: np.random.Generator) -> Floats:
    """A random floor point (3,), m, in the rooms of the main island, or on all of it without; levels are as likely."""
    ground = graph.ground
    there = ground.island == graph.main_island
    inside = there & (ground.room >= 0)
    places = np.flatnonzero(inside if inside.any() else there)
    levels = np.unique(ground.level[places])
    on_level = places[ground.level[places] == rng.choice(levels)]
    return ground.points(rng.choice(on_level, 1))[0]


def save_episodes(episodes: EpisodeSet, path: Path) -> str:
    """Writes a set; the hash that it is known by."""
    content = dataclasses.asdict(episodes)
    digest = _digest(content)
    document = {"format": FORMAT, "hash": digest} | content
    write_whole(path, json.dumps(document, ensure_ascii=False, indent=1).encode())
    return digest


def load_episodes(path: Path, graph: NavGraph) -> EpisodeSet:
    """Reads a set that was made for a home and a body.

    Raises:
        HomeError: not such a file, changed since it was frozen, or made for another home or body.
    """
    episodes = read_episodes(path)
    if episodes.body != graph.body:
        raise HomeError(f"{path} was made for {episodes.body}, not for {graph.body}; draw a set for this body")
    if episodes.scene_hash != scene_hash(graph.scene):
        raise HomeError(f"{path} was made for another {episodes.scene!r} than this; draw a set for this home")
    return episodes


def read_episodes(path: Path) -> EpisodeSet:
    """Reads a set of whatever home and body.

    Raises:
        HomeError: not such a file, or changed since it was frozen.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise HomeError(f"{path} is no file of episodes: {error}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise HomeError(f'{path} is no file of episodes; they begin with "format": "{FORMAT}"')
    content = {name: value for name, value in document.items() if name not in {"format", "hash"}}
    if _digest(content) != document.get("hash"):
        raise HomeError(f"{path} was changed since it was frozen; draw a new set with sim.episodes.draw_episodes")
    return _parsed(content, path)


def _digest(content: dict[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _parsed(content: dict[str, Any], path: Path) -> EpisodeSet:
    try:
        episodes = tuple(
            Episode(
                _point(row["start"]),
                float(row["yaw_deg"]),
                _point(row["goal"]),
                float(row["geodesic_m"]),
                tuple(str(name) for name in row["levels"]),
            )
            for row in content["episodes"]
        )
        body = BodySize(**content["body"])
        return EpisodeSet(str(content["scene"]), str(content["scene_hash"]), body, episodes)
    except (KeyError, TypeError, ValueError) as error:
        raise HomeError(f"{path} is no file of episodes: {error!r}") from error


def _point(values: Sequence[float]) -> Point3:
    x, y, z = (float(value) for value in values)
    if not all(map(math.isfinite, (x, y, z))):
        raise ValueError(f"point {values}")
    return x, y, z
