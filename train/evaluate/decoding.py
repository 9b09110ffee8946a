"""What predicted latents say in physical terms: such errors of different models can be compared, latent ones cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from train.evaluate.linear import Ridge, fit_ridge, hold_out
from train.evaluate.probes import MOST_PAIRS, fit_pair_probe
from train.evaluate.rollout import Rollouts, each_horizon
from train.evaluate.statistics import Floats
from train.evaluate.targets import UNITS, Targets, overlapping_pairs, relative_pan_deg, telling_categories

Decoder: TypeAlias = Callable[[Floats, Floats], Floats]
"""Latents (m, D) now and of the frame to be told about -> what is told of it, (m, k)."""


@dataclass(frozen=True)
class Decoded:
    """How well a quantity is told `horizon` steps ahead in one home, over the windows whose view moved.

    `error`: mean square (in `UNITS` squared; over categories for `object_in_view`), from the predicted latent;
    `error_copy`: from the last one seen; `error_true`: from the latent of the true frame, the best to be expected.
    """

    target: str
    horizon: int
    home: str
    windows: int
    error: float
    error_copy: float
    error_true: float

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return dict(vars(self))


def decode_rollouts(
    rollouts: Rollouts, train_latents: Floats, train: Targets, test: Targets, rng: np.random.Generator
) -> list[Decoded]:
    """Tells targets from predicted latents, by ridge probes fitted to the latents (N, D) of training frames.

    Args:
        rollouts: of the test frames.
        train_latents: (N, D).
        train: what is true of the training frames.
        test: what is true of the test frames.
        rng: for the validation homes and the pairs of frames that probes are fitted to.

    Raises:
        HomeError: too few training episodes to choose the probes' strength by.
    """
    decoders = fit_decoders(train_latents, train, test, rng)
    records = []
    for target in (name for name in UNITS if name in decoders):
        decoder, truth = decoders[target], _truth(target, train, test)
        for step, moved in each_horizon(rollouts):
            true = truth(rollouts, step)
            use = moved & np.isfinite(true).all(axis=1)
            start = rollouts.start[use]
            told = (rollouts.predicted[use, step], start, rollouts.true[use, step])
            errors = [((decoder(start, latent) - true[use]) ** 2).mean(axis=1) for latent in told]
            records += list(_by_home(target, step + 1, rollouts.home[use], np.stack(errors, axis=1)))
    return records


def fit_decoders(latents: Floats, train: Targets, test: Targets, rng: np.random.Generator) -> dict[str, Decoder]:
    """Ridge probes by target, fitted to the latents (N, D) of training frames, for what `test` has as well.

    Raises:
        HomeError: too few training episodes to choose the probes' strength by.
    """
    validation = hold_out(train.home, train.episode, rng)
    decoders: dict[str, Decoder] = {}
    for target in set(train.numbers) & set(test.numbers):
        y = train.numbers[target]
        known = np.isfinite(y)
        decoders[target] = _of_one(fit_ridge(latents[known], y[known, None], validation[known]))
    pairs = overlapping_pairs(train, rng, MOST_PAIRS)
    if len(pairs):
        pair = fit_pair_probe(latents, pairs, relative_pan_deg(train, pairs), validation[pairs[:, 0]])
        decoders["relative_pan"] = lambda now, then: pair(now, then)[:, None]
    columns = telling_categories(train, test)
    if columns and train.in_view is not None:
        seen = train.in_view[:, [one for _, one, _ in columns]].astype(np.float64)
        decoders["object_in_view"] = _of_one(fit_ridge(latents, seen, validation))
    return decoders


def _of_one(ridge: Ridge) -> Decoder:
    """What is told of a frame by its own latent alone."""
    return lambda _now, then: ridge(then)


def _truth(target: str, train: Targets, test: Targets) -> Callable[[Rollouts, int], Floats]:
    """What is true `step + 1` steps ahead, (M, k)."""
    if target == "relative_pan":
        return lambda r, step: relative_pan_deg(test, np.stack([r.now, r.ahead[:, step]], axis=1))[:, None]
    if target == "object_in_view" and test.in_view is not None:
        seen = test.in_view[:, [other for _, _, other in telling_categories(train, test)]].astype(np.float64)
        return lambda r, step: seen[r.ahead[:, step]]
    values: Mapping[str, Floats] = test.numbers
    return lambda r, step: values[target][r.ahead[:, step], None]


def _by_home(target: str, horizon: int, homes: Any, errors: Floats) -> Iterator[Decoded]:
    for home in np.unique(homes).tolist():
        here = homes == home
        error, copied, true = errors[here].mean(axis=0).tolist()
        yield Decoded(target, horizon, home, int(here.sum()), error, copied, true)
