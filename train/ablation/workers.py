"""Processes that run cells side by side."""

from __future__ import annotations

from pathlib import Path

from datagen.engine.pool import cores


def threads_each(workers: int) -> int:
    """The share of the cores that each of `workers` has."""
    return max(1, cores() // workers)


def start_worker(threads: int, log: Path) -> None:
    """In a new process: its share of the cores; bars, which would be drawn over each other, go to a file."""
    import sys

    import torch

    torch.set_num_threads(threads)
    sys.stderr = log.open("a", buffering=1)
