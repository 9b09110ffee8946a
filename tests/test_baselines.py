"""Baselines: networks, losses, samplers, mirrors, scores, policies."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics
from torch.nn import functional

from datagen.reader import open_dataset
from scenes.errors import HomeError
from sim.agents.protocol import Action
from tests.arrows import DONE, make, observation, picture
from train.baselines.augment import forget, jitter, mirror
from train.baselines.batch import LabelledBatch, LabelledSampler, class_shares, make_batch
from train.baselines.config import (
    AugmentSettings,
    BaselineModel,
    InputSettings,
    LossSettings,
    NetworkSettings,
    TargetSettings,
)
from train.baselines.judge import classes_of, judge, usable
from train.baselines.labels import FORWARD, LEFT, MIRRORED, NONE, RIGHT, STOP, Labels, commands_done, read_labels
from train.baselines.losses import WEIGHTS, class_weights, expected_initial, focal_loss
from train.baselines.networks import ResNet18, SmallCNN
from train.baselines.objective import BaselineObjective
from train.baselines.outputs import bearings_deg, class_names, class_numbers, classes_said
from train.baselines.policy import BaselinePolicy, View, load_policy, save_policy
from train.baselines.scores import Scores, confusion
from train.data import Frames, load_frames
from train.preprocess import Preprocessing

FEW = settings(max_examples=40, deadline=None)
SMALL = NetworkSettings(width=8, hidden=32)
SEEN = Preprocessing(size=(32, 32))


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Any:
    """Faster for tiny networks, and to the bit the same everywhere."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("arrows") / "data")


@pytest.fixture(scope="module")
def frames(folder: Path) -> Frames:
    return load_frames(folder, SEEN, split="main", part="train")


@pytest.fixture(scope="module")
def labels(frames: Frames) -> Labels:
    return read_labels(frames.folder, frames.number, None)


def model(**changes: Any) -> BaselineModel:
    return BaselineModel(**({"preprocessing": SEEN, "network": SMALL} | changes))


def objective(
    of: BaselineModel,
    loss: LossSettings | None = None,
    augment: AugmentSettings | None = None,
    weights: Any = None,
) -> BaselineObjective:
    torch.manual_seed(0)
    weights = np.ones(len(class_numbers(of.target))) if weights is None else np.array(weights)
    return BaselineObjective(of, loss or LossSettings(), augment or AugmentSettings(), weights)


def random_batch(count: int, seed: int = 0, planes: int = 5, commands: tuple[int, ...] = (1, 2, 3)) -> LabelledBatch:
    rng = np.random.default_rng(seed)
    angle = rng.uniform(-np.pi, np.pi, count)
    goal = np.stack([rng.uniform(0, 9, count), np.cos(angle), np.sin(angle)], axis=1)
    return LabelledBatch(
        torch.from_numpy(rng.uniform(-1, 1, (count, planes, 32, 32)).astype(np.float32)),
        torch.from_numpy(rng.choice(commands, count)),
        torch.from_numpy(rng.integers(0, NONE + 1, count)),
        torch.from_numpy(goal.astype(np.float32)),
        torch.from_numpy(rng.uniform(-90, 90, count).astype(np.float32)),
        torch.arange(count),
    )


def learn(of: BaselineObjective, batches: Any, steps: int, rate: float = 3e-3) -> list[dict[str, float]]:
    generator = torch.Generator().manual_seed(0)
    optimiser = torch.optim.AdamW([p for p in of.parameters() if p.requires_grad], lr=rate)
    of.train()
    found = []
    for step in range(steps):
        optimiser.zero_grad()
        found.append(of.backward(batches(step), generator))
        optimiser.step()
    return found


# --- networks


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


# --- losses, weights, samplers


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


@pytest.mark.parametrize("how", ["natural", "balanced", "sqrt"])
def test_samplers_have_the_shares_that_they_promise(frames: Frames, labels: Labels, how: Any) -> None:
    """Against the chi-square quantile of 1 in 10,000; the seed is fixed, so it holds for good."""
    unfair = np.flatnonzero((labels.command == FORWARD) | (labels.command == RIGHT) | (np.arange(len(labels)) % 5 == 0))
    members = unfair[labels.command[unfair] != STOP]
    sampler = LabelledSampler(frames, labels, members, how, 64, 7)
    drawn = np.concatenate([sampler.index(step) for step in range(60)])
    assert set(drawn.tolist()) == set(members.tolist())
    counts = np.bincount(labels.command[members], minlength=4)[1:]
    expected = class_shares(counts, how) * len(drawn)
    off = ((np.bincount(labels.command[drawn], minlength=4)[1:] - expected) ** 2 / expected).sum()
    assert off < 18.42  # 2 degrees of freedom
    within = np.bincount(drawn, minlength=len(frames))[members[labels.command[members] == FORWARD]]
    assert ((within - within.mean()) ** 2 / within.mean()).sum() < len(within) + 4 * math.sqrt(2 * len(within))


@pytest.mark.parametrize("how", ["natural", "balanced"])
def test_batches_depend_on_seed_and_step_alone(frames: Frames, labels: Labels, how: Any) -> None:
    members = np.flatnonzero(labels.command != STOP)
    one, other = (LabelledSampler(frames, labels, members, how, 32, 3) for _ in range(2))
    forth = [one.index(step).tolist() for step in range(12)]
    assert [other.index(step).tolist() for step in reversed(range(12))] == forth[::-1]
    assert LabelledSampler(frames, labels, members, how, 32, 4).index(0).tolist() != forth[0]
    if how == "natural":
        epoch = np.concatenate(forth)[: len(members)]
        assert sorted(epoch.tolist()) == members.tolist()


# --- mirrors and colours


def test_a_mirror_twice_is_none(frames: Frames, labels: Labels) -> None:
    batch = make_batch(frames, labels, np.arange(40))
    chosen = torch.arange(40) % 3 == 0
    once = mirror(batch, chosen)
    twice = mirror(once, chosen)
    for part in fields(batch):
        before, after = (getattr(of, part.name) for of in (batch, twice))
        assert torch.equal(before.nan_to_num(7), after.nan_to_num(7))
    names = ["stop", "forward", "left", "right", "none"]
    assert [names[number] for number in MIRRORED] == ["stop", "forward", "right", "left", "none"]
    for name in ("images", "command", "previous", "goal", "bearing_deg"):
        before, after = (getattr(of, name).nan_to_num(7) for of in (batch, once))
        assert torch.equal(before[~chosen], after[~chosen])
    assert torch.equal(once.images[chosen], batch.images[chosen].flip(-1))
    turned = batch.command[chosen] != once.command[chosen]
    assert torch.equal(turned, (batch.command[chosen] == LEFT) | (batch.command[chosen] == RIGHT))
    assert torch.equal(once.goal[chosen] * torch.tensor([1, 1, -1]), batch.goal[chosen])


def test_a_mirrored_world_has_the_mirrored_labels(frames: Frames, labels: Labels) -> None:
    """The picture of a bearing, mirrored, is the picture of the opposite bearing, and so is all that is said of it."""
    rgb, depth = picture(20.0, np.random.default_rng(0))
    other, other_depth = picture(-20.0, np.random.default_rng(0))
    bright, near = rgb[..., 0] == 250, depth == 1.0
    assert np.array_equal(bright[:, ::-1], other[..., 0] == 250)
    assert np.array_equal(near[:, ::-1], other_depth == 1.0)
    batch = make_batch(frames, labels, np.flatnonzero(labels.command != STOP)[:20])
    found = mirror(batch, torch.ones(20, dtype=torch.bool))
    threshold = 12.0
    side = torch.where(found.bearing_deg > 0, LEFT, RIGHT)
    assert torch.equal(found.command, torch.where(found.bearing_deg.abs() <= threshold, FORWARD, side))
    assert torch.allclose(torch.rad2deg(torch.atan2(found.goal[:, 2], found.goal[:, 1])), found.bearing_deg, atol=1e-3)


def test_the_mistake_changes_images_alone() -> None:
    batch = random_batch(8)
    found = mirror(batch, torch.ones(8, dtype=torch.bool), labels=False)
    assert torch.equal(found.images, batch.images.flip(-1))
    assert all(torch.equal(getattr(found, name), getattr(batch, name)) for name in ("command", "previous", "goal"))


@pytest.fixture(scope="module")
def mirrored(frames: Frames, labels: Labels) -> dict[str, BaselineObjective]:
    members = np.flatnonzero(labels.command != STOP)
    trained = {}
    for how in ("correct", "mistaken"):
        of = objective(model(), augment=AugmentSettings(mirror=how))
        sampler = LabelledSampler(frames, labels, members, "natural", 48, 0)
        learn(of, sampler.batch, 60)
        trained[how] = of.eval()
    return trained


def test_left_and_right_are_learned_with_labels_mirrored_and_lost_without(
    mirrored: dict[str, BaselineObjective], folder: Path
) -> None:
    """With the mistake each side is as often called by the other's name: as good as a coin."""
    held_out = load_frames(folder, SEEN, split="main", part="val")
    truth = read_labels(folder, held_out.number, None)
    members = np.flatnonzero(truth.command != STOP)
    scores = {}
    for how, of in mirrored.items():
        scores[how] = judge(of.network, of.model, held_out, truth, members).scores
    assert scores["correct"].accuracy > 0.9
    sides = scores["mistaken"].counts[1:, 1:]
    right = sides.trace() / sides.sum()
    assert abs(right - 0.5) < 0.25
    assert scores["mistaken"].recall[0] > 0.8
    assert scores["correct"].macro_f1 > scores["mistaken"].macro_f1 + 0.25


def test_a_network_that_learned_with_mirrors_is_symmetric(
    mirrored: dict[str, BaselineObjective], frames: Frames, labels: Labels
) -> None:
    batch = make_batch(frames, labels, np.flatnonzero(labels.command != STOP))
    of = mirrored["correct"]
    with torch.no_grad():
        here, there = (
            of(one).softmax(dim=1) for one in (batch, mirror(batch, torch.ones(len(batch), dtype=torch.bool)))
        )
    assert (here - there[:, [0, 2, 1]]).abs().mean() < 0.1
    assert (here - there).abs().mean() > 0.3


@FEW
@given(st.integers(0, 100), st.floats(0.05, 0.9))
def test_jitter_moves_nothing(seed: int, strength: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    images = 0.6 * torch.rand(3, 3, 8, 10, generator=generator) - 0.8
    images[:, :, 4:, :] = images[:, :, :1, :1]
    found = jitter(images, strength, torch.Generator().manual_seed(seed))
    assert found.shape == images.shape
    assert found.abs().max() <= 1
    assert (found[:, :, 4:] == found[:, :, 4:5, :1]).all()  # what had one colour has one colour
    again = jitter(images.flip(-1), strength, torch.Generator().manual_seed(seed))
    assert torch.allclose(again.flip(-1), found, atol=1e-6)
    assert not torch.allclose(found, images, atol=1e-3)


def test_jitter_leaves_depth_alone() -> None:
    seen = Preprocessing(channels=("depth", "rgb"), size=(32, 32))
    of = objective(model(preprocessing=seen), augment=AugmentSettings(jitter=0.5))
    batch = random_batch(8)
    kept = batch.images.clone()
    found = of.changed(batch, torch.Generator().manual_seed(0))
    assert torch.equal(found.images[:, :2], kept[:, :2])
    assert (found.images[:, 2:] != kept[:, 2:]).float().mean() > 0.9
    assert torch.equal(batch.images, kept)


def test_history_is_forgotten_at_the_stated_share() -> None:
    previous = torch.ones(20_000, dtype=torch.long)
    found = forget(previous, 0.3, NONE, torch.Generator().manual_seed(0))
    assert ((found == NONE).float().mean() - 0.3).abs() < 4 * math.sqrt(0.3 * 0.7 / 20_000)
    assert set(found.tolist()) == {1, NONE}


# --- labels


def test_labels_are_those_of_the_dataset(folder: Path, labels: Labels, frames: Frames) -> None:
    dataset = open_dataset(folder)
    for at, number in enumerate(frames.number.tolist()):
        row = {name: dataset.column(name)[number] for name in ("command", "step", "goal_distance_m")}
        assert Action(labels.command[at]).name.lower() == row["command"]
        assert labels.goal[at, 0] == row["goal_distance_m"]
        before = "none" if row["step"] == 0 else dataset.column("command")[number - 1]
        assert [*(action.name.lower() for action in Action), "none"][labels.previous[at]] == before


def test_commands_that_were_done() -> None:
    done = commands_done(np.array([*DONE.values(), (math.nan, math.nan), (0.2, -5.0)]))
    assert done.tolist() == [FORWARD, LEFT, RIGHT, STOP, NONE, RIGHT]


@pytest.mark.parametrize("threshold", [0.5, 5.0, 12.0, 30.0])
def test_commands_by_another_threshold(folder: Path, frames: Frames, labels: Labels, threshold: float) -> None:
    found = read_labels(folder, frames.number, threshold)
    for bearing, command, before in zip(labels.bearing_deg, found.command, labels.command, strict=True):
        side = LEFT if bearing > 0 else RIGHT
        assert command == (STOP if math.isnan(bearing) else FORWARD if abs(bearing) <= threshold else side)
        assert (command == before) or threshold != 12.0


def test_a_dataset_that_does_not_say_where_the_way_goes(tmp_path: Path) -> None:
    from tests import recordings

    recordings.make(tmp_path)
    with pytest.raises(HomeError, match=r"does not say where the way goes in 30 frames .*generate it anew"):
        read_labels(tmp_path, np.arange(30), 5.0)
    plain = read_labels(tmp_path, np.arange(30), None)
    for changes, what in (
        ({"inputs": InputSettings(goal=True)}, "goal"),
        ({"target": TargetSettings(output="heading")}, "way"),
    ):
        with pytest.raises(HomeError, match=f"{tmp_path}: 30 frames do not say where the {what} is"):
            usable(plain, model(**changes), str(tmp_path))


# --- scores


@FEW
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60))
def test_scores_are_those_of_sklearn(pairs: list[tuple[int, int]]) -> None:
    true, said = np.array(pairs).T
    scores = Scores(("a", "b", "c", "d"), confusion(true, said, 4))
    assert scores.counts.tolist() == metrics.confusion_matrix(true, said, labels=range(4)).tolist()
    by_class = metrics.precision_recall_fscore_support(true, said, labels=range(4), zero_division=0)
    for found, expected in zip((scores.precision, scores.recall, scores.f1, scores.support), by_class, strict=True):
        assert found == pytest.approx(expected)
    macro = metrics.precision_recall_fscore_support(true, said, average="macro", zero_division=0)
    assert (scores.macro_precision, scores.macro_recall, scores.macro_f1) == pytest.approx(macro[:3])
    assert scores.accuracy == pytest.approx(metrics.f1_score(true, said, average="micro", zero_division=0))
    assert json.loads(json.dumps(scores.to_json()))["counts"] == scores.counts.tolist()


def test_the_table_shows_counts_and_shares() -> None:
    table = Scores(("forward", "left"), np.array([[6, 2], [1, 1]])).table().splitlines()
    assert [line.split() for line in table] == [
        ["true", "\\", "said", "forward", "left", "precision", "recall", "support"],
        ["forward", "6", "2", "0.857", "0.750", "8"],
        ["left", "1", "1", "0.333", "0.500", "2"],
    ]


def test_no_cases_are_no_errors() -> None:
    assert Scores(("a", "b"), np.zeros((2, 2), np.int64)).numbers()["macro_f1"] == 0.0


def test_judging_counts_each_frame_once(frames: Frames, labels: Labels) -> None:
    """With a network that copies the previous command, from the labels by hand."""
    of = objective(model(inputs=InputSettings(previous_command=True), target=TargetSettings(stop=True)))
    members = usable(labels, of.model, "here")
    with torch.no_grad():
        for values in of.network.parameters():
            values.zero_()
        of.network.of_previous.weight[:4, :4] = torch.eye(4)
        of.network.decide[1].weight[:4, :4] = torch.eye(4)
        of.network.last.weight[:, :4] = torch.eye(4)[list(class_numbers(of.model.target))]
    found = judge(of.network, of.model, frames, labels, members)
    copied = np.where(labels.previous == NONE, FORWARD, labels.previous)[members]
    assert found.scores.accuracy == pytest.approx((copied == labels.command[members]).mean())
    assert found.scores.counts.sum() == len(members) == len(labels)
    assert found.scores_without_history.recall.tolist() == [1, 0, 0, 0]  # all logits alike: the first class
    assert np.array_equal(
        np.array(class_numbers(of.model.target))[classes_of(labels, members, of.model)], labels.command
    )


def test_headings_are_judged_in_degrees_and_as_commands(frames: Frames, labels: Labels) -> None:
    of = objective(model(target=TargetSettings(output="heading", threshold_deg=12.0)))
    members = usable(labels, of.model, "here")
    sampler = LabelledSampler(frames, labels, members, "natural", 48, 0)
    learn(of, sampler.batch, 60)
    found = judge(of.network, of.model, frames, labels, members)
    assert found.bearing_error_deg < 5
    assert found.scores.accuracy > 0.85
    assert found.scores.classes == class_names(of.model.target) == ("forward", "left", "right")


@FEW
@given(st.floats(-179, 179))
def test_headings_mean_commands(bearing: float) -> None:
    angle = math.radians(bearing)
    outputs = 3 * torch.tensor([[math.cos(angle), math.sin(angle)]])
    assert bearings_deg(outputs).item() == pytest.approx(bearing, abs=1e-3)
    said = classes_said(outputs, TargetSettings(output="heading", threshold_deg=10.05)).item()
    assert said == (0 if abs(bearing) < 10.05 else 1 if bearing > 0 else 2)


# --- policies


def policy_of(of: BaselineObjective) -> BaselinePolicy:
    with torch.no_grad():
        for number, values in enumerate(of.network.parameters()):
            values.copy_(0.1 * torch.randn(values.shape, generator=torch.Generator().manual_seed(number)))
    dataset = {"folder": "data/arrows", "content_hash": "ab" * 32}
    return BaselinePolicy(of.network.eval(), of.model, View((32, 32), 75.0), dataset, {"macro_f1": 0.5})


ALL = InputSettings(previous_command=True, goal=True)
ELSEWHERE = """
import json, sys, torch
torch.set_num_threads(1)
from tests.arrows import observation
from train.baselines.policy import load_policy
for path in sys.argv[1:]:
    policy = load_policy(path)
    print(json.dumps([policy.outputs(observation(seed)).numpy().tobytes().hex() for seed in range(4)]))
"""


def test_policies_loaded_elsewhere_say_the_same_to_the_bit(tmp_path: Path) -> None:
    here, paths = [], []
    for name in ("small", "resnet18"):
        network = NetworkSettings(name=name, width=8, hidden=32)
        policy = policy_of(objective(model(network=network, inputs=ALL, target=TargetSettings(stop=True))))
        here.append([policy.outputs(observation(seed)).numpy().tobytes().hex() for seed in range(4)])
        assert len(set(here[-1])) == 4
        paths.append(tmp_path / f"{name}.safetensors")
        save_policy(policy, paths[-1])
    away = tmp_path / "away"
    away.mkdir()
    command = [sys.executable, "-c", ELSEWHERE, *map(str, paths)]
    env = {"PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(command, cwd=away, env=env, capture_output=True, text=True, check=True, timeout=120)
    assert [json.loads(line) for line in done.stdout.splitlines()] == here
    loaded = load_policy(paths[1], dataset_hash="ab" * 32)
    assert (loaded.model, loaded.view, loaded.dataset, loaded.facts) == (
        policy.model, policy.view, policy.dataset, policy.facts,
    )  # fmt: skip
    assert loaded.classes == ("forward", "left", "right", "stop")


def test_a_frame_seen_in_driving_is_the_frame_that_was_learned_from(
    folder: Path, frames: Frames, labels: Labels
) -> None:
    policy = policy_of(objective(model(inputs=ALL)))
    dataset = open_dataset(folder)
    batch = make_batch(frames, labels, np.arange(5))
    with torch.no_grad():
        for at in range(5):
            shown = dataset.read(int(frames.number[at]))
            seen = {"goal": np.append(labels.goal[at], 0.0), "previous_action": labels.previous[at]} | shown
            single = batch.split(len(batch))[at]
            expected = policy.network(single.images, single.previous, single.goal)
            assert torch.equal(policy.outputs(seen), expected)
            assert policy.act(seen) == class_numbers(policy.model.target)[int(expected.argmax())]


def test_a_policy_refuses_what_it_cannot_see(tmp_path: Path) -> None:
    policy = policy_of(objective(model(inputs=ALL)))
    assert policy.observations == ("rgb", "depth", "goal", "previous_action")
    seen = observation(0)
    for name in policy.observations:
        with pytest.raises(HomeError, match=f"shows no {name}; make it with observations="):
            policy.act({key: value for key, value in seen.items() if key != name})
    with pytest.raises(HomeError, match="continuous=False"):
        policy.act(seen | {"previous_action": np.zeros(2)})
    wide = {"rgb": np.zeros((32, 64, 3), np.uint8), "depth": np.zeros((32, 64), np.float32)}
    with pytest.raises(HomeError, match="64x32"):
        policy.act(seen | wide)
    path = tmp_path / "policy.safetensors"
    save_policy(policy, path)
    with pytest.raises(HomeError, match=r"learned from data/arrows, content hash abababababab, not .* cdcdcdcdcdcd"):
        load_policy(path, dataset_hash="cd" * 32)
    from train.checkpoints import save_tensors

    save_tensors(tmp_path / "world.safetensors", {}, {"kind": "world-model"})
    with pytest.raises(HomeError, match="holds no baseline"):
        load_policy(tmp_path / "world.safetensors")


@pytest.mark.parametrize("channels", [("rgb",), ("depth",), ("rgb", "constant_depth")])
def test_what_a_network_does_not_see_does_not_matter(channels: Any) -> None:
    policy = policy_of(objective(model(preprocessing=Preprocessing(channels=channels, size=(32, 32)))))
    assert policy.observations == tuple(name for name in channels if name != "constant_depth")
    seen = {name: value for name, value in observation(0).items() if name in policy.observations}
    expected = policy.outputs(seen)
    assert torch.equal(policy.outputs(observation(0)), expected)
    assert not torch.equal(policy.outputs({name: value[::-1].copy() for name, value in seen.items()}), expected)


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
