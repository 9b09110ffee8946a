"""A zoo of corrupted datasets: `check_dataset` finds each, and nothing in clean ones."""

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
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datagen.checks import ERROR, check_dataset
from datagen.reader import open_dataset
from datagen.store import Storage, episode, frozen, images, png, verify
from datagen.store.about import IDENTITY, read_about, write_about
from datagen.store.dataset import sealed
from datagen.store.identity import content_hash
from datagen.store.listing import list_episodes, listed_hashes, read_listing
from datagen.store.schema import frame_schema
from scenes.errors import HomeError
from tests.recordings import make, spec, split

CLEAN = {
    "png": spec(),
    "webp": spec(storage=Storage(rgb="webp")),
    "jpeg without ids": spec(storage=Storage(rgb="jpeg", segmentation=False)),
    "one frame": spec(1, frames=1),
}


@pytest.mark.parametrize("name", CLEAN)
def test_nothing_is_found_in_clean_datasets(tmp_path: Path, name: str) -> None:
    make(tmp_path, CLEAN[name])
    if len(open_dataset(tmp_path)) > 1:
        split(tmp_path, "main", "episode", {"train": 2, "val": 1})
    assert check_dataset(tmp_path) == []


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean") / "set"
    make(folder)
    split(folder, "main", "home", {"train": 2, "val": 1})
    return folder


def rewrite(folder: Path, index: int, change: Callable[[dict[str, bytes]], None], *, relist: bool = False) -> None:
    """Changes the files inside of an episode; with `relist`, the listing and the hash are made to agree."""
    path = folder / "episodes" / f"{index:06d}.zip"
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    if relist:
        list_anew(folder)


def list_anew(folder: Path) -> None:
    about = read_about(folder)
    (folder / "episodes.parquet").unlink()
    list_episodes(folder, about["episodes"])
    hashes = listed_hashes(folder)
    identity = {part: about[part] for part in IDENTITY}
    write_about(folder, sealed(folder, about) | {"content_hash": content_hash(identity, hashes)})


def change_rows(files: dict[str, bytes], change: Callable[[list[dict[str, Any]]], None]) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    rows = parquet.read_table(io.BytesIO(files["frames.parquet"])).to_pylist()
    change(rows)
    buffer = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows, schema=frame_schema()), buffer)
    files["frames.parquet"] = buffer.getvalue()


def rows(**values: Any) -> Callable[[dict[str, bytes]], None]:
    """Gives values to the row of step 2."""
    return lambda files: change_rows(files, lambda records: records[2].update(values))


def constant(files: dict[str, bytes]) -> None:
    """A renderer that failed, written by a writer that did not look."""
    files["rgb/000002.png"] = png.encode(np.zeros((24, 32, 3), np.uint8))
    change_rows(files, lambda records: records[2].update(checks=[verify.CONSTANT]))


def swap_images(files: dict[str, bytes]) -> None:
    names = ("rgb/000001.png", "rgb/000003.png")
    files[names[0]], files[names[1]] = files[names[1]], files[names[0]]


def stuck(files: dict[str, bytes]) -> None:
    """The image of step 0 again at step 3."""
    for channel in ("rgb", "depth"):
        files[f"{channel}/000003.png"] = files[f"{channel}/000000.png"]


def put(name: str, data: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda files: files.update({name: data})


def drop(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda files: files.pop(name) and None


def set_facts(**values: Any) -> Callable[[dict[str, bytes]], None]:
    return lambda files: files.update({"episode.json": json.dumps(json.loads(files["episode.json"]) | values).encode()})


small = png.encode(np.random.default_rng(0).integers(0, 9, (8, 8, 3)).astype(np.uint8))
ids_of_others = images.encode_grey(np.arange(24 * 32, dtype=np.uint16).reshape(24, 32))
INSIDE = {
    "a zero-byte image": (put("rgb/000002.png", b""), "image"),
    "an image cut short": (lambda files: files.update({"depth/000001.png": files["depth/000001.png"][:-20]}), "image"),
    "an image of another size": (put("rgb/000002.png", small), "image"),
    "an image of another kind": (lambda files: files.update({"depth/000002.png": files["rgb/000002.png"]}), "image"),
    "a missing image": (drop("depth/000002.png"), "image"),
    "a constant frame": (constant, "image"),
    "a flag that is not so": (rows(checks=["nothing"]), "image"),
    "a camera that is stuck": (stuck, "duplicate"),
    "a pose of NaN": (rows(T_world_camera=[float("nan")] * 16), "row"),
    "a pose that is none": (rows(T_world_camera=None), "row"),
    "a pose that stretches": (rows(T_world_camera=np.diag([1.0, 2, 1, 1]).reshape(-1).tolist()), "row"),
    "time that goes back": (rows(time_s=0.0), "row"),
    "a step left out": (rows(step=7), "row"),
    "a previous action that is not": (rows(prev_action=[9.0, 9.0]), "row"),
    "an infinite zoom": (rows(zoom=float("inf")), "row"),
    "a focal length of 0": (rows(fx=0.0), "row"),
    "rows of another episode": (rows(episode=4), "swapped episode"),
    "facts of another episode": (set_facts(episode=4), "swapped episode"),
    "another home": (set_facts(home="palace"), "home"),
    "ids that no home has": (put("segmentation/000002.png", ids_of_others), "segmentation"),
    "no rows": (drop("frames.parquet"), "damaged episode"),
    "rows cut short": (
        lambda files: files.update({"frames.parquet": files["frames.parquet"][:-50]}),
        "damaged episode",
    ),
    "no facts": (drop("episode.json"), "damaged episode"),
    "facts that are a list": (put("episode.json", b"[1]"), "damaged episode"),
    "a file too many": (put("rgb/000099.png", small), "stray file"),
}


@pytest.mark.parametrize("name", INSIDE)
def test_damage_inside_of_an_episode_is_found(clean: Path, tmp_path: Path, name: str) -> None:
    change, code = INSIDE[name]
    folder = Path(shutil.copytree(clean, tmp_path / "set"))
    rewrite(folder, 1, change)
    codes = {finding.code for finding in check_dataset(folder) if finding.severity == ERROR}
    assert {"episode hash", code} <= codes
    with pytest.raises(HomeError):
        frozen.stored_content_hash(folder)


RELISTED = [
    name for name, (_, code) in INSIDE.items() if code != "damaged episode" and name != "rows of another episode"
]


@pytest.mark.parametrize("name", RELISTED)
def test_damage_is_found_where_all_hashes_agree(clean: Path, tmp_path: Path, name: str) -> None:
    change, code = INSIDE[name]
    folder = Path(shutil.copytree(clean, tmp_path / "set"))
    rewrite(folder, 1, change, relist=True)
    errors = [finding for finding in check_dataset(folder) if finding.severity == ERROR]
    assert code in {finding.code for finding in errors}
    assert "episode hash" not in {finding.code for finding in errors}


def truncate(path: Path, share: float = 0.5) -> None:
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])


def swap_files(folder: Path) -> None:
    one, other = (folder / "episodes" / f"00000{index}.zip" for index in (1, 4))
    one.rename(folder / "aside")
    other.rename(one)
    (folder / "aside").rename(other)


def swap_and_list(folder: Path) -> None:
    swap_files(folder)
    list_anew(folder)


def edit_about(**changes: Any) -> Callable[[Path], None]:
    return lambda folder: write_about(folder, read_about(folder) | changes)


def edit_listing(folder: Path) -> None:
    """Another room in `frames.parquet` alone."""
    from pyarrow import parquet

    frames, _ = read_listing(folder)
    column = frames.schema.get_field_index("room")
    frames = frames.set_column(column, frames.schema.field(column), [["cellar"] * len(frames)])
    parquet.write_table(frames, folder / "frames.parquet")


def other_split(folder: Path) -> None:
    (folder / "splits" / "main.parquet").unlink()
    (folder / "splits").joinpath("copy").mkdir()
    split(folder, "leaky", "random", {"train": 2, "val": 1})
    (folder / "splits" / "leaky.parquet").rename(folder / "splits" / "main.parquet")


WHOLE: dict[str, tuple[Callable[[Path], Any], str]] = {
    "a zero-byte episode": (lambda f: (f / "episodes" / "000003.zip").write_bytes(b""), "damaged episode"),
    "an episode cut short": (lambda f: truncate(f / "episodes" / "000003.zip"), "damaged episode"),
    "an episode gone": (lambda f: (f / "episodes" / "000003.zip").unlink(), "missing episode"),
    "swapped episodes": (swap_files, "swapped episode"),
    "swapped episodes, listed anew": (swap_and_list, "swapped episode"),
    "truncated frames.parquet": (lambda f: truncate(f / "frames.parquet"), "listing"),
    "truncated episodes.parquet": (lambda f: truncate(f / "episodes.parquet"), "listing"),
    "no frames.parquet": (lambda f: (f / "frames.parquet").unlink(), "listing"),
    "no episodes.parquet": (lambda f: (f / "episodes.parquet").unlink(), "listing"),
    "other rows in frames.parquet": (edit_listing, "listing"),
    "a wrong hash": (edit_about(content_hash="0" * 64), "content hash"),
    "another configuration": (edit_about(config={"seed": 8, "frames": 5}), "content hash"),
    "an unknown schema": (edit_about(schema=99), "description"),
    "no description": (lambda f: (f / "dataset.yaml").unlink(), "description"),
    "a description that is none": (lambda f: (f / "dataset.yaml").write_text("a: [b"), "description"),
    "a list as description": (lambda f: (f / "dataset.yaml").write_text(yaml.dump([1])), "description"),
    "a stray episode": (
        lambda f: shutil.copy(f / "episodes" / "000003.zip", f / "episodes" / "000044.zip"),
        "stray file",
    ),
    "a file left aside": (lambda f: (f / "episodes" / ".000003.zip.x").write_bytes(b"x"), "stray file"),
    "no home": (lambda f: (f / "homes" / "barn.json").unlink(), "home"),
    "a home that is none": (lambda f: (f / "homes" / "barn.json").write_text("{"), "home"),
    "a split cut short": (lambda f: truncate(f / "splits" / "main.parquet"), "split"),
    "a split gone": (lambda f: (f / "splits" / "main.parquet").unlink(), "split"),
    "a split that leaks": (other_split, "split"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_damage_of_the_whole_is_found(clean: Path, tmp_path: Path, name: str) -> None:
    change, code = WHOLE[name]
    folder = Path(shutil.copytree(clean, tmp_path / "set"))
    change(folder)
    codes = {finding.code for finding in check_dataset(folder) if finding.severity == ERROR}
    assert code in codes


def test_swapped_images_are_found_by_the_hash(clean: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(clean, tmp_path / "set"))
    rewrite(folder, 2, swap_images)
    assert "episode hash" in {finding.code for finding in check_dataset(folder)}


def test_homes_of_a_benchmark_set_are_found(clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frozen, "FOLDER", tmp_path)
    frozen.write_set(frozen.FrozenSet("held", {"a": "hash of barn"}, {}, (), {}))
    assert [finding.code for finding in check_dataset(clean)] == ["benchmark"]


def test_dull_datasets_are_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "flags", lambda *_: [verify.CONSTANT])
    make(tmp_path)
    (found,) = check_dataset(tmp_path)
    assert (found.severity, found.code) == ("warning", "constant")
    assert "30 of 30 frames (100%)" in found.message


FILES = ["episodes/000001.zip", "episodes.parquet", "frames.parquet", "homes/barn.json", "splits/main.parquet"]


@pytest.mark.parametrize("path", [*FILES, "dataset.yaml"])
@given(data=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_damage_is_a_finding_and_never_a_crash(clean: Path, tmp_path: Path, path: str, data: st.DataObject) -> None:
    folder = tmp_path / "set"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(clean, folder, copy_function=os.link)
    whole = (clean / path).read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    (folder / path).unlink()
    (folder / path).write_bytes(bytes([*whole[:at], whole[at] ^ data.draw(st.integers(1, 255)), *whole[at + 1 :]]))
    findings = check_dataset(folder)
    if path != "dataset.yaml":
        assert findings
    else:
        assert findings or yaml.safe_load((folder / path).read_bytes()) == yaml.safe_load(whole)


def test_what_the_writer_verifies_is_what_the_check_knows(clean: Path) -> None:
    """The decoder of the store and the check are one."""
    with zipfile.ZipFile(clean / "episodes" / "000000.zip") as archive:
        files = Storage().files(0)
        shown = episode.decode({channel: archive.read(name) for channel, name in files.items()}, Storage())
    assert np.array_equal(shown.rgb, open_dataset(clean).read(0)["rgb"])
