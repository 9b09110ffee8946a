"""The same inputs give the same bytes: twice, in any order, by several processes at once, by any number of threads."""

import json
import os
import subprocess
import sys

import pytest
from pyarrow import parquet

from scenes.library import load_scene
from sim.camera import Intrinsics
from sim.renderers.choose import open_renderer
from sim.tour import tour
from tests.waiting import HANGS_S

WORKERS = 4
RENDERERS = ["gl", "bullet"]
RUNS = [
    pytest.param("two-levels", 12, "96x72", id="scaled"),
    pytest.param("oldenborg", 200, "224x224", id="stated", marks=pytest.mark.full),
]
IMAGES = ("rgb", "depth", "segmentation")


def start(home, out, *arguments, threads=None, cache=None):
    """`sim render` in a process of its own. `threads`: of llvmpipe; `cache`: a folder for the cache of scenes.

    With threads, memory that nobody wrote is not zero either (`MALLOC_PERTURB_` of glibc).
    """
    more = {} if threads is None else {"LP_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    more |= {} if threads is None else {"MALLOC_PERTURB_": "165"}
    more |= {} if cache is None else {"STAIRWELL_CACHE": str(cache)}
    command = [sys.executable, "-m", "sim.cli", "render", "--scene", home, "--out", out, *arguments]
    return subprocess.Popen([str(part) for part in command], stderr=subprocess.PIPE, text=True, env=os.environ | more)


def finish(process):
    _, said = process.communicate(timeout=HANGS_S)
    assert process.returncode == 0, said


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def assert_same_files(one, other):
    first, second = files(one), files(other)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize(("home", "frames", "size"), RUNS)
def test_twice_and_by_four_workers_at_once(renderer, home, frames, size, tmp_path):
    """The workers take every fourth pose each, begin together and without a cached scene."""
    common = ("--renderer", renderer, "--size", size)
    finish(start(home, tmp_path / "whole", *common, "--frames", frames))
    finish(start(home, tmp_path / "again", *common, "--frames", frames, threads=WORKERS))
    assert_same_files(tmp_path / "whole", tmp_path / "again")

    poses = parquet.read_table(tmp_path / "whole" / "frames.parquet")["T_world_camera"].to_pylist()
    workers = []
    for worker in range(WORKERS):
        mine = tmp_path / f"{worker}.json"
        mine.write_text(json.dumps([{"T_world_camera": pose} for pose in poses[worker::WORKERS]]))
        more = ("--path", mine, "--frames", frames)
        workers.append(start(home, tmp_path / str(worker), *common, *more, threads=1, cache=tmp_path / "cache"))
    for worker in workers:
        finish(worker)
    for index in range(len(poses)):
        for kind in IMAGES:
            alone = tmp_path / str(index % WORKERS) / kind / f"{index // WORKERS:06d}.png"
            assert alone.read_bytes() == (tmp_path / "whole" / kind / f"{index:06d}.png").read_bytes(), (kind, index)


@pytest.mark.parametrize("renderer", RENDERERS)
def test_noise_and_moving_cameras_are_repeated(renderer, tmp_path):
    noise = "depth=kinect,exposure,color,blur=3"
    arguments = ("--renderer", renderer, "--size", "64x48", "--frames", 8, "--camera", "ptz", "--noise", noise)
    runs = [start("blocks", tmp_path / name, *arguments, "--seed", 5) for name in ("one", "other")]
    runs.append(start("blocks", tmp_path / "seed", *arguments, "--seed", 6))
    for run in runs:
        finish(run)
    assert_same_files(tmp_path / "one", tmp_path / "other")
    assert files(tmp_path / "one")["depth/000000.png"] != files(tmp_path / "seed")["depth/000000.png"]


@pytest.mark.parametrize("renderer", RENDERERS)
def test_frames_are_the_same_in_any_order(renderer):
    scene = load_scene("two-levels")
    camera = Intrinsics.from_fov(96, 72, 75)
    poses = [stop.T_world_camera for stop in tour(scene, 10)]
    with open_renderer(renderer, scene) as one, open_renderer(renderer, scene) as other:
        forward = [one.render(camera, pose) for pose in poses]
        backward = [other.render(camera, pose) for pose in reversed(poses)][::-1]
    for first, second in zip(forward, backward, strict=True):
        for kind in IMAGES:
            assert getattr(first, kind).tobytes() == getattr(second, kind).tobytes()


@pytest.mark.parametrize("renderer", RENDERERS)
def test_renderer_and_driver_are_recorded_with_the_frames(renderer, tmp_path):
    finish(start("blocks", tmp_path / "out", "--renderer", renderer, "--size", "32x24", "--frames", 1))
    metadata = parquet.read_schema(tmp_path / "out" / "frames.parquet").metadata
    said = json.loads((tmp_path / "out" / "scene.json").read_text())
    with open_renderer(renderer, load_scene("blocks")) as opened:
        for record in (json.loads(metadata[b"made_with"]), said):
            assert (record["renderer"], record["driver"]) == (renderer, opened.driver)


def test_baked_light_is_the_same_when_it_is_baked_again(tmp_path):
    common = ("--renderer", "gl", "--light", "evening", "--size", "64x48", "--frames", 4)
    runs = [start("blocks", tmp_path / str(n), *common, threads=n, cache=tmp_path / f"cache-{n}") for n in (1, 2)]
    for run in runs:
        finish(run)
    assert_same_files(tmp_path / "1", tmp_path / "2")
