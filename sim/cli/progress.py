"""Progress of long work: how much is done, how fast, how long it still takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_KNOWN_AFTER_S = 1.0
"""A rate of less time says nothing."""


@contextmanager
def progress(unit: str, total: int | None) -> Iterator[Callable[[], None]]:
    """A bar on stderr with the rate in `unit` per second and the time left, if known; call what it yields each step."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class RateColumn(ProgressColumn):
        def render(self, task: Task) -> Text:
            known = task.speed is not None and (task.elapsed or 0.0) > _KNOWN_AFTER_S
            return Text(f"{task.speed:.1f} {unit}/s" if known else "")

    columns = (TextColumn(unit), BarColumn(), MofNCompleteColumn(), RateColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), speed_estimate_period=60) as bar:
        task = bar.add_task(unit, total=total)
        yield lambda: bar.advance(task)


@contextmanager
def progress_of_share(what: str) -> Iterator[Callable[[float], None]]:
    """A bar on stderr with the time left; call what it yields with the share done. Shown from the first call on."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn(what), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True))
    task = bar.add_task(what, total=1.0)

    def report(share: float) -> None:
        bar.start()
        bar.update(task, completed=share)

    try:
        yield report
    finally:
        if bar.live.is_started:
            bar.stop()


def fill_cache(folder: Path, size: tuple[int, int]) -> None:
    """Makes the cache of a dataset at a size (width, height), with a bar as that takes a while; not if it is there.

    Raises:
        HomeError: no such dataset, or a damaged one.
    """
    from datagen.reader import open_cache, open_dataset

    if not (folder / "cache" / f"{size[0]}x{size[1]}").exists():
        dataset = open_dataset(folder)
        with progress("frames", len(dataset)) as step:
            open_cache(dataset, size, progress=step)
