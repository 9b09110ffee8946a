"""World models: what they predict, from what, and what holds of every kind of them."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from scenes.errors import HomeError
from tests.small_models import KINDS, perturbed, random_batch, seeded, small
from train.config import resolve
from train.data import Batch
from train.models.config import ModelConfig, PredictorConfig, ViTConfig, build
from train.models.encoders import ViT, place_codes
from train.models.latent import LatentWorldModel
from train.models.pairs import PairModel, relative_position
from train.models.predictor import AdaLNBlock, ConditionedMLP
from train.motion import PTZ

pytestmark = pytest.mark.usefixtures("one_thread")


def latent_model(*overrides: str) -> LatentWorldModel:
    model = perturbed(*overrides)
    assert isinstance(model, LatentWorldModel)
    return model


# what is predicted from what


@pytest.mark.parametrize("history", [1, 2, 3])
def test_rollout_is_one_prediction_after_another(history: int) -> None:
    model, steps = latent_model(f"history={history}"), 4
    batch = random_batch(2, frames=history + steps)
    seen = model.encode(batch.images[:, :history].flatten(0, 1)).view(4, history, -1)
    rolled = model.rollout(seen, batch.state[:, :history], batch.action[:, :-1], batch.state[:, history:-1])
    assert rolled.shape == (4, steps, 8)
    frames = list(seen.unbind(1))
    for step in range(steps):
        now = slice(step, step + history)
        frames.append(model.predict(torch.stack(frames[now], 1), batch.state[:, now], batch.action[:, now]))
        assert torch.equal(rolled[:, step], frames[-1])
        again = model.rollout(
            seen,
            batch.state[:, :history],
            batch.action[:, : history + step],
            batch.state[:, history : history + step],
        )
        torch.testing.assert_close(again, rolled[:, : step + 1])


@pytest.mark.parametrize(("history", "frames"), [(1, 3), (2, 4), (2, 7), (3, 6)])
def test_prediction_losses_are_those_of_a_loop(history: int, frames: int) -> None:
    model, batch = latent_model(f"history={history}", "regulariser=none"), random_batch(3, frames=frames)
    latents = model.encode(batch.images.flatten(0, 1)).view(4, frames, -1)
    errors: dict[int, list[torch.Tensor]] = {1: [], 2: []}
    for first in range(frames - history):
        ahead = min(2, frames - history - first)
        last = first + history
        rolled = model.rollout(
            latents[:, first:last],
            batch.state[:, first:last],
            batch.action[:, first : last + ahead - 1],
            batch.state[:, last : last + ahead - 1],
        )
        for step in range(ahead):
            errors[step + 1].append((rolled[:, step] - latents[:, last + step]).square().mean())
    losses = model.backward(batch, seeded(0))
    for step, found in errors.items():
        assert losses[f"prediction_{step}"] == pytest.approx(torch.stack(found).mean().item(), rel=1e-5)
    assert losses["loss"] == pytest.approx(losses["prediction_1"] + losses["prediction_2"])


def test_ema_targets_come_from_the_slow_encoder() -> None:
    model, batch = latent_model("regulariser=ema"), random_batch(4)
    before = model.backward(batch, seeded(0))
    with torch.no_grad():
        for weights in model.target.parameters():
            weights.zero_()
    latents = model.encode(batch.images.flatten(0, 1)).view(4, 6, -1)
    runs = [slice(first, first + 2) for first in range(4)]
    predicted = [model.predict(latents[:, run], batch.state[:, run], batch.action[:, run]) for run in runs]
    after = model.backward(batch, seeded(0))
    assert after["prediction_1"] == pytest.approx(torch.stack(predicted).square().mean().item(), rel=1e-5)
    assert after["prediction_1"] != before["prediction_1"]
    assert all(weights.grad is None for weights in model.target.parameters())


def test_sigreg_has_no_stop_gradient_and_ema_has() -> None:
    """The frame that is only ever a target moves the encoder of the one, not of the other."""
    for regulariser, moves in (("none", True), ("ema", False)):
        model = latent_model(f"regulariser={regulariser}")
        batch = random_batch(5, frames=4)
        seen: list[torch.Tensor] = []
        kept = model.encoder.projector.norm.register_forward_hook(lambda *args, seen=seen: _note(args[2], seen))
        model.backward(batch, seeded(0))
        kept.remove()
        last_frame = seen[0].view(4, 4, -1)[:, 3]
        assert bool((last_frame != 0).any()) == moves


def _note(hidden: torch.Tensor, seen: list[torch.Tensor]) -> None:
    """Keep the gradient that will reach a layer's output."""
    hidden.register_hook(seen.append)


def test_pairs_are_all_ordered_pairs_of_a_window() -> None:
    model, batch = perturbed("name=pairs"), random_batch(6, rows=3, frames=4)
    assert isinstance(model, PairModel)
    latents = model.encode(batch.images.flatten(0, 1)).view(3, 4, -1)
    targets = functional.layer_norm(model.target(batch.images.flatten(0, 1)), (8,)).view(3, 4, -1)
    losses = [
        functional.smooth_l1_loss(
            model.predict(latents[row, i][None], batch.state[row, i][None], batch.state[row, j][None])[0],
            targets[row, j],
        )
        for row in range(3)
        for i, j in itertools.product(range(4), repeat=2)
        if i != j
    ]
    assert len(losses) == 3 * 4 * 3
    assert model.backward(batch, seeded(0))["loss"] == pytest.approx(torch.stack(losses).mean().item(), rel=1e-5)


@given(pan=st.floats(-180, 180), turn=st.floats(-179, 179), tilts=st.tuples(st.floats(-90, 90), st.floats(-90, 90)))
def test_what_lies_between_positions_does_not_depend_on_north(
    pan: float, turn: float, tilts: tuple[float, float]
) -> None:
    pans, zooms = np.array([pan, pan + turn]), np.array([1.5, 3.0])
    states = torch.from_numpy(PTZ.state(pans, np.array(tilts), zooms))
    found = relative_position(states[:1], states[1:])[0]
    angle = math.radians(turn)
    expected = [math.sin(angle), math.cos(angle), (tilts[1] - tilts[0]) / 90, math.log(2)]
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-9)


# networks


@given(seed=st.integers(0, 100))
@settings(max_examples=10)
def test_order_of_rows_does_not_matter(seed: int) -> None:
    model, batch = latent_model(), random_batch(seed)
    order = torch.randperm(4, generator=seeded(seed))
    shuffled = Batch(batch.images[order], batch.state[order], batch.action[order], batch.index[order])
    assert model.backward(shuffled, seeded(0)) == pytest.approx(model.backward(batch, seeded(0)), rel=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_embeddings_are_of_one_image_each(kind: str) -> None:
    """Alone, among others, in another order, while training or not: the same, up to rounding."""
    model, images = small(*KINDS[kind]), random_batch(7).images.flatten(0, 1)
    together = model.encode(images)
    assert together.shape == (24, model.latent)
    assert together.dtype == torch.float32
    alone = torch.cat([model.eval().encode(image[None]) for image in images])
    torch.testing.assert_close(alone, together, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(model.encode(images.flip(0)).flip(0), together, atol=1e-5, rtol=1e-4)
    assert float((together[0] - together[1]).abs().max()) > 1e-3


@pytest.mark.parametrize("size", [(64, 64), (96, 96), (96, 72)])
def test_encoders_take_the_sizes_that_are_promised(size: tuple[int, int]) -> None:
    for encoder in ("conv", "vit"):
        model = build(ModelConfig(encoder=encoder), 5, size, 4, 5, seed=0)
        assert model.encode(torch.zeros(2, 5, size[1], size[0])).shape == (2, ModelConfig().latent)
        assert sum(weights.numel() for weights in model.encoder.parameters()) <= 1.2e6


def test_kept_patches_are_all_that_a_vit_sees() -> None:
    torch.manual_seed(0)
    vit = ViT(ViTConfig(patch=8, width=16, depth=2, heads=2), 3, (32, 16))
    assert vit.grid == (2, 4)
    images = torch.randn(2, 3, 16, 32, generator=seeded(8))
    order = torch.tensor([[5, 0, 7, 2, 1, 3, 4, 6]]).expand(2, -1)
    everything = vit(images)
    torch.testing.assert_close(vit(images, order), everything[:, order[0]])
    blanked = images.clone()
    blanked[:, :, 8:] = 9.0  # the lower row of patches, 4..7
    upper = torch.arange(4).expand(2, -1)
    assert torch.equal(vit(blanked, upper), vit(images, upper))
    assert not torch.allclose(vit(images, upper), everything[:, :4])


def test_places_are_told_apart() -> None:
    codes = place_codes((12, 12), 128)
    assert codes.shape == (144, 128)
    assert float((torch.cdist(codes, codes) + 9 * torch.eye(144)).min()) > 0.5


def test_adaln_block_begins_as_identity_and_a_predictor_at_zero() -> None:
    x, condition = torch.randn(5, 8, generator=seeded(9)), torch.randn(5, 8, generator=seeded(10))
    assert torch.equal(AdaLNBlock(8)(x, condition), x)
    for conditioning in ("adaln", "film"):
        network = ConditionedMLP(PredictorConfig(width=8, conditioning=conditioning), 8, 8, 3)
        assert torch.equal(network(x, condition), torch.zeros(5, 3))


@pytest.mark.parametrize("kind", KINDS)
def test_equal_seeds_give_equal_bits(kind: str) -> None:
    """Weights, losses and gradients; and building draws nothing from the global generator."""
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, second, other = small(*KINDS[kind]), small(*KINDS[kind]), small(*KINDS[kind], seed=1)
    assert torch.equal(torch.rand(3), expected)
    batch = random_batch(11)
    assert first.backward(batch, seeded(0)) == second.backward(batch, seeded(0))
    for one, two in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(one, two)
        assert one.grad is None or torch.equal(one.grad, two.grad)
    assert any(not torch.equal(a, b) for a, b in zip(first.parameters(), other.parameters(), strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_state_dict_is_all_there_is(kind: str) -> None:
    model, batch = small(*KINDS[kind]), random_batch(12)
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    for step in range(1, 4):
        optimiser.zero_grad()
        model.backward(batch, seeded(step))
        optimiser.step()
        model.after_step(step, 10)
    loaded = small(*KINDS[kind], seed=99)
    loaded.load_state_dict(model.state_dict())
    assert torch.equal(loaded.encode(batch.images.flatten(0, 1)), model.encode(batch.images.flatten(0, 1)))
    for each in (model, loaded):
        each.zero_grad()
    assert loaded.backward(batch, seeded(0)) == model.backward(batch, seeded(0))
    assert all(tensor.is_contiguous() for tensor in model.state_dict().values())


def test_bfloat16_is_near_float32() -> None:
    model, images = small(), random_batch(13).images.flatten(0, 1)
    exact = model.encode(images)
    model.bf16 = True
    coarse = model.encode(images)
    assert coarse.dtype == torch.float32
    assert 0 < float((coarse - exact).norm() / exact.norm()) < 0.03


def test_models_that_cannot_be_are_refused() -> None:
    with pytest.raises(HomeError, match="ijepa predicts patches"):
        resolve(ModelConfig, None, ["name=ijepa", "encoder=conv"])
    with pytest.raises(HomeError, match="does not divide into 3 heads"):
        resolve(ModelConfig, None, ["vit.heads=3"])
    with pytest.raises(HomeError, match="70x64 do not divide into patches of 8"):
        build(ModelConfig(encoder="vit"), 5, (70, 64), 4, 5, seed=0)
    with pytest.raises(HomeError, match="needs the positions of a PTZ camera"):
        build(ModelConfig(name="pairs"), 5, (64, 64), 1, 3, seed=0)
