"""Experiments: rows and tables against what they are by hand; cells that are fixed beforehand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from train.ablation.cells import cells_of
from train.ablation.depth import write_tables
from train.ablation.driving_settings import EXPERTS, DrivingSettings, Row, rows_of
from train.ablation.driving_table import Driven, contrasts, home_table, table
from train.ablation.settings import ARMS, DepthSettings
from train.ablation.tables import CellRecords, markdown, probe_rows, step_rows
from train.config import resolve
from train.preprocess import Preprocessing

HOMES = ("a", "b", "c")


def cell(arm: str, seed: int, error: float) -> CellRecords:
    """A cell whose errors are `error` of the reference's in all homes, give or take the seed's hundredth."""
    own = error + 0.01 * seed
    probed = [
        {"target": target, "home": home, "count": 10, "error": own, "error_mean": 1.0}
        for target in ("tilt", "mean_depth")
        for home in HOMES
    ]
    decoded = [
        {
            "target": "tilt",
            "horizon": step,
            "home": home,
            "windows": 5,
            "error": own,
            "error_copy": 1.0,
            "error_true": 0,
        }
        for step in (1, 2)
        for home in HOMES
    ]
    skills = [{"skill": {"value": 1 - own}, "shuffled": {"value": -own}} for _ in (1, 2)]
    return CellRecords(arm, seed, {"probed": probed, "decoded": decoded, "skills": skills, "rankme": 20.0})


def test_rows_are_skills_and_paired_with_colour_alone() -> None:
    cells = [cell("rgb", seed, 0.5) for seed in range(3)] + [cell("rgb-d", seed, 0.3) for seed in range(3)]
    rows = {(row.arm, row.target): row for row in probe_rows(cells, np.random.default_rng(0))}
    for (arm, _), row in rows.items():
        error = {"rgb": 0.51, "rgb-d": 0.31}[arm]
        assert row.skill.value == pytest.approx(1 - error)
        assert row.rms_error == pytest.approx(np.sqrt(error))
        assert row.skill.low < row.skill.value < row.skill.high
    assert rows["rgb", "tilt"].minus_rgb is None
    paired = rows["rgb-d", "tilt"].minus_rgb
    assert paired is not None
    assert (paired.value, paired.low, paired.high) == pytest.approx((0.2, 0.2, 0.2))
    assert [key for key, row in rows.items() if row.circular] == [("rgb-d", "mean_depth")]


def test_tables_have_a_line_per_quantity_and_horizon_and_mark_what_is_circular() -> None:
    cells = [cell("rgb", seed, 0.5) for seed in range(3)] + [cell("rgb-d", seed, 0.3) for seed in range(3)]
    rng = np.random.default_rng(0)
    probes = markdown(probe_rows(cells, rng), horizons=[0]).splitlines()
    assert [line.split("|")[1].strip() for line in probes[2:]] == ["tilt", "mean depth"]
    assert "(0.69" in probes[3]
    assert "**+**" in probes[2]
    steps = markdown(step_rows(cells, rng), horizons=[1, 2]).splitlines()
    assert len(steps) == 4
    assert len({line.count("|") for line in steps}) == 1


def test_all_arms_and_seeds_are_cells_that_differ_in_nothing_else(tmp_path: Path) -> None:
    settings = resolve(DepthSettings, "ablation-depth", [])
    cells = cells_of(settings, tmp_path, tmp_path, tmp_path)
    assert {(one.settings.arm, one.settings.seed) for one in cells} == {(a, s) for a in ARMS for s in (0, 1, 2)}
    plain = {"arm": "", "seed": 0, "preprocessing": Preprocessing()}
    assert len({one.settings.model_copy(update=plain).model_dump_json() for one in cells}) == 1
    planes = {one.settings.arm: one.settings.preprocessing.planes for one in cells}
    assert planes["rgb-d"] == planes["constant"] == planes["shuffled"]


def test_the_files_hold_all_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = [cell(arm, seed, 0.5) for arm in ARMS for seed in range(2)]
    monkeypatch.setattr("train.ablation.depth.read_cells", lambda _: cells)
    settings = resolve(DepthSettings, "ablation-depth-smoke", ["horizons=2"])
    text = write_tables(settings, [Path(f"run-{n}") for n in range(len(cells))], tmp_path)
    said = json.loads((tmp_path / "depth.json").read_text())
    assert len(said["runs"]) == len(said["rankme"]) == 10
    assert (tmp_path / "depth.md").read_text() == f"{text}\n"
    assert "10 cells: 5 arms, 2 seeds" in text


def test_the_closed_loop_table_is_factorial_with_seeds_for_what_decides() -> None:
    rows = rows_of(resolve(DrivingSettings, "ablation-driving", []))
    assert len({row.name for row in rows}) == len(rows)
    plain = [row for row in rows if (row.seed, row.mirror, row.split) == (0, "off", "episode")]
    assert len(plain) == len(EXPERTS) * 2 * 2 * 2
    seeds: dict[str, set[int]] = {}
    for row in rows:
        seeds.setdefault(row.model_copy(update={"seed": 0}).name, set()).add(row.seed)
    assert sum(len(found) == 3 for found in seeds.values()) == 5
    assert any(row.mirror == "mistaken" and row.seed == 2 for row in rows)
    assert {row.split for row in rows} == {"episode", "random", "home"}


def driven(row: Row | None, success: list[int], accuracy: float = 0.9) -> Driven:
    drives = [
        {
            "look": "as drawn" if number % 2 else "painted",
            "home": ("oldenborg", "two-levels", "round")[number % 3],
            "success": float(reached),
            "spl": 0.5 * reached,
            "path_completion": 0.5 + 0.5 * reached,
            "collisions": 2.0,
            "oscillation": 10.0,
            "actions": 100,
        }
        for number, reached in enumerate(success)
    ]
    return Driven("simple" if row is None else row.name, row, 1000, accuracy, drives)


def test_contrasts_are_differences_on_the_same_drives() -> None:
    base = Row(expert="wandering", looks="randomised", depth=True)
    blind = base.model_copy(update={"depth": False})
    policies = [
        driven(row.model_copy(update={"seed": seed}), success, accuracy)
        for seed in range(3)
        for row, success, accuracy in ((base, [1, 1, 1, 0, 1, 1], 0.8), (blind, [0, 0, 1, 0, 1, 1], 0.9))
    ]
    (found,) = contrasts(policies)
    assert (found.name, found.seeds) == ("without depth", 3)
    assert found.success.value == pytest.approx(-2 / 6)
    assert found.completion.value == pytest.approx(-1 / 6)
    assert found.accuracy == pytest.approx(0.1)
    assert found.success.low < -2 / 6 < found.success.high


def test_a_line_has_success_by_look_and_collisions_by_actions() -> None:
    line = table([driven(None, [1, 0, 1, 0, 1, 0])]).splitlines()[-1]
    assert [part.strip() for part in line.split("|")][5:8] == ["0.50 [0.19, 0.81]", "0.00", "1.00"]
    assert "| 2.0 | 10 |" in line


def test_success_by_home_stands_beside_offline_accuracy() -> None:
    base = Row(expert="wandering", looks="randomised", depth=True)
    policies = [driven(base, [1] * 6), driven(base.model_copy(update={"split": "home"}), [1, 1, 0, 1, 1, 0], 0.4)]
    lines = home_table(policies).splitlines()[2:]
    assert lines == ["| episode | 0.900 | 1.00 | 1.00 | 1.00 |", "| home | 0.400 | 1.00 | 1.00 | 0.00 |"]


def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    code = (
        "from concurrent.futures import ProcessPoolExecutor\n"
        "from multiprocessing import get_context\n"
        "from pathlib import Path\n"
        "import os, time\n"
        "from train.ablation.workers import start_worker\n"
        "if __name__ == '__main__':\n"
        f"    pool = ProcessPoolExecutor(1, get_context('spawn'), start_worker, (1, Path({str(tmp_path / 'log')!r})))\n"
        "    print(pool.submit(os.getpid).result(), flush=True)\n"
        "    time.sleep(600)\n"
    )
    script = tmp_path / "parent.py"
    script.write_text(code)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=environment)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and Path(f"/proc/{worker}").exists():
        time.sleep(0.05)
    assert not Path(f"/proc/{worker}").exists()
