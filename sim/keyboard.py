"""Keys from a terminal, one at a time, or from any other input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_ARROWS = {"A": "up", "B": "down", "C": "right", "D": "left"}
_CTRL_C, _CTRL_D, _ESCAPE = "\x03", "\x04", "\x1b"


def keys(source: TextIO) -> Iterator[str]:
    """Keys until the input ends: letters as they are, arrows as "up", "down", "left", "right"; escape is "escape"."""
    with _raw(source):
        while key := _read(source):
            if key == _CTRL_C:
                raise KeyboardInterrupt
            if key == _CTRL_D:
                return
            if key != _ESCAPE:
                yield key
                continue
            if _read(source) != "[":
                yield "escape"
                return
            yield _ARROWS.get(_read(source), "")


def _read(source: TextIO) -> str:
    """One character, past any buffer where the input is a terminal; empty at the end, or if escape stands alone."""
    if not source.isatty():
        return source.read(1)
    return os.read(source.fileno(), 1).decode("latin-1")


@contextmanager
def _raw(source: TextIO) -> Iterator[None]:
    """A terminal that hands over each key at once, and what it was afterwards."""
    if not source.isatty():
        yield
        return
    import termios
    import tty

    before = termios.tcgetattr(source)
    try:
        tty.setcbreak(source, termios.TCSADRAIN)  # keys that were typed before count
        yield
    finally:
        termios.tcsetattr(source, termios.TCSADRAIN, before)
        sys.stdout.flush()
