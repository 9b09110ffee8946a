"""Benchmark sets: tampering of every kind is refused, an honest copy passes, and other datasets refuse its homes."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from datagen.benchmark_set import load_set, render_set
from datagen.benchmark_set.make import Recipe, make_set
from datagen.checks import check_dataset
from datagen.collect import Studio, make_job
from datagen.config import make_config
from datagen.engine import generate
from datagen.engine.pool import open_pool
from datagen.reader import open_dataset
from datagen.store import HomeEntry, Spec, frozen, writing
from datagen.store.about import read_about, write_about
from datagen.store.dataset import sealed
from datagen.store.identity import content_hash
from datagen.store.listing import list_episodes, listed_hashes
from datagen.store.schema import ADDED, frame_schema
from scenes.bundled import bundled_path
from scenes.errors import HomeError
from sim.cli import app
from sim.episodes import save_episodes

TINY = Recipe(seed=1, frames=3, size=(32, 24), starts=1, episodes=2, route_starts=1)
"""8 sequences of 3 frames per home."""
RENDERED = 16


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small set, `tiny`."""
    folder = tmp_path_factory.mktemp("sets")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frozen, "FOLDER", folder)
        make_set("tiny", {name: bundled_path(name).read_bytes() for name in ("round", "two-levels")}, TINY)
    return folder


@pytest.fixture(scope="module")
def rendered(sets: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dataset of `tiny`."""
    folder = tmp_path_factory.mktemp("rendered") / "tiny"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frozen, "FOLDER", sets)
        render_set(load_set("tiny"), folder)
    return folder


@pytest.fixture
def copied(sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the folder of sets, which is the one in use."""
    folder = Path(shutil.copytree(sets, tmp_path / "copied sets"))
    monkeypatch.setattr(frozen, "FOLDER", folder)
    return folder


def test_an_honest_copy_passes(copied: Path, rendered: Path, tmp_path: Path) -> None:
    benchmark = load_set("tiny")
    benchmark.require(rendered)
    benchmark.require(Path(shutil.copytree(rendered, tmp_path / "copy")))
    assert not [finding for finding in check_dataset(rendered) if finding.severity == "error"]
    assert len(open_dataset(rendered)) == RENDERED * TINY.frames
    assert {home: len(benchmark.episodes(home).episodes) for home in benchmark.homes} == {"round": 2, "two-levels": 2}
    with pytest.raises(HomeError, match="no benchmark set 'other'; there are tiny"):
        load_set("other")
    with pytest.raises(HomeError, match="has no home 'attic'; it has round, two-levels"):
        benchmark.route("attic")


def test_poses_rendered_twice_are_equal_however_often_it_was_stopped(
    copied: Path, rendered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = iter(range(5))

    def stop() -> None:
        if next(stopped, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render_set(load_set("tiny"), tmp_path / "again", progress=stop)
    with pytest.raises(HomeError, match="not complete"):
        load_set("tiny").require(tmp_path / "again")
    made: list[None] = []
    content = render_set(load_set("tiny"), tmp_path / "again", progress=lambda: made.append(None))
    assert len(made) == RENDERED - 6
    assert content == read_about(rendered)["content_hash"]
    poses = frozen.find_set("tiny").poses()
    assert open_dataset(tmp_path / "again").frames.drop_columns([frozen.RENDERED]) == poses


def test_a_set_is_what_collectors_would_show(copied: Path, rendered: Path, tmp_path: Path) -> None:
    """The sequences are those of `sim generate` with the set's configuration, to the last bit of an image."""
    dataset, about = open_dataset(rendered), frozen.find_set("tiny")
    homes = {name: str(bundled_path(name)) for name in about.homes}
    config = make_config({**about.config, "homes": list(homes.values()), "episodes": 32, "renderer": "auto"})
    shown: dict[bytes, Any] = {}
    with Studio(make_job(config), str(read_about(rendered)["made_with"][0]["renderer"])) as studio:
        for index in range(32):
            for frame, row in studio.episode(index):
                shown[frame.T_world_camera.tobytes() + str((row.camera, row.time_s, row.zoom)).encode()] = frame
    columns = [dataset.column(name) for name in ("camera", "time_s", "zoom")]
    for index in range(0, len(dataset), 5):
        said = str((str(columns[0][index]), *(float(column[index]) for column in columns[1:]))).encode()
        frame = shown[dataset.column("T_world_camera")[index].tobytes() + said]
        images = dataset.images(index)
        assert np.array_equal(images.rgb, frame.rgb)
        assert np.array_equal(images.segmentation, frame.segmentation)


@pytest.mark.parametrize("path", ["homes/round.sh3d", "poses.parquet", "episodes/round.json", "routes.json"])
@given(data=st.data())
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_changed_byte_of_a_set_is_refused(copied: Path, path: str, data: st.DataObject) -> None:
    file = copied / "tiny" / path
    whole = file.read_bytes()
    at, by = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(1, 255))
    file.write_bytes(bytes([*whole[:at], whole[at] ^ by, *whole[at + 1 :]]))
    with pytest.raises(HomeError, match=f"{path} was changed since it was frozen"):
        load_set("tiny")
    file.write_bytes(whole)
    load_set("tiny")


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_changed_byte_of_its_description_is_refused_or_says_the_same(copied: Path, data: st.DataObject) -> None:
    file = copied / "tiny.json"
    whole = file.read_bytes()
    at, by = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(1, 255))
    changed = bytes([*whole[:at], whole[at] ^ by, *whole[at + 1 :]])
    file.write_bytes(changed)
    if said(changed) == said(whole):
        load_set("tiny")
    else:
        with pytest.raises(HomeError, match="restore it"):
            load_set("tiny")
    file.write_bytes(whole)


def said(document: bytes) -> Any:
    """What JSON says; None if it is none."""
    try:
        return json.loads(document)
    except ValueError:
        return None


def test_an_episode_changed_after_loading_is_refused(copied: Path) -> None:
    """Even when its file's own hash was made anew."""
    benchmark = load_set("tiny")
    episodes = benchmark.episodes("round")
    turned = dataclasses.replace(episodes.episodes[0], yaw_deg=0.0)
    path = copied / "tiny" / "episodes" / "round.json"
    save_episodes(dataclasses.replace(episodes, episodes=(turned, *episodes.episodes[1:])), path)
    with pytest.raises(HomeError, match=r"episodes/round\.json was changed"):
        benchmark.episodes("round")
    with pytest.raises(HomeError, match=r"episodes/round\.json was changed"):
        benchmark.episodes_file("round")
    with pytest.raises(HomeError, match=r"episodes/round\.json was changed"):
        load_set("tiny")


def test_a_renamed_or_missing_home_is_refused(copied: Path) -> None:
    homes = copied / "tiny" / "homes"
    (homes / "round.sh3d").rename(homes / "oval.sh3d")
    with pytest.raises(HomeError, match=r"homes/round\.sh3d cannot be read"):
        load_set("tiny")
    (homes / "oval.sh3d").rename(homes / "round.sh3d")
    about = json.loads((copied / "tiny.json").read_text())
    about["homes"]["oval"] = about["homes"].pop("round")
    (copied / "tiny.json").write_text(json.dumps(about))
    with pytest.raises(HomeError, match=r"tiny\.json was changed"):
        load_set("tiny")


def rewrite(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Changes the first episode's first row, and makes every hash of the dataset anew."""
    from pyarrow import Table, parquet

    path = folder / "episodes" / "000000.zip"
    with zipfile.ZipFile(path) as archive:
        contents = {info: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w") as archive:
        for info, data in contents.items():
            if info.filename == "frames.parquet":
                rows = parquet.read_table(io.BytesIO(data)).to_pylist()
                change(rows[0])
                buffer = io.BytesIO()
                parquet.write_table(Table.from_pylist(rows, schema=frame_schema()), buffer)
                archive.writestr(info, buffer.getvalue())
            else:
                archive.writestr(info, data)
    seal(folder)


def seal(folder: Path) -> None:
    """Lists a dataset anew, and makes its content hash that of what is there."""
    about = read_about(folder)
    (folder / "episodes.parquet").unlink()
    list_episodes(folder, about["episodes"])
    identity = {part: about[part] for part in ("schema", "config", "episodes", "storage", "homes")}
    hashes = listed_hashes(folder)
    write_about(folder, sealed(folder, about) | {"content_hash": content_hash(identity, hashes)})


def change_about(folder: Path, **changes: Any) -> None:
    about = read_about(folder)
    for part, value in changes.items():
        about[part] = about[part] | value
    write_about(folder, about)
    seal(folder)


def renamed(folder: Path) -> None:
    about = read_about(folder)
    about["homes"]["oval"] = about["homes"].pop("round")
    write_about(folder, about)
    seal(folder)


TAMPERED: dict[str, tuple[Callable[[Path], None], str]] = {
    "a pose": (lambda f: rewrite(f, lambda row: row["T_world_camera"].__setitem__(3, 0.0)), "T_world_camera"),
    "a camera": (lambda f: rewrite(f, lambda row: row.update(fx=row["fx"] + 1e-9)), "fx in its rows"),
    "an action": (lambda f: rewrite(f, lambda row: row.update(action=[0.0, 0.0, 0.0])), "action in its rows"),
    "a label": (lambda f: rewrite(f, lambda row: row.update(command="noop!")), "command in its rows"),
    "a zoom": (lambda f: rewrite(f, lambda row: row.update(zoom=7.0)), "zoom in its rows"),
    "a home's name": (renamed, "homes"),
    "another seed": (lambda f: change_about(f, config={"seed": 2}), "configuration"),
    "another set": (lambda f: change_about(f, config={"benchmark": {"name": "tiny", "hash": "0"}}), "configuration"),
    "other images": (lambda f: change_about(f, storage={"rgb": "jpeg"}), "storage"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_dataset_that_is_not_the_set_is_refused(copied: Path, rendered: Path, tmp_path: Path, what: str) -> None:
    change, said = TAMPERED[what]
    folder = Path(shutil.copytree(rendered, tmp_path / "data"))
    seal(folder)
    load_set("tiny").require(folder)
    change(folder)
    with pytest.raises(HomeError, match=f"as it was frozen: other {said}"):
        load_set("tiny").require(folder)
    assert "benchmark" in {finding.code for finding in check_dataset(folder)}


def test_changed_or_missing_files_of_a_dataset_are_refused(copied: Path, rendered: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(rendered, tmp_path / "data"))
    first, second = (folder / "episodes" / f"00000{number}.zip" for number in (0, 1))
    whole = first.read_bytes()
    at = whole.index(b"IDAT") + 40
    first.write_bytes(bytes([*whole[:at], whole[at] ^ 1, *whole[at + 1 :]]))
    with pytest.raises(HomeError, match="listing is not that of the episodes"):
        load_set("tiny").require(folder)
    first.write_bytes(second.read_bytes())
    with pytest.raises(HomeError, match="as it was frozen"):
        load_set("tiny").require(folder)
    first.unlink()
    with pytest.raises(HomeError, match=r"000000\.zip is damaged"):
        load_set("tiny").require(folder)


def zipped_anew(source: Path, path: Path) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as new:
        for name in reversed(old.namelist()):
            new.writestr(name, old.read(name))
    return path


def test_other_datasets_refuse_its_homes(copied: Path, rendered: Path, tmp_path: Path) -> None:
    asked = {"policies": ["fly"], "episodes": 1, "frames": 1, "size": (16, 16)}
    copy = zipped_anew(bundled_path("round"), tmp_path / "hut.sh3d")
    for home in ("round", str(copy)):
        config = make_config(asked | {"homes": ["blocks", home]})
        with pytest.raises(HomeError, match=r"is 'round' of the benchmark set 'tiny': .* take another home"):
            generate(config, tmp_path / "train", lambda order: open_pool(order, 1), None)  # type: ignore[arg-type]
    about = read_about(rendered)
    homes = {name: HomeEntry(digest, {}) for name, digest in about["homes"].items()}
    marked = {"benchmark": about["config"]["benchmark"]}
    for config, shown in ((marked, homes), (about["config"], {"round": homes["round"]})):
        with (
            pytest.raises(HomeError, match="is 'round' of the benchmark set"),
            writing(tmp_path / "claims", Spec(config, 1, shown, "gl", "none")),
        ):
            pass


def test_a_set_outlives_columns_that_are_added(copied: Path, tmp_path: Path) -> None:
    from pyarrow import parquet

    shutil.copytree(copied / "tiny", copied / "older")
    path = copied / "older" / frozen.POSES
    parquet.write_table(parquet.read_table(path).drop_columns(list(ADDED)), path)
    files = frozen.find_set("tiny").files | {frozen.POSES: hashlib.sha256(path.read_bytes()).hexdigest()}
    frozen.write_set(dataclasses.replace(frozen.find_set("tiny"), name="older", files=files))
    render_set(load_set("older"), tmp_path / "data")
    load_set("older").require(tmp_path / "data")


def test_a_set_is_made_once(copied: Path) -> None:
    with pytest.raises(HomeError, match="sets never change"):
        make_set("tiny", {}, TINY)
    other = dataclasses.replace(frozen.find_set("tiny"), policies=("random",))
    with pytest.raises(HomeError, match="sets never change"):
        frozen.write_set(other)
    frozen.write_set(frozen.find_set("tiny"))
    assert load_set("tiny")


def test_the_command(copied: Path, rendered: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["data", "benchmark", "tiny", "--out", str(tmp_path / "bench")])
    assert done.exit_code == 0, done.output
    assert f"content hash {read_about(rendered)['content_hash']}" in done.output
    again = CliRunner().invoke(app, ["data", "benchmark", "tiny", "--out", str(tmp_path / "bench")])
    assert again.exit_code == 0
    other = CliRunner().invoke(app, ["data", "benchmark", "round", "--out", str(tmp_path / "other")])
    assert isinstance(other.exception, HomeError)
