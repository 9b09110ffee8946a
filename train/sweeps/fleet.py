"""Several agents on this machine, each a process of its own."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Sequence

from train.sweeps.interrupts import Interrupts
from train.sweeps.program import end_with_parent

_POLL_S = 0.1


def run_fleet(line: Sequence[str], agents: int) -> tuple[list[int], bool]:
    """Runs a command so many times at once; passes Ctrl-C on to all, the second one as SIGTERM.

    They run in sessions of their own, so that Ctrl-C in a terminal reaches each of them once, through this process. If
    this process dies, they are told to end.

    Returns:
        Exit codes (below 0: the signal that killed it), and whether there was a Ctrl-C.
    """
    with Interrupts() as interrupts:
        processes = [
            subprocess.Popen(
                line,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 - there are no threads
            )
            for _ in range(agents)
        ]
        passed = 0
        while any(process.poll() is None for process in processes):
            time.sleep(_POLL_S)
            if interrupts.count > passed:
                passed = interrupts.count
                for process in processes:  # SIGTERM, since two SIGINT in a row may arrive as one
                    process.send_signal(signal.SIGINT if passed == 1 else signal.SIGTERM)
        return [process.returncode for process in processes], interrupts.count > 0
