"""A trial's program as a process that ends when it is told to, and when its agent dies."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from train.sweeps.reports import FILE_VARIABLE

GRACE_S = 10.0
"""Between being asked to end and being killed."""

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class Program:
    """A program that runs in a session of its own, where Ctrl-C in the terminal does not reach it."""

    def __init__(self, line: Sequence[str], environment: Mapping[str, str], output: Path) -> None:
        self._output: IO[bytes] = output.open("ab")
        try:
            self._process = subprocess.Popen(
                line,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGKILL),  # noqa: PLW1509 - agents have no threads
            )
        except OSError as error:
            self._output.write(f"cannot start {line[0]}: {error.strerror}\n".encode())
            self._output.close()
            raise

    def wait(self, seconds: float) -> int | None:
        """Its exit code if it ends within that time."""
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        self._output.close()
        return code

    def end(self, grace_s: float = GRACE_S) -> int:
        """Asks it and all it started to end, then kills them; its exit code."""
        self._tell(signal.SIGTERM)
        code = self.wait(grace_s)
        if code is None:
            self._tell(signal.SIGKILL)
            code = self._process.wait()
            self._output.close()
        return code

    def _tell(self, what: signal.Signals) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, what)


def trial_environment(name: str, metrics: Path) -> dict[str, str]:
    """What a trial's program finds in its environment: who it is, and where it may write what came of it.

    Printing is not held back, and `python` and `sim` are those of this agent.
    """
    mine = {
        "STAIRWELL_TRIAL": name,
        FILE_VARIABLE: str(metrics),
        "PYTHONUNBUFFERED": "1",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
    }
    return dict(os.environ) | mine


def end_with_parent(what: signal.Signals) -> Callable[[], None]:
    """For a child between fork and exec: the signal that it gets when its parent dies, however. Linux only."""
    parent = os.getpid()

    def ask() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(what), 0, 0, 0)
            if os.getppid() != parent:  # it died before that
                os._exit(1)

    return ask
