"""Frames as torch tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.frame import Frame

if TYPE_CHECKING:
    import torch


def as_tensors(frames: Sequence[Frame]) -> dict[str, torch.Tensor]:
    """Frames of one size, stacked.

    `rgb` (N, 3, H, W) float32, sRGB, 0..1; `depth` (N, 1, H, W) float32, m, planar z, 0 where there is nothing;
    `segmentation` (N, H, W) int64, instance ids; `normals` (N, 3, H, W) float32 if all frames have them.

    Raises:
        ImportError: torch is not installed (`pip install -c constraints.txt -e '.[train]'`).
    """
    import torch

    def stacked(images: Sequence[Any]) -> torch.Tensor:
        return torch.from_numpy(np.stack(images))

    found = {
        "rgb": stacked([frame.rgb for frame in frames]).permute(0, 3, 1, 2).to(torch.float32).div_(255).contiguous(),
        "depth": stacked([frame.depth for frame in frames])[:, None],
        "segmentation": stacked([frame.segmentation for frame in frames]).to(torch.int64),
    }
    normals = [frame.normals for frame in frames if frame.normals is not None]
    if len(normals) == len(frames):
        found["normals"] = stacked(normals).permute(0, 3, 1, 2).contiguous()
    return found
