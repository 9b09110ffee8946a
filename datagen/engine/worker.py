"""What one process of any engine does."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from datagen.collect import Job, Studio
from datagen.collect.describe import describe_home
from datagen.store import Episode, EpisodeFacts, Store
from datagen.store.listing import episode_file


@dataclass(frozen=True)
class Order:
    """What a worker is made of; it can be pickled. `renderer`: a name other than "auto"."""

    job: Job
    renderer: str
    store: Store


@dataclass(frozen=True)
class Made:
    """An episode that is stored. `render_s`, `store_s`: CPU time for its frames, and for encoding and writing them."""

    index: int
    frames: int
    bytes: int
    render_s: float
    store_s: float


class Worker:
    """Makes episodes; or prepares a home, so that its graphs and light are in the caches."""

    def __init__(self, order: Order) -> None:
        self._studio = Studio(order.job, order.renderer)
        self._store = order.store

    def prepare(self, home: int) -> int:
        """Prepares a home by its index in the job, and describes it in the dataset."""
        self._studio.prepare(home)
        job = self._studio.job
        name = job.homes[home].name
        if not self._store.is_described(name):
            self._store.describe(name, describe_home(job.scene(home), job.config))
        return home

    def make(self, index: int) -> Made:
        """Makes and stores an episode.

        Raises:
            HomeError: it cannot be made or stored.
        """
        watched = _Watched(self._studio.episode(index))
        start_s = time.process_time()
        self._store.write(index, watched.frames())
        spent_s = time.process_time() - start_s
        size = episode_file(self._store.folder, index).stat().st_size
        return Made(index, watched.count, size, watched.spent_s, spent_s - watched.spent_s)

    def close(self) -> None:
        """Releases the renderers."""
        self._studio.close()


class _Watched:
    """Counts an episode's frames and the CPU time that they take."""

    def __init__(self, episode: Episode) -> None:
        self._episode = episode
        self.count, self.spent_s = 0, 0.0

    def frames(self) -> Episode:
        """The same frames."""
        while True:
            start_s = time.process_time()
            try:
                one = next(self._episode)
            except StopIteration as end:
                facts: EpisodeFacts = end.value
                return facts
            finally:
                self.spent_s += time.process_time() - start_s
            self.count += 1
            yield one


class Engine(Protocol):
    """Workers that are there."""

    workers: int

    def run(self, method: str, items: Sequence[int]) -> Iterator[Any]:
        """Has `Worker.method` done for all items; what it returns, as it comes.

        Raises:
            HomeError, RendererError: of a worker.
        """


Opener = AbstractContextManager[Engine]
