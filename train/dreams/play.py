"""Playing tasks in the simulator: a player sees images and moves the camera; truth is for the judge and the oracle."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Protocol

import numpy as np
from pydantic import Field
from torch import Tensor

from sim.camera import Floats
from sim.ptz import PROFILES, Position, PTZCamera
from train.config import Settings
from train.dreams.rewards import distance
from train.dreams.tasks import Stage, Task, off_deg, off_doublings
from train.dreams.world import Memory, World, states_of, table_of
from train.motion import Array

_WAIT_S = 0.1


class PlaySettings(Settings):
    """How tasks are played.

    Attributes:
        moves: of each task.
        modulation: of the 21 actions: with 4 a jump pans by 20 degrees.
        px: width and height of the images as rendered.
    """

    moves: Annotated[int, Field(ge=1)] = 10
    modulation: Annotated[float, Field(gt=0)] = 4.0
    px: Annotated[int, Field(ge=8)] = 128


@dataclass(frozen=True, eq=False)
class Sight:
    """What a player has to go by.

    Attributes:
        memory: what the world model makes of the frames so far, of one camera.
        goal: (1, D), the latent of the goal image.
        lens: (1, 2), see `train.motion.lens_of`.
        table: (21, 3), the discrete moves of this camera.
        here: where the camera is, as the device says.
        truth: where it should look. For the oracle alone.
    """

    memory: Memory
    goal: Tensor
    lens: Array
    table: Array
    here: Position
    truth: Position


class Player(Protocol):
    """Who moves the camera."""

    @property
    def name(self) -> str:
        """In tables."""

    def move(self, sight: Sight, rng: np.random.Generator) -> Array:
        """The next raw move (3,)."""


@dataclass(frozen=True)
class Played:
    """How a task went. Lists begin at the start, before the first move.

    Attributes:
        home: where.
        views: how far the goal was at first, in views.
        off_deg: angles to the goal.
        off_doublings: of zoom.
        distance: from the latent of the image to that of the goal, mean squares.
        seconds_per_move: what the player took to decide, mean.
    """

    home: str
    views: float
    off_deg: tuple[float, ...]
    off_doublings: tuple[float, ...]
    distance: tuple[float, ...]
    seconds_per_move: float

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @staticmethod
    def from_json(said: Mapping[str, Any]) -> Played:
        """The same from JSON."""
        lists = {name: tuple(said[name]) for name in ("off_deg", "off_doublings", "distance")}
        return Played(said["home"], said["views"], **lists, seconds_per_move=said["seconds_per_move"])


def play(
    world: World, stage: Stage, mount: Floats, task: Task, player: Player, settings: PlaySettings, seed: Sequence[int]
) -> Played:
    """Lets a player move a camera to a goal view. The same arguments give the same moves."""
    show = _Show(world, stage, mount, task, settings)
    memory, goal = show.first()
    rng = np.random.default_rng(seed)
    offs, distances, seconds = [show.off()], [float(distance(memory.latent, goal))], 0.0
    for _ in range(settings.moves):
        sight = Sight(memory, goal, show.lens, show.table, show.here(), task.goal)
        began = time.perf_counter()
        raw = player.move(sight, rng)
        seconds += time.perf_counter() - began
        memory = show.move(memory, raw)
        offs.append(show.off())
        distances.append(float(distance(memory.latent, goal)))
    return Played(
        task.home,
        task.views,
        tuple(deg for deg, _ in offs),
        tuple(doublings for _, doublings in offs),
        tuple(distances),
        seconds / settings.moves,
    )


class _Show:
    """A camera on a stage, and what the world model makes of what it sees."""

    def __init__(self, world: World, stage: Stage, mount: Floats, task: Task, settings: PlaySettings) -> None:
        profile = PROFILES[task.profile]
        self._world, self._stage, self._task = world, stage, task
        self._camera, self._aimed = (
            PTZCamera(profile, mount, settings.px, settings.px, position) for position in (task.start, task.goal)
        )
        tangent = float(np.tan(np.radians(profile.fov_wide_deg) / 2))
        self.lens: Array = np.array([[tangent, tangent]])
        self.table = table_of(profile, settings.modulation)

    def first(self) -> tuple[Memory, Tensor]:
        """What is remembered at the start, and the latent (1, D) of the goal image."""
        return self._world.begin(self._latent(self._camera), self._state()), self._latent(self._aimed)

    def move(self, memory: Memory, raw: Array) -> Memory:
        """Moves the camera, waits until its image is still, and looks."""
        d_pan_deg, d_tilt_deg, d_zoom = raw.tolist()
        if raw.any():
            self._camera.relative(pan_deg=d_pan_deg or None, tilt_deg=d_tilt_deg or None, zoom=d_zoom or None)
        self._camera.step(_WAIT_S)
        while not self._camera.status().settled:
            self._camera.step(_WAIT_S)
        move = self._world.move(memory, raw[None], self.lens)
        return self._world.after(move, self._latent(self._camera), self._state())

    def here(self) -> Position:
        """Where the camera is."""
        status = self._camera.status()
        return Position(status.pan_deg, status.tilt_deg, status.zoom)

    def off(self) -> tuple[float, float]:
        """The angle to the goal, and the doublings of zoom."""
        return off_deg(self.here(), self._task.goal), off_doublings(self.here(), self._task.goal)

    def _state(self) -> Tensor:
        here = self.here()
        return states_of([here.pan_deg], [here.tilt_deg], [here.zoom])

    def _latent(self, camera: PTZCamera) -> Tensor:
        """(1, D)."""
        frame = self._stage.renderer.render(camera.intrinsics(), camera.T_world_camera())
        planes = self._world.preprocessing.of_frame(frame.rgb, frame.depth, camera.status().zoom)
        return self._world.model.encode(planes[None])
