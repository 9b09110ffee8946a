"""Dreams: begun at real frames, the same by seed, kept with what they come from; a whole training of an agent."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import torch

from scenes.errors import HomeError
from sim.ptz import AXIS
from tests.views import MODULATION, make
from train.config import resolve
from train.data import Frames, load_frames
from train.dreams.agent import load_agent
from train.dreams.dreams import Dreams, Lineage, Starts, draw_starts, dream, load_dreams, random_policy, save_dreams
from train.dreams.ensemble import EnsembleSettings, curiosity, learn_heads, real_moves
from train.dreams.rewards import distance
from train.dreams.training import AGENT_FILE, DREAMS_FILE, REWARDS_FILE, AgentSettings, embed_frames, train_agent
from train.dreams.world import World, table_of
from train.models.config import ConvConfig, ModelConfig, PredictorConfig, build
from train.models.latent import LatentWorldModel
from train.motion import PTZ
from train.preprocess import Preprocessing
from train.runs import RunStore

REACH, STEPS, COUNT = 5, 4, 200

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Frames:
    place = tmp_path_factory.mktemp("data") / "set"
    make(place)
    return load_frames(place, Preprocessing(channels=("rgb",), size=(12, 12)))


@pytest.fixture(scope="module")
def world(frames: Frames) -> World:
    config = ModelConfig(latent=8, conv=ConvConfig(width=8, hidden=16), predictor=PredictorConfig(width=16, depth=1))
    model = build(config, 3, (12, 12), PTZ.state_dim, PTZ.action_dim, seed=0)
    assert isinstance(model, LatentWorldModel)
    for weights in model.predictor.parameters():
        torch.nn.init.normal_(weights, std=0.1, generator=torch.Generator().manual_seed(weights.numel()))
    return World(model.eval(), 2, frames.preprocessing, "digest of a world", dataset_hash=frames.dataset_hash)


@pytest.fixture(scope="module")
def latents(world: World, frames: Frames) -> torch.Tensor:
    return embed_frames(world, frames)


@pytest.fixture(scope="module")
def starts(frames: Frames, latents: torch.Tensor) -> Starts:
    return draw_starts(frames, latents, COUNT, REACH, MODULATION, np.random.default_rng(0))


def dreamt(world: World, starts: Starts, seed: int) -> Dreams:
    return dream(world, starts, random_policy, STEPS, np.random.default_rng(seed))


def same(one: Dreams, other: Dreams) -> bool:
    return all(torch.equal(getattr(one, part.name), getattr(other, part.name)) for part in fields(one))


def test_starts_are_real_and_goals_within_reach(frames: Frames, latents: torch.Tensor, starts: Starts) -> None:
    here, there = starts.number.numpy(), starts.goal_number.numpy()
    apart = frames.columns["step"][there] - frames.columns["step"][here]
    assert (frames.columns["episode"][here] == frames.columns["episode"][there]).all()
    assert set(np.abs(apart)) == set(range(1, REACH + 1))
    assert 0.3 < (apart > 0).mean() < 0.7
    assert torch.equal(starts.latents, latents[here])
    assert torch.equal(starts.goals, latents[there])
    assert np.allclose(starts.states.numpy(), frames.state[here])
    assert np.array_equal(starts.tables[0], table_of(AXIS, MODULATION))


def test_dreams_depend_on_the_seed_alone(world: World, starts: Starts) -> None:
    assert same(dreamt(world, starts, 1), dreamt(world, starts, 1))
    assert not torch.equal(dreamt(world, starts, 1).actions, dreamt(world, starts, 2).actions)


def test_dreams_are_what_the_world_expects(world: World, starts: Starts) -> None:
    found = dreamt(world, starts, 1)
    assert found.latents.shape == (COUNT, STEPS + 1, 8)
    assert torch.equal(found.latents[:, 0], starts.latents)
    assert set(found.actions.flatten().tolist()) == set(range(21))
    told = np.take_along_axis(starts.tables, found.actions[:, :, None].numpy(), axis=1)
    assert np.allclose(found.raw.numpy(), told)
    memory = world.begin(starts.latents, starts.states)
    for step in range(STEPS):
        memory = world.imagine(memory, told[:, step], starts.lens)
        assert torch.equal(found.latents[:, step + 1], memory.latent)
        assert torch.equal(found.states[:, step + 1], memory.state)
        assert torch.equal(found.rewards[:, step], -distance(memory.latent, starts.goals))


def test_dreams_are_kept(world: World, starts: Starts, frames: Frames, tmp_path: Path) -> None:
    found, path = dreamt(world, starts, 1), tmp_path / "dreams.safetensors"
    lineage = Lineage(frames.dataset_hash, world.digest, 1)
    save_dreams(path, found, lineage)
    again, said = load_dreams(path, world=world.digest)
    assert same(again, found)
    assert said == lineage
    save_dreams(tmp_path / "again", dreamt(world, starts, 1), lineage)
    assert (tmp_path / "again").read_bytes() == path.read_bytes()
    with pytest.raises(HomeError, match="dream anew"):
        load_dreams(path, world="another")
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    with pytest.raises(HomeError, match="damaged"):
        load_dreams(path)


def test_curiosity_is_the_error_of_one_step(world: World, frames: Frames, latents: torch.Tensor) -> None:
    moves = real_moves(world, frames, latents)
    windows = frames.windows(3)
    assert isinstance(world.model, LatentWorldModel)
    batch = frames.batch(windows)
    with torch.no_grad():
        told = world.model.predict(latents[windows[:, :2]], batch.state[:, :2], batch.action[:, :2])
    assert torch.allclose(curiosity(world, moves), distance(told, latents[windows[:, 2]]), atol=1e-6)


def test_heads_learn_and_come_to_agree(world: World, frames: Frames, latents: torch.Tensor) -> None:
    """They agree more where they were shown what happens than on moves ten times as large."""
    moves = real_moves(world, frames, latents)
    logged: list[float] = []
    settings = EnsembleSettings(heads=3, steps=400, batch=32)
    heads = learn_heads(moves, settings, 0, lambda _, values: logged.append(values["heads_loss"]))
    assert logged[-1] < 0.8 * float(distance(moves.move.latents[:, -1], moves.seen).mean())
    far = type(moves.move)(moves.move.latents + 3, moves.move.states, 10 * moves.move.actions, moves.move.after)
    assert heads.disagreement(far).mean() > 3 * heads.disagreement(moves.move).mean()
    again = learn_heads(moves, settings, 0)
    assert torch.equal(again.disagreement(far), heads.disagreement(far))


@pytest.mark.parametrize("reward", ["goal", "disagreement"])
def test_an_agent_is_trained(reward: str, world: World, frames: Frames, tmp_path: Path) -> None:
    quick = [
        f"reward={reward}", "dreams.count=50", "dreams.steps=3", "dreams.reach=4", "q.steps=30", "q.width=16",
        "q.batch=16", "ensemble.steps=20", "ensemble.heads=2",
    ]  # fmt: skip
    settings = resolve(AgentSettings, None, quick)
    learned = []
    for name in ("one", "two"):
        with RunStore(tmp_path / name).begin("agent", name, settings, datasets={}, seeds={"seed": 0}) as run:
            learned.append((train_agent(world, frames, frames, settings, run), run))
    (one, run), (two, other) = learned
    assert one.figures == two.figures
    for name in (AGENT_FILE, DREAMS_FILE, REWARDS_FILE):
        assert name in {artifact["path"] for artifact in run.info.artifacts()}
    assert (run.folder / DREAMS_FILE).read_bytes() == (other.folder / DREAMS_FILE).read_bytes()
    dreams, lineage = load_dreams(run.folder / DREAMS_FILE)
    assert len(dreams) == settings.dreams.rounds * 50
    assert lineage == Lineage(frames.dataset_hash, world.digest, 0)
    said = json.loads((run.folder / REWARDS_FILE).read_bytes())
    assert set(said) == {"prediction_error", "disagreement", "reward", "reward_scaled"}
    assert said["reward_scaled"]["percentiles"]["5"] == pytest.approx(0, abs=1e-9)
    assert said["reward_scaled"]["percentiles"]["95"] == pytest.approx(1)
    weights = load_agent(run.folder / AGENT_FILE, world=world.digest).network.state_dict()
    assert all(torch.equal(weights[name], value) for name, value in one.agent.network.state_dict().items())
