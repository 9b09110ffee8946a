"""Which episode shows what, and where its random numbers come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.config import Config, Policy

STREAMS = (
    "path", "traffic", "layout", "paint", "sensor", "furniture", "light", "height_m", "tilt_deg", "fov_factor", "noise",
)  # fmt: skip
"""What is drawn at random; each has a stream of its own, so that none changes what the others draw."""


@dataclass(frozen=True)
class Task:
    """What one episode shows.

    Attributes:
        index: of the episode.
        home: index in `Config.homes`.
        policy: who moves the camera.
        turn: how many episodes of this home and policy come before it.
    """

    index: int
    home: int
    policy: Policy
    turn: int


def task_of(config: Config, index: int) -> Task:
    """What an episode shows: the homes in turn, each with the policies in turn; homes that were added, from then on."""
    policies, stages = len(config.policies), config.stages()
    ends = [first for first, _ in stages[1:] if first <= index]
    first, homes = stages[len(ends)]
    turn, home = divmod(index - first, homes)
    turn, policy = divmod(turn, policies)
    for (start, shown), end in zip(stages, ends, strict=False):
        rounds, left = divmod(end - start, shown * policies)
        turn += (rounds + (left > policy * shown + home)) if home < shown else 0
    return Task(index, home, config.policies[policy], turn)


def generator(config: Config, stream: str, *numbers: int) -> np.random.Generator:
    """The random numbers of a stream; `numbers`: of the episode, and what else tells draws apart."""
    return np.random.default_rng([config.seed, STREAMS.index(stream), *numbers])


def random_seed(rng: np.random.Generator) -> int:
    """A seed for what takes a number."""
    return int(rng.integers(2**32))
