"""Small datasets for tests: a source without a renderer, whose frames are noise seen by a camera that moves."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from datagen.store import Episode, EpisodeFacts, HomeEntry, Row, Spec, Storage, writing
from sim.camera import Intrinsics, pose_looking
from sim.frame import Frame

CAMERA = Intrinsics.from_fov(32, 24, 75)
HOMES = ("attic", "barn", "cabin")
INFO = {"instances": [{"id": number, "name": f"thing {number}"} for number in range(1, 5)]}
ALLOW = ("code",)
"""Somebody may edit the code while tests run."""

COMMANDS = ("forward", "left", "right")


def frame(rng: np.random.Generator, step: int, camera: Intrinsics = CAMERA) -> Frame:
    """Four things in quadrants at different depths, their colours noisy."""
    rows, columns = np.mgrid[: camera.height, : camera.width]
    ids = 1 + (rows >= camera.height // 2) * 2 + (columns >= camera.width // 2)
    rgb = (ids[..., None] * 50 + rng.integers(0, 50, (*ids.shape, 3))).astype(np.uint8)
    depth = (ids + rng.random(ids.shape)).astype(np.float32)
    depth[0, :3] = 0.0
    return Frame(rgb, depth, ids.astype(np.int32), camera, pose_looking((step * 0.3, 0.0, 1.5), step * 11.0, -5.0))


def source(config: dict[str, Any], index: int) -> Episode:
    """A pure function of the configuration and the index, as collectors are."""
    rng = np.random.default_rng([config["seed"], index])
    home = HOMES[index % len(HOMES)]
    for step in range(config["frames"]):
        command = COMMANDS[int(rng.integers(3))]
        moving = {"door": pose_looking((1, 2, 0), step, 0)}
        yield (
            frame(rng, step),
            Row(step / 10, home, "ground", f"room {step % 2}", pan_deg=step * 11.0, tilt_deg=-5.0, zoom=1.0 + step / 8,
                action=(0.3, 11.0), command=command, command_threshold=5.0, moving=moving),
        )  # fmt: skip
    return EpisodeFacts(home, f"hash of {home}", "reached", {"paint": float(rng.random())})


def spec(episodes: int = 6, frames: int = 5, storage: Storage | None = None, **changes: Any) -> Spec:
    given = {
        "config": {"seed": 7, "frames": frames},
        "episodes": episodes,
        "homes": {name: HomeEntry(f"hash of {name}", INFO) for name in HOMES},
        "renderer": "noise",
        "driver": "none",
        "storage": storage or Storage(),
    }
    return Spec(**(given | changes))


def make(folder: Path, of: Spec | None = None) -> str:
    """Writes a dataset, or what of it is missing; returns its content hash."""
    of = of or spec()
    with writing(folder, of, ALLOW) as store:
        for index in store.missing():
            store.write(index, source(dict(of.config), index))
        return store.finish()


def split(folder: Path, name: str, by: str, shares: Mapping[str, float], gap: int = 0) -> None:
    """Stores a split in a dataset."""
    from datagen.reader import open_dataset
    from datagen.splits import columns_of, make_split, store_split

    dataset = open_dataset(folder)
    columns = columns_of(dataset)
    store_split(folder, name, make_split(columns, by, shares, 0, gap), columns)


def write_one(store: Any, index: int) -> None:
    """What a worker does."""
    store.write(index, source(dict(store.spec.config), index))


if __name__ == "__main__":  # a run that a test kills
    make(Path(sys.argv[1]), spec(int(sys.argv[2])))
