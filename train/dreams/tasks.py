"""The task: a PTZ camera is to look at what a goal image shows. Tasks are drawn once, by a seed, in homes of a set.

They depend on nothing but homes and settings: whether a view shows something is judged by ray casts, not by whatever
renderer there is.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from datagen.benchmark_set import load_set
from datagen.benchmark_set.poses import shows_something
from datagen.collect.place import Place
from scenes.errors import HomeError
from scenes.library import load_scene
from sim.camera import Floats
from sim.frame import Renderer
from sim.ptz import PROFILES, Position, PTZCamera, PTZProfile
from sim.renderers.choose import open_renderer
from sim.traffic import TrafficPlan
from train.config import Settings

BANDS = ((0.1, 0.4), (0.4, 0.7), (0.7, 1.0))
"""How far goals are from starts: turns in views of the start, of equally many tasks each."""
NAMES = tuple(PROFILES)
_JUDGED_PX = 48
_TRIES = 2000


class TaskSettings(Settings):
    """Which tasks are drawn.

    Attributes:
        benchmark: the set of the homes.
        count: of tasks, in all homes together.
        cameras: in each home, the first of those that the set's poses are from.
        tilt_deg, zoom: of starts and goals.
        zoom_doublings: a goal's zoom is within so many doublings of the start's.
        seed: of all that is drawn.
    """

    benchmark: str = "stairwell-1"
    count: Annotated[int, Field(ge=1)] = 72
    cameras: Annotated[int, Field(ge=1)] = 4
    tilt_deg: tuple[float, float] = (-40.0, 5.0)
    zoom: tuple[float, float] = (1.0, 2.0)
    zoom_doublings: Annotated[float, Field(ge=0)] = 0.5
    seed: int = 20261121


@dataclass(frozen=True)
class Task:
    """From one view to another of the same camera.

    Attributes:
        home: by its name in the set.
        mount: number of the camera in the home.
        profile: the camera's.
        start, goal: where it looks, and where it should.
        views: the turn between them, in views of the start: 1 and they overlap in an edge at most.
    """

    home: str
    mount: int
    profile: str
    start: Position
    goal: Position
    views: float

    @property
    def band(self) -> int:
        """Which of `BANDS` it belongs to."""
        return next(number for number, (_, most) in enumerate(BANDS) if self.views <= most)


def off_deg(one: Position, other: Position) -> float:
    """The angle between where two positions look."""
    angle = math.acos(min(1.0, max(-1.0, float(_direction(one) @ _direction(other)))))
    return math.degrees(angle)


def off_doublings(here: Position, goal: Position) -> float:
    """How many doublings of zoom two positions are apart."""
    return abs(math.log2(goal.zoom / here.zoom))


def digest_of(tasks: list[Task]) -> str:
    """sha256 of tasks."""
    return hashlib.sha256(json.dumps([asdict(task) for task in tasks], sort_keys=True).encode()).hexdigest()


def draw_tasks(settings: TaskSettings) -> list[Task]:
    """The tasks: homes, cameras, profiles and bands in turn.

    Raises:
        HomeError: no such set; nothing to be seen from a camera.
    """
    benchmark = load_set(settings.benchmark)
    homes = benchmark.homes
    tasks = []
    for number, (home, path) in enumerate(homes.items()):
        turns = range(number, settings.count, len(homes))
        if turns:
            with Stage(str(path), "raycast") as stage:
                mounts = benchmark.mounts(home)[: settings.cameras]
                for turn, index in enumerate(turns):
                    rng = np.random.default_rng([settings.seed, index])
                    tasks.append(_draw(stage, mounts, home, turn, settings, rng))
    return tasks


def _draw(
    stage: Stage, mounts: list[Floats], home: str, turn: int, settings: TaskSettings, rng: np.random.Generator
) -> Task:
    band, mount = turn % len(BANDS), turn % len(mounts)
    profile = PROFILES[NAMES[turn // len(BANDS) % len(NAMES)]]
    for start, goal, views in _pairs(profile, BANDS[band], settings, rng):
        if all(stage.shows(profile, mounts[mount], position) for position in (start, goal)):
            return Task(home, mount, profile.name, start, goal, views)
    raise HomeError(f"{home}: camera {mount} sees nothing that a view could be told by; set fewer `cameras`")


def _pairs(
    profile: PTZProfile, band: tuple[float, float], settings: TaskSettings, rng: np.random.Generator
) -> Iterator[tuple[Position, Position, float]]:
    """Starts and goals within the limits, and how many views of the start are between them."""
    (low, high), (wide, tele) = settings.tilt_deg, settings.zoom
    for _ in range(_TRIES):
        start = Position(rng.uniform(-180, 180), rng.uniform(low, high), wide * (tele / wide) ** rng.random())
        views, angle = rng.uniform(*band), rng.uniform(0, 2 * math.pi)
        zoom = start.zoom * 2 ** rng.uniform(-settings.zoom_doublings, settings.zoom_doublings)
        turn_deg = views * profile.fov_deg(start.zoom)
        pan_deg = start.pan_deg + turn_deg * math.cos(angle)
        goal = Position(math.remainder(pan_deg, 360.0), start.tilt_deg + turn_deg * math.sin(angle), zoom)
        if low <= goal.tilt_deg <= high and wide <= zoom <= tele:
            yield start, goal, views


class Stage:
    """A home as tasks show it: doors open, nothing moves. Use it in a `with` statement."""

    def __init__(self, home: str, renderer: str) -> None:
        scene = load_scene(home)
        self._place = Place(scene, scene, TrafficPlan())
        self.renderer: Renderer = open_renderer(renderer, scene, bodies=self._place.traffic.bodies)
        for body, pose in self._place.open_leaves.items():
            self.renderer.place(body, pose)

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        self.renderer.__exit__(None, None, None)

    def shows(self, profile: PTZProfile, mount: Floats, position: Position) -> bool:
        """Is there something that a view could be told by?"""
        camera = PTZCamera(profile, mount, _JUDGED_PX, _JUDGED_PX, position)
        return shows_something(self.renderer.render(camera.intrinsics(), camera.T_world_camera()))


def _direction(position: Position) -> Floats:
    pan, tilt = math.radians(position.pan_deg), math.radians(position.tilt_deg)
    return np.array([math.cos(tilt) * math.cos(pan), -math.cos(tilt) * math.sin(pan), math.sin(tilt)])
