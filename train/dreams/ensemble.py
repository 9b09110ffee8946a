"""An ensemble of small predictors on a frozen world model's latents: where they disagree, little is known yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from train.config import Settings
from train.dreams.rewards import disagreement, distance, prediction_error
from train.dreams.world import Memory, Move, World
from train.models.config import PredictorConfig
from train.models.predictor import ConditionedMLP

if TYPE_CHECKING:
    from train.data import Frames


class EnsembleSettings(Settings):
    """How an ensemble learns.

    Attributes:
        heads: how many predictors.
        predictor: each of them.
        steps, batch, lr: of the optimiser; each head sees windows of its own.
    """

    heads: Annotated[int, Field(ge=2)] = 4
    predictor: PredictorConfig = PredictorConfig(width=64, depth=1)
    steps: Annotated[int, Field(ge=1)] = 300
    batch: Annotated[int, Field(ge=2)] = 128
    lr: Annotated[float, Field(gt=0)] = 2e-3


class Heads(nn.Module):
    """Predictors of the change of the latent, with weights of their own."""

    def __init__(self, config: PredictorConfig, count: int, move: Move) -> None:
        super().__init__()
        latent, inputs = move.latents.shape[2], move.latents[0].numel()
        conditions = move.states[0].numel() + move.actions[0].numel()
        self.heads = nn.ModuleList(ConditionedMLP(config, inputs, conditions, latent) for _ in range(count))

    def forward(self, moves: list[Move]) -> Tensor:
        """A batch of moves (B, ...) for each head -> what each expects, (E, B, D)."""
        return torch.stack([self._one(head, move) for head, move in zip(self.heads, moves, strict=True)])

    @torch.no_grad()
    def disagreement(self, move: Move) -> Tensor:
        """(B,), of moves."""
        return disagreement(self.forward([move] * len(self.heads)))

    def reward(self, move: Move, _latents: Tensor, _goals: Tensor) -> Tensor:
        """The same, as a reward of dreams."""
        return self.disagreement(move)

    def _one(self, head: nn.Module, move: Move) -> Tensor:
        condition = torch.cat([move.states, move.actions], dim=2).flatten(1)
        return move.latents[:, -1] + head(move.latents.flatten(1), condition)


@dataclass(frozen=True, eq=False)
class Moves:
    """Real moves with what was seen after them. `move`: of M frames. `seen`: (M, D)."""

    move: Move
    seen: Tensor

    def take(self, index: Tensor) -> Moves:
        """Those of an index (B,)."""
        return Moves(Move(*(part[index] for part in vars(self.move).values())), self.seen[index])


def real_moves(world: World, frames: Frames, latents: Tensor) -> Moves:
    """All moves of a dataset, with as much memory before them as the world model has; latents (N, D) of all frames.

    Raises:
        HomeError: no episode is long enough.
    """
    windows = frames.windows(world.history + 1)
    seen, last = torch.from_numpy(windows[:, :-1].copy()), windows[:, -2]
    state, action = (torch.from_numpy(part.astype(np.float32)) for part in (frames.state, frames.action))
    memory = Memory(latents[seen], state[seen], action[seen[:, :-1]])
    move = world.move(memory, frames.raw_action[last], frames.lens[last])
    return Moves(move, latents[torch.from_numpy(windows[:, -1].copy())])


def curiosity(world: World, moves: Moves) -> Tensor:
    """The world model's prediction error (M,) of real moves."""
    return prediction_error(world.predict(moves.move), moves.seen)


def learn_heads(
    moves: Moves,
    settings: EnsembleSettings,
    seed: int,
    log: Callable[[int, dict[str, float]], None] = lambda _step, _values: None,
) -> Heads:
    """Fits heads to real moves. They differ by their first weights and by the moves that each one draws."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        heads = Heads(settings.predictor, settings.heads, moves.move)
    optimiser = torch.optim.AdamW(heads.parameters(), lr=settings.lr)
    generator = torch.Generator().manual_seed(seed)
    for step in range(settings.steps):
        index = torch.randint(len(moves.seen), (settings.heads, settings.batch), generator=generator)
        parts = [moves.take(row) for row in index]
        losses = distance(heads([part.move for part in parts]), torch.stack([part.seen for part in parts]))
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(losses.mean(dim=1).sum())
        optimiser.step()
        if (step + 1) % 100 == 0:
            log(step + 1, {"heads_loss": float(losses.detach().mean())})
    return heads.eval()
