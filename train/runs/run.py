"""A run that goes: its log, its events, its files, and how it ends."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from datagen.store.schema import Json
from scenes.errors import HomeError
from scenes.files import plain_errors
from train.checkpoints import Checkpoints
from train.runs.info import ARTIFACTS, CHECKPOINTS, EVENTS, METRICS, TIMING, RunInfo, read_run
from train.runs.lines import append_line, finite_or_text
from train.runs.state import Heartbeat, State, write_state
from train.runs.trackers import Tracker
from train.sweeps.reports import FILE_VARIABLE


class Run:
    """What `RunStore.begin` gives; a context manager.

    Left in peace it is finished, by an exception failed, by Ctrl-C stopped; killed, it is seen to be abandoned.

    Attributes:
        id: UTC time, short hash, name.
        folder: where it is.
        checkpoints: its checkpoints; each carries the run's id and the hashes of its datasets.
    """

    def __init__(self, info: RunInfo) -> None:
        self.id, self.folder = info.id, info.folder
        origin = {"run": info.id, "datasets": dict(info.datasets)}
        self.checkpoints = Checkpoints(info.folder / CHECKPOINTS, origin=origin)
        self._trackers: list[Tracker] = []
        self._heartbeat = Heartbeat(info.folder)

    def mirror(self, trackers: Sequence[Tracker], resumed: int | None) -> None:
        """Starts trackers, which are told all that is logged from now on; if one cannot start, the run has failed."""
        try:
            for tracker in trackers:
                tracker.start(self.info, resumed)
                self._trackers.append(tracker)
        except BaseException as error:
            self.__exit__(type(error), error, error.__traceback__)
            raise

    @property
    def info(self) -> RunInfo:
        """What its folder says now."""
        return read_run(self.folder)

    def log(self, step: int, values: Mapping[str, float], *, timing: Mapping[str, float] | None = None) -> None:
        """Logs metrics after `step` steps: what depends on nothing but configuration, seeds and datasets.

        Args:
            step: steps done.
            values: by name.
            timing: what depends on the clock (rates, shares of waiting); kept apart, so that metrics can be compared.
        """
        now = time.time()
        with plain_errors(self.folder):  # the time first: killed in between, no line of metrics is without one
            append_line(self.folder / TIMING, {"step": step, "time": now, **_plain(timing or {})})
            append_line(self.folder / METRICS, {"step": step, **_plain(values)})
            if sweep := os.environ.get(FILE_VARIABLE):  # the run is a trial: docs/sweeps.md
                append_line(Path(sweep), {"run": self.id, "step": step, **_plain(values)})
        for tracker in self._trackers:
            tracker.log(step, values, now)

    def event(self, kind: str, **facts: Json) -> None:
        """Notes that something happened, and when."""
        with plain_errors(self.folder):
            append_line(self.folder / EVENTS, {"kind": kind, "time": time.time(), **facts})

    def artifact(self, path: Path) -> None:
        """Notes a file that the run made; one that lies elsewhere is copied to `artifacts/`.

        Raises:
            HomeError: it is no file.
        """
        if not path.is_file():
            raise HomeError(f"{path} is no file; an artifact of a run is one that is there")
        with plain_errors(self.folder):
            if not path.resolve().is_relative_to(self.folder.resolve()):
                copy = self.folder / "artifacts" / path.name
                copy.parent.mkdir(exist_ok=True)
                path = Path(shutil.copyfile(path, copy))
            inside = path.resolve().relative_to(self.folder.resolve()).as_posix()
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            line = {"path": inside, "sha256": digest, "bytes": path.stat().st_size, "time": time.time()}
            append_line(self.folder / ARTIFACTS, line)
        for tracker in self._trackers:
            tracker.artifact(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._end("finished", "")
        elif isinstance(error, KeyboardInterrupt):
            self._end("stopped", "by Ctrl-C; it can be resumed")
        else:
            self.event("failed", trace="".join(traceback.format_exception(error)))
            self._end("failed", f"{type(error).__name__}: {error}")

    def _end(self, state: State, reason: str) -> None:
        self._heartbeat.stop()
        with plain_errors(self.folder):
            write_state(self.folder, state, reason)
        for tracker in self._trackers:
            tracker.finish(state)


def _plain(values: Mapping[str, float]) -> dict[str, float | str]:
    return {name: finite_or_text(value) for name, value in values.items()}
