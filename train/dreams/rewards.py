"""Rewards that a world model gives, and their scaling. All but the scaling are 0 at best or at least, and per frame.

Latent distances are mean squares over the numbers of a latent, so that they mean the same for latents of any length.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from torch import Tensor

from scenes.errors import HomeError

Floats: TypeAlias = npt.NDArray[np.floating[Any]]
Scaling = Literal["none", "symlog", "percentile"]

LOW, HIGH = 5.0, 95.0
_KEPT = 0.99
_BINS = 40


def distance(latents: Tensor, goals: Tensor) -> Tensor:
    """(..., D), (..., D) -> (...): mean square; its negative is the reward for reaching a goal."""
    return (latents - goals).square().mean(dim=-1)


def prediction_error(predicted: Tensor, seen: Tensor) -> Tensor:
    """Curiosity (..., ): by how much what was seen differs from what was expected (Pathak et al. 2017)."""
    return distance(predicted, seen)


def disagreement(predicted: Tensor) -> Tensor:
    """(E, N, D), of E predictors -> (N,): the variance among them, mean over the latent (Pathak et al. 2019)."""
    return predicted.var(dim=0, correction=0).mean(dim=-1)


def symlog(values: Floats) -> Floats:
    """sign(x) log(1 + |x|): large values are compressed, small ones stay (DreamerV3, arXiv 2301.04104)."""
    return np.sign(values) * np.log1p(np.abs(values))


def symexp(values: Floats) -> Floats:
    """The inverse of `symlog`."""
    return np.sign(values) * np.expm1(np.abs(values))


@dataclass(frozen=True)
class Percentiles:
    """The running 5th and 95th percentile of rewards. NaN before the first are seen."""

    low: float = math.nan
    high: float = math.nan

    def seen(self, rewards: Floats) -> Percentiles:
        """After more rewards: a hundredth of the way from the old percentiles to theirs; all the way at first."""
        low, high = (float(value) for value in np.percentile(rewards, [LOW, HIGH]))
        if math.isnan(self.low):
            return Percentiles(low, high)
        return Percentiles(*(_KEPT * old + (1 - _KEPT) * new for old, new in ((self.low, low), (self.high, high))))

    def scale(self, rewards: Floats) -> Floats:
        """Rewards so that the 5th percentile becomes 0 and the 95th 1.

        Raises:
            HomeError: there is nothing between them.
        """
        if not self.high > self.low:
            raise HomeError(
                f"rewards have their 5th percentile at {self.low:.4g} and their 95th at {self.high:.4g}: they are all "
                "the same and nothing can be learned from them; look at the world model's report"
            )
        return (rewards - self.low) / (self.high - self.low)


def scaled(rewards: Floats, scaling: Scaling, percentiles: Percentiles) -> Floats:
    """Rewards as an agent learns from them."""
    if scaling == "percentile":
        return percentiles.scale(rewards)
    return symlog(rewards) if scaling == "symlog" else rewards


def histogram(rewards: Floats) -> dict[str, Any]:
    """What rewards look like, as JSON: count, mean, deviation, percentiles 0, 5, 50, 95, 100, and counts in 40 bins."""
    counts, edges = np.histogram(rewards, bins=_BINS)
    shares = (0.0, LOW, 50.0, HIGH, 100.0)
    found = np.percentile(rewards, shares)
    return {
        "count": int(rewards.size),
        "mean": float(rewards.mean()),
        "deviation": float(rewards.std()),
        "percentiles": {f"{share:g}": float(value) for share, value in zip(shares, found, strict=True)},
        "edges": [float(edge) for edge in edges],
        "counts": [int(count) for count in counts],
    }


def refuse_odd_targets(rewards: Floats, targets: Floats, values: Floats, gamma: float) -> None:
    """Refuses to learn from targets that cannot be right; to be asked before the first step.

    Args:
        rewards: (N,), scaled, all of them.
        targets: (B,), r + gamma max Q, of a batch.
        values: (B,), that max Q.
        gamma: the discount.

    Raises:
        HomeError: not finite, all the same, or outside of what rewards and values allow.
    """
    least, most = (float(edge) for edge in (rewards.min(), rewards.max()))
    if not (math.isfinite(least) and math.isfinite(most) and np.isfinite(targets).all()):
        raise HomeError(f"rewards from {least:.4g} to {most:.4g}, targets that are not finite; look at the dreams")
    if most - least <= 1e-6 * max(1.0, abs(most), abs(least)):
        raise HomeError(f"all rewards are {most:.4g}: nothing can be learned from them; set another reward or scaling")
    slack = 1e-4 * max(1.0, abs(most), abs(least))
    low, high = least + gamma * float(values.min()) - slack, most + gamma * float(values.max()) + slack
    if targets.min() < low or targets.max() > high:
        raise HomeError(
            f"targets from {targets.min():.4g} to {targets.max():.4g}, and rewards and values allow {low:.4g} to "
            f"{high:.4g}; are goals, rewards and transitions those of the same dreams?"
        )
