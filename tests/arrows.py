"""Small datasets of bodies that walk: a bright near patch stands where the way goes, so that it can be seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from datagen.store import Episode, EpisodeFacts, HomeEntry, Row, Spec, writing
from sim.camera import Intrinsics, pose_looking
from sim.frame import Frame
from tests.recordings import ALLOW, INFO, split

CAMERA = Intrinsics.from_fov(32, 32, 75)
THRESHOLD_DEG = 12.0
DONE = {"forward": (0.25, 0.0), "left": (0.0, 10.0), "right": (0.0, -10.0), "stop": (0.0, 0.0)}


def picture(bearing_deg: float | None, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Colours (32, 32, 3) and depth (32, 32), m: the patch is where a camera sees that bearing; none at the end."""
    rgb = rng.integers(0, 60, (32, 32, 3)).astype(np.uint8)
    depth = (3 + rng.random((32, 32))).astype(np.float32)
    if bearing_deg is not None:
        column = round(16 - 16 * bearing_deg / 40)
        patch = np.s_[8:24, max(column - 3, 0) : column + 3]
        rgb[patch], depth[patch] = 250, 1.0
    return rgb, depth


def observation(seed: int) -> dict[str, Any]:
    """What an environment shows of a way 20 degrees to the left."""
    rgb, depth = picture(20.0, np.random.default_rng(seed))
    goal = np.array([3.0, 0.8, 0.6, 0.0], np.float32)
    return {"rgb": rgb, "depth": depth[..., None], "goal_offset": goal, "previous_action": np.int64(2)}


def source(config: dict[str, Any], index: int) -> Episode:
    """An episode: the way is to the left, ahead and to the right at random, the goal at the same bearing."""
    rng = np.random.default_rng([config["seed"], index])
    home = ("attic", "barn", "cabin")[index % 3]
    for step in range(config["frames"]):
        last = step == config["frames"] - 1
        bearing = None if last else float(rng.uniform(-36, 36))
        straight = bearing is not None and abs(bearing) <= THRESHOLD_DEG
        command = "stop" if bearing is None else "forward" if straight else "left" if bearing > 0 else "right"
        rgb, depth = picture(bearing, rng)
        shown = Frame(
            rgb, depth, np.ones((32, 32), np.int32), CAMERA, pose_looking((0.3 * step, 0, 1.5), step * 11.0, -5.0)
        )
        row = Row(step / 4, home, "ground", "hall", action=DONE[command], command=command,
                  command_threshold=THRESHOLD_DEG, goal_distance_m=0.1 if last else 2.0 + step,
                  goal_bearing_deg=0.0 if bearing is None else bearing, way_bearing_deg=bearing)  # fmt: skip
        yield shown, row
    return EpisodeFacts(home, f"hash of {home}", "reached")


def make(folder: Path, episodes: int = 6, frames: int = 40, seed: int = 0, *, splits: bool = True) -> Path:
    """Writes a dataset, with `splits` `main`, by episode, and `random`; returns its folder."""
    homes = {name: HomeEntry(f"hash of {name}", INFO) for name in ("attic", "barn", "cabin")}
    spec = Spec({"seed": seed, "frames": frames}, episodes, homes, "noise", "none")
    with writing(folder, spec, ALLOW) as store:
        for index in store.missing():
            store.write(index, source(dict(spec.config), index))
        store.finish()
    for name, by in (("main", "episode"), ("random", "random")) if splits else ():
        split(folder, name, by, {"train": 2, "val": 1})
    return folder
