"""What the store refuses or marks: faulty episodes, dull frames, other datasets and runs, disks that are full."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from datagen.checks import check_dataset
from datagen.reader import open_dataset
from datagen.store import Episode, EpisodeFacts, HomeEntry, Row, frozen, read_about, writing
from scenes.errors import HomeError
from tests.recordings import HOMES, INFO, frame, make, source, spec

ROOT = Path(__file__).parents[1]


def broken(step: int, **changes: object) -> Episode:
    """An episode of which one frame is changed."""
    facts = yield from _changed(source({"seed": 7, "frames": 5}, 0), step, changes)
    return facts


def _changed(episode: Episode, at: int, changes: dict[str, object]) -> Episode:
    step = 0
    while True:
        try:
            shown, row = next(episode)
        except StopIteration as end:
            return end.value
        if step == at:
            of_row = {name: value for name, value in changes.items() if name in Row.__dataclass_fields__}
            row = dataclasses.replace(row, **of_row)
            shown = dataclasses.replace(shown, **{k: v for k, v in changes.items() if k not in of_row})
        yield shown, row
        step += 1


def nan_pose() -> np.ndarray:
    return np.full((4, 4), np.nan)


SHOWN = frame(np.random.default_rng(0), 0)
FIRST = next(source({"seed": 7, "frames": 1}, 0))[0]
FAULTS = {
    "depth that is not finite": {"depth": np.where(SHOWN.depth > 2, np.nan, SHOWN.depth).astype(np.float32)},
    "depth that is not finite or negative": {"depth": -SHOWN.depth},
    "pose that is not finite": {"T_world_camera": nan_pose()},
    "no rotation": {"T_world_camera": np.diag([2.0, 1, 1, 1])},
    "one colour all over": {"rgb": np.zeros_like(SHOWN.rgb)},
    "rgb of shape": {"rgb": SHOWN.rgb[:5]},
    "time that does not increase": {"time_s": -1.0},
    "number that is not finite": {"zoom": float("nan")},
    "instance ids outside of 0 to 65535": {"segmentation": SHOWN.segmentation + 70000},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_episode_with_a_fault_is_refused(tmp_path: Path, fault: str) -> None:
    with writing(tmp_path, spec()) as store:
        with pytest.raises(HomeError, match=fault):
            store.write(0, broken(2, **FAULTS[fault]))
        assert store.missing() == [*range(6)]
    assert list((tmp_path / "episodes").iterdir()) == []


def test_the_same_image_from_another_pose_is_refused(tmp_path: Path) -> None:
    with writing(tmp_path, spec()) as store, pytest.raises(HomeError, match="same image as the frame before"):
        store.write(0, broken(1, rgb=FIRST.rgb, depth=FIRST.depth))


def test_dull_frames_are_marked(tmp_path: Path) -> None:
    """A wall close up, the sky, and a camera that waits are no faults."""
    wall = dataclasses.replace(
        SHOWN,
        rgb=np.full_like(SHOWN.rgb, 90),
        depth=np.ones_like(SHOWN.depth),
        segmentation=np.ones_like(SHOWN.segmentation),
    )
    sky = dataclasses.replace(wall, depth=np.zeros_like(wall.depth), segmentation=np.zeros_like(wall.segmentation))

    def episode() -> Episode:
        for step, shown in enumerate((wall, SHOWN, SHOWN, sky)):
            yield shown, Row(float(step), "attic", "ground", "")
        return EpisodeFacts("attic", "hash of attic")

    with writing(tmp_path, spec(1)) as store:
        store.write(0, episode())
        store.finish()
    checks = open_dataset(tmp_path).frames["checks"].to_pylist()
    assert checks == [["constant"], [], ["repeat"], ["constant", "nothing"]]
    assert not [finding for finding in check_dataset(tmp_path) if finding.severity == "error"]


def test_an_episode_of_an_unknown_home_is_refused(tmp_path: Path) -> None:
    homes = {"attic": HomeEntry("hash of another attic", INFO)}
    with writing(tmp_path, spec(homes=homes)) as store:
        with pytest.raises(HomeError, match="attic"):
            store.write(0, source({"seed": 7, "frames": 2}, 0))
        assert 0 in store.missing()


def test_other_datasets_and_runs_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with writing(folder, spec()):
        command = [sys.executable, "-m", "tests.recordings", str(folder), "6"]
        second = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert "another run is writing there" in second.stderr
    with pytest.raises(HomeError, match=r"another configuration \(seed: 7 there, 8 asked for\)"):
        make(folder, spec(config={"seed": 8, "frames": 5}))
    with pytest.raises(HomeError, match="episodes are not stored yet"), writing(folder, spec()) as store:
        store.finish()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(HomeError, match=r"letter\.txt"):
        make(tmp_path / "mine")
    with pytest.raises(HomeError, match="is a file"):
        make(tmp_path / "mine" / "letter.txt")


def test_resuming_on_something_else_is_refused_unless_said(tmp_path: Path) -> None:
    with writing(tmp_path, spec()) as store:
        store.write(0, source(dict(store.spec.config), 0))
    other = spec(driver="another GPU")
    with pytest.raises(HomeError, match=r"driver none, this is driver another GPU.*allow 'driver'"):
        make(tmp_path, other)
    with pytest.raises(HomeError, match="'drivers'"), writing(tmp_path, other, allow=["drivers"]):
        pass
    with writing(tmp_path, other, allow=["driver"]) as store:
        for index in store.missing():
            store.write(index, source(dict(store.spec.config), index))
        store.finish()
    assert [run["driver"] for run in read_about(tmp_path)["made_with"]] == ["none", "another GPU"]
    make(tmp_path)  # nothing is missing, so nothing can differ


def needs_mount(options: str, folder: Path) -> None:
    folder.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("mounting needs root")
    if subprocess.run(
        [mount, "-t", "tmpfs", "-o", options, "tmpfs", folder], check=False, capture_output=True
    ).returncode:
        pytest.skip("mounting is not allowed here")


def test_a_full_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    needs_mount("size=120k", disk)
    try:
        with pytest.raises(HomeError, match="the disk is full; what was stored stays valid"):
            make(disk / "data", spec(20))
        assert not list((disk / "data" / "episodes").glob(".*"))
        stored = len(list((disk / "data" / "episodes").iterdir()))
        assert stored > 0
        errors = [finding for finding in check_dataset(disk / "data") if finding.severity == "error"]
        assert not errors
        subprocess.run(["mount", "-o", "remount,size=4m", disk], check=True)
        assert make(disk / "data", spec(20)) == make(tmp_path / "roomy", spec(20))
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_read_only_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    needs_mount("size=4m", disk)
    try:
        with writing(disk / "data", spec()) as store:
            store.write(0, source(dict(store.spec.config), 0))
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        with pytest.raises(HomeError, match="the disk is read-only"):
            make(disk / "data")
        with pytest.raises(HomeError, match="the disk is read-only"):
            make(disk / "new")
        assert not [finding for finding in check_dataset(disk / "data") if finding.severity == "error"]
    finally:
        subprocess.run(["umount", disk], check=True)


def test_homes_of_a_benchmark_set_are_for_its_own_dataset_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """tests/test_benchmark_set.py has the rest."""
    monkeypatch.setattr(frozen, "FOLDER", tmp_path)
    homes = {name: f"hash of {name}" for name in HOMES}
    held = frozen.FrozenSet("homes-1", homes, {"seed": 7, "frames": 5}, (), {})
    frozen.write_set(held)
    with pytest.raises(HomeError, match="'attic' is 'attic' of the benchmark set 'homes-1'"):
        make(tmp_path / "train")
    assert not (tmp_path / "train").exists()
    make(tmp_path / "held", spec(config=held.dataset_config()))
    assert frozen.stored_content_hash(tmp_path / "held") == read_about(tmp_path / "held")["content_hash"]
