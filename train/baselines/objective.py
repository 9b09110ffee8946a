"""A baseline and what it is trained for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from train.baselines.augment import forget, jitter, mirror
from train.baselines.batch import LabelledBatch
from train.baselines.config import AugmentSettings, BaselineModel, LossSettings
from train.baselines.labels import NONE
from train.baselines.losses import expected_initial, focal_loss
from train.baselines.networks import PolicyNetwork, ResNet18, SmallCNN
from train.baselines.outputs import class_numbers, classes_said, count_of
from train.objective import Objective
from train.preprocess import PLANES

if TYPE_CHECKING:
    from train.data import Batch

_TOLERANCE = 0.01


class WorldModelEncoder(nn.Module):
    """The encoder of a world model, in single precision. A frozen one stays as it is, whatever is trained on top."""

    def __init__(self, world_model: Objective, *, frozen: bool) -> None:
        super().__init__()
        self.world_model, self.frozen = world_model, frozen
        self.features = world_model.latent
        self.requires_grad_(not frozen)

    def train(self, mode: bool = True) -> WorldModelEncoder:
        """Training mode, but for a frozen one."""
        super().train(mode and not self.frozen)
        return self

    def forward(self, images: Tensor) -> Tensor:
        """Embeddings of images."""
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.frozen):
            return self.world_model.embed(images)


def build_network(model: BaselineModel, world_model: Objective | None) -> PolicyNetwork:
    """The network of a model, with random weights, but for those of its world model, if it has one."""
    planes, settings, inputs = model.preprocessing.planes, model.network, model.inputs
    encoder: WorldModelEncoder | ResNet18 | SmallCNN
    if world_model is not None:
        encoder = WorldModelEncoder(world_model, frozen=settings.frozen)
    elif settings.name == "resnet18":
        encoder = ResNet18(planes)
    else:
        encoder = SmallCNN(planes, settings.width)
    return PolicyNetwork(
        encoder,
        encoder.features,
        settings.hidden,
        count_of(model.target),
        previous=inputs.previous_command,
        goal=inputs.goal,
    )


class BaselineObjective(Objective):
    """A policy network that learns what an expert would do, frame by frame.

    Attributes:
        model: what it is.
        network: what is trained.
        weights: (C,), of the classes.
    """

    weights: Tensor
    _class_of: Tensor

    def __init__(
        self,
        model: BaselineModel,
        loss: LossSettings,
        augment: AugmentSettings,
        weights: npt.NDArray[np.float64],
        world_model: Objective | None = None,
    ) -> None:
        network = build_network(model, world_model)
        super().__init__(model.preprocessing.planes, model.preprocessing.size, network.features, 1)
        self.model, self.network, self.preprocessing = model, network, model.preprocessing
        self._loss, self._augment = loss, augment
        numbers = class_numbers(model.target)
        class_of = np.full(NONE, -1)
        class_of[list(numbers)] = np.arange(len(numbers))
        self.register_buffer("weights", torch.from_numpy(weights).float())
        self.register_buffer("_class_of", torch.from_numpy(class_of), persistent=False)

    def embed(self, images: Tensor) -> Tensor:
        """(N, planes, H, W) float32 -> (N, D) float32, what the encoder finds."""
        with self.precision():
            return self.network.features_of(images)

    def forward(self, batch: LabelledBatch) -> Tensor:
        """Logits (B, C), or cosine and sine of a heading (B, 2)."""
        return self.network.from_features(self.embed(batch.images), batch.previous, batch.goal)

    def backward(
        self, batch: Batch | LabelledBatch, generator: torch.Generator, micro_batches: int = 1
    ) -> dict[str, float]:
        """Adds the gradients of a batch's loss, the weighted mean of its frames'; also says which share was right."""
        changed = self.changed(cast(LabelledBatch, batch), generator)
        total = self.weights[self.classes(changed)].sum()
        loss, right = 0.0, 0
        for part in changed.split(micro_batches):
            outputs, true = self(part), self.classes(part)
            share = (self.weights[true] * self.losses(outputs, part)).sum() / total
            torch.autograd.backward(share)
            loss += share.item()
            right += int((classes_said(outputs.detach(), self.model.target) == true).sum())
        return {"loss": loss, "accuracy": right / len(changed)}

    def changed(self, batch: LabelledBatch, generator: torch.Generator) -> LabelledBatch:
        """The batch as it is learned from: without some of its history, mirrored, in other colours."""
        dropout, channels = self.model.inputs.history_dropout, self.model.preprocessing.channels
        if dropout:
            batch = replace(batch, previous=forget(batch.previous, dropout, NONE, generator))
        if self._augment.mirror != "off":
            chosen = torch.rand(len(batch), generator=generator) < 0.5
            batch = mirror(batch, chosen.to(batch.images.device), labels=self._augment.mirror == "correct")
        if self._augment.jitter and "rgb" in channels:
            first = sum(PLANES[channel] for channel in channels[: channels.index("rgb")])
            images = batch.images.clone()
            images[:, first : first + 3] = jitter(images[:, first : first + 3], self._augment.jitter, generator)
            batch = replace(batch, images=images)
        return batch

    def classes(self, batch: LabelledBatch) -> Tensor:
        """The right classes (B,)."""
        return self._class_of[batch.command]

    def losses(self, outputs: Tensor, batch: LabelledBatch) -> Tensor:
        """Of each frame, (B,): cross entropy or focal; of a heading, how far off its point on the circle, squared."""
        if self.model.target.output == "command":
            return focal_loss(outputs, self.classes(batch), self._loss.gamma)
        angle = torch.deg2rad(batch.bearing_deg)
        return (outputs - torch.stack([angle.cos(), angle.sin()], dim=1)).square().sum(dim=1)

    def expected_initial(self) -> Mapping[str, tuple[float, float]]:
        """The loss: ln C or its focal form, as the last layer is 0 at first; for headings 1, the circle's radius."""
        command = self.model.target.output == "command"
        value = expected_initial(len(self.weights), self._loss.gamma) if command else 1.0
        return {"loss": (value * (1 - _TOLERANCE), value * (1 + _TOLERANCE))}
