"""Losses over classes that are not equally frequent."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from scenes.errors import HomeError

WEIGHTS = ("none", "median_frequency", "sqrt", "inverse")


def class_weights(counts: npt.NDArray[np.integer], how: str, names: Sequence[str]) -> npt.NDArray[np.float64]:
    """The weight (C,) of each class from the number of its frames (C,), with mean 1, so that rates keep their meaning.

    `median_frequency`: median of the counts over the count (Eigen and Fergus 2015); `inverse`: 1 over the count;
    `sqrt`: 1 over its root; `none`: all alike. After the scaling to mean 1, the first two are the same.

    Raises:
        HomeError: no frame is of a class.
    """
    missing = [name for name, count in zip(names, counts, strict=True) if count == 0]
    if missing:
        raise HomeError(
            f"no frame to train on is labelled {' or '.join(missing)}; take more episodes, or another split"
        )
    raw = {
        "none": np.ones(len(counts)),
        "median_frequency": np.median(counts) / counts,
        "sqrt": 1 / np.sqrt(counts),
        "inverse": 1 / counts,
    }[how]
    return raw / raw.mean()


def focal_loss(logits: Tensor, target: Tensor, gamma: float) -> Tensor:
    """The focal loss (Lin et al. 2017) of each of (N,) frames, without weights; cross entropy where `gamma` is 0.

    logits : (N, C); target : (N,) class numbers.
    """
    cross_entropy = functional.cross_entropy(logits, target, reduction="none")
    return cross_entropy if gamma == 0 else (-torch.expm1(-cross_entropy)).clamp_min(1e-6) ** gamma * cross_entropy


def expected_initial(classes: int, gamma: float) -> float:
    """The loss of a network that finds all classes equally likely: ln C, or its focal form."""
    return (1 - 1 / classes) ** gamma * math.log(classes)
