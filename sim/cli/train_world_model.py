"""`sim train world-model`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from train.runs import Run, RunStore
    from train.world_model import Lesson, WorldModelSettings


def train_world_model(
    data: Annotated[Path | None, typer.Option(help="Folder of the dataset (sim generate).")] = None,
    recipe: Annotated[str, typer.Option(help="latent, ijepa, pairs, or a .yaml file.")] = "latent",
    change: Annotated[
        list[str] | None, typer.Option("--set", help="A setting, such as model.latent=64; may be repeated.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Of the run; the model's if not given.")] = None,
    parent: Annotated[str | None, typer.Option(help="A run that this departs from: what differs is noted.")] = None,
    tracker: Annotated[
        list[str] | None, typer.Option(help="Tell tensorboard, wandb or mlflow as well; may be repeated.")
    ] = None,
    resume: Annotated[str | None, typer.Option(help="Go on with a run that was stopped, by its id.")] = None,
    runs: Annotated[Path, typer.Option(help="Folder of the runs.")] = Path("runs"),
) -> None:
    """Train a world model on a dataset and judge it on homes that it has not seen (docs/world-models.md)."""
    from scenes.errors import HomeError
    from train.runs import RunStore

    store = RunStore(runs)
    if resume is not None:
        if data or change or name or parent or tracker:
            raise HomeError("--resume goes on as the run began; of the other options only --runs goes with it")
        _resume(store.find(resume).id, store)
        return
    if data is None:
        raise HomeError("what is to be trained on? Give --data DATASET, or --resume RUN")
    from train.config import resolve
    from train.world_model import KIND, WorldModelSettings

    lesson = _read(data, resolve(WorldModelSettings, recipe, change or []), {})
    run = store.begin(
        KIND,
        name or lesson.settings.model.name,
        lesson.settings,
        datasets=lesson.datasets,
        seeds={"seed": lesson.settings.seed},
        parent=store.find(parent).id if parent else None,
        trackers=tracker or [],
    )
    _train(lesson, run)


def _resume(run_id: str, store: RunStore) -> None:
    """Goes on with a run, on the datasets that it began with."""
    from scenes.errors import HomeError
    from train.config import load_settings
    from train.world_model import KIND, WorldModelSettings

    info = store.get(run_id)
    if info.kind != KIND:
        raise HomeError(f"{run_id} is a run of {info.kind}, not of a world model; name another one")
    settings = load_settings(WorldModelSettings, info.config, run_id)
    lesson = _read(Path(next(iter(info.datasets))), settings, info.datasets)
    _train(lesson, store.reopen(run_id))


def _read(data: Path, settings: WorldModelSettings, hashes: Mapping[str, str]) -> Lesson:
    from sim.cli.progress import fill_cache
    from train.world_model import prepare

    fill_cache(data, settings.preprocessing.size)
    return prepare(data, settings, hashes)


def _train(lesson: Lesson, run: Run) -> None:
    """Trains, judges, and says how it went."""
    import torch

    from train.loop import find_device
    from train.runs.query import facts_of
    from train.world_model import build_model, train_world_model

    loop, model = lesson.settings.loop, build_model(lesson)
    for note in lesson.notes:
        print(f"note: {note}", file=sys.stderr)
    for part in (lesson.train, lesson.val, lesson.test):
        print(f"{part.part or part.folder}: {len(part):,} frames of {len(part.homes)} homes")
    learned = sum(weights.numel() for weights in model.parameters() if weights.requires_grad)
    device = find_device(loop)
    threads = f", {torch.get_num_threads()} threads" if device.type == "cpu" else ""
    print(f"run {run.id}: {lesson.settings.model.name}, {learned:,} numbers to learn, on {device}{threads}", flush=True)
    try:
        with run:
            trained = train_world_model(lesson, run, partial(print, "judging:", file=sys.stderr, flush=True))
    except KeyboardInterrupt:
        print(f"stopped; go on with `sim train world-model --resume {run.id}`", file=sys.stderr)
        raise
    fitted = trained.fitted
    rate = f"{fitted.images_per_s:,.0f} images/s, {100 * fitted.share_waiting:.1f} % of it waiting for data"
    print(f"{fitted.steps} steps, {rate}; the best of them after {trained.best_step}")
    for name in ("skill_1", "skill_5", "skill_shuffled_5", "rankme"):
        if name in trained.figures:
            print(f"  {name.replace('_', ' ')}: {trained.figures[name]:.3g}")
    score = facts_of(run.info, None)["score"]
    print(f"  score ({lesson.settings.primary} of {lesson.val.part}, as sim runs list shows it): {score:.3g}")
    print(f"report: {run.folder / 'report.html'}")
