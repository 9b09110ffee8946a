"""Benchmark sets, frozen by hash: their homes go into no other dataset, and a changed set evaluates nothing.

A set is `assets/benchmarks/NAME.json` with files beside it in `assets/benchmarks/NAME`: homes, poses, episodes, routes.
It holds nothing that depends on a renderer, so that any machine can render its poses; `datagen.benchmark_set` reads,
renders and makes sets. The hash of a set covers the JSON file, which holds the hashes of all others.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from datagen.store.about import COMPLETE, IDENTITY, read_about
from datagen.store.episode import Storage
from datagen.store.identity import content_hash
from datagen.store.listing import list_anew, read_listing
from datagen.store.schema import Json, frame_schema
from scenes.errors import HomeError
from scenes.files import write_whole

FOLDER = Path(__file__).parents[2] / "assets" / "benchmarks"
FORMAT = "stairwell benchmark set 1"
MARK = "benchmark"
"""The key of a dataset's configuration that says which set it renders."""
POSES = "poses.parquet"
RENDERED = "checks"
"""The one column of `frames.parquet` that tells of images; poses are all the others."""


@dataclass(frozen=True)
class FrozenSet:
    """A benchmark set.

    Attributes:
        name: of its file.
        homes: home hashes by name.
        config: of the collectors that drew its poses.
        policies: who moved the camera, by episode of its poses.
        files: sha256 of the files in its folder, by their paths there.
    """

    name: str
    homes: Mapping[str, str]
    config: Mapping[str, Json]
    policies: tuple[str, ...]
    files: Mapping[str, str]

    @property
    def hash(self) -> str:
        """What the set is known by."""
        text = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return FOLDER / self.name

    def dataset_config(self) -> dict[str, Json]:
        """The configuration of a dataset that renders it."""
        return {**self.config, MARK: {"name": self.name, "hash": self.hash}}

    def read(self, path: str) -> bytes:
        """A file of it.

        Raises:
            HomeError: it is missing, or not as it was frozen.
        """
        try:
            data = (self.folder / path).read_bytes()
        except OSError as error:
            raise HomeError(f"benchmark set {self.name!r}: {path} cannot be read ({error}); restore it") from error
        if hashlib.sha256(data).hexdigest() != self.files[path]:
            raise HomeError(f"benchmark set {self.name!r}: {path} was changed since it was frozen; restore it")
        return data

    def poses(self) -> Any:
        """Its frames, a `pyarrow.Table` with the columns of `pose_schema` that there were when it was made."""
        from pyarrow import parquet

        return parquet.read_table(io.BytesIO(self.read(POSES)))


def pose_schema() -> Any:
    """The columns of `frames.parquet` that do not depend on images, a `pyarrow.Schema`."""
    schema = frame_schema()
    return schema.remove(schema.get_field_index(RENDERED))


def frozen_sets() -> list[FrozenSet]:
    """The benchmark sets there are.

    Raises:
        HomeError: one was changed.
    """
    return [_read(path) for path in sorted(FOLDER.glob("*.json"))]


def find_set(name: str) -> FrozenSet:
    """The benchmark set of a name.

    Raises:
        HomeError: there is none, or it was changed.
    """
    sets = {benchmark.name: benchmark for benchmark in frozen_sets()}
    if name not in sets:
        raise HomeError(f"no benchmark set {name!r}; there are {', '.join(sets) or 'none'}")
    return sets[name]


def write_set(benchmark: FrozenSet) -> None:
    """Freezes a set whose files are in its folder.

    Raises:
        HomeError: there is another of this name.
    """
    path = FOLDER / f"{benchmark.name}.json"
    if path.exists() and _read(path) != benchmark:
        raise HomeError(
            f"a benchmark set {benchmark.name!r} exists and differs; sets never change, choose another name"
        )
    document = {"format": FORMAT, "hash": benchmark.hash} | asdict(benchmark)
    write_whole(path, json.dumps(document, ensure_ascii=False, indent=1).encode())


def refuse_homes(homes: Mapping[str, str], config: Mapping[str, Json]) -> None:
    """Refuses homes (hashes by name) of a benchmark set in any dataset but the one that renders it.

    Raises:
        HomeError: names the home and the set.
    """
    sets = frozen_sets()
    if any(config == benchmark.dataset_config() and homes == benchmark.homes for benchmark in sets):
        return
    for benchmark in sets:
        names = {home_hash: name for name, home_hash in benchmark.homes.items()}
        for name, home_hash in homes.items():
            if home_hash in names:
                raise HomeError(
                    f"the home {name!r} is {names[home_hash]!r} of the benchmark set {benchmark.name!r}: "
                    "no other dataset may show it; take another home"
                )


def require_frozen(folder: Path, name: str) -> None:
    """Makes sure that a dataset shows the poses of a benchmark set, by its files and not by what it says of itself.

    Raises:
        HomeError: there is no such set, it was changed, or the dataset differs from it.
    """
    benchmark, about = find_set(name), read_about(folder)
    if about["state"] != COMPLETE:
        raise HomeError(f"{folder} is not complete; run `sim data benchmark {name} --out {folder}`")
    frames, episodes = list_anew(folder, about["episodes"])
    differing = _difference(benchmark, about, frames, episodes)
    if differing is None and _content_hash(folder, about, frames, episodes) != about.get("content_hash"):
        differing = "files"
    if differing is not None:
        raise HomeError(
            f"{folder} is not the benchmark set {name!r} as it was frozen: other {differing}; make it anew with "
            f"`sim data benchmark {name} --out FOLDER`"
        )


def stored_content_hash(folder: Path) -> str:
    """The content hash of a dataset by the files that are there.

    Raises:
        HomeError: files are missing or damaged, or the listing is not theirs.
    """
    about = read_about(folder)
    return _content_hash(folder, about, *list_anew(folder, about["episodes"]))


def _content_hash(folder: Path, about: Mapping[str, Json], frames: Any, episodes: Any) -> str:
    if (frames, episodes) != read_listing(folder):
        raise HomeError(f"{folder}: the listing is not that of the episodes; run `sim data check {folder}`")
    return content_hash({part: about[part] for part in IDENTITY}, episodes["sha256"].to_pylist())


def _difference(benchmark: FrozenSet, about: Mapping[str, Json], frames: Any, episodes: Any) -> str | None:
    """What of a dataset is not that of a set, in a word or two; None where it shows the set."""
    if about["homes"] != benchmark.homes or set(episodes["home_hash"].to_pylist()) != set(benchmark.homes.values()):
        return "homes"
    if about["config"] != benchmark.dataset_config():
        return "configuration"
    if about["storage"] != asdict(Storage()):
        return "storage"
    drawn = [{"policy": policy} for policy in benchmark.policies]
    if [json.loads(text) for text in episodes["drawn"].to_pylist()] != drawn:
        return "policies"
    poses = benchmark.poses()
    if len(frames) != len(poses):
        return f"number of frames ({len(frames)}, not {len(poses)})"
    names = poses.schema.names
    return next((f"{name} in its rows" for name in names if frames.select([name]) != poses.select([name])), None)


def _read(path: Path) -> FrozenSet:
    try:
        said = json.loads(path.read_bytes())
        benchmark = FrozenSet(said["name"], said["homes"], said["config"], tuple(said["policies"]), said["files"])
        intact = said["format"] == FORMAT and said["hash"] == benchmark.hash and benchmark.name == path.stem
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HomeError(f"{path} is no benchmark set ({error!r}); restore it") from error
    if not intact or len(said) != 7:
        raise HomeError(f"{path} was changed since it was frozen; restore it")
    return benchmark
