"""What the numbers that a network gives mean."""

from __future__ import annotations

import torch
from torch import Tensor

from train.baselines.config import TargetSettings
from train.baselines.labels import FORWARD, LEFT, NAMES, RIGHT, STOP


def class_numbers(target: TargetSettings) -> tuple[int, ...]:
    """The commands that are told apart, by their numbers; class c is the c-th of them."""
    return (FORWARD, LEFT, RIGHT, STOP) if target.stop else (FORWARD, LEFT, RIGHT)


def class_names(target: TargetSettings) -> tuple[str, ...]:
    """The same by name."""
    return tuple(NAMES[number] for number in class_numbers(target))


def count_of(target: TargetSettings) -> int:
    """How many numbers a network gives: a logit for each class, or cosine and sine of a heading."""
    return 2 if target.output == "heading" else len(class_numbers(target))


def bearings_deg(outputs: Tensor) -> Tensor:
    """Headings (B,), to the left positive, from outputs (B, 2)."""
    return torch.rad2deg(torch.atan2(outputs[:, 1], outputs[:, 0]))


def classes_said(outputs: Tensor, target: TargetSettings) -> Tensor:
    """The classes (B,) that outputs (B, `count_of`) mean. A heading within the threshold means forward, else a turn."""
    if target.output == "command":
        return outputs.argmax(dim=1)
    if target.threshold_deg is None:
        raise ValueError("a heading becomes a command by a threshold, and there is none")
    bearing = bearings_deg(outputs)
    forward, left, right = range(3)
    turn = torch.where(bearing > 0, left, right)
    return torch.where(bearing.abs() <= target.threshold_deg, forward, turn)
