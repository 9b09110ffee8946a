"""`sim generate` as a user runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from datagen.reader import open_dataset
from scenes.errors import HomeError
from sim.cli import app

ROOT = Path(__file__).parents[1]
SMALL = ["--episodes", "2", "--frames", "3", "--size", "24x16"]


def sim(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sim.cli", *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )


def test_it_makes_and_refuses(tmp_path: Path) -> None:
    out = str(tmp_path / "made")
    made = sim(
        "generate", "--scene", "round", "--policy", "jump", *SMALL, "--seed", "2", "--workers", "1", "--out", out
    )
    assert made.returncode == 0, made.stderr
    assert "2 of them new (6 frames" in made.stdout
    assert "about 6 frames" in made.stderr
    assert "free" in made.stderr
    dataset = open_dataset(Path(out))
    assert len(dataset) == 6
    assert set(dataset.column("home")) == {"round"}
    assert dataset.images(0).rgb.shape == (16, 24, 3)
    other = CliRunner().invoke(app, ["generate", "--scene", "round", "--policy", "jump", *SMALL, "--out", out])
    assert isinstance(other.exception, HomeError)
    assert "another configuration (seed: 2 there, 0 asked for)" in str(other.exception)
    nowhere = sim("generate", "--scene", "nowhere", "--policy", "jump", *SMALL, "--out", out)
    assert nowhere.returncode == 2
    assert nowhere.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--scene", "nowhere", "--policy", "fly"], "nowhere"),
        (["--scene", "round", "--policy", "dance"], "policies"),
        (["--policy", "fly"], "homes"),
        (["--scene", "round", "--policy", "fly", "--engine", "cluster"], "no engine 'cluster'"),
        (["--scene", "round", "--policy", "fly", "--address", "auto"], "--address"),
        (["--scene", "round", "--policy", "fly", "--light", "noon"], "noon"),
        (["--scene", "round", "--policy", "fly", "--light", "day", "--renderer", "bullet"], "baked light"),
        (["--scene", "round", "--scene", "round", "--policy", "fly"], "two homes"),
        (["--scene", "round", "--policy", "fly", "--size", "9x"], "9x"),
    ],
)
def test_what_cannot_be_is_said_and_leaves_nothing(arguments: list[str], said: str, tmp_path: Path) -> None:
    out = tmp_path / "none"
    result = CliRunner().invoke(app, ["generate", *arguments, "--episodes", "2", "--out", str(out)])
    assert isinstance(result.exception, HomeError)
    assert said in str(result.exception)
    assert not out.exists()


def test_options_override_the_file(tmp_path: Path) -> None:
    settings = {"homes": ["round"], "policies": ["fly"], "episodes": 2, "frames": 3, "size": [24, 16], "sede": 3}
    path = tmp_path / "settings.yaml"
    path.write_text(yaml.safe_dump(settings))
    result = CliRunner().invoke(app, ["generate", "--config", str(path), "--out", str(tmp_path / "out")])
    assert "sede" in str(result.exception)
    path.write_text("- round\n")
    result = CliRunner().invoke(app, ["generate", "--config", str(path), "--out", str(tmp_path / "out")])
    assert "holds no settings" in str(result.exception)
    path.write_text(yaml.safe_dump({name: value for name, value in settings.items() if name != "sede"}))
    asked = ["generate", "--config", str(path), "--frames", "2", "--workers", "1", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(app, asked)
    assert "(4 frames" in result.stdout, result.output
    assert "0 of them new" in CliRunner().invoke(app, [*asked, "--allow", "code"]).stdout
