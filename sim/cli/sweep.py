"""`sim sweep …`: hyper-parameters searched with W&B's sweep files, without W&B."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from train.sweeps.agent import Limits
    from train.sweeps.search import Trial
    from train.sweeps.store import Order, SweepStore

app = typer.Typer(
    help="Search hyper-parameters with W&B's sweep files, on this machine or many; no account.", no_args_is_help=True
)

_STOPPED = 130
File = Annotated[Path, typer.Argument(help="Sweep file, as W&B reads it (docs/sweeps.md).", dir_okay=False)]
Id = Annotated[str, typer.Argument(help="The sweep.", envvar="SWEEP_ID")]
Sweeps = Annotated[Path, typer.Option(help="Folder of all sweeps; agents of other machines share it.")]


@app.command()
def run(
    file: File,
    agents: Annotated[int, typer.Option(min=1, help="Trials at the same time.")] = 1,
    count: Annotated[int | None, typer.Option(min=1, help="Trials in all; else until the sweep ends.")] = None,
    sweep_id: Annotated[
        str | None, typer.Option("--id", help="Go on with this sweep, or begin it.", envvar="SWEEP_ID")
    ] = None,
    sweeps: Sweeps = Path("sweeps"),
) -> None:
    """Create a sweep and run it. Ctrl-C once finishes the trials that run, twice stops them."""
    from train.sweeps.agent import Limits

    store = _begun(file, sweep_id, sweeps)
    print(f"sweep {store.id} in {store.folder}")
    if store.sweep.most_trials is None and count is None:
        print("it has no end; Ctrl-C finishes it, or give --count")
    stopped = _one(store, Limits(until=count)) if agents == 1 else _many(store, agents, count, sweeps)
    print(_summary(store))
    if stopped:
        print(f"`sim sweep run {file} --id {store.id}` goes on")
        raise typer.Exit(_STOPPED)


@app.command()
def create(
    file: File,
    sweep_id: Annotated[str | None, typer.Option("--id", help="Its id; drawn if not given.")] = None,
    sweeps: Sweeps = Path("sweeps"),
) -> None:
    """Begin a sweep and print its id, for `sim sweep agent`."""
    print(_begun(file, sweep_id, sweeps).id)


@app.command()
def agent(
    sweep_id: Id,
    count: Annotated[int | None, typer.Option(min=1, help="Trials that this agent runs at most.")] = None,
    until: Annotated[int | None, typer.Option(min=1, help="Trials that the sweep has in all.")] = None,
    sweeps: Sweeps = Path("sweeps"),
) -> None:
    """Run trials of a sweep, beside any number of other agents on any machine that shares its folder."""
    from train.sweeps.agent import Limits
    from train.sweeps.store import open_sweep

    if _one(open_sweep(sweeps, sweep_id), Limits(count, until)):
        raise typer.Exit(_STOPPED)


@app.command()
def status(
    sweep_id: Annotated[str | None, typer.Argument(help="The sweep; all if not given.", envvar="SWEEP_ID")] = None,
    sweeps: Sweeps = Path("sweeps"),
) -> None:
    """Say how a sweep stands: states, the best trials, what runs."""
    from train.sweeps.store import open_sweep, sweep_ids

    if sweep_id is not None:
        print(_summary(open_sweep(sweeps, sweep_id)))
        return
    for known in sweep_ids(sweeps):
        print(_summary(open_sweep(sweeps, known)).splitlines()[0])


@app.command()
def pause(sweep_id: Id, sweeps: Sweeps = Path("sweeps")) -> None:
    """Let agents finish their trials and wait."""
    _order(sweeps, sweep_id, "pause")


@app.command()
def resume(sweep_id: Id, sweeps: Sweeps = Path("sweeps")) -> None:
    """Let agents go on after pause, stop or cancel; those that have left are to be started again."""
    _order(sweeps, sweep_id, "run")


@app.command()
def stop(sweep_id: Id, sweeps: Sweeps = Path("sweeps")) -> None:
    """Let agents finish their trials and leave."""
    _order(sweeps, sweep_id, "stop")


@app.command()
def cancel(sweep_id: Id, sweeps: Sweeps = Path("sweeps")) -> None:
    """Let agents stop their trials and leave."""
    _order(sweeps, sweep_id, "cancel")


@app.command()
def report(
    sweep_id: Id,
    out: Annotated[Path | None, typer.Option(help="HTML file; report.html in the sweep's folder if not given.")] = None,
    sweeps: Sweeps = Path("sweeps"),
) -> None:
    """Write a page that compares the trials: table with intervals, parallel coordinates, importance."""
    from train.sweeps.page import write_page
    from train.sweeps.store import open_sweep

    store = open_sweep(sweeps, sweep_id)
    path = out if out is not None else store.folder / "report.html"
    write_page(store, path)
    print(path)


def _begun(file: Path, sweep_id: str | None, sweeps: Path) -> SweepStore:
    """The sweep of this id if there is one, else a new one."""
    from train.sweeps.config import parse_sweep
    from train.sweeps.store import create_sweep, open_sweep, sweep_ids

    text = file.read_bytes()
    if sweep_id is None or sweep_id not in sweep_ids(sweeps):
        return create_sweep(sweeps, text, str(file), sweep_id)
    store = open_sweep(sweeps, sweep_id)
    if parse_sweep(text, str(file)).sha256 != store.sweep.sha256:
        warnings.warn(
            f"{file} is not what sweep {sweep_id} began with, which counts; without --id a new sweep begins",
            stacklevel=2,
        )
    return store


def _one(store: SweepStore, limits: Limits) -> bool:
    """Is an agent itself; was it interrupted?"""
    from train.sweeps.agent import run_agent

    return run_agent(store, limits, lambda text: print(text, flush=True)) == "interrupted"


def _many(store: SweepStore, agents: int, count: int | None, sweeps: Path) -> bool:
    """Starts agents, and again if one was killed and left a trial; were they interrupted?"""
    from datagen.engine.pool import cores
    from scenes.errors import HomeError
    from train.sweeps.agent import is_left
    from train.sweeps.fleet import run_fleet

    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, cores() // agents)))  # torch would take all for each trial
    line = [sys.executable, "-m", "sim.cli", "sweep", "agent", store.id, "--sweeps", str(sweeps)]
    if count is not None:
        line += ["--until", str(count)]
    while True:
        codes, interrupted = run_fleet(line, agents)
        if interrupted:
            return True
        if any(code > 0 for code in codes):
            raise HomeError(f"an agent of sweep {store.id} gave up; what it said stands above")
        if not any(codes) or not is_left(store, count):
            return False
        print("an agent was killed; its trial is run again", file=sys.stderr)


def _order(sweeps: Path, sweep_id: str, order: Order) -> None:
    from train.sweeps.store import open_sweep

    open_sweep(sweeps, sweep_id).give_order(order)


def _summary(store: SweepStore) -> str:
    """A line on the sweep, then the best trials and those that run."""
    from collections import Counter

    trials, file = store.trials(), store.sweep.file
    states = ", ".join(f"{count} {state}" for state, count in sorted(Counter(one.state for one in trials).items()))
    most = store.sweep.most_trials
    of = "" if most is None else f" of {most}"
    name = f" {file.name}" if file.name else ""
    order = "" if store.order == "run" else f" [{store.order}]"
    lines = [f"sweep {store.id}{name}: {file.method}, {len(trials)}{of} trials ({states or 'none yet'}){order}"]
    if file.metric is not None:
        judged = [trial for trial in trials if trial.value is not None]
        judged.sort(key=lambda one: one.reports[-1], reverse=file.metric.goal == "maximize")
        lines += [f"  {file.metric.name} {one.reports[-1]:.6g}: {_said(one)}" for one in judged[:5]]
    lines += [f"  running: {_said(one)}" for one in trials if one.state == "running"]
    return "\n".join(lines)


def _said(trial: Trial) -> str:
    return f"trial {trial.number} ({' '.join(f'{name}={value}' for name, value in trial.settings.items())})"
