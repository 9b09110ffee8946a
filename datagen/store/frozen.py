"""Benchmark sets, frozen by hash: their homes go into no other dataset, and a changed set evaluates nothing.

A set is a JSON file in `assets/benchmarks`: its name, its dataset's content hash, and its homes' hashes by name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from datagen.store.about import COMPLETE, IDENTITY, read_about
from datagen.store.identity import content_hash
from datagen.store.listing import list_anew, read_listing
from scenes.errors import HomeError
from scenes.files import write_whole

FOLDER = Path(__file__).parents[2] / "assets" / "benchmarks"


@dataclass(frozen=True)
class FrozenSet:
    """A benchmark set. `homes`: home hashes by name."""

    name: str
    content_hash: str
    homes: Mapping[str, str]


def frozen_sets() -> list[FrozenSet]:
    """The benchmark sets there are."""
    return [FrozenSet(**json.loads(path.read_text())) for path in sorted(FOLDER.glob("*.json"))]


def refuse_homes(homes: Mapping[str, str]) -> None:
    """Refuses homes (hashes by name) that belong to a benchmark set.

    Raises:
        HomeError: names the home and the set.
    """
    for benchmark in frozen_sets():
        names = {home_hash: name for name, home_hash in benchmark.homes.items()}
        for name, home_hash in homes.items():
            if home_hash in names:
                raise HomeError(
                    f"the home {name!r} is {names[home_hash]!r} of the benchmark set {benchmark.name!r}: "
                    "no other dataset may show it; take another home"
                )


def freeze(folder: Path, name: str) -> FrozenSet:
    """Keeps a complete dataset as a benchmark set.

    Raises:
        HomeError: the dataset is not complete, or the name is taken by another set.
    """
    about = read_about(folder)
    if about["state"] != COMPLETE:
        raise HomeError(f"{folder} is not complete; finish it before it is frozen")
    frozen = FrozenSet(name, stored_content_hash(folder), about["homes"])
    if frozen.content_hash != about["content_hash"]:
        raise HomeError(f"{folder} is not what its content hash says; run `sim data check {folder}`")
    path = FOLDER / f"{name}.json"
    if path.exists() and frozen not in frozen_sets():
        raise HomeError(f"a benchmark set {name!r} exists and differs; sets never change, choose another name")
    FOLDER.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(asdict(frozen), ensure_ascii=False, indent=1).encode())
    return frozen


def require_frozen(folder: Path, name: str) -> None:
    """Makes sure that a dataset is a benchmark set as it was frozen, by its files and not by what it says of itself.

    Raises:
        HomeError: there is no such set, or the dataset differs from it.
    """
    sets = {benchmark.name: benchmark for benchmark in frozen_sets()}
    if name not in sets:
        raise HomeError(f"no benchmark set {name!r}; there are {', '.join(sets) or 'none'}")
    if stored_content_hash(folder) != sets[name].content_hash:
        raise HomeError(f"{folder} is not the benchmark set {name!r} as it was frozen; make or copy it anew")


def stored_content_hash(folder: Path) -> str:
    """The content hash of a dataset by the files that are there.

    Raises:
        HomeError: files are missing or damaged, or the listing is not theirs.
    """
    about = read_about(folder)
    frames, episodes = list_anew(folder, about["episodes"])
    if (frames, episodes) != read_listing(folder):
        raise HomeError(f"{folder}: the listing is not that of the episodes; run `sim data check {folder}`")
    identity = {part: about[part] for part in IDENTITY}
    return content_hash(identity, episodes["sha256"].to_pylist())
