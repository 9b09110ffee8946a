"""Writing a dataset: many processes store episodes, one lists them.

    with writing(folder, spec) as store:
        for index in store.missing():
            store.write(index, source(spec.config, index))
        content_hash = store.finish()

`Store` can be pickled: workers call `store.write`. Killed at any moment, the folder holds whole episodes and a listing
that names only such; the same call resumes.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from datagen.store import frozen
from datagen.store.about import ABOUT, COMPLETE, GENERATING, UNITS, read_about, write_about
from datagen.store.episode import Storage, write_episode
from datagen.store.identity import content_hash, environment
from datagen.store.listing import (
    EPISODES,
    EPISODES_FOLDER,
    FRAMES,
    episode_file,
    home_file,
    list_episodes,
    listed_hashes,
    stored_episodes,
)
from datagen.store.schema import SCHEMA_VERSION, Episode, Json
from scenes.errors import HomeError
from scenes.files import plain_errors, write_whole

_LOCK = ".lock"
_PARTS = {
    "schema": "schema", "storage": "way to store images", "config": "configuration", "homes": "set of homes",
}  # fmt: skip
GROWN = ("homes", "growth")
"""Keys of a configuration that a dataset may have others of when it grows by a home: its list, and what was before."""


@dataclass(frozen=True)
class HomeEntry:
    """A home that a dataset shows.

    `home_hash`: of its file; `info`: `scenes.info.scene_info`, what the ids name; None: see `Store.describe`.
    """

    home_hash: str
    info: Json = None


@dataclass(frozen=True)
class Spec:
    """What a dataset is to be.

    Attributes:
        config: the generator's whole configuration, seeds included; with an episode's index it determines its content.
        episodes: how many.
        homes: the homes by name.
        renderer, driver: what renders.
        storage: how images are stored.
    """

    config: Mapping[str, Json]
    episodes: int
    homes: Mapping[str, HomeEntry]
    renderer: str
    driver: str
    storage: Storage = field(default_factory=Storage)

    def identity(self) -> dict[str, Json]:
        """What the content depends on, as JSON."""
        return {
            "schema": SCHEMA_VERSION,
            "config": dict(self.config),
            "episodes": self.episodes,
            "storage": asdict(self.storage),
            "homes": {name: home.home_hash for name, home in sorted(self.homes.items())},
        }


@dataclass(frozen=True)
class Store:
    """A dataset that is being written."""

    folder: Path
    spec: Spec

    def missing(self) -> list[int]:
        """The indices of the episodes that are not stored yet."""
        return sorted(set(range(self.spec.episodes)) - set(stored_episodes(self.folder, self.spec.episodes)))

    def write(self, index: int, episode: Episode) -> None:
        """Stores one episode, whole or not at all. Any process may call it, several at once.

        Raises:
            HomeError: a frame has a fault, the home is not one of the dataset's, or the disk refuses.
        """
        facts = write_episode(episode_file(self.folder, index), index, episode, self.spec.storage)
        home = self.spec.homes.get(facts.home)
        if home is None or home.home_hash != facts.home_hash:
            episode_file(self.folder, index).unlink()
            raise HomeError(f"episode {index} shows the home {facts.home!r}, which the dataset does not name as it is")

    def is_described(self, home: str) -> bool:
        """Whether the dataset has what is known of a home."""
        return home_file(self.folder, home).exists()

    def describe(self, home: str, info: Json) -> None:
        """Keeps what is known of a home. Any process may call it."""
        with plain_errors(self.folder):
            write_whole(home_file(self.folder, home), json.dumps(info, ensure_ascii=False).encode())

    def list(self) -> int:
        """Lists the stored episodes; returns how many. Only the process that holds `writing` calls it."""
        with plain_errors(self.folder):
            return list_episodes(self.folder, self.spec.episodes)

    def finish(self) -> str:
        """Lists all, marks the dataset as complete, and returns its content hash.

        Raises:
            HomeError: episodes are missing.
        """
        self.list()
        if missing := self.missing():
            raise HomeError(f"{self.folder}: {len(missing)} of {self.spec.episodes} episodes are not stored yet")
        if unknown := [name for name in self.spec.homes if not self.is_described(name)]:
            raise HomeError(f"{self.folder}: the home {unknown[0]!r} is not described yet")
        about = read_about(self.folder)
        content = content_hash(self.spec.identity(), listed_hashes(self.folder))
        write_about(self.folder, sealed(self.folder, about) | {"state": COMPLETE, "content_hash": content})
        return content


def sealed(folder: Path, about: Mapping[str, Json]) -> dict[str, Json]:
    """A description with the sums of the files beside it."""
    paths = [FRAMES, EPISODES, *(home_file(folder, name).relative_to(folder).as_posix() for name in about["homes"])]
    stored = [path for path in paths if (folder / path).exists()]
    sums = {path: hashlib.sha256((folder / path).read_bytes()).hexdigest() for path in stored}
    return {**about, "sums": {**about.get("sums", {}), **sums}}


@contextlib.contextmanager
def writing(folder: Path, spec: Spec, allow: Sequence[str] = ()) -> Iterator[Store]:
    """Starts a dataset in a new folder, or resumes one. However the block is left, what is stored is listed.

    `allow`: what may differ from the runs before ("renderer", "driver", "code", a library's name); else it must not.

    Raises:
        HomeError: the folder holds something else or a dataset of another configuration, another run writes there,
            what it runs on differs, a home belongs to a benchmark set, or the disk refuses.
    """
    frozen.refuse_homes({name: home.home_hash for name, home in spec.homes.items()}, spec.config)
    with plain_errors(folder):
        _make_folder(folder)
        with _only_writer(folder):
            _begin(folder, spec, allow)
            store = Store(folder, spec)
            try:
                yield store
            finally:
                store.list()


def _make_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise HomeError(f"{folder} is a file; name a folder")
    if folder.is_dir() and not (folder / ABOUT).exists():
        others = sorted(path.name for path in folder.iterdir() if path.name not in {_LOCK, EPISODES_FOLDER, "homes"})
        if others:
            raise HomeError(f"{folder} holds other files ({others[0]}); name a new folder")
    (folder / EPISODES_FOLDER).mkdir(parents=True, exist_ok=True)
    (folder / "homes").mkdir(exist_ok=True)


@contextlib.contextmanager
def _only_writer(folder: Path) -> Iterator[None]:
    """Holds the folder's lock, which ends with this process, though workers that it forked may live on."""
    lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o644)
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise HomeError(f"{folder}: another run is writing there; wait for it or name another folder") from error
    try:
        yield
    finally:
        os.close(lock)


def _begin(folder: Path, spec: Spec, allow: Sequence[str]) -> None:
    """Writes `dataset.yaml`, or holds it against what is asked for; removes what a killed run left aside."""
    identity = json.loads(json.dumps(spec.identity(), allow_nan=False))
    runs_on = {"renderer": spec.renderer, "driver": spec.driver, **environment()}
    if (folder / ABOUT).exists():
        about = read_about(folder)
        grows = _grows(folder, about, identity)
        if grows or Store(folder, spec).missing():
            _refuse_other_environment(folder, about["made_with"], runs_on, allow)
            made_with = [*about["made_with"], *([runs_on] if runs_on not in about["made_with"] else [])]
            kept = {key: value for key, value in about.items() if key != "content_hash"}
            _describe(folder, spec)
            write_about(folder, kept | identity | {"state": GENERATING, "made_with": made_with})
    else:
        _describe(folder, spec)
        made_with = [runs_on]
        write_about(folder, identity | {"state": GENERATING, "made_with": made_with, "units": UNITS, "splits": {}})
    for leftover in (folder / EPISODES_FOLDER).glob(".*"):
        leftover.unlink()


def _describe(folder: Path, spec: Spec) -> None:
    """Keeps what the spec knows of homes that the folder does not know yet."""
    store = Store(folder, spec)
    for name, home in spec.homes.items():
        if home.info is not None and not store.is_described(name):
            store.describe(name, home.info)


def _grows(folder: Path, about: Mapping[str, Json], identity: Mapping[str, Json]) -> bool:
    """Whether a dataset is to have more episodes, or further homes in these.

    Raises:
        HomeError: it is to be another one.
    """
    if identity["episodes"] < about["episodes"]:
        told = f"{about['episodes']:,} episodes, {identity['episodes']:,} are asked for"
        raise HomeError(f"{folder} holds a dataset of {told}; ask for as many or more, or name a new folder")
    further = identity["episodes"] > about["episodes"] and about["homes"].items() < identity["homes"].items()
    for part, words in _PARTS.items():
        stored, wanted = about[part], identity[part]
        if further and part == "homes":
            continue
        if further and part == "config":
            stored, wanted = ({key: value for key, value in of.items() if key not in GROWN} for of in (stored, wanted))
        if stored != wanted:
            told = _difference(stored, wanted)
            raise HomeError(f"{folder} holds a dataset of another {words} ({told}); name a new folder")
    return bool(identity["episodes"] > about["episodes"])


def _difference(stored: Json, wanted: Json) -> str:
    """Where two JSON values differ first."""
    if isinstance(stored, dict) and isinstance(wanted, dict):
        for key in [*stored, *wanted]:
            if stored.get(key) != wanted.get(key):
                return f"{key}: {_difference(stored.get(key), wanted.get(key))}"
    return f"{stored!r} there, {wanted!r} asked for"


def _refuse_other_environment(
    folder: Path, made_with: Sequence[Mapping[str, str]], runs_on: Mapping[str, str], allow: Sequence[str]
) -> None:
    if unknown := sorted(set(allow) - set(runs_on)):
        raise HomeError(f"nothing named {unknown[0]!r} can be allowed to differ; there are {', '.join(runs_on)}")
    before = made_with[-1]
    for name, value in runs_on.items():
        if before.get(name) != value and name not in allow:
            raise HomeError(
                f"{folder} was made with {name} {before.get(name)}, this is {name} {value}: images could differ; "
                f"resume with what it was made with, or allow {name!r} to differ"
            )
