"""Dreams: what a policy would live through, imagined by a world model from real frames on, kept as a dataset.

A file of dreams is safetensors with what they come from in its header: the hash of the frames' dataset and the digest
of the world model's file. The same world, starts, policy and seed give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from scenes.errors import HomeError
from sim.ptz import ACTIONS, PROFILES
from train.checkpoints import load_tensors, save_tensors
from train.dreams.rewards import distance
from train.dreams.world import Memory, Move, World, table_of
from train.motion import Array

if TYPE_CHECKING:
    from train.data import Frames

KIND = "dreams"

Policy: TypeAlias = Callable[[Memory, Tensor, np.random.Generator], "np.ndarray[Any, np.dtype[np.intp]]"]
"""Memory of B cameras, goals (B, D), what draws -> the numbers of actions (B,)."""
Reward: TypeAlias = Callable[[Move, Tensor, Tensor], Tensor]
"""A move of B cameras, the latents (B, D) expected after it, goals (B, D) -> rewards (B,)."""


@dataclass(frozen=True, eq=False)
class Starts:
    """Where dreams begin: real frames, and real frames of the same camera as goals.

    Attributes:
        number: (B,), frames of the dataset. goal_number: likewise, of the goals.
        latents: (B, D). states: (B, S). goals: (B, D).
        lens: (B, 2), see `train.motion.lens_of`. tables: (B, 21, 3), the 21 actions of each camera as raw moves.
    """

    number: Tensor
    goal_number: Tensor
    latents: Tensor
    states: Tensor
    goals: Tensor
    lens: Array
    tables: Array

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True, eq=False)
class Dreams:
    """B dreams of n actions each.

    Attributes:
        number, goal_number: (B,) int64, the real frames that they begin at and have as goal.
        latents: (B, n + 1, D) and states: (B, n + 1, S) float32, from the real frame on.
        goals: (B, D) float32.
        actions: (B, n) int64, numbers of `sim.ptz.ACTIONS`. raw: (B, n, 3) float32, the moves that they are.
        rewards: (B, n) float32, of each action, as they come.
    """

    number: Tensor
    goal_number: Tensor
    latents: Tensor
    states: Tensor
    goals: Tensor
    actions: Tensor
    raw: Tensor
    rewards: Tensor

    def __len__(self) -> int:
        return len(self.number)

    def joined(self, other: Dreams) -> Dreams:
        """These dreams, then others of as many actions."""
        return Dreams(
            *(torch.cat([one, two]) for one, two in zip(vars(self).values(), vars(other).values(), strict=True))
        )


@dataclass(frozen=True)
class Lineage:
    """What dreams come from: the content hash of the frames' dataset, the sha256 of the world model's file, a seed."""

    dataset_hash: str
    world: str
    seed: int


def draw_starts(
    frames: Frames, latents: Tensor, count: int, reach: int, modulation: float, rng: np.random.Generator
) -> Starts:
    """Frames of a PTZ dataset with latents (N, D); a goal is at most `reach` frames before or after its start.

    Raises:
        HomeError: no episode has two frames; cameras of an unknown profile.
    """
    pairs = [frames.windows(gap + 1)[:, [0, -1]] for gap in range(1, reach + 1) if gap < _longest(frames)]
    if not pairs:
        raise HomeError(f"{frames.folder} has no episode of two frames: nothing to begin at and to go to")
    drawn = pairs_drawn(pairs, count, rng)
    chosen, goals = (torch.from_numpy(side) for side in drawn.T.copy())
    tables = {name: table_of(profile, modulation) for name, profile in PROFILES.items()}
    names = [str(camera).rpartition("-")[0] for camera in frames.columns["camera"][drawn[:, 0]]]
    if unknown := sorted(set(names) - set(tables)):
        raise HomeError(f"{frames.folder}: cameras of profile {unknown[0]!r}; there are {', '.join(tables)}")
    return Starts(
        torch.from_numpy(frames.number[drawn[:, 0]]),
        torch.from_numpy(frames.number[drawn[:, 1]]),
        latents[chosen],
        torch.from_numpy(frames.state.astype(np.float32))[chosen],
        latents[goals],
        frames.lens[drawn[:, 0]],
        np.stack([tables[name] for name in names]),
    )


def pairs_drawn(
    pairs: list[np.ndarray[Any, np.dtype[np.intp]]], count: int, rng: np.random.Generator
) -> np.ndarray[Any, np.dtype[np.intp]]:
    """(count, 2): a gap, a pair of frames so far apart, and which of the two is the start, all drawn evenly."""
    gaps = rng.integers(len(pairs), size=count)
    chosen = np.stack([pairs[gap][rng.integers(len(pairs[gap]))] for gap in gaps])
    return np.where(rng.random((count, 1)) < 0.5, chosen, chosen[:, ::-1])


def dream(
    world: World, starts: Starts, policy: Policy, steps: int, rng: np.random.Generator, reward: Reward | None = None
) -> Dreams:
    """Imagines what a policy would live through in so many steps; `reward`: closeness to the goal if not given."""
    reward = reward or goal_reward
    memory = world.begin(starts.latents, starts.states)
    latents, states, actions, raws, rewards = [memory.latent], [memory.state], [], [], []
    for _ in range(steps):
        chosen = policy(memory, starts.goals, rng)
        raw = starts.tables[np.arange(len(starts)), chosen]
        move = world.move(memory, raw, starts.lens)
        expected = world.predict(move)
        memory = world.after(move, expected)
        latents.append(expected)
        states.append(memory.state)
        actions.append(torch.from_numpy(chosen))
        raws.append(torch.from_numpy(raw.astype(np.float32)))
        rewards.append(reward(move, expected, starts.goals))
    return Dreams(
        starts.number,
        starts.goal_number,
        torch.stack(latents, dim=1),
        torch.stack(states, dim=1),
        starts.goals,
        torch.stack(actions, dim=1),
        torch.stack(raws, dim=1),
        torch.stack(rewards, dim=1),
    )


def goal_reward(_move: Move, latents: Tensor, goals: Tensor) -> Tensor:
    """The negative distance to the goal, (B,)."""
    return -distance(latents, goals)


def random_policy(memory: Memory, _goals: Tensor, rng: np.random.Generator) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Any of the 21 actions."""
    return rng.integers(len(ACTIONS), size=len(memory.latents))


def save_dreams(path: Path, dreams: Dreams, lineage: Lineage) -> None:
    """Writes dreams into a file, whole or not at all."""
    tensors = {part.name: getattr(dreams, part.name) for part in fields(dreams)}
    save_tensors(path, tensors, {"kind": KIND, "lineage": vars(lineage)})


def load_dreams(path: Path, *, world: str | None = None) -> tuple[Dreams, Lineage]:
    """Reads dreams, and what they come from. `world`: the digest of the world model that must have dreamt them.

    Raises:
        HomeError: no such file, a damaged one, one of something else, or dreams of another world model.
    """
    tensors, meta = load_tensors(path)
    if meta.get("kind") != KIND:
        raise HomeError(f"{path} holds no dreams; name a file of `sim train agent`")
    lineage = Lineage(**meta["lineage"])
    if world is not None and lineage.world != world:
        raise HomeError(
            f"{path} was dreamt by the world model {lineage.world[:12]}, not by {world[:12]}: latents of two models "
            "cannot be mixed; dream anew"
        )
    return Dreams(**tensors), lineage


def _longest(frames: Frames) -> int:
    return int(np.unique(frames.columns["episode"], return_counts=True)[1].max())
