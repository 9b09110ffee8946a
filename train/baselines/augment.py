"""What is changed in images before they are learned from, and in what is said of them."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from train.baselines.batch import LabelledBatch
from train.baselines.labels import MIRRORED

GREY = (0.299, 0.587, 0.114)
"""How bright red, green and blue are (ITU-R BT.601)."""


def mirror(batch: LabelledBatch, chosen: Tensor, *, labels: bool = True) -> LabelledBatch:
    """Some frames, `chosen` (B,) bool, as they look in a mirror, with what is said of them.

    Left and right change places in the command and the previous one, and bearings change their sign. With
    `labels=False` the image alone is mirrored: the mistake whose price this project shows, and for nothing else.
    """
    images = torch.where(chosen[:, None, None, None], batch.images.flip(-1), batch.images)
    if not labels:
        return replace(batch, images=images)
    swap = torch.from_numpy(MIRRORED).to(batch.command.device)
    sign = torch.where(chosen, -1.0, 1.0)
    goal = torch.cat([batch.goal[:, :2], sign[:, None] * batch.goal[:, 2:]], dim=1)
    return replace(
        batch,
        images=images,
        command=torch.where(chosen, swap[batch.command], batch.command),
        previous=torch.where(chosen, swap[batch.previous], batch.previous),
        goal=goal,
        bearing_deg=sign * batch.bearing_deg,
    )


def jitter(rgb: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """Images (B, 3, H, W), -1 to 1, a little brighter or darker, with more or less contrast and colour.

    Each image has three factors of its own between 1 - `strength` and 1 + `strength`. No pixel moves.
    """
    factors = 1 + strength * (2 * torch.rand(3, len(rgb), 1, 1, 1, generator=generator) - 1)
    brightness, contrast, colour = factors.to(rgb.device)
    shown = (rgb + 1) * brightness
    weights = torch.tensor(GREY, device=rgb.device)[:, None, None]
    grey = (shown * weights).sum(dim=1, keepdim=True)
    shown = grey + (shown - grey) * colour
    mean = grey.mean(dim=(-2, -1), keepdim=True)
    return (mean + (shown - mean) * contrast - 1).clamp(-1, 1)


def forget(previous: Tensor, share: float, none: int, generator: torch.Generator) -> Tensor:
    """Previous commands (B,) of which a share, drawn at random, is `none`."""
    gone = torch.rand(len(previous), generator=generator).to(previous.device) < share
    return torch.where(gone, none, previous)
