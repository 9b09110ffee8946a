"""Hugging Face exports, read back with datasets."""

import json

import datasets
import numpy as np
import pytest
import torch

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
        assert json.loads(found["moving"]) == row["moving"]
        assert found["checks"] == ",".join(row["checks"])
        for name in set(row) - {"moving", "checks"}:
            assert_same(found[name], row[name], read.features[name])
        assert found["split_fair"] == dataset.split("fair")[index]
    assert np.isnan(read[0]["prev_action"]).tolist() == [True] * 3


def assert_same(found, wanted, feature):
    """A value as it was, or what stands for nothing where it was null."""
    if wanted is None:
        nothing = "" if feature == datasets.Value("string") else np.nan
        assert np.array_equal(found, np.full(np.shape(found), nothing), equal_nan=nothing != "")
    else:
        assert found == wanted


@pytest.mark.parametrize("form", [None, "numpy", "torch"])
@pytest.mark.parametrize("first", [0, 1, 3])
def test_rows_from_anywhere_are_a_batch(dataset, tmp_path, form, first):
    """From an episode's first frame, too, whose previous action is none, and with things that move or not."""
    export_dataset(dataset, "huggingface", tmp_path / "out")
    read = load(tmp_path / "out", tmp_path / "cache").with_format(form)
    batch = read[first : first + 5]
    assert np.shape(batch["prev_action"]) == (5, 3)
    if form == "torch":
        loader = torch.utils.data.DataLoader(read, batch_size=5)
        sizes = [loaded["prev_action"].shape[0] for loaded in loader]
        assert sizes == [5, 5, 5, 5]
        assert torch.isnan(next(iter(loader))["prev_action"]).any(dim=1).tolist() == [True, *[False] * 3, True]


def test_actions_of_several_lengths_or_none(tmp_path):
    mixed = exports.make(tmp_path / "mixed", episode_changes={2: {"action": (1.0, 2.0)}})
    export_dataset(mixed, "huggingface", tmp_path / "out")
    read = load(tmp_path / "out", tmp_path / "cache")
    assert read[9]["action"][:2] == read[9]["prev_action"][:2] == [1.0, 2.0]
    assert np.isnan(read[9]["action"][2])
    assert np.shape(read.with_format("numpy")["action"]) == (20, 3)
    export_dataset(exports.make(tmp_path / "none", changes={"action": ()}), "huggingface", tmp_path / "still")
    assert not {"action", "prev_action"} & set(load(tmp_path / "still", tmp_path / "cache").column_names)


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
