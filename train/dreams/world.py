"""A world model to act in: what it remembers of a PTZ camera, and what it expects of moves.

Everything is batched: B cameras side by side. Moves are raw actions, (change of pan, of tilt, both degrees, of zoom).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from scenes.errors import HomeError
from sim.ptz import ACTIONS, PTZProfile, change
from train.motion import PTZ, Array

if TYPE_CHECKING:
    from train.preprocess import Preprocessing

Ints: TypeAlias = npt.NDArray[np.intp]


class Model(Protocol):
    """What is needed of a world model; `train.models.latent.LatentWorldModel` has it."""

    def encode(self, images: Tensor) -> Tensor:
        """(N, planes, H, W) -> latents (N, D)."""

    def predict(self, latents: Tensor, states: Tensor, actions: Tensor) -> Tensor:
        """Of `history` frames each, (N, h, D), (N, h, S), (N, h, A), the latent (N, D) that follows."""


@dataclass(frozen=True, eq=False)
class Memory:
    """The last h frames of B cameras, seen or imagined.

    `latents`: (B, h, D). `states`: (B, h, S). `actions`: (B, h - 1, A), what was told between them, encoded.
    """

    latents: Tensor
    states: Tensor
    actions: Tensor

    @property
    def latent(self) -> Tensor:
        """(B, D), of the last frame."""
        return self.latents[:, -1]

    @property
    def state(self) -> Tensor:
        """(B, S), of the last frame."""
        return self.states[:, -1]

    def take(self, index: Ints) -> Memory:
        """Those cameras (M,), in that order."""
        chosen = torch.from_numpy(index)
        return Memory(self.latents[chosen], self.states[chosen], self.actions[chosen])


@dataclass(frozen=True, eq=False)
class Move:
    """A move that B cameras are about to make: what a predictor is given.

    `latents`: (B, h, D). `states`: (B, h, S). `actions`: (B, h, A), the last one the move. `after`: (B, S), where it
    leads by kinematics.
    """

    latents: Tensor
    states: Tensor
    actions: Tensor
    after: Tensor


@dataclass(frozen=True, eq=False)
class World:
    """A world model of a PTZ camera.

    Attributes:
        model: what predicts.
        history: frames that a prediction starts from.
        preprocessing: what it sees of a frame.
        digest: sha256 of the file that it comes from.
        run: the id of the run that made it.
        dataset_hash: of what it learned from.
        dataset: the folder of that.
    """

    model: Model
    history: int
    preprocessing: Preprocessing
    digest: str = ""
    run: str = ""
    dataset_hash: str = ""
    dataset: str = ""

    def begin(self, latents: Tensor, states: Tensor) -> Memory:
        """What is remembered of cameras that have stood still: latents (B, D), states (B, S)."""
        still = torch.zeros(len(latents), self.history - 1, PTZ.action_dim)
        latents, states = (part[:, None].expand(-1, self.history, -1) for part in (latents, states))
        return Memory(latents, states, still)

    def move(self, memory: Memory, raw: Array, lens: Array) -> Move:
        """Raw moves (B, 3) of cameras with a lens (B, 2), see `train.motion.lens_of`."""
        state = memory.state.numpy().astype(np.float64)
        action, after = (_tensor(part) for part in (PTZ.action(state, raw, lens), PTZ.advance(state, raw)))
        return Move(memory.latents, memory.states, torch.cat([memory.actions, action[:, None]], dim=1), after)

    @torch.no_grad()
    def predict(self, move: Move) -> Tensor:
        """The latents (B, D) that are expected after a move."""
        return self.model.predict(move.latents, move.states, move.actions)

    def after(self, move: Move, latents: Tensor, states: Tensor | None = None) -> Memory:
        """What is remembered after a move: latents (B, D), seen or expected; states (B, S), else by kinematics."""
        states = move.after if states is None else states
        return Memory(
            torch.cat([move.latents[:, 1:], latents[:, None]], dim=1),
            torch.cat([move.states[:, 1:], states[:, None]], dim=1),
            move.actions[:, 1:],
        )

    def imagine(self, memory: Memory, raw: Array, lens: Array) -> Memory:
        """What would be remembered after raw moves (B, 3)."""
        move = self.move(memory, raw, lens)
        return self.after(move, self.predict(move))


def load_world(path: Path) -> World:
    """A world model from a run's folder or a checkpoint.

    Raises:
        HomeError: there is none, or one that does not predict what a PTZ camera's moves do.
    """
    from train.checkpoints import read_meta
    from train.models.latent import LatentWorldModel
    from train.world_model import MODEL_FILE, load_world_model

    file = path / MODEL_FILE if path.is_dir() else path
    model, meta = load_world_model(path), read_meta(file)
    if not isinstance(model, LatentWorldModel) or meta["motion"] != "ptz":
        raise HomeError(
            f"{path} does not predict what the moves of a PTZ camera do; train model.name=latent on `sim generate "
            "--policy random`"
        )
    folder, dataset_hash = next(iter(meta["datasets"].items()))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert model.preprocessing is not None
    return World(model, model.config.history, model.preprocessing, digest, meta["run"], dataset_hash, folder)


def table_of(profile: PTZProfile, modulation: float) -> Array:
    """The 21 actions as raw moves (21, 3) of a camera."""
    return np.array([change(action, profile, modulation) for action in ACTIONS])


def states_of(pan_deg: Sequence[float], tilt_deg: Sequence[float], zoom: Sequence[float]) -> Tensor:
    """States (B, S)."""
    return _tensor(PTZ.state(*(np.asarray(part, np.float64) for part in (pan_deg, tilt_deg, zoom))))


def _tensor(array: Array) -> Tensor:
    return torch.from_numpy(array.astype(np.float32))
