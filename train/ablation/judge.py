"""What a trained model knows of homes that it has not seen, as records that arms and seeds can be compared by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from train.evaluate.collapse import judge_collapse
from train.evaluate.decoding import Decoded, Decoder, decode_rollouts, fit_decoders
from train.evaluate.embeddings import embed
from train.evaluate.probes import MOST_PAIRS
from train.evaluate.rollout import Score, headline, roll
from train.evaluate.statistics import Floats
from train.evaluate.targets import (
    UNITS,
    Ints,
    Targets,
    overlapping_pairs,
    relative_pan_deg,
    targets_of,
    telling_categories,
)

if TYPE_CHECKING:
    from train.data import Frames
    from train.models.latent import LatentWorldModel


@dataclass(frozen=True)
class Probed:
    """How well a ridge probe tells a quantity of the frames of one home, which neither model nor probe has seen.

    `error`: mean square; `error_mean`: that of always saying the training frames' mean (0 for relative pan).
    """

    target: str
    home: str
    count: int
    error: float
    error_mean: float


@dataclass(frozen=True)
class Judged:
    """Everything about one trained model: probes, decoded rollouts, skills and effective rank of its own latents."""

    probed: tuple[Probed, ...]
    decoded: tuple[Decoded, ...]
    skills: tuple[Score, ...]
    rankme: float

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "probed": [dict(vars(one)) for one in self.probed],
            "decoded": [one.to_json() for one in self.decoded],
            "skills": [one.to_json() for one in self.skills],
            "rankme": self.rankme,
        }


def judge(model: LatentWorldModel, train: Frames, test: Frames, horizons: int, rng: np.random.Generator) -> Judged:
    """Judges a model on the homes of `test`; probes learn from those of `train`.

    Raises:
        HomeError: too few training episodes, or test episodes too short.
    """
    known, new = (embed(model, frames, np.arange(len(frames))) for frames in (train, test))
    train_targets, test_targets = (targets_of(frames, np.arange(len(frames))) for frames in (train, test))
    rollouts = roll(model.rollout, model.config.history, test, new, rng, steps=horizons)
    return Judged(
        tuple(_probes(known, new, train_targets, test_targets, rng)),
        tuple(decode_rollouts(rollouts, known, train_targets, test_targets, rng)),
        tuple(headline(rollouts, known.mean(axis=0), rng)),
        judge_collapse(new).rankme,
    )


def _probes(
    train_latents: Floats, test_latents: Floats, train: Targets, test: Targets, rng: np.random.Generator
) -> Iterator[Probed]:
    decoders = fit_decoders(train_latents, train, test, rng)
    alone = np.stack([np.arange(len(test_latents))] * 2, axis=1)
    for target in (name for name in UNITS if name in decoders):
        pairs = overlapping_pairs(test, rng, MOST_PAIRS) if target == "relative_pan" else alone
        true, typical = _truth(target, train, test, pairs)
        known = np.isfinite(true).all(axis=1)
        yield from _by_home(target, decoders[target], test_latents, pairs[known], true[known], typical, test)


def _truth(target: str, train: Targets, test: Targets, pairs: Ints) -> tuple[Floats, Floats]:
    """What is true of the second of each pair (P, k), and what it is on average in training (k,)."""
    if target == "relative_pan":
        return relative_pan_deg(test, pairs)[:, None], np.zeros(1)
    if target == "object_in_view":
        assert train.in_view is not None
        assert test.in_view is not None
        columns = telling_categories(train, test)
        known = train.in_view[:, [one for _, one, _ in columns]]
        return test.in_view[pairs[:, 1]][:, [other for _, _, other in columns]].astype(np.float64), known.mean(axis=0)
    return test.numbers[target][pairs[:, 1], None], np.array([np.nanmean(train.numbers[target])])


def _by_home(
    target: str, decoder: Decoder, latents: Floats, pairs: Ints, true: Floats, typical: Floats, test: Targets
) -> Iterator[Probed]:
    told = decoder(latents[pairs[:, 0]], latents[pairs[:, 1]])
    error, typical_error = (((one - true) ** 2).mean(axis=1) for one in (told, np.broadcast_to(typical, true.shape)))
    homes = test.home[pairs[:, 1]]
    for home in np.unique(homes).tolist():
        here = homes == home
        yield Probed(target, home, int(here.sum()), float(error[here].mean()), float(typical_error[here].mean()))
