"""Planning by the cross-entropy method: draw plans, keep the best, draw around them, and again (Rubinstein 1999).

The planners know nothing of cameras or models: plans in, costs out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from train.config import Settings

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.intp]


class CEMSettings(Settings):
    """How a plan is searched for.

    Attributes:
        horizon: moves of a plan.
        samples: plans that are drawn in each iteration.
        elites: of them, the best ones are kept.
        iterations: how often.
        kept: share of the old distribution in the new one.
        floor: the least probability of a discrete move, times their number; the least deviation of a continuous one,
            as a share of the first.
    """

    horizon: Annotated[int, Field(ge=1)] = 5
    samples: Annotated[int, Field(ge=2)] = 300
    elites: Annotated[int, Field(ge=1)] = 30
    iterations: Annotated[int, Field(ge=1)] = 10
    kept: Annotated[float, Field(ge=0, lt=1)] = 0.1
    floor: Annotated[float, Field(ge=0, lt=1)] = 0.02

    @model_validator(mode="after")
    def _fewer_elites(self) -> CEMSettings:
        if self.elites >= self.samples:
            raise ValueError(f"{self.elites} elites of {self.samples} samples; keep fewer")
        return self


def plan_discrete(
    cost: Callable[[Ints], Floats], choices: int, settings: CEMSettings, rng: np.random.Generator
) -> Ints:
    """The cheapest plan (H,) of numbers below `choices` that was met. `cost`: plans (N, H) -> (N,)."""
    horizon = settings.horizon
    likely = np.full((horizon, choices), 1 / choices)
    best, least = np.zeros(horizon, np.intp), np.inf
    for _ in range(settings.iterations):
        drawn = rng.random((settings.samples, horizon, 1))
        plans = (drawn > likely.cumsum(axis=1)[None, :, :-1]).sum(axis=2)
        costs = cost(plans)
        order = np.argsort(costs, kind="stable")
        if costs[order[0]] < least:
            best, least = plans[order[0]], float(costs[order[0]])
        elites = plans[order[: settings.elites]]
        share = (elites[:, :, None] == np.arange(choices)).mean(axis=0)
        likely = settings.kept * likely + (1 - settings.kept) * share
        likely = (1 - settings.floor) * likely + settings.floor / choices
    return best


def plan_continuous(
    cost: Callable[[Floats], Floats], limits: Floats, settings: CEMSettings, rng: np.random.Generator
) -> Floats:
    """The cheapest plan (H, K) within -limits..limits (K,) that was met. `cost`: plans (N, H, K) -> (N,)."""
    shape = (settings.horizon, len(limits))
    first = np.broadcast_to(limits / 2, shape)
    mean, deviation = np.zeros(shape), first
    best, least = np.zeros(shape), np.inf
    for _ in range(settings.iterations):
        plans = (mean + deviation * rng.standard_normal((settings.samples, *shape))).clip(-limits, limits)
        costs = cost(plans)
        order = np.argsort(costs, kind="stable")
        if costs[order[0]] < least:
            best, least = plans[order[0]], float(costs[order[0]])
        elites = plans[order[: settings.elites]]
        mean = settings.kept * mean + (1 - settings.kept) * elites.mean(axis=0)
        deviation = settings.kept * deviation + (1 - settings.kept) * elites.std(axis=0)
        deviation = np.maximum(deviation, settings.floor * first)
    return best
