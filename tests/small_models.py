"""World models small enough to build and train within a test, batches of noise, and a world to learn."""

from __future__ import annotations

import math

import numpy as np
import torch

from train.config import resolve
from train.data import Batch
from train.models.config import ModelConfig, build
from train.objective import Objective

SMALL = (
    "latent=8", "conv.width=8", "conv.hidden=16", "vit.width=16", "vit.depth=2", "vit.heads=2", "predictor.width=16",
    "predictor.depth=2", "sigreg.projections=64", "masks.min_keep=1",
)  # fmt: skip
KINDS = {
    "sigreg": [],
    "film": ["predictor.conditioning=film", "history=1"],
    "vicreg": ["regulariser=vicreg", "history=3"],
    "ema": ["regulariser=ema"],
    "none": ["regulariser=none"],
    "vit": ["encoder=vit"],
    "ijepa": ["name=ijepa"],
    "pairs": ["name=pairs"],
    "pairs, vit": ["name=pairs", "encoder=vit"],
}
SIDE = 32


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def small(*overrides: str, seed: int = 0, planes: int = 3) -> Objective:
    return build(resolve(ModelConfig, None, [*SMALL, *overrides]), planes, (SIDE, SIDE), 4, 5, seed)


def perturbed(*overrides: str, planes: int = 3) -> Objective:
    """A model away from its initial weights, where zeros would hide most gradients, and nothing changes."""
    model, generator = small(*overrides, planes=planes), seeded(1)
    with torch.no_grad():
        for weights in model.parameters():
            weights.add_(0.1 * torch.randn(weights.shape, generator=generator))
    return model


def random_batch(seed: int, rows: int = 4, frames: int = 6, planes: int = 3) -> Batch:
    generator = seeded(seed)

    def drawn(*shape: int) -> torch.Tensor:
        return torch.randn(rows, frames, *shape, generator=generator)

    return Batch(drawn(planes, SIDE, SIDE), drawn(4), drawn(5), torch.arange(rows * frames).view(rows, frames))


def moving_bars(seed: int, rows: int, frames: int = 4) -> Batch:
    """A small world: bright bars on a ring of 32 columns; the action turns it by -4..4 pixels."""
    rng = np.random.default_rng(seed)
    turns = rng.integers(-4, 5, (rows, frames))
    places = rng.integers(0, SIDE, (rows, 1)) + np.concatenate([np.zeros((rows, 1), int), turns.cumsum(1)[:, :-1]], 1)
    ring = rng.random((rows, 1, SIDE)) < 0.3
    columns = (np.arange(SIDE) + places[..., None]) % SIDE
    row = np.take_along_axis(np.broadcast_to(ring, (rows, frames, SIDE)), columns, axis=2)
    images = np.broadcast_to(row[:, :, None, None], (rows, frames, 3, SIDE, SIDE)) * 2.0 - 1.0
    action = np.zeros((rows, frames, 5))
    action[..., 0] = turns / 4
    tensors = (torch.from_numpy(np.ascontiguousarray(values, np.float32)) for values in (images, action))
    shown, told = tensors
    return Batch(shown, torch.zeros(rows, frames, 4), told, torch.zeros(rows, frames, dtype=torch.long))


def trained(model: Objective, steps: int) -> Objective:
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=3e-3)
    generator = seeded(0)
    for step in range(1, steps + 1):
        for group in optimiser.param_groups:
            group["lr"] = 3e-3 * (1 + math.cos(math.pi * step / steps)) / 2
        optimiser.zero_grad()
        model.backward(moving_bars(step, 32), generator)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        model.after_step(step, steps)
    return model
