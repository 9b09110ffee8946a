"""The closed-loop table: which expert, which looks, which senses make a network that drives."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from scenes.files import write_whole
from train.ablation.driving_cells import DrivingCell, drive, run_driving_cell
from train.ablation.driving_data import dataset_folder
from train.ablation.driving_effects import agreement, changes, effect_table, effects
from train.ablation.driving_settings import HOMES, DrivingSettings, Row, factorial, others
from train.ablation.driving_table import Driven, home_table, read_driven, table
from train.ablation.workers import start_worker, threads_each

RESULT = "driving"


def run_table(settings: DrivingSettings, folder: Path, workers: int, finished: Callable[[], None]) -> list[Driven]:
    """Makes and drives all policies side by side; when the factorial table is there, the large network for its best.

    Stopped at any moment, the same call goes on with those that are not finished.

    Raises:
        HomeError: of a cell.
    """
    spawn, log = get_context("spawn"), folder / "cells.log"
    with ProcessPoolExecutor(workers, spawn, start_worker, (threads_each(workers), log)) as pool:

        def run(rows: Sequence[Row]) -> list[Driven]:
            futures = [pool.submit(run_driving_cell, DrivingCell(row, settings, folder)) for row in rows]
            for future in as_completed(futures):
                future.result()
                finished()
            return read_driven(future.result() for future in futures)

        try:
            plain = run(factorial(settings))
            return plain + run([_best(plain).model_copy(update={"network": "resnet18"}), *others(settings)])
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _best(policies: Sequence[Driven]) -> Row:
    """The policy that reaches most ends, and of those the one that comes farthest."""
    row = max(policies, key=lambda one: (one.reached, one.mean("path_completion"))).row
    assert row is not None
    return row


def scripted(settings: DrivingSettings, folder: Path) -> list[Driven]:
    """Policies that learn nothing: straight on, at random, and as often as the labels have each command."""
    from datagen.reader import open_dataset
    from train.driving.look import Look
    from train.driving.policies import SCRIPTED, by_shares, majority

    commands = open_dataset(dataset_folder(folder, "wandering", "randomised")).column("command").tolist()
    counts = {name: commands.count(name) for name in ("forward", "left", "right")}
    drivers = [SCRIPTED["random"], by_shares(counts), majority(counts), SCRIPTED["blind"], SCRIPTED["oracle"]]
    look = Look(size=(settings.px, settings.px))
    return [
        Driven(one.name, None, 0, None, drive(one, look, settings, folder, folder / "scripted" / one.name))
        for one in drivers
    ]


def write_driving(settings: DrivingSettings, policies: Sequence[Driven], simple: Sequence[Driven], folder: Path) -> str:
    """Writes `driving.md` and `driving.json` into a folder; the Markdown."""
    ordered = sorted(policies, key=lambda one: -one.reached)
    first = policies[0]
    setting = (
        f"{len(policies)} policies, each learned from {first.frames:,} frames along the routes of {', '.join(HOMES)}, "
        f"at {settings.px} x {settings.px}, in {settings.steps} steps of {settings.batch} (ResNet-18: "
        f"{settings.resnet_steps}); each drove {len(first.drives)} frozen drives, half of each home's as it is drawn, "
        "half in paint that no dataset has. Success with Wilson's 95 % interval."
    )
    parts = [
        setting,
        "### What each factor changes, over the whole table",
        effect_table(effects(policies)),
        "### Against wandering, randomised, RGB-D, image alone, by the same seed",
        effect_table(changes(policies)),
        f"Over all policies, offline accuracy and success have a rank correlation of {agreement(policies):.2f}.",
        "### Splits: offline accuracy, and success by home",
        home_table(policies),
        "### Policies that learn nothing",
        table(simple),
        "### All policies",
        table(ordered),
    ]
    text = "\n\n".join(parts)
    said = {
        "settings": settings.model_dump(mode="json"),
        "policies": [
            {"name": one.name, "accuracy": one.accuracy}
            | {"drives": [dict(drive) for drive in one.drives], "likeliest": [dict(drive) for drive in one.likeliest]}
            for one in [*policies, *simple]
        ],
    }
    write_whole(folder / f"{RESULT}.json", json.dumps(said).encode())
    write_whole(folder / f"{RESULT}.md", f"{text}\n".encode())
    return text
