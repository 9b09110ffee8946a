"""Worlds whose consequences are known in closed form, to plan and learn in."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from sim.ptz import AXIS, Position
from train.dreams.play import Sight
from train.dreams.world import World, states_of, table_of
from train.preprocess import Preprocessing

LENS = np.array([[0.6, 0.6]])


class Linear:
    """A latent is (pan / 90 degrees, tilt / 90 degrees), and a move adds what it says; it sees nothing."""

    def encode(self, images: Tensor) -> Tensor:
        """Images whose first two numbers are the latent."""
        return images.flatten(1)[:, :2]

    def predict(self, latents: Tensor, states: Tensor, actions: Tensor) -> Tensor:
        """Actions end in pan / 180 degrees and tilt / 90 degrees."""
        return latents[:, -1] + actions[:, -1, 3:] * torch.tensor([2.0, 1.0])


def linear_world(history: int = 1) -> World:
    return World(Linear(), history, Preprocessing())


def sight(world: World, pan_deg: float, tilt_deg: float, goal: tuple[float, float]) -> Sight:
    """A camera at some angles, and goal angles, degrees."""
    latent = torch.tensor([[pan_deg, tilt_deg]]) / 90
    memory = world.begin(latent, states_of([pan_deg], [tilt_deg], [1.0]))
    here, truth = Position(pan_deg, tilt_deg), Position(*goal)
    return Sight(memory, torch.tensor([goal]) / 90, LENS, table_of(AXIS, 4.0), here, truth)
