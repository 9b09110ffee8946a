"""The pace of a training: the next batch prepared meanwhile, the clock, what is shown, and the stop between steps."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Protocol, TypeAlias

Show: TypeAlias = Callable[[int, Mapping[str, float], float], None]
"""Is told how it goes: steps done, losses by name, images per second."""


class Batches(Protocol):
    """Where batches come from, such as `train.data.Sampler`."""

    def batch(self, step: int) -> Any:
        """The batch of a step, from 0: a dataclass of tensors, `images` among them, with `to(device)`."""


@dataclass
class Clock:
    """Time spent on training and on waiting for batches, from the first batch on."""

    images: int = 0
    seconds: float = 0.0
    waited_s: float = 0.0
    _since_s: float | None = None

    def start(self) -> None:
        """What was done since the last step was not training."""
        self._since_s = time.perf_counter()

    def waited(self, seconds: float) -> None:
        """A batch came."""
        if self._since_s is None:
            self.start()
        else:
            self.waited_s += seconds

    def trained(self, images: int) -> None:
        """A step is done."""
        assert self._since_s is not None
        now = time.perf_counter()
        self.seconds, self.images, self._since_s = self.seconds + now - self._since_s, self.images + images, now

    @property
    def images_per_s(self) -> float:
        """Images trained on per second."""
        return self.images / self.seconds if self.seconds else 0.0

    @property
    def share_waiting(self) -> float:
        """The share of the time that was spent waiting for batches."""
        return self.waited_s / self.seconds if self.seconds else 0.0

    def figures(self) -> dict[str, float]:
        """Both, for a log."""
        return {"images_per_s": self.images_per_s, "share_waiting": self.share_waiting}


@dataclass
class Ahead:
    """Prepares each batch in a thread while the one before is trained on; a context manager.

    `step`: the next one; `steps`: how many there are.
    """

    sampler: Batches
    step: int
    steps: int
    clock: Clock
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "batches"))
    _coming: Future[Any] | None = None

    def __enter__(self) -> Ahead:
        self._prepare()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(cancel_futures=True)

    def next(self) -> Any:
        """The batch of the next step."""
        assert self._coming is not None
        start_s = time.perf_counter()
        batch = self._coming.result()
        self.clock.waited(time.perf_counter() - start_s)
        self.step += 1
        self._prepare()
        return batch

    def _prepare(self) -> None:
        if self.step < self.steps:
            self._coming = self._thread.submit(self.sampler.batch, self.step)


class Stop:
    """Turns the first Ctrl-C or SIGTERM into `asked`, so that no step is left half done; a second one ends at once."""

    def __init__(self) -> None:
        self.asked = False

    def __enter__(self) -> Stop:
        main = threading.current_thread() is threading.main_thread()
        self._before = {one: signal.signal(one, self._ask) for one in (signal.SIGINT, signal.SIGTERM) if main}
        return self

    def __exit__(self, *_: object) -> None:
        for one, before in self._before.items():
            signal.signal(one, before)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True


@contextmanager
def training_bar(total: int, first: int) -> Iterator[Show]:
    """A bar on stderr: steps, time left, images/s, the loss. `first`: steps done before."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("steps"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[said]}"),
    )
    with Progress(*columns, console=Console(stderr=True), speed_estimate_period=600) as bar:
        task = bar.add_task("steps", total=total, completed=first, said="")

        def show(done: int, losses: Mapping[str, float], images_per_s: float) -> None:
            said = f"{images_per_s:.0f} images/s" + (f", loss {losses['loss']:.4g}" if "loss" in losses else "")
            bar.update(task, completed=done, said=said)

        yield show
