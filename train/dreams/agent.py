"""An agent that learns in dreams: the value of each of the 21 actions at a latent, for a goal's latent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from scenes.errors import HomeError
from sim.ptz import ACTIONS
from train.checkpoints import load_tensors, save_tensors
from train.config import Settings, load_settings
from train.dreams.dreams import Dreams
from train.dreams.play import Sight
from train.dreams.rewards import Percentiles, Scaling, refuse_odd_targets, scaled
from train.dreams.world import Memory
from train.motion import PTZ, Array

KIND = "agent"


class QSettings(Settings):
    """How an agent learns.

    Attributes:
        width, depth: of the hidden layers.
        steps: of the optimiser.
        batch: transitions in each.
        lr: the learning rate, which falls as a cosine to 0.
        gamma: what a reward one action later is worth.
        tau: how far the target network goes to the other at each step.
        clip: the largest norm of all gradients.
        scaling: of rewards.
    """

    width: Annotated[int, Field(ge=4)] = 256
    depth: Annotated[int, Field(ge=1)] = 2
    steps: Annotated[int, Field(ge=1)] = 3000
    batch: Annotated[int, Field(ge=2)] = 256
    lr: Annotated[float, Field(gt=0)] = 1e-3
    gamma: Annotated[float, Field(ge=0, lt=1)] = 0.9
    tau: Annotated[float, Field(gt=0, le=1)] = 0.01
    clip: Annotated[float, Field(gt=0)] = 1.0
    scaling: Scaling = "percentile"


class QNetwork(nn.Module):
    """Latents, states and goals -> a value for each action. What it sees of a goal is the way there, and the goal."""

    def __init__(self, settings: QSettings, latent: int, state_dim: int, actions: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 3 * latent + state_dim
        for _ in range(settings.depth):
            layers += [nn.Linear(inputs, settings.width), nn.LayerNorm(settings.width), nn.SiLU()]
            inputs = settings.width
        self.layers = nn.Sequential(*layers, nn.Linear(inputs, actions))

    def forward(self, latents: Tensor, states: Tensor, goals: Tensor) -> Tensor:
        """(N, D), (N, S), (N, D) -> (N, actions)."""
        return self.layers(torch.cat([latents, goals, goals - latents, states], dim=1))


@dataclass(frozen=True, eq=False)
class Agent:
    """An agent that learned.

    Attributes:
        network: in evaluation mode.
        settings: how it learned.
        percentiles: of the rewards that it learned from.
        modulation: of its actions.
        world: the digest of the world model that it dreamt in: its latents are the only ones that it knows.
        facts: whatever else was saved with it.
        name: in tables.
    """

    network: QNetwork
    settings: QSettings
    percentiles: Percentiles
    modulation: float
    world: str
    facts: dict[str, Any]
    name: str = "agent"

    @torch.no_grad()
    def values(self, memory: Memory, goals: Tensor) -> Tensor:
        """(B, 21)."""
        return self.network(memory.latent, memory.state, goals)

    def policy(self, epsilon: float) -> Callable[[Memory, Tensor, np.random.Generator], Any]:
        """A policy for dreams: the action of the highest value, but any of the 21 in a share `epsilon` of cases."""

        def choose(memory: Memory, goals: Tensor, rng: np.random.Generator) -> Any:
            best = self.values(memory, goals).argmax(dim=1).numpy()
            anything = rng.integers(len(ACTIONS), size=len(best))
            return np.where(rng.random(len(best)) < epsilon, anything, best)

        return choose

    def move(self, sight: Sight, rng: np.random.Generator) -> Array:  # noqa: ARG002 - nothing is left to chance
        """The action (3,) of the highest value, in a task."""
        return sight.table[int(self.values(sight.memory, sight.goal).argmax())]


@dataclass(frozen=True, eq=False)
class Replay:
    """Transitions (M, ...) to learn from, with scaled rewards. Dreams have no end, so every one is followed by others.

    `latents`, `next_latents`, `goals`: (M, D). `states`, `next_states`: (M, S). `actions`: (M,). `rewards`: (M,).
    """

    latents: Tensor
    states: Tensor
    goals: Tensor
    actions: Tensor
    rewards: Tensor
    next_latents: Tensor
    next_states: Tensor

    @staticmethod
    def of(dreams: Dreams, scaling: Scaling, percentiles: Percentiles) -> Replay:
        """All transitions of dreams."""
        steps = dreams.actions.shape[1]
        rewards = scaled(dreams.rewards.double().numpy(), scaling, percentiles)
        return Replay(
            dreams.latents[:, :-1].flatten(0, 1),
            dreams.states[:, :-1].flatten(0, 1),
            dreams.goals.repeat_interleave(steps, dim=0),
            dreams.actions.flatten(),
            torch.from_numpy(rewards.astype(np.float32)).flatten(),
            dreams.latents[:, 1:].flatten(0, 1),
            dreams.states[:, 1:].flatten(0, 1),
        )

    def take(self, index: Tensor) -> Replay:
        """Those of an index (B,)."""
        return Replay(*(part[index] for part in vars(self).values()))


def learn(
    replay: Replay,
    settings: QSettings,
    seed: int,
    log: Callable[[int, dict[str, float]], None] = lambda _step, _values: None,
    actions: int = len(ACTIONS),
) -> QNetwork:
    """Q-learning (double, arXiv 1509.06461) by Huber's loss, with a target network that follows slowly.

    Args:
        replay: what is learned from.
        settings: how.
        seed: of weights and batches.
        log: called every 100 steps with the loss, the values' mean and the gradients' norm before clipping.
        actions: how many there are.

    Raises:
        HomeError: targets cannot be right, before the first step; or the loss is not finite.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        online, target = (QNetwork(settings, replay.goals.shape[1], replay.states.shape[1], actions) for _ in "12")
    target.load_state_dict(online.state_dict())
    optimiser = torch.optim.AdamW(online.parameters(), lr=settings.lr, weight_decay=1e-4)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, settings.steps)
    generator = torch.Generator().manual_seed(seed)
    for step in range(settings.steps):
        batch = replay.take(torch.randint(len(replay.actions), (settings.batch,), generator=generator))
        wanted, ahead = _targets(batch, online, target, settings.gamma)
        if step == 0:
            refuse_odd_targets(replay.rewards.numpy(), wanted.numpy(), ahead.numpy(), settings.gamma)
        told = online(batch.latents, batch.states, batch.goals).gather(1, batch.actions[:, None])[:, 0]
        loss = functional.smooth_l1_loss(told, wanted)
        if not torch.isfinite(loss):
            raise HomeError(f"the agent's loss is {float(loss)} at step {step}; set a smaller lr")
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        norm = torch.nn.utils.clip_grad_norm_(online.parameters(), settings.clip)
        optimiser.step()
        falling.step()
        with torch.no_grad():
            for slow, fast in zip(target.parameters(), online.parameters(), strict=True):
                slow.lerp_(fast, settings.tau)
        if (step + 1) % 100 == 0:
            log(
                step + 1,
                {"loss": float(loss.detach()), "value": float(told.detach().mean()), "gradient_norm": float(norm)},
            )
    return online.eval()


@torch.no_grad()
def _targets(batch: Replay, online: QNetwork, target: QNetwork, gamma: float) -> tuple[Tensor, Tensor]:
    """What the values should be (B,), and what the best action is worth after the transition (B,)."""
    best = online(batch.next_latents, batch.next_states, batch.goals).argmax(dim=1, keepdim=True)
    ahead = target(batch.next_latents, batch.next_states, batch.goals).gather(1, best)[:, 0]
    return batch.rewards + gamma * ahead, ahead


def save_agent(path: Path, agent: Agent) -> None:
    """Writes an agent into one file."""
    meta = {
        "kind": KIND,
        "settings": agent.settings.model_dump(mode="json"),
        "percentiles": [agent.percentiles.low, agent.percentiles.high],
        "modulation": agent.modulation,
        "world": agent.world,
        "facts": agent.facts,
    }
    save_tensors(path, agent.network.state_dict(), meta)


def load_agent(path: Path, *, world: str | None = None) -> Agent:
    """Reads an agent, on the CPU. `world`: the digest of the world model whose latents it will be shown.

    Raises:
        HomeError: no such file, a damaged one, one of something else, or an agent of another world model.
    """
    tensors, meta = load_tensors(path)
    if meta.get("kind") != KIND:
        raise HomeError(f"{path} holds no agent; name agent.safetensors of a run of `sim train agent`")
    if world is not None and meta["world"] != world:
        raise HomeError(
            f"{path} learned in dreams of the world model {meta['world'][:12]}, not of {world[:12]}: it cannot know "
            "the latents of another; name the world model that it was trained with, or train one for this"
        )
    settings = load_settings(QSettings, meta["settings"], str(path))
    actions, inputs = tensors[f"layers.{3 * settings.depth}.weight"].shape[0], tensors["layers.0.weight"].shape[1]
    network = QNetwork(settings, (inputs - PTZ.state_dim) // 3, PTZ.state_dim, actions)
    network.load_state_dict(tensors)
    return Agent(
        network.eval(), settings, Percentiles(*meta["percentiles"]), meta["modulation"], meta["world"], meta["facts"]
    )
