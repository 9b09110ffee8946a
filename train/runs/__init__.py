"""Runs: one folder per run, written before its first step; what came of what. docs/runs.md describes the folder."""

from train.runs.info import RunInfo
from train.runs.run import Run
from train.runs.store import RunStore

__all__ = ["Run", "RunInfo", "RunStore"]
