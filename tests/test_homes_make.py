"""Procedural homes: the same for the same seed, all different, all sound, all connected."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from datagen.homes.floorspace import FloorSpace
from datagen.homes.make import MadeHome, make_home, why_refused
from datagen.homes.plan import LEFT, RIGHT, STAIR_HALL_CM, draw_plan
from scenes.body import PERSON, WHEELED
from scenes.build.assemble import build_scene
from scenes.home.reader import parse_home
from tests.program import export, judge_bounds, judge_surfaces, needs_program

SEED = 7


@cache
def made(index: int) -> MadeHome:
    return make_home(SEED, index)


@pytest.mark.parametrize("count", [3, pytest.param(100, marks=pytest.mark.full)])
def test_homes_are_sound_connected_and_all_different(count: int) -> None:
    homes = [made(index) for index in range(count)]
    for home in homes:
        assert why_refused(home.data, home.name, PERSON) is None
        assert build_scene(parse_home(home.data, home.name)).warnings == ()
    assert len({home.data for home in homes}) == count
    plans = [draw_plan(np.random.default_rng([SEED, index, len(home.refused)])) for index, home in enumerate(homes)]
    assert len({(plan.lengths, plan.depths, plan.corridor) for plan in plans}) == count
    if count == 100:
        assert {len(plan.storeys) for plan in plans} == {1, 2, 3}
        kinds = [plan.rise and ("flight" if plan.rise.risers else "incline") for plan in plans]
        assert all(kinds.count(kind) >= 10 for kind in (None, "flight", "incline"))
        assert sum(len(home.refused) for home in homes) < 30


def test_the_same_numbers_give_the_same_bytes_in_another_process() -> None:
    code = f"import sys; from datagen.homes.make import make_home; sys.stdout.buffer.write(make_home({SEED}, 1).data)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert run.stdout == made(1).data


def test_rooms_of_a_plan_fill_their_strips_without_overlap() -> None:
    for seed in range(200):
        plan = draw_plan(np.random.default_rng(seed))
        for storey in plan.storeys:
            for side in (LEFT, RIGHT):
                rooms = [room for room in storey if room.side == side]
                edges = [(room.start, room.end) for room in rooms]
                assert edges[0][0] == 0.0
                assert edges[-1][1] == plan.lengths[side]
                assert all(before[1] == after[0] for before, after in pairwise(edges))
                assert all(room.start + 60 <= room.door <= room.end - 60 for room in rooms)
            assert len({room.name for room in storey}) == len(storey)
        for lower, upper in pairwise(plan.storeys):
            halls = [{(r.side, r.start, r.width) for r in storey if r.kind == "stairs"} for storey in (lower, upper)]
            assert len(halls[0] & halls[1]) == 1
            assert all(width == STAIR_HALL_CM for _, _, width in halls[0] | halls[1])


def test_a_home_that_a_body_cannot_cross_is_refused_with_its_rooms() -> None:
    home = next(made(index) for index in range(10) if "flight" in made(index).description)
    reason = why_refused(home.data, home.name, WHEELED)
    assert reason is not None
    assert re.search(r"not all rooms are joined: .*\d\.\d", reason)


def test_furniture_never_closes_the_way_between_doors() -> None:
    floor = FloorSpace(400.0, 300.0, [(45.0, 150.0), (355.0, 150.0)], [])
    assert not floor.offer([(180.0, 0.0, 220.0, 300.0)])
    assert not floor.offer([(180.0, 60.0, 220.0, 240.0)])
    assert floor.offer([(180.0, 0.0, 220.0, 200.0)])
    assert not floor.offer([(190.0, 150.0, 230.0, 230.0)]), "overlaps"
    assert not floor.offer([(380.0, 0.0, 420.0, 40.0)]), "outside"
    assert not floor.offer([(180.0, 236.0, 220.0, 296.0)]), "closes what was left"


def test_the_command_makes_what_is_missing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sim.cli", "homes", "make", "--seed", str(SEED), "--count", "2"]
    run = subprocess.run([*command, "--out", tmp_path / "h"], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    files = sorted((tmp_path / "h").iterdir())
    assert [file.name for file in files] == ["home-7-0000.sh3d", "home-7-0001.sh3d"]
    assert [file.read_bytes() for file in files] == [made(0).data, made(1).data]
    files[0].unlink()
    kept = files[1].stat().st_mtime_ns
    again = subprocess.run([*command, "--out", tmp_path / "h"], capture_output=True, text=True, check=True)
    assert "1 new" in again.stdout
    assert files[0].read_bytes() == made(0).data
    assert files[1].stat().st_mtime_ns == kept


@needs_program
@pytest.mark.full
@pytest.mark.parametrize("index", range(0, 100, 10))
def test_the_real_program_agrees(index: int, tmp_path: Path) -> None:
    home = made(index)
    path = tmp_path / f"{home.name}.sh3d"
    path.write_bytes(home.data)
    obj, truth = export(path, tmp_path)
    scene = build_scene(parse_home(home.data, home.name))
    assert judge_bounds(scene, truth).startswith("ok")
    assert judge_surfaces(scene, obj, truth, tmp_path, rays=5000).startswith("ok")
