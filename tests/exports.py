"""Datasets for the tests of exports: noise of all depths, instances of all shapes, and every field filled."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from datagen.reader import Dataset, open_dataset
from datagen.store import Episode, EpisodeFacts, HomeEntry, Row, Spec, Storage, writing
from sim.camera import Intrinsics, pose_looking
from sim.frame import Frame
from tests.recordings import split

HOMES = ("attic", "barn")
CATEGORIES = ("wall", "door", "furniture", "furniture", "")
EPISODES, FRAMES = 5, 4
SIZE = (24, 18)


def home(name: str) -> HomeEntry:
    known = [{"id": k, "name": f"{name} {k}", "category": category} for k, category in enumerate(CATEGORIES, 1)]
    return HomeEntry(f"hash of {name}", {"instances": known})


def frame(rng: np.random.Generator, step: int, size: tuple[int, int] = SIZE) -> Frame:
    """Depth of any millimetre that 16 bits hold, ids in blocks and dust, colours as they come."""
    width, height = size
    camera = Intrinsics.from_fov(width, height, 75.0 - 5 * step)
    ids = np.kron(rng.integers(0, 6, (6, 6)), np.ones((-(-height // 6), -(-width // 6))))[:height, :width]
    ids[rng.random(ids.shape) < 0.1] = 2
    depth_mm = rng.integers(0, 65536, ids.shape)
    return Frame(
        rng.integers(0, 256, (height, width, 3)).astype(np.uint8),
        (depth_mm / 1000).astype(np.float32),
        ids.astype(np.int32),
        camera,
        pose_looking((step * 0.3, rng.random(), 1.5), step * 11.0, -5.0),
    )


def row(rng: np.random.Generator, name: str, step: int) -> Row:
    return Row(
        step / 10,
        name,
        "ground",
        f"room {step % 2}",
        camera="axis-1",
        pan_deg=step * 11.0,
        tilt_deg=-5.0,
        zoom=1.0 + step / 8,
        action=(float(rng.normal()), 11.0, 0.25),
        command=("left", "rīght")[int(rng.integers(2))],
        command_threshold=5.0,
        moving={"door": pose_looking((1, 2, 0), step, 0)} if step else {},
    )


def source(
    index: int, changes: Mapping[str, Any], episode_changes: Mapping[int, Mapping[str, Any]], sizes: Mapping[int, Any]
) -> Episode:
    rng = np.random.default_rng(index)
    name = HOMES[index % 2]
    for step in range(FRAMES):
        said = dataclasses.replace(row(rng, name, step), **changes, **episode_changes.get(index, {}))
        yield frame(rng, step, sizes.get(index, SIZE)), said
    return EpisodeFacts(name, f"hash of {name}", "reached", {"paint": index / 7})


def make(
    folder: Path,
    storage: Storage | None = None,
    changes: Mapping[str, Any] | None = None,
    episode_changes: Mapping[int, Mapping[str, Any]] | None = None,
    sizes: Mapping[int, Any] | None = None,
) -> Dataset:
    """Writes a dataset with a split by episode, "fair". `changes`: of rows; `episode_changes`, `sizes`: by episode."""
    of = Spec({"seed": 1}, EPISODES, {name: home(name) for name in HOMES}, "noise", "none", storage or Storage())
    with writing(folder, of) as store:
        for index in store.missing():
            store.write(index, source(index, changes or {}, episode_changes or {}, sizes or {}))
        store.finish()
    split(folder, "fair", "episode", {"train": 0.6, "test": 0.4})
    return open_dataset(folder)
