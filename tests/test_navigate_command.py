"""`sim navigate` and `sim drive` as they are used."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import imageio.v3
import numpy as np
import PIL.Image
import pytest

from sim.terminal_picture import half_blocks

SIM = [sys.executable, "-m", "sim.cli"]


def run(*arguments: str, keys: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([*SIM, *arguments], input=keys, capture_output=True, text=True, check=False)


def navigate(*more: str) -> subprocess.CompletedProcess[str]:
    return run("navigate", "two-levels", "--from", "Living room", "--to", "Gallery", *more)


def test_a_crossing_over_stairs_is_filmed_and_mapped(tmp_path: Path) -> None:
    video, plan = tmp_path / "out.mp4", tmp_path / "map.png"
    done = navigate("--video", str(video), "--map", str(plan), "--size", "64x48")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("reached after ")
    assert done.stdout.rstrip().endswith("Ground floor, Upper floor")
    steps = int(done.stdout.split()[2])
    assert imageio.v3.imread(video).shape == (steps + 1, 48, 128, 3)
    assert PIL.Image.open(plan).size[0] > 100
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map.png", "out.mp4"]


def test_a_map_as_svg_holds_each_level_crossed(tmp_path: Path) -> None:
    plan = tmp_path / "map.svg"
    done = navigate("--map", str(plan), "--expert", "wandering", "--people", "1")
    assert done.returncode == 0, done.stderr
    text = plan.read_text("utf-8")
    assert text.count("<svg ") == 3
    assert 'class="path"' in text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--to", "Cellar"], "no room 'Cellar'"),
        (["--expert", "lazy"], "no expert 'lazy'; there are perfect, wandering, teleporting"),
        (["--agent", "boat"], "no body 'boat'"),
        (["--agent", "wheeled"], "Gallery cannot be reached by a body"),
        (["--agent", "wheeled", "--people", "2"], "kinematic agent only"),
        (["--video", "out.avi"], "name a .mp4 file"),
        (["--video", "/nowhere/out.mp4"], "a folder that exists"),
        (["--map", "map.jpg"], "name a .png or .svg file"),
        (["--size", "0x10"], "WIDTHxHEIGHT"),
        (["--renderer", "crayon"], "no renderer 'crayon'"),
    ],
)
def test_what_cannot_be_is_one_line_and_exit_code_2(more: list[str], said: str, tmp_path: Path) -> None:
    if "--renderer" in more:
        more = [*more, "--video", str(tmp_path / "out.mp4")]
    done = navigate(*more)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_driving_by_keys() -> None:
    done = run("drive", "two-levels", "--from", "Living room", keys="www\x1b[Aa\x1b[Ddx\x1b[Csq" + "w" * 50)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("w/↑ forward")
    assert len(lines) == 2 + 9  # how to, where it begins, nine moves; x is no key, and nothing counts after q
    assert all(line.startswith("Living room: (") for line in lines[1:])
    headings = [int(line.split("heading ")[1].split("°")[0]) for line in lines[1:]]
    assert (headings[6] - headings[4]) % 360 == pytest.approx(20, abs=1)


def test_a_picture_in_a_terminal_has_two_pixels_a_character() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (6, 5, 3), dtype=np.uint8)
    lines = half_blocks(picture).split("\n")
    cells = [re.findall(r"\x1b\[38;2;(\d+);(\d+);(\d+);48;2;(\d+);(\d+);(\d+)m▀", line) for line in lines]
    assert np.array_equal(np.array(cells, int).reshape(3, 5, 2, 3).transpose(0, 2, 1, 3).reshape(6, 5, 3), picture)
    assert all(line.endswith("\x1b[0m") for line in lines)


def test_driving_ends_with_its_input_and_needs_a_home() -> None:
    assert run("drive", "two-levels", keys="w").returncode == 0
    done = run("drive", "nowhere", keys="w")
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
