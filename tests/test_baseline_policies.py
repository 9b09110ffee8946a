"""Baselines' policies: saved, loaded elsewhere, and what they refuse to drive with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from scenes.errors import HomeError
from tests.arrows import observation
from tests.baseline_models import ALL, model, objective, policy_of
from tests.waiting import HANGS_S
from train.baselines.config import NetworkSettings, TargetSettings
from train.baselines.policy import load_policy, save_policy
from train.checkpoints import save_tensors
from train.preprocess import Preprocessing

pytestmark = pytest.mark.usefixtures("one_thread")

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
    done = subprocess.run(command, cwd=away, env=env, capture_output=True, text=True, check=True, timeout=HANGS_S)
    assert [json.loads(line) for line in done.stdout.splitlines()] == here
    loaded = load_policy(paths[1], dataset_hash="ab" * 32)
    assert (loaded.model, loaded.view, loaded.dataset, loaded.facts) == (
        policy.model, policy.view, policy.dataset, policy.facts,
    )  # fmt: skip
    assert loaded.classes == ("forward", "left", "right", "stop")


def test_a_policy_refuses_what_it_cannot_see(tmp_path: Path) -> None:
    policy = policy_of(objective(model(inputs=ALL)))
    assert policy.observations == ("rgb", "depth", "goal_offset", "previous_action")
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
