"""Gradients of k micro-batches are those of one batch, for every model, encoder and regulariser."""

from __future__ import annotations

import pytest
import torch

from tests.small_models import KINDS as SMALL_KINDS
from tests.small_models import perturbed, random_batch
from train.data import Batch
from train.objective import Objective, backward_through

KINDS = SMALL_KINDS | {
    "vit, vicreg": ["encoder=vit", "regulariser=vicreg"],
    "vit, ema": ["encoder=vit", "regulariser=ema"],
    "vit, none": ["encoder=vit", "regulariser=none"],
}

pytestmark = pytest.mark.usefixtures("one_thread")


def model_and_batch(kind: str, seed: int) -> tuple[Objective, Batch]:
    return perturbed(*KINDS[kind], planes=5), random_batch(seed, rows=6, frames=5, planes=5)


def gradients(model: Objective, batch: Batch, micro_batches: int) -> tuple[dict[str, float], torch.Tensor]:
    model.zero_grad()
    losses = model.backward(batch, torch.Generator().manual_seed(2), micro_batches)
    grown = [weights.grad for weights in model.parameters() if weights.requires_grad]
    assert all(gradient is not None for gradient in grown)
    return losses, torch.cat([gradient.flatten() for gradient in grown])


@pytest.mark.parametrize("kind", KINDS)
def test_parts_add_up_to_the_batch(kind: str) -> None:
    model, batch = model_and_batch(kind, 3)
    losses, whole = gradients(model, batch, 1)
    assert float(whole.norm()) > 1e-3
    for parts in (2, 3, 7):
        in_parts, summed = gradients(model, batch, parts)
        assert float((summed - whole).norm()) < 1e-5 * float(whole.norm()), parts
        assert in_parts == pytest.approx(losses, rel=1e-5)


@pytest.mark.parametrize("kind", ["sigreg", "ijepa", "pairs"])
def test_gradients_are_added_to_what_is_there(kind: str) -> None:
    model, batch = model_and_batch(kind, 4)
    _, once = gradients(model, batch, 2)
    model.backward(batch, torch.Generator().manual_seed(2), 2)
    twice = torch.cat([weights.grad.flatten() for weights in model.parameters() if weights.requires_grad])
    torch.testing.assert_close(twice, 2 * once)


@pytest.mark.parametrize("kind", ["sigreg", "ijepa", "pairs, vit"])
def test_parts_in_bfloat16(kind: str) -> None:
    """The encoder's gradients are not lost by casts that were made without them."""
    model, batch = model_and_batch(kind, 5)
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
