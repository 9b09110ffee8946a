"""Gradients of k micro-batches are those of one batch, for every model, encoder and regulariser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from train.config import resolve
from train.data import Batch
from train.models.config import ModelConfig, build
from train.objective import Objective, backward_through

SMALL = (
    "latent=8", "conv.width=8", "conv.hidden=16", "vit.width=16", "vit.depth=2", "vit.heads=2", "predictor.width=16",
    "predictor.depth=2", "sigreg.projections=16", "masks.min_keep=1",
)  # fmt: skip
KINDS = {
    "latent, sigreg": [],
    "latent, film": ["predictor.conditioning=film", "history=1"],
    "latent, vicreg": ["regulariser=vicreg"],
    "latent, ema": ["regulariser=ema"],
    "latent, none": ["regulariser=none"],
    "latent, vit": ["encoder=vit"],
    "latent, vit, vicreg": ["encoder=vit", "regulariser=vicreg"],
    "latent, vit, ema": ["encoder=vit", "regulariser=ema"],
    "latent, vit, none": ["encoder=vit", "regulariser=none"],
    "ijepa": ["name=ijepa"],
    "pairs": ["name=pairs"],
    "pairs, vit": ["name=pairs", "encoder=vit"],
}
ROWS, FRAMES, SIDE = 6, 5, 32


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Small tensors are done sooner by one thread, above all on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def random_batch(seed: int) -> Batch:
    generator = torch.Generator().manual_seed(seed)

    def drawn(*shape: int) -> torch.Tensor:
        return torch.randn(ROWS, FRAMES, *shape, generator=generator)

    index = torch.arange(ROWS * FRAMES).view(ROWS, FRAMES)
    return Batch(drawn(5, SIDE, SIDE), drawn(4), drawn(5), index)


def perturbed(overrides: list[str]) -> Objective:
    """A model away from its initial weights, where zeros would hide most gradients."""
    model = build(resolve(ModelConfig, None, [*SMALL, *overrides]), 5, (SIDE, SIDE), 4, 5, seed=0)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weights in model.parameters():
            weights.add_(0.1 * torch.randn(weights.shape, generator=generator))
    return model


def gradients(model: Objective, batch: Batch, micro_batches: int) -> tuple[dict[str, float], torch.Tensor]:
    model.zero_grad()
    losses = model.backward(batch, torch.Generator().manual_seed(2), micro_batches)
    grown = [weights.grad for weights in model.parameters() if weights.requires_grad]
    assert all(gradient is not None for gradient in grown)
    return losses, torch.cat([gradient.flatten() for gradient in grown])


@pytest.mark.parametrize("kind", KINDS)
def test_parts_add_up_to_the_batch(kind: str) -> None:
    model, batch = perturbed(KINDS[kind]), random_batch(3)
    losses, whole = gradients(model, batch, 1)
    assert float(whole.norm()) > 1e-3
    for parts in (2, 3, 7):
        in_parts, summed = gradients(model, batch, parts)
        assert float((summed - whole).norm()) < 1e-5 * float(whole.norm()), parts
        assert in_parts == pytest.approx(losses, rel=1e-5)


@pytest.mark.parametrize("kind", ["latent, sigreg", "ijepa", "pairs"])
def test_gradients_are_added_to_what_is_there(kind: str) -> None:
    model, batch = perturbed(KINDS[kind]), random_batch(4)
    _, once = gradients(model, batch, 2)
    model.backward(batch, torch.Generator().manual_seed(2), 2)
    twice = torch.cat([weights.grad.flatten() for weights in model.parameters() if weights.requires_grad])
    torch.testing.assert_close(twice, 2 * once)


@pytest.mark.parametrize("kind", ["latent, sigreg", "ijepa", "pairs, vit"])
def test_parts_in_bfloat16(kind: str) -> None:
    """The encoder's gradients are not lost by casts that were made without them."""
    model, batch = perturbed(KINDS[kind]), random_batch(5)
    _, exact = gradients(model, batch, 1)
    model.bf16 = True
    for parts in (1, 3):
        _, coarse = gradients(model, batch, parts)
        assert float((coarse - exact).norm()) < 0.1 * float(exact.norm()), parts


def test_a_loss_of_the_whole_batch_by_hand() -> None:
    """loss = (sum of w x)^2 couples all parts: its gradient is 2 (sum w x)(sum x)."""
    weight = torch.tensor([2.0], requires_grad=True)
    inputs = torch.tensor([[1.0], [2.0], [4.0]])
    losses = backward_through(lambda part: part * weight, inputs, lambda z: {"loss": z.sum().square()}, 3)
    assert losses == {"loss": 14.0**2}
    assert weight.grad.tolist() == [2 * 14.0 * 7.0]
