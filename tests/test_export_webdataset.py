"""WebDataset exports, read back with webdataset."""

import datasets
import numpy as np
import pytest
import webdataset

from datagen.export import export_dataset
from datagen.export.webdataset import write_webdataset
from datagen.store import Storage
from tests import exports


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return exports.make(tmp_path_factory.mktemp("export") / "data")


def read(folder, decoder="rgb8"):
    shards = sorted(str(path) for path in folder.glob("*.tar"))
    return list(webdataset.WebDataset(shards, shardshuffle=False).decode(decoder))


def test_every_frame_as_it_is_stored(dataset, tmp_path):
    export_dataset(dataset, "webdataset", tmp_path / "out")
    samples = read(tmp_path / "out")
    assert len(samples) == len(dataset)
    for index, (sample, row) in enumerate(zip(samples, dataset.frames.to_pylist(), strict=True)):
        shown, said = dataset.images(index), sample["json"]
        assert np.array_equal(sample["rgb.png"], shown.rgb)
        assert np.array_equal(sample["depth.npz"]["depth_mm"], shown.depth_mm)
        assert sample["depth.npz"]["depth_mm"].dtype == np.uint16
        assert np.array_equal(sample["segmentation.npz"]["ids"], shown.segmentation)
        assert np.array_equal(said["T_world_camera"], dataset.column("T_world_camera")[index])
        assert said["K"] == [[row["fx"], 0, row["cx"]], [0, row["fy"], row["cy"]], [0, 0, 1]]
        for name in ("action", "prev_action", "command", "pan_deg", "tilt_deg", "zoom", "time_s", "room", "camera"):
            assert said[name] == row[name]
        assert said["split_fair"] == dataset.split("fair")[index]
        assert [body["name"] for body in said["moving"]] == [body["name"] for body in row["moving"]]
    assert samples[0]["json"]["prev_action"] is None
    assert any(sample["depth.npz"]["depth_mm"].max() > 60_000 for sample in samples)


@pytest.mark.parametrize("streaming", [False, True])
def test_datasets_reads_it_by_its_card(tmp_path, streaming):
    """The features too: in the first samples nothing moves, has a flag or a goal."""
    rows = {1: {"goal_distance_m": 3.5, "moving": {"door": np.eye(4)}}, 0: {"moving": {}, "command": None}}
    dataset = exports.make(tmp_path / "data", episode_changes=rows)
    export_dataset(dataset, "webdataset", tmp_path / "out")
    read = datasets.load_dataset(
        str(tmp_path / "out"), split="train", cache_dir=str(tmp_path / "cache"), streaming=streaming
    )
    samples = list(read)
    assert len(samples) == len(dataset)
    for index, (sample, row) in enumerate(zip(samples, dataset.frames.to_pylist(), strict=True)):
        shown, said = dataset.images(index), sample["json"]
        assert np.array_equal(np.asarray(sample["rgb.png"]), shown.rgb)
        assert np.array_equal(np.asarray(sample["depth.npz"]["depth_mm"]), shown.depth_mm)
        assert np.array_equal(np.asarray(sample["segmentation.npz"]["ids"]), shown.segmentation)
        assert np.array_equal(said["T_world_camera"], dataset.column("T_world_camera")[index])
        for name in ("action", "prev_action", "command", "goal_distance_m", "checks", "episode"):
            assert said[name] == row[name]
        assert [body["name"] for body in said["moving"]] == [body["name"] for body in row["moving"]]


def test_an_episode_is_in_one_shard(dataset, tmp_path):
    write_webdataset(dataset, tmp_path, lambda: None, shard_bytes=30_000)
    shards = sorted(tmp_path.glob("*.tar"))
    assert 1 < len(shards) < exports.EPISODES
    homes = [{sample["json"]["episode"] for sample in webdataset.WebDataset(str(path), shardshuffle=False).decode()}
             for path in shards]  # fmt: skip
    assert sorted(episode for known in homes for episode in known) == list(range(exports.EPISODES))


def test_without_segmentation_and_with_webp(tmp_path):
    dataset = exports.make(tmp_path / "data", Storage("webp", segmentation=False))
    export_dataset(dataset, "webdataset", tmp_path / "out")
    samples = read(tmp_path / "out", "pil")
    assert "segmentation.npz" not in samples[0]
    assert np.array_equal(samples[5]["rgb.webp"], dataset.images(5).rgb)
