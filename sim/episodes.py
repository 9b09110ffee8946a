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
import shapely

from scenes.body import BodySize
from scenes.by_id import ById
from scenes.errors import HomeError
from scenes.files import write_whole
from scenes.scene import Point3, Scene
from scenes.spaces import spaces_of
from sim.camera import Floats
from sim.nav.graph import NavGraph
from sim.nav.sight import places_at

FORMAT = "stairwell episodes 1"
LEAST_M = 1.0
_TRIES_PER_EPISODE = 100
_LOOK_EVERY_M = 0.25
_EYE_M = 1.25


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


def draw_episodes(
    graph: NavGraph, count: int, rng: np.random.Generator, *, least_m: float = LEAST_M, outdoors: bool = False
) -> EpisodeSet:
    """Draw random starts and goals in the rooms that can be reached, each level as likely as the others.

    All of the shortest path is indoors, unless with `outdoors`.

    Raises:
        HomeError: hardly any two places are so far apart.
    """
    found: list[Episode] = []
    for _ in range(count * _TRIES_PER_EPISODE):
        if len(found) == count:
            break
        episode = draw_episode(graph, rng, outdoors=outdoors)
        if episode.geodesic_m >= least_m and (outdoors or _is_indoors(graph, episode)):
            found.append(episode)
    else:
        if len(found) < count:
            where = "" if outdoors else " that stay indoors"
            raise HomeError(f"{graph.scene.name}: hardly any ways of {least_m} m or more{where}; ask for shorter ones")
    return EpisodeSet(graph.scene.name, scene_hash(graph.scene), graph.body, tuple(found))


def draw_episode(graph: NavGraph, rng: np.random.Generator, *, outdoors: bool = False) -> Episode:
    """Draw one random episode, however short; with `outdoors` from and to terraces and gardens, too."""
    start, goal = random_place(graph, rng, outdoors=outdoors), random_place(graph, rng, outdoors=outdoors)
    return make_episode(graph, start, float(rng.uniform(-180, 180)), goal)


def _is_indoors(graph: NavGraph, episode: Episode) -> bool:
    """Return True if all of the shortest path of an episode is indoors, in a home with a closed outline."""
    spaces = spaces_of(graph.scene)
    if not spaces.has_outline:
        return True
    way = graph.path(episode.start, episode.goal).points
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(way, axis=0), axis=1))])
    at_m = np.arange(0.0, along[-1] + _LOOK_EVERY_M, _LOOK_EVERY_M)
    points = np.column_stack([np.interp(at_m, along, way[:, axis]) for axis in range(3)])
    verdicts = spaces.judge(points + (0.0, 0.0, min(_EYE_M, graph.body.height_m)))
    in_doorways = (verdicts.space < 0) & shapely.contains_xy(spaces.indoor_area, points[:, 0], points[:, 1])
    return bool((verdicts.is_inside | in_doorways).all())


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


def random_place(graph: NavGraph, rng: np.random.Generator, *, outdoors: bool = False) -> Floats:
    """Draw a random floor point (3,), m, indoors on the main island, or anywhere on it; levels are as likely.

    `outdoors`: in all rooms, terraces among them; anywhere on the island where it has no rooms.
    """
    ground = graph.ground
    there = ground.island == graph.main_island
    inside = there & (ground.room >= 0 if outdoors else graph.indoors)
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
