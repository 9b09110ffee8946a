"""Exports of datasets in the programs that they are for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.conftest import Say
from tests.clients.environments import LEROBOT, READERS

Export = Callable[..., Path]

KINDS = {"webdataset": "webdataset", "datasets-tar": "webdataset", "datasets-parquet": "huggingface", "coco": "coco"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_frame_as_it_is_stored(kind: str, walks: Path, sweeps: Path, exported: Export, say: Say) -> None:
    for dataset in (walks, sweeps):
        said = READERS.run("read_exports.py", kind, dataset, exported(dataset, KINDS[kind]))
        report = json.loads(said.splitlines()[-1])
        say(f"{report['program']} ({kind}): {report['frames']} frames of {dataset.name}, as stored")
        assert report["frames"] > 6


def test_lerobot_reads_every_frame(walks: Path, sweeps: Path, exported: Export, say: Say) -> None:
    for dataset in (walks, sweeps):
        said = LEROBOT.run("read_lerobot.py", dataset, exported(dataset, "lerobot"))
        say(said.strip().splitlines()[0])
        assert "as stored" in said


def train(export: Path, out: Path, *options: str) -> str:
    """What LeRobot says of training a small ACT for two steps on the CPU."""
    small = {"dim_model": 64, "n_heads": 2, "dim_feedforward": 64, "n_encoder_layers": 1}
    small |= {"chunk_size": 4, "n_action_steps": 4}
    return LEROBOT.run(
        "lerobot-train",
        "--dataset.repo_id=me/walks",
        f"--dataset.root={export}",
        f"--output_dir={out}",
        "--policy.type=act",
        "--policy.push_to_hub=false",
        "--policy.device=cpu",
        "--policy.pretrained_backbone_weights=null",  # they would be fetched
        *(f"--policy.{name}={value}" for name, value in small.items()),
        *("--steps=2", "--batch_size=2", "--num_workers=0", "--log_freq=1", "--wandb.enable=false"),
        *options,
    )


def test_lerobot_trains_act_without_depth(walks: Path, exported: Export, tmp_path: Path) -> None:
    train(exported(walks, "lerobot", "--no-depth"), tmp_path / "run")
    assert list((tmp_path / "run").rglob("model.safetensors"))


def test_lerobot_trains_act_beside_depth_when_its_inputs_are_named(
    walks: Path, exported: Export, tmp_path: Path
) -> None:
    export = exported(walks, "lerobot")
    features = json.loads((export / "meta/info.json").read_text())["features"]
    height, width, channels = features["observation.images.camera"]["shape"]
    inputs = {
        "observation.images.camera": {"type": "VISUAL", "shape": [channels, height, width]},
        "observation.state": {"type": "STATE", "shape": features["observation.state"]["shape"]},
    }
    train(export, tmp_path / "run", f"--policy.input_features={json.dumps(inputs)}")
    assert list((tmp_path / "run").rglob("model.safetensors"))


def test_lerobot_still_refuses_depth_as_an_image(walks: Path, exported: Export, tmp_path: Path) -> None:
    """The day that it takes depth, docs/exports.md need not warn of it any more."""
    with pytest.raises(AssertionError, match="got 1 channels"):
        train(exported(walks, "lerobot"), tmp_path / "run")
