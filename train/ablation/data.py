"""The datasets of an experiment, made where they are missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from datagen.config import make_config
from datagen.engine.pool import cores, open_pool
from datagen.engine.run import Progress, generate
from datagen.homes.make import home_file, write_homes
from datagen.reader import Dataset, open_dataset
from datagen.splits import columns_of, make_split, store_split
from datagen.store.about import ABOUT, COMPLETE, read_about
from train.ablation.settings import DataSettings

SPLIT = "homes"
_SHARES = {"train": 5.0, "val": 1.0}


def make_training_data(settings: DataSettings, folder: Path, progress: Progress) -> Path:
    """The dataset that is trained on, with its split by home into `train` and `val`; goes on with what is there.

    Returns:
        Its folder, in `folder`.

    Raises:
        HomeError: the folder holds another dataset.
    """
    homes, out = folder / "homes", folder / "data"
    write_homes(homes, settings.home_seed, settings.homes)
    paths = [str(home_file(homes, settings.home_seed, index)) for index in range(settings.homes)]
    columns = columns_of(generated(settings.config(paths), out, progress))
    store_split(out, SPLIT, make_split(columns, "home", _SHARES, settings.seed), columns)
    return out


def generated(config: dict[str, Any], out: Path, progress: Progress) -> Dataset:
    """The dataset of a configuration, made, or gone on with, where it is not complete.

    Raises:
        HomeError: the folder holds another dataset.
    """
    if not (out / ABOUT).exists() or read_about(out)["state"] != COMPLETE:
        generate(make_config(config), out, lambda order: open_pool(order, cores()), progress)
    return open_dataset(out)
