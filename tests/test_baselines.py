"""Baselines and their datasets: samplers, mirrors, labels, scores, and what is seen at the wheel."""

from __future__ import annotations

import json
import math
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from datagen.reader import open_dataset
from scenes.errors import HomeError
from sim.agents.protocol import Action
from tests import recordings
from tests.arrows import DONE, picture
from tests.baseline_models import ALL, SEEN, learn, model, objective, policy_of, random_batch
from train.baselines.augment import forget, jitter, mirror
from train.baselines.batch import LabelledSampler, class_shares, make_batch
from train.baselines.config import AugmentSettings, InputSettings, TargetSettings
from train.baselines.judge import classes_of, judge, usable
from train.baselines.labels import FORWARD, LEFT, MIRRORED, NONE, RIGHT, STOP, Labels, commands_done, read_labels
from train.baselines.objective import BaselineObjective
from train.baselines.outputs import bearings_deg, class_names, class_numbers, classes_said
from train.baselines.scores import Scores, confusion
from train.data import Frames, load_frames
from train.preprocess import Preprocessing

pytestmark = pytest.mark.usefixtures("one_thread")

FEW = settings(max_examples=40)


@pytest.fixture(scope="module")
def frames(arrows: Path) -> Frames:
    return load_frames(arrows, SEEN, split="main", part="train")


@pytest.fixture(scope="module")
def labels(frames: Frames) -> Labels:
    return read_labels(frames.folder, frames.number, None)


# --- samplers


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
    mirrored: dict[str, BaselineObjective], arrows: Path
) -> None:
    """With the mistake each side is as often called by the other's name: as good as a coin."""
    held_out = load_frames(arrows, SEEN, split="main", part="val")
    truth = read_labels(arrows, held_out.number, None)
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


def test_labels_are_those_of_the_dataset(arrows: Path, labels: Labels, frames: Frames) -> None:
    dataset = open_dataset(arrows)
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
def test_commands_by_another_threshold(arrows: Path, frames: Frames, labels: Labels, threshold: float) -> None:
    found = read_labels(arrows, frames.number, threshold)
    for bearing, command, before in zip(labels.bearing_deg, found.command, labels.command, strict=True):
        side = LEFT if bearing > 0 else RIGHT
        assert command == (STOP if math.isnan(bearing) else FORWARD if abs(bearing) <= threshold else side)
        assert (command == before) or threshold != 12.0


def test_a_dataset_that_does_not_say_where_the_way_goes(tmp_path: Path) -> None:
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


# --- at the wheel


def test_a_frame_seen_in_driving_is_the_frame_that_was_learned_from(
    arrows: Path, frames: Frames, labels: Labels
) -> None:
    policy = policy_of(objective(model(inputs=ALL)))
    dataset = open_dataset(arrows)
    batch = make_batch(frames, labels, np.arange(5))
    with torch.no_grad():
        for at in range(5):
            shown = dataset.read(int(frames.number[at]))
            seen = {"goal_offset": np.append(labels.goal[at], 0.0), "previous_action": labels.previous[at]} | shown
            single = batch.split(len(batch))[at]
            expected = policy.network(single.images, single.previous, single.goal)
            assert torch.equal(policy.outputs(seen), expected)
            assert policy.act(seen) == class_numbers(policy.model.target)[int(expected.argmax())]
