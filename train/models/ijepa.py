"""I-JEPA (arXiv 2301.08243): what patches that are hidden would look like to a slow copy of the encoder.

It learns from single images and knows neither actions nor states; it stands beside the world model for comparison.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from train.data import Batch
from train.models.config import ModelConfig
from train.models.ema import follow, make_target, momentum_at
from train.models.encoders import Block, ViT, place_codes, take
from train.models.masks import Masks, draw_masks
from train.objective import Objective

NORMALISED_SMOOTH_L1 = (0.35, 0.5)
"""The smooth L1 loss of zeros against numbers with mean 0 and deviation 1: 0.4247 if they are normal, never above 1/2
(x^2 / 2 is never less, and its mean is 1/2), and 0.378 if they have Laplace's distribution."""


class MaskedImageModel(Objective):
    """Embeddings are means over the patches of the slow encoder, as in the paper's evaluation."""

    def __init__(self, config: ModelConfig, planes: int, size: tuple[int, int]) -> None:
        super().__init__(planes, size, config.vit.width, window=1)
        self.config = config
        self.encoder = ViT(config.vit, planes, size)
        self.predictor = PatchPredictor(config, self.encoder.grid)
        self.target = make_target(self.encoder)

    def embed(self, images: Tensor) -> Tensor:
        """(N, planes, H, W) -> (N, D)."""
        with self.precision():
            tokens = self.target(images)
        return tokens.float().mean(dim=1)

    def backward(self, batch: Batch, generator: torch.Generator, micro_batches: int = 1) -> dict[str, float]:
        """Loss: `prediction`. Each image counts by itself, so gradients of parts add up to the batch's."""
        images = batch.images.flatten(0, 1)
        masks = draw_masks(self.config.masks, self.encoder.grid, len(images), generator)
        context, targets = masks.context.to(images.device), masks.targets.to(images.device)
        total = 0.0
        for part in torch.arange(len(images)).tensor_split(micro_batches):
            loss = self._loss(images[part], Masks(context[part], targets[part])) * (len(part) / len(images))
            torch.autograd.backward(loss)
            total += loss.item()
        return {"loss": total, "prediction": total}

    def _loss(self, images: Tensor, masks: Masks) -> Tensor:
        with self.precision():
            predicted = self.predictor(self.encoder(images, masks.context), masks)
            with torch.no_grad():
                tokens = self.target(images)
        tokens = functional.layer_norm(tokens.float(), tokens.shape[-1:])
        wanted = take(tokens, masks.targets.flatten(1)).view_as(predicted)
        return functional.smooth_l1_loss(predicted.float(), wanted)

    def after_step(self, step: int, total_steps: int) -> None:
        """Move the slow encoder."""
        follow(self.target, self.encoder, momentum_at(self.config.ema, step, total_steps))

    def expected_initial(self) -> Mapping[str, tuple[float, float]]:
        """Predictions of 0 for targets that are normalised."""
        return {"loss": NORMALISED_SMOOTH_L1, "prediction": NORMALISED_SMOOTH_L1}


class PatchPredictor(nn.Module):
    """A narrow transformer from the patches in view to one hidden block at a time; before training it predicts 0."""

    places: Tensor

    def __init__(self, config: ModelConfig, grid: tuple[int, int]) -> None:
        super().__init__()
        width = config.vit.width // 2
        self.first = nn.Linear(config.vit.width, width)
        self.hidden = nn.Parameter(torch.randn(width) * 0.02)
        self.register_buffer("places", place_codes(grid, width))
        self.blocks = nn.ModuleList(Block(width, config.vit.heads) for _ in range(max(config.vit.depth // 2, 1)))
        self.norm = nn.LayerNorm(width)
        self.last = nn.Linear(width, config.vit.width)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, seen: Tensor, masks: Masks) -> Tensor:
        """Tokens in view (N, k, width) -> predicted tokens (N, targets, m, width)."""
        images, blocks, hidden = masks.targets.shape
        context = self.first(seen) + self.places[masks.context]
        asked = self.hidden + self.places[masks.targets]
        tokens = torch.cat([context[:, None].expand(-1, blocks, -1, -1), asked.to(context.dtype)], dim=2).flatten(0, 1)
        for block in self.blocks:
            tokens = block(tokens)
        return self.last(self.norm(tokens[:, -hidden:])).view(images, blocks, hidden, -1)
