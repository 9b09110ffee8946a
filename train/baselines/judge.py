"""How right a baseline is about frames that it has not learned from, without driving."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from datagen.reader.dataset import Ints
from scenes.errors import HomeError
from train.baselines.batch import make_batch
from train.baselines.config import BaselineModel
from train.baselines.labels import NONE, Labels
from train.baselines.networks import PolicyNetwork
from train.baselines.outputs import bearings_deg, class_names, class_numbers, classes_said
from train.baselines.scores import Scores, confusion
from train.data import Frames

_AT_ONCE = 256


@dataclass(frozen=True)
class Judged:
    """What came out.

    Attributes:
        scores: of the commands.
        scores_without_history: the same where the previous command is never told; None where it never is.
        bearing_error_deg: of headings, the median; None for commands.
    """

    scores: Scores
    scores_without_history: Scores | None
    bearing_error_deg: float | None

    def numbers(self) -> dict[str, float]:
        """For a run's log."""
        found = self.scores.numbers()
        if self.scores_without_history is not None:
            found["accuracy_without_history"] = self.scores_without_history.accuracy
        if self.bearing_error_deg is not None:
            found["bearing_error_deg"] = self.bearing_error_deg
        return found

    def to_json(self) -> dict[str, Any]:
        """All of it."""
        bare = self.scores_without_history
        return {
            "scores": self.scores.to_json(),
            "scores_without_history": None if bare is None else bare.to_json(),
            "bearing_error_deg": self.bearing_error_deg,
        }


def usable(labels: Labels, model: BaselineModel, where: str) -> Ints:
    """Which frames a model can learn from or be judged by: those labelled with one of its commands.

    Raises:
        HomeError: there are none, or they do not say where the goal or the way is that the model is to know.
    """
    numbers = list(class_numbers(model.target))
    members = np.flatnonzero(np.isin(labels.command, numbers))
    if not len(members):
        raise HomeError(
            f"{where}: no frame is labelled {', '.join(class_names(model.target))}; generate with an expert"
        )
    needed = {"the goal": labels.goal[:, 0]} if model.inputs.goal else {}
    needed |= {"the way": labels.bearing_deg} if model.target.output == "heading" else {}
    for what, values in needed.items():
        unknown = int(np.isnan(values[members]).sum())
        if unknown:
            raise HomeError(
                f"{where}: {unknown} frames do not say where {what} is (schema 1); generate the dataset anew"
            )
    return members


def classes_of(labels: Labels, members: Ints, model: BaselineModel) -> Ints:
    """The right classes (M,) of usable frames."""
    numbers = class_numbers(model.target)
    place = np.zeros(NONE, np.intp)
    place[list(numbers)] = np.arange(len(numbers))
    return place[labels.command[members]]


@torch.no_grad()
def judge(network: PolicyNetwork, model: BaselineModel, frames: Frames, labels: Labels, members: Ints) -> Judged:
    """Judges a network by usable frames, in single precision as it drives; it is in evaluation mode afterwards.

    `labels` are of all `frames`.
    """
    network.eval()
    device = next(network.parameters()).device
    said, bare, errors = [], [], []
    for first in range(0, len(members), _AT_ONCE):
        batch = make_batch(frames, labels, members[first : first + _AT_ONCE]).to(device)
        features = network.features_of(batch.images)
        outputs = network.from_features(features, batch.previous, batch.goal)
        said.append(classes_said(outputs, model.target).cpu().numpy())
        if model.inputs.previous_command:
            unknown = torch.full_like(batch.previous, NONE)
            outputs_bare = network.from_features(features, unknown, batch.goal)
            bare.append(classes_said(outputs_bare, model.target).cpu().numpy())
        if model.target.output == "heading":
            off = torch.remainder(bearings_deg(outputs) - batch.bearing_deg + 180, 360) - 180
            errors.append(off.abs().cpu().numpy())
    names, true = class_names(model.target), classes_of(labels, members, model)

    def scored(classes: list[npt.NDArray[np.int64]]) -> Scores:
        return Scores(names, confusion(true, np.concatenate(classes), len(names)))

    return Judged(
        scored(said), scored(bare) if bare else None, float(np.median(np.concatenate(errors))) if errors else None
    )
