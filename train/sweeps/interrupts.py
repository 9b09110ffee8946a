"""Ctrl-C once, and twice."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Any, Self


class Interrupts:
    """While it is entered, counts Ctrl-C (SIGINT); SIGTERM counts as two of them. For the main thread only.

    Attributes:
        count: so far
    """

    def __init__(self) -> None:
        self.count = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for what in (signal.SIGINT, signal.SIGTERM):
            self._before[what] = signal.signal(what, self._take)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for what, before in self._before.items():
            signal.signal(what, before)

    def _take(self, what: int, _: FrameType | None) -> None:
        self.count += 2 if what == signal.SIGTERM else 1
