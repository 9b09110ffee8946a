"""How a trial says what came of it: one JSON object per line, numbers by name.

Into the file that the environment variable `STAIRWELL_METRICS` names (runs of `sim train` do), or, from a program that
does not write there, on its standard output. `run` in a line is the id of a run. Everything else is passed over.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE_VARIABLE = "STAIRWELL_METRICS"


@dataclass(frozen=True)
class Reports:
    """What a trial has said so far.

    Attributes:
        values: of the metric that is optimised, in their order; NaN and infinities are left out
        latest: the last value of each metric
        runs: ids of runs
    """

    values: tuple[float, ...] = ()
    latest: Mapping[str, float] = field(default_factory=dict)
    runs: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return {"values": list(self.values), "latest": dict(self.latest), "runs": list(self.runs)}

    @staticmethod
    def from_json(said: Mapping[str, Any]) -> Reports:
        """What `to_json` gave."""
        return Reports(tuple(said["values"]), said["latest"], tuple(said["runs"]))


class ReportReader:
    """Reads what a program says while it says it. Its file counts if there is anything in it, else its output."""

    def __init__(self, file: Path, output: Path, metric: str | None) -> None:
        self._sources = (_Source(file, metric), _Source(output, metric))

    def read(self) -> Reports:
        """All reports so far."""
        in_file, printed = (source.read_on() for source in self._sources)
        return in_file if in_file.latest else printed


class _Source:
    """A file that grows, and the reports among its lines."""

    def __init__(self, path: Path, metric: str | None) -> None:
        self._path, self._metric, self._offset = path, metric, 0
        self._reports = Reports()

    def read_on(self) -> Reports:
        """Takes the lines that are whole by now; all reports so far."""
        if not self._path.exists() or self._path.stat().st_size <= self._offset:
            return self._reports
        with self._path.open("rb") as file:
            file.seek(self._offset)
            whole, newline, _ = file.read().rpartition(b"\n")
        self._offset += len(whole) + len(newline)
        said = [_object(line) for line in whole.splitlines()]
        before = self._reports
        self._reports = Reports(
            before.values + tuple(n for line in said if (n := _number(line.get(self._metric))) is not None),
            dict(before.latest)
            | {name: n for line in said for name, one in line.items() if (n := _number(one)) is not None},
            tuple(dict.fromkeys([*before.runs, *(line["run"] for line in said if isinstance(line.get("run"), str))])),
        )
        return self._reports


def _object(line: bytes) -> dict[Any, Any]:
    """The JSON object that a line is; empty for whatever else programs print."""
    if not line.lstrip().startswith(b"{"):
        return {}
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _number(value: object) -> float | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    return None
