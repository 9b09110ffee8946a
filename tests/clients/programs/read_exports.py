"""Read exports with the programs that they are for: python read_exports.py KIND DATASET EXPORT

KIND: webdataset, datasets-parquet, datasets-tar or coco. Every frame is held against files of the dataset itself, which
need no Stairwell: zips of PNG images, and a table in parquet.
"""

import importlib.metadata
import io
import json
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import PIL.Image
from pyarrow import parquet


def stored(source):
    """Rows of the table with their images."""
    for row in parquet.read_table(source / "frames.parquet").to_pylist():
        with zipfile.ZipFile(source / f"episodes/{row['episode']:06d}.zip") as archive:
            images = {
                channel: np.asarray(PIL.Image.open(io.BytesIO(archive.read(f"{channel}/{row['step']:06d}.png"))))
                for channel in ("rgb", "depth", "segmentation")
            }
        yield row, images


def same(found, wanted):
    assert np.array_equal(np.asarray(found), wanted), (np.shape(found), np.shape(wanted))


def same_pose(said, row):
    same(np.reshape(said["T_world_camera"], -1), row["T_world_camera"])
    assert said["home"] == row["home"]
    assert said["command"] == row["command"]


def read_webdataset(source, export):
    import webdataset

    shards = sorted(str(path) for path in export.glob("*.tar"))
    samples = list(webdataset.WebDataset(shards, shardshuffle=False).decode("rgb8"))
    for (row, images), sample in zip(stored(source), samples, strict=True):
        same(sample["rgb.png"], images["rgb"])
        same(sample["depth.npz"]["depth_mm"], images["depth"])
        same(sample["segmentation.npz"]["ids"], images["segmentation"])
        same_pose(sample["json"], row)
        assert sample["json"]["K"][0] == [row["fx"], 0, row["cx"]]
        assert sample["json"]["prev_action"] == row["prev_action"]
    return len(samples)


def load(export, **options):
    import datasets

    with tempfile.TemporaryDirectory() as cache:
        yield datasets.load_dataset(str(export), split="train", cache_dir=cache, **options)


def read_parquet(source, export):
    for read in load(export):
        for (row, images), found in zip(stored(source), read, strict=True):
            for channel, image in images.items():
                same(found[channel], image)
            same_pose(found, row)
            assert (np.isnan(found["prev_action"]).all()) == (row["prev_action"] is None)
        for form in (None, "numpy"):  # from the first frame of an episode on
            for size in (2, 3, len(read)):
                for batch in read.with_format(form).iter(batch_size=size):
                    assert np.ndim(batch["prev_action"]) == 2
    return len(read)


def read_tar(source, export):
    for streaming in (False, True):
        for read in load(export, streaming=streaming):
            samples = list(read)
            for (row, images), sample in zip(stored(source), samples, strict=True):
                same(sample["rgb.png"], images["rgb"])
                same(sample["depth.npz"]["depth_mm"], images["depth"])
                same(sample["segmentation.npz"]["ids"], images["segmentation"])
                same_pose(sample["json"], row)
    return len(samples)


def read_coco(source, export):
    from pycocotools.coco import COCO

    coco = COCO(str(export / "annotations" / "instances.json"))
    entries = [coco.imgs[number] for number in sorted(coco.imgs)]
    for (row, images), entry in zip(stored(source), entries, strict=True):
        same(PIL.Image.open(export / "images" / entry["file_name"]), images["rgb"])
        same(PIL.Image.open(export / entry["depth_file"]), images["depth"])
        same_pose(entry, row)
        ids = np.zeros_like(images["segmentation"])
        for annotation in coco.loadAnns(coco.getAnnIds(imgIds=entry["id"])):
            mask = coco.annToMask(annotation).astype(bool)
            assert mask.sum() == annotation["area"]
            ids[mask] = annotation["instance"]
        same(ids, images["segmentation"])
    return len(entries)


KINDS = {
    "webdataset": (read_webdataset, "webdataset"),
    "datasets-parquet": (read_parquet, "datasets"),
    "datasets-tar": (read_tar, "datasets"),
    "coco": (read_coco, "pycocotools"),
}

if __name__ == "__main__":
    read, package = KINDS[sys.argv[1]]
    frames = read(Path(sys.argv[2]), Path(sys.argv[3]))
    said = {"program": f"{package} {importlib.metadata.version(package)}", "frames": frames}
    sys.stdout.write(f"\n{json.dumps(said)}\n")
