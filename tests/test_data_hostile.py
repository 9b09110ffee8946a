"""A dataset from a stranger, or one that was damaged: one error, in a time in proportion; its page shows no markup."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml
from pyarrow import parquet

from datagen.checks import check_dataset
from datagen.reader import open_cache, open_dataset
from datagen.report import write_report
from datagen.store.about import read_about, write_about
from datagen.store.dataset import sealed
from datagen.store.schema import frame_schema
from scenes.errors import HomeError
from tests.recordings import make, split
from tests.test_data_check import change_rows, list_anew, rewrite

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean") / "set"
    make(folder)
    split(folder, "main", "home", {"train": 2, "val": 1})
    return folder


@pytest.fixture
def copied(clean: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(clean, tmp_path / "set"))


def said(**changes: Any) -> Callable[[dict[str, Any]], None]:
    return lambda about: about.update(changes)


WRONG = {
    "a hash that is markup": said(content_hash=SCRIPT),
    "a split that is markup": said(splits={SCRIPT: {"by": "home"}}),
    "a split made by nothing": said(splits={"main": {"by": ["home"]}}),
    "a home elsewhere": said(homes={"../../etc": "x"}),
    "a schema that is true": said(schema=True),
    "episodes below 0": said(episodes=-1),
    "episodes beyond counting": said(episodes=10**15),
    "nothing made it": said(made_with=[]),
    "what made it is a number": said(made_with=[{"code": 3}]),
    "ids as a number": said(storage={"rgb": "png", "segmentation": 1}),
    "a list as configuration": said(config=[1]),
    "sums that are none": said(sums={"frames.parquet": 7}),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_description_of_wrong_types_is_one_error(copied: Path, name: str) -> None:
    about = read_about(copied)
    WRONG[name](about)
    write_about(copied, about)
    with pytest.raises(HomeError, match=r"dataset\.yaml does not describe a dataset \(.*\); restore it") as raised:
        open_dataset(copied)
    assert "\n" not in str(raised.value)
    assert [finding.code for finding in check_dataset(copied)] == ["description"]


def test_a_page_shows_what_strangers_wrote_as_text(copied: Path) -> None:
    rewrite(copied, 0, lambda files: change_rows(files, lambda rows: rows[0].update(room=SCRIPT, level="<b>1")))
    list_anew(copied)
    about = read_about(copied)
    about["made_with"][0][f"{SCRIPT}"] = SCRIPT
    about["config"]["title"] = SCRIPT
    about["splits"]["main"]["by"] = SCRIPT
    write_about(copied, about)
    write_report(open_dataset(copied), copied / "report.html")
    page = (copied / "report.html").read_text()
    assert "<script" not in page
    assert "<b>1" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 5


@pytest.mark.parametrize("text", ["a: " + "[" * 200_000, "a: &a [*a]", "schema: 2026-13-45", "schema: !!int abc"])
def test_yaml_that_is_a_bomb_or_none_is_one_error(copied: Path, text: str) -> None:
    (copied / "dataset.yaml").write_text(text)
    with pytest.raises(HomeError, match=r"dataset\.yaml"):
        open_dataset(copied)
    assert [finding.code for finding in check_dataset(copied)] == ["description"]


def many_rows(count: int) -> bytes:
    """A small file of many equal rows."""
    row = {"episode": 0, "step": 0, "home": "barn", "T_world_camera": [0.0] * 16}
    group = pa.Table.from_pylist([row] * 1000, schema=frame_schema())
    buffer = io.BytesIO()
    parquet.write_table(pa.concat_tables([group] * (count // 1000)), buffer, compression="zstd")
    return buffer.getvalue()


def test_a_table_of_millions_of_equal_rows_is_an_error(copied: Path) -> None:
    data = many_rows(3_000_000)
    assert len(data) < 1_000_000
    rewrite(copied, 1, lambda files: files.update({"frames.parquet": data}))
    assert "damaged episode" in {finding.code for finding in check_dataset(copied)}
    (copied / "frames.parquet").write_bytes(data)
    with pytest.raises(HomeError, match=r"3,000,000 rows in [\d,]+ bytes"):
        open_dataset(copied)


def flip(path: Path, at: int) -> None:
    data = path.read_bytes()
    path.write_bytes(bytes([*data[:at], data[at] ^ 1, *data[at + 1 :]]))


def test_readers_notice_what_was_changed(copied: Path) -> None:
    one, other = (copied / "episodes" / f"00000{number}.zip" for number in (0, 3))
    one.rename(copied / "aside")
    other.rename(one)
    (copied / "aside").rename(other)
    with pytest.raises(HomeError, match=r"000000\.zip, step 0: the file is not the one that was listed"):
        open_dataset(copied).images(0)


def read_beside(folder: Path) -> None:
    """All that a dataset has beside its episodes."""
    dataset = open_dataset(folder)
    dataset.home_info("barn")
    dataset.split("main")


@pytest.mark.parametrize("path", ["homes/barn.json", "frames.parquet", "episodes.parquet", "splits/main.parquet"])
def test_readers_notice_a_byte(copied: Path, path: str) -> None:
    for at in (9, len((copied / path).read_bytes()) // 2):
        flip(copied / path, at)
        with pytest.raises(HomeError, match=r"changed|damaged|cannot be read"):
            read_beside(copied)
        flip(copied / path, at)
    assert len(open_dataset(copied).home_info("barn")["instances"]) == 4


def test_readers_notice_another_description(copied: Path) -> None:
    path = copied / "dataset.yaml"
    about = yaml.safe_load(path.read_text())
    about["units"]["depth"] = "inches"
    path.write_text(yaml.safe_dump(about))
    with pytest.raises(HomeError, match=r"dataset\.yaml was changed since it was written"):
        open_dataset(copied)


def test_a_cache_that_was_changed_is_made_anew(copied: Path) -> None:
    dataset = open_dataset(copied)
    before = np.array(open_cache(dataset, (16, 12)).rgb)
    path = copied / "cache" / "16x12" / "rgb.npy"
    path.write_bytes(path.read_bytes()[:128] + bytes(before.nbytes))
    os.utime(path, ns=(1, 1))
    assert np.array_equal(open_cache(dataset, (16, 12)).rgb, before)


def test_what_a_home_file_said_is_described_the_same_each_time(tmp_path: Path) -> None:
    from dataclasses import replace

    from datagen.collect.describe import describe_home
    from datagen.config import make_config
    from scenes.library import load_scene

    scene = load_scene("round")
    config = make_config({"homes": ["round"], "policies": ["fly"], "episodes": 1})
    told = [
        json.dumps(describe_home(replace(scene, warnings=(f"no image <_io.BytesIO object at {where}>",)), config))
        for where in ("0x7f0000000010", "0x7f0000000020")
    ]
    assert told[0] == told[1]


def test_sums_are_of_what_is_there(clean: Path) -> None:
    about = read_about(clean)
    assert sealed(clean, about) == about
    assert set(about["sums"]) == {
        "frames.parquet", "episodes.parquet", "homes/attic.json", "homes/barn.json", "homes/cabin.json",
        "splits/main.parquet",
    }  # fmt: skip
    with zipfile.ZipFile(clean / "episodes" / "000000.zip") as archive:
        assert archive.testzip() is None
