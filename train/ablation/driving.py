"""The closed-loop table: which expert, which looks, which senses make a network that drives."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from datagen.engine.run import Progress
from scenes.files import write_whole
from train.ablation.driving_cells import DrivingCell, drive, make_dataset, run_driving_cell
from train.ablation.driving_settings import EXPERTS, HOMES, DrivingSettings, Row, rows_of
from train.ablation.driving_table import Driven, contrast_table, contrasts, home_table, read_driven, table
from train.ablation.workers import start_worker, threads_each

RESULT = "driving"


def make_datasets(settings: DrivingSettings, folder: Path, progress: Progress) -> None:
    """The six datasets, made where they are missing.

    Raises:
        HomeError: the folder holds others.
    """
    for looks in ("static", "randomised"):
        for expert in EXPERTS:
            make_dataset(settings, expert, looks, folder / "data", progress)


def run_table(settings: DrivingSettings, folder: Path, workers: int, finished: Callable[[], None]) -> list[Driven]:
    """Makes and drives all policies side by side, then the large network in the place of the best.

    Stopped at any moment, the same call goes on with those that are not finished.

    Raises:
        HomeError: of a cell.
    """
    spawn, log = get_context("spawn"), folder / "cells.log"
    with ProcessPoolExecutor(workers, spawn, start_worker, (threads_each(workers), log)) as pool:

        def run(rows: Sequence[Row]) -> list[Driven]:
            cells = [DrivingCell(row, settings, folder / "data", folder / "runs") for row in rows]
            futures = [pool.submit(run_driving_cell, cell) for cell in cells]
            for future in as_completed(futures):
                future.result()
                finished()
            return read_driven(future.result() for future in futures)

        try:
            policies = run(rows_of(settings))
            return policies + run([_best(policies).model_copy(update={"network": "resnet18"})])
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _best(policies: Sequence[Driven]) -> Row:
    """The plain policy of the factorial table that reaches most ends, and of those that comes farthest."""
    first = policies[0].row
    assert first is not None
    plain = [
        one
        for one in policies
        if one.row is not None and (one.row.mirror, one.row.split, one.row.seed) == ("off", "episode", first.seed)
    ]
    row = max(plain, key=lambda one: (one.reached, one.mean("path_completion"))).row
    assert row is not None
    return row


def scripted(settings: DrivingSettings, folder: Path) -> list[Driven]:
    """Policies that learn nothing: straight on, at random, and as often as the labels have each command."""
    from datagen.reader import open_dataset
    from train.driving.look import Look
    from train.driving.policies import SCRIPTED, by_shares, majority

    commands = open_dataset(folder / "data" / "wandering-randomised").column("command").tolist()
    counts = {name: commands.count(name) for name in ("forward", "left", "right")}
    drivers = [SCRIPTED["random"], by_shares(counts), majority(counts), SCRIPTED["blind"], SCRIPTED["oracle"]]
    return [
        Driven(
            one.name,
            None,
            0,
            None,
            drive(one, Look(size=(settings.px, settings.px)), settings, folder / "scripted" / one.name),
        )
        for one in drivers
    ]


def write_driving(settings: DrivingSettings, policies: Sequence[Driven], simple: Sequence[Driven], folder: Path) -> str:
    """Writes `driving.md` and `driving.json` into a folder; the Markdown."""
    ordered = sorted(policies, key=lambda one: -one.reached)
    count = len(policies[0].drives)
    setting = (
        f"{len(policies)} policies, each learned from about {policies[0].frames:,} frames of {settings.episodes} "
        f"episodes along the routes of {', '.join(HOMES)}, at {settings.px} x {settings.px}, in {settings.steps} "
        f"steps of {settings.batch}; each drove {count} frozen drives of the three homes, half of each home as it "
        "is drawn, half in paint that no dataset has. Success with Wilson's 95 % interval."
    )
    parts = [
        setting,
        "### Contrasts (against wandering, randomised, RGB-D, image alone, same seed; ** is beyond the interval)",
        contrast_table(contrasts(policies)),
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
            {"name": one.name, "accuracy": one.accuracy, "drives": [dict(drive) for drive in one.drives]}
            for one in [*policies, *simple]
        ],
    }
    write_whole(folder / f"{RESULT}.json", json.dumps(said).encode())
    write_whole(folder / f"{RESULT}.md", f"{text}\n".encode())
    return text
