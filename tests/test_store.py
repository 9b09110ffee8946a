"""The store: whole episodes or nothing, the same hash whoever writes, and runs that were killed go on."""

from __future__ import annotations

import io
import multiprocessing
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyarrow import parquet

from datagen.checks import check_dataset
from datagen.reader import open_dataset
from datagen.store import Storage, home_hash, images, png, read_about, writing
from datagen.store.about import IDENTITY, write_about
from datagen.store.dataset import sealed
from datagen.store.identity import content_hash
from datagen.store.listing import EPISODES, FRAMES, list_episodes, listed_hashes, read_listing
from datagen.store.schema import ADDED
from sim.output import depth_to_millimetres
from tests.recordings import ALLOW, CAMERA, HOMES, make, source, spec, write_one

ROOT = Path(__file__).parents[1]


def image_strategy() -> st.SearchStrategy[np.ndarray]:
    side = st.integers(1, 20)
    rgb = st.tuples(side, side).flatmap(lambda size: arrays(np.uint8, (*size, 3)))
    return rgb | st.tuples(side, side).flatmap(lambda size: arrays(np.uint16, size))


@given(image_strategy())
def test_png_is_what_any_program_reads(image: np.ndarray) -> None:
    data = png.encode(image)
    opened = PIL.Image.open(io.BytesIO(data))
    assert np.array_equal(np.asarray(opened), image)
    assert np.array_equal(png.decode(data), image)
    assert png.decode(data).dtype == image.dtype


@given(st.data())
@settings(max_examples=300)
def test_a_damaged_png_is_an_error(data: st.DataObject) -> None:
    whole = png.encode(np.arange(60, dtype=np.uint8).reshape(4, 5, 3))
    at = data.draw(st.integers(0, len(whole) - 1))
    flipped = bytes([*whole[:at], whole[at] ^ data.draw(st.integers(1, 255)), *whole[at + 1 :]])
    for bad in (flipped, whole[:at], b""):
        with pytest.raises(ValueError, match=r"\w"):
            png.decode(bad)


@pytest.mark.parametrize("form", ["png", "webp", "jpeg"])
def test_episodes_hold_what_was_shown(tmp_path: Path, form: images.RgbFormat) -> None:
    make(tmp_path, spec(2, storage=Storage(rgb=form)))
    dataset = open_dataset(tmp_path)
    shown = [pair for index in range(2) for pair in source({"seed": 7, "frames": 5}, index)]
    assert len(dataset) == len(shown) == 10
    for index, (expected, row) in enumerate(shown):
        found = dataset.read(index, ("rgb", "depth", "valid", "segmentation", "zoom"))
        error = np.abs(found["rgb"].astype(int) - expected.rgb)
        assert error.mean() < (8.0 if form == "jpeg" else 1e-9)
        assert np.array_equal(np.rint(found["depth"] * 1000), depth_to_millimetres(expected.depth))
        assert np.array_equal(found["valid"], expected.depth > 0)
        assert np.array_equal(found["segmentation"], expected.segmentation)
        assert (found["zoom"] == np.float32(row.zoom)).all()
        assert np.array_equal(dataset.column("T_world_camera")[index], expected.T_world_camera)


def test_an_episode_opens_with_any_program(tmp_path: Path) -> None:
    make(tmp_path, spec(1))
    with zipfile.ZipFile(tmp_path / "episodes" / "000000.zip") as archive:
        names = archive.namelist()
        depth = np.asarray(PIL.Image.open(archive.open("depth/000003.png")))
    assert {"rgb/000000.png", "depth/000004.png", "segmentation/000002.png", "frames.parquet", "episode.json"} < {
        *names
    }
    assert depth.shape == (CAMERA.height, CAMERA.width)
    assert depth.max() > 1000


def test_rows_say_what_is_known(tmp_path: Path) -> None:
    make(tmp_path)
    frames, episodes = read_listing(tmp_path)
    rows = frames.to_pylist()
    assert [(row["episode"], row["step"]) for row in rows] == [(e, s) for e in range(6) for s in range(5)]
    for before, row in zip([None, *rows], rows, strict=False):
        assert (row["fx"], row["width"], row["command_threshold"]) == (CAMERA.fx, 32, 5.0)
        assert row["moving"][0]["name"] == "door"
        first = row["step"] == 0
        assert row["prev_action"] == (None if first else before["action"])
        assert row["prev_command"] == (None if first else before["command"])
    assert episodes["home"].to_pylist() == [*HOMES, *HOMES]
    assert set(episodes["outcome"].to_pylist()) == {"reached"}
    assert read_about(tmp_path)["state"] == "complete"


def test_a_dataset_of_schema_1_reads_with_nothing_where_columns_were_added(tmp_path: Path) -> None:
    make(tmp_path, spec(2))
    whole = open_dataset(tmp_path)
    for index in range(2):
        path = tmp_path / "episodes" / f"{index:06d}.zip"
        with zipfile.ZipFile(path) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        files[FRAMES] = without_added(files[FRAMES])
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
    (tmp_path / EPISODES).unlink()
    list_episodes(tmp_path, 2)
    (tmp_path / FRAMES).write_bytes(without_added((tmp_path / FRAMES).read_bytes()))
    about = read_about(tmp_path) | {"schema": 1}
    hashes = listed_hashes(tmp_path)
    write_about(
        tmp_path,
        sealed(tmp_path, about) | {"content_hash": content_hash({part: about[part] for part in IDENTITY}, hashes)},
    )
    old = open_dataset(tmp_path)
    assert np.isnan(old.column("goal_distance_m")).all()
    assert old.frames.drop(list(ADDED)).equals(whole.frames.drop(list(ADDED)))
    assert check_dataset(tmp_path) == []


def without_added(rows: bytes) -> bytes:
    buffer = io.BytesIO()
    parquet.write_table(parquet.read_table(io.BytesIO(rows)).drop(list(ADDED)), buffer, write_page_checksum=True)
    return buffer.getvalue()


def test_the_hash_depends_on_content_and_configuration_only(tmp_path: Path) -> None:
    whole = make(tmp_path / "a")
    of = spec()
    for order in ([5, 0, 3, 1, 4, 2], [2, 1, 0, 5, 4, 3]):
        folder = tmp_path / f"order {order[0]}"
        for index in order:
            with writing(folder, of) as store:
                store.write(index, source(dict(of.config), index))
        with writing(folder, of) as store:
            assert store.finish() == whole
        for name in (FRAMES, EPISODES):
            assert (folder / name).read_bytes() == (tmp_path / "a" / name).read_bytes()
    others = [spec(5), spec(frames=4), spec(config={"seed": 8, "frames": 5}), spec(storage=Storage(segmentation=False))]
    hashes = {make(tmp_path / f"other {number}", other) for number, other in enumerate(others)}
    assert len({whole, *hashes}) == 5


@pytest.mark.parametrize("workers", [2, 4])
def test_processes_write_at_once(tmp_path: Path, workers: int) -> None:
    whole = make(tmp_path / "alone")
    with writing(tmp_path / "many", spec()) as store:
        with multiprocessing.get_context("spawn").Pool(workers) as pool:
            pool.starmap(write_one, [(store, index) for index in store.missing()])
        assert store.finish() == whole


def kill_and_resume(folder: Path, moments: int, seed: int) -> tuple[int, int]:
    """Kills runs until `moments` were killed before they were done; each resumes the one before, or starts anew.

    Returns how many left half an episode behind, and how many runs were done before they were killed.
    """
    of = spec(60)
    start = time.perf_counter()
    whole = make(folder.parent / "whole", of)
    run_s = time.perf_counter() - start
    rng = np.random.default_rng(seed)
    killed = halves = done = 0
    while killed < moments:
        stored = list((folder / "episodes").glob("*.zip"))
        run = subprocess.Popen([sys.executable, "-m", "tests.recordings", str(folder), "60"], cwd=ROOT)
        while run.poll() is None and list((folder / "episodes").glob("*.zip")) == stored:
            time.sleep(0.001)
        time.sleep(rng.uniform(0, run_s / 2))
        run.kill()
        run.wait()
        halves += bool(list((folder / "episodes").glob(".*")))
        frames, episodes = read_listing(folder)
        assert len(frames) == 5 * len(episodes)
        with writing(folder, of, ALLOW):
            pass
        assert not [finding for finding in check_dataset(folder) if finding.severity == "error"]
        if read_about(folder)["state"] == "complete":
            assert read_about(folder)["content_hash"] == whole
            shutil.rmtree(folder)
            done += 1
        else:
            killed += 1
    assert make(folder, of) == whole
    return halves, done


def test_killed_runs_resume(tmp_path: Path) -> None:
    kill_and_resume(tmp_path / "killed", 4, seed=0)


@pytest.mark.full
def test_runs_killed_at_50_moments_resume(tmp_path: Path) -> None:
    halves, done = kill_and_resume(tmp_path / "killed", 50, seed=1)
    assert halves > 5
    assert done > 0


def test_a_home_zipped_anew_is_the_same_home(tmp_path: Path) -> None:
    for name, order, method in (("a.sh3d", "xy", zipfile.ZIP_STORED), ("b.sh3d", "yx", zipfile.ZIP_DEFLATED)):
        with zipfile.ZipFile(tmp_path / name, "w", method) as archive:
            for entry in order:
                archive.writestr(entry, f"content of {entry}")
    (tmp_path / "c.obj").write_text("v 0 0 0")
    hashes = [home_hash(tmp_path / name) for name in ("a.sh3d", "b.sh3d", "c.obj")]
    assert hashes[0] == hashes[1] != hashes[2]
