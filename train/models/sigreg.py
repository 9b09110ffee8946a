"""SIGReg: latents are held against a standard normal distribution along random directions (LeJEPA, arXiv 2511.08544).

Along each direction it is the statistic of Epps and Pulley (Biometrika 70, 1983): the weighed distance of the sample's
characteristic function from that of N(0, 1),

    T(x) = integral of |mean_n exp(i t x_n) - exp(-t^2 / 2)|^2 w(t) dt,   w = the density of N(0, 1).

It is not multiplied by the sample's size as a test would do, so that its weight in a loss means the same for batches of
any size. It lies between 0 (in the limit of many normal samples) and 1 + 1 / sqrt(3) (all samples alike and far away).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

_KNOTS = 17
_FARTHEST = 5.0


def epps_pulley(samples: Tensor) -> Tensor:
    """The statistic of each column of samples (N, P): (P,), by the trapezoid rule on 17 knots in 0..5.

    The integrand is even and vanishes at 5 (its weight is below 4e-6 there). The knots, 5/16 apart, tell differences
    of samples apart up to 2 pi / (5/16) = 20 (Poisson's sum), so the rule's error is below 1e-5 for samples that are no
    farther than 15 from each other. Those that are look nearer, which matters little: latents are to have variance 1.
    """
    t = torch.linspace(0.0, _FARTHEST, _KNOTS, dtype=samples.dtype, device=samples.device)
    normal = torch.exp(-t.square() / 2)
    weights = normal * (2 * _FARTHEST / (_KNOTS - 1) / math.sqrt(2 * math.pi))
    weights[0] /= 2
    angles = samples[:, :, None] * t
    distance = (angles.cos().mean(dim=0) - normal).square() + angles.sin().mean(dim=0).square()
    return distance @ weights


def sigreg(latents: Tensor, projections: int, generator: torch.Generator) -> Tensor:
    """The mean statistic of latents (N, D) along directions that are drawn evenly from the sphere: a scalar."""
    directions = torch.randn(latents.shape[1], projections, generator=generator).to(latents)
    return epps_pulley(latents @ (directions / directions.norm(dim=0))).mean()


def expected_statistic(samples: float, variance: float = 1.0, correlation: float = 0.0) -> float:
    """What the statistic expects of jointly normal numbers of mean 0 that correlate with each other alike.

    From E exp(i t x) = exp(-v t^2 / 2) and the integral of exp(-a t^2 / 2) w(t), which is 1 / sqrt(1 + a). Standard
    normal samples: (1 - 1 / sqrt 3) / N. One and the same draw N times over: 1 - 1 / sqrt 3.

    Args:
        samples: N, may be infinite
        variance: v
        correlation: of any two
    """
    pairs = 1 / math.sqrt(1 + 2 * variance * (1 - correlation))
    return 1 / samples + (1 - 1 / samples) * pairs - 2 / math.sqrt(2 + variance) + 1 / math.sqrt(3)
