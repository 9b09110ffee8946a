"""Multi-block masks (I-JEPA, arXiv 2301.08243): blocks of patches to predict, and a large block without them to see."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from scenes.errors import HomeError
from train.models.config import MaskConfig

_TRIES = 100


@dataclass(frozen=True)
class Masks:
    """Patches by number, row by row.

    Attributes:
        context: (N, k), ascending; the same number for all images of a batch.
        targets: (N, targets, m), the blocks to predict; they may overlap each other, but not the context.
    """

    context: Tensor
    targets: Tensor


def draw_masks(config: MaskConfig, grid: tuple[int, int], images: int, generator: torch.Generator) -> Masks:
    """Masks for a batch: sizes of blocks are drawn once, their places for each image.

    Contexts are cut to the least number of patches in the batch, at random, so that they stack.

    Args:
        config: scales, aspects, numbers
        grid: rows and columns of patches
        images: N
        generator: of all that is drawn

    Raises:
        HomeError: no contexts of `min_keep` patches are found
    """
    target_size = block_size(config.target_scale, config.target_aspect, grid, generator)
    context_size = block_size(config.context_scale, (1.0, 1.0), grid, generator)
    targets = draw_blocks(target_size, grid, images * config.targets, generator).view(images, config.targets, -1)
    seen = _visible(targets, draw_blocks(context_size, grid, images, generator), grid)
    for _ in range(_TRIES):
        poor = (seen.sum(dim=1) < config.min_keep).nonzero()[:, 0]
        if not len(poor):
            return Masks(_random_subset(seen, int(seen.sum(dim=1).min()), generator), targets)
        again = draw_blocks(target_size, grid, len(poor) * config.targets, generator)
        targets[poor] = again.view(len(poor), config.targets, -1)
        seen[poor] = _visible(targets[poor], draw_blocks(context_size, grid, len(poor), generator), grid)
    raise HomeError(
        f"{config.targets} targets leave fewer than {config.min_keep} of {grid[1]}x{grid[0]} patches to see; lower "
        "masks.targets, masks.target_scale or masks.min_keep"
    )


def block_size(
    scale: tuple[float, float], aspect: tuple[float, float], grid: tuple[int, int], generator: torch.Generator
) -> tuple[int, int]:
    """Rows and columns of a block: its share of the patches and its height by width drawn evenly, then rounded."""
    rows, columns = grid
    first, second = torch.rand(2, generator=generator, dtype=torch.float64).tolist()
    patches = rows * columns * (scale[0] + (scale[1] - scale[0]) * first)
    ratio = aspect[0] + (aspect[1] - aspect[0]) * second
    height, width = round(math.sqrt(patches * ratio)), round(math.sqrt(patches / ratio))
    return min(max(height, 1), rows), min(max(width, 1), columns)


def draw_blocks(size: tuple[int, int], grid: tuple[int, int], count: int, generator: torch.Generator) -> Tensor:
    """Blocks of one size at places drawn evenly: (count, rows * columns of a block), patches by number."""
    (height, width), (rows, columns) = size, grid
    top = torch.randint(rows - height + 1, (count, 1, 1), generator=generator) + torch.arange(height)[:, None]
    left = torch.randint(columns - width + 1, (count, 1, 1), generator=generator) + torch.arange(width)
    return (top * columns + left).flatten(1)


def _visible(targets: Tensor, contexts: Tensor, grid: tuple[int, int]) -> Tensor:
    """Whether a patch is in the context's block (N, k) and in no target (N, targets, m): (N, patches)."""
    seen = torch.zeros(len(contexts), grid[0] * grid[1], dtype=torch.bool)
    return seen.scatter(1, contexts, value=True).scatter(1, targets.flatten(1), value=False)


def _random_subset(members: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """So many of the members (N, patches) of each row: (N, count), ascending."""
    order = torch.rand(members.shape, generator=generator).masked_fill(~members, 2.0)
    return order.argsort(dim=1)[:, :count].sort(dim=1).values
