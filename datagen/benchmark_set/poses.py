"""Drawing the poses of a benchmark set: PTZ sequences, of several starts the one that shows most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from datagen.collect import Studio, make_job
from datagen.config import Config, make_config
from datagen.store.schema import Row, frame_record
from datagen.tasks import task_of
from sim.frame import Frame

POLICIES = ("random", "sweep")
PROFILES = ("axis", "hanwha")
CAMERAS = 4
TILT_DEG, ZOOM, MODULATION = (-40.0, 5.0), (1.0, 3.0), 4.0
"""Where sequences begin, and how far actions turn: most moves can be seen at 64 pixels."""

_JUDGED_PX = 64
_RENDERER = "gl"
_THINGS, _SEEN_SHARE, _MOST_SHARE, _NEAR_M = 3, 0.01, 0.75, 0.5


@dataclass(frozen=True)
class Poses:
    """Poses of a set.

    Attributes:
        config: of the collectors, as a dataset keeps it.
        policies: by episode.
        records: rows of `datagen.store.frozen.pose_schema`, by episode and step.
    """

    config: dict[str, Any]
    policies: tuple[str, ...]
    records: list[dict[str, Any]]


def draw_poses(homes: Mapping[str, Path], seed: int, frames: int, size: tuple[int, int], starts: int) -> Poses:
    """In each home a random walk and a sweep of each of four cameras, their profiles in turn.

    Each begins at the one of `starts` starts from which most frames show something: three things or more, none of them
    all over the image or right before the camera.
    """
    asked = {
        "homes": [str(path) for path in homes.values()],
        "policies": POLICIES,
        "episodes": len(homes) * len(POLICIES) * CAMERAS * len(PROFILES) * starts,
        "frames": frames,
        "seed": seed,
        "ptz": {
            "cameras": CAMERAS,
            "profiles": PROFILES,
            "modulation": MODULATION,
            "tilt_deg": TILT_DEG,
            "zoom": ZOOM,
        },
    }
    judged, kept = (make_config(asked | {"size": pixels}) for pixels in ((_JUDGED_PX, _JUDGED_PX), size))
    with Studio(make_job(judged), _RENDERER) as studio:
        chosen = [_best(studio, group) for group in _groups(judged)]
    records: list[dict[str, Any]] = []
    with Studio(make_job(kept), _RENDERER) as studio:
        for episode, index in enumerate(chosen):
            records += _records(studio, index, episode)
    return Poses(kept.content(), tuple(task_of(kept, index).policy for index in chosen), records)


def _groups(config: Config) -> Iterator[list[int]]:
    """The episodes of which one is kept: those of a home, camera and policy, with one profile."""
    cycle = CAMERAS * len(PROFILES)
    for home in range(len(config.homes)):
        for camera in range(CAMERAS):
            for policy in range(len(POLICIES)):
                first = camera + CAMERAS * ((camera + policy) % len(PROFILES))
                tasks = ((index, task_of(config, index)) for index in range(config.episodes))
                yield [
                    index
                    for index, task in tasks
                    if (task.home, task.policy) == (home, POLICIES[policy]) and task.turn % cycle == first
                ]


def _best(studio: Studio, indices: list[int]) -> int:
    """The episode with most frames that show something, the first of several."""
    return max(indices, key=lambda index: sum(shows_something(frame) for frame, _ in studio.episode(index)))


def shows_something(frame: Frame) -> bool:
    """Whether several things are in view, and none of them hides all others."""
    counts = np.bincount(frame.segmentation.reshape(-1), minlength=2)[1:] / frame.segmentation.size
    seen_m = frame.depth[frame.depth > 0]
    return bool(
        (counts > _SEEN_SHARE).sum() >= _THINGS and counts.max() < _MOST_SHARE and np.quantile(seen_m, 0.05) > _NEAR_M
    )


def _records(studio: Studio, index: int, episode: int) -> Iterator[dict[str, Any]]:
    before: Row | None = None
    for step, (frame, row) in enumerate(studio.episode(index)):
        yield frame_record(frame, row, episode, step, before)
        before = row
