"""Batches of labelled frames: functions of the seed and the step alone."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from datagen.reader.dataset import Ints
from train.baselines.labels import Labels
from train.data import Frames, Sampler

How = Literal["natural", "sqrt", "balanced"]


@dataclass(frozen=True)
class LabelledBatch:
    """B frames and what is true of them.

    Attributes:
        images: (B, planes, H, W) float32.
        command, previous: (B,) int64, numbers of commands; see `Labels`.
        goal: (B, 3) float32. bearing_deg: (B,) float32.
        index: (B,), which of the `Frames` they are.
    """

    images: Tensor
    command: Tensor
    previous: Tensor
    goal: Tensor
    bearing_deg: Tensor
    index: Tensor

    def __len__(self) -> int:
        return len(self.index)

    def to(self, device: torch.device) -> LabelledBatch:
        """The same on a device."""
        return LabelledBatch(*(getattr(self, part.name).to(device) for part in fields(self)))

    def split(self, parts: int) -> list[LabelledBatch]:
        """The same in so many parts."""
        columns = [getattr(self, part.name).tensor_split(parts) for part in fields(self)]
        return [LabelledBatch(*column) for column in zip(*columns, strict=True)]


def make_batch(frames: Frames, labels: Labels, index: Ints) -> LabelledBatch:
    """Frames (B,) with their labels, 0 where unknown: `usable` makes sure of what is needed. `labels`: of all."""
    chosen = labels.of(index)
    goal, bearing_deg = (
        torch.from_numpy(np.nan_to_num(values).astype(np.float32)) for values in (chosen.goal, chosen.bearing_deg)
    )
    command, previous = (torch.from_numpy(values.astype(np.int64)) for values in (chosen.command, chosen.previous))
    return LabelledBatch(frames.images(index), command, previous, goal, bearing_deg, torch.from_numpy(index))


def class_shares(counts: npt.NDArray[np.integer], how: How) -> npt.NDArray[np.float64]:
    """The share (C,) of each class among what is drawn, from the number of its frames (C,).

    `natural`: as they come; `balanced`: all alike; `sqrt`: as the roots of the numbers.
    """
    wanted = {"natural": counts, "sqrt": np.sqrt(counts), "balanced": counts > 0}[how].astype(np.float64)
    return wanted / wanted.sum()


@dataclass
class LabelledSampler:
    """Batches of some frames. Batch k is a function of the seed and k.

    `natural`: each epoch has each frame once. Else frames are drawn, such that classes have the shares of
    `class_shares`, and those of a class are equally likely.

    Attributes:
        frames, labels: of the training part.
        members: (M,), the frames that are learned from.
        how: they are drawn.
    """

    frames: Frames
    labels: Labels
    members: Ints
    how: How
    batch_size: int
    seed: int
    _in_order: Sampler = field(init=False, repr=False)
    _up_to: npt.NDArray[np.float64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._in_order = Sampler(self.frames, self.members[:, None], self.batch_size, self.seed)
        command = self.labels.command[self.members]
        counts = np.bincount(command)
        of_each = class_shares(counts, self.how) / np.maximum(counts, 1)
        self._up_to = np.cumsum(of_each[command])

    def index(self, step: int) -> Ints:
        """The frames (B,) of a step, from 0."""
        if self.how == "natural":
            return self._in_order.rows(step)[:, 0]
        drawn = np.random.default_rng([self.seed, step]).random(self.batch_size) * self._up_to[-1]
        return self.members[np.searchsorted(self._up_to, drawn, side="right")]

    def batch(self, step: int) -> LabelledBatch:
        """The batch of a step, from 0."""
        return make_batch(self.frames, self.labels, self.index(step))
