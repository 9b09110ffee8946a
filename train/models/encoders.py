"""Encoders: images to embeddings, each image by itself."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from scenes.errors import HomeError
from train.models.config import ConvConfig, ModelConfig, ViTConfig

_STRIDES = 4
_GROUPS = 8


class Projector(nn.Module):
    """Features (N, F) -> latents (N, D) whose squared length is about D before training, whatever the images.

    The hidden layer is normalised per image (mean 0, deviation 1), and the weights after it are drawn with variance
    1 / hidden, so each number of a latent is a draw from N(0, 1) over initial weights.
    """

    def __init__(self, features: int, hidden: int, latent: int) -> None:
        super().__init__()
        self.first = nn.Linear(features, hidden)
        self.norm = nn.LayerNorm(hidden)
        self.last = nn.Linear(hidden, latent)
        nn.init.normal_(self.last.weight, std=hidden**-0.5)
        nn.init.zeros_(self.last.bias)

    def forward(self, features: Tensor) -> Tensor:
        """(N, F) -> (N, D)."""
        return self.last(self.norm(functional.silu(self.first(features))))


class ConvEncoder(nn.Module):
    """Four convolutions of stride 2, then a projector that keeps where things are: nothing is pooled."""

    def __init__(self, config: ConvConfig, planes: int, size: tuple[int, int], latent: int) -> None:
        super().__init__()
        widths = [config.width * 2**step for step in range(_STRIDES)]
        layers: list[nn.Module] = []
        for before, after in zip([planes, *widths], widths, strict=False):
            layers += [nn.Conv2d(before, after, 3, stride=2, padding=1), nn.GroupNorm(_GROUPS, after), nn.SiLU()]
        self.trunk = nn.Sequential(*layers)
        places = math.prod(-(-side // 2**_STRIDES) for side in size)
        self.projector = Projector(widths[-1] * places, config.hidden, latent)

    def forward(self, images: Tensor) -> Tensor:
        """(N, planes, H, W) -> (N, D)."""
        return self.projector(self.trunk(images.contiguous(memory_format=torch.channels_last)).flatten(1))


class Block(nn.Module):
    """One layer of a transformer, normalised before attention and before the two-layer network."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width)
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.merge = nn.Linear(width, width)
        self.mlp = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """(N, K, width) -> (N, K, width)."""
        count, length, width = tokens.shape
        mixed = self.queries_keys_values(self.attention_norm(tokens))
        query, key, value = mixed.view(count, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        attended = (
            functional.scaled_dot_product_attention(query, key, value).transpose(1, 2).reshape(count, length, width)
        )
        tokens = tokens + self.merge(attended)
        return tokens + self.mlp(tokens)


class ViT(nn.Module):
    """A vision transformer from images to one token per patch.

    Attributes:
        grid: rows and columns of patches
        places: (K, width), what tells a token where its patch is
    """

    places: Tensor

    def __init__(self, config: ViTConfig, planes: int, size: tuple[int, int]) -> None:
        super().__init__()
        width, height = size
        if width % config.patch or height % config.patch:
            raise HomeError(f"images of {width}x{height} do not divide into patches of {config.patch}; set vit.patch")
        self.grid = height // config.patch, width // config.patch
        self.patches = nn.Conv2d(planes, config.width, config.patch, stride=config.patch)
        self.register_buffer("places", place_codes(self.grid, config.width))
        self.blocks = nn.ModuleList(Block(config.width, config.heads) for _ in range(config.depth))
        self.norm = nn.LayerNorm(config.width)

    def forward(self, images: Tensor, kept: Tensor | None = None) -> Tensor:
        """(N, planes, H, W) -> (N, K, width); of the patches `kept` (N, k) alone, if given: (N, k, width)."""
        tokens = self.patches(images).flatten(2).transpose(1, 2) + self.places
        if kept is not None:
            tokens = take(tokens, kept)
        for block in self.blocks:
            tokens = block(tokens)
        return self.norm(tokens)


class ViTEncoder(nn.Module):
    """A vision transformer from images to latents: its tokens' mean, projected."""

    def __init__(self, config: ViTConfig, planes: int, size: tuple[int, int], latent: int) -> None:
        super().__init__()
        self.vit = ViT(config, planes, size)
        self.projector = Projector(config.width, 2 * config.width, latent)

    def forward(self, images: Tensor) -> Tensor:
        """(N, planes, H, W) -> (N, D)."""
        return self.projector(self.vit(images).mean(dim=1))


def take(tokens: Tensor, which: Tensor) -> Tensor:
    """Of tokens (N, K, width) those with the numbers `which` (N, k): (N, k, width)."""
    return tokens.gather(1, which[..., None].expand(-1, -1, tokens.shape[-1]))


def place_codes(grid: tuple[int, int], width: int) -> Tensor:
    """Fixed codes (K, width) of patches, row by row: sines and cosines of row and column at many wavelengths."""
    rows, columns = grid
    waves = -(-width // 4)
    rates = torch.exp(torch.arange(waves) * (-math.log(1e4) / waves))
    row, column = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    angles = torch.cat([place.reshape(-1, 1) * rates for place in (row, column)], dim=1)
    return torch.cat([angles.sin(), angles.cos()], dim=1)[:, :width]


def make_encoder(config: ModelConfig, planes: int, size: tuple[int, int]) -> ConvEncoder | ViTEncoder:
    """The encoder to latents that is configured; convolutions if none is."""
    if config.encoder == "vit":
        return ViTEncoder(config.vit, planes, size, config.latent)
    return ConvEncoder(config.conv, planes, size, config.latent)
