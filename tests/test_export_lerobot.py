"""LeRobot exports against the documented v3.0 layout.

LeRobot itself cannot be installed beside the rest; tests/clients reads exports back with it. The layout is that
of huggingface/lerobot's docs/source/lerobot-dataset-v3.mdx, and for depth video_encoding_parameters.mdx and pull
requests 3644 and 3899.
"""

import io
import json

import datasets
import numpy as np
import pandas
import PIL.Image
import pyarrow as pa
import pytest
from pyarrow import parquet
from scipy.spatial.transform import Rotation

from datagen.export import export_dataset, lerobot
from datagen.store import Storage
from scenes.errors import HomeError
from tests import exports

RGB, DEPTH = "observation.images.camera", "observation.images.camera_depth"
STATE = ["x_m", "y_m", "z_m", "qw", "qx", "qy", "qz", "fx", "fy", "cx", "cy", "pan_deg", "tilt_deg", "zoom"]
DEFAULTS = {"timestamp": "float32"} | dict.fromkeys(("frame_index", "episode_index", "index", "task_index"), "int64")
WIDTH, HEIGHT = exports.SIZE
NO_PTZ = dict.fromkeys(("pan_deg", "tilt_deg", "zoom"))


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return exports.make(tmp_path_factory.mktemp("export") / "data")


@pytest.fixture(scope="module")
def out(dataset):
    folder = dataset.folder.parent / "out"
    export_dataset(dataset, "lerobot", folder)
    return folder


@pytest.fixture(scope="module")
def info(out):
    return json.loads((out / "meta/info.json").read_bytes())


@pytest.fixture(scope="module")
def table(out):
    return parquet.read_table(out / "data/chunk-000/file-000.parquet")


def image(cell):
    return PIL.Image.open(io.BytesIO(cell["bytes"]))


class TestInfo:
    def test_layout(self, info):
        assert {name: value for name, value in info.items() if name != "features"} == {
            "codebase_version": "v3.0",
            "robot_type": None,
            "total_episodes": 5,
            "total_frames": 20,
            "total_tasks": 2,
            "chunks_size": 1000,
            "data_files_size_in_mb": 100,
            "video_files_size_in_mb": 200,
            "fps": 10,
            "splits": {"train": "0:5"},
            "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
            "video_path": None,
        }

    def test_features(self, info):
        features = info["features"]
        assert all(set(feature) - {"info"} == {"dtype", "shape", "names"} for feature in features.values())
        assert not any("/" in name for name in features)
        size = {"dtype": "image", "names": ["height", "width", "channels"]}
        assert features[RGB] == size | {"shape": [HEIGHT, WIDTH, 3]}
        assert features[DEPTH] == size | {
            "shape": [HEIGHT, WIDTH, 1],
            "info": {"is_depth_map": True, "depth_unit": "mm"},
        }
        assert features["observation.state"] == {"dtype": "float32", "shape": [14], "names": STATE}
        actions = {"dtype": "float32", "shape": [3], "names": ["pan_deg", "tilt_deg", "zoom"]}
        assert features["action"] == features["previous_action"] == actions
        assert features["T_world_camera"]["shape"] == [16]
        assert {name: features[name] for name in DEFAULTS} == {
            name: {"dtype": kind, "shape": [1], "names": None} for name, kind in DEFAULTS.items()
        }


class TestData:
    def test_columns_are_the_features(self, info, table):
        assert table.schema.names == list(info["features"])
        for name, feature in info["features"].items():
            kind = table.schema.field(name).type
            if feature["dtype"] == "image":
                assert kind == pa.struct([("bytes", pa.binary()), ("path", pa.string())])
                continue
            names = {"float32": "float", "float64": "double"}
            item = names.get(feature["dtype"], feature["dtype"])
            length = feature["shape"][0]
            assert str(kind.value_type if length > 1 else kind) == item, name
            assert length in (1, getattr(kind, "list_size", 1))
        told = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
        assert told[DEPTH] == {"_type": "Image"}

    def test_every_frame_as_it_is_stored(self, dataset, table):
        poses = dataset.column("T_world_camera")
        for index, (found, row) in enumerate(zip(table.to_pylist(), dataset.frames.to_pylist(), strict=True)):
            depth = image(found[DEPTH])
            assert (depth.format, depth.mode) == ("TIFF", "I;16")
            assert np.array_equal(np.asarray(depth), dataset.images(index).depth_mm)
            assert np.array_equal(np.asarray(image(found[RGB])), dataset.images(index).rgb)
            assert np.array_equal(np.reshape(found["T_world_camera"], (4, 4)), poses[index])
            assert found["intrinsics"] == [row["fx"], row["fy"], row["cx"], row["cy"]]
            state = dict(zip(STATE, found["observation.state"], strict=True))
            assert [state["pan_deg"], state["tilt_deg"], state["zoom"]] == [
                row[n] for n in ("pan_deg", "tilt_deg", "zoom")
            ]
            turn = Rotation.from_quat([state[name] for name in ("qw", "qx", "qy", "qz")], scalar_first=True)
            assert np.allclose(turn.as_matrix(), poses[index, :3, :3], atol=1e-6)
            assert np.allclose([state["x_m"], state["y_m"], state["z_m"]], poses[index, :3, 3], atol=1e-6)
            assert found["action"] == np.float32(row["action"]).tolist()
            assert found["previous_action"] == np.float32(row["prev_action"] or [0, 0, 0]).tolist()
            assert found["previous_command"] == (row["prev_command"] or "")
            assert json.loads(found["moving"]) == row["moving"]
            assert found["split_fair"] == dataset.split("fair")[index]
            for name in ("home", "level", "room", "camera", "command", "time_s", "command_threshold"):
                assert found[name] == row[name]

    def test_indices_and_times(self, table):
        columns = {name: table[name].to_numpy() for name in (*DEFAULTS, "next.done")}
        assert columns["index"].tolist() == list(range(20))
        assert columns["episode_index"].tolist() == [episode for episode in range(5) for _ in range(4)]
        assert columns["frame_index"].tolist() == [0, 1, 2, 3] * 5
        assert columns["next.done"].tolist() == [False, False, False, True] * 5
        assert np.array_equal(columns["timestamp"], np.float32(columns["frame_index"] / 10))

    def test_one_row_group_per_episode(self, out):
        assert parquet.ParquetFile(out / "data/chunk-000/file-000.parquet").num_row_groups == 5


def test_datasets_reads_it_by_its_card(out, tmp_path):
    read = datasets.load_dataset(str(out), split="train", cache_dir=str(tmp_path))
    assert len(read) == 20
    assert read[0]["observation.images.camera_depth"].mode == "I;16"


def test_without_depth_all_else_is_the_same(dataset, table, tmp_path):
    export_dataset(dataset, "lerobot", tmp_path / "out", depth=False)
    found = parquet.read_table(tmp_path / "out/data/chunk-000/file-000.parquet")
    assert found.schema.names == [name for name in table.schema.names if name != DEPTH]
    assert found.to_pylist() == table.drop_columns([DEPTH]).to_pylist()
    episodes = parquet.read_table(tmp_path / "out/meta/episodes/chunk-000/file-000.parquet")
    assert not [name for name in episodes.schema.names if "depth" in name]


class TestMeta:
    def test_tasks(self, out, table):
        tasks = pandas.read_parquet(out / "meta/tasks.parquet")
        assert tasks.index.name == "task"
        assert tasks["task_index"].to_dict() == {"Look around attic": 0, "Look around barn": 1}
        names = [tasks.iloc[number].name for number in table["task_index"].to_pylist()]
        assert names == [f"Look around {home}" for home in table["home"].to_pylist()]

    def test_episodes(self, out, dataset):
        rows = parquet.read_table(out / "meta/episodes/chunk-000/file-000.parquet").to_pylist()
        for number, (row, facts) in enumerate(zip(rows, dataset.episodes.to_pylist(), strict=True)):
            wanted = {
                "episode_index": number,
                "tasks": [f"Look around {facts['home']}"],
                "length": 4,
                "dataset_from_index": 4 * number,
                "dataset_to_index": 4 * number + 4,
                "data/chunk_index": 0,
                "data/file_index": 0,
                "meta/episodes/chunk_index": 0,
                "meta/episodes/file_index": 0,
                "home": facts["home"],
                "home_hash": facts["home_hash"],
                "outcome": "reached",
                "drawn": facts["drawn"],
                "source_episode": number,
            }
            assert {name: row[name] for name in wanted} == wanted
            assert all(name.startswith("stats/") for name in row if name not in wanted)

    def test_stats(self, out, dataset, info, table):
        stats = json.loads((out / "meta/stats.json").read_bytes())
        episodes = parquet.read_table(out / "meta/episodes/chunk-000/file-000.parquet").to_pylist()
        numeric = {name for name, feature in info["features"].items() if feature["dtype"] != "string"}
        assert set(stats) == numeric
        shown = [dataset.images(index) for index in range(len(dataset))]
        pixels = {
            RGB: np.stack([each.rgb for each in shown]).transpose(0, 3, 1, 2) / 255,
            DEPTH: np.stack([each.depth_mm for each in shown])[:, None].astype(float),
        }
        for name in numeric:
            values = pixels.get(name)
            if values is None:
                values, axes, shape = np.array(table[name].to_pylist(), float).reshape(20, -1), 0, (-1,)
            else:
                axes, shape = (0, 2, 3), (-1, 1, 1)
            for found, of in ((stats[name], values), (_stats_of(episodes[2], name), values[8:12])):
                assert found["count"] == [len(of)]
                for key, how in (("min", np.min), ("max", np.max), ("mean", np.mean), ("std", np.std)):
                    wanted = np.reshape(how(of, axis=axes), shape)
                    assert np.allclose(found[key], wanted, rtol=1e-6, atol=1e-6), (name, key)
                    assert np.shape(found[key]) == wanted.shape
                method = "inverted_cdf" if name in pixels else "linear"
                for key, share in (("q01", 0.01), ("q10", 0.1), ("q50", 0.5), ("q90", 0.9), ("q99", 0.99)):
                    wanted = np.reshape(np.quantile(of, share, axis=axes, method=method), shape)
                    assert np.allclose(found[key], wanted, rtol=1e-6, atol=1e-6), (name, key)


def _stats_of(episode, feature):
    prefix = f"stats/{feature}/"
    return {name.removeprefix(prefix): value for name, value in episode.items() if name.startswith(prefix)}


def test_files_and_chunks_of_limited_size(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(lerobot, "FILE_MB", 0)
    monkeypatch.setattr(lerobot, "FILES_PER_CHUNK", 2)
    export_dataset(dataset, "lerobot", tmp_path / "out")
    places = []
    for row in parquet.read_table(tmp_path / "out/meta/episodes/chunk-000/file-000.parquet").to_pylist():
        place = {name: row[f"data/{name}"] for name in ("chunk_index", "file_index")}
        found = parquet.read_table(tmp_path / "out" / lerobot.DATA.format(**place), columns=["episode_index"])
        assert set(found["episode_index"].to_pylist()) == {row["episode_index"]}
        places.append(tuple(place.values()))
    assert places == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)]


class TestOtherDatasets:
    def test_cameras_without_ptz_actions_and_thresholds(self, tmp_path):
        nothing = NO_PTZ | {"action": (), "command": None, "command_threshold": None}
        dataset = exports.make(tmp_path / "data", changes=nothing)
        export_dataset(dataset, "lerobot", tmp_path / "out")
        features = json.loads((tmp_path / "out/meta/info.json").read_bytes())["features"]
        assert features["observation.state"]["names"] == STATE[:-3]
        assert not {"action", "previous_action", "command_threshold"} & set(features)
        tasks = pandas.read_parquet(tmp_path / "out/meta/tasks.parquet")
        assert list(tasks.index) == ["Move through attic", "Move through barn"]

    def test_an_action_of_one_number_is_a_plain_column(self, tmp_path):
        export_dataset(exports.make(tmp_path / "data", changes={"action": (0.5,)}), "lerobot", tmp_path / "out")
        table = parquet.read_table(tmp_path / "out/data/chunk-000/file-000.parquet")
        assert table["action"].to_pylist() == [0.5] * 20

    def test_jpeg_is_kept_as_it_is(self, tmp_path):
        dataset = exports.make(tmp_path / "data", Storage("jpeg"))
        export_dataset(dataset, "lerobot", tmp_path / "out")
        found = parquet.read_table(tmp_path / "out/data/chunk-000/file-000.parquet")[RGB].to_pylist()[6]
        assert image(found).format == "JPEG"
        assert np.array_equal(np.asarray(image(found)), dataset.images(6).rgb)

    @pytest.mark.parametrize(
        ("mixed", "told"),
        [
            ({"episode_changes": {2: {"action": (1.0, 2.0)}}}, "actions of 2 and 3 numbers"),
            ({"episode_changes": {2: NO_PTZ}}, "pan_deg, tilt_deg, zoom or none"),
            ({"sizes": {1: (30, 18)}}, "a width of 24 and 30 pixels"),
        ],
    )
    def test_frames_of_several_kinds_are_refused(self, mixed, told, tmp_path):
        dataset = exports.make(tmp_path / "data", **mixed)
        with pytest.raises(HomeError, match=told):
            export_dataset(dataset, "lerobot", tmp_path / "out")
        for form in ("webdataset", "huggingface", "coco"):
            export_dataset(dataset, form, tmp_path / form)
