"""I-JEPA: masks, what is predicted from what, and the slow encoder."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from scenes.errors import HomeError
from tests.small_models import seeded
from train.config import resolve
from train.models.config import EmaConfig, MaskConfig, ModelConfig
from train.models.ema import momentum_at
from train.models.ijepa import MaskedImageModel
from train.models.masks import Masks, block_size, draw_blocks, draw_masks

SMALL = ("name=ijepa", "vit.width=16", "vit.depth=2", "vit.heads=2", "vit.patch=4", "masks.min_keep=4")


pytestmark = pytest.mark.usefixtures("one_thread")


def small_model(*overrides: str, seed: int = 0) -> MaskedImageModel:
    torch.manual_seed(seed)
    return MaskedImageModel(resolve(ModelConfig, None, [*SMALL, *overrides]), 3, (32, 32))


def rectangles(patches: torch.Tensor, columns: int) -> torch.Tensor:
    """Height and width of the box around patches (..., m)."""
    rows, across = patches // columns, patches % columns
    return torch.stack([values.amax(-1) - values.amin(-1) + 1 for values in (rows, across)], dim=-1)


@given(seed=st.integers(0, 10_000), rows=st.integers(8, 14), columns=st.integers(8, 14))
@settings(max_examples=60)
def test_masks_are_what_the_paper_says(seed: int, rows: int, columns: int) -> None:
    config, images = MaskConfig(), 6
    masks = draw_masks(config, (rows, columns), images, seeded(seed))
    assert masks.targets.shape[:2] == (images, config.targets)
    hidden = masks.targets.shape[2]
    for name, patches in (("targets", masks.targets), ("context", masks.context)):
        assert ((patches >= 0) & (patches < rows * columns)).all(), name
    boxes = rectangles(masks.targets, columns)
    assert (boxes == boxes[0, 0]).all(), "one size per batch"
    assert int(boxes[0, 0].prod()) == hidden, "blocks have no holes"
    height, width = boxes[0, 0].tolist()
    # rounding moves each side by half a patch at most
    least, most = (math.sqrt(share * rows * columns) for share in config.target_scale)
    assert least * math.sqrt(config.target_aspect[0]) - 0.5 <= height <= most * math.sqrt(config.target_aspect[1]) + 0.5
    assert least / math.sqrt(config.target_aspect[1]) - 0.5 <= width <= most / math.sqrt(config.target_aspect[0]) + 0.5
    for image in range(images):
        seen = masks.context[image].tolist()
        assert seen == sorted(set(seen)), "each patch once, in order"
        assert not set(seen) & set(masks.targets[image].flatten().tolist()), "what is asked for is not shown"
        assert config.min_keep <= len(seen) <= rows * columns - hidden


def test_contexts_are_cut_to_the_smallest_at_random() -> None:
    """Which patches fall away says nothing about where they are: no row of patches is seen less than its mirror."""
    config = MaskConfig()
    count = torch.zeros(8, 8)
    for seed in range(300):
        masks = draw_masks(config, (8, 8), 32, seeded(seed))
        count.view(-1).scatter_add_(0, masks.context.flatten(), torch.ones(masks.context.numel()))
    shares = count / count.sum()
    assert float((shares - shares.flip(0)).abs().max()) < 0.15 / 64
    assert float((shares - shares.flip(1)).abs().max()) < 0.15 / 64


def test_scale_and_aspect_are_drawn_evenly() -> None:
    """On a grid so fine that rounding does not count: mean and deviation of even distributions."""
    generator = seeded(0)
    sizes = torch.tensor([block_size((0.15, 0.2), (0.75, 1.5), (1000, 1000), generator) for _ in range(4000)]).double()
    share, aspect = sizes.prod(dim=1) / 1e6, sizes[:, 0] / sizes[:, 1]
    for values, low, high in ((share, 0.15, 0.2), (aspect, 0.75, 1.5)):
        deviation = (high - low) / math.sqrt(12)
        assert float(values.mean()) == pytest.approx((low + high) / 2, abs=5 * deviation / math.sqrt(len(values)))
        assert float(values.std()) == pytest.approx(deviation, rel=0.05)
        assert ((values > low - 2e-3) & (values < high + 2e-3)).all()


def test_places_of_blocks_are_drawn_evenly() -> None:
    corners = draw_blocks((3, 2), (8, 8), 42_000, seeded(1))[:, 0]
    counts = torch.bincount(corners, minlength=64).view(8, 8)
    assert int(counts[:6, :7].sum()) == 42_000
    chi_square = float(((counts[:6, :7] - 1000).double().square() / 1000).sum())
    assert chi_square < 41 + 5 * math.sqrt(2 * 41)


def test_masks_that_leave_too_little_are_refused() -> None:
    with pytest.raises(HomeError, match=r"fewer than 60 of 8x8 patches.*masks\.min_keep"):
        draw_masks(MaskConfig(min_keep=60), (8, 8), 2, seeded(0))


def test_prediction_looks_at_the_context_alone() -> None:
    """Pixels outside of the context change no prediction; pixels inside do."""
    model = small_model()
    torch.nn.init.normal_(model.predictor.last.weight)
    masks = draw_masks(model.config.masks, (8, 8), 1, seeded(0))
    images = torch.randn(1, 3, 32, 32, generator=seeded(1))

    def predicted(changed: int | None) -> torch.Tensor:
        shown = images.clone()
        if changed is not None:
            row, column = divmod(changed, 8)
            shown[..., 4 * row : 4 * row + 4, 4 * column : 4 * column + 4] += 1
        return model.predictor(model.encoder(shown, masks.context), masks)

    seen = set(masks.context[0].tolist())
    for patch in range(0, 64, 3):
        assert torch.equal(predicted(patch), predicted(None)) == (patch not in seen)


def test_each_target_is_predicted_by_itself() -> None:
    """Another order of the targets only puts the predictions in another order."""
    model = small_model()
    torch.nn.init.normal_(model.predictor.last.weight)
    masks = draw_masks(model.config.masks, (8, 8), 2, seeded(3))
    tokens = torch.randn(2, masks.context.shape[1], 16, generator=seeded(4))
    order = [2, 0, 3, 1]
    turned = model.predictor(tokens, Masks(masks.context, masks.targets[:, order]))
    torch.testing.assert_close(turned, model.predictor(tokens, masks)[:, order])


def test_loss_is_smooth_l1_to_normalised_tokens() -> None:
    """Before training predictions are 0, so the loss is the mean smooth L1 norm of the targets."""
    model = small_model()
    images = torch.randn(5, 3, 32, 32, generator=seeded(5))
    masks = draw_masks(model.config.masks, (8, 8), 5, seeded(6))
    tokens = functional.layer_norm(model.target(images), (16,))
    expected = []
    for image in range(5):
        for block in masks.targets[image]:
            size = tokens[image, block].abs()
            expected.append(torch.where(size < 1, size.square() / 2, size - 0.5).mean())
    torch.testing.assert_close(model._loss(images, masks), torch.stack(expected).mean())


def test_momentum_goes_from_end_to_end() -> None:
    config = EmaConfig()
    momenta = [momentum_at(config, step, 1000) for step in range(1, 1001)]
    assert momenta[0] == 0.996
    assert momenta[-1] == 1.0
    assert all(later - earlier == pytest.approx(0.004 / 999) for earlier, later in itertools.pairwise(momenta))
    assert momentum_at(config, 1, 1) == 0.996


def test_slow_encoder_follows_by_its_momentum() -> None:
    """Constant weights: after k steps at momentum m the gap is m^k of what it was; gradients never reach it."""
    model = small_model("ema.start=0.9", "ema.end=0.9")
    before = [weights.clone() for weights in model.target.parameters()]
    with torch.no_grad():
        for weights in model.encoder.parameters():
            weights.add_(1.0)
    for step in range(1, 4):
        model.after_step(step, 100)
    for old, new in zip(before, model.target.parameters(), strict=True):
        torch.testing.assert_close(new - old, torch.full_like(old, 1 - 0.9**3))
    assert not any(weights.requires_grad for weights in model.target.parameters())
