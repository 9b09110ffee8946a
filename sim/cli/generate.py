"""`sim generate`: datasets."""

from __future__ import annotations

import math
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.arguments import CloseOption, OutdoorsOption, count, parse_size

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from datagen.checks.finding import Finding
    from datagen.engine.estimate import Estimate
    from datagen.engine.run import OpenEngine
    from datagen.engine.worker import Made


def generate(
    out: Annotated[Path, typer.Option(help="Folder of the dataset; a run that was stopped goes on there.")],
    config: Annotated[
        Path | None, typer.Option(help="YAML or JSON file with all settings (docs/datasets.md); options override it.")
    ] = None,
    scene: Annotated[
        list[str] | None, typer.Option(help="A bundled scene's name, a .sh3d file, or an OBJ export; may be repeated.")
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(help="perfect, wandering, teleporting; sweep, random, track, jump; fly; may be repeated."),
    ] = None,
    episodes: Annotated[int | None, typer.Option(help="How many.")] = None,
    frames: Annotated[int | None, typer.Option(help="Per episode at most.")] = None,
    size: Annotated[str | None, typer.Option(help="Width x height of the images, pixels (224x224).")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same bytes (0).")] = None,
    change: Annotated[
        list[str] | None, typer.Option("--set", help="A setting, such as ptz.modulation=5; may be repeated.")
    ] = None,
    light: Annotated[str | None, typer.Option(help="Baked light: none, day, evening or night.")] = None,
    outdoors: OutdoorsOption = False,
    close: CloseOption = False,
    renderer: Annotated[str | None, typer.Option(help="auto, gl, bullet or raycast.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; as many as there are cores if not given.")
    ] = None,
    engine: Annotated[str, typer.Option(help="pool (this machine) or ray (many; extra `ray`).")] = "pool",
    address: Annotated[
        str | None, typer.Option(help="Of a running Ray cluster, e.g. auto or ray://HOST:10001.")
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(help="Resume though this differs: renderer, driver, code, or a library; may be repeated."),
    ] = None,
) -> None:
    """Generate a dataset of labelled RGB-D episodes; killed at any moment, the same command goes on where it was."""
    from datagen.config import make_config
    from datagen.engine import generate as run
    from datagen.overrides import override
    from scenes.yaml_files import read_settings

    given = {
        "homes": scene,
        "policies": policy,
        "episodes": episodes,
        "frames": frames,
        "size": None if size is None else parse_size(size),
        "seed": seed,
        "light": light,
        "outdoors": outdoors or None,
        "close": close or None,
        "renderer": renderer,
    }
    settings = read_settings(config, "docs/datasets.md") if config is not None else {}
    settings |= {name: value for name, value in given.items() if value is not None}
    for one in change or []:
        override(settings, one)
    made = make_config(settings)
    open_engine, at_work = _engine(engine, workers, address)
    with shown(out, at_work) as progress:
        summary = run(made, out, open_engine, progress, allow=allow or [])
    frames_made = sum(one.frames for one in summary.made)
    print(
        f"{count(summary.episodes, 'episode')} in {out}, {len(summary.made)} of them new"
        f" ({count(frames_made, 'frame')} in {_duration(summary.seconds)},"
        f" {frames_made / max(summary.seconds, 1e-9):.0f} frames/s)"
    )
    print(f"content hash {summary.content_hash}")


def _engine(name: str, workers: int | None, address: str | None) -> tuple[OpenEngine, int]:
    """The engine, and how many workers it will have."""
    from scenes.errors import HomeError

    if name == "pool":
        from datagen.engine.pool import cores, open_pool

        if address is not None:
            raise HomeError("--address is for --engine ray; the pool runs on this machine")
        at_work = workers or cores()
        return lambda order: open_pool(order, at_work), at_work
    if name == "ray":
        from datagen.engine.ray_engine import open_ray, ray_cores

        at_work = workers or ray_cores(address)
        return lambda order: open_ray(order, at_work, address), at_work
    raise HomeError(f"no engine {name!r}; there are pool and ray")


class _Shown:
    """Shows on stderr how it goes."""

    def __init__(self, folder: Path, workers: int, bar: Bar) -> None:
        self._folder, self._workers, self._bar = folder, workers, bar
        self._task: TaskID | None = None
        self._start_s = 0.0
        self._frames = self._bytes = 0

    def say(self, text: str) -> None:
        """Says what is done next."""
        self._bar.console.print(text, style="dim", highlight=False, soft_wrap=True)

    def prepared(self, done: int, homes: int) -> None:
        """Shows how many homes are ready."""
        if done == 0:
            self.say(f"preparing {homes} {'home' if homes == 1 else 'homes'}: where bodies can go, light")
            self._bar.start()
            self._task = self._bar.add_task("homes", total=homes, rate="", disk="")
        elif self._task is not None:
            self._bar.update(self._task, completed=done)

    def begin(self, missing: int, stored: int, expected: Estimate | None) -> None:
        """Says what it will take."""
        if stored:
            self._bar.console.print(f"{count(stored, 'episode')} stored already, {missing} missing")
        if expected is None:
            return
        from datagen.engine.pool import cores

        free = shutil.disk_usage(self._folder).free
        self._bar.console.print(
            f"about {count(expected.frames, 'frame')}, {_size(expected.bytes)} of {_size(free)} free, "
            f"{_duration(expected.core_s / min(self._workers, cores()))} with {count(self._workers, 'worker')}",
            highlight=False,
            soft_wrap=True,
        )
        if expected.bytes > free:
            self._bar.console.print("note: the disk will be full before it is done; make room, or name another folder")
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._start_s = time.monotonic()
        self._task = self._bar.add_task("episodes", total=missing, rate="", disk="")

    def warn(self, findings: Sequence[Finding]) -> None:
        """Says what is wrong with the first frames."""
        for finding in findings:
            self._bar.console.print(
                f"warning: {finding.code}: {finding.message} [{finding.place}]", markup=False, soft_wrap=True
            )
        if findings:
            self.say("stop with Ctrl-C to change the settings; `sim data check` looks at all of it when it is done")

    def made(self, made: Made) -> None:
        """One more."""
        self._frames, self._bytes = self._frames + made.frames, self._bytes + made.bytes
        rate = self._frames / max(time.monotonic() - self._start_s, 1e-9)
        if self._task is not None:
            self._bar.update(self._task, advance=1, rate=f"{rate:.0f} frames/s", disk=_size(self._bytes))


@contextmanager
def shown(folder: Path, workers: int) -> Iterator[_Shown]:
    """Shows on stderr how the making of a dataset goes."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns: list[Any] = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()]
    columns += [TextColumn("{task.fields[rate]}"), TimeRemainingColumn(), TextColumn("{task.fields[disk]}")]
    bar = Progress(*columns, console=Console(stderr=True), speed_estimate_period=60)
    try:
        yield _Shown(folder, workers, bar)
    except KeyboardInterrupt:
        bar.stop()
        print(f"stopped; the same command goes on with what is in {folder}", file=sys.stderr)
        raise
    finally:
        if bar.live.is_started:
            bar.stop()


def _size(count: float) -> str:
    units = ("bytes", "kB", "MB", "GB", "TB")
    step = min(int(math.log(max(count, 1), 1000)), len(units) - 1)
    return f"{count / 1000**step:.{1 if step else 0}f} {units[step]}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
