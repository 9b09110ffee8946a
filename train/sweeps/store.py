"""A sweep as a folder that any number of agents share, on one machine or many.

    sweeps/ID/sweep.yaml            the file as it was given
             /order                 run, pause, stop or cancel
             /trials/00007.0/       trial 7, first attempt
                     trial.json     what is tried, and by whom
                     heartbeat      touched as long as its agent lives
                     reports.json   what the program reported so far
                     output.log     what it printed; metrics.jsonl: what it wrote to $STAIRWELL_METRICS
                     result.json    how it ended

A trial is claimed by renaming a folder that already holds `trial.json` to its name. A rename onto a folder that is not
empty fails, so one agent only succeeds, and nobody ever sees half a claim; it works on NFS too. Files are written aside
and renamed, too. An attempt whose agent is gone, or silent for `LEASE_S`, is abandoned; its trial is claimed once more.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import string
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from scenes.errors import HomeError
from scenes.files import plain_errors, write_whole
from train.runs.state import lives, this_process
from train.sweeps.config import Sweep, parse_sweep
from train.sweeps.distributions import Value
from train.sweeps.reports import Reports
from train.sweeps.search import State, Trial
from train.sweeps.space import Point

Order: TypeAlias = Literal["run", "pause", "stop", "cancel"]

LEASE_S = 120.0
"""How long an agent of another machine may be silent; network folders show others' writes late."""
MOST_ABANDONED = 2
"""Attempts of a trial that may be abandoned: it may be what kills agents."""

_FILE, _ORDER, _TRIALS, _CLOCK = "sweep.yaml", "order", "trials", ".clock"
_TRIAL, _HEARTBEAT, _REPORTS, _RESULT = "trial.json", "heartbeat", "reports.json", "result.json"
_ATTEMPT = re.compile(r"(\d{5,})\.(\d+)")
_ID = re.compile(r"[a-z0-9]{8}")


@dataclass(frozen=True)
class Claim:
    """An attempt at a trial that this process has to itself."""

    number: int
    attempt: int
    point: Point
    settings: Mapping[str, Value]
    folder: Path

    @property
    def lost(self) -> bool:
        """Has another agent claimed the trial meanwhile, since this one was silent for so long?"""
        return _attempt_folder(self.folder.parent, self.number, self.attempt + 1).exists()

    def beat(self) -> None:
        """Tells others that the agent lives."""
        (self.folder / _HEARTBEAT).touch()

    def note(self, reports: Reports) -> None:
        """Stores what the program reported so far."""
        write_whole(self.folder / _REPORTS, json.dumps(reports.to_json()).encode())

    def end(self, state: State, reports: Reports, seconds: float, code: int | None) -> None:
        """Stores how it ended; `code`: the program's exit code, None if it never began."""
        _write(self.folder / _RESULT, {"state": state, "seconds": seconds, "code": code, **reports.to_json()})


class SweepStore:
    """A sweep's folder. Use `create_sweep` or `open_sweep`.

    Attributes:
        folder: where it is
    """

    def __init__(self, folder: Path, lease_s: float = LEASE_S) -> None:
        self.folder, self._lease_s = folder.resolve(), lease_s
        self._ended: dict[str, Trial] = {}  # results never change

    @property
    def id(self) -> str:
        """Eight letters and digits."""
        return self.folder.name

    @cached_property
    def sweep(self) -> Sweep:
        """What the file says.

        Raises:
            HomeError: it was damaged.
        """
        return parse_sweep((self.folder / _FILE).read_bytes(), str(self.folder / _FILE))

    @property
    def order(self) -> Order:
        """What agents are told."""
        said = (self.folder / _ORDER).read_text().strip()
        if said not in get_args(Order):
            raise HomeError(f"{self.folder / _ORDER} says {said!r}; write one of {', '.join(get_args(Order))}")
        return said  # type: ignore[return-value]  # just checked

    def give_order(self, order: Order) -> None:
        """Tells all agents."""
        with plain_errors(self.folder):
            write_whole(self.folder / _ORDER, f"{order}\n".encode())

    def trials(self) -> list[Trial]:
        """All trials by number, each by its last attempt."""
        last: dict[int, int] = {}
        for path in (self.folder / _TRIALS).iterdir():
            match = _ATTEMPT.fullmatch(path.name)
            if match is not None:
                last[int(match[1])] = max(last.get(int(match[1]), 0), int(match[2]))
        now_s = self._now_s()
        return [self._read(self.attempt_folder(number, last[number]), now_s) for number in sorted(last)]

    def attempt_folder(self, number: int, attempt: int) -> Path:
        """Where an attempt is kept, or will be."""
        return _attempt_folder(self.folder / _TRIALS, number, attempt)

    def claim(
        self, number: int, point: Point, settings: Mapping[str, Value], before: Trial | None = None
    ) -> Claim | None:
        """An attempt at a trial, unless another agent was faster.

        Args:
            number: of the trial
            point: what to try
            settings: the same for the program
            before: the attempt before, if it is to be repeated
        """
        attempt = 0 if before is None else before.attempt + 1
        folder = self.attempt_folder(number, attempt)
        said = {
            "number": number,
            "attempt": attempt,
            "abandoned": 0 if before is None else before.abandoned,
            "point": list(point),
            "settings": dict(settings),
            "process": this_process(),
        }
        with plain_errors(self.folder):
            if not _claim_by_rename(folder, said):
                return None
            if before is not None and before.state == "abandoned":
                self._record_abandoned(number, before)
        return Claim(number, attempt, point, settings, folder)

    def _record_abandoned(self, number: int, trial: Trial) -> None:
        result = self.attempt_folder(number, trial.attempt) / _RESULT
        if not result.exists():
            reports = Reports(trial.reports, trial.latest, trial.runs)
            _write(result, {"state": "abandoned", "seconds": None, "code": None, **reports.to_json()})

    def _now_s(self) -> float:
        """The time by the clock of the folder's own machine, which sets the heartbeats' times."""
        clock = self.folder / _CLOCK
        clock.touch()
        return clock.stat().st_mtime

    def _read(self, folder: Path, now_s: float) -> Trial:
        if folder.name in self._ended:
            return self._ended[folder.name]
        about = _read_json(folder / _TRIAL)
        ended = (folder / _RESULT).exists()
        state: State
        if ended:
            result = _read_json(folder / _RESULT)
            state, reports, seconds = result["state"], Reports.from_json(result), result["seconds"]
        else:
            noted = folder / _REPORTS
            reports, seconds = Reports.from_json(_read_json(noted)) if noted.exists() else Reports(), None
            state = "running" if self._goes(folder, about["process"], now_s) else "abandoned"
        trial = Trial(
            number=about["number"],
            point=tuple(about["point"]),
            settings=about["settings"],
            attempt=about["attempt"],
            abandoned=about["abandoned"] + (state == "abandoned"),
            state=state,
            reports=reports.values,
            latest=reports.latest,
            runs=reports.runs,
            seconds=seconds,
        )
        if ended:
            self._ended[folder.name] = trial
        return trial

    def _goes(self, folder: Path, process: Mapping[str, Any], now_s: float) -> bool:
        here = this_process()
        if (process["host"], process["boot"]) == (here["host"], here["boot"]):
            return lives(process)
        return now_s - (folder / _HEARTBEAT).stat().st_mtime < self._lease_s


def create_sweep(sweeps: Path, text: bytes, where: str, sweep_id: str | None = None) -> SweepStore:
    """Begins a sweep.

    Args:
        sweeps: folder of all sweeps
        text: the sweep file
        where: its name, for messages
        sweep_id: eight letters and digits; drawn if not given

    Raises:
        HomeError: the file cannot be used, or there is such a sweep already.
    """
    parse_sweep(text, where)
    if sweep_id is not None and not _ID.fullmatch(sweep_id):
        raise HomeError(f"{sweep_id!r} is no id of a sweep; give eight letters and digits, or none")
    chosen = sweep_id or "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(8))
    with plain_errors(sweeps):
        sweeps.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=sweeps, prefix=".new."))
        (aside / _TRIALS).mkdir()
        (aside / _FILE).write_bytes(text)
        (aside / _ORDER).write_text("run\n")
        aside.chmod(0o755)
        if not _renamed(aside, sweeps / chosen):
            raise HomeError(f"there is a sweep {chosen} in {sweeps} already; give another id, or none")
    return SweepStore(sweeps / chosen)


def open_sweep(sweeps: Path, sweep_id: str) -> SweepStore:
    """A sweep that has begun.

    Raises:
        HomeError: there is none.
    """
    if not _ID.fullmatch(sweep_id) or not (sweeps / sweep_id / _FILE).is_file():
        known = ", ".join(sweep_ids(sweeps)) or "none"
        raise HomeError(f"no sweep {sweep_id!r} in {sweeps}; there are: {known}. Begin one with `sim sweep create`")
    return SweepStore(sweeps / sweep_id)


def sweep_ids(sweeps: Path) -> list[str]:
    """The sweeps in a folder, the oldest first."""
    files = [path for path in sweeps.glob(f"*/{_FILE}") if _ID.fullmatch(path.parent.name)]
    return [path.parent.name for path in sorted(files, key=lambda path: path.stat().st_mtime)]


def may_retry(trial: Trial) -> bool:
    """Is a trial to be attempted again: given back by its agent, or abandoned for the first time?"""
    return trial.state == "killed" or (trial.state == "abandoned" and trial.abandoned < MOST_ABANDONED)


def _attempt_folder(trials: Path, number: int, attempt: int) -> Path:
    return trials / f"{number:05d}.{attempt}"


def _claim_by_rename(folder: Path, said: Mapping[str, Any]) -> bool:
    aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".new."))
    aside.chmod(0o755)
    _write(aside / _TRIAL, said)
    (aside / _HEARTBEAT).touch()
    return _renamed(aside, folder)


def _renamed(aside: Path, folder: Path) -> bool:
    """Renames a folder that is not empty; False, and it is gone, if the name is taken."""
    inode = aside.stat().st_ino
    try:
        aside.rename(folder)
    except OSError:
        if not folder.exists():
            raise
        if folder.stat().st_ino == inode:
            return True  # NFS: the answer to a rename that was done got lost, and it was tried again
        shutil.rmtree(aside)
        return False
    return True


def _write(path: Path, said: Mapping[str, Any]) -> None:
    """Writes JSON that is whole even if the power fails."""
    data = json.dumps(said, indent=1, ensure_ascii=False).encode()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(handle)
    Path(name).replace(path)


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise HomeError(f"{path} cannot be read ({error}); delete its folder, and the trial is run again") from error
