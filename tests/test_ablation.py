"""Experiments: rows and tables against what they are by hand; cells that are fixed beforehand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.waiting import wait_until
from train.ablation.cells import cells_of
from train.ablation.depth import write_tables
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
    wait_until(lambda: not Path(f"/proc/{worker}").exists())
