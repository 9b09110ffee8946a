"""COCO exports, read back with pycocotools."""

import json

import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from datagen.export import export_dataset
from datagen.export.rle import encode_masks
from datagen.reader import open_dataset
from datagen.store import Storage, read_about
from datagen.store.about import write_about
from datagen.store.dataset import sealed
from scenes.errors import HomeError
from tests import exports

ids_of_images = st.tuples(st.integers(1, 40), st.integers(1, 40)).flatmap(
    lambda shape: arrays(np.uint16, shape, elements=st.sampled_from([0, 0, 1, 1, 1, 2, 65535]))
)


@settings(max_examples=200)
@given(ids_of_images)
def test_masks_are_those_that_the_library_makes(ids):
    masks = encode_masks(ids)
    assert [mask.instance for mask in masks] == [number for number in np.unique(ids).tolist() if number]
    for mask in masks:
        theirs = coco_mask.encode(np.asfortranarray(ids == mask.instance, np.uint8))
        assert mask.counts.encode() == theirs["counts"]
        assert mask.area == coco_mask.area(theirs)
        assert list(mask.box) == coco_mask.toBbox(theirs).tolist()


def test_masks_of_a_large_image():
    rng = np.random.default_rng(0)
    ids = np.kron(rng.integers(0, 9, (7, 5)), np.ones((100, 160))).astype(np.uint16)
    ids[rng.random(ids.shape) < 0.001] = 3
    for mask in encode_masks(ids):
        assert mask.counts.encode() == coco_mask.encode(np.asfortranarray(ids == mask.instance, np.uint8))["counts"]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return exports.make(tmp_path_factory.mktemp("export") / "data")


@pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")  # pycocotools' own
def test_every_frame_as_it_is_stored(dataset, tmp_path):
    out = tmp_path / "out"
    export_dataset(dataset, "coco", out)
    read = COCO(str(out / "annotations/instances.json"))
    names = {number: category["name"] for number, category in read.cats.items()}
    assert sorted(names.values()) == ["door", "furniture", "other", "wall"]
    assert sorted(read.imgs) == list(range(1, len(dataset) + 1))
    for index, row in enumerate(dataset.frames.to_pylist()):
        image, shown = read.imgs[index + 1], dataset.images(index)
        assert (image["width"], image["height"]) == exports.SIZE
        assert np.array_equal(np.asarray(PIL.Image.open(out / "images" / image["file_name"])), shown.rgb)
        assert np.array_equal(np.asarray(PIL.Image.open(out / image["depth_file"])), shown.depth_mm)
        assert np.array_equal(image["T_world_camera"], dataset.column("T_world_camera")[index])
        assert image["K"][0] == [row["fx"], 0, row["cx"]]
        for name in ("action", "prev_action", "pan_deg", "tilt_deg", "zoom", "command"):
            assert image[name] == row[name]
        together = np.zeros_like(shown.segmentation)
        for annotation in read.imgToAnns[index + 1]:
            mask = read.annToMask(annotation)
            assert mask.sum() == annotation["area"]
            together[mask > 0] = annotation["instance"]
            assert annotation["name"] == f"{row['home']} {annotation['instance']}"
            assert names[annotation["category_id"]] == (exports.CATEGORIES[annotation["instance"] - 1] or "other")
        assert np.array_equal(together, shown.segmentation)
    assert sorted(read.anns) == list(range(1, len(read.anns) + 1))


def test_no_masks_without_segmentation(tmp_path):
    dataset = exports.make(tmp_path / "data", Storage(segmentation=False))
    with pytest.raises(HomeError, match="without segmentation"):
        export_dataset(dataset, "coco", tmp_path / "out")


def test_an_instance_that_its_home_does_not_name(tmp_path):
    dataset = exports.make(tmp_path / "data")
    path = dataset.folder / "homes/barn.json"
    info = json.loads(path.read_bytes())
    path.write_text(json.dumps(info | {"instances": info["instances"][:-1]}))
    write_about(dataset.folder, sealed(dataset.folder, read_about(dataset.folder)))
    with pytest.raises(HomeError, match=r"instance 5, which homes/barn\.json does not name"):
        export_dataset(open_dataset(dataset.folder), "coco", tmp_path / "out")
