"""A target network: a slow copy of another one."""

from __future__ import annotations

import copy

import torch
from torch import nn

from train.models.config import EmaConfig


def make_target(network: nn.Module) -> nn.Module:
    """A copy that takes no gradients."""
    return copy.deepcopy(network).requires_grad_(False)


@torch.no_grad()
def follow(target: nn.Module, network: nn.Module, momentum: float) -> None:
    """Move the target's parameters to momentum * its own + (1 - momentum) * the network's."""
    for slow, fast in zip(target.parameters(), network.parameters(), strict=True):
        slow.lerp_(fast, 1 - momentum)


def momentum_at(config: EmaConfig, step: int, total_steps: int) -> float:
    """The momentum after the `step`-th (from 1) of `total_steps` steps of the optimiser: linear, both ends included."""
    share = (step - 1) / max(total_steps - 1, 1)
    return config.start + (config.end - config.start) * share
