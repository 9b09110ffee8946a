"""`sim train baseline`: from an image to what an expert would do there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from train.baselines.training import Lesson, Trained
    from train.runs import Run

_FEW = 5


def baseline(
    data: Annotated[
        Path | None, typer.Option(help="Dataset of an expert; a run that is resumed knows its own.")
    ] = None,
    recipe: Annotated[
        str, typer.Option(help="baseline, baseline-history, -goal, -resnet18, or a .yaml file.")
    ] = "baseline",
    change: Annotated[
        list[str] | None, typer.Option("--set", help="A setting, such as network.width=32; may be repeated.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What the run is called; the recipe's name if not given.")] = None,
    runs: Annotated[Path, typer.Option(help="Folder of the runs.")] = Path("runs"),
    resume: Annotated[str | None, typer.Option(help="A run that was stopped: go on with it.")] = None,
    parent: Annotated[str | None, typer.Option(help="The run that this one departs from.")] = None,
    tracker: Annotated[list[str] | None, typer.Option(help="tensorboard, wandb or mlflow; may be repeated.")] = None,
    drive: Annotated[
        bool, typer.Option(help="At the end, drive the first few frozen drives of the dataset's bundled homes.")
    ] = True,
) -> None:
    """Train a network that drives from its camera, by what an expert would do in each frame of a dataset."""
    from scenes.errors import HomeError
    from train.baselines.training import build, train_baseline

    if resume is None:
        if data is None:
            raise HomeError("name a dataset (--data), or a run to go on with (--resume)")
        run, lesson = _begun(data, recipe, change or [], name, runs, parent, tracker or [])
    else:
        if change or parent or tracker or name:
            raise HomeError(
                "a run that is resumed keeps its settings; --resume goes with --data, --runs and --drive alone"
            )
        run, lesson = _resumed(resume, data, runs)
    print(f"run {run.id} in {run.folder}")
    for leak in lesson.leaks:
        print(f"note: the split leaks: {leak}", file=sys.stderr)
    try:
        with run:
            trained = train_baseline(lesson, build(lesson), run)
            _tell(trained, run)
            if drive:  # within the run: if it is stopped meanwhile, `--resume` goes on with the drives
                _drive(trained)
    except KeyboardInterrupt:
        print(f"stopped; go on with `sim train baseline --resume {run.id}`", file=sys.stderr)
        raise


def _begun(
    data: Path, recipe: str, changes: list[str], name: str | None, runs: Path, parent: str | None, trackers: list[str]
) -> tuple[Run, Lesson]:
    from sim.cli.progress import fill_cache
    from train.baselines.config import BaselineConfig
    from train.baselines.training import prepare
    from train.config import resolve
    from train.runs import RunStore

    config = resolve(BaselineConfig, recipe, changes)
    fill_cache(data, config.preprocessing.size)
    lesson = prepare(data, config)
    store, backbone = RunStore(runs), lesson.backbone
    known = {run.id for run in store.all()} if backbone is not None else set()
    run = store.begin(
        "baseline",
        name or Path(recipe).stem,
        lesson.config,
        datasets={str(data): lesson.train.frames.dataset_hash},
        seeds={"seed": config.seed},
        parent=store.find(parent).id if parent else None,
        inputs=[backbone.meta["run"]] if backbone is not None and backbone.meta.get("run") in known else [],
        trackers=trackers,
    )
    return run, lesson


def _resumed(run_id: str, data: Path | None, runs: Path) -> tuple[Run, Lesson]:
    from scenes.errors import HomeError
    from train.baselines.config import BaselineConfig
    from train.baselines.training import prepare
    from train.config import load_settings
    from train.runs import RunStore

    store = RunStore(runs)
    info = store.find(run_id)
    if info.kind != "baseline":
        raise HomeError(f"{info.id} is a run of {info.kind}, not of a baseline; `sim runs list` says which are")
    config = load_settings(BaselineConfig, info.config, info.id)
    ((folder, content_hash),) = info.datasets.items()
    lesson = prepare(data if data is not None else Path(folder), config, content_hash)
    return store.reopen(info.id), lesson


def _tell(trained: Trained, run: Run) -> None:
    import json

    from train.baselines.page import write_report
    from train.baselines.training import OFFLINE

    scores = trained.judged.scores
    print(scores.table())
    print(f"held-out frames: accuracy (micro F1) {scores.accuracy:.3f}, macro F1 {scores.macro_f1:.3f}")
    bare = trained.judged.scores_without_history
    if bare is not None:
        print(f"never told the previous command: accuracy {bare.accuracy:.3f}")
    report = write_report(run.info, json.loads((run.folder / OFFLINE).read_bytes()))
    run.artifact(report)
    print(f"policy {trained.policy}, report {report}")


def _drive(trained: Trained) -> None:
    """A few drives, if the dataset's homes have frozen ones."""
    from sim.cli.progress import progress
    from sim.cli.train_drive import tell
    from train.baselines.driving import first_drives, sets_for, try_out
    from train.baselines.policy import load_policy

    names = sets_for(load_policy(trained.policy))
    if not names:
        run = trained.policy.parent
        print(
            f"note: its homes have no frozen drives; `sim train drive {run} --on HOME.sh3d --out drives`",
            file=sys.stderr,
        )
        return
    sets = [first_drives(name, _FEW) for name in names]

    folder = trained.policy.parent / "driving"
    where = f"held-out frames of {trained.policy.parent.name}"
    offline = {"accuracy": trained.judged.scores.accuracy, "where": where}
    with progress("drives", sum(len(one.episodes) for one in sets)) as step:

        def driven(count: int) -> None:
            for _ in range(count):
                step()

        results = try_out(trained.policy, sets, folder, offline, driven)
    tell(results)
    print(f"drives {folder / 'report.html'}")
