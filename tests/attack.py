"""Runs the command line on hostile homes, each command in a process whose time and memory are measured.

`python -m tests.attack FOLDER [NAME ...]` prints a table: exit code, seconds of processor, peak MiB, last line.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COMMANDS = {"check": ("check",), "info": ("info", "--json"), "render": ("render", "--frames", "1", "--size", "64x48")}


@dataclass(frozen=True)
class Outcome:
    """How a command ended. `cpu_s`, `peak_mib`: of the process and its children."""

    exit_code: int
    wall_s: float
    cpu_s: float
    peak_mib: float
    output: str
    errors: str


def run(command: str, home: Path, limits: str = "") -> Outcome:
    """Run a command of `COMMANDS` on a home, with an empty cache."""
    with tempfile.TemporaryDirectory() as folder:
        options = {"render": ["--scene", str(home), "--out", f"{folder}/frames"]}.get(command, [str(home)])
        environment = os.environ | {"STAIRWELL_CACHE": f"{folder}/cache", "OMP_NUM_THREADS": "1"}
        environment |= {"STAIRWELL_LIMITS": limits} if limits else {}
        out, err = Path(folder, "out"), Path(folder, "err")
        started = time.monotonic()
        with out.open("wb") as stdout, err.open("wb") as stderr:
            argv = [sys.executable, "-m", "sim.cli", *COMMANDS[command], *options]
            child = subprocess.Popen(argv, stdout=stdout, stderr=stderr, env=environment)
            _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        return Outcome(
            child.returncode,
            time.monotonic() - started,
            usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss / 1024,
            out.read_text("utf-8", "replace"),
            err.read_text("utf-8", "replace"),
        )


def rows(homes: list[Path], commands: tuple[str, ...] = tuple(COMMANDS)) -> Iterator[str]:
    """A line for each home and command."""
    for home in homes:
        for command in commands:
            outcome = run(command, home)
            last = (outcome.errors.strip() or outcome.output.strip() or "-").splitlines()[-1]
            yield (
                f"{home.stem:42} {command:7} {outcome.exit_code:4} {outcome.wall_s:6.1f} {outcome.cpu_s:6.1f} "
                f"{outcome.peak_mib:6.0f}  {last[:110]}"
            )


if __name__ == "__main__":
    folder, *names = sys.argv[1:]
    for line in rows([path for path in sorted(Path(folder).glob("*.sh3d")) if not names or path.stem in names]):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
