"""Baselines' networks and losses: what a decision depends on, that it is learned, and the formulas."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from scenes.errors import HomeError
from tests.baseline_models import learn, model, objective, random_batch
from train.baselines.batch import LabelledBatch, class_shares
from train.baselines.config import AugmentSettings, InputSettings, LossSettings, NetworkSettings, TargetSettings
from train.baselines.labels import FORWARD, LEFT
from train.baselines.losses import WEIGHTS, class_weights, expected_initial, focal_loss
from train.baselines.networks import ResNet18, SmallCNN
from train.baselines.outputs import class_numbers, classes_said

pytestmark = pytest.mark.usefixtures("one_thread")

FEW = settings(max_examples=40)


# --- networks and their settings


def test_resnet_18_has_the_size_of_the_paper() -> None:
    """11,689,512 numbers with 1000 classes (He et al. 2016), of which 513,000 in the last layer."""
    assert sum(values.numel() for values in ResNet18(3).parameters()) == 11_689_512 - 513_000
    assert ResNet18(5)(torch.zeros(2, 5, 64, 64)).shape == (2, 2048)


@pytest.mark.parametrize("size", [(32, 32), (64, 64), (96, 64), (65, 43)])
def test_the_small_network_takes_any_size(size: tuple[int, int]) -> None:
    network = SmallCNN(4, 8)
    assert network(torch.zeros(3, 4, *size)).shape == (3, network.features)


@pytest.mark.parametrize("name", ["small", "resnet18"])
def test_an_image_alone_decides_what_is_said_of_it(name: str) -> None:
    """In training and evaluation alike: no statistics of the batch."""
    of = objective(model(network=NetworkSettings(name=name, width=8, hidden=32)))
    torch.nn.init.normal_(of.network.last.weight)
    batch = random_batch(6)
    together = of.train()(batch)
    alone = of.eval()(batch.split(6)[2])
    assert torch.allclose(together[2:3], alone, atol=1e-5)
    assert together.std() > 0.01


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"network": NetworkSettings(name="resnet18", hidden=32)},
        {"inputs": InputSettings(previous_command=True, goal=True), "target": TargetSettings(stop=True)},
        {"target": TargetSettings(output="heading", threshold_deg=10)},
    ],
)
def test_one_batch_is_learned_by_heart(changes: dict[str, Any]) -> None:
    of = objective(model(**changes))
    batch = random_batch(12, commands=class_numbers(of.model.target))
    if of.model.target.output == "heading":
        bearing = torch.where(batch.command == FORWARD, 0.0, torch.where(batch.command == LEFT, 40.0, -40.0))
        batch = replace(batch, bearing_deg=bearing)
    found = learn(of, lambda step: batch, 25 if of.model.network.name == "resnet18" else 120)
    assert found[-1]["accuracy"] == 1.0
    assert found[-1]["loss"] < 0.1


@pytest.mark.parametrize("input_name", ["previous_command", "goal"])
def test_what_is_known_besides_the_image_reaches_the_decision(input_name: str) -> None:
    """Labels that follow from the previous command, or from the goal, and never from the image."""
    of = objective(model(inputs=InputSettings(**{input_name: True})))
    side = {"previous_command": lambda b: b.previous, "goal": lambda b: 2 * (b.goal[:, 2] > 0).long()}[input_name]
    place = torch.tensor([1, 2, 3, 1, 2])

    def batch(step: int) -> LabelledBatch:
        drawn = random_batch(32, seed=step)
        return replace(drawn, command=place[side(drawn)])

    learn(of, batch, 100)
    new = batch(1000)
    assert (classes_said(of.eval()(new), of.model.target) == of.classes(new)).float().mean() > 0.9


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (lambda: NetworkSettings(name="world_model"), "go together"),
        (lambda: NetworkSettings(checkpoint="x"), "go together"),
        (lambda: NetworkSettings(width=12), "multiple of 8"),
        (lambda: InputSettings(history_dropout=0.5), "nothing to drop"),
        (lambda: TargetSettings(output="heading", stop=True), "nothing of stopping"),
    ],
)
def test_settings_that_make_no_sense(settings: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        settings()


# --- losses, weights and shares


def test_weights_are_the_formulas() -> None:
    counts = np.array([8, 2, 4])
    assert class_weights(counts, "none", "abc").tolist() == [1, 1, 1]
    assert class_weights(counts, "inverse", "abc") == pytest.approx(np.array([1 / 8, 1 / 2, 1 / 4]) / (7 / 8) * 3)
    assert class_weights(counts, "median_frequency", "abc") == pytest.approx(np.array([4 / 8, 4 / 2, 1]) / 3.5 * 3)
    roots = np.array([8, 2, 4]) ** -0.5
    assert class_weights(counts, "sqrt", "abc") == pytest.approx(roots / roots.sum() * 3)
    with pytest.raises(HomeError, match="no frame to train on is labelled b;"):
        class_weights(np.array([3, 0, 1]), "none", "abc")


@FEW
@given(st.lists(st.integers(1, 1000), min_size=2, max_size=5), st.sampled_from(WEIGHTS))
def test_weights_have_mean_1_and_favour_the_rare(counts: list[int], how: str) -> None:
    weights = class_weights(np.array(counts), how, "abcde"[: len(counts)])
    assert weights.mean() == pytest.approx(1)
    order = np.argsort(counts, kind="stable")
    assert (np.diff(weights[order]) <= 1e-12).all()


@FEW
@given(st.integers(0, 1000), st.sampled_from([0.5, 1.0, 2.0, 4.0]))
def test_focal_loss(seed: int, gamma: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    logits = 3 * torch.randn(7, 4, generator=generator, dtype=torch.float64)
    target = torch.randint(0, 4, (7,), generator=generator)
    assert torch.equal(focal_loss(logits, target, 0.0), functional.cross_entropy(logits, target, reduction="none"))
    p = logits.softmax(dim=1)[torch.arange(7), target]
    assert torch.allclose(focal_loss(logits, target, gamma), -((1 - p) ** gamma) * p.log(), atol=1e-5)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_a_frame_that_is_certain_gives_no_nan(gamma: float) -> None:
    logits = torch.tensor([[200.0, 0, 0]], requires_grad=True)
    focal_loss(logits, torch.tensor([0]), gamma).sum().backward()
    assert logits.grad is not None
    assert torch.equal(logits.grad, torch.zeros(1, 3))


@pytest.mark.parametrize("gamma", [0.0, 2.0])
@pytest.mark.parametrize("weights", [[1, 1, 1, 1], [0.2, 0.8, 1.4, 1.6]])
def test_the_first_loss_is_what_theory_says(gamma: float, weights: list[float]) -> None:
    of = objective(model(target=TargetSettings(stop=True)), LossSettings(gamma=gamma), weights=weights)
    loss = of.backward(random_batch(16, commands=(0, 1, 2, 3)), torch.Generator())["loss"]
    assert loss == pytest.approx((3 / 4) ** gamma * math.log(4), rel=1e-6)
    assert expected_initial(4, gamma) == pytest.approx(loss, rel=1e-6)
    least, most = of.expected_initial()["loss"]
    assert least < loss < most < 1.1 * least
    heading = objective(model(target=TargetSettings(output="heading", threshold_deg=10)))
    assert heading.backward(random_batch(16), torch.Generator())["loss"] == pytest.approx(1, rel=1e-6)


def test_micro_batches_are_one_batch() -> None:
    batch, gradients, losses = random_batch(10), [], []
    for parts in (1, 3):
        of = objective(model(), LossSettings(gamma=1.0), AugmentSettings(mirror="correct", jitter=0.3), [0.5, 1, 1.5])
        torch.nn.init.normal_(of.network.last.weight, generator=torch.Generator().manual_seed(1))
        losses.append(of.backward(batch, torch.Generator().manual_seed(5), parts))
        gradients.append(torch.cat([values.grad.flatten() for values in of.parameters()]))
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert (gradients[0] - gradients[1]).abs().max() < 1e-5 * gradients[0].abs().max()


def test_shares() -> None:
    counts = np.array([0, 900, 90, 10])
    assert class_shares(counts, "natural") == pytest.approx([0, 0.9, 0.09, 0.01])
    assert class_shares(counts, "balanced") == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3])
    roots = np.array([0, 30, math.sqrt(90), math.sqrt(10)])
    assert class_shares(counts, "sqrt") == pytest.approx(roots / roots.sum())
