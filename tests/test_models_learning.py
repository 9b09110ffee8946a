"""World models: that losses begin where theory puts them, and that they learn what actions do."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from sim.cli import app
from tests.small_models import KINDS, SIDE, moving_bars, random_batch, seeded, small, trained
from train.models.latent import LatentWorldModel

pytestmark = pytest.mark.usefixtures("one_thread")


# where losses begin


@pytest.mark.parametrize("kind", KINDS)
def test_initial_losses_lie_where_theory_puts_them(kind: str) -> None:
    alike = torch.zeros(4, 6, 3, SIDE, SIDE)
    for seed in range(4):
        for images in (random_batch(seed).images, random_batch(seed).images * 30, alike):
            model = small(*KINDS[kind], seed=seed)
            losses = model.backward(replace(random_batch(seed), images=images), seeded(seed))
            bounds = model.expected_initial()
            assert losses.keys() == bounds.keys()
            for name, (least, most) in bounds.items():
                assert least <= losses[name] <= most, (name, seed)


def test_initial_bounds_notice_a_wrong_start() -> None:
    """Latents that are 5 times too long, and predictions that are not 0, are out of bounds."""
    latent, masked, batch = small("latent=64"), small("name=ijepa"), random_batch(14)
    alike = replace(batch, images=batch.images[:1, :1].expand_as(batch.images))
    with torch.no_grad():
        latent.encoder.projector.last.weight.mul_(5)
        masked.predictor.last.weight.normal_(generator=seeded(0))
    for model, shown, name in (
        (latent, alike, "sigreg"),
        (latent, batch, "prediction_1"),
        (masked, batch, "prediction"),
    ):
        losses = model.backward(shown, seeded(0))
        assert losses[name] > model.expected_initial()[name][1], name


def test_initial_losses_follow_their_closed_forms() -> None:
    """Over seeds: latents have unit mean square, SIGReg is its mean over all directions, and predictions cost exactly
    the mean squared change."""
    energies, ratios = [], []
    for seed in range(16):
        model, batch = small("latent=64", "sigreg.projections=512", seed=seed), random_batch(seed, rows=8, frames=4)
        latents = model.encode(batch.images.flatten(0, 1))
        losses = model.backward(batch, seeded(seed))
        change = latents.view(8, 4, -1)
        assert losses["prediction_1"] == pytest.approx(
            float((change[:, 2:] - change[:, 1:-1]).square().mean()), rel=1e-4
        )
        assert losses["prediction_2"] == pytest.approx(float((change[:, 3] - change[:, 1]).square().mean()), rel=1e-4)
        energy = latents.double().square().mean(dim=1)
        apart = torch.cdist(latents.double(), latents.double()).square() / 64
        # along random directions differences are normal; E exp(-x^2 / 2) of x from N(0, v) is 1 / sqrt(1 + v)
        ends = (1 + apart).rsqrt().mean() - 2 * (2 + energy).rsqrt().mean() + 1 / math.sqrt(3)
        assert losses["sigreg"] == pytest.approx(float(ends), rel=0.15)
        energies.append(float(energy.mean()))
        ratios.append(losses["sigreg"] / float(ends))
    assert np.mean(energies) == pytest.approx(1.0, abs=5 * math.sqrt(2 / 64 / 16))
    assert max(energies) < 1 + 5 * math.sqrt(2 / 64)
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.03)


# that they learn


def test_it_learns_what_actions_do() -> None:
    """On new bars, true actions beat copying the last frame, and shuffled ones do not."""
    model = trained(small("latent=16", "predictor.width=64"), 120)
    assert isinstance(model, LatentWorldModel)
    batch = moving_bars(10**6, 256, frames=5)
    latents = model.encode(batch.images.flatten(0, 1)).view(256, 5, -1)
    order = torch.randperm(256, generator=seeded(1))

    def errors(actions: torch.Tensor) -> torch.Tensor:
        rolled = model.rollout(latents[:, :2], batch.state[:, :2], actions[:, :-1], batch.state[:, 2:-1])
        return (rolled - latents[:, 2:]).square().mean(dim=(0, 2))

    with torch.no_grad():
        copying = (latents[:, 1:2] - latents[:, 2:]).square().mean(dim=(0, 2))
        true, shuffled = errors(batch.action), errors(torch.cat([batch.action[:, :1], batch.action[order, 1:]], 1))
    assert (true < 0.5 * copying).all()
    assert (shuffled > copying).all()
    deviation = latents.flatten(0, 1).std(dim=0)
    assert float(deviation.min()) > 0.3


def test_without_regularisation_it_collapses() -> None:
    model, batch = small("regulariser=none"), moving_bars(10**6, 64)
    before = float(model.encode(batch.images.flatten(0, 1)).std(dim=0).mean())
    after = float(trained(model, 100).encode(batch.images.flatten(0, 1)).std(dim=0).mean())
    assert after < 0.1 * before


def test_bench_has_its_figures() -> None:
    result = CliRunner().invoke(app, ["bench", "train", "--json", "--steps", "2"])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)["figures"]
    rates = {f"images_per_s_{name}" for name in ("latent", "ijepa", "pairs")}
    assert figures.keys() == {*rates, "share_waiting", "batch_ms"}
    assert min(figures[name] for name in figures if name != "share_waiting") > 0
    assert 0 <= figures["share_waiting"] < 1
