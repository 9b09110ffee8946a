"""Exports of all formats: whole or not at all, into new folders only, the same bytes each time."""

import errno
import math
import sys
import warnings
from pathlib import Path

import pyarrow
import pytest

from datagen.export import FORMATS, export_dataset
from datagen.export.folder import new_folder
from datagen.reader import Dataset, open_dataset
from datagen.store import Storage
from datagen.store.listing import episode_file
from scenes.errors import HomeError
from sim.cli import main
from tests import exports


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return exports.make(tmp_path_factory.mktemp("export") / "data")


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def sim(monkeypatch, capsys):
    """Runs the command line; gives exit code, stdout, stderr."""

    def run(*arguments):
        monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
        monkeypatch.setattr(sys, "argv", ["sim", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        return left.value.code or 0, *capsys.readouterr()

    return run


@pytest.mark.parametrize("form", FORMATS)
class TestEachFormat:
    def test_the_same_bytes_each_time_and_a_frame_at_a_time_of_progress(self, dataset, form, tmp_path):
        done = []
        export_dataset(dataset, form, tmp_path / "a", lambda: done.append(1))
        export_dataset(open_dataset(dataset.folder), form, tmp_path / "deep" / "b")
        assert files(tmp_path / "a") == files(tmp_path / "deep" / "b")
        assert len(done) == len(dataset)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "deep"]

    def test_it_tells_where_it_comes_from(self, dataset, form, tmp_path):
        export_dataset(dataset, form, tmp_path / "out")
        for name in ("dataset.yaml", "homes/attic.json", "homes/barn.json"):
            assert (tmp_path / "out" / name).read_bytes() == (dataset.folder / name).read_bytes()

    def test_a_damaged_dataset_leaves_nothing(self, form, tmp_path):
        damaged = exports.make(tmp_path / "data")
        path = episode_file(damaged.folder, 3)
        data = bytearray(path.read_bytes())
        data[400] ^= 0xFF
        path.write_bytes(data)
        with pytest.raises(HomeError, match="sim data check"):
            export_dataset(damaged, form, tmp_path / "out")
        assert [path.name for path in tmp_path.iterdir()] == ["data"]

    def test_a_pose_that_is_none_is_refused(self, dataset, form, tmp_path):
        rows = dataset.frames.to_pylist()
        rows[6]["T_world_camera"][3] = math.nan
        frames = pyarrow.Table.from_pylist(rows, schema=dataset.frames.schema)
        damaged = Dataset(dataset.folder, dataset.about, frames, dataset.episodes)
        with pytest.raises(HomeError, match="episode 1, step 2: a pose that is not finite"):
            export_dataset(damaged, form, tmp_path / "out")

    def test_what_is_there_is_never_touched(self, dataset, form, tmp_path):
        (tmp_path / "empty").mkdir()
        (tmp_path / "file").write_text("mine")
        (tmp_path / "link").symlink_to("nowhere")
        for name in ("empty", "file", "link"):
            with pytest.raises(HomeError, match="exists already"):
                export_dataset(dataset, form, tmp_path / name)
        assert (tmp_path / "file").read_text() == "mine"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "file", "link"]

    def test_stopped_by_hand_it_leaves_nothing(self, dataset, form, tmp_path):
        def stop():
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            export_dataset(dataset, form, tmp_path / "out", stop)
        assert not list(tmp_path.iterdir())

    def test_all_ways_to_store_images(self, form, tmp_path):
        for rgb in ("webp", "jpeg"):
            export_dataset(exports.make(tmp_path / rgb, Storage(rgb)), form, tmp_path / f"{rgb} out")


def test_a_full_disk_is_one_error_and_leaves_nothing(tmp_path):
    def fill(folder):
        (folder / "first").write_text("fits")
        raise OSError(errno.ENOSPC, "no space")

    with pytest.raises(HomeError, match="the disk is full"), new_folder(tmp_path / "out") as folder:
        fill(folder)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "lerobot"])
def test_only_lerobot_leaves_depth_out(dataset, form, tmp_path):
    with pytest.raises(HomeError, match="only lerobot leaves it out"):
        export_dataset(dataset, form, tmp_path / "out", depth=False)
    assert not list(tmp_path.iterdir())


class TestCommand:
    def test_without_depth(self, dataset, sim, tmp_path):
        out = tmp_path / "out"
        code, _, stderr = sim("data", "export", dataset.folder, "--format", "lerobot", "--no-depth", "--out", out)
        assert code == 0, stderr
        assert "depth" not in (out / "meta/info.json").read_text()
        assert "depth" not in (out / "meta/stats.json").read_text()

    def test_export(self, dataset, sim, tmp_path):
        code, stdout, stderr = sim("data", "export", dataset.folder, "--format", "coco", "--out", tmp_path / "out")
        assert code == 0, stderr
        assert "20 frames of 5 episodes as coco" in stdout

    @pytest.mark.parametrize(
        ("data", "form", "out", "told"),
        [
            ("data", "zarr", "new", "no format 'zarr'; there are lerobot, webdataset, huggingface, coco"),
            ("data", "coco", "", "exists already; name a new folder"),
            ("nothing", "coco", "new", "is no dataset"),
        ],
    )
    def test_wrong_wishes_are_one_line(self, dataset, sim, data, form, out, told, tmp_path):
        folder = dataset.folder if data == "data" else tmp_path / data
        code, stdout, stderr = sim("data", "export", folder, "--format", form, "--out", tmp_path / out)
        assert code == 2
        assert told in stderr
        assert len((stdout + stderr).splitlines()) == 1
        assert not (tmp_path / "new").exists()
