"""What drives say of a policy: measures with intervals, why it failed, and how often it did the right thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from datagen.store.schema import Json
from sim.agents.protocol import Action
from train.baselines.scores import Scores, confusion
from train.driving.drive import MEASURES, Drive
from train.driving.endings import Ending
from train.evaluate.statistics import bootstrap, weighted_mean, wilson

CLASSES = tuple(action.name.lower() for action in Action)
RATES = ("success",)
MEANS = tuple(name for name in MEASURES if name not in RATES)
"""In the order of `sim.envs.measures.navigation_measures`; collisions are counts per drive."""
_SEED = 0


def summarise(drives: Sequence[Drive]) -> Json:
    """The figures of drives.

    `success` has Wilson's interval; all other means, `collisions_per_100_actions` and `actions` among them, one by
    bootstrap over episodes. `endings` counts reasons, `seconds_per_action` are quantiles of what deciding took,
    `driven` holds what was done (columns) where what was right (rows), with precision, recall and F1, macro and micro.
    """
    values = {name: [drive.measures[name] for drive in drives] for name in MEANS}
    values["actions"] = [len(drive.action) for drive in drives]
    values["collisions_per_100_actions"] = [100 * drive.collided.mean() for drive in drives]
    reached = sum(drive.ending == Ending.REACHED for drive in drives)
    means = {name: _mean(np.array(each, np.float64)) for name, each in values.items()}
    endings = Counter(drive.ending for drive in drives)
    return {
        "episodes": len(drives),
        "success": wilson(reached, len(drives)).to_json(),
        **means,
        "endings": {ending.value: endings[ending] for ending in Ending if endings[ending]},
        "driven": scores_of(drives).to_json(),
    }


def seconds_per_action(drives: Sequence[Drive]) -> dict[str, float]:
    """Mean and quartiles of what the policy took to decide, seconds."""
    seconds = np.concatenate([drive.seconds for drive in drives])
    quartiles = np.quantile(seconds, (0.25, 0.5, 0.75)).tolist()
    return {
        "mean": float(seconds.mean()),
        **dict(zip(("low_quartile", "median", "high_quartile"), quartiles, strict=True)),
    }


def scores_of(drives: Sequence[Drive]) -> Scores:
    """What was done where what was right, over all steps."""
    right, done = (np.concatenate([getattr(drive, name) for drive in drives]) for name in ("right", "action"))
    return Scores(CLASSES, confusion(right, done, len(CLASSES)))


def summarise_all(drives: Mapping[str, Sequence[Drive]]) -> Json:
    """The figures by set, and of all drives together, each drive counting alike."""
    together = [drive for of_set in drives.values() for drive in of_set]
    return {"all": summarise(together), "sets": {name: summarise(of_set) for name, of_set in drives.items()}}


def _mean(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Json:
    episodes = np.arange(len(values))
    return bootstrap(weighted_mean(values), {"episodes": episodes}, np.random.default_rng(_SEED)).to_json()
