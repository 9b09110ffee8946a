"""`evaluate_world_model`: all that is measured of a model, into its run's folder."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
import numpy.typing as npt

from scenes.files import plain_errors, write_whole
from train.evaluate.clusters import COMPONENTS, Clusters, cluster
from train.evaluate.collapse import Collapse, judge_collapse
from train.evaluate.decoding import Decoded, decode_rollouts
from train.evaluate.embeddings import embed, save_embeddings, small_pixels
from train.evaluate.factors import Factor, recorded_factors
from train.evaluate.maps import principal_components, tsne
from train.evaluate.probes import Probe, probe_table
from train.evaluate.rollout import Rollouts, Score, SelfPrediction, by_change, headline, roll, self_prediction
from train.evaluate.statistics import Floats
from train.evaluate.targets import Ints, Targets, targets_of

if TYPE_CHECKING:
    from train.data import Frames
    from train.models.latent import LatentWorldModel
    from train.objective import Objective

MOST_TRAINING, MOST_TEST, MOST_MAPPED = 10_000, 5_000, 2_000
"""Frames that probes are fitted to, that they are judged on, and that are mapped and clustered; evenly spread."""


@dataclass(frozen=True)
class Source:
    """Which frames were used: of what dataset and part, how many, of which homes."""

    folder: str
    dataset_hash: str
    part: str
    frames: int
    homes: tuple[str, ...]


@dataclass(frozen=True)
class Prediction:
    """How well a world model predicts. None of it is known of models that cannot be rolled out."""

    headline: list[Score]
    by_change: list[Score]
    self_prediction: SelfPrediction
    decoded: list[Decoded]


@dataclass(frozen=True, eq=False)
class Mapped:
    """Frames of held-out homes on a plane.

    `frames`: (M,), which of the test frames; `components`, `neighbours`: (M, 2), by principal components and by t-SNE;
    `factors`: of these M; `clusters`: in 10 components; `rgb`: (M, 3, H, W).
    """

    frames: Ints
    components: Floats
    neighbours: Floats
    factors: list[Factor]
    clusters: Clusters
    rgb: npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """All that was measured of a model.

    `parameters`: how many numbers were learned; `spreads`: by target the mean and deviation in training and in test;
    `collapse`: of the training frames; `new_rankme`: RankMe on the test frames.
    """

    model: str
    parameters: int
    trained_on: Source
    tested_on: Source
    spreads: dict[str, tuple[tuple[float, float], tuple[float, float]]]
    probes: list[Probe]
    prediction: Prediction | None
    collapse: Collapse
    new_rankme: float
    mapped: Mapped

    def figures(self) -> dict[str, float]:
        """What can be logged, compared and plotted, by name; only what is finite."""
        found = {
            "rankme": self.collapse.rankme,
            "rankme_share": self.collapse.rankme / self.collapse.dimension,
            "rankme_new": self.new_rankme,
            "dominant": self.collapse.dominant,
            "cosine": self.collapse.cosine,
            "alarms": float(len(self.collapse.alarms)),
        }
        for probe in self.probes:
            if probe.probe == ("knn" if probe.target == "room" else "ridge"):
                suffix = "" if probe.features == "model" else f"_{probe.features}"
                found[f"probe_{probe.target}{suffix}"] = probe.score.value
        if self.prediction is not None:
            found |= prediction_figures(self.prediction.headline, self.prediction.self_prediction)
        return {name: float(value) for name, value in found.items() if math.isfinite(value)}

    def to_json(self) -> dict[str, Any]:
        """As JSON: figures, and all tables with their intervals."""
        prediction = self.prediction and {
            "headline": [score.to_json() for score in self.prediction.headline],
            "by_change": [score.to_json() for score in self.prediction.by_change],
            "self_prediction": vars(self.prediction.self_prediction) | {"holds": self.prediction.self_prediction.holds},
            "decoded": [record.to_json() for record in self.prediction.decoded],
        }
        said = {
            "model": self.model,
            "parameters": self.parameters,
            "trained_on": vars(self.trained_on),
            "tested_on": vars(self.tested_on),
            "figures": self.figures(),
            "spreads": self.spreads,
            "probes": [probe.to_json() for probe in self.probes],
            "prediction": prediction,
            "collapse": self.collapse.to_json(),
            "clusters": self.mapped.clusters.to_json(),
        }
        return _finite(said)


def evaluate_world_model(
    objective: Objective,
    frames_train: Frames,
    frames_test: Frames,
    folder: Path,
    *,
    untrained: Objective | None = None,
    seed: int = 0,
    new_homes: bool = True,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, float]:
    """Measures a model and writes `report.json`, `report.html` and `embeddings.parquet` into its run's folder.

    Args:
        objective: the model; one that cannot be rolled out is judged by probes, collapse and maps alone.
        frames_train: what it was trained on; probes are fitted to them.
        frames_test: frames of homes that it has not seen.
        folder: of its run; whatever the run has logged there stands in the report, too.
        untrained: the same model before training, as a baseline for the probes.
        seed: of samples, bootstraps and maps.
        new_homes: False allows test frames of homes that were trained on; the report says so.
        tell: called with what is done next; each takes seconds to minutes.

    Returns:
        Figures by name.

    Raises:
        HomeError: training and test frames share homes, too few frames, or the folder cannot be written.
    """
    from threadpoolctl import threadpool_limits

    from train.data import refuse_shared_homes
    from train.evaluate.report import write_report

    if new_homes:
        refuse_shared_homes(frames_train, frames_test)
    with threadpool_limits(1, "blas"):  # sums in one order; and small matrices gain nothing from more threads
        judged, latents, factors = measure(
            objective, frames_train, frames_test, untrained=untrained, seed=seed, tell=tell
        )
    tell("the report")
    with plain_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        save_embeddings(folder / "embeddings.parquet", frames_test, latents, factors)
        write_whole(folder / "report.json", json.dumps(judged.to_json(), indent=1, allow_nan=False).encode())
    write_report(judged, folder)
    return judged.figures()


def measure(
    objective: Objective,
    frames_train: Frames,
    frames_test: Frames,
    *,
    untrained: Objective | None,
    seed: int,
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[Evaluation, Floats, list[Factor]]:
    """The evaluation, the embeddings (N, D) of the test frames, and what is recorded of these."""
    rng = np.random.default_rng([seed, 6])
    train, some = spread(len(frames_train), MOST_TRAINING), spread(len(frames_test), MOST_TEST)
    test = np.arange(len(frames_test))
    tell(f"embeddings of {len(train) + len(test):,} frames")
    known, new = embed(objective, frames_train, train), embed(objective, frames_test, test)
    features = {"model": (known, new[some])}
    if untrained is not None:
        features["untrained"] = (embed(untrained, frames_train, train), embed(untrained, frames_test, some))
    features["pixels"] = (small_pixels(frames_train, train), small_pixels(frames_test, some))
    tell("what is to be read from them")
    train_targets, test_targets = targets_of(frames_train, train), targets_of(frames_test, test)
    factors = recorded_factors(frames_test)
    tell("probes")
    probes = probe_table(features, train_targets, test_targets.take(some), rng)
    tell("prediction")
    prediction = _predicted(objective, frames_test, known, new, (train_targets, test_targets), rng)
    tell("collapse and maps")
    judged = Evaluation(
        model=type(objective).__name__,
        parameters=sum(weights.numel() for weights in objective.parameters() if weights.requires_grad),
        trained_on=source_of(frames_train),
        tested_on=source_of(frames_test),
        spreads=_spreads(train_targets, test_targets),
        probes=probes,
        prediction=prediction,
        collapse=judge_collapse(known),
        new_rankme=judge_collapse(new).rankme,
        mapped=_mapped(frames_test, new, factors, rng, seed),
    )
    return judged, new, factors


def quick_figures(objective: Objective, frames: Frames, seed: int = 0) -> dict[str, float]:
    """Collapse and skills on a part that is not the test's, fast enough to be asked for during training."""
    rng = np.random.default_rng([seed, 7])
    latents = embed(objective, frames, np.arange(len(frames)))
    collapse = judge_collapse(latents)
    found = {"rankme": collapse.rankme, "alarms": float(len(collapse.alarms))}
    if can_roll(objective):
        rollouts = _rolled(objective, frames, latents, rng)
        found |= prediction_figures(headline(rollouts, latents.mean(axis=0), rng), self_prediction(rollouts))
    return {name: value for name, value in found.items() if math.isfinite(value)}


def prediction_figures(scores: Sequence[Score], null: SelfPrediction) -> dict[str, float]:
    """Skills by horizon, whether all of them show a model that predicts, and what the null action does."""
    found = {"predicts": float(all(score.predicts for score in scores))}
    for score in scores:
        found |= {
            f"skill_{score.step}": score.skill.value,
            f"skill_shuffled_{score.step}": score.shuffled.value,
            f"skill_over_mean_{score.step}": score.over_mean.value,
        }
    return found | {"self_error": null.error, "self_share": null.share}


def can_roll(objective: Objective) -> TypeGuard[LatentWorldModel]:
    """Does a model predict what actions do?"""
    from train.models.latent import LatentWorldModel

    return isinstance(objective, LatentWorldModel)


def spread(count: int, most: int) -> Ints:
    """At most so many of 0 .. count - 1, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.intp))


def source_of(frames: Frames) -> Source:
    """Where frames come from."""
    homes = tuple(np.unique(frames.columns["home"]).tolist())
    return Source(str(frames.folder), frames.dataset_hash, frames.part, len(frames), homes)


def _spreads(train: Targets, test: Targets) -> dict[str, tuple[tuple[float, float], tuple[float, float]]]:
    def of(values: Floats) -> tuple[float, float]:
        return float(np.nanmean(values)), float(np.nanstd(values))

    return {name: (of(train.numbers[name]), of(test.numbers[name])) for name in train.numbers if name in test.numbers}


def _rolled(objective: LatentWorldModel, frames: Frames, latents: Floats, rng: np.random.Generator) -> Rollouts:
    device = str(next(objective.parameters()).device)
    return roll(objective.rollout, objective.config.history, frames, latents, rng, device=device)


def _predicted(
    objective: Objective,
    frames: Frames,
    known: Floats,
    new: Floats,
    targets: tuple[Targets, Targets],
    rng: np.random.Generator,
) -> Prediction | None:
    if not can_roll(objective):
        return None
    rollouts, mean = _rolled(objective, frames, new, rng), known.mean(axis=0)
    return Prediction(
        headline(rollouts, mean, rng),
        by_change(rollouts, mean, rng),
        self_prediction(rollouts),
        decode_rollouts(rollouts, known, *targets, rng),
    )


def _mapped(frames: Frames, latents: Floats, factors: list[Factor], rng: np.random.Generator, seed: int) -> Mapped:
    shown = spread(len(frames), MOST_MAPPED)
    here = [Factor(factor.name, factor.values[shown], factor.labels[shown]) for factor in factors]
    components = principal_components(latents[shown], COMPONENTS)
    clusters = cluster(components, here, rng)
    return Mapped(shown, components[:, :2], tsne(latents[shown], seed), here, clusters, frames.rgb[shown])


def _finite(said: Any) -> Any:
    """JSON in which what is not finite is null."""
    if isinstance(said, dict):
        return {name: _finite(value) for name, value in said.items()}
    if isinstance(said, (list, tuple)):
        return [_finite(value) for value in said]
    return None if isinstance(said, float) and not math.isfinite(said) else said
