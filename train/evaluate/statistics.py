"""Intervals: for shares, for means over seeds, and for anything measured on several homes by several seeds.

All intervals have the same confidence, 95 % if not told otherwise, and are two-sided.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Labels: TypeAlias = npt.NDArray[Any]
Statistic: TypeAlias = Callable[[Floats], Floats]
"""Weights (draws, n) of n records -> the statistic of each draw, (draws,)."""

SHARE = (0.0, 1.0)
"""What a share can be."""
AT_MOST_1 = (-math.inf, 1.0)
"""What a skill or an R2 can be."""
_MOST_NUMBERS_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Interval:
    """A figure and where it may lie. `low`, `high`: NaN where nothing can be said. `over`: what was drawn anew."""

    value: float
    low: float
    high: float
    over: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Is there an interval, and not the figure alone?"""
        return math.isfinite(self.low) and math.isfinite(self.high)

    def holds(self, value: float) -> bool:
        """Is a value within? Where nothing can be said, any is."""
        return not self.known or self.low <= value <= self.high

    def to_json(self) -> dict[str, Any]:
        """As JSON; what is not known is null."""
        value, low, high = (number if math.isfinite(number) else None for number in (self.value, self.low, self.high))
        return {"value": value, "low": low, "high": high, "over": list(self.over)}

    def __str__(self) -> str:
        return f"{self.value:.3g} [{self.low:.3g}, {self.high:.3g}]" if self.known else f"{self.value:.3g}"


def wilson(successes: int, trials: int, confidence: float = 0.95) -> Interval:
    """A share and its score interval (Wilson 1927), which holds near 0 and 1 and for few trials, too.

    Raises:
        ValueError: more successes than trials, or fewer than none.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} successes of {trials} trials")
    if trials == 0:
        return Interval(math.nan, 0.0, 1.0, ("trials",))
    z = _normal_quantile(confidence)
    share, spread = successes / trials, z * z / trials
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / trials + spread / (4 * trials))
    low = 0.0 if successes == 0 else middle - half
    high = 1.0 if successes == trials else middle + half
    return Interval(share, low, high, ("trials",))


def t_interval(values: Sequence[float] | Floats, confidence: float = 0.95, over: str = "seeds") -> Interval:
    """The mean of independent values, as of several seeds, with Student's interval; one value has none.

    Raises:
        ValueError: no value.
    """
    array = np.asarray(values, np.float64)
    if not len(array):
        raise ValueError("no values to take the mean of")
    mean = float(array.mean())
    if len(array) == 1:
        return Interval(mean, math.nan, math.nan)
    return _around(mean, float(array.var(ddof=1)) / len(array), len(array) - 1, confidence, (over,))


def difference(one: Sequence[float] | Floats, other: Sequence[float] | Floats, confidence: float = 0.95) -> Interval:
    """mean(one) - mean(other) of independent values, with Welch's interval. Paired values: `t_interval` of differences.

    Raises:
        ValueError: no value on a side.
    """
    sides = [np.asarray(values, np.float64) for values in (one, other)]
    if not all(len(side) for side in sides):
        raise ValueError("no values to take the mean of")
    value = float(sides[0].mean() - sides[1].mean())
    if any(len(side) < 2 for side in sides):
        return Interval(value, math.nan, math.nan)
    variances = [float(side.var(ddof=1)) / len(side) for side in sides]
    return _around(
        value, sum(variances), _freedom(variances, [len(side) - 1 for side in sides]), confidence, ("seeds",)
    )


def within_noise(one: Sequence[float] | Floats, other: Sequence[float] | Floats, confidence: float = 0.95) -> bool:
    """Could two configurations be equally good, by what their seeds gave? With one seed on a side, always."""
    return difference(one, other, confidence).holds(0.0)


def bootstrap(
    statistic: Statistic,
    groups: Mapping[str, Labels],
    rng: np.random.Generator,
    *,
    draws: int = 1000,
    confidence: float = 0.95,
    within: tuple[float, float] = (-math.inf, math.inf),
) -> Interval:
    """The interval of a statistic of records under new draws of homes, seeds, or whatever groups them.

    Each factor (say homes, and seeds) is resampled whole by itself, all records of a home or a seed together; the
    variances add. (With crossed factors this counts their interaction twice: rather too wide than too narrow.) n levels
    are resampled n - 1 at a time, which makes the variance of a mean unbiased, and few levels get Student's
    quantile with Satterthwaite's degrees of freedom: percentiles of 3 seeds would never leave the range of the 3. A
    factor with a single level says nothing and is left out of `over`; if all are such, there is no interval.

    Args:
        statistic: weights (draws, n) -> (draws,), e.g. `weighted_mean(values)`.
        groups: by factor, the level of each record, (n,).
        rng: what draws.
        draws: per factor.
        confidence: of the interval.
        within: what the statistic can be at all: the interval ends there.

    Raises:
        ValueError: no factor, no record, or factors of different lengths.
    """
    lengths = {len(levels) for levels in groups.values()}
    if len(lengths) != 1 or lengths == {0}:
        raise ValueError(f"groups of {sorted(lengths)} records; give the level of each record for each factor")
    count = lengths.pop()
    value = float(statistic(np.ones((1, count)))[0])
    variances, freedoms, over = [], [], []
    for factor, levels in groups.items():
        names, level_of = np.unique(levels, return_inverse=True)
        if len(names) > 1:
            drawn = _resampled(statistic, level_of, len(names), draws, rng)
            variances.append(float(drawn.var(ddof=1)) if len(drawn) > 1 else math.nan)
            freedoms.append(len(names) - 1)
            over.append(factor)
    if not over:
        return Interval(value, math.nan, math.nan)
    found = _around(value, sum(variances), _freedom(variances, freedoms), confidence, tuple(over))
    return replace(found, low=max(found.low, within[0]), high=min(found.high, within[1])) if found.known else found


def weighted_mean(values: Floats) -> Statistic:
    """The mean of values (n,)."""
    return lambda weights: weights @ values / weights.sum(axis=1)


def weighted_skill(error: Floats, reference: Floats) -> Statistic:
    """1 - sum of errors (n,) / sum of reference errors (n,): 0 is as good as the reference, 1 perfect.

    Not finite where the reference makes no error.
    """

    def skill(weights: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return 1.0 - (weights @ error) / (weights @ reference)

    return skill


def weighted_r2(target: Floats, predicted: Floats) -> Statistic:
    """R2 of predictions (n,): 1 - squared errors / squared deviations of the targets from their mean."""

    def r2(weights: Floats) -> Floats:
        total = weights.sum(axis=1)
        mean = weights @ target / total
        with np.errstate(divide="ignore", invalid="ignore"):
            return 1.0 - (weights @ (target - predicted) ** 2) / (weights @ target**2 - total * mean**2)

    return r2


def _resampled(
    statistic: Statistic, level_of: npt.NDArray[np.intp], levels: int, draws: int, rng: np.random.Generator
) -> Floats:
    """The statistic of draws of `levels - 1` levels each; draws in which it is not defined are left out."""
    counts = rng.multinomial(levels - 1, np.full(levels, 1 / levels), size=draws).astype(np.float64)
    at_once = max(1, _MOST_NUMBERS_AT_ONCE // len(level_of))
    parts = [statistic(counts[start : start + at_once, level_of]) for start in range(0, draws, at_once)]
    drawn = np.concatenate(parts)
    return drawn[np.isfinite(drawn)]


def _freedom(variances: Sequence[float], freedoms: Sequence[int]) -> float:
    """Degrees of freedom of a sum of variances (Satterthwaite 1946)."""
    parts = sum(variance**2 / freedom for variance, freedom in zip(variances, freedoms, strict=True))
    return sum(variances) ** 2 / parts if parts > 0 else float(min(freedoms))


def _around(value: float, variance: float, freedom: float, confidence: float, over: tuple[str, ...]) -> Interval:
    from scipy.stats import t

    half = float(t.ppf((1 + confidence) / 2, freedom)) * math.sqrt(variance)
    return Interval(value, value - half, value + half, over)


def _normal_quantile(confidence: float) -> float:
    from scipy.stats import norm

    return float(norm.ppf((1 + confidence) / 2))
