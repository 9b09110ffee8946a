"""The default world model: a latent per frame, and what an action does to it.

As in LeWM (arXiv 2603.19312) encoder and predictor learn together, without a stop-gradient: the latents of the frames
to come are predicted over one and two steps, and SIGReg keeps all latents from becoming the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from train.data import Batch
from train.models.config import ModelConfig
from train.models.ema import follow, make_target, momentum_at
from train.models.encoders import make_encoder
from train.models.predictor import ConditionedMLP
from train.models.sigreg import expected_statistic, sigreg
from train.models.vicreg import covariance_loss, variance_loss
from train.objective import Objective, backward_through

_STEPS = 2
_DEVIATIONS = 5.0


class LatentWorldModel(Objective):
    """Frames (N, planes, H, W) -> latents (N, D); latents, states and actions -> the next latent."""

    def __init__(
        self, config: ModelConfig, planes: int, size: tuple[int, int], state_dim: int, action_dim: int
    ) -> None:
        super().__init__(planes, size, config.latent, window=config.history + _STEPS)
        self.config = config
        self.encoder = make_encoder(config, planes, size)
        inputs, conditions = config.history * config.latent, config.history * (state_dim + action_dim)
        self.predictor = ConditionedMLP(config.predictor, inputs, conditions, config.latent)
        self.target: nn.Module | None = make_target(self.encoder) if config.regulariser == "ema" else None

    def embed(self, images: Tensor) -> Tensor:
        """(N, planes, H, W) -> (N, D)."""
        with self.precision():
            latents = self.encoder(images)
        return latents.float()

    def predict(self, latents: Tensor, states: Tensor, actions: Tensor) -> Tensor:
        """The latent (N, D) that follows `history` frames, in the order of time.

        Args:
            latents: (N, history, D)
            states: (N, history, S), where the camera was at each frame
            actions: (N, history, A), what it was told at each frame, the last leading to the predicted one
        """
        change = self.predictor(latents.flatten(1), torch.cat([states, actions], dim=2).flatten(1))
        return latents[:, -1] + change

    def rollout(self, latents: Tensor, states: Tensor, actions: Tensor, future_states: Tensor) -> Tensor:
        """The next n latents (N, n, D), each predicted from those before it, seen or predicted.

        Args:
            latents: (N, history, D), seen
            states: (N, history, S), of the frames that were seen
            actions: (N, history - 1 + n, A), from the first frame on
            future_states: (N, n - 1, S), where the actions lead by kinematics (`train.motion`), never the recorded ones
        """
        history = self.config.history
        known, states = list(latents.unbind(1)), torch.cat([states, future_states], dim=1)
        for first in range(actions.shape[1] - history + 1):
            now = slice(first, first + history)
            known.append(self.predict(torch.stack(known[now], dim=1), states[:, now], actions[:, now]))
        return torch.stack(known[history:], dim=1)

    def backward(self, batch: Batch, generator: torch.Generator, micro_batches: int = 1) -> dict[str, float]:
        """Losses: `prediction_1`, `prediction_2`, and the regulariser's terms."""
        images = batch.images.flatten(0, 1)
        targets = self._targets(images, micro_batches)
        return backward_through(
            self.embed, images, lambda latents: self._losses(latents, targets, batch, generator), micro_batches
        )

    def _targets(self, images: Tensor, micro_batches: int) -> Tensor | None:
        if self.target is None:
            return None
        with torch.no_grad(), self.precision():
            return torch.cat([self.target(part) for part in images.tensor_split(micro_batches)]).float()

    def _losses(
        self, latents: Tensor, targets: Tensor | None, batch: Batch, generator: torch.Generator
    ) -> dict[str, Tensor]:
        shape = (*batch.state.shape[:2], self.latent)
        wanted = (latents if targets is None else targets).view(shape)
        losses = self._prediction_losses(latents.view(shape), wanted, batch.state, batch.action)
        terms = self._regularisers(latents, generator)
        losses |= {name: loss for name, (_, loss) in terms.items()}
        total = losses["prediction_1"] + losses["prediction_2"]
        for weight, loss in terms.values():
            total = total + weight * loss
        return {"loss": total, **losses}

    def _prediction_losses(
        self, latents: Tensor, targets: Tensor, states: Tensor, actions: Tensor
    ) -> dict[str, Tensor]:
        """Mean squared errors over one step from each run of seen frames, and over a second step on top of it."""
        history = self.config.history
        latents, states, actions = (
            values.unfold(1, history, 1).transpose(2, 3) for values in (latents, states, actions)
        )
        one = self.predict(*(values[:, :-1].flatten(0, 1) for values in (latents, states, actions)))
        one = one.view(len(latents), -1, self.latent)
        rolled = torch.cat([latents[:, 1:-1, :-1], one[:, :-1, None]], dim=2)
        two = self.predict(*(values.flatten(0, 1) for values in (rolled, states[:, 1:-1], actions[:, 1:-1])))
        return {
            "prediction_1": functional.mse_loss(one, targets[:, history:]),
            "prediction_2": functional.mse_loss(two.view(len(latents), -1, self.latent), targets[:, history + 1 :]),
        }

    def _regularisers(self, latents: Tensor, generator: torch.Generator) -> dict[str, tuple[float, Tensor]]:
        """Weight and loss by name."""
        config = self.config
        if config.regulariser == "sigreg":
            return {"sigreg": (config.sigreg.weight, sigreg(latents, config.sigreg.projections, generator))}
        if config.regulariser == "vicreg":
            return {
                "variance": (config.vicreg.variance, variance_loss(latents)),
                "covariance": (config.vicreg.covariance, covariance_loss(latents)),
            }
        return {}

    def after_step(self, step: int, total_steps: int) -> None:
        """Move the target network, if there is one."""
        if self.target is not None:
            follow(self.target, self.encoder, momentum_at(self.config.ema, step, total_steps))

    def expected_initial(self) -> Mapping[str, tuple[float, float]]:
        """Bounds from latents of unit mean square and a predictor that predicts no change."""
        config = self.config
        energy = 1 + _DEVIATIONS * math.sqrt(2 / self.latent)
        bounds = {"prediction_1": (0.0, 4 * energy), "prediction_2": (0.0, 4 * energy)}
        total = 8 * energy
        if config.regulariser == "sigreg":
            # along one direction the statistic of latents that are all the same varies within sqrt(2)
            spread = _DEVIATIONS * math.sqrt(0.5 / config.sigreg.projections)
            bounds["sigreg"] = (0.0, expected_statistic(math.inf, energy, 1.0) + spread)
            total += config.sigreg.weight * bounds["sigreg"][1]
        if config.regulariser == "vicreg":
            bounds |= {"variance": (0.0, 1.0), "covariance": (0.0, self.latent * energy**2)}
            total += config.vicreg.variance + config.vicreg.covariance * bounds["covariance"][1]
        return {"loss": (0.0, total), **bounds}
