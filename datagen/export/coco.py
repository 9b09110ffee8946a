"""COCO: images, and the instances in them as masks."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from datagen.export.rle import encode_masks
from datagen.export.samples import Sample, all_episodes, as_json
from datagen.reader import Dataset
from datagen.store.images import SUFFIX
from datagen.store.schema import Json
from scenes.errors import HomeError

UNNAMED = "other"
"""The category of instances whose home gives them none."""


def write_coco(dataset: Dataset, folder: Path, progress: Callable[[], None]) -> None:
    """Writes `annotations/instances.json`, `images/` and `depth/` into a folder.

    An image's entry says all that is known of its frame (`T_world_camera`, `K`, action …) and names its 16-bit depth
    image; an annotation says home, id and name of its instance.

    Raises:
        HomeError: the dataset has no segmentation, or shows an instance that its home does not have.
    """
    if not dataset.storage.segmentation:
        raise HomeError(f"{dataset.folder} was made without segmentation, which COCO's masks come from")
    for name in ("images", "depth", "annotations"):
        (folder / name).mkdir()
    instances = _instances(dataset)
    names = sorted({instance["category"] for known in instances.values() for instance in known.values()})
    categories = {name: number for number, name in enumerate(names, 1)}
    with tempfile.TemporaryFile("w+", dir=folder) as images, tempfile.TemporaryFile("w+", dir=folder) as annotations:
        image, annotation = 0, 0
        for episode in all_episodes(dataset):
            for sample in episode.samples():
                image += 1
                _write(images, {"id": image} | _image(sample, folder))
                for said in _annotations(sample, instances[sample.row["home"]], categories):
                    annotation += 1
                    _write(annotations, {"id": annotation, "image_id": image} | said)
                progress()
        with (folder / "annotations" / "instances.json").open("w") as file:
            info = {"description": "RGB-D frames of simulated homes, written by Stairwell"}
            file.write(f'{{"info": {json.dumps(info)},\n"licenses": [],\n"categories": ')
            json.dump([{"id": number, "name": name} for name, number in categories.items()], file, ensure_ascii=False)
            for key, lines in (("images", images), ("annotations", annotations)):
                file.write(f',\n"{key}": [')
                lines.seek(0)
                shutil.copyfileobj(lines, file)
                file.write("]")
            file.write("}\n")


def _instances(dataset: Dataset) -> dict[str, dict[int, dict[str, Json]]]:
    """What is known of the instances of each home, by id."""
    homes: dict[str, dict[int, dict[str, Json]]] = {}
    for home in sorted(dataset.about["homes"]):
        listed = dataset.home_info(home)["instances"]
        homes[home] = {known["id"]: known | {"category": known.get("category") or UNNAMED} for known in listed}
    return homes


def _image(sample: Sample, folder: Path) -> dict[str, Json]:
    """An entry of "images"; the files are written."""
    rgb = f"{sample.key}.{SUFFIX[sample.storage.rgb]}"
    depth = f"{sample.key}.png"
    (folder / "images" / rgb).write_bytes(sample.encoded["rgb"])
    (folder / "depth" / depth).write_bytes(sample.encoded["depth"])
    said = as_json(sample.row)
    size = {name: said.pop(name) for name in ("width", "height")}
    return {"file_name": rgb, **size, "depth_file": f"depth/{depth}", **said}


def _annotations(
    sample: Sample, instances: Mapping[int, Mapping[str, Json]], categories: Mapping[str, int]
) -> list[dict[str, Json]]:
    """Entries of "annotations", without ids."""
    ids = sample.images.segmentation
    if ids is None:
        raise HomeError(f"frame {sample.key} has no segmentation; run `sim data check` on the dataset")
    said = []
    for mask in encode_masks(ids):
        known = instances.get(mask.instance)
        if known is None:
            home = sample.row["home"]
            raise HomeError(f"frame {sample.key} shows instance {mask.instance}, which homes/{home}.json does not name")
        said.append(
            {
                "category_id": categories[known["category"]],
                "segmentation": {"size": list(ids.shape), "counts": mask.counts},
                "area": mask.area,
                "bbox": list(mask.box),
                "iscrowd": 0,
                "instance": mask.instance,
                "name": known["name"],
                "home": sample.row["home"],
            }
        )
    return said


def _write(file: IO[str], said: Mapping[str, Any]) -> None:
    """One entry of a list, a line of its own."""
    file.write("\n" if said["id"] == 1 else ",\n")
    json.dump(said, file, ensure_ascii=False, allow_nan=False)
