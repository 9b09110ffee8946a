"""Waiting for other processes and threads: long enough that only what hangs fails, however slow the machine."""

import time
from collections.abc import Callable
from typing import Any

HANGS_S = 1200.0
"""What takes longer than this has stopped, not slowed down."""


def wait_until(condition: Callable[[], Any], poll_s: float = 0.02) -> None:
    """Wait until `condition()` is true; fail if it hangs."""
    end_s = time.monotonic() + HANGS_S
    while not condition():
        assert time.monotonic() < end_s, "it hangs"
        time.sleep(poll_s)
