"""What a camera lives through in a home, by an agent or at random, as an ordinary dataset."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from datagen.collect import Job, make_job
from datagen.collect.describe import describe_home
from datagen.collect.place import Place
from datagen.config import Config
from datagen.engine.run import make_spec
from datagen.store import Episode, EpisodeFacts, Row, writing
from datagen.store.schema import Json
from scenes.scene import Scene
from sim.camera import Floats
from sim.frame import Frame, Renderer
from sim.ptz import ACTIONS, PROFILES, Position, PTZCamera, PTZProfile, PTZStatus, apply, change
from sim.renderers.choose import open_renderer
from sim.tour import locate
from sim.traffic import TrafficPlan
from train.data import Frames
from train.dreams.agent import Agent
from train.dreams.world import Memory, World, states_of, table_of
from train.motion import Array

WAIT_S = 0.1


@dataclass(frozen=True, eq=False)
class Actor:
    """Who moves the camera.

    Attributes:
        world: the world model whose latents the agent knows.
        agent: takes the action of the highest value.
        goals: frames of the data so far; each episode has one of them as its goal.
        epsilon: the share of actions at random.
    """

    world: World
    agent: Agent
    goals: Frames
    epsilon: float


def collect(
    config: Config, folder: Path, actor: Actor | None, told: Mapping[str, Json], allow: Sequence[str] = ()
) -> None:
    """Makes what is missing of a dataset of the one home of a configuration; killed at any moment, it can be repeated.

    Args:
        config: homes, cameras, episodes; of them each one depends on its number alone.
        folder: of the dataset.
        actor: None acts at random.
        told: what else the content depends on; part of the dataset's configuration, and of its hash. `generation`: 0
            for the exam.
        allow: what may differ from the runs before; see `datagen.store.writing`.

    Raises:
        HomeError: a home of a benchmark set or without a room for a camera; or see `datagen.store.writing`.
    """
    job = make_job(config)
    spec = make_spec(job)
    said = {"policies": ["random" if actor is None else "agent"], "lifelong": dict(told)}
    spec = dataclasses.replace(spec, config={**spec.config, **said})
    with writing(folder, spec, allow) as store:
        missing = store.missing()
        for number, home in enumerate(job.homes):
            if not store.is_described(home.name):
                store.describe(home.name, describe_home(job.scene(number), config))
        if missing:
            with _studio(job, spec.renderer, told, actor) as studio:
                for index in missing:
                    store.write(index, studio.episode(index))
        store.finish()


@contextmanager
def _studio(job: Job, renderer_name: str, told: Mapping[str, Json], actor: Actor | None) -> Iterator[_Studio]:
    """The home in a renderer, doors open."""
    scene = job.scene(0)
    place = Place(scene, scene, TrafficPlan())
    mounts = place.mounts(job.config.ptz.cameras)
    with open_renderer(renderer_name, scene, bodies=place.traffic.bodies) as renderer:
        for body, pose in place.open_leaves.items():
            renderer.place(body, pose)
        yield _Studio(job, scene, tuple(mounts), renderer, actor, int(told["generation"]))


@dataclass(frozen=True, eq=False)
class _Studio:
    """Makes episodes. `generation`: 0 is the exam's."""

    job: Job
    scene: Scene
    mounts: tuple[Floats, ...]
    renderer: Renderer
    actor: Actor | None
    generation: int

    def episode(self, index: int) -> Episode:
        """The frames of an episode; cameras and profiles take turns."""
        config, home = self.job.config, self.job.homes[0]
        rng = np.random.default_rng([config.seed, self.generation, index])
        turn, number = divmod(index, len(self.mounts))
        profile = PROFILES[config.ptz.profiles[turn % len(config.ptz.profiles)]]
        camera = PTZCamera(profile, self.mounts[number], *config.size, _start(config, profile, rng))
        level, room = locate(self.scene, self.mounts[number][:3, 3].tolist())
        mind = None if self.actor is None else _Mind(self.actor, profile, config.ptz.modulation, rng)
        for _ in range(config.most_frames("random")):
            status = camera.status()
            frame = self.renderer.render(camera.intrinsics(), camera.T_world_camera())
            chosen = int(rng.integers(len(ACTIONS))) if mind is None else mind.choose(frame, status)
            action = ACTIONS[chosen]
            yield (
                frame,
                Row(
                    time_s=status.time_s,
                    home=home.name,
                    level=level,
                    room=room,
                    camera=f"{profile.name}-{number}",
                    pan_deg=status.pan_deg,
                    tilt_deg=status.tilt_deg,
                    zoom=status.zoom,
                    action=change(action, profile, config.ptz.modulation),
                    command=action.name,
                ),
            )
            apply(camera, action, config.ptz.modulation)
            camera.step(WAIT_S)
            while not camera.status().settled:
                camera.step(WAIT_S)
        drawn = {"policy": "random"} if mind is None else {"policy": "agent", "goal": mind.goal}
        return EpisodeFacts(home.name, home.digest, "done", drawn)


def _start(config: Config, profile: PTZProfile, rng: np.random.Generator) -> Position:
    wide, tele = config.ptz.zoom[0], min(config.ptz.zoom[1], profile.max_zoom)
    return Position(
        float(rng.uniform(-180, 180)), float(rng.uniform(*config.ptz.tilt_deg)), wide * (tele / wide) ** rng.random()
    )


class _Mind:
    """What an agent remembers of an episode, and its `goal`: which of the frames so far."""

    def __init__(self, actor: Actor, profile: PTZProfile, modulation: float, rng: np.random.Generator) -> None:
        self._actor, self._rng, self._table = actor, rng, table_of(profile, modulation)
        self.goal = int(rng.integers(len(actor.goals)))
        self._goal = actor.world.model.encode(actor.goals.images([self.goal]))
        self._memory: Memory | None = None
        self._raw: Array = np.zeros((1, 3))

    def choose(self, frame: Frame, status: PTZStatus) -> int:
        """The number of the next action."""
        world, camera = self._actor.world, frame.intrinsics
        assert world.preprocessing is not None
        latent = world.model.encode(world.preprocessing.of_frame(frame.rgb, frame.depth, status.zoom)[None])
        state = states_of([status.pan_deg], [status.tilt_deg], [status.zoom])
        if self._memory is None:
            self._memory = world.begin(latent, state)
        else:
            half = np.array([[camera.width / camera.fx, camera.height / camera.fy]]) / 2
            self._memory = world.after(world.move(self._memory, self._raw, status.zoom * half), latent, state)
        best = int(self._actor.agent.values(self._memory, self._goal).argmax())
        anything = int(self._rng.integers(len(ACTIONS)))
        chosen = anything if self._rng.random() < self._actor.epsilon else best
        self._raw = self._table[chosen][None]
        return chosen
