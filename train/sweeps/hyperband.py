"""Early termination: Hyperband (Li et al. 2017, arXiv:1603.06560) as W&B applies it, trial by trial.

At each band, a number of iterations, a trial goes on only if it is among the best 1/eta of all trials that came so far.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from train.sweeps.config import Hyperband, Metric


def bands(rule: Hyperband, iterations: int) -> list[int]:
    """The bands up to a number of iterations, ascending.

    `max_iter` and `s`: max_iter / eta, / eta^2, ... for s bands. `min_iter`: min_iter, * eta, * eta^2, ...
    """
    if rule.max_iter is not None and rule.s is not None:
        found = [int(rule.max_iter / rule.eta**k) for k in range(1, rule.s + 1)]
        return sorted(band for band in found if 1 <= band <= iterations)
    assert rule.min_iter is not None
    upward, band = [], float(rule.min_iter)
    while int(band) <= iterations:
        upward.append(int(band))
        band *= rule.eta
    return upward


def should_stop(rule: Hyperband, metric: Metric, own: Sequence[float], others: Sequence[Sequence[float]]) -> bool:
    """Is a trial to be stopped?

    Judged at the last band that it has reached: by its report there if the rule is strict, else by its best report
    so far.

    Args:
        rule: of the sweep file
        metric: likewise
        own: its reports of the metric, in their order
        others: those of all other trials
    """
    reached = bands(rule, len(own))
    if not reached:
        return False
    sign = -1.0 if metric.goal == "maximize" else 1.0
    losses = [[sign * value for value in reports] for reports in (own, *others)]
    band = reached[-1]
    at_band = sorted(reports[band - 1] for reports in losses if len(reports) >= band)
    threshold = at_band[math.floor(len(at_band) / rule.eta)]
    judged = losses[0][band - 1] if rule.strict else min(losses[0])
    return judged > threshold
