"""`sim train baseline`: from a dataset to a policy, stopped and resumed, refused, and at the wheel."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from scenes.errors import HomeError
from sim.cli import app
from tests.arrows import THRESHOLD_DEG, make, observation
from train.baselines import training
from train.baselines.backbone import read_backbone
from train.baselines.batch import LabelledSampler
from train.baselines.config import BaselineConfig
from train.baselines.driving import driver_of, look_of, sets_for, try_out
from train.baselines.policy import load_policy
from train.baselines.training import OFFLINE, POLICY, build, prepare, train_baseline
from train.checkpoints import load_tensors, save_tensors
from train.config import recipes, resolve
from train.driving.sets import load_set
from train.models.config import build as build_world_model
from train.motion import MOTIONS
from train.preprocess import Preprocessing
from train.resume import MODEL
from train.runs import RunStore
from train.world_model import KIND, WorldModelSettings

TINY = (
    "preprocessing.size=[32, 32]", "network.width=8", "network.hidden=32", "loop.batch=32", "loop.steps=60",
    "loop.evaluate_every=20", "loop.lr=0.003", "loop.device=cpu", "augment.jitter=0.2", "augment.mirror=correct",
)  # fmt: skip

pytestmark = pytest.mark.usefixtures("one_thread")


def config(*changes: str) -> BaselineConfig:
    return resolve(BaselineConfig, "baseline", [*TINY, *changes])


def sim(*arguments: Any) -> str:
    """What the command prints.

    Raises:
        HomeError: it refuses.
    """
    result = CliRunner().invoke(app, ["train", "baseline", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def done(arrows: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A run of the command, undisturbed: what it printed, and its folder."""
    runs = tmp_path_factory.mktemp("runs")
    printed = sim("--data", arrows, "--runs", runs, "--name", "arrows", *TINY)
    (run,) = RunStore(runs).all()
    return printed, run.folder


def test_it_learns_and_leaves_a_policy(done: tuple[str, Path], arrows: Path) -> None:
    printed, run = done
    info = RunStore(run.parent).get(run.name)
    assert (info.kind, info.name, info.state) == ("baseline", "arrows", "finished")
    offline = json.loads((run / OFFLINE).read_bytes())
    assert offline["scores"]["accuracy"] > 0.9
    assert offline["scores"]["counts"] == load_policy(run / POLICY).facts["scores"]["counts"]
    lesson = prepare(arrows, config())
    assert sum(offline["learned_from"].values()) == len(lesson.train.members)
    assert sum(map(sum, offline["scores"]["counts"])) == len(lesson.held_out.members)
    assert f"accuracy (micro F1) {offline['scores']['accuracy']:.3f}" in printed
    assert "homes have no frozen drives" in printed
    page = (run / "report.html").read_text()
    assert f"{offline['scores']['macro']['f1']:.3f}" in page
    assert "macro_f1" in page
    policy = load_policy(run / POLICY, dataset_hash=lesson.train.frames.dataset_hash)
    assert policy.act(observation(0)) == 2  # the way is to the left
    assert policy.view.size == (32, 32)
    assert policy.view.fov_deg == pytest.approx(75.0)
    first = next(line for line in info.metrics() if "loss" in line)
    assert first["step"] == 10
    assert {"policy.safetensors", "offline.json", "report.html"} <= {
        json.loads(line)["path"] for line in (run / "artifacts.jsonl").read_text().splitlines()
    }


def test_the_best_checkpoint_is_what_is_kept(done: tuple[str, Path]) -> None:
    _, run = done
    checkpoints = RunStore(run.parent).get(run.name).checkpoints
    best = checkpoints.best()
    assert best is not None
    tensors, meta = load_tensors(best)
    kept, _ = load_tensors(run / POLICY)
    for name, tensor in kept.items():
        assert torch.equal(tensor, tensors[f"{MODEL}network.{name}"])
    assert meta["score"] == max(
        line["macro_f1"] for line in RunStore(run.parent).get(run.name).metrics() if "macro_f1" in line
    )


@pytest.mark.parametrize("at", [7, 33])
def test_stopped_and_resumed_is_to_the_bit_as_undisturbed(
    done: tuple[str, Path], arrows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    _, undisturbed = done

    class Interrupted(LabelledSampler):
        def batch(self, step: int) -> Any:
            if step == at:
                raise KeyboardInterrupt
            return super().batch(step)

    monkeypatch.setattr(training, "LabelledSampler", Interrupted)
    stopped = CliRunner().invoke(
        app, ["train", "baseline", "--data", str(arrows), "--runs", str(tmp_path), "--name", "arrows", *TINY]
    )
    assert "go on with `sim train baseline --resume" in stopped.output
    monkeypatch.undo()
    (run,) = RunStore(tmp_path).all()
    assert run.state == "stopped"
    sim("--resume", run.id, "--runs", tmp_path, "--no-drive")
    ours, theirs = (load_tensors(place / POLICY)[0] for place in (run.folder, undisturbed))
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert (run.folder / "metrics.jsonl").read_text() == (undisturbed / "metrics.jsonl").read_text()


def test_a_run_goes_on_with_its_own_dataset_and_settings_only(
    done: tuple[str, Path], arrows: Path, tmp_path: Path
) -> None:
    _, run = done
    other = make(tmp_path / "other", seed=1)
    for arguments, said in (
        (("--resume", run.name, "--data", other), "is another dataset: content hash"),
        (("--resume", run.name), "is finished"),
        (("--resume", run.name, "loop.steps=70"), "keeps its settings"),
        ((), "name a dataset"),
    ):
        with pytest.raises(HomeError, match=said):
            sim(*arguments, "--runs", run.parent)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (("network.widht=8",), "did you mean network.width"),
        (("network.name=resnet50",), "network.name"),
        (("preprocessing.channels=[rgb, zoom]",), "no channel 'zoom'"),
        (("preprocessing.size=[64, 64]",), "nothing is enlarged"),
        (("data.split=homes",), "no split 'homes'"),
        (("data.judge=test",), "part 'test' of split 'main' has no frames; there are train, val"),
        (("network.name=world_model",), "go together"),
        (("network.name=world_model", "network.checkpoint=nowhere"), "no checkpoint nowhere"),
        (("target.threshold_deg=0.001",), "no frame to train on is labelled forward"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_there_is_a_run(
    arrows: Path, tmp_path: Path, changes: tuple[str, ...], said: str
) -> None:
    with pytest.raises(HomeError) as refused:
        sim("--data", arrows, "--runs", tmp_path, *TINY, *changes)
    assert said in str(refused.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("recipe", [name for name in recipes() if name.startswith("baseline")])
def test_recipes_are_settings(recipe: str) -> None:
    made = resolve(BaselineConfig, recipe, [])
    assert made.preprocessing.size == (64, 64)
    assert made.inputs.goal == ("goal" in recipe)
    assert made.inputs.previous_command == ("goal" in recipe or "history" in recipe)


def test_headings_get_the_threshold_of_the_dataset(arrows: Path) -> None:
    lesson = prepare(arrows, config("target.output=heading"))
    assert lesson.model.target.threshold_deg == THRESHOLD_DEG
    assert prepare(arrows, config("target.output=heading", "target.threshold_deg=5")).model.target.threshold_deg == 5
    assert prepare(arrows, config()).model == config().model


def test_a_split_that_leaks_says_so(arrows: Path, tmp_path: Path) -> None:
    printed = sim("--data", arrows, "--runs", tmp_path, "--no-drive", *TINY, "data.split=random", "loop.steps=1")
    assert "the split leaks: " in printed
    assert "pairs of frames that follow each other are in different parts" in printed
    (run,) = RunStore(tmp_path).all()
    leaks = prepare(arrows, config("data.split=random")).leaks
    assert json.loads((run.folder / OFFLINE).read_bytes())["leaks"] == leaks
    assert all(leak in (run.folder / "report.html").read_text() for leak in leaks)


def test_without_a_split_whole_episodes_are_held_out(tmp_path: Path) -> None:
    folder = make(tmp_path / "data", splits=False)
    lesson = prepare(folder, config())
    assert lesson.config.data.split == "episodes"
    trained, held_out = (set(part.frames.columns["episode"].tolist()) for part in (lesson.train, lesson.held_out))
    assert trained
    assert held_out
    assert not trained & held_out
    assert prepare(folder, config()).config == lesson.config, "it is found the next time"


def test_weights_of_classes_come_from_what_is_trained_on(arrows: Path) -> None:
    lesson = prepare(arrows, config("loss.weights=inverse"))
    commands = np.bincount(lesson.train.labels.command, minlength=4)[1:]
    assert lesson.counts.tolist() == commands.tolist()
    expected = (1 / commands) / (1 / commands).mean()
    assert build(lesson).weights.numpy() == pytest.approx(expected)


# --- a world model's encoder


@pytest.fixture(scope="module")
def world_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of a world model with random weights, as `sim train world-model` writes them."""
    settings = WorldModelSettings(preprocessing=Preprocessing(size=(32, 32)))
    motion = MOTIONS["walk"]
    made = build_world_model(settings.model, 5, (32, 32), motion.state_dim, motion.action_dim, 3)
    path = tmp_path_factory.mktemp("world") / "model.safetensors"
    meta = {"kind": KIND, "settings": settings.model_dump(mode="json"), "motion": "walk", "run": "some run"}
    save_tensors(path, {MODEL + name: tensor for name, tensor in made.state_dict().items()}, meta)
    return path


@pytest.mark.parametrize("frozen", [True, False])
def test_the_encoder_of_a_world_model(arrows: Path, world_model: Path, tmp_path: Path, frozen: bool) -> None:
    asked = config("network.name=world_model", f"network.checkpoint={world_model}", f"network.frozen={frozen}")
    lesson = prepare(arrows, asked)
    objective = build(lesson)
    before = {name: tensor.clone() for name, tensor in objective.state_dict().items()}
    with RunStore(tmp_path).begin("baseline", "eyes", asked, datasets={}, seeds={}) as run:
        trained = train_baseline(lesson, objective, run)
    changed = {name for name, tensor in objective.state_dict().items() if not torch.equal(tensor, before[name])}
    encoder = {name for name in before if name.startswith("network.encoder.")}
    assert changed - encoder
    assert bool(changed & encoder) == (not frozen)
    world_model.rename(tmp_path / "gone")  # the policy needs it no more
    try:
        loaded = load_policy(trained.policy)
        policy_says = loaded.outputs(observation(1))
        objective.eval()
        images = loaded.model.preprocessing.of_frame(observation(1)["rgb"], observation(1)["depth"][..., 0])[None]
        with torch.no_grad():
            expected = objective.network(images, torch.zeros(1, dtype=torch.long), torch.zeros(1, 3))
        assert torch.equal(policy_says, expected)
    finally:
        (tmp_path / "gone").rename(world_model)


def test_a_world_model_that_sees_otherwise_is_refused(arrows: Path, world_model: Path, done: tuple[str, Path]) -> None:
    for changed, said in (
        ("preprocessing.channels=[rgb]", r"sees channels \[rgb, depth\], and the baseline is to see \[rgb\]"),
        ("preprocessing.depth_range_m=[0.1, 10]", r"sees depth_range_m \[0.1, 20.0\]"),
    ):
        with pytest.raises(HomeError, match=said):
            prepare(arrows, config("network.name=world_model", f"network.checkpoint={world_model}", changed))
    with pytest.raises(HomeError, match="is no world model"):
        read_backbone(done[1] / POLICY, Preprocessing(size=(32, 32)))


# --- at the wheel


def test_a_policy_drives(done: tuple[str, Path], tmp_path: Path) -> None:
    """The policy of arrows knows nothing of homes; it drives nevertheless, and the same way each time."""
    _, run = done
    whole = load_set("blocks-route")
    few = replace(whole, name="few", episodes=whole.episodes[:2])
    offline = {"accuracy": 0.5, "where": "frames of arrows"}
    results = [try_out(run / POLICY, [few], tmp_path / name, offline) for name in ("one", "other")]
    for result in results:
        del result["seconds_per_action"]
    assert results[0] == results[1]
    assert results[0]["look"]["size"] == [32, 32]
    assert results[0]["offline"] == offline
    assert results[0]["results"]["all"]["episodes"] == 2
    assert (tmp_path / "one" / "report.html").exists()


def test_drivers_differ_when_policies_do(done: tuple[str, Path]) -> None:
    path = done[1] / POLICY
    best, drawn = driver_of(path, "a"), driver_of(path, "a", draws=True)
    assert best.identity != drawn.identity
    assert best == driver_of(path, "a")
    assert best.make().act(observation(0)) == 2


def test_drives_are_those_of_its_homes(done: tuple[str, Path]) -> None:
    policy = load_policy(done[1] / POLICY)
    assert sets_for(policy) == []
    assert look_of(policy).size == (32, 32)
    for walk, expected in (
        ({"route": "frozen"}, ["oldenborg-west", "blocks-route"]),
        ({"route": "east"}, ["oldenborg-east", "blocks-route"]),
        ({"route": None}, ["oldenborg-points", "blocks-points"]),
        ({}, ["oldenborg-points", "blocks-points"]),
    ):
        policy.dataset = {"config": {"homes": ["oldenborg", "blocks", "my-home"], "walk": walk, "light": "night"}}
        assert sets_for(policy) == expected
    assert look_of(policy).light == "night"


def test_drawn_commands_are_as_likely_as_the_network_says(done: tuple[str, Path]) -> None:
    policy = load_policy(done[1] / POLICY, draws=True)
    with torch.no_grad():
        policy.network.last.weight.mul_(0.2)
    shown = observation(0)
    shares = policy.outputs(shown)[0].softmax(dim=0).numpy()
    policy.reset(5)
    drawn = [policy.act(shown) for _ in range(400)]
    policy.reset(5)
    assert [policy.act(shown) for _ in range(20)] == drawn[:20]
    for share, command in zip(shares, (1, 2, 3), strict=True):
        assert abs(drawn.count(command) / 400 - share) < 4 * math.sqrt(share * (1 - share) / 400)
