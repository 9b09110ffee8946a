"""Does a world model predict? Latents n steps ahead, against standing still, the mean, and other actions.

Errors are mean squared differences of latents. Those of two models cannot be compared; what can is the skill, 1 -
error / error of a reference, and what is decoded (`train.evaluate.decoding`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from train.evaluate.statistics import AT_MOST_1, Floats, Interval, Labels, bootstrap, weighted_skill
from train.evaluate.targets import Bools, Ints
from train.evaluate.view_change import mean_displacement_px

if TYPE_CHECKING:
    from torch import Tensor

    from train.data import Frames

STEPS = 5
MOVED_PX = 1.0
"""A view that changes less has not moved; such windows are kept out of the headline."""
CHANGES_PX = (0.0, 1.0, 4.0, 16.0, np.inf)
"""Edges of the classes by which change is reported."""
SELF_ERROR = 0.25
"""The null action may move a latent by this share of what moving does, in mean squares."""
SELF_SHARE = 0.75
"""In so many windows it must move the prediction less than the action that was taken: chance is a half."""
_MOST_WINDOWS = 4000


Rollout: TypeAlias = "Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]"
"""Latents, states, actions, states to come -> the next n latents, as `LatentWorldModel.rollout`."""


@dataclass(frozen=True, eq=False)
class Rollouts:
    """What a world model predicted for M windows, n steps ahead.

    Attributes:
        now: (M,), the last frame seen. ahead: (M, n), the frames that followed.
        home: (M,).
        start: (M, D), latents of `now`. true: (M, n, D), latents of `ahead`.
        predicted: (M, n, D), with the true actions. shuffled: (M, n, D), with those of other windows.
        still: (M, D), one step ahead with the null action.
        moved_px: (M, n), how far pixels moved from `now` on.
    """

    now: Ints
    ahead: Ints
    home: Labels
    start: Floats
    true: Floats
    predicted: Floats
    shuffled: Floats
    still: Floats
    moved_px: Floats

    @property
    def moved(self) -> Bools:
        """(M, n), did the view change by a pixel or more?"""
        return self.moved_px >= MOVED_PX


def roll(
    rollout: Rollout,
    history: int,
    frames: Frames,
    latents: Floats,
    rng: np.random.Generator,
    *,
    steps: int = STEPS,
    device: str = "cpu",
) -> Rollouts:
    """Rolls a model that starts from `history` frames out over windows of frames, 4,000 at most.

    `latents`: (N, D), of all frames; `device`: where the model is. States to come follow from the actions by
    kinematics: true ones would tell what the actions were.

    Raises:
        HomeError: no episode is long enough.
    """
    windows = frames.windows(history + steps)
    if len(windows) > _MOST_WINDOWS:
        windows = windows[np.sort(rng.choice(len(windows), _MOST_WINDOWS, replace=False))]
    now, ahead = windows[:, history - 1], windows[:, history:]
    raw = frames.raw_action[windows[:, history - 1 : -1]]
    order = rng.permutation(len(windows))
    other = np.empty_like(order)
    other[order] = np.roll(order, 1)
    runs = {"predicted": raw, "shuffled": raw[other], "still": np.zeros_like(raw[:, :1])}
    seen = windows[:, :history]
    told = {name: _predict(rollout, frames, latents, seen, actions, device) for name, actions in runs.items()}
    pairs = np.stack([np.broadcast_to(now[:, None], ahead.shape), ahead], axis=-1)
    moved_px = mean_displacement_px(frames, pairs.reshape(-1, 2)).reshape(ahead.shape)
    still = told.pop("still")[:, 0]
    home = frames.columns["home"][now]
    return Rollouts(now, ahead, home, latents[now], latents[ahead], **told, still=still, moved_px=moved_px)


def _predict(rollout: Rollout, frames: Frames, latents: Floats, seen: Ints, raw: Floats, device: str) -> Floats:
    """Latents (M, n, D) after the frames seen (M, h), under raw actions (M, n, R) from the last of them on."""
    import torch

    from train.motion import roll_out

    last = seen[:, -1]
    future, actions = roll_out(frames.kind, frames.state[last], raw, frames.lens[last])
    given = (
        latents[seen],
        frames.state[seen],
        np.concatenate([frames.action[seen[:, :-1]], actions], axis=1),
        future[:, :-1],
    )
    with torch.no_grad():
        tensors = (torch.from_numpy(array.astype(np.float32)).to(device) for array in given)
        return rollout(*tensors).cpu().numpy().astype(np.float64)


@dataclass(frozen=True)
class Score:
    """Skills of windows whose view changed by `low_px` to `high_px`, `step` steps ahead.

    `skill`: over copying the last latent; `over_mean`: over the mean of the training latents; `shuffled`: over copying,
    with the actions of other windows. `error`, `error_copy`: mean squares. NaN where there are no windows.
    """

    step: int
    low_px: float
    high_px: float
    windows: int
    skill: Interval
    over_mean: Interval
    shuffled: Interval
    error: float
    error_copy: float

    @property
    def predicts(self) -> bool:
        """Better than copying with the true actions, and not with others."""
        return self.skill.value > 0 >= self.shuffled.value

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        said = {name: value.to_json() if isinstance(value, Interval) else value for name, value in vars(self).items()}
        return said | {"high_px": None if np.isinf(self.high_px) else self.high_px}


@dataclass(frozen=True)
class SelfPrediction:
    """What the null action does.

    `error`: mean squared change that it predicts, over that of the latents when the view moves in one step; `share`: of
    the windows that moved, those where it changes the prediction less than the action taken.
    """

    error: float
    share: float

    @property
    def holds(self) -> bool:
        """Does the null action predict the same view?"""
        return self.error <= SELF_ERROR and self.share >= SELF_SHARE


def headline(rollouts: Rollouts, mean: Floats, rng: np.random.Generator) -> list[Score]:
    """Scores by horizon, of windows whose view moved. `mean`: (D,), of the training latents."""
    return [_score(rollouts, mean, step, (MOVED_PX, np.inf), rng) for step in range(rollouts.ahead.shape[1])]


def by_change(rollouts: Rollouts, mean: Floats, rng: np.random.Generator) -> list[Score]:
    """Scores by horizon and by how much the view changed."""
    steps = range(rollouts.ahead.shape[1])
    return [_score(rollouts, mean, step, limits, rng) for step in steps for limits in pairwise(CHANGES_PX)]


def self_prediction(rollouts: Rollouts) -> SelfPrediction:
    """What the null action does, in windows whose view moved in one step; NaN if none did."""
    moved = rollouts.moved[:, 0]
    if not moved.any():
        return SelfPrediction(float("nan"), float("nan"))
    still, taken, true = (
        squares(later[moved], rollouts.start[moved])
        for later in (rollouts.still, rollouts.predicted[:, 0], rollouts.true[:, 0])
    )
    return SelfPrediction(float(still.mean() / true.mean()), float((still < taken).mean()))


def squares(one: Floats, other: Floats) -> Floats:
    """Mean squared differences over the last axis."""
    return ((one - other) ** 2).mean(axis=-1)


def _score(
    rollouts: Rollouts, mean: Floats, step: int, limits_px: tuple[float, float], rng: np.random.Generator
) -> Score:
    low, high = limits_px
    use = (rollouts.moved_px[:, step] >= low) & (rollouts.moved_px[:, step] < high)
    true, homes = rollouts.true[use, step], rollouts.home[use]
    error, copied, shuffled, from_mean = (
        squares(other, true)
        for other in (rollouts.predicted[use, step], rollouts.start[use], rollouts.shuffled[use, step], mean)
    )
    if not use.any():
        unknown = Interval(np.nan, np.nan, np.nan)
        return Score(step + 1, low, high, 0, unknown, unknown, unknown, np.nan, np.nan)
    skill, over_mean, with_shuffled = (
        bootstrap(weighted_skill(one, other), {"home": homes}, rng, within=AT_MOST_1)
        for one, other in ((error, copied), (error, from_mean), (shuffled, copied))
    )
    return Score(
        step + 1, low, high, int(use.sum()), skill, over_mean, with_shuffled, float(error.mean()), float(copied.mean())
    )


def each_horizon(rollouts: Rollouts) -> Iterator[tuple[int, Bools]]:
    """Horizons from 0, each with the windows that moved by then, (M,)."""
    yield from enumerate(rollouts.moved.T)
