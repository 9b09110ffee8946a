"""Plans: the cross-entropy method finds what is known to be best, and worlds imagine what their models say."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from scenes.errors import HomeError
from tests.dream_worlds import LENS, linear_world, sight
from train.config import resolve
from train.dreams.cem import CEMSettings, plan_continuous, plan_discrete
from train.dreams.players import CEMPlayer, FreeCEMPlayer, GreedyPlayer, OraclePlayer, RandomPlayer, plan_costs
from train.dreams.world import World, states_of
from train.models.config import ModelConfig, build
from train.models.latent import LatentWorldModel
from train.motion import PTZ, roll_out
from train.preprocess import Preprocessing

pytestmark = pytest.mark.usefixtures("one_thread")


@settings(max_examples=20)
@given(st.integers(0, 1000))
def test_continuous_plans_find_the_foot_of_a_bowl(seed: int) -> None:
    rng = np.random.default_rng(seed)
    limits = np.array([20.0, 12.0, 0.6])
    foot = rng.uniform(-0.9, 0.9, (4, 3)) * limits
    stretch = rng.uniform(0.5, 2.0, (4, 3)) / limits
    found = plan_continuous(
        lambda plans: (((plans - foot) * stretch) ** 2).sum(axis=(1, 2)),
        limits,
        CEMSettings(horizon=4, iterations=20, floor=0.0),
        rng,
    )
    assert np.abs(found - foot).max() < 0.02 * limits.max()
    assert (np.abs((found - foot) / limits) < 0.02).all()


def test_continuous_plans_stay_within_limits() -> None:
    limits = np.array([1.0, 2.0])
    found = plan_continuous(lambda plans: -plans.sum(axis=(1, 2)), limits, CEMSettings(), np.random.default_rng(0))
    assert (found > 0.85 * limits).all()
    assert (np.abs(found) <= limits).all()


@settings(max_examples=20)
@given(st.integers(0, 1000))
def test_discrete_plans_are_the_best_of_all(seed: int) -> None:
    """Costs of each move and of each pair of moves that follow each other, against all 6^4 plans."""
    rng = np.random.default_rng(seed)
    alone, pairs = rng.normal(size=(4, 6)), 0.3 * rng.normal(size=(3, 6, 6))

    def cost(plans: np.ndarray) -> np.ndarray:
        steps = sum(alone[k, plans[:, k]] for k in range(4))
        return steps + sum(pairs[k, plans[:, k], plans[:, k + 1]] for k in range(3))

    every = np.array(list(itertools.product(range(6), repeat=4)))
    found = plan_discrete(cost, 6, CEMSettings(horizon=4), rng)
    assert cost(found[None])[0] <= np.sort(cost(every))[2]


def test_plans_are_drawn_by_the_seed() -> None:
    def cost(plans: np.ndarray) -> np.ndarray:
        return np.sin(plans @ np.array([1.0, 2.0, 3.0, 4.0, 5.0]))

    one, same = (plan_discrete(cost, 21, CEMSettings(), np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(one, same)


def test_settings_that_keep_all_are_refused() -> None:
    with pytest.raises(HomeError, match="elites"):
        resolve(CEMSettings, None, ["samples=10", "elites=10"])


def test_plans_cross_a_linear_world() -> None:
    """44 degrees to the right and 12 up are two jumps, one long move and one jump up, in any order."""
    world = linear_world()
    goal = (44.0, -8.0)
    best = np.array([(20, 0, 0), (20, 0, 0), (4, 0, 0), (0, 12, 0), (0, 0, 0)], np.float64)
    seen = sight(world, 0.0, -20.0, goal)
    at_best = plan_costs(world, seen, np.array(list(itertools.permutations(best)))).min()
    chosen = plan_discrete(
        lambda plans: plan_costs(world, seen, seen.table[plans]), 21, CEMSettings(), np.random.default_rng(0)
    )
    assert plan_costs(world, seen, seen.table[chosen][None])[0] <= at_best * 1.02 + 1e-9


@pytest.mark.parametrize("name", ["greedy", "cem", "free", "oracle"])
def test_players_get_there_in_a_linear_world(name: str) -> None:
    world, goal = linear_world(history=2), (-33.0, 4.0)
    quick = CEMSettings(horizon=3, iterations=5)
    players = {
        "greedy": GreedyPlayer(world),
        "cem": CEMPlayer(world, quick),
        "free": FreeCEMPlayer(world, quick),
        "oracle": OraclePlayer(),
    }
    rng, here = np.random.default_rng(0), np.array([10.0, -30.0])
    for _ in range(14):
        raw = players[name].move(sight(world, *here, goal), rng)
        assert (np.abs(raw) <= np.abs(sight(world, 0, 0, goal).table).max(axis=0) + 1e-9).all()
        here = here + raw[:2]
    assert np.abs(here - goal).max() < 0.75


def test_random_players_give_each_action() -> None:
    seen, rng = sight(linear_world(), 0.0, 0.0, (0.0, 0.0)), np.random.default_rng(0)
    given_moves = {tuple(RandomPlayer().move(seen, rng)) for _ in range(400)}
    assert given_moves == {tuple(move) for move in seen.table}


@pytest.mark.parametrize("history", [1, 2, 3])
def test_worlds_imagine_what_their_model_rolls_out(history: int) -> None:
    config = ModelConfig(latent=8, history=history)
    model = build(config, 2, (16, 16), PTZ.state_dim, PTZ.action_dim, seed=0)
    assert isinstance(model, LatentWorldModel)
    for weights in model.parameters():  # predictors begin at 0 and would predict no change
        torch.nn.init.normal_(weights, std=0.1, generator=torch.Generator().manual_seed(weights.numel()))
    world, rng = World(model, history, Preprocessing()), np.random.default_rng(0)
    raw = rng.normal(size=(5, 4, 3)) * (20, 10, 0.5)
    lens = np.repeat(LENS, 5, axis=0)
    latents, states = torch.randn(5, 8), states_of(rng.uniform(-180, 180, 5), rng.uniform(-40, 0, 5), [1.5] * 5)
    memory, imagined = world.begin(latents, states), []
    for step in range(4):
        memory = world.imagine(memory, raw[:, step], lens)
        imagined.append(memory.latent)
    future, actions = roll_out("ptz", states.double().numpy(), raw, lens)
    with torch.no_grad():
        rolled = model.rollout(
            latents[:, None].expand(-1, history, -1),
            states[:, None].expand(-1, history, -1),
            torch.cat([torch.zeros(5, history - 1, PTZ.action_dim), torch.from_numpy(actions).float()], dim=1),
            torch.from_numpy(future[:, :-1]).float(),
        )
    assert torch.allclose(torch.stack(imagined, dim=1), rolled, atol=1e-5)
    assert torch.allclose(memory.state, torch.from_numpy(future[:, -1]).float(), atol=1e-6)
    costs = plan_costs(world, sight_of(world, latents[:1], states[:1]), raw[[0, 0, 0]])
    alone = [float((part - 0.3).square().mean()) for part in torch.stack(imagined, dim=1)[0]]
    assert costs == pytest.approx([np.mean(alone)] * 3, rel=1e-4)


def sight_of(world: World, latents: torch.Tensor, states: torch.Tensor) -> object:
    from dataclasses import replace

    seen = sight(world, 0.0, 0.0, (0.0, 0.0))
    return replace(seen, memory=world.begin(latents, states), goal=torch.full((1, latents.shape[1]), 0.3))
