"""Pairs: what the camera sees at one position, from what it sees at another, for all pairs of frames of one window.

The idea is PTZ-JEPA's. Positions enter as sine and cosine of pan, tilt and log zoom, with what lies between them; the
target is a slow copy of the encoder whose momentum counts steps of the optimiser.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from scenes.errors import HomeError
from train.data import Batch
from train.models.config import ModelConfig
from train.models.ema import follow, make_target, momentum_at
from train.models.encoders import make_encoder
from train.models.ijepa import NORMALISED_SMOOTH_L1
from train.models.predictor import ConditionedMLP
from train.motion import PTZ
from train.objective import Objective, backward_through


class PairModel(Objective):
    """Embeddings are the latents of the encoder that learns."""

    def __init__(self, config: ModelConfig, planes: int, size: tuple[int, int], state_dim: int) -> None:
        if state_dim != PTZ.state_dim:
            raise HomeError("model pairs needs the positions of a PTZ camera; train latent on bodies that walk")
        super().__init__(planes, size, config.latent, window=2)
        self.config = config
        self.encoder = make_encoder(config, planes, size)
        self.predictor = ConditionedMLP(config.predictor, config.latent, 3 * state_dim, config.latent)
        self.target = make_target(self.encoder)

    def embed(self, images: Tensor) -> Tensor:
        """(N, planes, H, W) -> (N, D)."""
        with self.precision():
            latents = self.encoder(images)
        return latents.float()

    def predict(self, latents: Tensor, states: Tensor, wanted_states: Tensor) -> Tensor:
        """The normalised embedding (N, D) at other positions.

        Args:
            latents: (N, D), of what is seen
            states: (N, 4), from where
            wanted_states: (N, 4), the positions asked for
        """
        between = relative_position(states, wanted_states)
        return self.predictor(latents, torch.cat([states, wanted_states, between], dim=1))

    def backward(self, batch: Batch, generator: torch.Generator, micro_batches: int = 1) -> dict[str, float]:
        """Loss: `prediction`, over all ordered pairs of two frames of a window."""
        del generator  # nothing is random here
        images = batch.images.flatten(0, 1)
        with torch.no_grad(), self.precision():
            targets = torch.cat([self.target(part) for part in images.tensor_split(micro_batches)])
        targets = functional.layer_norm(targets.float(), targets.shape[-1:])
        return backward_through(
            self.embed, images, lambda latents: self._losses(latents, targets, batch.state), micro_batches
        )

    def _losses(self, latents: Tensor, targets: Tensor, states: Tensor) -> dict[str, Tensor]:
        rows, frames = states.shape[:2]
        seen, wanted = torch.tensor(list(itertools.permutations(range(frames), 2))).T
        latents, targets = (values.view(rows, frames, -1) for values in (latents, targets))
        predicted = self.predict(
            *(values.flatten(0, 1) for values in (latents[:, seen], states[:, seen], states[:, wanted]))
        )
        loss = functional.smooth_l1_loss(predicted, targets[:, wanted].flatten(0, 1))
        return {"loss": loss, "prediction": loss}

    def after_step(self, step: int, total_steps: int) -> None:
        """Move the slow encoder."""
        follow(self.target, self.encoder, momentum_at(self.config.ema, step, total_steps))

    def expected_initial(self) -> Mapping[str, tuple[float, float]]:
        """Predictions of 0 for targets that are normalised."""
        return {"loss": NORMALISED_SMOOTH_L1, "prediction": NORMALISED_SMOOTH_L1}


def relative_position(states: Tensor, others: Tensor) -> Tensor:
    """What lies between PTZ states (N, 4): sine and cosine of the pan, tilt, log zoom (N, 4)."""
    sine, cosine, *_ = states.unbind(1)
    other_sine, other_cosine, *_ = others.unbind(1)
    pan = [other_sine * cosine - other_cosine * sine, other_cosine * cosine + other_sine * sine]
    return torch.stack([*pan, *(others - states)[:, 2:].unbind(1)], dim=1)
