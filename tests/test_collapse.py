"""Alarms: silent on healthy embeddings, loud on each way to collapse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small_models import moving_bars, small, trained
from train.evaluate.collapse import judge_collapse, mean_cosine

pytestmark = pytest.mark.usefixtures("one_thread")


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(8, 200), st.integers(300, 1500), st.floats(1e-3, 1e3), st.floats(0, 1.0))
def test_silent_on_gaussians(seed, dimension, count, scale, offset):
    rng = np.random.default_rng(seed)
    deviations = rng.uniform(0.3, 1.0, dimension)
    embedding = scale * (rng.normal(size=(count, dimension)) * deviations + offset * deviations)
    found = judge_collapse(embedding)
    assert found.alarms == {}
    assert found.rankme > dimension / 3
    assert found.deviations == pytest.approx(embedding.std(axis=0))


def gaussian(count=600, dimension=64, seed=0):
    return np.random.default_rng(seed).normal(size=(count, dimension))


@pytest.mark.parametrize(
    ("embedding", "alarms"),
    [
        (np.full((500, 64), 0.3), {"constant", "rank", "dominant", "dead", "cosine"}),
        (np.zeros((500, 64)), {"constant", "rank", "dominant", "dead"}),
        (0.3 + 1e-4 * gaussian(), {"constant", "cosine"}),
        (gaussian()[:, :1] * gaussian(1), {"rank", "dominant"}),
        (gaussian() * np.array([20.0] + [1.0] * 63), {"dominant"}),
        (gaussian() * np.array([1.0] * 3 + [1e-6] * 61), {"rank", "dead"}),
        (gaussian() * np.array([1.0] * 40 + [0.0] * 24), {"dead"}),
        (gaussian() + 8.0, {"cosine"}),
    ],
    ids=["constant", "zero", "noise on a constant", "rank 1", "one dimension", "3 alive", "a third dead", "one way"],
)
def test_loud_on_each_way_to_collapse(embedding, alarms):
    assert set(judge_collapse(embedding).alarms) == alarms


def test_what_an_alarm_says_has_the_figure_and_the_limit():
    found = judge_collapse(gaussian() * np.array([1.0] * 3 + [1e-6] * 61))
    assert found.alarms["rank"] == "RankMe is 3.0, below 6.4, a tenth of 64 dimensions"


def test_rankme_of_known_spectra():
    # columns that are orthogonal, centred, and of chosen lengths: the singular values are those lengths
    waves = np.stack([np.cos(2 * np.pi * k * np.arange(240) / 240) for k in range(1, 5)], axis=1)
    lengths = np.array([8.0, 4.0, 2.0, 2.0])
    shares = lengths / lengths.sum()
    found = judge_collapse(waves * lengths + 5.0)
    assert found.rankme == pytest.approx(np.exp(-(shares * np.log(shares)).sum()))
    assert found.dominant == pytest.approx(64 / 88)
    assert judge_collapse(waves).rankme == pytest.approx(4)
    assert judge_collapse(waves[:, :1] * np.ones(4)).rankme == pytest.approx(1)


def test_mean_cosine_is_that_of_all_pairs():
    embedding = gaussian(40, 5) + 0.5
    units = embedding / np.linalg.norm(embedding, axis=1, keepdims=True)
    cosines = (units @ units.T)[~np.eye(40, dtype=bool)]
    assert mean_cosine(embedding) == pytest.approx(cosines.mean())
    assert mean_cosine(np.array([[1.0, 0], [0, 0], [2.0, 0]])) == pytest.approx(1 / 3)


def test_what_cannot_be_judged_is_refused():
    with pytest.raises(ValueError, match="not finite"):
        judge_collapse(np.array([[1.0, np.nan], [0.0, 1.0]]))
    with pytest.raises(ValueError, match="too small"):
        judge_collapse(np.ones((1, 3)))


def test_json_is_plain():
    said = judge_collapse(gaussian(20, 3)).to_json()
    assert isinstance(said["deviations"], list)
    assert {"rankme", "dominant", "dead", "cosine", "alarms", "relative_deviation", "dimension"} < set(said)


def latents(regulariser, steps):
    """Of new images, after some steps of training on them."""
    model = trained(small(f"regulariser={regulariser}"), steps)
    return model.encode(moving_bars(10**6, 200, frames=4).images.flatten(0, 1)).double().numpy()


def test_without_regularisation_an_alarm_fires_and_with_it_none():
    assert "constant" in judge_collapse(latents("none", 50)).alarms
    healthy = judge_collapse(latents("sigreg", 60))
    assert healthy.alarms == {}
    assert healthy.rankme > healthy.dimension / 3
