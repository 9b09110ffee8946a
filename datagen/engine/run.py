"""`generate`: a dataset from a configuration, by an engine, into a store."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from datagen.collect import Job, Studio, make_job
from datagen.config import Config
from datagen.engine.estimate import Estimate, estimate
from datagen.engine.worker import Engine, Made, Order
from datagen.store import HomeEntry, Spec, Storage, writing
from datagen.store.about import ABOUT
from datagen.tasks import task_of
from scenes.errors import HomeError
from scenes.info import instance_list, scene_info
from scenes.library import load_scene
from scenes.scene import Scene
from sim.renderers.choose import open_renderer
from sim.traffic import Traffic

LISTED_EVERY_S = 15.0
LIT_RENDERER = "gl"


class Progress(Protocol):
    """Who is told how it goes."""

    def begin(self, missing: int, stored: int, expected: Estimate | None) -> None:
        """Before anything is made: how many episodes are missing and stored, and what they will take."""

    def prepared(self, done: int, homes: int) -> None:
        """Graphs and light of a home are in the caches."""

    def made(self, made: Made) -> None:
        """An episode is stored."""


@dataclass(frozen=True)
class Summary:
    """What a run came to. `made`: the episodes that it made itself."""

    content_hash: str
    episodes: int
    made: tuple[Made, ...]
    seconds: float


OpenEngine = Callable[[Order], AbstractContextManager[Engine]]


def generate(
    config: Config, folder: Path, open_engine: OpenEngine, progress: Progress, *, allow: Sequence[str] = ()
) -> Summary:
    """Makes what is missing of a dataset. Killed or stopped at any moment, the same call goes on where it was.

    `allow`: what may differ from the runs before; see `datagen.store.writing`.

    Raises:
        HomeError: see `make_job`, `writing`; or an episode cannot be made.
        RendererError: the renderer does not work here.
    """
    job = make_job(config)
    spec = make_spec(job, new=not (folder / ABOUT).exists())
    with writing(folder, spec, allow) as store:
        start_s = time.monotonic()
        missing = sorted(store.missing(), key=lambda index: (task_of(config, index).home, index))
        made = _make(Order(job, spec.renderer, store), missing, open_engine, progress)
        return Summary(store.finish(), config.episodes, tuple(made), time.monotonic() - start_s)


def make_spec(job: Job, *, new: bool) -> Spec:
    """What the dataset of a job is to be, on this machine; what is known of its homes is looked up if it is `new`.

    Raises:
        HomeError: baked light is asked for, and the renderer does not show it.
    """
    config = job.config
    with open_renderer(config.renderer, load_scene(str(job.homes[0].path))) as renderer:
        name, driver = renderer.name, renderer.driver
    lights = {config.light, *(config.randomise.light.value.choice if config.randomise.light else ())}
    if name != LIT_RENDERER and lights != {"none"}:
        raise HomeError(f"baked light is for the renderer {LIT_RENDERER}, not for {name}; leave out the light")
    infos = {home.name: _info(load_scene(str(home.path)), config) if new else {} for home in job.homes}
    return Spec(
        config=config.content(),
        episodes=config.episodes,
        homes={home.name: HomeEntry(home.digest, infos[home.name]) for home in job.homes},
        renderer=name,
        driver=driver,
        storage=Storage(config.rgb, config.segmentation),
    )


def _info(scene: Scene, config: Config) -> dict[str, Any]:
    """What is known of a home, with the instances of what moves through it."""
    info = scene_info(scene)
    if config.moving.people or config.moving.trolleys:
        added = Traffic(scene, config.moving.plan).instances[-config.moving.people - config.moving.trolleys :]
        info["instances"] += instance_list(dataclasses.replace(scene, instances=added))
    return info


def _make(order: Order, missing: Sequence[int], open_engine: OpenEngine, progress: Progress) -> list[Made]:
    """Makes episodes, and lists what is stored now and then."""
    expected = None
    if missing:
        with Studio(order.job, order.renderer) as studio:
            expected = estimate(studio, missing)
    progress.begin(len(missing), order.job.config.episodes - len(missing), expected)
    if not missing:
        return []
    found: list[Made] = []
    homes = sorted({task_of(order.job.config, index).home for index in missing})
    listed_s = time.monotonic()
    with open_engine(order) as engine:
        for done, _ in enumerate(engine.run("prepare", homes)):
            progress.prepared(done + 1, len(homes))
        for made in engine.run("make", missing):
            found.append(made)
            progress.made(made)
            if time.monotonic() - listed_s > LISTED_EVERY_S:
                order.store.list()
                listed_s = time.monotonic()
    return found
