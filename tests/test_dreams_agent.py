"""Q-learning in latent form against value iteration; agents outlive their process and know their world model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from scenes.errors import HomeError
from train.dreams.agent import Agent, QNetwork, QSettings, Replay, learn, load_agent, save_agent
from train.dreams.rewards import Percentiles

RING, ACTIONS, GAMMA = 7, 3, 0.8
"""Places on a ring; an action goes back, stays, or goes on. What is paid is minus the way to the goal."""
SETTINGS = QSettings(width=64, depth=2, steps=700, batch=128, lr=3e-3, gamma=GAMMA, tau=0.05, scaling="none")

pytestmark = pytest.mark.usefixtures("one_thread")


def way(place: int, goal: int) -> int:
    return min((place - goal) % RING, (goal - place) % RING)


def optimal_values() -> np.ndarray:
    """(place, goal, action) by closed form: the shortest way is taken, and each step pays what is left of it."""
    values = np.zeros((RING, RING, ACTIONS))
    for place, goal, action in np.ndindex(values.shape):
        left = way((place + action - 1) % RING, goal)
        values[place, goal, action] = -sum(GAMMA**k * (left - k) for k in range(left))
    return values


def all_transitions() -> Replay:
    latents = torch.eye(RING)
    place, goal, action = (
        torch.from_numpy(part.reshape(-1)) for part in np.indices((RING, RING, ACTIONS)).astype(np.int64)
    )
    after = (place + action - 1) % RING
    rewards = torch.tensor([-float(way(int(a), int(g))) for a, g in zip(after, goal, strict=True)])
    nothing = torch.zeros(len(place), 4)
    return Replay(latents[place], nothing, latents[goal], action, rewards, latents[after], nothing)


@pytest.fixture(scope="module")
def network() -> QNetwork:
    return learn(all_transitions(), SETTINGS, seed=0, actions=ACTIONS)


def told(network: QNetwork) -> np.ndarray:
    latents = torch.eye(RING)
    place, goal = np.indices((RING, RING)).reshape(2, -1)
    with torch.no_grad():
        values = network(latents[place], torch.zeros(len(place), 4), latents[goal])
    return values.numpy().reshape(RING, RING, ACTIONS)


def test_values_are_those_of_the_closed_form(network: QNetwork) -> None:
    wanted = optimal_values()
    assert np.abs(told(network) - wanted).max() < 0.12 * np.abs(wanted).max()


def test_the_best_action_is_taken_everywhere(network: QNetwork) -> None:
    wanted, best = optimal_values(), told(network).argmax(axis=2)
    lost = wanted.max(axis=2) - np.take_along_axis(wanted, best[:, :, None], axis=2)[:, :, 0]
    assert lost.max() < 1e-9


def test_learning_repeats_by_its_seed() -> None:
    quick = SETTINGS.model_copy(update={"steps": 20})
    one, same, other = (learn(all_transitions(), quick, seed, actions=ACTIONS).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert any(not torch.equal(one[name], other[name]) for name in one)


def test_rewards_that_are_all_the_same_are_refused() -> None:
    replay = all_transitions()
    dull = Replay(**(vars(replay) | {"rewards": torch.ones(len(replay.rewards))}))
    with pytest.raises(HomeError, match="nothing can be learned"):
        learn(dull, SETTINGS, 0, actions=ACTIONS)


def test_agents_are_kept(network: QNetwork, tmp_path: Path) -> None:
    path = tmp_path / "agent.safetensors"
    agent = Agent(network, SETTINGS, Percentiles(-0.5, -0.1), 4.0, "a world", {"run": "r"})
    save_agent(path, agent)
    again = load_agent(path, world="a world")
    assert np.array_equal(told(again.network), told(network))
    assert (again.settings, again.percentiles, again.modulation, again.facts) == (
        SETTINGS, Percentiles(-0.5, -0.1), 4.0, {"run": "r"},
    )  # fmt: skip
    with pytest.raises(HomeError, match="cannot know the latents of another"):
        load_agent(path, world="another world")
