"""The depth question: does depth as a fourth channel help a world model of a PTZ camera?"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from datagen.benchmark_set import load_set, render_set
from datagen.engine.run import Progress
from scenes.files import write_whole
from train.ablation.cells import Cell, run_cell
from train.ablation.data import make_training_data
from train.ablation.settings import DepthSettings
from train.ablation.tables import CellRecords, latent_rows, markdown, probe_rows, read_cells, step_rows
from train.ablation.workers import start_worker, threads_each
from train.evaluate.statistics import Interval

RESULT = "depth"


def prepare(settings: DepthSettings, folder: Path, progress: Progress) -> tuple[Path, Path]:
    """The datasets that cells are trained and judged on, made where they are missing.

    Raises:
        HomeError: the folder holds others.
    """
    train, test = make_training_data(settings.data, folder, progress), folder / settings.benchmark
    render_set(load_set(settings.benchmark), test)
    return train, test


def run_cells(cells: Sequence[Cell], workers: int, log: Path, finished: Callable[[Cell], None]) -> list[Path]:
    """Runs cells side by side, each with its share of the cores; the folders of their runs, in order.

    What they say on stderr is appended to `log`.

    Stopped at any moment, the same call goes on with the cells that are not finished.

    Raises:
        HomeError: of a cell.
    """
    folders: dict[int, Path] = {}
    with ProcessPoolExecutor(workers, get_context("spawn"), start_worker, (threads_each(workers), log)) as pool:
        futures = {pool.submit(run_cell, cell): number for number, cell in enumerate(cells)}
        try:
            for future in as_completed(futures):
                folders[futures[future]] = future.result()
                finished(cells[futures[future]])
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [folders[number] for number in range(len(cells))]


def write_tables(settings: DepthSettings, runs: Sequence[Path], folder: Path) -> str:
    """Writes `depth.md` and `depth.json` into a folder; the Markdown."""
    cells = read_cells(runs)
    rng = np.random.default_rng(0)
    probes, steps = probe_rows(cells, rng), step_rows(cells, rng)
    latent = latent_rows(cells)
    text = "\n\n".join(
        [
            _setting(settings, cells),
            "### What probes read from frames of homes that nobody has seen (R2 against the training mean)",
            markdown(probes, horizons=[0]),
            "### What is decoded from latents predicted n steps ahead (1 - error / error of copying the last frame)",
            markdown(steps, horizons=range(1, settings.horizons + 1)),
            "### Each arm's own latents (1 - error / error of copying; with true, then with shuffled actions)",
            _latent_table(latent),
        ]
    )
    said = {
        "settings": settings.model_dump(mode="json"),
        "runs": [run.name for run in runs],
        "probes": [row.to_json() for row in probes],
        "steps": [row.to_json() for row in steps],
        "latent": {
            arm: {name: [one.to_json() for one in values] for name, values in found.items()}
            for arm, found in latent.items()
        },
        "rankme": {f"{cell.arm}-{cell.seed}": cell.judged["rankme"] for cell in cells},
    }
    write_whole(folder / f"{RESULT}.json", json.dumps(said, indent=1).encode())
    write_whole(folder / f"{RESULT}.md", f"{text}\n".encode())
    return text


def _setting(settings: DepthSettings, cells: Sequence[CellRecords]) -> str:
    frames = settings.data.episodes * settings.data.frames
    homes = sorted({one["home"] for cell in cells for one in cell.judged["probed"]})
    return (
        f"{len(cells)} cells: {len({cell.arm for cell in cells})} arms, {len(settings.seeds)} seeds each. "
        f"{frames:,} frames of {settings.data.homes} procedural homes (a sixth of them for validation), "
        f"seen at {settings.size} x {settings.size}; {settings.steps} steps of {settings.batch} windows. "
        f"Judged on the benchmark set {settings.benchmark} ({', '.join(homes)}). "
        "± is half the 95 % interval over test homes and seeds; **+** and **−**: a smaller or larger error than rgb's, "
        "paired by home and seed; (in brackets): circular, depth is read off a model that is shown depth."
    )


def _latent_table(latent: Mapping[str, Mapping[str, Sequence[Interval]]]) -> str:
    steps = len(next(iter(latent.values()))["skill"])
    lines = [f"| arm | {' | '.join(f'{step + 1} steps' for step in range(steps))} |", "|---" * (steps + 1) + "|"]
    for arm, found in latent.items():
        shown = [
            f"{one.value:.2f} / {other.value:.2f}" for one, other in zip(found["skill"], found["shuffled"], strict=True)
        ]
        lines.append(f"| {arm} | {' | '.join(shown)} |")
    return "\n".join(lines)
