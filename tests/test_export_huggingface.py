"""Hugging Face exports, read back with datasets."""

import datasets
import numpy as np
import pytest

from datagen.export import export_dataset
from datagen.export import huggingface as module
from tests import exports


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return exports.make(tmp_path_factory.mktemp("export") / "data")


def load(folder, cache):
    return datasets.load_dataset(str(folder), cache_dir=str(cache), split="train")


def test_every_frame_as_it_is_stored(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FILE_BYTES", 10_000)
    export_dataset(dataset, "huggingface", tmp_path / "out")
    assert len(list((tmp_path / "out/data").iterdir())) > 1
    read = load(tmp_path / "out", tmp_path / "cache")
    assert len(read) == len(dataset)
    for index, row in enumerate(dataset.frames.to_pylist()):
        shown, found = dataset.images(index), read[index]
        assert np.array_equal(np.asarray(found["rgb"]), shown.rgb)
        assert found["depth"].mode == "I;16"
        assert np.array_equal(np.asarray(found["depth"]), shown.depth_mm)
        assert np.array_equal(np.asarray(found["segmentation"]), shown.segmentation)
        assert {name: found[name] for name in row} == row
        assert found["split_fair"] == dataset.split("fair")[index]
    assert read[0]["prev_action"] is None


def test_as_numpy(dataset, tmp_path):
    export_dataset(dataset, "huggingface", tmp_path / "out")
    read = load(tmp_path / "out", tmp_path / "cache").with_format("numpy")[7]
    assert read["depth"].dtype == np.uint16
    assert np.array_equal(read["depth"], dataset.images(7).depth_mm)
    pose = dataset.column("T_world_camera")[7]
    assert np.array_equal(read["T_world_camera"].reshape(4, 4), pose.astype(np.float32))  # as `datasets` has arrays


def test_a_stored_split_can_be_chosen(dataset, tmp_path):
    export_dataset(dataset, "huggingface", tmp_path / "out")
    read = load(tmp_path / "out", tmp_path / "cache")
    train = read.filter(lambda part: part == "train", input_columns="split_fair")
    assert set(train["episode"]) == set(dataset.column("episode")[dataset.split("fair") == "train"].tolist())
