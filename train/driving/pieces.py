"""Many drives, in pieces that are kept: whoever is interrupted goes on where it was, with any number of processes."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from datagen.store.schema import Json
from scenes.errors import HomeError
from scenes.files import write_whole
from train.driving.drive import Drive, Track
from train.driving.look import Look
from train.driving.policies import Driver, Policy
from train.driving.sets import DriveSet

FORMAT = "stairwell drives of a policy 1"
BLOCK = 10
"""Episodes of a piece."""


@dataclass(frozen=True)
class Piece:
    """Some episodes of a set, driven by one policy. `first`: of them; `path`: where they are kept."""

    driver: Driver
    drive_set: DriveSet
    look: Look
    patience: float
    first: int
    path: Path

    @property
    def episodes(self) -> range:
        """Their numbers."""
        return range(self.first, min(self.first + BLOCK, len(self.drive_set.episodes)))

    @property
    def key(self) -> str:
        """A hash of what the drives depend on."""
        said = [self.driver.identity, self.drive_set.digest, self.look.content(), self.patience, list(self.episodes)]
        return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def read(self) -> list[Drive] | None:
        """The drives, if they are kept.

        Raises:
            HomeError: the file holds something else.
        """
        if not self.path.exists():
            return None
        try:
            said = json.loads(self.path.read_bytes())
            ours = said["format"] == FORMAT
        except (ValueError, KeyError, TypeError) as error:
            raise HomeError(f"{self.path} holds no drives ({error!r}); remove it to drive anew") from error
        if not ours or said["key"] != self.key:
            raise HomeError(
                f"{self.path} holds drives of another policy, set or look than {self.driver.name!r} on "
                f"{self.drive_set.name!r} is to drive now; name a new folder"
            )
        return [Drive.from_json(drive) for drive in said["drives"]]

    def write(self, drives: Sequence[Drive]) -> None:
        """Keeps them."""
        said: Json = {"format": FORMAT, "key": self.key, "policy": self.driver.name, "set": self.drive_set.name}
        said |= {"drives": [drive.to_json() for drive in drives]}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.path, json.dumps(said, separators=(",", ":"), allow_nan=False).encode())


def pieces_of(driver: Driver, sets: Sequence[DriveSet], look: Look, patience: float, folder: Path) -> list[Piece]:
    """All pieces of sets, set by set."""
    return [
        Piece(driver, drive_set, look, patience, first, folder / f"{drive_set.name}-{first:05d}.json")
        for drive_set in sets
        for first in range(0, len(drive_set.episodes), BLOCK)
    ]


def make_pieces(pieces: Sequence[Piece], workers: int, progress: Callable[[int], None] = lambda _: None) -> None:
    """Drives what is not kept yet. `progress` is called with the number of episodes whenever some are done.

    Raises:
        HomeError: a home or a policy that cannot be had, or a file of other drives.
    """
    missing = []
    for piece in pieces:
        if piece.read() is None:
            missing.append(piece)
        else:
            progress(len(piece.episodes))
    if workers <= 1:
        with Wheel() as wheel:
            for piece in missing:
                progress(wheel.drive(piece))
        return
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin_worker) as pool:
        waiting = [pool.submit(_drive_in_worker, piece) for piece in missing]
        try:
            for done in as_completed(waiting):
                progress(done.result())
        finally:
            pool.shutdown(cancel_futures=True)


class Wheel:
    """Drives pieces one after the other, keeping home and policy while they stay the same. Use it in `with`."""

    def __init__(self) -> None:
        self._track: Track | None = None
        self._policy: Policy | None = None
        self._driver: Driver | None = None

    def __enter__(self) -> Wheel:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def drive(self, piece: Piece) -> int:
        """Drives a piece and keeps it; how many episodes it has."""
        track, policy = self._track_for(piece), self._policy_of(piece.driver)
        piece.write([track.drive(policy, episode, piece.patience) for episode in piece.episodes])
        return len(piece.episodes)

    def _track_for(self, piece: Piece) -> Track:
        track = self._track
        if track is None or track.drive_set != piece.drive_set or track.look != piece.look:
            self._leave()
            track = self._track = Track(piece.drive_set, piece.look)
        return track

    def _policy_of(self, driver: Driver) -> Policy:
        if self._policy is None or self._driver != driver:
            self._policy, self._driver = driver.make(), driver
        return self._policy

    def _leave(self) -> None:
        if self._track is not None:
            self._track.close()
            self._track = None


_in_worker: list[Wheel] = []


def _begin_worker() -> None:
    """One thread each: images come one by one, and processes whose threads outnumber the cores hold each other up."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when torch is first imported, with the policy
    _in_worker.append(Wheel())


def _drive_in_worker(piece: Piece) -> int:
    return _in_worker[0].drive(piece)
