"""`sim train drive`: who drives, what, and what is said of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scenes.errors import HomeError
from scenes.library import find_home
from sim.cli import app
from tests.baseline_models import model, objective, policy_of
from tests.halls import drives, hall
from train.baselines.policy import save_policy
from train.driving.sets import save_set


@pytest.fixture(scope="module")
def halls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three drives along a hall: two straight on, one that begins by turning."""
    folder = tmp_path_factory.mktemp("hall")
    home = hall(folder, 8.0, 4.0)
    path = folder / "straight.json"
    save_set(drives(home, [(1.0, -2.0, 0.0), (1.5, -2.0, 0.0), (1.0, -2.0, 90.0)], (6.0, -2.0)), path)
    return path


def sim(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["train", "drive", *map(str, arguments)])


def test_who_goes_straight_on_gets_where_that_leads(halls: Path, tmp_path: Path) -> None:
    result = sim("blind", "--out", tmp_path, "--on", halls, "--films", 0, "--workers", 1)
    assert result.exit_code == 0, result.output
    assert "hall: 67% of 3 reach the end" in result.output
    assert (tmp_path / "report.html").exists()
    said = json.loads((tmp_path / "results.json").read_text())
    assert said["policy"]["identity"] == "cycle FORWARD"
    assert said["results"]["all"]["endings"]["reached"] == 2


def test_the_first_drives_of_a_set_in_a_file(halls: Path, tmp_path: Path) -> None:
    result = sim("oracle", "--out", tmp_path, "--on", halls, "--count", 2, "--films", 1, "--workers", 1)
    assert "hall-first-2: 100% of 2 reach the end, 100% of the way done" in result.output
    assert [path.name for path in (tmp_path / "films").iterdir()] == ["hall-first-2-0000.mp4"]


def test_drives_are_drawn_in_a_home_that_has_none(tmp_path: Path) -> None:
    results = []
    for name in ("one", "other"):
        result = sim("oracle", "--out", tmp_path / name, "--on", find_home("two-levels"), "--count", 2, "--films", 0)
        assert "two-levels-route: 100% of 2 reach the end" in result.output
        results.append(json.loads((tmp_path / name / "results.json").read_text())["sets"])
    assert results[0] == results[1]
    assert results[0]["two-levels-route"]["kind"] == "route"


def test_a_trained_policy_draws_unless_it_is_told_not_to(halls: Path, tmp_path: Path) -> None:
    file = tmp_path / "run" / "policy.safetensors"
    file.parent.mkdir()
    policy = policy_of(objective(model()))
    policy.dataset = dict(policy.dataset) | {"config": {}}
    save_policy(policy, file)
    identities = []
    for name, *options in (("drawn",), ("likeliest", "--likeliest"), ("painted", "--paint", 0.5)):
        result = sim(file.parent, "--out", tmp_path / name, "--on", halls, "--films", 0, "--workers", 1, *options)
        assert result.exit_code == 0, result.output
        said = json.loads((tmp_path / name / "results.json").read_text())
        identities.append((said["policy"]["identity"].endswith(", drawn"), said["look"]["randomise"]["paint"] is None))
    assert identities == [(True, True), (False, True), (True, False)]


def test_what_cannot_drive_is_refused(halls: Path, tmp_path: Path) -> None:
    for arguments, message in (
        (("bind", "--on", halls), "no policy bind; name a baseline's run"),
        (("blind",), "name what to drive with --on"),
        (("blind", "--on", "mars"), "no set of drives 'mars'"),
    ):
        result = sim(*arguments, "--out", tmp_path)
        assert isinstance(result.exception, HomeError)
        assert message in str(result.exception)
