"""VICReg's two terms on one set of latents (arXiv 2105.04906): each number varies, and no two vary together."""

from __future__ import annotations

import torch
from torch import Tensor

_TINY = 1e-4


def variance_loss(latents: Tensor) -> Tensor:
    """How far the numbers of latents (N, D) stay below a deviation of 1, on average: 0..1."""
    deviation = (latents.var(dim=0, correction=0) + _TINY).sqrt()
    return torch.relu(1 - deviation).mean()


def covariance_loss(latents: Tensor) -> Tensor:
    """The squared covariances of any two numbers of latents (N, D), summed up, over D."""
    centred = latents - latents.mean(dim=0)
    covariance = centred.T @ centred / len(latents)
    return (covariance.square().sum() - covariance.diagonal().square().sum()) / latents.shape[1]
