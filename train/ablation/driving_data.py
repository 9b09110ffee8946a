"""What the closed-loop table stands on: its homes, its frozen drives, its six datasets. Made where they are missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from datagen.engine.run import Progress
from datagen.homes.make import home_file, write_home
from datagen.splits import Split, columns_of, make_split, store_split
from scenes.errors import HomeError
from scenes.files import write_whole
from train.ablation.data import generated
from train.ablation.driving_settings import EXPERTS, HOMES, PROCEDURAL, DrivingSettings, Expert, Looks
from train.driving.sets import DriveSet, load_set, route_set, save_set

_SHARES = {"train": 85.0, "val": 15.0}
_DRIVES, _DRIVES_SEED = 50, 7
"""Of the procedural home's set, as of the bundled ones."""


def keep_settings(settings: DrivingSettings, folder: Path) -> None:
    """Makes sure that a folder is of one table.

    Raises:
        HomeError: it holds one of other settings.
    """
    path, said = folder / "settings.json", settings.model_dump_json(indent=1).encode()
    if path.exists() and path.read_bytes() != said:
        raise HomeError(f"{folder} has a table of other settings ({path}); choose another --out, or its settings")
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(path, said)


def make_sets(folder: Path) -> list[DriveSet]:
    """The frozen drives of all homes, in their order."""
    home, path = home_file(folder / "homes", *PROCEDURAL).resolve(), folder / f"{HOMES[1]}-route.json"
    if not home.exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        write_home(home.parent, *PROCEDURAL)
    if not path.exists():
        save_set(route_set(path.stem, str(home), _DRIVES, _DRIVES_SEED), path)
    return [load_set("oldenborg-west"), load_set(path), load_set("two-levels-route")]


def make_datasets(settings: DrivingSettings, folder: Path, progress: Progress) -> None:
    """The six datasets, each with its three splits.

    Raises:
        HomeError: the folder holds others, or they are too small.
    """
    homes = [drive_set.home for drive_set in make_sets(folder)]
    for looks in ("static", "randomised"):
        for expert in EXPERTS:
            _make_dataset(settings, expert, looks, homes, folder, progress)


def dataset_folder(folder: Path, expert: Expert, looks: Looks) -> Path:
    """Where one of the datasets is."""
    return folder / "data" / f"{expert}-{looks}"


def _make_dataset(
    settings: DrivingSettings, expert: Expert, looks: Looks, homes: list[str], folder: Path, progress: Progress
) -> None:
    out = dataset_folder(folder, expert, looks)
    columns = columns_of(generated(settings.dataset(expert, looks, homes), out, progress))
    splits = {by: make_split(columns, by, _SHARES, settings.data_seed) for by in ("episode", "random")}
    held_out = np.where(columns["home"] == HOMES[-1], "val", "train")
    splits["home"] = Split(held_out, {"by": "home", "held out": HOMES[-1]})
    for name, split in splits.items():
        try:
            store_split(out, name, _capped(split, settings), columns)
        except HomeError as error:
            raise HomeError(f"{out}: {error}") from error


def _capped(split: Split, settings: DrivingSettings) -> Split:
    """The same with so many frames to learn from, drawn at random from those it gives."""
    given = np.flatnonzero(split.parts == "train")
    surplus = len(given) - settings.frames
    if surplus < 0:
        raise HomeError(f"{len(given)} frames to learn from in a split, and {settings.frames} wanted; more episodes")
    parts = split.parts.copy()
    parts[np.random.default_rng(settings.data_seed).permutation(given)[:surplus]] = ""
    return replace(split, parts=parts, how=dict(split.how) | {"frames": settings.frames})
