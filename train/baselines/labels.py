"""What is true of frames besides their images: the right command, the one before, the goal, where the way goes."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from datagen.reader import Dataset, open_dataset
from datagen.reader.dataset import Ints
from scenes.errors import HomeError
from sim.agents.protocol import Action

Array = npt.NDArray[np.float64]

NONE = len(Action)
"""The previous command before there is one; the same number as in the observations of environments."""
STOP, FORWARD, LEFT, RIGHT = (int(action) for action in Action)
NAMES = tuple(action.name.lower() for action in Action)
"""Names of commands by their numbers, those of `Action`."""
MIRRORED = np.array([STOP, FORWARD, RIGHT, LEFT, NONE])
"""The command that does in a mirror what the one of each number does here."""


@dataclass(frozen=True, eq=False)
class Labels:
    """Of N frames.

    Attributes:
        command: (N,), the right one's number.
        previous: (N,), number of what was done before, `NONE` at an episode's first step.
        goal: (N, 3), distance on the plan, m, cosine and sine of the bearing (left is positive); NaN where unknown.
        bearing_deg: (N,), where the right way begins, left is positive; NaN where unknown.
    """

    command: Ints
    previous: Ints
    goal: Array
    bearing_deg: Array

    def __len__(self) -> int:
        return len(self.command)

    def of(self, chosen: npt.NDArray[Any]) -> Labels:
        """Those of some frames."""
        return Labels(*(getattr(self, field.name)[chosen] for field in fields(self)))


def read_labels(folder: Path, number: Ints, threshold_deg: float | None) -> Labels:
    """The labels of a dataset's frames.

    Args:
        folder: the dataset.
        number: (N,), which frames.
        threshold_deg: forward is right where the way begins within so many degrees of straight on, made anew from the
            bearings in the dataset; None: commands as they are stored.

    Raises:
        HomeError: frames without a command of a body that walks; no bearings for a threshold.
    """
    dataset = open_dataset(folder)
    bearing_deg = dataset.column("way_bearing_deg")[number]
    command = stored_commands(dataset)[number]
    if threshold_deg is not None:
        command = commands_from(bearing_deg, command, threshold_deg, folder)
    previous = commands_done(dataset.column("prev_action")[number])
    distance_m, turn = dataset.column("goal_distance_m")[number], np.radians(dataset.column("goal_bearing_deg")[number])
    return Labels(command, previous, np.stack([distance_m, np.cos(turn), np.sin(turn)], axis=1), bearing_deg)


def stored_commands(dataset: Dataset) -> Ints:
    """Numbers of a dataset's commands, (N,).

    Raises:
        HomeError: one is no command of a body that walks.
    """
    names, index = np.unique(dataset.column("command"), return_inverse=True)
    unknown = [name or "nothing" for name in names.tolist() if name not in NAMES]
    if unknown:
        raise HomeError(
            f"{dataset.folder} labels frames {', '.join(unknown)}, not {', '.join(NAMES)}; generate with an expert "
            "(--policy perfect, wandering or teleporting)"
        )
    return np.array([NAMES.index(name) for name in names.tolist()], np.intp)[index]


def commands_from(bearing_deg: Array, stored: Ints, threshold_deg: float, folder: Path) -> Ints:
    """Commands (N,) by bearings (N,) and a threshold; a stop stays one.

    Raises:
        HomeError: bearings are not known.
    """
    unknown = int((np.isnan(bearing_deg) & (stored != STOP)).sum())
    if unknown:
        raise HomeError(
            f"{folder} does not say where the way goes in {unknown} frames (it is of schema 1), so commands cannot be "
            "made with another threshold; generate it anew, or leave `threshold_deg` out"
        )
    turned = np.where(bearing_deg > 0, LEFT, RIGHT)
    made = np.where(np.abs(bearing_deg) <= threshold_deg, FORWARD, turned)
    return np.where(stored == STOP, STOP, made)


def commands_done(action: Array) -> Ints:
    """Numbers of commands that were done (N,), from how far and how much to the left each went, (N, 2); NaN: `NONE`."""
    ahead_m, turn_deg = action.T
    done = np.select([turn_deg > 0, turn_deg < 0, ahead_m > 0], [LEFT, RIGHT, FORWARD], STOP)
    return np.where(np.isnan(ahead_m), NONE, done).astype(np.intp)
