"""Has an embedding collapsed? Figures that need no labels, and alarms with stated limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from train.evaluate.statistics import Floats

LEAST_DEVIATION = 0.01
LEAST_RANK = 0.1
MOST_DOMINANT = 0.5
MOST_DEAD = 0.25
MOST_COSINE = 0.9
_DEAD = 0.01
"""A dimension is dead if it deviates less than this share of the root mean square over dimensions."""


@dataclass(frozen=True, eq=False)
class Collapse:
    """What is wrong with an embedding, if anything.

    Attributes:
        rankme: exp of the entropy of the normalised singular values (RankMe, arXiv 2210.02885), here of the centred
            embedding, so that what all have in common does not count; 1 to D, 0 if nothing varies.
        dimension: D.
        deviations: (D,), standard deviation of each dimension.
        relative_deviation: root mean square distance from the mean, over that from 0.
        dominant: share of the variance along the first principal direction.
        dead: share of dimensions that hardly vary.
        cosine: mean cosine of pairs of embeddings.
        alarms: what is beyond the limits, by name, in words.
    """

    rankme: float
    dimension: int
    deviations: Floats
    relative_deviation: float
    dominant: float
    dead: float
    cosine: float
    alarms: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return vars(self) | {"deviations": self.deviations.tolist()}


def judge_collapse(embedding: Floats) -> Collapse:
    """Judges an embedding (N, D), of 2 frames at least.

    Raises:
        ValueError: fewer frames, or numbers that are not finite.
    """
    if len(embedding) < 2 or not np.isfinite(embedding).all():
        raise ValueError(f"an embedding of {embedding.shape} that cannot be judged: too small, or not finite")
    embedding = np.asarray(embedding, np.float64)
    centred = embedding - embedding.mean(axis=0)
    deviations = centred.std(axis=0)
    size = np.sqrt((embedding**2).mean())
    spread = np.sqrt((deviations**2).mean())
    varies = spread > 1e-12 * size
    variances = np.maximum(np.linalg.eigvalsh(centred.T @ centred / len(centred)), 0.0)
    figures: dict[str, float] = {
        "rankme": _effective_rank(np.sqrt(variances)) if varies else 0.0,
        "relative_deviation": float(spread / size) if size > 0 else 0.0,
        "dominant": float(variances.max() / variances.sum()) if varies else 1.0,
        "dead": float((deviations < _DEAD * spread).mean()) if varies else 1.0,
        "cosine": mean_cosine(embedding),
    }
    dimension = embedding.shape[1]
    return Collapse(dimension=dimension, deviations=deviations, alarms=_alarms(figures, dimension), **figures)


def _alarms(figures: dict[str, float], dimension: int) -> dict[str, str]:
    rank, least = figures["rankme"], LEAST_RANK * dimension
    limits = {
        "constant": (
            figures["relative_deviation"] < LEAST_DEVIATION,
            f"embeddings deviate by {figures['relative_deviation']:.2%} of their size: they hardly depend on the image",
        ),
        "rank": (rank < least, f"RankMe is {rank:.1f}, below {least:.1f}, a tenth of {dimension} dimensions"),
        "dominant": (
            figures["dominant"] > MOST_DOMINANT,
            f"one direction has {figures['dominant']:.0%} of the variance, more than half",
        ),
        "dead": (figures["dead"] > MOST_DEAD, f"{figures['dead']:.0%} of the dimensions hardly vary, over a quarter"),
        "cosine": (
            figures["cosine"] > MOST_COSINE,
            f"embeddings point the same way: mean cosine {figures['cosine']:.3f}, over {MOST_COSINE}",
        ),
    }
    return {name: said for name, (fires, said) in limits.items() if fires}


def mean_cosine(embedding: Floats) -> float:
    """The mean cosine of all pairs of different embeddings (N, D); an embedding of zeros has 0 with any other."""
    norms = np.linalg.norm(embedding, axis=1, keepdims=True)
    units = embedding / np.where(norms > 0, norms, 1.0)
    count = len(units)
    together = float((units.sum(axis=0) ** 2).sum() - (norms > 0).sum())
    return together / (count * (count - 1))


def _effective_rank(singular: Floats) -> float:
    shares = singular / singular.sum()
    shares = shares[shares > 0]
    return float(np.exp(-(shares * np.log(shares)).sum()))
