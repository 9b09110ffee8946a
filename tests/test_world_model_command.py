"""`sim train world-model`: from a dataset to a report, on homes that were not trained on; resumed; what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from typer.testing import CliRunner

from datagen.reader import open_dataset
from datagen.store.frozen import FrozenSet
from scenes.errors import HomeError
from sim.cli import app
from tests.recordings import split
from tests.small_models import SMALL as SMALL_MODEL
from tests.views import HOMES, make
from train.checkpoints import load_tensors, save_tensors
from train.config import resolve
from train.data import Sampler
from train.runs import RunStore
from train.world_model import (
    DataSettings,
    WorldModelSettings,
    build_model,
    find_split,
    load_world_model,
    prepare,
    train_world_model,
)

SMALL = (
    *(f"model.{change}" for change in SMALL_MODEL), "preprocessing.size=[32,32]", "loop.steps=6", "loop.batch=8",
    "loop.evaluate_every=3", "loop.checkpoint_every=2", "loop.log_every=1", "loop.device=cpu",
)  # fmt: skip

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def small(*changes: str, recipe: str = "latent") -> WorldModelSettings:
    return resolve(WorldModelSettings, recipe, [*SMALL, *changes])


def sim(*arguments: object) -> str:
    """What the command prints, its notes included; errors are raised."""
    changes = [one for change in SMALL for one in ("--set", change)]
    changes = [] if "--resume" in arguments else changes
    result = CliRunner().invoke(app, ["train", "world-model", *map(str, arguments), *changes], catch_exceptions=False)
    return result.output


def test_from_a_dataset_to_a_report(views: Path, runs: Path) -> None:
    said = sim("--data", views, "--runs", runs)
    (info,) = RunStore(runs).all()
    assert info.state == "finished"
    assert info.datasets == {str(views): open_dataset(views).about["content_hash"]}
    assert info.primary == "skill"
    assert info.config["data"]["split"] == "auto"
    settings = small()
    learned = sum(one.numel() for one in build_model(prepare(views, settings)).parameters())
    assert f"run {info.id}: latent, {learned:,} numbers to learn, on cpu, 1 threads" in said
    assert "images/s" in said
    assert "note:" not in said
    assert f"report: {info.folder / 'report.html'}" in said
    report = json.loads((info.folder / "report.json").read_text())
    parts = open_dataset(views).split("auto")
    homes = {part: set(open_dataset(views).column("home")[parts == part]) for part in ("train", "val", "test")}
    assert sum(len(one) for one in homes.values()) == len(set.union(*homes.values())) == 4
    assert set(report["tested_on"]["homes"]) == homes["test"]
    assert set(report["trained_on"]["homes"]) == homes["train"]
    metrics = info.metrics()
    assert [line["step"] for line in metrics] == [1, 2, 3, 4, 5, 6, 6]
    assert {"loss", "prediction_1", "skill", "probe", "rankme"} <= metrics[2].keys()
    assert metrics[-1]["test_rankme"] == pytest.approx(report["figures"]["rankme"])


def test_the_model_that_is_left_is_the_best_one(views: Path, runs: Path) -> None:
    lesson = prepare(views, small("primary=probe"))
    store = RunStore(runs)
    with store.begin("world-model", "test", lesson.settings, datasets=lesson.datasets, seeds={"seed": 0}) as run:
        trained = train_world_model(lesson, run)
    scores = {line["step"]: line["probe"] for line in store.get(run.id).metrics() if "probe" in line}
    assert trained.best_step == max(scores, key=lambda step: scores[step])
    best = run.checkpoints.best()
    assert best is not None
    left, kept = load_world_model(run.folder), load_world_model(best)
    images = lesson.test.images(np.arange(5))
    assert torch.equal(left.encode(images), kept.encode(images))
    assert left.preprocessing == lesson.settings.preprocessing
    assert not left.training
    frame = open_dataset(views).read(int(lesson.test.number[3]))
    one = lesson.settings.preprocessing.of_frame(frame["rgb"], frame["depth"])
    assert torch.allclose(left.encode(one[None])[0], left.encode(images)[3], atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "recipe"), [("walk", "latent"), ("ptz", "ijepa"), ("walk", "ijepa"), ("ptz", "pairs")]
)
def test_all_models_and_both_kinds_of_motion(tmp_path: Path, runs: Path, kind: str, recipe: str) -> None:
    make(tmp_path / "set", kind, size=(32, 32), episodes=8, frames=9)
    lesson = prepare(tmp_path / "set", small("loop.steps=3", recipe=recipe))
    store = RunStore(runs)
    with store.begin("world-model", recipe, lesson.settings, datasets=lesson.datasets, seeds={"seed": 0}) as run:
        figures = train_world_model(lesson, run).figures
    assert figures["rankme"] > 1
    assert ("skill_1" in figures) == (recipe == "latent")
    assert load_world_model(run.folder).encode(lesson.test.images([0])).shape[0] == 1


def test_pairs_need_positions(tmp_path: Path) -> None:
    make(tmp_path / "set", "walk", size=(32, 32), episodes=8, frames=9)
    with pytest.raises(HomeError, match="needs the positions of a PTZ camera"):
        prepare(tmp_path / "set", small(recipe="pairs"))


@pytest.mark.filterwarnings("ignore:the same configuration")
def test_a_run_that_was_stopped_goes_on(views: Path, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sim("--data", views, "--runs", runs, "--name", "whole")
    original = Sampler.batch

    def interrupted(self: Sampler, step: int) -> Any:
        if step == 4:
            raise KeyboardInterrupt
        return original(self, step)

    monkeypatch.setattr(Sampler, "batch", interrupted)
    said = sim("--data", views, "--runs", runs, "--name", "stopped")
    whole, stopped = RunStore(runs).all()
    assert stopped.state == "stopped"
    assert f"stopped; go on with `sim train world-model --resume {stopped.id}`" in said
    monkeypatch.undo()
    sim("--resume", "stopped", "--runs", runs)
    one, other = (load_tensors(info.folder / "model.safetensors")[0] for info in (whole, stopped))
    assert all(torch.equal(one[name], other[name]) for name in one)
    for name in ("metrics.jsonl", "embeddings.parquet"):
        assert (whole.folder / name).read_bytes() == (stopped.folder / name).read_bytes()
    with pytest.raises(HomeError, match="is finished"):
        sim("--resume", "stopped", "--runs", runs)


def test_what_is_asked_for_must_make_sense(views: Path, runs: Path) -> None:
    with pytest.raises(HomeError, match="--data"):
        sim("--runs", runs)
    with pytest.raises(HomeError, match="--resume goes on as the run began"):
        sim("--resume", "x", "--data", views)
    with pytest.raises(HomeError, match="no run"):
        sim("--resume", "x", "--runs", runs)
    with pytest.raises(HomeError, match=r"model.latnet: unknown key; did you mean model.latent\?"):
        sim("--data", views, "--set", "model.latnet=3")
    with pytest.raises(HomeError, match="latent"):
        sim("--data", views, "--recipe", "latnet")
    with pytest.raises(HomeError, match="set primary=probe"):
        small("primary=skill", recipe="ijepa")
    with pytest.raises(HomeError, match="there are skill and probe"):
        small("primary=loss")
    assert not runs.exists()


def test_what_is_left_open_is_made_explicit() -> None:
    assert small().explicit("x").primary == "skill"
    assert small(recipe="pairs").explicit("x").primary == "probe"
    assert small("primary=probe").explicit("x").primary == "probe"
    assert small().explicit("x").data == DataSettings(split="x")
    with pytest.raises(ValidationError):
        WorldModelSettings.model_validate({"steps": 3})


def test_the_split(tmp_path: Path) -> None:
    """By home if there are three; by episode with a note; `main` goes before `auto`; what is stored stays."""
    make(tmp_path / "homes", size=(32, 32), homes=HOMES[:3], episodes=6, frames=9)
    assert find_split(open_dataset(tmp_path / "homes")) == "auto"
    lesson = prepare(tmp_path / "homes", small())
    assert lesson.new_homes
    assert lesson.notes == ()
    split(tmp_path / "homes", "main", "episode", {"train": 1, "val": 1, "test": 1})
    assert find_split(open_dataset(tmp_path / "homes")) == "main"
    assert prepare(tmp_path / "homes", small("data.split=auto")).settings.data.split == "auto"
    make(tmp_path / "two", size=(32, 32), homes=HOMES[:2], episodes=6, frames=9)
    lesson = prepare(tmp_path / "two", small())
    assert not lesson.new_homes
    assert "nothing will be said about new homes" in lesson.notes[-1]
    make(tmp_path / "few", size=(32, 32), episodes=2, frames=9)
    with pytest.raises(HomeError, match="has 2 episodes; four are needed"):
        find_split(open_dataset(tmp_path / "few"))
    make(tmp_path / "three", size=(32, 32), episodes=3, frames=9)
    split(tmp_path / "three", "main", "episode", {"train": 1, "val": 1, "test": 1})
    with pytest.raises(HomeError, match=r"the part 'train' of .* has a single episode; two are needed"):
        prepare(tmp_path / "three", small())


def test_homes_that_may_not_be_trained_or_judged_on(
    views: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = min(prepare(views, small()).train.homes)
    make(tmp_path / "known", size=(32, 32), homes=[name], episodes=3, frames=9, seed=8)
    with pytest.raises(HomeError, match=f"the home '{name}' of {tmp_path / 'known'} is '{name}' of {views}"):
        prepare(views, small(f"data.judge_on={tmp_path / 'known'}"))
    make(tmp_path / "den", size=(32, 32), homes=["den"], episodes=3, frames=9, seed=8)
    make(tmp_path / "three", size=(32, 32), homes=HOMES[:3], episodes=6, frames=9)
    lesson = prepare(tmp_path / "three", small(f"data.judge_on={tmp_path / 'den'}"))
    assert set(lesson.test.homes) == {"den"}
    assert set(lesson.datasets) == {str(tmp_path / "three"), str(tmp_path / "den")}
    frozen = FrozenSet("old", {"villa": f"hash of {name}"}, {}, (), {})
    monkeypatch.setattr("train.data.frozen_sets", lambda: [frozen])
    with pytest.raises(HomeError, match=f"the home '{name}' of .* is 'villa' of the benchmark set 'old'"):
        prepare(views, small())


def test_another_dataset_in_the_same_place_is_refused(tmp_path: Path, runs: Path) -> None:
    make(tmp_path / "set", size=(32, 32), episodes=8, frames=9)
    lesson = prepare(tmp_path / "set", small())
    with pytest.raises(HomeError, match="is another dataset: content hash"):
        prepare(tmp_path / "set", small(), {str(tmp_path / "set"): "0" * 64})
    assert prepare(tmp_path / "set", lesson.settings, lesson.datasets).datasets == lesson.datasets


def test_parts_that_cannot_do_are_refused_before_anything_is_trained(tmp_path: Path) -> None:
    make(tmp_path / "short", size=(32, 32), episodes=8, frames=6)
    with pytest.raises(HomeError, match="part 'val' has no 7 frames that follow each other"):
        prepare(tmp_path / "short", small())
    prepare(tmp_path / "short", small(recipe="pairs"))
    make(tmp_path / "parts", size=(32, 32), episodes=8, frames=9)
    split(tmp_path / "parts", "main", "home", {"train": 1, "test": 1})
    with pytest.raises(HomeError, match="part 'val' of split 'main' has no frames; there are test, train"):
        prepare(tmp_path / "parts", small())


def test_other_checkpoints_are_no_world_models(tmp_path: Path) -> None:
    save_tensors(tmp_path / "x.safetensors", {"a": torch.zeros(1)}, {"kind": "baseline"})
    with pytest.raises(HomeError, match="is no world model"):
        load_world_model(tmp_path / "x.safetensors")
    with pytest.raises(HomeError, match=r"model\.safetensors"):
        load_world_model(tmp_path)
