"""PyBullet without its window and without its chatter."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType


def open_client() -> tuple[ModuleType, int]:
    """PyBullet and a physics client of its own, in this process, without a window.

    Raises:
        RuntimeError: PyBullet has no client left (it has 1,024 per process).
    """
    with quiet():
        import pybullet

    client: int = pybullet.connect(pybullet.DIRECT)
    if client < 0:
        raise RuntimeError("PyBullet opens no DIRECT client; close those that are done, or use a new process")
    return pybullet, client


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keeps what PyBullet's C code prints out of our streams."""
    saved = [os.dup(stream) for stream in (1, 2)]
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            for stream, kept in zip((1, 2), saved, strict=True):
                os.dup2(kept, stream)
                os.close(kept)
