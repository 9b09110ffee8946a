"""Whether a run still goes: what it said last, and whether the process that said it lives.

A process is known by its host, the host's boot, its number and when it began. On its own host that settles it; seen
from another host, which shares the folder, a run lives as long as its heartbeat does.
"""

from __future__ import annotations

import json
import os
import platform
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

from scenes.errors import HomeError
from scenes.files import write_whole

State: TypeAlias = Literal["running", "finished", "failed", "stopped", "abandoned"]

_STATE, _HEARTBEAT = "state.json", "heartbeat"
HEARTBEAT_S = 20.0
STALE_S = 300.0
"""How old a heartbeat of another host may be; clocks may differ."""


def this_process() -> dict[str, str | int]:
    """What tells this process from every other."""
    return {
        "host": platform.node(),
        "boot": Path("/proc/sys/kernel/random/boot_id").read_text().strip(),
        "pid": os.getpid(),
        "began": _began(os.getpid()),
    }


def lives(process: Mapping[str, Any]) -> bool:
    """Is a process of this host still there? Another one with its number does not count."""
    here = this_process()
    return process["boot"] == here["boot"] and process["began"] == _began(process["pid"])


def _began(pid: int) -> int:
    """When a process began, clock ticks after boot; -1 if there is none, or only its remains."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return -1
    fields = stat.rpartition(")")[2].split()
    return -1 if fields[0] in "ZX" else int(fields[19])


def write_state(folder: Path, state: State, reason: str = "") -> None:
    """Says what became of a run, and by which process."""
    said = {"state": state, "reason": reason, "process": this_process(), "time": time.time()}
    write_whole(folder / _STATE, json.dumps(said, indent=1, ensure_ascii=False).encode())


def read_state(folder: Path) -> tuple[State, str, float]:
    """What became of a run, why, and when it was said (seconds since 1970).

    Raises:
        HomeError: the file cannot be read.
    """
    path = folder / _STATE
    try:
        said = json.loads(path.read_bytes())
        state, reason, process, time_s = said["state"], said["reason"], said["process"], said["time"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HomeError(f"{path} cannot be read; restore it from a copy, or delete the run's folder") from error
    if state == "running" and not _goes(folder, process):
        return "abandoned", f"process {process['pid']} on {process['host']} is gone", time_s
    return state, reason, time_s


def _goes(folder: Path, process: Mapping[str, Any]) -> bool:
    if process["host"] == platform.node():
        return lives(process)
    heartbeat = folder / _HEARTBEAT
    return heartbeat.exists() and time.time() - heartbeat.stat().st_mtime < STALE_S


class Heartbeat:
    """Touches a file of a run again and again, from a thread, as long as the process lives."""

    def __init__(self, folder: Path) -> None:
        self._path, self._over = folder / _HEARTBEAT, threading.Event()
        self._path.touch()
        threading.Thread(target=self._beat, daemon=True, name="heartbeat").start()

    def _beat(self) -> None:
        while not self._over.wait(HEARTBEAT_S):
            self._path.touch()

    def stop(self) -> None:
        """No more beats."""
        self._over.set()
