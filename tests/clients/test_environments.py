"""Environments in the libraries that act in them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.clients.conftest import Say
from tests.clients.environments import AGENTS


def test_stable_baselines3_has_nothing_to_say_and_learns(tmp_path: Path, say: Say) -> None:
    report = json.loads(AGENTS.run("act_with_sb3.py", environ={"STAIRWELL_CACHE": str(tmp_path)}).splitlines()[-1])
    say(f"{report['program']}: {report['checked']} environments and sets of observations, no warning")
    assert report["checked"] > 60


def test_stable_worldmodel_collects_reads_and_evaluates(tmp_path: Path, say: Say) -> None:
    report = json.loads(AGENTS.run("collect_with_swm.py", tmp_path).splitlines()[-1])
    say(f"{report['program']}: rows {report['rows']}")
    assert set(report["rows"]) == {"PointNav", "RouteNav", "PTZTrack"}
