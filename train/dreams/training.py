"""Trains an agent: real frames become latents, dreams begin at them, and the agent learns from the dreams."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from scenes.files import write_whole
from train.config import Settings
from train.dreams.agent import Agent, QSettings, Replay, learn, save_agent
from train.dreams.dreams import (
    Dreams,
    Lineage,
    Reward,
    Starts,
    draw_starts,
    dream,
    goal_reward,
    random_policy,
    save_dreams,
)
from train.dreams.ensemble import EnsembleSettings, curiosity, learn_heads, real_moves
from train.dreams.rewards import Percentiles, histogram, scaled
from train.dreams.world import World

if TYPE_CHECKING:
    from train.data import Frames
    from train.runs import Run

KIND = "agent"
AGENT_FILE, DREAMS_FILE, REWARDS_FILE = "agent.safetensors", "dreams.safetensors", "rewards.json"
_JUDGED = 1000


class DreamSettings(Settings):
    """What is dreamt.

    Attributes:
        count: of dreams in each round. The first round acts at random, the others as the agent of the one before does.
        rounds: how many.
        steps: of each dream.
        reach: a goal is a frame of the same episode at most so many before or after the start.
        epsilon: share of actions at random, in rounds after the first.
    """

    count: Annotated[int, Field(ge=1)] = 6000
    rounds: Annotated[int, Field(ge=1)] = 2
    steps: Annotated[int, Field(ge=1)] = 8
    reach: Annotated[int, Field(ge=1)] = 12
    epsilon: Annotated[float, Field(ge=0, le=1)] = 0.3


class AgentSettings(Settings):
    """All settings of an agent's training.

    Attributes:
        dreams: what it learns from.
        q: how it learns.
        reward: `goal`, closeness to a goal's latent; or `disagreement`, of an ensemble, whatever the goal.
        ensemble: of `disagreement`, and of the report on rewards.
        modulation: of the 21 actions: with 4 a jump pans by 20 degrees.
        split, part: the frames where dreams begin; all of the dataset if no split is named.
        judged_part: frames where the dreams begin that the agent is judged by; those of `part` if not given.
        seed: of all that is drawn.
    """

    dreams: DreamSettings = DreamSettings()
    q: QSettings = QSettings()
    reward: Literal["goal", "disagreement"] = "goal"
    ensemble: EnsembleSettings = EnsembleSettings()
    modulation: Annotated[float, Field(gt=0)] = 4.0
    split: str | None = None
    part: str | None = None
    judged_part: str | None = None
    seed: int = 0


@dataclass(frozen=True)
class Learned:
    """What came of it: the agent, and its figures."""

    agent: Agent
    figures: Mapping[str, float]


def train_agent(world: World, frames: Frames, judged: Frames, settings: AgentSettings, run: Run) -> Learned:
    """Trains an agent within a run. Leaves the agent, its dreams and the rewards' histograms in the run's folder.

    `frames`: where dreams begin; `judged`: where those begin that it is judged by.

    Raises:
        HomeError: frames without what is needed, or rewards that nothing can be learned from.
    """
    rng = np.random.default_rng([settings.seed, 0])
    latents = embed_frames(world, frames)
    moves = real_moves(world, frames, latents)
    heads = learn_heads(moves, settings.ensemble, settings.seed, run.log)
    reward: Reward = heads.reward if settings.reward == "disagreement" else goal_reward
    rewards = {
        "prediction_error": curiosity(world, moves).double().numpy(),
        "disagreement": heads.disagreement(moves.move).double().numpy(),
    }
    agent: Agent | None = None
    dreams: Dreams | None = None
    for number in range(settings.dreams.rounds):
        starts = _starts(frames, latents, settings.dreams.count, settings, rng)
        policy = agent.policy(settings.dreams.epsilon) if agent else random_policy
        new = dream(world, starts, policy, settings.dreams.steps, rng, reward)
        dreams = new if dreams is None else dreams.joined(new)
        agent = _learn(world, dreams, settings, run, number)
    assert agent is not None
    assert dreams is not None
    rewards["reward"] = dreams.rewards.double().numpy()
    rewards["reward_scaled"] = scaled(rewards["reward"], settings.q.scaling, agent.percentiles)
    figures = _judge(world, judged, agent, settings, reward)
    run.log(settings.q.steps * settings.dreams.rounds, figures)
    _keep(run, agent, dreams, Lineage(frames.dataset_hash, world.digest, settings.seed), rewards)
    return Learned(agent, figures)


def embed_frames(world: World, frames: Frames) -> Tensor:
    """The latents (N, D) of all frames."""
    parts = np.array_split(np.arange(len(frames)), max(1, len(frames) // 512))
    return torch.cat([world.model.encode(frames.images(part)) for part in parts])


def _starts(frames: Frames, latents: Tensor, count: int, settings: AgentSettings, rng: np.random.Generator) -> Starts:
    return draw_starts(frames, latents, count, settings.dreams.reach, settings.modulation, rng)


def _learn(world: World, dreams: Dreams, settings: AgentSettings, run: Run, number: int) -> Agent:
    """The agent of all dreams so far."""
    percentiles = Percentiles().seen(dreams.rewards.double().numpy())
    replay = Replay.of(dreams, settings.q.scaling, percentiles)
    before = number * settings.q.steps
    network = learn(replay, settings.q, settings.seed + number, lambda step, values: run.log(before + step, values))
    facts = {"run": run.id, "dataset": world.dataset_hash, "reward": settings.reward}
    return Agent(network, settings.q, percentiles, settings.modulation, world.digest, facts)


def _judge(world: World, frames: Frames, agent: Agent, settings: AgentSettings, reward: Reward) -> dict[str, float]:
    """Discounted scaled returns in dreams from other frames: the agent's, and those of random actions."""
    rng = np.random.default_rng([settings.seed, 1])
    starts = _starts(frames, embed_frames(world, frames), _JUDGED, settings, rng)
    figures = {}
    for name, policy in (("agent", agent.policy(0.0)), ("random", random_policy)):
        dreams = dream(world, starts, policy, settings.dreams.steps, rng, reward)
        rewards = scaled(dreams.rewards.double().numpy(), settings.q.scaling, agent.percentiles)
        worth = settings.q.gamma ** np.arange(rewards.shape[1])
        figures[f"dream_return_{name}"] = float((rewards @ worth).mean())
    return figures


def _keep(run: Run, agent: Agent, dreams: Dreams, lineage: Lineage, rewards: Mapping[str, Any]) -> None:
    save_agent(run.folder / AGENT_FILE, agent)
    save_dreams(run.folder / DREAMS_FILE, dreams, lineage)
    said = {name: histogram(values) for name, values in rewards.items()}
    write_whole(run.folder / REWARDS_FILE, json.dumps(said, indent=1).encode())
    for name in (AGENT_FILE, DREAMS_FILE, REWARDS_FILE):
        run.artifact(run.folder / name)
