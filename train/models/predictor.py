"""Networks that say what follows from latents under a condition (where the camera is, what it is told)."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from train.models.config import PredictorConfig


class AdaLNBlock(nn.Module):
    """A residual block whose normalised input is scaled and shifted, and whose output is weighed, by the condition.

    The weights of the condition begin at 0, and so does what the block adds (AdaLN-zero, arXiv 2212.09748).
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.modulation = nn.Linear(width, 3 * width)
        self.mlp = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """(N, width), (N, width) -> (N, width)."""
        shift, scale, gate = self.modulation(condition).chunk(3, dim=1)
        return x + gate * self.mlp(self.norm(x) * (1 + scale) + shift)


class FiLMBlock(nn.Module):
    """A residual block whose hidden layer is scaled and shifted by the condition (arXiv 1709.07871)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.first = nn.Linear(width, width)
        self.modulation = nn.Linear(width, 2 * width)
        self.last = nn.Linear(width, width)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """(N, width), (N, width) -> (N, width)."""
        shift, scale = self.modulation(condition).chunk(2, dim=1)
        return x + self.last(functional.silu(self.first(self.norm(x)) * (1 + scale) + shift))


_BLOCKS: dict[Literal["adaln", "film"], type[AdaLNBlock] | type[FiLMBlock]] = {"adaln": AdaLNBlock, "film": FiLMBlock}


class ConditionedMLP(nn.Module):
    """Residual blocks from an input and a condition to an output, which is 0 before training."""

    def __init__(self, config: PredictorConfig, inputs: int, conditions: int, outputs: int) -> None:
        super().__init__()
        width = config.width
        self.condition = nn.Sequential(nn.Linear(conditions, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU())
        self.first = nn.Linear(inputs + width, width)
        self.blocks = nn.ModuleList(_BLOCKS[config.conditioning](width) for _ in range(config.depth))
        self.norm = nn.LayerNorm(width)
        self.last = nn.Linear(width, outputs)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, inputs: Tensor, conditions: Tensor) -> Tensor:
        """(N, inputs), (N, conditions) -> (N, outputs)."""
        condition = self.condition(conditions)
        x = self.first(torch.cat([inputs, condition], dim=1))
        for block in self.blocks:
            x = block(x, condition)
        return self.last(self.norm(x))
