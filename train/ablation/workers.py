"""Processes that run cells side by side."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

from datagen.engine.pool import cores


def threads_each(workers: int) -> int:
    """The share of the cores that each of `workers` has."""
    return max(1, cores() // workers)


def start_worker(threads: int, log: Path) -> None:
    """In a new process: its share of the cores; bars, which would be drawn over each other, go to a file.

    It ends with its parent, also with one that is killed.
    """
    import sys
    import threading

    import torch

    threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(threads)
    sys.stderr = log.open("a", buffering=1)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
