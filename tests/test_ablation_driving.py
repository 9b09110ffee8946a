"""The closed-loop table: which policies there are, and what is said of them, against what it is by hand."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from scenes.errors import HomeError
from train.ablation.driving_data import keep_settings
from train.ablation.driving_effects import agreement, changes, effect_table, effects
from train.ablation.driving_settings import (
    DECIDING,
    EXPERTS,
    HOMES,
    SINGLE,
    DrivingSettings,
    Row,
    factorial,
    is_base,
    others,
)
from train.ablation.driving_table import LOOKS, Driven, home_table, table
from train.config import resolve

SETTINGS = resolve(DrivingSettings, "ablation-driving", [])


def driven(row: Row | None, success: list[float], accuracy: float = 0.9) -> Driven:
    drives = [
        {
            "look": LOOKS[1 - number % 2],
            "home": HOMES[number % 3],
            "success": float(reached),
            "spl": 0.5 * reached,
            "path_completion": 0.5 + 0.5 * reached,
            "collisions": 2.0,
            "oscillation": 10.0,
            "actions": 100,
        }
        for number, reached in enumerate(success)
    ]
    likeliest = [] if row is None else [drive | {"success": 0.25} for drive in drives]
    return Driven("simple" if row is None else row.name, row, 1000, accuracy, drives, likeliest)


def test_the_table_is_factorial_with_seeds_for_what_decides() -> None:
    plain, rest = factorial(SETTINGS), others(SETTINGS)
    rows = [*plain, *rest]
    assert len({row.name for row in rows}) == len(rows)
    assert len(plain) == len(EXPERTS) * 2 * 2 * 2
    assert all(row.is_plain and row.seed == SETTINGS.seeds[0] for row in plain)
    for change in ({}, *DECIDING.values()):
        assert {row.seed for row in rows if is_base(row, **change)} == {0, 1, 2}, change
    for change in SINGLE.values():
        assert [row.seed for row in rows if is_base(row, **change)] == [0], change
    assert {row.split for row in rows} == {"episode", "random", "home"}


def test_a_factor_changes_what_it_was_made_to_change() -> None:
    """Success is a sum of what the factors are worth, so that each difference is known."""
    worth = {"depth": 0.1, "history": -0.05, "randomised": 0.2, "wandering": 0.3, "teleporting": 0.15}

    def of(row: Row, *, painted: bool) -> float:
        asked = {"depth": row.depth, "history": row.history, "randomised": row.looks == "randomised" and painted}
        asked |= {row.expert: True}
        return sum(worth.get(name, 0.0) for name, holds in asked.items() if holds)

    policies = [driven(row, [of(row, painted=number % 2 == 0) for number in range(6)]) for row in factorial(SETTINGS)]
    found = {one.name: one for one in effects(policies)}
    assert [one.pairs for one in found.values()] == [12, 12, 12, 8, 8, 24]
    rule = found.pop("always the likeliest command instead of drawn")
    assert rule.success.value == pytest.approx(0.25 - np.mean([one.mean("success") for one in policies]))
    values = [one.success.value for one in found.values()]
    assert values == pytest.approx([0.1, -0.05, 0.1, 0.3, 0.15])
    looks = found["from randomised homes instead of static"].by_look
    assert (looks["as drawn"].value, looks["painted"].value) == pytest.approx((0.0, 0.2))
    assert [one.completion.value for one in found.values()] == pytest.approx([value / 2 for value in values])
    assert "**+0.30**" in effect_table(list(found.values()))


def test_offline_and_driving_agree_as_their_ranks_do() -> None:
    row = Row(expert="perfect", looks="static")
    policies = [driven(row, [1] * n + [0] * (6 - n), 0.9 + 0.01 * rank) for n, rank in ((0, 0), (5, 1), (6, 2))]
    assert agreement(policies) == pytest.approx(1.0)
    assert agreement(policies[:2] + [driven(row, [0] * 6, 0.99)]) == pytest.approx(0.0, abs=0.01)


def test_changes_are_differences_on_the_same_drives_and_seeds() -> None:
    base = Row(expert="wandering", looks="randomised", depth=True)
    blind = base.model_copy(update={"depth": False})
    policies = [
        driven(row.model_copy(update={"seed": seed}), success, accuracy)
        for seed in range(3)
        for row, success, accuracy in ((base, [1, 1, 1, 0, 1, 1], 0.8), (blind, [0, 0, 1, 0, 1, 1], 0.9))
    ]
    (found,) = changes(policies)
    assert (found.name, found.pairs) == ("without depth", 3)
    assert found.success.value == pytest.approx(-2 / 6)
    assert found.completion.value == pytest.approx(-1 / 6)
    assert found.accuracy == pytest.approx(0.1)
    assert found.success.low < -2 / 6 < found.success.high


def test_a_line_has_success_by_look_collisions_by_actions_and_both_rules() -> None:
    row = Row(expert="perfect", looks="static", history=True, history_dropout=0.3)
    line = [part.strip() for part in table([driven(row, [1, 0, 1, 0, 1, 0])]).splitlines()[-1].split("|")]
    assert line[1:4] == ["perfect, static", "RGB + previous command (70% of frames)", "0"]
    assert line[5:8] == ["0.50 [0.19, 0.81]", "0.00", "1.00"]
    assert line[-4:-1] == ["2.0", "10", "0.25"]
    assert table([driven(None, [1, 0])]).splitlines()[-1].endswith("| 10 |  |")


def test_success_by_home_stands_beside_offline_accuracy() -> None:
    base = Row(expert="wandering", looks="randomised", depth=True)
    policies = [driven(base, [1] * 6), driven(base.model_copy(update={"split": "home"}), [1, 1, 0, 1, 1, 0], 0.4)]
    lines = home_table(policies).splitlines()[2:]
    assert lines == ["| episode | 0.900 | 1.00 | 1.00 | 1.00 |", "| home | 0.400 | 1.00 | 1.00 | 0.00 |"]


def test_a_folder_is_of_one_table(tmp_path: Path) -> None:
    keep_settings(SETTINGS, tmp_path)
    keep_settings(SETTINGS, tmp_path)
    with pytest.raises(HomeError, match="a table of other settings"):
        keep_settings(SETTINGS.model_copy(update={"steps": 3}), tmp_path)


SMALL = ["--recipe", "ablation-driving-smoke", "--workers", "2"]


@pytest.mark.full
def test_a_table_that_is_killed_goes_on_to_the_same_figures(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sim.cli", "train", "ablation", "driving", *SMALL, "--out"]
    root = Path(__file__).parents[1]
    killed = 0
    for seconds in (30, 45, 60):
        process = subprocess.Popen([*command, str(tmp_path / "killed")], cwd=root, start_new_session=True)
        time.sleep(seconds)
        killed += process.poll() is None
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for name in ("killed", "whole"):
        subprocess.run([*command, str(tmp_path / name)], cwd=root, check=True, stdout=subprocess.DEVNULL)
    assert killed == 3
    one, other = (json.loads((tmp_path / name / "driving.json").read_text()) for name in ("killed", "whole"))
    assert one == other
    small = resolve(DrivingSettings, "ablation-driving-smoke", [])
    large_and_simple = 1 + 5
    assert len(one["policies"]) == len(factorial(small)) + len(others(small)) + large_and_simple
