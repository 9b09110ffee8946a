"""`generate`: a dataset from a configuration, by an engine, into a store."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from datagen.checks.finding import Finding
from datagen.collect import Job, Studio, make_job
from datagen.config import Config, home_names, make_config
from datagen.engine.estimate import Estimate, estimate, look, some_of
from datagen.engine.worker import Engine, Made, Order
from datagen.store import HomeEntry, Spec, Storage, frozen, read_about, writing
from datagen.store.about import ABOUT
from datagen.tasks import task_of
from scenes.errors import HomeError
from sim.renderers.choose import open_renderer

LISTED_EVERY_S = 15.0
LIT_RENDERER = "gl"


class Progress(Protocol):
    """Who is told how it goes."""

    def say(self, text: str) -> None:
        """What is done next, where that may take a while."""

    def prepared(self, done: int, homes: int) -> None:
        """Graphs and light of a home are in the caches; first called with 0 of them done."""

    def begin(self, missing: int, stored: int, expected: Estimate | None) -> None:
        """Before anything is made: how many episodes are missing and stored, and what they will take."""

    def warn(self, findings: Sequence[Finding]) -> None:
        """What is wrong with the first frames, before others follow."""

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
    config = grown(config, folder)
    job = make_job(config)
    frozen.refuse_homes({home.name: home.digest for home in job.homes}, config.content())
    progress.say(f"opening {job.homes[0].name} (the first time a home is seen, this takes a while)")
    spec = make_spec(job)
    with writing(folder, spec, allow) as store:
        start_s = time.monotonic()
        missing = sorted(store.missing(), key=lambda index: (task_of(config, index).home, index))
        made = _make(Order(job, spec.renderer, store), missing, open_engine, progress)
        return Summary(store.finish(), config.episodes, tuple(made), time.monotonic() - start_s)


def grown(config: Config, folder: Path) -> Config:
    """The configuration for what a folder holds already: homes that it has come first, in its order.

    Raises:
        HomeError: homes are to be added, and no episodes.
    """
    if not (folder / ABOUT).exists():
        return config
    about = read_about(folder)
    stored, names = about["config"].get("homes"), home_names(config.homes)
    if not isinstance(stored, list) or not set(names) >= set(stored):
        return config  # another dataset, which `writing` refuses
    paths = dict(zip(names, config.homes, strict=True))
    growth = about["config"].get("growth", [])
    if further := [name for name in names if name not in stored]:
        if config.episodes <= about["episodes"]:
            told = f"{folder} has {about['episodes']:,} episodes; to show {further[0]} as well"
            raise HomeError(f"{told} it needs more: --episodes N with N above {about['episodes']}")
        growth = [*growth, {"homes": len(stored), "episodes": about["episodes"]}]
    homes = [paths[name] for name in (*stored, *further)]
    return make_config(config.model_dump() | {"homes": homes, "growth": growth})


def make_spec(job: Job) -> Spec:
    """What the dataset of a job is to be, on this machine; its homes are described when they are prepared.

    Raises:
        HomeError: baked light is asked for, and the renderer does not show it.
    """
    config = job.config
    with open_renderer(config.renderer, job.scene(0)) as renderer:
        name, driver = renderer.name, renderer.driver
    lights = {config.light, *(config.randomise.light.value.choice if config.randomise.light else ())}
    if name != LIT_RENDERER and lights != {"none"}:
        raise HomeError(f"baked light is for the renderer {LIT_RENDERER}, not for {name}; leave out the light")
    return Spec(
        config=config.content(),
        episodes=config.episodes,
        homes={home.name: HomeEntry(home.digest) for home in job.homes},
        renderer=name,
        driver=driver,
        storage=Storage(config.rgb, config.segmentation),
    )


def _make(order: Order, missing: Sequence[int], open_engine: OpenEngine, progress: Progress) -> list[Made]:
    """Prepares homes, looks at some frames, makes episodes, and lists what is stored now and then."""
    stored = order.job.config.episodes - len(missing)
    shown = {task_of(order.job.config, index).home for index in missing}
    shown |= {home for home, file in enumerate(order.job.homes) if not order.store.is_described(file.name)}
    if not shown:
        progress.begin(0, stored, None)
        return []
    found: list[Made] = []
    homes = sorted(shown)
    with open_engine(order) as engine:
        progress.prepared(0, len(homes))
        for done, _ in enumerate(engine.run("prepare", homes)):
            progress.prepared(done + 1, len(homes))
        if not missing:
            return []
        progress.say("looking at the first frames")
        with Studio(order.job, order.renderer) as studio:
            looks = [look(studio, index) for index in some_of(order.job.config, missing)]
        progress.warn([finding for one in looks for finding in one.findings])
        progress.begin(len(missing), stored, estimate(looks, len(missing)))
        listed_s = time.monotonic()
        for made in engine.run("make", missing):
            found.append(made)
            progress.made(made)
            if time.monotonic() - listed_s > LISTED_EVERY_S:
                order.store.list()
                listed_s = time.monotonic()
    return found
