"""Reads an export back with LeRobot itself, in an environment of LeRobot's own; docs/exports.md has the commands.

    python -P tests/read_lerobot.py DATASET EXPORT

holds every frame that `LeRobotDataset` gives against the dataset's own files, which need no Stairwell: zips of PNG.
"""

import io
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import numpy as np
import PIL.Image
import torch
from lerobot.datasets.lerobot_dataset import LeRobotDataset
from pyarrow import parquet

DEPTH = "observation.images.camera_depth"


def read_back(source: Path, export: Path) -> None:
    dataset = LeRobotDataset("stairwell/export", root=export)
    rows = parquet.read_table(source / "frames.parquet").to_pylist()
    assert len(dataset) == len(rows)
    for index, row in enumerate(rows):
        item = dataset[index]
        with zipfile.ZipFile(source / f"episodes/{row['episode']:06d}.zip") as archive:
            rgb, depth_mm = (
                np.asarray(PIL.Image.open(io.BytesIO(archive.read(f"{channel}/{row['step']:06d}.png"))))
                for channel in ("rgb", "depth")
            )
        read = item[DEPTH].numpy()[0]
        if read.dtype == np.int16:  # what 0.4.4 makes of 16-bit images: the same bits
            read = read.view(np.uint16)
        assert np.array_equal(read, depth_mm), f"depth of frame {index}"
        shown = (item["observation.images.camera"].numpy().transpose(1, 2, 0) * 255).round().astype(np.uint8)
        assert np.array_equal(shown, rgb), f"rgb of frame {index}"
        assert np.array_equal(item["T_world_camera"].double().numpy(), np.float32(row["T_world_camera"]))
        lens = [row[name] for name in ("fx", "fy", "cx", "cy")]
        assert np.array_equal(item["intrinsics"].double().numpy(), np.float32(lens))
        if row["action"]:
            assert np.array_equal(item["action"].numpy(), np.float32(row["action"]))
            before = row["prev_action"] or [0.0] * len(row["action"])
            assert np.array_equal(item["previous_action"].numpy(), np.float32(before))
        if row["pan_deg"] is not None:
            device = [row[name] for name in ("pan_deg", "tilt_deg", "zoom")]
            assert np.array_equal(item["observation.state"].numpy()[-3:], np.float32(device))
        assert item["home"] == row["home"]
        assert row["home"] in item["task"]
    if hasattr(dataset.meta, "depth_keys"):  # newer than 0.4.4
        assert dataset.meta.depth_keys == [DEPTH]
        in_metres = LeRobotDataset("stairwell/export", root=export, depth_output_unit="m")
        assert torch.allclose(in_metres[0][DEPTH], dataset[0][DEPTH] / 1000)
        assert np.allclose(in_metres.meta.stats[DEPTH]["max"], dataset.meta.stats[DEPTH]["max"] / 1000)
    windows = LeRobotDataset(
        "stairwell/export", root=export, delta_timestamps={"observation.state": [0.0, 1 / dataset.fps]}
    )
    batch = next(iter(torch.utils.data.DataLoader(windows, batch_size=min(4, len(windows)))))
    shapes = {name: tuple(value.shape) for name, value in batch.items() if isinstance(value, torch.Tensor)}
    version = metadata.version("lerobot")
    sys.stdout.write(
        f"lerobot {version}: {len(dataset)} frames of {dataset.num_episodes} episodes at {dataset.fps} Hz, as stored\n"
        f"a batch of 4: {shapes}\n"
    )


if __name__ == "__main__":
    read_back(Path(sys.argv[1]), Path(sys.argv[2]))
