"""SIGReg and VICReg: against numerical integration, closed forms and numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from train.models.sigreg import epps_pulley, expected_statistic, sigreg
from train.models.vicreg import covariance_loss, variance_loss

ONE_DRAW = 1 - 1 / math.sqrt(3)


pytestmark = pytest.mark.usefixtures("one_thread")


def drawn(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def integrated(samples: np.ndarray) -> float:
    """The statistic by adaptive quadrature of its definition."""

    def integrand(t: float) -> float:
        distance = abs(np.exp(1j * t * samples).mean() - math.exp(-t * t / 2)) ** 2
        return distance * math.exp(-t * t / 2) / math.sqrt(2 * math.pi)

    return quad(integrand, -12, 12, limit=400)[0]


@given(seed=st.integers(0, 1000), count=st.integers(1, 40), scale=st.floats(0, 3), shift=st.floats(-3, 3))
@settings(max_examples=100)
def test_statistic_is_its_integral(seed: int, count: int, scale: float, shift: float) -> None:
    samples = drawn(seed, count, 2) * scale + shift
    assume(float(np.ptp(samples.numpy(), axis=0).max()) <= 15)
    expected = [integrated(column) for column in samples.T.numpy()]
    np.testing.assert_allclose(epps_pulley(samples).numpy(), expected, rtol=0, atol=1e-5)


def test_statistic_of_one_number_is_known() -> None:
    """All samples at m: 1 - sqrt(2) exp(-m^2 / 4) + 1 / sqrt(3)."""
    places = torch.tensor([0.0, 0.5, 2.0, 6.0], dtype=torch.float64)
    expected = 1 - math.sqrt(2) * torch.exp(-places.square() / 4) + 1 / math.sqrt(3)
    torch.testing.assert_close(epps_pulley(places.expand(7, 4)), expected, atol=2e-6, rtol=0)


@pytest.mark.parametrize(
    ("samples", "variance", "correlation"), [(8, 1.0, 0.0), (64, 1.0, 0.0), (8, 1.0, 0.7), (8, 2.0, 0.2), (8, 0.5, 1.0)]
)
def test_expected_statistic_is_the_mean_of_many(samples: int, variance: float, correlation: float) -> None:
    trials = 10_000
    shared, own = drawn(1, 1, trials), drawn(2, samples, trials)
    values = math.sqrt(variance) * (math.sqrt(correlation) * shared + math.sqrt(1 - correlation) * own)
    found = epps_pulley(values)
    error = float(found.std()) / math.sqrt(trials)
    assert float(found.mean()) == pytest.approx(expected_statistic(samples, variance, correlation), abs=5 * error)


def test_expected_statistic_has_the_ends_that_theory_names() -> None:
    assert expected_statistic(256) == pytest.approx(ONE_DRAW / 256)
    assert expected_statistic(256, correlation=1.0) == pytest.approx(ONE_DRAW)
    assert expected_statistic(math.inf) == pytest.approx(0.0, abs=1e-12)


def test_normal_latents_pass_and_others_do_not() -> None:
    count, width = 1024, 16
    normal = drawn(3, count, width)
    uniform = (torch.rand(count, width, generator=torch.Generator().manual_seed(4)).double() - 0.5) * math.sqrt(12)
    others = {
        "collapsed": torch.zeros(count, width, dtype=torch.float64),
        "one line": normal[:, :1].expand(-1, width),
        "shrunk": normal * 0.5,
        "shifted": normal + 0.5,
        "two clusters": normal * 0.1 + normal[:, :1].sign(),
    }

    def measured(latents: torch.Tensor) -> float:
        return float(sigreg(latents, 256, torch.Generator().manual_seed(0)))

    at_best = expected_statistic(count)
    assert measured(normal) == pytest.approx(at_best, rel=0.5)
    for name, latents in others.items():
        assert measured(latents) > 20 * at_best, name
    # along random directions sums of uniform numbers are nearly normal: what tells them apart is one axis by itself
    assert float(epps_pulley(uniform).mean()) > 5 * float(epps_pulley(normal).mean())


def test_descent_on_sigreg_makes_latents_normal() -> None:
    latents = (drawn(5, 256, 4) * 0.1 + 1).requires_grad_()
    generator = torch.Generator().manual_seed(0)
    optimiser = torch.optim.Adam([latents], lr=0.05)
    for _ in range(200):
        optimiser.zero_grad()
        sigreg(latents, 16, generator).backward()
        optimiser.step()
    covariance = torch.cov(latents.detach().T)
    torch.testing.assert_close(covariance, torch.eye(4, dtype=torch.float64), atol=0.15, rtol=0)
    assert float(latents.detach().mean(dim=0).abs().max()) < 0.1


def test_directions_are_drawn_anew_and_by_the_generator() -> None:
    latents, generator = drawn(6, 32, 8) * 2, torch.Generator().manual_seed(7)
    first, second = float(sigreg(latents, 4, generator)), float(sigreg(latents, 4, generator))
    assert first != second
    assert float(sigreg(latents, 4, torch.Generator().manual_seed(7))) == first


@given(seed=st.integers(0, 1000))
def test_sigreg_knows_neither_order_nor_sign(seed: int) -> None:
    """Shuffled latents have the same statistic; mirrored ones have, since the target is even."""
    latents = drawn(seed, 24, 6) + 0.3
    order = torch.randperm(24, generator=torch.Generator().manual_seed(seed))

    def measured(values: torch.Tensor) -> float:
        return float(sigreg(values, 16, torch.Generator().manual_seed(seed)))

    assert measured(latents[order]) == pytest.approx(measured(latents), rel=1e-10)
    assert measured(-latents) == pytest.approx(measured(latents), rel=1e-10)


def test_vicreg_by_hand() -> None:
    """Numbers 0, 2 and 0, 4 and 3, 3: variances 1, 4, 0; the only covariance is 2, both ways round."""
    latents = torch.tensor([[0.0, 0.0, 3.0], [2.0, 4.0, 3.0]], dtype=torch.float64)
    assert float(variance_loss(latents)) == pytest.approx((0 + 0 + (1 - math.sqrt(1e-4))) / 3)
    assert float(covariance_loss(latents)) == pytest.approx(2 * 2**2 / 3)


def test_vicreg_bounds() -> None:
    normal = drawn(8, 50_000, 5)
    assert float(variance_loss(normal)) < 0.01
    assert float(covariance_loss(normal)) < 0.01
    assert float(variance_loss(torch.zeros(9, 5))) == pytest.approx(0.99)
    assert float(covariance_loss(torch.zeros(9, 5))) == 0.0
